//! A push to a server: policy, bypass, approvals, the audit log. Real pushes over `file://`.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod common;

use std::path::{Path, PathBuf};

use common::{Ran, line, repository, run_in, token};
use stopleak_testkit::world::{Init, Repository, World};

/// A laptop's repository with one pushed commit, and a server with our hook.
fn pair<'w>(world: &'w World, policy: &str) -> (Repository<'w>, Repository<'w>) {
    let server = world.init("server.git", Init { bare: true, ..Init::default() });
    server.git(&["config", "receive.advertisePushOptions", "true"]);
    server.hook("pre-receive", &format!("#!/bin/sh\nexec '{}' hook pre-receive\n", common::STOPLEAK));
    let repo = repository(world);
    repo.commit("readme.txt", "hello\n", "first");
    let first = push(&repo, &server, &["main"]);
    assert_eq!(first.code, 0, "{}", first.err);
    std::fs::write(server.path().join("stopleak.toml"), policy).unwrap();
    (repo, server)
}

fn push(repo: &Repository<'_>, server: &Repository<'_>, args: &[&str]) -> Ran {
    push_as(repo, server, args, &[])
}

fn push_as(repo: &Repository<'_>, server: &Repository<'_>, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let url = format!("file://{}", server.path().display());
    let (options, refs): (Vec<&str>, Vec<&str>) = args.iter().partition(|a| a.starts_with("--push-option"));
    let all = [&["push", "-q"][..], &options, &[&url], &refs].concat();
    repo.command(&all).envs(env.iter().copied()).output().unwrap().into()
}

/// The decisions in a log, oldest first.
fn decisions(log: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn default_log(server: &Repository<'_>) -> PathBuf {
    server.path().join("stopleak-audit.jsonl")
}

/// The fingerprint that the newest refusal named.
fn fingerprint(server: &Repository<'_>) -> String {
    let last = decisions(&default_log(server)).pop().expect("a decision");
    last["findings"][0]["fingerprint"].as_str().expect("a fingerprint").to_owned()
}

#[test]
fn a_refusal_is_logged_and_names_the_fingerprint() {
    let world = World::new();
    let (repo, server) = pair(&world, "[server]\ncontact = \"#platform\"\n");
    let commit = repo.commit("a.txt", line(&token(1)), "two");
    let ran = push(&repo, &server, &["main"]);
    assert_ne!(ran.code, 0);
    let log = decisions(&default_log(&server));
    let names: Vec<_> = log.iter().map(|d| d["decision"].as_str().unwrap()).collect();
    assert_eq!(names, ["accepted", "refused"], "every decision has its line");
    assert_eq!(log[1]["findings"][0]["commit"], commit);
    assert_eq!(log[1]["refs"][0]["ref"], "refs/heads/main");
    assert!(ran.err.contains(&fingerprint(&server)) && ran.err.contains("#platform"), "{}", ran.err);
}

#[test]
fn a_push_option_unlocks_nothing_by_default() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.commit("a.txt", line(&token(2)), "two");
    push(&repo, &server, &["main"]);
    let option = format!("--push-option=stopleak.bypass={}:used-in-tests", fingerprint(&server));
    let ran = push(&repo, &server, &[&option, "main"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("was not accepted"), "{}", ran.err);
}

#[test]
fn a_push_option_unlocks_its_finding_where_policy_lets_it() {
    let world = World::new();
    let policy = "[server.bypass]\nallow = true\nreasons = [\"used-in-tests\"]\n";
    let (repo, server) = pair(&world, policy);
    repo.commit("a.txt", line(&token(3)), "two");
    let refused = push(&repo, &server, &["main"]);
    assert!(refused.err.contains("stopleak.bypass="), "{}", refused.err);
    let print = fingerprint(&server);
    let with = |reason: &str| format!("--push-option=stopleak.bypass={print}:{reason}");
    assert_ne!(push(&repo, &server, &[&with("because"), "main"]).code, 0);
    repo.commit("b.txt", line(&token(4)), "three");
    assert_ne!(push(&repo, &server, &[&with("used-in-tests"), "main"]).code, 0, "the other one still blocks");
    repo.git(&["reset", "-q", "--hard", "HEAD~"]);
    let ran = push(&repo, &server, &[&with("used-in-tests"), "main"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let last = decisions(&default_log(&server)).pop().unwrap();
    assert_eq!(last["decision"], "bypassed");
    assert_eq!(last["bypass"][0]["by"], "push-option");
}

#[test]
fn a_bypass_is_bound_to_people_and_severity() {
    let world = World::new();
    let cases = [
        ("who = [\"ada\"]\n", "ada", true),
        ("who = [\"ada\"]\n", "eve", false),
        ("max-severity = \"low\"\n", "ada", false),
    ];
    for (number, (extra, who, passes)) in cases.into_iter().enumerate() {
        let inner = World::new();
        let (repo, server) = pair(&inner, &format!("[server.bypass]\nallow = true\n{extra}"));
        repo.commit("a.txt", line(&token(50 + number as u64)), "two");
        push(&repo, &server, &["main"]);
        let option = format!("--push-option=stopleak.bypass={}:will-fix", fingerprint(&server));
        let ran = push_as(&repo, &server, &[&option, "main"], &[("REMOTE_USER", who)]);
        assert_eq!(ran.code == 0, passes, "{extra} as {who}: {}", ran.err);
    }
    drop(world);
}

#[test]
fn an_approval_lets_its_finding_through_once() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.commit("a.txt", line(&token(5)), "two");
    push(&repo, &server, &["main"]);
    let print = fingerprint(&server);
    run_in(&world, server.path(), &["approve", &print, "--reason", "a fixture"]).code(0);
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    assert_eq!(decisions(&default_log(&server)).pop().unwrap()["bypass"][0]["by"], "approval");
    repo.commit("b.txt", format!("again\n{}", line(&token(5))), "three");
    assert_ne!(push(&repo, &server, &["main"]).code, 0, "it was used up");
}

#[test]
fn an_approval_with_an_expiry_holds_until_then() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.commit("a.txt", line(&token(6)), "two");
    push(&repo, &server, &["main"]);
    let print = fingerprint(&server);
    let approve =
        |day: &str| run_in(&world, server.path(), &["approve", &print, "--reason", "x", "--expires", day]);
    approve("2020-01-01").code(2);
    approve("2099-01-01").code(0);
    let kept = server.path().join("stopleak-approvals");
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::write(&kept, text.replace("2099-01-01", "2020-01-01")).unwrap();
    assert_ne!(push(&repo, &server, &["main"]).code, 0);
    approve("2099-01-01").code(0);
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    repo.commit("b.txt", format!("again\n{}", line(&token(6))), "three");
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
}

#[test]
fn warn_tells_the_pusher_and_observe_only_the_log() {
    for (mode, told) in [("warn", true), ("observe", false)] {
        let world = World::new();
        let (repo, server) = pair(&world, &format!("[server]\nmode = \"{mode}\"\n"));
        repo.commit("a.txt", line(&token(7)), "two");
        let ran = push(&repo, &server, &["main"]);
        assert_eq!(ran.code, 0, "{mode}: {}", ran.err);
        assert_eq!(ran.err.contains("a.txt"), told, "{mode}: {}", ran.err);
        if mode == "observe" {
            let last = decisions(&default_log(&server)).pop().unwrap();
            assert_eq!(last["findings"][0]["disposition"], "observed");
        }
    }
}

#[test]
fn a_mode_can_be_set_for_some_refs_and_the_strictest_counts() {
    let world = World::new();
    let policy = "[[server.mode-for]]\nrepository = \"*\"\nref = \"refs/heads/sandbox/*\"\nrule = \"*\"\nmode = \"warn\"\n";
    let (repo, server) = pair(&world, policy);
    repo.commit("a.txt", line(&token(8)), "two");
    assert_ne!(push(&repo, &server, &["main:sandbox/x", "main"]).code, 0);
    assert_eq!(push(&repo, &server, &["main:sandbox/x"]).code, 0);
}

#[test]
fn a_broken_policy_refuses_everything_and_tells_only_the_administrator() {
    let world = World::new();
    let (repo, server) = pair(&world, "[server]\nmod = \"enforce\"\nsecret-sauce = 1\n");
    repo.commit("a.txt", "clean\n", "two");
    let ran = push(&repo, &server, &["main"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("takes no pushes"), "{}", ran.err);
    assert!(!ran.err.contains("secret-sauce"), "{}", ran.err);
    let log = std::fs::read_to_string(server.path().join("stopleak-errors.log")).unwrap();
    assert!(log.contains("secret-sauce") && log.contains("stopleak.toml"), "{log}");
}

#[test]
fn allow_entries_count_as_the_default_branch_had_them_before_the_push() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.commit("a.txt", line(&token(9)), "two");
    push(&repo, &server, &["main"]);
    let print = fingerprint(&server);
    repo.git(&["reset", "-q", "--hard", "HEAD~"]);
    repo.write("a.txt", line(&token(9)));
    run_in(&world, repo.path(), &["allow", &print, "--reason", "a fixture"]).code(0);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "entry and secret together"]);
    assert_ne!(push(&repo, &server, &["main"]).code, 0, "the pusher's own entry");
    repo.git(&["reset", "-q", "--soft", "HEAD~"]);
    repo.git(&["reset", "-q", "--", "a.txt"]);
    repo.git(&["commit", "-q", "-m", "the entry, reviewed"]);
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    repo.git(&["add", "a.txt"]);
    repo.git(&["commit", "-q", "-m", "then the secret"]);
    let ran = push(&repo, &server, &["main"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_broken_allow_file_in_the_repository_can_be_mended_by_a_push() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.commit(".stopleak.allow", "not an entry\n", "break it");
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    repo.commit("a.txt", line(&token(18)), "a secret");
    let ran = push(&repo, &server, &["main"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("was not used"), "{}", ran.err);
    repo.git(&["reset", "-q", "--hard", "HEAD~"]);
    repo.commit(".stopleak.allow", "# empty\n", "mend it");
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
}

#[test]
fn the_audit_log_verifies_until_someone_edits_it() {
    let world = World::new();
    let log = world.path().join("log/audit.jsonl");
    let (repo, server) = pair(&world, &format!("[server.audit]\npath = \"{}\"\n", log.display()));
    repo.commit("b.txt", "clean\n", "two");
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    repo.commit("a.txt", line(&token(10)), "three");
    assert_ne!(push(&repo, &server, &["main"]).code, 0);
    let names: Vec<_> = decisions(&log).iter().map(|d| d["decision"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["accepted", "refused"]);
    let ran = run_in(&world, server.path(), &["audit", "verify"]).code(0);
    assert!(ran.out.contains("2 decisions"), "{}", ran.out);
    let text = std::fs::read_to_string(&log).unwrap().replace("refused", "accepted");
    std::fs::write(&log, text).unwrap();
    run_in(&world, server.path(), &["audit", "verify"]).code(3);
}

#[test]
fn a_decision_that_cannot_be_recorded_is_not_carried_out() {
    let world = World::new();
    let log = world.path().join("full.jsonl");
    std::os::unix::fs::symlink("/dev/full", &log).unwrap();
    let (repo, server) = pair(&world, &format!("[server.audit]\npath = \"{}\"\n", log.display()));
    repo.commit("b.txt", "clean\n", "two");
    assert_ne!(push(&repo, &server, &["main"]).code, 0);
}

#[test]
fn a_deadline_refuses_and_says_what_was_not_read() {
    for (limit, passes) in [("block", false), ("allow-and-audit", true)] {
        let world = World::new();
        let policy = format!("[limits]\ndeadline = \"1ms\"\n[server]\non-limit = \"{limit}\"\n");
        let (repo, server) = pair(&world, &policy);
        for n in 0..40 {
            repo.write(&format!("f{n}.txt"), format!("{n}\n").repeat(50_000));
        }
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", "much"]);
        let ran = push(&repo, &server, &["main"]);
        assert_eq!(ran.code == 0, passes, "{limit}: {}", ran.err);
        assert!(ran.err.contains("deadline"), "{limit}: {}", ran.err);
    }
}

#[test]
fn update_works_and_says_that_the_objects_are_stored() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    std::fs::remove_file(server.path().join("hooks/pre-receive")).unwrap();
    server.hook("update", &format!("#!/bin/sh\nexec '{}' hook update \"$@\"\n", common::STOPLEAK));
    repo.commit("a.txt", line(&token(11)), "two");
    let ran = push(&repo, &server, &["main"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("after storing the objects"), "{}", ran.err);
    assert_eq!(push(&repo, &server, &["main~:refs/heads/other"]).code, 0);
}

#[test]
fn names_that_a_pusher_chose_reach_nobody_unescaped() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.stage("a\u{1b}[2J\u{202e}.txt", line(&token(12)));
    repo.git(&["commit", "-q", "-m", "two"]);
    let ran = push(&repo, &server, &["main"]);
    assert!(ran.err.contains("\\x1b[2J\\u{202e}"), "{:?}", ran.err);
    assert!(!ran.err.contains("\u{1b}[2J") && !ran.err.contains('\u{202e}'), "{:?}", ran.err);
}

#[test]
fn pushes_at_the_same_time_leave_one_whole_chain() {
    let world = World::new();
    let log = world.path().join("audit.jsonl");
    let (repo, server) = pair(&world, &format!("[server.audit]\npath = \"{}\"\n", log.display()));
    let base = repo.git(&["rev-parse", "HEAD"]);
    for n in 0..8 {
        repo.git(&["checkout", "-q", "-b", &format!("b{n}"), &base]);
        let text = if n % 2 == 0 { "clean\n".to_owned() } else { line(&token(60 + n)) };
        repo.commit(&format!("f{n}.txt"), text, "work");
    }
    let url = format!("file://{}", server.path().display());
    let pushes: Vec<_> = (0..8)
        .map(|n| {
            let branch = format!("b{n}");
            repo.command(&["push", "-q", &url, &branch]).stderr(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    let codes: Vec<bool> = pushes.into_iter().map(|mut p| p.wait().unwrap().success()).collect();
    assert_eq!(codes, [true, false, true, false, true, false, true, false]);
    assert_eq!(decisions(&log).len(), 8);
    run_in(&world, server.path(), &["audit", "verify"]).code(0);
}

#[test]
fn a_blob_at_an_excluded_path_and_at_another_is_judged_at_the_other() {
    let world = World::new();
    let (repo, server) = pair(&world, "[paths]\nexclude = [\"/fixtures/\"]\n");
    repo.stage("fixtures/a.txt", line(&token(13)));
    repo.git(&["commit", "-q", "-m", "two"]);
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    repo.stage("fixtures/b.txt", line(&token(14)));
    repo.stage("src/b.txt", line(&token(14)));
    repo.git(&["commit", "-q", "-m", "three"]);
    let ran = push(&repo, &server, &["main"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("src/b.txt") && !ran.err.contains("fixtures/b.txt"), "{}", ran.err);
}

#[test]
fn the_repositorys_own_policy_counts_only_where_it_is_trusted() {
    for (trust, passes) in [("none", false), ("allow", false), ("all", true)] {
        let world = World::new();
        let (repo, server) = pair(&world, &format!("[server]\ntrust-repository = \"{trust}\"\n"));
        repo.commit(".stopleak.toml", "[paths]\nexclude = [\"fixtures/\"]\n", "policy");
        assert_eq!(push(&repo, &server, &["main"]).code, 0);
        repo.commit("fixtures/a.txt", line(&token(15)), "three");
        let ran = push(&repo, &server, &["main"]);
        assert_eq!(ran.code == 0, passes, "{trust}: {}", ran.err);
    }
}

#[test]
fn gitlab_gets_lines_that_its_web_pages_show() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    repo.commit("a.txt", line(&token(16)), "two");
    let env = [
        ("GL_ID", "user-7"),
        ("GL_USERNAME", "ada"),
        ("GL_PROTOCOL", "http"),
        ("GL_REPOSITORY", "project-3"),
        ("GL_PROJECT_PATH", "group/project"),
    ];
    let ran = push_as(&repo, &server, &["main"], &env);
    assert_ne!(ran.code, 0);
    let ours: Vec<&str> = ran.err.lines().filter(|l| l.contains("a.txt:1")).collect();
    assert!(ours.iter().all(|l| l.contains("GL-HOOK-ERR: ")) && !ours.is_empty(), "{}", ran.err);
    let last = decisions(&default_log(&server)).pop().unwrap();
    assert_eq!((last["pusher"].as_str(), last["server"].as_str()), (Some("ada"), Some("gitlab")));
}

#[test]
fn a_log_that_is_rotated_away_goes_on_and_is_proved_with_what_it_was() {
    let world = World::new();
    let (repo, server) = pair(&world, "");
    let log = default_log(&server);
    repo.commit("a.txt", line(&token(20)), "two");
    assert_ne!(push(&repo, &server, &["main"]).code, 0);
    std::fs::rename(&log, log.with_extension("jsonl.1")).unwrap();
    repo.git(&["reset", "-q", "--hard", "HEAD~"]);
    repo.commit("b.txt", "clean\n", "three");
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
    assert_eq!(decisions(&log)[0]["seq"], 3);
    let ran = run_in(&world, server.path(), &["audit", "verify"]).code(0);
    assert!(ran.out.contains("3 decisions") && ran.out.contains("2 files"), "{}", ran.out);
    let ran = run_in(&world, server.path(), &["audit", "summary", "--format", "json"]).code(0);
    assert_eq!(ran.json()["decisions"], serde_json::json!({"accepted": 2, "refused": 1}));
    std::fs::remove_file(&log).unwrap();
    run_in(&world, server.path(), &["audit", "verify"]).code(3);
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_a_line_refuses_and_leaves_the_log_whole() {
    // Killed by the signal in the middle of the line, or told by an error when the signal is ignored.
    for signal in ["", "trap '' XFSZ; "] {
        let world = World::new();
        let (repo, server) = pair(&world, "");
        let log = default_log(&server);
        while std::fs::metadata(&log).unwrap().len() % 1024 < 400 {
            repo.commit("b.txt", format!("{:?}\n", std::fs::metadata(&log).unwrap().len()), "more");
            assert_eq!(push(&repo, &server, &["main"]).code, 0);
        }
        let blocks = std::fs::metadata(&log).unwrap().len() / 512 + 1;
        let full =
            format!("#!/bin/sh\n{signal}ulimit -f {blocks}; exec '{}' hook pre-receive\n", common::STOPLEAK);
        server.hook("pre-receive", &full);
        let before = decisions(&log).len();
        let commit = repo.commit("c.txt", "clean\n", "no room");
        let ran = push(&repo, &server, &["main"]);
        assert_ne!(ran.code, 0, "{signal}");
        assert!(!server.try_git(&["cat-file", "-e", &commit]).status.success(), "nothing is stored");
        server.hook("pre-receive", &format!("#!/bin/sh\nexec '{}' hook pre-receive\n", common::STOPLEAK));
        assert_eq!(push(&repo, &server, &["main"]).code, 0);
        let ran = run_in(&world, server.path(), &["audit", "verify"]).code(0);
        assert!(ran.out.contains(&format!("{} decisions", before + 1)), "{}", ran.out);
    }
}

#[test]
fn a_git_that_hangs_is_given_up_at_the_deadline() {
    let world = World::new();
    let (repo, server) = pair(&world, "[limits]\ndeadline = \"2s\"\n");
    // A git whose rev-list never answers; the rest is the real one.
    let bin = world.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let real =
        String::from_utf8(std::process::Command::new("which").arg("git").output().unwrap().stdout).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' rev-list '*) exec sleep 600 ;; esac\nexec {} \"$@\"\n",
        real.trim()
    );
    std::fs::write(bin.join("git"), script).unwrap();
    let may_run = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bin.join("git"), may_run).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let hook = format!("#!/bin/sh\nPATH='{path}' exec '{}' hook pre-receive\n", common::STOPLEAK);
    server.hook("pre-receive", &hook);
    repo.commit("a.txt", "clean\n", "two");
    let ran = push(&repo, &server, &["main"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("out of time"), "{}", ran.err);
    let last = decisions(&default_log(&server)).pop().unwrap();
    assert_eq!(
        (last["decision"].as_str(), last["skipped"][0]["why"].as_str()),
        (Some("refused"), Some("deadline"))
    );
    std::fs::write(
        server.path().join("stopleak.toml"),
        "[limits]\ndeadline = \"2s\"\n[server]\non-limit = \"allow-and-audit\"\n",
    )
    .unwrap();
    assert_eq!(push(&repo, &server, &["main"]).code, 0);
}

#[test]
fn a_doctor_says_what_a_lenient_mode_lets_through() {
    for (mode, word) in [("observe", "warn"), ("warn", "warn"), ("enforce", "ok")] {
        let world = World::new();
        let (_, server) = pair(&world, &format!("[server]\nmode = \"{mode}\"\n"));
        let path = server.path().to_str().unwrap();
        run_in(&world, server.path(), &["install", "--server", path]).code(0);
        let ran = run_in(&world, server.path(), &["doctor", "--server", path, "--format", "json"]).code(0);
        let checks = ran.json()["checks"].as_array().unwrap().clone();
        let proof = checks.iter().find(|c| c["name"].as_str().unwrap().starts_with("proof")).unwrap();
        assert_eq!(proof["status"], word, "{mode}: {proof}");
        assert_eq!(proof["detail"].as_str().unwrap().contains(&format!("mode is {mode}")), word == "warn");
        assert_eq!(server.git(&["for-each-ref", "refs/heads/stopleak-doctor-*"]), "");
    }
}

#[test]
fn one_broken_repository_does_not_keep_the_others_unguarded() {
    let world = World::new();
    let bare = Init { bare: true, ..Init::default() };
    let (good, broken) = (world.init("srv/good.git", bare), world.init("srv/broken.git", bare));
    std::fs::write(broken.path().join("config"), "[core\n").unwrap();
    let srv = world.path().join("srv");
    let stopleak = |args: &[&str]| -> Ran {
        let mut command = common::command(&world, &srv, args);
        command.env("GIT_CONFIG_GLOBAL", world.path().join("gitconfig")).output().unwrap().into()
    };
    let ran = stopleak(&["install", "--all-under", "."]).code(3);
    assert!(ran.out.contains("FAIL") && ran.out.contains("broken.git"), "{}", ran.out);
    assert!(good.path().join("hooks/pre-receive").exists());
    let ran = stopleak(&["doctor", "--all-under", "."]).code(3);
    assert!(ran.out.contains("broken.git"), "{}", ran.out);
    assert!(ran.out.contains("a planted secret was refused"), "the others are examined: {}", ran.out);
}

/// A push that is refused by a hook that keeps what it saw: the server, its quarantine and its input.
fn held(repo: &Repository<'_>, server: &Repository<'_>, args: &[&str]) -> (PathBuf, Vec<u8>) {
    let kept = server.path().join("held");
    let script = format!(
        "#!/bin/sh\nrm -rf {0}; mkdir {0}; cat >{0}/stdin; cp -R \"$GIT_QUARANTINE_PATH\" {0}/objects; exit 1\n",
        kept.display()
    );
    server.hook("pre-receive", &script);
    let ran = push(repo, server, args);
    assert!(ran.err.contains("hook declined"), "{}", ran.err);
    (kept.join("objects"), std::fs::read(kept.join("stdin")).unwrap())
}

/// A small generator: the same pushes for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Commits that edit long files, so that the pack has deltas; a secret comes, moves, goes and comes back.
fn random_commits(repo: &Repository<'_>, dice: &mut Dice, commits: u64) {
    let lines: Vec<String> = (0..400).map(|n| format!("line {n} of a file that is long enough\n")).collect();
    for n in 0..commits {
        let name = format!("dir{}/f{}.txt", dice.roll(2), dice.roll(4));
        let mut text = lines.clone();
        for _ in 0..dice.roll(6) {
            text[dice.roll(400) as usize] = format!("changed in {n}\n");
        }
        if dice.roll(3) == 0 {
            text[dice.roll(400) as usize] = line(&token(900 + dice.roll(5)));
        }
        if dice.roll(8) == 0 {
            text.push(format!("\0binary {}", line(&token(950 + dice.roll(5)))));
        }
        repo.write(&name, text.concat());
        repo.git(&["add", "-A"]);
        let message =
            if dice.roll(6) == 0 { line(&token(960 + dice.roll(3))) } else { format!("commit {n}") };
        repo.git(&["commit", "-q", "--allow-empty", "-m", &message]);
    }
}

#[test]
fn the_pack_reader_finds_in_random_pushes_what_git_gives() {
    let mut findings = 0;
    for seed in 0..6 {
        let world = World::new();
        let mut dice = Dice(seed);
        let (repo, server) = pair(&world, "[paths]\nexclude = [\"/dir1/f3.txt\"]\n");
        server.git(&["config", "receive.unpackLimit", if seed % 2 == 0 { "1" } else { "10000" }]);
        random_commits(&repo, &mut dice, 12);
        std::fs::remove_file(server.path().join("hooks/pre-receive")).unwrap();
        assert_eq!(push(&repo, &server, &["main"]).code, 0);
        let old = repo.git(&["rev-parse", "HEAD"]);
        random_commits(&repo, &mut dice, 12);
        if seed % 3 == 0 {
            repo.git(&["checkout", "-q", "-b", "side", &old]);
            random_commits(&repo, &mut dice, 4);
            repo.git(&["merge", "-q", "-X", "ours", "-m", "merge", "main"]);
            repo.git(&["tag", "-a", "v1", "-m", &line(&token(970))]);
        }
        let refs: &[&str] = if seed % 3 == 0 { &["main", "side", "v1"] } else { &["main"] };
        let (objects, input) = held(&repo, &server, refs);
        let read = |args: &[&str]| {
            let mut command = common::command(&world, server.path(), args);
            command.env("GIT_DIR", ".").env("GIT_QUARANTINE_PATH", &objects);
            command.env("GIT_OBJECT_DIRECTORY", &objects);
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", server.path().join("objects"));
            let ran = common::feed(command, &input);
            let mut scan = ran.json();
            for varies in ["seconds", "bytes_scanned"] {
                scan["coverage"][varies] = serde_json::Value::Null;
            }
            (ran.code, scan)
        };
        let packs = read(&["--format", "json", "hook", "pre-receive"]);
        let git = read(&["--format", "json", "hook", "pre-receive", "--by-git"]);
        assert_eq!(packs, git, "seed {seed}");
        findings += packs.1["findings"].as_array().unwrap().len();
    }
    assert!(findings > 10, "{findings}");
}

/// A bare repository as a host lays it out, with the host's own hook that runs ours.
fn hosted<'w>(world: &'w World, folder: &str, runner: &str) -> (Repository<'w>, Repository<'w>) {
    let server = world.init("hosted.git", Init { bare: true, ..Init::default() });
    std::fs::create_dir_all(server.path().join(folder)).unwrap();
    server.hook("pre-receive", runner);
    let path = server.path().to_str().unwrap();
    run_in(world, server.path(), &["install", "--server", path]).code(0);
    assert!(server.path().join(folder).join("stopleak").exists());
    let repo = repository(world);
    repo.commit("readme.txt", "hello\n", "first");
    (repo, server)
}

fn clean_passes_and_a_secret_is_refused(
    repo: &Repository<'_>,
    server: &Repository<'_>,
    env: &[(&str, &str)],
    seed: u64,
) -> Ran {
    let clean = push_as(repo, server, &["main"], env);
    assert_eq!(clean.code, 0, "{}", clean.err);
    repo.commit("a.txt", line(&token(seed)), "two");
    let blob = repo.git(&["rev-parse", "HEAD:a.txt"]);
    let ran = push_as(repo, server, &["main"], env);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("a.txt:1"), "{}", ran.err);
    assert!(!server.try_git(&["cat-file", "-e", &blob]).status.success());
    ran
}

/// Gitea's and Forgejo's generated hook keeps the input and runs each program of its folder.
#[test]
fn gitea_runs_it_from_its_folder() {
    let world = World::new();
    let runner = "#!/bin/sh\ndata=$(cat)\nexitcodes=\"\"\nfor hook in \"$GIT_DIR/hooks/pre-receive.d/\"*; do\n\
                  test -x \"$hook\" && test -f \"$hook\" || continue\n\
                  echo \"$data\" | \"$hook\"\nexitcodes=\"$exitcodes $?\"\ndone\n\
                  for i in $exitcodes; do [ \"$i\" -eq 0 ] || exit \"$i\"; done\n";
    let (repo, server) = hosted(&world, "hooks/pre-receive.d", runner);
    let env = [
        ("GITEA_PUSHER_NAME", "ada"),
        ("GITEA_PUSHER_ID", "7"),
        ("GITEA_PUSHER_EMAIL", "ada@localhost"),
        ("GITEA_REPO_NAME", "project"),
        ("GITEA_REPO_USER_NAME", "org"),
        ("GITEA_REPO_ID", "3"),
        ("GITEA_KEY_ID", "1"),
        ("SSH_ORIGINAL_COMMAND", "git-receive-pack 'org/project.git'"),
    ];
    clean_passes_and_a_secret_is_refused(&repo, &server, &env, 80);
    let last = decisions(&default_log(&server)).pop().unwrap();
    assert_eq!(
        (&last["pusher"], &last["server"], &last["repository"]),
        (&"ada".into(), &"gitea".into(), &"org/project".into())
    );
}

/// Gitaly runs each program of `custom_hooks/pre-receive.d` in the repository, with absolute folders and without
/// `GIT_QUARANTINE_PATH`.
#[test]
fn gitlab_runs_it_from_custom_hooks() {
    let world = World::new();
    let runner = "#!/bin/sh\ndata=$(cat)\nexport GIT_DIR=\"$PWD\" GIT_OBJECT_DIRECTORY=\"$GIT_QUARANTINE_PATH\"\n\
                  unset GIT_QUARANTINE_PATH\nfor hook in \"$PWD/custom_hooks/pre-receive.d/\"*; do\n\
                  case $hook in *~) continue ;; esac\n[ -x \"$hook\" ] || continue\n\
                  printf '%s\\n' \"$data\" | \"$hook\" || exit 1\ndone\n";
    let (repo, server) = hosted(&world, "custom_hooks/pre-receive.d", runner);
    let env = [
        ("GL_ID", "user-7"),
        ("GL_USERNAME", "ada"),
        ("GL_PROTOCOL", "ssh"),
        ("GL_REPOSITORY", "project-3"),
        ("GL_PROJECT_PATH", "group/project"),
    ];
    let ran = clean_passes_and_a_secret_is_refused(&repo, &server, &env, 81);
    let shown: Vec<&str> = ran.err.lines().filter(|l| l.contains("GL-HOOK-ERR: ")).collect();
    assert!(shown.iter().any(|l| l.contains("a.txt:1")), "{}", ran.err);
    let last = decisions(&default_log(&server)).pop().unwrap();
    assert_eq!((&last["pusher"], &last["repository"]), (&"ada".into(), &"group/project".into()));
}

/// GitHub Enterprise Server: nothing to write to, who pushes in `GITHUB_USER_LOGIN`, an answer in time.
#[test]
fn github_enterprise_can_do_without_a_log() {
    let world = World::new();
    let policy =
        "[limits]\ndeadline = \"4s\"\n[server]\non-limit = \"block\"\n[server.audit]\npath = \"/dev/null\"\n";
    let (repo, server) = pair(&world, policy);
    let env = [
        ("GITHUB_USER_LOGIN", "ada"),
        ("GITHUB_REPO_NAME", "org/project"),
        ("GITHUB_VIA", "git"),
        ("GITHUB_REPO_PUBLIC", "false"),
    ];
    let before = decisions(&default_log(&server)).len();
    clean_passes_and_a_secret_is_refused(&repo, &server, &env, 82);
    assert_eq!(decisions(&default_log(&server)).len(), before);
    assert!(!Path::new("/dev/null.head").exists());
}

#[test]
fn trusted_pushers_are_only_observed() {
    let world = World::new();
    let (repo, server) = pair(&world, "[server]\ntrusted-pushers = [\"mirror-*\"]\n");
    repo.commit("a.txt", line(&token(17)), "two");
    assert_ne!(push_as(&repo, &server, &["main"], &[("REMOTE_USER", "eve")]).code, 0);
    assert_eq!(push_as(&repo, &server, &["main"], &[("REMOTE_USER", "mirror-bot")]).code, 0);
}
