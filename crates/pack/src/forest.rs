//! The entries of one pack as a forest of deltas.
//!
//! A root is a whole object, or a delta whose base is not in the pack. Children are the deltas against an
//! entry, the heaviest subtree last: a walk that goes into the last child has no more use for the base, so it
//! never holds more bases than the logarithm of the tree's size.
//!
//! While a forest is made, a table has the parent of each entry; afterwards the last of a list of siblings says
//! whose children they are, since only a base that has to be decoded again asks for it. So an entry takes nine
//! bytes, and eight more for where it lies.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::object::Kind;
use crate::oid::ObjectId;
use crate::packfile::{Is, Order, Pack};
use crate::problem::{Problem, Why};
use crate::room::{Growing, Room, Table};

/// No entry.
pub(crate) const NONE: u32 = u32::MAX;

const KIND: u8 = 7;
const WANTED: u8 = 8;

/// In place of a sibling: what follows is the parent. A store has fewer objects than this.
const UP: u32 = 1 << 31;

/// After so many entries it is asked whether to go on.
const BEAT: usize = 1 << 12;

/// Some or all entries of one pack, by offset.
#[derive(Debug)]
pub(crate) struct Forest<'s> {
    pub(crate) pack: usize,
    entries: Entries<'s>,
    first_child: Table<u32>,
    /// The next child of the same base, or that base with [`UP`]; a root has `NONE`.
    next_sibling: Table<u32>,
    /// Kind of the object, and whether it is to be visited.
    flags: Table<u8>,
    /// The trees to walk: their first entries.
    pub(crate) roots: Growing<u32>,
}

/// What is needed to know of entries outside of the pack.
pub(crate) trait Outside {
    /// The kind of an object that is not in this pack, or not well.
    fn kind(&mut self, id: &ObjectId) -> Option<Kind>;
    /// Whether the entry with this position in the index is to be visited.
    fn wanted(&mut self, pos: u32) -> bool;
    /// Whether nobody waits for the plan any more.
    fn stopped(&self) -> bool;
}

impl<'s> Forest<'s> {
    /// All entries of `pack`. Those that belong to no tree are rescued, as roots, where another copy tells
    /// their kind, else reported to `problem`.
    pub(crate) fn new(
        room: &Arc<Room>,
        number: usize,
        pack: &Pack,
        entries: Entries<'s>,
        outside: &mut dyn Outside,
        problem: &mut dyn FnMut(Problem),
    ) -> Self {
        let n = entries.len();
        let mut forest = Self {
            pack: number,
            entries,
            first_child: Table::filled(room, n, NONE),
            next_sibling: Table::filled(room, n, NONE),
            flags: Table::zeroed(room, n),
            roots: Growing::new(room),
        };
        let mut parent = Table::filled(room, n, NONE);
        let broken = forest.read_headers(pack, outside, &mut parent);
        if outside.stopped() {
            forest.flags.fill(0);
            return forest;
        }
        let order = forest.settle_kinds(pack, broken, outside, &mut parent, problem);
        for at in 0..n {
            if at % BEAT == 0 && outside.stopped() {
                break;
            }
            let pos = forest.entries.pos(at);
            if forest.flags[at] & KIND != 0 && pos != NONE && outside.wanted(pos) {
                forest.flags[at] |= WANTED;
            }
        }
        if outside.stopped() {
            return forest;
        }
        forest.link_children(room, order.as_deref(), &parent);
        forest
    }

    /// Reads every header: parents, and the kinds of whole objects. Gives the entries that have neither.
    fn read_headers(
        &mut self,
        pack: &Pack,
        outside: &mut dyn Outside,
        parent: &mut [u32],
    ) -> Vec<(u32, Why)> {
        let mut broken = Vec::new();
        for (at, parent) in parent.iter_mut().enumerate() {
            if at % BEAT == 0 && outside.stopped() {
                break;
            }
            let base = match pack.entry(self.entries.offset(at)) {
                Ok(entry) => match entry.is {
                    Is::Whole(kind) => {
                        self.flags[at] = kind as u8;
                        continue;
                    }
                    Is::Offset(base) => self.find(base, at).ok_or(Why::BaseMissing),
                    Is::Named(id) => {
                        match pack.index.find(id.as_bytes()).and_then(|p| pack.index.offset(p)) {
                            Some(base) => self.find(base, self.entries.len()).ok_or(Why::BaseMissing),
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
                Ok(base) => *parent = base,
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
            if self.entries.offset(low) <= offset {
                break;
            }
            high = low;
            step *= 2;
        }
        while low < high {
            let mid = low + (high - low) / 2;
            match self.entries.offset(mid).cmp(&offset) {
                Ordering::Equal => return Some(mid as u32),
                Ordering::Less => low = mid + 1,
                Ordering::Greater => high = mid,
            }
        }
        None
    }

    /// Hands kinds down from bases. Gives an order in which bases come first, if that of offsets is none.
    fn settle_kinds(
        &mut self,
        pack: &Pack,
        broken: Vec<(u32, Why)>,
        outside: &mut dyn Outside,
        parent: &mut [u32],
        problem: &mut dyn FnMut(Problem),
    ) -> Option<Vec<u32>> {
        let n = self.entries.len();
        for (at, &parent) in parent.iter().enumerate() {
            if parent != NONE {
                self.flags[at] = self.flags[parent as usize];
            }
        }
        let regular = broken.is_empty()
            && (0..n).all(|at| self.flags[at] != 0 && (parent[at] == NONE || parent[at] < at as u32));
        if regular {
            return None;
        }
        // Bases after their children, broken entries, cycles: by way of child lists.
        self.link_all(parent);
        let mut order = Vec::with_capacity(n);
        let mut seen = vec![false; n];
        let roots: Vec<u32> =
            (0..n as u32).filter(|&at| parent[at as usize] == NONE && self.flags[at as usize] != 0).collect();
        for root in roots {
            self.spread(root, &mut seen, &mut order);
        }
        let whys: HashMap<u32, Why> = broken.into_iter().collect();
        // First those that are broken themselves: what hangs below them may be saved with them.
        let mut left: Vec<u32> = (0..n as u32).filter(|&at| !seen[at as usize]).collect();
        left.sort_by_key(|at| !whys.contains_key(at));
        for at in left {
            if seen[at as usize] || self.entries.pos(at as usize) == NONE {
                continue;
            }
            let id = pack.index.id(self.entries.pos(at as usize));
            // Without a kind of its own, any copy elsewhere must tell it; one in this pack is this one.
            if let Some(kind) = outside.kind(&id) {
                self.unlink(at, parent);
                self.flags[at as usize] = kind as u8;
                self.spread(at, &mut seen, &mut order);
            }
        }
        for at in (0..n as u32).filter(|&at| !seen[at as usize]) {
            self.flags[at as usize] = 0;
            let pos = self.entries.pos(at as usize);
            // What another copy is visited for is not lost.
            if pos != NONE && outside.wanted(pos) {
                let why = whys.get(&at).copied().unwrap_or_else(|| why_lost(at, &whys, parent));
                problem(pack.problem(why, Some(pack.index.id(pos)), self.entries.offset(at as usize)));
            }
        }
        Some(order)
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

    fn unlink(&mut self, at: u32, parent: &mut [u32]) {
        let parent = std::mem::replace(&mut parent[at as usize], NONE);
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
    fn link_all(&mut self, parent: &[u32]) {
        for at in (0..parent.len() as u32).rev() {
            let parent = parent[at as usize];
            if parent != NONE {
                self.next_sibling[at as usize] = self.first_child[parent as usize];
                self.first_child[parent as usize] = at;
            }
        }
    }

    /// Links the children that lead to something wanted, the heaviest last, and finds the roots.
    fn link_children(&mut self, room: &Arc<Room>, order: Option<&[u32]>, parent: &[u32]) {
        let n = self.entries.len();
        let mut weight: Table<u32> = Table::zeroed(room, n);
        for (weight, flags) in weight.iter_mut().zip(self.flags.iter()) {
            *weight = u32::from(flags & WANTED != 0);
        }
        let mut carry = |at: u32| {
            let parent = parent[at as usize];
            if parent != NONE {
                weight[parent as usize] = weight[parent as usize].saturating_add(weight[at as usize]);
            }
        };
        match order {
            None => (0..n as u32).rev().for_each(&mut carry),
            Some(order) => order.iter().rev().for_each(|&at| carry(at)),
        }
        self.first_child.fill(NONE);
        self.next_sibling.fill(NONE);
        let live = |at: usize| self.flags[at] & KIND != 0 && weight[at] > 0;
        // The head of a list is its heaviest while the list is built; then it is put at the end.
        for at in (0..n).rev().filter(|&at| live(at)) {
            if parent[at] == NONE {
                self.roots.push(at as u32);
                continue;
            }
            let head = &mut self.first_child[parent[at] as usize];
            if *head == NONE {
                *head = at as u32;
            } else if weight[at] > weight[*head as usize] {
                self.next_sibling[at] = *head;
                *head = at as u32;
            } else {
                self.next_sibling[at] = self.next_sibling[*head as usize];
                self.next_sibling[*head as usize] = at as u32;
            }
        }
        self.roots.reverse();
        // Each list is walked once, to its end.
        for parent in 0..n {
            let head = self.first_child[parent];
            if head == NONE {
                continue;
            }
            let mut last = self.next_sibling[head as usize];
            if last != NONE {
                self.first_child[parent] = last;
                while self.next_sibling[last as usize] != NONE {
                    last = self.next_sibling[last as usize];
                }
                self.next_sibling[last as usize] = head;
            }
            self.next_sibling[head as usize] = parent as u32 | UP;
        }
    }

    /// Takes entries out of those that are to be visited; trees in which none is left are not walked at all.
    pub(crate) fn leave_out(&mut self, room: &Arc<Room>, mut done: impl FnMut(u32, Kind) -> bool) {
        // Every linked entry, each after its base.
        let mut order = Growing::new(room);
        order.extend_from_slice(&self.roots);
        let mut parent = Table::filled(room, self.entries.len(), NONE);
        let mut next = 0;
        while let Some(&at) = order.get(next) {
            next += 1;
            let mut child = self.first_child(at);
            while let Some(found) = child {
                parent[found as usize] = at;
                order.push(found);
                child = self.next_sibling(found);
            }
        }
        for &at in order.iter() {
            if let (true, Some(pos), Some(kind)) = (self.is_wanted(at), self.pos(at), self.kind(at))
                && done(pos, kind)
            {
                self.flags[at as usize] &= !WANTED;
            }
        }
        self.roots = Growing::new(room);
        self.link_children(room, Some(&order), &parent);
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

    /// The base of an entry of a tree that is walked.
    pub(crate) fn parent(&self, at: u32) -> Option<u32> {
        let mut next = self.next_sibling[at as usize];
        while next & UP == 0 {
            next = self.next_sibling[next as usize];
        }
        (next != NONE).then_some(next & !UP)
    }

    pub(crate) fn first_child(&self, at: u32) -> Option<u32> {
        Some(self.first_child[at as usize]).filter(|&child| child != NONE)
    }

    pub(crate) fn next_sibling(&self, at: u32) -> Option<u32> {
        Some(self.next_sibling[at as usize]).filter(|next| next & UP == 0)
    }

    pub(crate) fn pos(&self, at: u32) -> Option<u32> {
        Some(self.entries.pos(at as usize)).filter(|&pos| pos != NONE)
    }

    /// Where the entry begins in the pack.
    pub(crate) fn offset(&self, at: u32) -> u64 {
        self.entries.offset(at as usize)
    }

    /// Where the entry ends in the pack. `None`: not known, because this is a part of the pack only.
    pub(crate) fn end(&self, at: u32, pack: &Pack) -> Option<u64> {
        let Entries::All(order) = &self.entries else { return None };
        let next = at as usize + 1;
        Some(if next < order.len() { order.offset(next) } else { pack.end() })
    }
}

/// Why an entry without a kind has none: its chain ends in a broken one, or nowhere.
fn why_lost(mut at: u32, whys: &HashMap<u32, Why>, parent: &[u32]) -> Why {
    for _ in 0..64 {
        if whys.contains_key(&at) {
            return Why::BaseBroken;
        }
        at = parent[at as usize];
        if at == NONE {
            return Why::BaseBroken;
        }
    }
    Why::BaseCycle
}

/// Which entries a forest is made of, sorted by offset.
#[derive(Debug)]
pub(crate) enum Entries<'s> {
    /// All of a pack, so that each ends where the next begins.
    All(&'s Order),
    /// Some, with their positions in the index; `NONE`: not known.
    Some { offsets: Vec<u64>, pos: Vec<u32> },
}

impl Entries<'_> {
    fn len(&self) -> usize {
        match self {
            Self::All(order) => order.len(),
            Self::Some { offsets, .. } => offsets.len(),
        }
    }

    #[inline]
    fn offset(&self, at: usize) -> u64 {
        match self {
            Self::All(order) => order.offset(at),
            Self::Some { offsets, .. } => offsets[at],
        }
    }

    #[inline]
    fn pos(&self, at: usize) -> u32 {
        match self {
            Self::All(order) => order.pos(at),
            Self::Some { pos, .. } => pos[at],
        }
    }
}
