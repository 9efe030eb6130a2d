//! What every tree contains, in little memory.
//!
//! A tree of a thousand entries that differs from its base in one is stored as what it shares with the base
//! and the one row that it adds: some fifteen bytes. [`Expander`] makes the full list again; lists of bases
//! are kept for a while, since trees that follow each other in history follow each other in delta chains.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::forest::NONE;
use crate::room::{Growing, Room, Table};

/// Rows are numbered in blocks, so that threads need not agree on each.
pub(super) const BLOCK: u32 = 1 << 12;

const TREE: u32 = 1 << 31;

/// Rows of the lists that are kept.
const CACHE: usize = 1 << 20;

/// An entry of a tree: a child and its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row([u32; 2]);

impl Row {
    pub(super) fn new(child: u32, name: u32, is_tree: bool) -> Self {
        Self([child, name | if is_tree { TREE } else { 0 }])
    }

    /// The child's number. `None`: a submodule.
    pub(super) fn child(self) -> Option<u32> {
        (self.0[0] != NONE).then_some(self.0[0])
    }

    pub(super) fn name(self) -> u32 {
        self.0[1] & !TREE
    }

    pub(super) fn is_tree(self) -> bool {
        self.0[1] & TREE != 0
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    /// So many rows of the base.
    Copy { from: u32, len: u32 },
    /// So many rows of its own, with numbers that follow each other.
    Add { row: u32, len: u32 },
}

/// Lists of trees: of one thread while they are gathered, of all when merged.
#[derive(Debug)]
pub(super) struct Lists {
    /// One list after the other. See [`encode`].
    code: Growing<u8>,
    /// Trees and where their lists begin.
    trees: Growing<[u32; 2]>,
    /// The parts of the list that is being made, and how it is written.
    ops: Vec<Op>,
    written: Vec<u8>,
    rows: Growing<[u32; 2]>,
    /// The blocks that `rows` is made of.
    blocks: Vec<u32>,
    /// Names one after the other, and where each ends.
    names: Vec<u8>,
    name_ends: Vec<u32>,
}

impl Lists {
    pub(super) fn new(room: &Arc<Room>) -> Self {
        Self {
            code: Growing::new(room),
            trees: Growing::new(room),
            ops: Vec::new(),
            written: Vec::new(),
            rows: Growing::new(room),
            blocks: Vec::new(),
            names: Vec::new(),
            name_ends: Vec::new(),
        }
    }

    pub(super) fn add_block(&mut self, block: u32) {
        self.blocks.push(block);
    }

    pub(super) fn push_row(&mut self, row: Row) {
        self.rows.push(row.0);
    }

    pub(super) fn add_name(&mut self, name: &[u8]) -> u32 {
        self.names.extend_from_slice(name);
        self.name_ends.push(self.names.len() as u32);
        self.name_ends.len() as u32 - 1
    }

    /// The next rows of the list that is being made.
    pub(super) fn copy(&mut self, from: u32, len: u32) {
        self.ops.push(Op::Copy { from, len });
    }

    pub(super) fn add(&mut self, row: u32) {
        match self.ops.last_mut() {
            Some(Op::Add { row: first, len }) if *first + *len == row => *len += 1,
            _ => self.ops.push(Op::Add { row, len: 1 }),
        }
    }

    /// Ends the list of a tree. `false`: there is no more room, and the tree counts as unread.
    #[must_use]
    pub(super) fn end(&mut self, tree: u32, base: Option<u32>) -> bool {
        let start = u32::try_from(self.code.len()).ok();
        if let Some(start) = start {
            self.written.clear();
            encode(&mut self.written, base, &self.ops);
            self.code.extend_from_slice(&self.written);
            self.trees.push([tree, start]);
        }
        self.ops.clear();
        start.is_some()
    }

    /// Joins the lists of all threads. `numbers`: one more than the greatest number of an object. Also gives
    /// the trees for which there was no room.
    pub(super) fn merge(mut parts: Vec<Self>, room: &Arc<Room>, numbers: u32) -> (Merged, Vec<u32>) {
        let mut place = Table::filled(room, numbers as usize, NONE);
        let mut lost = Vec::new();
        let mut put = |trees: &[[u32; 2]], shift: usize| {
            for &[tree, start] in trees {
                match (u32::try_from(start as usize + shift), place.get_mut(tree as usize)) {
                    (Ok(at), Some(place)) if at != NONE => *place = at,
                    _ => lost.push(tree),
                }
            }
        };
        let blocks = parts.iter().flat_map(|part| &part.blocks).max().map_or(0, |&last| last as usize + 1);
        let all: usize = parts.iter().map(|part| part.code.len()).sum();
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            // Its blocks are all there are, in order.
            put(&only.trees, 0);
            return (Merged::new(only, place), lost);
        }
        let mut rows = Growing::new(room);
        rows.resize(blocks * BLOCK as usize, [NONE, 0]);
        let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
        let mut merged = Self::new(room);
        merged.code.reserve(all);
        for part in parts {
            put(&part.trees, merged.code.len());
            merged.code.extend_from_slice(&part.code);
            let mut start = 0;
            let names: Vec<u32> = part
                .name_ends
                .iter()
                .map(|&end| {
                    let name = &part.names[start..end as usize];
                    start = end as usize;
                    *known.entry(name.to_vec()).or_insert_with(|| merged.add_name(name))
                })
                .collect();
            for (from, &block) in part.rows.chunks(BLOCK as usize).zip(&part.blocks) {
                let to = &mut rows[(block * BLOCK) as usize..][..from.len()];
                for (to, &row) in to.iter_mut().zip(from) {
                    *to = [row[0], names[Row(row).name() as usize] | (row[1] & TREE)];
                }
            }
        }
        merged.rows = rows;
        (Merged::new(merged, place), lost)
    }
}

/// Writes a list: its base, how many rows it has, its first own row, and its parts. All numbers have as many
/// bytes as they need, and what is most likely (one row replaced, own rows in order) is written as zero.
fn encode(code: &mut Vec<u8>, base: Option<u32>, ops: &[Op]) {
    let rows: u32 = ops.iter().map(|op| op.len()).sum();
    let own = ops.iter().find_map(|op| match op {
        Op::Add { row, .. } => Some(*row),
        Op::Copy { .. } => None,
    });
    put(code, base.map_or(0, |base| u64::from(base) + 1));
    put(code, u64::from(rows));
    let mut next = Next { from: 0, row: own.unwrap_or(0) };
    put(code, u64::from(next.row));
    for op in ops {
        let (likely, is, bit) = match *op {
            Op::Copy { from, .. } => (next.from, from, 0),
            Op::Add { row, .. } => (next.row, row, 2),
        };
        let other = likely != is;
        put(code, u64::from(op.len()) << 2 | bit | u64::from(other));
        if other {
            put(code, u64::from(is));
        }
        next.after(*op);
    }
}

/// Where the next part of a list most likely begins.
struct Next {
    from: u32,
    row: u32,
}

impl Next {
    fn after(&mut self, op: Op) {
        match op {
            Op::Copy { from, len } => self.from = from.wrapping_add(len),
            Op::Add { row, len } => {
                self.row = row.wrapping_add(len);
                // A new row mostly stands for one of the base.
                self.from = self.from.wrapping_add(len);
            }
        }
    }
}

impl Op {
    fn len(self) -> u32 {
        match self {
            Self::Copy { len, .. } | Self::Add { len, .. } => len,
        }
    }
}

fn put(code: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        code.push(number as u8 | 0x80);
        number >>= 7;
    }
    code.push(number as u8);
}

fn get(code: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    while let Some((&byte, rest)) = code.split_first() {
        *code = rest;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 || shift > 56 {
            break;
        }
    }
    number
}

/// The list of one tree.
struct List<'c> {
    base: Option<u32>,
    rows: u32,
    next: Next,
    left: u32,
    code: &'c [u8],
}

impl<'c> List<'c> {
    fn new(mut code: &'c [u8]) -> Self {
        let base = get(&mut code).checked_sub(1).map(|base| base as u32);
        let rows = get(&mut code) as u32;
        let next = Next { from: 0, row: get(&mut code) as u32 };
        Self { base, rows, next, left: rows, code }
    }
}

impl Iterator for List<'_> {
    type Item = Op;

    fn next(&mut self) -> Option<Op> {
        if self.left == 0 || self.code.is_empty() {
            return None;
        }
        let word = get(&mut self.code);
        let len = (word >> 2) as u32;
        let other = (word & 1 != 0).then(|| get(&mut self.code) as u32);
        let op = match word & 2 {
            0 => Op::Copy { from: other.unwrap_or(self.next.from), len },
            _ => Op::Add { row: other.unwrap_or(self.next.row), len },
        };
        self.next.after(op);
        self.left = self.left.saturating_sub(len);
        Some(op)
    }
}

/// The lists of all trees.
#[derive(Debug)]
pub(super) struct Merged {
    code: Growing<u8>,
    /// Where the list of each object begins, if it is a tree that was read.
    place: Table<u32>,
    rows: Growing<[u32; 2]>,
    names: Vec<u8>,
    name_ends: Vec<u32>,
}

impl Merged {
    fn new(lists: Lists, place: Table<u32>) -> Self {
        let Lists { code, rows, names, name_ends, .. } = lists;
        Self { code, place, rows, names, name_ends }
    }

    #[inline]
    pub(super) fn row(&self, row: u32) -> Row {
        Row(self.rows[row as usize])
    }

    /// One more than the greatest number of a row.
    pub(super) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// One more than the greatest number of a name.
    pub(super) fn name_count(&self) -> usize {
        self.name_ends.len()
    }

    pub(super) fn name(&self, name: u32) -> &[u8] {
        let start = name.checked_sub(1).map_or(0, |before| self.name_ends[before as usize]);
        &self.names[start as usize..self.name_ends[name as usize] as usize]
    }

    /// Whether the object is a tree whose rows are known.
    pub(super) fn is_read(&self, number: u32) -> bool {
        self.place.get(number as usize).is_some_and(|&place| place != NONE)
    }

    fn list(&self, tree: u32) -> Option<List<'_>> {
        let place = *self.place.get(tree as usize).filter(|&&place| place != NONE)?;
        Some(List::new(self.code.get(place as usize..)?))
    }
}

/// Makes full lists of rows.
///
/// The latest lists are kept one after the other in a ring of fixed size: hundreds of thousands of lists pass
/// through it, and memory of its own for each would be neither quick nor bounded.
#[derive(Debug)]
pub(super) struct Expander {
    /// For each object where in the ring its list begins, plus one.
    slots: Table<u32>,
    ring: Vec<u32>,
    /// What the ring has, oldest first: the tree, and where its list begins.
    kept: VecDeque<(u32, u32)>,
    /// Where in the ring the next list goes, if it fits.
    free: usize,
    list: Vec<u32>,
}

impl Expander {
    /// `numbers`: one more than the greatest number of an object.
    pub(super) fn new(room: &Arc<Room>, numbers: usize) -> Self {
        Self {
            slots: Table::zeroed(room, numbers),
            // Pages of it that are never used are never taken from the system.
            ring: vec![0; CACHE],
            kept: VecDeque::new(),
            free: 0,
            list: Vec::new(),
        }
    }

    /// The rows of a tree. `None`: it was not read.
    pub(super) fn rows(&mut self, lists: &Merged, tree: u32) -> Option<&[u32]> {
        let mut list = lists.list(tree)?;
        if let Some(place) = self.place(tree) {
            return self.ring.get(place..place + list.rows as usize);
        }
        let mut chain = Vec::new();
        let mut at = tree;
        // Where the base of the list in hand is.
        let mut base = loop {
            chain.push(at);
            if chain.len() > lists.place.len() {
                return None; // only two objects under one name can do this: a forged index
            }
            let Some(next) = list.base else { break 0..0 };
            let Some(below) = lists.list(next) else { break 0..0 };
            if let Some(place) = self.place(next) {
                break place..place + below.rows as usize;
            }
            (at, list) = (next, below);
        };
        let mut made = std::mem::take(&mut self.list);
        while let Some(tree) = chain.pop() {
            made.clear();
            for op in lists.list(tree)? {
                match op {
                    Op::Copy { from, len } => {
                        let from = base.start + from as usize;
                        let upto = from + len as usize;
                        made.extend_from_slice(self.ring.get(from..upto.min(base.end))?);
                    }
                    Op::Add { row, len } => made.extend(row..row.wrapping_add(len)),
                }
            }
            base = self.keep(tree, &made);
        }
        self.list = made;
        self.ring.get(base)
    }

    fn place(&self, tree: u32) -> Option<usize> {
        self.slots.get(tree as usize)?.checked_sub(1).map(|place| place as usize)
    }

    /// Puts a list into the ring, in place of the oldest.
    fn keep(&mut self, tree: u32, list: &[u32]) -> std::ops::Range<usize> {
        if list.len() > self.ring.len() {
            self.ring.resize(list.len(), 0);
        }
        if self.free + list.len() > self.ring.len() {
            // What is left of the ring is too short: on at its start.
            self.forget(self.free, usize::MAX);
            self.free = 0;
        }
        let (start, end) = (self.free, self.free + list.len());
        self.forget(start, end);
        self.ring[start..end].copy_from_slice(list);
        self.slots[tree as usize] = start as u32 + 1;
        self.kept.push_back((tree, start as u32));
        self.free = end;
        start..end
    }

    /// Forgets the oldest lists as long as they begin between two places. Older ones than what the ring's free
    /// place was last used for lie behind it, in their order.
    fn forget(&mut self, start: usize, end: usize) {
        while let Some(&(tree, place)) = self.kept.front()
            && (start..end).contains(&(place as usize))
        {
            self.kept.pop_front();
            self.slots[tree as usize] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_they_were() {
        let parts = [
            Op::Copy { from: 0, len: 7 },
            Op::Add { row: 4096, len: 1 },
            Op::Copy { from: 8, len: 300 },
            Op::Add { row: 9000, len: 2 },
            Op::Copy { from: 2, len: 1 },
            Op::Copy { from: u32::MAX - 9, len: 5 },
        ];
        for base in [None, Some(0), Some(u32::MAX - 1)] {
            for some in 0..=parts.len() {
                let mut code = Vec::new();
                encode(&mut code, base, &parts[..some]);
                code.extend([9, 9, 9]);
                let list = List::new(&code);
                assert_eq!(list.base, base);
                assert_eq!(list.collect::<Vec<_>>(), parts[..some]);
            }
        }
        let mut code = Vec::new();
        encode(&mut code, Some(100_000), &parts[..3]);
        assert!(code.len() < 14, "{}", code.len());
    }

    /// Lists that are together far larger than the ring, asked for in an order that makes it wrap in all places.
    #[test]
    fn a_ring_that_is_too_small_for_all_gives_every_list() {
        let room = Arc::new(Room::default());
        let mut lists = Lists::new(&room);
        let (mut want, mut row) = (Vec::<Vec<u32>>::new(), 0);
        for tree in 0..200u32 {
            let base = tree.checked_sub(1).filter(|_| tree % 40 != 0);
            let mut list = Vec::new();
            if let Some(base) = base {
                let len = want[base as usize].len() as u32;
                lists.copy(0, len);
                list.extend_from_slice(&want[base as usize]);
            }
            for _ in 0..tree % 7 {
                lists.add(row);
                list.push(row);
                row += 1;
            }
            assert!(lists.end(tree, base));
            want.push(list);
        }
        let (merged, lost) = Lists::merge(vec![lists], &room, 201);
        assert!(lost.is_empty());
        let mut expander = Expander::new(&room, 201);
        expander.ring.truncate(250);
        for step in [1, 7, 63, 199] {
            for at in 0..200usize {
                let tree = at * step % 200;
                assert_eq!(expander.rows(&merged, tree as u32), Some(&*want[tree]), "{tree}");
            }
        }
        assert_eq!(expander.ring.len(), 250);
        assert_eq!(expander.rows(&merged, 200), None);
        expander.ring.truncate(3);
        (expander.kept, expander.free) = (VecDeque::new(), 0);
        expander.slots.fill(0);
        assert_eq!(expander.rows(&merged, 30), Some(&*want[30]), "longer than the ring");
    }
}
