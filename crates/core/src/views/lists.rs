//! Strings as lists: `["AKIA", "…"].join("")`, `concat('AKIA', '…')`, `fromCharCode(65, 75, …)`.
//!
//! A list is found by the call or the brackets next to it, one of the [`super::signs`]. All of its items must be
//! plain: string literals, or numbers and characters of visible ASCII.

use std::ops::Range;

use super::joined::context;
use super::map::Map;
use super::{Encoding, View, variables};

/// The longest list that is read.
pub(super) const LONGEST: usize = 1024;

/// The list that a call of `join` between `start` and `end` joins with nothing between.
pub(super) fn join(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    // Ruby needs no argument: `["a", "b"].join`.
    if bytes[start] == b']' && bytes.get(end) != Some(&b'(') {
        return before_bracket(bytes, start);
    }
    let (start, end) = if bytes[start] == b']' { (start + 2, end + 1) } else { (start, end) };
    let object = bytes[..start].strip_suffix(b".").map(<[u8]>::trim_ascii_end);
    match object {
        // Python: the separator is the object.
        Some([.., b'"', b'"'] | [.., b'\'', b'\'']) => items(bytes, skip(bytes, end, b"[( \t\r\n")),
        // JavaScript, Ruby: the list is the object, the separator the argument.
        Some([.., b']']) if matches!(bytes[end..], [b'"', b'"', b')', ..] | [b'\'', b'\'', b')', ..]) => {
            before_bracket(bytes, object?.len() - 1)
        }
        // Java: an empty separator, and the rest of the arguments.
        Some(_) => {
            let rest = &bytes[end..bytes.len().min(end + 8)];
            let empty = rest.starts_with(b"\"\", ") || rest.starts_with(b"'', ");
            empty.then(|| items(bytes, end + 4))?
        }
        // Terraform and C#: the separator is the first argument. Go: the last one.
        None => after_empty(bytes, end).and_then(|at| items(bytes, at)).or_else(|| {
            let list = bytes[end..].starts_with(b"[]string{").then(|| items(bytes, end + 9))??;
            let rest = &bytes[list[list.len() - 1].place.end + 1..];
            rest.starts_with(b"}, \"\")").then_some(list)
        }),
    }
}

/// The arguments of a call at `start..end` that joins them, after the name that it is a method of.
pub(super) fn concat(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let mut list = items(bytes, end)?;
    let word = bytes[..start].iter().rev().take(8).take_while(|b| b.is_ascii_alphabetic()).count();
    if let Some(object) = bytes[..start - word].strip_suffix(b".") {
        let name = bytes[..object.len()]
            .iter()
            .rev()
            .take(40)
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_');
        let name = &object[object.len() - name.count()..];
        let near = start.saturating_sub(NAMED);
        if let Some(place) = (!name.is_empty()).then(|| variables::given(bytes, name, near, start)).flatten()
        {
            list.insert(0, Item { place, code: None, named: true });
        }
    }
    Some(list)
}

/// The items of the list that closes at `close`.
pub(super) fn before_bracket(bytes: &[u8], close: usize) -> Option<Vec<Item>> {
    let floor = close.saturating_sub(LONGEST);
    let open = floor + memchr::memrchr(b'[', &bytes[floor..close])?;
    let near = open.saturating_sub(NAMED);
    items_from(bytes, open + 1, near, close + 1)
}

/// The items of CloudFormation's join: `!Join ["", ["a", "b"]]`, and the same as lines with dashes.
pub(super) fn cloud(bytes: &[u8], end: usize) -> Option<Vec<Item>> {
    let at = skip(bytes, end, b"\":[ \t\r\n-");
    if let Some(open) = after_empty(bytes, at.checked_sub(2)?.max(end)).or_else(|| after_empty(bytes, at)) {
        return items(bytes, open);
    }
    // `- ""`, then `- - "a"` and `- "b"`: quotes and dashes only.
    let mut at = skip(bytes, end, b": \t\r\n-");
    matches!(bytes.get(at..at + 2)?, b"\"\"" | b"''").then_some(())?;
    at += 2;
    let mut list = Vec::new();
    while list.len() < 16 {
        let next = skip(bytes, at, b" \t\r\n-");
        let quote = *bytes.get(next).filter(|b| matches!(b, b'"' | b'\''))?;
        let rest = &bytes[next + 1..bytes.len().min(next + 1 + LONGEST)];
        let len = memchr::memchr2(quote, b'\n', rest).filter(|len| rest[*len] == quote)?;
        list.push(Item::text(next + 1..next + 1 + len));
        at = next + len + 2;
        if bytes.get(skip(bytes, at, b" \t\r\n")) != Some(&b'-') {
            break;
        }
    }
    (list.len() > 1).then_some(list)
}

/// Words of a shell in quotes, with blanks between.
pub(super) fn words(bytes: &[u8], at: usize) -> Option<Vec<Item>> {
    let mut list = Vec::new();
    let mut at = skip(bytes, at, b" ");
    while let Some(&quote @ (b'"' | b'\'')) = bytes.get(at).filter(|_| list.len() < 16) {
        let rest = &bytes[at + 1..bytes.len().min(at + LONGEST / 4)];
        let len = memchr::memchr2(quote, b'\n', rest).filter(|len| rest[*len] == quote)?;
        list.push(Item::text(at + 1..at + 1 + len));
        at = skip(bytes, at + len + 2, b" ");
    }
    (list.len() > 1).then_some(list)
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
    /// It stands elsewhere: here is only its name.
    pub(super) named: bool,
}

impl Item {
    pub(super) fn text(place: Range<usize>) -> Self {
        Self { place, code: None, named: false }
    }

    pub(super) fn code(place: Range<usize>, code: u8) -> Self {
        Self { place, code: Some(code), named: false }
    }

    pub(super) fn len(&self) -> usize {
        if self.code.is_some() { 1 } else { self.place.len() }
    }
}

/// How far before a list the definitions of names in it are looked for.
pub(super) const NAMED: usize = LONGEST / 2;

/// The items from `at` to a closing bracket; `None` when one is not plain.
pub(super) fn items(bytes: &[u8], at: usize) -> Option<Vec<Item>> {
    items_from(bytes, at, at.saturating_sub(NAMED), bytes.len().min(at.saturating_add(LONGEST)))
}

/// The same for a list that ends at `limit` at the latest, with definitions from `near` on.
fn items_from(bytes: &[u8], at: usize, near: usize, limit: usize) -> Option<Vec<Item>> {
    let first = at;
    let mut items: Vec<Item> = Vec::new();
    let mut at = at;
    loop {
        at = skip(bytes, at, b" \t\r\n");
        let (item, next) = match bytes.get(at..limit)? {
            [b')' | b']' | b'}', ..] => break,
            // What ends a string of C.
            [b'0', b' ' | b'}', ..] | [b'\'', b'\\', b'0', b'\'', ..] if !items.is_empty() => break,
            [b'b', b'\'', c, b'\'', ..] if c.is_ascii_graphic() => (Item::code(at + 2..at + 3, *c), at + 4),
            [quote @ (b'"' | b'\''), rest @ ..] => {
                let len = memchr::memchr3(*quote, b'\\', b'\n', rest).filter(|len| rest[*len] == *quote)?;
                let place = at + 1..at + 1 + len;
                let code = if len == 1 && *quote == b'\'' { Some(rest[0]) } else { None };
                (Item { place, code, named: false }, at + len + 2)
            }
            [b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$', ..] if items.len() < 8 => {
                let (place, end) = variables::named(bytes, at, near, first)?;
                (Item { place, code: None, named: true }, end)
            }
            rest => number(rest).map(|(code, len)| (Item::code(at..at + len, code), at + len))?,
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

/// The view of a list that is told by a sign at `start..end`: what leads to it, and its text as one literal.
pub(super) fn view(bytes: &[u8], list: &[Item], sign: Range<usize>) -> View {
    let first = list.iter().map(|i| i.place.start).min().unwrap_or(0);
    let last = list.iter().map(|i| i.place.end).max().unwrap_or(0);
    // What is defined elsewhere has its name on another line.
    let elsewhere = list.iter().any(|item| item.named);
    let here = if elsewhere { sign.start } else { first };
    let line = context(bytes, here);
    let source = first.min(line)..if elsewhere { last.max(sign.end) } else { last };
    let lead = lead(&bytes[line..here]);
    let mut out = lead.to_vec();
    let mut map = Map::default();
    map.add(0, line - source.start, 1, 1);
    let first = here;
    if lead.last().is_some_and(|b| matches!(b, b'=' | b':')) {
        out.push(b' ');
    }
    // What is added points to what stands next to it.
    map.add(lead.len(), first.min(source.end - 1) - source.start, out.len() + 1 - lead.len(), 1);
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
