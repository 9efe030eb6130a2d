//! Says whether the hooks would stop a secret, and proves it.

use std::path::PathBuf;

use crate::{Error, Hook, Surroundings, Target};

/// What to check.
#[derive(Clone, Debug)]
pub struct DoctorRequest {
    /// Where the hooks should be.
    pub target: Target,
    /// Which hooks should be there.
    pub hooks: Vec<Hook>,
    /// The program that is running: shims should call this one.
    pub binary: PathBuf,
    /// Plant a fake secret and see. Without it only files and settings are read.
    pub prove: bool,
    /// The environment that git is run in.
    pub surroundings: Surroundings,
}

impl DoctorRequest {
    /// Everything that can be checked of `target`'s usual hooks.
    pub fn new(target: Target, binary: PathBuf) -> Self {
        let request = crate::Request::new(target, binary);
        let crate::Request { target, hooks, binary, surroundings, .. } = request;
        Self { target, hooks, binary, prove: true, surroundings }
    }
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Works today, and something may break it.
    Warn,
    /// A secret would get through, or nothing would.
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in a few words.
    pub name: String,
    /// How it came out.
    pub status: Status,
    /// What was seen.
    pub detail: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Looks at everything that decides whether the hooks run, and proves that they do.
///
/// # Errors
/// When the target cannot be examined at all; what is wrong with a target is a [`Check`].
pub fn diagnose(request: &DoctorRequest) -> Result<Vec<Check>, Error> {
    let _ = request;
    Err(Error::NotSupported { what: "diagnosing" })
}
