//! Canaries are planted everywhere a secret can be; no command, format or verbosity lets one out.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod common;

use std::path::{Path, PathBuf};

use common::{command, feed, line, repository, run_in, token};
use stopleak_testkit::world::{Init, Repository, World};

/// Values that must never leave, in any of the forms they could take.
struct Canaries(Vec<Vec<u8>>);

impl Canaries {
    fn new(values: &[String]) -> Self {
        let mut forms = Vec::new();
        for value in values {
            // A mask shows six bytes at most; anything longer from the front or the back is a leak.
            let bytes = value.as_bytes();
            forms.push(bytes[..12].to_vec());
            forms.push(bytes[bytes.len() - 12..].to_vec());
            forms.push(bytes[bytes.len() / 2..bytes.len() / 2 + 10].to_vec());
        }
        Self(forms)
    }

    #[track_caller]
    fn absent(&self, what: &str, bytes: &[u8]) {
        for form in &self.0 {
            let found = bytes.windows(form.len()).any(|w| w == &form[..]);
            assert!(!found, "a canary is in {what}:\n{}", String::from_utf8_lossy(bytes));
        }
    }
}

/// A repository with a secret in every place, and the secrets.
fn planted(world: &World) -> (Repository<'_>, Vec<String>) {
    let repo = repository(world);
    let values: Vec<String> = (1..=8).map(token).collect();
    repo.commit("clean.txt", "nothing\n", "first");
    repo.commit("conf.txt", line(&values[0]), &format!("deploy with {}", values[1]));
    repo.git(&["tag", "-a", "v1", "-m", &format!("release {}", values[2])]);
    repo.git(&["notes", "add", "-m", &format!("see {}", values[3])]);
    repo.git(&["branch", &format!("fix-{}", values[4])]);
    let author = format!("{} <eve@example.org>", values[5]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "by someone", "--author", &author]);
    repo.stage(&format!("keys-{}.txt", values[6]), "nothing\n");
    repo.stage("staged.txt", line(&values[7]));
    (repo, values)
}

#[test]
fn no_command_or_format_lets_a_canary_out() {
    let world = World::new();
    let (repo, values) = planted(&world);
    let canaries = Canaries::new(&values);
    repo.write("message", format!("use {}\n", values[0]));
    let report = run_in(&world, repo.path(), &["scan", "--staged", "--format", "json"]).code(1).json();
    let fingerprint = report["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let branch = format!("fix-{}", values[4]);
    let wrong = format!("{branch}..nowhere");
    let commands: &[&[&str]] = &[
        &["scan", "--range", &branch],
        &["scan", "--range", &wrong],
        &["scan"],
        &["scan", "--staged"],
        &["scan", "--range", "HEAD"],
        &["scan", "--history"],
        &["scan", "--history", "--unreachable"],
        &["hook", "pre-commit"],
        &["hook", "pre-merge-commit"],
        &["hook", "commit-msg", "message"],
        &["explain", &fingerprint],
        &["baseline", "stats"],
        &["baseline", "create"],
        &["allow", &fingerprint, "--reason", "a test"],
        &["rules", "list"],
        &["config", "show"],
        &["config", "check"],
        &["scan"],
    ];
    for arguments in commands {
        for format in ["text", "json", "jsonl", "sarif"] {
            let args = [&["-vv", "--all", "--format", format], *arguments].concat();
            let ran = run_in(&world, repo.path(), &args);
            assert!(ran.code != 70 && ran.code != -1, "{args:?}: {}", ran.err);
            canaries.absent(&format!("{args:?}"), format!("{}{}", ran.out, ran.err).as_bytes());
        }
    }
    let args = ["scan", "--history", "--format", "json", "--output", "report.json", "-vv"];
    let ran = run_in(&world, repo.path(), &args);
    canaries.absent("standard error beside a report", ran.err.as_bytes());
    for file in ["report.json", ".stopleak.allow"] {
        canaries.absent(file, &std::fs::read(repo.path().join(file)).unwrap());
    }
}

#[test]
fn a_stream_and_hook_input_let_no_canary_out() {
    let world = World::new();
    let (repo, values) = planted(&world);
    let canaries = Canaries::new(&values);
    let text = values.iter().map(|v| line(v)).collect::<String>();
    for format in ["text", "json", "jsonl", "sarif"] {
        let stopleak = command(&world, repo.path(), &["-vv", "scan", "--stdin", "--format", format]);
        let ran = feed(stopleak, text.as_bytes()).code(1);
        canaries.absent("scan --stdin", format!("{}{}", ran.out, ran.err).as_bytes());
    }
    // Malformed lines are not quoted back.
    for hook in [&["hook", "pre-receive"][..], &["hook", "pre-push", "origin", "url"]] {
        let ran = feed(command(&world, repo.path(), hook), text.as_bytes());
        assert!(ran.code != 0 && ran.code != 70, "{}", ran.err);
        canaries.absent("hook input", format!("{}{}", ran.out, ran.err).as_bytes());
    }
}

#[test]
fn a_refused_push_leaves_no_canary_in_messages_logs_or_files() {
    let world = World::new();
    let (repo, values) = planted(&world);
    let canaries = Canaries::new(&values);
    repo.git(&["commit", "-q", "-m", "the rest"]);
    let server = world.init("server", Init { bare: true, ..Init::default() });
    server.hook("pre-receive", &format!("#!/bin/sh\nexec '{}' -vv hook pre-receive\n", common::STOPLEAK));
    let ran = common::Ran::from(repo.push(&server, &["--all", "--follow-tags"]));
    assert_ne!(ran.code, 0);
    // git itself names the branch it could not push.
    let ours: String = ran.err.lines().filter(|l| l.starts_with("remote:")).collect();
    assert!(ours.contains("push refused"), "{ours}");
    canaries.absent("the refusal", ours.as_bytes());
    let mut files = Vec::new();
    every_file(server.path(), &mut files);
    assert!(files.iter().any(|f| f.ends_with("stopleak-audit.jsonl")), "{files:?}");
    for file in files {
        canaries.absent(&file.display().to_string(), &std::fs::read(&file).unwrap());
    }
}

fn every_file(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { every_file(&path, out) } else { out.push(path) }
    }
}
