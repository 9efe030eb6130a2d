//! Long runs of base64 or hexadecimal that hold text.
//!
//! A run is at least twenty characters. Most runs in source code are names and hashes. They are rejected before decoding: in the base64 of ASCII text every
//! fourth character is one of some thirty, in its hexadecimal every other digit is 2 to 7.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::map::Map;
use super::mask::{Kind, Survey};
use super::{Encoding, Sink, View, inflate, looks_like_text, zip};

/// The shortest run of base64 that is decoded.
const LEAST: usize = 20;
/// The shortest run of hexadecimal that is decoded.
const LEAST_HEX: usize = 32;
/// The narrowest line of base64 that goes on in the next line.
const LEAST_WIDTH: usize = 40;
/// Runs longer than this are refused.
const LONGEST: usize = 32 << 20;

/// Lines of one block that are looked for in either direction.
const MOST_LINES: usize = 1 << 18;

/// Either base64 alphabet.
const RUN: u8 = 1;
/// A hexadecimal digit.
const HEX: u8 = 2;
/// The first of four characters of base64, when they hold text: a first byte of 0x20 to 0x7f, a tab or a
/// line feed, or a NUL (UTF-16).
const TEXT: u8 = 4;
/// The first of two digits of a text byte.
const TEXT_NIBBLE: u8 = 8;
/// A digit of base32.
const BASE32: u8 = 16;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_') {
            class[b] |= RUN;
        }
        if c.is_ascii_hexdigit() {
            class[b] |= HEX;
        }
        if matches!(c, b'I'..=b'Z' | b'a'..=b'f' | b'C' | b'D' | b'A') {
            class[b] |= TEXT;
        }
        if matches!(c, b'2'..=b'7') {
            class[b] |= TEXT_NIBBLE;
        }
        if matches!(c, b'A'..=b'Z' | b'2'..=b'7') {
            class[b] |= BASE32;
        }
        b += 1;
    }
    class
};

fn is(byte: u8, class: u8) -> bool {
    CLASS[usize::from(byte)] & class != 0
}

/// Adds a view of each run of text that touches `region`.
pub(super) fn find(survey: &Survey<'_>, region: Range<usize>, sink: &mut Sink) {
    let bytes = survey.bytes();
    let mut floor = region.start - before(bytes, region.start, RUN);
    // The region may begin in the last line of a block, which is short, or between two lines.
    let gap = bytes[floor..].iter().take(256).take_while(|b| b.is_ascii_whitespace()).count();
    let first = floor + gap..floor + gap + after(bytes, floor + gap, RUN);
    if let Some(line) = line_before(bytes, &first) {
        floor = line.start;
    }
    while let Some(run) = next_run(survey, floor, region.end) {
        floor = run.end;
        if run.len() > LONGEST {
            sink.refuse(run, "an encoded run that is too long");
            continue;
        }
        let text = &bytes[run.clone()];
        // A name in the middle of a line: nearly every run.
        let alone = stands_alone(bytes, &run);
        if alone && is_name(text) {
            continue;
        }
        if is_hex(text) {
            if run.end > region.start {
                hex(bytes, run, sink);
            }
            continue;
        }
        if is_base32(text) && run.end > region.start {
            base32(bytes, run.clone(), sink);
        }
        if alone && alignment(text).is_none() {
            continue;
        }
        let block = Block::around(bytes, run);
        floor = floor.max(block.end());
        if block.end() > region.start {
            base64(bytes, &block, sink);
        }
    }
}

/// The next run of at least [`LEAST`] characters that begins at or after `floor` and before `end`.
fn next_run(survey: &Survey<'_>, floor: usize, end: usize) -> Option<Range<usize>> {
    let bytes = survey.bytes();
    // The rest of a run that is too long to be followed to its beginning.
    let cut = floor.checked_sub(1).is_some_and(|last| is(bytes[last], RUN));
    if cut && floor < end {
        let len = survey.word(floor);
        if len >= LEAST {
            return Some(floor..floor + len);
        }
    }
    let start = survey.next(Kind::Long, floor, end)?;
    Some(start..start + survey.word(start))
}

/// Whether the first characters of a run tell that it is none of hexadecimal, base32 and base64 of text. For nearly
/// all other runs they do.
fn is_name(text: &[u8]) -> bool {
    let Some(first) = text.first_chunk::<LEAST>() else { return false };
    let (mut all, mut fits) = (u8::MAX, 0_u32);
    for (n, b) in first.iter().enumerate() {
        let class = CLASS[usize::from(*b)];
        all &= class;
        fits |= u32::from(class & TEXT != 0) << n;
    }
    // Every fourth character from one of the first four on.
    let fits = fits & fits >> 4 & fits >> 8 & fits >> 12 & fits >> 16;
    // A prefix of hexadecimal, or the first byte of a container.
    let begins = matches!(first[0], b'0' | b'H' | b'U' | b'e');
    all & (HEX | BASE32) == 0 && fits.trailing_zeros() >= 4 && !begins
}

/// Whether no line before or after the run can belong to it: it has something else on either side.
fn stands_alone(bytes: &[u8], run: &Range<usize>) -> bool {
    let before = run.start.checked_sub(1).is_some_and(|at| !matches!(bytes[at], b'\n' | b' ' | b'\t'));
    let after = !is_wide(run) || bytes.get(run.end).is_some_and(|b| !matches!(b, b'\n' | b'\r'));
    after && (before || !closes(bytes, run))
}

/// How many bytes from `at` on are of the class.
fn after(bytes: &[u8], at: usize, class: u8) -> usize {
    let rest = &bytes[at..];
    let (words, _) = rest.as_chunks::<16>();
    let all = |word: &[u8; 16]| word.iter().fold(class, |all, b| all & CLASS[usize::from(*b)]) != 0;
    let whole = words.iter().take_while(|word| all(word)).count() * 16;
    whole + rest[whole..].iter().take_while(|b| is(**b, class)).count()
}

/// How many bytes before `at` are of the class, up to [`LONGEST`].
fn before(bytes: &[u8], at: usize, class: u8) -> usize {
    bytes[at.saturating_sub(LONGEST)..at].iter().rev().take_while(|b| is(**b, class)).count()
}

/// The characters of `0x`, where the text begins with it.
fn hex_prefix(text: &[u8]) -> usize {
    if text.starts_with(b"0x") || text.starts_with(b"0X") { 2 } else { 0 }
}

/// Whether the run is hexadecimal: a hash, a key, or text.
fn is_hex(text: &[u8]) -> bool {
    let digits = &text[hex_prefix(text)..];
    // Nearly every name has another character among the first eight.
    digits.iter().take(8).all(|b| is(*b, HEX)) && after(digits, 0, HEX) == digits.len()
}

/// Adds a view when the hexadecimal run is text.
fn hex(bytes: &[u8], run: Range<usize>, sink: &mut Sink) {
    let source = run.start + hex_prefix(&bytes[run.clone()])..run.end;
    let digits = &bytes[source.clone()];
    let odd_start = digits.iter().step_by(2).take(LEAST_HEX / 2).filter(|b| !is(**b, TEXT_NIBBLE)).count();
    let shaped = digits.len() >= LEAST_HEX && digits.len().is_multiple_of(2) && odd_start <= 2;
    if !shaped || !sink.admits(digits.len() / 2, &source) {
        return;
    }
    let value = |b: u8| char::from(b).to_digit(16).unwrap_or(0) as u8;
    let decoded: Vec<u8> = digits.chunks_exact(2).map(|p| value(p[0]) << 4 | value(p[1])).collect();
    if looks_like_text(&decoded) {
        let mut map = Map::default();
        map.add(0, 0, 1, 2);
        sink.push(View { bytes: decoded, encoding: Encoding::Hex, source, member: None, map });
    }
}

/// Whether the run could be base32 of text: capitals and the digits from 2 to 7, and the first of each eight
/// characters is of the upper half of the alphabet for no byte of ASCII.
fn is_base32(text: &[u8]) -> bool {
    text.len() >= LEAST_HEX
        && text.iter().all(|b| is(*b, BASE32))
        && text.iter().step_by(8).all(|b| matches!(b, b'A'..=b'P'))
}

/// Adds a view when the run of base32 (RFC 4648) is text.
fn base32(bytes: &[u8], run: Range<usize>, sink: &mut Sink) {
    if !sink.admits(run.len() / 8 * 5 + 5, &run) {
        return;
    }
    let value = |b: u8| u64::from(if b.is_ascii_digit() { b - b'2' + 26 } else { b - b'A' });
    let mut decoded = Vec::with_capacity(run.len() / 8 * 5 + 5);
    for group in bytes[run.clone()].chunks(8) {
        let bits = group.iter().fold(0, |n, b| n << 5 | value(*b)) << (5 * (8 - group.len()));
        decoded.extend_from_slice(&bits.to_be_bytes()[3..3 + group.len() * 5 / 8]);
    }
    if looks_like_text(&decoded) {
        let mut map = Map::default();
        map.add(0, 0, 5, 8);
        sink.push(View { bytes: decoded, encoding: Encoding::Base32, source: run, member: None, map });
    }
}

/// Lines of base64 that belong together; nearly always one.
struct Block {
    lines: Vec<Range<usize>>,
}

impl Block {
    /// The block that `run` is a line of.
    ///
    /// A line goes on in the next one when it is wide, a whole number of groups, and the next one is not
    /// wider. That depends on the two lines alone, so the block is the same from whichever line it is met.
    fn around(bytes: &[u8], run: Range<usize>) -> Self {
        let mut lines = vec![run];
        while lines.len() < MOST_LINES {
            let Some(line) = line_before(bytes, &lines[lines.len() - 1]) else { break };
            lines.push(line);
        }
        lines.reverse();
        while lines.len() < MOST_LINES {
            let Some(line) = line_after(bytes, &lines[lines.len() - 1]) else { break };
            lines.push(line);
        }
        Self { lines }
    }

    fn start(&self) -> usize {
        self.lines[0].start
    }

    fn end(&self) -> usize {
        self.lines[self.lines.len() - 1].end
    }

    fn text(&self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.lines.iter().map(Range::len).sum());
        for line in &self.lines {
            text.extend_from_slice(&bytes[line.clone()]);
        }
        text
    }
}

/// The line that `line` goes on in.
fn line_after(bytes: &[u8], line: &Range<usize>) -> Option<Range<usize>> {
    if !is_wide(line) {
        return None;
    }
    let mut at = match bytes.get(line.end..)? {
        [b'\n', ..] => line.end + 1,
        [b'\r', b'\n', ..] => line.end + 2,
        _ => return None,
    };
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    let next = at..at + after(bytes, at, RUN);
    goes_on(bytes, line, &next).then_some(next)
}

/// The line that goes on in `line`.
fn line_before(bytes: &[u8], line: &Range<usize>) -> Option<Range<usize>> {
    let before_line = &bytes[..line.start];
    let indent = before_line.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mut end = before_line[..line.start - indent].strip_suffix(b"\n")?.len();
    if bytes[..end].ends_with(b"\r") {
        end -= 1;
    }
    let previous = end - before(bytes, end, RUN)..end;
    goes_on(bytes, &previous, line).then_some(previous)
}

/// Whether two neighbouring lines are of one block.
fn goes_on(bytes: &[u8], line: &Range<usize>, next: &Range<usize>) -> bool {
    let fits = !next.is_empty() && next.len() <= line.len();
    is_wide(line) && fits && closes(bytes, next) && !lone(bytes, line) && !lone(bytes, next)
}

/// Whether a line can go on in the next one.
fn is_wide(line: &Range<usize>) -> bool {
    line.len() >= LEAST_WIDTH && line.len().is_multiple_of(4) && line.len() < LONGEST
}

/// Whether what follows a line may follow the last one: its end, padding, or a closing quote.
fn closes(bytes: &[u8], line: &Range<usize>) -> bool {
    matches!(bytes.get(line.end), None | Some(b'\n' | b'\r' | b'=' | b'"' | b'\''))
}

/// Whether a line is looked at by itself: a long one of hexadecimal.
fn lone(bytes: &[u8], line: &Range<usize>) -> bool {
    line.len() >= LEAST && is_hex(&bytes[line.clone()])
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Adds a view when the block holds text, or a container.
fn base64(bytes: &[u8], block: &Block, sink: &mut Sink) {
    let first = &bytes[block.lines[0].clone()];
    let Some(skip) = alignment(first) else { return };
    let source = block.start() + skip..block.end();
    if !sink.admits(source.len() / 4 * 3 + 3, &source) {
        return;
    }
    let mut text = block.text(bytes).split_off(skip);
    // A last single character decodes to nothing.
    if text.len() % 4 == 1 {
        text.pop();
    }
    let engine = if memchr::memchr2(b'-', b'_', &text).is_some() { URL_SAFE } else { STANDARD };
    let Ok(decoded) = engine.decode(&text) else { return };
    let container = inflate::is_gzip(&decoded) || zip::is_zip(&decoded) || inflate::is_zlib(&decoded);
    let wide = narrow(&decoded);
    let (decoded, from) = match wide {
        Some(narrow) => (narrow, 8),
        None if container || looks_like_text(&decoded) => (decoded, 4),
        None => return,
    };
    let mut map = Map::default();
    if block.lines.len() == 1 {
        // Three bytes of text are in four characters, or in eight as UTF-16.
        map.add(0, 0, 3, from);
    } else if skip == 0 && from == 4 {
        let mut at = 0;
        for line in &block.lines {
            map.add(at, line.start - source.start, 3, 4);
            at += line.len() / 4 * 3;
        }
    } else {
        map.add(0, 0, decoded.len(), source.len());
    }
    sink.push(View { bytes: decoded, encoding: Encoding::Base64, source, member: None, map });
}

/// How many characters to skip so that the rest decodes to what is worth seeing: text or a container.
fn alignment(text: &[u8]) -> Option<usize> {
    // The first bytes of gzip, zip and zlib.
    if text.starts_with(b"H4sI") || text.starts_with(b"UEsDB") {
        return Some(0);
    }
    if text.len() >= 40 && (text.starts_with(b"eJ") || text.starts_with(b"eN") || text.starts_with(b"eA")) {
        return Some(0);
    }
    // A run has twenty characters, so each alignment has five groups at least; most fail at the first.
    (0..4).find(|skip| (*skip..text.len()).step_by(4).take(6).all(|at| is(text[at], TEXT)))
}

/// The ASCII text of UTF-16 (little endian), as PowerShell's encoded commands have it.
fn narrow(bytes: &[u8]) -> Option<Vec<u8>> {
    let pairs = bytes.as_chunks::<2>().0;
    let wide =
        pairs.len() >= 8 && pairs.iter().take(64).all(|[low, high]| *high == 0 && (*low >= 9 && *low < 127));
    wide.then(|| pairs.iter().map(|[low, high]| if *high == 0 { *low } else { b'?' }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_that_is_looked_at_is_called_a_name(
            text in prop_oneof![
                "[0-9a-f]{20,40}", "0[xX][0-9a-fA-F]{18,40}", "[A-Z2-7]{20,40}", "[A-Za-z0-9+/_-]{20,40}",
                "(H4sI|UEsDB|eJ|eN|eA)[A-Za-z0-9]{20,40}", "[a-z_]{1,3}([I-Za-f][a-z0-9]{3}){5,9}", "[a-z_]{20,30}",
            ],
        ) {
            let text = text.as_bytes();
            let wanted = is_hex(text) || is_base32(text) || alignment(text).is_some();
            prop_assert!(!(wanted && is_name(text)));
            // What has no such character is one.
            let plain = text.iter().all(|b| matches!(b, b'g'..=b'z' | b'_'));
            prop_assert!(!plain || is_name(text));
        }
    }
}
