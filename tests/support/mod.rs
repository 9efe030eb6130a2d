//! A scratch repository and the real binary, as a person at a shell would use them.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unused_self, reason = "`repo.server()` reads as what it is: this repository's server")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use stopleak_testkit::fakes;

/// The binary under test.
pub(crate) const STOPLEAK: &str = env!("CARGO_BIN_EXE_stopleak");

/// What a command answered.
pub(crate) struct Said {
    /// The exit code, or -1 when a signal ended it.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Said {
    /// Both streams.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.all()))
    }

    /// Fails unless the exit code is `code`.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code of:\n{}", self.all());
        self
    }
}

impl From<Output> for Said {
    fn from(out: Output) -> Self {
        Self {
            code: out.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        }
    }
}

/// A temporary folder with a repository in it.
pub(crate) struct Scratch {
    top: tempfile::TempDir,
    /// The work tree (or bare repository).
    pub(crate) dir: PathBuf,
}

impl Scratch {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// An empty repository; `options` go to `git init`.
    pub(crate) fn with(options: &[&str]) -> Self {
        let top = tempfile::tempdir().unwrap();
        let dir = top.path().join("repo");
        let scratch = Self { top, dir };
        fs::create_dir(&scratch.dir).unwrap();
        let mut args = vec!["init", "-q", "-b", "main"];
        args.extend(options);
        args.push(".");
        scratch.git(&args);
        scratch
    }

    /// The folder around the repository, for neighbours.
    pub(crate) fn top(&self) -> &Path {
        self.top.path()
    }

    /// A command in the repository, with a cleared environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.top.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada");
            command.env(format!("GIT_{who}_EMAIL"), "ada@localhost");
            command.env(format!("GIT_{who}_DATE"), "2026-01-02T03:04:05+01:00");
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs git and returns its trimmed output; fails the test when git fails.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let said = self.try_git(args);
        assert_eq!(said.code, 0, "git {args:?}: {}", said.all());
        said.out.trim_end().to_owned()
    }

    /// Runs git.
    pub(crate) fn try_git(&self, args: &[&str]) -> Said {
        self.command("git").args(args).output().unwrap().into()
    }

    /// Runs git with standard input.
    pub(crate) fn git_with(&self, args: &[&str], input: &[u8]) -> Said {
        feed(self.command("git").args(args), input)
    }

    /// Runs stopleak.
    pub(crate) fn stopleak(&self, args: &[&str]) -> Said {
        self.command(STOPLEAK).args(args).output().unwrap().into()
    }

    /// Runs stopleak with standard input.
    pub(crate) fn stopleak_with(&self, args: &[&str], input: &[u8]) -> Said {
        feed(self.command(STOPLEAK).args(args), input)
    }

    /// Writes a file, making its folders.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes and stages a file.
    pub(crate) fn stage(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "--", path]);
    }

    /// Writes, stages and commits a file; returns the commit.
    pub(crate) fn commit(&self, path: &str, content: impl AsRef<[u8]>) -> String {
        self.stage(path, content);
        self.git(&["commit", "-q", "-m", &format!("change {path}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A bare neighbour whose pre-receive hook is wired by `stopleak install --server`.
    pub(crate) fn server(&self, options: &[&str]) -> Self {
        let top = tempfile::tempdir().unwrap();
        let dir = top.path().join("server.git");
        let server = Self { top, dir };
        fs::create_dir(&server.dir).unwrap();
        let mut args = vec!["init", "-q", "--bare", "-b", "main"];
        args.extend(options);
        args.push(".");
        server.git(&args);
        server.stopleak(&["install", "--server", "."]).expect(0);
        server
    }

    /// Pushes to a server; `refspecs` as git takes them.
    pub(crate) fn push(&self, server: &Self, refspecs: &[&str]) -> Said {
        let url = format!("file://{}", server.dir.display());
        let mut args = vec!["push", "-q", &url];
        args.extend(refspecs);
        self.try_git(&args)
    }

    /// Whether the repository has an object.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.try_git(&["cat-file", "-e", id]).code == 0
    }
}

fn feed(command: &mut Command, input: &[u8]) -> Said {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A command may answer before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let out = child.wait_with_output().unwrap();
    writer.join().unwrap();
    out.into()
}

/// A fresh, checksum-valid GitHub token.
pub(crate) fn token(seed: u64) -> String {
    fakes::github_token(seed)
}

/// A line that holds `token`.
pub(crate) fn line(token: &str) -> String {
    format!("GITHUB_TOKEN={token}\n")
}

/// The same text in UTF-16 LE with a byte order mark.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// Pushes `HEAD` to `name` with a pack that also carries `extra` objects, which a stock client would not
/// send: speaks to `git receive-pack` by hand.
pub(crate) fn push_pack(scratch: &Scratch, server: &Scratch, name: &str, extra: &[&str]) -> Said {
    let new = scratch.git(&["rev-parse", "HEAD"]);
    let old = server.try_git(&["rev-parse", "-q", "--verify", name]).out;
    let old = if old.trim().is_empty() { "0".repeat(new.len()) } else { old.trim().to_owned() };
    let mut range = vec!["rev-list", "--objects", "--no-object-names", &new];
    let not = format!("^{old}");
    if old.bytes().any(|b| b != b'0') {
        range.push(&not);
    }
    let mut objects = scratch.git(&range);
    for id in extra {
        objects.push('\n');
        objects.push_str(id);
    }
    objects.push('\n');
    let mut pack = scratch.command("git");
    pack.args(["pack-objects", "--stdout", "-q"]);
    pack.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pack.spawn().unwrap();
    child.stdin.take().unwrap().write_all(objects.as_bytes()).unwrap();
    let pack = child.wait_with_output().unwrap().stdout;

    let command = format!("{old} {new} {name}\0 report-status quiet");
    let mut input = format!("{:04x}{command}0000", command.len() + 4).into_bytes();
    input.extend(pack);
    let said = server.git_with(&["receive-pack", "."], &input);
    let refused = said.out.contains("ng ") || !said.out.contains("ok ");
    Said { code: i32::from(refused), ..said }
}

/// The push was refused, said why, and left `object` nowhere.
#[track_caller]
pub(crate) fn refused(said: &Said, server: &Scratch, objects: &[&str]) {
    assert_ne!(said.code, 0, "the push must be refused: {}", said.all());
    assert!(said.err.contains("stopleak"), "{}", said.err);
    assert!(!said.err.contains('\u{1b}'), "no colour to the client: {}", said.err);
    for object in objects {
        assert!(!server.has(object), "{object} is stored on the server");
    }
}

/// A repository with one commit, and a server that has it.
pub(crate) fn with_main() -> (Scratch, Scratch) {
    let scratch = Scratch::new();
    scratch.commit("readme.txt", "hello\n");
    let server = scratch.server(&[]);
    assert_eq!(scratch.push(&server, &["main"]).code, 0);
    (scratch, server)
}
