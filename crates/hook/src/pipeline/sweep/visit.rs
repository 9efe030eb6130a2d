//! What each thread of a sweep does with each object.

use std::io::Read;
use std::sync::atomic::Ordering;

use stopleak_core::{Copied, Found, Match, Trace};
use stopleak_git::{Body, Change, Kind as What, ObjectId, Repo};
use stopleak_pack::{Base, History, Kind, LargeObject, Object, Problem, Visit};
use stopleak_report::Where;

use super::seen::Seen;
use crate::exit::chain;
use crate::pipeline::objects::{Hit, Job, Waiting};
use crate::pipeline::{Engine, lfs_size};

/// What all threads share.
#[derive(Clone, Copy)]
pub(super) struct Scope<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) history: &'j History<'j>,
    /// Whether unreachable objects count.
    pub(super) all: bool,
    /// Whether verdicts are inherited.
    pub(super) inherit: bool,
    /// Where it is noted what was seen.
    pub(super) seen: Option<&'j Seen<'j>>,
}

impl Scope<'_> {
    /// Whether an object is in scope.
    pub(super) fn has(&self, number: u32) -> bool {
        self.all || self.history.is_reachable_number(number)
    }
}

/// One thread.
pub(super) struct Sweeper<'j> {
    scope: Scope<'j>,
    engine: &'j Engine<'j>,
    copies: Vec<Copied>,
    sum: Sum,
}

/// What all threads found.
#[derive(Default)]
pub(super) struct Sum {
    /// Commits and tags with matches.
    pub(super) hits: Vec<Hit>,
    pub(super) waiting: Vec<Waiting>,
    /// Blobs that could be looked into only in part.
    pub(super) skips: Vec<(Change, Found)>,
    /// Objects above the policy's limit, and that.
    pub(super) too_large: Vec<(Change, u64)>,
    /// What git-lfs pointers stand for, in bytes.
    pub(super) pointers: Vec<u64>,
    pub(super) problems: Vec<Problem>,
    /// Objects in scope that nobody could read.
    pub(super) unread: u64,
    pub(super) commits: u64,
    pub(super) blobs: u64,
    pub(super) tags: u64,
    pub(super) bytes: u64,
}

impl Sum {
    /// Adds what a thread found.
    pub(super) fn add(&mut self, part: Sweeper<'_>) {
        let part = part.sum;
        self.hits.extend(part.hits);
        self.waiting.extend(part.waiting);
        self.skips.extend(part.skips);
        self.too_large.extend(part.too_large);
        self.pointers.extend(part.pointers);
        self.problems.extend(part.problems);
        self.commits += part.commits;
        self.blobs += part.blobs;
        self.tags += part.tags;
        self.bytes += part.bytes;
    }

    /// Counts an object in scope.
    pub(super) fn count(&mut self, job: &Job<'_>, kind: Kind, size: u64) {
        match kind {
            Kind::Commit => self.commits += 1,
            Kind::Tag => self.tags += 1,
            Kind::Blob | Kind::Tree => self.blobs += 1,
        }
        self.bytes += size;
        job.progress.items.fetch_add(1, Ordering::Relaxed);
        job.progress.bytes.fetch_add(size, Ordering::Relaxed);
    }
}

impl<'j> Sweeper<'j> {
    pub(super) fn new(scope: Scope<'j>) -> Self {
        Self { scope, engine: scope.job.engine, copies: Vec::new(), sum: Sum::default() }
    }

    fn trace(&mut self, object: &Object<'_>, base: Option<Base<'_, Trace>>) -> Trace {
        let detector = &self.engine.detector;
        let Some(base) = base.filter(|_| self.scope.inherit) else { return detector.trace(object.bytes) };
        self.copies.clear();
        self.copies.extend(base.copies.iter().map(|c| Copied { from: c.from, to: c.to, len: c.len }));
        detector.trace_delta(object.bytes, &self.copies, base.value)
    }

    fn counts(&mut self, number: u32, kind: Kind, size: u64) -> bool {
        let counts = self.scope.has(number);
        if counts {
            self.sum.count(self.scope.job, kind, size);
        }
        counts
    }

    /// The policy's limit, where it keeps an object of this size from being looked at.
    fn limit(&self, size: u64) -> Option<u64> {
        self.engine.policy.limits.max_blob_size.filter(|&most| size > most)
    }

    /// Whether it does; if so, that is noted.
    fn too_large(&mut self, id: ObjectId, kind: Kind, size: u64) -> bool {
        let limit = self.limit(size);
        let too_large = limit.map(|most| (change(id, kind, size, Body::Bytes(Vec::new())), most));
        self.sum.too_large.extend(too_large);
        limit.is_some()
    }

    fn keep(&mut self, id: ObjectId, kind: Kind, size: u64, bytes: Option<&[u8]>, found: Found) {
        if kind != Kind::Blob {
            let body = Body::Bytes(bytes.unwrap_or_default().to_vec());
            self.sum.hits.push(Hit::new(change(id, kind, size, body), found));
            return;
        }
        let Found { matches, skipped } = found;
        if !skipped.is_empty() {
            let found = Found { matches: Vec::new(), skipped };
            self.sum.skips.push((change(id, kind, size, Body::Bytes(Vec::new())), found));
        }
        let mut marks = self.engine.marks(bytes);
        let matches: Vec<(Match, Option<String>)> =
            matches.into_iter().map(|m| (marks.of(&m), m)).map(|(mark, m)| (m, mark)).collect();
        if !matches.is_empty() {
            self.sum.waiting.push(Waiting { id, path: None, kind: Where::File, matches });
        }
    }
}

impl Visit for Sweeper<'_> {
    type Value = Trace;

    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, Trace>>) -> Trace {
        let size = object.bytes.len() as u64;
        let mut trace = self.trace(&object, base);
        let pointer = lfs_size(object.bytes).filter(|_| object.kind == Kind::Blob);
        if let Some(seen) = self.scope.seen {
            let speaks = trace.has_matches() || self.limit(size).is_some() || pointer.is_some();
            seen.note(object.number, size, speaks);
        }
        if !self.counts(object.number, object.kind, size) || self.too_large(*object.id, object.kind, size) {
            return trace;
        }
        self.sum.pointers.extend(pointer);
        if trace.has_matches() {
            let found = self.engine.detector.resolve(object.bytes, &mut trace);
            self.keep(*object.id, object.kind, size, Some(object.bytes), found);
        }
        trace
    }

    fn large(&mut self, object: LargeObject<'_>, bytes: &mut dyn Read) {
        let counts = self.counts(object.number, object.kind, object.size);
        if !counts || self.too_large(*object.id, object.kind, object.size) {
            return;
        }
        match self.engine.detector.scan_reader(bytes) {
            Ok(found) if found.matches.is_empty() && found.skipped.is_empty() => {}
            Ok(found) => self.keep(*object.id, object.kind, object.size, None, found),
            // The walk names the object as a problem.
            Err(error) => tracing::debug!(error = %chain(&error), "a large object broke off"),
        }
    }

    fn base(&mut self, object: Object<'_>, base: Option<Base<'_, Trace>>) -> Option<Trace> {
        // In a resumed sweep most bases were seen; to search one of them costs as much as to search the child.
        self.scope.seen.is_none().then(|| self.trace(&object, base))
    }

    fn problem(&mut self, problem: Problem) {
        let number = |id: &ObjectId| self.scope.history.store().number(id);
        let counts = problem.id.as_ref().and_then(number).is_none_or(|n| self.scope.has(n));
        if counts {
            self.sum.problems.push(problem);
        }
    }
}

fn change(id: ObjectId, kind: Kind, size: u64, body: Body) -> Change {
    let what = match kind {
        Kind::Commit => What::Commit,
        Kind::Tag => What::Tag,
        Kind::Blob | Kind::Tree => What::Blob,
    };
    let commit = (kind == Kind::Commit).then_some(id);
    Change { id: Some(id), size, commit, body, ..Repo::name_change(what, b"") }
}
