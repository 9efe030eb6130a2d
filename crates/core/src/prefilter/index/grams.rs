//! The tables over anchors of three bytes and more.
//!
//! Of each anchor one window of four bytes is noted (of three, where the anchor has no more), the one that
//! is rarest in ordinary text. A table tells which windows are noted; it is small, so it is wrong at times,
//! but only towards "perhaps". Behind it, the windows lie in buckets with their anchors.

use std::fmt::Write;

use super::literals::{LiteralId, Literals, mask};
use super::rarity::Choice;
pub(crate) use super::slot::{CELLS, FACTOR, FOLD, SHIFT, bit, cell};
use super::{Store, list, pairs};

/// How far into an anchor its window may be.
pub const MAX_WINDOW_OFFSET: usize = 12;

/// A set of windows of four bytes, of which it has all and some more.
///
/// The cell is chosen by the folded first three bytes. In its 32 bits, a window is the bit chosen by the
/// fourth byte's low half and the case of the first: most vendors' anchors are in one case, and in source
/// text the other is the more common.
pub type Table = [u32; CELLS];

/// Whether the table has the window, perhaps.
#[inline]
pub fn has(table: &Table, window: u32) -> bool {
    table[cell(window)] >> bit(window) & 1 != 0
}

/// Number of places for checks: more than cells, so that few windows share one.
pub const PLACES: usize = 4 * CELLS;

/// The place of a window's check.
#[inline]
pub fn place(window: u32) -> usize {
    (((window | FOLD) << 8).wrapping_mul(FACTOR) >> (SHIFT - 2)) as usize
}

/// What the bytes around a window have to be: those eight before it, and eight from its first byte on. One that
/// folds does not care about the case of its letters, and where several anchors share a check, only what they
/// have in common is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Check {
    /// What they are, where they matter.
    pub value: u128,
    /// Which bits matter.
    pub mask: u128,
}

/// Bytes of a check in front of its window.
pub const FRONT: usize = 8;

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
}

/// A window of an anchor: where it is in which anchor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// The anchor's first eight bytes, where it has so many.
    pub head: u64,
    /// Which of their bits an upper-case letter lacks.
    pub fold: u64,
    /// Which of them there are.
    pub mask: u64,
    /// The anchor.
    pub literal: LiteralId,
    /// Where in it the window is.
    pub offset: u8,
    /// The anchor is longer than its head.
    pub long: bool,
    /// More windows of the same cell follow.
    pub more: bool,
}

/// Bytes of an anchor that are compared at once.
pub const HEAD: usize = 8;

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
#[derive(Debug, PartialEq)]
pub struct Grams {
    /// Which windows there are.
    pub table: Store<Table>,
    /// Looked at where the table has a window: nearly all that passes is an anchor. Number 0 lets nothing through.
    pub checks: Store<[Check]>,
    /// The number of each place's check.
    pub numbers: Store<[u16; PLACES]>,
    /// The first window of each cell. Read only where the table has one.
    pub starts: Store<[u16; CELLS]>,
    /// The windows.
    pub entries: Store<[Entry]>,
}

impl Grams {
    /// Makes the tables.
    pub fn new(literals: &Literals) -> Self {
        let mut table: Box<Table> = zeros();
        let mut checks = Vec::with_capacity(literals.count() + 1);
        checks.push(Check::NEVER);
        let mut numbers: Box<[u16; PLACES]> = zeros();
        let mut starts: Box<[u16; CELLS]> = zeros();
        let mut found = Vec::with_capacity(literals.count());
        let mut choice = Choice::new();
        // Short ones first: they have no choice, and the others can keep out of their way.
        let mut order: Vec<LiteralId> = (0..literals.count() as LiteralId).collect();
        order.sort_by_key(|&literal| literals.text(literal).len());
        for literal in order {
            let text = literals.text(literal);
            if text.len() <= pairs::LEN {
                continue;
            }
            let offset = match text.len() {
                3 => 0,
                len => choice.offset(&text[..len.min(MAX_WINDOW_OFFSET + 4)], literals.fold(literal), &table),
            };
            let window = window_at(text, offset);
            let (cell, bit) = (cell(window), bit(window));
            let mut bits: u32 = if text.len() == 3 { 0xffff << (bit & 16) } else { 1 << bit };
            if literals.fold(literal) {
                bits |= bits.rotate_left(16);
            }
            choice.take(window, bits, &mut table);
            let check = Check::new(text, offset, literals.fold(literal));
            match &mut numbers[place(window)] {
                // There are fewer places than numbers.
                number @ 0 => {
                    *number = checks.len() as u16;
                    checks.push(check);
                }
                number => checks[usize::from(*number)] = checks[usize::from(*number)].or(check),
            }
            starts[cell] += 1;
            found.push((cell, literal, offset as u8));
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
        Self {
            table: Store::Made(table),
            checks: checks.into(),
            numbers: Store::Made(numbers),
            starts: Store::Made(starts),
            entries: Store::Made(entries),
        }
    }

    pub(super) fn write(&self, out: &mut String) -> std::fmt::Result {
        write!(out, "Grams {{ table: ")?;
        list(out, &*self.table)?;
        write!(out, ", checks: ")?;
        list(out, &self.checks)?;
        write!(out, ", numbers: ")?;
        list(out, &*self.numbers)?;
        write!(out, ", starts: ")?;
        list(out, &*self.starts)?;
        write!(out, ", entries: ")?;
        list(out, &self.entries)?;
        write!(out, " }}")
    }
}

#[expect(clippy::unnecessary_box_returns, reason = "tables of this size do not belong on the stack")]
pub(super) fn zeros<T: Copy + Default + std::fmt::Debug, const N: usize>() -> Box<[T; N]> {
    vec![T::default(); N].into_boxed_slice().try_into().expect("the length is N")
}

/// The four bytes at `position`; zeros past the end.
#[inline]
pub fn window_at(hay: &[u8], position: usize) -> u32 {
    if let Some(&[a, b, c, d]) = hay.get(position..position + 4) {
        return u32::from_le_bytes([a, b, c, d]);
    }
    let byte = |i: usize| hay.get(position + i).copied().unwrap_or(0);
    u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)])
}
