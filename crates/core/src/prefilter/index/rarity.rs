//! How common four bytes are in ordinary text, to choose the rare ones of an anchor.
//!
//! Only speed depends on this: any choice finds every anchor.

use super::commonness::LEVELS;
use super::slot::{SLOTS, slot};

/// The offset of the four bytes of `text` that are the rarest in source text.
///
/// Where case folds, only the lower case is asked about: the upper is hardly ever the more common one.
pub(super) fn rarest(text: &[u8]) -> usize {
    let (mut best, mut least) = (0, u8::MAX);
    for (offset, window) in text.windows(4).enumerate() {
        let level = level(u32::from_le_bytes([window[0], window[1], window[2], window[3]]));
        if level < least {
            (best, least) = (offset, level);
        }
    }
    best
}

/// Twice the binary logarithm of how often a window is seen in a hundred megabytes.
fn level(window: u32) -> u8 {
    LEVELS.as_bytes()[slot(window) & (SLOTS - 1)]
}
