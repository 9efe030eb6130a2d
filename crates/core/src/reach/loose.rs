//! A pattern that takes all that another takes, and more, and costs less to try.
//!
//! A gap such as `[\t -~]{0,40}` makes an automaton count: at every byte of every text it is in a state that it
//! has not been in before, and states are dear to make. Where the count is left out, a few dozen states are
//! enough for all texts. So a wide pattern is tried loosely first, and nearly always that is the end of it.
//!
//! # Contract
//! Wherever a pattern matches, its loose one matches from the same start. The tests try both.

use regex_syntax::hir::{Hir, HirKind, Repetition};

/// Repetitions are counted so far. More tells little, once what stands around a run has been seen.
const COUNTED: u32 = 8;
/// By how many states a loose pattern has to be smaller.
const WORTH: usize = 64;

/// The loose pattern of a pattern; `None` where it would save little.
pub(super) fn loose(hir: &Hir) -> Option<Hir> {
    let loose = loosened(hir);
    (size(&loose) + WORTH < size(hir)).then_some(loose)
}

fn loosened(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Capture(c) => loosened(&c.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(loosened).collect()),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(loosened).collect()),
        HirKind::Repetition(r) => Hir::repetition(Repetition {
            min: r.min.min(COUNTED),
            max: r.max.filter(|max| max - r.min <= 1 && *max <= COUNTED),
            greedy: r.greedy,
            sub: Box::new(loosened(&r.sub)),
        }),
    }
}

/// How many states a pattern has, roughly.
fn size(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(size).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(_) => 1,
        HirKind::Capture(c) => size(&c.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
        HirKind::Repetition(r) => {
            let times = r.max.unwrap_or(r.min).max(1) as usize;
            size(&r.sub).saturating_mul(times)
        }
    }
}
