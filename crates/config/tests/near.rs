//! What counts as an assignment to a vendor's secret, and what does not.

#![expect(clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::borrow::Cow;
use std::path::Path;

use stopleak_config::{builtin_rules, parse_rules};
use stopleak_core::{Confidence, Detector};
use stopleak_testkit::fakes;

const RULES: &str = r#"
[[rule]]
id = "acme-key"
name = "Acme key"
what = "Calls Acme."
severity = "high"
near = ["acmecorp", "acm"]
names = ["own_full_name"]
pattern = '[0-9a-f]{32}'
"#;

/// `VALUE` stands for a fresh value of the right shape.
fn found(text: &str) -> usize {
    let (docs, problems) = parse_rules(RULES, Path::new("acme.toml"));
    assert!(problems.is_empty(), "{problems}");
    let detector =
        Detector::new(Cow::Owned(docs.into_iter().map(|d| d.rule).collect())).expect("the rule is sound");
    let value = String::from_utf8(fakes::from_pattern("[0-9a-f]{32}", 5)).expect("hex is text");
    detector.scan(text.replace("VALUE", &value).as_bytes()).matches.len()
}

#[test]
fn an_assignment_in_any_common_syntax_is_found() {
    for text in [
        "ACMECORP_API_KEY=VALUE",
        "export ACMECORP_TOKEN=\"VALUE\"",
        "acmecorp:\n  api_key: VALUE\n",
        "acmecorp:\r\n  host: a\r\n  api_key: 'VALUE'\r\n",
        "{\"acmecorp\": {\"apiKey\": \"VALUE\"}}",
        "{\\\"acmecorpKey\\\": \\\"VALUE\\\"}",
        "const acmecorpSecret: string = 'VALUE';",
        "new AcmeCorp({ token: `VALUE` })",
        "<add key=\"AcmecorpKey\" value=\"VALUE\" />",
        "<acmecorpToken>VALUE</acmecorpToken>",
        "- name: ACMECORP_KEY\n          value: VALUE\n",
        "{\"name\": \"ACMECORP_KEY\", \"value\": \"VALUE\"}",
        "ENV ACMECORP_KEY VALUE",
        "acmecorp --api-key VALUE",
        "-H 'X-Acmecorp-Token: VALUE'",
        "os.environ['ACMECORP_KEY'] = 'VALUE'",
        "process.env.ACMECORP_KEY || \"VALUE\"",
        "# the acmecorp api key is here: acmecorp key: VALUE",
        "https://a.example/?acmecorp_key=VALUE&b=1",
        "# Acmecorp\napi_key = \"VALUE\"",
        "{\n  \"Acmecorp\": {\n    \"accessToken\": \"VALUE\"\n  }\n}",
        "[acmecorp]\nenabled = true\nkey = VALUE",
        "Acmecorp.configure do |config|\n  config.key = 'VALUE'\nend",
        "from acmecorp import Client\n\nclient = Client(key=\"VALUE\", timeout=3)",
        "acmecorp.Config{\n\tTimeout: 5,\n\tKey: \"VALUE\",\n}",
        "ACM_KEY=VALUE",
        "acmKey = 'VALUE'",
        "OWN_FULL_NAME=VALUE",
        "ownFullName: 'VALUE'",
    ] {
        assert_eq!(found(text), 1, "{text}");
    }
}

#[test]
fn what_is_no_secret_of_the_vendor_is_left_alone() {
    for text in [
        "VALUE",
        "API_KEY=VALUE",
        "acmecorp 1.2.3 VALUE",
        "acmecorp_md5 = VALUE",
        "acmecorp_key_id = VALUE",
        "acmecorp_key_hash = VALUE",
        "\"@acmecorp/key\": \"sha512-VALUE\"",
        "ACMECORP_KEY=VALUE0",
        "ACMECORP_KEY=xVALUE",
        "ACMECORP_KEY=VALUE-tail",
        "pacman_key=VALUE",
        "placma_key = VALUE",
        "acmecorp\n\n\nkey: VALUE",
        "acmecorp\na: 1\nb: 2\nc: 3\nkey: VALUE",
        "# acmecorp\nprimary_key: VALUE",
        "# acmecorp\nmonkey: VALUE",
        "# acmecorp\nkey_id: VALUE",
        "# acmecorp\nkey_hash: VALUE",
        "acmecorp 1.2\nsha256: VALUE",
        "ACMECORP_KEY=00000000000000000000000000000000",
    ] {
        assert_eq!(found(text), 0, "{text}");
    }
}

/// The confidences of what all rules find in `text`, where `HEX n` stands for that many fresh digits.
fn confidences(before: &str, digits: usize, after: &str) -> Vec<Confidence> {
    let detector = Detector::trusted(Cow::Borrowed(builtin_rules()));
    let value =
        String::from_utf8(fakes::from_pattern(&format!("[0-9a-f]{{{digits}}}"), 5)).expect("hex is text");
    let found = detector.scan(format!("{before}{value}{after}\n").as_bytes());
    // A file's kind raises weak values that have evidence; one that is low for good has none.
    assert!(found.matches.iter().all(|m| m.confidence > Confidence::Low || m.evidence.is_none()));
    found.matches.iter().map(|m| m.confidence).collect()
}

#[test]
fn a_value_of_nearly_the_vendors_shape_is_a_finding_for_those_who_ask_for_all() {
    assert_eq!(confidences("DATADOG_API_KEY=", 32, ""), [Confidence::High]);
    assert_eq!(confidences("DATADOG_API_KEY=", 29, ""), [Confidence::Low]);
    assert_eq!(confidences("DATADOG_API_KEY=", 31, "!"), [Confidence::Low]);
    assert_eq!(confidences("GITHUB_TOKEN=\"ghp_", 31, "\""), [Confidence::Low]);
    assert_eq!(confidences("Authorization: Bearer glpat-", 29, ""), [Confidence::Low]);
}

#[test]
fn a_vendors_example_is_low_whichever_rule_finds_it() {
    let detector = Detector::trusted(Cow::Borrowed(builtin_rules()));
    let rule = builtin_rules().iter().find(|r| r.id == "mailgun-api-key").expect("the rule is there");
    let example = rule.examples.first().expect("the vendor documents one");
    let found = detector.scan(format!("MAILGUN_API_KEY={example}\n").as_bytes());
    assert_eq!(found.matches.iter().map(|m| m.confidence).collect::<Vec<_>>(), [Confidence::Low]);
}

#[test]
fn a_value_of_another_kind_in_a_vendors_place_is_a_finding() {
    for (name, digits) in [("DATADOG_PASSWORD=", 29), ("DATADOG_API_KEY=", 128), ("ACME_API_KEY=", 29)] {
        let found = confidences(name, digits, "");
        assert!(matches!(found[..], [c] if c > Confidence::Low), "{name} {digits}: {found:?}");
    }
}
