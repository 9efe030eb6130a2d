//! Sweeps of a whole history at the speed of its packs.
//!
//! Reading a history object by object decodes every delta chain again and again. Here each delta tree is
//! walked once, bases first, and a blob's verdicts are inherited by what is based on it: only what a delta
//! inserted, and its seams, are searched. git still says what leads to everything; who introduced what comes
//! from one pass over all trees.
//!
//! Nothing is lost on the way: an object that the walk cannot read is asked of git, and what git cannot give
//! either is a named gap. Where the object store as a whole cannot be read this way, the answer is `None` and
//! the caller reads through git.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use stopleak_core::{Copied, Found, Match, Trace};
use stopleak_git::{
    Body, Change, CommitFacts, HistoryTips, Introduction, Kind as What, ObjectId, Repo, SkipReason,
};
use stopleak_pack::{
    Base, Hash, History, Kind, LargeObject, Object, Options, Plan, Problem, Store, Tips, Visit,
};
use stopleak_report::{Coverage, Source, Where};

use super::objects::{Hit, Job, State, Waiting, examine};
use super::{Collector, Engine};
use crate::exit::chain;

/// Bases that all threads together keep.
const MEMORY: usize = 96 << 20;
/// Larger objects are read as a stream.
const LARGE: u64 = 32 << 20;

/// How objects are read. All give the same findings; the slower ones are there to prove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Reader {
    /// Delta trees of packs, verdicts inherited.
    #[default]
    Packs,
    /// Delta trees of packs, every object searched in full.
    Plain,
    /// `git cat-file --batch`, every object searched in full.
    Git,
}

/// What a sweep takes in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// Also what nothing reaches.
    pub(crate) unreachable: bool,
    /// Whether verdicts are inherited.
    pub(crate) inherit: bool,
}

/// Sweeps the history; `None` when its store cannot be read without git.
pub(crate) fn run(
    job: &Job<'_>,
    extent: Extent,
    coverage: &Coverage,
) -> Result<Option<(Collector, Coverage)>, stopleak_git::Error> {
    let started = Instant::now();
    let Some((store, found)) = open(job.repo)? else { return Ok(None) };
    let stop = Arc::new(AtomicBool::new(false));
    let finished = AtomicBool::new(false);
    let answer = std::thread::scope(|scope| {
        scope.spawn(|| watch(job, &stop, &finished));
        let _end = SetOnDrop(&finished);
        let options = Options {
            threads: job.threads.count(),
            kinds: vec![Kind::Blob, Kind::Commit, Kind::Tag],
            memory: MEMORY,
            large: LARGE,
            verify: false,
            stop: Some(Arc::clone(&stop)),
        };
        let plan = Plan::everything(&store);
        let history = History::read(&store, &plan, &tips(&found), &options);
        // A tree or commit that is missing hides what it leads to: then nothing is known to be unreachable.
        let blind = history.gaps().iter().any(|gap| gap.leads_on) || !history.problems().is_empty();
        let all = extent.unreachable || (blind && !store.is_partial());
        let parts = plan.walk(&options, |_| Sweeper::new(job, &history, all, extent.inherit));
        let mut sum = Sum::default();
        for part in parts {
            sum.add(part);
        }
        let mut state = State::new(job, Collector::versions());
        names(&mut state, &found, &history, extent.unreachable);
        gaps(&mut state, &store, &history, &sum.problems)?;
        sum.hits.sort_by_key(|hit| hit.change.id);
        sum.hits.into_iter().for_each(|hit| state.hit(hit));
        sum.skips.into_iter().for_each(|(change, found)| state.partly(&change, &found));
        sum.waiting.sort_by_key(|blob| blob.id);
        state.waiting.append(&mut sum.waiting);
        if let Some(why) = job.must_stop() {
            state.rest(why);
        }
        attribute(&mut state, job.repo, &found, &history)?;
        let trees = history.tree_count(all);
        Ok(Some((
            state.out,
            Coverage {
                source: Source::History,
                refs: found.refs.len() as u64,
                commits: sum.commits,
                objects: sum.blobs + sum.commits + sum.tags + trees,
                blobs: sum.blobs,
                bytes: sum.bytes,
                bytes_scanned: sum.bytes,
                ..coverage.clone()
            },
        )))
    });
    answer.map(|done| {
        done.map(|(out, coverage)| (out, Coverage { seconds: started.elapsed().as_secs_f64(), ..coverage }))
    })
}

/// Attributes blobs by the packs, for a scan that read through git. `false`: the store cannot be read.
pub(super) fn attribute_by_packs(state: &mut State<'_>, repo: &Repo) -> Result<bool, stopleak_git::Error> {
    let Some((store, found)) = open(repo)? else { return Ok(false) };
    let options = Options { memory: MEMORY, ..Options::default() };
    let history = History::read(&store, &Plan::everything(&store), &tips(&found), &options);
    attribute(state, repo, &found, &history)?;
    Ok(true)
}

fn open(repo: &Repo) -> Result<Option<(Store, HistoryTips)>, stopleak_git::Error> {
    let dirs = repo.object_dirs()?;
    let hash = if repo.is_sha256() { Hash::Sha256 } else { Hash::Sha1 };
    match Store::open(&dirs.own, &dirs.alternates, hash) {
        Ok(store) => Ok(Some((store, repo.history_tips()?))),
        Err(error) => {
            tracing::debug!(%error, "the object store cannot be read directly, reading through git");
            Ok(None)
        }
    }
}

fn tips(found: &HistoryTips) -> Tips {
    // The named ones first: a position in this list is a position in `found.refs`.
    let refs = found.refs.iter().map(|(_, id)| *id).chain(found.commits.iter().copied()).collect();
    Tips { refs, head: found.head, shallow: found.shallow.clone() }
}

/// Passes a stop or a deadline on to the walk.
fn watch(job: &Job<'_>, stop: &AtomicBool, finished: &AtomicBool) {
    while !finished.load(Ordering::Relaxed) {
        if job.must_stop().is_some() {
            stop.store(true, Ordering::Relaxed);
            return;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Looks at the names of refs, files and folders.
fn names(state: &mut State<'_>, found: &HistoryTips, history: &History<'_>, all: bool) {
    let refs = found.refs.iter().map(|(name, _)| Repo::name_change(What::RefName, name));
    let files = history.names(all).map(|name| Repo::name_change(What::Path, name));
    for change in refs.chain(files) {
        if let Some(hit) = examine(state.job.engine, state.job.progress, state.job.stop, change) {
            state.hit(hit);
        }
    }
}

/// Everything in scope that the walk did not read: git is asked, and what it cannot give is named.
fn gaps(
    state: &mut State<'_>,
    store: &Store,
    history: &History<'_>,
    problems: &[Problem],
) -> Result<(), stopleak_git::Error> {
    let mut ids = HashSet::new();
    let lost = history.gaps().iter().map(|gap| gap.id);
    let broken = problems.iter().chain(history.problems()).filter_map(|p| p.id);
    for id in lost.chain(broken) {
        if !ids.insert(id) {
            continue;
        }
        let missing = store.number(&id).is_none();
        let change = match state.job.repo.second_opinion(id)? {
            Change { body: Body::Skipped { .. }, .. } if missing && store.is_partial() => {
                skipped(id, SkipReason::NotFetched)
            }
            Change { body: Body::Skipped { why }, .. } => skipped(id, why),
            change => change,
        };
        if let Some(hit) = examine(state.job.engine, state.job.progress, state.job.stop, change) {
            state.hit(hit);
        }
    }
    // A file that could not be opened is named too: what else was in it, nobody knows.
    for problem in problems.iter().filter(|p| p.id.is_none()) {
        let file =
            problem.file.as_ref().map_or_else(|| "the object store".into(), |f| f.display().to_string());
        state.failed(&file, problem.why.code(), &problem.to_string());
    }
    Ok(())
}

fn skipped(id: ObjectId, why: SkipReason) -> Change {
    Change { id: Some(id), body: Body::Skipped { why }, ..Repo::name_change(What::Blob, b"") }
}

/// Gives every blob with a match the commits and paths that brought it.
fn attribute(
    state: &mut State<'_>,
    repo: &Repo,
    tips: &HistoryTips,
    history: &History<'_>,
) -> Result<(), stopleak_git::Error> {
    let mut ids: Vec<ObjectId> = state.waiting.iter().map(|blob| blob.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let mut facts = HashMap::new();
    let mut introduced = HashMap::new();
    for found in history.introductions(&ids) {
        let named = found.refs.iter().filter_map(|&at| tips.refs.get(at));
        let refs: Vec<_> = named.map(|(name, _)| name.clone()).take(Repo::MAX_REFS_NAMED).collect();
        let mut places = Vec::new();
        // Without a path a ref or tag points at the blob itself, and no commit brought it.
        for place in found.occurrences.into_iter().filter(|place| !place.path.is_empty()) {
            let CommitFacts { author, date, .. } = match facts.entry(place.commit) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(slot) => slot.insert(repo.commit_facts(place.commit)?),
            };
            places.push(Introduction {
                commit: place.commit,
                author: author.clone(),
                date: date.clone(),
                path: place.path,
                in_head: place.in_head,
                refs: refs.clone(),
            });
        }
        introduced.insert(found.blob, places);
    }
    for blob in &mut state.waiting {
        let places = introduced.get(&blob.id).map(Vec::as_slice).unwrap_or_default();
        if !places.is_empty() && places.iter().all(|place| stopleak_git::is_note_path(&place.path)) {
            blob.kind = Where::Note;
        }
    }
    state.attribute_with(&introduced);
    Ok(())
}

/// What one thread found.
struct Sweeper<'j> {
    engine: &'j Engine<'j>,
    job: &'j Job<'j>,
    history: &'j History<'j>,
    /// Whether unreachable objects count.
    all: bool,
    inherit: bool,
    copies: Vec<Copied>,
    sum: Sum,
}

/// What all threads found.
#[derive(Default)]
struct Sum {
    /// Commits and tags with matches.
    hits: Vec<Hit>,
    waiting: Vec<Waiting>,
    /// Blobs that could be looked into only in part.
    skips: Vec<(Change, Found)>,
    problems: Vec<Problem>,
    commits: u64,
    blobs: u64,
    tags: u64,
    bytes: u64,
}

impl Sum {
    fn add(&mut self, part: Sweeper<'_>) {
        let part = part.sum;
        self.hits.extend(part.hits);
        self.waiting.extend(part.waiting);
        self.skips.extend(part.skips);
        self.problems.extend(part.problems);
        self.commits += part.commits;
        self.blobs += part.blobs;
        self.tags += part.tags;
        self.bytes += part.bytes;
    }
}

impl<'j> Sweeper<'j> {
    fn new(job: &'j Job<'j>, history: &'j History<'j>, all: bool, inherit: bool) -> Self {
        Self { engine: job.engine, job, history, all, inherit, copies: Vec::new(), sum: Sum::default() }
    }

    fn trace(&mut self, object: &Object<'_>, base: Option<Base<'_, Trace>>) -> Trace {
        let detector = &self.engine.detector;
        let Some(base) = base.filter(|_| self.inherit) else { return detector.trace(object.bytes) };
        self.copies.clear();
        self.copies.extend(base.copies.iter().map(|c| Copied { from: c.from, to: c.to, len: c.len }));
        detector.trace_delta(object.bytes, &self.copies, base.value)
    }

    fn counts(&mut self, number: u32, kind: Kind, size: u64) -> bool {
        if !self.all && !self.history.is_reachable_number(number) {
            return false;
        }
        match kind {
            Kind::Commit => self.sum.commits += 1,
            Kind::Tag => self.sum.tags += 1,
            Kind::Blob | Kind::Tree => self.sum.blobs += 1,
        }
        self.sum.bytes += size;
        self.job.progress.items.fetch_add(1, Ordering::Relaxed);
        self.job.progress.bytes.fetch_add(size, Ordering::Relaxed);
        true
    }

    /// Whether policy keeps a blob of this size from being looked at; then that is noted.
    fn too_large(&mut self, id: ObjectId, kind: Kind, size: u64) -> bool {
        if self.engine.policy.limits.max_blob_size.is_none_or(|most| size <= most) {
            return false;
        }
        let found = Found {
            matches: Vec::new(),
            skipped: vec![stopleak_core::Skipped {
                span: 0..size as usize,
                encoding: Vec::new(),
                why: "too-large",
            }],
        };
        self.sum.skips.push((change(id, kind, size, Body::Bytes(Vec::new())), found));
        true
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
        let matches: Vec<(Match, Option<String>)> = matches
            .into_iter()
            .map(|m| (self.engine.mark(&m, bytes), m))
            .map(|(mark, m)| (m, mark))
            .collect();
        if !matches.is_empty() {
            self.sum.waiting.push(Waiting { id, path: None, kind: Where::File, matches });
        }
    }
}

impl Visit for Sweeper<'_> {
    type Value = Trace;

    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, Trace>>) -> Trace {
        let size = object.bytes.len() as u64;
        let trace = self.trace(&object, base);
        if self.counts(object.number, object.kind, size)
            && !self.too_large(*object.id, object.kind, size)
            && trace.has_matches()
        {
            let found = self.engine.detector.resolve(object.bytes, &trace);
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
        Some(self.trace(&object, base))
    }

    fn problem(&mut self, problem: Problem) {
        let number = |id: &ObjectId| self.history.store().number(id);
        let counts = self.all
            || problem.id.as_ref().and_then(number).is_none_or(|n| self.history.is_reachable_number(n));
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
