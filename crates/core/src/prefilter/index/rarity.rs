//! Chooses the four bytes of an anchor that are noted.
//!
//! Only speed depends on this: any choice finds every anchor. What costs is each place in a text where the table has
//! something; how often that is was counted in public text, for each bit of each cell. It also costs that a cell has
//! many anchors, which are all compared where one of them may be, and that two windows share a check, which then
//! lets much through.

use super::grams::{PLACES, Table, place, zeros};
use super::slot::{CELLS, FOLD, bit, cell};

/// For each bit of each cell four bits, the lower half of a byte first: the binary logarithm of how often it is looked
/// at in a hundred megabytes. Made by `examples/train_rarity.rs`.
static LEVELS: &[u8; CELLS * 16] = include_bytes!("commonness.bin");

/// How often a bit of a cell is looked at.
fn frequency(cell: usize, bit: u32) -> u64 {
    let pair = LEVELS[cell * 16 + bit as usize / 2];
    1 << (pair >> (bit % 2 * 4) & 15)
}

/// What a place costs that the table lets through, one more anchor to compare there, and one that its check lets
/// through because another window shares it. Found by trying.
const PASSED: u64 = 16;
const COMPARED: u64 = 2;
const SHARED: u64 = 64;

/// What was chosen so far.
pub(super) struct Choice {
    /// How often the table lets something through, by cell.
    busy: Box<[u64; CELLS]>,
    /// Anchors, by cell.
    anchors: Box<[u16; CELLS]>,
    /// The folded window that a place's check is for; 0 for none.
    owners: Box<[u32; PLACES]>,
}

impl Choice {
    pub(super) fn new() -> Self {
        Self { busy: zeros(), anchors: zeros(), owners: zeros() }
    }

    /// The offset of the best window in a text of four bytes or more.
    pub(super) fn offset(&self, text: &[u8], fold: bool, table: &Table) -> usize {
        let (mut best, mut least) = (0, u64::MAX);
        for (offset, window) in text.windows(4).enumerate() {
            let cost =
                self.cost(u32::from_le_bytes([window[0], window[1], window[2], window[3]]), fold, table);
            if cost < least {
                (best, least) = (offset, cost);
            }
        }
        best
    }

    fn cost(&self, window: u32, fold: bool, table: &Table) -> u64 {
        let (cell, one) = (cell(window), bit(window));
        let (mut all, mut new) = (0, 0);
        for bit in [one, one ^ 16].into_iter().take(if fold { 2 } else { 1 }) {
            let frequency = frequency(cell, bit);
            all += frequency;
            if table[cell] >> bit & 1 == 0 {
                new += frequency;
            }
        }
        let compared = self.busy[cell] + new * (1 + u64::from(self.anchors[cell]));
        let owner = self.owners[place(window)];
        let shared = if owner == 0 || owner == folded(window) { 0 } else { all };
        PASSED * new + COMPARED * compared + SHARED * shared
    }

    /// Notes that a window was chosen, which has these bits in its cell. Sets them in the table.
    pub(super) fn take(&mut self, window: u32, bits: u32, table: &mut Table) {
        let cell = cell(window);
        let new = (0..32).filter(|bit| (bits & !table[cell]) >> bit & 1 != 0);
        self.busy[cell] += new.map(|bit| frequency(cell, bit)).sum::<u64>();
        self.anchors[cell] += 1;
        self.owners[place(window)] = folded(window);
        table[cell] |= bits;
    }
}

/// The three bytes that choose a place, never 0.
fn folded(window: u32) -> u32 {
    (window | FOLD) << 8
}
