//! The screen for 64-bit Arm processors: four windows are hashed at a time, their cells looked up one by one, for NEON
//! has no gather. Pairs are looked up sixteen at a time.

#![expect(unsafe_code, reason = "SIMD intrinsics; each block says why it is sound")]

use std::arch::aarch64::{
    uint8x16_t, vaddv_u8, vandq_u8, vandq_u32, vceqzq_u8, vdupq_n_u8, vdupq_n_u32, vget_high_u8, vget_low_u8,
    vgetq_lane_u32, vld1q_u8, vmulq_u32, vmvnq_u8, vorrq_u32, vqtbl1q_u8, vreinterpretq_u32_u8, vshlq_n_u32,
    vshrq_n_u8, vshrq_n_u32,
};

use super::index::grams::{CELLS, FACTOR, FOLD, Grams, SHIFT, Table};
use super::index::pairs::Halves;
use super::screen::{BLOCK, OVERHANG};
use super::{List, positions};

proven! {
    /// Proof that the processor has NEON. All that run Linux have.
    Neon: is_aarch64_feature_detected, "neon"
}

/// # Safety
/// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
#[target_feature(enable = "neon")]
unsafe fn grams(table: &Table, text: &[u8], masks: &mut [u64]) {
    // Four windows of four bytes out of seven bytes.
    let spread = load(&[0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6]);
    let (fold, factor) = (vdupq_n_u32(FOLD), vdupq_n_u32(FACTOR));
    let (low, case) = (vdupq_n_u32(15), vdupq_n_u32(16));
    let has = |cell: u32, bit: u32| {
        // The mask changes nothing, the shift has left so few bits, and spares a check.
        u64::from(table[cell as usize & (CELLS - 1)] >> (bit & 31) & 1)
    };
    for (block, mask) in masks.iter_mut().enumerate() {
        let mut bits = 0;
        for sixteenth in 0..16 {
            let at = block * BLOCK + sixteenth * 4;
            // SAFETY: sixteen bytes at `at`: at most `BLOCK * masks.len() - 4 + 16`, less than the length.
            let bytes = unsafe { vld1q_u8(text.as_ptr().add(at)) };
            let windows = vreinterpretq_u32_u8(vqtbl1q_u8(bytes, spread));
            let hash = vmulq_u32(vshlq_n_u32::<8>(vorrq_u32(windows, fold)), factor);
            let cells = vshrq_n_u32::<{ SHIFT.cast_signed() }>(hash);
            let bit = vorrq_u32(
                vandq_u32(vshrq_n_u32::<24>(windows), low),
                vandq_u32(vshrq_n_u32::<1>(windows), case),
            );
            let four = has(vgetq_lane_u32::<0>(cells), vgetq_lane_u32::<0>(bit))
                | has(vgetq_lane_u32::<1>(cells), vgetq_lane_u32::<1>(bit)) << 1
                | has(vgetq_lane_u32::<2>(cells), vgetq_lane_u32::<2>(bit)) << 2
                | has(vgetq_lane_u32::<3>(cells), vgetq_lane_u32::<3>(bit)) << 3;
            bits |= four << (4 * sixteenth);
        }
        *mask = bits;
    }
}

/// # Safety
/// `text` has `BLOCK * masks.len() + OVERHANG` bytes.
#[target_feature(enable = "neon")]
unsafe fn pairs(halves: &Halves, text: &[u8], masks: &mut [u64]) {
    let nibble = vdupq_n_u8(15);
    // The weight of each byte of eight in their mask.
    let weights = load(&[1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
    let tables = [&halves.first, &halves.second].map(|[low, high]| [load(low), load(high)]);
    let groups = |[low, high]: [uint8x16_t; 2], bytes: uint8x16_t| {
        vandq_u8(vqtbl1q_u8(low, vandq_u8(bytes, nibble)), vqtbl1q_u8(high, vshrq_n_u8::<4>(bytes)))
    };
    for (block, mask) in masks.iter_mut().enumerate() {
        let mut bits = 0;
        for quarter in 0..4 {
            let at = block * BLOCK + quarter * 16;
            // SAFETY: 17 bytes from `at`: at most `BLOCK * masks.len() + 1`, less than the length.
            let (first, second) = unsafe {
                let start = text.as_ptr().add(at);
                (vld1q_u8(start), vld1q_u8(start.add(1)))
            };
            let both = vandq_u8(groups(tables[0], first), groups(tables[1], second));
            let some = vandq_u8(vmvnq_u8(vceqzq_u8(both)), weights);
            let low = vaddv_u8(vget_low_u8(some));
            let high = vaddv_u8(vget_high_u8(some));
            bits |= u64::from(u16::from_le_bytes([low, high])) << (16 * quarter);
        }
        *mask = bits;
    }
}

/// Sixteen bytes as a vector.
#[target_feature(enable = "neon")]
fn load(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: sixteen bytes of an array of sixteen.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}
