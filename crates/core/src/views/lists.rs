//! Strings as lists: `["AKIA", "…"].join("")`, `concat('AKIA', '…')`, `fromCharCode(65, 75, …)`.
//!
//! A list is found by the call or the brackets next to it. All of its items must be plain: string literals,
//! or numbers and characters of visible ASCII.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Input, Span};

use super::joined::context;
use super::map::Map;
use super::{Encoding, Sink, View};

/// The longest list that is read.
const LONGEST: usize = 1024;
/// The fewest characters worth a view.
const LEAST: usize = 12;
/// More than the longest sign.
const SIGN: usize = 16;

/// What gives a list away: calls that join strings, and what stands before numbers that are characters.
const JOIN: usize = 0;
const IMPLODE: usize = 1;
const CONCAT: Range<usize> = 2..4;
const SIGNS: [&str; 13] = [
    "join(",
    "implode(",
    "oncat(",
    "ONCAT(",
    "fromCharCode(",
    "fromCodePoint(",
    "bytes([",
    "bytearray([",
    "byte{",
    "[] {",
    "[]{",
    "] = {",
    "]={",
];

/// The next sign in a text from an offset on: its number and where it is.
///
/// The vector search of a few literals is five times as fast as an automaton; where the processor has none,
/// the automaton it is.
fn next_sign(text: &[u8], at: usize) -> Option<(usize, Range<usize>)> {
    static PACKED: OnceLock<Option<Searcher>> = OnceLock::new();
    static PLAIN: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let found = if let Some(packed) = PACKED.get_or_init(|| Searcher::new(SIGNS)) {
        packed.find_in(text, Span::from(at..text.len()))?
    } else {
        let plain = PLAIN.get_or_init(|| AhoCorasick::new(SIGNS).ok()).as_ref()?;
        plain.find(Input::new(text).range(at..))?
    };
    Some((found.pattern().as_usize(), found.range()))
}

/// Adds a view of each list that touches `region`.
pub(super) fn find(bytes: &[u8], region: Range<usize>, sink: &mut Sink) {
    let from = region.start.saturating_sub(LONGEST + SIGN);
    let to = bytes.len().min(region.end + LONGEST + SIGN);
    let text = &bytes[..to];
    let mut at = from;
    while let Some((sign, Range { start, end })) = next_sign(text, at) {
        at = end;
        let list = match sign {
            JOIN => join(bytes, start, end),
            IMPLODE => after_empty(bytes, end).and_then(|at| items(bytes, at)),
            n if CONCAT.contains(&n) => items(bytes, end),
            _ => items(bytes, end).filter(|items| items.iter().all(|item| item.code.is_some())),
        };
        let Some(list) = list.filter(|list| list.len() > 1) else { continue };
        let source = context(bytes, list[0].place.start)..list[list.len() - 1].place.end;
        let size: usize = list.iter().map(Item::len).sum();
        let touches = source.start < region.end && source.end > region.start;
        if touches && size >= LEAST && sink.admits(source.len(), &source) {
            sink.push(view(bytes, source, &list));
        }
    }
}

/// The list that a call of `join` between `start` and `end` joins with nothing between.
fn join(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let object = bytes[..start].strip_suffix(b".").map(<[u8]>::trim_ascii_end);
    match object {
        // Python: the separator is the object.
        Some([.., b'"', b'"'] | [.., b'\'', b'\'']) => items(bytes, skip(bytes, end, b"[( \t\r\n")),
        // JavaScript, Ruby: the list is the object, the separator the argument.
        Some([.., b']']) if matches!(bytes[end..], [b'"', b'"', b')', ..] | [b'\'', b'\'', b')', ..]) => {
            let close = object?.len() - 1;
            let floor = close.saturating_sub(LONGEST);
            let open = floor + memchr::memrchr(b'[', &bytes[floor..close])?;
            items(bytes, open + 1)
                .filter(|list| skip(bytes, list[list.len() - 1].place.end, b"\"', \t\r\n") == close)
        }
        Some(_) => None,
        // Terraform: the separator is the first argument.
        None => after_empty(bytes, end).and_then(|at| items(bytes, at)),
    }
}

/// Where the items begin after an empty string, a comma and a bracket.
fn after_empty(bytes: &[u8], at: usize) -> Option<usize> {
    let at = skip(bytes, at, b" \t\r\n");
    let empty = matches!(bytes.get(at..at + 2)?, b"\"\"" | b"''");
    let at = skip(bytes, at + 2, b" \t\r\n");
    (empty && bytes.get(at) == Some(&b',')).then_some(())?;
    let at = skip(bytes, at + 1, b" \t\r\n");
    let rest = &bytes[at..];
    [&b"["[..], b"array(", b"("].iter().find(|open| rest.starts_with(open)).map(|open| at + open.len())
}

fn skip(bytes: &[u8], at: usize, those: &[u8]) -> usize {
    at + bytes[at.min(bytes.len())..].iter().take(256).take_while(|b| those.contains(b)).count()
}

/// One element of a list.
struct Item {
    /// Its text: inside the quotes, or the digits of a number.
    place: Range<usize>,
    /// The character that a number stands for.
    code: Option<u8>,
}

impl Item {
    fn len(&self) -> usize {
        if self.code.is_some() { 1 } else { self.place.len() }
    }
}

/// The items from `at` to a closing bracket; `None` when one is not plain.
fn items(bytes: &[u8], at: usize) -> Option<Vec<Item>> {
    let limit = bytes.len().min(at.saturating_add(LONGEST));
    let mut items = Vec::new();
    let mut at = at;
    loop {
        at = skip(bytes, at, b" \t\r\n");
        let (item, next) = match bytes.get(at..limit)? {
            [b')' | b']' | b'}', ..] => break,
            [quote @ (b'"' | b'\''), rest @ ..] => {
                let len = memchr::memchr3(*quote, b'\\', b'\n', rest).filter(|len| rest[*len] == *quote)?;
                let place = at + 1..at + 1 + len;
                let code = if len == 1 && *quote == b'\'' { Some(rest[0]) } else { None };
                (Item { place, code }, at + len + 2)
            }
            rest => {
                number(rest).map(|(code, len)| (Item { place: at..at + len, code: Some(code) }, at + len))?
            }
        };
        items.push(item);
        at = skip(bytes, next, b" \t\r\n");
        match bytes.get(at)? {
            b',' => at += 1,
            b')' | b']' | b'}' => break,
            _ => return None,
        }
    }
    (!items.is_empty()).then_some(items)
}

/// A number that stands for visible ASCII or a space, and its length.
fn number(rest: &[u8]) -> Option<(u8, usize)> {
    let hex = rest.starts_with(b"0x") || rest.starts_with(b"0X");
    let from = if hex { 2 } else { 0 };
    let digits =
        rest[from..].iter().take(4).take_while(|b| b.is_ascii_hexdigit() && (hex || b.is_ascii_digit()));
    let len = digits.count();
    let text = std::str::from_utf8(&rest[from..from + len]).ok()?;
    let code = u8::from_str_radix(text, if hex { 16 } else { 10 }).ok()?;
    matches!(code, b' '..=b'~').then_some((code, from + len))
}

fn view(bytes: &[u8], source: Range<usize>, list: &[Item]) -> View {
    let mut out = bytes[source.start..list[0].place.start].to_vec();
    let mut map = Map::default();
    map.add(0, 0, 1, 1);
    for item in list {
        let place = item.place.start - source.start;
        if let Some(code) = item.code {
            map.add(out.len(), place, 1, item.place.len());
            out.push(code);
        } else {
            map.add(out.len(), place, 1, 1);
            out.extend_from_slice(&bytes[item.place.clone()]);
        }
    }
    View { bytes: out, encoding: Encoding::Joined, source, member: None, map }
}
