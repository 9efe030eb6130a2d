//! The audit log: one JSON line per decision, each carrying the hash of the line before.
//!
//! A server's operator must be able to say who pushed what, when, and why it was let through, and that
//! nobody edited the answer afterwards. The log is append-only; every line holds `seq` (counted from 1) and
//! `prev`, the SHA-256 of the whole line before it, so a changed, inserted or removed line breaks the chain.
//! A chain alone cannot show that its end was cut off, so the newest `seq` and hash also stand in a small
//! *head* file beside the log, written after each append. The head may lag behind the log (a crash between
//! the two writes) but never lead it: a head that knows more than the log means that lines were cut.
//!
//! The head is also what makes rotation safe. A log that was renamed away (logrotate's way) is followed by
//! a new one whose first line continues the numbers and names the last line of the old: the files prove
//! each other. Writers hold a lock on the head, which no rotation moves, so concurrent pushes queue for the
//! moments of an append. A writer that died in the middle leaves a line without its newline; that push was
//! never answered, so the next writer removes the torn piece and says how many bytes it was in its own line.
//! When a line cannot be written whole (a full disk) the log is cut back to where it was and the caller
//! gets the error: a decision that cannot be recorded must not be carried out.
//!
//! Order is by `seq`; a clock that goes backwards changes nothing but what the lines say of the time.
//!
//! Whoever can write both files can forge both. Forward the log (syslog, journald) to another machine, or
//! note `stopleak audit verify`'s head somewhere else, and compare with `--expect`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The `prev` of the first line.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The longest line that is written or believed; a decision with more findings names the first ones.
const LONGEST: u64 = 4 << 20;
/// How long a writer waits for others. An append takes milliseconds; whoever holds the lock for longer is not
/// one of us.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the log could not be written or does not verify.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditError {
    /// The log or its head could not be opened, locked, read or written.
    #[error("could not {action} the audit log {path}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A line is not what was written.
    #[error("{path}:{line}: {what}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
}

/// The newest line that a log holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its number, from 1; 0 for an empty log.
    pub(crate) seq: u64,
    /// SHA-256 of the line without its newline, in hex.
    pub(crate) hash: String,
}

impl Head {
    fn empty() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }

    /// Reads `SEQ HASH` or `SEQ:HASH`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.trim().split_once([' ', ':'])?;
        let hex = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        Some(Self { seq: seq.parse().ok()?, hash: hex.then(|| hash.to_ascii_lowercase())? })
    }
}

/// Appends one decision and returns the new head.
///
/// `record` is the decision's fields; `seq` and `prev` are added here. The line is synced to disk before this
/// returns.
pub(crate) fn append(path: &Path, record: Map<String, Value>) -> Result<Head, AuditError> {
    let io = |action| move |source| AuditError::Io { action, path: path.to_path_buf(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io("create the folder of"))?;
    }
    let mut head_file = open_private(&head_path(path)).map_err(io("open the head of"))?;
    lock(&head_file).map_err(io("lock"))?;
    let mut log = open_private(path).map_err(io("open"))?;
    let (before, torn) = mend_tail(&mut log).map_err(io("read"))?;
    let last = last_line(&mut log, before).map_err(io("read"))?;
    let last = last.map(|line| Head { seq: seq_of(&line).unwrap_or(0), hash: hash(&line) });
    let recorded = read_head(&mut head_file).map_err(io("read the head of"))?;
    // A log without lines is new or was rotated. One that ends before its head was cut: going on from the head
    // leaves the gap for `verify` to find.
    let head = match (last, recorded) {
        (Some(last), Some(recorded)) if recorded.seq <= last.seq => last,
        (Some(last), None) => last,
        (_, Some(recorded)) => recorded,
        (None, None) => Head::empty(),
    };

    let mut fields = Map::new();
    fields.insert("seq".to_owned(), (head.seq + 1).into());
    fields.insert("prev".to_owned(), head.hash.into());
    if torn > 0 {
        fields.insert("torn_bytes_removed".to_owned(), torn.into());
    }
    fields.extend(record);
    let line = Value::Object(fields).to_string();
    let new = Head { seq: head.seq + 1, hash: hash(line.as_bytes()) };

    let written = log
        .seek(SeekFrom::Start(before))
        .and_then(|_| log.write_all(format!("{line}\n").as_bytes()))
        .and_then(|()| log.sync_data());
    if let Err(error) = written {
        // Best effort: a later writer removes a torn line anyway.
        let _ = log.set_len(before);
        return Err(io("write")(error));
    }
    // Not synced: after a power cut the head lags, which the next append mends. A new log is synced with it,
    // because a rotation right after would have nothing else to go by.
    write_head(&mut head_file, &new)
        .and_then(|()| if before == 0 { head_file.sync_data() } else { Ok(()) })
        .map_err(io("write the head of"))?;
    Ok(new)
}

/// What verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    /// The newest line.
    pub(crate) head: Head,
    /// The line before the oldest one that is here: seq 0 when the log is here from its start.
    pub(crate) after: Head,
    /// The files, oldest first.
    pub(crate) files: Vec<PathBuf>,
}

/// Reads a log and proves the chain: `path`, and before it the files that it was rotated into, as far as they
/// are here and not compressed.
///
/// # Errors
/// `Broken` at the first line that was changed, inserted, removed or torn, or when the head file or
/// `expect` knows a line that the log does not have.
pub(crate) fn verify(path: &Path, expect: Option<&Head>) -> Result<Proof, AuditError> {
    let io = |action| move |source| AuditError::Io { action, path: path.to_path_buf(), source };
    let broken = |line, what| AuditError::Broken { path: path.to_path_buf(), line, what };
    let mut recorded = None;
    // Without write access there is no lock; then a push at this very moment may look like a torn line.
    if let Ok(mut file) = File::open(head_path(path)) {
        lock_shared(&file).map_err(io("lock"))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(io("read the head of"))?;
        if !text.trim().is_empty() {
            let head = Head::parse(&text);
            recorded = Some(head.ok_or_else(|| broken(0, "the head file is not `SEQ HASH`".to_owned()))?);
        }
    }
    let mut files = rotated(path).map_err(io("list the folder of"))?;
    if path.exists() || files.is_empty() {
        files.push(path.to_path_buf());
    }
    let first = files.iter().find_map(|file| first_line(file).transpose()).transpose();
    let after = match first.map_err(io("open"))? {
        Some(line) => before(&line).ok_or_else(|| broken(1, "it is not a line of this log".to_owned()))?,
        None => recorded.clone().unwrap_or_else(Head::empty),
    };
    let mut chain = Chain {
        head: after.clone(),
        wanted: [&recorded, &expect.cloned()].into_iter().flatten().cloned().collect(),
    };
    chain.meet();
    for file in &files {
        chain.read(file)?;
    }
    match chain.wanted.first() {
        Some(h) => Err(broken(
            chain.head.seq + 1,
            format!(
                "line {} with hash {} is missing or changed: the end was cut or rewritten",
                h.seq, h.hash
            ),
        )),
        None => Ok(Proof { head: chain.head, after, files }),
    }
}

/// A chain that is being followed.
struct Chain {
    head: Head,
    /// Lines that must be met.
    wanted: Vec<Head>,
}

impl Chain {
    fn meet(&mut self) {
        self.wanted.retain(|wanted| *wanted != self.head && wanted.seq != 0);
    }

    /// Follows it through one file.
    fn read(&mut self, file: &Path) -> Result<(), AuditError> {
        let io = |action| move |source| AuditError::Io { action, path: file.to_path_buf(), source };
        let mut number = 0;
        let broken = |number, what| AuditError::Broken { path: file.to_path_buf(), line: number, what };
        let mut reader = BufReader::new(File::open(file).map_err(io("open"))?);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(io("read"))?;
            if read == 0 {
                return Ok(());
            }
            number += 1;
            if line.pop() != Some(b'\n') {
                let what = "the line is torn: a writer died here, or the end was cut";
                return Err(broken(number, what.to_owned()));
            }
            let value: Value = serde_json::from_slice(&line)
                .map_err(|e| broken(number, format!("the line is not JSON: {e}")))?;
            let seq = self.head.seq + 1;
            if value["seq"].as_u64() != Some(seq) {
                let found = &value["seq"];
                let what = format!("expected seq {seq}, found {found}: a line was removed or added");
                return Err(broken(number, what));
            }
            if value["prev"].as_str() != Some(&self.head.hash) {
                let what = "`prev` is not the hash of the line before: one of the two was changed";
                return Err(broken(number, what.to_owned()));
            }
            self.head = Head { seq, hash: hash(&line) };
            self.meet();
        }
    }
}

/// What a log was rotated into, oldest first: its name with a number, a date or anything else behind it.
fn rotated(path: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(name) = path.file_name() else { return Ok(Vec::new()) };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let other = entry.file_name();
        let tail = other.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
        // audit.jsonl.1, audit.jsonl-20261122; not the head, and nothing compressed.
        let ours = |tail: &[u8]| {
            matches!(tail.first(), Some(b'.' | b'-'))
                && tail.len() > 1
                && tail[1..].iter().all(|b| b.is_ascii_digit() || *b == b'-')
        };
        if tail.is_some_and(ours)
            && let Some(line) = first_line(&entry.path())?
            && let Some(seq) = seq_of(&line)
        {
            found.push((seq, entry.path()));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Every line of a log and of what it was rotated into, oldest first.
pub(crate) fn lines(path: &Path) -> Result<Vec<Value>, AuditError> {
    let io = |action| move |source| AuditError::Io { action, path: path.to_path_buf(), source };
    let mut all = Vec::new();
    let mut files = rotated(path).map_err(io("list the folder of"))?;
    if path.exists() || files.is_empty() {
        files.push(path.to_path_buf());
    }
    for file in files {
        for line in BufReader::new(File::open(&file).map_err(io("open"))?).lines() {
            // A torn line is no decision; `verify` names it.
            all.extend(serde_json::from_str::<Value>(&line.map_err(io("read"))?));
        }
    }
    Ok(all)
}

/// The first line of a file, without its newline.
fn first_line(file: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    BufReader::new(File::open(file)?).take(LONGEST).read_until(b'\n', &mut line)?;
    line.pop();
    Ok((!line.is_empty()).then_some(line))
}

/// The head that a line says it follows.
fn before(line: &[u8]) -> Option<Head> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let seq = value["seq"].as_u64()?.checked_sub(1)?;
    Head::parse(&format!("{seq}:{}", value["prev"].as_str()?))
}

/// Where the head of `path` stands.
pub(crate) fn head_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".head");
    PathBuf::from(name)
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(path)
}

/// Removes a torn last line; returns the length of what is whole and the bytes removed.
fn mend_tail(log: &mut File) -> io::Result<(u64, u64)> {
    let length = log.metadata()?.len();
    let from = length.saturating_sub(LONGEST);
    let mut tail = Vec::new();
    log.seek(SeekFrom::Start(from))?;
    Read::take(&mut *log, LONGEST).read_to_end(&mut tail)?;
    let whole = from + tail.iter().rposition(|&b| b == b'\n').map_or(0, |at| at as u64 + 1);
    if whole < length {
        log.set_len(whole)?;
    }
    Ok((whole, length - whole))
}

/// The last whole line, without its newline.
fn last_line(log: &mut File, length: u64) -> io::Result<Option<Vec<u8>>> {
    if length == 0 {
        return Ok(None);
    }
    let from = length.saturating_sub(LONGEST);
    let mut tail = Vec::new();
    log.seek(SeekFrom::Start(from))?;
    Read::take(&mut *log, length - from).read_to_end(&mut tail)?;
    tail.pop();
    let start = tail.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    Ok(Some(tail.split_off(start)))
}

fn seq_of(line: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(line).ok()?["seq"].as_u64()
}

fn hash(line: &[u8]) -> String {
    crate::pipeline::hex(&Sha256::digest(line))
}

/// Takes a lock among writers, or gives up: nobody may hold up pushes for ever by holding it.
pub(super) fn lock(file: &File) -> io::Result<()> {
    patiently(|| file.try_lock())
}

fn lock_shared(file: &File) -> io::Result<()> {
    patiently(|| file.try_lock_shared())
}

fn patiently(mut attempt: impl FnMut() -> Result<(), TryLockError>) -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    let mut pause = Duration::from_micros(200);
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > end => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds its lock"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

fn read_head(file: &mut File) -> io::Result<Option<Head>> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(Head::parse(&text))
}

/// Overwrites the head in place, at a fixed length: there is no moment without one, and the lock stays on it.
fn write_head(file: &mut File, head: &Head) -> io::Result<()> {
    let text = format!("{:020} {}\n", head.seq, head.hash);
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: u64) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("decision".to_owned(), "accepted".into());
        fields.insert("n".to_owned(), n.into());
        fields
    }

    fn log_of(lines: u64) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log/audit.jsonl");
        for n in 0..lines {
            append(&path, record(n)).unwrap();
        }
        (dir, path)
    }

    #[test]
    fn an_untouched_log_verifies() {
        let (_dir, path) = log_of(5);
        assert_eq!(verify(&path, None).unwrap().head.seq, 5);
    }

    #[test]
    fn a_changed_line_is_found() {
        let (_dir, path) = log_of(5);
        let text = std::fs::read_to_string(&path).unwrap().replace("\"n\":2", "\"n\":7");
        std::fs::write(&path, text).unwrap();
        assert!(matches!(verify(&path, None), Err(AuditError::Broken { line: 4, .. })));
    }

    #[test]
    fn a_removed_line_is_found() {
        let (_dir, path) = log_of(5);
        let text = std::fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text.lines().enumerate().filter(|(n, _)| *n != 2).map(|(_, l)| l).collect();
        std::fs::write(&path, kept.join("\n") + "\n").unwrap();
        assert!(matches!(verify(&path, None), Err(AuditError::Broken { line: 3, .. })));
    }

    #[test]
    fn a_cut_end_is_found() {
        let (_dir, path) = log_of(5);
        let text = std::fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text.lines().take(3).collect();
        std::fs::write(&path, kept.join("\n") + "\n").unwrap();
        assert!(matches!(verify(&path, None), Err(AuditError::Broken { .. })));
        append(&path, record(9)).unwrap();
        assert!(matches!(verify(&path, None), Err(AuditError::Broken { line: 4, .. })), "still found later");
    }

    #[test]
    fn a_rewritten_log_is_found_by_a_head_kept_elsewhere() {
        let (_dir, path) = log_of(3);
        let kept = verify(&path, None).unwrap().head;
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_file(head_path(&path)).unwrap();
        for n in 10..13 {
            append(&path, record(n)).unwrap();
        }
        assert!(verify(&path, None).is_ok());
        assert!(verify(&path, Some(&kept)).is_err());
    }

    #[test]
    fn a_torn_line_is_removed_by_the_next_writer_and_said() {
        let (_dir, path) = log_of(2);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"seq\":3,\"prev\":\"").unwrap();
        assert!(verify(&path, None).is_err());
        append(&path, record(9)).unwrap();
        assert_eq!(verify(&path, None).unwrap().head.seq, 3);
        assert!(std::fs::read_to_string(&path).unwrap().contains("\"torn_bytes_removed\":17"));
    }

    #[test]
    fn a_head_that_lags_is_no_cut() {
        let (_dir, path) = log_of(3);
        let old = std::fs::read_to_string(head_path(&path)).unwrap();
        append(&path, record(4)).unwrap();
        std::fs::write(head_path(&path), old).unwrap();
        assert_eq!(verify(&path, None).unwrap().head.seq, 4);
    }

    #[test]
    fn concurrent_writers_leave_one_chain() {
        let (_dir, path) = log_of(0);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let path = &path;
                scope.spawn(move || (0..10).for_each(|m| drop(append(path, record(n * 100 + m)).unwrap())));
            }
        });
        assert_eq!(verify(&path, None).unwrap().head.seq, 80);
    }

    #[test]
    fn a_rotated_log_and_its_successor_prove_each_other() {
        let (dir, path) = log_of(3);
        let old = dir.path().join("log/audit.jsonl.1");
        std::fs::rename(&path, &old).unwrap();
        assert_eq!(verify(&path, None).unwrap().head.seq, 3, "rotated, nothing written since");
        append(&path, record(9)).unwrap();
        std::fs::rename(&old, dir.path().join("log/audit.jsonl.2")).unwrap();
        std::fs::rename(&path, &old).unwrap();
        append(&path, record(10)).unwrap();
        let proof = verify(&path, None).unwrap();
        assert_eq!((proof.head.seq, proof.after.seq, proof.files.len()), (5, 0, 3));
        assert_eq!(lines(&path).unwrap().len(), 5);
        // The oldest may be gone; the middle may not, nor may a line at a seam.
        let oldest = dir.path().join("log/audit.jsonl.2");
        let text = std::fs::read_to_string(&oldest).unwrap();
        std::fs::remove_file(&oldest).unwrap();
        assert_eq!(verify(&path, None).unwrap().after.seq, 3);
        std::fs::write(&oldest, &text[..=text.trim_end().rfind('\n').unwrap()]).unwrap();
        assert!(matches!(verify(&path, None), Err(AuditError::Broken { .. })));
        std::fs::write(&oldest, &text).unwrap();
        std::fs::remove_file(&old).unwrap();
        assert!(matches!(verify(&path, None), Err(AuditError::Broken { .. })));
    }

    #[test]
    fn a_log_that_vanished_whole_is_found_by_its_head() {
        let (_dir, path) = log_of(3);
        std::fs::remove_file(&path).unwrap();
        assert!(verify(&path, None).is_err());
        append(&path, record(4)).unwrap();
        assert_eq!(
            verify(&path, None).unwrap().after.seq,
            3,
            "what was before is not here, and that is said"
        );
    }

    #[test]
    fn a_clock_that_goes_backwards_breaks_nothing() {
        let (_dir, path) = log_of(0);
        for time in ["2026-11-22T12:00:00Z", "2026-11-22T11:00:00Z", "1970-01-01T00:00:00Z"] {
            let mut fields = record(1);
            fields.insert("time".to_owned(), time.into());
            append(&path, fields).unwrap();
        }
        assert_eq!(verify(&path, None).unwrap().head.seq, 3);
    }
}
