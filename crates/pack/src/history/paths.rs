//! Where blobs were: the paths under which history has them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::lists::Expander;
use super::{Bits, History};
use crate::forest::NONE;
use crate::oid::ObjectId;
use crate::room::{Room, Table};

/// So many paths of one blob are listed, and of one tree followed: a tree that contains another ten times, ten
/// levels deep, has more than anybody can list.
const PATHS: usize = 1000;
/// So many refs of one blob are listed.
const REFS: usize = 100;
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
    /// The refs that have it now, as positions in [`Tips::refs`](super::Tips::refs): the first hundred.
    pub refs: Vec<usize>,
    /// How many refs have it now.
    pub ref_count: usize,
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
    /// The first source of any of them: no source before it, and no tree first shown before it, has one.
    floor: u32,
    /// Rows that lead to one.
    hot: Bits,
    paths: Paths,
    visited: Visited,
    /// Trees that have more paths than were followed.
    cut: HashSet<u32>,
}

/// Under which paths trees were visited. Nearly all have one path in all of history.
struct Visited {
    /// Of each object one more than its first path, or `NONE` for the root's. Zero: it was not visited.
    first: Table<u32>,
    count: usize,
    others: HashSet<(u32, u32)>,
    /// How many other paths a tree has.
    counts: HashMap<u32, usize>,
}

/// What a visit is.
enum Visit {
    New,
    Known,
    /// There are too many.
    Cut,
}

impl Visited {
    fn new(room: &Arc<Room>, numbers: usize) -> Self {
        Self { first: Table::zeroed(room, numbers), count: 0, others: HashSet::new(), counts: HashMap::new() }
    }

    fn clear(&mut self) {
        self.first.fill(0);
        self.count = 0;
        self.others.clear();
        self.counts.clear();
    }

    fn visit(&mut self, tree: u32, path: u32) -> Visit {
        let full = self.count + self.others.len() >= PAIRS;
        let mark = if path == NONE { NONE } else { path + 1 };
        match &mut self.first[tree as usize] {
            0 if full => return Visit::Cut,
            first @ 0 => {
                *first = mark;
                self.count += 1;
                return Visit::New;
            }
            first if *first == mark => return Visit::Known,
            _ => {}
        }
        if self.others.contains(&(tree, path)) {
            return Visit::Known;
        }
        let count = self.counts.entry(tree).or_default();
        if full || *count + 1 >= PATHS {
            return Visit::Cut;
        }
        *count += 1;
        self.others.insert((tree, path));
        Visit::New
    }
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
    /// Where each of `blobs` came from, in the same order; they may be among [`History::gaps`].
    pub fn introductions(&self, blobs: &[ObjectId]) -> Vec<Introduction> {
        if blobs.is_empty() {
            return Vec::new();
        }
        let room = self.store.room();
        let mut numbers: Vec<Option<u32>> = blobs.iter().map(|blob| self.store.number(blob)).collect();
        if numbers.contains(&None) {
            let gaps: HashMap<_, _> =
                self.gaps.iter().map(|gap| gap.id).zip(self.gap_numbers.iter().copied()).collect();
            for (number, blob) in numbers.iter_mut().zip(blobs) {
                *number = number.or_else(|| gaps.get(blob).copied());
            }
        }
        let mut search = Search {
            history: self,
            expander: Expander::new(room, self.first.len()),
            wanted: Bits::new(room, self.first.len()),
            floor: numbers.iter().flatten().map(|&number| self.first[number as usize]).min().unwrap_or(NONE),
            hot: Bits::new(room, self.lists.row_count()),
            paths: Paths::default(),
            visited: Visited::new(room, self.first.len()),
            cut: HashSet::new(),
        };
        for number in numbers.iter().flatten() {
            search.wanted.set(*number);
        }
        let last = search.newest_first();
        let mut found: HashMap<u32, Found> = HashMap::new();
        for at in (search.floor as usize).min(self.sources.len())..self.sources.len() {
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
            search.follow(at as usize, |blob, path| {
                head.insert((blob, path));
            });
        }
        let mut refs: HashMap<u32, (Vec<usize>, usize)> = HashMap::new();
        let mut memo = HashMap::new();
        for (at, &target) in self.refs.iter().enumerate() {
            for &blob in search.contained(target, &mut memo).iter() {
                let (list, count) = refs.entry(blob).or_default();
                *count += 1;
                if list.len() < REFS {
                    list.push(at);
                }
            }
        }
        let cut = search.below_cut();
        let source = |at: u32| self.sources.get(at as usize).and_then(|&[number, ..]| self.store.id(number));
        let one = |(blob, number): (&ObjectId, &Option<u32>)| {
            let known = number.unwrap_or(NONE);
            let found = found.get(&known);
            // Oldest first; those of one commit by their bytes.
            let mut paths: Vec<(u32, Vec<u8>, u32)> = found
                .iter()
                .flat_map(|found| &found.paths)
                .map(|(&path, &at)| (at, search.path(path), path))
                .collect();
            paths.sort_unstable();
            let occurrence = |(at, path, number): (u32, Vec<u8>, u32)| {
                Some(Occurrence {
                    commit: source(at)?,
                    path,
                    reachable: (at as usize) < self.reachable,
                    in_head: head.contains(&(known, number)),
                })
            };
            Introduction {
                blob: *blob,
                occurrences: paths.into_iter().filter_map(occurrence).collect(),
                last: last.get(&known).and_then(|&at| source(at)),
                refs: refs.get(&known).map(|(list, _)| list.clone()).unwrap_or_default(),
                ref_count: refs.get(&known).map_or(0, |(_, count)| *count),
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

/// A tree whose blobs are being collected.
struct Contained {
    tree: u32,
    /// Its children that are wanted or lead to some that are.
    children: Vec<u32>,
    next: usize,
    blobs: Vec<u32>,
}

/// A tree that is being visited.
struct Frame {
    tree: u32,
    /// Its rows that had not been seen when it was entered.
    rows: Vec<u32>,
    next: usize,
    /// Whether one of its rows leads to what is wanted.
    hot: bool,
}

impl Search<'_, '_> {
    /// Visits every tree once, newest source first: finds the newest source of each blob, and marks all rows that
    /// lead to one.
    fn newest_first(&mut self) -> HashMap<u32, u32> {
        let history = self.history;
        let mut last = HashMap::new();
        let room = history.store.room();
        let mut seen = Bits::new(room, history.lists.row_count());
        let mut entered = Bits::new(room, history.first.len());
        let mut leads = Bits::new(room, history.first.len());
        let commits = (0..history.tips_from).rev();
        let others =
            (history.tips_from..history.reachable).chain((history.reachable..history.sources.len()).rev());
        let mut stack: Vec<Frame> = Vec::new();
        let floor = self.floor as usize;
        for at in commits.chain(others).filter(|&at| at >= floor) {
            let top = history.source(at).shows;
            if self.wanted.has(top) {
                last.entry(top).or_insert(at as u32);
            }
            stack.extend(self.enter(top, &mut entered, &seen));
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
                        below = self.enter(child, &mut entered, &seen);
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

    fn enter(&mut self, tree: u32, entered: &mut Bits, seen: &Bits) -> Option<Frame> {
        let old = self.history.first[tree as usize] < self.floor;
        if old || !self.history.lists.is_read(tree) || entered.set(tree) {
            return None;
        }
        let all = self.expander.rows(&self.history.lists, tree)?;
        // A row that was seen and is not hot will not be: whatever it leads to is done, or the tree would be
        // its own ancestor.
        let hot = all.iter().any(|&row| self.hot.has(row));
        let rows = all.iter().copied().filter(|&row| !seen.has(row)).collect();
        Some(Frame { tree, rows, next: 0, hot })
    }

    /// Follows hot rows from what a source shows, each tree once per path, and tells of the blobs and
    /// their paths.
    fn follow(&mut self, at: usize, mut tell: impl FnMut(u32, u32)) {
        let history = self.history;
        let top = history.source(at).shows;
        if self.wanted.has(top) {
            tell(top, NONE);
        }
        let mut todo = vec![(top, NONE)];
        while let Some((tree, path)) = todo.pop() {
            if !history.lists.is_read(tree) {
                continue;
            }
            match self.visited.visit(tree, path) {
                Visit::New => {}
                Visit::Known => continue,
                Visit::Cut => {
                    self.cut.insert(tree);
                    continue;
                }
            }
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

    /// The blobs that a ref's target has, sorted: each tree below it is looked into once for all refs.
    fn contained(&mut self, target: u32, memo: &mut HashMap<u32, Arc<[u32]>>) -> Arc<[u32]> {
        let history = self.history;
        if self.wanted.has(target) {
            return Arc::from([target]);
        }
        let at = history.first[target as usize];
        // A commit is its own first source; what it shows is its tree.
        let source = history.sources.get(at as usize).filter(|[number, ..]| *number == target);
        let top = source.map_or(target, |&[_, shows, _]| shows);
        let mut stack: Vec<Contained> = self.look_into(top, memo).into_iter().collect();
        while let Some(frame) = stack.last_mut() {
            let mut below = None;
            while let Some(&child) = frame.children.get(frame.next) {
                if self.wanted.has(child) {
                    frame.blobs.push(child);
                } else if let Some(blobs) = memo.get(&child) {
                    frame.blobs.extend_from_slice(blobs);
                } else if history.lists.is_read(child) {
                    below = Some(child);
                    break; // looked at again when its own list is known
                }
                frame.next += 1;
            }
            match below {
                Some(child) => stack.extend(self.look_into(child, memo)),
                None => {
                    if let Some(mut done) = stack.pop() {
                        done.blobs.sort_unstable();
                        done.blobs.dedup();
                        memo.insert(done.tree, Arc::from(done.blobs));
                    }
                }
            }
        }
        memo.remove(&top).unwrap_or_default() // refs rarely share a root
    }

    fn look_into(&mut self, tree: u32, memo: &mut HashMap<u32, Arc<[u32]>>) -> Option<Contained> {
        if memo.contains_key(&tree) {
            return None;
        }
        // Also the end of a cycle of trees, which only a forged index can show.
        memo.insert(tree, Arc::from([]));
        let lists = &self.history.lists;
        let rows = self.expander.rows(lists, tree)?;
        let hot = rows.iter().filter(|&&number| self.hot.has(number));
        let children = hot.filter_map(|&number| lists.row(number).child()).collect();
        Some(Contained { tree, children, next: 0, blobs: Vec::new() })
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
