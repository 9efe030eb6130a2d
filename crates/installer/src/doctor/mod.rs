//! Says whether the hooks would stop a secret, and proves it.
//!
//! Reading files and settings finds most faults: a hook that is not executable, on a noexec mount, moved by
//! another tool, or in a folder that git does not look into is skipped by git without a word. The proof finds
//! the rest. The very shims are tried twice, once with something harmless and once with a fresh fake secret;
//! only if the first passes and the second is refused do they work. Everything happens in a scratch
//! repository; nothing of the user's own hooks, which may do anything, is run.

mod canary;
mod laptop;
mod scratch;
mod servers;

use std::path::{Path, PathBuf};

use crate::{
    Error, Hook, Surroundings, Target,
    files::{self, Unfit},
    git::{Git, run},
    server,
};

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

impl Check {
    fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { name: name.into(), status: Status::Ok, detail: detail.into(), help: None }
    }

    fn warn(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status: Status::Warn, ..Self::ok(name, detail) }
    }

    fn fail(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { status: Status::Fail, ..Self::ok(name, detail) }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Looks at everything that decides whether the hooks run, and proves that they do.
///
/// # Errors
/// When the target cannot be examined at all; what is wrong with a target is a [`Check`].
pub fn diagnose(request: &DoctorRequest) -> Result<Vec<Check>, Error> {
    let git = Git::new(&request.surroundings);
    let mut checks = vec![program(&git, &request.binary)?];
    checks.extend(match &request.target {
        Target::Repository(dir) => laptop::repository(&git, dir, request)?,
        Target::Global => laptop::global(&git, request)?,
        Target::Server(paths) => servers::diagnose(&git, &server::named(&git, paths)?, request)?,
        Target::ServerAllUnder(root) => {
            let below = server::all_under(&git, root)?;
            let mut checks = Vec::new();
            for layout in &below.layouts {
                let one = servers::diagnose(&git, std::slice::from_ref(layout), request);
                checks.extend(one.unwrap_or_else(|error| vec![unexamined(layout.place(), &error)]));
            }
            checks.extend(below.failed.iter().map(|(place, error)| unexamined(place, error)));
            checks.extend(servers::future(&git, request)?);
            checks
        }
    });
    Ok(checks)
}

/// One of many places that could not be looked into.
fn unexamined(place: &Path, error: &Error) -> Check {
    let check = Check::fail(place.display().to_string(), format!("could not be examined: {}", error.whole()));
    match error.help() {
        Some(help) => check.help(help),
        None => check,
    }
}

fn program(git: &Git, binary: &Path) -> Result<Check, Error> {
    let name = "program";
    let (major, minor) = git.version()?;
    if (major, minor) < (2, 31) {
        let seen = format!("git {major}.{minor} is too old: 2.31 or newer is needed");
        return Ok(Check::fail(name, seen));
    }
    let shown = binary.display();
    Ok(match run(git.command(binary.as_os_str()).arg("--version")) {
        Ok(answer) if answer.ok => {
            let version = String::from_utf8_lossy(&answer.out).into_owned();
            Check::ok(name, format!("{version} at {shown}, git {major}.{minor}"))
        }
        Ok(answer) => Check::fail(name, format!("{shown} does not run: {}", first_lines(&answer.err))),
        Err(cause) => Check::fail(name, format!("{shown} does not run: {cause}")),
    })
}

/// Whether git could run a program from `folder`.
fn folder_runs_programs(folder: &Path) -> Check {
    let name = "hooks folder";
    let shown = folder.display();
    match files::fit(folder) {
        Ok(()) => Check::ok(name, format!("programs run from {shown}")),
        // Reading is enough to run a hook, so this need not be a fault.
        Err(Unfit::Unwritable(cause)) => {
            Check::warn(name, format!("could not try whether programs run from {shown}: {cause}"))
        }
        Err(Unfit::NoExec) => {
            Check::fail(name, format!("{shown} is on a file system mounted noexec: git skips hooks"))
                .help("git config core.hooksPath FOLDER on another file system, then install again")
        }
    }
}

/// Enough of what a hook said to see what is wrong.
fn first_lines(said: &str) -> String {
    said.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect::<Vec<_>>().join(" / ")
}
