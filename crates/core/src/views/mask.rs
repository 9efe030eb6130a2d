//! Sixty-four bytes at a time: which of them are of a kind, as the bits of a number.
//!
//! [`Lanes`] does a kilobyte in advance and keeps it, so that a search that stops at every find does not look
//! twice. With AVX2 where the processor has it, with the 128-bit instructions of every x86-64 where not, and
//! elsewhere byte by byte.

#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "loads and calls of SSE2 and, where it is, of AVX2")
)]

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;
/// Blocks that are done at once.
const BATCH: usize = 16;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bytes in the alphabet of base64 or base64url.
    Runs,
    /// Bytes that can begin a seam between two strings: a quote before what is no comma, letter or digit; or
    /// a backslash before the end of the line. Some others too, but never one less.
    Seams,
    /// Bytes that can open a literal that begins with a letter or a digit: a quote or `=` before one.
    Opens,
    /// Bytes that can begin a character that shows nothing or looks like another: an escape, and the first bytes of
    /// some characters beyond ASCII. Some others too, but never one less.
    Foreign,
}

/// The blocks of a text as bits.
pub(super) struct Lanes<'t> {
    bytes: &'t [u8],
    kind: Kind,
    /// Where the masks begin, and end.
    base: usize,
    end: usize,
    masks: [u64; BATCH],
}

impl<'t> Lanes<'t> {
    pub(super) fn new(bytes: &'t [u8], kind: Kind) -> Self {
        Self { bytes, kind, base: 0, end: 0, masks: [0; BATCH] }
    }

    /// The bits of the block that begins at `at`, a multiple of [`BLOCK`]; zeros past the end.
    #[inline]
    pub(super) fn at(&mut self, at: usize) -> u64 {
        if !(self.base..self.end).contains(&at) {
            self.fill(at);
        }
        self.masks[(at - self.base) / BLOCK % BATCH]
    }

    #[inline(never)]
    fn fill(&mut self, at: usize) {
        let rest = self.bytes.get(at..).unwrap_or_default();
        // A byte more than the blocks: a seam is two bytes.
        let whole = (rest.len().saturating_sub(1) / BLOCK).min(BATCH);
        let (done, tail) = self.masks.split_at_mut(whole);
        batch(self.kind, &rest[..(whole * BLOCK + 1).min(rest.len())], done);
        tail.fill(0);
        if whole < BATCH {
            let left = &rest[whole * BLOCK..];
            let mut padded = [0; 2 * BLOCK + 1];
            padded[..left.len()].copy_from_slice(left);
            batch(self.kind, &padded[..=BLOCK], &mut tail[..1]);
        }
        self.base = at;
        self.end = at + BATCH * BLOCK;
    }
}

/// Fills `masks` from `bytes`, which has a byte more than the masks.
fn batch(kind: Kind, bytes: &[u8], masks: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::batch(kind, bytes, masks) }
        } else {
            // SAFETY: the function needs SSE2, which is part of x86-64.
            unsafe { x86::batch(kind, bytes, masks) }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    plain::batch(kind, bytes, masks);
}

/// The same over all blocks.
macro_rules! batch {
    ($kind:ident, $bytes:ident, $masks:ident) => {
        let (blocks, nexts) = ($bytes.as_chunks().0, $bytes.get(1..).unwrap_or_default().as_chunks().0);
        match $kind {
            super::Kind::Runs => {
                $masks.iter_mut().zip(blocks).for_each(|(mask, block)| *mask = runs(block));
            }
            super::Kind::Seams => {
                let pairs = blocks.iter().zip(nexts);
                $masks.iter_mut().zip(pairs).for_each(|(mask, (block, next))| *mask = seams(block, next));
            }
            super::Kind::Opens => {
                let pairs = blocks.iter().zip(nexts);
                $masks.iter_mut().zip(pairs).for_each(|(mask, (block, next))| *mask = opens(block, next));
            }
            super::Kind::Foreign => {
                $masks.iter_mut().zip(blocks).for_each(|(mask, block)| *mask = foreign(block));
            }
        }
    };
}

/// The same for vectors of so many bytes; the operations are those of the module around it.
#[cfg(target_arch = "x86_64")]
macro_rules! vectors {
    ($feature:literal, $lanes:literal) => {
        #[target_feature(enable = $feature)]
        pub(super) fn batch(kind: super::Kind, bytes: &[u8], masks: &mut [u64]) {
            batch!(kind, bytes, masks);
        }

        #[target_feature(enable = $feature)]
        pub(super) fn runs(block: &[u8; super::BLOCK]) -> u64 {
            let mut all = 0;
            for (n, bytes) in block.as_chunks::<$lanes>().0.iter().enumerate() {
                let b = load(bytes);
                let letters = within(with(b, 0x20), b'a', b'z');
                let digits = within(b, b'/', b'9');
                let marks = or(or(is(b, b'+'), is(b, b'-')), is(b, b'_'));
                all |= bits(or(or(letters, digits), marks)) << ($lanes * n);
            }
            all
        }

        #[target_feature(enable = $feature)]
        pub(super) fn seams(block: &[u8; super::BLOCK], next: &[u8; super::BLOCK]) -> u64 {
            let mut all = 0;
            let pairs = block.as_chunks::<$lanes>().0.iter().zip(next.as_chunks::<$lanes>().0);
            for (n, (a, b)) in pairs.enumerate() {
                let (a, b) = (load(a), load(b));
                // 0x22 and 0x27 with the bits of 5 set are 0x27; `#` and `&` too, which does no harm.
                let quote = is(with(a, 0x05), b'\'');
                // `\ ^ | ~` with the bits of 0x22 set are `~`.
                let operator = is(with(b, 0x22), b'~');
                let low = or(within(b, b'\t', b'+'), or(is(b, b'.'), is(b, b'<')));
                let line = and(is(a, b'\\'), within(b, b'\n', b'\r'));
                all |= bits(or(and(quote, or(operator, low)), line)) << ($lanes * n);
            }
            all
        }

        #[target_feature(enable = $feature)]
        pub(super) fn opens(block: &[u8; super::BLOCK], next: &[u8; super::BLOCK]) -> u64 {
            let mut all = 0;
            let pairs = block.as_chunks::<$lanes>().0.iter().zip(next.as_chunks::<$lanes>().0);
            for (n, (a, b)) in pairs.enumerate() {
                let (a, b) = (load(a), load(b));
                let open = or(or(is(a, b'"'), is(a, b'\'')), is(a, b'='));
                let first = or(within(with(b, 0x20), b'a', b'z'), within(b, b'0', b'9'));
                all |= bits(and(open, first)) << ($lanes * n);
            }
            all
        }

        #[target_feature(enable = $feature)]
        pub(super) fn foreign(block: &[u8; super::BLOCK]) -> u64 {
            let mut all = 0;
            for (n, bytes) in block.as_chunks::<$lanes>().0.iter().enumerate() {
                let b = load(bytes);
                let one = or(is(b, 0x1b), is(b, 0xc2));
                let some = or(within(b, 0xcc, 0xd1), or(within(b, 0xe1, 0xe2), within(b, 0xef, 0xf3)));
                all |= bits(or(one, some)) << ($lanes * n);
            }
            all
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_loadu_si128,
        _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
    };

    vectors!("sse2", 16);

    #[target_feature(enable = "sse2")]
    fn load(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: sixteen bytes of an array of sixteen.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "sse2")]
    fn bits(v: __m128i) -> u64 {
        u64::from(_mm_movemask_epi8(v).cast_unsigned())
    }

    #[target_feature(enable = "sse2")]
    fn is(v: __m128i, byte: u8) -> __m128i {
        _mm_cmpeq_epi8(v, _mm_set1_epi8(byte.cast_signed()))
    }

    #[target_feature(enable = "sse2")]
    fn with(v: __m128i, bits: u8) -> __m128i {
        _mm_or_si128(v, _mm_set1_epi8(bits.cast_signed()))
    }

    /// Bytes of `low..=high`, shifted so that they are the lowest signed numbers.
    #[target_feature(enable = "sse2")]
    fn within(v: __m128i, low: u8, high: u8) -> __m128i {
        let shift = _mm_set1_epi8(0x80_u8.wrapping_sub(low).cast_signed());
        let limit = _mm_set1_epi8((0x80 + (high - low) + 1).cast_signed());
        _mm_cmplt_epi8(_mm_add_epi8(v, shift), limit)
    }

    #[target_feature(enable = "sse2")]
    fn or(a: __m128i, b: __m128i) -> __m128i {
        _mm_or_si128(a, b)
    }

    #[target_feature(enable = "sse2")]
    fn and(a: __m128i, b: __m128i) -> __m128i {
        _mm_and_si128(a, b)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi8, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };

    vectors!("avx2", 32);

    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: thirty-two bytes of an array of thirty-two.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[target_feature(enable = "avx2")]
    fn bits(v: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(v).cast_unsigned())
    }

    #[target_feature(enable = "avx2")]
    fn is(v: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(v, _mm256_set1_epi8(byte.cast_signed()))
    }

    #[target_feature(enable = "avx2")]
    fn with(v: __m256i, bits: u8) -> __m256i {
        _mm256_or_si256(v, _mm256_set1_epi8(bits.cast_signed()))
    }

    /// Bytes of `low..=high`, shifted so that they are the lowest signed numbers.
    #[target_feature(enable = "avx2")]
    fn within(v: __m256i, low: u8, high: u8) -> __m256i {
        let shift = _mm256_set1_epi8(0x80_u8.wrapping_sub(low).cast_signed());
        let limit = _mm256_set1_epi8((0x80 + (high - low) + 1).cast_signed());
        _mm256_cmpgt_epi8(limit, _mm256_add_epi8(v, shift))
    }

    #[target_feature(enable = "avx2")]
    fn or(a: __m256i, b: __m256i) -> __m256i {
        _mm256_or_si256(a, b)
    }

    #[target_feature(enable = "avx2")]
    fn and(a: __m256i, b: __m256i) -> __m256i {
        _mm256_and_si256(a, b)
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod plain {
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn batch(kind: super::Kind, bytes: &[u8], masks: &mut [u64]) {
        batch!(kind, bytes, masks);
    }

    pub(super) fn runs(block: &[u8; super::BLOCK]) -> u64 {
        let is = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
        block.iter().rev().fold(0, |bits, b| bits << 1 | u64::from(is(*b)))
    }

    pub(super) fn seams(block: &[u8; super::BLOCK], next: &[u8; super::BLOCK]) -> u64 {
        let low = |b: u8| matches!(b, b'\t'..=b'+' | b'.' | b'<' | b'\\' | b'^' | b'|' | b'~');
        let is = |a: u8, b: u8| {
            (matches!(a, b'"' | b'\'' | b'#' | b'&') && low(b)) || (a == b'\\' && matches!(b, b'\n'..=b'\r'))
        };
        block.iter().zip(next).rev().fold(0, |bits, (a, b)| bits << 1 | u64::from(is(*a, *b)))
    }

    pub(super) fn foreign(block: &[u8; super::BLOCK]) -> u64 {
        let is = |b: u8| matches!(b, 0x1b | 0xc2 | 0xcc..=0xd1 | 0xe1 | 0xe2 | 0xef..=0xf3);
        block.iter().rev().fold(0, |bits, b| bits << 1 | u64::from(is(*b)))
    }

    pub(super) fn opens(block: &[u8; super::BLOCK], next: &[u8; super::BLOCK]) -> u64 {
        let is = |a: u8, b: u8| matches!(a, b'"' | b'\'' | b'=') && b.is_ascii_alphanumeric();
        block.iter().zip(next).rev().fold(0, |bits, (a, b)| bits << 1 | u64::from(is(*a, *b)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vector_and_plain_code_agree_on_every_pair() {
        for a in 0..=255_u8 {
            for b in 0..=255_u8 {
                let bytes = [a, b].repeat(BLOCK);
                let block = bytes.first_chunk().unwrap();
                let next = bytes[1..].first_chunk().unwrap();
                let (mut runs, mut seams) = (Lanes::new(&bytes, Kind::Runs), Lanes::new(&bytes, Kind::Seams));
                assert_eq!(runs.at(0), plain::runs(block), "{a} {b}");
                assert_eq!(seams.at(0), plain::seams(block, next), "{a} {b}");
                let opens = Lanes::new(&bytes, Kind::Opens).at(0);
                assert_eq!(opens, plain::opens(block, next), "{a} {b}");
                let foreign = Lanes::new(&bytes, Kind::Foreign).at(0);
                assert_eq!(foreign, plain::foreign(block), "{a} {b}");
                #[cfg(target_arch = "x86_64")]
                {
                    // SAFETY: the functions need SSE2, which is part of x86-64.
                    let older =
                        unsafe { (x86::runs(block), x86::seams(block, next), x86::opens(block, next)) };
                    assert_eq!(older, (runs.at(0), seams.at(0), opens), "{a} {b}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_block_is_what_its_bytes_are(
            bytes in proptest::collection::vec(prop::sample::select(b"a\"' +\\\n,9".to_vec()), 0..3000),
            order in proptest::collection::vec(0usize..50, 1..20),
        ) {
            let mut padded = bytes.clone();
            padded.resize(4096, 0);
            let (mut runs, mut seams) = (Lanes::new(&bytes, Kind::Runs), Lanes::new(&bytes, Kind::Seams));
            for at in order.into_iter().map(|n| n * BLOCK) {
                let (block, next) = (padded[at..].first_chunk().unwrap(), padded[at + 1..].first_chunk().unwrap());
                prop_assert_eq!(runs.at(at), plain::runs(block));
                prop_assert_eq!(seams.at(at), plain::seams(block, next));
            }
        }
    }
}
