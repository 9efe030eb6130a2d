//! The screen for x86-64 processors without AVX2: four windows are hashed at a time, their cells looked up one
//! by one.

#![expect(unsafe_code, reason = "SIMD intrinsics; each block says why it is sound")]

use std::arch::x86_64::{
    __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_extract_epi32, _mm_loadu_si128, _mm_movemask_epi8,
    _mm_mullo_epi32, _mm_or_si128, _mm_set1_epi8, _mm_set1_epi32, _mm_setr_epi8, _mm_setzero_si128,
    _mm_shuffle_epi8, _mm_slli_epi32, _mm_srli_epi16, _mm_srli_epi32,
};

use super::index::grams::{CELLS, FACTOR, FOLD, Grams, SHIFT, Table};
use super::index::pairs::Halves;
use super::screen::{BLOCK, OVERHANG};
use super::{List, positions};

proven! {
    /// Proof that the processor has SSE 4.1, and the count of bits that came with it.
    Sse: is_x86_feature_detected, "ssse3", "sse4.1", "popcnt"
}

/// # Safety
/// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
#[target_feature(enable = "ssse3,sse4.1,popcnt")]
unsafe fn grams(table: &Table, text: &[u8], masks: &mut [u64]) {
    // Four windows of four bytes out of seven bytes.
    let spread = _mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6);
    let fold = _mm_set1_epi32(FOLD.cast_signed());
    let factor = _mm_set1_epi32(FACTOR.cast_signed());
    let (low, case) = (_mm_set1_epi32(15), _mm_set1_epi32(16));
    let has = |cell: i32, bit: i32| {
        // The mask changes nothing, the shift has left so few bits, and spares a check.
        u64::from(table[cell.cast_unsigned() as usize & (CELLS - 1)] >> (bit & 31) & 1)
    };
    for (block, mask) in masks.iter_mut().enumerate() {
        let mut bits = 0;
        for sixteenth in 0..16 {
            let at = block * BLOCK + sixteenth * 4;
            // SAFETY: sixteen bytes at `at`: at most `BLOCK * masks.len() - 4 + 16`, less than the length.
            let bytes = unsafe { _mm_loadu_si128(text.as_ptr().add(at).cast()) };
            let windows = _mm_shuffle_epi8(bytes, spread);
            let hash = _mm_mullo_epi32(_mm_slli_epi32::<8>(_mm_or_si128(windows, fold)), factor);
            let cells = _mm_srli_epi32::<{ SHIFT.cast_signed() }>(hash);
            let bit = _mm_or_si128(
                _mm_and_si128(_mm_srli_epi32::<24>(windows), low),
                _mm_and_si128(_mm_srli_epi32::<1>(windows), case),
            );
            let four = has(_mm_extract_epi32::<0>(cells), _mm_extract_epi32::<0>(bit))
                | has(_mm_extract_epi32::<1>(cells), _mm_extract_epi32::<1>(bit)) << 1
                | has(_mm_extract_epi32::<2>(cells), _mm_extract_epi32::<2>(bit)) << 2
                | has(_mm_extract_epi32::<3>(cells), _mm_extract_epi32::<3>(bit)) << 3;
            bits |= four << (4 * sixteenth);
        }
        *mask = bits;
    }
}

/// # Safety
/// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
#[target_feature(enable = "ssse3,sse4.1")]
unsafe fn pairs(halves: &Halves, text: &[u8], masks: &mut [u64]) {
    let nibble = _mm_set1_epi8(15);
    // SAFETY: sixteen bytes of an array of sixteen.
    let table = |half: &[u8; 16]| unsafe { _mm_loadu_si128(half.as_ptr().cast()) };
    let tables = [&halves.first, &halves.second].map(|[low, high]| [table(low), table(high)]);
    let groups = |[low, high]: [__m128i; 2], bytes: __m128i| {
        let high_halves = _mm_and_si128(_mm_srli_epi16::<4>(bytes), nibble);
        _mm_and_si128(
            _mm_shuffle_epi8(low, _mm_and_si128(bytes, nibble)),
            _mm_shuffle_epi8(high, high_halves),
        )
    };
    for (block, mask) in masks.iter_mut().enumerate() {
        let mut bits = 0;
        for quarter in 0..4 {
            let at = block * BLOCK + quarter * 16;
            // SAFETY: 17 bytes from `at`: at most `BLOCK * masks.len() + 1`, less than the length.
            let (first, second) = unsafe {
                let start = text.as_ptr().add(at);
                (_mm_loadu_si128(start.cast()), _mm_loadu_si128(start.add(1).cast()))
            };
            let both = _mm_and_si128(groups(tables[0], first), groups(tables[1], second));
            let none = _mm_movemask_epi8(_mm_cmpeq_epi8(both, _mm_setzero_si128())).cast_unsigned();
            bits |= u64::from(!none & 0xffff) << (16 * quarter);
        }
        *mask = bits;
    }
}
