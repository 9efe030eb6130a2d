//! What a scan found, what it looked at and what it could not look at.
//!
//! The fields and their words are a promise to scripts (`docs/src/exit-codes.md`). None of them can hold a
//! secret: values were masked and fingerprinted before a [`Finding`] was made.

use stopleak_core::{Confidence, Encoding, Fact, Fingerprint, Part, Position, Severity, Verified};

use crate::shown::Shown;

/// A finished scan.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// What was looked at.
    pub coverage: Coverage,
    /// What was not looked at, and why.
    pub skipped: Vec<Skip>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Findings of low confidence that were left out because nobody asked for them.
    pub hidden: u64,
    /// Things the reader should know that are neither finding nor skip: an expired allow entry.
    pub notes: Vec<String>,
}

/// The one-word answer of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in scope was read and nothing is left to act on.
    Clean,
    /// There is at least one finding that blocks or warns.
    Findings,
    /// Nothing was found, but something in scope could not be read.
    Incomplete,
}

impl Outcome {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Findings => "findings",
            Self::Incomplete => "incomplete",
        }
    }
}

impl Scan {
    /// The answer. Allowed and baseline findings alone are clean; findings outweigh gaps, and
    /// [`Scan::complete`] still tells of those.
    pub fn outcome(&self) -> Outcome {
        if self.findings.iter().any(|f| f.disposition.is_open()) {
            Outcome::Findings
        } else if self.complete() {
            Outcome::Clean
        } else {
            Outcome::Incomplete
        }
    }

    /// Whether everything in scope was read.
    pub fn complete(&self) -> bool {
        !self.skipped.iter().any(|s| s.in_scope)
    }

    /// The findings that block.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.disposition == Disposition::Block)
    }

    /// Puts findings and skips into their order: path, line, column, rule; then whatever else tells two
    /// apart, so that the same set always gives the same report.
    pub fn sort(&mut self) {
        self.findings.sort_by(|a, b| {
            (&a.path, a.start, &a.rule, &a.place, &a.commit, &a.object, a.end, a.fingerprint).cmp(&(
                &b.path,
                b.start,
                &b.rule,
                &b.place,
                &b.commit,
                &b.object,
                b.end,
                b.fingerprint,
            ))
        });
        self.skipped.sort_by(|a, b| (&a.what, &a.why, a.bytes).cmp(&(&b.what, &b.why, b.bytes)));
        self.notes.sort();
        self.notes.dedup();
    }
}

/// Where the scanned bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// The index, over HEAD.
    Staged,
    /// The commits of a range.
    Range,
    /// What a push brings.
    Push,
    /// Everything ever committed.
    History,
    /// Files on disk.
    #[default]
    Files,
    /// One stream.
    Stdin,
}

impl Source {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Range => "range",
            Self::Push => "push",
            Self::History => "history",
            Self::Files => "files",
            Self::Stdin => "stdin",
        }
    }
}

/// What was looked at.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// Where the bytes came from.
    pub source: Source,
    /// Refs in scope.
    pub refs: u64,
    /// Commits in scope.
    pub commits: u64,
    /// Objects in scope; for files and streams, their number.
    pub objects: u64,
    /// Blobs (or files, or streams) in scope.
    pub blobs: u64,
    /// Bytes in scope.
    pub bytes: u64,
    /// Bytes read through the detector, or inherited from a base that was.
    pub bytes_scanned: u64,
    /// Rules that were looked for.
    pub rules: u64,
    /// SHA-256 of the effective policy, in hex.
    pub config: String,
    /// Wall time.
    pub seconds: f64,
}

/// Something that was not read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// A path or an object id.
    pub what: Shown,
    /// A reason code: `missing-object`, `permission-denied`, `path-excluded`.
    pub why: String,
    /// The bytes that were not looked at, as far as known.
    pub bytes: u64,
    /// Whether this leaves the scan incomplete. `false` for what policy or the nature of the thing (a
    /// socket) puts out of scope: it is listed, and does not change the outcome.
    pub in_scope: bool,
    /// The cause, in words.
    pub detail: String,
}

/// One place where a secret is.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// What a person calls it.
    pub name: String,
    /// What its holder can do.
    pub what: String,
    /// How bad its leak is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// A short prefix of the value.
    pub masked: String,
    /// The identity of the value.
    pub fingerprint: Fingerprint,
    /// The file, where there is one.
    pub path: Option<Shown>,
    /// The first byte.
    pub start: Position,
    /// Just past the last byte.
    pub end: Position,
    /// What kind of text holds it.
    pub place: Where,
    /// The ref whose name holds it or whose push brought it.
    pub ref_name: Option<Shown>,
    /// The commit that introduced it, or whose message holds it.
    pub commit: Option<String>,
    /// That commit's author, `name <mail>`.
    pub author: Option<Shown>,
    /// That commit's author date, RFC 3339.
    pub date: Option<String>,
    /// The object that holds it.
    pub object: Option<String>,
    /// What an offline check proved.
    pub verified: Option<Verified>,
    /// Encodings around it, outermost first.
    pub decoded: Vec<Encoding>,
    /// What policy says about it.
    pub disposition: Disposition,
    /// How many places the same finding was seen at (other paths, other versions of the file).
    pub occurrences: u64,
    /// Other findings of this scan with the same value.
    pub linked: u64,
    /// Weakness tags.
    pub tags: Vec<String>,
    /// The line, masked.
    pub excerpt: String,
    /// Decoded facts: an account, an expiry.
    pub facts: Vec<Fact>,
    /// Companion values.
    pub parts: Vec<Part>,
    /// Why it was taken for a secret, strongest first.
    pub why: Vec<String>,
    /// Where its owner revokes it; may be empty.
    pub rotate: String,
    /// Why it is allowed, from the allow entry or the inline mark.
    pub reason: Option<String>,
    /// Whether the current HEAD still has it; `None` where that was not asked.
    pub in_head: Option<bool>,
    /// Refs that reach it, a few.
    pub refs: Vec<Shown>,
    /// Whether `commit` is the tip of what is pushed, so that amending is enough.
    pub at_tip: bool,
    /// Whether the value was on the server before this push.
    pub known_before: bool,
}

/// What kind of text holds a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Where {
    /// A file's content.
    File,
    /// A file's name.
    Path,
    /// A commit's message, or a header of it that is no author line.
    CommitMessage,
    /// An annotated tag's message.
    TagMessage,
    /// A branch's or tag's name.
    RefName,
    /// A git note.
    Note,
    /// The author, committer or tagger line.
    Author,
}

impl Where {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Path => "path",
            Self::CommitMessage => "commit-message",
            Self::TagMessage => "tag-message",
            Self::RefName => "ref-name",
            Self::Note => "note",
            Self::Author => "author",
        }
    }
}

/// What policy says about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It stops the commit or push, and makes a scan exit with 1.
    Block,
    /// It is shown.
    Warn,
    /// An allow entry, an inline mark or a bypass covers it.
    Allowed,
    /// It was there when the baseline was made.
    Baseline,
}

impl Disposition {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Warn => "warn",
            Self::Allowed => "allowed",
            Self::Baseline => "baseline",
        }
    }

    /// Whether someone should act on it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Block | Self::Warn)
    }
}
