//! Encodings that are told by the call or the mark next to them: rot13, base85, base58, spaced hexadecimal, uuencode
//! and hexdumps.
//!
//! Their alphabets are those of ordinary text, so nothing is tried that is not named. Each is found by one of the
//! [`super::signs`].

use std::ops::Range;

use super::joined::context;
use super::lists::LONGEST;
use super::map::Map;
use super::{Encoding, View, looks_like_text};

/// How far a literal may stand from the call that names its encoding.
const NEAR: usize = 96;
/// The shortest literal, and the longest.
const LEAST: usize = 16;
const MOST: usize = 512;

/// The view of a literal before or after `start..end`, which says that it is rot13.
pub(super) fn rot13(bytes: &[u8], start: usize, end: usize) -> Option<View> {
    // `rot13("…")`, `decode("…", "rot13")`, `echo '…' | tr 'A-Za-z' 'N-ZA-Mn-za-m'`.
    let text = after(bytes, end).or_else(|| before(bytes, start))?;
    let turned = |b: u8| match b {
        b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
        _ => b,
    };
    let decoded = bytes[text.clone()].iter().map(|b| turned(*b)).collect();
    Some(view(bytes, text, decoded, Encoding::Rot13, (1, 1)))
}

/// The view of the literal of base85 that follows, in either of the usual alphabets.
pub(super) fn base85(bytes: &[u8], end: usize) -> Option<View> {
    const RFC1924: &[u8] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let text = if bytes[..end].ends_with(b"<~") {
        let rest = &bytes[end..bytes.len().min(end + MOST)];
        end..end + memchr::memmem::find(rest, b"~>")?
    } else {
        after(bytes, end)?
    };
    let digits = &bytes[text.clone()];
    let rfc = |b: u8| RFC1924.iter().position(|d| *d == b);
    let ascii = |b: u8| (b'!'..=b'u').contains(&b).then(|| usize::from(b - b'!'));
    let decoded =
        [five(digits, rfc), five(digits, ascii)].into_iter().flatten().find(|d| looks_like_text(d))?;
    Some(view(bytes, text, decoded, Encoding::Base85, (4, 5)))
}

/// Groups of five digits of base 85.
fn five(digits: &[u8], digit: impl Fn(u8) -> Option<usize>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len());
    for group in digits.chunks(5) {
        let mut full = group.iter().copied().map(&digit).chain(std::iter::repeat(Some(84))).take(5);
        let number = full.try_fold(0_u64, |n, d| Some(n * 85 + d? as u64))?;
        out.extend_from_slice(u32::try_from(number).ok()?.to_be_bytes().get(..group.len() - 1)?);
    }
    Some(out)
}

/// The view of the literal of base58 that follows.
pub(super) fn base58(bytes: &[u8], end: usize) -> Option<View> {
    const ALPHABET: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let text = after(bytes, end).filter(|text| text.len() <= 128)?;
    let mut decoded: Vec<u8> = Vec::new();
    for b in &bytes[text.clone()] {
        let mut carry = ALPHABET.iter().position(|d| d == b)?;
        for byte in decoded.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            decoded.insert(0, carry as u8);
        }
    }
    let all = (decoded.len(), text.len());
    looks_like_text(&decoded).then(|| view(bytes, text, decoded, Encoding::Base58, all))
}

/// The view of pairs of hexadecimal digits with something between them, in a literal or up to the line's end.
pub(super) fn pairs(bytes: &[u8], end: usize) -> Option<View> {
    let rest = &bytes[end..bytes.len().min(end + LONGEST)];
    let quote = usize::from(matches!(rest.first()?, b'"' | b'\''));
    let start = end + quote;
    let mut decoded = Vec::new();
    let mut at = start;
    while let Some([high, low]) = bytes.get(at..at + 2) {
        let digit = |b: &u8| char::from(*b).to_digit(16);
        let (Some(high), Some(low)) = (digit(high), digit(low)) else { break };
        decoded.push((high << 4 | low) as u8);
        at += 2;
        if decoded.len() * 3 > LONGEST || !matches!(bytes.get(at), Some(b' ' | b':' | b',' | b'-')) {
            break;
        }
        at += 1;
    }
    let text = start..at;
    // One byte of the text in three of the original, all but the last.
    (decoded.len() >= LEAST && looks_like_text(&decoded))
        .then(|| view(bytes, text, decoded, Encoding::Hex, (1, 3)))
}

/// The view of uuencoded lines after a `begin 644 name`.
pub(super) fn uuencoded(bytes: &[u8], start: usize) -> Option<View> {
    let limit = bytes.len().min(start + LONGEST);
    let mut at = start + memchr::memchr(b'\n', &bytes[start..limit])? + 1;
    let first = at;
    let mut decoded = Vec::new();
    let mut map = Map::default();
    while let Some(count) = bytes.get(at).filter(|b| (b'!'..=b'M').contains(b)).map(|b| usize::from(b - b' '))
    {
        let digits = bytes.get(at + 1..at + 1 + count.div_ceil(3) * 4).filter(|_| at < limit)?;
        if !digits.iter().all(|b| (b' '..=b'`').contains(b)) {
            return None;
        }
        map.add(decoded.len(), at + 1 - first, 3, 4);
        let six = |b: u8| u32::from(b.wrapping_sub(b' ') & 63);
        let groups = digits.as_chunks::<4>().0.iter();
        let line = groups.flat_map(|g| g.iter().fold(0, |n, b| n << 6 | six(*b)).to_be_bytes()[1..].to_vec());
        decoded.extend(line.take(count));
        at += 1 + digits.len();
        at += bytes[at..].iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
    }
    let source = first..at.min(bytes.len());
    let text = decoded.len() >= LEAST && looks_like_text(&decoded);
    text.then_some(View { bytes: decoded, encoding: Encoding::Uuencode, source, member: None, map })
}

/// The view of the hexdump that has a line at `start`: `00000010: 6768 705f …` of xxd, `00000010  67 68 …` of others.
pub(super) fn dump(bytes: &[u8], start: usize) -> Option<View> {
    let floor = start.saturating_sub(LONGEST);
    let begin = |at: usize| memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |n| floor + n + 1);
    // The sign is in the second line.
    let second = begin(start);
    let first = begin(second.checked_sub(1)?);
    let mut decoded = Vec::new();
    let mut map = Map::default();
    let mut at = first;
    let limit = bytes.len().min(start + LONGEST);
    while at < limit {
        let rest = &bytes[at..limit];
        let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        let Some(row) = row(line, decoded.len()) else { break };
        for (place, byte) in row {
            map.add(decoded.len(), at + place - first, 1, 2);
            decoded.push(byte);
        }
        at += line.len() + 1;
    }
    let source = first..at.min(bytes.len());
    let text = decoded.len() >= LEAST && source.end > start && looks_like_text(&decoded);
    text.then_some(View { bytes: decoded, encoding: Encoding::Hex, source, member: None, map })
}

/// The bytes of the line of a hexdump that begins with their number so far, each with its place.
fn row(line: &[u8], number: usize) -> Option<Vec<(usize, u8)>> {
    let offset = line.iter().take(16).take_while(|b| b.is_ascii_hexdigit()).count();
    let said =
        std::str::from_utf8(&line[..offset]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
    (said == Some(number)).then_some(())?;
    let colon = usize::from(line.get(offset) == Some(&b':'));
    (offset >= 7 && line.get(offset + colon) == Some(&b' ')).then_some(())?;
    let mut out = Vec::new();
    let mut at = offset + colon;
    loop {
        let blanks = line[at..].iter().take_while(|b| **b == b' ').count();
        // Two blanks or a bar end the digits of xxd; others have two in the middle of a line.
        let wide = blanks > 1 && !out.is_empty() && (colon == 1 || out.len() == 16);
        at += blanks;
        if wide || blanks == 0 || out.len() >= 16 {
            break;
        }
        let digits = line[at..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
        if !matches!(digits, 2 | 4 | 8) {
            break;
        }
        for pair in (at..at + digits).step_by(2) {
            let text = std::str::from_utf8(&line[pair..pair + 2]).ok()?;
            out.push((pair, u8::from_str_radix(text, 16).ok()?));
        }
        at += digits;
    }
    (!out.is_empty()).then_some(out)
}

/// The literal that opens right after `end`, perhaps behind a bracket and a prefix.
fn after(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let rest = &bytes[end..bytes.len().min(end + 8)];
    let open = end + rest.iter().take_while(|b| matches!(b, b'(' | b' ' | b'b' | b'r')).count();
    let quote = *bytes.get(open).filter(|b| matches!(b, b'"' | b'\''))?;
    let text = &bytes[open + 1..bytes.len().min(open + 2 + MOST)];
    let len = memchr::memchr3(quote, b'\n', b'\\', text).filter(|len| text[*len] == quote)?;
    (len >= LEAST).then_some(open + 1..open + 1 + len)
}

/// The longest literal that closes in the [`NEAR`] bytes before `start`, on its line.
pub(super) fn before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let floor = start.saturating_sub(MOST + NEAR);
    let line = memchr::memrchr(b'\n', &bytes[floor..start]).map_or(floor, |n| floor + n + 1);
    let plain = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'(' | b')');
    let mut end = start;
    while start - end < NEAR && end > line {
        let len = bytes[line..end].iter().rev().take_while(|b| plain(b)).count();
        if len >= LEAST {
            return Some(end - len..end);
        }
        end -= len.max(1);
    }
    None
}

/// The line of `text` up to it, and what it says, `per` bytes of that for each `from` of the text.
fn view(
    bytes: &[u8],
    text: Range<usize>,
    decoded: Vec<u8>,
    encoding: Encoding,
    rate: (usize, usize),
) -> View {
    let source = context(bytes, text.start)..(text.end + 1).min(bytes.len());
    let lead = text.start - source.start;
    let mut map = Map::default();
    map.add(0, 0, 1, 1);
    let mut out = bytes[source.start..text.start].to_vec();
    map.add(lead, lead, rate.0, rate.1);
    out.extend(decoded);
    map.add(out.len(), text.end - source.start, 1, 1);
    out.extend_from_slice(&bytes[text.end..source.end]);
    View { bytes: out, encoding, source, member: None, map }
}
