//! Repositories made for a proof and thrown away with it.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::canary;
use crate::{
    Error, Hook, files,
    git::{Answer, Git},
};

/// A repository in a temporary folder, with an author, no signing, and only the hooks that it is given.
pub(crate) struct Scratch {
    dir: TempDir,
    git: Git,
    /// The first commit.
    start: String,
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The harmless attempt passed and the one with the secret did not.
    Stopped,
    /// Both passed.
    LetThrough,
    /// Both were refused, so the refusal says nothing about the secret.
    RefusesAll,
}

/// A verdict, and what was said when it was found.
pub(crate) struct Proof {
    pub(crate) verdict: Verdict,
    pub(crate) said: String,
}

impl Scratch {
    /// A repository with one commit. No hook ran for it.
    pub(crate) fn new(git: &Git) -> Result<Self, Error> {
        Self::with_format(git, "sha1")
    }

    /// The same, for pushes to a repository whose object ids are made with `format`.
    pub(crate) fn with_format(git: &Git, format: &str) -> Result<Self, Error> {
        let dir = tempfile::Builder::new().prefix("stopleak-doctor-").tempdir();
        let dir = dir.map_err(|cause| Error::Unwritable { path: std::env::temp_dir(), cause })?;
        let mut scratch = Self { dir, git: git.clone(), start: String::new() };
        scratch.git.tell(
            Some(scratch.dir.path()),
            &["init", "-q", "--template=", "-b", "main", &format!("--object-format={format}"), "repo"],
        )?;
        for (key, value) in [
            ("user.name", "stopleak doctor"),
            ("user.email", "doctor@stopleak.invalid"),
            ("commit.gpgSign", "false"),
        ] {
            scratch.tell(&["config", key, value])?;
        }
        scratch.without_hooks(&["commit", "-q", "--allow-empty", "-m", "a start"])?;
        scratch.start = scratch.tell(&["rev-parse", "HEAD"])?;
        Ok(scratch)
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    /// A folder beside the repository.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes these scripts the only hooks.
    pub(crate) fn use_hooks(&self, scripts: &[(Hook, Vec<u8>)]) -> Result<(), Error> {
        let folder = self.beside("hooks");
        let failed = |cause| Error::Unwritable { path: self.beside("hooks"), cause };
        fs::create_dir_all(&folder).map_err(failed)?;
        for (hook, script) in scripts {
            files::write(&folder.join(hook.name()), script, 0o755).map_err(failed)?;
        }
        self.tell_os(&[OsStr::new("config"), OsStr::new("core.hooksPath"), folder.as_os_str()])
    }

    pub(crate) fn ask(&self, args: &[&str]) -> Result<Answer, Error> {
        self.git.ask(Some(&self.repository()), args)
    }

    pub(crate) fn tell(&self, args: &[&str]) -> Result<String, Error> {
        self.git.tell(Some(&self.repository()), args).map(|out| String::from_utf8_lossy(&out).into_owned())
    }

    fn tell_os(&self, args: &[&OsStr]) -> Result<(), Error> {
        self.git.tell(Some(&self.repository()), args).map(drop)
    }

    fn without_hooks(&self, args: &[&str]) -> Result<String, Error> {
        let mut all = vec!["-c", "core.hooksPath=/dev/null"];
        all.extend(args);
        if args.first() == Some(&"commit") {
            all.push("--no-verify");
        }
        self.tell(&all)
    }

    fn put(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.repository().join(name);
        fs::write(&path, text).map_err(|cause| Error::Unwritable { path, cause })?;
        self.tell(&["add", "-f", "--", name]).map(drop)
    }

    /// Adds a blob, to this repository only, and says its id.
    pub(crate) fn blob(&self, text: &str) -> Result<String, Error> {
        let path = self.beside("blob");
        fs::write(&path, text).map_err(|cause| Error::Unwritable { path: path.clone(), cause })?;
        let args =
            [OsStr::new("hash-object"), OsStr::new("-w"), OsStr::new("--no-filters"), path.as_os_str()];
        let id = self.git.tell(Some(&self.repository()), &args)?;
        Ok(String::from_utf8_lossy(&id).into_owned())
    }

    /// Tries `hook` with something harmless and with a fresh fake secret. Only the secret differs, so only the
    /// secret can be why one is refused and the other is not.
    pub(crate) fn prove(&self, hook: Hook) -> Result<Proof, Error> {
        let harmless = self.attempt(hook, "nothing to see here\n")?;
        let secret = self.attempt(hook, &canary::line())?;
        let verdict = match (harmless.ok, secret.ok) {
            (true, false) => Verdict::Stopped,
            (_, true) => Verdict::LetThrough,
            (false, false) => Verdict::RefusesAll,
        };
        let said = if verdict == Verdict::RefusesAll { harmless.err } else { secret.err };
        Ok(Proof { verdict, said })
    }

    fn attempt(&self, hook: Hook, text: &str) -> Result<Answer, Error> {
        let name = format!("planted-{}.conf", canary::nonce());
        let answer = match hook {
            Hook::PreCommit => {
                self.put(&name, text)?;
                self.ask(&["commit", "-q", "-m", "planted"])?
            }
            Hook::CommitMsg => {
                self.ask(&["commit", "-q", "--allow-empty", "-m", &format!("planted\n\n{text}")])?
            }
            Hook::PreMergeCommit => {
                self.without_hooks(&["switch", "-q", "-c", &name])?;
                self.put(&name, text)?;
                self.without_hooks(&["commit", "-q", "-m", "planted"])?;
                self.without_hooks(&["switch", "-q", "main"])?;
                self.ask(&["merge", "-q", "--no-ff", "--no-edit", &name])?
            }
            Hook::PrePush => {
                let remote = self.beside(&name);
                let made = [OsStr::new("init"), OsStr::new("-q"), OsStr::new("--bare"), remote.as_os_str()];
                self.git.tell(Some(self.dir.path()), &made)?;
                self.put(&name, text)?;
                self.without_hooks(&["commit", "-q", "-m", "planted"])?;
                let push = [
                    OsStr::new("push"),
                    OsStr::new("-q"),
                    remote.as_os_str(),
                    OsStr::new("HEAD:refs/heads/x"),
                ];
                self.git.ask(Some(&self.repository()), &push)?
            }
            Hook::PreReceive => return Err(Error::WrongHook { hook: hook.name(), place: "a work tree" }),
        };
        // The next attempt starts clean, whatever became of this one.
        self.without_hooks(&["reset", "-q", "--hard", &self.start])?;
        Ok(answer)
    }
}

/// Takes over the policy of the repository that is examined.
pub(crate) fn copy_policy(from: &Path, names: &[&str], to: &Path) -> Result<(), Error> {
    for name in names {
        if let Ok(bytes) = fs::read(from.join(name)) {
            fs::write(to.join(name), bytes)
                .map_err(|cause| Error::Unwritable { path: to.to_owned(), cause })?;
        }
    }
    Ok(())
}
