//! The index of the built-in rules' anchors is made when this crate is built. It has to be the one that the rules
//! would get at run time, and it must lose no anchor.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use proptest::prelude::*;
use stopleak_config::{Policy, builtin_detector, builtin_index, builtin_rules};
use stopleak_core::Detector;

/// The distinct anchors that mind the case, and those that do not.
static ANCHORS: LazyLock<[Vec<&'static str>; 2]> = LazyLock::new(|| {
    let of = |fold: bool| -> BTreeSet<&'static str> {
        builtin_rules()
            .iter()
            .flat_map(|rule| rule.anchors.iter())
            .filter(|anchor| anchor.fold == fold && anchor.text.len() > 1)
            .map(|anchor| &*anchor.text)
            .collect()
    };
    [false, true].map(|fold| of(fold).into_iter().collect())
});

static REFERENCES: LazyLock<[AhoCorasick; 2]> = LazyLock::new(|| {
    [0, 1].map(|fold| AhoCorasick::builder().ascii_case_insensitive(fold == 1).build(&ANCHORS[fold]).unwrap())
});

fn expected(text: &[u8]) -> usize {
    REFERENCES.iter().map(|reference| reference.find_overlapping_iter(text).count()).sum()
}

#[test]
fn it_is_what_the_rules_would_get_at_run_time() {
    assert!(Detector::index_of(builtin_rules()) == *builtin_index());
}

#[test]
fn it_has_every_anchor_alone_and_next_to_others() {
    let detector = builtin_detector();
    let all: Vec<&str> = ANCHORS.iter().flatten().copied().collect();
    for anchor in &all {
        for text in [(*anchor).to_owned(), format!("{anchor}\n"), format!(" {anchor} ")] {
            assert_eq!(detector.count_anchors(text.as_bytes()), expected(text.as_bytes()), "{anchor}");
        }
    }
    for between in ["", " ", "=\n"] {
        let text = all.join(between);
        assert_eq!(detector.count_anchors(text.as_bytes()), expected(text.as_bytes()));
    }
}

#[test]
fn a_policy_without_rules_of_its_own_uses_it() {
    let text = ANCHORS.iter().flatten().copied().collect::<String>();
    let of_policy = Policy::default().detector().count_anchors(text.as_bytes());
    let at_run_time = Detector::trusted(Cow::Borrowed(builtin_rules())).count_anchors(text.as_bytes());
    assert_eq!(of_policy, at_run_time);
}

proptest! {
    #[test]
    fn it_loses_no_anchor_in_any_text(
        picks in proptest::collection::vec((any::<prop::sample::Index>(), 0..3_u8, any::<Vec<u8>>()), 0..60),
    ) {
        let mut text = Vec::new();
        for (pick, case, noise) in picks {
            let all = &ANCHORS[pick.index(2)];
            let anchor = all[pick.index(all.len())];
            text.extend(match case {
                0 => anchor.to_owned(),
                1 => anchor.to_ascii_uppercase(),
                _ => anchor.to_ascii_lowercase(),
            }.bytes());
            text.extend(noise);
        }
        prop_assert_eq!(builtin_detector().count_anchors(&text), expected(&text));
    }
}
