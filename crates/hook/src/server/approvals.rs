//! Approvals: an administrator's word that one finding may pass, once or until a date.
//!
//! They live in the bare repository (`stopleak-approvals`, JSON lines), where a pusher cannot write, and
//! they are bound to a fingerprint: a new secret needs a new approval. An approval without an expiry is used
//! up by the first push that it lets through. The file is locked while it is read and rewritten, so
//! two pushes cannot both use it up.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::audit;

/// The file's name inside the git folder.
pub(crate) const FILE: &str = "stopleak-approvals";

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approval {
    /// The finding's fingerprint, 16 hex digits.
    pub(crate) fingerprint: String,
    /// Why it may pass.
    pub(crate) reason: String,
    /// Who said so.
    pub(crate) by: String,
    /// When, RFC 3339.
    pub(crate) at: String,
    /// The last day on which it holds, `YYYY-MM-DD`; without one it holds for one push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// Why the approvals could not be used. A push is then refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApprovalError {
    /// The file could not be opened, locked, read or written.
    #[error("could not use the approvals in {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A line is no approval.
    #[error("{path}:{line}: not an approval: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The parser's words.
        why: String,
    },
}

/// Approvals of one repository, locked against other pushes while this lives.
#[derive(Debug)]
pub(crate) struct Approvals {
    path: PathBuf,
    file: Option<File>,
    entries: Vec<Approval>,
}

impl Approvals {
    /// Opens and locks the approvals of a repository; none when the file is not there.
    pub(crate) fn open(git_dir: &Path) -> Result<Self, ApprovalError> {
        Self::load(git_dir, false)
    }

    /// Adds one approval, creating the file where needed.
    pub(crate) fn add(git_dir: &Path, approval: Approval) -> Result<(), ApprovalError> {
        let mut approvals = Self::load(git_dir, true)?;
        approvals.entries.push(approval);
        approvals.store()
    }

    fn load(git_dir: &Path, create: bool) -> Result<Self, ApprovalError> {
        let path = git_dir.join(FILE);
        let failed = |source| ApprovalError::Io { path: path.clone(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(create);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
        let mut file = match options.open(&path) {
            Ok(file) => file,
            Err(error) if !create && error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, file: None, entries: Vec::new() });
            }
            Err(error) => return Err(failed(error)),
        };
        audit::lock(&file).map_err(failed)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let mut entries = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            entries.push(serde_json::from_str(line).map_err(|e| ApprovalError::Malformed {
                path: path.clone(),
                line: index + 1,
                why: e.to_string(),
            })?);
        }
        Ok(Self { path, file: Some(file), entries })
    }

    /// The approval of `fingerprint` that holds on `today` (`YYYY-MM-DD`).
    pub(crate) fn find(&self, fingerprint: &str, today: &str) -> Option<&Approval> {
        self.entries
            .iter()
            .filter(|a| a.fingerprint.eq_ignore_ascii_case(fingerprint))
            .find(|a| a.expires.as_deref().is_none_or(|last| today <= last))
    }

    /// Removes the one-push approvals of these fingerprints, and those that have expired.
    ///
    /// Call it only when the push is let through: a refused push uses nothing up.
    pub(crate) fn use_up(&mut self, fingerprints: &[String], today: &str) -> Result<(), ApprovalError> {
        let before = self.entries.len();
        self.entries.retain(|a| match &a.expires {
            None => !fingerprints.iter().any(|f| a.fingerprint.eq_ignore_ascii_case(f)),
            Some(last) => today <= last.as_str(),
        });
        if self.entries.len() == before { Ok(()) } else { self.store() }
    }

    /// Writes the entries in place: the lock is on this file, so it cannot be replaced by another.
    fn store(&mut self) -> Result<(), ApprovalError> {
        let failed = |source| ApprovalError::Io { path: self.path.clone(), source };
        let mut text = String::new();
        for entry in &self.entries {
            text.push_str(&serde_json::to_string(entry).map_err(|e| failed(e.into()))?);
            text.push('\n');
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        io::Seek::rewind(file).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.set_len(text.len() as u64).map_err(failed)?;
        file.sync_data().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(fingerprint: &str, expires: Option<&str>) -> Approval {
        Approval {
            fingerprint: fingerprint.to_owned(),
            reason: "fixture".to_owned(),
            by: "admin".to_owned(),
            at: "2026-11-22T12:00:00Z".to_owned(),
            expires: expires.map(str::to_owned),
        }
    }

    #[test]
    fn without_a_file_nothing_is_approved() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Approvals::open(dir.path()).unwrap().find("00aa", "2026-11-22"), None);
    }

    #[test]
    fn an_approval_without_expiry_holds_once() {
        let dir = tempfile::tempdir().unwrap();
        Approvals::add(dir.path(), approval("00aa", None)).unwrap();
        let mut first = Approvals::open(dir.path()).unwrap();
        assert!(first.find("00AA", "2026-11-22").is_some());
        first.use_up(&["00aa".to_owned()], "2026-11-22").unwrap();
        drop(first);
        assert_eq!(Approvals::open(dir.path()).unwrap().find("00aa", "2026-11-22"), None);
    }

    #[test]
    fn an_approval_with_expiry_holds_through_its_last_day() {
        let dir = tempfile::tempdir().unwrap();
        Approvals::add(dir.path(), approval("00aa", Some("2026-11-23"))).unwrap();
        let mut approvals = Approvals::open(dir.path()).unwrap();
        assert!(approvals.find("00aa", "2026-11-23").is_some());
        assert!(approvals.find("00aa", "2026-11-24").is_none());
        approvals.use_up(&["00aa".to_owned()], "2026-11-22").unwrap();
        assert!(approvals.find("00aa", "2026-11-22").is_some());
    }

    #[test]
    fn a_malformed_line_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), "everything is fine\n").unwrap();
        assert!(matches!(Approvals::open(dir.path()), Err(ApprovalError::Malformed { line: 1, .. })));
    }
}
