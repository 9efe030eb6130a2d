//! Reads the objects of a push or a range at the speed of their packs.
//!
//! Delta trees are walked, bases first, on all the cores that policy allows: every object is decoded once, and of a
//! delta only what it inserted is searched. Findings are judged as they come, by what git said is in scope and where
//! it is from; whatever the walk did not read is then read through git.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::Instant;

use stopleak_core::{Copied, Found, Trace};
use stopleak_git::{Body, Error, Incoming, ObjectId};
use stopleak_pack::{Base, Kind, LargeObject, Object, Options, Plan, Problem, Store, Visit};
use stopleak_report::Coverage;

use super::objects::{Hit, Job, State, policy_excludes};
use super::stop::Watched;
use super::{Collector, lfs_size};

/// Bases that all threads together keep.
const MEMORY: usize = 64 << 20;
/// Larger objects are read as a stream.
const LARGE: u64 = Body::MAX_IN_MEMORY;
/// Findings that wait for git's answer, each with its object.
const WAITING: usize = 32;
/// The bytes of larger objects wait with their findings only while there is room for all that wait; else they are
/// read again, which costs as much as the rest of the walk.
const KEPT: usize = 1 << 20;
const ROOM: usize = 32 << 20;
/// A pack of fewer bytes is not worth a second thread.
const ALONE: u64 = 128 << 10;

/// A walk over the objects of one scan.
pub(super) struct Walk<'w> {
    job: &'w Job<'w>,
    store: &'w Store,
    plan: &'w Plan<'w>,
    /// Whether verdicts are inherited.
    inherit: bool,
    /// Whether a file that cannot be opened is a gap: where nobody else lists what is in it.
    files_count: bool,
    read: Seen,
    /// What is left of [`ROOM`].
    room: AtomicUsize,
    halt: Arc<AtomicBool>,
}

impl<'w> Walk<'w> {
    /// A walk over all objects of `store`.
    pub(super) fn everything(job: &'w Job<'w>, store: &'w Store, plan: &'w Plan<'w>) -> Self {
        Self::new(job, store, plan, Seen::everything(store.count()), true)
    }

    /// A walk over objects that git listed, with these numbers. What cannot be read is read through git, so
    /// it does not matter why.
    pub(super) fn listed(job: &'w Job<'w>, store: &'w Store, plan: &'w Plan<'w>, numbers: Vec<u32>) -> Self {
        Self::new(job, store, plan, Seen::of(numbers), false)
    }

    fn new(job: &'w Job<'w>, store: &'w Store, plan: &'w Plan<'w>, read: Seen, files_count: bool) -> Self {
        let (room, halt) = (AtomicUsize::new(ROOM), Arc::default());
        Self { job, store, plan, inherit: true, files_count, read, room, halt }
    }

    /// Counts an object that needs no look.
    pub(super) fn note(&self, number: u32, kind: Kind, size: u64) {
        self.read.note(number, kind, size);
    }

    /// Searches every object in full.
    pub(super) fn plain(self) -> Self {
        Self { inherit: false, ..self }
    }

    /// Whether the bytes of an object may wait with its findings; [`Walk::done`] gives their room back.
    fn may_wait(&self, len: usize) -> bool {
        let take = |left: usize| left.checked_sub(len);
        len <= KEPT || self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    fn done(&self, len: usize) {
        if len > KEPT {
            self.room.fetch_add(len, Ordering::Relaxed);
        }
    }

    /// Walks, and judges what was found by what `answer` says is in scope. What was not read is read through git.
    pub(super) fn run<'r>(
        &self,
        answer: impl FnOnce() -> Result<Incoming<'r>, Error>,
        coverage: Coverage,
    ) -> Result<(Collector, Coverage), Error> {
        let started = Instant::now();
        std::thread::scope(|scope| {
            // When this ends early, the walk finds nobody to send to and stops.
            let (found, findings) = mpsc::sync_channel(WAITING);
            let walk = scope.spawn(move || self.walk(&found));
            let incoming = match answer() {
                Ok(incoming) => incoming,
                Err(error) => {
                    self.halt.store(true, Ordering::Relaxed);
                    drop(findings);
                    return self.job.attempt(Err(error), coverage);
                }
            };
            let mut state = State::new(self.job, Collector::versions());
            self.judge(&mut state, &incoming, findings);
            let problems = walk.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for problem in problems.iter().filter(|p| p.id.is_none() && self.files_count) {
                let file =
                    problem.file.as_ref().map_or_else(|| "the push".into(), |f| f.display().to_string());
                state.failed(&file, problem.why.code(), &problem.to_string());
            }
            let excluded = self.excluded(&incoming);
            let read = |id: &_| self.read.get(self.store, id).filter(|_| !excluded.contains(id));
            let mut rest = incoming.rest(read);
            // So far only what was read here is counted.
            self.job.progress.bytes.fetch_add(rest.totals().bytes, Ordering::Relaxed);
            state.count(rest.totals().objects);
            self.job.drain(&mut state, &mut rest);
            let coverage = self.job.coverage(&rest.totals(), started, coverage);
            Ok((state.out, coverage))
        })
    }

    /// Walks the quarantine on all threads; gives what went wrong.
    fn walk(&self, found: &SyncSender<Read>) -> Vec<Problem> {
        let options = Options {
            threads: if self.store.packed_bytes() < ALONE { 1 } else { self.job.threads.count() },
            kinds: vec![Kind::Blob, Kind::Commit, Kind::Tag],
            memory: MEMORY,
            large: LARGE,
            verify: false,
            stop: Some(Arc::clone(&self.halt)),
        };
        let make = |_| Walker { walk: self, to: found.clone(), copies: Vec::new(), problems: Vec::new() };
        let parts = self.plan.walk(&options, make);
        parts.into_iter().flat_map(|part| part.problems).collect()
    }

    /// Judges what the walk found, as it comes.
    fn judge(&self, state: &mut State<'_>, incoming: &Incoming<'_>, findings: Receiver<Read>) {
        for Read { id, kind, size, found, bytes } in &findings {
            if self.job.must_stop().is_some() {
                break;
            }
            let waited = bytes.as_ref().map_or(0, Vec::len);
            let body = match bytes {
                Some(bytes) => Ok(Body::Bytes(bytes)),
                None => self.job.repo.second_opinion(id).map(|change| change.body),
            };
            match body {
                Ok(body) => {
                    if let Some(change) = incoming.change(id, kind, size, body) {
                        state.hit(Hit::new(change, found));
                    }
                }
                // Not read, then: it is looked at again with the rest.
                Err(_) => self.read.forget(self.store, &id),
            }
            self.done(waited);
        }
        drop(findings);
    }

    /// Blobs that policy keeps from being looked at, at every place that brings them: those are named.
    fn excluded(&self, incoming: &Incoming<'_>) -> HashSet<ObjectId> {
        let policy = self.job.engine.policy;
        if policy.excluded_paths().is_empty() {
            return HashSet::new();
        }
        let blob = |id: &ObjectId| {
            let (kind, size) = self.read.get(self.store, id)?;
            incoming.change(*id, kind, size, Body::Bytes(Vec::new()))
        };
        let covered = |id: &ObjectId| blob(id).is_some_and(|change| policy_excludes(policy, &change));
        incoming.ids().filter(covered).collect()
    }
}

/// Something that the walk found.
struct Read {
    id: ObjectId,
    kind: Kind,
    size: u64,
    found: Found,
    /// `None` when there are too many to keep.
    bytes: Option<Vec<u8>>,
}

/// One thread of the walk.
struct Walker<'v, 'w> {
    walk: &'v Walk<'w>,
    to: SyncSender<Read>,
    copies: Vec<Copied>,
    problems: Vec<Problem>,
}

impl Walker<'_, '_> {
    fn trace(&mut self, object: &Object<'_>, base: Option<Base<'_, Trace>>) -> Trace {
        let detector = &self.walk.job.engine.detector;
        let Some(base) = base.filter(|_| self.walk.inherit) else { return detector.trace(object.bytes) };
        self.copies.clear();
        self.copies.extend(base.copies.iter().map(|c| Copied { from: c.from, to: c.to, len: c.len }));
        detector.trace_delta(object.bytes, &self.copies, base.value)
    }

    /// Whether an object of this size is left to the reader of the rest, who names it.
    fn too_large(&self, size: u64) -> bool {
        self.walk.job.engine.policy.limits.max_blob_size.is_some_and(|most| size > most)
    }

    fn send(&self, read: Read) {
        // Nobody listens when the scan has ended early.
        if self.to.send(read).is_err() {
            self.walk.halt.store(true, Ordering::Relaxed);
        }
    }

    fn look_at_the_clock(&self) {
        if self.walk.job.must_stop().is_some() {
            self.walk.halt.store(true, Ordering::Relaxed);
        }
    }
}

impl Visit for Walker<'_, '_> {
    type Value = Trace;

    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, Trace>>) -> Trace {
        self.look_at_the_clock();
        let size = object.bytes.len() as u64;
        let mut trace = self.trace(&object, base);
        if self.too_large(size) {
            return trace;
        }
        let pointer = object.kind == Kind::Blob && lfs_size(object.bytes).is_some();
        if trace.has_matches() || pointer {
            let found = self.walk.job.engine.detector.resolve(object.bytes, &mut trace);
            let bytes = self.walk.may_wait(object.bytes.len()).then(|| object.bytes.to_vec());
            self.send(Read { id: *object.id, kind: object.kind, size, found, bytes });
        }
        self.walk.read.note(object.number, object.kind, size);
        trace
    }

    fn large(&mut self, object: LargeObject<'_>, bytes: &mut dyn io::Read) {
        if self.too_large(object.size) {
            return;
        }
        let job = self.walk.job;
        let counted = AtomicU64::new(0);
        let mut watched = Watched::new(bytes, job.stop, &counted);
        let scanned = job.engine.detector.scan_reader(&mut watched);
        if watched.ended.is_some() {
            return self.walk.halt.store(true, Ordering::Relaxed);
        }
        // One that broke off is a problem of the walk, and is read again with the rest.
        let Ok(found) = scanned else { return };
        if !found.matches.is_empty() || !found.skipped.is_empty() {
            self.send(Read { id: *object.id, kind: object.kind, size: object.size, found, bytes: None });
        }
        self.walk.read.note(object.number, object.kind, object.size);
    }

    fn base(&mut self, object: Object<'_>, base: Option<Base<'_, Trace>>) -> Option<Trace> {
        Some(self.trace(&object, base))
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// Which objects were read, by their number: kind and size in one word, zero for none.
struct Seen {
    /// The numbers that have a word, sorted; `None`: all do.
    numbers: Option<Vec<u32>>,
    words: Vec<AtomicU64>,
}

impl Seen {
    /// For all objects of a store that has so many.
    fn everything(count: u32) -> Self {
        Self { numbers: None, words: (0..count).map(|_| AtomicU64::new(0)).collect() }
    }

    /// For the objects of these numbers.
    fn of(mut numbers: Vec<u32>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        Self { words: numbers.iter().map(|_| AtomicU64::new(0)).collect(), numbers: Some(numbers) }
    }

    /// Notes that an object was read.
    fn note(&self, number: u32, kind: Kind, size: u64) {
        if let Some(word) = self.at(number) {
            word.store(size << 3 | kind as u64, Ordering::Relaxed);
        }
    }

    fn at(&self, number: u32) -> Option<&AtomicU64> {
        let at = match &self.numbers {
            None => number as usize,
            Some(numbers) => numbers.binary_search(&number).ok()?,
        };
        self.words.get(at)
    }

    fn word(&self, store: &Store, id: &ObjectId) -> Option<&AtomicU64> {
        self.at(store.number(id)?)
    }

    fn forget(&self, store: &Store, id: &ObjectId) {
        if let Some(word) = self.word(store, id) {
            word.store(0, Ordering::Relaxed);
        }
    }

    fn get(&self, store: &Store, id: &ObjectId) -> Option<(Kind, u64)> {
        let word = self.word(store, id)?.load(Ordering::Relaxed);
        let kind = Kind::ALL.into_iter().find(|&kind| kind as u64 == word & 7)?;
        Some((kind, word >> 3))
    }
}
