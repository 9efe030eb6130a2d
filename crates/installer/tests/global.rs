//! All repositories of one user, whichever way the git that is here calls for.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod common;

use std::fs;

use common::{Machine, script, snapshot};
use stopleak_installer::{Error, Target, plan};

/// Whether this machine's git reads hooks from its configuration, and so `--global` goes another way.
fn config_hooks(machine: &Machine) -> bool {
    let version = machine.git(&machine.root, &["version"]);
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(0);
    version.starts_with("git version 2.") && minor >= 54
}

#[test]
fn every_repository_is_guarded_also_those_made_later() {
    let machine = Machine::new();
    let early = machine.repository("early");
    machine.install_at(Target::Global).unwrap();
    let late = machine.repository("late");
    for dir in [early, late] {
        assert!(machine.commit(&dir, "canary").is_err());
        machine.git(&dir, &["reset", "-q"]);
        machine.commit(&dir, "a").unwrap();
    }
}

#[test]
fn a_repositorys_own_hooks_still_run() {
    let machine = Machine::new();
    machine.install_at(Target::Global).unwrap();
    let dir = machine.repository("r");
    let log = machine.root.join("bin/log");
    for name in ["pre-commit", "post-commit", "prepare-commit-msg"] {
        let text = format!("#!/bin/sh\necho own {name} >>'{}'\n", log.display());
        script(&dir.join(".git/hooks").join(name), &text);
    }
    machine.log();
    machine.commit(&dir, "a").unwrap();
    let log = machine.log();
    for line in ["own pre-commit", "own prepare-commit-msg", "own post-commit", "stopleak hook pre-commit"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\nexit 1\n");
    assert!(machine.commit(&dir, "b").is_err());
}

#[test]
fn a_linked_worktree_finds_its_repositorys_own_hooks() {
    let machine = Machine::new();
    machine.install_at(Target::Global).unwrap();
    let dir = machine.repository("r");
    let tree = machine.root.join("tree");
    machine.git(&dir, &["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "side"]);
    script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\necho own; exit 1\n");
    assert!(machine.commit(&tree, "a").unwrap_err().contains("own"));
}

#[test]
fn twice_changes_nothing_and_uninstalling_leaves_nothing() {
    let machine = Machine::new();
    machine.git(&machine.root, &["config", "--global", "user.name", "A"]);
    let before = snapshot(&machine.root.join("home"));
    machine.install_at(Target::Global).unwrap();
    let once = snapshot(&machine.root.join("home"));
    assert!(machine.install_at(Target::Global).unwrap().is_empty());
    assert_eq!(snapshot(&machine.root.join("home")), once);
    machine.uninstall_at(Target::Global).unwrap();
    let files = |all: Vec<(_, u32, Vec<u8>)>| {
        all.into_iter().filter(|entry| entry.1 & 0o170_000 == 0o100_000).collect::<Vec<_>>()
    };
    assert_eq!(files(snapshot(&machine.root.join("home"))), files(before));
}

#[test]
fn a_hooks_path_that_the_user_set_is_added_to_and_never_replaced() {
    let machine = Machine::new();
    if config_hooks(&machine) {
        return;
    }
    let shared = machine.root.join("my hooks");
    script(&shared.join("pre-commit"), "#!/bin/sh\necho mine\n");
    machine.git(&machine.root, &["config", "--global", "core.hooksPath", shared.to_str().unwrap()]);
    let before = snapshot(&shared);
    machine.install_at(Target::Global).unwrap();
    assert_eq!(
        machine.git(&machine.root, &["config", "--global", "core.hooksPath"]),
        shared.to_str().unwrap()
    );
    let dir = machine.repository("r");
    let refused = machine.commit(&dir, "canary").unwrap_err();
    assert!(refused.contains("mine") && refused.contains("blocked"), "{refused}");
    machine.uninstall_at(Target::Global).unwrap();
    assert_eq!(snapshot(&shared), before);
    assert_eq!(
        machine.git(&machine.root, &["config", "--global", "core.hooksPath"]),
        shared.to_str().unwrap()
    );
}

#[test]
fn hooks_switched_off_for_everything_are_an_error() {
    let machine = Machine::new();
    if config_hooks(&machine) {
        return;
    }
    machine.git(&machine.root, &["config", "--global", "core.hooksPath", "/dev/null"]);
    assert!(matches!(plan(&machine.request(Target::Global)), Err(Error::HooksOff { .. })));
}

#[test]
fn one_repository_under_a_global_install_needs_nothing() {
    let machine = Machine::new();
    if config_hooks(&machine) {
        return;
    }
    machine.install_at(Target::Global).unwrap();
    let dir = machine.repository("r");
    let plan = machine.install(&dir);
    assert!(plan.is_empty() && plan.notes()[0].contains("already covers"), "{:?}", plan.notes());
}

#[test]
fn without_a_home_there_is_no_place_for_it() {
    let machine = Machine::new();
    let vars = machine.vars().into_iter().filter(|(name, _)| name != "HOME");
    let mut request = machine.request(Target::Global);
    request.surroundings = stopleak_installer::Surroundings::from_vars(vars);
    assert!(matches!(plan(&request), Err(Error::NoHome)));
}

#[test]
fn a_file_of_the_users_in_our_folder_is_left_alone() {
    let machine = Machine::new();
    let theirs = machine.root.join("home/.config/stopleak/hooks/post-commit");
    script(&theirs, "#!/bin/sh\n");
    machine.install_at(Target::Global).unwrap();
    machine.uninstall_at(Target::Global).unwrap();
    assert_eq!(fs::read(&theirs).unwrap(), b"#!/bin/sh\n");
}

#[test]
fn hooks_in_gits_configuration_survive_another_hooks_path() {
    let machine = Machine::new();
    if !config_hooks(&machine) {
        return;
    }
    machine.install_at(Target::Global).unwrap();
    let dir = machine.repository("r");
    machine.git(&dir, &["config", "core.hooksPath", "/dev/null"]);
    assert!(machine.commit(&dir, "canary").is_err());
    assert!(machine.try_git(&machine.root, &["config", "--global", "core.hooksPath"]).is_err());
}
