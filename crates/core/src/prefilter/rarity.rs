//! How common a few bytes are in ordinary text, to choose the rare ones.
//!
//! Only speed depends on this: any choice finds every anchor.

use crate::randomness;

/// A number that grows with how often the bytes are seen in a row in source text, whatever their case.
pub(super) fn commonness(gram: &[u8]) -> i32 {
    let first = gram.first().map_or(0, |&b| i32::from(RANK[usize::from(b.to_ascii_lowercase())]));
    gram.windows(2).fold(first, |sum, pair| sum - i32::from(randomness::step(pair[0], pair[1])))
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
