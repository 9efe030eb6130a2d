//! Strings that are put together from variables: `a = "ghp_…"`, `b = "…"`, and later `a + b`, `"{a}{b}"`, `"$a$b"`.
//!
//! A *fragment* is a literal that could be a part of a token (letters and digits, no blank) and is given to a
//! name. In the [`REACH`] bytes after one, sums and texts with places for names are read, and a view is made of
//! each that holds the fragment's name where two characters of a token meet. The other names in it are looked up
//! in the same way, backwards; one that is not found stays as it is written.
//!
//! Everything is in the view's source, from the first definition to the end of the sum.

use std::ops::Range;

use super::map::Map;
use super::mask::{Kind, Survey};
use super::{CONTEXT, Encoding, Sink, View};

/// How far after its definition a name is followed.
pub(super) const REACH: usize = 1024;
/// The longest part: within the margin of a view, so that what a sum goes on with is seen with it.
const PART: usize = 96;
/// Blanks around an operator.
const GAP: usize = 24;
/// The longest sum.
const LONGEST: usize = 512;
/// Names that are kept: those of the nearest definitions.
const KEPT: usize = 16;
/// Most parts of a sum.
const PARTS: usize = 16;
/// Sums that are read after a fragment, up to the next one.
const SUMS: usize = 32;
/// The longest name.
const NAME: usize = 40;
/// The fewest characters worth a view.
const LEAST: usize = 16;

/// A literal with its name.
#[derive(Clone)]
struct Definition {
    name: Range<usize>,
    text: Range<usize>,
}

/// Adds a view of each sum whose definitions or parts touch `region`.
pub(super) fn find(survey: &Survey<'_>, region: Range<usize>, sink: &mut Sink) {
    let bytes = survey.bytes();
    let from = region.start.saturating_sub(REACH + LONGEST);
    // Not in the middle of a fragment: it would be cut into another one.
    let from = from - bytes[..from].iter().rev().take(2 * PART).take_while(|b| in_fragment(**b)).count();
    let to = bytes.len().min(region.end + REACH);
    let mut kept: Vec<Definition> = Vec::new();
    // How far sums have been read, and how far they may be.
    let (mut read, mut until) = (from, from);
    let mut left = 0;
    let mut at = from;
    loop {
        let next = next_fragment(survey, at, to);
        let stop = next.as_ref().map_or(to, |found| found.text.start).min(until);
        if read < stop {
            read = sums(bytes, read..stop, &kept, &region, &mut left, sink).max(stop);
        }
        let Some(found) = next else { return };
        at = found.text.end;
        until = (found.text.end + REACH).min(to);
        read = read.max(found.text.end);
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push(found);
        left = SUMS;
    }
}

/// The next fragment that begins at or after `at` and before `end`.
fn next_fragment(survey: &Survey<'_>, from: usize, end: usize) -> Option<Definition> {
    let bytes = survey.bytes();
    let mut at = from;
    while let Some(open) = survey.next(Kind::Opens, at, end) {
        if let Some(definition) = fragment(bytes, open) {
            return Some(definition);
        }
        at = open + 1;
    }
    None
}

/// The fragment whose quote, or whose `=`, is at `open`.
fn fragment(bytes: &[u8], open: usize) -> Option<Definition> {
    let rest = bytes.get(open + 1..)?;
    rest.first().filter(|b| b.is_ascii_alphanumeric())?;
    let mut seen = 0;
    let len = rest
        .iter()
        .take(PART + 1)
        .take_while(|b| {
            let class = CLASS[usize::from(**b)];
            seen |= class;
            class & FRAGMENT != 0
        })
        .count();
    if !(5..=PART).contains(&len) || seen & DIGIT == 0 || seen & LETTER == 0 {
        return None;
    }
    let closed = match (bytes[open], rest.get(len)) {
        (b'=', end) => end.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'&')),
        (quote, Some(close)) => *close == quote,
        (_, None) => false,
    };
    let name = closed.then(|| name_of(bytes, open))??;
    Some(Definition { name, text: open + 1..open + 1 + len })
}

const FRAGMENT: u8 = 1;
const DIGIT: u8 = 2;
const LETTER: u8 = 4;

/// What each byte is: nearly every literal is read for nothing.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_digit() {
            class[b] = FRAGMENT | DIGIT;
        } else if c.is_ascii_alphabetic() {
            class[b] = FRAGMENT | LETTER;
        } else if matches!(c, b'_' | b'-' | b'+' | b'/' | b'.' | b'=' | b'~' | b'!' | b'%') {
            class[b] = FRAGMENT;
        }
        b += 1;
    }
    class
};

fn in_fragment(b: u8) -> bool {
    CLASS[usize::from(b)] & FRAGMENT != 0
}

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The name that the literal at `open` is given to: what stands before the operator, and before a type.
fn name_of(bytes: &[u8], open: usize) -> Option<Range<usize>> {
    let blank = |b: &&u8| matches!(b, b' ' | b'\t');
    let floor = open.saturating_sub(2 * NAME);
    let mut at = open;
    if bytes[open] != b'=' {
        // A prefix of the literal, and blanks.
        let before = &bytes[floor..at];
        let prefix =
            usize::from(before.last().is_some_and(|b| matches!(b, b'@' | b'f' | b'b' | b'r' | b'u')));
        let before = &before[..before.len() - prefix];
        let before = before.strip_suffix(b"(").unwrap_or(before);
        let before = &before[..before.len() - before.iter().rev().take_while(blank).count()];
        at = floor + before.len();
        match before {
            [.., b'<', b'-'] | [.., b':', b'='] => at -= 2,
            [.., b'=' | b':'] => at -= 1,
            // The preprocessor, and shells that set a name with a word.
            _ => {
                let line = &before[memchr::memrchr(b'\n', before).map_or(0, |n| n + 1)..];
                let words = [&b"#define "[..], b"set ", b"set -x ", b"set -gx ", b"String(\""];
                words.iter().any(|word| line.starts_with(word)).then_some(())?;
            }
        }
    }
    at -= bytes[floor..at].iter().rev().take_while(blank).count();
    let word = word_before(bytes, at)?;
    // `name: Type = "…"`: the name is before the colon.
    let before = &bytes[floor.min(word.start)..word.start];
    let blanks = before.iter().rev().take_while(blank).count();
    let typed = before[..before.len() - blanks].ends_with(b":");
    let is_type = typed && bytes[word.end..].trim_ascii_start().starts_with(b"=");
    if is_type { word_before(bytes, word.start - blanks - 1) } else { Some(word) }
}

/// The name that ends at `end`.
fn word_before(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let len = bytes[..end].iter().rev().take(NAME + 1).take_while(|b| in_name(**b)).count();
    let name = end - len..end;
    (1..=NAME).contains(&len).then_some(name.clone()).filter(|_| !bytes[name.start].is_ascii_digit())
}

/// The literal that the name at `at` was given before `before` and not before `near`, and where the name ends.
pub(super) fn named(bytes: &[u8], at: usize, near: usize, before: usize) -> Option<(Range<usize>, usize)> {
    let name = place_name(bytes, at + usize::from(bytes[at] == b'$'))?;
    Some((given(bytes, &bytes[name.clone()], near, before)?, name.end))
}

/// The literal that a name was given before `before` and not before `near`.
pub(super) fn given(bytes: &[u8], name: &[u8], near: usize, before: usize) -> Option<Range<usize>> {
    definition(bytes, name, before).filter(|found| found.name.start >= near).map(|found| found.text)
}

/// The nearest definition before `at` of what is called `name`.
fn definition(bytes: &[u8], name: &[u8], at: usize) -> Option<Definition> {
    let floor = at.saturating_sub(REACH);
    let mut end = at;
    for _ in 0..KEPT {
        let start = floor + memchr::memmem::rfind(&bytes[floor..end], name)?;
        end = start;
        let after = start + name.len();
        let bound = |b: Option<&u8>| b.is_none_or(|b| !in_name(*b));
        if !bound(start.checked_sub(1).map(|i| &bytes[i])) || !bound(bytes.get(after)) {
            continue;
        }
        // The literal is near: behind an operator, or a type and an operator.
        let near = &bytes[after..bytes.len().min(after + NAME)];
        let near = &near[..memchr::memchr(b'\n', near).unwrap_or(near.len())];
        let opens = near.iter().enumerate().filter(|(_, b)| matches!(b, b'"' | b'\'' | b'=')).take(2);
        for open in opens.map(|(n, _)| after + n) {
            let named = name_of(bytes, open).is_some_and(|named| named.start == start);
            if let Some(text) = literal(bytes, open).filter(|_| named) {
                return Some(Definition { name: start..after, text });
            }
        }
    }
    None
}

/// The text of the plain literal at `open`: a quote, or the `=` of a shell before a bare word.
fn literal(bytes: &[u8], open: usize) -> Option<Range<usize>> {
    let rest = &bytes[open + 1..bytes.len().min(open + 2 + PART)];
    let len = rest.iter().take_while(|b| in_fragment(**b)).count();
    let closed = match bytes[open] {
        b'=' => rest.get(len).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b';' | b'&')),
        quote => rest.get(len) == Some(&quote),
    };
    (len > 0 && closed).then_some(open + 1..open + 1 + len)
}

/// Adds the views of sums and texts in `part` that use one of the definitions. Returns how far it read.
fn sums(
    bytes: &[u8],
    part: Range<usize>,
    known: &[Definition],
    region: &Range<usize>,
    left: &mut usize,
    sink: &mut Sink,
) -> usize {
    let mut at = part.start;
    while let Some(found) =
        bytes.get(at..part.end).and_then(|rest| memchr::memchr3(b'+', b'{', b'$', rest)).map(|n| at + n)
    {
        at = found + 1;
        if *left == 0 {
            return part.end;
        }
        if !uses(bytes, found, known) {
            continue;
        }
        *left -= 1;
        let sum = if bytes[found] == b'+' { sum(bytes, found) } else { text(bytes, found) };
        let Some(sum) = sum else { continue };
        at = at.max(sum.place.end);
        if let Some(view) = sum.view(bytes, known) {
            let touches = view.source.start < region.end && view.source.end > region.start;
            if touches && sink.admits(view.bytes.len(), &view.source) {
                sink.push(view);
            }
        }
    }
    at
}

/// Whether one of the names stands next to what is at `at`.
fn uses(bytes: &[u8], at: usize, known: &[Definition]) -> bool {
    let is_known = |word: Range<usize>| {
        known.iter().any(|d| d.text.end + REACH > at && bytes[d.name.clone()] == bytes[word.clone()])
    };
    let after = place_name(bytes, at + 1);
    if bytes[at] != b'+' {
        return after.is_some_and(is_known);
    }
    let blanks =
        |rest: &mut dyn Iterator<Item = &u8>| rest.take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
    let right = at + 1 + blanks(&mut bytes[at + 1..].iter());
    let left = at - blanks(&mut bytes[..at].iter().rev());
    place_name(bytes, right).is_some_and(is_known) || word_before(bytes, left).is_some_and(is_known)
}

/// The last component of the name at `at`: `b` of `a.b`, of `{a.b}` and of `(b)`.
fn place_name(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = &bytes[at.min(bytes.len())..bytes.len().min(at + 2 * NAME)];
    let open = rest.iter().take(2).take_while(|b| matches!(b, b'{' | b'(' | b'$' | b' ')).count();
    let len = rest[open..].iter().take_while(|b| in_name(**b) || **b == b'.').count();
    word_before(bytes, at + open + len)
}

/// A sum, or a text with places.
struct Sum {
    place: Range<usize>,
    parts: Vec<Part>,
}

/// A part: a text as it is, or a name to look up.
enum Part {
    Text(Range<usize>),
    Name(Range<usize>),
}

/// The sum that the `+` at `at` is in; `None` when it has too many parts.
fn sum(bytes: &[u8], at: usize) -> Option<Sum> {
    let mut parts = Vec::new();
    let mut start = at;
    while let Some((part, from)) = operand_before(bytes, start) {
        parts.push(part);
        start = from;
        let before = bytes[..from].iter().rev().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
        if parts.len() > PARTS || bytes[..from - before].last() != Some(&b'+') {
            break;
        }
        start = from - before - 1;
    }
    if parts.len() > PARTS {
        return None;
    }
    parts.reverse();
    let mut end = at + 1;
    while let Some((part, to)) = operand_after(bytes, end) {
        parts.push(part);
        end = to;
        let next = to + bytes[to..].iter().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
        if parts.len() > 2 * PARTS || bytes.get(next) != Some(&b'+') {
            break;
        }
        end = next + 1;
    }
    (parts.len() > 1).then_some(Sum { place: start..end, parts })
}

fn operand_before(bytes: &[u8], end: usize) -> Option<(Part, usize)> {
    let floor = end.saturating_sub(PART + 2);
    let blanks = bytes[floor..end].iter().rev().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
    let text = &bytes[floor..end - blanks];
    let end = floor + text.len();
    if let Some(&quote @ (b'"' | b'\'')) = text.last() {
        let open = floor + text[..text.len() - 1].iter().rposition(|b| *b == quote || *b == b'\n')?;
        return (bytes[open] == quote).then_some((Part::Text(open + 1..end - 1), open));
    }
    let word = word_before(bytes, end)?;
    let path = bytes[floor.min(word.start)..word.start].iter().rev();
    let path = path.take(NAME).take_while(|b| in_name(**b) || matches!(b, b'.' | b'$')).count();
    Some((Part::Name(word.clone()), word.start - path))
}

fn operand_after(bytes: &[u8], at: usize) -> Option<(Part, usize)> {
    let start = at + bytes[at..].iter().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
    if let quote @ (b'"' | b'\'') = bytes.get(start)? {
        let text = &bytes[start + 1..bytes.len().min(start + 2 + PART)];
        let len = memchr::memchr3(*quote, b'\n', b'\\', text).filter(|len| text[*len] == *quote)?;
        return Some((Part::Text(start + 1..start + 1 + len), start + len + 2));
    }
    let name = place_name(bytes, start + usize::from(bytes[start] == b'$'))?;
    let end = name.end;
    // A call is no name.
    (bytes.get(end) != Some(&b'(')).then_some((Part::Name(name), end))
}

/// The text with places for names that the `{` or `$` at `at` is in: up to the quotes or blanks around it.
fn text(bytes: &[u8], at: usize) -> Option<Sum> {
    let floor = at.saturating_sub(PART);
    let ends = |b: &u8| matches!(b, b'"' | b'\'' | b'`' | b'\n');
    let open = bytes[floor..at].iter().rposition(ends).map_or(floor, |n| floor + n + 1);
    let quoted = open > floor && bytes[open - 1] != b'\n';
    let (start, end) = if quoted {
        let quote = bytes[open - 1];
        let rest = &bytes[at..bytes.len().min(at + 2 * PART)];
        (open, at + memchr::memchr2(quote, b'\n', rest).filter(|n| rest[*n] == quote)?)
    } else {
        let bare = |b: &u8| in_fragment(*b) && *b != b'=' || matches!(b, b'$' | b'{' | b'}' | b'(' | b')');
        let before = bytes[floor..at].iter().rev().take_while(|b| bare(b)).count();
        let after = bytes[at..].iter().take(2 * PART).take_while(|b| bare(b)).count();
        (at - before, at + after)
    };
    let mut parts = Vec::new();
    let mut at = start;
    while at < end && parts.len() < 2 * PARTS {
        let here = &bytes[at..end];
        if let Some((name, len)) = hole(bytes, at, end) {
            parts.push(Part::Name(name));
            at += len;
            continue;
        }
        let len = 1 + here[1..].iter().take_while(|b| !matches!(b, b'{' | b'$' | b'#' | b'\\')).count();
        parts.push(Part::Text(at..at + len));
        at += len;
    }
    (parts.len() > 1).then_some(Sum { place: start..end, parts })
}

/// The name in the place that begins at `at`, and the length of the place: `{a}`, `${a.b}`, `#{a}`, `$a`, `$(a)`.
fn hole(bytes: &[u8], at: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let here = &bytes[at..end];
    let mark = usize::from(matches!(here[0], b'$' | b'#' | b'\\'));
    let close = match here.get(mark)? {
        b'{' => b'}',
        b'(' if mark == 1 => b')',
        _ if here[0] == b'$' => {
            let len = here[1..].iter().take_while(|b| in_name(**b)).count();
            return word_before(bytes, at + 1 + len).filter(|w| w.start == at + 1).map(|w| (w, 1 + len));
        }
        _ => return None,
    };
    let len = memchr::memchr(close, &here[..here.len().min(2 * NAME)])?;
    let inside = here[mark + 1..len].trim_ascii();
    let plain = !inside.is_empty() && inside.iter().all(|b| in_name(*b) || matches!(b, b'.' | b'$'));
    let inside_end = len - (here[mark + 1..len].len() - here[mark + 1..len].trim_ascii_end().len());
    let name = word_before(bytes, at + inside_end)?;
    plain.then_some((name, len + 1))
}

impl Sum {
    /// The view of the sum: its line up to it, and its text as one literal. `None` when no fragment goes on in it.
    fn view(&self, bytes: &[u8], known: &[Definition]) -> Option<View> {
        let mut first = self.place.start;
        // Each piece, and whether it came from a fragment.
        let mut pieces: Vec<(Range<usize>, bool)> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => pieces.push((text.clone(), false)),
                Part::Name(name) => {
                    match definition(bytes, &bytes[name.clone()], self.place.start.min(name.start)) {
                        Some(found) => {
                            first = first.min(found.name.start);
                            let is_fragment = known.iter().any(|d| d.text == found.text);
                            pieces.push((found.text, is_fragment));
                        }
                        None => pieces.push((name.clone(), false)),
                    }
                }
            }
        }
        let glued = pieces.windows(2).any(|pair| {
            let meet =
                |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
            let [(left, a), (right, b)] = pair else { return false };
            (*a || *b) && meet(bytes[left.clone()].last()) && meet(bytes[right.clone()].first())
        });
        let size: usize = pieces.iter().map(|(piece, _)| piece.len()).sum();
        if !glued || size < LEAST || self.place.len() > LONGEST {
            return None;
        }
        let floor = self.place.start.saturating_sub(CONTEXT);
        let line = memchr::memrchr(b'\n', &bytes[floor..self.place.start]).map_or(floor, |n| floor + n + 1);
        let source = first.min(line)..(self.place.end + 1).min(bytes.len());
        let lead = line..self.place.start;
        let mut out = Vec::with_capacity(lead.len() + size + 2);
        let mut map = Map::default();
        map.add(0, lead.start - source.start, 1, 1);
        out.extend_from_slice(&bytes[lead.clone()]);
        let quoted = matches!(out.last(), Some(b'"' | b'\'' | b'`'));
        let quote = if quoted { out[out.len() - 1] } else { b'"' };
        let beside = |at: usize| at.saturating_sub(source.start);
        if !quoted {
            map.add(out.len(), beside(self.place.start), 1, 1);
            out.push(quote);
        }
        for (piece, _) in &pieces {
            map.add(out.len(), beside(piece.start), 1, 1);
            out.extend_from_slice(&bytes[piece.clone()]);
        }
        map.add(out.len(), beside(self.place.end - 1), 1, 1);
        out.push(quote);
        Some(View { bytes: out, encoding: Encoding::Joined, source, member: None, map })
    }
}
