//! Promises about one repository's hooks, each shown with real git.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod common;

use std::{ffi::OsStr, fs, os::unix::fs::PermissionsExt, path::Path};

use common::{Machine, script, snapshot};
use stopleak_installer::{Error, Hook, Request, Target, apply, plan, plan_uninstall};

const HOOKS: [&str; 4] = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"];

#[test]
fn every_default_hook_is_called_as_git_calls_it() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    machine.commit(&dir, "a").unwrap();
    assert_eq!(machine.log(), "stopleak hook pre-commit\nstopleak hook commit-msg .git/COMMIT_EDITMSG\n");

    let remote = machine.bare("remote.git");
    let url = remote.to_str().unwrap();
    machine.git(&dir, &["push", "-q", url, "main"]);
    let head = machine.git(&dir, &["rev-parse", "main"]);
    let zero = "0".repeat(40);
    let expected =
        format!("stopleak hook pre-push {url} {url}\n  refs/heads/main {head} refs/heads/main {zero}\n");
    assert_eq!(machine.log(), expected);

    machine.git(&dir, &["switch", "-q", "-c", "side", "HEAD~1"]);
    machine.commit(&dir, "b").unwrap();
    machine.log();
    machine.git(&dir, &["merge", "-q", "--no-ff", "-m", "join", "main"]);
    assert_eq!(machine.log(), "stopleak hook pre-merge-commit\nstopleak hook commit-msg .git/MERGE_MSG\n");
}

#[test]
fn a_refusal_of_the_program_stops_the_commit() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    assert!(machine.commit(&dir, "canary").unwrap_err().contains("stopleak: blocked: canary"));
}

#[test]
fn a_refusal_of_the_program_stops_the_push() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    let remote = machine.bare("remote.git");
    machine.block();
    assert!(machine.try_git(&dir, &["push", remote.to_str().unwrap(), "main"]).is_err());
    assert_eq!(machine.git(&remote, &["for-each-ref"]), "");
}

#[test]
fn installing_twice_changes_nothing() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    machine.install(&dir);
    let once = snapshot(&dir.join(".git"));
    let again = machine.install(&dir);
    assert!(again.is_empty(), "{again}");
    assert_eq!(snapshot(&dir.join(".git")), once);
}

#[test]
fn uninstalling_restores_bytes_and_modes() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let hooks = dir.join(".git/hooks");
    script(&hooks.join("pre-commit"), "#!/bin/sh\n# no newline at the end");
    script(&hooks.join("pre-push"), "#!/bin/sh\nexit 0\n");
    fs::set_permissions(hooks.join("pre-push"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(hooks.join("commit-msg"), b"\xff\x00binary").unwrap();
    let before = snapshot(&dir.join(".git"));
    machine.install(&dir);
    assert_ne!(snapshot(&dir.join(".git")), before);
    machine.uninstall(&dir);
    assert_eq!(snapshot(&dir.join(".git")), before);
    assert!(machine.uninstall(&dir).is_empty());
}

#[test]
fn an_existing_hook_runs_first_and_its_refusal_counts() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let hook = dir.join(".git/hooks/commit-msg");
    let log = machine.root.join("bin/log");
    script(&hook, &format!("#!/bin/sh\nprintf 'theirs %s\\n' \"$*\" >>'{}'\n", log.display()));
    machine.install(&dir);
    machine.commit(&dir, "a").unwrap();
    let expected = "stopleak hook pre-commit\ntheirs .git/COMMIT_EDITMSG\nstopleak hook commit-msg .git/COMMIT_EDITMSG\n";
    assert_eq!(machine.log(), expected);

    script(&dir.join(".git/hooks/commit-msg.before-stopleak"), "#!/bin/sh\necho not today; exit 9\n");
    assert!(machine.commit(&dir, "b").unwrap_err().contains("not today"));
    assert_eq!(machine.log(), "stopleak hook pre-commit\n");
}

/// So many branches that what git tells a pre-push hook about them overfills a pipe.
fn branches(machine: &Machine, dir: &Path, count: usize) {
    let head = machine.git(dir, &["rev-parse", "main"]);
    for number in 0..count {
        let name = format!("refs/heads/a-rather-long-name-of-a-branch-{number}");
        fs::write(dir.join(".git").join(name), format!("{head}\n")).unwrap();
    }
}

#[test]
fn an_existing_pre_push_hook_and_the_program_read_the_same_lines() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let theirs = machine.root.join("theirs");
    script(&dir.join(".git/hooks/pre-push"), &format!("#!/bin/sh\ncat >'{}'\n", theirs.display()));
    machine.install(&dir);
    branches(&machine, &dir, 300);
    let remote = machine.bare("remote.git");
    machine.git(&dir, &["push", "-q", "--dry-run", "--all", remote.to_str().unwrap()]);
    let theirs = fs::read_to_string(theirs).unwrap();
    assert_eq!(theirs.lines().count(), 301);
    let ours: Vec<String> = machine.log().lines().skip(1).map(|line| line.trim().to_owned()).collect();
    assert_eq!(ours, theirs.lines().collect::<Vec<_>>());
}

#[test]
fn an_existing_pre_push_hook_may_leave_its_input_unread() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    script(&dir.join(".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n");
    machine.install(&dir);
    branches(&machine, &dir, 2000);
    let remote = machine.bare("remote.git");
    let said =
        machine.try_git(&dir, &["push", "-q", "--dry-run", "--all", remote.to_str().unwrap()]).unwrap();
    assert!(!said.contains("rror"), "{said}");
    assert_eq!(machine.log().lines().count(), 2002);
}

#[test]
fn a_hook_that_git_would_skip_stays_skipped() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let hook = dir.join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\nexit 1\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    machine.install(&dir);
    machine.commit(&dir, "a").unwrap();
}

#[test]
fn a_symbolic_link_is_renamed_and_its_target_untouched() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let target = machine.root.join("team-hook");
    script(&target, &format!("#!/bin/sh\necho theirs >>'{}'\n", machine.root.join("bin/log").display()));
    std::os::unix::fs::symlink(&target, dir.join(".git/hooks/pre-commit")).unwrap();
    std::os::unix::fs::symlink("/nowhere", dir.join(".git/hooks/pre-push")).unwrap();
    let before = (fs::read(&target).unwrap(), snapshot(&dir.join(".git/hooks")));
    machine.install(&dir);
    assert_eq!(fs::read(&target).unwrap(), before.0);
    assert!(fs::symlink_metadata(dir.join(".git/hooks/pre-commit")).unwrap().is_file());
    machine.commit(&dir, "a").unwrap();
    assert!(machine.log().starts_with("theirs\nstopleak hook pre-commit\n"));
    machine.uninstall(&dir);
    assert_eq!((fs::read(&target).unwrap(), snapshot(&dir.join(".git/hooks"))), before);
}

#[test]
fn without_the_program_nothing_passes() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    let remote = machine.bare("remote.git");
    fs::remove_file(&machine.binary).unwrap();
    let refused = machine.commit(&dir, "a").unwrap_err();
    assert!(refused.contains("stopleak: commit blocked: the program is missing"), "{refused}");
    let refused = machine.try_git(&dir, &["push", remote.to_str().unwrap(), "main"]).unwrap_err();
    assert!(refused.contains("stopleak: push blocked: the program is missing"), "{refused}");
}

#[test]
fn a_program_that_cannot_run_blocks() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    script(&machine.binary, "\u{7f}ELF not really");
    assert!(machine.commit(&dir, "a").is_err());
    script(&machine.binary, "#!/no/such/interpreter\n");
    assert!(machine.commit(&dir, "a").is_err());
    script(&machine.binary, "#!/bin/sh\nkill -9 $$\n");
    assert!(machine.commit(&dir, "a").is_err());
}

#[test]
fn a_moved_program_is_found_on_path_or_in_the_home() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    let home = machine.root.join("home/.local/bin");
    fs::create_dir_all(&home).unwrap();
    fs::rename(&machine.binary, home.join("stopleak")).unwrap();
    machine.commit(&dir, "a").unwrap();
    assert!(fs::read_to_string(home.join("log")).unwrap().contains("hook pre-commit"));
}

#[test]
fn a_program_in_the_work_tree_is_not_called_for_a_missing_one() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    script(&dir.join("stopleak"), "#!/bin/sh\nexit 0\n");
    fs::remove_file(&machine.binary).unwrap();
    fs::write(dir.join("a"), "a").unwrap();
    machine.git(&dir, &["add", "a"]);
    let mut command = std::process::Command::new("git");
    command.current_dir(&dir).env_clear().envs(machine.vars()).env("PATH", ".:/usr/bin:/bin");
    assert!(!command.args(["commit", "-qm", "a"]).output().unwrap().status.success());
}

#[test]
fn awkward_names_of_folders_are_just_names() {
    for name in
        ["with space", "it's \"quoted\"", "$(touch pwned)`x`", "new\nline", "end\\", "ünï", "-dash", "@HOOK@"]
    {
        let machine = Machine::in_folder(OsStr::new(name));
        let dir = machine.repository("the repo's");
        script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
        machine.install(&dir);
        assert!(machine.commit(&dir, "canary").is_err(), "{name}");
        machine.git(&dir, &["reset", "-q"]);
        machine.commit(&dir, "a").unwrap_or_else(|said| panic!("{name}: {said}"));
        assert!(machine.log().contains("stopleak hook pre-commit"), "{name}");
        machine.uninstall(&dir);
        assert!(!dir.join("pwned").exists());
    }
}

#[test]
fn a_folder_name_that_is_not_utf_8_works() {
    use std::os::unix::ffi::OsStrExt;
    let machine = Machine::in_folder(OsStr::from_bytes(b"\xff\xfe"));
    let dir = machine.repository("r");
    machine.install(&dir);
    assert!(machine.commit(&dir, "canary").is_err());
}

#[test]
fn a_linked_worktree_shares_the_hooks_of_its_repository() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let tree = machine.root.join("tree");
    machine.git(&dir, &["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "side"]);
    machine.install(&tree);
    assert!(dir.join(".git/hooks/pre-commit").exists());
    assert!(machine.commit(&tree, "canary").is_err());
    assert!(machine.commit(&dir, "canary").is_err());
    assert!(machine.install(&dir).is_empty());
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let library = machine.repository("library");
    let url = library.to_str().unwrap();
    machine.git(&dir, &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "lib"]);
    machine.install(&dir.join("lib"));
    assert!(dir.join(".git/modules/lib/hooks/pre-commit").exists());
    assert!(!dir.join(".git/hooks/pre-commit").exists());
    assert!(machine.commit(&dir.join("lib"), "canary").is_err());
}

#[test]
fn a_subfolder_is_as_good_as_the_root() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    fs::create_dir_all(dir.join("deep/er")).unwrap();
    machine.git(&dir, &["config", "core.hooksPath", "hk"]);
    machine.install(&dir.join("deep/er"));
    assert!(dir.join("hk/pre-commit").exists());
}

#[test]
fn a_relative_hooks_path_is_shared_so_its_shims_name_no_folder_of_this_machine() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.git(&dir, &["config", "core.hooksPath", ".githooks"]);
    let plan = machine.install(&dir);
    let shim = fs::read_to_string(dir.join(".githooks/pre-commit")).unwrap();
    assert!(!shim.contains(machine.root.to_str().unwrap()));
    assert!(plan.notes().iter().any(|note| note.contains("belongs to the work tree")), "{:?}", plan.notes());
    assert!(plan.notes().iter().any(|note| note.contains("relative")), "{:?}", plan.notes());
    assert!(machine.commit(&dir, "a").unwrap_err().contains("the program is missing"));
}

#[test]
fn a_hooks_path_of_the_repository_alone_is_used() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let hooks = machine.root.join("elsewhere/hooks");
    machine.git(&dir, &["config", "core.hooksPath", hooks.to_str().unwrap()]);
    machine.install(&dir);
    assert!(hooks.join("pre-commit").exists());
    assert!(!dir.join(".git/hooks/pre-commit").exists());
    assert!(machine.commit(&dir, "canary").is_err());
    machine.uninstall(&dir);
    assert!(!hooks.join("pre-commit").exists());
}

#[test]
fn shims_from_before_a_hooks_path_was_set_are_taken_away_too() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let before = snapshot(&dir.join(".git/hooks"));
    machine.install(&dir);
    machine.git(&dir, &["config", "core.hooksPath", "/tmp/none"]);
    machine.uninstall(&dir);
    assert_eq!(snapshot(&dir.join(".git/hooks")), before);
}

#[test]
fn hooks_that_are_switched_off_are_an_error() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    for off in ["/dev/null", ""] {
        machine.git(&dir, &["config", "core.hooksPath", off]);
        let error = plan(&machine.request(Target::Repository(dir.clone()))).unwrap_err();
        assert!(matches!(&error, Error::HooksOff { origin, .. } if origin.contains("config")), "{error}");
        assert!(error.help().is_some());
    }
}

#[test]
fn a_hooks_path_of_all_repositories_is_not_written_to_for_one() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let shared = machine.root.join("shared");
    machine.git(&dir, &["config", "--global", "core.hooksPath", shared.to_str().unwrap()]);
    let error = plan(&machine.request(Target::Repository(dir))).unwrap_err();
    assert!(matches!(error, Error::SharedHooks { .. }), "{error}");
    assert!(!shared.exists());
}

#[test]
fn outside_of_a_repository_is_an_error() {
    let machine = Machine::new();
    let error = plan(&machine.request(Target::Repository(machine.root.clone()))).unwrap_err();
    assert!(matches!(error, Error::NotARepository(_)), "{error}");
    let error = plan(&machine.request(Target::Repository("/no/such/folder".into()))).unwrap_err();
    assert!(matches!(error, Error::NotARepository(_)), "{error}");
}

#[test]
fn a_bare_repository_has_no_commits_to_guard() {
    let machine = Machine::new();
    let bare = machine.bare("b.git");
    let error = plan(&machine.request(Target::Repository(bare))).unwrap_err();
    assert!(matches!(error, Error::Bare(_)), "{error}");
}

#[test]
fn a_program_that_hooks_could_not_call_is_an_error() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    for binary in ["stopleak", "/no/such/program", "/etc/passwd", "/tmp"] {
        let request = Request { binary: binary.into(), ..machine.request(Target::Repository(dir.clone())) };
        assert!(matches!(plan(&request), Err(Error::Binary(_))), "{binary}");
    }
}

#[test]
fn a_servers_hook_is_no_hook_of_a_work_tree() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let request = Request { hooks: vec![Hook::PreReceive], ..machine.request(Target::Repository(dir)) };
    assert!(matches!(plan(&request), Err(Error::WrongHook { .. })));
}

#[test]
fn a_dry_run_changes_nothing() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let before = snapshot(&machine.root);
    let request = Request { dry_run: true, ..machine.request(Target::Repository(dir)) };
    let dry = plan(&request).unwrap();
    assert_eq!(dry.steps().len(), 4);
    assert_eq!(apply(&dry).unwrap().steps, 0);
    assert_eq!(snapshot(&machine.root), before);
}

#[test]
fn only_the_hooks_asked_for_are_wired() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let request = Request { hooks: vec![Hook::PrePush], ..machine.request(Target::Repository(dir.clone())) };
    apply(&plan(&request).unwrap()).unwrap();
    let wired: Vec<_> = HOOKS.iter().filter(|name| dir.join(".git/hooks").join(name).exists()).collect();
    assert_eq!(wired, [&"pre-push"]);
}

#[test]
fn stopped_after_any_step_the_old_hook_or_ours_stands_and_both_ways_are_open() {
    let all = {
        let machine = Machine::new();
        let dir = machine.repository("r");
        script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
        machine.plan(&dir).steps().len()
    };
    assert_eq!(all, 5);
    for done in 0..=all {
        let machine = Machine::new();
        let dir = machine.repository("r");
        let hook = dir.join(".git/hooks/pre-commit");
        script(&hook, &format!("#!/bin/sh\necho theirs >>'{}'\n", machine.root.join("bin/log").display()));
        let before = snapshot(&dir.join(".git/hooks"));
        let first = machine.plan(&dir);
        stopleak_installer::apply_some(&first, done).unwrap();
        machine.commit(&dir, "a").unwrap();
        assert!(machine.log().starts_with("theirs\n"), "after {done} steps");

        let half = snapshot(&dir.join(".git/hooks"));
        machine.uninstall(&dir);
        assert_eq!(snapshot(&dir.join(".git/hooks")), before, "after {done} steps");
        machine.install(&dir);
        machine.uninstall(&dir);
        stopleak_installer::apply_some(&machine.plan(&dir), done).unwrap();
        assert_eq!(snapshot(&dir.join(".git/hooks")), half);
        machine.install(&dir);
        assert!(machine.commit(&dir, "canary").is_err(), "after {done} steps");
    }
}

#[test]
fn an_edited_shim_is_left_alone_by_both() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    let hook = dir.join(".git/hooks/pre-commit");
    let mut text = fs::read_to_string(&hook).unwrap();
    text.push_str("# mine\n");
    fs::write(&hook, &text).unwrap();
    let plan = machine.install(&dir);
    assert!(plan.is_empty() && plan.notes()[0].contains("edited by hand"), "{:?}", plan.notes());
    let plan = machine.uninstall(&dir);
    assert!(plan.notes()[0].contains("was edited"), "{:?}", plan.notes());
    assert_eq!(fs::read_to_string(&hook).unwrap(), text);
    assert!(!dir.join(".git/hooks/pre-push").exists());
}

#[test]
fn a_shim_of_another_version_is_brought_up_to_date_in_place() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    machine.install(&dir);
    let moved = machine.root.join("bin/stopleak-2");
    fs::rename(&machine.binary, &moved).unwrap();
    let request = Request { binary: moved, ..machine.request(Target::Repository(dir.clone())) };
    let newer = plan(&request).unwrap();
    assert_eq!(newer.steps().len(), 4);
    assert!(newer.to_string().contains("up to date"), "{newer}");
    apply(&newer).unwrap();
    assert!(machine.commit(&dir, "canary").is_err());
    assert_eq!(fs::read(dir.join(".git/hooks/pre-commit.before-stopleak")).unwrap(), b"#!/bin/sh\nexit 0\n");
}

#[test]
fn a_shim_that_lost_its_x_bit_gets_it_back() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    fs::set_permissions(dir.join(".git/hooks/pre-commit"), fs::Permissions::from_mode(0o644)).unwrap();
    machine.commit(&dir, "canary").unwrap();
    machine.install(&dir);
    machine.git(&dir, &["reset", "-q", "--soft", "HEAD~1"]);
    assert!(machine.commit(&dir, "canary").is_err());
}

#[test]
fn two_different_earlier_hooks_are_an_error_and_neither_is_lost() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let hook = dir.join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\nexit 0\n");
    machine.install(&dir);
    script(&hook, "#!/bin/sh\n# another tool overwrote it\n");
    let before = snapshot(&dir.join(".git/hooks"));
    let error = plan(&machine.request(Target::Repository(dir.clone()))).unwrap_err();
    assert!(matches!(error, Error::TwoHooks { .. }), "{error}");
    assert_eq!(snapshot(&dir.join(".git/hooks")), before);
    assert!(plan_uninstall(&machine.request(Target::Repository(dir))).unwrap().notes()[0].contains("left"));
}

#[test]
fn a_hook_that_appears_after_the_plan_is_not_overwritten() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let early = machine.plan(&dir);
    let hook = dir.join(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\nexit 0\n");
    assert!(matches!(apply(&early), Err(Error::Changed(_))));
    assert_eq!(fs::read(&hook).unwrap(), b"#!/bin/sh\nexit 0\n");
}

#[test]
fn a_hooks_folder_that_is_a_link_into_the_work_tree_counts_as_tracked() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    fs::remove_dir_all(dir.join(".git/hooks")).unwrap();
    fs::create_dir(dir.join("githooks")).unwrap();
    std::os::unix::fs::symlink("../githooks", dir.join(".git/hooks")).unwrap();
    let plan = machine.install(&dir);
    assert!(plan.notes()[0].contains("belongs to the work tree"), "{:?}", plan.notes());
}

#[test]
fn the_environment_of_a_hook_does_not_mislead_the_installer() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let other = machine.repository("other");
    let mut vars = machine.vars();
    vars.push(("GIT_DIR".into(), other.join(".git").into()));
    vars.push(("GIT_INDEX_FILE".into(), other.join(".git/index").into()));
    let surroundings = stopleak_installer::Surroundings::from_vars(vars);
    let request = Request { surroundings, ..machine.request(Target::Repository(dir.clone())) };
    apply(&plan(&request).unwrap()).unwrap();
    assert!(dir.join(".git/hooks/pre-commit").exists());
    assert!(!other.join(".git/hooks/pre-commit").exists());
}

#[test]
fn a_folder_without_programs_is_refused() {
    // /proc and /sys take no files at all; a noexec mount needs rights that a test may lack.
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.git(&dir, &["config", "core.hooksPath", "/proc"]);
    let error = plan(&machine.request(Target::Repository(dir))).unwrap_err();
    assert!(matches!(error, Error::Unwritable { .. }), "{error}");
}
