//! Where a match is for a person: line, column and an excerpt of the line without secrets.
//!
//! The excerpt is shown in terminals and reports, and whoever wrote the file may be hostile: every secret
//! in the line is hidden, not only the one reported; control, bidirectional and invisible characters are
//! escaped; it is cut to about 120 columns around the match.

use std::fmt::Write as _;
use std::ops::Range;

use crate::armor;
use crate::confirm::Hit;
use crate::found::{Encoding, Position};
use crate::rule::Confidence;

/// How much of a line is kept in front of a match.
const BEFORE: usize = 160;
/// How much from a match on.
const AFTER: usize = 400;
/// Most columns of an excerpt.
const COLUMNS: usize = 120;
/// Columns in front of the match in an excerpt that is cut.
const LEAD: usize = 40;
/// Most stars shown for one secret.
const STARS: usize = 36;

/// A hit and what is needed to show it once the input is gone.
#[derive(Debug)]
pub(crate) struct Located {
    pub hit: Hit,
    pub start: Position,
    pub end: Position,
    context: Context,
}

/// A piece of the line in which a hit begins.
#[derive(Debug)]
struct Context {
    /// Offset of the piece in the input.
    at: usize,
    /// Where the hit begins in it.
    hit: usize,
    bytes: Vec<u8>,
    cut_front: bool,
    cut_back: bool,
}

/// Counts lines over an input that comes in pieces.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counter {
    /// Offset in the input of the next piece to count.
    at: usize,
    /// Newlines before that.
    newlines: u64,
    /// Offset just past the last of them.
    line_start: usize,
    /// Characters since then.
    characters: u64,
}

impl Counter {
    /// Counts on to `to`; `piece` begins at `base` and holds all that was not counted yet.
    pub(crate) fn advance(&mut self, piece: &[u8], base: usize, to: usize) {
        if to <= self.at {
            return;
        }
        let bytes = &piece[self.at - base..to - base];
        self.newlines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        match memchr::memrchr(b'\n', bytes) {
            Some(last) => {
                self.line_start = self.at + last + 1;
                self.characters = characters(&bytes[last + 1..]);
            }
            None => self.characters += characters(bytes),
        }
        self.at = to;
    }

    fn position(&self, at: usize) -> Position {
        let column = (at - self.line_start) as u64 + 1;
        Position { line: self.newlines + 1, column, character: self.characters + 1 }
    }

    /// Locates hits in `piece`, which begins at `base` of the input, where this counter must not be past.
    /// Spans count from the input's start.
    pub(crate) fn locate(mut self, piece: &[u8], base: usize, mut hits: Vec<Hit>, out: &mut Vec<Located>) {
        hits.sort_by_key(|h| (h.span.start, h.span.end));
        for mut hit in hits {
            lower_in_armor(&mut hit, piece, base);
            self.advance(piece, base, hit.span.start);
            let start = self.position(hit.span.start);
            let mut ends = self;
            ends.advance(piece, base, hit.span.end);
            let end = ends.position(hit.span.end);
            let context = Context::new(piece, base, self.line_start, hit.span.start);
            out.push(Located { hit, start, end, context });
        }
    }
}

/// Code points in `bytes`: all but the bytes that continue one.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count() as u64
}

/// A hit inside wrapped base64 is most likely chance. A checksum that fits is not.
fn lower_in_armor(hit: &mut Hit, piece: &[u8], base: usize) {
    let plain = hit.verified.is_none() && hit.decoded.is_empty() && hit.evidence.is_none();
    if plain && armor::holds(piece, hit.span.start - base..hit.span.end - base) {
        hit.confidence = Confidence::Low;
        hit.why.push(armor::WHY);
    }
}

impl Context {
    fn new(piece: &[u8], base: usize, line_start: usize, at: usize) -> Self {
        let from = line_start.max(at.saturating_sub(BEFORE)).max(base);
        let to = (at - base + AFTER).min(piece.len());
        let line_end = memchr::memchr(b'\n', &piece[at - base..to]).map(|n| n + at - base);
        let mut bytes = &piece[from - base..line_end.unwrap_or(to)];
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Self {
            at: from,
            hit: at - from,
            bytes: bytes.to_vec(),
            cut_front: from > line_start,
            cut_back: line_end.is_none() && to < piece.len(),
        }
    }
}

/// What is hidden in excerpts: all of every hit but the few bytes that [`crate::Secret::mask`] shows.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    /// Sorted, merged.
    spans: Vec<Range<usize>>,
}

impl Hidden {
    pub(crate) fn new<'h>(hits: impl Iterator<Item = &'h Hit>) -> Self {
        let mut spans: Vec<Range<usize>> = hits
            .map(|h| {
                let width = match h.decoded.as_slice() {
                    [] => 1,
                    [Encoding::Utf16Le | Encoding::Utf16Be] => 2,
                    // What was hidden is beside the value.
                    [Encoding::Hidden] if h.span.len() == h.secret.expose().len() => 1,
                    // The encoded text's first bytes say more than the decoded text's.
                    _ => 0,
                };
                h.span.start + width * h.secret.shown()..h.span.end
            })
            .collect();
        spans.sort_by_key(|s| s.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(spans.len());
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        Self { spans: merged }
    }

    fn covers(&self, at: usize) -> bool {
        let next = self.spans.partition_point(|s| s.start <= at);
        next > 0 && at < self.spans[next - 1].end
    }
}

impl Located {
    /// The line, safe to show.
    pub(crate) fn excerpt(&self, hidden: &Hidden) -> String {
        let context = &self.context;
        let is_wide = matches!(self.hit.decoded.first(), Some(Encoding::Utf16Le | Encoding::Utf16Be));
        let mut cells: Vec<String> = Vec::new();
        let mut mark = 0;
        let mut stars = 0;
        let mut at = 0;
        while at < context.bytes.len() {
            if at <= context.hit {
                mark = cells.len();
            }
            if is_wide && context.bytes[at] == 0 {
                at += 1;
                continue;
            }
            if hidden.covers(context.at + at) {
                stars += 1;
                if stars <= STARS {
                    cells.push("*".into());
                }
                at += 1;
                continue;
            }
            stars = 0;
            let (cell, len) = cell(&context.bytes[at..]);
            // A character that reaches into a hidden span would show a byte of it.
            let whole = (at..at + len).all(|i| !hidden.covers(context.at + i));
            cells.push(if whole { cell } else { ".".into() });
            at += if whole { len } else { 1 };
        }
        cut(&cells, mark, context.cut_front, context.cut_back)
    }
}

/// At most [`COLUMNS`] cells around `mark`.
fn cut(cells: &[String], mark: usize, mut front: bool, mut back: bool) -> String {
    let mut from = 0;
    let mut to = cells.len();
    if cells.len() > COLUMNS {
        from = mark.saturating_sub(LEAD).min(cells.len() - COLUMNS);
        to = from + COLUMNS;
        front |= from > 0;
        back |= to < cells.len();
    }
    let mut text = String::new();
    if front {
        text.push('…');
    }
    text.extend(cells[from..to].iter().map(String::as_str));
    if back {
        text.push('…');
    }
    text.trim_end().to_owned()
}

/// The first character of `bytes` as it is safe to show, and how many bytes it took.
fn cell(bytes: &[u8]) -> (String, usize) {
    let byte = bytes[0];
    if byte == b'\t' {
        return (" ".into(), 1);
    }
    if byte.is_ascii() {
        let text =
            if byte.is_ascii_control() { format!("\\x{byte:02x}") } else { char::from(byte).to_string() };
        return (text, 1);
    }
    let head = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(e) => std::str::from_utf8(&head[..e.valid_up_to()]).unwrap_or_default(),
    };
    let Some(c) = valid.chars().next() else { return (format!("\\x{byte:02x}"), 1) };
    let mut text = String::new();
    if is_unsafe(c) {
        let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
    } else {
        text.push(c);
    }
    (text, c.len_utf8())
}

/// Characters that a terminal obeys or does not show: C1 controls, zero-width and bidirectional marks,
/// variation selectors, tags, line separators, non-characters.
fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests;
