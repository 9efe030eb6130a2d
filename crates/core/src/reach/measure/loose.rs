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
pub(crate) fn loose(hir: &Hir) -> Option<Hir> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_automata::{Anchored, Input};

    use super::*;
    use crate::reach::{compile, parse};

    /// Patterns of a few letters, with repetitions inside repetitions and looks at words and lines.
    fn pattern() -> impl Strategy<Value = String> {
        let atom = prop::sample::select(vec!["a", "b", "[ab]", "[^a]", r"\b", "(?m:$)", "", "ab", "(?i:b)"]);
        atom.prop_map(str::to_owned).prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|parts| format!("(?:{})", parts.join("|"))),
                (inner.clone(), 0u32..12, 0u32..12).prop_map(|(p, a, b)| format!("(?:{p}){{{a},{}}}", a + b)),
                (inner, 0u32..12).prop_map(|(p, a)| format!("({p}){{{a}}}?")),
            ]
        })
    }

    proptest! {
        #[test]
        fn takes_what_the_pattern_takes(pattern in pattern(), text in "[abB\n ]{0,40}", start in 0usize..40) {
            let hir = parse(&pattern).unwrap();
            let (exact, loose) = (compile(&hir).unwrap(), compile(&loosened(&hir)).unwrap());
            let input = Input::new(&text).range(start.min(text.len())..).anchored(Anchored::Yes);
            if exact.search_half(&input).is_some() {
                prop_assert!(loose.search_half(&input.earliest(true)).is_some());
            }
        }
    }

    #[test]
    fn only_wide_patterns_have_a_loose_one() {
        let has = |pattern: &str| loose(&parse(pattern).unwrap()).is_some();
        assert!(has(r"(?i)acme[\t -~]{0,80}key=([0-9a-f]{32})"));
        assert!(!has(r"\b(acme_[0-9a-f]{32})\b"));
    }
}
