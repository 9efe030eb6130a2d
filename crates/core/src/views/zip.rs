//! Zip archives, which jars, wheels and office documents are too.
//!
//! The central directory at the end says what the members are. Local headers that it does not name are
//! read as well: a member can be hidden from the directory, and a cut archive has none. Stored and deflated
//! members only; every other one is refused by name of its fault. No number of the file is trusted.

use std::ops::Range;

use super::inflate;
use super::map::Map;
use super::{Encoding, Sink, View};

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
/// The end record and the longest comment.
const END_REACH: usize = 22 + 0xffff;
/// Members that are read of one archive.
const MOST: usize = 100_000;

/// Whether the bytes begin with a member, or are an empty archive.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.len() >= 22 && (bytes.starts_with(LOCAL) || bytes.starts_with(END))
}

/// Adds a view of each member.
pub(super) fn members(bytes: &[u8], sink: &mut Sink) {
    let mut entries: Vec<Entry> = directory(bytes).take(MOST).collect();
    entries.sort_by_key(|entry| entry.local);
    let mut gaps = Vec::new();
    let mut filled = 0;
    for entry in entries {
        // Members that share their data are a bomb; without this rule time would not be linear.
        let Some(data) = data_start(bytes, entry.local).filter(|_| entry.local >= filled) else {
            sink.refuse(entry.local.min(bytes.len())..bytes.len(), "a damaged archive member");
            continue;
        };
        gaps.push(filled..entry.local);
        let source = data..data.saturating_add(entry.size).min(bytes.len());
        filled = source.end;
        if source.len() < entry.size {
            sink.refuse(source, "an archive member that is cut");
        } else {
            member(bytes, &entry, source, sink);
        }
    }
    gaps.push(filled..bytes.len());
    for gap in gaps {
        hidden(bytes, gap, sink);
    }
}

/// Reads the local headers of a stretch that the directory does not speak of.
fn hidden(bytes: &[u8], gap: Range<usize>, sink: &mut Sink) {
    let mut filled = gap.start;
    for at in memchr::memmem::find_iter(&bytes[gap.clone()], LOCAL).take(MOST).map(|n| gap.start + n) {
        let (Some(entry), Some(data)) = (local(bytes, at), data_start(bytes, at)) else { continue };
        if at < filled || data > gap.end {
            continue;
        }
        // With the sizes after the data, deflate still knows its own end; stored data is plain to see.
        let known = entry.flags & STREAMED == 0;
        if known {
            filled = data.saturating_add(entry.size).min(gap.end);
            member(bytes, &entry, data..filled, sink);
        } else if entry.method == DEFLATED && entry.flags & ENCRYPTED == 0 {
            filled = inflate::member(bytes, data..gap.end, Encoding::Zip, entry.name, sink);
        }
    }
}

const ENCRYPTED: u16 = 1;
const STREAMED: u16 = 1 << 3;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

struct Entry {
    flags: u16,
    method: u16,
    size: usize,
    local: usize,
    name: Vec<u8>,
}

fn member(bytes: &[u8], entry: &Entry, source: Range<usize>, sink: &mut Sink) {
    if source.is_empty() {
        return;
    }
    if entry.flags & ENCRYPTED != 0 {
        sink.refuse(source, "an encrypted archive member");
        return;
    }
    match entry.method {
        STORED if sink.admits(source.len(), &source) => {
            let mut map = Map::default();
            map.add(0, 0, 1, 1);
            let (bytes, member) = (bytes[source.clone()].to_vec(), Some(entry.name.clone()));
            sink.push(View { bytes, encoding: Encoding::Zip, source, member, map });
        }
        STORED => {}
        DEFLATED => {
            inflate::member(bytes, source, Encoding::Zip, entry.name.clone(), sink);
        }
        _ => sink.refuse(source, "an archive member of an unknown compression"),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The entries of the central directory; none when it is missing.
fn directory(bytes: &[u8]) -> impl Iterator<Item = Entry> + '_ {
    let mut at = directory_start(bytes);
    std::iter::from_fn(move || {
        let (entry, next) = central(bytes, at?)?;
        at = Some(next);
        Some(entry)
    })
}

/// Where the central directory begins.
fn directory_start(bytes: &[u8]) -> Option<usize> {
    let floor = bytes.len().saturating_sub(END_REACH);
    let end = floor + memchr::memmem::rfind(&bytes[floor..], END)?;
    let start = u32_at(bytes, end + 16)? as usize;
    if start == 0xffff_ffff {
        // Zip64: a locator of twenty bytes stands before the end record.
        let record = u64_at(bytes, end.checked_sub(20)? + 8)?;
        let record = usize::try_from(record).ok()?;
        return (bytes.get(record..)?.starts_with(END64))
            .then(|| u64_at(bytes, record + 48).and_then(|start| usize::try_from(start).ok()))?;
    }
    // A program before the archive (a self-extractor) shifts every offset; the directory ends at the record.
    let size = u32_at(bytes, end + 12)? as usize;
    let exact = bytes.get(start..).is_some_and(|rest| rest.starts_with(CENTRAL));
    if exact { Some(start) } else { end.checked_sub(size) }
}

/// The entry at `at`, and where the next one is.
fn central(bytes: &[u8], at: usize) -> Option<(Entry, usize)> {
    let head = bytes.get(at..)?.first_chunk::<46>().filter(|head| head.starts_with(CENTRAL))?;
    let name_len = usize::from(u16_at(head, 28)?);
    let extra_len = usize::from(u16_at(head, 30)?);
    let comment_len = usize::from(u16_at(head, 32)?);
    let name = bytes.get(at + 46..at + 46 + name_len)?.to_vec();
    let extra = bytes.get(at + 46 + name_len..at + 46 + name_len + extra_len)?;
    let (size, full, local) = (u32_at(head, 20)?, u32_at(head, 24)?, u32_at(head, 42)?);
    let mut wide = wide_numbers(extra);
    // The extra field holds, in this order, those numbers that did not fit.
    let mut number = |n: u32| if n == u32::MAX { wide.next() } else { Some(n as usize) };
    let _full = number(full);
    let (size, local) = (number(size)?, number(local)?);
    let entry = Entry { flags: u16_at(head, 8)?, method: u16_at(head, 10)?, size, local, name };
    Some((entry, at + 46 + name_len + extra_len + comment_len))
}

/// The numbers of the zip64 extra field.
fn wide_numbers(extra: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut rest = extra;
    let mut found: &[u8] = &[];
    while let (Some(id), Some(len)) = (u16_at(rest, 0), u16_at(rest, 2)) {
        let Some(content) = rest.get(4..4 + usize::from(len)) else { break };
        if id == 1 {
            found = content;
        }
        rest = &rest[4 + content.len()..];
    }
    found.as_chunks::<8>().0.iter().filter_map(|n| usize::try_from(u64::from_le_bytes(*n)).ok())
}

fn local(bytes: &[u8], at: usize) -> Option<Entry> {
    let head = bytes.get(at..)?.first_chunk::<30>().filter(|head| head.starts_with(LOCAL))?;
    let name_len = usize::from(u16_at(head, 26)?);
    let name = bytes.get(at + 30..at + 30 + name_len)?.to_vec();
    let (flags, method, size) = (u16_at(head, 6)?, u16_at(head, 8)?, u32_at(head, 18)? as usize);
    Some(Entry { flags, method, size, local: at, name })
}

/// Where the data of the member with this local header begins.
fn data_start(bytes: &[u8], local: usize) -> Option<usize> {
    let head = bytes.get(local..)?.first_chunk::<30>().filter(|head| head.starts_with(LOCAL))?;
    let start = local + 30 + usize::from(u16_at(head, 26)?) + usize::from(u16_at(head, 28)?);
    (start <= bytes.len()).then_some(start)
}
