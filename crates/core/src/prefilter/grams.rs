//! The index over anchors of three bytes and more.
//!
//! Of each anchor one window of four bytes is noted (of three, where the anchor has no more), the one that
//! is rarest in ordinary text. A table tells which windows are noted; it is small, so it is wrong at times,
//! but only towards "perhaps". Behind it, the windows lie in buckets with their anchors.

use super::literals::{LiteralId, Literals, mask};
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

/// Number of places for checks: more than cells, so that few windows share one.
const PLACES: usize = 4 * CELLS;

/// The place of a window's check.
#[inline]
fn place(window: u32) -> usize {
    (((window | FOLD) << 8).wrapping_mul(FACTOR) >> (SHIFT - 2)) as usize
}

/// What the bytes around a window have to be: those eight before it, and eight from its first byte on. One that
/// folds does not care about the case of its letters, and where several anchors share a check, only what they
/// have in common is asked for.
#[derive(Debug, Clone, Copy)]
struct Check {
    value: u128,
    mask: u128,
}

/// Bytes of a check in front of its window.
const FRONT: usize = 8;

impl Check {
    /// What nothing passes.
    const NEVER: Self = Self { value: 1, mask: 0 };

    /// The check of an anchor whose window is at `offset`.
    fn new(text: &[u8], offset: usize, fold: bool) -> Self {
        let (mut value, mut mask) = ([0; 16], [0; 16]);
        for (n, (value, mask)) in value.iter_mut().zip(&mut mask).enumerate() {
            if let Some(byte) = (offset + n).checked_sub(FRONT).and_then(|at| text.get(at)) {
                *mask = if fold && byte.is_ascii_lowercase() { 0xdf } else { 0xff };
                *value = byte & *mask;
            }
        }
        Self { value: u128::from_le_bytes(value), mask: u128::from_le_bytes(mask) }
    }

    /// What passes one of two checks, and more.
    fn or(self, other: Self) -> Self {
        let mask = self.mask & other.mask & !(self.value ^ other.value);
        Self { value: self.value & mask, mask }
    }

    #[inline]
    fn passes(self, around: [u8; 16]) -> bool {
        u128::from_le_bytes(around) & self.mask == self.value
    }
}

/// A window of an anchor: where it is in which anchor.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The anchor's first eight bytes, where it has so many: what they are, which of their bits an upper-case
    /// letter lacks, and which bytes there are.
    head: u64,
    fold: u64,
    mask: u64,
    literal: LiteralId,
    offset: u8,
    /// The anchor is longer than its head.
    long: bool,
    /// More windows of the same cell follow.
    more: bool,
}

/// Bytes of an anchor that are compared at once.
const HEAD: usize = 8;

impl Entry {
    fn new(literals: &Literals, literal: LiteralId, offset: u8) -> Self {
        let len = literals.text(literal).len();
        let head = literals.head(literal);
        Self {
            head,
            fold: if literals.fold(literal) { lower_case(head) } else { 0 },
            mask: mask(len),
            literal,
            offset,
            long: len > HEAD,
            more: true,
        }
    }

    /// Whether the anchor is at `begin`, where the text has these eight bytes.
    #[inline]
    fn is_at(&self, literals: &Literals, head: [u8; HEAD], hay: &[u8], begin: usize) -> bool {
        (u64::from_le_bytes(head) | self.fold) & self.mask == self.head
            && (!self.long || literals.is_at(self.literal, hay, begin))
    }
}

/// The bit that an upper-case letter lacks, for each byte that is a lower-case letter.
fn lower_case(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let low = word & (0x7f * ONES);
    let from_a = low + (0x80 - u64::from(b'a')) * ONES;
    let after_z = low + (0x7f - u64::from(b'z')) * ONES;
    (from_a & !after_z & !word & (0x80 * ONES)) >> 2
}

/// The table, and the windows behind it, one cell after the other.
#[derive(Debug)]
pub(super) struct GramIndex {
    table: Box<Table>,
    /// Looked at where the table has a window: nearly all that passes is an anchor. Number 0 lets nothing through.
    checks: Vec<Check>,
    /// The number of each place's check.
    numbers: Box<[u16; PLACES]>,
    /// The first window of each cell. Read only where the table has one.
    starts: Box<[u16; CELLS]>,
    entries: Box<[Entry]>,
}

impl GramIndex {
    pub(super) fn new(literals: &Literals) -> Self {
        let mut table: Box<Table> = zeros();
        let mut checks = Vec::with_capacity(literals.len() + 1);
        checks.push(Check::NEVER);
        let mut numbers: Box<[u16; PLACES]> = zeros();
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
            let check = Check::new(text, usize::from(offset), literals.fold(literal));
            match &mut numbers[place(window)] {
                // There are fewer places than numbers.
                number @ 0 => {
                    *number = checks.len() as u16;
                    checks.push(check);
                }
                number => checks[usize::from(*number)] = checks[usize::from(*number)].or(check),
            }
            starts[cell] += 1;
            found.push((cell, literal, offset));
        }
        // From counts to the end of each cell; filling a cell from its end leaves its start.
        let mut sum = 0;
        for start in starts.iter_mut() {
            sum += *start;
            *start = sum;
        }
        let blank = Entry { head: 0, fold: 0, mask: 0, literal: 0, offset: 0, long: false, more: false };
        let mut entries = vec![blank; found.len()].into_boxed_slice();
        for &(cell, literal, offset) in &found {
            starts[cell] -= 1;
            entries[usize::from(starts[cell])] = Entry::new(literals, literal, offset);
        }
        for &(cell, ..) in &found {
            let next = starts.get(cell + 1).map_or(entries.len(), |s| usize::from(*s));
            entries[next - 1].more = false;
        }
        Self { table, checks, numbers, starts, entries }
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keeps the positions in `list`, counted from `at`, where an anchor's window may be, in order, and says how
    /// many.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "to be compiled with the features of its caller")]
    pub(super) fn reconsider(&self, hay: &[u8], at: usize, list: &mut [u16]) -> usize {
        let mut kept = 0;
        for i in 0..list.len() {
            let position = at + usize::from(list[i]);
            let around = hay.get(position.wrapping_sub(FRONT)..).and_then(<[u8]>::first_chunk::<16>);
            // No branch but at the ends of the text: what passes is hard to predict.
            let passes = around.is_none_or(|&around| {
                let number = self.numbers[place((u128::from_le_bytes(around) >> (8 * FRONT)) as u32)];
                self.checks.get(usize::from(number)).is_none_or(|check| check.passes(around))
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

#[expect(clippy::unnecessary_box_returns, reason = "tables of this size do not belong on the stack")]
fn zeros<T: Copy + Default + std::fmt::Debug, const N: usize>() -> Box<[T; N]> {
    vec![T::default(); N].into_boxed_slice().try_into().expect("the length is N")
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
