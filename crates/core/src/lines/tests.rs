use crate::testing::pattern;
use crate::{Confidence, Detector, Match};

fn scan(text: &[u8]) -> Vec<Match> {
    Detector::new(vec![pattern("acme", &["acme_"], r"\bacme_[0-9a-f]{8,32}\b")].into())
        .unwrap()
        .scan(text)
        .matches
}

fn excerpt(text: &str) -> String {
    scan(text.as_bytes()).remove(0).excerpt
}

#[test]
fn lines_and_columns_count_from_one_in_bytes() {
    let cases = [
        ("acme_00112233", (1, 1, 1, 14)),
        ("\nacme_00112233\n", (2, 1, 2, 14)),
        ("é acme_00112233", (1, 4, 1, 17)),
        ("a\r\n\r\n  acme_00112233\r\n", (3, 3, 3, 16)),
    ];
    for (text, expected) in cases {
        let m = scan(text.as_bytes()).remove(0);
        assert_eq!((m.start.line, m.start.column, m.end.line, m.end.column), expected, "{text:?}");
    }
}

#[test]
fn chance_in_a_signature_is_low() {
    let rule = pattern("acme", &["aCm"], r"\baCm[0-9a-zA-Z]{20,40}");
    let detector = Detector::new(vec![rule].into()).unwrap();
    let token = format!("aCm{}", "1B2c".repeat(10));
    let signature = format!("gpgsig\n {0}Zz/{token}\n XwVuQ{0}{0}{0}1\n", "5Tr+".repeat(5));
    let found = detector.scan(signature.as_bytes()).matches;
    let alone = detector.scan(format!("token {token}").as_bytes()).matches;
    let confidence = |matches: &[Match]| matches.iter().map(|m| m.confidence).collect::<Vec<_>>();
    assert_eq!(confidence(&found), [Confidence::Low]);
    assert_eq!(confidence(&alone), [Confidence::High]);
}

#[test]
fn every_secret_in_the_line_is_hidden() {
    let text = "a = acme_0011223344, b = acme_5566778899\nc = acme_aabbccddee";
    assert_eq!(excerpt(text), "a = acm************, b = acm************");
}

#[test]
fn characters_are_counted_beside_bytes() {
    for (text, byte, character) in [
        ("acme_12345678", 1, 1),
        ("é = acme_12345678", 6, 5),
        ("日本\n語 é acme_12345678", 8, 5),
        ("é acme_87654321 é acme_12345678", 21, 19),
    ] {
        let last = scan(text.as_bytes()).pop().expect("a match");
        assert_eq!((last.start.column, last.start.character), (byte, character), "{text:?}");
    }
}

#[test]
fn the_excerpt_is_cut_around_the_match() {
    let text = format!("{}acme_0011223344{}", "x ".repeat(5000), " y".repeat(5000));
    let excerpt = excerpt(&text);
    assert_eq!(excerpt.chars().count(), 122);
    assert!(excerpt.starts_with('…') && excerpt.ends_with('…'));
    assert!(excerpt.contains("x acm************ y"));
}

#[test]
fn what_a_terminal_obeys_is_escaped() {
    let text = "\u{1b}[31m\u{202e}\u{200b}\tacme_00112233 \u{7f}\u{9b}é日";
    assert_eq!(excerpt(text), "\\x1b[31m\\u{202e}\\u{200b} acm********** \\x7f\\u{9b}é日");
    let m = scan(b"\xff\xc3 acme_00112233 \xe2\x80").remove(0);
    assert_eq!(m.excerpt, "\\xff\\xc3 acm********** \\xe2\\x80");
}

#[test]
fn long_secrets_show_a_few_stars() {
    let text = format!("k = acme_{}", "0a1b2c3d".repeat(4));
    assert_eq!(excerpt(&text), format!("k = acme_0{}", "*".repeat(31)));
}
