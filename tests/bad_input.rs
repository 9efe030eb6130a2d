//! Bad input gets a clear error and its exit code: nothing let through, nothing lost.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

mod support;

use support::{Said, Scratch, line, token};

#[test]
fn a_broken_policy_lists_every_mistake_and_blocks() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    let mistakes: String = (0..20).map(|n| format!("unknown-key-{n} = {n}\n")).collect();
    scratch.write(".stopleak.toml", mistakes);
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(2);
    for n in 0..20 {
        assert!(said.err.contains(&format!("unknown-key-{n}")), "mistake {n} is not named: {}", said.err);
    }
    assert!(said.err.contains(".stopleak.toml:20"), "names file and line: {}", said.err);
}

#[test]
fn a_pattern_without_a_longest_match_is_refused() {
    let scratch = Scratch::new();
    scratch.write(
        ".stopleak.toml",
        "[[rule]]\nid = \"mine\"\nname = \"Mine\"\nwhat = \"Opens mine.\"\nseverity = \"high\"\nanchors = [\"mine_\"]\npattern = 'mine_[a-z]+'\n",
    );
    scratch.stage("a.txt", "clean\n");
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(2);
    assert!(said.err.contains("mine"), "{}", said.err);
}

#[test]
fn a_custom_rule_finds_its_secret() {
    let scratch = Scratch::new();
    scratch.write(
        ".stopleak.toml",
        "[[rule]]\nid = \"mine\"\nname = \"Mine\"\nwhat = \"Opens mine.\"\nseverity = \"high\"\nanchors = [\"mine_\"]\npattern = '\\b(mine_[0-9a-f]{24})\\b'\n",
    );
    let value: String = (0..24).map(|n| char::from(b"0123456789abcdef"[(n * 7 + 3) % 16])).collect();
    scratch.stage("a.txt", format!("k = mine_{value}\n"));
    let said = scratch.stopleak(&["scan", "--staged", "--format", "json"]).expect(1);
    assert_eq!(said.json()["findings"][0]["rule"], "mine");
}

#[test]
fn an_unknown_command_or_flag_is_wrong_usage() {
    let scratch = Scratch::new();
    for args in [
        &["frobnicate"][..],
        &["scan", "--frobnicate"],
        &["hook", "pre-frobnicate"],
        &["scan", "--format", "frob"],
    ] {
        scratch.stopleak(args).expect(2);
    }
}

#[test]
fn a_path_that_does_not_exist_is_an_error() {
    let scratch = Scratch::new();
    let said = scratch.stopleak(&["scan", "no-such-file"]);
    assert!(said.code == 2 || said.code == 3, "{} {}", said.code, said.all());
    assert!(said.all().contains("no-such-file"), "{}", said.all());
}

#[test]
fn a_range_that_git_does_not_know_is_an_error() {
    let scratch = Scratch::new();
    scratch.commit("a.txt", "one\n");
    for range in ["nothing..HEAD", "--all", "HEAD..nothing", ""] {
        let said = scratch.stopleak(&["scan", "--range", range]);
        assert_eq!(said.code, 2, "{range}: {}", said.all());
    }
}

#[test]
fn a_full_disk_under_output_is_an_error() {
    let scratch = Scratch::new();
    scratch.write("a.env", line(&token(401)));
    let said = scratch.stopleak(&["scan", ".", "--format", "json", "--output", "/dev/full"]);
    assert!(![0, 70].contains(&said.code), "{} {}", said.code, said.all());
    assert!(said.err.contains("/dev/full"), "{}", said.err);
}

#[test]
fn a_closed_standard_output_is_not_clean() {
    let scratch = Scratch::new();
    scratch.write("a.env", line(&token(402)));
    for redirect in [">&-", ">/dev/full", "| true"] {
        let script = format!("set -o pipefail; '{}' scan . --format json {redirect}", support::STOPLEAK);
        let said: Said = scratch.command("bash").args(["-c", &script]).output().unwrap().into();
        assert!(![0, 70].contains(&said.code), "{redirect}: {} {}", said.code, said.all());
        assert!(!said.err.contains("panicked"), "{redirect}: {}", said.err);
    }
}

#[test]
fn an_unreadable_file_is_named_and_not_clean() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "clean\n");
    // Reads of this file fail for everyone, root too.
    let said = scratch.stopleak(&["scan", "a.txt", "/proc/self/mem", "--format", "json"]).expect(3);
    assert!(said.json()["skipped"].to_string().contains("/proc/self/mem"), "{}", said.out);
}

#[test]
fn a_pipe_in_the_tree_is_named_and_does_not_hang() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "clean\n");
    assert!(scratch.command("mkfifo").arg("pipe").status().unwrap().success());
    let said = scratch.stopleak(&["scan", ".", "--format", "json"]);
    assert!(said.json()["skipped"].to_string().contains("pipe"), "{}", said.out);
}

#[test]
fn a_missing_staged_blob_is_named_and_blocks() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    let id = scratch.git(&["rev-parse", ":a.txt"]);
    std::fs::remove_file(scratch.dir.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(3);
    assert!(said.err.contains("a.txt"), "{}", said.err);
}

#[test]
fn a_broken_index_is_an_error() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    scratch.write(".git/index", "this is no index");
    let said = scratch.stopleak(&["hook", "pre-commit"]);
    assert!(said.code == 2 || said.code == 3, "{} {}", said.code, said.all());
}

#[test]
fn a_policy_that_is_no_file_blocks_and_does_not_hang() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    for name in [".stopleak.toml", ".stopleak.allow"] {
        let path = scratch.dir.join(name);
        for target in ["/dev/zero", "nothing-there", name, "/"] {
            std::os::unix::fs::symlink(target, &path).unwrap();
            let said = scratch.stopleak(&["hook", "pre-commit"]).expect(2);
            assert!(said.err.contains(name), "{name} -> {target}: {}", said.err);
            std::fs::remove_file(&path).unwrap();
        }
        assert!(scratch.command("mkfifo").arg(name).status().unwrap().success());
        scratch.stopleak(&["hook", "pre-commit"]).expect(2);
        std::fs::remove_file(&path).unwrap();
        let huge = std::fs::File::create(&path).unwrap();
        huge.set_len(1 << 40).unwrap();
        let said = scratch.stopleak(&["hook", "pre-commit"]).expect(2);
        assert!(said.err.contains("larger than"), "{}", said.err);
        std::fs::remove_file(&path).unwrap();
    }
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
}

#[test]
fn a_policy_named_on_the_command_line_may_be_a_pipe() {
    let scratch = Scratch::new();
    scratch.write("a.env", line(&token(406)));
    let script =
        format!("'{}' scan . --config <(echo '[paths]'; echo 'exclude = [\"*.env\"]')", support::STOPLEAK);
    let said: Said = scratch.command("bash").args(["-c", &script]).output().unwrap().into();
    assert!(said.code == 0 && said.out.contains("; 1 left out"), "{} {}", said.code, said.all());
}

#[test]
fn brackets_without_end_are_one_mistake() {
    let scratch = Scratch::new();
    scratch.write(".stopleak.toml", format!("a = {}\n", "[".repeat(5000)));
    scratch.stage("a.txt", "clean\n");
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(2);
    assert!(said.err.lines().count() < 8, "{}", said.err);
}

#[test]
fn a_git_that_gets_no_files_is_not_said_to_be_missing() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    let script = format!("ulimit -n 5; exec '{}' hook pre-commit", support::STOPLEAK);
    let said: Said = scratch.command("bash").args(["-c", &script]).output().unwrap().into();
    assert_eq!(said.code, 3, "{}", said.all());
    assert!(said.err.contains("Too many open files") && !said.err.contains("PATH"), "{}", said.err);
}

#[test]
fn what_git_says_comes_without_its_hints() {
    let scratch = Scratch::new();
    scratch.commit("a.txt", "clean\n");
    scratch.write(".git/refs/heads/bad", "no commit\n");
    let said = scratch.stopleak(&["scan", "--history"]).expect(3);
    assert!(said.err.contains("bad") && !said.err.contains("grafts"), "{}", said.err);
}

#[test]
fn lists_may_be_cut_by_their_reader() {
    let scratch = Scratch::new();
    let script = format!("set -o pipefail; '{}' rules list | head -1", support::STOPLEAK);
    let said: Said = scratch.command("bash").args(["-c", &script]).output().unwrap().into();
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(!said.err.contains("pipe"), "{}", said.err);
}

#[test]
fn without_git_on_the_path_the_hook_blocks() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    let said: Said = scratch
        .command(support::STOPLEAK)
        .env("PATH", "/nonexistent")
        .args(["hook", "pre-commit"])
        .output()
        .unwrap()
        .into();
    assert!(said.code == 2 || said.code == 3, "{} {}", said.code, said.all());
    assert!(said.err.contains("git"), "{}", said.err);
}

#[test]
fn a_malformed_allow_file_blocks_and_names_the_line() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", "clean\n");
    scratch.write(".stopleak.allow", "# fine\nnot an entry at all\n");
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(2);
    assert!(said.err.contains(".stopleak.allow:2"), "{}", said.err);
}

#[test]
fn an_allow_entry_lets_its_finding_through_and_no_other() {
    let scratch = Scratch::new();
    scratch.stage("a.env", line(&token(403)));
    let said = scratch.stopleak(&["scan", "--staged", "--format", "json"]).expect(1);
    let fingerprint = said.json()["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    scratch.stopleak(&["allow", &fingerprint, "--reason", "a fixture", "--path", "a.env"]).expect(0);
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
    scratch.stage("b.env", line(&token(403)));
    scratch.stopleak(&["hook", "pre-commit"]).expect(1);
}

#[test]
fn an_expired_allow_entry_does_not_hold() {
    let scratch = Scratch::new();
    scratch.stage("a.env", line(&token(404)));
    let said = scratch.stopleak(&["scan", "--staged", "--format", "json"]).expect(1);
    let fingerprint = said.json()["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    scratch.stopleak(&["allow", &fingerprint, "--reason", "for now", "--expires", "2099-01-01"]).expect(0);
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
    let path = scratch.dir.join(".stopleak.allow");
    let text = std::fs::read_to_string(&path).unwrap().replace("2099-01-01", "2020-01-01");
    std::fs::write(&path, text).unwrap();
    scratch.stopleak(&["hook", "pre-commit"]).expect(1);
}

#[test]
fn standard_input_streams_and_keeps_its_code() {
    let scratch = Scratch::new();
    scratch.stopleak_with(&["scan", "--stdin"], b"nothing to see\n").expect(0);
    let said = scratch.stopleak_with(
        &["scan", "--stdin", "--format", "json"],
        format!("one\n{}", line(&token(405))).as_bytes(),
    );
    assert_eq!(said.code, 1);
    assert_eq!(said.json()["findings"][0]["line"], 2);
}

#[test]
fn hook_input_may_be_large() {
    let scratch = Scratch::new();
    let commit = scratch.commit("a.txt", "one\n");
    let server = scratch.server(&[]);
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
    let zero = "0".repeat(40);
    let input: String = (0..5000).map(|n| format!("{commit} {zero} refs/heads/gone-{n}\n")).collect();
    let said = server.stopleak_with(&["hook", "pre-receive"], input.as_bytes());
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn a_file_of_nothing_but_secrets_is_read_to_its_end() {
    let scratch = Scratch::new();
    let lines: String = (0..3000).map(|n| line(&token(n))).collect();
    scratch.write("all.env", lines);
    let report = scratch.stopleak(&["scan", "all.env", "--format", "json"]).expect(1).json();
    assert_eq!(report["skipped"], serde_json::json!([]));
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(3000));
}

#[test]
fn a_file_that_is_too_dense_is_not_clean() {
    let scratch = Scratch::new();
    scratch.write("names.txt", "key=key:key ".repeat(600_000));
    let said = scratch.stopleak(&["scan", "names.txt", "--format", "json"]).expect(3);
    assert_eq!(said.json()["skipped"][0]["why"], "too-dense");
}

#[test]
fn a_mark_at_the_end_of_a_long_line_counts_for_all_of_it() {
    let scratch = Scratch::new();
    let values: String = (0..200).map(|n| format!("a = \"{}\"; ", token(n))).collect();
    scratch.write("long.js", format!("{values}// stopleak:allow fakes\na = \"{}\";\n", token(300)));
    let report = scratch.stopleak(&["scan", "long.js", "--format", "json"]).expect(1).json();
    let open: Vec<_> =
        report["findings"].as_array().unwrap().iter().filter(|f| f["disposition"] == "block").collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["line"], 2);
}
