//! How common a gram is in ordinary text, to choose the rare ones.
//!
//! Only speed depends on this: any choice finds every anchor.

/// A cost that grows with how often the three bytes are seen together in source text.
pub(super) fn cost(gram: [u8; 3]) -> u32 {
    gram.iter().map(|&b| u32::from(RANK[usize::from(b.to_ascii_lowercase())])).sum()
}

/// Roughly log2 of a byte's frequency in source text, 0 for what is never seen.
const RANK: [u8; 256] = {
    let mut rank = [1; 256];
    let order = b"qzjQZXJK`~^@|$%!?#&\\<>[]{}+*;'869754w3kvbyhgx:/\"=-2()1.,0mpfudc_lsnoiart e";
    let mut i = 0;
    while i < order.len() {
        rank[order[i] as usize] = 2 + (i / 4) as u8;
        i += 1;
    }
    rank
};
