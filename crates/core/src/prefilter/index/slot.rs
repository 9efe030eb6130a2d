//! Where a window of four bytes is in the tables. Shared with the program that counts how common windows are.

const INDEX_BITS: u32 = 13;
/// Number of cells of a [`super::grams::Table`].
pub(crate) const CELLS: usize = 1 << INDEX_BITS;
/// What multiplies three folded bytes to hash them; the top bits are the cell.
pub(crate) const FACTOR: u32 = 0x9E37_79B1;
/// Shifts the cell out of the product.
pub(crate) const SHIFT: u32 = 32 - INDEX_BITS;
/// Folds ASCII letters. It maps some other bytes together too, which costs a comparison and loses nothing.
pub(crate) const FOLD: u32 = 0x2020_2020;

/// The cell of a window.
#[inline]
pub(crate) fn cell(window: u32) -> usize {
    (((window | FOLD) << 8).wrapping_mul(FACTOR) >> SHIFT) as usize
}

/// The bit of a window in its cell.
#[inline]
pub(crate) fn bit(window: u32) -> u32 {
    window >> 24 & 15 | window >> 1 & 16
}
