//! From bytes to findings.
//!
//! [`Engine`] holds what decides: rules, policy, allow entries, the date. A source hands it texts with
//! their [`Place`]; it grades each match by its file's kind, asks the policy, looks for allow entries and
//! inline marks, and masks whatever else will be shown. [`Collector`] then joins what is the same finding.

pub(crate) mod asked;
mod collect;
pub(crate) mod files;
mod headers;
mod marks;
pub(crate) mod message;
mod mounts;
pub(crate) mod objects;
mod queue;
pub(crate) mod stop;
pub(crate) mod sweep;
mod walk;

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use stopleak_config::policy::Command;
use stopleak_config::{AllowFile, Mode, Policy};
use stopleak_core::context::{self, PathWarning};
use stopleak_core::{Confidence, Detector, Encoding, Fingerprint, Found, Match, Position, Secret, Severity};
use stopleak_report::{Coverage, Disposition, Finding, Scan, Shown, Skip, Where};

pub(crate) use collect::Collector;
use marks::Marks;

/// What decides about matches.
pub(crate) struct Engine<'s> {
    /// The rules in force.
    pub(crate) detector: Detector,
    /// The policy in force.
    pub(crate) policy: &'s Policy,
    allow: &'s AllowFile,
    command: Command,
    inline: bool,
    today: Date,
}

/// Where a text comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// What kind of text it is.
    pub(crate) kind: Where,
    /// The file, as shown and as allow entries name it.
    pub(crate) path: Option<&'a [u8]>,
    /// The file from the root of the repository, where `path` is something else.
    pub(crate) rooted: Option<&'a [u8]>,
    /// The ref it was pushed to, or whose name it is.
    pub(crate) ref_name: Option<&'a [u8]>,
    /// The commit that brought it.
    pub(crate) commit: Option<&'a str>,
    /// The object that holds it.
    pub(crate) object: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// A text of a kind, with nothing else known.
    pub(crate) fn new(kind: Where) -> Self {
        Self { kind, path: None, rooted: None, ref_name: None, commit: None, object: None }
    }

    /// A file's content.
    pub(crate) fn file(path: &'a [u8]) -> Self {
        Self { path: Some(path), ..Self::new(Where::File) }
    }
}

impl<'s> Engine<'s> {
    /// Joins rules and decisions.
    ///
    /// `inline` says whether marks in the scanned text count, on top of the policy's own switch.
    pub(crate) fn new(policy: &'s Policy, allow: &'s AllowFile, command: Command, inline: bool) -> Self {
        Self {
            detector: policy.detector(),
            policy,
            allow,
            command,
            inline: inline && policy.inline_allow,
            today: today(),
        }
    }

    /// Whether low confidence was asked for.
    fn all(&self) -> bool {
        matches!(self.command, Command::Scan { all: true })
    }

    /// Says what becomes of a match. `mark` is the reason of an inline mark, from [`Engine::marks`].
    pub(crate) fn judge(&self, m: &Match, mark: Option<&str>, place: &Place<'_>) -> Verdict {
        let rule = &self.detector.rules()[m.rule as usize];
        if rule.publishable {
            return Verdict::Dropped;
        }
        let path = place.rooted.or(place.path);
        let Some(grade) = context::grade(m, rule, path.filter(|_| place.kind == Where::File)) else {
            return Verdict::Dropped;
        };
        let mode = self.policy.mode(&rule.id, grade.severity, grade.confidence, self.command);
        let mut disposition = match mode {
            Mode::Ignore if grade.confidence == Confidence::Low && !self.all() => return Verdict::Hidden,
            Mode::Ignore => return Verdict::Dropped,
            Mode::Warn => Disposition::Warn,
            Mode::Block => Disposition::Block,
        };
        let fingerprint = m.secret.fingerprint(&self.policy.fingerprint_key);
        let mut reason = None;
        // Messages and names honour no mark: nobody reviews one there.
        if let Some(mark) = mark.filter(|_| place.kind == Where::File) {
            disposition = Disposition::Allowed;
            reason = Some(mark.to_owned());
        }
        if let Some((allowed, why)) = self.entry(fingerprint, place, &rule.id) {
            disposition = allowed;
            reason = Some(why);
        }
        // The line around packed bytes is packed bytes.
        let packed = m
            .decoded
            .iter()
            .any(|d| matches!(d, Encoding::Gzip | Encoding::Zip | Encoding::Tar | Encoding::Pdf));
        let mut why: Vec<String> = m.why.iter().map(|w| (*w).to_owned()).collect();
        why.extend(grade.why.map(str::to_owned));
        Verdict::Shown(Box::new(Finding {
            rule: rule.id.to_string(),
            name: rule.name.to_string(),
            what: rule.what.to_string(),
            severity: grade.severity,
            confidence: grade.confidence,
            masked: m.secret.mask(),
            fingerprint,
            start: m.start,
            end: m.end,
            verified: m.verified,
            decoded: m.decoded.clone(),
            disposition,
            tags: rule.tags.iter().map(ToString::to_string).collect(),
            excerpt: if packed { String::new() } else { m.excerpt.clone() },
            facts: m.facts.clone(),
            parts: m.parts.clone(),
            why,
            rotate: rule.rotate.to_string(),
            reason,
            ..self.blank(place, fingerprint)
        }))
    }

    /// A finding about a file's name by itself: one that should not be tracked. It warns, unless a rule
    /// mode in the policy makes it block.
    pub(crate) fn judge_name(
        &self,
        warning: &PathWarning,
        path: &[u8],
        place: &Place<'_>,
    ) -> Option<Finding> {
        // The lowest grades block only when a rule mode says so.
        let strict = Command::Scan { all: true };
        let blocks = self.policy.mode(warning.id, Severity::Low, Confidence::Low, strict) == Mode::Block;
        let mode = self.policy.mode(warning.id, warning.severity, Confidence::Medium, self.command);
        let mut disposition = match mode {
            Mode::Ignore => return None,
            _ if blocks => Disposition::Block,
            _ => Disposition::Warn,
        };
        // The identity of a name is the name; the prefix keeps it apart from any value.
        let identity = [b"path:", path].concat();
        let fingerprint = Secret::new(&identity).fingerprint(&self.policy.fingerprint_key);
        let mut reason = None;
        if let Some((allowed, why)) = self.entry(fingerprint, place, warning.id) {
            disposition = allowed;
            reason = Some(why);
        }
        Some(Finding {
            rule: warning.id.into(),
            name: warning.name.into(),
            what: warning.why.into(),
            severity: warning.severity,
            disposition,
            reason,
            why: vec![warning.why.into()],
            tags: vec!["cwe-200".into(), "cwe-538".into()],
            ..self.blank(place, fingerprint)
        })
    }

    /// A finding with a place and nothing else.
    fn blank(&self, place: &Place<'_>, fingerprint: Fingerprint) -> Finding {
        let first = Position { line: 1, column: 1, character: 1 };
        Finding {
            rule: String::new(),
            name: String::new(),
            what: String::new(),
            severity: Severity::Low,
            confidence: Confidence::Medium,
            masked: String::new(),
            fingerprint,
            path: place.path.map(|p| self.shown(p)),
            start: first,
            end: first,
            place: place.kind,
            ref_name: place.ref_name.map(|r| self.shown(r)),
            commit: place.commit.map(str::to_owned),
            author: None,
            date: None,
            object: place.object.map(str::to_owned),
            verified: None,
            decoded: Vec::new(),
            disposition: Disposition::Warn,
            occurrences: 1,
            linked: 0,
            tags: Vec::new(),
            excerpt: String::new(),
            facts: Vec::new(),
            parts: Vec::new(),
            why: Vec::new(),
            rotate: String::new(),
            reason: None,
            in_head: None,
            refs: Vec::new(),
            at_tip: false,
            known_before: false,
        }
    }

    /// Text that a stranger chose, with every secret in it masked.
    pub(crate) fn shown(&self, bytes: &[u8]) -> Shown {
        masked(&self.detector, bytes)
    }

    /// The allow entry that covers a finding: how, and why.
    fn entry(
        &self,
        fingerprint: Fingerprint,
        place: &Place<'_>,
        rule: &str,
    ) -> Option<(Disposition, String)> {
        let find = |path| self.allow.find(&fingerprint, path, rule, self.today);
        let entry = find(place.path).or_else(|| place.rooted.and_then(|p| find(Some(p))))?;
        let how = if entry.baseline { Disposition::Baseline } else { Disposition::Allowed };
        Some((how, entry.reason.clone()))
    }

    /// Reads the inline marks of `text`, which is what was scanned, when it is still at hand.
    pub(crate) fn marks<'t>(&self, text: Option<&'t [u8]>) -> Marks<'t> {
        Marks::new(text, self.inline)
    }

    /// What a report says about rules and policy.
    pub(crate) fn coverage(&self, with_hash: bool) -> Coverage {
        let config = if with_hash { hex(&self.policy.hash()) } else { String::new() };
        Coverage { rules: self.detector.rules().len() as u64, config, ..Coverage::default() }
    }

    /// Tells of allow entries that have expired.
    pub(crate) fn expired_entries(&self, scan: &mut Scan) {
        for entry in self.allow.expired(self.today) {
            scan.notes.push(format!(
                "an allow entry has expired: {} ({})",
                entry.fingerprint,
                entry.expires.map(|d| d.to_string()).unwrap_or_default()
            ));
        }
    }
}

/// Text with every secret in it masked.
pub(crate) fn masked(detector: &Detector, bytes: &[u8]) -> Shown {
    let spans: Vec<Range<usize>> = detector.scan(bytes).matches.into_iter().map(|m| m.span).collect();
    Shown::masking(bytes, &spans)
}

/// Lets through what allow entries cover, for findings that were judged without them.
pub(crate) fn apply_entries(allow: &AllowFile, findings: &mut [Finding]) {
    let today = today();
    for finding in findings.iter_mut().filter(|f| f.disposition.is_open()) {
        let path = finding.path.as_ref().map(Shown::bytes);
        if let Some(entry) = allow.find(&finding.fingerprint, path, &finding.rule, today) {
            let how = if entry.baseline { Disposition::Baseline } else { Disposition::Allowed };
            finding.reason = Some(entry.reason.clone());
            finding.disposition = how;
        }
    }
}

/// What became of a match.
pub(crate) enum Verdict {
    /// It is reported.
    Shown(Box<Finding>),
    /// Its confidence is low and nobody asked for that.
    Hidden,
    /// It is no finding.
    Dropped,
}

/// What nobody can look into: formats that are not opened, encrypted or damaged parts. The bytes themselves
/// were scanned. They are named and leave a scan complete, or no repository with an `.xz` in it could be
/// called clean; whatever ran into a limit of ours does not.
const OPAQUE: [&str; 5] = [
    "compressed-format",
    "damaged compressed data",
    "an archive member that is cut",
    "an archive member of an unknown compression",
    "an encrypted archive member",
];

/// The size that a git-lfs pointer promises. Its content is kept outside of git's objects.
pub(crate) fn lfs_size(bytes: &[u8]) -> Option<u64> {
    const MOST: usize = 1024;
    if bytes.len() > MOST || !bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        return None;
    }
    let size = bytes.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"size "))?;
    std::str::from_utf8(size).ok()?.parse().ok()
}

/// A reason of the detector as a code: `an encoded run that is too long` is `encoded-run-that-is-too-long`.
fn code(why: &str) -> String {
    why.trim_start_matches("an ").trim_start_matches("a ").replace(' ', "-")
}

/// What the detector could not look into, as skips of `what`.
pub(crate) fn partly(found: &Found, what: &Shown) -> Vec<Skip> {
    let skip = |s: &stopleak_core::Skipped| Skip {
        what: what.clone(),
        why: code(s.why),
        bytes: s.span.len() as u64,
        in_scope: !OPAQUE.contains(&s.why),
        detail: format!("bytes {} to {} were not looked into: {}", s.span.start, s.span.end, s.why),
    };
    found.skipped.iter().map(skip).collect()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// The date in UTC: the same everywhere, and no time zone files are read.
pub(crate) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(TimeZone::UTC).date()
}
