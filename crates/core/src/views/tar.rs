//! Tar archives: headers of 512 bytes, each followed by its file. POSIX (`ustar`), GNU and pax names.

use std::ops::Range;

use super::map::Map;
use super::{Encoding, Sink, View};

const BLOCK: usize = 512;

/// Whether the bytes begin with a header of the `ustar` kind.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    bytes.first_chunk::<BLOCK>().is_some_and(|head| head[257..262] == *b"ustar" && sum_is_right(head))
}

/// Adds a view of each file.
pub(super) fn members(bytes: &[u8], sink: &mut Sink) {
    let mut at = 0;
    let mut long_name: Option<Vec<u8>> = None;
    while let Some(head) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        if head.iter().all(|b| *b == 0) {
            return;
        }
        let Some(size) = number(&head[124..136]).filter(|_| sum_is_right(head)) else {
            sink.refuse(at..bytes.len(), "a damaged archive member");
            return;
        };
        let start = at + BLOCK;
        let end = start.saturating_add(size);
        let source = start..end.min(bytes.len());
        let content = &bytes[source.clone()];
        match head[156] {
            b'L' => long_name = Some(until_nul(content).to_vec()),
            b'x' => long_name = pax_path(content).or(long_name),
            0 | b'0' | b'7' => {
                let name = long_name.take().unwrap_or_else(|| name(head));
                file(bytes, source.clone(), name, sink);
            }
            // Folders, links and global headers hold no content.
            _ => long_name = None,
        }
        if end > bytes.len() {
            sink.refuse(source, "an archive member that is cut");
            return;
        }
        at = end.next_multiple_of(BLOCK);
    }
}

fn file(bytes: &[u8], source: Range<usize>, name: Vec<u8>, sink: &mut Sink) {
    if source.is_empty() || !sink.admits(source.len(), &source) {
        return;
    }
    let mut map = Map::default();
    map.add(0, 0, 1, 1);
    let bytes = bytes[source.clone()].to_vec();
    sink.push(View { bytes, encoding: Encoding::Tar, source, member: Some(name), map });
}

/// The header's sum of its own bytes, its own field read as spaces.
fn sum_is_right(head: &[u8; BLOCK]) -> bool {
    let sum: usize = head.iter().map(|b| usize::from(*b)).sum();
    let own: usize = head[148..156].iter().map(|b| usize::from(*b)).sum();
    number(&head[148..156]) == Some(sum - own + 8 * usize::from(b' '))
}

/// Octal digits, or GNU's binary form for large files.
fn number(field: &[u8]) -> Option<usize> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field.split_at(field.len().saturating_sub(8));
        // More than eight bytes of a number is more than there is.
        let small = high.iter().all(|b| matches!(b, 0 | 0x80));
        return small.then(|| low.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b)))?.try_into().ok();
    }
    let digits = until_nul(field).trim_ascii();
    if digits.is_empty() {
        return Some(0);
    }
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

fn until_nul(field: &[u8]) -> &[u8] {
    &field[..memchr::memchr(0, field).unwrap_or(field.len())]
}

fn name(head: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (until_nul(&head[..100]), until_nul(&head[345..500]));
    let posix = head[257..265] == *b"ustar\x0000";
    if prefix.is_empty() || !posix { name.to_vec() } else { [prefix, b"/", name].concat() }
}

/// The `path` record of a pax header: lines of `<length> <key>=<value>`.
fn pax_path(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = content;
    while let Some(space) = memchr::memchr(b' ', rest) {
        let len: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
        let record = rest.get(space + 1..len)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return path.strip_suffix(b"\n").map(<[u8]>::to_vec);
        }
        rest = &rest[len..];
    }
    None
}
