//! The real binary in hermetic worlds.

#![allow(dead_code, reason = "each test file uses its part")]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use stopleak_testkit::fakes;
use stopleak_testkit::world::{Init, Repository, World};

/// The binary under test.
pub(crate) const STOPLEAK: &str = env!("CARGO_BIN_EXE_stopleak");

/// What a run said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn code(self, want: i32) -> Self {
        assert_eq!(self.code, want, "\nstdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A plain repository called `repo`.
pub(crate) fn repository(world: &World) -> Repository<'_> {
    world.init("repo", Init::default())
}

/// Runs stopleak in `dir`.
pub(crate) fn run_in<S: AsRef<OsStr>>(world: &World, dir: &Path, args: &[S]) -> Ran {
    command(world, dir, args).output().expect("stopleak starts").into()
}

/// Runs stopleak in a repository.
pub(crate) fn run(world: &World, repo: &Repository<'_>, args: &[&str]) -> Ran {
    run_in(world, repo.path(), args)
}

/// stopleak, not yet started.
pub(crate) fn command<S: AsRef<OsStr>>(world: &World, dir: &Path, args: &[S]) -> Command {
    let mut command = world.command(STOPLEAK, dir);
    command.args(args);
    command
}

/// Runs a command with standard input.
pub(crate) fn feed(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // A command may answer before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the writer ends");
    output.into()
}

/// A fresh token with a valid checksum.
pub(crate) fn token(seed: u64) -> String {
    fakes::github_token(seed)
}

/// A line that holds one.
pub(crate) fn line(token: &str) -> String {
    format!("GITHUB_TOKEN={token}\n")
}
