//! What a program reads: JSON, JSON Lines and SARIF.

mod common;
mod schema;

use common::{everything, gap, staged, token};
use serde_json::Value;
use stopleak_report::text::Layout;
use stopleak_report::{Finding, Format, Scan, Shown, write};

fn bytes(scan: &Scan, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    write(scan, format, &Layout::default(), &mut out).expect("memory takes all");
    out
}

fn json(scan: &Scan, format: Format) -> Value {
    serde_json::from_slice(&bytes(scan, format)).expect("it is JSON")
}

/// The promise of interface.md: these names, in these places.
#[test]
fn json_has_every_promised_field() {
    let report = json(&everything(), Format::Json);
    let top = ["schema", "tool", "outcome", "coverage", "skipped", "findings"];
    let coverage = [
        "source",
        "refs",
        "commits",
        "objects",
        "blobs",
        "bytes",
        "bytes_scanned",
        "rules",
        "config",
        "seconds",
    ];
    let finding = [
        "rule",
        "name",
        "severity",
        "confidence",
        "masked",
        "fingerprint",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "where",
        "commit",
        "author",
        "date",
        "object",
        "verified",
        "decoded",
        "disposition",
        "occurrences",
        "tags",
    ];
    for (value, names) in [
        (&report, &top[..]),
        (&report["coverage"], &coverage[..]),
        (&report["tool"], &["name", "version"][..]),
        (&report["skipped"][0], &["what", "why", "bytes"][..]),
        (&report["findings"][0], &finding[..]),
    ] {
        for name in names {
            assert!(value.get(name).is_some(), "no `{name}` in {value}");
        }
    }
    assert_eq!(report["schema"], 1);
}

#[test]
fn json_keeps_the_promised_order_of_fields() {
    let text = String::from_utf8(bytes(&staged(vec![token()]), Format::Json)).expect("UTF-8");
    let at = |name: &str| text.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {text}"));
    let order = ["schema", "tool", "outcome", "coverage", "skipped", "findings"];
    assert!(order.windows(2).all(|w| at(w[0]) < at(w[1])), "{text}");
}

#[test]
fn a_path_that_is_no_utf8_comes_with_its_bytes() {
    let report = json(&everything(), Format::Json);
    let finding =
        report["findings"].as_array().expect("findings").iter().find(|f| f.get("path_bytes").is_some());
    let finding = finding.expect("one has path_bytes");
    assert_eq!(finding["path_bytes"], "ZP8vG1szMW0KdHh0");
    assert_eq!(finding["path"], "d\u{fffd}/\u{1b}[31m\ntxt");
}

#[test]
fn json_that_is_looked_at_with_cat_does_no_harm() {
    for format in [Format::Json, Format::Jsonl, Format::Sarif] {
        let text = String::from_utf8(bytes(&everything(), format)).expect("UTF-8");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format:?}");
    }
    assert_eq!(json(&everything(), Format::Json)["findings"][2]["author"], "Eve \u{202e}<eve@example.org>");
}

#[test]
fn jsonl_is_one_finding_a_line_then_outcome_and_coverage() {
    let out = bytes(&everything(), Format::Jsonl);
    let lines: Vec<Value> = out
        .split(|&b| b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[..3].iter().all(|l| l["rule"] == "github-personal-access-token"));
    assert_eq!(lines[3]["outcome"], "findings");
    assert_eq!(lines[3]["coverage"]["rules"], 312);
    assert_eq!(lines[3]["skipped"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_outcome_is_clean_only_when_all_was_read() {
    let cases = [
        (staged(Vec::new()), "clean", true),
        (staged(vec![token()]), "findings", true),
        (Scan { skipped: vec![gap("x")], ..staged(Vec::new()) }, "incomplete", false),
        (Scan { skipped: vec![gap("x")], ..staged(vec![token()]) }, "findings", false),
    ];
    for (scan, outcome, complete) in cases {
        let report = json(&scan, Format::Json);
        assert_eq!(
            (report["outcome"].as_str(), report["complete"].as_bool()),
            (Some(outcome), Some(complete))
        );
    }
}

#[test]
fn sarif_is_valid_by_its_schema() {
    for scan in [everything(), staged(Vec::new()), Scan::default()] {
        schema::check(&json(&scan, Format::Sarif));
    }
}

#[test]
#[should_panic(expected = "ruleIndex")]
fn the_schema_check_can_fail() {
    let mut log = json(&everything(), Format::Sarif);
    log["runs"][0]["results"][0]["ruleIndex"] = Value::from(-7);
    schema::check(&log);
}

#[test]
fn sarif_carries_our_fingerprint_and_names_what_was_not_scanned() {
    let log = json(&everything(), Format::Sarif);
    let run = &log["runs"][0];
    assert_eq!(run["results"][0]["partialFingerprints"]["stopleak/v1"], "9f2c41d0aa73be15");
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("a list");
    assert_eq!(notes.len(), 2);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn the_same_findings_in_any_order_give_the_same_bytes() {
    let mut a = everything();
    let mut b = everything();
    b.findings.reverse();
    b.skipped.reverse();
    a.sort();
    b.sort();
    for (_, format) in Format::ALL {
        assert_eq!(bytes(&a, format), bytes(&b, format));
    }
}

#[test]
fn findings_are_sorted_by_path_line_column_and_rule() {
    let at = |path: &str, line, column, rule: &str| {
        let mut finding = Finding { path: Some(Shown::from(path)), rule: rule.into(), ..token() };
        finding.start = stopleak_core::Position { line, column, character: column };
        finding
    };
    let want = [("a", 1, 2, "r"), ("a", 1, 10, "a"), ("a", 1, 10, "b"), ("a", 2, 1, "a"), ("b", 1, 1, "a")];
    let mut scan = staged(want.iter().rev().map(|&(p, l, c, r)| at(p, l, c, r)).collect());
    scan.sort();
    let got: Vec<_> = scan
        .findings
        .iter()
        .map(|f| (f.path.as_ref().expect("path").lossy(), f.start.line, f.start.column, f.rule.clone()))
        .collect();
    let want: Vec<_> = want.iter().map(|&(p, l, c, r)| (p.to_owned(), l, c, r.to_owned())).collect();
    assert_eq!(got, want);
}

#[test]
fn sarif_counts_characters_where_json_counts_bytes() {
    let at = |column, character| stopleak_core::Position { line: 12, column, character };
    let finding = Finding { start: at(16, 14), end: at(56, 54), ..token() };
    let scan = staged(vec![finding]);
    let sarif: serde_json::Value = serde_json::from_slice(&bytes(&scan, Format::Sarif)).expect("JSON");
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startColumn"], &region["endColumn"]), (&14.into(), &54.into()));
    let json: serde_json::Value = serde_json::from_slice(&bytes(&scan, Format::Json)).expect("JSON");
    assert_eq!(json["findings"][0]["column"], 16);
}
