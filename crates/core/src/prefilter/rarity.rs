//! How common four bytes are in ordinary text, to choose the rare ones of an anchor.
//!
//! Only speed depends on this: any choice finds every anchor.

use super::commonness::LEVELS;
use super::slot::{SLOTS, slot};

/// The offset of the four bytes of `text` that are the rarest in source text, in either case where it folds.
pub(super) fn rarest(text: &[u8], fold: bool) -> usize {
    let common = |window: &[u8]| {
        let window = u32::from_le_bytes([window[0], window[1], window[2], window[3]]);
        // The other case is hardly ever the more common one, and the sum of two logarithms is no logarithm of
        // a sum; as a tie-break it will do.
        let upper = if fold { level(window & !0x20) } else { 0 };
        (level(window), upper)
    };
    text.windows(4).enumerate().min_by_key(|(_, w)| common(w)).map_or(0, |(offset, _)| offset)
}

/// Twice the binary logarithm of how often a window is seen in a hundred megabytes.
fn level(window: u32) -> u8 {
    LEVELS.as_bytes()[slot(window) & (SLOTS - 1)]
}
