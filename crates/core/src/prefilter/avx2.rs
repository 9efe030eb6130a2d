//! The screen for x86-64 processors with AVX2.

#![expect(unsafe_code, reason = "SIMD intrinsics; each block says why it is sound")]

use std::arch::x86_64::{
    __m256i, _mm_cvtsi128_si64, _mm_extract_epi64, _mm_loadu_si128, _mm256_and_si256,
    _mm256_broadcastsi128_si256, _mm256_castsi256_ps, _mm256_castsi256_si128, _mm256_cmpeq_epi8,
    _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_movemask_ps,
    _mm256_mullo_epi32, _mm256_or_si256, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_setr_epi8,
    _mm256_setr_epi32, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_sllv_epi32,
    _mm256_srli_epi16, _mm256_srli_epi32, _mm256_xor_si256,
};

use super::index::grams::{CELLS, FACTOR, FOLD, Grams, SHIFT, Table};
use super::index::pairs::Halves;
use super::screen::{BLOCK, OVERHANG};
use super::{List, positions};

proven! {
    /// Proof that the processor has AVX2, and the instructions on single bits that came with it.
    Avx2: is_x86_feature_detected, "avx2", "bmi1", "bmi2", "popcnt"
}

/// # Safety
/// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
#[target_feature(enable = "avx2")]
unsafe fn grams(table: &Table, text: &[u8], masks: &mut [u64]) {
    // Eight windows of four bytes out of eleven bytes.
    let spread = _mm256_setr_epi8(
        0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, //
        4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10,
    );
    let fold = _mm256_set1_epi32(FOLD.cast_signed());
    let factor = _mm256_set1_epi32(FACTOR.cast_signed());
    let low = _mm256_set1_epi32(15);
    let case = _mm256_set1_epi32(16);
    let all = _mm256_set1_epi32(31);
    for (block, mask) in masks.iter_mut().enumerate() {
        let mut bits = 0;
        for eighth in 0..8 {
            let at = block * BLOCK + eighth * 8;
            // SAFETY: sixteen bytes at `at`: at most `BLOCK * masks.len() - 8 + 16`, less than the length.
            let bytes = unsafe { _mm_loadu_si128(text.as_ptr().add(at).cast()) };
            let windows = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), spread);
            let folded = _mm256_or_si256(windows, fold);
            let hash = _mm256_mullo_epi32(_mm256_slli_epi32::<8>(folded), factor);
            let cells = _mm256_srli_epi32::<{ SHIFT.cast_signed() }>(hash);
            let found = look_up(table, cells);
            let bit = _mm256_or_si256(
                _mm256_and_si256(_mm256_srli_epi32::<24>(windows), low),
                _mm256_and_si256(_mm256_srli_epi32::<1>(windows), case),
            );
            // The bit asked for becomes the sign.
            let signs = _mm256_sllv_epi32(found, _mm256_xor_si256(bit, all));
            bits |= u64::from(_mm256_movemask_ps(_mm256_castsi256_ps(signs)).cast_unsigned()) << (8 * eighth);
        }
        *mask = bits;
    }
}

/// What the table has in eight cells. By eight loads: the instruction that gathers takes longer, on AMD's processors
/// always and on Intel's since it was mended.
#[inline]
#[target_feature(enable = "avx2")]
fn look_up(table: &Table, cells: __m256i) -> __m256i {
    // The mask changes nothing, the hash has left so few bits, and spares a check.
    let one = |cell: u64| table[cell as usize & (CELLS - 1)].cast_signed();
    let two = |cells: i64| [one(cells.cast_unsigned()), one(cells.cast_unsigned() >> 32)];
    let halves = [_mm256_castsi256_si128(cells), _mm256_extracti128_si256::<1>(cells)];
    let [low, high] = halves.map(|half| {
        let ([a, b], [c, d]) = (two(_mm_cvtsi128_si64(half)), two(_mm_extract_epi64::<1>(half)));
        [a, b, c, d]
    });
    _mm256_setr_epi32(low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3])
}

/// # Safety
/// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
#[target_feature(enable = "avx2")]
unsafe fn pairs(halves: &Halves, text: &[u8], masks: &mut [u64]) {
    let nibble = _mm256_set1_epi8(15);
    let table = |half: &[u8; 16]| {
        // SAFETY: sixteen bytes of an array of sixteen.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(half.as_ptr().cast()) })
    };
    let tables = [&halves.first, &halves.second].map(|[low, high]| [table(low), table(high)]);
    let groups = |[low, high]: [__m256i; 2], bytes: __m256i| {
        let high_halves = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
        _mm256_and_si256(
            _mm256_shuffle_epi8(low, _mm256_and_si256(bytes, nibble)),
            _mm256_shuffle_epi8(high, high_halves),
        )
    };
    for (block, mask) in masks.iter_mut().enumerate() {
        let mut bits = 0;
        for half in 0..2 {
            let at = block * BLOCK + half * 32;
            // SAFETY: 33 bytes from `at`: at most `BLOCK * masks.len() + 1`, less than the length.
            let (first, second) = unsafe {
                let start = text.as_ptr().add(at);
                (_mm256_loadu_si256(start.cast()), _mm256_loadu_si256(start.add(1).cast()))
            };
            let both = _mm256_and_si256(groups(tables[0], first), groups(tables[1], second));
            let none = _mm256_movemask_epi8(_mm256_cmpeq_epi8(both, _mm256_setzero_si256())).cast_unsigned();
            bits |= u64::from(!none) << (32 * half);
        }
        *mask = bits;
    }
}
