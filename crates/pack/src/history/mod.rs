//! Who introduced what: every commit, tree and blob in one pass.
//!
//! [`History::read`] walks commits, trees and tags once and then visits each tree once, commits oldest first.
//! What a tree shows for the first time was introduced by that commit. So the first commit of *every* object is
//! known, as is what the given tips reach; more findings cost no more walking. Paths and the last commit
//! that still had a blob are found for the blobs that are asked for: [`History::introductions`].

mod gather;
mod lists;
mod names;
pub(crate) mod numbers;
mod order;
mod paths;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use self::gather::{Commits, Common, Gather};
use self::lists::{Expander, Lists, Merged};
use crate::forest::NONE;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::plan::{Plan, stopped};
use crate::problem::{Problem, Why};
use crate::room::{Growing, Room, Table};
use crate::store::Store;
use crate::walk::Options;

pub use self::paths::{Introduction, Occurrence};

/// Where a history begins.
#[derive(Debug, Clone, Default)]
pub struct Tips {
    /// What refs point at: commits mostly, but tags, trees and blobs as well. With `HEAD`.
    pub refs: Vec<ObjectId>,
    /// What `HEAD` points at, to say what is there now.
    pub head: Option<ObjectId>,
    /// The commits of a shallow clone whose parents are known to be absent (`.git/shallow`).
    pub shallow: Vec<ObjectId>,
}

/// An object that the history needs and the store does not have, or cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The object.
    pub id: ObjectId,
    /// The commit, tag or tip by way of which it was found first.
    pub from: ObjectId,
    /// Whether it is a tree or commit, so that what it leads to is unknown too.
    pub leads_on: bool,
}

/// The commits, trees and tags of a store, read and put in order.
#[derive(Debug)]
pub struct History<'s> {
    store: &'s Store,
    lists: Merged,
    /// Commits and other tips, oldest first, reachable ones first.
    sources: Growing<[u32; 3]>,
    /// Where sources that are no commits begin, and where unreachable commits do.
    tips_from: usize,
    reachable: usize,
    commits: usize,
    /// The position in `sources` of the first source of each object.
    first: Table<u32>,
    /// Rows of reachable trees, and of the trees of all commits.
    reachable_rows: Bits,
    seen_rows: Bits,
    head: Option<u32>,
    /// What each ref leads to, tags followed.
    refs: Vec<u32>,
    gaps: Vec<Gap>,
    /// The numbers of the gaps, in the same order.
    gap_numbers: Vec<u32>,
    problems: Vec<Problem>,
}

/// What shows objects: a commit shows its tree, a tip itself.
#[derive(Debug, Clone, Copy)]
struct Source {
    /// The commit's number, or that of the tag or object that a ref names.
    number: u32,
    /// What it shows, and whether that is a tree.
    shows: u32,
    is_tree: bool,
}

impl From<[u32; 3]> for Source {
    fn from([number, shows, is_tree]: [u32; 3]) -> Self {
        Self { number, shows, is_tree: is_tree != 0 }
    }
}

impl From<Source> for [u32; 3] {
    fn from(source: Source) -> Self {
        [source.number, source.shows, u32::from(source.is_tree)]
    }
}

impl<'s> History<'s> {
    /// Reads the history of a store. `plan` must be a [`Plan::everything`] of `store`; of `options`, threads,
    /// memory and stop matter. Once `stop` is set it ends early, and what there is by then is not the whole history.
    pub fn read(store: &'s Store, plan: &Plan<'s>, tips: &Tips, options: &Options) -> Self {
        let kinds = vec![Kind::Commit, Kind::Tree, Kind::Tag];
        let options = Options { kinds, large: u64::MAX, ..options.clone() };
        let (room, stop) = (store.room(), options.stop.as_deref());
        let common = Common::new(store, stop);
        let parts = plan.walk(&options, |_| Gather::new(&common));
        let (mut commits, mut tags, mut problems, mut lists) =
            (Commits::new(room), Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            if commits.len() == 0 {
                commits = part.commits;
            } else {
                commits.append(&part.commits);
            }
            tags.extend(part.tags);
            problems.extend(part.problems);
            lists.push(part.lists);
        }
        tags.sort_unstable();
        let refs: Vec<u32> = tips.refs.iter().chain(&tips.head).map(|id| common.number(id)).collect();
        let shallow: HashSet<u32> = tips.shallow.iter().map(|id| common.number(id)).collect();
        commits.cut(shallow);
        let gap_ids = common.into_gaps();
        let numbers = store.count().saturating_add(gap_ids.len() as u32);
        let (lists, lost) = Lists::merge(lists, room, numbers);
        let no_room = |tree| Problem { why: Why::TooLarge, id: store.id(tree), file: None, offset: None };
        problems.extend(lost.into_iter().map(no_room));
        let mut history = Self {
            store,
            lists,
            sources: Growing::new(room),
            tips_from: 0,
            reachable: 0,
            commits: 0,
            first: Table::filled(room, numbers as usize, NONE),
            reachable_rows: Bits::new(room, 0),
            seen_rows: Bits::new(room, 0),
            head: None,
            refs: Vec::new(),
            gaps: Vec::new(),
            gap_numbers: Vec::new(),
            problems,
        };
        let (peeled, chains) = peel(&refs, &tags);
        history.head = tips.head.and_then(|_| peeled.last().copied());
        history.order(&commits, &refs, &peeled, &gap_ids, stop);
        drop(commits);
        history.refs = peeled[..tips.refs.len()].to_vec();
        history.visit_all(&gap_ids, stop);
        // A tag is as reachable as what it is of.
        for (tag, target) in chains {
            history.first[tag as usize] = history.first[target as usize];
        }
        history
    }

    fn order(
        &mut self,
        commits: &Commits,
        refs: &[u32],
        peeled: &[u32],
        gap_ids: &[ObjectId],
        stop: Option<&AtomicBool>,
    ) {
        let tables = (&mut *self.first, self.store.room());
        let found = order::order(commits, peeled.iter().copied(), tables, stop);
        let source = |&at: &u32| {
            let commit = commits.get(at);
            Source { number: commit.number, shows: commit.tree, is_tree: true }
        };
        self.commits = commits.len();
        self.sources.reserve(found.commits.len());
        for source in found.commits[..found.reachable].iter().map(source) {
            self.first[source.number as usize] = self.sources.len() as u32;
            self.sources.push(source.into());
        }
        self.tips_from = self.sources.len();
        self.add_tips(refs, peeled, gap_ids);
        self.reachable = self.sources.len();
        for source in found.commits[found.reachable..].iter().map(source) {
            self.first[source.number as usize] = self.sources.len() as u32;
            self.sources.push(source.into());
        }
        let mut seen = HashSet::new();
        for (parent, commit) in found.lost {
            if seen.insert(parent) {
                let from = self.id(commits.get(commit).number, gap_ids);
                self.gap(parent, Gap { id: self.id(parent, gap_ids), from, leads_on: true });
            }
        }
    }

    /// Refs and tags that point at something else than a commit.
    fn add_tips(&mut self, refs: &[u32], peeled: &[u32], gap_ids: &[ObjectId]) {
        let mut seen = HashSet::new();
        for (&tip, &target) in refs.iter().zip(peeled) {
            let is_commit = self.first[target as usize] != NONE;
            if is_commit || !seen.insert((tip, target)) {
                continue;
            }
            let id = self.id(target, gap_ids);
            match self.store.kind(&id) {
                Some(kind @ (Kind::Tree | Kind::Blob)) => {
                    let source = Source { number: tip, shows: target, is_tree: kind == Kind::Tree };
                    self.sources.push(source.into());
                }
                _ => self.gap(target, Gap { id, from: self.id(tip, gap_ids), leads_on: true }),
            }
        }
    }

    /// Visits every tree once, oldest source first.
    fn visit_all(&mut self, gap_ids: &[ObjectId], stop: Option<&AtomicBool>) {
        let room = self.store.room();
        let mut seen = Bits::new(room, self.lists.row_count());
        let mut expander = Expander::new(room, self.first.len());
        let mut todo = Vec::new();
        for at in 0..self.sources.len() {
            if at == self.reachable {
                self.reachable_rows = seen.copy(room);
            }
            if at % 64 == 0 && stopped(stop) {
                break;
            }
            let source = self.source(at);
            self.show(at, source.shows, source.is_tree, &mut todo, gap_ids);
            while let Some(tree) = todo.pop() {
                let Some(rows) = expander.rows(&self.lists, tree) else { continue };
                for &row in rows {
                    if seen.set(row) {
                        continue;
                    }
                    let row = self.lists.row(row);
                    if let Some(child) = row.child() {
                        self.show(at, child, row.is_tree(), &mut todo, gap_ids);
                    }
                }
            }
        }
        if self.reachable == self.sources.len() {
            self.reachable_rows = seen.copy(room);
        }
        self.seen_rows = seen;
    }

    fn source(&self, at: usize) -> Source {
        self.sources[at].into()
    }

    /// Notes that a source shows an object, if it is the first to do so.
    fn show(&mut self, at: usize, object: u32, is_tree: bool, todo: &mut Vec<u32>, gap_ids: &[ObjectId]) {
        let first = &mut self.first[object as usize];
        if *first != NONE {
            return;
        }
        *first = at as u32;
        let is_read = self.lists.is_read(object);
        if is_read {
            todo.push(object);
        } else if (is_tree || object >= self.store.count()) && at < self.reachable {
            let from = self.id(self.source(at).number, gap_ids);
            self.gap(object, Gap { id: self.id(object, gap_ids), from, leads_on: is_tree });
        }
    }

    fn gap(&mut self, number: u32, gap: Gap) {
        self.gaps.push(gap);
        self.gap_numbers.push(number);
    }

    fn id(&self, number: u32, gap_ids: &[ObjectId]) -> ObjectId {
        let gap = || gap_ids.get(number.checked_sub(self.store.count())? as usize).copied();
        self.store.id(number).or_else(gap).unwrap_or_else(|| ObjectId::from_raw(&[0; 20]))
    }

    /// How many commits the store has, reachable or not.
    pub fn commit_count(&self) -> usize {
        self.commits
    }

    /// Whether a tip leads to the object: a commit, tree, blob or tag. Missing objects may be reachable too.
    pub fn is_reachable(&self, id: &ObjectId) -> bool {
        self.store.number(id).is_some_and(|number| self.is_reachable_number(number))
    }

    /// The same for the number that the store has for the object.
    pub fn is_reachable_number(&self, number: u32) -> bool {
        self.first.get(number as usize).is_some_and(|&first| (first as usize) < self.reachable)
    }

    /// The commit that shows the object first; for what only a ref or tag leads to, that ref's target. Reachable
    /// ones come before all others. `None`: no commit has it.
    pub fn first(&self, id: &ObjectId) -> Option<ObjectId> {
        let first = *self.first.get(self.store.number(id)? as usize)?;
        let [number, ..] = *self.sources.get(first as usize)?;
        self.store.id(number)
    }

    /// Reachable objects that are missing or cannot be read. Blobs that are there are not read for this, so a
    /// broken one is not among them.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Commits, trees and tags that could not be read, reachable or not, and [`Plan::problems`]: any of those
    /// may hide a part of the history.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// Follows tags to what they are of. Gives that for each ref, and for every tag on the way.
fn peel(refs: &[u32], tags: &[(u32, u32)]) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut chains = Vec::new();
    let peeled = refs
        .iter()
        .map(|&tip| {
            let (mut at, start) = (tip, chains.len());
            for _ in 0..=tags.len() {
                let Ok(tag) = tags.binary_search_by_key(&at, |(number, _)| *number) else { break };
                chains.push((at, NONE));
                at = tags[tag].1;
            }
            chains[start..].iter_mut().for_each(|(_, target)| *target = at);
            at
        })
        .collect();
    (peeled, chains)
}

/// A set of small numbers.
#[derive(Debug)]
struct Bits(Table<u64>);

impl Bits {
    fn new(room: &Arc<Room>, len: usize) -> Self {
        Self(Table::zeroed(room, len.div_ceil(64)))
    }

    fn copy(&self, room: &Arc<Room>) -> Self {
        let mut copy = Table::zeroed(room, self.0.len());
        copy.copy_from_slice(&self.0);
        Self(copy)
    }

    /// Adds a number. Whether it was there before.
    #[inline]
    fn set(&mut self, number: u32) -> bool {
        let (word, bit) = (&mut self.0[number as usize / 64], 1 << (number % 64));
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    #[inline]
    fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }
}
