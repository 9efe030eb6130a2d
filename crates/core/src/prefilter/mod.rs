//! Finds the anchors of all rules in one pass: the first and by far the hottest step.
//!
//! # Contract
//! [`Prefilter::find`] reports *every* occurrence of *every* anchor, overlapping ones too: with the
//! anchors `api_key` and `key`, both are reported for `api_key`. It never loses one. The property tests
//! compare it with a naive search and with aho-corasick.
//!
//! # How
//! Of each anchor the four bytes are noted that are the rarest in source text. A [`screen`] looks at every
//! position with a small table and says where they may be. What it lets through is checked against sixteen bytes
//! around the window, and where those agree, the anchors are compared. On source text and with three thousand anchors,
//! the screen lets nineteen positions in a kilobyte through, the check four, and three of them are anchors.
//! The tables are made in half a millisecond, where an Aho-Corasick automaton takes 6 ms and more. A hook has time for
//! neither, so those of the built-in rules are part of the program: see [`index`].

/// A type whose values prove that the processor has some features, and the safe way into the functions `grams`
/// and `pairs` of the module around it, which need them.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
macro_rules! proven {
    ($(#[$doc:meta])* $name:ident: $detected:ident, $($feature:tt),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) struct $name(());

        impl $name {
            /// Asks the processor.
            pub(super) fn detect() -> Option<Self> {
                ($(std::arch::$detected!($feature))&&+).then_some(Self(()))
            }

            /// See [`super::screen::Screen::grams`].
            #[inline]
            pub(super) fn grams(self, table: &Table, text: &[u8], masks: &mut [u64]) {
                assert!(text.len() >= masks.len() * BLOCK + OVERHANG);
                // SAFETY: `self` proves the features; the length was checked.
                unsafe { grams(table, text, masks) }
            }

            /// See [`super::screen::Screen::sift`].
            #[inline]
            pub(super) fn sift(
                self,
                index: &Grams,
                text: &[u8],
                place: (&[u8], usize),
                masks: &mut [u64],
                list: &mut List,
            ) -> usize {
                assert!(text.len() >= masks.len() * BLOCK + OVERHANG);
                // SAFETY: `self` proves the features; the length was checked.
                unsafe { sift(index, text, place, masks, list) }
            }

            /// See [`super::screen::Screen::pairs`].
            #[inline]
            pub(super) fn pairs(self, halves: &Halves, text: &[u8], masks: &mut [u64]) {
                assert!(text.len() >= masks.len() * BLOCK + OVERHANG);
                // SAFETY: `self` proves the features; the length was checked.
                unsafe { pairs(halves, text, masks) }
            }
        }

        /// # Safety
        /// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
        $(#[target_feature(enable = $feature)])+
        unsafe fn sift(
            index: &Grams,
            text: &[u8],
            (hay, at): (&[u8], usize),
            masks: &mut [u64],
            list: &mut List,
        ) -> usize {
            // SAFETY: the caller vouches for the length.
            unsafe { grams(&index.table, text, masks) };
            let listed = positions(masks, list);
            index.reconsider(hay, at, &mut list[..listed])
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod avx2;
mod grams;
pub mod index;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
mod pairs;
mod screen;
#[cfg(target_arch = "x86_64")]
mod sse;

use std::cell::RefCell;
use std::ops::Range;

pub(crate) use index::literals::{LiteralId, MAX_LEN};

use crate::rule::Rule;
use index::grams::MAX_WINDOW_OFFSET;
use index::literals::Literals;
use index::{Asked, Index, Store};
use screen::{BLOCK, OVERHANG, Screen};

/// An anchor seen in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// Offset of its first byte.
    pub at: usize,
    /// Which literal.
    pub literal: LiteralId,
}

/// The anchors of a list of rules, indexed.
#[derive(Debug)]
pub(crate) struct Prefilter {
    index: Store<Index>,
    screen: Screen,
}

/// Blocks screened before their positions are compared.
const BATCH: usize = 16;

impl Prefilter {
    /// Indexes the anchors of `rules`, and `signs` that somebody else wants to know of. Anchors of less than
    /// two bytes are ignored; no checked rule has one.
    pub(crate) fn new(rules: &[Rule], signs: &[&str]) -> Self {
        Self::with_screen(rules, signs, Screen::best())
    }

    /// The same with the screen of that name, where this machine has it; for benches.
    pub(crate) fn on(rules: &[Rule], signs: &[&str], screen: &str) -> Option<Self> {
        let (_, screen) = Screen::all().into_iter().find(|(name, _)| *name == screen)?;
        Some(Self::with_screen(rules, signs, screen))
    }

    fn with_screen(rules: &[Rule], signs: &[&str], screen: Screen) -> Self {
        Self { index: Store::Made(Box::new(Self::index_of(rules, signs))), screen }
    }

    /// The index of the anchors of `rules`, and of the `signs`.
    pub(crate) fn index_of(rules: &[Rule], signs: &[&str]) -> Index {
        let mut anchors = Vec::with_capacity(rules.iter().map(|r| r.anchors.len()).sum());
        for (rule, one) in rules.iter().enumerate() {
            let rule = rule as u32;
            anchors.extend(one.anchors.iter().map(|a| Asked { rule, text: &a.text, fold: a.fold }));
        }
        Index::new(&anchors, signs)
    }

    /// With an index that was made before.
    pub(crate) fn of(index: &'static Index) -> Self {
        Self { index: Store::Fixed(index), screen: Screen::best() }
    }

    /// Appends every anchor that begins inside `region` and ends inside `hay`, sorted by offset.
    pub(crate) fn find(&self, hay: &[u8], region: Range<usize>, out: &mut Vec<Candidate>) {
        let region = region.start..region.end.min(hay.len());
        if region.start < region.end {
            LIST.with_borrow_mut(|list| self.find_in(hay, region, list, out));
        }
    }

    fn find_in(&self, hay: &[u8], region: Range<usize>, list: &mut List, out: &mut Vec<Candidate>) {
        let first = out.len();
        // A window of an anchor that begins in the region may lie past its end.
        let end = (region.end + MAX_WINDOW_OFFSET).min(hay.len());
        let mut at = region.start;
        while at < end {
            let blocks = (end - at).div_ceil(BLOCK).min(BATCH);
            let whole = (hay.len() - at).saturating_sub(OVERHANG) / BLOCK;
            if whole > 0 {
                let blocks = blocks.min(whole);
                self.screen(&hay[at..], blocks, at, hay, &region, list, out);
                at += blocks * BLOCK;
            } else {
                // The end of the input, with zeros for what is not there.
                let mut tail = [0; 2 * BLOCK + OVERHANG];
                let rest = &hay[at..];
                tail[..rest.len()].copy_from_slice(rest);
                self.screen(&tail, rest.len().div_ceil(BLOCK), at, hay, &region, list, out);
                at = end;
            }
        }
        sort(&mut out[first..]);
    }

    /// Screens `blocks` blocks of `text`, which are the bytes of `hay` from `at` on, and compares the anchors
    /// where one may be. `list` is room to work in.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "the body of a loop, in a function to be inlined twice")]
    fn screen(
        &self,
        text: &[u8],
        blocks: usize,
        at: usize,
        hay: &[u8],
        region: &Range<usize>,
        list: &mut List,
        out: &mut Vec<Candidate>,
    ) {
        let Index { literals, grams, pairs } = &*self.index;
        let mut masks = [0; BATCH];
        let masks = &mut masks[..blocks];
        if !grams.is_empty() {
            let kept = self.screen.sift(grams, text, (hay, at), masks, list);
            for &i in &list[..kept] {
                grams.compare(literals, hay, at + usize::from(i), region, out);
            }
        }
        if !pairs.is_empty() {
            self.screen.pairs(&pairs.halves, text, masks);
            let listed = positions(masks, list);
            for &i in &list[..listed] {
                pairs.compare(literals, hay, at + usize::from(i), region, out);
            }
        }
    }

    /// The distinct literals behind the anchors.
    pub(crate) fn literals(&self) -> &Literals {
        &self.index.literals
    }
}

/// Sorts what is almost in order: an anchor is out of it by the offset of its window.
fn sort(found: &mut [Candidate]) {
    const NEAR: usize = 32;
    for i in 1..found.len() {
        let one = found[i];
        let mut to = i;
        while to > 0 && found[to - 1] > one {
            found[to] = found[to - 1];
            to -= 1;
            if i - to > NEAR {
                found[to] = one;
                return found.sort_unstable();
            }
        }
        found[to] = one;
    }
}

/// Positions of a batch, and room for the last ones that are written in vain.
type List = [u16; BATCH * BLOCK + 4];

thread_local! {
    /// One for each thread: in the versions of a file there are millions of places of a few bytes to look at, and
    /// clearing two kilobytes for each would cost more than looking.
    static LIST: RefCell<List> = const { RefCell::new([0; BATCH * BLOCK + 4]) };
}

/// Lists the indices of the bits that are set, and says how many there are.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to be compiled with the features of its caller")]
fn positions(masks: &[u64], list: &mut List) -> usize {
    let mut len = 0;
    for (block, &mask) in masks.iter().enumerate() {
        let base = (block * BLOCK) as u16;
        let mut mask = mask;
        let end = len + mask.count_ones() as usize;
        // Writing four at a time, needed or not, spares the processor a wrong guess at almost every mask.
        loop {
            for slot in &mut list[len..len + 4] {
                *slot = base.wrapping_add(mask.trailing_zeros() as u16);
                mask &= mask.wrapping_sub(1);
            }
            len += 4;
            if len >= end {
                break;
            }
        }
        len = end;
    }
    len
}

#[cfg(test)]
mod tests;
