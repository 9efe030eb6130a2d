//! One thing to look at, and the stream of them.

use std::fmt;
use std::io::{self, Read};

use crate::objects::Type;
use crate::plumbing::{Git, Input, Running};
use crate::{Error, ObjectId};

/// One thing in scope: the content of an object, or a name.
///
/// The bytes to scan are always in [`body`](Self::body), for names too; the other fields say where they
/// are from.
#[derive(Debug)]
pub struct Change {
    /// What the bytes are.
    pub kind: Kind,
    /// The object, `None` for names.
    pub id: Option<ObjectId>,
    /// Length of the bytes; `0` when unknown (a missing object).
    pub size: u64,
    /// The first path it is found at; `None` for commits, tags, ref names, and blobs that no tree lists.
    /// In a history scan, one of possibly many: ask [`Repo::introduced`](crate::Repo::introduced).
    pub path: Option<Vec<u8>>,
    /// The commit that brings it; itself for a commit; `None` for staged content, and for blobs that no
    /// new commit lists (a tag of a blob, a smuggled object).
    pub commit: Option<ObjectId>,
    /// The ref, for [`Kind::RefName`]. For a tag object of a push, the ref that brings it.
    pub ref_name: Option<Vec<u8>>,
    /// Every place that brings the blob, the first one repeated in `path` and `commit`. A path allow list
    /// may let a blob through only when it lists all of them. Empty in a history scan.
    pub places: Vec<Place>,
    /// The bytes, or why there are none.
    pub body: Body,
}

/// Where a blob is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path from the root of the tree, git's bytes.
    pub path: Vec<u8>,
    /// The commit; `None` for the index.
    pub commit: Option<ObjectId>,
    /// git's file mode: `0o100644`, `0o100755`, `0o120000` (the bytes are a link's target).
    pub mode: u32,
    /// The versions it replaces, one for each parent that had a blob there. Empty: all of it is new.
    pub bases: Vec<ObjectId>,
}

/// What a change's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The content of a file, or the target of a symbolic link.
    Blob,
    /// The text of a note (`git notes`).
    Note,
    /// A whole raw commit object: headers, author, message, whatever else was put in.
    Commit,
    /// A whole raw tag object.
    Tag,
    /// A path that is new; in a history scan, each file or folder name once.
    Path,
    /// The name of a branch, tag or other ref.
    RefName,
}

/// The bytes of a change.
#[derive(Debug)]
pub enum Body {
    /// All of them.
    Bytes(Vec<u8>),
    /// More than [`Body::MAX_IN_MEMORY`]: read them as a stream.
    Large(LargeBlob),
    /// There is something, and it could not be read. The scan is incomplete.
    Skipped {
        /// Why.
        why: SkipReason,
    },
}

impl Body {
    /// Objects above this size (32 MiB) are streamed.
    pub const MAX_IN_MEMORY: u64 = 32 << 20;
}

/// Why an object in scope could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// The repository should have it and does not.
    Missing,
    /// A partial clone that never fetched it. We never fetch.
    NotFetched,
    /// Its bytes do not inflate, or not to their length.
    Corrupt,
    /// The index holds the sides of a conflict at this path and nothing that could be committed.
    Unmerged,
}

impl SkipReason {
    /// The reason code of the report, in kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing-object",
            Self::NotFetched => "not-fetched",
            Self::Corrupt => "corrupt-object",
            Self::Unmerged => "unmerged",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An object too large to hold in memory.
#[derive(Clone)]
pub struct LargeBlob {
    git: Git,
    id: ObjectId,
    kind: &'static str,
    size: u64,
}

impl LargeBlob {
    pub(crate) fn new(git: Git, id: ObjectId, kind: Type, size: u64) -> Self {
        let kind = match kind {
            Type::Commit => "commit",
            Type::Tree => "tree",
            Type::Blob => "blob",
            Type::Tag => "tag",
        };
        Self { git, id, kind, size }
    }

    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Starts reading it. The reader fails with an [`io::Error`] when git dies or gives fewer bytes than
    /// [`size`](Self::size): an end of file means that all was read.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, Error> {
        let id = self.id.to_string();
        let running = self.git.start(&["cat-file", self.kind, &id], Input::Nothing)?;
        Ok(Box::new(Checked { running, left: self.size }))
    }
}

impl fmt::Debug for LargeBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LargeBlob").field("id", &self.id).field("size", &self.size).finish_non_exhaustive()
    }
}

/// Reads a git's stdout; its end counts only when git ended well and gave every byte.
struct Checked {
    running: Running,
    left: u64,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.left == 0 {
            return Ok(0);
        }
        let got = self.running.stdout()?.read(buffer)?;
        if got as u64 > self.left {
            return Err(io::Error::other("git gave more bytes than the object has"));
        }
        self.left -= got as u64;
        if got == 0 {
            self.running.finish().map_err(io::Error::other)?;
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if self.left == 0 {
            // All bytes are here; git must agree that there are no more, and that they were good.
            if self.running.stdout()?.read(&mut [0])? != 0 {
                return Err(io::Error::other("git gave more bytes than the object has"));
            }
            self.running.finish().map_err(io::Error::other)?;
        }
        Ok(got)
    }
}

/// What was in scope, counted as git counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Refs that were looked at (history) or updated (push).
    pub refs: u64,
    /// Commit objects.
    pub commits: u64,
    /// Tag objects.
    pub tags: u64,
    /// Tree objects.
    pub trees: u64,
    /// Blobs.
    pub blobs: u64,
    /// All objects: the sum of the four above, and those of unknown kind that could not be read.
    pub objects: u64,
    /// Bytes of all blobs, commits and tags.
    pub bytes: u64,
}

/// A stream of [`Change`]s.
///
/// It ends with `None` only when everything in scope was given; anything else ends in one `Err`.
pub struct Changes<'r> {
    inner: Box<dyn Source + Send + 'r>,
    done: bool,
}

/// What makes the changes of one kind of scan.
pub(crate) trait Source {
    fn next(&mut self) -> Result<Option<Change>, Error>;
    fn totals(&self) -> Totals;
}

impl<'r> Changes<'r> {
    pub(crate) fn new(inner: Box<dyn Source + Send + 'r>) -> Self {
        Self { inner, done: false }
    }

    /// What was in scope; complete once the iterator has ended.
    pub fn totals(&self) -> Totals {
        self.inner.totals()
    }
}

impl fmt::Debug for Changes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").field("totals", &self.totals()).finish_non_exhaustive()
    }
}

impl Iterator for Changes<'_> {
    type Item = Result<Change, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = self.inner.next().transpose();
        self.done = !matches!(item, Some(Ok(_)));
        item
    }
}
