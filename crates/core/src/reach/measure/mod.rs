//! What is known of a pattern before it is compiled: how far a match goes, and what has to stand at an anchor.
//!
//! All of it is read off the pattern's tree, some 0.4 ms for a long one. For the built-in rules that was done when
//! the program was built, and [`written`] down; `crates/config/build.rs` shares this module.

mod bytes;
mod guard;
mod need;
pub(crate) mod outline;
mod places;
mod start;
pub(crate) mod written;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::rule::Anchor;
pub(crate) use guard::Guard;
pub(crate) use need::Need;
pub(crate) use outline::Outline;

/// The longest match a pattern may have.
pub const MAX_MATCH: usize = 8 << 10;

/// What is wrong, and what to do about it.
pub(crate) type Complaint = (String, &'static str);

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

/// What is known of a pattern. Its tree is not kept: it takes a hundred times the room, and is parsed again
/// for the few patterns that are ever compiled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    pub shape: Shape,
    pub need: Option<Need>,
    pub guard: Guard,
    /// `None` where it would let everything pass.
    pub outline: Option<Outline>,
}

impl Measured {
    /// Measures a pattern; `None` for one that a check refuses.
    pub(crate) fn of(hir: &Hir, anchors: &[Anchor]) -> Option<Self> {
        let shape = Shape::of(hir, anchors).ok()?;
        let outline = Outline::of(hir);
        let need = Need::of(hir);
        let guard = start::start(hir, anchors).map_or_else(Guard::default, |start| Guard::of(&start));
        Some(Self { shape, need, guard, outline })
    }
}

/// Parses a pattern as bytes, Unicode off.
#[expect(clippy::result_large_err, reason = "the error is turned into text at once")]
pub(crate) fn parse(pattern: &str) -> Result<Hir, regex_syntax::Error> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).nest_limit(100).build().parse(pattern)
}
