//! Words with tags in them: `ghp_<wbr>…`, the runs of a word processor `ghp_</w:t></w:r><w:r><w:t>…`.
//!
//! The view is the text around such a tag without any tag.

use super::map::Map;
use super::{Encoding, View};

/// Bytes to each side of a tag that are looked at: a token with a tag between every few characters.
const SIDE: usize = 400;
/// The longest tag.
const TAG: usize = 200;

/// The text around the tag at `at`, on its line, without tags; `None` when no word goes on over it.
pub(super) fn untagged(bytes: &[u8], at: usize) -> Option<View> {
    let floor = at.saturating_sub(SIDE);
    let start = memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |n| floor + n + 1);
    let rest = &bytes[at..bytes.len().min(at + SIDE)];
    let source = start..at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let mut out = Vec::with_capacity(source.len());
    let mut map = Map::default();
    let mut glued = false;
    let mut at = source.start;
    while at < source.end {
        let text = &bytes[at..source.end];
        let open = memchr::memchr(b'<', text).unwrap_or(text.len());
        map.add(out.len(), at - source.start, 1, 1);
        out.extend_from_slice(&text[..open]);
        at += open;
        let mut after = at;
        while let Some(len) = tag(&bytes[after..source.end]) {
            after += len;
        }
        if after == at {
            out.extend(bytes[at..source.end].first());
            at += 1;
        } else {
            glued |= word(out.last()) && word(bytes[..source.end].get(after));
            at = after;
        }
    }
    glued.then_some(View { bytes: out, encoding: Encoding::Markup, source, member: None, map })
}

/// The length of the tag that the text begins with.
fn tag(text: &[u8]) -> Option<usize> {
    let first = text.get(1).filter(|_| text[0] == b'<')?;
    let close = memchr::memchr(b'>', &text[..text.len().min(TAG)])?;
    (first.is_ascii_alphabetic() || *first == b'/').then_some(close + 1)
}
