//! The doctor sees each fault, and proves what works.
#![allow(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use common::{Machine, script, snapshot};
use stopleak_installer::{Check, DoctorRequest, Hook, Status, Target, diagnose};

fn doctor(machine: &Machine, target: Target) -> Vec<Check> {
    let request = DoctorRequest {
        surroundings: machine.surroundings(),
        ..DoctorRequest::new(target, machine.binary.clone())
    };
    diagnose(&request).unwrap()
}

fn repository(machine: &Machine, dir: &Path) -> Vec<Check> {
    doctor(machine, Target::Repository(dir.to_owned()))
}

fn worst(checks: &[Check]) -> Status {
    checks.iter().map(|check| check.status).max().unwrap()
}

/// The one check whose name is `name`.
fn find<'a>(checks: &'a [Check], name: &str) -> &'a Check {
    let found: Vec<_> = checks.iter().filter(|check| check.name == name).collect();
    assert_eq!(found.len(), 1, "{name} in {checks:#?}");
    found[0]
}

/// A program that blocks what the tests' fake does not look into: secrets in messages and pushes.
fn thorough(machine: &Machine) {
    let text = r#"#!/bin/sh
refuse() { echo "stopleak: push refused: $1" >&2; exit 1; }
prefix=$(printf 'gh%s' p_)
case $2 in
  --version) echo stopleak 0 ;;
  pre-commit|pre-merge-commit) git diff --cached | grep -q "$prefix" && refuse staged ;;
  commit-msg) grep -q "$prefix" "$3" && refuse message ;;
  pre-push|pre-receive)
    while read -r one two three four; do
      new=$two
      git cat-file -p "$new" 2>/dev/null | grep -q "$prefix" && refuse "$new"
      git log -p "$new" 2>/dev/null | grep -q "$prefix" && refuse "$new"
    done ;;
esac
exit 0
"#;
    script(&machine.binary, text);
}

#[test]
fn a_good_repository_is_proved_hook_by_hook_and_left_as_it_was() {
    let machine = Machine::new();
    thorough(&machine);
    let dir = machine.repository("r");
    script(&dir.join(".git/hooks/pre-commit"), "#!/bin/sh\ntouch '/tmp/must not run'; exit 1\n");
    machine.install(&dir);
    let before = snapshot(&machine.root);
    let checks = repository(&machine, &dir);
    assert_eq!(worst(&checks), Status::Ok, "{checks:#?}");
    for hook in Hook::CLIENT {
        assert!(find(&checks, &format!("proof of {}", hook.name())).detail.contains("was blocked"));
    }
    assert_eq!(snapshot(&machine.root), before);
    assert!(!Path::new("/tmp/must not run").exists());
}

#[test]
fn nothing_installed_is_a_failure_for_each_hook() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let checks = repository(&machine, &dir);
    for hook in Hook::CLIENT {
        assert_eq!(find(&checks, hook.name()).status, Status::Fail);
    }
}

#[test]
fn a_program_that_says_yes_to_everything_is_found_out() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    script(&machine.binary, "#!/bin/sh\nexit 0\n");
    let checks = repository(&machine, &dir);
    let proof = find(&checks, "proof of pre-commit");
    assert!(proof.status == Status::Fail && proof.detail.contains("let through"), "{proof:?}");
}

#[test]
fn a_program_that_says_no_to_everything_is_found_out() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    script(&machine.binary, "#!/bin/sh\necho broken >&2; exit 3\n");
    let checks = repository(&machine, &dir);
    let proof = find(&checks, "proof of pre-commit");
    assert!(proof.status == Status::Fail && proof.detail.contains("broken"), "{proof:?}");
    assert_eq!(find(&checks, "program").status, Status::Fail);
}

#[test]
fn a_lost_x_bit_is_found() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    fs::set_permissions(dir.join(".git/hooks/pre-push"), fs::Permissions::from_mode(0o644)).unwrap();
    let checks = repository(&machine, &dir);
    let check = find(&checks, "pre-push");
    assert!(check.status == Status::Fail && check.detail.contains("not executable"), "{check:?}");
}

#[test]
fn a_shim_for_another_program_is_a_warning() {
    let machine = Machine::new();
    thorough(&machine);
    let dir = machine.repository("r");
    machine.install(&dir);
    let mut request = DoctorRequest::new(Target::Repository(dir), "/bin/true".into());
    request.surroundings = machine.surroundings();
    let checks = diagnose(&request).unwrap();
    let check = find(&checks, "pre-commit");
    assert!(check.status == Status::Warn && check.detail.contains("/bin/true"), "{check:?}");
}

#[test]
fn a_shim_with_windows_line_ends_is_named_and_written_anew() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    let hook = dir.join(".git/hooks/pre-commit");
    let shim = std::fs::read_to_string(&hook).unwrap();
    std::fs::write(&hook, shim.replace('\n', "\r\n")).unwrap();
    let checks = repository(&machine, &dir);
    let check = find(&checks, "pre-commit");
    assert!(check.status == Status::Fail && check.detail.contains("line ends"), "{check:?}");
    machine.install(&dir);
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), shim);
    assert!(!dir.join(".git/hooks/pre-commit.before-stopleak").exists());
}

#[test]
fn hooks_switched_off_and_hooks_shared_are_told_apart() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.git(&dir, &["config", "core.hooksPath", "/dev/null"]);
    let checks = repository(&machine, &dir);
    assert_eq!(find(&checks, "where git looks").status, Status::Fail);
    machine.git(&dir, &["config", "--unset", "core.hooksPath"]);
    machine.git(&dir, &["config", "--global", "core.hooksPath", "/elsewhere"]);
    assert_eq!(find(&repository(&machine, &dir), "where git looks").status, Status::Warn);
}

#[test]
fn another_tools_hook_in_our_place_is_found() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    machine.install(&dir);
    let hook = dir.join(".git/hooks/pre-commit");
    fs::rename(&hook, dir.join(".git/hooks/pre-commit.old")).unwrap();
    script(&hook, "#!/bin/sh\n# call_lefthook\n");
    let checks = repository(&machine, &dir);
    let check = find(&checks, "pre-commit");
    assert!(check.status == Status::Fail && check.detail.contains("pre-commit.old"), "{check:?}");
}

#[test]
fn tools_that_may_undo_us_are_named() {
    for (file, text, word) in [
        ("lefthook.yml", "", "lefthook"),
        ("package.json", r#"{"devDependencies": {"simple-git-hooks": "2"}}"#, "simple-git-hooks"),
        ("package.json", r#"{"devDependencies": {"husky": "9"}}"#, "husky"),
    ] {
        let machine = Machine::new();
        let dir = machine.repository("r");
        fs::write(dir.join(file), text).unwrap();
        let checks = repository(&machine, &dir);
        let check = find(&checks, "neighbours");
        assert!(check.status == Status::Warn && check.detail.contains(word), "{check:?}");
    }
}

#[test]
fn a_worktree_that_lacks_a_relative_hooks_folder_is_found() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    let tree = machine.root.join("tree");
    machine.git(&dir, &["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "side"]);
    machine.git(&dir, &["config", "core.hooksPath", ".githooks"]);
    machine.install(&dir);
    assert_eq!(find(&repository(&machine, &dir), "worktrees").status, Status::Fail);
}

#[test]
fn the_policy_of_the_repository_is_the_one_that_is_proved() {
    let machine = Machine::new();
    let dir = machine.repository("r");
    script(&machine.binary, "#!/bin/sh\n[ ! -e .stopleak.toml ]\n");
    machine.install(&dir);
    fs::write(dir.join(".stopleak.toml"), "").unwrap();
    let checks = repository(&machine, &dir);
    assert!(find(&checks, "proof of pre-commit").detail.contains("nothing to hide"), "{checks:#?}");
}

#[test]
fn all_repositories_of_a_user_are_proved() {
    let machine = Machine::new();
    thorough(&machine);
    assert_eq!(worst(&doctor(&machine, Target::Global)), Status::Fail);
    machine.install_at(Target::Global).unwrap();
    let checks = doctor(&machine, Target::Global);
    assert_eq!(worst(&checks), Status::Ok, "{checks:#?}");
}

fn server(path: &Path) -> Target {
    Target::Server(vec![path.to_owned()])
}

fn proof<'a>(checks: &'a [Check], of: &Path) -> &'a Check {
    find(checks, &format!("proof of {}", of.display()))
}

#[test]
fn a_good_server_is_proved_and_nothing_is_left_on_it() {
    for option in ["--object-format=sha1", "--object-format=sha256"] {
        let machine = Machine::new();
        thorough(&machine);
        let bare = machine.root.join("plain.git");
        machine.git(&machine.root, &["init", "-q", "--bare", option, bare.to_str().unwrap()]);
        machine.install_at(server(&bare)).unwrap();
        let before = snapshot(&bare);
        let checks = doctor(&machine, server(&bare));
        assert_eq!(worst(&checks), Status::Ok, "{checks:#?}");
        assert!(proof(&checks, &bare).detail.contains("refused"));
        assert_eq!(snapshot(&bare), before, "{option}");
    }
}

#[test]
fn a_server_that_lets_it_through_is_found_out_and_keeps_nothing() {
    let machine = Machine::new();
    let bare = machine.bare("plain.git");
    script(
        &bare.join("hooks/post-receive"),
        &format!("#!/bin/sh\ntouch '{}/post'\n", machine.root.display()),
    );
    machine.git(&bare, &["config", "receive.unpackLimit", "1"]);
    machine.install_at(server(&bare)).unwrap();
    script(&machine.binary, "#!/bin/sh\nexit 0\n");
    let before = snapshot(&bare);
    let checks = doctor(&machine, server(&bare));
    let check = proof(&checks, &bare);
    assert!(check.status == Status::Fail && check.detail.contains("let through"), "{check:?}");
    assert_eq!(snapshot(&bare), before);
    assert!(!machine.root.join("post").exists());
}

#[test]
fn a_server_whose_program_is_gone_is_found_out() {
    let machine = Machine::new();
    let bare = machine.bare("plain.git");
    machine.install_at(server(&bare)).unwrap();
    fs::remove_file(&machine.binary).unwrap();
    let checks = doctor(&machine, server(&bare));
    let check = proof(&checks, &bare);
    assert!(check.status == Status::Fail && check.detail.contains("missing"), "{check:?}");
}

#[test]
fn another_hook_that_refuses_first_is_told_apart() {
    let machine = Machine::new();
    thorough(&machine);
    let bare = machine.bare("plain.git");
    script(&bare.join("hooks/pre-receive"), "#!/bin/sh\necho members only; exit 1\n");
    machine.install_at(server(&bare)).unwrap();
    let checks = doctor(&machine, server(&bare));
    let check = proof(&checks, &bare);
    assert!(check.status == Status::Warn && check.detail.contains("members only"), "{check:?}");
}

#[test]
fn a_server_without_the_hook_fails_and_takes_no_canary() {
    let machine = Machine::new();
    let bare = machine.bare("plain.git");
    let before = snapshot(&bare);
    let checks = doctor(&machine, server(&bare));
    assert_eq!(find(&checks, &format!("pre-receive of {}", bare.display())).status, Status::Fail);
    assert_eq!(snapshot(&bare), before);
}

#[test]
fn gitlabs_hook_is_proved_in_a_scratch_repository() {
    let machine = Machine::new();
    thorough(&machine);
    let bare = machine.bare("@hashed/aa/bb/x.git");
    machine.install_at(server(&bare)).unwrap();
    let before = snapshot(&bare);
    let checks = doctor(&machine, server(&bare));
    assert_eq!(worst(&checks), Status::Ok, "{checks:#?}");
    assert!(proof(&checks, &bare).detail.contains("scratch repository"));
    assert_eq!(snapshot(&bare), before);
}

#[test]
fn all_below_a_folder_and_new_ones_are_looked_at() {
    let machine = Machine::new();
    thorough(&machine);
    let bares: Vec<PathBuf> = ["a.git", "b.git"].map(|name| machine.bare(&format!("git/{name}"))).to_vec();
    let all = Target::ServerAllUnder(machine.root.join("git"));
    machine.install_at(all.clone()).unwrap();
    let checks = doctor(&machine, all.clone());
    assert_eq!(worst(&checks), Status::Ok, "{checks:#?}");
    for bare in &bares {
        assert_eq!(proof(&checks, bare).status, Status::Ok);
    }
    assert_eq!(find(&checks, "pre-receive of new repositories").status, Status::Ok);
    fs::remove_file(bares[1].join("hooks/pre-receive")).unwrap();
    assert_eq!(worst(&doctor(&machine, all)), Status::Fail);
}
