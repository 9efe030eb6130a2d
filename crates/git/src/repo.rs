//! A repository, and the questions one can ask about it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::{Change, Changes, Error, ObjectId, PushLine, RefUpdate};

/// A git repository.
///
/// The only way to one is [`Repo::open`], which honours the environment that git gives its hooks. It is
/// `Send + Sync`; objects are read behind a lock.
#[derive(Debug)]
pub struct Repo {
    dir: PathBuf,
}

/// What a history scan takes besides everything that refs, reflogs, stashes and worktree HEADs reach.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistoryOptions {
    /// Also every object in the object store that nothing reaches.
    pub unreachable: bool,
}

/// Which bytes of a blob a change adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// All of them.
    All,
    /// These ranges: whole lines with their line ends, sorted, apart. Empty: nothing.
    Ranges(Vec<Range<usize>>),
}

impl Added {
    /// Whether any byte of `span` is on an added line. An empty span counts as its one position.
    pub fn touches(&self, span: &Range<usize>) -> bool {
        match self {
            Self::All => true,
            Self::Ranges(ranges) => {
                let first = ranges.partition_point(|r| r.end <= span.start);
                ranges.get(first).is_some_and(|r| r.start < span.end.max(span.start + 1))
            }
        }
    }
}

/// A commit that brought a blob into history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduction {
    /// The first commit, in topological order, that has the blob at `path`.
    pub commit: ObjectId,
    /// `name <mail>`, as written in the commit.
    pub author: Vec<u8>,
    /// The author's date, RFC 3339 with its offset; empty when the commit has none that makes sense.
    pub date: String,
    /// Where.
    pub path: Vec<u8>,
    /// Whether HEAD still has the blob at this path.
    pub in_head: bool,
    /// Full names of the refs that still have the blob at this path, at most [`Repo::MAX_REFS_NAMED`].
    pub refs: Vec<Vec<u8>>,
}

/// Who made a commit, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// `name <mail>`.
    pub author: Vec<u8>,
    /// The author's date, RFC 3339 with its offset; empty when the commit has none that makes sense.
    pub date: String,
    /// The first line of the message.
    pub subject: Vec<u8>,
}

impl Repo {
    /// At most so many refs are named for one [`Introduction`].
    pub const MAX_REFS_NAMED: usize = 20;

    /// Opens the repository of the current folder, as the environment (`GIT_DIR`, `GIT_INDEX_FILE`,
    /// `GIT_OBJECT_DIRECTORY`, …) says; or another one at `dir`, for which that environment is not meant.
    /// An ordinary repository costs no process.
    pub fn open(dir: Option<&Path>) -> Result<Self, Error> {
        Self::open_with(dir, std::env::vars_os())
    }

    /// [`Repo::open`] with the environment given, which is how a test plays a hook.
    pub fn open_with(
        dir: Option<&Path>,
        _env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Error> {
        Err(Error::NotARepository(dir.unwrap_or(Path::new(".")).to_path_buf()))
    }

    /// The root of the work tree, absolute; `None` in a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        Some(&self.dir)
    }

    /// The git folder of this worktree, absolute.
    pub fn git_dir(&self) -> &Path {
        &self.dir
    }

    /// The git folder that all worktrees share, absolute.
    pub fn common_dir(&self) -> &Path {
        &self.dir
    }

    /// Where git looks for hooks, absolute. Asks git, because `core.hooksPath` may come from anywhere.
    pub fn hooks_dir(&self) -> Result<PathBuf, Error> {
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.work_tree().is_none()
    }

    /// Whether its objects are named by SHA-256.
    pub fn is_sha256(&self) -> bool {
        false
    }

    /// One value of git's configuration, `None` when unset.
    pub fn config(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Err(Error::BadRange(key.to_owned()))
    }

    /// What the index adds over HEAD, or over nothing before the first commit.
    pub fn staged(&self) -> Result<Changes<'_>, Error> {
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// What the commits of `A..B` (or any revision range) add.
    pub fn range(&self, spec: &str) -> Result<Changes<'_>, Error> {
        Err(Error::BadRange(spec.to_owned()))
    }

    /// What a push adds, seen from the pusher's side (`pre-push`).
    pub fn outgoing(&self, remote: &str, lines: &[PushLine]) -> Result<Changes<'_>, Error> {
        let _ = lines;
        Err(Error::BadRange(remote.to_owned()))
    }

    /// What a push adds, seen from the server (`pre-receive`, `update`): every object that the new tips
    /// reach and the refs of before did not, and every object in quarantine that the main store lacks.
    pub fn incoming(&self, updates: &[RefUpdate]) -> Result<Changes<'_>, Error> {
        let _ = updates;
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// Everything ever committed, each object once.
    pub fn history(&self, options: HistoryOptions) -> Result<Changes<'_>, Error> {
        let _ = options;
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// Which bytes of `change` are on lines that no older version had. Ask only for blobs with a match.
    pub fn added(&self, change: &Change, bytes: &[u8]) -> Result<Added, Error> {
        let _ = (change, bytes);
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// Who brought each of these blobs into history: one pass over all commits, so ask once for all.
    /// A blob that no commit lists has no entry.
    pub fn introduced(&self, blobs: &[ObjectId]) -> Result<HashMap<ObjectId, Vec<Introduction>>, Error> {
        let _ = blobs;
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// Author, date and subject of a commit.
    pub fn commit_facts(&self, commit: ObjectId) -> Result<CommitFacts, Error> {
        Err(Error::UnknownObject(commit))
    }

    /// Whether refs of before the push reach the blob: a secret that is not new, only seen again.
    pub fn reached_before(&self, blobs: &[ObjectId], updates: &[RefUpdate]) -> Result<Vec<bool>, Error> {
        let _ = (blobs, updates);
        Err(Error::NotARepository(self.dir.clone()))
    }

    /// A file of the default branch as it was before the push; `None` when there is none.
    pub fn before_push(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read_head(path)
    }

    /// A file of HEAD; `None` when there is none.
    pub fn read_head(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Err(Error::BadRange(path.to_owned()))
    }

    /// A file of the index; `None` when there is none.
    pub fn read_staged(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Err(Error::BadRange(path.to_owned()))
    }

    /// The short name of HEAD's branch; `None` when detached.
    pub fn branch(&self) -> Result<Option<Vec<u8>>, Error> {
        Err(Error::NotARepository(self.dir.clone()))
    }
}
