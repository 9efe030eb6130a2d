//! Strings that a program builds: one character a call, statement by statement, backwards, by a format.
//!
//! ```text
//! chr(103) . chr(104)    s = "ghp_" ⏎ s += "…"    "…_phg"[::-1]    "%s%s" % ("ghp_", "…")
//! ```

use std::ops::Range;

use super::lists::{Item, LONGEST, items, number, skip};

/// Characters of a name, and of a line, that are looked at.
const NAME: usize = 32;
/// The longest literal that is a step of a chain of statements. Within the margin of [`super::CONTEXT`], so that
/// what goes on after a chain is seen with it.
const STEP: usize = 64;
/// Most steps.
const MOST: usize = 12;

/// The literal at `at`, quote and all: its text. Plain, on one line.
fn literal(bytes: &[u8], at: usize, most: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(at).filter(|b| matches!(b, b'"' | b'\''))?;
    let text = &bytes[at + 1..bytes.len().min(at + 2 + most)];
    let len = memchr::memchr3(quote, b'\\', b'\n', text).filter(|len| text[*len] == quote)?;
    Some(at + 1..at + 1 + len)
}

/// `"%s%s" % ("a", "b")`, `"{}{}".format("a", "b")`, `Sprintf("%s%s", "a", "b")`: the arguments.
pub(super) fn format(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    // The format has nothing but places: back to its quote.
    let mut at = start;
    while at >= 2 && matches!(&bytes[at - 2..at], b"%s" | b"{}") {
        at -= 2;
    }
    matches!(bytes.get(at.checked_sub(1)?)?, b'"' | b'\'').then_some(())?;
    let open = if bytes[..end].ends_with(b"(") { end } else { skip(bytes, end, b" ,%(") };
    items(bytes, open).filter(|items| items.iter().all(|item| item.place.len() > 1))
}

/// `chr(103) + chr(104) + …`, `[char]103+[char]104…`, from the first call on.
pub(super) fn characters(bytes: &[u8], start: usize) -> Option<Vec<Item>> {
    let limit = bytes.len().min(start + LONGEST);
    // In the middle of a chain: the first call of it tells.
    let before = bytes[start.saturating_sub(64)..start].trim_ascii_end();
    let glue = before.iter().rev().take_while(|b| b" \t\r\n+.&|,_".contains(b)).count();
    let before = &before[..before.len() - glue];
    let before = before.strip_suffix(b")").unwrap_or(before);
    let digits = before.iter().rev().take(6).take_while(|b| b.is_ascii_alphanumeric()).count();
    let call = &before[..before.len() - digits];
    let is_call = call.len() >= 4 && call[call.len() - 4..].eq_ignore_ascii_case(b"chr(");
    if glue > 0 && (is_call || call.ends_with(b"[char]")) {
        return None;
    }
    let mut list = Vec::new();
    let mut at = start;
    while at < limit {
        let rest = &bytes[at..limit];
        let head = if rest.starts_with(b"[char]") {
            6
        } else if rest.len() > 4 && rest[..4].eq_ignore_ascii_case(b"chr(") {
            4
        } else {
            break;
        };
        let Some((code, len)) = number(&rest[head..]) else { break };
        list.push(Item { place: at + head..at + head + len, code: Some(code) });
        at = skip(bytes, at + head + len, b") \t\r\n+.&|,_");
    }
    (list.len() >= 8).then_some(list)
}

/// `"…"[::-1]`, `strrev("…")`, `"…".split("").reverse().join("")`: the characters from the last to the first.
pub(super) fn reversed(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let text = if bytes[..end].ends_with(b"strrev(") {
        literal(bytes, skip(bytes, end, b" "), LONGEST)?
    } else {
        let mut close = start;
        for middle in [&b".split(\"\")"[..], b".split('')", b".chars"] {
            close -= if bytes[..close].ends_with(middle) { middle.len() } else { 0 };
        }
        close = close.checked_sub(1)?;
        let quote = *bytes.get(close).filter(|b| matches!(b, b'"' | b'\''))?;
        let floor = close.saturating_sub(LONGEST);
        let open = floor + bytes[floor..close].iter().rposition(|&b| b == quote || b == b'\n')?;
        (bytes[open] == quote).then_some(open + 1..close)?
    };
    let plain = bytes[text.clone()].iter().all(|b| (b' '..=b'~').contains(b) && *b != b'\\');
    plain.then(|| text.rev().map(|at| Item { place: at..at + 1, code: Some(bytes[at]) }).collect())
}

/// `s = "a"`, `s += "b"`, `s += "c"` on lines one after the other: the pieces, whichever append is at `start`.
pub(super) fn appended(bytes: &[u8], start: usize) -> Option<Vec<Item>> {
    let name = name_before(bytes, start)?;
    let name = bytes[name].to_vec();
    // Back to the statement that begins the string ...
    let mut first = line_start(bytes, start);
    let mut begun = false;
    let mut steps = 0;
    while let Some(before) = first.checked_sub(1) {
        let previous = line_start(bytes, before);
        let Some(found) = step(bytes, previous, &name) else { break };
        first = previous;
        begun = !found.appends;
        steps += 1;
        if begun {
            break;
        }
        // The steps of a longer chain are not counted from its middle.
        if steps == MOST {
            return None;
        }
    }
    // A builder begins empty, with its first append.
    let mut line = first;
    let mut list = Vec::new();
    for number in 0..MOST {
        let Some(found) = step(bytes, line, &name).filter(|s| s.appends || number == 0 && begun) else {
            break;
        };
        if !found.text.is_empty() {
            list.push(Item { place: found.text.clone(), code: None });
        }
        let Some(next) = memchr::memchr(b'\n', &bytes[found.text.end..]).filter(|n| *n < NAME) else { break };
        line = found.text.end + next + 1;
    }
    (list.len() > 1).then_some(list)
}

/// A statement that makes a string or adds to it.
struct Step {
    text: Range<usize>,
    appends: bool,
}

/// The statement on the line at `line` about the string of this name.
fn step(bytes: &[u8], line: usize, name: &[u8]) -> Option<Step> {
    let head = &bytes[line..bytes.len().min(line + 2 * NAME)];
    let head = &head[..memchr::memchr(b'\n', head).unwrap_or(head.len())];
    let at = memchr::memmem::find(head, name)?;
    let bound = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    let after = at + name.len();
    if !bound(at.checked_sub(1).map(|i| &head[i])) || !bound(head.get(after)) {
        return None;
    }
    let rest = &head[after..];
    let (skipped, appends) = [&b".append("[..], b".push_str(", b".Append("]
        .iter()
        .find_map(|call| rest.starts_with(call).then_some((call.len(), true)))
        .or_else(|| {
            let quote = rest.iter().position(|&b| matches!(b, b'"' | b'\''))?;
            let operator = rest[..quote].trim_ascii();
            let appends = matches!(operator, b"+=" | b".=" | b"<<");
            // A type may come first: `s: str = `.
            let makes = operator.ends_with(b"=") && !matches!(operator, b"==" | b"!=" | b"===");
            (appends || makes).then_some((quote, appends))
        })?;
    let text = literal(bytes, line + after + skipped, STEP)?;
    Some(Step { text, appends })
}

/// The name that an append at `start` is about.
fn name_before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let end = start - bytes[..start].iter().rev().take(4).take_while(|b| **b == b' ').count();
    let word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let len = bytes[..end].iter().rev().take(NAME).take_while(word).count();
    (len > 0).then_some(end - len..end)
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(2 * NAME + STEP);
    memchr::memrchr(b'\n', &bytes[floor..at]).map_or(floor, |n| floor + n + 1)
}
