//! What every tree contains, in little memory.
//!
//! A tree of a thousand entries that differs from its base in one is stored as what it shares with the base
//! and the one row that it adds. [`Expander`] makes the full list again; lists of bases are kept for a while,
//! since trees that follow each other in history follow each other in delta chains.

use std::collections::HashMap;
use std::sync::Arc;

use crate::forest::NONE;

/// Rows are numbered in blocks, so that threads need not agree on each.
pub(super) const BLOCK: u32 = 1 << 12;

const TREE: u32 = 1 << 31;
const ADD: u32 = 1 << 31;

/// Rows of the lists that are kept.
const CACHE: usize = 6 << 20;

/// An entry of a tree: a child and its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    child: u32,
    name: u32,
}

impl Row {
    pub(super) fn new(child: u32, name: u32, is_tree: bool) -> Self {
        Self { child, name: name | if is_tree { TREE } else { 0 } }
    }

    /// The child's number. `None`: a submodule.
    pub(super) fn child(self) -> Option<u32> {
        (self.child != NONE).then_some(self.child)
    }

    pub(super) fn name(self) -> u32 {
        self.name & !TREE
    }

    pub(super) fn is_tree(self) -> bool {
        self.name & TREE != 0
    }
}

/// A part of a list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Op {
    /// So many rows of the base.
    Copy { from: u32, len: u32 },
    /// A row of its own.
    Add { row: u32 },
}

/// Lists of trees: of one thread while they are gathered, of all when merged.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Per tree: base, rows in all, parts, and two words for each part.
    words: Vec<u32>,
    /// Trees and where their words begin.
    trees: Vec<(u32, u32)>,
    rows: Vec<Row>,
    /// The blocks that `rows` is made of.
    blocks: Vec<u32>,
    /// Names one after the other, and where each ends.
    names: Vec<u8>,
    name_ends: Vec<u32>,
}

impl Lists {
    pub(super) fn add_block(&mut self, block: u32) {
        self.blocks.push(block);
    }

    pub(super) fn push_row(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(super) fn add_name(&mut self, name: &[u8]) -> u32 {
        self.names.extend_from_slice(name);
        self.name_ends.push(self.names.len() as u32);
        self.name_ends.len() as u32 - 1
    }

    pub(super) fn begin(&mut self, tree: u32, base: Option<u32>) {
        self.trees.push((tree, self.words.len() as u32));
        self.words.extend([base.unwrap_or(NONE), 0, 0]);
    }

    pub(super) fn op(&mut self, op: Op) {
        let start = self.trees.last().map_or(0, |(_, start)| *start as usize);
        let (word, len) = match op {
            Op::Copy { from, len } => (from, len),
            Op::Add { row } => {
                let n = self.words.len();
                let (first, len) = (self.words[n - 2], self.words[n - 1]);
                if n > start + 3 && len & ADD != 0 && first + (len & !ADD) == row {
                    self.words[n - 1] += 1;
                    return;
                }
                (row, ADD | 1)
            }
        };
        self.words.extend([word, len]);
        self.words[start + 2] += 1;
    }

    pub(super) fn end(&mut self, rows: usize) {
        let start = self.trees.last().map_or(0, |(_, start)| *start as usize);
        self.words[start + 1] = rows as u32;
    }

    /// Joins the lists of all threads. `numbers`: one more than the greatest number of an object.
    pub(super) fn merge(parts: Vec<Self>, numbers: u32) -> Merged {
        let blocks = parts.iter().flat_map(|part| &part.blocks).max().map_or(0, |&last| last as usize + 1);
        let mut merged = Merged {
            words: Vec::with_capacity(parts.iter().map(|part| part.words.len()).sum()),
            place: vec![NONE; numbers as usize],
            rows: vec![Row { child: NONE, name: 0 }; blocks * BLOCK as usize],
            names: Vec::new(),
            name_ends: Vec::new(),
        };
        let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
        for part in parts {
            let shift = merged.words.len() as u32;
            merged.words.extend_from_slice(&part.words);
            for (tree, start) in part.trees {
                if let Some(place) = merged.place.get_mut(tree as usize) {
                    *place = start + shift;
                }
            }
            let mut start = 0;
            let names: Vec<u32> = part
                .name_ends
                .iter()
                .map(|&end| {
                    let name = &part.names[start..end as usize];
                    start = end as usize;
                    *known.entry(name.to_vec()).or_insert_with(|| {
                        merged.names.extend_from_slice(name);
                        merged.name_ends.push(merged.names.len() as u32);
                        merged.name_ends.len() as u32 - 1
                    })
                })
                .collect();
            for (rows, &block) in part.rows.chunks(BLOCK as usize).zip(&part.blocks) {
                let to = &mut merged.rows[(block * BLOCK) as usize..][..rows.len()];
                for (to, row) in to.iter_mut().zip(rows) {
                    *to = Row { child: row.child, name: names[row.name() as usize] | (row.name & TREE) };
                }
            }
        }
        merged
    }
}

/// The lists of all trees.
#[derive(Debug, Default)]
pub(super) struct Merged {
    words: Vec<u32>,
    /// Where the words of each object begin, if it is a tree that was read.
    place: Vec<u32>,
    rows: Vec<Row>,
    names: Vec<u8>,
    name_ends: Vec<u32>,
}

impl Merged {
    pub(super) fn row(&self, row: u32) -> Row {
        self.rows[row as usize]
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

    /// Bytes of memory that all of it takes.
    pub(super) fn memory(&self) -> usize {
        (self.words.capacity() + self.place.capacity() + self.name_ends.capacity()) * 4
            + self.rows.capacity() * size_of::<Row>()
            + self.names.capacity()
    }

    fn list(&self, tree: u32) -> Option<(Option<u32>, u32, &[u32])> {
        let place = *self.place.get(tree as usize).filter(|&&place| place != NONE)? as usize;
        let base = Some(self.words[place]).filter(|&base| base != NONE);
        let parts = self.words[place + 2] as usize;
        Some((base, self.words[place + 1], &self.words[place + 3..place + 3 + 2 * parts]))
    }
}

/// Makes full lists of rows.
#[derive(Debug)]
pub(super) struct Expander {
    /// For each object the list that is kept of it, plus one. Shared memory is used again: there are
    /// hundreds of thousands of lists, and asking the system for each would cost as much as making them.
    slots: Vec<u32>,
    kept: Vec<Kept>,
    /// The oldest list that is kept. Lists are dropped in the order in which they were made.
    oldest: usize,
    rows: usize,
}

#[derive(Debug)]
struct Kept {
    tree: u32,
    rows: Arc<Vec<u32>>,
}

impl Expander {
    /// `numbers`: one more than the greatest number of an object.
    pub(super) fn new(numbers: usize) -> Self {
        Self { slots: vec![0; numbers], kept: Vec::new(), oldest: 0, rows: 0 }
    }

    /// The rows of a tree. `None`: it was not read.
    pub(super) fn rows(&mut self, lists: &Merged, tree: u32) -> Option<Arc<Vec<u32>>> {
        lists.list(tree)?;
        let mut chain = Vec::new();
        let mut base: Arc<Vec<u32>> = Arc::default();
        let mut at = tree;
        loop {
            if let Some(known) = self.get(at) {
                base = known;
                break;
            }
            chain.push(at);
            if chain.len() > lists.place.len() {
                return None; // only two objects under one name can do this: a forged index
            }
            match lists.list(at).and_then(|(base, ..)| base) {
                Some(next) => at = next,
                None => break,
            }
        }
        while let Some(tree) = chain.pop() {
            let Some((_, count, parts)) = lists.list(tree) else { continue };
            let (mut rows, slot) = self.memory(count as usize);
            for part in parts.chunks_exact(2) {
                let (from, len) = (part[0], part[1]);
                if len & ADD != 0 {
                    rows.extend(from..from + (len & !ADD));
                } else {
                    rows.extend_from_slice(base.get(from as usize..from as usize + len as usize)?);
                }
            }
            base = Arc::new(rows);
            self.put(slot, tree, &base);
        }
        Some(base)
    }

    fn get(&self, tree: u32) -> Option<Arc<Vec<u32>>> {
        let slot = self.slots.get(tree as usize)?.checked_sub(1)?;
        self.kept.get(slot as usize).map(|kept| Arc::clone(&kept.rows))
    }

    /// An empty list and the slot to keep it in: a new one while there is room, then that of the oldest.
    fn memory(&mut self, count: usize) -> (Vec<u32>, usize) {
        if self.rows + count <= CACHE || self.kept.is_empty() {
            return (Vec::with_capacity(count), self.kept.len());
        }
        let slot = self.oldest;
        self.oldest = (slot + 1) % self.kept.len();
        let old = &mut self.kept[slot];
        if old.tree != NONE {
            self.slots[old.tree as usize] = 0;
            old.tree = NONE;
        }
        self.rows -= old.rows.capacity();
        let mut rows = Arc::into_inner(std::mem::take(&mut old.rows)).unwrap_or_default();
        rows.clear();
        (rows, slot)
    }

    fn put(&mut self, slot: usize, tree: u32, rows: &Arc<Vec<u32>>) {
        let kept = Kept { tree, rows: Arc::clone(rows) };
        self.rows += rows.capacity();
        match self.kept.get_mut(slot) {
            Some(old) => *old = kept,
            None => self.kept.push(kept),
        }
        self.slots[tree as usize] = slot as u32 + 1;
    }
}
