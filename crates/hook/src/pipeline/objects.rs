//! What git says is in scope: staged blobs, the objects of a range, a push or a whole history.
//!
//! git's objects come one after another from [`Changes`]; a few of them are scanned right here, many are
//! handed to threads. Only for a blob with a match is it asked which of its lines are new. A history's
//! findings wait until all is read, because who introduced them is one pass over all commits.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TrySendError};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use stopleak_config::Policy;
use stopleak_core::{Found, Match, context};
use stopleak_git::{
    Added, Body, Change, Changes, CommitFacts, Error, Introduction, Kind, ObjectId, Repo, Totals,
};
use stopleak_report::{Coverage, Finding, Shown, Skip, Source, Where};

use super::collect::Collector;
use super::files::Progress;
use super::headers::{self, Raw};
use super::stop::{Stop, Watched};
use super::sweep;
use super::{Engine, Place, Verdict, lfs_size, partly};
use crate::exit::chain;
use crate::session::Threads;

/// Work that is done before threads are worth their start.
const ALONE: u64 = 2 << 20;
/// Objects that wait for a thread.
const WAITING: usize = 64;

/// A scan of git's objects.
pub(crate) struct Job<'j> {
    /// What decides.
    pub(crate) engine: &'j Engine<'j>,
    /// The repository.
    pub(crate) repo: &'j Repo,
    /// What the changes are.
    pub(crate) source: Source,
    /// How many threads.
    pub(crate) threads: Threads,
    /// When to end early.
    pub(crate) stop: Stop<'j>,
    /// Told how much was read.
    pub(crate) progress: &'j Progress,
    /// The tips of a push, by id.
    pub(crate) tips: &'j [ObjectId],
}

/// Something in a change: matches, or parts that could not be looked into.
pub(super) struct Hit {
    pub(super) change: Change,
    pub(super) found: Found,
    /// Why a stream ended before its end: a reason code, and words.
    broken: Option<(&'static str, String)>,
}

impl Hit {
    /// A change with something in it.
    pub(super) fn new(change: Change, found: Found) -> Self {
        Self { change, found, broken: None }
    }

    /// A change that could not be read.
    fn unread(change: Change, broken: Option<(&'static str, String)>) -> Self {
        Self { change, found: Found::default(), broken }
    }
}

/// A blob of a history with matches, until it is known who introduced it.
pub(super) struct Waiting {
    pub(super) id: ObjectId,
    pub(super) path: Option<Vec<u8>>,
    pub(super) kind: Where,
    pub(super) matches: Vec<(Match, Option<String>)>,
}

/// What of an object was not looked into.
enum Gap {
    /// Parts of it.
    Partly(Found),
    /// The whole of it.
    Whole { why: String, bytes: u64, in_scope: bool, detail: String },
}

/// So many of a history's gaps are called by their paths; a partial clone may lack a million blobs.
const NAMED: usize = 10_000;

impl Job<'_> {
    /// Scans everything, and says what was in scope.
    ///
    /// When git fails on the way, what was found stays and the failure is a gap: the scan is incomplete.
    pub(crate) fn run(&self, mut changes: Changes<'_>, coverage: Coverage) -> (Collector, Coverage) {
        let started = Instant::now();
        let versions = self.source != Source::Staged;
        let out = if versions { Collector::versions() } else { Collector::places() };
        let mut state = State::new(self, out);
        self.drain(&mut state, &mut changes);
        state.name_pointers();
        state.attribute();
        (state.out, self.coverage(&changes.totals(), started, coverage))
    }

    /// Scans what is left of the changes.
    pub(super) fn drain(&self, state: &mut State<'_>, changes: &mut Changes<'_>) {
        let jobs: Mutex<Option<Receiver<Change>>> = Mutex::new(None);
        let jobs = &jobs;
        std::thread::scope(|scope| {
            let (hits_in, hits) = mpsc::channel();
            let mut pool: Option<SyncSender<Change>> = None;
            let (mut seen, mut alone) = (0, false);
            loop {
                if let Some(why) = self.must_stop() {
                    state.rest(why);
                    break;
                }
                let change = match changes.next() {
                    None => break,
                    Some(Ok(change)) => change,
                    Some(Err(error)) => {
                        state.failed("git", trouble(&error), &chain(&error));
                        break;
                    }
                };
                let Some(change) = state.wanted(change) else { continue };
                seen += change.size;
                if pool.is_none() && !alone && seen > ALONE {
                    let threads = self.threads.count();
                    alone = threads == 1;
                    if alone {
                        state.alone(change);
                        continue;
                    }
                    let (to, from) = mpsc::sync_channel(WAITING);
                    *jobs.lock().unwrap_or_else(PoisonError::into_inner) = Some(from);
                    let start = |_: &usize| {
                        let hits_in: Sender<Hit> = hits_in.clone();
                        let body = move || work(self, jobs, &hits_in);
                        std::thread::Builder::new().spawn_scoped(scope, body).is_ok()
                    };
                    // Where the system gives no more threads, fewer do the same, or this one alone.
                    alone = (0..threads).take_while(start).count() == 0;
                    if alone {
                        state.alone(change);
                        continue;
                    }
                    pool = Some(to);
                }
                let left = match &pool {
                    None => Some(change),
                    // A full queue means that this thread may as well help.
                    Some(to) => match to.try_send(change) {
                        Ok(()) => None,
                        Err(TrySendError::Full(change) | TrySendError::Disconnected(change)) => Some(change),
                    },
                };
                if let Some(change) = left {
                    state.alone(change);
                }
                while let Ok(hit) = hits.try_recv() {
                    state.hit(hit);
                }
            }
            drop(pool);
            drop(hits_in);
            for hit in &hits {
                state.hit(hit);
            }
        });
    }

    /// What was in scope.
    pub(super) fn coverage(&self, totals: &Totals, started: Instant, coverage: Coverage) -> Coverage {
        Coverage {
            source: self.source,
            refs: totals.refs,
            commits: totals.commits,
            objects: totals.objects,
            blobs: totals.blobs,
            bytes: totals.bytes,
            bytes_scanned: self.progress.bytes.load(Ordering::Relaxed),
            seconds: started.elapsed().as_secs_f64(),
            ..coverage
        }
    }

    /// [`Job::run`] for changes that git may not have been able to list. Running into a limit is a gap of this
    /// scan, which policy may let pass; anything else means that the scope is unknown.
    pub(crate) fn attempt(
        &self,
        changes: Result<Changes<'_>, Error>,
        coverage: Coverage,
    ) -> Result<(Collector, Coverage), Error> {
        match changes {
            Ok(changes) => Ok(self.run(changes, coverage)),
            Err(error) if limit(&error).is_some() => {
                let mut state = State::new(self, Collector::places());
                state.failed("all of it", trouble(&error), &chain(&error));
                Ok((state.out, Coverage { source: self.source, ..coverage }))
            }
            Err(error) => Err(error),
        }
    }

    /// Why the scan has to end now.
    pub(super) fn must_stop(&self) -> Option<&'static str> {
        self.stop.why()
    }
}

/// The reason code of a limit that git's listing ran into.
fn limit(error: &Error) -> Option<&'static str> {
    match error {
        Error::Deadline { .. } => Some("deadline"),
        Error::TooManyChanges(_) => Some("too-many-changes"),
        _ => None,
    }
}

/// The reason code of an error of git's.
fn trouble(error: &Error) -> &'static str {
    limit(error).unwrap_or("git-failed")
}

/// A thread: takes changes until there are no more.
fn work(job: &Job<'_>, jobs: &Mutex<Option<Receiver<Change>>>, hits: &Sender<Hit>) {
    loop {
        let next = {
            let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().and_then(|jobs| jobs.recv().ok())
        };
        let Some(change) = next else { return };
        if let Some(hit) = examine(job.engine, job.progress, job.stop, change)
            && hits.send(hit).is_err()
        {
            return;
        }
    }
}

/// Scans one change; `None` when there is nothing in it.
pub(super) fn examine(
    engine: &Engine<'_>,
    progress: &Progress,
    stop: Stop<'_>,
    change: Change,
) -> Option<Hit> {
    let found = match &change.body {
        Body::Bytes(bytes) => {
            let found = engine.detector.scan(bytes);
            // Names are looked at besides; the count is of objects, as git counts them.
            if change.id.is_some() {
                progress.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            found
        }
        Body::Large(blob) => {
            let opened = blob.open().map_err(|e| io::Error::other(chain(&e)));
            let read = opened.and_then(|reader| {
                let mut reader = Watched::new(reader, stop, &progress.bytes);
                let found = engine.detector.scan_reader(&mut reader)?;
                reader.ended.map_or(Ok(found), |why| Err(io::Error::other(why)))
            });
            match read {
                Ok(found) => found,
                Err(error) => {
                    let code = stop.why().unwrap_or("read-error");
                    return Some(Hit::unread(change, Some((code, error.to_string()))));
                }
            }
        }
        Body::Skipped { .. } => return Some(Hit::unread(change, None)),
    };
    progress.items.fetch_add(1, Ordering::Relaxed);
    let named = matches!(change.kind, Kind::Path) && warns(&change);
    let pointer = matches!(&change.body, Body::Bytes(bytes) if lfs_size(bytes).is_some());
    (named || pointer || !found.matches.is_empty() || !found.skipped.is_empty()).then_some(Hit {
        change,
        found,
        broken: None,
    })
}

/// Whether every place that brings a blob is excluded. In a history a blob's paths are known only later, so it
/// is read.
pub(super) fn policy_excludes(policy: &Policy, change: &Change) -> bool {
    change.kind == Kind::Blob
        && !change.places.is_empty()
        && change.places.iter().all(|p| policy.path_excluded(&p.path))
}

fn warns(change: &Change) -> bool {
    change.path.as_deref().is_some_and(|p| context::path_warning(p).is_some())
}

/// What grows while a job runs.
pub(super) struct State<'j> {
    pub(super) job: &'j Job<'j>,
    pub(super) out: Collector,
    pub(super) waiting: Vec<Waiting>,
    /// Objects of a history that were not looked into, or in part, until it is known what to call them.
    unnamed: Vec<(ObjectId, Gap)>,
    facts: HashMap<ObjectId, Option<CommitFacts>>,
    read: u64,
    /// git-lfs pointers of a history: how many, and the bytes that they stand for.
    pointers: (u64, u64),
}

impl<'j> State<'j> {
    /// Nothing found yet.
    pub(super) fn new(job: &'j Job<'j>, out: Collector) -> Self {
        Self {
            job,
            out,
            waiting: Vec::new(),
            unnamed: Vec::new(),
            facts: HashMap::new(),
            read: 0,
            pointers: (0, 0),
        }
    }

    /// Takes in what is known of a commit, so that nobody has to read it.
    pub(super) fn know(&mut self, commit: ObjectId, facts: CommitFacts) {
        self.facts.insert(commit, Some(facts));
    }

    /// Counts a git-lfs pointer of a history.
    pub(super) fn pointer(&mut self, size: u64) {
        self.pointers = (self.pointers.0 + 1, self.pointers.1.saturating_add(size));
    }

    /// Names what the pointers of a history stand for.
    pub(super) fn name_pointers(&mut self) {
        let (count, bytes) = std::mem::take(&mut self.pointers);
        if count > 0 {
            let files = stopleak_report::text::count(count as usize, "file");
            let detail = format!("git-lfs keeps the content of {files} outside of git's objects");
            let what = Shown::from("git-lfs");
            self.out.skip(Skip { what, why: "lfs-object".into(), bytes, in_scope: false, detail });
        }
    }

    /// Drops what policy keeps from being scanned, naming it.
    fn wanted(&mut self, change: Change) -> Option<Change> {
        let policy = self.job.engine.policy;
        if let Some(most) = policy.limits.max_blob_size.filter(|m| change.size > *m)
            && matches!(change.body, Body::Bytes(_) | Body::Large(_))
        {
            self.too_large(&change, most);
            return None;
        }
        if policy_excludes(policy, &change) {
            self.skip(&change, "path-excluded", change.size, "the policy's paths.exclude covers it", false);
            return None;
        }
        self.read += 1;
        Some(change)
    }

    /// Counts objects that were read elsewhere.
    pub(super) fn count(&mut self, objects: u64) {
        self.read += objects;
    }

    /// Scans a change right here.
    fn alone(&mut self, change: Change) {
        if let Some(hit) = examine(self.job.engine, self.job.progress, self.job.stop, change) {
            self.hit(hit);
        }
    }

    pub(super) fn hit(&mut self, hit: Hit) {
        let Hit { change, found, broken } = hit;
        if let Some((code, why)) = broken {
            return self.skip(&change, code, change.size, &why, true);
        }
        if let Body::Skipped { why } = &change.body {
            let why = why.code();
            return self.skip(&change, why, change.size, "the repository does not give it", true);
        }
        if !found.skipped.is_empty() {
            self.partly(&change, &found);
        }
        match change.kind {
            Kind::Blob | Kind::Note => self.blob(change, found),
            Kind::Commit => self.raw(&change, &found, Raw::Commit),
            Kind::Tag => self.raw(&change, &found, Raw::Tag),
            Kind::Path => self.path(&change, &found),
            Kind::RefName => {
                let place = Place { ref_name: change.ref_name.as_deref(), ..Place::new(Where::RefName) };
                found.matches.iter().for_each(|m| self.judge(m, None, &place, None));
            }
        }
    }

    fn blob(&mut self, change: Change, found: Found) {
        let bytes = match &change.body {
            Body::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        };
        let history = self.job.source == Source::History;
        match bytes.and_then(lfs_size) {
            // Every version of every pointer would be named.
            Some(size) if history => self.pointer(size),
            Some(size) => {
                let detail = "git-lfs keeps the content outside of git's objects";
                self.skip(&change, "lfs-object", size, detail, false);
            }
            None => {}
        }
        // A stream is gone once read, so a large blob counts as new in all of its lines.
        let added = match bytes.filter(|_| !history && !found.matches.is_empty()) {
            None => Added::All,
            Some(bytes) => match self.job.repo.added(&change, bytes) {
                Ok(added) => added,
                Err(error) => {
                    self.skip(&change, "diff-failed", 0, &chain(&error), true);
                    Added::All
                }
            },
        };
        let engine = self.job.engine;
        let mut marks = engine.marks(bytes);
        let fresh = found.matches.into_iter().filter(|m| added.touches(&m.span));
        let matches: Vec<_> = fresh.map(|m| (marks.of(&m), m)).map(|(mark, m)| (m, mark)).collect();
        if matches.is_empty() {
            return;
        }
        let kind = if change.kind == Kind::Note { Where::Note } else { Where::File };
        if let (true, Some(id)) = (history, change.id) {
            self.waiting.push(Waiting { id, path: change.path, kind, matches });
            return;
        }
        let object = change.id.map(|id| id.to_string());
        let places: Vec<(Option<&[u8]>, Option<ObjectId>)> = if change.places.is_empty() {
            vec![(change.path.as_deref(), change.commit)]
        } else {
            change.places.iter().map(|p| (Some(p.path.as_slice()), p.commit)).collect()
        };
        for (path, commit) in places {
            if path.is_some_and(|p| engine.policy.path_excluded(p)) {
                continue;
            }
            let hex = commit.map(|c| c.to_string());
            let place = Place {
                path,
                object: object.as_deref(),
                commit: hex.as_deref(),
                ref_name: change.ref_name.as_deref(),
                ..Place::new(kind)
            };
            for (m, mark) in &matches {
                self.judge(m, mark.as_deref(), &place, commit);
            }
        }
    }

    fn raw(&mut self, change: &Change, found: &Found, raw: Raw) {
        let Body::Bytes(bytes) = &change.body else { return };
        let id = change.id.map(|id| id.to_string());
        for m in &found.matches {
            let (kind, lines) = headers::part(bytes, raw, m.span.start);
            let mut m = m.clone();
            m.start = headers::shift(m.start, lines);
            m.end = headers::shift(m.end, lines);
            let commit = change.id.filter(|_| raw == Raw::Commit);
            let place = Place {
                object: id.as_deref(),
                commit: id.as_deref().filter(|_| raw == Raw::Commit),
                ref_name: change.ref_name.as_deref(),
                ..Place::new(kind)
            };
            self.judge(&m, None, &place, commit);
        }
    }

    fn path(&mut self, change: &Change, found: &Found) {
        let Body::Bytes(path) = &change.body else { return };
        let hex = change.commit.map(|c| c.to_string());
        let place = Place { path: Some(path), commit: hex.as_deref(), ..Place::new(Where::Path) };
        found.matches.iter().for_each(|m| self.judge(m, None, &place, change.commit));
        if let Some(warning) = context::path_warning(path)
            && !(warning.id == "path-env" && self.stages_nothing(path))
            && !self.job.engine.policy.path_excluded(path)
            && let Some(finding) = self.job.engine.judge_name(&warning, path, &place)
        {
            self.add(finding, change.commit);
        }
    }

    /// Whether a staged environment file holds nothing but placeholders. What a push or a history brings has been
    /// other things before, so there the name alone counts.
    fn stages_nothing(&self, path: &[u8]) -> bool {
        let path = std::str::from_utf8(path).ok().filter(|_| self.job.source == Source::Staged);
        let text = path.and_then(|path| self.job.repo.read_staged(path).ok().flatten());
        text.is_some_and(|text| context::env_holds_nothing(&text))
    }

    fn judge(&mut self, m: &Match, mark: Option<&str>, place: &Place<'_>, commit: Option<ObjectId>) {
        match self.job.engine.judge(m, mark, place) {
            Verdict::Shown(finding) => self.add(*finding, commit),
            Verdict::Hidden => self.out.hide(),
            Verdict::Dropped => {}
        }
    }

    /// Adds a finding with what its commit says.
    fn add(&mut self, mut finding: Finding, commit: Option<ObjectId>) {
        if let Some(commit) = commit {
            let repo = self.job.repo;
            let facts = self.facts.entry(commit).or_insert_with(|| repo.commit_facts(commit).ok());
            if let Some(facts) = facts.clone() {
                finding.author = Some(self.job.engine.shown(&facts.author));
                finding.date = Some(facts.date).filter(|d| !d.is_empty());
            }
            finding.at_tip = self.job.tips.contains(&commit);
        }
        self.job.progress.findings.fetch_add(1, Ordering::Relaxed);
        self.out.add(finding);
    }

    /// Gives a history's findings the commits that introduced them.
    fn attribute(&mut self) {
        if self.waiting.is_empty() && self.unnamed.is_empty() {
            return;
        }
        match sweep::attribute_by_packs(self, self.job.repo) {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::debug!(%error, "the packs could not say who introduced what"),
        }
        let mut ids: Vec<ObjectId> = self.waiting.iter().map(|w| w.id).collect();
        ids.extend(self.needing_name());
        ids.sort_unstable();
        ids.dedup();
        let introduced = self.job.repo.introduced(&ids).unwrap_or_else(|error| {
            // What was found stays; that its origin is unknown is said.
            self.failed("attribution", "git-failed", &chain(&error));
            HashMap::new()
        });
        let first = |all: &Vec<Introduction>| all.first().map(|one| one.path.clone());
        self.name_gaps(&introduced.iter().filter_map(|(id, all)| Some((*id, first(all)?))).collect());
        self.attribute_with(&introduced);
    }

    /// Turns what waits into findings.
    pub(super) fn attribute_with(&mut self, introduced: &HashMap<ObjectId, Vec<Introduction>>) {
        for blob in std::mem::take(&mut self.waiting) {
            if let Some(all) = introduced.get(&blob.id).filter(|all| !all.is_empty()) {
                self.introduced(&blob, all);
            } else {
                let object = blob.id.to_string();
                let place =
                    Place { path: blob.path.as_deref(), object: Some(&object), ..Place::new(blob.kind) };
                blob.matches.iter().for_each(|(m, mark)| self.judge(m, mark.as_deref(), &place, None));
            }
        }
    }

    /// Names what of a change could not be looked into.
    pub(super) fn partly(&mut self, change: &Change, found: &Found) {
        if let Some(id) = self.unnamed(change) {
            let found = Found { matches: Vec::new(), skipped: found.skipped.clone() };
            return self.unnamed.push((id, Gap::Partly(found)));
        }
        let what = self.name(change);
        self.out.skip_all(partly(found, &what));
    }

    fn introduced(&mut self, blob: &Waiting, all: &[Introduction]) {
        let engine = self.job.engine;
        let object = blob.id.to_string();
        let mut excluded = true;
        for one in all.iter().filter(|one| !engine.policy.path_excluded(&one.path)) {
            excluded = false;
            let commit = one.commit.to_string();
            let place = Place {
                path: Some(&one.path),
                commit: Some(&commit),
                object: Some(&object),
                ..Place::new(blob.kind)
            };
            for (m, mark) in &blob.matches {
                match engine.judge(m, mark.as_deref(), &place) {
                    Verdict::Shown(mut finding) => {
                        finding.author = Some(engine.shown(&one.author));
                        finding.date = Some(one.date.clone()).filter(|d| !d.is_empty());
                        finding.in_head = Some(one.in_head);
                        finding.refs = one.refs.iter().map(|r| engine.shown(r)).collect();
                        self.add(*finding, None);
                    }
                    Verdict::Hidden => self.out.hide(),
                    Verdict::Dropped => {}
                }
            }
        }
        if excluded {
            let what = Shown::new(object);
            let detail = "the policy's paths.exclude covers every path of it".to_owned();
            self.out.skip(Skip { what, why: "path-excluded".into(), bytes: 0, in_scope: false, detail });
        }
    }

    /// What a reader may call a change: its path, else its id or name.
    fn name(&self, change: &Change) -> Shown {
        let engine = self.job.engine;
        match (&change.path, change.id, &change.ref_name) {
            (Some(path), ..) => engine.shown(path),
            (None, Some(id), _) => Shown::new(id.to_string()),
            (None, None, Some(name)) => engine.shown(name),
            (None, None, None) => Shown::from("an object without a name"),
        }
    }

    /// The id of a change that cannot be named yet: in a history a blob's paths are known only at the end.
    fn unnamed(&self, change: &Change) -> Option<ObjectId> {
        let waits = self.job.source == Source::History && matches!(change.kind, Kind::Blob | Kind::Note);
        change.id.filter(|_| waits)
    }

    /// Objects that are called by their paths if those can be told.
    pub(super) fn needing_name(&mut self) -> impl Iterator<Item = ObjectId> + '_ {
        self.unnamed.sort_by_key(|(id, _)| *id);
        self.unnamed.iter().map(|(id, _)| *id).take(NAMED)
    }

    /// Names what was not looked into, every object by its first path.
    pub(super) fn name_gaps(&mut self, paths: &HashMap<ObjectId, Vec<u8>>) {
        for (id, gap) in std::mem::take(&mut self.unnamed) {
            let path = paths.get(&id).map(|path| self.job.engine.shown(path));
            let object = if path.is_some() { format!("object {id}: ") } else { String::new() };
            let what = path.unwrap_or_else(|| Shown::new(id.to_string()));
            match gap {
                Gap::Partly(found) => self.out.skip_all(partly(&found, &what)),
                Gap::Whole { why, bytes, in_scope, detail } => {
                    self.out.skip(Skip { what, why, bytes, in_scope, detail: object + &detail });
                }
            }
        }
    }

    /// Names something that policy has not been looked at for its size.
    pub(super) fn too_large(&mut self, change: &Change, most: u64) {
        let detail = format!("the policy's limit is {most} bytes");
        self.skip(change, "too-large", change.size, &detail, true);
    }

    fn skip(&mut self, change: &Change, why: &str, bytes: u64, detail: &str, in_scope: bool) {
        if let Some(id) = self.unnamed(change) {
            let (why, detail) = (why.to_owned(), detail.to_owned());
            return self.unnamed.push((id, Gap::Whole { why, bytes, in_scope, detail }));
        }
        let what = self.name(change);
        let detail = match change.id {
            Some(id) if change.path.is_some() => format!("object {id}: {detail}"),
            _ => detail.to_owned(),
        };
        self.out.skip(Skip { what, why: why.into(), bytes, in_scope, detail });
    }

    pub(super) fn failed(&mut self, what: &str, why: &str, detail: &str) {
        let what = Shown::from(what);
        self.out.skip(Skip { what, why: why.into(), bytes: 0, in_scope: true, detail: detail.to_owned() });
    }

    pub(super) fn rest(&mut self, why: &str) {
        let detail = format!("stopped after {} objects; what follows was not read", self.read);
        self.failed("the rest", why, &detail);
    }
}
