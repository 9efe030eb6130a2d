//! Characters that show nothing: zero-width spaces, soft hyphens, marks of direction, colours of a terminal.
//!
//! A token that was copied from a page or a log can have them inside. The view is its line without them.

use std::ops::Range;

use super::map::Map;
use super::{Encoding, Sink, View};

/// A line is cut here on either side.
const FARTHEST: usize = 64 << 10;
/// The shortest line worth a view.
const LEAST: usize = 12;

/// Adds a view of each line with hidden characters that touches `region`.
pub(super) fn find(bytes: &[u8], region: Range<usize>, sink: &mut Sink) {
    let mut at = line_start(bytes, region.start);
    let end = region.end + line_rest(bytes, region.end);
    // Nearly all text has neither.
    let colours = memchr::memchr(0x1b, &bytes[at..end]).is_some();
    if !colours && bytes[at..end].is_ascii() {
        return;
    }
    let next = |rest: &[u8]| {
        if colours { rest.iter().position(|b| begins(*b)) } else { memchr::memchr3(0xc2, 0xe2, 0xef, rest) }
    };
    while let Some(first) = next(&bytes[at.min(end)..end]).map(|n| at + n) {
        let len = hidden(&bytes[first..]);
        if len == 0 || !(bytes[first] == 0x1b || meets(bytes, first, len)) {
            at = first + 1;
            continue;
        }
        let source = line_start(bytes, first)..first + line_rest(bytes, first);
        at = source.end.max(first + 1);
        let touches = source.start < region.end && source.end > region.start;
        if touches && source.len() >= LEAST && sink.admits(source.len(), &source) {
            sink.push(without(bytes, source));
        }
    }
}

/// Whether the first byte of something hidden is this.
fn begins(b: u8) -> bool {
    matches!(b, 0x1b | 0xc2 | 0xe2 | 0xef)
}

/// The length of what shows nothing at the start of `rest`.
fn hidden(rest: &[u8]) -> usize {
    match rest {
        [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..] | [0xe2, 0x81, 0xa0, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        [0xc2, 0xad, ..] => 2,
        [0x1b, b'[', sequence @ ..] => {
            let len = sequence
                .iter()
                .take(16)
                .take_while(|b| b.is_ascii_digit() || matches!(b, b';' | b'?'))
                .count();
            sequence.get(len).filter(|b| b.is_ascii_alphabetic()).map_or(0, |_| len + 3)
        }
        _ => 0,
    }
}

/// Whether two characters of a token meet over what is hidden.
fn meets(bytes: &[u8], at: usize, len: usize) -> bool {
    let visible = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    visible(at.checked_sub(1).and_then(|i| bytes.get(i))) && visible(bytes.get(at + len))
}

fn without(bytes: &[u8], source: Range<usize>) -> View {
    let text = &bytes[source.clone()];
    let mut out = Vec::with_capacity(text.len());
    let mut map = Map::default();
    let mut at = 0;
    while at < text.len() {
        let len = hidden(&text[at..]);
        if len > 0 {
            at += len;
            continue;
        }
        map.add(out.len(), at, 1, 1);
        let plain = 1 + text[at + 1..].iter().take_while(|b| !begins(**b)).count();
        out.extend_from_slice(&text[at..at + plain]);
        at += plain;
    }
    View { bytes: out, encoding: Encoding::Hidden, source, member: None, map }
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(FARTHEST);
    memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |n| floor + n + 1)
}

fn line_rest(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..bytes.len().min(at + FARTHEST)];
    memchr::memchr(b'\n', rest).unwrap_or(rest.len())
}
