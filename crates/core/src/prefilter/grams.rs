//! The index over anchors of three bytes and more.
//!
//! Of each anchor one window of four bytes is noted (of three, where the anchor has no more), the one that
//! is rarest in ordinary text. A table tells which windows are noted; it is small, so it is wrong at times,
//! but only towards "perhaps". Behind it, the windows lie in buckets with their anchors.

use super::literals::{LiteralId, Literals};
use super::{Candidate, MAX_WINDOW_OFFSET, rarity};
use crate::prefilter::pairs;
use std::ops::Range;

const INDEX_BITS: u32 = 13;
/// Number of cells of a [`Table`].
pub(super) const CELLS: usize = 1 << INDEX_BITS;
/// What multiplies three folded bytes to hash them; the top bits are the cell.
pub(super) const FACTOR: u32 = 0x9E37_79B1;
pub(super) const SHIFT: u32 = 32 - INDEX_BITS;
/// Folds ASCII letters. It maps some other bytes together too, which costs a comparison and loses nothing.
pub(super) const FOLD: u32 = 0x2020_2020;

/// A set of windows of four bytes, of which it has all and some more.
///
/// The cell is chosen by the folded first three bytes. In its 32 bits, a window is the bit chosen by the
/// fourth byte's low half and the case of the first: most vendors' anchors are in one case, and in source
/// text the other is the more common.
pub(super) type Table = [u32; CELLS];

/// The cell of a window.
#[inline]
pub(super) fn cell(window: u32) -> usize {
    (((window | FOLD) << 8).wrapping_mul(FACTOR) >> SHIFT) as usize
}

/// The bit of a window in its cell.
#[inline]
pub(super) fn bit(window: u32) -> u32 {
    window >> 24 & 15 | window >> 1 & 16
}

/// Whether the table has the window, perhaps.
#[inline]
pub(super) fn has(table: &Table, window: u32) -> bool {
    table[cell(window)] >> bit(window) & 1 != 0
}

/// The bit of a window of four bytes in the second table.
#[inline]
fn second_four(window: u32) -> u32 {
    (window | FOLD).wrapping_mul(SECOND_FACTOR) >> 27
}

/// The bit of a window of three bytes in the second table.
#[inline]
fn second_three(window: u32) -> u32 {
    ((window | FOLD) << 8).wrapping_mul(SECOND_FACTOR) >> 27
}

const SECOND_FACTOR: u32 = 0x85EB_CA6B;

/// A window of an anchor: where it is in which anchor.
#[derive(Debug, Clone, Copy)]
struct Entry {
    literal: LiteralId,
    offset: u8,
    /// More windows of the same cell follow.
    more: bool,
}

/// What the folded bytes at a position have to be. The upper half of the word is the mask under which
/// they are compared: an anchor of three bytes does not care about the fourth.
type Key = u64;

fn key(window: u32, len: usize) -> Key {
    let mask = if len == 3 { 0x00ff_ffff } else { u32::MAX };
    u64::from((window | FOLD) & mask) | u64::from(mask) << 32
}

fn is_key(key: Key, folded: u32) -> bool {
    folded & (key >> 32) as u32 == key as u32
}

/// The table, and the windows behind it, one cell after the other.
#[derive(Debug)]
pub(super) struct GramIndex {
    table: Box<Table>,
    /// A second opinion, from other bits of the hash: lets one in fourteen of the wrong positions through.
    second: Box<Table>,
    /// The first window of each cell. Read only where the table has one.
    starts: Box<[u16; CELLS]>,
    keys: Box<[Key]>,
    entries: Box<[Entry]>,
}

impl GramIndex {
    pub(super) fn new(literals: &Literals) -> Self {
        let (mut table, mut second): (Box<Table>, Box<Table>) = (zeros(), zeros());
        let mut starts: Box<[u16; CELLS]> = zeros();
        let mut found = Vec::with_capacity(literals.len());
        for literal in 0..literals.len() as LiteralId {
            let text = literals.text(literal);
            if text.len() <= pairs::LEN {
                continue;
            }
            let (window, offset) = window(text);
            let (cell, bit) = (cell(window), bit(window));
            let mut bits: u32 = if text.len() == 3 { 0xffff << (bit & 16) } else { 1 << bit };
            if literals.fold(literal) {
                bits |= bits.rotate_left(16);
            }
            table[cell] |= bits;
            second[cell] |= 1 << if text.len() == 3 { second_three(window) } else { second_four(window) };
            starts[cell] += 1;
            found.push((cell, key(window, text.len()), Entry { literal, offset, more: true }));
        }
        // From counts to the end of each cell; filling a cell from its end leaves its start.
        let mut sum = 0;
        for start in starts.iter_mut() {
            sum += *start;
            *start = sum;
        }
        let ends = starts.clone();
        let mut keys = vec![0; found.len()].into_boxed_slice();
        let mut entries: Box<[Entry]> = found.iter().map(|&(_, _, entry)| entry).collect();
        for (cell, key, entry) in found {
            let more = starts[cell] < ends[cell];
            starts[cell] -= 1;
            let at = usize::from(starts[cell]);
            keys[at] = key;
            entries[at] = Entry { more, ..entry };
        }
        Self { table, second, starts, keys, entries }
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keeps the positions in `list` where an anchor's window may be, in order, and says how many.
    #[inline]
    pub(super) fn reconsider(&self, text: &[u8], list: &mut [u16]) -> usize {
        let mut kept = 0;
        for i in 0..list.len() {
            let position = usize::from(list[i]);
            let window = window_at(text, position);
            let opinion = self.second[cell(window)];
            list[kept] = position as u16;
            // No branch: what passes is hard to predict.
            kept += ((opinion >> second_four(window) | opinion >> second_three(window)) & 1) as usize;
        }
        let passed = kept;
        kept = 0;
        for i in 0..passed {
            let position = usize::from(list[i]);
            let window = window_at(text, position);
            let at = usize::from(self.starts[cell(window)]);
            list[kept] = position as u16;
            kept += usize::from(is_key(self.keys[at], window | FOLD) | self.entries[at].more);
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
        let window = window_at(hay, position);
        let folded = window | FOLD;
        let mut at = usize::from(self.starts[cell(window)]);
        loop {
            let entry = self.entries[at];
            if is_key(self.keys[at], folded) {
                let begin = position.wrapping_sub(usize::from(entry.offset));
                if region.contains(&begin) && literals.is_at(entry.literal, hay, begin) {
                    out.push(Candidate { at: begin, literal: entry.literal });
                }
            }
            if !entry.more {
                return;
            }
            at += 1;
        }
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "tables of this size do not belong on the stack")]
fn zeros<T: Copy + Default + std::fmt::Debug>() -> Box<[T; CELLS]> {
    vec![T::default(); CELLS].into_boxed_slice().try_into().expect("the length is CELLS")
}

/// The four bytes at `position`; zeros past the end.
#[inline]
fn window_at(hay: &[u8], position: usize) -> u32 {
    if let Some(&[a, b, c, d]) = hay.get(position..position + 4) {
        return u32::from_le_bytes([a, b, c, d]);
    }
    let byte = |i: usize| hay.get(position + i).copied().unwrap_or(0);
    u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)])
}

/// The rarest window of an anchor, and where it is.
fn window(text: &[u8]) -> (u32, u8) {
    if text.len() == 3 {
        return (u32::from_le_bytes([text[0], text[1], text[2], 0]), 0);
    }
    let offset = rarity::rarest(&text[..text.len().min(MAX_WINDOW_OFFSET + 4)]);
    (window_at(text, offset), offset as u8)
}
