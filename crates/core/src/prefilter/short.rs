//! The pass for anchors of two and three bytes.

use std::ops::Range;

use super::Candidate;
use super::index::MIN_LEN;
use super::literals::{LiteralId, Literals};

/// Which literals begin with a pair of folded bytes.
#[derive(Debug)]
pub(super) struct ShortIndex {
    pairs: Box<[u64]>,
    ids: Box<[LiteralId]>,
}

#[inline]
fn pair(a: u8, b: u8) -> usize {
    usize::from(a | 0x20) << 8 | usize::from(b | 0x20)
}

impl ShortIndex {
    pub(super) fn new(literals: &Literals) -> Self {
        let ids: Box<[_]> =
            (0..literals.len() as LiteralId).filter(|&id| literals.text(id).len() < MIN_LEN).collect();
        if ids.is_empty() {
            return Self { pairs: Box::default(), ids };
        }
        let mut pairs = vec![0; 1024].into_boxed_slice();
        for &id in &ids {
            let text = literals.text(id);
            let key = pair(text[0], text[1]);
            pairs[key >> 6] |= 1 << (key & 63);
        }
        Self { pairs, ids }
    }

    pub(super) fn find(
        &self,
        literals: &Literals,
        hay: &[u8],
        region: Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        if self.ids.is_empty() {
            return;
        }
        for at in region {
            let Some(&[a, b]) = hay.get(at..at + 2) else { break };
            let key = pair(a, b);
            if self.pairs[key >> 6] >> (key & 63) & 1 != 0 {
                for &literal in self.ids.iter().filter(|&&id| literals.is_at(id, hay, at)) {
                    out.push(Candidate { at, literal });
                }
            }
        }
    }
}
