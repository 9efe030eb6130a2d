//! Quoted-printable text of mails: `=3D` for `=`, and lines that go on after a `=` at their end (RFC 2045, 6.7).

use std::ops::Range;

use super::map::Map;
use super::{Encoding, Sink, View};

/// The longest paragraph that is read.
const LONGEST: usize = 1000;

/// Adds a view of the paragraph around a sign at `at`, unless it is `last`.
pub(super) fn paragraph(
    bytes: &[u8],
    at: usize,
    region: &Range<usize>,
    last: &mut Range<usize>,
    sink: &mut Sink,
) {
    let Some(source) = lines(bytes, at) else { return };
    let seen = std::mem::replace(last, source.clone()) == source;
    let touches = source.start < region.end && source.end > region.start;
    if touches && !seen && sink.admits(source.len(), &source) {
        sink.push(decode(bytes, source));
    }
}

/// The lines around `at` that go on in one another.
fn lines(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let floor = at.saturating_sub(LONGEST);
    let line = |at: usize| memchr::memrchr(b'\n', &bytes[floor..at]).map(|n| floor + n + 1);
    let begin = |at: usize| line(at).or((floor == 0).then_some(0));
    let mut start = begin(at)?;
    while start > 0 && goes_on(&bytes[..start]) {
        start = begin(start - 1)?;
    }
    let mut end = at;
    loop {
        let rest = &bytes[end..bytes.len().min(start + LONGEST).max(end)];
        let Some(len) = memchr::memchr(b'\n', rest) else {
            // The last line of the text, or one that is too long.
            return (end + rest.len() == bytes.len()).then_some(start..bytes.len());
        };
        if !goes_on(&bytes[..=end + len]) {
            return Some(start..end + len);
        }
        end += len + 1;
    }
}

/// Whether a text that ends with a line's end goes on in the next line.
fn goes_on(text: &[u8]) -> bool {
    text.ends_with(b"=\n") || text.ends_with(b"=\r\n")
}

fn decode(bytes: &[u8], source: Range<usize>) -> View {
    let text = &bytes[source.clone()];
    let mut out = Vec::with_capacity(text.len());
    let mut map = Map::default();
    let mut at = 0;
    while at < text.len() {
        map.add(out.len(), at, 1, 1);
        let len = memchr::memchr(b'=', &text[at..]).unwrap_or(text.len() - at);
        out.extend_from_slice(&text[at..at + len]);
        at += len;
        let pair = text.get(at + 1).and_then(|b| digit(*b)).zip(text.get(at + 2).and_then(|b| digit(*b)));
        match &text[at..] {
            [] => {}
            [b'=', b'\n', ..] => at += 2,
            [b'=', b'\r', b'\n', ..] => at += 3,
            _ => {
                let (byte, len) = pair.map_or((b'=', 1), |(high, low)| (high << 4 | low, 3));
                map.add(out.len(), at, 1, len);
                out.push(byte);
                at += len;
            }
        }
    }
    View { bytes: out, encoding: Encoding::QuotedPrintable, source, member: None, map }
}

/// The digit that mailers write in upper case.
fn digit(b: u8) -> Option<u8> {
    match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'A'..=b'F' => Some(b - b'A' + 10),
        _ => None,
    }
}
