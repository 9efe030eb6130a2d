//! Strings that a program builds: one character a call, statement by statement, backwards, by a format.
//!
//! ```text
//! chr(103) . chr(104)    s = "ghp_" ⏎ s += "…"    "…_phg"[::-1]    "%s%s" % ("ghp_", "…")
//! ```

use std::ops::Range;

use super::lists::{Item, LONGEST, before_bracket, items, number, skip, words};

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

/// `"%s%s" % ("a", "b")`, `"a{}".format("b")`, `Sprintf("%s%s", "a", "b")`, `printf '%s%s' 'a' 'b'`: the text and
/// the arguments in its places. The sign `start..end` is in the text, or is its end.
pub(super) fn format(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let close = start
        + bytes[start..bytes.len().min(end + STEP)].iter().position(|b| matches!(b, b'"' | b'\'' | b'\n'))?;
    let quote = *bytes.get(close).filter(|b| **b != b'\n')?;
    let floor = close.saturating_sub(2 * STEP);
    let open = floor + bytes[floor..close].iter().rposition(|b| *b == quote || *b == b'\n')?;
    let text = open + 1..close;
    let holes = holes(bytes, &text);
    // A place next to another, or to a character of a token.
    let word = |at: usize| text.contains(&at) && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
    let glued = |hole: &Hole| {
        let before = hole.place.start.wrapping_sub(1);
        word(before) || word(hole.place.end) || holes.iter().any(|other| other.place.end == hole.place.start)
    };
    if bytes[open] != quote || !holes.iter().any(glued) {
        return None;
    }
    let rest = &bytes[close + 1..bytes.len().min(close + 16)];
    let open = close
        + 1
        + [&b".format("[..], b" % (", b"%(", b" % ", b", "]
            .iter()
            .find(|o| rest.starts_with(o))
            .map_or(0, |o| o.len());
    let arguments = match bytes.get(open)? {
        b' ' => words(bytes, open)?,
        // One argument stands without brackets.
        quote @ (b'"' | b'\'') if bytes[open - 1] == b' ' && bytes[open - 2] == b'%' => {
            let text = literal(bytes, open, 2 * STEP).filter(|text| bytes[text.end] == *quote)?;
            vec![Item::text(text)]
        }
        _ => items(bytes, open)?,
    };
    let mut list = Vec::new();
    let mut at = text.start;
    for hole in &holes {
        if hole.place.start > at {
            list.push(Item::text(at..hole.place.start));
        }
        let Item { place, code, named } = arguments.get(hole.argument)?;
        list.push(Item { place: place.clone(), code: *code, named: *named });
        at = hole.place.end;
    }
    if text.end > at {
        list.push(Item::text(at..text.end));
    }
    Some(list)
}

/// A place for an argument in a format.
struct Hole {
    place: Range<usize>,
    argument: usize,
}

/// The places of a format: `%s`, `{}`, `{0}`.
fn holes(bytes: &[u8], text: &Range<usize>) -> Vec<Hole> {
    let mut holes: Vec<Hole> = Vec::new();
    let mut at = text.start;
    while at < text.end && holes.len() < MOST {
        let (len, argument) = match bytes[at..text.end] {
            [b'%', b's', ..] | [b'{', b'}', ..] => (2, Some(holes.len())),
            [b'{', n @ b'0'..=b'9', b'}', ..] => (3, Some(usize::from(n - b'0'))),
            _ => (1, None),
        };
        if let Some(argument) = argument {
            holes.push(Hole { place: at..at + len, argument });
        }
        at += len;
    }
    holes
}

/// `"g#h#p".replace("#", "")`: the literal before without what is taken out of it.
pub(super) fn removed(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let text = literal_before(bytes, start)?;
    let rest = &bytes[end..bytes.len().min(end + NAME)];
    let (out, after) = match rest {
        [quote @ (b'"' | b'\''), c, other, after @ ..] if quote == other => (*c, after),
        [b'/', c, b'/', b'g', after @ ..] => (*c, after),
        _ => return None,
    };
    let empty = after.strip_prefix(b",")?.trim_ascii_start();
    (empty.starts_with(b"\"\"") || empty.starts_with(b"''")).then_some(())?;
    let kept = text.filter(|at| bytes[*at] != out);
    Some(kept.map(|at| Item::code(at..at + 1, bytes[at])).collect())
}

/// The plain literal whose closing quote is at `close`.
fn literal_before(bytes: &[u8], close: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(close).filter(|b| matches!(b, b'"' | b'\''))?;
    let floor = close.saturating_sub(LONGEST);
    let open = floor + bytes[floor..close].iter().rposition(|&b| b == quote || b == b'\n')?;
    let plain = bytes[open + 1..close].iter().all(|b| (b' '..=b'~').contains(b) && *b != b'\\');
    (bytes[open] == quote && plain).then_some(open + 1..close)
}

/// `chr(c) for c in [103, …]`, `[103, …].map(c => String.fromCharCode(c))`, `[103, …].pack("c*")`: the list.
pub(super) fn mapped(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let rest = &bytes[end..bytes.len().min(end + STEP)];
    let list = if bytes[start] == b']' {
        let says = |word: &[u8]| memchr::memmem::find(rest, word).is_some();
        let turns = bytes[..end].ends_with(b"pack(") || says(b"Char") || says(b"chr");
        let number = start.checked_sub(1).is_some_and(|last| bytes[last].is_ascii_digit());
        (number && turns).then(|| before_bracket(bytes, start))??
    } else {
        let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        let open = memchr::memmem::find(rest, b" in [").map(|n| n + 5)?;
        items(bytes, end + open)?
    };
    list.iter().all(|item| item.code.is_some()).then_some(list)
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
        list.push(Item::code(at + head..at + head + len, code));
        at = skip(bytes, at + head + len, b") \t\r\n+.&|,_");
    }
    (list.len() >= 8).then_some(list)
}

/// `"…"[::-1]`, `strrev("…")`, `"…".split("").reverse().join("")`: the characters from the last to the first.
pub(super) fn reversed(bytes: &[u8], start: usize, end: usize) -> Option<Vec<Item>> {
    let text = if bytes[..end].ends_with(b"strrev(") {
        literal(bytes, skip(bytes, end, b" "), LONGEST)?
    } else if bytes[start] == b'|' {
        // A shell: `echo … | rev`.
        super::codecs::before(bytes, start)?
    } else {
        let mut close = start;
        for middle in [&b".split(\"\")"[..], b".split('')", b".chars", b")"] {
            close -= if bytes[..close].ends_with(middle) { middle.len() } else { 0 };
        }
        literal_before(bytes, close.checked_sub(1)?)?
    };
    let plain = bytes[text.clone()].iter().all(|b| (b' '..=b'~').contains(b) && *b != b'\\');
    plain.then(|| text.rev().map(|at| Item::code(at..at + 1, bytes[at])).collect())
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
        let mut end = found.text.end;
        if !found.text.is_empty() {
            list.push(Item::text(found.text));
        }
        // More calls in the same statement.
        while let Some(more) = chained(bytes, end).filter(|_| list.len() < MOST) {
            end = more.end;
            list.push(Item::text(more));
        }
        let rest = &bytes[end..bytes.len().min(end + NAME)];
        let Some(next) = memchr::memchr(b'\n', rest) else { break };
        line = end + next + 1;
    }
    (list.len() > 1).then_some(list)
}

/// A statement that makes a string or adds to it.
struct Step {
    text: Range<usize>,
    appends: bool,
}

/// The text of the next call in a chain: `").append("`, at the quote that closes the one before.
fn chained(bytes: &[u8], close: usize) -> Option<Range<usize>> {
    let rest = &bytes[close + 1..];
    let call = [&b").append("[..], b").Append(", b" << "].into_iter().find(|call| rest.starts_with(call))?;
    literal(bytes, close + 1 + call.len(), STEP)
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
            let operator = [&b"new StringBuilder("[..], b"new StringBuffer("]
                .iter()
                .find_map(|call| operator.strip_suffix(*call))
                .map_or(operator, <[u8]>::trim_ascii_end);
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
