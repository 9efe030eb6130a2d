//! One name, several values: lists, mappings under a name, columns of a table.
//!
//! ```text
//! "tokens": ["x", "y"]        tokens:⏎  - x⏎  - y        [tokens]⏎ci = "x"        api_keys: { prod: x, dev: y }
//! INSERT INTO users (name, password) VALUES ('a', 'x'), ('b', 'y')        name,password⏎a,x⏎b,y
//! ```
//!
//! The name stands for all of them; each value is judged by itself. Only a plural promises several, so only
//! that is followed into lists and mappings.

use std::ops::Range;

use super::evidence as bit;
use super::grammar::{Site, blanks, blanks_and_break, in_name};
use super::name::{self, Kind, Name};
use super::quote::{MAX_VALUE, literal, quote_at};

/// Most values of one name.
const MOST: usize = 24;

/// Adds the values that belong to the name at `name`, the first one of a list aside.
pub(super) fn sites(t: &[u8], name: &Range<usize>, judged: Name, out: &mut Vec<Site>) {
    if columns(t, name, out) {
        return;
    }
    let word = &t[name.start + judged.head.0..name.start + judged.head.1];
    let plural =
        word.last().is_some_and(|b| b.eq_ignore_ascii_case(&b's')) && !word.eq_ignore_ascii_case(b"pass");
    if !plural || matches!(judged.kind, Kind::Auth) {
        return;
    }
    let mut p = name.end + quote_at(t, name.end).map_or(0, <[u8]>::len);
    // `[tokens]` on a line of its own.
    let section = name.start > 0 && t[name.start - 1] == b'[' && t.get(p) == Some(&b']');
    if section {
        let end = p + 1 + blanks(t, p + 1);
        if matches!(t.get(end), Some(b'\n' | b'\r')) {
            entries(t, name, blanks_and_break(t, end), Style::Lines(0), out);
        }
        return;
    }
    p += usize::from(t.get(p) == Some(&b']'));
    p += blanks(t, p);
    // A type between name and value: `tokens: string[] = [`.
    let after = match t.get(p..) {
        Some([b':' | b'=', b'>' | b'=', ..]) => p + 2,
        Some([b':' | b'=', ..]) => p + 1,
        _ => return,
    };
    let value = after + blanks(t, after);
    match t.get(value) {
        Some(b'[' | b'(') => list(t, name, value + 1, out),
        Some(b'{') => {
            let first = blanks_and_break(t, value + 1);
            if quote_at(t, first).is_some() && item_ends(t, first) {
                list(t, name, value + 1, out);
            } else {
                entries(t, name, first, Style::Braces, out);
            }
        }
        Some(b'\n' | b'\r') => lines(t, name, value, out),
        _ => {}
    }
}

fn push(name: &Range<usize>, value: Range<usize>, bits: u64, out: &mut Vec<Site>) {
    if !value.is_empty() && value.len() <= MAX_VALUE && out.len() < MOST {
        out.push(Site { name: name.clone(), value, bits, wrapper: None, inside: 0 });
    }
}

/// Whether the literal at `p` is an element and not the name of one.
fn item_ends(t: &[u8], p: usize) -> bool {
    let Some(text) = literal(t, p) else { return false };
    let end = close(t, text.end);
    !matches!(t.get(end + blanks(t, end)), Some(b':' | b'='))
}

fn close(t: &[u8], p: usize) -> usize {
    p + quote_at(t, p).map_or(0, <[u8]>::len)
}

/// The literals, or bare words, of a list in brackets.
fn list(t: &[u8], name: &Range<usize>, from: usize, out: &mut Vec<Site>) {
    let mut p = blanks_and_break(t, from);
    while p < t.len() && out.len() < MOST {
        let (value, next, bits) = if let Some(text) = literal(t, p) {
            let next = close(t, text.end);
            (text, next, bit::QUOTED | bit::GROUPED)
        } else {
            let len = t[p..]
                .iter()
                .take(MAX_VALUE)
                .take_while(|b| b.is_ascii_graphic() && !b"\"'`,[](){}".contains(b))
                .count();
            if len == 0 {
                return;
            }
            (p..p + len, p + len, bit::GROUPED)
        };
        let next = blanks_and_break(t, next);
        let more = match t.get(next) {
            Some(b',') => true,
            Some(b']' | b')' | b'}') => false,
            _ => return,
        };
        push(name, value, bits, out);
        if !more {
            return;
        }
        p = blanks_and_break(t, next + 1);
    }
}

/// What is indented under a name: `- x` items or `key: x` entries.
fn lines(t: &[u8], name: &Range<usize>, from: usize, out: &mut Vec<Site>) {
    let line = t[..name.start].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let indent = blanks(t, line);
    let first = blanks_and_break(t, from);
    let Some(start) = t[..first].iter().rposition(|&b| b == b'\n').map(|i| i + 1) else { return };
    let deeper = first - start;
    if t[first..].starts_with(b"- ") {
        if deeper < indent {
            return;
        }
        let mut p = first;
        while t.get(p..p + 2) == Some(b"- ") && out.len() < MOST {
            let Some((value, bits, end)) = scalar(t, p + 2, b"\n") else { return };
            push(name, value, bits | bit::GROUPED, out);
            let next = blanks_and_break(t, end);
            if t[..next].iter().rev().take_while(|b| **b == b' ').count() != deeper {
                return;
            }
            p = next;
        }
    } else if deeper > indent {
        entries(t, name, first, Style::Lines(deeper), out);
    }
}

/// How the entries of a mapping are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// By commas, in braces.
    Braces,
    /// One a line, indented so far.
    Lines(usize),
}

/// The values of `key: x` or `key = x` entries whose keys say nothing themselves.
fn entries(t: &[u8], name: &Range<usize>, from: usize, style: Style, out: &mut Vec<Site>) {
    let mut p = from;
    for _ in 0..MOST {
        let quote = quote_at(t, p).map_or(0, <[u8]>::len);
        let key = p + quote
            ..p + quote + t[(p + quote).min(t.len())..].iter().take(64).take_while(|b| in_name(**b)).count();
        let mut q = key.end + if quote > 0 { close(t, key.end) - key.end } else { 0 };
        q += blanks(t, q);
        let operator = match t.get(q..) {
            Some([b'=' | b':', b'>', ..]) => 2,
            Some([b'=' | b':', ..]) => 1,
            _ => return,
        };
        if key.is_empty() || matches!(t.get(q + operator), Some(b'=' | b':')) {
            return;
        }
        let stops: &[u8] = if style == Style::Braces { b",}\n" } else { b"\n" };
        let Some((value, bits, end)) = scalar(t, q + operator, stops) else { return };
        let own = &t[key.clone()];
        let object = t[value.start] == b'{' || t[value.start] == b'[';
        if name::judge(own).is_none() && !name::says_other(own) && !(object && bits & bit::QUOTED == 0) {
            push(name, value, bits | bit::GROUPED, out);
        }
        let mut next = end + blanks(t, end);
        if style == Style::Braces {
            next += usize::from(t.get(next) == Some(&b','));
        }
        p = blanks_and_break(t, next);
        if let Style::Lines(indent) = style
            && t[..p].iter().rev().take_while(|b| **b == b' ').count() != indent
        {
            return;
        }
    }
}

/// A scalar at `p`: quoted, or bare up to a stop or a comment. With its bits and where it ends.
fn scalar(t: &[u8], p: usize, stops: &[u8]) -> Option<(Range<usize>, u64, usize)> {
    let p = p + blanks(t, p);
    if let Some(text) = literal(t, p) {
        let end = close(t, text.end);
        return Some((text, bit::QUOTED, end));
    }
    let rest = t.get(p..)?;
    let line = rest
        .iter()
        .take(MAX_VALUE)
        .position(|b| stops.contains(b) || *b == b'\r')
        .unwrap_or(rest.len().min(MAX_VALUE));
    let text = rest[..line].split(|&b| b == b' ' || b == b'\t').next().unwrap_or_default();
    let alone = matches!(
        t.get(p + text.len() + blanks(t, p + text.len())),
        None | Some(b'\n' | b'\r' | b'#' | b',' | b'}')
    );
    (!text.is_empty() && alone).then_some((p..p + text.len(), 0, p + line))
}

/// Adds the values in the name's column, where the name heads one. Says whether it does.
fn columns(t: &[u8], name: &Range<usize>, out: &mut Vec<Site>) -> bool {
    insert(t, name, out) || table(t, name, out)
}

/// `INSERT INTO users (name, password) VALUES ('a', 'x'), …`
fn insert(t: &[u8], name: &Range<usize>, out: &mut Vec<Site>) -> bool {
    let Some(open) = t[..name.start].iter().rposition(|&b| matches!(b, b'(' | b')' | b';' | b'\'')) else {
        return false;
    };
    if t[open] != b'(' {
        return false;
    }
    let Some(end) = memchr::memchr(b')', near(t, name.end)).map(|n| name.end + n) else { return false };
    let values = blanks_and_break(t, end + 1);
    if !t.get(values..values + 6).is_some_and(|w| w.eq_ignore_ascii_case(b"values")) {
        return false;
    }
    let before = &t[open.saturating_sub(120)..open];
    if ![&b"into"[..], b"INTO", b"Into"].iter().any(|w| memchr::memmem::find(before, w).is_some()) {
        return false;
    }
    let number = memchr::memchr_iter(b',', &t[open..name.start]).count();
    let mut p = blanks_and_break(t, values + 6);
    while t.get(p) == Some(&b'(') && out.len() < MOST {
        let Some((value, end)) = row(t, p + 1, number) else { break };
        if let Some(value) = value {
            push(name, value, bit::QUOTED | bit::FORM, out);
        }
        p = blanks_and_break(t, end);
        if t.get(p) != Some(&b',') {
            break;
        }
        p = blanks_and_break(t, p + 1);
    }
    true
}

/// The quoted value of a number in a row of SQL, and where the row ends.
fn row(t: &[u8], from: usize, number: usize) -> Option<(Option<Range<usize>>, usize)> {
    let (mut p, mut at, mut depth, mut found) = (from, 0, 0, None);
    loop {
        match t.get(p)? {
            b'\'' | b'"' => {
                let text = literal(t, p)?;
                if at == number && depth == 0 {
                    found = Some(text.clone());
                }
                p = close(t, text.end);
                continue;
            }
            b',' if depth == 0 => at += 1,
            b'(' => depth += 1,
            b')' if depth == 0 => return Some((found, p + 1)),
            b')' => depth -= 1,
            b';' => return None,
            _ => {}
        }
        p += 1;
    }
}

/// What follows a name, as far as a list of columns goes.
fn near(t: &[u8], from: usize) -> &[u8] {
    &t[from..t.len().min(from + 400)]
}

/// A line of column names over lines of values, apart by commas, tabs, semicolons or bars.
fn table(t: &[u8], name: &Range<usize>, out: &mut Vec<Site>) -> bool {
    let start = memchr::memrchr(b'\n', &t[..name.start]).map_or(0, |i| i + 1);
    let Some(end) = memchr::memchr(b'\n', near(t, name.end)).map(|n| name.end + n) else { return false };
    let head = &t[start..end];
    // A table begins a text or a paragraph; a bar is one's where a rule follows.
    let alone = t[..start].is_empty() || t[..start].ends_with(b"\n\n") || t[..start].ends_with(b"\n\r\n");
    let ruled = t[end + 1..].starts_with(b"|-")
        || t[end + 1..].starts_with(b"| -")
        || t[end + 1..].starts_with(b"|:");
    if !alone && !ruled {
        return false;
    }
    let Some(mark) = [b',', b'\t', b';', b'|'].into_iter().find(|m| head.contains(m)) else { return false };
    if mark == b'|' && !ruled || mark != b'|' && !alone {
        return false;
    }
    let cell = |text: &[u8]| {
        let text = text.trim_ascii();
        let word = |&b: &u8| in_name(b) || b == b'"' || mark == b'|' && matches!(b, b' ' | b'*' | b'`');
        text.len() <= 40
            && text.iter().all(word)
            && (mark == b'|' || text.iter().any(u8::is_ascii_alphabetic))
    };
    let fields = |line: &[u8]| memchr::memchr_iter(mark, line).count();
    let count = fields(head);
    if !head.split(|b| *b == mark).all(cell) || count == 0 {
        return false;
    }
    // Prose has commas too; what follows must be a row of as many cells.
    let number = memchr::memchr_iter(mark, &head[..name.start - start]).count();
    let mut line = end + 1;
    let mut rows = 0;
    while line < t.len() && rows < MOST {
        let Some(len) = t[line..].iter().position(|&b| b == b'\n') else { break };
        let text = &t[line..line + len];
        if fields(text) != count {
            break;
        }
        rows += 1;
        if !text.iter().all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\r'))
            && let Some(cell) = text.split(|b| *b == mark).nth(number)
        {
            let trimmed = cell.trim_ascii();
            let offset = line
                + (cell.as_ptr() as usize - text.as_ptr() as usize)
                + (cell.len() - cell.trim_ascii_start().len());
            let bare = match trimmed {
                [b'"', inner @ .., b'"'] | [b'`', inner @ .., b'`'] | [b'\'', inner @ .., b'\''] => {
                    offset + 1..offset + 1 + inner.len()
                }
                _ => offset..offset + trimmed.len(),
            };
            push(name, bare, bit::MARKUP, out);
        }
        line += len + 1;
    }
    rows > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str, word: &str) -> Vec<String> {
        let start = text.find(word).expect("the name");
        let name = start..start + word.len();
        let judged = name::judge(word.as_bytes()).expect("speaks of secrets");
        let mut out = Vec::new();
        sites(text.as_bytes(), &name, judged, &mut out);
        out.into_iter().map(|s| text[s.value].to_owned()).collect()
    }

    #[test]
    fn each_value_is_seen() {
        for (text, name, want) in [
            ("\"tokens\": [\"one\", \"two\"]", "tokens", &["one", "two"][..]),
            ("tokens = ('one',\n  'two',\n  'three')", "tokens", &["one", "two", "three"]),
            ("tokens:\n  - one\n  - \"two\"\nother: x\n", "tokens", &["one", "two"]),
            ("tokens:\n- one\n- two\nother: x\n", "tokens", &["one", "two"]),
            ("api_keys:\n  prod: one\n  dev: two\nx: y\n", "api_keys", &["one", "two"]),
            ("[tokens]\nci = \"one\"\nweb = \"two\"\n[x]\ny = 1\n", "tokens", &["one", "two"]),
            ("\"api_keys\": {\"a\": \"one\", \"b\": \"two\"}", "api_keys", &["one", "two"]),
            ("INSERT INTO u (id, password) VALUES (1, 'one'), (2, 'two');", "password", &["one", "two"]),
            ("id,name,password\n1,a,one\n2,b,two\n", "password", &["one", "two"]),
            ("| user | password |\n|---|---|\n| a | `one` |\n", "password", &["one"]),
            ("token: [\"one\", \"two\"]", "token", &[]),
            ("passwords, tokens and keys\nare not columns here\n", "passwords", &[]),
        ] {
            assert_eq!(values(text, name), want, "{text}");
        }
    }
}
