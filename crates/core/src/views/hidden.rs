//! Characters that show nothing (zero-width spaces, soft hyphens, marks of direction, colours of a terminal), and
//! letters of other scripts that look like Latin ones: full-width, mathematical, Greek, Cyrillic.
//!
//! A token that was copied from a page or a log can have them inside. The view is its line without the former and
//! with Latin letters for the latter.

use std::ops::Range;

use super::map::Map;
use super::mask::{Kind, Survey};
use super::{Encoding, Sink, View};

/// A line is cut here on either side.
const FARTHEST: usize = 64 << 10;
/// The shortest line worth a view.
const LEAST: usize = 12;
/// The fewest characters of a token with foreign letters, and how far one is followed.
const TOKEN: usize = 16;
const NEAR: usize = 256;

/// Adds a view of each line with hidden or foreign characters in a token that touches `region`.
pub(super) fn find(survey: &Survey<'_>, region: Range<usize>, sink: &mut Sink) {
    let bytes = survey.bytes();
    let mut at = line_start(bytes, region.start);
    let end = region.end + line_rest(bytes, region.end);
    while let Some(first) = next(survey, at.min(end)..end) {
        let len = hidden(&bytes[first..]);
        let disguised = if len > 0 {
            bytes[first] == 0x1b || meets(bytes, first, len)
        } else {
            alike(&bytes[first..]).is_some() && mixed(bytes, first)
        };
        if !disguised {
            // On to the next Latin character: in prose the rest of the word is no different.
            at = first + 1;
            at += bytes[at..end].iter().take_while(|b| !b.is_ascii()).count();
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

/// Where the next character is that could be one of ours.
fn next(survey: &Survey<'_>, place: Range<usize>) -> Option<usize> {
    let mut at = place.start;
    while let Some(found) = survey.next(Kind::Foreign, at, place.end) {
        let rest = &survey.bytes()[found..place.end];
        if begins(rest[0]) && goes_on(rest) {
            return Some(found);
        }
        at = found + 1;
    }
    None
}

/// Whether the first byte of something hidden or foreign is this.
fn begins(b: u8) -> bool {
    matches!(b, 0x1b | 0xc2 | 0xcc..=0xd1 | 0xe1 | 0xe2 | 0xef | 0xf0 | 0xf3)
}

/// Whether the second byte fits the first: in binary data it does not.
fn goes_on(rest: &[u8]) -> bool {
    matches!(
        rest,
        [0x1b, b'[', ..]
            | [0xc2, 0xad, ..]
            | [0xcc..=0xd1, 0x80..=0xbf, ..]
            | [0xe1 | 0xf3, 0xa0, ..]
            | [0xe2, 0x80 | 0x81, ..]
            | [0xef, 0xb8 | 0xbb..=0xbd, ..]
            | [0xf0, 0x9d, ..]
    )
}

/// The length of what shows nothing at the start of `rest`.
fn hidden(rest: &[u8]) -> usize {
    match rest {
        // Spaces of no width, marks of direction, joiners, variation selectors, a byte order mark.
        [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..]
        | [0xe2, 0x81, 0xa0..=0xa4, ..]
        | [0xe1, 0xa0, 0x8e, ..]
        | [0xef, 0xb8, 0x80..=0x8f, ..]
        | [0xef, 0xbb, 0xbf, ..] => 3,
        // A soft hyphen, and marks that combine with the letter before.
        [0xc2, 0xad, ..] | [0xcc, 0x80..=0xbf, ..] | [0xcd, 0x80..=0xaf, ..] => 2,
        // Tags, and more variation selectors.
        [0xf3, 0xa0, 0x80..=0x87, 0x80..=0xbf, ..] => 4,
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

/// The Latin character that the foreign one at the start of `rest` looks like, and the length of that.
fn alike(rest: &[u8]) -> Option<(u8, usize)> {
    match *rest {
        // Full-width.
        [0xef, 0xbc, b @ 0x81..=0xbf, ..] => Some((b - 0x81 + b'!', 3)),
        [0xef, 0xbd, b @ 0x80..=0x9e, ..] => Some((b - 0x80 + b'`', 3)),
        // Mathematical letters and digits.
        [0xf0, 0x9d, a @ 0x90..=0x9f, b @ 0x80..=0xbf, ..] => {
            let number = u32::from(a - 0x90) << 6 | u32::from(b - 0x80);
            let letter = |n: u32| if n < 26 { b'A' + n as u8 } else { b'a' + (n - 26) as u8 };
            match number {
                0..0x2a4 => Some((letter(number % 52), 4)),
                0x3ce..0x400 => Some((b'0' + ((number - 0x3ce) % 10) as u8, 4)),
                _ => None,
            }
        }
        // Greek and Cyrillic.
        [a @ 0xce..=0xd1, b, ..] => {
            let like = match (a, b) {
                (0xce, 0x91) | (0xd0, 0x90) => b'A',
                (0xce | 0xd0, 0x92) => b'B',
                (0xce | 0xd0, 0x95) => b'E',
                (0xce, 0x97) | (0xd0, 0x9d) => b'H',
                (0xce, 0x99) | (0xd0, 0x86) => b'I',
                (0xce | 0xd0, 0x9a) => b'K',
                (0xce | 0xd0, 0x9c) => b'M',
                (0xce, 0x9d) => b'N',
                (0xce, 0x9f) | (0xd0, 0x9e) => b'O',
                (0xce, 0xa1) | (0xd0, 0xa0) => b'P',
                (0xce, 0xa4) | (0xd0, 0xa2) => b'T',
                (0xce, 0xa7) | (0xd0, 0xa5) => b'X',
                (0xce, 0xa5) => b'Y',
                (0xce, 0x96) => b'Z',
                (0xd0, 0xa1) => b'C',
                (0xd0, 0x85) => b'S',
                (0xd0, 0x88) => b'J',
                (0xd0, 0xb0) => b'a',
                (0xd1, 0x81) => b'c',
                (0xd0, 0xb5) => b'e',
                (0xd1, 0x96) => b'i',
                (0xd1, 0x98) => b'j',
                (0xce, 0xbf) | (0xd0, 0xbe) => b'o',
                (0xcf, 0x81) | (0xd1, 0x80) => b'p',
                (0xd1, 0x95) => b's',
                (0xce, 0xbd) => b'v',
                (0xd1, 0x85) => b'x',
                (0xd1, 0x83) => b'y',
                _ => return None,
            };
            Some((like, 2))
        }
        _ => None,
    }
}

/// Whether two characters of a token meet over what is hidden.
fn meets(bytes: &[u8], at: usize, len: usize) -> bool {
    let visible = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    visible(at.checked_sub(1).and_then(|i| bytes.get(i))) && visible(bytes.get(at + len))
}

/// Whether the foreign letter at `at` is in a word that could be a token: long, with a digit, and with nothing but
/// Latin characters and what looks like them.
fn mixed(bytes: &[u8], at: usize) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    // Cheap first: prose has a letter of its own script, or a blank, on one side.
    let (mut count, mut digit) = (0, false);
    let mut end = at;
    while end < at + NEAR {
        let (byte, len) = match bytes.get(end) {
            Some(b) if token(*b) => (*b, 1),
            Some(_) => match alike(&bytes[end..]) {
                Some(found) => found,
                None => break,
            },
            None => break,
        };
        digit |= byte.is_ascii_digit();
        count += 1;
        end += len;
    }
    if bytes.get(end).is_some_and(|b| *b >= 0x80) {
        return false;
    }
    let mut start = at;
    while at - start < NEAR {
        let before = &bytes[start.saturating_sub(4)..start];
        let Some(len) = (1..=before.len()).find(|len| {
            let last = &before[before.len() - len..];
            if *len == 1 { token(last[0]) } else { alike(last).is_some_and(|(_, whole)| whole == *len) }
        }) else {
            break;
        };
        let first = before[before.len() - len];
        digit |=
            first.is_ascii_digit() || alike(&bytes[start - len..]).is_some_and(|(b, _)| b.is_ascii_digit());
        count += 1;
        start -= len;
    }
    count >= TOKEN && digit
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
        if let Some((latin, len)) = alike(&text[at..]) {
            map.add(out.len(), at, 1, len);
            out.push(latin);
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
