use proptest::prelude::*;

use super::*;
use crate::rule::Confidence;
use crate::testing::{mixed_rules, mixed_text, pattern};

fn detector(rules: Vec<Rule>) -> Detector {
    Detector::new(rules.into()).unwrap()
}

proptest! {
    /// The contract that everything fast rests on.
    #[test]
    fn any_cover_of_regions_widened_by_the_reach_gives_what_the_whole_gives(
        text in mixed_text(),
        cuts in proptest::collection::vec(0usize..900, 0..6),
    ) {
        let detector = detector(mixed_rules());
        let widest = Reach { before: 300, after: 300 };
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        let mut hits = Vec::new();
        for pair in cuts.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            let low = start.saturating_sub(2 * widest.before) & !1;
            let high = text.len().min(end + 2 * widest.after);
            let mut gathered = Gathered::after(0);
            detector.gather(&text[low..high], start - low..end - low, &mut gathered);
            hits.extend(gathered.hits.into_iter().map(|h| Hit { span: h.span.start + low..h.span.end + low, ..h }));
        }
        let mut located = Vec::new();
        Counter::default().locate(&text, 0, hits, &mut located);
        prop_assert_eq!(detector.found(located, Vec::new()), detector.scan(&text));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        detector(mixed_rules()).scan(&bytes);
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let rules = vec![pattern("a", &["a"], "ab"), pattern("b", &["bb"], "bb"), pattern("c", &[], "cc")];
    let problems = Detector::new(rules.into()).unwrap_err();
    assert_eq!(problems.iter().map(|p| (p.index, p.rule.as_str())).collect::<Vec<_>>(), [(0, "a"), (2, "c")]);
}

#[test]
fn an_inner_anchor_is_not_lost() {
    let rules = vec![
        pattern("outer", &["api_key"], "api_key=[0-9]{99}"),
        pattern("inner", &["key"], "key=([0-9]{9})"),
    ];
    assert_eq!(detector(rules).scan(b"api_key=123456789").matches.len(), 1);
}

#[test]
fn the_group_is_the_secret_and_id_its_companion() {
    let rules = vec![pattern("r", &["u="], r"u=(?<id>[a-z]{1,9}),p=([0-9]{4,9})")];
    let found = detector(rules).scan(b"u=anna,p=123456").matches;
    assert_eq!(found[0].span, 9..15);
    assert_eq!(found[0].parts, [crate::Part { name: "id", shown: "anna".into() }]);
}

#[test]
fn a_documented_example_is_of_low_confidence() {
    let rules = vec![Rule {
        examples: vec!["acme_12345678".into()].into(),
        ..pattern("r", &["acme_"], "acme_[0-9]{8}")
    }];
    let found = detector(rules).scan(b"acme_12345678 acme_12345679").matches;
    assert_eq!(found.iter().map(|m| m.confidence).collect::<Vec<_>>(), [Confidence::Low, Confidence::High]);
}

#[test]
fn too_little_entropy_is_dropped() {
    let rules = vec![Rule { min_entropy: 2.5, ..pattern("r", &["acme_"], "acme_([0-9]{8})") }];
    assert_eq!(detector(rules).scan(b"acme_11111112 acme_12345678").matches.len(), 1);
}

#[test]
fn only_so_many_matches_are_kept_and_that_is_said() {
    let text = b"acme_12345678 ".repeat(MAX_HITS + 10);
    let found = detector(vec![pattern("r", &["acme_"], "acme_[0-9]{8}")]).scan(&text);
    assert_eq!(found.matches.len(), MAX_HITS);
    assert_eq!(found.skipped.len(), 1);
    assert_eq!(found.skipped[0].why, "too-many-matches");
    assert_eq!(found.skipped[0].span.end, text.len());
}

proptest! {
    /// A pattern that begins with a line is tried where lines begin, and nowhere else is needed.
    #[test]
    fn a_match_that_begins_with_a_line_is_found(hay in "[ab:\n5]{0,120}") {
        let text = r"(?m:^)[ab:]{1,40}:55:([ab]{2,9})";
        let detector = Detector::trusted(vec![pattern("line", &[":55:"], text)].into());
        let found: Vec<_> = detector.scan(hay.as_bytes()).matches.iter().map(|m| m.span.clone()).collect();
        let plain = regex::bytes::Regex::new(text).unwrap();
        let expected: Vec<_> = plain.captures_iter(hay.as_bytes()).map(|c| c.get(1).unwrap().range()).collect();
        prop_assert!(expected.iter().all(|span| found.contains(span)), "{found:?} {expected:?}");
    }
}

#[test]
fn wrapped_runs_are_found_wherever_a_large_input_is_divided() {
    use base64::Engine as _;
    let detector = detector(vec![pattern("r", &["acme_"], r"\bacme_[0-9]{8}\b")]);
    let line = |n: usize| {
        let hidden = format!("a key that is wrapped: acme_{:08}, and some more", 10_000_000 + n);
        format!("v = \"{}\"\n", base64::engine::general_purpose::STANDARD.encode(hidden))
    };
    let count = 2 * VIEWED_AT_ONCE / line(0).len() + 500;
    let text: String = (0..count).map(line).collect();
    let found = detector.scan(text.as_bytes());
    assert_eq!(found.skipped, []);
    assert_eq!(found.matches.len(), count);
}
