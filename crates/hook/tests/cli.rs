//! What a person at a shell sees: messages, exit codes, formats.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod common;

use std::os::unix::fs::symlink;

use common::{command, feed, line, repository, run, run_in, token};
use stopleak_testkit::world::{Init, World};

/// The last line's numbers differ from run to run.
fn without_numbers(text: &str) -> String {
    text.lines()
        .map(|l| if l.starts_with("scanned ") { "scanned …\n".into() } else { format!("{l}\n") })
        .collect()
}

#[test]
fn a_blocked_commit_says_what_where_why_and_what_now() {
    let world = World::new();
    let repo = repository(&world);
    repo.commit("a.txt", "one\n", "one");
    let token = token(1);
    repo.stage("config/prod.conf", format!("{}{}", "x = 1\n".repeat(11), line(&token)));
    let ran = run(&world, &repo, &["hook", "pre-commit"]).code(1);
    let report = run(&world, &repo, &["scan", "--staged", "--format", "json"]).code(1).json();
    let fingerprint = report["findings"][0]["fingerprint"].as_str().expect("a fingerprint").to_owned();
    let name = report["findings"][0]["name"].as_str().expect("a name").to_owned();
    let (mask, stars) = (&token[..6], "*".repeat(token.len() - 6));
    assert_eq!(
        without_numbers(&ran.err),
        format!(
            "\
stopleak: commit blocked: 1 secret in what you staged

  config/prod.conf:12:14   {name}   {mask}…   critical, checksum valid
     12 | GITHUB_TOKEN={mask}{stars}

  1. take it out:      git restore --staged config/prod.conf   (and keep it in a secret manager or an ignored file)
  2. if it ever left this machine: revoke it first   https://github.com/settings/tokens
  3. not a secret?     stopleak allow {fingerprint} --path config/prod.conf --reason \"…\"

scanned …
"
        )
    );
    assert_eq!(ran.out, "");
}

#[test]
fn each_exit_code_means_what_is_documented() {
    let world = World::new();
    let repo = repository(&world);
    repo.commit("a.txt", "one\n", "one");
    run(&world, &repo, &["scan"]).code(0);
    run(&world, &repo, &["hook", "pre-commit"]).code(0);
    repo.write("b.txt", line(&token(2)));
    run(&world, &repo, &["scan"]).code(1);
    run(&world, &repo, &["scan", "--no-such-flag"]).code(2);
    run(&world, &repo, &["--config", "no-such-file", "scan"]).code(2);
    run(&world, &repo, &["-C", "no-such-folder", "scan"]).code(2);
    repo.stage("c.txt", "clean\n");
    let blob = repo.git(&["rev-parse", ":c.txt"]);
    std::fs::remove_file(repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    run(&world, &repo, &["hook", "pre-commit"]).code(3);
}

#[test]
fn findings_outweigh_gaps_and_both_are_said() {
    let world = World::new();
    let repo = repository(&world);
    repo.stage("gone.txt", "clean\n");
    let blob = repo.git(&["rev-parse", ":gone.txt"]);
    repo.stage("b.txt", line(&token(3)));
    std::fs::remove_file(repo.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let ran = run(&world, &repo, &["hook", "pre-commit"]).code(1);
    assert!(ran.err.contains("1 secret in what you staged; 1 item could not be scanned"), "{}", ran.err);
    assert!(ran.err.contains("gone.txt   missing-object"), "{}", ran.err);
}

#[test]
fn a_clean_hook_is_silent() {
    let world = World::new();
    let repo = repository(&world);
    repo.stage("a.txt", "clean\n");
    let ran = run(&world, &repo, &["hook", "pre-commit"]).code(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn every_format_carries_the_finding() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("a.txt", line(&token(4)));
    let json = run(&world, &repo, &["scan", "--format", "json"]).code(1).json();
    let finding = &json["findings"][0];
    assert_eq!((finding["path"].as_str(), finding["line"].as_u64()), (Some("a.txt"), Some(1)));
    assert_eq!(json["coverage"]["config"].as_str().map(str::len), Some(64));
    let lines = run(&world, &repo, &["scan", "--format", "jsonl"]).code(1).out;
    let lines: Vec<serde_json::Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines[0]["fingerprint"], finding["fingerprint"]);
    assert_eq!(lines[1]["outcome"], "findings");
    let sarif = run(&world, &repo, &["scan", "--format", "sarif"]).code(1).json();
    assert_eq!(sarif["runs"][0]["results"][0]["partialFingerprints"]["stopleak/v1"], finding["fingerprint"]);
}

#[test]
fn a_report_in_a_file_leaves_the_text_on_standard_error() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("a.txt", line(&token(5)));
    let ran = run(&world, &repo, &["scan", "--format", "json", "--output", "report.json"]).code(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("1 secret found"), "{}", ran.err);
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(repo.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["outcome"], "findings");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let world = World::new();
    let repo = repository(&world);
    let cases = [(["--output", "/dev/full"], 3), (["--output", "no/such/folder/report"], 2)];
    for (output, code) in cases {
        let args = [&["scan", "--format", "json"][..], &output].concat();
        let ran = run(&world, &repo, &args).code(code);
        assert!(ran.err.contains(output[1]), "{}", ran.err);
    }
}

#[test]
fn a_reader_that_leaves_gets_no_panic_and_no_zero() {
    let world = World::new();
    let repo = repository(&world);
    // More than a pipe holds, so that writing meets the closed end.
    for n in 0..600 {
        repo.write(&format!("f{n}.txt"), line(&token(100 + n)));
    }
    let script = format!("set -o pipefail; '{}' scan --format json | true", common::STOPLEAK);
    let mut bash = world.command("bash", repo.path());
    let ran = feed(
        {
            bash.args(["-c", &script]);
            bash
        },
        b"",
    );
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("could not be written"), "{}", ran.err);
}

#[test]
fn a_quiet_doctor_says_only_what_is_wrong() {
    let world = World::new();
    let repo = repository(&world);
    run(&world, &repo, &["install", "--quiet"]).code(0);
    assert_eq!(run(&world, &repo, &["doctor", "--quiet"]).code(0).out, "");
    repo.write(".git/hooks/pre-push", "#!/bin/sh\n");
    let ran = run(&world, &repo, &["doctor", "--quiet"]).code(3);
    assert!(ran.out.contains("FAIL  pre-push") && !ran.out.contains("ok  "), "{}", ran.out);
}

#[test]
fn colour_comes_only_when_asked_for() {
    let world = World::new();
    let repo = repository(&world);
    repo.stage("a.txt", line(&token(6)));
    let plain = run(&world, &repo, &["hook", "pre-commit"]).code(1);
    assert!(!plain.err.contains('\u{1b}'));
    let coloured = run(&world, &repo, &["--color", "always", "hook", "pre-commit"]).code(1);
    assert!(coloured.err.contains("\u{1b}["));
}

#[test]
fn git_stopleak_is_the_same_program() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("a.txt", line(&token(7)));
    let bin = world.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    symlink(common::STOPLEAK, bin.join("git-stopleak")).unwrap();
    let mut git = world.command("git", repo.path());
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let ran = feed(
        {
            git.args(["stopleak", "scan"]).env("PATH", path);
            git
        },
        b"",
    )
    .code(1);
    assert!(ran.out.contains("a.txt:1:14"), "{}", ran.out);
}

#[test]
fn a_range_shows_what_its_commits_add() {
    let world = World::new();
    let repo = repository(&world);
    repo.commit("old.txt", line(&token(8)), "old");
    let base = repo.git(&["rev-parse", "HEAD"]);
    let commit = repo.commit("new.txt", line(&token(9)), "new");
    let report =
        run(&world, &repo, &["scan", "--range", &format!("{base}..HEAD"), "--format", "json"]).code(1).json();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{report}");
    assert_eq!(
        (findings[0]["path"].as_str(), findings[0]["commit"].as_str()),
        (Some("new.txt"), Some(&*commit))
    );
    assert_eq!(findings[0]["author"], "Ada Author <ada@example.org>");
}

#[test]
fn standard_input_is_scanned_as_a_stream() {
    let world = World::new();
    let text = format!("{}{}", "noise and more noise\n".repeat(200_000), line(&token(10)));
    let ran = feed(command(&world, &world.path(), &["scan", "--stdin", "--format", "json"]), text.as_bytes())
        .code(1);
    let report = ran.json();
    assert_eq!(report["findings"][0]["line"], 200_001);
    assert_eq!(report["coverage"]["bytes"], text.len());
}

#[test]
fn a_file_larger_than_memory_would_allow_streams() {
    let world = World::new();
    let repo = repository(&world);
    let mut text = "0123456789 abcdefghij\n".repeat(2_000_000);
    text.push_str(&line(&token(11)));
    repo.write("big.log", &text);
    let report = run(&world, &repo, &["scan", "big.log", "--format", "json"]).code(1).json();
    assert_eq!(report["findings"][0]["line"], 2_000_001);
}

#[test]
fn files_are_walked_without_following_links_and_with_every_skip_named() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("sub/deep/a.txt", line(&token(12)));
    symlink("/etc", repo.path().join("etc")).unwrap();
    symlink(format!("/nowhere/{}", token(13)), repo.path().join("link")).unwrap();
    assert!(world.command("mkfifo", repo.path()).arg("pipe").status().unwrap().success());
    let report = run(&world, &repo, &["scan", "--format", "json"]).code(1).json();
    let paths: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|f| f["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["link", "sub/deep/a.txt"]);
    let skipped = report["skipped"].as_array().unwrap();
    let whys: Vec<_> =
        skipped.iter().map(|s| (s["what"].as_str().unwrap(), s["why"].as_str().unwrap())).collect();
    assert_eq!(whys, [(".git", "git-folder"), ("pipe", "fifo")]);
    assert_eq!(report["complete"], true);
}

#[test]
fn ignored_files_are_scanned_unless_asked_not_to() {
    let world = World::new();
    let repo = repository(&world);
    repo.stage(".gitignore", "local.txt\n");
    repo.write("local.txt", line(&token(14)));
    run(&world, &repo, &["scan"]).code(1);
    run(&world, &repo, &["scan", "--respect-gitignore"]).code(0);
}

#[test]
fn outside_of_a_repository_files_can_be_scanned_and_nothing_else() {
    let world = World::new();
    std::fs::write(world.path().join("a.txt"), line(&token(15))).unwrap();
    run_in(&world, &world.path(), &["scan"]).code(1);
    for args in [
        &["scan", "--staged"][..],
        &["scan", "--history"],
        &["scan", "--range", "a..b"],
        &["hook", "pre-commit"],
    ] {
        let ran = run_in(&world, &world.path(), args).code(2);
        assert!(ran.err.contains("not a git repository") && ran.err.contains("hint:"), "{}", ran.err);
    }
}

#[test]
fn the_policy_of_the_repository_is_used_from_any_folder() {
    let world = World::new();
    let repo = repository(&world);
    repo.write(".stopleak.toml", "[paths]\nexclude = [\"/sub/fixtures/\"]\n");
    repo.write("sub/fixtures/a.txt", line(&token(16)));
    let report = run_in(&world, &repo.path().join("sub"), &["scan", "--format", "json"]).code(0).json();
    assert_eq!(report["skipped"][0]["why"], "path-excluded");
    assert_eq!(report["skipped"][0]["what"], "fixtures/a.txt");
    repo.git(&["add", "-f", "sub"]);
    run(&world, &repo, &["hook", "pre-commit"]).code(0);
}

#[test]
fn an_inline_mark_and_an_allow_entry_let_a_finding_through() {
    let world = World::new();
    let repo = repository(&world);
    let (marked, listed) = (token(17), token(18));
    repo.stage("a.txt", format!("k = {marked}  # stopleak:allow a fixture\n"));
    repo.stage("b.txt", line(&listed));
    let report = run(&world, &repo, &["scan", "--staged", "--format", "json"]).code(1).json();
    let find = |path: &str| {
        report["findings"].as_array().unwrap().iter().find(|f| f["path"] == path).unwrap().clone()
    };
    assert_eq!(
        (find("a.txt")["disposition"].as_str(), find("a.txt")["reason"].as_str()),
        (Some("allowed"), Some("a fixture"))
    );
    let fingerprint = find("b.txt")["fingerprint"].as_str().unwrap().to_owned();
    run(&world, &repo, &["allow", &fingerprint, "--reason", "rotated", "--path", "b.txt"]).code(0);
    run(&world, &repo, &["hook", "pre-commit"]).code(0);
    let file = std::fs::read_to_string(repo.path().join(".stopleak.allow")).unwrap();
    assert!(file.contains(&fingerprint) && !file.contains(&listed), "{file}");
}

#[test]
fn a_fingerprint_that_is_none_is_not_repeated() {
    let world = World::new();
    let repo = repository(&world);
    let token = token(19);
    for command in ["allow", "approve"] {
        let ran = run(&world, &repo, &[command, &token, "--reason", "oops"]).code(2);
        assert!(!ran.err.contains(&token[..12]), "{}", ran.err);
    }
}

#[test]
fn an_entry_that_could_never_hold_or_holds_the_secret_is_refused() {
    let world = World::new();
    let repo = repository(&world);
    let (print, token) = ("0123456789abcdef", token(25));
    for wrong in [["--reason", &token], ["--reason=x", "--expires=2020-01-01"], ["--reason=x", "--path="]] {
        let ran = run(&world, &repo, &[&["allow", print], &wrong[..]].concat()).code(2);
        assert!(!ran.err.contains(&token[..12]), "{}", ran.err);
    }
    run(&world, &repo, &["approve", print, "--reason", &token]).code(2);
    assert!(!repo.path().join(".stopleak.allow").exists());
}

#[test]
fn a_baseline_silences_what_was_there_and_nothing_new() {
    let world = World::new();
    let repo = repository(&world);
    repo.commit("old.txt", line(&token(20)), "old");
    repo.commit("gone.txt", line(&token(21)), "gone");
    repo.git(&["rm", "-q", "gone.txt"]);
    repo.git(&["commit", "-q", "-m", "remove"]);
    run(&world, &repo, &["baseline", "create"]).code(0);
    run(&world, &repo, &["scan"]).code(0);
    run(&world, &repo, &["scan", "--history"]).code(0);
    repo.write("new.txt", line(&token(22)));
    let report = run(&world, &repo, &["scan", "--format", "json"]).code(1).json();
    let dispositions: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|f| f["disposition"].as_str().unwrap()).collect();
    assert_eq!(dispositions, ["block", "baseline"]);
    std::fs::remove_file(repo.path().join("new.txt")).unwrap();
    std::fs::remove_file(repo.path().join("old.txt")).unwrap();
    run(&world, &repo, &["baseline", "prune", "--files-only"]).code(0);
    let stats = run(&world, &repo, &["baseline", "stats", "--files-only", "--format", "json"]).code(0).json();
    assert_eq!(stats["baseline"]["entries"], 0);
}

#[test]
fn a_pushed_branch_is_judged_before_it_leaves() {
    let world = World::new();
    let repo = repository(&world);
    let server = world.init("server", Init { bare: true, ..Init::default() });
    repo.hook("pre-push", &format!("#!/bin/sh\nexec '{}' hook pre-push \"$@\"\n", common::STOPLEAK));
    repo.commit("a.txt", "one\n", "one");
    assert!(repo.push(&server, &["main"]).status.success());
    let commit = repo.commit("b.txt", line(&token(23)), "two");
    let ran = common::Ran::from(repo.push(&server, &["main"]));
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("push blocked: 1 secret in what you push"), "{}", ran.err);
    assert!(
        ran.err.contains(&format!("git commit --amend   (after taking it out of {})", &commit[..12])),
        "{}",
        ran.err
    );
}

#[test]
fn the_message_of_a_commit_is_judged_as_it_will_be_stored() {
    let world = World::new();
    let repo = repository(&world);
    let token = token(24);
    let cases = [
        (format!("deploy with {token}\n"), "vi", 1),
        (format!("tidy\n\n# {token}\n"), "vi", 0),
        // Without an editor git keeps comment lines.
        (format!("tidy\n\n# {token}\n"), ":", 1),
        (format!("tidy\n# ------------------------ >8 ------------------------\n-{token}\n"), "vi", 0),
    ];
    for (message, editor, code) in cases {
        repo.write("message", &message);
        let mut stopleak = command(&world, repo.path(), &["hook", "commit-msg", "message"]);
        let ran = common::Ran::from(stopleak.env("GIT_EDITOR", editor).output().unwrap());
        assert_eq!(ran.code, code, "{message:?} with {editor}: {}", ran.err);
    }
}

#[test]
fn explain_says_why_and_what_to_do() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("a.txt", line(&token(25)));
    let report = run(&world, &repo, &["scan", "--format", "json"]).code(1).json();
    let fingerprint = report["findings"][0]["fingerprint"].as_str().unwrap();
    let rule = report["findings"][0]["rule"].as_str().unwrap();
    for what in [fingerprint, rule] {
        let ran = run(&world, &repo, &["explain", what]).code(0);
        assert!(
            ran.out.contains("revoke it") && ran.out.contains("https://github.com/settings/tokens"),
            "{}",
            ran.out
        );
    }
    run(&world, &repo, &["explain", "0123456789abcdef"]).code(2);
    run(&world, &repo, &["explain", "no-such-rule"]).code(2);
}

#[test]
fn rules_can_be_listed_shown_and_tested() {
    let world = World::new();
    let repo = repository(&world);
    let listed = run(&world, &repo, &["rules", "list", "--format", "json"]).code(0).json();
    assert!(listed["rules"].as_array().unwrap().len() >= 80);
    let shown = run(&world, &repo, &["rules", "show", "github-personal-access-token"]).code(0);
    assert!(shown.out.contains("ghp_"), "{}", shown.out);
    let rule = |example: &str| {
        format!(
            "[[rule]]\nid = \"mine\"\nname = \"Mine\"\nwhat = \"Opens mine.\"\nseverity = \"high\"\nanchors = [\"mine_\"]\n\
             pattern = '\\b(mine_[0-9a-f]{{16}})\\b'\nsource = \"https://mine.example\"\npositive = ['{example}']\n\
             negative = ['mine_xx']\n"
        )
    };
    repo.write("good.toml", rule("k = mine_<>3f9c27d1b84e06a5"));
    repo.write("bad.toml", rule("k = mine_"));
    run(&world, &repo, &["rules", "test", "good.toml"]).code(0);
    run(&world, &repo, &["rules", "test", "bad.toml"]).code(2);
}

#[test]
fn the_policy_can_be_checked_and_shown() {
    let world = World::new();
    let repo = repository(&world);
    run(&world, &repo, &["config", "check"]).code(0);
    let shown = run(&world, &repo, &["config", "show", "--format", "json"]).code(0).json();
    assert_eq!(shown["policy"]["hook.block"], "high");
    repo.write(".stopleak.toml", "one = 1\n\ntwo = 2\n");
    let ran = run(&world, &repo, &["config", "check"]).code(2);
    assert!(ran.err.contains(".stopleak.toml:1") && ran.err.contains(".stopleak.toml:3"), "{}", ran.err);
}

#[test]
fn a_secret_in_a_file_name_is_masked_wherever_the_name_is_shown() {
    let world = World::new();
    let repo = repository(&world);
    let token = token(26);
    repo.stage(&format!("keys-{token}.txt"), line(&common::token(27)));
    for format in ["text", "json", "jsonl", "sarif"] {
        let ran = run(&world, &repo, &["scan", "--staged", "--format", format]).code(1);
        assert!(ran.out.contains(&token[..6]), "{}", ran.out);
        assert!(!ran.out.contains(&token[..14]), "{}", ran.out);
    }
}

#[test]
fn the_report_does_not_depend_on_threads() {
    let world = World::new();
    let repo = repository(&world);
    for n in 0..60 {
        repo.write(
            &format!("d{}/f{n}.txt", n % 5),
            format!("{}{}", "x\n".repeat(20_000), line(&token(300 + n % 7))),
        );
    }
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "many"]);
    for source in [&["scan"][..], &["scan", "--history"], &["scan", "--range", "HEAD"]] {
        let report = |threads: &str| {
            let args = [source, &["--format", "json", "--threads", threads]].concat();
            run(&world, &repo, &args).code(1).json()["findings"].to_string()
        };
        assert_eq!(report("1"), report("4"), "{source:?}");
    }
}

#[test]
fn an_interrupted_scan_shows_what_it_found_and_is_not_clean() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("a.txt", line(&token(28)));
    let mut stopleak = command(&world, repo.path(), &["scan", "a.txt", "/dev/zero"]);
    stopleak.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = stopleak.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(
        world
            .command("kill", repo.path())
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let ran = common::Ran::from(child.wait_with_output().unwrap()).code(1);
    assert!(ran.out.contains("a.txt:1:14") && ran.out.contains("interrupted"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_deadline_makes_a_scan_incomplete() {
    let world = World::new();
    let repo = repository(&world);
    repo.write(".stopleak.toml", "[limits]\ndeadline = \"200ms\"\n");
    let report = run(&world, &repo, &["scan", "/dev/zero", "--format", "json"]).code(3).json();
    assert_eq!(report["skipped"][0]["why"], "deadline");
}

#[test]
fn a_format_that_nobody_opens_is_named_and_a_limit_of_ours_blocks() {
    let world = World::new();
    let repo = repository(&world);
    repo.write("a.xz", b"\xfd7zXZ\0 and so on");
    let report = run(&world, &repo, &["scan", "--format", "json"]).code(0).json();
    assert!(report["skipped"].to_string().contains("compressed-format"), "{report}");
}

#[test]
fn a_rule_that_cannot_be_used_blocks() {
    let world = World::new();
    let repo = repository(&world);
    let rule = "[[rule]]\nid = \"mine\"\nname = \"Mine\"\nwhat = \"Opens mine.\"\nseverity = \"high\"\nanchors = [\"mine_\"]\npattern = 'mine_[a-z]+'\nsource = \"https://mine.example\"\n";
    repo.write(".stopleak.toml", rule);
    let ran = run(&world, &repo, &["hook", "pre-commit"]).code(2);
    assert!(ran.err.contains("mine"), "{}", ran.err);
}

#[test]
fn an_lfs_pointer_says_that_its_content_was_not_scanned() {
    let world = World::new();
    let repo = repository(&world);
    let oid = "4d7a2146".repeat(8);
    repo.stage(
        "big.bin",
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n"),
    );
    let report = run(&world, &repo, &["scan", "--staged", "--format", "json"]).code(0).json();
    let skip = &report["skipped"][0];
    assert_eq!((skip["why"].as_str(), skip["bytes"].as_u64()), (Some("lfs-object"), Some(12345)));
}

#[test]
fn a_mark_is_read_in_utf16_too() {
    let world = World::new();
    let repo = repository(&world);
    let text = format!("k = {}  # stopleak:allow a fixture\n", token(29));
    let bytes: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    repo.stage("a.txt", bytes);
    run(&world, &repo, &["hook", "pre-commit"]).code(0);
}

#[test]
fn the_command_works_where_the_committer_is() {
    let world = World::new();
    let repo = repository(&world);
    repo.commit("a.txt", "one\n", "one");
    repo.hook("pre-commit", &format!("#!/bin/sh\nexec '{}' hook pre-commit\n", common::STOPLEAK));
    repo.stage("sub/b.txt", line(&token(30)));
    let sub = repo.path().join("sub");
    let mut git = world.command("git", &sub);
    let ran = feed(
        {
            git.args(["commit", "-q", "-m", "x"]);
            git
        },
        b"",
    );
    assert_ne!(ran.code, 0);
    let advice = ran.err.lines().find_map(|l| l.split("take it out:").nth(1)).expect("a command").trim();
    let advice = advice.split("   (").next().unwrap();
    let mut shell = world.command("sh", &sub);
    assert_eq!(
        feed(
            {
                shell.args(["-c", advice]);
                shell
            },
            b""
        )
        .code,
        0,
        "{advice}"
    );
    assert_eq!(repo.git(&["diff", "--cached", "--name-only"]), "");
}
