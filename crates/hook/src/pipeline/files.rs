//! Files and folders as they are on disk.
//!
//! Everything below a folder is read, ignored or not: an ignored `.env` is where secrets live. Folders named
//! `.git` are left to `scan --history`. Symbolic links are not followed, their target's text is scanned as
//! git would store it. What cannot be read is a gap; what has no content (a socket, a device) or is made up by the
//! kernel (`/proc`) is named and out of scope.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File, FileType, Metadata};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use stopleak_core::{Confidence, context};
use stopleak_report::{Skip, Where};

use super::collect::Collector;
use super::mounts;
use super::queue::{Done, Queue};
use super::stop::{Stop, Watched};
use super::{Engine, Marks, Place, Verdict, partly};
use crate::session::Threads;

/// Files above this stream through the detector; smaller ones are read whole.
const STREAM: u64 = 32 << 20;
/// Files that one worker takes at a time.
const BATCH: usize = 32;

/// What to walk and how.
pub(crate) struct Walk<'w> {
    /// The paths that were asked for.
    pub(crate) roots: Vec<PathBuf>,
    /// The repository around them, where there is one.
    pub(crate) top: Option<&'w Top>,
    /// Only these files, when git was asked which ones are ignored.
    pub(crate) only: Option<Vec<PathBuf>>,
    /// How many threads.
    pub(crate) threads: Threads,
    /// When to end early.
    pub(crate) stop: Stop<'w>,
    /// Told how much was read.
    pub(crate) progress: &'w Progress,
}

/// Counters that a progress bar may look at.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// Files or blobs read.
    pub(crate) items: AtomicU64,
    /// How many there will be, where that is known.
    pub(crate) total: AtomicU64,
    /// Bytes read.
    pub(crate) bytes: AtomicU64,
    /// Findings so far.
    pub(crate) findings: AtomicU64,
    /// See [`Stage`].
    stage: AtomicU64,
}

/// What a scan is doing, for the time when it has nothing to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Opens what it reads.
    Open,
    /// Finds the order in which objects are read.
    Plan,
    /// Reads commits and folders, and which came first.
    Folders,
    /// Reads what it looks for secrets in.
    Objects,
    /// Looks up who brought what was found.
    Origins,
}

impl Progress {
    /// Says what is being done from now on.
    pub(crate) fn now(&self, stage: Stage) {
        self.stage.store(stage as u64, Ordering::Relaxed);
    }

    /// What is being done.
    pub(crate) fn stage(&self) -> Stage {
        let stages = [Stage::Open, Stage::Plan, Stage::Folders, Stage::Objects, Stage::Origins];
        let at = self.stage.load(Ordering::Relaxed);
        stages.into_iter().find(|&stage| stage as u64 == at).unwrap_or(Stage::Open)
    }
}

/// One piece of work.
enum Item {
    Folder(PathBuf),
    Files(Vec<PathBuf>),
}

/// Scans every root.
pub(crate) fn scan(engine: &Engine<'_>, walk: &Walk<'_>) -> Collector {
    let mut start: Vec<Item> = Vec::new();
    let mut named = Vec::new();
    match &walk.only {
        Some(files) => start.extend(files.chunks(BATCH).map(|c| Item::Files(c.to_vec()))),
        None => {
            for root in &walk.roots {
                // A path that was asked for is followed and opened whatever it is: `<(command)` works.
                if root.is_dir() { start.push(Item::Folder(root.clone())) } else { named.push(root.clone()) }
            }
        }
    }
    let queue = Queue::new(start);
    let made_up = if walk.only.is_none() { mounts::made_up(&walk.roots) } else { HashSet::new() };
    let all = Mutex::new(Collector::places());
    {
        let mut worker = Worker::new(engine, walk, &queue, &made_up);
        for root in &named {
            worker.named(root);
        }
        merge(&all, worker.out);
    }
    let work = || {
        let mut worker = Worker::new(engine, walk, &queue, &made_up);
        while let Some(item) = queue.take() {
            let _done = Done(&queue);
            worker.item(item);
        }
        merge(&all, worker.out);
    };
    std::thread::scope(|scope| {
        for started in 0..walk.threads.count() {
            // Where the system gives no more threads, fewer do the same, and in the end this one.
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                if started == 0 {
                    work();
                }
                break;
            }
        }
    });
    all.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn merge(all: &Mutex<Collector>, one: Collector) {
    all.lock().unwrap_or_else(PoisonError::into_inner).absorb(one);
}

struct Worker<'a> {
    engine: &'a Engine<'a>,
    walk: &'a Walk<'a>,
    queue: &'a Queue<Item>,
    /// Folders that are left out, see [`mounts`].
    made_up: &'a HashSet<PathBuf>,
    out: Collector,
    buffer: Vec<u8>,
}

impl<'a> Worker<'a> {
    fn new(
        engine: &'a Engine<'a>,
        walk: &'a Walk<'a>,
        queue: &'a Queue<Item>,
        made_up: &'a HashSet<PathBuf>,
    ) -> Self {
        Self { engine, walk, queue, made_up, out: Collector::places(), buffer: Vec::new() }
    }

    fn item(&mut self, item: Item) {
        if let Some(why) = self.walk.stop.why() {
            let (path, number) = match &item {
                Item::Folder(path) => (path.as_path(), 1),
                Item::Files(paths) => (paths.first().map_or(Path::new(""), PathBuf::as_path), paths.len()),
            };
            let detail = format!("the scan was stopped before this and {} more", number - 1);
            return self.gap(path, 0, why, &detail);
        }
        match item {
            Item::Folder(path) => self.folder(&path),
            Item::Files(paths) => paths.iter().for_each(|p| self.file(p)),
        }
    }

    fn folder(&mut self, folder: &Path) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, 0, &error),
        };
        let mut folders = Vec::new();
        let mut files = Vec::new();
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unreadable(folder, 0, &error);
                    continue;
                }
            };
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && entry.file_name() == OsStr::new(".git") => {
                    self.out_of_scope(&path, "git-folder", "scan --history reads what is committed");
                }
                Ok(kind) if kind.is_dir() && self.made_up.contains(&path) => {
                    self.out_of_scope(&path, "kernel-files", "what is in it is not on a disk");
                }
                Ok(kind) if kind.is_dir() => folders.push(Item::Folder(path)),
                Ok(_) => files.push(path),
                Err(error) => self.unreadable(&path, 0, &error),
            }
        }
        let batches = files.chunks(BATCH).skip(1).map(|c| Item::Files(c.to_vec()));
        self.queue.extend(folders.into_iter().chain(batches));
        files.iter().take(BATCH).for_each(|p| self.file(p));
    }

    /// A path that was asked for by name.
    fn named(&mut self, path: &Path) {
        if self.excluded(path) {
            return;
        }
        match fs::metadata(path) {
            Err(error) => self.unreadable(path, 0, &error),
            Ok(meta) if meta.is_file() => self.content(path, &meta),
            Ok(_) => match File::open(path) {
                Ok(file) => self.stream(path, file, 0),
                Err(error) => self.unreadable(path, 0, &error),
            },
        }
    }

    /// A path met on the way.
    fn file(&mut self, path: &Path) {
        if self.excluded(path) {
            return;
        }
        match fs::symlink_metadata(path) {
            Err(error) => self.unreadable(path, 0, &error),
            Ok(meta) if meta.is_symlink() => match fs::read_link(path) {
                Ok(target) => {
                    let text = target.as_os_str().as_encoded_bytes().to_vec();
                    self.text(path, &text);
                }
                Err(error) => self.unreadable(path, 0, &error),
            },
            Ok(meta) if meta.is_file() => self.content(path, &meta),
            Ok(meta) if meta.is_dir() => self.queue.extend([Item::Folder(path.to_path_buf())]),
            Ok(meta) => self.out_of_scope(path, special(meta.file_type()), "it has no content to scan"),
        }
    }

    fn content(&mut self, path: &Path, meta: &Metadata) {
        let size = meta.len();
        if let Some(most) = self.engine.policy.limits.max_blob_size.filter(|most| size > *most) {
            return self.gap(path, size, "too-large", &format!("the policy's limit is {most} bytes"));
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return self.unreadable(path, size, &error),
        };
        if size > STREAM {
            return self.stream(path, file, size);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        match whole(file, size as usize, &mut buffer) {
            Err(error) => self.unreadable(path, size, &error),
            Ok(()) if buffer.len() as u64 > STREAM => match File::open(path) {
                Ok(file) => self.stream(path, file, size),
                Err(error) => self.unreadable(path, size, &error),
            },
            Ok(()) => self.text(path, &buffer),
        }
        self.buffer = buffer;
    }

    fn stream(&mut self, path: &Path, file: File, size: u64) {
        let file = BufReader::with_capacity(1 << 20, file);
        let mut file = Watched::new(file, self.walk.stop, &self.walk.progress.bytes);
        match self.engine.detector.scan_reader(&mut file) {
            Err(error) => self.unreadable(path, size, &error),
            Ok(found) => {
                if let Some(why) = file.ended {
                    self.gap(path, size, why, "the scan was stopped in the middle of it");
                }
                let name = Name::of(path, self.walk.top);
                self.count(0);
                self.report(&name, &found, None);
            }
        }
    }

    fn text(&mut self, path: &Path, text: &[u8]) {
        let name = Name::of(path, self.walk.top);
        self.count(text.len() as u64);
        let found = self.engine.detector.scan(text);
        self.report(&name, &found, Some(text));
    }

    fn excluded(&mut self, path: &Path) -> bool {
        let excluded = self.engine.policy.path_excluded(Name::of(path, self.walk.top).rooted());
        if excluded {
            self.out_of_scope(path, "path-excluded", "the policy's paths.exclude covers it");
        }
        excluded
    }

    fn count(&mut self, bytes: u64) {
        self.walk.progress.items.fetch_add(1, Ordering::Relaxed);
        self.walk.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn report(&mut self, name: &Name, found: &stopleak_core::Found, text: Option<&[u8]>) {
        let place = Place { rooted: name.rooted.as_deref(), ..Place::file(&name.shown) };
        let mut marks = self.engine.marks(text);
        for m in &found.matches {
            self.judged(m, &mut marks, &place);
        }
        if !found.skipped.is_empty() {
            let what = self.engine.shown(&name.shown);
            self.out.skip_all(partly(found, &what));
        }
        let place = Place { kind: Where::Path, ..place };
        let mut marks = self.engine.marks(None);
        for m in &self.engine.detector.scan(&name.shown).matches {
            self.judged(m, &mut marks, &place);
        }
        // An environment file of placeholders is a template under another name.
        let sure = found.matches.iter().any(|m| m.confidence > Confidence::Low);
        let empty = |text: &[u8]| !sure && context::env_holds_nothing(text);
        if let Some(warning) = context::path_warning(name.rooted())
            && !(warning.id == "path-env" && text.is_some_and(empty))
        {
            self.out_finding(self.engine.judge_name(&warning, name.rooted(), &place));
        }
    }

    fn judged(&mut self, m: &stopleak_core::Match, marks: &mut Marks<'_>, place: &Place<'_>) {
        match self.engine.judge(m, marks.of(m).as_deref(), place) {
            Verdict::Shown(finding) => self.out_finding(Some(*finding)),
            Verdict::Hidden => self.out.hide(),
            Verdict::Dropped => {}
        }
    }

    fn out_finding(&mut self, finding: Option<stopleak_report::Finding>) {
        if let Some(finding) = finding {
            self.walk.progress.findings.fetch_add(1, Ordering::Relaxed);
            self.out.add(finding);
        }
    }

    fn unreadable(&mut self, path: &Path, bytes: u64, error: &io::Error) {
        let why = match error.kind() {
            io::ErrorKind::PermissionDenied => "permission-denied",
            io::ErrorKind::NotFound => "vanished",
            _ => "read-error",
        };
        self.gap(path, bytes, why, &error.to_string());
    }

    fn gap(&mut self, path: &Path, bytes: u64, why: &str, detail: &str) {
        self.skip(path, bytes, why, detail, true);
    }

    fn out_of_scope(&mut self, path: &Path, why: &str, detail: &str) {
        self.skip(path, 0, why, detail, false);
    }

    fn skip(&mut self, path: &Path, bytes: u64, why: &str, detail: &str, in_scope: bool) {
        let what = self.engine.shown(&Name::of(path, None).shown);
        self.out.skip(Skip { what, why: why.into(), bytes, in_scope, detail: detail.into() });
    }
}

/// Reads a file of about `size` bytes, but not more than one byte past [`STREAM`]. One that grows while it is read is
/// read to its end.
fn whole(mut file: File, size: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.resize(size + 1, 0);
    let mut read = 0;
    // Where the first read gives all that was promised and no byte more, that is the end: nothing is asked twice.
    while read != size || read == 0 {
        match file.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if read == buffer.len() {
            buffer.truncate(read);
            return file.take(STREAM + 1 - read as u64).read_to_end(buffer).map(drop);
        }
    }
    buffer.truncate(read);
    Ok(())
}

/// A repository's work tree, to name files from its root as allow entries do.
#[derive(Debug)]
pub(crate) struct Top {
    root: PathBuf,
    /// Where we are below it.
    here: PathBuf,
}

impl Top {
    /// The work tree at `root`, seen from the current folder.
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        let root = fs::canonicalize(root)?;
        let here = fs::canonicalize(".")?.strip_prefix(&root).map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { root, here })
    }

    fn rooted(&self, path: &Path) -> Option<PathBuf> {
        if path.is_absolute() {
            return path.strip_prefix(&self.root).ok().map(Path::to_path_buf);
        }
        if path.components().any(|c| matches!(c, Component::ParentDir)) {
            let folder = fs::canonicalize(path.parent()?).ok()?;
            return Some(folder.strip_prefix(&self.root).ok()?.join(path.file_name()?));
        }
        Some(self.here.join(path.strip_prefix(".").unwrap_or(path)))
    }
}

/// A file's name as shown, and from the root of its repository.
struct Name {
    shown: Vec<u8>,
    rooted: Option<Vec<u8>>,
}

impl Name {
    fn of(path: &Path, top: Option<&Top>) -> Self {
        let shown = path.strip_prefix(".").unwrap_or(path);
        let shown = if shown.as_os_str().is_empty() { path } else { shown };
        let rooted = top.and_then(|t| t.rooted(path)).map(|p| p.as_os_str().as_encoded_bytes().to_vec());
        Self { shown: shown.as_os_str().as_encoded_bytes().to_vec(), rooted }
    }

    fn rooted(&self) -> &[u8] {
        self.rooted.as_deref().unwrap_or(&self.shown)
    }
}

/// What a file without content is.
fn special(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_fifo() {
            return "fifo";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "device";
        }
    }
    let _ = kind;
    "special-file"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_size_than_promised_is_read_to_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for len in [0usize, 1, 2, 9000, 70_000] {
            let content: Vec<u8> = (0..len).map(|n| n as u8).collect();
            fs::write(&path, &content).unwrap();
            for promised in [0, 1, len / 2, len.saturating_sub(1), len, len + 1, 2 * len] {
                let mut buffer = Vec::new();
                whole(File::open(&path).unwrap(), promised, &mut buffer).unwrap();
                assert!(buffer == content, "{len} bytes, {promised} promised, {} read", buffer.len());
            }
        }
    }
}
