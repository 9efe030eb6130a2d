//! Asks git, in an environment that cannot mislead it.
//!
//! A hook's environment points at one repository (`GIT_DIR`, `GIT_INDEX_FILE`, the quarantine …). Git
//! commands about any other repository must not see it, so every variable that git itself calls
//! repository-local is dropped. A library does not read the process's environment behind its caller's
//! back either: all of it comes in as [`Surroundings`].

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::Error;

/// The environment that git and the hooks under test are run in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    vars: BTreeMap<OsString, OsString>,
}

impl Surroundings {
    /// This process's own environment, without the variables that point at one repository.
    pub fn inherited() -> Self {
        Self::from_vars(std::env::vars_os())
    }

    /// An environment made of `vars`, without the variables that point at one repository.
    pub fn from_vars(vars: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let local = |name: &OsStr| LOCAL.iter().any(|known| name == OsStr::new(known));
        Self { vars: vars.into_iter().filter(|(name, _)| !local(name)).collect() }
    }

    /// The value of one variable; none when it is unset or empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.vars.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }
}

/// What `git rev-parse --local-env-vars` prints (git 2.47), and what a hook's environment adds to it.
const LOCAL: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Runs git in one environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Git {
    surroundings: Surroundings,
}

/// What a command printed.
pub(crate) struct Answer {
    /// Whether it exited with 0.
    pub(crate) ok: bool,
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its standard output, without the last newline.
    pub(crate) out: Vec<u8>,
    /// Its standard error, lossily, trimmed.
    pub(crate) err: String,
}

/// Which configuration file a value is read from or written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The repository in this folder.
    Local(PathBuf),
    /// The user's own.
    Global,
    /// A file by its name.
    File(PathBuf),
}

impl Git {
    pub(crate) fn new(surroundings: &Surroundings) -> Self {
        Self { surroundings: surroundings.clone() }
    }

    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// A command with our environment and nothing on its standard input.
    pub(crate) fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.surroundings.vars).stdin(Stdio::null());
        command
    }

    /// Runs git in `dir`.
    pub(crate) fn ask<S: AsRef<OsStr>>(&self, dir: Option<&Path>, args: &[S]) -> Result<Answer, Error> {
        let mut command = self.command(OsStr::new("git"));
        if let Some(dir) = dir {
            command.arg("-C").arg(dir);
        }
        command.args(args).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
        let shown = args.first().map(|arg| arg.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
        run(&mut command).map_err(|cause| Error::CannotRun { program: format!("git {shown}"), cause })
    }

    /// As [`Git::ask`], where only success counts.
    pub(crate) fn tell<S: AsRef<OsStr>>(&self, dir: Option<&Path>, args: &[S]) -> Result<Vec<u8>, Error> {
        let answer = self.ask(dir, args)?;
        if answer.ok {
            return Ok(answer.out);
        }
        let words = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect::<Vec<_>>().join(" ");
        Err(Error::Git { command: words, said: answer.err })
    }

    /// A path that `git rev-parse` prints.
    pub(crate) fn path(&self, dir: &Path, args: &[&str]) -> Result<PathBuf, Error> {
        let mut all = vec!["rev-parse", "--path-format=absolute"];
        all.extend(args);
        Ok(as_path(self.tell(Some(dir), &all)?))
    }

    /// The last value of `key` in one file.
    pub(crate) fn config(&self, scope: &Scope, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let (dir, mut args) = Self::scoped(scope);
        args.extend(["--get", key].map(OsString::from));
        let answer = self.ask(dir, &args)?;
        match answer.code {
            Some(0) => Ok(Some(answer.out)),
            // 1: no such key. A file that does not exist yet says the same.
            Some(1) => Ok(None),
            _ => Err(Error::Git { command: format!("config --get {key}"), said: answer.err }),
        }
    }

    /// Sets `key` in one file, or removes it.
    pub(crate) fn set_config(&self, scope: &Scope, key: &str, value: Option<&OsStr>) -> Result<(), Error> {
        if *scope == Scope::Global {
            self.global_is_a_file()?;
        }
        let (dir, mut args) = Self::scoped(scope);
        match value {
            Some(value) => args.extend([key.into(), value.to_owned()]),
            None => args.extend(["--unset-all", key].map(OsString::from)),
        }
        self.tell(dir, &args).map(drop)
    }

    /// git replaces the file that it writes to. Where `GIT_CONFIG_GLOBAL` names a device, as a test or a service
    /// may do to have no settings, root would replace `/dev/null` by a file.
    fn global_is_a_file(&self) -> Result<(), Error> {
        let path = PathBuf::from(self.surroundings.get("GIT_CONFIG_GLOBAL").unwrap_or_default());
        match path.metadata() {
            Ok(meta) if !meta.is_file() => {
                let cause = std::io::Error::other("GIT_CONFIG_GLOBAL names something that is no file");
                Err(Error::Unwritable { path, cause })
            }
            _ => Ok(()),
        }
    }

    fn scoped(scope: &Scope) -> (Option<&Path>, Vec<OsString>) {
        let mut args = vec![OsString::from("config")];
        let dir = match scope {
            Scope::Local(dir) => {
                args.push("--local".into());
                Some(dir.as_path())
            }
            Scope::Global => {
                args.push("--global".into());
                None
            }
            Scope::File(path) => {
                args.extend(["--file".into(), path.clone().into_os_string()]);
                None
            }
        };
        (dir, args)
    }

    /// git's version: 2.47 is `(2, 47)`.
    pub(crate) fn version(&self) -> Result<(u32, u32), Error> {
        let said = String::from_utf8_lossy(&self.tell::<&str>(None, &["version"])?).into_owned();
        let mut numbers = said.trim_start_matches("git version ").split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
            _ => Err(Error::Git { command: "version".into(), said }),
        }
    }
}

/// Runs `command` to its end.
pub(crate) fn run(command: &mut Command) -> std::io::Result<Answer> {
    let output = command.output()?;
    let mut out = output.stdout;
    if out.last() == Some(&b'\n') {
        out.pop();
    }
    Ok(Answer {
        ok: output.status.success(),
        code: output.status.code(),
        out,
        err: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// A path that git printed.
pub(crate) fn as_path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}
