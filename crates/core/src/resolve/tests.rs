use crate::testing::pattern;
use crate::{Detector, Rule};

/// The texts that are found, with their rules.
fn found(rules: Vec<Rule>, text: &str) -> Vec<(String, String)> {
    let detector = Detector::new(rules.into()).unwrap();
    let matches = detector.scan(text.as_bytes()).matches;
    matches
        .iter()
        .map(|m| (detector.rules()[m.rule as usize].id.to_string(), text[m.span.clone()].to_owned()))
        .collect()
}

fn pair(a: &str, b: &str) -> (String, String) {
    (a.into(), b.into())
}

#[test]
fn a_value_that_says_itself_what_it_is_beats_one_that_is_named() {
    let rules = vec![
        pattern("named", &["(?i)token"], r#"(?i)token = "([\w-]{10,40})""#),
        pattern("acme", &["acme_"], r"\b(acme_[0-9]{8})\b"),
    ];
    assert_eq!(found(rules, r#"token = "acme_12345678""#), [pair("acme", "acme_12345678")]);
}

#[test]
fn the_longer_of_two_wins() {
    let rules = vec![
        pattern("short", &["acme_"], r"acme_[0-9]{8}"),
        pattern("long", &["acme_"], r"acme_[0-9]{8}-[0-9]{8}"),
    ];
    assert_eq!(found(rules, "acme_12345678-12345678"), [pair("long", "acme_12345678-12345678")]);
}

#[test]
fn a_publishable_key_is_known_and_not_reported() {
    let rules = vec![
        pattern("any", &["key"], r"key=([a-z_0-9]{12})"),
        Rule { publishable: true, ..pattern("public", &["pk_"], r"\b(pk_[0-9]{9})\b") },
    ];
    assert_eq!(found(rules, "key=pk_123456789 key=sk_123456789"), [pair("any", "sk_123456789")]);
}

#[test]
fn many_anchors_of_one_secret_give_one_finding() {
    let rules = vec![pattern("r", &["ab", "cd"], r"\b(?:ab|cd)[abcd]{8}\b")];
    assert_eq!(found(rules, "x abcdabcdab x"), [pair("r", "abcdabcdab")]);
}

#[test]
fn neighbours_are_two_findings() {
    let rules = vec![pattern("acme", &["acme_"], r"acme_[0-9]{8}")];
    assert_eq!(found(rules, "acme_12345678acme_87654321").len(), 2);
}
