//! A repository, and the questions one can ask about it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::ops::{ControlFlow, Range};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::layout::Layout;
use crate::objects::{Object, ObjectSource as _, Objects};
use crate::plumbing::{Git, Input};
use crate::quarantine::{Incoming, Quarantine, Question};
use crate::{Change, Changes, Error, ObjectId, PushLine, RefUpdate};
use crate::{added, history, introduced, people, push, staged};

/// A git repository.
///
/// The only way to one is [`Repo::open`], which honours the environment that git gives its hooks. It is
/// `Send + Sync`; objects are read behind a lock.
pub struct Repo {
    git: Git,
    layout: Layout,
    objects: Mutex<Objects>,
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

    /// Past so many different older versions of one blob, all of it counts as added.
    const MAX_BASES: usize = 64;

    /// Opens the repository of the current folder, as the environment (`GIT_DIR`, `GIT_INDEX_FILE`,
    /// `GIT_OBJECT_DIRECTORY`, …) says; or another one at `dir`, for which that environment is not meant.
    /// An ordinary repository costs no process.
    pub fn open(dir: Option<&Path>) -> Result<Self, Error> {
        match dir {
            None => {
                let cwd = std::env::current_dir().map_err(|_| Error::NotARepository(PathBuf::from(".")))?;
                Self::with_git(Git::new(cwd, std::env::vars_os()))
            }
            Some(dir) => Self::with_git(Git::elsewhere(folder(dir)?, std::env::vars_os())),
        }
    }

    /// [`Repo::open`] of the current folder, with a deadline from the start on.
    pub fn open_until(deadline: Instant) -> Result<Self, Error> {
        let cwd = std::env::current_dir().map_err(|_| Error::NotARepository(PathBuf::from(".")))?;
        let mut git = Git::new(cwd, std::env::vars_os());
        git.set_deadline(Some(deadline));
        Self::with_git(git)
    }

    /// Opens the repository of `cwd` as if this process were there and had this environment: how a test
    /// plays a hook.
    pub fn open_with(cwd: &Path, env: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, Error> {
        Self::with_git(Git::new(folder(cwd)?, env))
    }

    fn with_git(git: Git) -> Result<Self, Error> {
        let layout = Layout::find(&git)?;
        let objects = Mutex::new(Objects::new(git.clone(), object_folders(&git, &layout), layout.sha256));
        Ok(Self { git, layout, objects })
    }

    /// Gives up with [`Error::Deadline`] on a git that still runs at that time. A push can be made so that
    /// listing what it brings takes for ever, and a git on a broken disk may never answer at all.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.set_deadline(Some(deadline));
        self
    }

    /// Never gives up, however it was opened.
    #[must_use]
    pub fn without_deadline(mut self) -> Self {
        self.set_deadline(None);
        self
    }

    fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.git.set_deadline(deadline);
        self.lock().git_mut().set_deadline(deadline);
    }

    /// The root of the work tree, absolute; `None` in a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        self.layout.work_tree.as_deref()
    }

    /// The git folder of this worktree, absolute.
    pub fn git_dir(&self) -> &Path {
        &self.layout.git_dir
    }

    /// The git folder that all worktrees share, absolute.
    pub fn common_dir(&self) -> &Path {
        &self.layout.common_dir
    }

    /// Where git looks for hooks, absolute. Asks git, because `core.hooksPath` may come from anywhere.
    pub fn hooks_dir(&self) -> Result<PathBuf, Error> {
        let mut path = self.git.output(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
        path.pop();
        Ok(PathBuf::from(OsString::from_vec(path)))
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.layout.work_tree.is_none()
    }

    /// Whether its objects are named by SHA-256.
    pub fn is_sha256(&self) -> bool {
        self.layout.sha256
    }

    /// One value of git's configuration (the last one, when there are several), `None` when unset.
    pub fn config(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let args = ["config", "-z", "--get", key];
        let mut answer = self.git.ask(&args)?;
        match answer.status.code() {
            Some(0) => {
                answer.stdout.pop();
                Ok(Some(answer.stdout))
            }
            Some(1) => Ok(None),
            _ => Err(self.git.failure("config --get", answer.status, &answer.stderr)),
        }
    }

    /// What the index adds over HEAD, or over nothing before the first commit. In a merge that waits for its
    /// commit, what it adds over all parents.
    pub fn staged(&self) -> Result<Changes<'_>, Error> {
        self.start_staged()?()
    }

    /// Starts [`Self::staged`] and gives what finishes it: git compares meanwhile.
    pub fn start_staged<'r>(&'r self) -> Result<impl FnOnce() -> Result<Changes<'r>, Error>, Error> {
        let comparison = staged::compare(self)?;
        Ok(move || Ok(Changes::new(Box::new(staged::staged(self, comparison)?) as _)))
    }

    /// What the commits of `A..B` (or any revision range) add.
    pub fn range(&self, spec: &str) -> Result<Incoming<'_>, Error> {
        Ok(Incoming::new(push::range(self, spec)?))
    }

    /// What a push adds, seen from the pusher's side (`pre-push`). `remote` is the hook's first argument.
    pub fn outgoing(&self, remote: &str, lines: &[PushLine]) -> Result<Incoming<'_>, Error> {
        Ok(Incoming::new(push::outgoing(self, remote, lines)?))
    }

    /// What a push adds, seen from the server (`pre-receive`, `update`): every object that the new tips
    /// reach and the refs of before did not, and every object in quarantine that the main store lacks.
    pub fn incoming(&self, updates: &[RefUpdate]) -> Result<Changes<'_>, Error> {
        Ok(Changes::new(Box::new(push::incoming(self, updates)?)))
    }

    /// The same, where the caller reads the objects in quarantine: see [`Question`].
    pub fn ask_incoming(&self, updates: &[RefUpdate]) -> Result<Question<'_>, Error> {
        Ok(Question::new(push::Asked::new(self, updates, true)?))
    }

    /// The objects in quarantine, for reading them without git; `None` when there is no quarantine, or when it
    /// is not one that can be read so.
    pub fn quarantined(&self) -> Result<Option<Quarantine>, Error> {
        Ok(self.quarantine_dir()?.and_then(|dir| Quarantine::open(&dir, self.layout.sha256)))
    }

    /// Everything ever committed, each object once.
    pub fn history(&self, options: HistoryOptions) -> Result<Changes<'_>, Error> {
        Ok(Changes::new(Box::new(history::history(self, options)?)))
    }

    /// Which bytes of `change` are on lines that no older version had. Ask only for blobs with a match.
    ///
    /// At a merge a line is added when no parent has it; a blob that comes at several places is new where
    /// it is new at one of them. An older version that cannot be read makes everything new.
    pub fn added(&self, change: &Change, bytes: &[u8]) -> Result<Added, Error> {
        let mut sets: Vec<&[ObjectId]> = change.places.iter().map(|place| place.bases.as_slice()).collect();
        sets.sort_unstable();
        sets.dedup();
        if sets.is_empty() || sets[0].is_empty() || sets.len() > Self::MAX_BASES {
            return Ok(Added::All);
        }
        let mut all = Vec::new();
        for bases in sets {
            let mut here: Option<Vec<Range<usize>>> = None;
            for &base in bases {
                let Some(old) = self.read(base)? else { continue };
                if added::too_many_lines(&old, bytes) {
                    return Ok(Added::All);
                }
                let added = added::added_lines(&old, bytes);
                here = Some(match here {
                    None => added,
                    Some(before) => added::intersect(&before, &added),
                });
            }
            match here {
                None => return Ok(Added::All),
                Some(here) => all = added::union(all, here),
            }
        }
        Ok(Added::Ranges(all))
    }

    /// Who brought each of these blobs into history: one pass over all commits, so ask once for all.
    /// A blob that no commit lists has no entry.
    pub fn introduced(&self, blobs: &[ObjectId]) -> Result<HashMap<ObjectId, Vec<Introduction>>, Error> {
        introduced::introduced(self, blobs)
    }

    /// Author, date and subject of a commit.
    pub fn commit_facts(&self, commit: ObjectId) -> Result<CommitFacts, Error> {
        self.read(commit)?.map(|raw| people::facts(&raw)).ok_or(Error::UnknownObject(commit))
    }

    /// For each blob, whether the refs as they are in the repository now reach it. Asked in `pre-receive`,
    /// where no ref has moved yet: a secret that is not new, only seen again. One walk over all history.
    pub fn reached_before(&self, blobs: &[ObjectId]) -> Result<Vec<bool>, Error> {
        let mut found = vec![false; blobs.len()];
        let mut wanted: HashMap<ObjectId, Vec<usize>> = HashMap::new();
        let mut main = self.main_store();
        for (at, &blob) in blobs.iter().enumerate() {
            // What only the quarantine has cannot have been reached.
            if main.has(blob)? {
                wanted.entry(blob).or_default().push(at);
            }
        }
        if wanted.is_empty() {
            return Ok(found);
        }
        let args = ["rev-list", "--objects", "--missing=print", "--all"];
        push::rev_list(&self.git, &args, Input::Nothing, |line| {
            for at in wanted.remove(&line.id).unwrap_or_default() {
                found[at] = true;
            }
            Ok(if wanted.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(found)
    }

    /// The bytes of an object; `None` when it is missing, corrupt or larger than
    /// [`Body::MAX_IN_MEMORY`](crate::Body::MAX_IN_MEMORY).
    pub fn read(&self, id: ObjectId) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.lock().object(id)?.into_bytes())
    }

    /// A file of the default branch as it was before the push; `None` when there is none. For
    /// `pre-receive` and `update`, which run before any ref has moved.
    pub fn before_push(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read_head(path)
    }

    /// A regular file of HEAD; `None` when there is none. One that is there and cannot be read is an error.
    pub fn read_head(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let listing = match self.git.output(&["ls-tree", "-z", "--full-tree", "HEAD", "--", path]) {
            Err(Error::GitFailed { .. }) if staged::is_unborn(self)? => return Ok(None),
            listing => listing?,
        };
        // `<mode> SP <type> SP <id> TAB <path>`
        self.read_listed(&listing, 2, path)
    }

    /// A regular file of the index; `None` when there is none.
    pub fn read_staged(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let listing = self.git.output(&["ls-files", "-s", "-z", "--", &format!(":(top,literal){path}")])?;
        // `<mode> SP <id> SP <stage> TAB <path>`
        self.read_listed(&listing, 1, path)
    }

    fn read_listed(&self, listing: &[u8], column: usize, path: &str) -> Result<Option<Vec<u8>>, Error> {
        for entry in listing.split(|&b| b == 0) {
            let Some(tab) = entry.iter().position(|&b| b == b'\t') else { continue };
            let words: Vec<&[u8]> = entry[..tab].split(|&b| b == b' ').collect();
            if &entry[tab + 1..] == path.as_bytes() && words.first().is_some_and(|m| m.starts_with(b"100")) {
                let id = words.get(column).and_then(|hex| ObjectId::from_hex(hex));
                let id = id.ok_or_else(|| Error::Unexpected {
                    command: "ls-tree".to_owned(),
                    what: "an entry without an id".to_owned(),
                })?;
                return self.read(id)?.map(Some).ok_or(Error::UnknownObject(id));
            }
        }
        Ok(None)
    }

    /// The short name of HEAD's branch; `None` when detached.
    pub fn branch(&self) -> Result<Option<Vec<u8>>, Error> {
        let answer = self.git.ask(&["symbolic-ref", "-q", "--short", "HEAD"])?;
        match answer.status.code() {
            Some(0) => Ok(Some(answer.stdout.trim_ascii_end().to_vec())),
            Some(1) => Ok(None),
            _ => Err(self.git.failure("symbolic-ref HEAD", answer.status, &answer.stderr)),
        }
    }

    /// HEAD's commit where two small files tell it; `None` says nothing.
    pub(crate) fn head_at_rest(&self) -> Option<ObjectId> {
        self.layout.head_at_rest()
    }

    /// Whether commits may have other parents than they name: then only git knows them.
    pub(crate) fn is_shallow(&self) -> bool {
        self.git.var("GIT_SHALLOW_FILE").is_some() || self.layout.common_dir.join("shallow").exists()
    }

    /// Objects as libgit2 reads them, if it can.
    pub(crate) fn with_objects<T>(&self, f: impl FnOnce(&mut Objects) -> T) -> T {
        f(&mut self.lock())
    }

    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// Bytes in an object id.
    pub(crate) fn id_len(&self) -> usize {
        if self.layout.sha256 { 32 } else { 20 }
    }

    /// Full names of all refs.
    pub(crate) fn ref_names(&self) -> Result<Vec<Vec<u8>>, Error> {
        let names = self.git.output(&["for-each-ref", "--format=%(refname)"])?;
        Ok(names.split(|&b| b == b'\n').filter(|name| !name.is_empty()).map(<[u8]>::to_vec).collect())
    }

    pub(crate) fn content(&self, id: ObjectId) -> Result<Object, Error> {
        self.lock().content(id)
    }

    pub(crate) fn has(&self, id: ObjectId) -> Result<bool, Error> {
        self.lock().has(id)
    }

    /// An object that git says is missing.
    pub(crate) fn lost(&self, id: ObjectId) -> Result<Object, Error> {
        self.lock().lost(id)
    }

    /// A panic of another thread while it held the lock leaves at worst a `cat-file` out of step, which the
    /// next answer's id shows.
    fn lock(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The objects that were here before the push: all but the quarantine.
    pub(crate) fn main_store(&self) -> Objects {
        let main = self.layout.common_dir.join("objects");
        let git = self.git.with_objects_only(&main);
        Objects::new(git, vec![main], self.layout.sha256)
    }

    /// A git that sees the objects in quarantine and no other; `None` when nothing is in quarantine.
    /// Hosts differ in whether they set `GIT_QUARANTINE_PATH`; git itself writes to `GIT_OBJECT_DIRECTORY`.
    pub(crate) fn quarantine(&self) -> Result<Option<Git>, Error> {
        Ok(self.quarantine_dir()?.map(|dir| self.git.with_objects_only(&dir)))
    }

    fn quarantine_dir(&self) -> Result<Option<PathBuf>, Error> {
        let Some(named) = self.git.var("GIT_QUARANTINE_PATH").or(self.git.var("GIT_OBJECT_DIRECTORY")) else {
            return Ok(None);
        };
        let folder = self.git.cwd().join(named);
        let gone = |source| Error::Quarantine { path: folder.clone(), source };
        let real = folder.canonicalize().map_err(gone)?;
        let main = self.layout.common_dir.join("objects").canonicalize().map_err(gone)?;
        Ok((real != main).then_some(real))
    }
}

/// Absolute, so that a folder given relative to our own stays the same for git.
fn folder(dir: &Path) -> Result<PathBuf, Error> {
    dir.canonicalize().map_err(|_| Error::NotARepository(dir.to_path_buf()))
}

/// Where objects are, in git's order.
fn object_folders(git: &Git, layout: &Layout) -> Vec<PathBuf> {
    let main = || layout.common_dir.join("objects");
    let first = git.var("GIT_OBJECT_DIRECTORY").map_or_else(main, |first| git.cwd().join(first));
    let mut folders = vec![first];
    if let Some(others) = git.var("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
        folders.extend(std::env::split_paths(others).map(|other| git.cwd().join(other)));
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repo").field("layout", &self.layout).finish_non_exhaustive()
    }
}
