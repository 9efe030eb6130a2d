//! Pushes that are made to be misread: what is smuggled past other hooks, and input that nobody sends by
//! accident. Each is a case of `docs/src/threats.md`, played against a real bare repository.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use support::{STOPLEAK, Scratch, line, refused, token, with_main};

/// A hook that does something to the quarantine first.
fn sabotage(server: &Scratch, what: &str) {
    let hook = server.dir.join("hooks/pre-receive");
    fs::write(&hook, format!("#!/bin/sh\n{what}\nexec '{STOPLEAK}' hook pre-receive\n")).unwrap();
}

/// An object comes along unnoticed while nobody looks; later a ref is pushed to it with nothing in the pack.
#[test]
fn a_ref_to_an_object_that_came_earlier_is_judged() {
    let (scratch, server) = with_main();
    let blob = scratch.git_with(&["hash-object", "-w", "--stdin"], line(&token(601)).as_bytes()).out;
    let blob = blob.trim();
    fs::rename(server.dir.join("hooks/pre-receive"), server.dir.join("hooks/off")).unwrap();
    scratch.commit("b.txt", "clean\n");
    assert_eq!(support::push_pack(&scratch, &server, "refs/heads/main", &[blob]).code, 0);
    assert!(server.has(blob));
    fs::rename(server.dir.join("hooks/off"), server.dir.join("hooks/pre-receive")).unwrap();
    let said = scratch.push(&server, &[&format!("{blob}:refs/tags/leak")]);
    refused(&said, &server, &[]);
    assert_ne!(server.try_git(&["rev-parse", "-q", "--verify", "refs/tags/leak"]).code, 0);
}

#[test]
fn attributes_that_come_with_the_push_hide_nothing() {
    let (scratch, server) = with_main();
    scratch.stage(".gitattributes", "* -diff -text binary export-ignore\n");
    scratch.commit("a.env", line(&token(602)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    refused(&scratch.push(&server, &["main"]), &server, &[&blob]);
}

#[test]
fn an_atomic_push_is_judged_as_a_whole() {
    let (scratch, server) = with_main();
    scratch.git(&["branch", "clean"]);
    scratch.commit("a.env", line(&token(603)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    for option in ["--atomic", "--no-atomic"] {
        let url = format!("file://{}", server.dir.display());
        let said = scratch.try_git(&["push", "-q", option, &url, "clean", "main:refs/heads/other"]);
        refused(&said, &server, &[&blob]);
        assert_ne!(server.try_git(&["rev-parse", "-q", "--verify", "clean"]).code, 0, "{option}");
    }
}

#[test]
fn a_push_from_a_shallow_clone_is_judged() {
    let (scratch, server) = with_main();
    for n in 0..3 {
        scratch.commit("readme.txt", format!("hello {n}\n"));
    }
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
    server.git(&["config", "receive.shallowUpdate", "true"]);
    let url = format!("file://{}", server.dir.display());
    scratch.git(&["clone", "-q", "--depth=1", &url, "../shallow"]);
    let shallow = scratch.top().join("shallow");
    let at = |args: &[&str]| {
        let mut all = vec!["-C", shallow.to_str().unwrap()];
        all.extend(args);
        scratch.try_git(&all)
    };
    fs::write(shallow.join("b.txt"), "clean\n").unwrap();
    at(&["add", "-A"]).expect(0);
    at(&["commit", "-q", "-m", "clean"]).expect(0);
    at(&["push", "-q", "origin", "main"]).expect(0);
    fs::write(shallow.join("a.env"), line(&token(604))).unwrap();
    at(&["add", "-A"]).expect(0);
    at(&["commit", "-q", "-m", "leak"]).expect(0);
    let blob = at(&["rev-parse", "HEAD:a.env"]).out;
    refused(&at(&["push", "-q", "origin", "main"]), &server, &[blob.trim()]);
    refused(&at(&["push", "-q", "origin", "HEAD:refs/heads/new"]), &server, &[blob.trim()]);
}

/// A fork borrows its objects: what the pool has need not be sent, and what is new is judged.
#[test]
fn a_fork_with_alternates_is_guarded() {
    let (scratch, pool) = with_main();
    let fork = scratch.server(&[]);
    fs::write(fork.dir.join("objects/info/alternates"), format!("{}\n", pool.dir.join("objects").display()))
        .unwrap();
    assert_eq!(scratch.push(&fork, &["main"]).code, 0);
    let clean = scratch.commit("b.txt", "clean\n");
    assert_eq!(scratch.push(&fork, &["main"]).code, 0);
    assert!(fork.has(&clean));
    scratch.commit("a.env", line(&token(605)));
    let blob = scratch.git(&["rev-parse", "HEAD:a.env"]);
    refused(&scratch.push(&fork, &["main"]), &fork, &[&blob]);
}

#[test]
fn a_vanished_quarantine_is_a_refusal() {
    let (scratch, server) = with_main();
    sabotage(&server, "rm -rf \"$GIT_QUARANTINE_PATH\"");
    let commit = scratch.commit("b.txt", "clean\n");
    let said = scratch.push(&server, &["main"]);
    refused(&said, &server, &[&commit]);
}

#[test]
fn a_pack_that_is_damaged_on_the_disk_is_a_refusal() {
    let (scratch, server) = with_main();
    server.git(&["config", "receive.unpackLimit", "1"]);
    let mut text = String::new();
    for n in 0..2000 {
        let _ = writeln!(text, "{n} {:x}", n * 7_919);
    }
    let commit = scratch.commit("b.txt", &text);
    // Eight bytes in the middle of the largest object, then the whole second half.
    for damage in ["seek=2048 count=8", "seek=1024 count=4096"] {
        sabotage(
            &server,
            &format!(
                "p=$(echo \"$GIT_QUARANTINE_PATH\"/pack/*.pack)\nchmod u+w $p\n\
                 tr '\\0' 'x' </dev/zero | dd of=$p bs=1 conv=notrunc {damage} 2>/dev/null"
            ),
        );
        let said = scratch.push(&server, &["main"]);
        refused(&said, &server, &[&commit]);
    }
}

#[test]
fn without_push_options_an_approval_still_works() {
    let (scratch, server) = with_main();
    server.git(&["config", "receive.advertisePushOptions", "false"]);
    scratch.commit("a.env", line(&token(606)));
    let said = scratch.push(&server, &["main"]);
    refused(&said, &server, &[]);
    let url = format!("file://{}", server.dir.display());
    assert_ne!(scratch.try_git(&["push", "-q", "-o", "x=y", &url, "main"]).code, 0, "git knows of none");
    let log = fs::read_to_string(server.dir.join("stopleak-audit.jsonl")).unwrap();
    let last: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let print = last["findings"][0]["fingerprint"].as_str().unwrap();
    server.stopleak(&["approve", print, "--reason", "a fixture"]).expect(0);
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
}

/// Names that are no UTF-8, or that move a terminal's cursor, reach neither pusher nor log as they are.
#[test]
fn odd_names_of_refs_and_files_are_escaped() {
    let (scratch, server) = with_main();
    let name = b"a\xff\xfe\x1b]0;title\x07\r.env".to_vec();
    let path: PathBuf = std::ffi::OsString::from_vec(name).into();
    fs::write(scratch.dir.join(path), line(&token(607))).unwrap();
    scratch.git(&["add", "-A"]);
    scratch.git(&["commit", "-q", "-m", "odd"]);
    let ref_name = std::ffi::OsString::from_vec(b"main:refs/heads/t\xc3\x28\xffop".to_vec());
    let url = format!("file://{}", server.dir.display());
    let mut push = scratch.command("git");
    let out = push.args(["push", "-q", &url]).arg(ref_name).output().unwrap();
    assert!(!out.status.success());
    let remote: Vec<&[u8]> =
        out.stderr.split(|&b| b == b'\n').filter(|l| l.starts_with(b"remote:")).collect();
    let text = String::from_utf8(remote.join(&b'\n')).expect("what the hook says is UTF-8");
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
    assert!(text.contains("\\xff\\xfe\\x1b]0;title\\x07"), "{text:?}");
    let log = String::from_utf8(fs::read(server.dir.join("stopleak-audit.jsonl")).unwrap()).unwrap();
    let last = log.lines().last().unwrap();
    assert!(!last.contains('\u{1b}'), "{last:?}");
    let last: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!(last["decision"], "refused");
}

/// Behind fcgiwrap the environment holds the pusher's password.
#[test]
fn the_environment_is_never_printed_or_logged() {
    let (scratch, server) = with_main();
    let hook = server.dir.join("hooks/pre-receive");
    let setting = "export HTTP_AUTHORIZATION='Basic c2VjcmV0LXBhc3N3b3Jk'";
    fs::write(hook, format!("#!/bin/sh\n{setting}\nexec '{STOPLEAK}' -vv hook pre-receive\n")).unwrap();
    scratch.commit("a.env", line(&token(608)));
    let said = scratch.push(&server, &["main"]);
    refused(&said, &server, &[]);
    fs::write(server.dir.join("stopleak.toml"), "broken = [\n").unwrap();
    let broken = scratch.push(&server, &["main"]);
    assert_ne!(broken.code, 0);
    let files =
        ["stopleak-audit.jsonl", "stopleak-errors.log"].map(|f| fs::read_to_string(server.dir.join(f)));
    let all = format!("{}{}{:?}", said.all(), broken.all(), files);
    assert!(!all.contains("c2VjcmV0"), "{all}");
}
