//! Strings in pieces: `"AKIA" + "…"`, `"a" "b"`, `'a' . 'b'`, over operators and lines.
//!
//! A *seam* is a closing quote, an operator or only white space, and an opening quote. A view is made of a
//! chain of pieces when at one seam at least two visible characters meet: a token can then go on over it.
//! Messages are usually cut at spaces, and make none.
//!
//! The operators: `+` (most languages), `.` (PHP, Perl), `..` (Lua), `&` (Visual Basic), `||` (SQL), `~`, `<>`,
//! `++`, `^` and `*` (Twig, Elixir, Haskell, OCaml, Julia), `.concat(` and `.append(`, nothing (C, Python; on the next line
//! only when indented), each
//! with a backslash at a line's end. A backslash and a line's end inside a string is a seam too.

use std::ops::Range;

use super::map::Map;
use super::mask::{Kind, Survey};
use super::{CONTEXT, Encoding, Sink, View};

/// The longest piece, and the longest seam.
const PIECE: usize = 4096;
const SEAM: usize = 200;
/// Pieces that a chain is followed in either direction. A longer one is cut into chains that share a piece.
const MOST: usize = 4096;

/// Adds a view of each chain that touches `region`.
pub(super) fn find(survey: &Survey<'_>, region: Range<usize>, sink: &mut Sink) {
    let bytes = survey.bytes();
    // A chain that touches the region has a seam on a line of it, or just before or after those lines.
    let from = back(bytes, region.start);
    let reach = &bytes[region.end..bytes.len().min(region.end + PIECE + CONTEXT)];
    let to = region.end + memchr::memchr(b'\n', reach).unwrap_or(reach.len());
    // How far chains of strings, and of lines, have been followed.
    let mut done = [0, 0];
    let mut at = from;
    while let Some(found) = next_seam(survey, at, to) {
        at = found + 1;
        let line = bytes[found] == b'\\';
        let done = &mut done[usize::from(line)];
        if found < *done {
            continue;
        }
        let pieces = if line { lines(bytes, found, *done) } else { chain(bytes, found, *done) };
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { continue };
        *done = if pieces.len() < MOST { last.end + 1 } else { last.start };
        let source = context(bytes, first.start)..(last.end + 1).min(bytes.len());
        let touches = source.start < region.end && source.end > region.start;
        if touches && sink.admits(source.len(), &source) {
            sink.push(join(bytes, source, &pieces));
        }
    }
}

/// Where seams of a chain that reaches `at` may begin.
fn back(bytes: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(PIECE);
    let line = memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |n| floor + n + 1);
    line.saturating_sub(SEAM)
}

fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// The next quote or backslash from `at` on that what follows could make a seam.
fn next_seam(survey: &Survey<'_>, from: usize, end: usize) -> Option<usize> {
    let bytes = survey.bytes();
    let end = end.min(bytes.len().saturating_sub(1));
    let mut at = from;
    while let Some(seam) = survey.next(Kind::Seams, at, end) {
        if candidate(bytes, seam) {
            return Some(seam);
        }
        at = seam + 1;
    }
    None
}

/// Whether what stands at `at` can begin a seam: after a character of a token, and before what leads to another.
fn candidate(bytes: &[u8], at: usize) -> bool {
    if !at.checked_sub(1).is_some_and(|before| visible(bytes[before])) {
        return false;
    }
    let operator = |b: u8| matches!(b, b'+' | b'*' | b'.' | b'&' | b'|' | b'~' | b'<' | b'^' | b'\\' | b'_');
    match bytes[at..] {
        [b'\\', b'\n' | b'\r', ..] => true,
        [b'"' | b'\'', b' ', next, ..] => {
            operator(next) || next.is_ascii_whitespace() || is_quote(next) || prefix(next)
        }
        [b'"' | b'\'', b')', next, ..] => matches!(next, b'.' | b' ' | b'+'),
        [b'"' | b'\'', next, ..] => operator(next) || next.is_ascii_whitespace() || is_quote(next),
        _ => false,
    }
}

/// The length of a call that appends the next string to this one.
fn method(rest: &[u8]) -> usize {
    const CALLS: &[&[u8]] = &[b".concat(", b").concat(", b").append(", b").Append(", b").push_str("];
    CALLS.iter().find(|call| rest.starts_with(call)).map_or(0, |call| call.len())
}

/// The prefix of a literal: `f"…"`, `b'…'`, `@"…"`.
fn prefix(b: u8) -> bool {
    matches!(b, b'f' | b'F' | b'r' | b'R' | b'b' | b'B' | b'u' | b'U' | b'L' | b'@' | b'$')
}

/// Two pieces and what stands between them.
#[derive(Clone)]
struct Seam {
    /// Past the last byte of the piece before.
    left: usize,
    /// The first byte of the piece after.
    right: usize,
}

impl Seam {
    /// The seam that begins at `at`, a quote.
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let slashes = bytes[at.saturating_sub(PIECE)..at].iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 1 {
            return None;
        }
        let mut next = at + 1;
        let mut lines = 0;
        let mut operator = false;
        let limit = bytes.len().min(at + SEAM);
        while next < limit {
            let rest = &bytes[next..limit];
            let skip = match rest {
                [b'\n', ..] => {
                    lines += 1;
                    1
                }
                [b' ' | b'\t' | b'\r', ..] => 1,
                // A line that the language joins, and the one of shells and macros.
                [b'\\' | b'_', b'\n' | b'\r', ..] => {
                    operator = true;
                    1
                }
                // A piece that is turned into an object first.
                [b')', b'+', ..] | [b')', b' ', b'+', ..] if !operator => 1,
                [b')', b'.', ..] | [b'.', ..] if !operator && method(rest) > 0 => {
                    operator = true;
                    method(rest)
                }
                [b'+', b'+', ..] | [b'.', b'.', ..] | [b'|', b'|', ..] | [b'<', b'>' | b'<', ..]
                    if !operator =>
                {
                    operator = true;
                    2
                }
                [b'+' | b'*' | b'.' | b'&' | b'~' | b'^', ..] if !operator => {
                    operator = true;
                    1
                }
                // A comment behind the operator.
                [b'/', b'/', comment @ ..] if operator => 2 + memchr::memchr(b'\n', comment)?,
                [quote, ..] if is_quote(*quote) => return Self::close(bytes, at, next, operator, lines),
                [mark, quote, ..] if prefix(*mark) && is_quote(*quote) && (operator || next > at + 1) => {
                    return Self::close(bytes, at, next + 1, operator, lines);
                }
                _ => return None,
            };
            next += skip;
        }
        None
    }

    fn close(bytes: &[u8], at: usize, quote: usize, operator: bool, lines: usize) -> Option<Self> {
        // Without an operator: on the same line, or on the next one when it is indented (a row of CSV is not).
        let indented = matches!(bytes[quote - 1], b' ' | b'\t') || prefix(bytes[quote - 1]);
        let plain = lines == 0 || (lines <= 2 && indented);
        let seam = Self { left: at, right: quote + 1 };
        (((operator && lines <= 4) || plain) && seam.glues(bytes)).then_some(seam)
    }

    /// Whether two characters of a token meet.
    fn glues(&self, bytes: &[u8]) -> bool {
        let before = self
            .left
            .checked_sub(1)
            .is_some_and(|at| visible(bytes[at]) && !ends_in_escape(bytes, self.left));
        before && bytes.get(self.right).is_some_and(|b| visible(*b))
    }
}

/// Whether the text before `end` is an escape of white space.
fn ends_in_escape(bytes: &[u8], end: usize) -> bool {
    matches!(bytes[..end], [.., b'\\', b'n' | b'r' | b't'])
}

/// A byte that a token may have at a seam.
fn visible(b: u8) -> bool {
    b.is_ascii_graphic() && !is_quote(b) && !matches!(b, b'\\' | b',' | b'(' | b'[' | b'{' | b';')
}

/// The pieces of the chain that a seam at `at` is part of, in order: their contents without quotes.
///
/// The same whichever seam of the chain it is. Pieces before `floor` are left out.
fn chain(bytes: &[u8], at: usize, floor: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut next = Seam::at(bytes, at);
    // Back to the first piece ...
    let mut before = next.clone();
    while let Some(seam) = before.filter(|_| pieces.len() < MOST) {
        let Some(start) = piece_start(bytes, seam.left) else { break };
        pieces.push(start..seam.left);
        before = seam_before(bytes, start).filter(|seam| seam.left >= floor);
    }
    pieces.reverse();
    // ... and on to the last.
    let most = if pieces.is_empty() { 0 } else { pieces.len() + MOST };
    while let Some(seam) = next.filter(|_| pieces.len() < most) {
        let Some(end) = piece_end(bytes, seam.right) else { break };
        pieces.push(seam.right..end);
        next = Seam::at(bytes, end);
    }
    pieces
}

/// Past the opening quote of the literal whose closing quote is at `end`, on its line.
fn piece_start(bytes: &[u8], end: usize) -> Option<usize> {
    let floor = end.saturating_sub(PIECE);
    let mut stop = end;
    loop {
        let found = floor + memchr::memrchr2(bytes[end], b'\n', &bytes[floor..stop])?;
        if bytes[found] == b'\n' {
            return None;
        }
        let slashes = bytes[floor..found].iter().rev().take_while(|b| **b == b'\\').count();
        if slashes % 2 == 0 {
            return Some(found + 1);
        }
        stop = found;
    }
}

/// The closing quote of the literal whose content begins at `start`, on its line.
fn piece_end(bytes: &[u8], start: usize) -> Option<usize> {
    let quote = bytes[start - 1];
    let text = &bytes[start..bytes.len().min(start + PIECE)];
    let mut at = 0;
    loop {
        at += memchr::memchr3(quote, b'\\', b'\n', text.get(at..)?)?;
        match text[at] {
            b if b == quote => return Some(start + at),
            b'\\' if text.get(at + 1) != Some(&b'\n') => at += 2,
            _ => return None,
        }
    }
}

/// The seam that leads to the piece whose content begins at `start`.
fn seam_before(bytes: &[u8], start: usize) -> Option<Seam> {
    let mut at = start.checked_sub(1)?;
    let floor = start.saturating_sub(SEAM);
    while at > floor {
        at -= 1;
        match bytes[at] {
            b if is_quote(b) => return Seam::at(bytes, at).filter(|seam| seam.right == start),
            b if b.is_ascii_alphabetic() || b.is_ascii_whitespace() || b"+*.&|~<>^\\_@$()".contains(&b) => {}
            _ => return None,
        }
    }
    None
}

/// The lines that a backslash at `at` joins in the middle of a word, without their indentation. Lines before
/// `floor` are left out.
fn lines(bytes: &[u8], at: usize, floor: usize) -> Vec<Range<usize>> {
    let Some(right) = line_seam(bytes, at) else { return Vec::new() };
    let mut pieces = Vec::new();
    let mut left = at;
    while pieces.len() < MOST {
        let near = left.saturating_sub(PIECE);
        let Some(newline) = memchr::memrchr(b'\n', &bytes[near..left]).map(|n| near + n) else {
            pieces.push(near..left);
            break;
        };
        let indent = bytes[newline + 1..left].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let start = newline + 1 + indent;
        pieces.push(start..left);
        let end = if bytes[..newline].ends_with(b"\r") { newline - 1 } else { newline };
        match end.checked_sub(1).filter(|at| bytes[*at] == b'\\' && line_seam(bytes, *at) == Some(start)) {
            Some(before) if before >= floor => left = before,
            _ => break,
        }
    }
    pieces.reverse();
    let mut next = Some(right);
    let most = pieces.len() + MOST;
    while let Some(start) = next.filter(|_| pieces.len() < most) {
        let reach = &bytes[start..bytes.len().min(start + PIECE)];
        let len = memchr::memchr(b'\n', reach).unwrap_or(reach.len());
        let line = reach[..len].strip_suffix(b"\r").unwrap_or(&reach[..len]);
        let joined = line.len().checked_sub(1).filter(|n| line[*n] == b'\\').map(|n| start + n);
        next = joined.and_then(|at| line_seam(bytes, at));
        let end = if next.is_some() { joined.unwrap_or(start) } else { start + line.len() };
        pieces.push(start..end);
    }
    pieces
}

/// Where the text goes on after the backslash at `at`, if that joins two lines in the middle of a word.
fn line_seam(bytes: &[u8], at: usize) -> Option<usize> {
    let newline = match bytes.get(at + 1..)? {
        [b'\n', ..] => at + 2,
        [b'\r', b'\n', ..] => at + 3,
        _ => return None,
    };
    let indent = bytes[newline..].iter().take(SEAM).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let right = newline + indent;
    let before = at.checked_sub(1).is_some_and(|last| visible(bytes[last]) && !ends_in_escape(bytes, at));
    (before && bytes.get(right).is_some_and(|b| visible(*b))).then_some(right)
}

/// The start of the text before a chain that its view repeats: the name, the operator and the quote.
pub(super) fn context(bytes: &[u8], start: usize) -> usize {
    let floor = start.saturating_sub(CONTEXT);
    memchr::memrchr(b'\n', &bytes[floor..start]).map_or(floor, |n| floor + n + 1)
}

fn join(bytes: &[u8], source: Range<usize>, pieces: &[Range<usize>]) -> View {
    let mut out = Vec::with_capacity(source.len());
    let mut map = Map::default();
    let before = source.start..pieces.first().map_or(source.start, |first| first.start);
    let last = pieces.last().map_or(source.end, |last| last.end);
    for part in std::iter::once(before).chain(pieces.iter().cloned()).chain(std::iter::once(last..source.end))
    {
        map.add(out.len(), part.start - source.start, 1, 1);
        out.extend_from_slice(&bytes[part]);
    }
    View { bytes: out, encoding: Encoding::Joined, source, member: None, map }
}
