//! Verdicts that one version of a file inherits from another.

use crate::found::Skipped;

/// A range that a version shares with its base: `child[to..to + len] == base[from..from + len]`.
///
/// Lists of them are sorted by `to`, do not overlap there, and neighbours that continue one another are
/// merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Offset in the base.
    pub from: usize,
    /// Offset in the child.
    pub to: usize,
    /// Number of bytes.
    pub len: usize,
}

/// The verdict at every anchor of one version of a file, without any of its bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    candidates: Vec<u64>,
    skipped: Vec<Skipped>,
    matches: bool,
}

impl Trace {
    /// Whether there is anything to resolve: a match, or a part that could not be looked into.
    pub fn has_matches(&self) -> bool {
        self.matches || !self.skipped.is_empty()
    }

    /// Bytes of memory that this trace occupies.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.candidates.capacity() * size_of::<u64>()
    }
}
