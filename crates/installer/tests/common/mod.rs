//! A machine of its own for each test: a home, a fake `stopleak`, and real git.
#![allow(dead_code, clippy::unwrap_used, reason = "test support: each file uses a part of it")]

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use stopleak_installer::{Applied, Error, Plan, Request, Surroundings, Target, apply, plan, plan_uninstall};
use tempfile::TempDir;

/// Stands in for the real program: writes down how it was called and what it was told, and blocks when a
/// path, a message or a ref that it is shown has "canary" in it, or when a file says so.
const FAKE: &str = r#"#!/bin/sh
me=${0%/*}
printf 'stopleak %s\n' "$*" >>"$me/log"
refuse() { echo "stopleak: blocked: $1" >&2; exit 1; }
[ ! -e "$me/block" ] || refuse everything
case $2 in
  pre-push|pre-receive)
    while read -r one two three rest; do
      printf '  %s\n' "$one $two $three${rest:+ $rest}" >>"$me/log"
      if [ "$2" = pre-receive ]; then
        bad=$(git ls-tree -r --name-only "$two" 2>/dev/null | grep canary) && refuse "$bad"
      fi
    done ;;
  pre-commit)
    bad=$(git diff --cached --name-only | grep canary) && refuse "$bad" ;;
esac
exit 0
"#;

pub(crate) struct Machine {
    dir: TempDir,
    /// Where the tests live: `dir`, or a folder in it with an awkward name.
    pub(crate) root: PathBuf,
    pub(crate) binary: PathBuf,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self::in_folder(OsStr::new("m"))
    }

    pub(crate) fn in_folder(name: &OsStr) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap().join(name);
        fs::create_dir_all(root.join("home")).unwrap();
        fs::create_dir_all(root.join("bin")).unwrap();
        let binary = root.join("bin/stopleak");
        script(&binary, FAKE);
        Self { dir, root, binary }
    }

    pub(crate) fn vars(&self) -> Vec<(OsString, OsString)> {
        let fixed = [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
            ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
            ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
            ("LC_ALL", "C"),
        ];
        let mut vars: Vec<_> = fixed.map(|(name, value)| (name.into(), value.into())).to_vec();
        vars.push(("HOME".into(), self.root.join("home").into()));
        // Another git can be put in front: STOPLEAK_TEST_GIT=/opt/git-2.55/bin cargo test.
        let mut path = std::env::var_os("STOPLEAK_TEST_GIT").unwrap_or("/usr/local/bin".into());
        path.push(":/usr/local/bin:/usr/bin:/bin");
        vars.push(("PATH".into(), path));
        vars
    }

    pub(crate) fn surroundings(&self) -> Surroundings {
        Surroundings::from_vars(self.vars())
    }

    pub(crate) fn request(&self, target: Target) -> Request {
        Request { surroundings: self.surroundings(), ..Request::new(target, self.binary.clone()) }
    }

    pub(crate) fn plan(&self, dir: &Path) -> Plan {
        plan(&self.request(Target::Repository(dir.to_owned()))).unwrap()
    }

    pub(crate) fn install(&self, dir: &Path) -> Plan {
        self.install_at(Target::Repository(dir.to_owned())).unwrap()
    }

    pub(crate) fn install_at(&self, target: Target) -> Result<Plan, Error> {
        let plan = plan(&self.request(target))?;
        assert_eq!(apply(&plan)?, Applied { steps: plan.steps().len() });
        Ok(plan)
    }

    pub(crate) fn uninstall(&self, dir: &Path) -> Plan {
        self.uninstall_at(Target::Repository(dir.to_owned())).unwrap()
    }

    pub(crate) fn uninstall_at(&self, target: Target) -> Result<Plan, Error> {
        let plan = plan_uninstall(&self.request(target))?;
        apply(&plan)?;
        Ok(plan)
    }

    pub(crate) fn run(&self, dir: &Path, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.current_dir(dir).env_clear().envs(self.vars()).args(args).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// git that must work.
    pub(crate) fn git(&self, dir: &Path, args: &[&str]) -> String {
        let output = self.run(dir, "git", args);
        assert!(output.status.success(), "git {args:?}: {}", said(&output));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// git that may be refused; what it said.
    pub(crate) fn try_git(&self, dir: &Path, args: &[&str]) -> Result<String, String> {
        let output = self.run(dir, "git", args);
        if output.status.success() { Ok(said(&output)) } else { Err(said(&output)) }
    }

    /// A repository with one commit.
    pub(crate) fn repository(&self, name: &str) -> PathBuf {
        let dir = self.root.join(name);
        fs::create_dir_all(&dir).unwrap();
        self.git(&dir, &["init", "-q", "-b", "main"]);
        self.git(&dir, &["commit", "-q", "--allow-empty", "-m", "first"]);
        dir
    }

    /// A bare repository, as on a server.
    pub(crate) fn bare(&self, name: &str) -> PathBuf {
        let dir = self.root.join(name);
        fs::create_dir_all(&dir).unwrap();
        self.git(&dir, &["init", "-q", "--bare", "-b", "main"]);
        dir
    }

    /// Tries to commit one file.
    pub(crate) fn commit(&self, dir: &Path, file: &str) -> Result<String, String> {
        fs::write(dir.join(file), file).unwrap();
        self.git(dir, &["add", "-f", file]);
        self.try_git(dir, &["commit", "-q", "-m", "more"])
    }

    /// What the fake program was asked so far, and forgets it.
    pub(crate) fn log(&self) -> String {
        let path = self.root.join("bin/log");
        let log = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        log
    }

    pub(crate) fn block(&self) {
        fs::write(self.root.join("bin/block"), "").unwrap();
    }
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub(crate) fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Every name below `dir` with its mode and content: what must be the same again after an uninstall.
pub(crate) fn snapshot(dir: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let content = if meta.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else if meta.is_symlink() {
                fs::read_link(&path).unwrap().as_os_str().as_bytes().to_vec()
            } else {
                fs::read(&path).unwrap()
            };
            all.push((path, meta.permissions().mode(), content));
        }
    }
    all.sort();
    all
}
