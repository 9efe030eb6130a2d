//! Looks at every position of a text and says where an anchor may be.
//!
//! # Contract
//! A bit is set for every position where the table has the window, or a group has the pair. Never fewer
//! bits: every implementation gives the same masks as [`portable`], which the tests compare.
//!
//! The implementation is chosen when a detector is made. With AVX2, eight windows are hashed and tested at a
//! time; with SSE 4.1 and with NEON, windows are hashed four at a time; everything else takes the portable one.

use super::index::grams::{self, Grams, Table};
use super::index::pairs::Halves;
use super::{List, positions};

/// Positions in one mask.
pub(super) const BLOCK: usize = 64;
/// Bytes past the last position that a screen looks at.
pub(super) const OVERHANG: usize = 16;

/// An implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    #[cfg(target_arch = "x86_64")]
    Avx2(super::avx2::Avx2),
    #[cfg(target_arch = "x86_64")]
    Sse(super::sse::Sse),
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon(super::neon::Neon),
    Portable,
}

impl Screen {
    /// The fastest that this machine has.
    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = super::avx2::Avx2::detect() {
            return Self::Avx2(avx2);
        } else if let Some(sse) = super::sse::Sse::detect() {
            return Self::Sse(sse);
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        if let Some(neon) = super::neon::Neon::detect() {
            return Self::Neon(neon);
        }
        Self::Portable
    }

    /// Every one that this machine has, the fastest first, with its name.
    pub(super) fn all() -> Vec<(&'static str, Self)> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(super::avx2::Avx2::detect().map(|avx2| ("avx2", Self::Avx2(avx2))));
            all.extend(super::sse::Sse::detect().map(|sse| ("sse4.1", Self::Sse(sse))));
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        all.extend(super::neon::Neon::detect().map(|neon| ("neon", Self::Neon(neon))));
        all.push(("portable", Self::Portable));
        all
    }

    /// Fills `masks`, one bit for each of the first `BLOCK * masks.len()` positions of `text`, which is
    /// `OVERHANG` bytes longer than that.
    #[inline]
    pub(super) fn grams(self, table: &Table, text: &[u8], masks: &mut [u64]) {
        assert!(text.len() >= masks.len() * BLOCK + OVERHANG, "a screen looks past its last position");
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.grams(table, text, masks),
            #[cfg(target_arch = "x86_64")]
            Self::Sse(sse) => sse.grams(table, text, masks),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon(neon) => neon.grams(table, text, masks),
            Self::Portable => portable::grams(table, text, masks),
        }
    }

    /// Lists the positions among the first `BLOCK * masks.len()` where an anchor may be seen, and says how
    /// many. `text` begins at `at` in `hay`, and may go on with zeros where that ends.
    #[inline]
    pub(super) fn sift(
        self,
        grams: &Grams,
        text: &[u8],
        (hay, at): (&[u8], usize),
        masks: &mut [u64],
        list: &mut List,
    ) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.sift(grams, text, (hay, at), masks, list),
            #[cfg(target_arch = "x86_64")]
            Self::Sse(sse) => sse.sift(grams, text, (hay, at), masks, list),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon(neon) => neon.sift(grams, text, (hay, at), masks, list),
            Self::Portable => {
                self.grams(&grams.table, text, masks);
                let listed = positions(masks, list);
                grams.reconsider(hay, at, &mut list[..listed])
            }
        }
    }

    /// The same for pairs.
    #[inline]
    pub(super) fn pairs(self, halves: &Halves, text: &[u8], masks: &mut [u64]) {
        assert!(text.len() >= masks.len() * BLOCK + OVERHANG, "a screen looks past its last position");
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.pairs(halves, text, masks),
            #[cfg(target_arch = "x86_64")]
            Self::Sse(sse) => sse.pairs(halves, text, masks),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon(neon) => neon.pairs(halves, text, masks),
            Self::Portable => portable::pairs(halves, text, masks),
        }
    }
}

/// The screen in plain Rust, which is also what the others have to equal.
pub(super) mod portable {
    use super::{BLOCK, Halves, Table, grams};

    pub(in super::super) fn grams(table: &Table, text: &[u8], masks: &mut [u64]) {
        for (text, mask) in text.windows(BLOCK + 3).step_by(BLOCK).zip(masks) {
            let text: &[u8; BLOCK + 3] = text.try_into().expect("windows have this length");
            *mask = (0..BLOCK).fold(0, |mask, i| {
                let window = u32::from_le_bytes([text[i], text[i + 1], text[i + 2], text[i + 3]]);
                mask | u64::from(grams::has(table, window)) << i
            });
        }
    }

    pub(in super::super) fn pairs(halves: &Halves, text: &[u8], masks: &mut [u64]) {
        for (text, mask) in text.windows(BLOCK + 1).step_by(BLOCK).zip(masks) {
            let text: &[u8; BLOCK + 1] = text.try_into().expect("windows have this length");
            *mask = (0..BLOCK).fold(0, |mask, i| mask | u64::from(halves.has(text[i], text[i + 1])) << i);
        }
    }
}
