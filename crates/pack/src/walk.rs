//! The walk: all threads, base first, depth first.
//!
//! Threads take delta trees from one list, in the order of the pack. A thread that finds the list empty is fed
//! by the others: they give away branches of the tree they are in, with the base they hang on.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::delta::Copied;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::worker::{Branch, Worker};

/// So often a thread that waits looks whether the walk was stopped.
const PATIENCE: Duration = Duration::from_millis(20);

/// How a walk goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many threads walk; at least one.
    pub threads: usize,
    /// Which kinds of objects are visited.
    pub kinds: Vec<Kind>,
    /// Bytes of bases that all threads together keep; beyond, bases are dropped and decoded again.
    /// The object in hand, its base and its delta come on top: at most 96 MiB for each thread, and of larger ones
    /// 256 MiB in all, since only one thread at a time holds such. What would take more is a
    /// [`Why::TooLarge`](crate::Why::TooLarge).
    pub memory: usize,
    /// Objects of more bytes go to [`Visit::large`] as a stream.
    pub large: u64,
    /// Whether the hash of every object is verified. Costs about as much as the rest of the walk.
    pub verify: bool,
    /// Set from outside to end the walk early.
    pub stop: Option<Arc<AtomicBool>>,
}

impl Default for Options {
    /// Blobs, on all cores, 128 MiB, streams above 64 MiB.
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, usize::from),
            kinds: vec![Kind::Blob],
            memory: 128 << 20,
            large: 64 << 20,
            verify: false,
            stop: None,
        }
    }
}

/// An object in memory.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// Its name.
    pub id: &'a ObjectId,
    /// Its number in the store. See `Store::number`.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub bytes: &'a [u8],
}

/// An object that is too large to be held in memory as a whole.
#[derive(Debug, Clone, Copy)]
pub struct LargeObject<'a> {
    /// Its name.
    pub id: &'a ObjectId,
    /// Its number in the store.
    pub number: u32,
    /// What it is.
    pub kind: Kind,
    /// How many bytes the stream will have.
    pub size: u64,
}

/// What an object has of its base.
#[derive(Debug)]
pub struct Base<'a, V> {
    /// What the visitor returned for the base.
    pub value: &'a V,
    /// The base's number in the store.
    pub number: u32,
    /// Which bytes of the object are bytes of the base. Sorted by `to`, merged.
    pub copies: &'a [Copied],
}

impl<V> Clone for Base<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Base<'_, V> {}

/// What is done with each object. Every thread has its own.
pub trait Visit: Send {
    /// What an object hands down to the objects that are based on it.
    type Value: Send + Sync;

    /// Sees one object. `base`: what it is based on, if that was visited before and is of the same kind, as
    /// it always is in a pack.
    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Value>>) -> Self::Value;

    /// Sees one object that is above [`Options::large`], as a stream. Nothing is handed down from it. When
    /// `bytes` gives an error, a problem of the object follows.
    fn large(&mut self, object: LargeObject<'_>, bytes: &mut dyn Read);

    /// Sees an object that is not part of the walk, or was visited in another pack, but is the base of some
    /// that are: a chance to give them a value.
    fn base(&mut self, object: Object<'_>, base: Option<Base<'_, Self::Value>>) -> Option<Self::Value> {
        let _ = (object, base);
        None
    }

    /// Hears of an object that could not be read from any copy, or of a file that could not be opened.
    fn problem(&mut self, problem: Problem);
}

/// What threads share.
pub(crate) struct Shared<'p, 's, V> {
    pub(crate) plan: &'p Plan<'s>,
    pub(crate) options: &'p Options,
    /// How many roots there are in the forests up to each.
    roots: Vec<usize>,
    next_root: AtomicUsize,
    next_loose: AtomicUsize,
    gifts: Mutex<Gifts<V>>,
    arrived: Condvar,
    /// How many threads wait for work.
    hungry: AtomicUsize,
    stopped: AtomicBool,
    /// Whether a thread holds objects above [`HEAVY_FROM`](crate::worker::HEAVY_FROM).
    heavy: Mutex<bool>,
    lighter: Condvar,
}

struct Gifts<V> {
    branches: Vec<Branch<V>>,
    idle: usize,
}

/// A piece of work.
pub(crate) enum Work<V> {
    Root(u32, u32),
    Loose(u32),
    Branch(Branch<V>),
}

pub(crate) fn walk<V: Visit>(plan: &Plan<'_>, options: &Options, make: impl Fn(usize) -> V) -> Vec<V> {
    let mut sum = 0;
    let ends = plan.forests.iter().map(|forest| {
        sum += forest.roots.len();
        sum
    });
    let roots = ends.collect();
    let shared = Shared {
        plan,
        options,
        roots,
        next_root: AtomicUsize::new(0),
        next_loose: AtomicUsize::new(0),
        gifts: Mutex::new(Gifts { branches: Vec::new(), idle: 0 }),
        arrived: Condvar::new(),
        hungry: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        heavy: Mutex::new(false),
        lighter: Condvar::new(),
    };
    let mut visitors: Vec<V> = (0..options.threads.max(1)).map(make).collect();
    for problem in plan.problems() {
        visitors[0].problem(problem.clone());
    }
    let threads = visitors.len();
    if let [only] = visitors.as_mut_slice() {
        Worker::new(&shared, only, threads).run();
    } else {
        thread::scope(|scope| {
            for visitor in &mut visitors {
                let shared = &shared;
                scope.spawn(move || Worker::new(shared, visitor, threads).run());
            }
        });
    }
    visitors
}

impl<V> Shared<'_, '_, V> {
    /// The next piece of work; waits for one while other threads may give some. `None`: all is done.
    pub(crate) fn next(&self, threads: usize) -> Option<Work<V>> {
        if self.is_stopped() {
            self.stop();
            return None;
        }
        if let Some((forest, root)) = self.next_root() {
            return Some(Work::Root(forest, root));
        }
        let at = self.next_loose.fetch_add(1, Ordering::Relaxed);
        if let Some(&loose) = self.plan.loose.get(at) {
            return Some(Work::Loose(loose));
        }
        let mut gifts = self.lock();
        gifts.idle += 1;
        self.hungry.fetch_add(1, Ordering::Relaxed);
        let found = loop {
            if let Some(branch) = gifts.branches.pop() {
                gifts.idle -= 1;
                break Some(Work::Branch(branch));
            }
            if gifts.idle >= threads || self.is_stopped() {
                self.arrived.notify_all();
                break None;
            }
            gifts = self.arrived.wait(gifts).unwrap_or_else(PoisonError::into_inner);
        };
        self.hungry.fetch_sub(1, Ordering::Relaxed);
        found
    }

    /// The forest and entry of the next tree of a kind that is asked for.
    fn next_root(&self) -> Option<(u32, u32)> {
        loop {
            let at = self.next_root.fetch_add(1, Ordering::Relaxed);
            let number = self.roots.partition_point(|&end| end <= at);
            let forest = self.plan.forests.get(number)?;
            let before = number.checked_sub(1).map_or(0, |last| self.roots[last]);
            let root = forest.roots[at - before];
            if forest.kind(root).is_some_and(|kind| self.options.kinds.contains(&kind)) {
                return Some((number as u32, root));
            }
        }
    }

    /// Waits until no other thread holds heavy objects. `false`: the walk ends before that. Whoever was let in never
    /// waits for anything before leaving.
    pub(crate) fn enter_heavy(&self) -> bool {
        let mut taken = self.heavy.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken {
            if self.is_stopped() {
                return false;
            }
            let waited = self.lighter.wait_timeout(taken, PATIENCE);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken = true;
        true
    }

    pub(crate) fn leave_heavy(&self) {
        *self.heavy.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.lighter.notify_one();
    }

    /// Whether a thread waits for a branch.
    fn is_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0
    }

    /// Gives a branch away.
    pub(crate) fn give(&self, branch: Branch<V>) {
        self.lock().branches.push(branch);
        self.arrived.notify_one();
    }

    /// Whether a branch that is given would not just wait: some thread has nothing to take.
    pub(crate) fn wants_gift(&self) -> bool {
        self.is_hungry() && self.lock().branches.is_empty()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
            || self.options.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Ends the walk: asked for from outside, or because a thread panicked.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _gifts = self.lock();
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Gifts<V>> {
        self.gifts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
