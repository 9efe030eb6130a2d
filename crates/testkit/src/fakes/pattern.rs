//! Random matches of a regular expression.
//!
//! The automatic rule tests need text that a rule's pattern accepts without anyone writing it. The syntax
//! tree of the pattern is walked: a class gives one of its bytes, a repeat a random count, an alternation
//! one branch. Look-around cannot be built, only hoped for: the text is matched again at the end, and
//! another is tried when it fails.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::rng::Rng;

/// Most repetitions added to the least of an unbounded repeat.
const MORE: u32 = 8;
/// Texts that are tried before giving up on the look-around.
const TRIES: usize = 64;

/// A random text that `pattern` matches from its first to its last byte.
///
/// The pattern is read as the detector reads it: bytes, Unicode off. Printable ASCII is preferred wherever
/// a class allows it.
///
/// # Panics
/// When the pattern does not compile, or when no text of many passed its look-around.
pub fn from_pattern(pattern: &str, seed: u64) -> Vec<u8> {
    try_from_pattern(pattern, seed).unwrap_or_else(|why| panic!("{why}: {pattern}"))
}

/// As [`from_pattern`], with the reason of a failure as text.
pub fn try_from_pattern(pattern: &str, seed: u64) -> Result<Vec<u8>, String> {
    let tree = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|e| format!("the pattern does not parse ({e})"))?;
    let check = RegexBuilder::new(pattern)
        .unicode(false)
        .build()
        .map_err(|e| format!("the pattern does not compile ({e})"))?;
    let mut rng = Rng::new(seed);
    for _ in 0..TRIES {
        let mut text = Vec::new();
        write(&tree, &mut rng, &mut text);
        if whole(&check, &text) {
            return Ok(text);
        }
    }
    Err(format!("no match in {TRIES} tries"))
}

/// Whether the leftmost match is all of `text`.
fn whole(check: &Regex, text: &[u8]) -> bool {
    check.find(text).is_some_and(|m| m.start() == 0 && m.end() == text.len())
}

fn write(tree: &Hir, rng: &mut Rng, out: &mut Vec<u8>) {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(class) => out.push(one_of(class, rng)),
        HirKind::Repetition(repeat) => {
            let most = repeat.max.unwrap_or(repeat.min.saturating_add(MORE));
            for _ in 0..rng.between(repeat.min as usize, most as usize) {
                write(&repeat.sub, rng, out);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, rng, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, rng, out)),
        HirKind::Alternation(parts) => write(rng.pick(parts), rng, out),
    }
}

/// A byte of the class: a printable one where there is one, a letter or digit four times out of five.
fn one_of(class: &Class, rng: &mut Rng) -> u8 {
    let mut members = Vec::new();
    match class {
        Class::Bytes(bytes) => bytes.ranges().iter().for_each(|r| members.extend(r.start()..=r.end())),
        Class::Unicode(chars) => {
            for range in chars.ranges() {
                let end = range.end().min('\u{7f}');
                members.extend((range.start()..=end).map(|c| c as u8));
            }
        }
    }
    let printable: Vec<u8> = members.iter().copied().filter(u8::is_ascii_graphic).collect();
    let plain: Vec<u8> = printable.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    let mixed = plain.len() < printable.len() && printable.len() > 10;
    let from = if printable.is_empty() {
        &members
    } else if mixed && !plain.is_empty() && rng.below(5) > 0 {
        &plain
    } else {
        &printable
    };
    if from.is_empty() { b'?' } else { *rng.pick(from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: &[&str] = &[
        r"\b(acme_[0-9a-f]{32})\b",
        r#"(?i)datadog[\w .-]{0,24}["']?\s{0,3}(?:=|:|=>|,)\s{0,3}["'`]?([0-9a-f]{32})\b"#,
        r"(?:AKIA|ASIA)[A-Z2-7]{16}",
        r"[^\s\x22]{8,40}",
        r"(?s:.{3})",
        r"^x?$",
        r"(?-u:[\x80-\xff])+",
    ];

    #[test]
    fn every_text_is_a_match() {
        for pattern in PATTERNS {
            let check = RegexBuilder::new(pattern).unicode(false).build().unwrap();
            for seed in 0..50 {
                let text = from_pattern(pattern, seed);
                assert!(
                    check.is_match(&text),
                    "{pattern} seed {seed}: {:?}",
                    text.escape_ascii().to_string()
                );
            }
        }
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(from_pattern("[a-z]{20}", 1), from_pattern("[a-z]{20}", 2));
    }

    #[test]
    fn the_impossible_is_an_error() {
        assert!(try_from_pattern(r"a\bb", 1).is_err());
        assert!(try_from_pattern("(", 1).is_err());
    }
}
