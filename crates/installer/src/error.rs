//! What can go wrong while wiring hooks.

use std::{io, path::PathBuf};

/// Why a plan could not be made or a step not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// git, or a server's own tool, could not be started.
    #[error("cannot run {program}")]
    CannotRun {
        /// What was started.
        program: String,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// git answered with an error.
    #[error("git {command} failed: {said}")]
    Git {
        /// The words after `git`.
        command: String,
        /// What it said.
        said: String,
    },
    /// There is no repository in or above the folder.
    #[error("not a git repository: {}", .0.display())]
    NotARepository(PathBuf),
    /// A laptop's hooks were asked for in a repository without a work tree.
    #[error("a bare repository makes no commits: {}", .0.display())]
    Bare(PathBuf),
    /// A server's hook was asked for in something that is not a server's repository.
    #[error("not a bare repository, nor the folder of a git host that stopleak knows: {}", .0.display())]
    NotAServer(PathBuf),
    /// git refuses to look into a repository that belongs to somebody else.
    #[error("{} belongs to another user, so git does not look into it", .0.display())]
    OtherOwner(PathBuf),
    /// `core.hooksPath` is `/dev/null` or empty.
    #[error("hooks are switched off here: core.hooksPath is {} ({origin})", shown_or_empty(path))]
    HooksOff {
        /// The value.
        path: PathBuf,
        /// The file that says so.
        origin: String,
    },
    /// `core.hooksPath` is set for more repositories than this one.
    #[error("core.hooksPath is {} for more than this repository ({origin}), so git does not look into its own hooks", path.display())]
    SharedHooks {
        /// The value.
        path: PathBuf,
        /// The file that says so.
        origin: String,
    },
    /// The binary is not an absolute path to a program.
    #[error("not a program that hooks could call: {}", .0.display())]
    Binary(PathBuf),
    /// Files cannot be made in the folder.
    #[error("cannot write to {}", path.display())]
    Unwritable {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// The folder is on a file system that runs no programs.
    #[error("no program runs from {}: its file system is mounted noexec, and git would skip a hook there without a word", .0.display())]
    NoExec(PathBuf),
    /// Both a hook that is not ours and a kept earlier one exist, and they differ.
    #[error("two hooks want to run before stopleak: {} and {}", hook.display(), kept.display())]
    TwoHooks {
        /// The hook that git runs now.
        hook: PathBuf,
        /// The one that an earlier install kept.
        kept: PathBuf,
    },
    /// Something that cannot be a hook, or cannot be edited, has the name of one.
    #[error("not a file: {}", .0.display())]
    NotAFile(PathBuf),
    /// A file is not what it was when the plan was made.
    #[error("{} has changed since the plan was made", .0.display())]
    Changed(PathBuf),
    /// A file operation of a step failed.
    #[error("could not {step}")]
    Step {
        /// The step, as the plan shows it.
        step: String,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A folder could not be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// There is no home folder to put shared hooks into.
    #[error("neither XDG_CONFIG_HOME nor HOME is set")]
    NoHome,
    /// gitolite has no folder for local hooks.
    #[error("gitolite in {} has no LOCAL_CODE folder for hooks", .0.display())]
    NoLocalCode(PathBuf),
    /// A repository's hooks belong to gitolite, which would replace what we write.
    #[error("gitolite manages the hooks of {}", repository.display())]
    Gitolite {
        /// The repository.
        repository: PathBuf,
        /// gitolite's home.
        home: PathBuf,
    },
    /// No bare repository was found.
    #[error("no bare repository below {}", .0.display())]
    NothingBelow(PathBuf),
    /// A proof's fake secret was stored and could not be taken away again.
    #[error("the doctor's fake secret, blob {id}, is still in {}", repository.display())]
    LeftBehind {
        /// Its object id.
        id: String,
        /// Where it is.
        repository: PathBuf,
    },
    /// The hook cannot be wired there.
    #[error("{hook} is not a hook of {place}")]
    WrongHook {
        /// The hook.
        hook: &'static str,
        /// A laptop or a server.
        place: &'static str,
    },
}

impl Error {
    /// The error and its causes in one line.
    pub(crate) fn whole(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }

    /// What the reader can do about it, when there is something.
    pub fn help(&self) -> Option<String> {
        let shown = |path: &PathBuf| path.display().to_string();
        Some(match self {
            Self::NotARepository(_) => "run it inside a repository, or name one with -C DIR".into(),
            Self::Bare(path) => format!("for the server side: stopleak install --server {}", shown(path)),
            Self::NotAServer(path) => {
                format!(
                    "name a bare repository, gitolite's home, GitLab's custom_hooks folder, or all of them \
                     with --all-under {}",
                    shown(path)
                )
            }
            Self::OtherOwner(_) => "run it as the user who owns it: sudo -u OWNER stopleak …".into(),
            Self::HooksOff { .. } => {
                "if that is not on purpose: git config --unset core.hooksPath in that file".into()
            }
            Self::SharedHooks { .. } => {
                "`stopleak install --global` adds stopleak to that folder, for every repository that uses it"
                    .into()
            }
            Self::Binary(_) => "give the absolute path of the stopleak program".into(),
            Self::Unwritable { .. } => "run it as the user who owns the folder".into(),
            Self::NoExec(_) => {
                "move the hooks: git config core.hooksPath FOLDER on another file system".into()
            }
            Self::TwoHooks { kept, .. } => {
                format!("put what you need of both into the first and delete {}", shown(kept))
            }
            Self::NotAFile(_) => "move it out of the way".into(),
            Self::Changed(_) => "run the same command again".into(),
            Self::NoLocalCode(home) => {
                format!(
                    "add `LOCAL_CODE => \"$ENV{{HOME}}/local\",` to {}/.gitolite.rc, make that folder, and run \
                     it again",
                    shown(home)
                )
            }
            Self::Gitolite { home, .. } => {
                format!("wire all its repositories at once: stopleak install --server {}", shown(home))
            }
            Self::LeftBehind { .. } => "it opens nothing; `git prune` there takes it away".into(),
            _ => return None,
        })
    }
}

fn shown_or_empty(path: &std::path::Path) -> String {
    if path.as_os_str().is_empty() { "empty".into() } else { path.display().to_string() }
}
