//! One pack: its entries, where they are and what they are based on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::delta::Delta;
use crate::hash::Hash;
use crate::index::{Index, OpenError};
use crate::map::Map;
use crate::midx::Row;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::problem::{Problem, Why};
use crate::room::{Room, Table};

/// A mapped pack and its index.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) path: Arc<Path>,
    pub(crate) index: Index,
    pub(crate) hash: Hash,
    /// Which objects directory it lies in.
    pub(crate) dir: usize,
    /// Whether the index names all that is in the pack.
    pub(crate) complete: bool,
    map: Map,
    room: Arc<Room>,
    order: OnceLock<Order>,
}

/// The entries of a pack in the order of their offsets.
#[derive(Debug)]
pub(crate) struct Order {
    /// Offset and position in the index, in one number: eight bytes for each object, sorted in place.
    entries: Table<u64>,
    /// How many there are; the table has room for those as well that are not inside the pack.
    count: usize,
    /// Bits of the position.
    bits: u32,
    /// Positions whose offset is not inside the pack.
    pub(crate) outside: Vec<u32>,
}

impl Order {
    fn new(pack: &Pack) -> Self {
        let (count, bits) = (pack.index.count(), bits(u64::from(pack.index.count())));
        let mut order =
            Self { entries: Table::zeroed(&pack.room, count as usize), count: 0, bits, outside: Vec::new() };
        for pos in 0..count {
            match pack.index.offset(pos) {
                Some(offset) if offset >= 12 && offset < pack.end() => {
                    order.entries[order.count] = offset << bits | u64::from(pos);
                    order.count += 1;
                }
                _ => order.outside.push(pos),
            }
        }
        order.entries[..order.count].sort_unstable();
        order
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn offset(&self, at: usize) -> u64 {
        self.entries[at] >> self.bits
    }

    pub(crate) fn pos(&self, at: usize) -> u32 {
        (self.entries[at] & ((1 << self.bits) - 1)) as u32
    }

    /// The entry at `offset`.
    fn find(&self, offset: u64) -> Option<usize> {
        let entries = &self.entries[..self.count];
        entries.binary_search_by_key(&offset, |entry| entry >> self.bits).ok()
    }
}

/// How many bits a number below `end` takes.
fn bits(end: u64) -> u32 {
    u64::BITS - end.leading_zeros()
}

/// The header of an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) is: Is,
    /// Inflated size: of the object, or of the delta.
    pub(crate) size: u64,
    /// Where the compressed data begins.
    pub(crate) data: usize,
}

/// How an entry holds its object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Is {
    Whole(Kind),
    /// A delta against the entry at this offset.
    Offset(u64),
    /// A delta against the object of this name.
    Named(ObjectId),
}

/// Why a pack could not be opened.
pub(crate) enum Failed {
    /// One of the files is not there (any more).
    Gone(Problem),
    Bad(Problem),
}

impl Pack {
    /// Opens the index at `index` and the pack beside it.
    pub(crate) fn open(index: &Path, hash: Hash, dir: usize, room: &Arc<Room>) -> Result<Self, Failed> {
        let path = index.with_extension("pack");
        let io = |error: &std::io::Error, file: &Path, gone: Why| match error.kind() {
            std::io::ErrorKind::NotFound => Failed::Gone(Problem::file(gone, file)),
            _ => Failed::Bad(Problem::file(Why::Io, file)),
        };
        let bad = |why, file: &PathBuf| Failed::Bad(Problem::file(why, file));
        // The pack first: git removes the index first, and a mapped pack is what we need most.
        let map = Map::open(&path).map_err(|e| io(&e, &path, Why::PackMissing))?;
        let index = match Index::open(index, hash) {
            Ok(index) => index,
            Err(OpenError::Io(error)) => return Err(io(&error, index, Why::IndexMissing)),
            Err(OpenError::Bad(why)) => return Err(Failed::Bad(Problem::file(why, index))),
        };
        let (count, trailer) = head(&map, hash).map_err(|why| bad(why, &path))?;
        // A pack cut short ends in other bytes; the cheap look at its end stands for hashing all of it.
        if trailer != index.pack_checksum() || count != index.count() {
            return Err(bad(Why::IndexDisagrees, &path));
        }
        Self {
            path: Arc::from(path),
            index,
            hash,
            dir,
            complete: true,
            map,
            room: Arc::clone(room),
            order: OnceLock::new(),
        }
        .checked()
    }

    /// Opens the pack at `path`, which has no index, by what a multi-pack index says of it.
    pub(crate) fn by_rows(
        path: &Path,
        rows: &[Row<'_>],
        hash: Hash,
        dir: usize,
        room: &Arc<Room>,
    ) -> Result<Self, Failed> {
        let bad = |why| Failed::Bad(Problem::file(why, path));
        let map = Map::open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failed::Gone(Problem::file(Why::PackMissing, path)),
            _ => bad(Why::Io),
        })?;
        let (count, trailer) = head(&map, hash).map_err(bad)?;
        let index = Index::of_rows(rows, trailer, hash);
        if index.count() > count {
            return Err(bad(Why::IndexDisagrees));
        }
        let complete = index.count() == count;
        let room = Arc::clone(room);
        Self { path: Arc::from(path), index, hash, dir, complete, map, room, order: OnceLock::new() }
            .checked()
    }

    /// That its entries can be put in order.
    fn checked(self) -> Result<Self, Failed> {
        // A pack of a terabyte with more than sixteen million objects.
        if bits(self.map.len() as u64) + bits(u64::from(self.index.count())) > u64::BITS {
            return Err(Failed::Bad(Problem::file(Why::TooLarge, &self.path)));
        }
        Ok(self)
    }

    /// Where entries end and the trailing checksum begins.
    pub(crate) fn end(&self) -> u64 {
        (self.map.len() - self.hash.len()) as u64
    }

    /// The bytes of the pack from `start` to `end`, as far as they exist.
    pub(crate) fn slice(&self, start: usize, end: u64) -> &[u8] {
        let end = usize::try_from(end.min(self.end())).unwrap_or(usize::MAX);
        self.map.get(start..end).unwrap_or_default()
    }

    /// Reads the header of the entry at `offset`.
    pub(crate) fn entry(&self, offset: u64) -> Result<Entry, Why> {
        if offset < 12 || offset >= self.end() {
            return Err(Why::EntryOutside);
        }
        let start = offset as usize;
        let mut bytes = self.slice(start, self.end()).iter();
        let mut next = || bytes.next().copied().ok_or(Why::EntryHeader);
        let first = next()?;
        let number = (first >> 4) & 7;
        let mut size = u64::from(first & 15);
        let (mut shift, mut more) = (4, first & 0x80 != 0);
        while more {
            let byte = next()?;
            if shift > 57 {
                return Err(Why::EntryHeader);
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            more = byte & 0x80 != 0;
        }
        let is = match number {
            6 => {
                let mut byte = next()?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    if back >= 1 << 55 {
                        return Err(Why::EntryHeader);
                    }
                    back = ((back + 1) << 7) | u64::from(byte & 0x7f);
                }
                let base = offset.checked_sub(back).filter(|&base| back > 0 && base >= 12);
                Is::Offset(base.ok_or(Why::EntryHeader)?)
            }
            7 => {
                let raw = bytes.as_slice();
                let id = raw.get(..self.hash.len()).and_then(ObjectId::from_bytes);
                bytes = raw.get(self.hash.len()..).unwrap_or_default().iter();
                Is::Named(id.ok_or(Why::EntryHeader)?)
            }
            _ => Is::Whole(Kind::from_number(number).ok_or(Why::EntryHeader)?),
        };
        let data = self.end() as usize - bytes.as_slice().len();
        Ok(Entry { is, size, data })
    }

    /// The entries by offset.
    pub(crate) fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::new(self))
    }

    /// The name of the object whose entry begins at `offset`.
    pub(crate) fn id_at(&self, offset: u64) -> Option<ObjectId> {
        let order = self.order();
        order.find(offset).map(|at| self.index.id(order.pos(at)))
    }

    /// A problem of one object of this pack.
    pub(crate) fn problem(&self, why: Why, id: Option<ObjectId>, offset: u64) -> Problem {
        Problem { why, id, file: Some(Arc::clone(&self.path)), offset: Some(offset) }
    }
}

/// How many entries a pack says it has, and its trailing checksum.
fn head(map: &Map, hash: Hash) -> Result<(u32, &[u8]), Why> {
    let head = map.get(..12).ok_or(Why::PackTruncated)?;
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if &head[..4] != b"PACK" || !(2..=3).contains(&number(4)) {
        return Err(Why::PackFormat);
    }
    if map.len() < 12 + hash.len() {
        return Err(Why::PackTruncated);
    }
    Ok((number(8), &map[map.len() - hash.len()..]))
}

/// The size of what `delta` makes, once it can be believed: memory may be taken for it.
pub(crate) fn result_size(delta: &Delta<'_>, limit: u64) -> Result<usize, Why> {
    if delta.size > limit {
        return Err(Why::TooLarge);
    }
    // Below this the memory is of no matter; above, the instructions are added up first.
    if delta.size > 1 << 20 {
        delta.check_size()?;
    }
    Ok(delta.size as usize)
}
