//! How the tables of [`super::index::grams`] are looked into.

use std::ops::Range;

use super::Candidate;
use super::index::grams::{Check, Entry, FRONT, Grams, HEAD, cell, place, window_at};
use super::index::literals::Literals;

impl Check {
    #[inline]
    fn passes(self, around: [u8; 16]) -> bool {
        u128::from_le_bytes(around) & self.mask == self.value
    }
}

impl Entry {
    /// Whether the anchor is at `begin`, where the text has these eight bytes.
    #[inline]
    fn is_at(&self, literals: &Literals, head: [u8; HEAD], hay: &[u8], begin: usize) -> bool {
        (u64::from_le_bytes(head) | self.fold) & self.mask == self.head
            && (!self.long || literals.is_at(self.literal, hay, begin))
    }
}

impl Grams {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keeps the positions in `list`, counted from `at`, where an anchor's window may be, in order, and says how
    /// many.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to be compiled with the features of its caller")]
    pub(super) fn reconsider(&self, hay: &[u8], at: usize, list: &mut [u16]) -> usize {
        let (numbers, checks) = (&*self.numbers, &*self.checks);
        let mut kept = 0;
        for i in 0..list.len() {
            let position = at + usize::from(list[i]);
            let around = hay.get(position.wrapping_sub(FRONT)..).and_then(<[u8]>::first_chunk::<16>);
            // No branch but at the ends of the text: what passes is hard to predict.
            let passes = around.is_none_or(|&around| {
                let number = numbers[place((u128::from_le_bytes(around) >> (8 * FRONT)) as u32)];
                checks.get(usize::from(number)).is_none_or(|check| check.passes(around))
            });
            list[kept] = list[i];
            kept += usize::from(passes);
        }
        kept
    }

    /// Appends the anchors whose window is at `position`, where the table has it, and that begin in
    /// `region`.
    #[inline]
    pub(super) fn compare(
        &self,
        literals: &Literals,
        hay: &[u8],
        position: usize,
        region: &Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        let first = usize::from(self.starts[cell(window_at(hay, position))]);
        for entry in self.entries.get(first..).unwrap_or_default() {
            let begin = position.wrapping_sub(usize::from(entry.offset));
            let here = match hay.get(begin..).and_then(<[u8]>::first_chunk) {
                Some(head) => entry.is_at(literals, *head, hay, begin),
                None => begin < hay.len() && literals.is_at(entry.literal, hay, begin),
            };
            if here && region.contains(&begin) {
                out.push(Candidate { at: begin, literal: entry.literal });
            }
            if !entry.more {
                return;
            }
        }
    }
}
