//! Sixty-four bytes at a time: which of them are of a kind, as the bits of a number.
//!
//! On x86-64 with the 128-bit instructions that every such processor has, elsewhere byte by byte.

#![cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "calls of SSE2, which every x86-64 has"))]

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Bit `n` is set where byte `n` is in the alphabet of base64 or base64url.
pub(super) fn runs(block: &[u8; BLOCK]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the function needs SSE2, which is part of x86-64.
        unsafe { x86::runs(block) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    plain::runs(block)
}

/// Bit `n` is set where byte `n` and the next one can begin a seam between two strings: a quote, then what is
/// no comma, letter or digit; or a backslash, then the end of the line.
///
/// `next` is the block one byte further. May be set for others, never unset for one.
pub(super) fn seams(block: &[u8; BLOCK], next: &[u8; BLOCK]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the function needs SSE2, which is part of x86-64.
        unsafe { x86::seams(block, next) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    plain::seams(block, next)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_movemask_epi8,
        _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    #[target_feature(enable = "sse2")]
    pub(super) fn runs(block: &[u8; super::BLOCK]) -> u64 {
        let mut all = 0;
        for (n, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
            let b = load(bytes);
            let letters = within(with(b, 0x20), b'a', b'z');
            let digits = within(b, b'/', b'9');
            let marks = or(or(is(b, b'+'), is(b, b'-')), is(b, b'_'));
            all |= bits(or(or(letters, digits), marks)) << (16 * n);
        }
        all
    }

    #[target_feature(enable = "sse2")]
    pub(super) fn seams(block: &[u8; super::BLOCK], next: &[u8; super::BLOCK]) -> u64 {
        let mut all = 0;
        let pairs = block.as_chunks::<16>().0.iter().zip(next.as_chunks::<16>().0);
        for (n, (a, b)) in pairs.enumerate() {
            let (a, b) = (load(a), load(b));
            // 0x22 and 0x27 with the bits of 5 set are 0x27; `#` and `&` too, which does no harm.
            let quote = is(with(a, 0x05), b'\'');
            // `\ ^ | ~` with the bits of 0x22 set are `~`.
            let operator = is(with(b, 0x22), b'~');
            let low = or(within(b, b'\t', b'+'), or(is(b, b'.'), is(b, b'<')));
            let line = and(is(a, b'\\'), within(b, b'\n', b'\r'));
            all |= bits(or(and(quote, or(operator, low)), line)) << (16 * n);
        }
        all
    }

    #[target_feature(enable = "sse2")]
    fn load(bytes: &[u8; 16]) -> __m128i {
        let (halves, _) = bytes.as_chunks::<8>();
        _mm_set_epi64x(i64::from_le_bytes(halves[1]), i64::from_le_bytes(halves[0]))
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

#[cfg(any(test, not(target_arch = "x86_64")))]
mod plain {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_and_plain_code_agree_on_every_pair() {
        for a in 0..=255_u8 {
            assert_eq!(runs(&[a; BLOCK]), plain::runs(&[a; BLOCK]), "{a}");
            for b in 0..=255_u8 {
                let (block, next) = ([a; BLOCK], [b; BLOCK]);
                assert_eq!(seams(&block, &next), plain::seams(&block, &next), "{a} {b}");
            }
        }
    }

    #[test]
    fn bits_are_in_the_order_of_bytes() {
        let mut block = [b' '; BLOCK];
        for at in [0, 7, 8, 16, 31, 63] {
            block[at] = b'a';
            assert_eq!((runs(&block), plain::runs(&block)), (1 << at, 1 << at));
            block[at] = b' ';
        }
    }
}
