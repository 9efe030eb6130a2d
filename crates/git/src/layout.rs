//! Where a repository is: its folders and its hash.
//!
//! git is asked, once, with one `rev-parse`. For the ordinary case (a `.git` folder found by walking up,
//! no variable and no configuration that could say otherwise) the answer is known without a process, which
//! halves what the pre-commit hook costs. Should that answer be wrong in some way not thought of, every
//! later question still goes to a git that finds the repository by itself.

use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use crate::plumbing::Git;
use crate::{Error, ObjectId};

/// The folders of a repository, absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) git_dir: PathBuf,
    pub(crate) common_dir: PathBuf,
    pub(crate) work_tree: Option<PathBuf>,
    pub(crate) sha256: bool,
}

/// Variables that tell git where the repository is.
const TELLING: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

impl Layout {
    /// Finds it.
    pub(crate) fn find(git: &Git) -> Result<Self, Error> {
        match Self::ordinary(git) {
            Some(layout) => Ok(layout),
            None => Self::asked(git),
        }
    }

    /// The ordinary case; `None` whenever there is any doubt.
    pub(crate) fn ordinary(git: &Git) -> Option<Self> {
        if let Some(bare) = Self::ordinary_bare(git) {
            return Some(bare);
        }
        if TELLING.iter().any(|name| git.var(name).is_some()) {
            return None;
        }
        let cwd = git.cwd().canonicalize().ok()?;
        for dir in cwd.ancestors() {
            if dir.join("HEAD").exists() && dir.join("objects").exists() {
                return None; // inside a git folder, or a bare repository
            }
            let git_dir = dir.join(".git");
            let Ok(kind) = git_dir.symlink_metadata() else { continue };
            let real = kind.is_dir()
                && git_dir.join("HEAD").exists()
                && git_dir.join("objects").is_dir()
                && git_dir.join("refs").is_dir()
                && !git_dir.join("commondir").exists();
            if !real || !says_nothing_special(&std::fs::read(git_dir.join("config")).ok()?) {
                return None;
            }
            return Some(Self {
                common_dir: git_dir.clone(),
                git_dir,
                work_tree: Some(dir.to_path_buf()),
                sha256: false,
            });
        }
        None
    }

    /// A plain bare repository, as `receive-pack` gives it to its hooks: the current folder, `GIT_DIR=.`.
    fn ordinary_bare(git: &Git) -> Option<Self> {
        let others = TELLING.iter().filter(|name| **name != "GIT_DIR").any(|name| git.var(name).is_some());
        if others || git.var("GIT_DIR")? != "." {
            return None;
        }
        let dir = git.cwd().canonicalize().ok()?;
        let real = dir.join("HEAD").exists()
            && dir.join("objects").is_dir()
            && dir.join("refs").is_dir()
            && !dir.join("commondir").exists();
        let config = std::fs::read(dir.join("config")).ok()?;
        let ordinary = real && is_bare(&config) && names_no_other_place(&config);
        ordinary.then(|| Self { git_dir: dir.clone(), common_dir: dir, work_tree: None, sha256: false })
    }

    /// Asks git, with one process in a work tree and two elsewhere, where it has no top level to show.
    pub(crate) fn asked(git: &Git) -> Result<Self, Error> {
        let mut questions = vec![
            "rev-parse",
            "--path-format=absolute",
            "--show-object-format",
            "--is-bare-repository",
            "--absolute-git-dir",
            "--git-common-dir",
            "--show-toplevel",
        ];
        let all = git.ask(&questions)?;
        let inside = all.status.success();
        let stdout = if inside {
            all.stdout
        } else {
            questions.pop();
            git.output(&questions)?
        };
        let unexpected = || Error::Unexpected {
            command: "rev-parse".to_owned(),
            what: format!("{:?} for a repository's folders", String::from_utf8_lossy(&stdout)),
        };
        let text = stdout.strip_suffix(b"\n").ok_or_else(unexpected)?;
        let mut parts = text.splitn(3, |&b| b == b'\n');
        let (Some(format), Some(bare), Some(folders)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(unexpected());
        };
        let sha256 = match format {
            b"sha1" => false,
            b"sha256" => true,
            _ => return Err(unexpected()),
        };
        let mut folders = match split_folders(folders) {
            folders if folders.len() == if inside { 3 } else { 2 } => folders.into_iter(),
            _ => return Err(unexpected()),
        };
        let git_dir = folders.next().ok_or_else(unexpected)?;
        let common_dir = folders.next().ok_or_else(unexpected)?;
        // Inside the git folder of an ordinary repository git does not say where the work tree is.
        let beside = || git_dir.parent().filter(|_| git_dir.ends_with(".git")).map(Path::to_path_buf);
        let work_tree = if bare == b"true" { None } else { folders.next().or_else(beside) };
        Ok(Self { git_dir, common_dir, work_tree, sha256 })
    }
}

impl Layout {
    /// HEAD's commit, when HEAD is a branch that is kept in a file; `None` says nothing.
    pub(crate) fn head_at_rest(&self) -> Option<ObjectId> {
        let head = std::fs::read(self.git_dir.join("HEAD")).ok()?;
        let name = head.strip_prefix(b"ref: ")?.trim_ascii_end();
        // git's own rules would let nothing else be a branch; a file outside of this folder is not asked for.
        let name = std::str::from_utf8(name).ok().filter(|name| {
            name.starts_with("refs/heads/") && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
        })?;
        if let Ok(text) = std::fs::read(self.common_dir.join(name)) {
            return ObjectId::from_hex(text.trim_ascii_end());
        }
        let packed = std::fs::read(self.common_dir.join("packed-refs")).ok()?;
        let line = format!(" {name}\n");
        let at = memchr::memmem::find(&packed, line.as_bytes())?;
        let start = memchr::memrchr(b'\n', &packed[..at]).map_or(0, |at| at + 1);
        ObjectId::from_hex(&packed[start..at])
    }
}

/// Absolute folders, one a line. A line feed inside a name does not part them: no slash follows it.
fn split_folders(text: &[u8]) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let mut start = 0;
    for at in 1..=text.len() {
        if at == text.len() || (text[at] == b'/' && text[at - 1] == b'\n') {
            let end = if at == text.len() { at } else { at - 1 };
            folders.push(path(&text[start..end]));
            start = at;
        }
    }
    folders
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsString::from_vec(bytes.to_vec()))
}

/// Whether a repository's configuration leaves the layout as it is: no extension, no work tree elsewhere.
/// Looks at words, not at syntax: a comment that holds one costs a process, nothing else.
fn names_no_other_place(config: &[u8]) -> bool {
    let text = String::from_utf8_lossy(config).to_ascii_lowercase();
    !text.contains("worktree")
        && !text.contains("extensions")
        && !text.contains("repositoryformatversion = 1")
}

/// Every line about `bare`, in one spelling.
fn bare_lines(config: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(config).to_ascii_lowercase();
    text.lines().filter(|line| line.contains("bare")).map(|line| line.trim().to_owned()).collect()
}

fn is_bare(config: &[u8]) -> bool {
    bare_lines(config) == ["bare = true"]
}

fn says_nothing_special(config: &[u8]) -> bool {
    names_no_other_place(config) && bare_lines(config).iter().all(|line| line == "bare = false")
}
