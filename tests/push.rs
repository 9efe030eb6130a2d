//! Push protection: the numbered lines 20–26 of what rivals get wrong, and every way of smuggling an
//! object past a hook that `docs/src/servers.md` names. Real pushes to a bare repository over `file://`.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

mod support;

use support::{Scratch, line, refused, token, utf16, with_main};

#[test]
fn the_first_push_is_judged() {
    let scratch = Scratch::new();
    scratch.commit("a.env", line(&token(301)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    let server = scratch.server(&[]);
    let said = scratch.push(&server, &["main"]);
    refused(&said, &server, &[&blob]);
    assert!(said.err.contains("a.env"), "{}", said.err);
    assert!(
        said.err.contains(&scratch.git(&["rev-parse", "--short=7", "HEAD"])),
        "names the commit: {}",
        said.err
    );
}

#[test]
fn a_clean_push_goes_through() {
    let (scratch, server) = with_main();
    let commit = scratch.commit("b.txt", "more\n");
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
    assert!(server.has(&commit));
}

#[test]
fn a_later_ref_of_a_push_is_judged() {
    let (scratch, server) = with_main();
    scratch.git(&["branch", "aa-clean"]);
    scratch.git(&["checkout", "-q", "-b", "zz-secret"]);
    scratch.commit("a.env", line(&token(302)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    let said = scratch.push(&server, &["aa-clean", "zz-secret"]);
    refused(&said, &server, &[&blob]);
}

#[test]
fn rival_20_content_of_a_merge_only() {
    let (scratch, server) = with_main();
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.commit("b.py", "two\n");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.commit("c.py", "three\n");
    scratch.git(&["merge", "-q", "--no-commit", "side"]);
    scratch.stage("readme.txt", line(&token(303)));
    scratch.git(&["commit", "-q", "-m", "merge"]);
    let blob = scratch.git(&["rev-parse", "HEAD:readme.txt"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_20_utf16() {
    let (scratch, server) = with_main();
    scratch.commit("a.txt", utf16(&line(&token(304))));
    let blob = scratch.git(&["rev-parse", "HEAD:a.txt"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_20_commit_message() {
    let (scratch, server) = with_main();
    scratch.git(&["commit", "-q", "--allow-empty", "-m", &format!("use {}", token(305))]);
    let commit = scratch.git(&["rev-parse", "HEAD"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&commit]);
}

#[test]
fn rival_20_annotated_tag_message() {
    let (scratch, server) = with_main();
    scratch.git(&["tag", "-a", "v1", "-m", &format!("use {}", token(306))]);
    let tag = scratch.git(&["rev-parse", "v1"]);
    refused(&scratch.push(&server, &["v1"]), &server, &[&tag]);
}

#[test]
fn rival_20_tag_that_points_at_a_blob() {
    let (scratch, server) = with_main();
    let blob = scratch.git_with(&["hash-object", "-w", "--stdin"], line(&token(307)).as_bytes()).out;
    scratch.git(&["tag", "blob", blob.trim()]);
    refused(&scratch.push(&server, &["refs/tags/blob"]), &server, &[blob.trim()]);
}

#[test]
fn rival_20_tag_that_points_at_a_tree() {
    let (scratch, server) = with_main();
    scratch.stage("t.env", line(&token(308)));
    let tree = scratch.git(&["write-tree"]);
    let blob = scratch.git(&["rev-parse", &format!("{tree}:t.env")]);
    scratch.git(&["tag", "-a", "tree", "-m", "a tree", &tree]);
    refused(&scratch.push(&server, &["refs/tags/tree"]), &server, &[&blob]);
}

#[test]
fn an_inner_tag_of_a_nested_tag_is_read() {
    let (scratch, server) = with_main();
    scratch.git(&["tag", "-a", "inner", "-m", &format!("use {}", token(309))]);
    let inner = scratch.git(&["rev-parse", "inner"]);
    scratch.git(&["tag", "-a", "outer", "-m", "nothing", "inner"]);
    refused(&scratch.push(&server, &["refs/tags/outer"]), &server, &[&inner]);
}

#[test]
fn notes_are_read() {
    let (scratch, server) = with_main();
    scratch.git(&["notes", "add", "-m", &format!("use {}", token(310))]);
    let notes = scratch.git(&["rev-parse", "refs/notes/commits"]);
    refused(&scratch.push(&server, &["refs/notes/commits"]), &server, &[&notes]);
}

#[test]
fn any_other_namespace_is_read() {
    let (scratch, server) = with_main();
    scratch.commit("a.env", line(&token(311)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    refused(&scratch.push(&server, &["HEAD:refs/for/main"]), &server, &[&blob]);
}

#[test]
fn added_then_deleted_in_one_push() {
    let (scratch, server) = with_main();
    scratch.commit("a.env", line(&token(312)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    scratch.git(&["rm", "-q", "a.env"]);
    scratch.git(&["commit", "-q", "-m", "remove"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_21_colour_and_other_settings_of_the_server_repository() {
    let (scratch, server) = with_main();
    for (key, value) in [("color.ui", "always"), ("diff.external", "true"), ("log.showSignature", "true")] {
        server.git(&["config", key, value]);
    }
    std::fs::create_dir_all(server.dir.join("info")).unwrap();
    std::fs::write(server.dir.join("info/attributes"), "* -diff\n").unwrap();
    scratch.commit("a.env", line(&token(313)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_22_the_pushers_own_allow_comment_and_policy() {
    let (scratch, server) = with_main();
    let token = token(314);
    scratch.stage(".stopleak.toml", "[paths]\nexclude = [\"**\"]\n");
    scratch.stage("a.env", format!("GITHUB_TOKEN={token} # stopleak:allow it is fine gitleaks:allow\n"));
    let found = scratch.stopleak(&["scan", "--staged", "--all", "--format", "json", "--config", "/dev/null"]);
    if let Some(fingerprint) = found.json()["findings"][0]["fingerprint"].as_str() {
        scratch.stopleak(&["allow", fingerprint, "--reason", "mine"]).expect(0);
        scratch.git(&["add", "-A"]);
    }
    scratch.git(&["commit", "-q", "-m", "allow myself"]);
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_23_malformed_standard_input_is_refused() {
    let (_scratch, server) = with_main();
    let head = server.git(&["rev-parse", "main"]);
    let zero = "0".repeat(40);
    for input in [
        "garbage\n".to_owned(),
        format!("{zero} {head}\n"),
        format!("{zero} {head} refs/heads/x"),
        format!("{zero} {} refs/heads/x\n", &head[..39]),
        format!("{zero}  {head} refs/heads/x\n"),
        format!("{zero} {head} refs/heads/x\0y\n"),
        "\n".to_owned(),
    ] {
        let said = server.stopleak_with(&["hook", "pre-receive"], input.as_bytes());
        assert!(said.code != 0 && said.code != 70, "{input:?}: {} {}", said.code, said.all());
    }
}

#[test]
fn rival_23_an_object_id_that_does_not_exist_is_refused() {
    let (_scratch, server) = with_main();
    let input = format!("{} {} refs/heads/x\n", "0".repeat(40), "1".repeat(40));
    let said = server.stopleak_with(&["hook", "pre-receive"], input.as_bytes());
    assert!(said.code != 0 && said.code != 70, "{} {}", said.code, said.all());
}

#[test]
fn rival_24_the_sixtieth_commit_is_read() {
    let (scratch, server) = with_main();
    for n in 0..60 {
        scratch.git(&["commit", "-q", "--allow-empty", "-m", &format!("number {n}")]);
    }
    scratch.commit("a.env", line(&token(315)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    for n in 60..65 {
        scratch.git(&["commit", "-q", "--allow-empty", "-m", &format!("number {n}")]);
    }
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_25_a_large_file_is_read() {
    let (scratch, server) = with_main();
    let mut text = "0123456789abcdef lorem ipsum dolor sit amet\n".repeat(100_000);
    text.push_str(&line(&token(316)));
    scratch.commit("big.txt", text);
    let blob = scratch.git(&["rev-parse", "HEAD:big.txt"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_25_a_renamed_file_with_a_new_secret_is_read() {
    let (scratch, server) = with_main();
    scratch.git(&["mv", "readme.txt", "moved.txt"]);
    scratch.commit("moved.txt", format!("hello\n{}", line(&token(317))));
    let blob = scratch.git(&["rev-parse", "HEAD:moved.txt"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn rival_26_the_refusal_names_file_commit_and_fix() {
    let (scratch, server) = with_main();
    let token = token(318);
    let commit = scratch.commit("conf/a.env", line(&token));
    let said = scratch.push(&server, &["main"]);
    assert!(said.err.contains("conf/a.env:1"), "{}", said.err);
    assert!(said.err.contains(&commit[..7]), "{}", said.err);
    assert!(said.err.contains("git "), "says what to type: {}", said.err);
    assert!(!said.err.contains(&token), "{}", said.err);
}

#[test]
fn a_deletion_goes_through() {
    let (scratch, server) = with_main();
    assert_eq!(scratch.push(&server, &["main:refs/heads/gone"]).code, 0);
    assert_eq!(scratch.push(&server, &[":refs/heads/gone"]).code, 0);
}

#[test]
fn a_forced_update_is_judged() {
    let (scratch, server) = with_main();
    scratch.git(&["commit", "-q", "--amend", "-m", "again"]);
    scratch.commit("a.env", line(&token(319)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    refused(&scratch.push(&server, &["+main"]), &server, &[&blob]);
}

#[test]
fn what_the_server_already_had_does_not_block() {
    let (scratch, server) = with_main();
    scratch.commit("a.env", line(&token(320)));
    std::fs::rename(server.dir.join("hooks/pre-receive"), server.dir.join("hooks/off")).unwrap();
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
    std::fs::rename(server.dir.join("hooks/off"), server.dir.join("hooks/pre-receive")).unwrap();
    scratch.commit("a.env", format!("{}# a comment\n", line(&token(320))));
    let said = scratch.push(&server, &["main"]);
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn sha256_and_reftable_servers_are_guarded() {
    for options in [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
    ] {
        let scratch = Scratch::with(options);
        scratch.commit("readme.txt", "hello\n");
        let server = scratch.server(options);
        let clean = scratch.push(&server, &["main"]);
        assert_eq!(clean.code, 0, "{options:?}: {}", clean.all());
        scratch.commit("a.env", line(&token(321)));
        let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
        refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
    }
}

#[test]
fn a_large_push_arrives_as_a_pack_and_is_judged() {
    let (scratch, server) = with_main();
    for n in 0..150 {
        scratch.stage(&format!("d/f{n}.txt"), format!("file {n}\n"));
    }
    scratch.stage("d/f99.txt", line(&token(322)));
    scratch.git(&["commit", "-q", "-m", "many"]);
    let blob = scratch.git(&["rev-parse", "HEAD:d/f99.txt"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn a_blob_reached_only_through_a_gitlink_is_read() {
    let (scratch, server) = with_main();
    let blob = scratch.git_with(&["hash-object", "-w", "--stdin"], line(&token(323)).as_bytes()).out;
    let blob = blob.trim();
    scratch.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{blob},sub")]);
    scratch.git(&["commit", "-q", "-m", "gitlink to a blob"]);
    // A stock client does not send the blob: put it into the pack by hand, as an attacker would.
    let said = support::push_pack(&scratch, &server, "refs/heads/main", &[blob]);
    refused(&said, &server, &[blob]);
}

#[test]
fn an_unreferenced_blob_in_the_pack_is_read() {
    let (scratch, server) = with_main();
    scratch.commit("b.txt", "clean\n");
    let blob = scratch.git_with(&["hash-object", "-w", "--stdin"], line(&token(324)).as_bytes()).out;
    let said = support::push_pack(&scratch, &server, "refs/heads/main", &[blob.trim()]);
    refused(&said, &server, &[blob.trim()]);
}

#[test]
fn a_message_after_a_nul_byte_is_read() {
    let (scratch, server) = with_main();
    let head = scratch.git(&["cat-file", "commit", "HEAD"]);
    let raw = format!("{head}\n\0{}\n", token(325));
    let commit = scratch
        .git_with(&["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], raw.as_bytes())
        .out;
    scratch.git(&["update-ref", "refs/heads/nul", commit.trim()]);
    refused(&scratch.push(&server, &["nul"]), &server, &[commit.trim()]);
}

#[test]
fn an_unknown_commit_header_is_read() {
    let (scratch, server) = with_main();
    let raw = scratch.git(&["cat-file", "commit", "HEAD"]);
    let raw = raw.replacen("\n\n", &format!("\nx-note {}\n\n", token(326)), 1) + "\n";
    let commit = scratch
        .git_with(&["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], raw.as_bytes())
        .out;
    scratch.git(&["update-ref", "refs/heads/header", commit.trim()]);
    refused(&scratch.push(&server, &["header"]), &server, &[commit.trim()]);
}

#[test]
fn a_replace_ref_pushed_first_changes_nothing() {
    let (scratch, server) = with_main();
    scratch.commit("a.env", line(&token(327)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    let innocent = scratch.git_with(&["hash-object", "-w", "--stdin"], b"clean\n").out;
    assert_eq!(scratch.push(&server, &[&format!("{}:refs/replace/{blob}", innocent.trim())]).code, 0);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}
