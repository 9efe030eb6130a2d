//! Which objects a walk visits, and from which copy.
//!
//! An object that lies in several packs, or in a pack and loose, is visited once: in the first pack that has
//! it. Its other copies are still decoded where they are somebody's base.

use std::collections::{BTreeMap, HashSet, btree_map};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::forest::{Entries, Forest, NONE, Outside};
use crate::history::numbers::Numbers;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::packfile::{Is, Pack};
use crate::problem::{Problem, Why};
use crate::read::Reader;
use crate::store::Store;
use crate::walk::{self, Options, Visit};

/// So many chain links are followed to learn the kinds of bases outside of their pack; more is an attack.
const STEPS: u32 = 1 << 24;

/// With more packs than this, a table of all names says which copy of an object is the first; to search the index
/// of each earlier pack would cost the square of their number.
const FEW: usize = 4;

/// A plan that takes in one of so many entries of a pack may as well look at all of them.
const MANY: usize = 16;

/// A set of objects in the order in which they decode fastest.
#[derive(Debug)]
pub struct Plan<'s> {
    pub(crate) store: &'s Store,
    pub(crate) forests: Vec<Forest<'s>>,
    /// Loose objects, as positions in the store's listing.
    pub(crate) loose: Vec<u32>,
    problems: Vec<Problem>,
    missing: Vec<ObjectId>,
}

impl<'s> Plan<'s> {
    /// All objects of the store, reachable or not.
    pub fn everything(store: &'s Store) -> Self {
        Self::all(store, None, |_| true)
    }

    /// The same, given up once `stop` is set. What there is by then is of no use but to be thrown away.
    pub fn everything_unless(store: &'s Store, stop: &AtomicBool) -> Self {
        Self::all(store, Some(stop), |_| true)
    }

    /// All objects that lie in the store's own directory, as opposed to those that only an alternate has. With
    /// the quarantine of a push as the own directory, these are the objects that were pushed; their bases may
    /// be anywhere.
    pub fn own(store: &'s Store) -> Self {
        Self::all(store, None, |dir| dir == 0)
    }

    fn all(store: &'s Store, stop: Option<&AtomicBool>, dir: impl Fn(usize) -> bool) -> Self {
        let mut plan = Self::empty(store);
        let mut steps = STEPS;
        let packs = store.packs().iter().filter(|pack| dir(pack.dir)).count();
        // Of the copies of an object the lowest number is the first in the order of packs, and the packs of the
        // store's own directory come first.
        let first = (packs > FEW).then(|| Numbers::new(store, stop));
        for (number, pack) in store.packs().iter().enumerate().filter(|(_, pack)| dir(pack.dir)) {
            if stopped(stop) {
                return plan;
            }
            let order = pack.order();
            for &pos in &order.outside {
                plan.problems.push(pack.problem(Why::EntryOutside, Some(pack.index.id(pos)), u64::MAX));
            }
            let entries = if pack.complete {
                all_of(pack)
            } else {
                with_bases(pack, (0..order.len()).map(|at| (order.offset(at), order.pos(at))).collect())
            };
            let earlier: Vec<&Pack> = store.packs()[..number].iter().filter(|pack| dir(pack.dir)).collect();
            let wanted = |pos| {
                let name = pack.index.name(pos);
                if let Some(first) = &first {
                    return first.first(name).is_none_or(|first| first >= store.start(number));
                }
                !earlier.iter().any(|other| other.index.find(name).is_some())
            };
            plan.add(number, pack, entries, &mut steps, stop, wanted);
        }
        let listing = store.loose();
        plan.problems.extend(listing.problems.iter().cloned());
        for (at, (id, number)) in listing.ids.iter().enumerate() {
            let own = dir(*number as usize);
            let packed = || store.packs().iter().any(|p| dir(p.dir) && p.index.find(id.as_bytes()).is_some());
            if own && !packed() {
                plan.loose.push(at as u32);
            }
        }
        plan
    }

    /// These objects and, unvisited, their bases. What the store does not have is in [`Plan::missing`].
    ///
    /// The cost follows the number of ids and the lengths of their chains, not the sizes of packs.
    pub fn of(store: &'s Store, ids: impl IntoIterator<Item = ObjectId>) -> Self {
        let mut plan = Self::empty(store);
        // Offset to position in the index: per pack, sorted.
        let mut picked: BTreeMap<usize, BTreeMap<u64, u32>> = BTreeMap::new();
        let mut seen = HashSet::new();
        for id in ids {
            if !seen.insert(id) {
                continue;
            }
            let found = store.packs().iter().enumerate().find_map(|(number, pack)| {
                pack.index.find(id.as_bytes()).map(|pos| (number, pos, pack.index.offset(pos)))
            });
            match found {
                Some((number, pos, Some(offset))) => {
                    picked.entry(number).or_default().insert(offset, pos);
                }
                Some((number, _, None)) => {
                    let problem = store.packs()[number].problem(Why::EntryOutside, Some(id), u64::MAX);
                    plan.problems.push(problem);
                }
                None => match store.loose().ids.binary_search_by(|(other, _)| other.cmp(&id)) {
                    Ok(at) => plan.loose.push(at as u32),
                    Err(_) => plan.missing.push(id),
                },
            }
        }
        let mut steps = STEPS;
        for (number, entries) in picked {
            let pack = &store.packs()[number];
            let wanted: HashSet<u32> = entries.values().copied().collect();
            // Of all entries it is known where each ends, so the index's checksum of it can be verified; else the
            // object itself must be hashed, which costs more than to look at a few more entries.
            let entries = if pack.complete && entries.len() >= pack.index.count() as usize / MANY {
                all_of(pack)
            } else {
                with_bases(pack, entries)
            };
            plan.add(number, pack, entries, &mut steps, None, |pos| wanted.contains(&pos));
        }
        plan
    }

    fn empty(store: &'s Store) -> Self {
        let problems = store.problems().to_vec();
        Self { store, forests: Vec::new(), loose: Vec::new(), problems, missing: Vec::new() }
    }

    fn add(
        &mut self,
        number: usize,
        pack: &'s Pack,
        entries: Entries<'s>,
        steps: &mut u32,
        stop: Option<&AtomicBool>,
        wanted: impl Fn(u32) -> bool,
    ) {
        let mut around = Around { reader: self.store.reader(), pack: number, steps, stop, wanted };
        let problems = &mut self.problems;
        let forest = Forest::new(self.store.room(), number, pack, entries, &mut around, &mut |problem| {
            problems.push(problem);
        });
        self.forests.push(forest);
    }

    /// The number and kind of each packed object of the plan, from headers alone; an object in several packs is
    /// named once for each. Loose objects are not named: their kind is inside of their files.
    pub fn kinds(&self) -> impl Iterator<Item = (u32, Kind)> + '_ {
        self.forests
            .iter()
            .flat_map(|forest| forest.kinds().map(|(pos, kind)| (self.store.start(forest.pack) + pos, kind)))
    }

    /// What is known to be unreadable before the walk: of the store, and entries that have no base. The walk
    /// reports them too.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Objects that were asked for and that the store does not have.
    pub fn missing(&self) -> &[ObjectId] {
        &self.missing
    }

    /// How many objects of these kinds a walk visits. Loose ones all count, since their kind is not known yet.
    pub fn count(&self, kinds: &[Kind]) -> u64 {
        let packed: usize = self.forests.iter().map(|forest| forest.count(kinds)).sum();
        (packed + self.loose.len()) as u64
    }

    /// Leaves out packed objects that `done` says need no visit. They are still decoded where they are the base
    /// of one that does, and shown to [`Visit::base`] then.
    pub fn leave_out(&mut self, mut done: impl FnMut(u32, Kind) -> bool) {
        for forest in &mut self.forests {
            let start = self.store.start(forest.pack);
            forest.leave_out(self.store.room(), |pos, kind| done(start + pos, kind));
        }
    }

    /// Visits each object once, bases before what is based on them, on [`Options::threads`] threads, each with a
    /// visitor of its own that `make` makes and that is given back. Every problem is reported to a visitor.
    pub fn walk<V: Visit>(&self, options: &Options, make: impl Fn(usize) -> V) -> Vec<V> {
        walk::walk(self, options, make)
    }
}

/// All entries of a pack.
fn all_of(pack: &Pack) -> Entries<'_> {
    Entries::All(pack.order())
}

/// These entries of a pack, positions in its index by offset, and all that they are based on there.
fn with_bases<'s>(pack: &Pack, mut entries: BTreeMap<u64, u32>) -> Entries<'s> {
    let mut todo: Vec<u64> = entries.keys().copied().collect();
    while let Some(offset) = todo.pop() {
        let base = match pack.entry(offset).map(|entry| entry.is) {
            Ok(Is::Offset(base)) => Some((base, NONE)),
            Ok(Is::Named(id)) => pack
                .index
                .find(id.as_bytes())
                .and_then(|pos| pack.index.offset(pos).map(|offset| (offset, pos))),
            _ => None,
        };
        if let Some((base, pos)) = base
            && let btree_map::Entry::Vacant(free) = entries.entry(base)
        {
            free.insert(pos);
            todo.push(base);
        }
    }
    let (offsets, pos): (Vec<u64>, Vec<u32>) = entries.into_iter().unzip();
    Entries::Some { offsets, pos }
}

/// What a forest asks about the rest of the store.
struct Around<'a, F> {
    reader: Reader<'a>,
    pack: usize,
    steps: &'a mut u32,
    stop: Option<&'a AtomicBool>,
    wanted: F,
}

impl<F: Fn(u32) -> bool> Outside for Around<'_, F> {
    fn kind(&mut self, id: &ObjectId) -> Option<Kind> {
        self.reader.kind(id, self.pack, self.steps)
    }

    fn wanted(&mut self, pos: u32) -> bool {
        (self.wanted)(pos)
    }

    fn stopped(&self) -> bool {
        stopped(self.stop)
    }
}

/// Whether to give up.
pub(crate) fn stopped(stop: Option<&AtomicBool>) -> bool {
    stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
}
