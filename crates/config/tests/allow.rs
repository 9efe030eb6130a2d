//! `.stopleak.allow`: what a line means, and that nothing in it vanishes silently.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;

use jiff::civil::{Date, date};
use stopleak_config::{AllowEntry, AllowFile, Problems};
use stopleak_core::Fingerprint;

const TODAY: Date = date(2026, 11, 22);

fn parse(text: &str) -> Result<AllowFile, Problems> {
    AllowFile::parse(text.as_bytes(), Path::new(".stopleak.allow"))
}

fn fp(text: &str) -> Fingerprint {
    Fingerprint::parse(text).unwrap()
}

#[test]
fn an_entry_covers_its_fingerprint_path_and_rule_until_it_expires() {
    let file = parse(
        "9f2c41d0aa73be15 path=\"config/*.env\" rule=github-* expires=2026-11-22 owner=Ada reason=\"a \\\"test\\\"\"\n",
    )
    .unwrap();
    let found = |path: &str, rule: &str, day| {
        file.find(&fp("9f2c41d0aa73be15"), Some(path.as_bytes()), rule, day).is_some()
    };
    assert!(found("config/a.env", "github-x", TODAY));
    assert!(!found("src/a.env", "github-x", TODAY), "another path");
    assert!(!found("config/a.env", "slack-x", TODAY), "another rule");
    assert!(!found("config/a.env", "github-x", date(2026, 11, 23)), "expired");
    assert!(file.find(&fp("0f2c41d0aa73be15"), Some(b"config/a.env"), "github-x", TODAY).is_none());
    assert!(file.find(&fp("9f2c41d0aa73be15"), None, "github-x", TODAY).is_none(), "a message has no path");
    assert_eq!(file.entries()[0].reason, "a \"test\"");
}

#[test]
fn a_judged_entry_goes_before_the_baseline() {
    let file = parse("9f2c41d0aa73be15 baseline\n9f2c41d0aa73be15 reason=x\n").unwrap();
    assert!(!file.find(&fp("9f2c41d0aa73be15"), None, "r", TODAY).unwrap().baseline);
}

#[test]
fn bad_lines_are_problems_with_their_place() {
    let cases = [
        ("9f2c41d0aa73be1 reason=x", 1, "bad-fingerprint"),
        ("9f2c41d0aa73be15 reson=x", 18, "unknown-field"),
        ("9f2c41d0aa73be15", 1, "no-reason"),
        ("9f2c41d0aa73be15 reason=x expires=soon", 27, "bad-date"),
        ("9f2c41d0aa73be15 path=\"a[\" reason=x", 18, "bad-glob"),
        ("9f2c41d0aa73be15 reason=\"x", 18, "open-quote"),
        ("<<<<<<< HEAD", 1, "merge-conflict"),
        ("9f2c41d0aa73be15 reason", 18, "bad-field"),
    ];
    for (line, column, code) in cases {
        let problems = parse(&format!("# top\r\n{line}\r\n")).unwrap_err();
        let p = &problems.0[0];
        assert_eq!((p.line, p.column, p.code), (2, column, code), "{line}");
    }
    assert_eq!(AllowFile::parse(b"\xff", Path::new("x")).unwrap_err().0[0].code, "not-utf8");
}

#[test]
fn line_ends_marks_and_blank_lines_do_not_matter() {
    let text = "\u{feff}# top\r\n\r\n9f2c41d0aa73be15 reason=x\r\n1f2c41d0aa73be15 baseline";
    assert_eq!(parse(text).unwrap().entries().len(), 2);
}

#[test]
fn writing_sorts_keeps_comments_and_reads_back_the_same() {
    let text =
        "# mine\n\n9f2c41d0aa73be15 reason=\"x\"\n# about this one\n1f2c41d0aa73be15 baseline\n# end\n";
    let mut file = parse(text).unwrap();
    let out = file.add(AllowEntry::new(fp("5f2c41d0aa73be15"), "new\nline").in_path("a b/*").unwrap());
    let expected = "# mine\n\n# about this one\n1f2c41d0aa73be15 baseline\n5f2c41d0aa73be15 path=\"a b/*\" reason=\"new\\nline\"\n9f2c41d0aa73be15 reason=\"x\"\n# end\n";
    assert_eq!(out, expected);
    assert_eq!(parse(&out).unwrap().to_text(), out, "stable");
    assert_eq!(parse(&out).unwrap().entries()[1].reason, "new\nline");
}

#[test]
fn adding_the_same_scope_again_replaces() {
    let mut file = parse("9f2c41d0aa73be15 reason=old\n").unwrap();
    let out = file.add(AllowEntry::new(fp("9f2c41d0aa73be15"), "new"));
    assert_eq!(out.matches("9f2c41d0aa73be15").count(), 1);
    assert!(out.contains("new"));
}

#[test]
fn pruning_keeps_the_comments_of_what_stays() {
    let mut file =
        parse("# top\n\n# a\n1f2c41d0aa73be15 baseline\n# b\n9f2c41d0aa73be15 reason=x\n").unwrap();
    assert_eq!(file.retain(|e| !e.baseline), "# top\n\n# b\n9f2c41d0aa73be15 reason=\"x\"\n");
}

#[test]
fn two_branches_that_each_add_an_entry_merge_to_their_union() {
    let base = "# stopleak allow entries: one per line, sorted; `stopleak allow` adds them\n\n1f2c41d0aa73be15 reason=\"a\"\n9f2c41d0aa73be15 reason=\"b\"\n";
    let ours = parse(base).unwrap().add(AllowEntry::new(fp("0f2c41d0aa73be15"), "ours"));
    let theirs = parse(base).unwrap().add(AllowEntry::new(fp("af2c41d0aa73be15"), "theirs"));
    for line in base.lines() {
        assert!(ours.contains(line) && theirs.contains(line), "{line} changed");
    }
    assert_eq!(ours.lines().count(), base.lines().count() + 1);
}

#[test]
fn expired_and_unused_entries_are_told() {
    let file = parse("1f2c41d0aa73be15 expires=2026-11-21 reason=x\n9f2c41d0aa73be15 reason=y\n").unwrap();
    assert_eq!(file.expired(TODAY).map(|e| e.line).collect::<Vec<_>>(), [1]);
    assert_eq!(file.unused(|e| e.line == 1).map(|e| e.line).collect::<Vec<_>>(), [2]);
}
