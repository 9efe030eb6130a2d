//! How far from its anchor a rule may look, and whether a rule is sound at all.
//!
//! Everything fast rests on locality: a rule's verdict at an anchor depends only on the bytes within
//! its *reach*. The reach is computed from the pattern when rules load; a pattern without a longest
//! match, or one that asks about the edges of the whole input, is refused.
//!
//! Patterns are compiled with Unicode off: `\w` is `[0-9A-Za-z_]`, `\b` looks at bytes, `(?i)` folds
//! ASCII letters, `.` is any byte but a newline.

mod bytes;
mod guard;
mod loose;
mod need;
mod start;

use std::fmt::Write as _;

use regex_automata::meta;
use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use guard::Guard;
use need::Need;

use crate::prefilter::MAX_LEN;
use crate::rule::{Anchor, Engine, Rule};
use crate::verify::Verifier;
use crate::{generic, keyblock};

/// The longest match a pattern may have.
pub const MAX_MATCH: usize = 8 << 10;

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

type Complaint = (String, &'static str);

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

/// What locality needs to know about a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Most bytes from the start of a match to the start of the anchor that leads to it.
    pub lead: usize,
    /// Most bytes of a match.
    pub longest: usize,
    /// A match begins where a line does.
    pub line: bool,
}

impl Shape {
    /// Measures a pattern, or says why it has no measure.
    pub(crate) fn of(hir: &Hir, anchors: &[Anchor]) -> Result<Self, Complaint> {
        let properties = hir.properties();
        let looks = properties.look_set();
        if looks.contains(Look::Start) || looks.contains(Look::End) {
            return Err((
                "the pattern asks for the start or end of the whole input".into(),
                "use `(?m:^)`, `(?m:$)` or `\\b`",
            ));
        }
        if looks.contains_word_unicode() || has_unicode(hir) {
            return Err(("the pattern turns Unicode on".into(), "patterns match bytes: leave `(?u)` out"));
        }
        if properties.minimum_len().unwrap_or(0) < 2 {
            return Err((
                "the pattern can match less than two bytes".into(),
                "an anchor has to be part of every match",
            ));
        }
        let longest = properties.maximum_len().ok_or_else(|| {
            (
                String::from("the pattern has no longest match"),
                "replace `*`, `+` and `{n,}` by counted repetitions such as `{20,200}`",
            )
        })?;
        if longest > MAX_MATCH {
            return Err((
                format!("the pattern can match {longest} bytes, more than {MAX_MATCH}"),
                "make its repetitions shorter",
            ));
        }
        let lead = start::start(hir, anchors).map_or(longest.saturating_sub(1), |start| start.before);
        Ok(Self { lead, longest, line: properties.look_set_prefix().contains(Look::StartLF) })
    }

    /// One byte more on each side for `\b` and line looks.
    pub(crate) fn reach(self) -> Reach {
        Reach { before: self.lead + 1, after: self.longest + 1 }
    }
}

fn has_unicode(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => !class.is_ascii(),
        HirKind::Repetition(r) => has_unicode(&r.sub),
        HirKind::Capture(c) => has_unicode(&c.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().any(has_unicode),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
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

/// What is known of a pattern. Its tree is not kept: it takes a hundred times the room, and is parsed again
/// for the few patterns that are ever compiled.
#[derive(Debug)]
pub(crate) struct Measured {
    pub shape: Shape,
    pub need: Option<Need>,
    pub guard: Guard,
}

impl Measure {
    /// Measures a rule that was checked before.
    pub(crate) fn of(rule: &Rule) -> Self {
        if rule.engine != Engine::Pattern {
            return Self { reach: fixed(rule.engine), pattern: None };
        }
        let measured = parse(&rule.pattern).ok().and_then(|hir| {
            let shape = Shape::of(&hir, &rule.anchors).ok()?;
            let need = Need::of(&hir);
            let guard = start::start(&hir, &rule.anchors).map_or_else(Guard::default, |s| Guard::of(&s));
            Some(Measured { shape, need, guard })
        });
        let reach = measured.as_ref().map_or(Reach { before: 0, after: 0 }, |m| m.shape.reach());
        Self { reach, pattern: measured }
    }
}

/// Compiles the loose pattern of a rule, see [`loose`]; `None` where its own does as well.
pub(crate) fn compile_loose(rule: &Rule) -> Option<meta::Regex> {
    compile(&loose::loose(&parse(&rule.pattern).ok()?)?).ok()
}

/// Parses a pattern as bytes, Unicode off.
#[expect(clippy::result_large_err, reason = "the error is turned into text at once")]
pub(crate) fn parse(pattern: &str) -> Result<Hir, regex_syntax::Error> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).nest_limit(100).build().parse(pattern)
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
