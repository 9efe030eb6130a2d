//! Pushes that weigh: many at once, and ones that are made to weigh. Slow, so `cargo xtask e2e` runs them.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use support::{Said, Scratch, line, token};

fn with_main(policy: &str) -> (Scratch, Scratch) {
    let scratch = Scratch::new();
    scratch.commit("readme.txt", "hello\n");
    let server = scratch.server(&[]);
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
    fs::write(server.dir.join("stopleak.toml"), policy).unwrap();
    (scratch, server)
}

fn start(scratch: &Scratch, server: &Scratch, branch: &str) -> Child {
    let url = format!("file://{}", server.dir.display());
    let mut command = scratch.command("git");
    command.args(["push", "-q", &url, branch]).stdout(Stdio::null()).stderr(Stdio::null());
    // A group of its own, so that a kill takes receive-pack and its hook along.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().unwrap()
}

/// 32 pushes at once: 12 clean, 12 with a secret, 8 of either kind killed with all their children in the middle.
#[test]
#[ignore = "slow: cargo xtask e2e"]
fn thirty_two_pushes_at_once() {
    let (scratch, server) = with_main("");
    let base = scratch.git(&["rev-parse", "HEAD"]);
    let mut blobs = Vec::new();
    for n in 0..32_u64 {
        scratch.git(&["checkout", "-q", "-b", &format!("b{n}"), &base]);
        // Enough to be somewhere in the middle when the kill comes.
        let filler: String = (0..20_000).map(|k| format!("{n} line {k}\n")).collect();
        scratch.stage(&format!("filler{n}.txt"), filler);
        let text = if n % 2 == 0 { format!("clean {n}\n") } else { line(&token(700 + n)) };
        scratch.commit(&format!("f{n}.txt"), text);
        blobs.push(scratch.git(&["rev-parse", &format!("HEAD:f{n}.txt")]));
    }
    let mut pushes: Vec<Child> = (0..32).map(|n| start(&scratch, &server, &format!("b{n}"))).collect();
    for (n, push) in pushes.iter().enumerate().skip(24) {
        std::thread::sleep(Duration::from_millis(25 * (n as u64 - 23)));
        let group = format!("-{}", push.id());
        let _ = scratch.command("kill").args(["-KILL", "--", &group]).status();
    }
    let ended: Vec<bool> = pushes.iter_mut().map(|p| p.wait().unwrap().success()).collect();
    for n in 0..32 {
        let there = server.try_git(&["rev-parse", "-q", "--verify", &format!("refs/heads/b{n}")]).code == 0;
        if n % 2 == 1 {
            assert!(!there && !server.has(&blobs[n]), "the secret of push {n} must not be stored");
        } else if n < 24 {
            assert!(ended[n] && there && server.has(&blobs[n]), "clean push {n} must be stored");
        } else {
            assert!(!ended[n] || there, "push {n} said that it was stored");
        }
    }
    let verified = server.stopleak(&["audit", "verify"]).expect(0);
    let log = fs::read_to_string(server.dir.join("stopleak-audit.jsonl")).unwrap();
    let decisions = log.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let refused = decisions.filter(|d| d["decision"] == "refused").count();
    assert!(refused >= 12, "{refused}: {}", verified.out);
    // A push that was killed may be tried again.
    assert_eq!(scratch.push(&server, &["b24", "b26", "b28", "b30"]).code, 0);
    server.stopleak(&["audit", "verify"]).expect(0);
}

/// Pushes with at most so much address space for the hook, and says how long it took.
fn bounded(scratch: &Scratch, server: &Scratch, megabytes: u32, refs: &[&str]) -> (Said, Duration) {
    let hook = server.dir.join("hooks/pre-receive");
    let script =
        format!("#!/bin/sh\nulimit -v {}\nexec '{}' hook pre-receive\n", megabytes * 1024, support::STOPLEAK);
    fs::write(&hook, script).unwrap();
    let started = Instant::now();
    let said = scratch.push(server, refs);
    (said, started.elapsed())
}

/// A gigabyte of files in a pack of a megabyte: versions of one file, each a delta against the last.
#[test]
#[ignore = "slow: cargo xtask e2e"]
fn a_delta_bomb_is_read_in_bounded_memory() {
    let (scratch, server) = with_main("");
    let mut text = "the same line over and over again\n".repeat(600_000);
    for n in 0..50 {
        let _ = writeln!(text, "version {n}");
        scratch.stage("bomb.txt", &text);
        scratch.git(&["commit", "-q", "-m", "more"]);
    }
    text.push_str(&line(&token(801)));
    scratch.commit("bomb.txt", &text);
    let blob = scratch.git(&["rev-parse", "HEAD:bomb.txt"]);
    scratch.git(&["repack", "-adfq", "--depth=60", "--window=5"]);
    let (said, _) = bounded(&scratch, &server, 1500, &["main"]);
    assert_ne!(said.code, 0, "{}", said.all());
    assert!(said.err.contains("bomb.txt"), "{}", said.err);
    assert!(!server.has(&blob));
}

#[test]
#[ignore = "slow: cargo xtask e2e"]
fn a_file_of_a_hundred_megabytes_is_read_to_its_end() {
    let (scratch, server) = with_main("");
    let mut text = "0123456789 lorem ipsum dolor sit amet, consectetur\n".repeat(2_100_000);
    text.push_str(&line(&token(802)));
    scratch.commit("big.txt", text);
    let blob = scratch.git(&["rev-parse", "HEAD:big.txt"]);
    for limit in ["1", "10000"] {
        server.git(&["config", "receive.unpackLimit", limit]);
        let (said, _) = bounded(&scratch, &server, 1500, &["main"]);
        assert_ne!(said.code, 0, "{}", said.all());
        assert!(said.err.contains("big.txt:2100001"), "{}", said.err);
        assert!(!server.has(&blob));
    }
}

/// A million files in one folder, one of them with a secret.
#[test]
#[ignore = "slow: cargo xtask e2e"]
fn a_tree_of_a_million_entries_is_read() {
    let (scratch, server) = with_main("");
    let clean = scratch.git_with(&["hash-object", "-w", "--stdin"], b"clean\n").out;
    let secret = scratch.git_with(&["hash-object", "-w", "--stdin"], line(&token(803)).as_bytes()).out;
    let (clean, secret) = (clean.trim(), secret.trim());
    let mut listing = String::new();
    for n in 0..1_000_000 {
        let blob = if n == 777_777 { secret } else { clean };
        let _ = writeln!(listing, "100644 blob {blob}\tf{n:07}");
    }
    let tree = scratch.git_with(&["mktree"], listing.as_bytes()).out;
    let commit = scratch.git(&["commit-tree", "-p", "main", "-m", "many", tree.trim()]);
    let (said, _) = bounded(&scratch, &server, 2500, &[&format!("{commit}:refs/heads/many")]);
    assert_ne!(said.code, 0, "{}", said.all());
    assert!(said.err.contains("f0777777"), "{}", said.err);
    assert!(!server.has(secret));
    // And with a deadline that it cannot keep, the answer comes soon after.
    fs::write(server.dir.join("stopleak.toml"), "[limits]\ndeadline = \"100ms\"\n").unwrap();
    let (said, _) = bounded(&scratch, &server, 2500, &[&format!("{commit}:refs/heads/many")]);
    assert_ne!(said.code, 0, "{}", said.all());
    assert!(said.err.contains("deadline"), "{}", said.err);
}
