//! The audit log: one JSON line per decision, each carrying the hash of the line before.
//!
//! A server's operator must be able to say who pushed what, when, and why it was let through, and that
//! nobody edited the answer afterwards. The log is append-only; every line holds `seq` (counted from 1) and
//! `prev`, the SHA-256 of the whole line before it, so a changed, inserted or removed line breaks the chain.
//! A chain alone cannot show that its end was cut off, so the newest `seq` and hash also stand in a small
//! *head* file beside the log, written after each append. The head may lag behind the log (a crash between
//! the two writes) but never lead it: a head that knows more than the log means that lines were cut.
//!
//! Writers hold an exclusive lock on the log, so concurrent pushes queue for the few microseconds of an
//! append. A writer that died in the middle leaves a line without its newline; that push was never
//! answered, so the next writer removes the torn piece and says how many bytes it was in its own line.
//! When a line cannot be written whole (a full disk) the log is cut back to where it was and the caller
//! gets the error: a decision that cannot be recorded must not be carried out.
//!
//! Whoever can write both files can forge both. Forward the log (syslog, journald) to another machine, or
//! note `stopleak audit verify`'s head somewhere else, and compare with `--expect`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The `prev` of the first line.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The longest line that is written or believed; a decision with more findings names the first ones.
const LONGEST: u64 = 4 << 20;

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
/// `record` is the decision's fields; `seq` and `prev` are added here. The line and the head are synced to
/// disk before this returns.
pub(crate) fn append(path: &Path, record: Map<String, Value>) -> Result<Head, AuditError> {
    let io = |action| move |source| AuditError::Io { action, path: path.to_path_buf(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io("create the folder of"))?;
    }
    let mut log = open_private(path).map_err(io("open"))?;
    log.lock().map_err(io("lock"))?;
    let (before, torn) = mend_tail(&mut log).map_err(io("read"))?;
    let last = last_line(&mut log, before).map_err(io("read"))?;
    let head = match last {
        None => Head::empty(),
        Some(line) => Head { seq: seq_of(&line).unwrap_or(0), hash: hash(&line) },
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
    write_head(path, &new).map_err(io("write the head of"))?;
    Ok(new)
}

/// Reads the whole log and proves the chain; returns its head.
///
/// # Errors
/// `Broken` at the first line that was changed, inserted, removed or torn, or when the head file or
/// `expect` knows a line that the log does not have.
pub(crate) fn verify(path: &Path, expect: Option<&Head>) -> Result<Head, AuditError> {
    let io = |action| move |source| AuditError::Io { action, path: path.to_path_buf(), source };
    let broken = |line, what| AuditError::Broken { path: path.to_path_buf(), line, what };
    let log = File::open(path).map_err(io("open"))?;
    log.lock_shared().map_err(io("lock"))?;
    let recorded = std::fs::read_to_string(head_path(path)).ok();
    let recorded = match &recorded {
        None => None,
        Some(text) => {
            Some(Head::parse(text).ok_or_else(|| broken(0, "the head file is not `SEQ HASH`".to_owned()))?)
        }
    };

    let mut reader = BufReader::new(log);
    let mut head = Head::empty();
    let mut line = Vec::new();
    let mut met_recorded = recorded.as_ref().is_none_or(|h| h.seq == 0);
    let mut met_expected = expect.is_none_or(|h| h.seq == 0);
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(io("read"))?;
        if read == 0 {
            break;
        }
        let number = head.seq + 1;
        if line.pop() != Some(b'\n') {
            return Err(broken(
                number,
                "the line is torn: a writer died here, or the end was cut".to_owned(),
            ));
        }
        let value: Value = serde_json::from_slice(&line)
            .map_err(|e| broken(number, format!("the line is not JSON: {e}")))?;
        if value["seq"].as_u64() != Some(number) {
            return Err(broken(
                number,
                format!("expected seq {number}, found {}: a line was removed or added", value["seq"]),
            ));
        }
        if value["prev"].as_str() != Some(&head.hash) {
            return Err(broken(
                number,
                "`prev` is not the hash of the line before: that line was changed".to_owned(),
            ));
        }
        head = Head { seq: number, hash: hash(&line) };
        met_recorded |= recorded.as_ref() == Some(&head);
        met_expected |= expect == Some(&head);
    }
    let known = |h: &Head| {
        format!("line {} with hash {} is missing or changed: the end was cut or rewritten", h.seq, h.hash)
    };
    if let (false, Some(h)) = (met_recorded, &recorded) {
        return Err(broken(head.seq + 1, known(h)));
    }
    if let (false, Some(h)) = (met_expected, expect) {
        return Err(broken(head.seq + 1, known(h)));
    }
    Ok(head)
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

fn write_head(path: &Path, head: &Head) -> io::Result<()> {
    let target = head_path(path);
    let mut temporary = target.clone().into_os_string();
    temporary.push(".new");
    let mut file = File::create(&temporary)?;
    writeln!(file, "{} {}", head.seq, head.hash)?;
    file.sync_data()?;
    std::fs::rename(&temporary, &target)
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
        assert_eq!(verify(&path, None).unwrap().seq, 5);
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
    }

    #[test]
    fn a_rewritten_log_is_found_by_a_head_kept_elsewhere() {
        let (_dir, path) = log_of(3);
        let kept = verify(&path, None).unwrap();
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
        assert_eq!(verify(&path, None).unwrap().seq, 3);
        assert!(std::fs::read_to_string(&path).unwrap().contains("\"torn_bytes_removed\":17"));
    }

    #[test]
    fn a_head_that_lags_is_no_cut() {
        let (_dir, path) = log_of(3);
        let old = std::fs::read_to_string(head_path(&path)).unwrap();
        append(&path, record(4)).unwrap();
        std::fs::write(head_path(&path), old).unwrap();
        assert_eq!(verify(&path, None).unwrap().seq, 4);
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
        assert_eq!(verify(&path, None).unwrap().seq, 80);
    }
}
