//! A rule file is read strictly.

use std::path::Path;

use stopleak_config::parse_rules;
use stopleak_core::{Confidence, Engine, Severity, ValueClass};

const GOOD: &str = r#"
[vendor]
tags = ["cwe-798"]
rotate = "https://acme.example"

[[rule]]
id = "acme-key"
name = "Acme key"
what = "Calls Acme."
severity = "critical"
anchors = ["acme_", "(?i)Acme-Token"]
pattern = '\b(acme_[0-9a-f]{8})\b'
positive = ['acme_<>0f4c29d1']
"#;

#[test]
fn a_rule_takes_its_vendors_defaults_and_loses_its_breaks() {
    let (docs, problems) = parse_rules(GOOD, Path::new("rules/acme.toml"));
    assert!(problems.is_empty(), "{problems}");
    let rule = &docs[0].rule;
    assert_eq!((rule.vendor.as_ref(), rule.rotate.as_ref()), ("acme", "https://acme.example"));
    assert_eq!((rule.severity, rule.confidence), (Severity::Critical, Confidence::High));
    assert_eq!((rule.engine, rule.value), (Engine::Pattern, ValueClass::Token));
    assert_eq!(rule.tags.as_ref(), ["cwe-798"]);
    assert_eq!((rule.anchors[1].text.as_ref(), rule.anchors[1].fold), ("acme-token", true));
    assert_eq!(docs[0].positive, ["acme_0f4c29d1"]);
}

#[test]
fn mistakes_are_found_all_at_once() {
    let cases = [
        ("severity = \"critical\"", "severity = \"urgent\"", "bad-value"),
        ("severity = \"critical\"", "", "missing-key"),
        ("id = \"acme-key\"", "id = \"Acme Key\"", "bad-id"),
        ("what = ", "wat = ", "unknown-key"),
        ("[\"acme_\", \"(?i)Acme-Token\"]", "[]", "no-anchor"),
        ("[\"acme_\", \"(?i)Acme-Token\"]", "['a']", "short-anchor"),
        ("pattern = ", "engine = \"key-block\"\npattern = ", "needless-pattern"),
        ("positive = ", "min-entropy = 9.0\npositive = ", "bad-entropy"),
    ];
    for (from, to, code) in cases {
        let text = GOOD.replacen(from, to, 1);
        assert_ne!(text, GOOD, "the case changes nothing: {from}");
        let (_, problems) = parse_rules(&text, Path::new("acme.toml"));
        assert!(problems.0.iter().any(|p| p.code == code), "{code} not among {problems}");
    }
}
