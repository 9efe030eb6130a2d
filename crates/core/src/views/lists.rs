//! Strings as lists: `["AKIA", "…"].join("")`, `concat('AKIA', '…')`, `fromCharCode(65, 75, …)`.
//!
//! A list is found by the call or the brackets next to it, one of the [`super::signs`]. All of its items must be
//! plain: string literals, or numbers and characters of visible ASCII.

use std::ops::Range;

use super::joined::context;
use super::map::Map;
use super::{Encoding, View};

/// The longest list that is read.
pub(super) const LONGEST: usize = 1024;

/// The list that a call of `join` between `start` and `end` joins with nothing between.
pub(super) fn join(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
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
        // Terraform and C#: the separator is the first argument. Go: the last one.
        None => after_empty(bytes, end).and_then(|at| items(bytes, at)).or_else(|| {
            let list = bytes[end..].starts_with(b"[]string{").then(|| items(bytes, end + 9))??;
            let rest = &bytes[list[list.len() - 1].place.end + 1..];
            rest.starts_with(b"}, \"\")").then_some(list)
        }),
    }
}

/// Where the items begin after an empty string, a comma and a bracket.
pub(super) fn after_empty(bytes: &[u8], at: usize) -> Option<usize> {
    let at = skip(bytes, at, b" \t\r\n");
    let empty = matches!(bytes.get(at..at + 2)?, b"\"\"" | b"''");
    let at = skip(bytes, at + 2, b" \t\r\n");
    (empty && bytes.get(at) == Some(&b',')).then_some(())?;
    let at = skip(bytes, at + 1, b" \t\r\n");
    let rest = &bytes[at..];
    [&b"["[..], b"array(", b"(", b"new[] {", b"new[]{", b"new string[] {", b"new String[] {"]
        .iter()
        .find(|open| rest.starts_with(open))
        .map(|open| at + open.len())
}

pub(super) fn skip(bytes: &[u8], at: usize, those: &[u8]) -> usize {
    at + bytes[at.min(bytes.len())..].iter().take(256).take_while(|b| those.contains(b)).count()
}

/// One element of a list.
pub(super) struct Item {
    /// Its text: inside the quotes, or the digits of a number.
    pub(super) place: Range<usize>,
    /// The character that a number stands for.
    pub(super) code: Option<u8>,
}

impl Item {
    pub(super) fn len(&self) -> usize {
        if self.code.is_some() { 1 } else { self.place.len() }
    }
}

/// The items from `at` to a closing bracket; `None` when one is not plain.
pub(super) fn items(bytes: &[u8], at: usize) -> Option<Vec<Item>> {
    let limit = bytes.len().min(at.saturating_add(LONGEST));
    let mut items = Vec::new();
    let mut at = at;
    loop {
        at = skip(bytes, at, b" \t\r\n");
        let (item, next) = match bytes.get(at..limit)? {
            [b')' | b']' | b'}', ..] => break,
            // What ends a string of C.
            [b'0', b' ' | b'}', ..] | [b'\'', b'\\', b'0', b'\'', ..] if !items.is_empty() => break,
            [b'b', b'\'', c, b'\'', ..] if c.is_ascii_graphic() => {
                (Item { place: at + 2..at + 3, code: Some(*c) }, at + 4)
            }
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
pub(super) fn number(rest: &[u8]) -> Option<(u8, usize)> {
    let hex = rest.starts_with(b"0x") || rest.starts_with(b"0X");
    let from = if hex { 2 } else { 0 };
    let digits =
        rest[from..].iter().take(4).take_while(|b| b.is_ascii_hexdigit() && (hex || b.is_ascii_digit()));
    let len = digits.count();
    let text = std::str::from_utf8(&rest[from..from + len]).ok()?;
    let code = u8::from_str_radix(text, if hex { 16 } else { 10 }).ok()?;
    matches!(code, b' '..=b'~').then_some((code, from + len))
}

/// The view of a list: what leads to it, and its text as one literal.
pub(super) fn view(bytes: &[u8], list: &[Item]) -> View {
    let (first, last) = (list.iter().map(|i| i.place.start).min(), list.iter().map(|i| i.place.end).max());
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
    let source = context(bytes, first)..last;
    let lead = lead(&bytes[source.start..first]);
    let mut out = lead.to_vec();
    let mut map = Map::default();
    map.add(0, 0, 1, 1);
    if lead.last().is_some_and(|b| matches!(b, b'=' | b':')) {
        out.push(b' ');
    }
    // What is added points to what stands next to it.
    map.add(lead.len(), first - source.start, out.len() + 1 - lead.len(), 1);
    out.push(b'"');
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
    map.add(out.len(), (last - source.start).saturating_sub(1), 1, 1);
    out.push(b'"');
    View { bytes: out, encoding: Encoding::Joined, source, member: None, map }
}

/// What names the list: its line up to the last `=` or `:`, without the brackets, calls and types behind it.
fn lead(text: &[u8]) -> &[u8] {
    match text.iter().rposition(|&b| matches!(b, b'=' | b':')) {
        Some(at) => &text[..=at],
        None => text,
    }
}
