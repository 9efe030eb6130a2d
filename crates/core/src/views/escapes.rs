//! Backslash escapes of string literals: `\n`, `\"`, `\/`, `\x41`, `\u0041`, `\u{41}`, `\101`.
//!
//! A run is a stretch of a line without an unescaped double quote: a JSON string, or a piece of a line in
//! other languages. Most backslashes of source code change nothing that matters (a regular expression, a
//! line break at the end of a message), and no view is made for those.

use std::ops::Range;

use super::map::Map;
use super::{CONTEXT, Encoding, Sink, View};

/// The shortest text worth a view.
const LEAST: usize = 16;
/// How far from a region a run is followed. A longer one is seen from there on.
const FARTHEST: usize = 1 << 20;

/// Adds a view of each run with telling escapes that touches `region`.
pub(super) fn find(bytes: &[u8], region: Range<usize>, sink: &mut Sink) {
    // The run that holds the region's first byte may have its backslashes before it.
    let near = line_start(bytes, region.start, region.start.saturating_sub(FARTHEST));
    let mut floor = run_start(bytes, near, region.start);
    let end = last_run_end(bytes, region.end);
    let mut at = floor;
    while let Some(found) = bytes.get(at..end).and_then(|rest| memchr::memchr(b'\\', rest)).map(|n| at + n) {
        let Some(next) = bytes.get(found + 1) else { return };
        if !matches!(next, b'n' | b'r' | b't' | b'u' | b'U' | b'x' | b'"' | b'/' | b'\\' | b'_' | b'0'..=b'7')
        {
            at = found + 2;
            continue;
        }
        let start = run_start(bytes, line_start(bytes, found, floor), found);
        let end = run(bytes, start, &region, sink);
        at = end.max(found + 2).min(bytes.len());
        floor = at;
    }
}

/// The end of the last run that touches what is before `region_end`, by itself or by its context.
fn last_run_end(bytes: &[u8], region_end: usize) -> usize {
    let mut at = (region_end + CONTEXT).min(bytes.len());
    let limit = bytes.len().min(at + FARTHEST);
    while let Some(found) = memchr::memchr2(b'\n', b'"', &bytes[at..limit]).map(|n| at + n) {
        let slashes = bytes[at..found].iter().rev().take_while(|b| **b == b'\\').count();
        if bytes[found] == b'\n' || slashes % 2 == 0 {
            return found;
        }
        at = found + 1;
    }
    limit
}

/// The start of the line that holds `at`, but not before `floor`.
fn line_start(bytes: &[u8], at: usize, floor: usize) -> usize {
    let floor = floor.min(at);
    memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |n| floor + n + 1)
}

/// The byte after the last unescaped double quote between `line` and `at`.
fn run_start(bytes: &[u8], line: usize, at: usize) -> usize {
    let mut end = at;
    while let Some(quote) = memchr::memrchr(b'"', &bytes[line..end]).map(|n| line + n) {
        let slashes = bytes[line..quote].iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 0 {
            return quote + 1;
        }
        end = quote;
    }
    line
}

/// What one escape stands for.
struct Escape {
    text: char,
    /// Its length in the source.
    len: usize,
    /// Whether a finding could depend on undoing it.
    telling: bool,
}

/// Decodes the run that begins at `start`, adds a view if it tells something, and returns its end.
fn run(bytes: &[u8], start: usize, region: &Range<usize>, sink: &mut Sink) -> usize {
    let line = line_start(bytes, start, start.saturating_sub(CONTEXT));
    let mut text = bytes[line..start].to_vec();
    let mut map = Map::default();
    map.add(0, 0, 1, 1);
    let mut telling = false;
    let mut at = start;
    let limit = sink.budget.bytes;
    let cut = start.saturating_add(FARTHEST);
    while let Some(&byte) = bytes.get(at).filter(|_| at < cut) {
        match byte {
            b'\n' => break,
            b'"' => {
                // The closing quote stays, so that the value's end is seen.
                text.push(byte);
                break;
            }
            b'\\' => {
                if let Some(escape) = escape(&bytes[at..]) {
                    map.add(text.len(), at - line, escape.text.len_utf8(), escape.len);
                    text.extend_from_slice(escape.text.encode_utf8(&mut [0; 4]).as_bytes());
                    telling |= escape.telling;
                    at += escape.len;
                    map.add(text.len(), at - line, 1, 1);
                } else {
                    text.push(b'\\');
                    at += 1;
                }
            }
            _ => {
                // Most of a run is plain: copy up to the next byte that is not.
                let rest = &bytes[at..bytes.len().min(cut)];
                let len = memchr::memchr3(b'\\', b'\n', b'"', rest).unwrap_or(rest.len());
                let room = limit.saturating_sub(text.len());
                text.extend_from_slice(&rest[..len.min(room)]);
                at += len;
            }
        }
        if text.len() >= limit {
            let rest = &bytes[at.min(bytes.len())..];
            let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            sink.refuse(line..end, "over the budget for decoded bytes");
            return end;
        }
    }
    let end = at.min(bytes.len());
    let source = line..(end + 1).min(bytes.len());
    let touches = source.start < region.end && source.end > region.start;
    if telling && touches && end - start >= LEAST && sink.admits(text.len(), &source) {
        sink.push(View { bytes: text, encoding: Encoding::Escapes, source, member: None, map });
    }
    end + 1
}

fn escape(rest: &[u8]) -> Option<Escape> {
    let word =
        |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'));
    let one = |c: char, telling: bool| Some(Escape { text: c, len: 2, telling });
    match rest.get(1)? {
        // A name that follows at once is glued to the letter of the escape.
        b'n' => one('\n', word(rest.get(2))),
        b'r' => one('\r', word(rest.get(2))),
        b't' => one('\t', word(rest.get(2))),
        b'"' => one('"', true),
        // Markdown and TeX.
        b'_' => one('_', word(rest.get(2))),
        b'/' => one('/', true),
        b'\\' => one('\\', matches!(rest.get(2), Some(b'n' | b'r' | b't' | b'u' | b'x' | b'"' | b'/'))),
        b'x' => number(rest, 2, 2),
        b'u' if rest.get(2) == Some(&b'{') => {
            let close = rest.iter().take(10).position(|b| *b == b'}')?;
            number(rest, 3, close.checked_sub(3)?).map(|escape| Escape { len: escape.len + 1, ..escape })
        }
        b'u' => number(rest, 2, 4),
        b'U' => number(rest, 2, 8),
        b'0'..=b'7' => {
            // Two or three digits; one is a reference of a regular expression.
            let len = rest[1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let code = rest[1..=len].iter().fold(0, |n, b| n << 3 | u32::from(b - b'0'));
            let c = char::from_u32(code).filter(|_| len > 1 && code < 128)?;
            Some(Escape { text: c, len: 1 + len, telling: c.is_ascii_graphic() })
        }
        _ => None,
    }
}

/// The character whose number is `count` hex digits from `from` on.
fn number(rest: &[u8], from: usize, count: usize) -> Option<Escape> {
    let digits =
        rest.get(from..from + count).filter(|d| !d.is_empty() && d.iter().all(u8::is_ascii_hexdigit))?;
    let code = digits.iter().fold(0_u32, |n, b| n << 4 | char::from(*b).to_digit(16).unwrap_or(0));
    // Half of a pair stands for no character; whatever it is part of, it is no token.
    let text = char::from_u32(code).unwrap_or('\u{fffd}');
    Some(Escape { text, len: from + count, telling: text.is_ascii_graphic() })
}
