//! What a person reads.

mod common;

use common::{everything, gap, staged, token};
use stopleak_report::text::{Layout, Server, Situation};
use stopleak_report::{Disposition, Finding, Format, Scan, Where, write};

fn text(scan: &Scan, layout: &Layout) -> String {
    let mut out = Vec::new();
    write(scan, Format::Text, layout, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("text is UTF-8")
}

fn layout(situation: Situation) -> Layout {
    Layout { situation, ..Layout::default() }
}

#[test]
fn a_blocked_commit_says_what_where_why_and_what_now() {
    let scan = staged(vec![token()]);
    assert_eq!(
        text(&scan, &layout(Situation::Commit { unborn: false, below: false })),
        "\
stopleak: commit blocked: 1 secret in what you staged

  config/prod.env:12:14   GitHub personal access token   ghp_4f…   critical, checksum valid
     12 | GITHUB_TOKEN=ghp_4f************************************

  1. take it out:      git restore --staged config/prod.env   (and keep it in a secret manager or an ignored file)
  2. if it ever left this machine: revoke it first   https://github.com/settings/tokens
  3. not a secret?     stopleak allow 9f2c41d0aa73be15 --path config/prod.env --reason \"…\"

scanned 3 files, 4.1 KB, 312 rules, 3 ms
"
    );
}

#[test]
fn what_policy_leaves_out_is_counted() {
    let mut scan = staged(Vec::new());
    for why in ["path-excluded", "compressed-format", "git-folder"] {
        scan.skipped.push(stopleak_report::Skip { why: why.into(), in_scope: false, ..gap("a.xz") });
    }
    let shown = text(&scan, &layout(Situation::Scan));
    assert!(shown.contains("clean") && shown.contains("; 2 left out (-v names them)"), "{shown}");
}

#[test]
fn before_the_first_commit_the_command_is_another() {
    let shown = text(&staged(vec![token()]), &layout(Situation::Commit { unborn: true, below: false }));
    assert!(shown.contains("git rm --cached config/prod.env"), "{shown}");
}

#[test]
fn from_a_subfolder_the_command_names_the_path_from_the_root() {
    let shown = text(&staged(vec![token()]), &layout(Situation::Commit { unborn: false, below: true }));
    assert!(shown.contains("git restore --staged :/config/prod.env "), "{shown}");
}

#[test]
fn a_hook_that_found_nothing_says_nothing() {
    for situation in [
        Situation::Commit { unborn: false, below: false },
        Situation::Push,
        Situation::Received(Server::default()),
    ] {
        assert_eq!(text(&staged(Vec::new()), &layout(situation)), "");
    }
    let shown = text(&staged(Vec::new()), &layout(Situation::Scan));
    assert_eq!(shown, "stopleak: clean: no secret found\n\nscanned 3 files, 4.1 KB, 312 rules, 3 ms\n");
}

#[test]
fn a_gap_is_never_called_clean() {
    let scan = Scan { skipped: vec![gap("a.bin")], ..staged(Vec::new()) };
    let shown = text(&scan, &layout(Situation::Commit { unborn: false, below: false }));
    assert!(
        shown.starts_with("stopleak: commit blocked: 1 item in what you staged could not be scanned\n"),
        "{shown}"
    );
    assert!(shown.contains("  a.bin   missing-object: git has no such object\n"), "{shown}");
    assert!(!shown.contains("clean"), "{shown}");
}

#[test]
fn findings_and_gaps_are_both_said() {
    let scan = Scan { skipped: vec![gap("a.bin"), gap("b.bin")], ..staged(vec![token()]) };
    let shown = text(&scan, &layout(Situation::Scan));
    assert!(shown.starts_with("stopleak: 1 secret found; 2 items could not be scanned\n"), "{shown}");
}

#[test]
fn a_warning_does_not_claim_to_block() {
    let scan = staged(vec![Finding { disposition: Disposition::Warn, ..token() }]);
    let shown = text(&scan, &layout(Situation::Commit { unborn: false, below: false }));
    assert!(shown.starts_with("stopleak: 1 warning in what you staged (not blocked)\n"), "{shown}");
}

#[test]
fn a_refused_push_names_commit_fingerprint_and_remedy() {
    let commit = Some("1a2b3c4d5e6f70819293a4b5c6d7e8f901234567".to_owned());
    let fresh = Finding { commit: commit.clone(), ..token() };
    let known = Finding { known_before: true, commit, ..token() };
    let server = Server { bypass: true, contact: "#platform".into(), ..Server::default() };
    let shown = text(&staged(vec![fresh]), &layout(Situation::Received(server.clone())));
    assert!(shown.contains("commit 1a2b3c4d5e6f"), "{shown}");
    assert!(shown.contains("git rebase -i 1a2b3c4d5e6f^"), "{shown}");
    assert!(shown.contains("git push -o \"stopleak.bypass=9f2c41d0aa73be15:REASON\""), "{shown}");
    assert!(shown.contains("or ask #platform to run:"), "{shown}");
    let shown = text(&staged(vec![known]), &layout(Situation::Received(server)));
    assert!(shown.contains("it was pushed before, so it has leaked: revoke it first"), "{shown}");
    assert!(!shown.contains("rebase"), "{shown}");
}

#[test]
fn a_host_that_wants_a_prefix_gets_it_on_every_line() {
    let server = Server { prefix: "GL-HOOK-ERR:", ..Server::default() };
    let shown = text(&staged(vec![token()]), &layout(Situation::Received(server)));
    assert!(shown.lines().count() > 5);
    assert!(shown.lines().all(|l| l.starts_with("GL-HOOK-ERR: ")), "{shown}");
}

#[test]
fn hostile_text_reaches_no_terminal() {
    let shown = text(&everything(), &Layout { verbose: true, ..layout(Situation::Scan) });
    assert!(shown.contains("d\\xff/\\x1b[31m\\ntxt:12:14"), "{shown}");
    assert!(shown.contains("Eve \\u{202e}<eve@example.org>"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
}

#[test]
fn colour_is_written_only_when_asked_for() {
    let plain = text(&staged(vec![token()]), &layout(Situation::Scan));
    let coloured = text(&staged(vec![token()]), &Layout { colour: true, ..layout(Situation::Scan) });
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
}

#[test]
fn every_one_of_twelve_files_is_shown() {
    let files = (0..12).map(|i| Finding { path: Some(format!("f{i}.py").as_str().into()), ..token() });
    let shown = text(&staged(files.collect()), &layout(Situation::Commit { unborn: false, below: false }));
    for i in 0..12 {
        assert!(shown.contains(&format!("  f{i}.py:12:14 ")), "{shown}");
    }
}

#[test]
fn a_path_that_looks_like_an_option_is_guarded() {
    let scan = staged(vec![Finding { path: Some("-rf x".into()), ..token() }]);
    let shown = text(&scan, &layout(Situation::Commit { unborn: false, below: false }));
    assert!(shown.contains("git restore --staged -- '-rf x'"), "{shown}");
}

#[test]
fn messages_refs_and_names_have_their_own_places() {
    let cases = [
        (Where::CommitMessage, "message of commit 1a2b3c4d5e6f:12:14"),
        (Where::TagMessage, "message of tag v1:12:14"),
        (Where::RefName, "ref name v1"),
        (Where::Path, "file name config/prod.env"),
        (Where::Author, "author line of commit 1a2b3c4d5e6f"),
    ];
    for (place, want) in cases {
        let finding = Finding {
            place,
            commit: Some("1a2b3c4d5e6f70819293a4b5c6d7e8f901234567".into()),
            ref_name: Some("v1".into()),
            ..token()
        };
        let shown = text(&staged(vec![finding]), &layout(Situation::Scan));
        assert!(shown.contains(want), "{want}: {shown}");
    }
}

#[test]
fn a_remedy_fits_the_place() {
    let cases = [
        (Where::RefName, "git branch -m NEW-NAME"),
        (Where::TagMessage, "git tag -d v1"),
        (Where::Note, "git notes remove config/prod.env"),
        (Where::CommitMessage, "git commit --amend"),
    ];
    for (place, want) in cases {
        let finding = Finding {
            place,
            commit: Some("1a2b3c4d5e6f70819293a4b5c6d7e8f901234567".into()),
            ref_name: Some("refs/tags/v1".into()),
            at_tip: true,
            ..token()
        };
        let shown = text(&staged(vec![finding]), &layout(Situation::Push));
        assert!(shown.contains(want), "{want}: {shown}");
    }
}

#[test]
fn what_is_over_the_limit_is_counted_and_the_command_for_all_is_named() {
    let many = staged(vec![token(); 7]);
    let commit = Layout { limit: 5, ..layout(Situation::Commit { unborn: false, below: false }) };
    let shown = text(&many, &commit);
    assert!(shown.starts_with("stopleak: commit blocked: 7 secrets in what you staged\n"), "{shown}");
    assert!(shown.contains("\n  … and 2 more; `stopleak scan --staged` shows all\n"), "{shown}");
    assert_eq!(shown.matches("GitHub personal access token").count(), 5, "{shown}");
}
