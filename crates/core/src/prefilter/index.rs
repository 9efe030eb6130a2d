//! The gram index over anchors of four bytes or more.

use std::ops::Range;

use super::literals::{LiteralId, Literals};
use super::{Candidate, rarity};

/// Literals shorter than this have their own index.
pub(super) const MIN_LEN: usize = 4;

const HASH_BITS: u32 = 16;
const WORDS: usize = 1 << (HASH_BITS - 6);
const BUCKET_BITS: u32 = 12;

/// A gram of a literal.
#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u16,
    offset: u16,
    literal: LiteralId,
}

/// Bitmap of gram hashes, and behind it the grams in buckets.
#[derive(Debug)]
pub(super) struct GramIndex {
    bitmap: Box<[u64; WORDS]>,
    starts: Box<[u32]>,
    entries: Box<[Entry]>,
}

/// Hashes the low three bytes of `window`, letters folded. Folding is `| 0x20` on every byte: it maps
/// some other bytes together as well, which costs a comparison and loses nothing.
#[inline]
fn hash(window: u32) -> u32 {
    ((window | 0x0020_2020) << 8).wrapping_mul(0x9E37_79B1) >> (32 - HASH_BITS)
}

fn gram(text: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes([text[offset], text[offset + 1], text[offset + 2], 0])
}

impl GramIndex {
    pub(super) fn new(literals: &Literals) -> Self {
        let mut bitmap = Box::new([0; WORDS]);
        let mut found = Vec::with_capacity(literals.len() * 2);
        for literal in 0..literals.len() as LiteralId {
            let text = literals.text(literal);
            if text.len() < MIN_LEN {
                continue;
            }
            for parity in 0..2 {
                let offset = (parity..text.len() - 2)
                    .step_by(2)
                    .min_by_key(|&o| rarity::cost([text[o], text[o + 1], text[o + 2]]))
                    .unwrap_or(parity);
                let hash = hash(gram(text, offset));
                bitmap[hash as usize >> 6] |= 1u64 << (hash & 63);
                found.push(Entry { hash: hash as u16, offset: offset as u16, literal });
            }
        }
        let bucket = |e: &Entry| usize::from(e.hash) >> (HASH_BITS - BUCKET_BITS);
        let mut starts = vec![0u32; (1 << BUCKET_BITS) + 1].into_boxed_slice();
        for entry in &found {
            starts[bucket(entry) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut entries = found.clone().into_boxed_slice();
        for entry in found {
            let at = &mut next[bucket(&entry)];
            entries[*at as usize] = entry;
            *at += 1;
        }
        Self { bitmap, starts, entries }
    }

    /// Appends the occurrences that begin inside `region` and end inside `hay`.
    pub(super) fn find(
        &self,
        literals: &Literals,
        hay: &[u8],
        region: Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        if self.entries.is_empty() {
            return;
        }
        // A gram of an occurrence that begins in the region may lie past its end.
        let last = (region.end + literals.longest()).min(hay.len());
        let mut at = region.start;
        while at + STEP + 2 <= last {
            let block: &[u8; STEP + 2] =
                hay[at..at + STEP + 2].try_into().expect("the slice has the array's length");
            let mut mask = self.screen(block);
            while mask != 0 {
                let position = at + 2 * mask.trailing_zeros() as usize;
                mask &= mask - 1;
                self.compare(literals, hay, position, &region, out);
            }
            at += STEP;
        }
        while at + 3 <= last {
            let h = hash(u32::from_le_bytes([hay[at], hay[at + 1], hay[at + 2], 0]));
            if self.bitmap[h as usize >> 6] >> (h & 63) & 1 != 0 {
                self.compare(literals, hay, at, &region, out);
            }
            at += 2;
        }
    }

    /// One bit per even position of the block: the bitmap has its gram.
    #[inline]
    fn screen(&self, block: &[u8; STEP + 2]) -> u32 {
        let mut mask = 0;
        for i in 0..STEP / 2 {
            let window = u32::from_le_bytes([block[2 * i], block[2 * i + 1], block[2 * i + 2], 0]);
            let h = hash(window);
            mask |= ((self.bitmap[h as usize >> 6] >> (h & 63)) as u32 & 1) << i;
        }
        mask
    }

    /// Compares the literals that have the gram at `position`.
    #[cold]
    #[inline(never)]
    fn compare(
        &self,
        literals: &Literals,
        hay: &[u8],
        position: usize,
        region: &Range<usize>,
        out: &mut Vec<Candidate>,
    ) {
        let hash = hash(gram(hay, position)) as u16;
        let bucket = usize::from(hash) >> (HASH_BITS - BUCKET_BITS);
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        for entry in &self.entries[range] {
            if entry.hash == hash
                && let Some(at) = position.checked_sub(usize::from(entry.offset))
                && region.contains(&at)
                && literals.is_at(entry.literal, hay, at)
            {
                out.push(Candidate { at, literal: entry.literal });
            }
        }
    }
}

/// Bytes screened at a time.
const STEP: usize = 32;
