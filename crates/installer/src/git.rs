//! Asks git, in an environment that cannot mislead it.
//!
//! A hook's environment points at one repository (`GIT_DIR`, `GIT_INDEX_FILE`, the quarantine …). Git
//! commands about any other repository must not see it, so every variable that git itself calls
//! repository-local is dropped. A library does not read the process's environment behind its caller's
//! back either: all of it comes in as [`Surroundings`].

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

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
