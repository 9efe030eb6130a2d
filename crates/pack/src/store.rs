//! All objects of a repository: packs and loose objects of its objects directory and of its alternates.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::hash::Hash;
use crate::loose;
use crate::midx::MultiIndex;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::packfile::{Failed, Pack};
use crate::problem::{Error, Problem, Why};
use crate::read::{ReadState, Reader};
use crate::room::Room;

/// git's own limit on alternates of alternates.
const DEPTH: usize = 5;

/// The objects of a repository, opened for reading.
///
/// Packs are mapped when the store is opened and stay readable when a concurrent `git gc` removes them.
/// What could not be opened is in [`Store::problems`]; the rest is readable. A multi-pack index is used
/// for packs without an index of their own only: git keeps the index of each pack beside it, and those carry the
/// checksums of entries.
#[derive(Debug)]
pub struct Store {
    hash: Hash,
    dirs: Vec<PathBuf>,
    packs: Vec<Pack>,
    /// The number of the first object of each pack, and past the last.
    starts: Vec<u32>,
    promisor: bool,
    problems: Vec<Problem>,
    loose: OnceLock<Listing>,
    /// Packs that appeared since, looked for once, when an object was not found.
    late: OnceLock<Vec<Pack>>,
    state: Mutex<Option<ReadState>>,
    room: Arc<Room>,
}

/// What tells a pack from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackKey<'s> {
    /// The checksum that the pack ends with.
    pub pack: &'s [u8],
    /// The checksum of its index, which was verified.
    pub index: &'s [u8],
    /// Bytes of the pack.
    pub bytes: u64,
    /// The numbers of its objects.
    pub objects: Range<u32>,
}

/// The loose objects of a store.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Sorted by name; with the directory that has it.
    pub(crate) ids: Vec<(ObjectId, u32)>,
    pub(crate) problems: Vec<Problem>,
}

impl Store {
    /// Opens the objects directory `dir`, the alternates that its `info/alternates` names (and theirs in turn),
    /// and `alternates`, which is what `GIT_ALTERNATE_OBJECT_DIRECTORIES` lists.
    ///
    /// # Errors
    /// `dir` is not a directory that can be listed. All else is a problem of the open store.
    pub fn open(dir: &Path, alternates: &[PathBuf], hash: Hash) -> Result<Self, Error> {
        Self::open_with(dir, alternates, hash, Room::default())
    }

    /// The same, with the tables of its walks in `room`.
    ///
    /// # Errors
    /// As above.
    pub fn open_with(dir: &Path, alternates: &[PathBuf], hash: Hash, room: Room) -> Result<Self, Error> {
        fs::read_dir(dir).map_err(|source| Error::ObjectsDirectory { path: dir.to_path_buf(), source })?;
        let mut store = Self {
            hash,
            dirs: Vec::new(),
            packs: Vec::new(),
            starts: vec![0],
            promisor: false,
            problems: Vec::new(),
            loose: OnceLock::new(),
            late: OnceLock::new(),
            state: Mutex::new(None),
            room: Arc::new(room),
        };
        store.find_dirs(dir, alternates);
        for number in 0..store.dirs.len() {
            let (packs, promisor, problems) =
                open_packs(&store.dirs[number], number, hash, &HashSet::new(), &store.room);
            store.promisor |= promisor;
            store.problems.extend(problems);
            for pack in packs {
                let start = store.starts[store.starts.len() - 1];
                // Numbers above this stand for loose and missing objects.
                match start.checked_add(pack.index.count()).filter(|&end| end < 1 << 31) {
                    Some(end) => {
                        store.starts.push(end);
                        store.packs.push(pack);
                    }
                    None => store.problems.push(Problem::file(Why::TooLarge, &pack.path)),
                }
            }
        }
        Ok(store)
    }

    fn find_dirs(&mut self, dir: &Path, alternates: &[PathBuf]) {
        let mut seen = HashSet::new();
        // Depth first in the order of mention, as git does.
        let mut todo: Vec<(PathBuf, usize)> = alternates.iter().rev().map(|dir| (dir.clone(), 1)).collect();
        todo.push((dir.to_path_buf(), 0));
        while let Some((dir, depth)) = todo.pop() {
            let Ok(real) = dir.canonicalize() else {
                self.problems.push(Problem::file(Why::AlternateMissing, &dir));
                continue;
            };
            if !seen.insert(real) {
                continue;
            }
            let list = dir.join("info/alternates");
            match fs::read(&list) {
                Ok(text) => {
                    let named: Vec<_> =
                        alternate_paths(&text).into_iter().map(|path| dir.join(path)).collect();
                    if depth >= DEPTH && !named.is_empty() {
                        self.problems.push(Problem::file(Why::AlternatesTooDeep, &list));
                    } else {
                        todo.extend(named.into_iter().rev().map(|dir| (dir, depth + 1)));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(_) => self.problems.push(Problem::file(Why::Io, &list)),
            }
            self.dirs.push(dir);
        }
    }

    /// The hash function that names its objects.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// What could not be opened: broken packs and indexes, missing alternates.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the store is of a partial clone: some objects are promised by a remote, and missing ones are
    /// expected. They are still not read.
    pub fn is_partial(&self) -> bool {
        self.promisor
    }

    /// The objects directories: its own first, then its alternates.
    pub fn directories(&self) -> &[PathBuf] {
        &self.dirs
    }

    /// How many packs are open.
    pub fn pack_count(&self) -> usize {
        self.packs.len()
    }

    /// What tells each pack and its index from all others, in the order of the numbers of their objects.
    pub fn pack_keys(&self) -> Vec<PackKey<'_>> {
        let with_start = self.packs.iter().zip(&self.starts);
        with_start
            .map(|(pack, &first)| PackKey {
                pack: pack.index.pack_checksum(),
                index: pack.index.checksum(),
                bytes: pack.end(),
                objects: first..first + pack.index.count(),
            })
            .collect()
    }

    /// Bytes of all packs, compressed.
    pub fn packed_bytes(&self) -> u64 {
        self.packs.iter().map(Pack::end).sum()
    }

    /// One more than the greatest number of an object: packed ones, counted once per pack, and loose ones.
    pub fn count(&self) -> u32 {
        self.packed() + self.loose().ids.len() as u32
    }

    /// The object's number: at most [`Store::count`], the same for all copies of an object, and stable for
    /// as long as the store is open.
    pub fn number(&self, id: &ObjectId) -> Option<u32> {
        let name = id.as_bytes();
        for (pack, start) in self.packs.iter().zip(&self.starts) {
            if let Some(pos) = pack.index.find(name) {
                return Some(start + pos);
            }
        }
        let loose = self.loose().ids.binary_search_by(|(other, _)| other.cmp(id)).ok()?;
        Some(self.packed() + loose as u32)
    }

    /// The name of the object with this number.
    pub fn id(&self, number: u32) -> Option<ObjectId> {
        self.name(number).map(ObjectId::from_raw)
    }

    /// The raw name of the object with this number.
    pub(crate) fn name(&self, number: u32) -> Option<&[u8]> {
        if let Some(loose) = number.checked_sub(self.packed()) {
            return self.loose().ids.get(loose as usize).map(|(id, _)| id.as_bytes());
        }
        let pack = self.starts.partition_point(|&start| start <= number) - 1;
        Some(self.packs[pack].index.name(number - self.starts[pack]))
    }

    /// Reads one object, whichever copy of it is whole. `None`: there is none.
    ///
    /// The content is what `id` names: its hash is verified. Bases are kept in a cache between calls; threads
    /// wait for each other, so give each its own [`Store::reader`] where many objects are read.
    ///
    /// # Errors
    /// Every copy is broken; the problem is that of the first.
    pub fn read(&self, id: &ObjectId) -> Result<Option<(Kind, Vec<u8>)>, Problem> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reader = Reader::with(self, state.take().unwrap_or_default());
        let read = reader.read(id);
        *state = Some(reader.into_state());
        read
    }

    /// The kind of an object, from headers alone. `None`: there is none, or its header is broken.
    pub fn kind(&self, id: &ObjectId) -> Option<Kind> {
        self.reader().kind(id, usize::MAX, &mut (1 << 20))
    }

    /// A reader with its own cache.
    pub fn reader(&self) -> Reader<'_> {
        Reader::with(self, ReadState::default())
    }

    /// Where the tables of walks over this store live.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    pub(crate) fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The number of the first object of this pack.
    pub(crate) fn start(&self, pack: usize) -> u32 {
        self.starts[pack]
    }

    /// How many numbers belong to packs.
    pub(crate) fn packed(&self) -> u32 {
        self.starts[self.starts.len() - 1]
    }

    pub(crate) fn loose(&self) -> &Listing {
        self.loose.get_or_init(|| {
            let mut listing = Listing::default();
            for (number, dir) in self.dirs.iter().enumerate() {
                let (ids, unreadable) = loose::list(dir, self.hash);
                listing.ids.extend(ids.into_iter().map(|id| (id, number as u32)));
                listing
                    .problems
                    .extend(unreadable.iter().map(|path| Problem::file(Why::DirectoryUnreadable, path)));
            }
            listing.ids.sort_unstable();
            listing.ids.dedup_by_key(|(id, _)| *id);
            listing
        })
    }

    /// Packs that were written since the store was opened: looked for once.
    pub(crate) fn late(&self) -> &[Pack] {
        self.late.get_or_init(|| {
            let known: HashSet<PathBuf> = self.packs.iter().map(|p| p.path.with_extension("idx")).collect();
            let mut late = Vec::new();
            for (number, dir) in self.dirs.iter().enumerate() {
                late.extend(open_packs(dir, number, self.hash, &known, &self.room).0);
            }
            late
        })
    }
}

/// The packs in one objects directory, whether one is of a promisor, and what could not be opened.
fn open_packs(
    dir: &Path,
    number: usize,
    hash: Hash,
    known: &HashSet<PathBuf>,
    room: &Arc<Room>,
) -> (Vec<Pack>, bool, Vec<Problem>) {
    let folder = dir.join("pack");
    let (mut packs, mut promisor, mut problems) = (Vec::new(), false, Vec::new());
    let mut opened = known.clone();
    // A pack that vanishes between listing and opening was repacked: its objects are in a new one.
    for attempt in 0..2 {
        problems.clear();
        let mut again = false;
        let (indexes, orphans, promises) = match list_packs(&folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(_) => {
                problems.push(Problem::file(Why::DirectoryUnreadable, &folder));
                break;
            }
        };
        promisor |= promises;
        for index in indexes {
            if opened.contains(&index) {
                continue;
            }
            match Pack::open(&index, hash, number, room) {
                Ok(pack) => {
                    opened.insert(index);
                    packs.push(pack);
                }
                Err(Failed::Gone(problem)) => {
                    again = true;
                    problems.push(problem);
                }
                Err(Failed::Bad(problem)) => problems.push(problem),
            }
        }
        if !orphans.is_empty() {
            let (multi, broken) = MultiIndex::open(&folder, hash);
            problems.extend(broken);
            for pack in orphans {
                let index = pack.with_extension("idx");
                if opened.contains(&index) {
                    continue;
                }
                match multi.rows(&index).map(|rows| Pack::by_rows(&pack, &rows, hash, number, room)) {
                    Some(Ok(pack)) => {
                        opened.insert(index);
                        packs.push(pack);
                    }
                    Some(Err(Failed::Gone(problem) | Failed::Bad(problem))) => problems.push(problem),
                    None => {
                        again = true;
                        problems.push(Problem::file(Why::IndexMissing, &pack));
                    }
                }
            }
        }
        if !again || attempt > 0 {
            break;
        }
    }
    (packs, promisor, problems)
}

/// Indexes, packs without one, and whether there is a promisor mark.
fn list_packs(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>, bool)> {
    let (mut indexes, mut packs, mut promises) = (Vec::new(), Vec::new(), false);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // git reads a pack of any name that has an index, as one that is still being made under another name.
        let ours = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"pack-"));
        match path.extension().map(std::ffi::OsStr::as_encoded_bytes) {
            Some(b"idx") => indexes.push(path),
            Some(b"pack") if ours => packs.push(path),
            Some(b"promisor") => promises = true,
            _ => {}
        }
    }
    // Sorted, so that numbers do not depend on the file system.
    indexes.sort_unstable();
    let known: HashSet<&PathBuf> = indexes.iter().collect();
    packs.retain(|pack| !known.contains(&pack.with_extension("idx")));
    packs.sort_unstable();
    Ok((indexes, packs, promises))
}

/// The paths in a list of alternates: one per line, `#` starts a comment, `"` a path in C quotes.
fn alternate_paths(text: &[u8]) -> Vec<PathBuf> {
    let lines = text.split(|&b| b == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
    lines.map(|line| bytes_to_path(&unquote(line).unwrap_or_else(|| line.to_vec()))).collect()
}

#[cfg(unix)]
fn bytes_to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn bytes_to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// Undoes git's C quoting. `None`: the line is not quoted, or not well.
fn unquote(line: &[u8]) -> Option<Vec<u8>> {
    let mut rest = line.strip_prefix(b"\"")?.iter().copied();
    let mut out = Vec::new();
    loop {
        match rest.next()? {
            b'"' => return Some(out),
            b'\\' => out.push(match rest.next()? {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                first @ b'0'..=b'3' => {
                    let mut value = first - b'0';
                    for _ in 0..2 {
                        let digit = rest.next().filter(|d| (b'0'..=b'7').contains(d))?;
                        value = value << 3 | (digit - b'0');
                    }
                    value
                }
                other @ (b'"' | b'\\') => other,
                _ => return None,
            }),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternates_are_lines_comments_and_quoted_paths() {
        let paths = alternate_paths(b"# no\n../a\n\n/b c\n\"/x\\ty\\303\\244\\\"\"\n\"open\n");
        let want: Vec<PathBuf> = ["../a", "/b c", "/x\ty\u{e4}\"", "\"open"].map(PathBuf::from).to_vec();
        assert_eq!(paths, want);
    }
}
