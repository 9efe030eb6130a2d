//! Where the table of [`super::rarity`] counts a window of four bytes. Shared with the program that makes it.

/// Number of slots.
pub(super) const SLOTS: usize = 1 << 14;

/// The slot of a window: what a screen can tell apart, which is its letters and the case of the first.
#[inline]
pub(super) fn slot(window: u32) -> usize {
    let seen = (window | 0x2020_2020) ^ (window << 2 & 0x80);
    (seen.wrapping_mul(0x85EB_CA6B) >> 18) as usize
}
