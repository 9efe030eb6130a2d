//! The one place that runs git.
//!
//! Every child gets the same pinned settings, so that neither the user's nor the repository's
//! configuration (colour, pager, replace refs, grafts, fsmonitor, lazy fetch) changes what is in scope.
//! Its stderr is kept for the error, its exit status is always checked, and a stream that ends is not
//! believed to be complete before git has said so by ending well.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::out::{self, Out, Prepared};
use crate::{Error, ObjectId};

/// Variables that tie a process to one repository: `git rev-parse --local-env-vars`.
const LOCAL: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_QUARANTINE_PATH",
];

/// Variables that would change what plumbing prints, or where.
const UNWANTED: &[&str] = &[
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PAGER",
    "GIT_TRACE_REDACT",
];

/// Pinned for every child.
const PINNED: &[(&str, &str)] = &[
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    // Below what is no folder, so never there. For a file that is, an empty one too, git writes six lines of advice.
    ("GIT_GRAFT_FILE", "/dev/null/none"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_REF_PARANOIA", "1"),
    // Never fetch what a partial clone left out; older gits know only the second one.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("LC_ALL", "C"),
];

/// Pinned configuration. Values that only matter to commands we run.
const CONFIG: &[&str] = &[
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "diff.orderFile=",
    "-c",
    "core.warnAmbiguousRefs=false",
];

/// How to start git for one repository: a folder and an environment.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    /// Found on `PATH` once: a program given by its path is started without copying this process.
    program: PathBuf,
    cwd: PathBuf,
    env: Vec<(OsString, OsString)>,
    deadline: Option<Instant>,
}

impl Git {
    /// Keeps from `env` only what git needs. The rest never reaches a child: on some servers it holds the
    /// pusher's password.
    pub(crate) fn new(cwd: PathBuf, env: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut kept: Vec<_> = env.into_iter().filter(|(name, _)| needed(name)).collect();
        kept.extend(PINNED.iter().map(|&(name, value)| (name.into(), value.into())));
        let program = kept.iter().find(|(name, _)| name == "PATH").and_then(|(_, path)| find_git(path));
        Self { program: program.unwrap_or_else(|| PathBuf::from("git")), cwd, env: kept, deadline: None }
    }

    /// Without the variables that belong to the repository of whoever called us.
    pub(crate) fn elsewhere(cwd: PathBuf, env: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self::new(cwd, env.into_iter().filter(|(name, _)| !LOCAL.iter().any(|l| name == l)))
    }

    /// The same git, seeing only the objects below one folder.
    pub(crate) fn with_objects_only(&self, objects: &Path) -> Self {
        let mut git = self.clone();
        git.env.retain(|(name, _)| {
            name != "GIT_ALTERNATE_OBJECT_DIRECTORIES"
                && name != "GIT_OBJECT_DIRECTORY"
                && name != "GIT_QUARANTINE_PATH"
        });
        git.env.push(("GIT_OBJECT_DIRECTORY".into(), objects.into()));
        git
    }

    /// When to give up on a child.
    pub(crate) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    pub(crate) fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// A variable of the environment that git gets; empty counts as unset.
    pub(crate) fn var(&self, name: &str) -> Option<&OsStr> {
        let found = self.env.iter().find(|(n, _)| n == name)?;
        (!found.1.is_empty()).then_some(found.1.as_os_str())
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.cwd).env_clear().envs(self.env.iter().map(|(n, v)| (n, v)));
        command.args(CONFIG).args(args);
        command
    }

    /// Runs git to its end and gives its stdout; anything but exit status 0 is an error.
    pub(crate) fn output<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>, Error> {
        self.begin(args)?.output()
    }

    /// Runs git to its end, whatever its exit status. Killed by a signal is an error.
    pub(crate) fn ask<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Answer, Error> {
        self.begin(args)?.answer()
    }

    /// Starts a git whose whole output will be asked for later: there is something else to do meanwhile.
    pub(crate) fn begin<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Begun, Error> {
        let running = if self.deadline.is_some() {
            Alone::Watched(Box::new(self.start(args, Input::Nothing)?))
        } else {
            tracing::debug!(git = name(args), "run");
            let mut command = self.command(args);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            Alone::Plain(command.spawn().map_err(Error::GitMissing)?)
        };
        Ok(Begun { git: self.clone(), command: name(args), running })
    }

    /// Starts git with its stdout as a stream. `input` is written to its stdin by a thread.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, args: &[S], input: Input) -> Result<Running, Error> {
        let command = name(args);
        tracing::debug!(git = command, "start");
        let stdin = if matches!(input, Input::Nothing) { Stdio::null() } else { Stdio::piped() };
        let (stdout, prepared) = Prepared::new(self.deadline)
            .map_err(|source| Error::Pipe { command: command.clone(), source })?;
        // The command holds the other end of the socket and must be gone before that is read to its end.
        let mut child = self
            .command(args)
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::GitMissing)?;
        let stdout = prepared.open(&mut child).map(|out| BufReader::with_capacity(1 << 16, out));
        let stderr = child.stderr.take().map(|err| std::thread::spawn(move || keep_start(err)));
        let pipe = child.stdin.take();
        let (stdin, feeder) = match (input, pipe) {
            (Input::Open, pipe) => (pipe, None),
            // What a pipe holds anyway needs no thread. A broken pipe means that git ended early.
            (Input::Bytes(bytes), Some(mut pipe)) if bytes.len() <= PIPE => {
                drop(pipe.write_all(&bytes));
                (None, None)
            }
            (Input::Bytes(bytes), Some(mut pipe)) => {
                let feed = move || {
                    drop(pipe.write_all(&bytes));
                    Ok(())
                };
                (None, Some(std::thread::spawn(feed)))
            }
            (Input::Feed(feed), Some(pipe)) => (None, Some(std::thread::spawn(move || feed(pipe)))),
            _ => (None, None),
        };
        Ok(Running {
            git: self.clone(),
            command,
            child,
            stdin,
            stdout,
            stderr,
            feeder,
            pieces: 0,
            ended: false,
        })
    }

    /// What a failed git means.
    pub(crate) fn failure(&self, command: &str, status: ExitStatus, stderr: &[u8]) -> Error {
        let text = readable(stderr);
        if text.contains("not a git repository") || text.contains("must be run in a work tree") {
            return Error::NotARepository(self.cwd.clone());
        }
        if text.contains("detected dubious ownership") {
            return Error::DubiousOwnership(self.cwd.clone());
        }
        if text.contains("unknown option") || text.contains("usage: git") {
            return Error::GitTooOld { command: command.to_owned(), message: text };
        }
        Error::GitFailed { command: command.to_owned(), status: status.to_string(), stderr: text }
    }
}

/// What git gets on its stdin.
pub(crate) enum Input {
    /// Nothing.
    Nothing,
    /// A pipe that the caller writes to.
    Open,
    /// These bytes.
    Bytes(Vec<u8>),
    /// What this function writes, on a thread of its own.
    Feed(Box<dyn FnOnce(ChildStdin) -> Result<(), Error> + Send>),
}

/// So many bytes fit into the smallest pipe that an unprivileged process may be given.
const PIPE: usize = 4096;

/// A git that was started and whose output nobody has read yet.
pub(crate) struct Begun {
    git: Git,
    command: String,
    running: Alone,
}

enum Alone {
    Plain(Child),
    /// With a deadline.
    Watched(Box<Running>),
}

impl Begun {
    /// Waits for its end and gives its stdout in pieces; anything but exit status 0 is an error. Cheaper than a
    /// stream, which needs a thread.
    pub(crate) fn pieces(self) -> Result<Output, Error> {
        let command = self.command.clone();
        Ok(Output { command, bytes: self.output()?, at: 0 })
    }

    fn output(self) -> Result<Vec<u8>, Error> {
        let (git, command) = (self.git.clone(), self.command.clone());
        match self.answer()? {
            Answer { status, stdout, .. } if status.success() => Ok(stdout),
            Answer { status, stderr, .. } => Err(git.failure(&command, status, &stderr)),
        }
    }

    /// Waits for its end, whatever its exit status. Killed by a signal is an error.
    pub(crate) fn answer(self) -> Result<Answer, Error> {
        let answer = match self.running {
            Alone::Watched(mut running) => {
                let mut stdout = Vec::new();
                let read = running.stdout().and_then(|out| out.read_to_end(&mut stdout));
                read.map_err(|source| running.broken(source))?;
                let (status, stderr) = running.wait()?;
                Answer { status, stdout, stderr }
            }
            Alone::Plain(child) => {
                let output = child.wait_with_output().map_err(Error::GitMissing)?;
                Answer { status: output.status, stdout: output.stdout, stderr: output.stderr }
            }
        };
        match answer.status.code() {
            Some(_) => Ok(answer),
            None => Err(self.git.failure(&self.command, answer.status, &answer.stderr)),
        }
    }
}

/// The whole output of a git that ended well, in pieces.
pub(crate) struct Output {
    command: String,
    bytes: Vec<u8>,
    at: usize,
}

/// Something that gives a git's output in pieces.
pub(crate) trait Pieces {
    /// The next piece that `end` closes, without it; `false` at a good end of the output. A piece that
    /// the end cuts is an error.
    fn next_until(&mut self, end: u8, buffer: &mut Vec<u8>) -> Result<bool, Error>;
    /// An error about what was read.
    fn unexpected(&self, what: String) -> Error;
}

impl Pieces for Output {
    fn next_until(&mut self, end: u8, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        buffer.clear();
        let rest = &self.bytes[self.at..];
        match memchr::memchr(end, rest) {
            Some(length) => {
                buffer.extend_from_slice(&rest[..length]);
                self.at += length + 1;
                Ok(true)
            }
            None if rest.is_empty() => Ok(false),
            None => Err(self.unexpected("an output that ends in mid-line".to_owned())),
        }
    }

    fn unexpected(&self, what: String) -> Error {
        Error::Unexpected { command: self.command.clone(), what }
    }
}

/// How a git command ended.
pub(crate) struct Answer {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// A git that is still running. Dropping it kills it.
pub(crate) struct Running {
    git: Git,
    command: String,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<Out>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    feeder: Option<JoinHandle<Result<(), Error>>>,
    pieces: u32,
    ended: bool,
}

impl Running {
    /// Writes to git's stdin, when it was started with [`Input::Open`].
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stdin {
            Some(pipe) => pipe.write_all(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Git's stdout.
    pub(crate) fn stdout(&mut self) -> io::Result<&mut BufReader<Out>> {
        self.stdout.as_mut().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    /// Why reading failed.
    pub(crate) fn broken(&self, source: io::Error) -> Error {
        let command = self.command.clone();
        if source.kind() == io::ErrorKind::TimedOut {
            Error::Deadline { command }
        } else {
            Error::Pipe { command, source }
        }
    }

    /// Waits for git's end and checks it, and the feeder's.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        if self.ended {
            return Ok(());
        }
        let (status, stderr) = self.wait()?;
        if let Some(Ok(Err(error))) = self.feeder.take().map(JoinHandle::join) {
            return Err(error);
        }
        if status.success() { Ok(()) } else { Err(self.git.failure(&self.command, status, &stderr)) }
    }

    /// Waits for git's end and gives what it wrote to stderr.
    pub(crate) fn wait(&mut self) -> Result<(ExitStatus, Vec<u8>), Error> {
        self.ended = true;
        drop(self.stdin.take());
        drop(self.stdout.take());
        let status = out::wait(&mut self.child, self.git.deadline).map_err(|source| self.broken(source))?;
        let stderr = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        Ok((status, stderr))
    }
}

impl Pieces for Running {
    fn next_until(&mut self, end: u8, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        buffer.clear();
        // Every so often: asking the clock costs as much as reading a piece.
        if self.pieces.is_multiple_of(128)
            && self.git.deadline.is_some_and(|deadline| Instant::now() > deadline)
        {
            return Err(Error::Deadline { command: self.command.clone() });
        }
        self.pieces = self.pieces.wrapping_add(1);
        let read = match &mut self.stdout {
            Some(out) => out.read_until(end, buffer),
            None => Ok(0),
        };
        match read {
            Ok(0) => self.finish().map(|()| false),
            Ok(_) if buffer.last() == Some(&end) => {
                buffer.pop();
                Ok(true)
            }
            Ok(_) => {
                self.finish()?;
                Err(self.unexpected("an output that ends in mid-line".to_owned()))
            }
            Err(source) => Err(self.broken(source)),
        }
    }

    fn unexpected(&self, what: String) -> Error {
        Error::Unexpected { command: self.command.clone(), what }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// Ids as git reads them: in hex, one a line.
pub(crate) fn id_lines(ids: impl IntoIterator<Item = ObjectId>) -> Vec<u8> {
    let mut lines = Vec::new();
    for id in ids {
        push_hex(&mut lines, id);
        lines.push(b'\n');
    }
    lines
}

/// Writes an id in hex.
pub(crate) fn push_hex(to: &mut Vec<u8>, id: ObjectId) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in id.as_bytes() {
        to.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// The first `git` on a search path that is a file somebody may run.
fn find_git(path: &OsStr) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let runs = |file: &PathBuf| {
        file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    std::env::split_paths(path).filter(|dir| dir.is_absolute()).map(|dir| dir.join("git")).find(runs)
}

fn needed(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    let pinned = PINNED.iter().any(|(n, _)| name == *n);
    let known =
        ["PATH", "HOME", "TMPDIR", "TMP", "TEMP", "USER", "LOGNAME", "SUDO_UID", "SYSTEMROOT", "USERPROFILE"];
    let family = bytes.starts_with(b"GIT_")
        || bytes.starts_with(b"XDG_")
        || bytes.starts_with(b"LD_")
        || bytes.starts_with(b"DYLD_");
    let traces = bytes.starts_with(b"GIT_TRACE");
    !pinned && !traces && !UNWANTED.iter().any(|n| name == *n) && (family || known.iter().any(|n| name == *n))
}

/// The command as errors show it: its arguments without the pinned ones.
fn name<S: AsRef<OsStr>>(args: &[S]) -> String {
    let words: Vec<_> = args.iter().take(4).map(|a| a.as_ref().to_string_lossy()).collect();
    words.join(" ")
}

/// Drains a stream and keeps its first few kilobytes.
fn keep_start(mut from: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    drop(from.by_ref().take(4096).read_to_end(&mut kept));
    drop(io::copy(&mut from, &mut io::sink()));
    kept
}

/// At most eight lines, control bytes replaced: a pusher chooses names that git repeats.
fn readable(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<String> = text
        .lines()
        .take(8)
        .map(|line| line.chars().map(|c| if c.is_control() { '?' } else { c }).collect())
        .collect();
    lines.join("; ")
}
