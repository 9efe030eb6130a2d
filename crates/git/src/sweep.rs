//! What a reader of packs must know of a repository: where its objects are and what leads to them.
//!
//! The scope of a sweep is still git's: refs, reflogs and worktree HEADs are asked of git, in whatever
//! format it keeps them. Only the objects themselves are then read without it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use crate::history::EVERYTHING;
use crate::staged::is_unborn;
use crate::{Change, Error, Kind, ObjectId, Repo};

/// Where a repository's objects are stored.
#[derive(Debug, Clone)]
pub struct ObjectDirs {
    /// The repository's own objects folder.
    pub own: PathBuf,
    /// What `GIT_ALTERNATE_OBJECT_DIRECTORIES` adds; `info/alternates` is for the reader to follow.
    pub alternates: Vec<PathBuf>,
}

/// What leads to everything that was ever committed.
#[derive(Debug, Clone, Default)]
pub struct HistoryTips {
    /// Every ref, by name, with what it points at.
    pub refs: Vec<(Vec<u8>, ObjectId)>,
    /// Every commit that a ref, a reflog or a worktree's HEAD names.
    pub commits: Vec<ObjectId>,
    /// HEAD's commit.
    pub head: Option<ObjectId>,
    /// Commits of a shallow clone whose parents were never fetched.
    pub shallow: Vec<ObjectId>,
}

impl Repo {
    /// Where the objects are.
    pub fn object_dirs(&self) -> Result<ObjectDirs, Error> {
        let own = self.git_path("objects")?;
        let listed = self.git().var("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        let alternates = std::env::split_paths(listed).filter(|p| !p.as_os_str().is_empty());
        Ok(ObjectDirs { own, alternates: alternates.map(|p| self.git().cwd().join(p)).collect() })
    }

    /// What leads to everything.
    pub fn history_tips(&self) -> Result<HistoryTips, Error> {
        let mut found = HistoryTips::default();
        for line in lines(&self.git().output(&["for-each-ref", "--format=%(objectname) %(refname)"])?) {
            let mut words = line.splitn(2, |&b| b == b' ');
            let (Some(id), Some(name)) = (words.next().and_then(ObjectId::from_hex), words.next()) else {
                return Err(unexpected("for-each-ref", line));
            };
            found.refs.push((name.to_vec(), id));
        }
        let mut args = vec!["rev-list", "--no-walk=unsorted"];
        args.extend(EVERYTHING);
        for line in lines(&self.git().output(&args)?) {
            found.commits.push(ObjectId::from_hex(line).ok_or_else(|| unexpected("rev-list", line))?);
        }
        if !is_unborn(self)? {
            let head = self.git().output(&["rev-parse", "--verify", "HEAD^{commit}"])?;
            found.head = ObjectId::from_hex(head.trim_ascii_end());
        }
        found.shallow = self.shallow()?;
        Ok(found)
    }

    /// The name of a ref, or of a file or folder, as something to look at.
    pub fn name_change(kind: Kind, name: &[u8]) -> Change {
        crate::plan::name_change(kind, name, None)
    }

    /// An object that another reader could not give: git's copy of it, or why there is none.
    pub fn second_opinion(&self, id: ObjectId) -> Result<Change, Error> {
        let object = self.content(id)?;
        let mut totals = crate::Totals::default();
        let skipped = |body| Change { body, ..Self::name_change(Kind::Blob, b"") };
        Ok(match crate::plan::change_of(id, object, &mut totals) {
            Some(change) => change,
            // A tree: git reads it, the other reader does not, and what it leads to was not walked.
            None => {
                Change { id: Some(id), ..skipped(crate::Body::Skipped { why: crate::SkipReason::Corrupt }) }
            }
        })
    }

    /// Whether git has an object that another reader does not.
    pub fn can_read(&self, id: ObjectId) -> Result<bool, Error> {
        let object = self.content(id)?;
        Ok(object.kind.is_some() && !matches!(object.body, crate::Body::Skipped { .. }))
    }

    /// Author, date and subject of a commit that another reader has read.
    pub fn facts_of(commit: &[u8]) -> crate::CommitFacts {
        crate::people::facts(commit)
    }

    pub(crate) fn git_path(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.git().output(&["rev-parse", "--git-path", name])?;
        let path = path.strip_suffix(b"\n").unwrap_or(&path);
        Ok(self.git().cwd().join(OsStr::from_bytes(path)))
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').filter(|line| !line.is_empty())
}

fn unexpected(command: &str, line: &[u8]) -> Error {
    Error::Unexpected { command: command.to_owned(), what: String::from_utf8_lossy(line).into_owned() }
}
