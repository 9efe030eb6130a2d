//! How far from its anchor a rule may look, and whether a rule is sound at all.
//!
//! Everything fast rests on locality: a rule's verdict at an anchor depends only on the bytes within
//! its *reach*. The reach is computed from the pattern when rules load; a pattern without a longest
//! match, or one that asks about the edges of the whole input, is refused.
//!
//! Patterns are compiled with Unicode off: `\w` is `[0-9A-Za-z_]`, `\b` looks at bytes, `(?i)` folds
//! ASCII letters, `.` is any byte but a newline.

pub(crate) mod measure;

use std::fmt::Write as _;

use regex_automata::meta;
use regex_automata::util::syntax;
use regex_syntax::hir::Hir;

pub use measure::MAX_MATCH;
pub(crate) use measure::Measured;
pub(crate) use measure::outline::Starts;
pub(crate) use measure::parse;
use measure::{Complaint, Shape};

use crate::prefilter::MAX_LEN;
use crate::rule::{Engine, Rule};
use crate::verify::Verifier;
use crate::{generic, keyblock};

/// The most memory a compiled pattern may take.
const MAX_COMPILED: usize = 1 << 20;

/// How far from an anchor a rule's verdict may depend on the input, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Bytes in front of the anchor's first byte.
    pub before: usize,
    /// Bytes after the anchor's first byte, the anchor itself included.
    pub after: usize,
}

impl Reach {
    /// No rule's reach is wider, either way.
    pub const WIDEST: Self = Self {
        before: MAX_MATCH + 1,
        after: if keyblock::REACH > MAX_MATCH { keyblock::REACH } else { MAX_MATCH } + 1,
    };
}

/// Why a rule was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule `{rule}`: {what}")]
pub struct RuleProblem {
    /// Index of the rule in the list that was given; 0 from [`check_rule`].
    pub index: usize,
    /// Its id.
    pub rule: String,
    /// What is wrong, a sentence without a full stop.
    pub what: String,
    /// What to do about it.
    pub help: String,
}

/// Checks one rule and computes its reach.
///
/// Compiles the pattern, some 0.2 ms: built-in rules are checked when they are built.
pub fn check_rule(rule: &Rule) -> Result<Reach, RuleProblem> {
    check(rule).map_err(|(what, help)| RuleProblem {
        index: 0,
        rule: rule.id.to_string(),
        what,
        help: help.to_owned(),
    })
}

fn check(rule: &Rule) -> Result<Reach, Complaint> {
    anchors(rule)?;
    if let Some(name) = &rule.verify
        && Verifier::from_name(name).is_none()
    {
        return Err((format!("there is no offline check named `{name}`"), "the rules page lists the checks"));
    }
    if !(0.0..=8.0).contains(&rule.min_entropy) {
        return Err((
            format!("an entropy of {} bits per byte cannot be", rule.min_entropy),
            "give a number from 0 to 8",
        ));
    }
    if rule.engine == Engine::Pattern {
        return pattern(rule);
    }
    if !rule.pattern.is_empty() {
        return Err((
            "has a pattern, and an engine that uses none".into(),
            "remove `pattern`, or use the engine `pattern`",
        ));
    }
    Ok(fixed(rule.engine))
}

/// The reach of the engines without a pattern.
fn fixed(engine: Engine) -> Reach {
    match engine {
        Engine::KeyBlock => Reach { before: keyblock::BEFORE, after: keyblock::REACH },
        Engine::Pattern | Engine::Assignment => {
            Reach { before: generic::BEFORE, after: MAX_LEN + generic::AFTER }
        }
    }
}

fn anchors(rule: &Rule) -> Result<(), Complaint> {
    const HELP: &str = "give literals of two bytes or more, one of which is in every match";
    if rule.anchors.is_empty() {
        return Err(("has no anchor, so it would never be tried".into(), HELP));
    }
    for anchor in rule.anchors.iter() {
        let text = &anchor.text;
        if text.len() < 2 {
            return Err((format!("anchor `{}` is shorter than two bytes", text.escape_default()), HELP));
        }
        if text.len() > MAX_LEN {
            return Err((format!("an anchor is longer than {MAX_LEN} bytes"), HELP));
        }
        if text.contains('\0') {
            return Err(("an anchor has a NUL byte".into(), HELP));
        }
        if anchor.fold && text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err((
                format!("anchor `{text}` folds case and has upper-case letters"),
                "write it in lower case: it matches in either",
            ));
        }
    }
    Ok(())
}

fn pattern(rule: &Rule) -> Result<Reach, Complaint> {
    let hir = parse(&rule.pattern).map_err(|e| {
        let mut what = String::from("the pattern does not parse: ");
        // The parser's message is a drawing over several lines; its last line says what is wrong.
        let text = e.to_string();
        let _ = write!(what, "{}", text.lines().last().unwrap_or_default().trim_start_matches("error: "));
        (what, "look-around and back-references are not supported; Unicode is off")
    })?;
    let shape = Shape::of(&hir, &rule.anchors)?;
    if !rule.measured.is_empty() && *rule.measured != measure::written::write(&hir, &rule.anchors) {
        return Err(("was measured wrongly when it was built".into(), "build the program again from clean"));
    }
    let regex = compile(&hir).map_err(|e| {
        (format!("the pattern does not compile: {e}"), "make its repetitions and alternatives fewer")
    })?;
    let names = regex.group_info();
    if names.group_len(regex_automata::PatternID::ZERO) == 2
        && names.to_name(regex_automata::PatternID::ZERO, 1) == Some(ID_GROUP)
    {
        return Err((
            "the only group is `id`, which is not the secret".into(),
            "put the secret in a group of its own",
        ));
    }
    Ok(shape.reach())
}

/// The group that holds a companion value.
pub(crate) const ID_GROUP: &str = "id";

impl Shape {
    /// One byte more on each side for `\b` and line looks.
    pub(crate) fn reach(self) -> Reach {
        Reach { before: self.lead + 1, after: self.longest + 1 }
    }
}

/// What is known of a rule without compiling its pattern.
#[derive(Debug)]
pub(crate) struct Measure {
    /// Bytes its verdict depends on.
    pub reach: Reach,
    /// The pattern's, where it has one that a check would not refuse.
    pub pattern: Option<Measured>,
}

impl Measure {
    /// Measures a rule that was checked before.
    pub(crate) fn of(rule: &Rule) -> Self {
        if rule.engine != Engine::Pattern {
            return Self { reach: fixed(rule.engine), pattern: None };
        }
        let measured = measure::written::read(&rule.measured)
            .or_else(|| Measured::of(&parse(&rule.pattern).ok()?, &rule.anchors));
        let reach = measured.as_ref().map_or(Reach { before: 0, after: 0 }, |m| m.shape.reach());
        Self { reach, pattern: measured }
    }
}

/// Compiles a parsed pattern for short searches that mostly start at a known place.
#[expect(clippy::result_large_err, reason = "the error is turned into text at once")]
pub(crate) fn compile(hir: &Hir) -> Result<meta::Regex, meta::BuildError> {
    meta::Builder::new()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(MAX_COMPILED))
                .onepass_size_limit(Some(64 << 10))
                // Wide counted runs have many states. A smaller table is thrown away and made again all the
                // time: a third of a sweep of terraform. It grows with use only.
                .hybrid_cache_capacity(2 << 20)
                .dfa(false)
                .auto_prefilter(false),
        )
        .build_from_hir(hir)
}

#[cfg(test)]
mod tests;
