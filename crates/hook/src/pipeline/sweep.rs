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

mod gaps;
mod seen;
mod visit;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use stopleak_git::{Body, CommitFacts, HistoryTips, Introduction, Kind as What, ObjectId, Repo};
use stopleak_pack::{History, Kind, Options, Plan, Store, Tips};
use stopleak_report::{Coverage, Source, Where};

pub(crate) use self::seen::Cache;
use self::seen::Seen;
use self::visit::{Scope, Sum, Sweeper};
use super::Collector;
use super::files::Stage;
use super::objects::{Job, State, examine};

/// Bases that all threads together keep.
const MEMORY: usize = 96 << 20;
/// Larger objects are read as a stream.
const LARGE: u64 = 32 << 20;
/// So often the store is opened anew because it changed while its history was read.
const TRIES: usize = 3;
/// How often a sweep that may be resumed writes down how far it is.
const SAVE: Duration = Duration::from_secs(10);

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

/// What became of a sweep.
enum Swept {
    Done(Box<(Collector, Coverage)>),
    /// The store changed on the way.
    Moved,
}

/// Sweeps the history; `None` when its store cannot be read without git. `cache`: what earlier sweeps have seen.
pub(crate) fn run(
    job: &Job<'_>,
    extent: Extent,
    cache: Option<&Cache>,
    coverage: &Coverage,
) -> Result<Option<(Collector, Coverage)>, stopleak_git::Error> {
    let started = Instant::now();
    for _ in 0..TRIES {
        job.progress.now(Stage::Open);
        let Some((store, found)) = open(job.repo)? else { return Ok(None) };
        match sweep(job, extent, cache, (&store, &found), coverage)? {
            Swept::Done(done) => {
                let (out, coverage) = *done;
                if let Some(why) = store.room().refused() {
                    tracing::warn!(why, "tables past 4 MiB stay in memory, no file could be made for them");
                }
                return Ok(Some((out, Coverage { seconds: started.elapsed().as_secs_f64(), ..coverage })));
            }
            Swept::Moved => tracing::info!("the object store changed while it was read; it is opened anew"),
        }
    }
    tracing::info!("the object store keeps changing, reading through git");
    Ok(None)
}

fn sweep(
    job: &Job<'_>,
    extent: Extent,
    cache: Option<&Cache>,
    (store, found): (&Store, &HistoryTips),
    coverage: &Coverage,
) -> Result<Swept, stopleak_git::Error> {
    let stop = Arc::new(AtomicBool::new(job.must_stop().is_some()));
    let finished = AtomicBool::new(false);
    let seen = cache.map(|cache| cache.seen(store));
    std::thread::scope(|scope| {
        scope.spawn(|| watch(job, seen.as_ref(), &stop, &finished));
        let _end = SetOnDrop(&finished);
        let options = Options {
            threads: job.threads.count(),
            kinds: vec![Kind::Blob, Kind::Commit, Kind::Tag],
            memory: MEMORY,
            large: LARGE,
            verify: false,
            stop: Some(Arc::clone(&stop)),
        };
        job.progress.now(Stage::Plan);
        let mut plan = Plan::everything_unless(store, &stop);
        job.progress.now(Stage::Folders);
        let history = History::read(store, &plan, &tips(found), &options);
        let mut state = State::new(job, Collector::versions());
        let coverage =
            Coverage { source: Source::History, refs: found.refs.len() as u64, ..coverage.clone() };
        if let Some(why) = job.must_stop() {
            // The history is not whole, so nothing can be said of what it lacks.
            rest(&mut state, why, 0);
            return Ok(Swept::Done(Box::new((state.out, coverage))));
        }
        job.progress.now(Stage::Objects);
        if gaps::moved(job.repo, &history)? {
            return Ok(Swept::Moved);
        }
        // A tree or commit that is missing hides what it leads to: then nothing is known to be unreachable.
        let all = extent.unreachable || (gaps::is_blind(&history) && !store.is_partial());
        let scope = Scope { job, history: &history, all, inherit: extent.inherit, seen: seen.as_ref() };
        job.progress.total.store(plan.count(&options.kinds), Ordering::Relaxed);
        let mut sum = leave_out(&mut plan, scope);
        for part in plan.walk(&options, |_| Sweeper::new(scope)) {
            sum.add(part);
        }
        drop(plan);
        job.progress.now(Stage::Origins);
        if let Some(seen) = &seen {
            seen.save();
        }
        names(&mut state, found, &history, all);
        gaps::ask(&mut state, &history, &mut sum)?;
        sum.hits.sort_by_key(|hit| hit.change.id);
        for hit in sum.hits {
            if let (Some(commit), Body::Bytes(raw)) = (hit.change.commit, &hit.change.body) {
                state.know(commit, Repo::facts_of(raw));
            }
            state.hit(hit);
        }
        sum.pointers.into_iter().for_each(|size| state.pointer(size));
        state.name_pointers();
        sum.waiting.sort_by_key(|blob| blob.id);
        state.waiting.append(&mut sum.waiting);
        let trees = history.tree_count(all);
        let objects = sum.blobs + sum.commits + sum.tags + trees + sum.unread;
        if let Some(why) = job.must_stop() {
            rest(&mut state, why, objects);
        }
        for (change, found) in &sum.skips {
            state.partly(change, found);
        }
        let mut unscanned = 0;
        for (change, most) in &sum.too_large {
            state.too_large(change, *most);
            unscanned += change.size;
        }
        attribute(&mut state, job.repo, found, &history)?;
        let coverage = Coverage {
            commits: sum.commits,
            objects,
            blobs: sum.blobs,
            bytes: sum.bytes,
            bytes_scanned: sum.bytes.saturating_sub(unscanned),
            ..coverage
        };
        Ok(Swept::Done(Box::new((state.out, coverage))))
    })
}

/// Leaves out what an earlier sweep has seen, and counts it.
fn leave_out(plan: &mut Plan<'_>, scope: Scope<'_>) -> Sum {
    let mut sum = Sum::default();
    let Some(seen) = scope.seen else { return sum };
    let mut left_out = 0u64;
    plan.leave_out(|number, kind| {
        let Some(size) = seen.clean(number) else { return false };
        if scope.has(number) {
            sum.count(scope.job, kind, size);
        }
        left_out += 1;
        true
    });
    tracing::info!(objects = left_out, "left out, because an earlier sweep has seen them");
    sum
}

/// Says that the sweep ended before its end.
fn rest(state: &mut State<'_>, why: &str, objects: u64) {
    let detail = format!("stopped after {objects} objects; what follows was not read");
    state.failed("the rest", why, &detail);
}

/// Whether trees or commits of the history are lost, so that nothing is known to be unreachable.
pub(crate) fn is_blind(repo: &Repo) -> Result<bool, stopleak_git::Error> {
    let Some((store, found)) = open(repo)? else { return Ok(false) };
    let options = Options { memory: MEMORY, ..Options::default() };
    let history = History::read(&store, &Plan::everything(&store), &tips(&found), &options);
    Ok(gaps::is_blind(&history) && !store.is_partial())
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
    // The tips first: what they lead to is there before they are.
    let tips = repo.history_tips()?;
    Ok(super::asked::open(repo)?.map(|store| (store, tips)))
}

fn tips(found: &HistoryTips) -> Tips {
    // The named ones first: a position in this list is a position in `found.refs`.
    let refs = found.refs.iter().map(|(_, id)| *id).chain(found.commits.iter().copied()).collect();
    Tips { refs, head: found.head, shallow: found.shallow.clone() }
}

/// Passes a stop or a deadline on to the walk, and has what was seen written down.
fn watch(job: &Job<'_>, seen: Option<&Seen<'_>>, stop: &AtomicBool, finished: &AtomicBool) {
    let mut saved = Instant::now();
    while !finished.load(Ordering::Relaxed) {
        if job.must_stop().is_some() {
            stop.store(true, Ordering::Relaxed);
            return;
        }
        if let Some(seen) = seen.filter(|_| saved.elapsed() > SAVE) {
            seen.save();
            saved = Instant::now();
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

/// Gives every blob with a match the commits and paths that brought it, and names what was not looked into by the
/// first path that each object had.
fn attribute(
    state: &mut State<'_>,
    repo: &Repo,
    tips: &HistoryTips,
    history: &History<'_>,
) -> Result<(), stopleak_git::Error> {
    let mut ids: Vec<ObjectId> = state.waiting.iter().map(|blob| blob.id).collect();
    let waiting: HashSet<ObjectId> = ids.iter().copied().collect();
    ids.extend(state.needing_name());
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let mut facts = HashMap::new();
    let mut reader = history.store().reader();
    let mut read = |commit| match reader.read(&commit) {
        Ok(Some((Kind::Commit, raw))) => Ok(Repo::facts_of(&raw)),
        _ => repo.commit_facts(commit),
    };
    let mut introduced = HashMap::new();
    let mut paths = HashMap::new();
    for found in history.introductions(&ids) {
        let named = found.occurrences.iter().map(|place| &place.path).find(|path| !path.is_empty());
        paths.extend(named.map(|path| (found.blob, path.clone())));
        if !waiting.contains(&found.blob) {
            continue;
        }
        let named = found.refs.iter().filter_map(|&at| tips.refs.get(at));
        let refs: Vec<_> = named.map(|(name, _)| name.clone()).take(Repo::MAX_REFS_NAMED).collect();
        let mut places = Vec::new();
        // Without a path a ref or tag points at the blob itself, and no commit brought it.
        for place in found.occurrences.into_iter().filter(|place| !place.path.is_empty()) {
            let CommitFacts { author, date, .. } = match facts.entry(place.commit) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(slot) => slot.insert(read(place.commit)?),
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
        if !places.is_empty() {
            let note = places.iter().all(|place| stopleak_git::is_note_path(&place.path));
            blob.kind = if note { Where::Note } else { Where::File };
        }
    }
    state.name_gaps(&paths);
    state.attribute_with(&introduced);
    Ok(())
}
