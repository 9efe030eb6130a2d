//! Percent escapes of URLs and entities of HTML and XML.

use std::ops::Range;

use super::map::Map;
use super::{Encoding, Sink, View};

/// The shortest text worth a view.
const LEAST: usize = 12;
/// A run is cut here on either side; URLs and lines of markup with secrets are shorter.
const FARTHEST: usize = 64 << 10;

/// One kind of escape: the byte it starts with, what ends a run, how to read one.
struct Kind {
    encoding: Encoding,
    mark: u8,
    ends: fn(u8) -> bool,
    read: fn(&[u8]) -> Option<(char, usize)>,
}

const PERCENT: Kind = Kind {
    encoding: Encoding::Percent,
    mark: b'%',
    ends: |b| b <= b' ' || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|'),
    read: percent,
};

const ENTITY: Kind =
    Kind { encoding: Encoding::Html, mark: b'&', ends: |b| matches!(b, b'\n' | b'<' | b'>'), read: entity };

/// Adds a view of each URL with telling percent escapes that touches `region`.
pub(super) fn find_percent(bytes: &[u8], region: Range<usize>, sink: &mut Sink) {
    find(&PERCENT, bytes, region, sink);
}

/// Adds a view of each line or text of markup with entities that touches `region`.
pub(super) fn find_entities(bytes: &[u8], region: Range<usize>, sink: &mut Sink) {
    find(&ENTITY, bytes, region, sink);
}

fn find(kind: &Kind, bytes: &[u8], region: Range<usize>, sink: &mut Sink) {
    // A run whose mark is outside the region may still reach into it.
    let mut at = start_of(kind, bytes, region.start, 0);
    let mut floor = at;
    let end =
        region.end + bytes[region.end..].iter().take(FARTHEST).take_while(|b| !(kind.ends)(**b)).count();
    while let Some(found) =
        bytes.get(at..end).and_then(|rest| memchr::memchr(kind.mark, rest)).map(|n| at + n)
    {
        if !(kind.read)(&bytes[found..]).is_some_and(|(c, _)| c.is_ascii_graphic()) {
            at = found + 1;
            continue;
        }
        let start = start_of(kind, bytes, found, floor);
        let len = bytes[found..].iter().take(FARTHEST).take_while(|b| !(kind.ends)(**b)).count();
        let source = start..found + len;
        at = source.end.max(found + 1);
        floor = at;
        if source.end > region.start && source.len() >= LEAST && sink.admits(source.len(), &source) {
            sink.push(decode(kind, bytes, source));
        }
    }
}

/// Where the run that holds `at` begins, not before `floor`.
fn start_of(kind: &Kind, bytes: &[u8], at: usize, floor: usize) -> usize {
    let floor = floor.max(at.saturating_sub(FARTHEST)).min(at);
    at - bytes[floor..at].iter().rev().take_while(|b| !(kind.ends)(**b)).count()
}

fn decode(kind: &Kind, bytes: &[u8], source: Range<usize>) -> View {
    let text = &bytes[source.clone()];
    let mut out = Vec::with_capacity(text.len());
    let mut map = Map::default();
    let mut at = 0;
    while at < text.len() {
        let plain = memchr::memchr(kind.mark, &text[at..]).unwrap_or(text.len() - at);
        if plain > 0 {
            map.add(out.len(), at, 1, 1);
            out.extend_from_slice(&text[at..at + plain]);
            at += plain;
            continue;
        }
        let (c, len) = (kind.read)(&text[at..]).unwrap_or((char::from(kind.mark), 1));
        // Escaped bytes over 0x7f keep their value: they may be half of a character.
        let mut buffer = [0; 4];
        let encoded = match (kind.encoding, u8::try_from(c)) {
            (Encoding::Percent, Ok(byte)) => {
                buffer[0] = byte;
                &buffer[..1]
            }
            _ => c.encode_utf8(&mut buffer).as_bytes(),
        };
        map.add(out.len(), at, encoded.len(), len);
        out.extend_from_slice(encoded);
        at += len;
    }
    View { bytes: out, encoding: kind.encoding, source, member: None, map }
}

fn percent(rest: &[u8]) -> Option<(char, usize)> {
    let digit = |at: usize| rest.get(at).and_then(|b| char::from(*b).to_digit(16));
    Some((char::from((digit(1)? << 4 | digit(2)?) as u8), 3))
}

fn entity(rest: &[u8]) -> Option<(char, usize)> {
    const NAMES: &[(&[u8], char)] = &[
        (b"&quot;", '"'),
        (b"&amp;", '&'),
        (b"&lt;", '<'),
        (b"&gt;", '>'),
        (b"&apos;", '\''),
        (b"&nbsp;", ' '),
        (b"&equals;", '='),
        (b"&colon;", ':'),
        (b"&sol;", '/'),
        (b"&plus;", '+'),
        (b"&lowbar;", '_'),
        (b"&commat;", '@'),
        (b"&period;", '.'),
        (b"&hyphen;", '-'),
    ];
    if rest.get(1) == Some(&b'#') {
        let hex = matches!(rest.get(2), Some(b'x' | b'X'));
        let from = if hex { 3 } else { 2 };
        let close = rest.iter().take(12).position(|b| *b == b';').filter(|close| *close > from)?;
        let digits = std::str::from_utf8(&rest[from..close]).ok()?;
        let code = u32::from_str_radix(digits, if hex { 16 } else { 10 }).ok()?;
        return Some((char::from_u32(code)?, close + 1));
    }
    // `&self` and `&mut` are all over some languages: two bytes tell them from nearly every name.
    let [second, third] = [*rest.get(1)?, *rest.get(2)?];
    let alike = |name: &[u8]| name[1] == second && name[2] == third && rest.starts_with(name);
    NAMES.iter().find(|(name, _)| alike(name)).map(|(name, c)| (*c, name.len()))
}
