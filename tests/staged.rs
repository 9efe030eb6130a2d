//! A secret that gets committed: the numbered lines 1–15 of what rivals get wrong, through
//! `stopleak hook pre-commit` or a real `git commit` with the hooks installed.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

mod support;

use support::{Scratch, line, token, utf16};

/// Stages nothing more; the hook must block and name `path`.
#[track_caller]
fn blocks(scratch: &Scratch, path: &str) {
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(1);
    assert!(said.err.contains(path), "names the file: {}", said.all());
}

#[test]
fn rival_01_attributes_that_hide_the_diff() {
    for attributes in ["*.py -diff\n", "* binary\n", "*.py -text -diff\n"] {
        let scratch = Scratch::new();
        scratch.stage(".gitattributes", attributes);
        scratch.stage("a.py", line(&token(1)));
        blocks(&scratch, "a.py");
    }
}

#[test]
fn rival_02_textconv_and_external_diff() {
    let scratch = Scratch::new();
    scratch.git(&["config", "diff.hide.textconv", "echo nothing"]);
    scratch.git(&["config", "diff.hide.command", "true"]);
    scratch.git(&["config", "diff.external", "true"]);
    scratch.stage(".gitattributes", "* diff=hide\n");
    scratch.stage("a.py", line(&token(2)));
    blocks(&scratch, "a.py");
}

#[test]
fn rival_02_colour_always_and_other_diff_settings() {
    let scratch = Scratch::new();
    for (key, value) in [
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.relative", "true"),
        ("diff.renames", "copies"),
        ("diff.ignoreSubmodules", "all"),
        ("core.quotePath", "true"),
        ("core.attributesFile", "/nonexistent/attributes"),
    ] {
        scratch.git(&["config", key, value]);
    }
    scratch.stage("sub/ä.py", line(&token(3)));
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(1);
    assert!(said.err.contains("ä.py"), "{}", said.err);
}

#[test]
fn rival_03_utf16_with_a_byte_order_mark() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", utf16(&format!("first\r\n{}", line(&token(4)))));
    let said = scratch.stopleak(&["scan", "--staged", "--format", "json"]).expect(1);
    assert_eq!(said.json()["findings"][0]["line"], 2);
}

#[test]
fn rival_03_two_nul_bytes_at_the_start() {
    let scratch = Scratch::new();
    scratch.stage("a.txt", format!("\0\0{}", line(&token(5))));
    blocks(&scratch, "a.txt");
}

#[test]
fn rival_03_inside_a_binary_blob() {
    let scratch = Scratch::new();
    let mut blob: Vec<u8> = (0..=255).cycle().take(5000).collect();
    blob.extend(token(6).bytes());
    blob.extend((0..=255).rev().cycle().take(5000));
    scratch.stage("image.bin", blob);
    blocks(&scratch, "image.bin");
}

#[test]
fn rival_03_inside_a_staged_zip() {
    let scratch = Scratch::new();
    scratch.write("inner/conf.env", line(&token(7)));
    let made = scratch
        .command("python3")
        .args([
            "-c",
            "import zipfile; z=zipfile.ZipFile('a.zip','w',zipfile.ZIP_DEFLATED); z.write('inner/conf.env')",
        ])
        .status()
        .unwrap();
    assert!(made.success());
    scratch.git(&["add", "a.zip"]);
    blocks(&scratch, "a.zip");
}

#[test]
fn rival_04_settings_that_make_git_diff_fail() {
    for (key, value) in [("diff.algorithm", "bogus"), ("diff.orderFile", "/nonexistent/order")] {
        let scratch = Scratch::new();
        scratch.git(&["config", key, value]);
        scratch.stage("a.py", line(&token(8)));
        let said = scratch.stopleak(&["hook", "pre-commit"]);
        assert!(said.code == 1 || said.code == 3, "{key}: {} {}", said.code, said.all());
    }
}

#[test]
fn rival_05_outside_a_repository() {
    let scratch = Scratch::new();
    let plain = scratch.top().join("plain");
    std::fs::create_dir(&plain).unwrap();
    for args in [&["hook", "pre-commit"][..], &["scan", "--staged"], &["scan", "--history"]] {
        let out = scratch.command(support::STOPLEAK).current_dir(&plain).args(args).output().unwrap();
        let said = support::Said::from(out);
        assert_eq!(said.code, 2, "{args:?}: {}", said.all());
        assert!(said.err.contains("not a git repository") || said.err.contains("repository"), "{}", said.err);
    }
}

#[test]
fn rival_06_the_first_commit() {
    let scratch = Scratch::new();
    scratch.stage("a.py", line(&token(9)));
    blocks(&scratch, "a.py");
}

#[test]
fn rival_06_a_sha256_repository() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    scratch.commit("clean.txt", "nothing\n");
    scratch.stage("a.py", line(&token(10)));
    blocks(&scratch, "a.py");
}

#[test]
fn rival_06_a_reftable_repository() {
    let scratch = Scratch::with(&["--ref-format=reftable"]);
    scratch.commit("clean.txt", "nothing\n");
    scratch.stage("a.py", line(&token(11)));
    blocks(&scratch, "a.py");
}

#[test]
fn rival_06_a_split_index() {
    let scratch = Scratch::new();
    scratch.git(&["config", "core.splitIndex", "true"]);
    scratch.commit("clean.txt", "nothing\n");
    scratch.stage("a.py", line(&token(12)));
    scratch.git(&["update-index", "--split-index"]);
    blocks(&scratch, "a.py");
}

#[test]
fn rival_06_an_index_lock_in_the_way() {
    let scratch = Scratch::new();
    scratch.stage("a.py", line(&token(13)));
    scratch.write(".git/index.lock", "");
    blocks(&scratch, "a.py");
}

#[test]
fn rival_07_only_the_index_holds_the_secret() {
    let scratch = Scratch::new();
    scratch.stage("a.py", line(&token(14)));
    scratch.write("a.py", "print('clean now')\n");
    blocks(&scratch, "a.py");
}

#[test]
fn rival_07_a_secret_in_the_work_tree_alone_does_not_block() {
    let scratch = Scratch::new();
    scratch.stage("a.py", "print('clean')\n");
    scratch.write("a.py", line(&token(15)));
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
}

#[test]
fn rival_08_a_token_in_a_file_name() {
    let scratch = Scratch::new();
    let token = token(16);
    scratch.stage(&format!("backup-{token}.txt"), "nothing\n");
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(1);
    assert!(!said.all().contains(&token), "the name is masked: {}", said.all());
}

#[test]
fn rival_08_a_token_in_a_branch_name() {
    let scratch = Scratch::new();
    let token = token(17);
    scratch.commit("a.txt", "nothing\n");
    scratch.git(&["checkout", "-q", "-b", &format!("fix-{token}")]);
    let server = scratch.server(&[]);
    let said = scratch.push(&server, &["HEAD"]);
    assert_ne!(said.code, 0, "{}", said.all());
    assert_eq!(server.git(&["for-each-ref"]), "");
}

#[test]
fn rival_08_a_token_in_the_commit_message() {
    let scratch = Scratch::new();
    let token = token(18);
    scratch.write("message", format!("deploy with {token}\n"));
    let said = scratch.stopleak(&["hook", "commit-msg", "message"]).expect(1);
    assert!(!said.all().contains(&token), "{}", said.all());
}

#[test]
fn comments_and_what_follows_the_scissors_are_no_message() {
    let scratch = Scratch::new();
    let token = token(19);
    let message = format!(
        "tidy up\n\n# on branch {token}\n# ------------------------ >8 ------------------------\n# Do not modify\n-{token}\n"
    );
    scratch.write("message", message);
    scratch.stopleak(&["hook", "commit-msg", "message"]).expect(0);
}

#[test]
fn rival_09_a_string_split_over_two_lines() {
    let scratch = Scratch::new();
    let token = token(20);
    let (head, tail) = token.split_at(20);
    scratch.stage("a.py", format!("key = \"{head}\" + \\\n      \"{tail}\"\n"));
    blocks(&scratch, "a.py");
}

#[test]
fn rival_10_from_a_subdirectory() {
    let scratch = Scratch::new();
    scratch.stage("top.py", line(&token(21)));
    scratch.write("sub/x", "");
    let out = scratch
        .command(support::STOPLEAK)
        .current_dir(scratch.dir.join("sub"))
        .args(["scan", "--staged"])
        .output()
        .unwrap();
    let said = support::Said::from(out).expect(1);
    assert!(said.all().contains("top.py"), "{}", said.all());
}

#[test]
fn rival_11_an_allow_entry_does_not_switch_rules_off() {
    let scratch = Scratch::new();
    scratch.write(".stopleak.toml", "[paths]\nexclude = [\"vendor/**\"]\n");
    scratch.stopleak(&["allow", "0123456789abcdef", "--reason", "a fixture", "--path", "tests/**"]).expect(0);
    scratch.stage("a.py", line(&token(22)));
    blocks(&scratch, "a.py");
}

/// The same token with its last character changed, so that its checksum is wrong.
fn broken(token: &str) -> String {
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    format!("{}{last}", &token[..token.len() - 1])
}

#[test]
fn rival_12_a_wrong_checksum_is_not_reported_by_default() {
    let scratch = Scratch::new();
    scratch.stage("notes.txt", format!("see {} here\n", broken(&token(23))));
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
    let said = scratch.stopleak(&["scan", "--staged", "--all", "--format", "json"]);
    assert_eq!(said.json()["findings"].as_array().unwrap().len(), 1, "{}", said.all());
}

#[test]
fn rival_13_an_old_secret_on_an_untouched_line_does_not_block() {
    let scratch = Scratch::new();
    scratch.commit("a.py", format!("one\n{}two\n", line(&token(24))));
    scratch.stage("a.py", format!("one\n{}two changed\nthree\n", line(&token(24))));
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
}

#[test]
fn a_new_secret_beside_an_old_one_blocks_alone() {
    let scratch = Scratch::new();
    scratch.commit("a.py", line(&token(25)));
    scratch.stage("a.py", line(&token(25)) + &line(&token(26)));
    let said = scratch.stopleak(&["scan", "--staged", "--format", "json"]).expect(1);
    let findings = said.json()["findings"].as_array().unwrap().clone();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["line"], 2);
}

#[test]
fn rival_14_the_same_secret_in_twelve_files_is_shown_twelve_times() {
    let scratch = Scratch::new();
    for n in 0..12 {
        scratch.stage(&format!("f{n:02}.env"), line(&token(27)));
    }
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(1);
    for n in 0..12 {
        assert!(said.err.contains(&format!("f{n:02}.env")), "f{n:02} is missing: {}", said.err);
    }
}

#[test]
fn rival_15_a_nine_megabyte_line() {
    let scratch = Scratch::new();
    let mut text = "var a=1;function b(){return a}".repeat(300_000);
    text.push_str(&token(28));
    scratch.stage("bundle.js", text);
    blocks(&scratch, "bundle.js");
}

#[test]
fn a_real_commit_is_blocked_and_a_clean_one_is_not() {
    let scratch = Scratch::new();
    scratch.stopleak(&["install"]).expect(0);
    scratch.stage("a.py", line(&token(29)));
    let said = scratch.try_git(&["commit", "-q", "-m", "secret"]);
    assert_ne!(said.code, 0);
    assert!(said.err.contains("commit blocked"), "{}", said.err);
    assert_ne!(scratch.try_git(&["rev-parse", "-q", "--verify", "HEAD"]).code, 0, "nothing was committed");
    scratch.stage("a.py", "print('clean')\n");
    scratch.git(&["commit", "-q", "-m", "clean"]);
}

#[test]
fn commit_with_a_path_is_judged_by_what_it_commits() {
    let scratch = Scratch::new();
    scratch.commit("clean.py", "one\n");
    scratch.stopleak(&["install"]).expect(0);
    scratch.stage("secret.py", line(&token(30)));
    scratch.write("clean.py", "two\n");
    scratch.git(&["commit", "-q", "-m", "only the clean one", "--", "clean.py"]);
    assert_ne!(scratch.try_git(&["commit", "-q", "-m", "the other"]).code, 0);
}

#[test]
fn commit_all_reads_the_index_that_git_made_for_it() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.stopleak(&["install"]).expect(0);
    scratch.write("a.py", line(&token(31)));
    assert_ne!(scratch.try_git(&["commit", "-q", "-a", "-m", "all"]).code, 0);
}

#[test]
fn a_clean_merge_runs_its_own_hook() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.commit("b.py", line(&token(32)));
    scratch.git(&["checkout", "-q", "main"]);
    scratch.commit("c.py", "three\n");
    scratch.stopleak(&["install"]).expect(0);
    let said = scratch.try_git(&["merge", "-q", "--no-edit", "side"]);
    assert_ne!(said.code, 0, "{}", said.all());
}

#[test]
fn a_symlink_target_is_read() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink(format!("/tmp/{}", token(33)), scratch.dir.join("link")).unwrap();
    scratch.git(&["add", "link"]);
    blocks(&scratch, "link");
}

#[test]
fn a_linked_worktree_is_guarded_too() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.stopleak(&["install"]).expect(0);
    scratch.git(&["worktree", "add", "-q", "../tree"]);
    let tree = scratch.top().join("tree");
    std::fs::write(tree.join("b.py"), line(&token(34))).unwrap();
    scratch.git(&["-C", tree.to_str().unwrap(), "add", "b.py"]);
    assert_ne!(scratch.try_git(&["-C", tree.to_str().unwrap(), "commit", "-q", "-m", "x"]).code, 0);
}

#[test]
fn hostile_file_names_cannot_write_to_the_terminal() {
    let scratch = Scratch::new();
    scratch.stage("a\u{1b}[2J\nb\u{202e}c.py", line(&token(35)));
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(1);
    assert!(!said.err.contains('\u{1b}') && !said.err.contains('\u{202e}'), "{:?}", said.err);
}

#[test]
fn nothing_staged_is_clean() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.stopleak(&["hook", "pre-commit"]).expect(0);
}

#[test]
fn a_dump_of_secrets_is_counted_whole_and_shown_in_part() {
    let scratch = Scratch::new();
    let dump: String = (0..300).map(|n| line(&token(n))).collect();
    scratch.stage("dump.env", dump);
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(1);
    assert!(said.err.contains("300 secrets"), "{}", said.err);
    assert!(said.err.contains("… and 200 more"), "{}", said.err);
    let all = scratch.stopleak(&["scan", "--staged"]).expect(1);
    assert_eq!(all.out.matches("checksum valid").count(), 300);
}

#[test]
fn an_environment_file_of_placeholders_is_not_warned_of() {
    let scratch = Scratch::new();
    scratch.stage(".env", "API_KEY=\nDB_PASSWORD=${DB_PASSWORD}\nPORT=3000\n");
    let said = scratch.stopleak(&["hook", "pre-commit"]).expect(0);
    assert_eq!(said.err, "");
    // What is staged counts, not what lies there.
    scratch.stage(".env", ["DB_PASSWORD=", "ravn", "kx7\n"].concat());
    scratch.write(".env", "DB_PASSWORD=\n");
    let said = scratch.stopleak(&["hook", "pre-commit"]);
    assert!(said.err.contains(".env"), "{}", said.err);
}
