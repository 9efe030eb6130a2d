//! What can go wrong while asking git.

use std::io;
use std::path::PathBuf;

/// Why a question to git has no answer.
///
/// A missing or corrupt object is not here: it is a [`Skipped`](crate::Body::Skipped) change, so that the
/// rest of the scan goes on. Everything here means that the scope itself is unknown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No repository here, nor in any parent folder.
    #[error("not a git repository: {}", .0.display())]
    NotARepository(PathBuf),
    /// git refuses a repository of another user that `safe.directory` does not list.
    #[error("git refuses this repository, because another user owns it: {}", .0.display())]
    DubiousOwnership(PathBuf),
    /// The git program could not be started: it is not there, or the system gave no process or file.
    #[error("cannot start git")]
    GitMissing(#[source] io::Error),
    /// The git program lacks an option that is needed here.
    #[error("this git is too old: `git {command}` says {message:?}")]
    GitTooOld {
        /// What was run.
        command: String,
        /// What git wrote.
        message: String,
    },
    /// git ended with an error.
    #[error("`git {command}` failed with {status}: {stderr}")]
    GitFailed {
        /// What was run.
        command: String,
        /// The exit status, in words.
        status: String,
        /// What git wrote to stderr, cut to a few lines, control bytes replaced.
        stderr: String,
    },
    /// git ended well, but what it wrote is not what it documents.
    #[error("`git {command}` wrote something unexpected: {what}")]
    Unexpected {
        /// What was run.
        command: String,
        /// What was found in the place of what.
        what: String,
    },
    /// Reading from or writing to git failed.
    #[error("cannot talk to `git {command}`")]
    Pipe {
        /// What was run.
        command: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A line on a hook's stdin is not what git writes.
    #[error("line {line} of the hook's input is malformed: {what}")]
    BadInput {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// An object id that the repository does not have.
    #[error("there is no object {0} in this repository")]
    UnknownObject(stopleak_pack::ObjectId),
    /// A range that git does not understand.
    #[error("not a range of commits: {0:?}")]
    BadRange(String),
    /// The folder that git named as the quarantine of this push is not there.
    #[error("cannot read the quarantine of this push: {}", .path.display())]
    Quarantine {
        /// The folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The time that was set with [`Repo::until`](crate::Repo::until) is over.
    #[error("out of time while reading `git {command}`")]
    Deadline {
        /// What was still running.
        command: String,
    },
    /// A push that changes more paths than can be kept apart; some are made so that they never end.
    #[error("the commits change more than {0} paths")]
    TooManyChanges(u64),
}
