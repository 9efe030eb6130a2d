//! Reads objects by id.
//!
//! What was staged a moment ago is a small loose file, and is read as that. For anything else
//! libgit2's object database is used in process, over exactly the folders that git's environment names, so
//! the quarantine of a push is seen. It knows neither refs nor index, which is why no repository format
//! but SHA-256 stops it. What it cannot give (not found, corrupt, SHA-256) is asked of a long-lived
//! `git cat-file --batch`, whose answer counts.

use std::collections::VecDeque;
use std::io::{self, BufRead as _, Read as _};
use std::path::PathBuf;

use crate::change::{LargeBlob, SkipReason};
use crate::plumbing::{Git, Input, Pieces as _, Running, id_lines, push_hex};
use crate::{Body, Error, ObjectId};

/// The four types of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Type {
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"commit" => Self::Commit,
            b"tree" => Self::Tree,
            b"blob" => Self::Blob,
            b"tag" => Self::Tag,
            _ => return None,
        })
    }

    /// As the reader of packs calls it.
    pub(crate) fn packed(self) -> stopleak_pack::Kind {
        match self {
            Self::Commit => stopleak_pack::Kind::Commit,
            Self::Tree => stopleak_pack::Kind::Tree,
            Self::Blob => stopleak_pack::Kind::Blob,
            Self::Tag => stopleak_pack::Kind::Tag,
        }
    }

    fn from_packed(kind: stopleak_pack::Kind) -> Self {
        match kind {
            stopleak_pack::Kind::Commit => Self::Commit,
            stopleak_pack::Kind::Tree => Self::Tree,
            stopleak_pack::Kind::Blob => Self::Blob,
            stopleak_pack::Kind::Tag => Self::Tag,
        }
    }

    fn from_git2(kind: git2::ObjectType) -> Option<Self> {
        Some(match kind {
            git2::ObjectType::Commit => Self::Commit,
            git2::ObjectType::Tree => Self::Tree,
            git2::ObjectType::Blob => Self::Blob,
            git2::ObjectType::Tag => Self::Tag,
            git2::ObjectType::Any => return None,
        })
    }
}

/// An object as it was read.
#[derive(Debug)]
pub(crate) struct Object {
    /// `None` when it could not be read at all.
    pub(crate) kind: Option<Type>,
    pub(crate) size: u64,
    pub(crate) body: Body,
}

impl Object {
    fn skipped(why: SkipReason) -> Self {
        Self { kind: None, size: 0, body: Body::Skipped { why } }
    }

    /// The bytes, when they are in memory.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        match self.body {
            Body::Bytes(bytes) => Some(bytes),
            Body::Large(_) | Body::Skipped { .. } => None,
        }
    }
}

/// Something that gives objects by id: in process, from a `cat-file`, later from packs.
pub(crate) trait ObjectSource {
    /// Reads one object. A missing or corrupt one is an [`Object`] too.
    fn object(&mut self, id: ObjectId) -> Result<Object, Error>;
}

/// The objects of one repository.
pub(crate) struct Objects {
    git: Git,
    folders: Vec<PathBuf>,
    /// Whether libgit2 can read them.
    in_process: bool,
    odb: Option<git2::Odb<'static>>,
    batch: Option<Batch>,
    checks: Option<Batch>,
    promisor: Option<bool>,
}

impl Objects {
    /// `folders`: where objects are. libgit2 can read them in SHA-1 repositories.
    pub(crate) fn new(git: Git, folders: Vec<PathBuf>, sha256: bool) -> Self {
        Self { git, folders, in_process: !sha256, odb: None, batch: None, checks: None, promisor: None }
    }

    /// How git is started for what libgit2 cannot give.
    pub(crate) fn git_mut(&mut self) -> &mut Git {
        &mut self.git
    }

    /// Opened at the first read.
    fn odb(&mut self) -> Option<&git2::Odb<'static>> {
        if self.odb.is_none() && self.in_process {
            // As git does: an object must inflate to its length; that it hashes to its id is for fsck, and was
            // checked when a push came in. Checking again costs a third of a large push's scan.
            git2::opts::strict_hash_verification(false);
            let odb = git2::Odb::new().ok()?;
            for folder in &self.folders {
                if folder.to_str().is_none_or(|folder| odb.add_disk_alternate(folder).is_err()) {
                    self.in_process = false;
                    return None;
                }
            }
            self.odb = Some(odb);
        }
        self.odb.as_ref()
    }

    /// In process; `None` when git has to be asked.
    fn here(&mut self, id: ObjectId, trees: bool) -> Option<Object> {
        if let Some(object) = self.fresh(id, trees) {
            return Some(object);
        }
        let git = self.git.clone();
        let odb = self.odb()?;
        let oid = git2::Oid::from_bytes(id.as_bytes()).ok()?;
        let (size, kind) = odb.read_header(oid).ok()?;
        let known = Type::from_git2(kind)?;
        let kind = Some(known);
        if known == Type::Tree && !trees {
            return Some(Object { kind, size: size as u64, body: Body::Bytes(Vec::new()) });
        }
        if size as u64 > Body::MAX_IN_MEMORY {
            let large = LargeBlob::new(git, id, known, size as u64);
            return Some(Object { kind, size: size as u64, body: Body::Large(large) });
        }
        let object = odb.read(oid).ok()?;
        Some(Object { kind, size: object.len() as u64, body: Body::Bytes(object.data().to_vec()) })
    }

    /// A small loose object, as `git add` has just made it, while nothing else was needed: opening libgit2's
    /// database costs a tenth of a commit's check.
    fn fresh(&self, id: ObjectId, trees: bool) -> Option<Object> {
        const SMALL: u64 = 1 << 20;
        if self.odb.is_some() || self.batch.is_some() {
            return None;
        }
        let (kind, bytes) =
            self.folders.iter().find_map(|folder| stopleak_pack::small_loose_object(folder, &id, SMALL))?;
        let (kind, size) = (Type::from_packed(kind), bytes.len() as u64);
        let bytes = if kind == Type::Tree && !trees { Vec::new() } else { bytes };
        Some(Object { kind: Some(kind), size, body: Body::Bytes(bytes) })
    }

    /// Reads one object, trees too, if libgit2 can.
    pub(crate) fn in_process(&mut self, id: ObjectId) -> Option<Object> {
        self.here(id, true)
    }

    /// Whether the object is there, without reading it, as far as libgit2 sees. It may miss one that git
    /// finds; it never sees one that is not there.
    pub(crate) fn has_surely(&mut self, id: ObjectId) -> Result<bool, Error> {
        if let (Some(odb), Ok(oid)) = (self.odb(), git2::Oid::from_bytes(id.as_bytes())) {
            return Ok(odb.exists_ext(oid, git2::OdbLookupFlags::NO_REFRESH));
        }
        self.has_by_git(id)
    }

    /// Whether the object is there.
    pub(crate) fn has(&mut self, id: ObjectId) -> Result<bool, Error> {
        Ok(self.has_surely(id)? || (self.in_process && self.has_by_git(id)?))
    }

    fn has_by_git(&mut self, id: ObjectId) -> Result<bool, Error> {
        let batch = match &mut self.checks {
            Some(batch) => batch,
            None => self.checks.insert(Batch::check(self.git.clone())),
        };
        batch.request(id)?;
        Ok(batch.next()?.kind.is_some())
    }

    /// Reads one object, but of a tree only that it is one.
    pub(crate) fn content(&mut self, id: ObjectId) -> Result<Object, Error> {
        match self.here(id, false) {
            Some(object) => Ok(object),
            None => self.asked(id),
        }
    }

    fn asked(&mut self, id: ObjectId) -> Result<Object, Error> {
        let batch = match &mut self.batch {
            Some(batch) => batch,
            None => self.batch.insert(Batch::new(self.git.clone())),
        };
        batch.request(id)?;
        let object = batch.next()?;
        match object.body {
            Body::Skipped { why: SkipReason::Missing } => self.lost(id),
            _ => Ok(object),
        }
    }

    /// An object that git says is missing: git says so, too, of a loose file that is garbage.
    pub(crate) fn lost(&mut self, id: ObjectId) -> Result<Object, Error> {
        let hex = id.to_string();
        let file = |folder: &PathBuf| folder.join(&hex[..2]).join(&hex[2..]);
        Ok(Object::skipped(if self.folders.iter().any(|folder| file(folder).exists()) {
            SkipReason::Corrupt
        } else if self.is_promisor()? {
            SkipReason::NotFetched
        } else {
            SkipReason::Missing
        }))
    }

    fn is_promisor(&mut self) -> Result<bool, Error> {
        if let Some(known) = self.promisor {
            return Ok(known);
        }
        let known = is_promisor(&self.git)?;
        self.promisor = Some(known);
        Ok(known)
    }
}

impl ObjectSource for Objects {
    fn object(&mut self, id: ObjectId) -> Result<Object, Error> {
        match self.here(id, true) {
            Some(object) => Ok(object),
            None => self.asked(id),
        }
    }
}

/// Whether the repository is a partial clone.
fn is_promisor(git: &Git) -> Result<bool, Error> {
    let answer =
        git.ask(&["config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$"])?;
    Ok(!answer.stdout.is_empty())
}

/// A long-lived `git cat-file --batch` with a window of open requests.
///
/// git answers in order. When it dies (a corrupt object makes it), the first open request is the one it
/// died of: that one is skipped, and the others are asked of a new process.
pub(crate) struct Batch {
    git: Git,
    command: &'static str,
    running: Option<Running>,
    open: VecDeque<ObjectId>,
    deaths: usize,
}

impl Batch {
    /// So many requests fit into a pipe (64 KiB) even as 64 hex digits, so that writing never blocks.
    pub(crate) const WINDOW: usize = 512;
    /// After so many deaths in a row, the fault is not in one object.
    const MAX_DEATHS: usize = 100;

    pub(crate) fn new(git: Git) -> Self {
        Self { git, command: "--batch", running: None, open: VecDeque::new(), deaths: 0 }
    }

    /// One that asks for type and size only; the bodies of its answers are empty.
    pub(crate) fn check(git: Git) -> Self {
        Self { command: "--batch-check", ..Self::new(git) }
    }

    /// How many requests are open.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Asks for an object. At most [`Self::WINDOW`] may be open.
    pub(crate) fn request(&mut self, id: ObjectId) -> Result<(), Error> {
        self.open.push_back(id);
        if let Some(running) = &mut self.running {
            // A failed write shows when the answer is read.
            drop(running.write(&id_lines([id])));
            return Ok(());
        }
        self.restart()
    }

    fn restart(&mut self) -> Result<(), Error> {
        let mut running = self.git.start(&["cat-file", self.command], Input::Open)?;
        drop(running.write(&id_lines(self.open.iter().copied())));
        self.running = Some(running);
        Ok(())
    }

    /// The answer to the oldest open request.
    pub(crate) fn next(&mut self) -> Result<Object, Error> {
        let Some(id) = self.open.pop_front() else {
            return Err(Error::Unexpected {
                command: "cat-file --batch".into(),
                what: "no open request".into(),
            });
        };
        let Some(running) = &mut self.running else {
            return Err(Error::Unexpected { command: "cat-file --batch".into(), what: "not started".into() });
        };
        match answer(running, id, &self.git, self.command == "--batch") {
            Ok(object) => {
                self.deaths = 0;
                Ok(object)
            }
            Err(Answered::Wrong(what)) => Err(running.unexpected(what)),
            Err(Answered::Late(source)) => Err(running.broken(source)),
            Err(Answered::Ended) => {
                let (status, stderr) = running.wait()?;
                self.deaths += 1;
                if status.success() || self.deaths > Self::MAX_DEATHS {
                    return Err(self.git.failure("cat-file --batch", status, &stderr));
                }
                tracing::debug!(%id, stderr = %String::from_utf8_lossy(&stderr), "cat-file died");
                self.running = None;
                if !self.open.is_empty() {
                    self.restart()?;
                }
                Ok(Object::skipped(SkipReason::Corrupt))
            }
        }
    }
}

enum Answered {
    Wrong(String),
    Late(io::Error),
    Ended,
}

impl From<io::Error> for Answered {
    /// Reading fails when time is up, or when git is gone; its stderr says more than the error.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::TimedOut { Self::Late(error) } else { Self::Ended }
    }
}

/// Reads `<id> SP <type> SP <size> LF <content> LF`, or `<id> SP missing LF`.
fn answer(running: &mut Running, id: ObjectId, git: &Git, contents: bool) -> Result<Object, Answered> {
    let mut header = Vec::new();
    let out = running.stdout()?;
    if out.read_until(b'\n', &mut header)? == 0 || header.pop() != Some(b'\n') {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    let wrong = || Answered::Wrong(format!("{:?} for {id}", String::from_utf8_lossy(&header)));
    let mut hex = Vec::with_capacity(64);
    push_hex(&mut hex, id);
    let rest = header.strip_prefix(hex.as_slice()).and_then(|r| r.strip_prefix(b" ")).ok_or_else(wrong)?;
    if rest == b"missing" {
        return Ok(Object::skipped(SkipReason::Missing));
    }
    let (kind, size) = parse_type_and_size(rest).ok_or_else(wrong)?;
    if !contents {
        return Ok(Object { kind: Some(kind), size, body: Body::Bytes(Vec::new()) });
    }
    let body = if size > Body::MAX_IN_MEMORY {
        let drained = io::copy(&mut out.take(size), &mut io::sink())?;
        if drained < size {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Body::Large(LargeBlob::new(git.clone(), id, kind, size))
    } else {
        let mut bytes = vec![0; size as usize];
        out.read_exact(&mut bytes)?;
        Body::Bytes(bytes)
    };
    let mut end = [0];
    out.read_exact(&mut end)?;
    if end != *b"\n" {
        return Err(wrong());
    }
    Ok(Object { kind: Some(kind), size, body })
}

/// Reads `<type> SP <size>`.
pub(crate) fn parse_type_and_size(text: &[u8]) -> Option<(Type, u64)> {
    let space = text.iter().position(|&b| b == b' ')?;
    let size = std::str::from_utf8(&text[space + 1..]).ok()?.parse().ok()?;
    Some((Type::from_name(&text[..space])?, size))
}
