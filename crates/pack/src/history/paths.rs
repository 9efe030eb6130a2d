//! Where blobs were: the paths under which history has them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::lists::Expander;
use super::{Bits, History};
use crate::forest::NONE;
use crate::oid::ObjectId;

/// So many paths of one blob are listed, and of one tree followed: a tree that contains another ten times, ten
/// levels deep, has more than anybody can list.
const PATHS: usize = 1000;
/// So many pairs of a tree and its path are followed in all.
const PAIRS: usize = 4_000_000;

/// The history of one blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduction {
    /// The blob.
    pub blob: ObjectId,
    /// Every path under which a commit has it, oldest first. Empty: no commit has it.
    pub occurrences: Vec<Occurrence>,
    /// The newest commit that has it, in the order of [`History`]: reachable ones come before all others.
    pub last: Option<ObjectId>,
    /// Whether a ref leads to it.
    pub reachable: bool,
    /// Whether there are more paths than are listed.
    pub truncated: bool,
}

/// A blob under one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// The first commit that has the blob under this path. For what only a ref or a tag leads to: that ref's
    /// target.
    pub commit: ObjectId,
    /// The path, as git has it. Empty: a ref or a tag points at the blob itself.
    pub path: Vec<u8>,
    /// Whether a ref leads to that commit.
    pub reachable: bool,
    /// Whether `HEAD` has the blob under this path.
    pub in_head: bool,
}

/// What a search for blobs has found so far.
struct Search<'h, 's> {
    history: &'h History<'s>,
    expander: Expander,
    /// The blobs, by number.
    wanted: Bits,
    /// Rows that lead to one.
    hot: Bits,
    paths: Paths,
    visited: HashSet<(u32, u32)>,
    /// Under how many paths each tree was visited.
    path_counts: HashMap<u32, usize>,
    /// Trees that have more paths than were followed.
    cut: HashSet<u32>,
}

/// Paths, each as a parent and a name.
#[derive(Default)]
struct Paths {
    known: HashMap<(u32, u32), u32>,
    steps: Vec<(u32, u32)>,
}

impl Paths {
    fn join(&mut self, parent: u32, name: u32) -> u32 {
        *self.known.entry((parent, name)).or_insert_with(|| {
            self.steps.push((parent, name));
            self.steps.len() as u32 - 1
        })
    }
}

impl History<'_> {
    /// Where each of `blobs` came from, in the same order. A blob that the store does not have has no occurrences.
    pub fn introductions(&self, blobs: &[ObjectId]) -> Vec<Introduction> {
        if blobs.is_empty() {
            return Vec::new();
        }
        let numbers: Vec<Option<u32>> = blobs.iter().map(|blob| self.store.number(blob)).collect();
        let mut search = Search {
            history: self,
            expander: Expander::new(self.first.len()),
            wanted: Bits::new(self.first.len()),
            hot: Bits::new(self.lists.row_count()),
            paths: Paths::default(),
            visited: HashSet::new(),
            path_counts: HashMap::new(),
            cut: HashSet::new(),
        };
        for number in numbers.iter().flatten() {
            search.wanted.set(*number);
        }
        let last = search.newest_first();
        let mut found: HashMap<u32, Found> = HashMap::new();
        for at in 0..self.sources.len() {
            search.follow(at, |blob, path| {
                let found = found.entry(blob).or_default();
                if found.paths.len() < PATHS {
                    found.paths.entry(path).or_insert(at as u32);
                } else if !found.paths.contains_key(&path) {
                    found.truncated = true;
                }
            });
        }
        let mut head = HashSet::new();
        let in_head = self.head.map(|head| self.first[head as usize]);
        if let Some(at) = in_head.filter(|&at| at != NONE) {
            search.visited.clear();
            search.path_counts.clear();
            search.follow(at as usize, |blob, path| {
                head.insert((blob, path));
            });
        }
        let cut = search.below_cut();
        let source = |at: u32| self.sources.get(at as usize).and_then(|source| self.store.id(source.number));
        let one = |(blob, number): (&ObjectId, &Option<u32>)| {
            let known = number.unwrap_or(NONE);
            let found = found.get(&known);
            let mut paths: Vec<(u32, u32)> =
                found.iter().flat_map(|f| f.paths.iter().map(|(path, at)| (*at, *path))).collect();
            paths.sort_unstable();
            let occurrence = |&(at, path): &(u32, u32)| {
                Some(Occurrence {
                    commit: source(at)?,
                    path: search.path(path),
                    reachable: (at as usize) < self.reachable,
                    in_head: head.contains(&(known, path)),
                })
            };
            Introduction {
                blob: *blob,
                occurrences: paths.iter().filter_map(occurrence).collect(),
                last: last.get(&known).and_then(|&at| source(at)),
                reachable: number.is_some_and(|number| self.is_reachable_number(number)),
                truncated: cut.contains(&known) || found.is_some_and(|found| found.truncated),
            }
        };
        blobs.iter().zip(&numbers).map(one).collect()
    }
}

/// The paths of one blob, and the source that has each first.
#[derive(Default)]
struct Found {
    paths: HashMap<u32, u32>,
    truncated: bool,
}

/// A tree that is being visited.
struct Frame {
    tree: u32,
    rows: Arc<Vec<u32>>,
    next: usize,
    hot: bool,
}

impl Search<'_, '_> {
    /// Visits every tree once, newest source first: finds the newest source of each blob, and marks all rows that
    /// lead to one.
    fn newest_first(&mut self) -> HashMap<u32, u32> {
        let history = self.history;
        let mut last = HashMap::new();
        let mut seen = Bits::new(history.lists.row_count());
        let mut entered = Bits::new(history.first.len());
        let mut leads = Bits::new(history.first.len());
        let commits = (0..history.tips_from).rev();
        let others =
            (history.tips_from..history.reachable).chain((history.reachable..history.sources.len()).rev());
        let mut stack: Vec<Frame> = Vec::new();
        for at in commits.chain(others) {
            let top = history.sources[at].shows;
            if self.wanted.has(top) {
                last.entry(top).or_insert(at as u32);
            }
            stack.extend(self.enter(top, &mut entered));
            while let Some(frame) = stack.last_mut() {
                let mut below = None;
                while let Some(&number) = frame.rows.get(frame.next) {
                    if !seen.set(number) {
                        let row = history.lists.row(number);
                        let Some(child) = row.child() else {
                            frame.next += 1;
                            continue;
                        };
                        if self.wanted.has(child) {
                            last.entry(child).or_insert(at as u32);
                            self.hot.set(number);
                        }
                        below = self.enter(child, &mut entered);
                        if below.is_some() {
                            break; // this row is looked at again when its child is done
                        }
                        if leads.has(child) {
                            self.hot.set(number);
                        }
                    }
                    frame.hot |= self.hot.has(number);
                    frame.next += 1;
                }
                if let Some(below) = below {
                    stack.push(below);
                } else if let Some(done) = stack.pop() {
                    if done.hot {
                        leads.set(done.tree);
                    }
                    if let (true, Some(parent)) = (done.hot, stack.last()) {
                        self.hot.set(parent.rows[parent.next]);
                    }
                }
            }
        }
        last
    }

    fn enter(&mut self, tree: u32, entered: &mut Bits) -> Option<Frame> {
        if !self.history.lists.is_read(tree) || entered.set(tree) {
            return None;
        }
        let rows = self.expander.rows(&self.history.lists, tree)?;
        Some(Frame { tree, rows, next: 0, hot: false })
    }

    /// Follows hot rows from what a source shows, each tree once per path, and tells of the blobs and
    /// their paths.
    fn follow(&mut self, at: usize, mut tell: impl FnMut(u32, u32)) {
        let history = self.history;
        let top = history.sources[at].shows;
        if self.wanted.has(top) {
            tell(top, NONE);
        }
        let mut todo = vec![(top, NONE)];
        while let Some((tree, path)) = todo.pop() {
            if !history.lists.is_read(tree) || self.visited.contains(&(tree, path)) {
                continue;
            }
            let count = self.path_counts.entry(tree).or_default();
            if *count >= PATHS || self.visited.len() >= PAIRS {
                self.cut.insert(tree);
                continue;
            }
            *count += 1;
            self.visited.insert((tree, path));
            let Some(rows) = self.expander.rows(&history.lists, tree) else { continue };
            for &number in rows.iter().filter(|&&number| self.hot.has(number)) {
                let row = history.lists.row(number);
                let Some(child) = row.child() else { continue };
                let path = self.paths.join(path, row.name());
                if self.wanted.has(child) {
                    tell(child, path);
                }
                todo.push((child, path));
            }
        }
    }

    /// The blobs below trees that have more paths than were followed.
    fn below_cut(&mut self) -> HashSet<u32> {
        let lists = &self.history.lists;
        let mut blobs = HashSet::new();
        let mut todo: Vec<u32> = self.cut.iter().copied().collect();
        let mut seen = self.cut.clone();
        while let Some(tree) = todo.pop() {
            let Some(rows) = self.expander.rows(lists, tree) else { continue };
            let hot = rows.iter().filter(|&&number| self.hot.has(number));
            for child in hot.filter_map(|&number| lists.row(number).child()) {
                if self.wanted.has(child) {
                    blobs.insert(child);
                }
                if lists.is_read(child) && seen.insert(child) {
                    todo.push(child);
                }
            }
        }
        blobs
    }

    fn path(&self, path: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = path;
        while at != NONE {
            let (parent, name) = self.paths.steps[at as usize];
            names.push(self.history.lists.name(name));
            at = parent;
        }
        names.reverse();
        names.join(&b'/')
    }
}
