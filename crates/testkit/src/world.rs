//! Hermetic git repositories in a temporary folder.
//!
//! git runs with an empty environment but for what is set here: no user or system configuration, a fixed
//! author, a clock that moves one minute with each command. So every object id is the same on every machine.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// How a repository is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Init {
    /// Object ids are SHA-256.
    pub sha256: bool,
    /// Refs are kept in a reftable.
    pub reftable: bool,
    /// No work tree.
    pub bare: bool,
}

/// A temporary folder with a clock; dropped with everything in it.
#[derive(Debug)]
pub struct World {
    root: tempfile::TempDir,
    tick: Cell<u64>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty folder.
    ///
    /// # Panics
    /// When the temporary folder cannot be made.
    pub fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        Self { root, tick: Cell::new(0) }
    }

    /// The folder, absolute, without symbolic links.
    ///
    /// # Panics
    /// When it was removed.
    pub fn path(&self) -> PathBuf {
        self.root.path().canonicalize().expect("the folder of the world")
    }

    /// Makes a repository with the branch `main` at `name` below the folder.
    ///
    /// # Panics
    /// When git or the disk refuses.
    pub fn init(&self, name: &str, how: Init) -> Repository<'_> {
        let dir = self.path().join(name);
        let mut args = vec!["init", "-q", "-b", "main"];
        args.extend(how.sha256.then_some("--object-format=sha256"));
        args.extend(how.reftable.then_some("--ref-format=reftable"));
        args.extend(how.bare.then_some("--bare"));
        let dir_text = dir.to_string_lossy().into_owned();
        args.push(&dir_text);
        let repo = Repository { world: self, dir: dir.clone() };
        std::fs::create_dir_all(&dir).expect("the repository's folder");
        repo.git(&args);
        repo
    }

    /// A repository that something else made (a clone, a worktree, a submodule).
    pub fn at(&self, dir: impl Into<PathBuf>) -> Repository<'_> {
        Repository { world: self, dir: self.path().join(dir.into()) }
    }

    /// The environment that every git of this world gets, moved on by one minute.
    pub fn env(&self) -> Vec<(String, String)> {
        let now = 1_700_000_000 + 60 * self.tick.replace(self.tick.get() + 1);
        let home = self.path().to_string_lossy().into_owned();
        [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", home),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_AUTHOR_NAME", "Ada Author".into()),
            ("GIT_AUTHOR_EMAIL", "ada@example.org".into()),
            ("GIT_AUTHOR_DATE", format!("{now} +0200")),
            ("GIT_COMMITTER_NAME", "Cleo Committer".into()),
            ("GIT_COMMITTER_EMAIL", "cleo@example.org".into()),
            ("GIT_COMMITTER_DATE", format!("{now} +0000")),
            ("GIT_TERMINAL_PROMPT", "0".into()),
            // No fsync: the folder is thrown away anyhow.
            ("GIT_TEST_FSYNC", "0".into()),
            ("GIT_EDITOR", ":".into()),
            ("LC_ALL", "C".into()),
            ("TZ", "UTC".into()),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
    }

    /// A command with this world's environment and nothing else, in `dir`.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(dir).env_clear().envs(self.env()).stdin(Stdio::null());
        command
    }
}

/// One repository of a [`World`].
#[derive(Debug, Clone)]
pub struct Repository<'w> {
    world: &'w World,
    dir: PathBuf,
}

impl Repository<'_> {
    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The environment that git gets here; see [`World::env`].
    pub fn env(&self) -> Vec<(String, String)> {
        self.world.env()
    }

    /// `git ARGS` in its folder, not yet started; add to it what a test needs.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.world.command("git", &self.dir);
        // Submodules over file:// are off by default since git 2.38.1.
        command.args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"]).args(args);
        command
    }

    /// Runs git and gives what it wrote to stdout, without the last line feed.
    ///
    /// # Panics
    /// When git fails: its stderr is in the message.
    pub fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Runs git, which may fail.
    ///
    /// # Panics
    /// When git cannot be started.
    pub fn try_git(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("git is installed")
    }

    /// Runs git with `input` on stdin and gives its stdout, without the last line feed.
    ///
    /// # Panics
    /// When git fails.
    pub fn git_with(&self, args: &[&str], input: &[u8]) -> String {
        use std::io::Write as _;
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("git is installed");
        child.stdin.take().expect("a pipe").write_all(input).expect("git reads its stdin");
        let output = child.wait_with_output().expect("git ends");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Writes a file of the work tree, with its folders.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.dir.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).expect("a folder");
        }
        std::fs::write(file, content).expect("a file");
    }

    /// Writes a file and stages it.
    pub fn stage(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "-f", "--", path]);
    }

    /// Writes a file, commits it, and gives the commit's id.
    pub fn commit(&self, path: &str, content: impl AsRef<[u8]>, message: &str) -> String {
        self.stage(path, content);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Puts a blob into the object store and gives its id.
    pub fn blob(&self, content: impl AsRef<[u8]>) -> String {
        self.git_with(&["hash-object", "-w", "--stdin"], content.as_ref())
    }

    /// Installs an executable hook.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = self.git(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
        std::fs::create_dir_all(&dir).expect("the hooks folder");
        let file = Path::new(&dir).join(name);
        std::fs::write(&file, script).expect("a hook");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Pushes refs to another repository over `file://`.
    ///
    /// # Panics
    /// When git cannot be started.
    pub fn push(&self, to: &Repository<'_>, refs: &[&str]) -> Output {
        let url = format!("file://{}", to.dir.display());
        let mut args = vec!["push", "-q", &url];
        args.extend(refs);
        self.try_git(&args)
    }
}
