//! The entries of one pack as a forest of deltas.
//!
//! A root is a whole object, or a delta whose base is not in the pack. Children are the deltas against an
//! entry, the heaviest subtree last: a walk that goes into the last child has no more use for the base, so it
//! never holds more bases than the logarithm of the tree's size.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::object::Kind;
use crate::oid::ObjectId;
use crate::packfile::{Is, Pack};
use crate::problem::{Problem, Why};

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

const KIND: u8 = 7;
const WANTED: u8 = 8;

/// Some or all entries of one pack, by offset.
#[derive(Debug)]
pub(crate) struct Forest<'s> {
    pub(crate) pack: usize,
    entries: Entries<'s>,
    parent: Vec<u32>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    /// Kind of the object, and whether it is to be visited.
    flags: Vec<u8>,
    /// The trees to walk: their first entries.
    pub(crate) roots: Vec<u32>,
}

/// What is needed to know of entries outside of the pack.
pub(crate) trait Outside {
    /// The kind of an object that is not in this pack, or not well.
    fn kind(&mut self, id: &ObjectId) -> Option<Kind>;
    /// Whether the entry with this position in the index is to be visited.
    fn wanted(&mut self, pos: u32) -> bool;
}

impl<'s> Forest<'s> {
    /// All entries of `pack`. Those that belong to no tree are rescued, as roots, where another copy tells
    /// their kind, else reported to `problem`.
    pub(crate) fn new(
        number: usize,
        pack: &Pack,
        entries: Entries<'s>,
        outside: &mut dyn Outside,
        problem: &mut dyn FnMut(Problem),
    ) -> Self {
        let n = entries.offsets.len();
        let mut forest = Self {
            pack: number,
            entries,
            parent: vec![NONE; n],
            first_child: vec![NONE; n],
            next_sibling: vec![NONE; n],
            flags: vec![0; n],
            roots: Vec::new(),
        };
        let broken = forest.read_headers(pack, outside);
        let order = forest.settle_kinds(pack, broken, outside, problem);
        for entry in 0..n {
            if forest.flags[entry] & KIND != 0
                && forest.entries.pos[entry] != NONE
                && outside.wanted(forest.entries.pos[entry])
            {
                forest.flags[entry] |= WANTED;
            }
        }
        forest.link_children(order.as_deref());
        forest
    }

    /// Reads every header: parents, and the kinds of whole objects. Gives the entries that have neither.
    fn read_headers(&mut self, pack: &Pack, outside: &mut dyn Outside) -> Vec<(u32, Why)> {
        let mut broken = Vec::new();
        for at in 0..self.entries.offsets.len() {
            let offset = self.entries.offsets[at];
            let base = match pack.entry(offset) {
                Ok(entry) => match entry.is {
                    Is::Whole(kind) => {
                        self.flags[at] = kind as u8;
                        continue;
                    }
                    Is::Offset(base) => self.find(base, at).ok_or(Why::BaseMissing),
                    Is::Named(id) => {
                        match pack.index.find(id.as_bytes()).and_then(|p| pack.index.offset(p)) {
                            Some(base) => self.find(base, self.entries.offsets.len()).ok_or(Why::BaseMissing),
                            None => match outside.kind(&id) {
                                Some(kind) => {
                                    self.flags[at] = kind as u8;
                                    continue;
                                }
                                None => Err(Why::BaseMissing),
                            },
                        }
                    }
                },
                Err(why) => Err(why),
            };
            match base {
                Ok(base) => self.parent[at] = base,
                Err(why) => broken.push((at as u32, why)),
            }
        }
        broken
    }

    /// The entry at `offset`, among those before `before`.
    fn find(&self, offset: u64, before: usize) -> Option<u32> {
        // Bases tend to be near: double the step backwards, then halve.
        let (mut low, mut high, mut step) = (before, before, 16);
        while low > 0 {
            low = low.saturating_sub(step);
            if self.entries.offsets[low] <= offset {
                break;
            }
            high = low;
            step *= 2;
        }
        self.entries.offsets[low..high].binary_search(&offset).ok().map(|at| (low + at) as u32)
    }

    /// Hands kinds down from bases. Gives an order in which bases come first, if that of offsets is none.
    fn settle_kinds(
        &mut self,
        pack: &Pack,
        broken: Vec<(u32, Why)>,
        outside: &mut dyn Outside,
        problem: &mut dyn FnMut(Problem),
    ) -> Option<Vec<u32>> {
        let n = self.entries.offsets.len();
        for at in 0..n {
            let parent = self.parent[at];
            if parent != NONE {
                self.flags[at] = self.flags[parent as usize];
            }
        }
        let regular = broken.is_empty()
            && (0..n)
                .all(|at| self.flags[at] != 0 && (self.parent[at] == NONE || self.parent[at] < at as u32));
        if regular {
            return None;
        }
        // Bases after their children, broken entries, cycles: by way of child lists.
        self.link_all();
        let mut order = Vec::with_capacity(n);
        let mut seen = vec![false; n];
        let roots: Vec<u32> = (0..n as u32)
            .filter(|&at| self.parent[at as usize] == NONE && self.flags[at as usize] != 0)
            .collect();
        for root in roots {
            self.spread(root, &mut seen, &mut order);
        }
        let whys: HashMap<u32, Why> = broken.into_iter().collect();
        // First those that are broken themselves: what hangs below them may be saved with them.
        let mut left: Vec<u32> = (0..n as u32).filter(|&at| !seen[at as usize]).collect();
        left.sort_by_key(|at| !whys.contains_key(at));
        for at in left {
            if seen[at as usize] || self.entries.pos[at as usize] == NONE {
                continue;
            }
            let id = pack.index.id(self.entries.pos[at as usize]);
            // Without a kind of its own, any copy elsewhere must tell it; one in this pack is this one.
            if let Some(kind) = outside.kind(&id) {
                self.unlink(at);
                self.flags[at as usize] = kind as u8;
                self.spread(at, &mut seen, &mut order);
            }
        }
        for at in (0..n as u32).filter(|&at| !seen[at as usize]) {
            self.flags[at as usize] = 0;
            let pos = self.entries.pos[at as usize];
            // What another copy is visited for is not lost.
            if pos != NONE && outside.wanted(pos) {
                let why = whys.get(&at).copied().unwrap_or_else(|| self.why_lost(at, &whys));
                problem(pack.problem(why, Some(pack.index.id(pos)), self.entries.offsets[at as usize]));
            }
        }
        Some(order)
    }

    /// Why an entry without a kind has none: its chain ends in a broken one, or nowhere.
    fn why_lost(&self, at: u32, whys: &HashMap<u32, Why>) -> Why {
        let mut at = at;
        for _ in 0..64 {
            if whys.contains_key(&at) {
                return Why::BaseBroken;
            }
            at = self.parent[at as usize];
            if at == NONE {
                return Why::BaseBroken;
            }
        }
        Why::BaseCycle
    }

    /// Marks what hangs below `root`, and hands its kind down.
    fn spread(&mut self, root: u32, seen: &mut [bool], order: &mut Vec<u32>) {
        let kind = self.flags[root as usize];
        let mut todo = order.len();
        seen[root as usize] = true;
        order.push(root);
        while todo < order.len() {
            let mut child = self.first_child[order[todo] as usize];
            todo += 1;
            while child != NONE {
                if !seen[child as usize] {
                    seen[child as usize] = true;
                    self.flags[child as usize] = kind;
                    order.push(child);
                }
                child = self.next_sibling[child as usize];
            }
        }
    }

    fn unlink(&mut self, at: u32) {
        let parent = std::mem::replace(&mut self.parent[at as usize], NONE);
        if parent == NONE {
            return;
        }
        let next = self.next_sibling[at as usize];
        if self.first_child[parent as usize] == at {
            self.first_child[parent as usize] = next;
            return;
        }
        let mut child = self.first_child[parent as usize];
        while child != NONE {
            if self.next_sibling[child as usize] == at {
                self.next_sibling[child as usize] = next;
                return;
            }
            child = self.next_sibling[child as usize];
        }
    }

    /// Links every child to its parent, in no order.
    fn link_all(&mut self) {
        for at in (0..self.entries.offsets.len() as u32).rev() {
            let parent = self.parent[at as usize];
            if parent != NONE {
                self.next_sibling[at as usize] = self.first_child[parent as usize];
                self.first_child[parent as usize] = at;
            }
        }
    }

    /// Links the children that lead to something wanted, the heaviest last, and finds the roots.
    fn link_children(&mut self, order: Option<&[u32]>) {
        let n = self.entries.offsets.len();
        let mut weight: Vec<u32> = self.flags.iter().map(|&flags| u32::from(flags & WANTED != 0)).collect();
        let mut carry = |at: u32, parent: u32| {
            if parent != NONE {
                weight[parent as usize] = weight[parent as usize].saturating_add(weight[at as usize]);
            }
        };
        match order {
            None => (0..n as u32).rev().for_each(|at| carry(at, self.parent[at as usize])),
            Some(order) => order.iter().rev().for_each(|&at| carry(at, self.parent[at as usize])),
        }
        self.first_child.fill(NONE);
        self.next_sibling.fill(NONE);
        let live = |at: usize| self.flags[at] & KIND != 0 && weight[at] > 0;
        // The head of a list is its heaviest while the list is built; then it is put at the end.
        let mut last = vec![NONE; n];
        for at in (0..n).rev().filter(|&at| live(at)) {
            let parent = self.parent[at];
            if parent == NONE {
                self.roots.push(at as u32);
                continue;
            }
            let parent = parent as usize;
            let heaviest = last[parent];
            if heaviest == NONE {
                last[parent] = at as u32;
            } else {
                let lighter = if weight[at] > weight[heaviest as usize] {
                    last[parent] = at as u32;
                    heaviest as usize
                } else {
                    at
                };
                self.next_sibling[lighter] = self.first_child[parent];
                self.first_child[parent] = lighter as u32;
            }
        }
        self.roots.reverse();
        // Each list is walked once, to its end.
        for parent in (0..n).filter(|&at| last[at] != NONE) {
            let mut child = self.first_child[parent];
            if child == NONE {
                self.first_child[parent] = last[parent];
                continue;
            }
            while self.next_sibling[child as usize] != NONE {
                child = self.next_sibling[child as usize];
            }
            self.next_sibling[child as usize] = last[parent];
        }
    }

    /// Takes entries out of those that are to be visited; trees in which none is left are not walked at all.
    pub(crate) fn leave_out(&mut self, mut done: impl FnMut(u32, Kind) -> bool) {
        // Every linked entry, each after its base.
        let mut order = self.roots.clone();
        let mut next = 0;
        while let Some(&at) = order.get(next) {
            next += 1;
            let mut child = self.first_child(at);
            while let Some(at) = child {
                order.push(at);
                child = self.next_sibling(at);
            }
        }
        for &at in &order {
            if let (true, Some(pos), Some(kind)) = (self.is_wanted(at), self.pos(at), self.kind(at))
                && done(pos, kind)
            {
                self.flags[at as usize] &= !WANTED;
            }
        }
        self.roots.clear();
        self.link_children(Some(&order));
    }

    /// How many entries of these kinds are to be visited.
    pub(crate) fn count(&self, kinds: &[Kind]) -> usize {
        let wanted = |flags: u8| {
            flags & WANTED != 0 && Kind::from_number(flags & KIND).is_some_and(|kind| kinds.contains(&kind))
        };
        self.flags.iter().filter(|&&flags| wanted(flags)).count()
    }

    /// The kind of the entry's object.
    pub(crate) fn kind(&self, at: u32) -> Option<Kind> {
        Kind::from_number(self.flags[at as usize] & KIND)
    }

    /// Position in the index and kind of every entry that has both.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (u32, Kind)> + '_ {
        (0..self.flags.len() as u32).filter_map(|at| Some((self.pos(at)?, self.kind(at)?)))
    }

    /// Whether the entry's object is to be visited; else it is only somebody's base.
    pub(crate) fn is_wanted(&self, at: u32) -> bool {
        self.flags[at as usize] & WANTED != 0
    }

    pub(crate) fn parent(&self, at: u32) -> Option<u32> {
        Some(self.parent[at as usize]).filter(|&parent| parent != NONE)
    }

    pub(crate) fn first_child(&self, at: u32) -> Option<u32> {
        Some(self.first_child[at as usize]).filter(|&child| child != NONE)
    }

    pub(crate) fn next_sibling(&self, at: u32) -> Option<u32> {
        Some(self.next_sibling[at as usize]).filter(|&next| next != NONE)
    }

    pub(crate) fn pos(&self, at: u32) -> Option<u32> {
        Some(self.entries.pos[at as usize]).filter(|&pos| pos != NONE)
    }

    /// Where the entry begins in the pack.
    pub(crate) fn offset(&self, at: u32) -> u64 {
        self.entries.offsets[at as usize]
    }

    /// Where the entry ends in the pack. `None`: not known, because this is a part of the pack only.
    pub(crate) fn end(&self, at: u32, pack: &Pack) -> Option<u64> {
        let next = || self.entries.offsets.get(at as usize + 1).copied().unwrap_or_else(|| pack.end());
        self.entries.complete.then(next)
    }
}

/// Which entries a forest is made of, sorted by offset.
#[derive(Debug)]
pub(crate) struct Entries<'s> {
    pub(crate) offsets: Cow<'s, [u64]>,
    /// Positions in the index; `NONE`: not known.
    pub(crate) pos: Cow<'s, [u32]>,
    /// Whether these are all entries of the pack, so that each ends where the next begins.
    pub(crate) complete: bool,
}
