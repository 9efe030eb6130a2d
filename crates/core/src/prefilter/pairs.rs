//! How the tables of [`super::index::pairs`] are looked into.

use std::ops::Range;

use super::Candidate;
use super::index::literals::Literals;
use super::index::pairs::Pairs;

impl Pairs {
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Appends the anchors at `at`, if it is in `region`.
    #[inline]
    pub(super) fn compare(
        &self,
        literals: &Literals,
        hay: &[u8],
        at: usize,
        region: &Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        if region.contains(&at) {
            let here = self.ids.iter().filter(|&&id| literals.is_at(id, hay, at));
            out.extend(here.map(|&literal| Candidate { at, literal }));
        }
    }
}
