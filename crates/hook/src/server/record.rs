//! One decision as the audit log keeps it: who pushed what, what was found, what was decided and why.
//!
//! Findings appear by fingerprint and mask. Texts that the pusher chose are escaped.

use std::path::Path;

use serde_json::{Map, Value, json};
use stopleak_core::Detector;
use stopleak_git::host::{Host, HostKind};
use stopleak_git::{RefUpdate, Repo};
use stopleak_report::json::JsonCoverage;
use stopleak_report::{Finding, Scan, Shown};

use super::bypass::Passed;
use crate::environment;
use crate::pipeline::masked;

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing blocks.
    Accepted,
    /// A finding or a gap blocks.
    Refused,
    /// Accepted, because of an approval or a push option.
    Bypassed,
    /// Something went wrong; the push was refused.
    Error,
}

impl Decision {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Bypassed => "bypassed",
            Self::Error => "error",
        }
    }
}

/// What a record is made of.
pub(super) struct Record<'r> {
    pub(super) detector: &'r Detector,
    pub(super) decision: Decision,
    pub(super) event: &'static str,
    pub(super) git_dir: &'r Path,
    pub(super) host: &'r Host,
    pub(super) updates: &'r [RefUpdate],
    pub(super) scan: &'r Scan,
    /// Findings that policy only observes: the pusher saw nothing of them.
    pub(super) observed: &'r [Finding],
    pub(super) passed: &'r [Passed],
    pub(super) error: Option<&'r str>,
}

impl Record<'_> {
    /// The fields, in the order they are written.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let value = json!({
            "time": jiff::Timestamp::now().to_string(),
            "decision": self.decision.name(),
            "events": self.events(),
            "hook": self.event,
            "tool": format!("stopleak {}", env!("CARGO_PKG_VERSION")),
            "host": host_name(),
            "server": host_kind(self.host.kind),
            "repository": self.host.repository.clone().unwrap_or_else(|| self.git_dir.display().to_string()),
            "git_dir": self.git_dir.display().to_string(),
            "pusher": self.host.pusher,
            "pusher_from": self.host.pusher_from,
            "user": environment::WHO.into_iter().find_map(environment::text),
            "uid": uid(),
            "address": self.host.address,
            "refs": self.updates.iter().map(|u| json!({
                "ref": self.masked(&u.name), "old": u.old.to_string(), "new": u.new.to_string(),
            })).collect::<Vec<_>>(),
            "findings": self.scan.findings.iter().map(|f| finding(f, f.disposition.name())).chain(
                self.observed.iter().map(|f| finding(f, "observed"))
            ).take(MOST).collect::<Vec<_>>(),
            "findings_total": self.scan.findings.len() + self.observed.len(),
            "bypass": self.passed.iter().map(|p| json!({
                "fingerprint": p.fingerprint, "by": p.by, "who": p.who, "reason": self.masked(p.reason.as_bytes()),
            })).collect::<Vec<_>>(),
            "skipped": self.scan.skipped.iter().filter(|s| s.in_scope).take(MOST).map(|s| json!({
                "what": s.what.lossy(), "why": s.why, "bytes": s.bytes,
            })).collect::<Vec<_>>(),
            "coverage": JsonCoverage::new(&self.scan.coverage),
            "error": self.error.map(|e| self.masked(e.as_bytes())),
        });
        match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// A text that the pusher chose: secrets masked, control characters escaped.
    fn masked(&self, text: &[u8]) -> String {
        masked(self.detector, text).safe()
    }

    /// The event names that downstream systems listen for.
    fn events(&self) -> Vec<&'static str> {
        let mut events = Vec::new();
        if !self.scan.findings.is_empty() || !self.observed.is_empty() {
            events.push("secret.scan.finding");
        }
        let stored = matches!(self.decision, Decision::Bypassed) || !self.observed.is_empty();
        if stored || self.scan.findings.iter().any(|f| f.known_before) {
            events.push("secret.exposure.detected");
        }
        events
    }
}

/// A record names at most this many findings and gaps; the totals are beside them.
const MOST: usize = 1000;

fn finding(f: &Finding, disposition: &str) -> Value {
    json!({
        "fingerprint": f.fingerprint.to_string(),
        "masked": f.masked,
        "rule": f.rule,
        "severity": f.severity.name(),
        "confidence": f.confidence.name(),
        "where": f.place.name(),
        "path": f.path.as_ref().map(Shown::lossy),
        "line": f.start.line,
        "commit": f.commit,
        "disposition": disposition,
        "reason": f.reason,
    })
}

fn host_kind(kind: HostKind) -> &'static str {
    match kind {
        HostKind::Gitolite => "gitolite",
        HostKind::Gitea => "gitea",
        HostKind::GitLab => "gitlab",
        HostKind::GitHubEnterprise => "github-enterprise",
        _ => "plain",
    }
}

fn host_name() -> Option<String> {
    // Linux and the BSDs with procfs; elsewhere the log's reader knows its machine.
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|n| !n.is_empty())
}

/// The user id of this process, as the owner of its own entry in procfs.
fn uid() -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata("/proc/self").ok().map(|m| m.uid())
    }
    #[cfg(not(unix))]
    None
}

/// Where the log of a repository is kept when the policy names no other place.
pub(super) fn default_path(repo: &Repo) -> std::path::PathBuf {
    repo.common_dir().join("stopleak-audit.jsonl")
}
