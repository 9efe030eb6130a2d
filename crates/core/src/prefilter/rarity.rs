//! How common a few bytes are in ordinary text, to choose the rare ones.
//!
//! Only speed depends on this: any choice finds every anchor.

use crate::randomness;

/// The offset of the four bytes of `text` that are the rarest in source text, whatever their case.
pub(super) fn rarest(text: &[u8]) -> usize {
    let mut steps = [0; 64];
    for (step, pair) in steps.iter_mut().zip(text.windows(2)) {
        *step = i32::from(randomness::step(pair[0], pair[1]));
    }
    let common = |offset: usize| {
        i32::from(RANK[usize::from(text[offset].to_ascii_lowercase())])
            - steps[offset..offset + 3].iter().sum::<i32>()
    };
    (0..text.len().min(64).saturating_sub(3)).min_by_key(|&o| common(o)).unwrap_or(0)
}

/// Sixteenths of a bit by which a byte is more common in source text than the rarest.
const RANK: [u8; 256] = {
    let mut rank = [0; 256];
    let order = b"qzjQZXJK`~^@|$%!?#&\\<>[]{}+*;'869754w3kvbyhgx:/\"=-2()1.,0mpfudc_lsnoiart e";
    let mut i = 0;
    while i < order.len() {
        rank[order[i] as usize] = 16 + i as u8;
        i += 1;
    }
    rank
};
