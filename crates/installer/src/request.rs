//! What is asked of the installer.

use std::path::PathBuf;

use crate::{Error, Hook, Surroundings};

/// Where hooks are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The repository that this folder belongs to: a work tree, a linked worktree, a submodule.
    Repository(PathBuf),
    /// Every repository of this user.
    Global,
    /// Each of these: a bare repository, a gitolite home, or GitLab's server-wide `custom_hooks` folder.
    Server(Vec<PathBuf>),
    /// Every bare repository below this folder.
    ServerAllUnder(PathBuf),
}

/// A wish to install or uninstall.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where.
    pub target: Target,
    /// Which hooks; [`Hook::CLIENT`] or [`Hook::SERVER`] when the user named none.
    pub hooks: Vec<Hook>,
    /// The `stopleak` program that the shims call: an absolute path.
    pub binary: PathBuf,
    /// Makes [`crate::apply`] refuse to do anything.
    pub dry_run: bool,
    /// The environment that git is run in.
    pub surroundings: Surroundings,
}

impl Request {
    /// A request for the usual hooks of `target`, in this process's environment.
    pub fn new(target: Target, binary: PathBuf) -> Self {
        let hooks = match target {
            Target::Repository(_) | Target::Global => Hook::CLIENT.to_vec(),
            Target::Server(_) | Target::ServerAllUnder(_) => Hook::SERVER.to_vec(),
        };
        Self { target, hooks, binary, dry_run: false, surroundings: Surroundings::inherited() }
    }

    /// A laptop has no pre-receive and a server nothing else.
    pub(crate) fn check_hooks(&self) -> Result<(), Error> {
        let (fitting, place) = match self.target {
            Target::Repository(_) | Target::Global => (Hook::CLIENT, "a work tree"),
            Target::Server(_) | Target::ServerAllUnder(_) => (Hook::SERVER, "a server"),
        };
        match self.hooks.iter().find(|hook| !fitting.contains(hook)) {
            Some(hook) => Err(Error::WrongHook { hook: hook.name(), place }),
            None => Ok(()),
        }
    }
}
