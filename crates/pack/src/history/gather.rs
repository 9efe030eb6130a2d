//! The walk over commits, trees and tags that a history is made of.
//!
//! A tree is read as rows: one per entry, a name and the number of a child. A tree that is a delta shares most
//! of its rows with its base, so only entries that touch inserted bytes are parsed and looked up.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::lists::{BLOCK, Lists, Row};
use super::numbers::Numbers;
use crate::forest::NONE;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::problem::{Problem, Why};
use crate::room::{Growing, Room};
use crate::store::Store;
use crate::walk::{Base, LargeObject, Object, Visit};

/// Names of objects that the store does not have get numbers too.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    numbers: HashMap<ObjectId, u32>,
    ids: Vec<ObjectId>,
}

/// What the visitors of one walk share.
pub(super) struct Common<'s> {
    store: &'s Store,
    numbers: Numbers<'s>,
    first_gap: u32,
    gaps: Mutex<Gaps>,
    /// The next block of row numbers that nobody has.
    next_block: AtomicU32,
}

impl<'s> Common<'s> {
    pub(super) fn new(store: &'s Store, stop: Option<&AtomicBool>) -> Self {
        Self {
            store,
            numbers: Numbers::new(store, stop),
            first_gap: store.count(),
            gaps: Mutex::default(),
            next_block: AtomicU32::new(0),
        }
    }

    /// The number of an object, which may be missing.
    pub(super) fn number(&self, id: &ObjectId) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return number;
        }
        let mut gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = gaps.numbers.get(id) {
            return number;
        }
        // Four billion objects do not fit; the last number then stands for several missing ones.
        let number = self.first_gap.saturating_add(gaps.ids.len() as u32).min(NONE - 1);
        gaps.numbers.insert(*id, number);
        gaps.ids.push(*id);
        number
    }

    /// Missing objects, in the order of their numbers.
    pub(super) fn into_gaps(self) -> Vec<ObjectId> {
        self.gaps.into_inner().unwrap_or_else(PoisonError::into_inner).ids
    }
}

/// A commit as the history needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Commit {
    pub(super) number: u32,
    pub(super) tree: u32,
    pub(super) date: i64,
}

/// Commits, in no order.
#[derive(Debug)]
pub(super) struct Commits {
    /// Number, tree, both halves of the date, and where its parents end.
    list: Growing<[u32; 5]>,
    parents: Growing<u32>,
    /// Commits whose parents are not followed.
    shallow: HashSet<u32>,
}

impl Commits {
    pub(super) fn new(room: &Arc<Room>) -> Self {
        Self { list: Growing::new(room), parents: Growing::new(room), shallow: HashSet::new() }
    }

    pub(super) fn push(
        &mut self,
        (number, tree, date): (u32, u32, i64),
        parents: impl IntoIterator<Item = u32>,
    ) {
        parents.into_iter().for_each(|parent| self.parents.push(parent));
        let date = date.cast_unsigned();
        self.list.push([number, tree, (date >> 32) as u32, date as u32, self.parents.len() as u32]);
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, at: u32) -> Commit {
        let [number, tree, high, low, _] = self.list[at as usize];
        Commit { number, tree, date: (u64::from(high) << 32 | u64::from(low)).cast_signed() }
    }

    pub(super) fn parents(&self, at: u32) -> &[u32] {
        let [number, .., end] = self.list[at as usize];
        if self.shallow.contains(&number) {
            return &[];
        }
        let start = at.checked_sub(1).map_or(0, |before| self.list[before as usize][4]);
        &self.parents[start as usize..end as usize]
    }

    /// Takes the parents of these commits away.
    pub(super) fn cut(&mut self, shallow: HashSet<u32>) {
        self.shallow = shallow;
    }

    pub(super) fn append(&mut self, other: &Self) {
        for at in 0..other.len() as u32 {
            let Commit { number, tree, date } = other.get(at);
            self.push((number, tree, date), other.parents(at).iter().copied());
        }
    }
}

/// One thread's part.
pub(super) struct Gather<'c, 's> {
    common: &'c Common<'s>,
    pub(super) commits: Commits,
    /// Tags: their number and that of what they are of.
    pub(super) tags: Vec<(u32, u32)>,
    pub(super) problems: Vec<Problem>,
    pub(super) lists: Lists,
    names: HashMap<Box<[u8]>, u32>,
    /// The block of rows that is being filled, and its next free row.
    block: u32,
    free: u32,
}

/// The rows of a tree, for the trees that are based on it.
pub(super) struct Tree {
    /// Where each entry ends, and its row.
    entries: Vec<(u32, u32)>,
}

impl<'c, 's> Gather<'c, 's> {
    pub(super) fn new(common: &'c Common<'s>) -> Self {
        Self {
            common,
            commits: Commits::new(common.store.room()),
            tags: Vec::new(),
            problems: Vec::new(),
            lists: Lists::new(common.store.room()),
            names: HashMap::new(),
            block: 0,
            free: BLOCK,
        }
    }

    fn malformed(&mut self, object: &Object<'_>) {
        self.problems.push(Problem { why: Why::Malformed, id: Some(*object.id), file: None, offset: None });
    }

    fn row(&mut self, row: Row) -> u32 {
        if self.free == BLOCK {
            self.block = self.common.next_block.fetch_add(1, Ordering::Relaxed);
            self.free = 0;
            self.lists.add_block(self.block);
        }
        self.lists.push_row(row);
        self.free += 1;
        self.block * BLOCK + self.free - 1
    }

    fn name(&mut self, name: &[u8]) -> u32 {
        if let Some(&known) = self.names.get(name) {
            return known;
        }
        let number = self.lists.add_name(name);
        self.names.insert(name.into(), number);
        number
    }

    /// Reads the entry at the start of `bytes`: its row and its length.
    fn entry(&mut self, bytes: &[u8]) -> Option<(u32, usize)> {
        let hash_len = self.common.store.hash().len();
        let nul = memchr::memchr(0, bytes)?;
        let space = memchr::memchr(b' ', &bytes[..nul])?;
        let mode = bytes[..space].iter().try_fold(0u32, |mode, digit| {
            let digit = digit.checked_sub(b'0').filter(|&digit| digit < 8)?;
            Some(mode.checked_mul(8)? + u32::from(digit))
        })?;
        let end = nul + 1 + hash_len;
        let id = ObjectId::from_bytes(bytes.get(nul + 1..end)?)?;
        // Another repository's commit is not an object of this one.
        let child = if mode == 0o160_000 { NONE } else { self.common.number(&id) };
        let name = self.name(&bytes[space + 1..nul]);
        let row = self.row(Row::new(child, name, mode == 0o040_000));
        Some((row, end))
    }

    fn tree(&mut self, object: &Object<'_>, base: Option<Base<'_, Tree>>) -> Tree {
        let bytes = object.bytes;
        let copies = base.map_or(&[][..], |base| base.copies);
        let mut tree = Tree { entries: Vec::new() };
        if let Some(base) = base {
            tree.entries.reserve_exact(base.value.entries.len() + 2);
        }
        let (mut at, mut next) = (0, 0);
        while at < bytes.len() {
            while copies.get(next).is_some_and(|copy| copy.to + copy.len <= at) {
                next += 1;
            }
            if let (Some(base), Some(copy)) = (base, copies.get(next))
                && copy.to <= at
                && let Some((from, upto)) =
                    base.value.inside(copy.from + (at - copy.to), copy.from + copy.len)
            {
                let shared = &base.value.entries[from..upto];
                let was = (copy.from + (at - copy.to)) as u32;
                let shift = (at as u32).wrapping_sub(was);
                tree.entries.extend(shared.iter().map(|&(end, row)| (end.wrapping_add(shift), row)));
                self.lists.copy(from as u32, (upto - from) as u32);
                at += (shared[shared.len() - 1].0 - was) as usize;
                continue;
            }
            let Some((row, len)) = self.entry(&bytes[at..]) else {
                self.malformed(object);
                break;
            };
            at += len;
            tree.entries.push((at as u32, row));
            self.lists.add(row);
        }
        if !self.lists.end(object.number, base.map(|base| base.number)) {
            self.problems.push(Problem {
                why: Why::TooLarge,
                id: Some(*object.id),
                file: None,
                offset: None,
            });
        }
        tree
    }

    fn commit(&mut self, object: &Object<'_>) -> Option<()> {
        let mut lines = object.bytes.split(|&b| b == b'\n');
        let number = |hex: &[u8]| ObjectId::from_hex(hex).map(|id| self.common.number(&id));
        let tree = number(lines.next()?.strip_prefix(b"tree ")?)?;
        let mut parents = Vec::new();
        let mut date = None;
        for line in lines.take_while(|line| !line.is_empty()) {
            if let Some(hex) = line.strip_prefix(b"parent ") {
                parents.push(number(hex)?);
            } else if line.starts_with(b"committer ") {
                date = date_of(line);
                break;
            }
        }
        // A date that cannot be read only weakens the order among commits that are not related.
        let date = date.unwrap_or(0);
        self.commits.push((object.number, tree, date), parents);
        Some(())
    }

    fn tag(&mut self, object: &Object<'_>) -> Option<()> {
        let line = object.bytes.split(|&b| b == b'\n').next()?;
        let target = ObjectId::from_hex(line.strip_prefix(b"object ")?)?;
        self.tags.push((object.number, self.common.number(&target)));
        Some(())
    }
}

/// The seconds in a line `committer NAME <EMAIL> SECONDS ZONE`.
fn date_of(line: &[u8]) -> Option<i64> {
    let end = line.iter().rposition(|&b| b == b'>')?;
    let mut words = line[end + 1..].split(|&b| b == b' ').filter(|word| !word.is_empty());
    std::str::from_utf8(words.next()?).ok()?.parse().ok()
}

impl Tree {
    /// The entries that lie wholly between two offsets, the first of which must be where one begins.
    fn inside(&self, from: usize, upto: usize) -> Option<(usize, usize)> {
        let first = match from {
            0 => 0,
            _ => self.entries.binary_search_by_key(&(from as u32), |(end, _)| *end).ok()? + 1,
        };
        let last = self.entries.partition_point(|&(end, _)| end as usize <= upto);
        (last > first).then_some((first, last))
    }
}

impl Visit for Gather<'_, '_> {
    type Value = Option<Tree>;

    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Value>>) -> Self::Value {
        let fine = match object.kind {
            Kind::Tree => return self.base(object, base).flatten(),
            Kind::Commit => self.commit(&object),
            Kind::Tag => self.tag(&object),
            Kind::Blob => Some(()),
        };
        if fine.is_none() {
            self.malformed(&object);
        }
        None
    }

    fn large(&mut self, object: LargeObject<'_>, _: &mut dyn Read) {
        self.problem(Problem { why: Why::TooLarge, id: Some(*object.id), file: None, offset: None });
    }

    fn base(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Value>>) -> Option<Self::Value> {
        if object.kind != Kind::Tree {
            return None;
        }
        let base = base.and_then(|base| {
            let value = base.value.as_ref()?;
            Some(Base { value, number: base.number, copies: base.copies })
        });
        Some(Some(self.tree(&object, base)))
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}
