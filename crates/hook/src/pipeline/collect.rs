//! Joins what is the same finding, and finishes the scan.
//!
//! On disk and in the index every place counts by itself. In a push or a history the same secret is in many
//! versions of a file: one finding with the first of them and a count.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use stopleak_core::Fingerprint;
use stopleak_report::{Coverage, Finding, Scan, Shown, Skip, Where};

/// Findings and gaps on their way into a report.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    versions: bool,
    findings: Vec<Finding>,
    index: HashMap<Key, usize>,
    skipped: Vec<Skip>,
    hidden: u64,
}

type Key = (Fingerprint, String, Where, Option<Shown>, Option<Shown>, Option<String>, Option<[u64; 4]>);

impl Collector {
    /// Joins over places only.
    pub(crate) fn places() -> Self {
        Self::default()
    }

    /// Joins over the versions of a file too.
    pub(crate) fn versions() -> Self {
        Self { versions: true, ..Self::default() }
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: Finding) {
        match self.index.entry(key(&finding, self.versions)) {
            Entry::Vacant(slot) => {
                slot.insert(self.findings.len());
                self.findings.push(finding);
            }
            Entry::Occupied(slot) => join(&mut self.findings[*slot.get()], finding),
        }
    }

    /// Counts a finding that is not shown.
    pub(crate) fn hide(&mut self) {
        self.hidden += 1;
    }

    /// Adds something that was not scanned.
    pub(crate) fn skip(&mut self, skip: Skip) {
        self.skipped.push(skip);
    }

    /// Adds many.
    pub(crate) fn skip_all(&mut self, skips: impl IntoIterator<Item = Skip>) {
        self.skipped.extend(skips);
    }

    /// Takes what another collector of the same kind has.
    pub(crate) fn absorb(&mut self, other: Self) {
        other.findings.into_iter().for_each(|f| self.add(f));
        self.skipped.extend(other.skipped);
        self.hidden += other.hidden;
    }

    /// The finished scan, sorted, with equal values linked.
    pub(crate) fn finish(self, coverage: Coverage) -> Scan {
        let mut findings = self.findings;
        let mut places: HashMap<Fingerprint, u64> = HashMap::new();
        for finding in &findings {
            *places.entry(finding.fingerprint).or_default() += 1;
        }
        for finding in &mut findings {
            finding.linked = places[&finding.fingerprint] - 1;
        }
        let mut skipped = self.skipped;
        skipped.sort_by(|a, b| {
            (&a.what, &a.why, a.bytes, &a.detail).cmp(&(&b.what, &b.why, b.bytes, &b.detail))
        });
        skipped.dedup();
        let mut scan = Scan { coverage, skipped, findings, hidden: self.hidden, notes: Vec::new() };
        scan.sort();
        scan
    }
}

/// What makes two findings one.
fn key(f: &Finding, versions: bool) -> Key {
    let place = (!versions).then_some([f.start.line, f.start.column, f.end.line, f.end.column]);
    // A message or author line belongs to its commit; a file's content to its path.
    let commit = match f.place {
        Where::CommitMessage | Where::Author | Where::TagMessage => {
            f.commit.clone().or_else(|| f.object.clone())
        }
        _ => None,
    };
    (
        f.fingerprint,
        f.rule.clone(),
        f.place,
        f.path.clone(),
        f.ref_name.clone().filter(|_| f.path.is_none()),
        commit,
        place,
    )
}

/// Joins a later sighting into the first; the older commit is the one that is named.
fn join(first: &mut Finding, other: Finding) {
    let occurrences = first.occurrences + other.occurrences;
    let disposition = first.disposition.min(other.disposition);
    let in_head = match (first.in_head, other.in_head) {
        (None, x) | (x, None) => x,
        (Some(a), Some(b)) => Some(a || b),
    };
    let at_tip = first.at_tip && other.at_tip;
    let known_before = first.known_before || other.known_before;
    let mut refs = std::mem::take(&mut first.refs);
    refs.extend(other.refs.iter().filter(|r| !refs.contains(r)).cloned().collect::<Vec<_>>());
    if is_older(&other, first) {
        *first = other;
    }
    first.occurrences = occurrences;
    first.disposition = disposition;
    first.in_head = in_head;
    first.at_tip = at_tip;
    first.known_before = known_before;
    refs.sort();
    first.refs = refs;
}

/// Whether `a` was committed before `b`. Without dates the ids decide, so that the answer does not depend
/// on the order in which threads finished.
fn is_older(a: &Finding, b: &Finding) -> bool {
    let time = |f: &Finding| f.date.as_deref().and_then(|d| d.parse::<jiff::Timestamp>().ok());
    match (time(a), time(b)) {
        (Some(x), Some(y)) if x != y => x < y,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        _ => (&a.commit, &a.object, a.start) < (&b.commit, &b.object, b.start),
    }
}
