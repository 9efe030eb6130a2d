//! One reading of a text for all that can begin something wrapped.
//!
//! Sixty-four bytes at a time are sorted into classes of characters, each as the bits of a number; the bits of a
//! [`Kind`] are made of these and of carries from the block before. A [`Survey`] keeps the bits of each kind side by
//! side, so a search goes over sixty-four bytes by looking at one number, and in ordinary text nearly all of these
//! are zero.
//!
//! With AVX2 or SSSE3 where the processor has it: any class of ASCII is one look into a table of sixteen bytes by the
//! lower half of a byte, which says for which upper halves it belongs. Elsewhere byte by byte.

#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "loads and calls of SSSE3 and, where it is, of AVX2")
)]

/// Bytes of a block.
pub(crate) const BLOCK: usize = 64;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The first byte of each run of at least twenty bytes in the alphabet of base64 or base64url. Exact.
    Long,
    /// Bytes that can begin a seam between two strings: a quote before what can lead to another string, or a
    /// backslash before the end of the line. Some others too, but never one less.
    Seams,
    /// Quotes and `=` that can open a literal of letters and digits. Some others too, but never one less.
    Opens,
    /// Bytes that can begin a character that shows nothing or looks like another: an escape, and the first bytes of
    /// some characters beyond ASCII. Some others too, but never one less.
    Foreign,
}

const KINDS: usize = 4;
/// Blocks that are done at once.
const BATCH: usize = 16;

/// Room for the bits, to be used again.
#[derive(Debug, Default)]
pub(super) struct Planes {
    /// Which bytes are in the alphabet of base64, with a number in front of those of the blocks, and one behind.
    words: Vec<u64>,
    of: [Vec<u64>; KINDS],
}

impl Planes {
    fn resize(&mut self, blocks: usize) {
        let sized = |plane: &mut Vec<u64>, len| {
            plane.truncate(len);
            plane.shrink_to(KEPT);
            plane.resize(len, 0);
        };
        sized(&mut self.words, blocks + 2);
        self.of.iter_mut().for_each(|plane| sized(plane, blocks));
    }
}

/// More blocks than this are not kept room for.
const KEPT: usize = (2 << 20) / BLOCK;

/// The bits of a part of a text. Those of the rest are made when they are asked for.
pub(super) struct Survey<'t> {
    bytes: &'t [u8],
    /// The first block of the part.
    first: usize,
    planes: &'t Planes,
}

impl<'t> Survey<'t> {
    /// Reads `part` of `bytes`, a little more of it where it does not begin and end with a block.
    pub(super) fn new(bytes: &'t [u8], part: std::ops::Range<usize>, planes: &'t mut Planes) -> Self {
        let first = part.start / BLOCK;
        let end = part.end.min(bytes.len()).div_ceil(BLOCK).max(first);
        planes.resize(end - first);
        fill(bytes, first, planes);
        Self { bytes, first, planes }
    }

    /// The text.
    #[inline]
    pub(super) fn bytes(&self) -> &'t [u8] {
        self.bytes
    }

    /// The first byte of the kind in `from..end`.
    #[inline]
    pub(super) fn next(&self, kind: Kind, from: usize, end: usize) -> Option<usize> {
        let end = end.min(self.bytes.len());
        if from >= end {
            return None;
        }
        let blocks = end.div_ceil(BLOCK);
        let mut block = from / BLOCK;
        let mut word = self.bits(kind, block) & u64::MAX << (from % BLOCK);
        while word == 0 {
            block += 1;
            if block >= blocks {
                return None;
            }
            word = self.bits(kind, block);
        }
        let found = block * BLOCK + word.trailing_zeros() as usize;
        (found < end).then_some(found)
    }

    /// How many bytes from `at` on are in the alphabet of base64.
    pub(super) fn word(&self, at: usize) -> usize {
        let mut block = at / BLOCK;
        let mut others = !self.words(block) & u64::MAX << (at % BLOCK);
        while others == 0 {
            block += 1;
            others = !self.words(block);
        }
        block * BLOCK + others.trailing_zeros() as usize - at
    }

    /// The bits of a block; zeros past the end.
    #[inline]
    fn bits(&self, kind: Kind, block: usize) -> u64 {
        match self.planes.of[kind as usize].get(block.wrapping_sub(self.first)) {
            Some(bits) => *bits,
            None => self.bits_apart(kind, block),
        }
    }

    fn words(&self, block: usize) -> u64 {
        match self.planes.words.get((block + 1).wrapping_sub(self.first)) {
            Some(words) => *words,
            None => self.classes(block).word,
        }
    }

    #[cold]
    fn bits_apart(&self, kind: Kind, block: usize) -> u64 {
        match kind {
            Kind::Foreign => padded(self.bytes, block).map_or(0, |bytes| bytes_foreign(&bytes)),
            Kind::Long => {
                let before = block.checked_sub(1).map_or(0, |before| self.classes(before).word);
                begins_long(before, self.classes(block).word, self.classes(block + 1).word)
            }
            // What the block before carries into this one is not known: it may.
            Kind::Seams => rows(&self.classes(block), &mut Carry::default(), || 0)[1],
            Kind::Opens => rows(&self.classes(block), &mut Carry::default(), || 0)[2],
        }
    }

    /// The classes of a block; none past the end.
    fn classes(&self, block: usize) -> Classes {
        padded(self.bytes, block).map_or_else(Classes::default, |bytes| classify(&bytes))
    }
}

/// Where runs of words of at least twenty bytes begin in a block.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to be compiled with the features of its caller")]
fn begins_long(before: u64, here: u64, next: u64) -> u64 {
    // Shifting the bits onto themselves leaves those that have so many behind them.
    let mut both = (here, next);
    for by in [1, 2, 4, 8, 4] {
        both = (both.0 & (both.0 >> by | both.1 << (64 - by)), both.1 & both.1 >> by);
    }
    both.0 & !(here << 1 | before >> 63)
}

/// Which bytes of a block are NUL.
#[inline]
pub(crate) fn zeros(block: &[u8; BLOCK]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_setzero_si128};
        block.as_chunks::<16>().0.iter().rev().fold(0, |all, part| {
            // SAFETY: sixteen bytes of an array of sixteen; SSE2 is part of x86-64.
            let bits = unsafe {
                let bytes = _mm_loadu_si128(part.as_ptr().cast());
                _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128()))
            };
            all << 16 | u64::from(bits.cast_unsigned())
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    block.iter().rev().fold(0, |all, b| all << 1 | u64::from(*b == 0))
}

/// A block, with zeros past the end of the text; `None` past its last one.
fn padded(bytes: &[u8], block: usize) -> Option<[u8; BLOCK]> {
    let rest = bytes.get(block.checked_mul(BLOCK)?..).filter(|rest| !rest.is_empty())?;
    let mut padded = [0; BLOCK];
    let len = rest.len().min(BLOCK);
    padded[..len].copy_from_slice(&rest[..len]);
    Some(padded)
}

/// Which bytes of a block are of which class.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Classes {
    /// The alphabets of base64.
    word: u64,
    /// What a fragment is made of, and the digits among them.
    fragment: u64,
    digit: u64,
    /// `"` and `'`.
    quote: u64,
    /// `=`.
    equals: u64,
    /// What may follow a quote at a seam: an operator, a blank, another quote, or `)`.
    seam: u64,
    slash: u64,
    newline: u64,
    /// Bytes beyond ASCII, and escapes.
    high: u64,
}

/// What a block leaves to the next one.
#[derive(Debug)]
struct Carry {
    /// Whether its last byte opens.
    opens: u64,
    /// Whether a fragment goes on without a digit so far.
    letters: bool,
}

impl Default for Carry {
    /// When it is not known, it may.
    fn default() -> Self {
        Self { opens: 1, letters: true }
    }
}

/// The words of a block, and the bits of all kinds that are told by the block itself. What follows it may be anything.
#[inline(always)]
#[expect(clippy::inline_always, reason = "to be compiled with the features of its caller")]
fn rows(here: &Classes, carry: &mut Carry, foreign: impl FnOnce() -> u64) -> [u64; KINDS] {
    let then = |one: u64| one >> 1 | 1 << 63;
    let seams = here.quote & then(here.seam) | here.slash & then(here.newline);

    // A literal is worth a look when a digit is in it. Adding the first character to those that are no digits lets
    // a carry run to the first that is another: a digit, or the end.
    let opens = here.quote | here.equals;
    let starts = opens << 1 | carry.opens;
    let letters = here.fragment & !here.digit;
    let (sum, one) = letters.overflowing_add(starts & letters);
    let (sum, two) = sum.overflowing_add(u64::from(carry.letters));
    let met = (sum & !letters | starts) & here.digit;
    carry.opens = opens >> 63;
    carry.letters = one | two;
    let kept = met != 0 || carry.letters || carry.opens != 0;
    let opens = if kept { opens & then(here.fragment) } else { 0 };

    let foreign = if here.high == 0 { 0 } else { foreign() };
    [here.word, seams, opens, foreign]
}

/// A class of ASCII as a table: by the lower half of a byte, the upper halves with which it belongs.
#[cfg(target_arch = "x86_64")]
const fn table(class: u16) -> [u8; 16] {
    let mut table = [0; 16];
    let mut b = 0;
    while b < 128 {
        if CLASS[b] & class != 0 {
            table[b & 15] |= 1 << (b >> 4);
        }
        b += 1;
    }
    table
}

/// The bit of an upper half. Bytes beyond ASCII have some bit: they are in no table.
#[cfg(target_arch = "x86_64")]
const HALVES: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 1, 1, 1, 1, 1, 1, 1];

const WORD: u16 = 1;
const FRAGMENT: u16 = 1 << 1;
const DIGIT: u16 = 1 << 2;
const QUOTE: u16 = 1 << 3;
const EQUALS: u16 = 1 << 4;
const SEAM: u16 = 1 << 5;
const SLASH: u16 = 1 << 6;
const NEWLINE: u16 = 1 << 7;
const HIGH: u16 = 1 << 8;

/// The classes of each byte.
const CLASS: [u16; 256] = {
    let mut class = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        let alphanumeric = c.is_ascii_alphanumeric();
        let operator = matches!(c, b'+' | b'*' | b'.' | b'&' | b'|' | b'~' | b'<' | b'^' | b'\\');
        let of = [
            (alphanumeric || matches!(c, b'+' | b'/' | b'-' | b'_'), WORD),
            (
                alphanumeric || matches!(c, b'_' | b'-' | b'+' | b'/' | b'.' | b'=' | b'~' | b'!' | b'%'),
                FRAGMENT,
            ),
            (c.is_ascii_digit(), DIGIT),
            (matches!(c, b'"' | b'\''), QUOTE),
            (c == b'=', EQUALS),
            (operator || c.is_ascii_whitespace() || matches!(c, b'"' | b'\'' | b')'), SEAM),
            (c == b'\\', SLASH),
            (matches!(c, b'\n'..=b'\r'), NEWLINE),
            (c >= 0x80 || c == 0x1b, HIGH),
        ];
        let mut n = 0;
        while n < of.len() {
            if of[n].0 {
                class[b] |= of[n].1;
            }
            n += 1;
        }
        b += 1;
    }
    class
};

/// Fills the planes from the block `first` on.
fn fill(bytes: &[u8], first: usize, planes: &mut Planes) {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { avx2::fill(bytes, first, planes) };
        }
        if std::arch::is_x86_feature_detected!("ssse3") {
            // SAFETY: the processor has SSSE3.
            return unsafe { ssse3::fill(bytes, first, planes) };
        }
    }
    plain::fill(bytes, first, planes);
}

/// The classes of one block.
fn classify(block: &[u8; BLOCK]) -> Classes {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::classify(block) };
    }
    plain::classify(block)
}

fn bytes_foreign(block: &[u8; BLOCK]) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { avx2::foreign(block) };
    }
    plain::foreign(block)
}

/// The body of `fill`, over the `classify` and `foreign` of the module around it.
macro_rules! filling {
    ($bytes:ident, $first:ident, $planes:ident) => {
        let super::Planes { words, of: [long, seams, opens, distant] } = $planes;
        let (count, all) = (long.len(), words);
        let [_, words @ .., _] = all.as_mut_slice() else { return };
        let whole = $bytes.get($first * super::BLOCK..).unwrap_or_default().as_chunks::<{ super::BLOCK }>().0;
        let last = super::padded($bytes, $first + whole.len()).filter(|_| whole.len() < count);
        let mut carry = super::Carry::default();
        // Some rows at once, so that there is one place to write to.
        let batches = whole[..count.min(whole.len())].chunks(super::BATCH).chain(last.as_slice().chunks(1));
        let mut at = 0;
        for blocks in batches {
            let mut made = [[0; super::BATCH]; super::KINDS];
            for (n, block) in blocks.iter().enumerate().take(super::BATCH) {
                let rows = super::rows(&classify(block), &mut carry, || foreign(block));
                made.iter_mut().zip(rows).for_each(|(made, row)| made[n] = row);
            }
            for (plane, made) in [&mut *words, seams, opens, distant].into_iter().zip(&made) {
                plane[at..at + blocks.len()].copy_from_slice(&made[..blocks.len()]);
            }
            at += blocks.len();
        }
        // What is around the part.
        let beside = |block| super::padded($bytes, block).map_or(0, |block| classify(&block).word);
        if let [before, .., next] = all.as_mut_slice() {
            *before = $first.checked_sub(1).map_or(0, beside);
            *next = beside($first + count);
        }
        let near = all.iter().zip(&all[1..]).zip(&all[2..]);
        for (long, ((before, here), next)) in long.iter_mut().zip(near) {
            *long = super::begins_long(*before, *here, *next);
        }
    };
}

/// The same for vectors of so many bytes; the operations are those of the module around it.
#[cfg(target_arch = "x86_64")]
macro_rules! vectors {
    ($feature:literal, $lanes:literal) => {
        #[target_feature(enable = $feature)]
        pub(super) fn fill(bytes: &[u8], first: usize, planes: &mut super::Planes) {
            filling!(bytes, first, planes);
        }

        #[inline]
        #[target_feature(enable = $feature)]
        pub(super) fn classify(block: &[u8; super::BLOCK]) -> super::Classes {
            let mut all = super::Classes::default();
            for (n, bytes) in block.as_chunks::<$lanes>().0.iter().enumerate() {
                let b = load(bytes);
                let half = halves(b);
                let mask = |v| bits(v) << ($lanes * n);
                all.word |= mask(in_table(b, half, const { super::table(super::WORD) }));
                all.fragment |= mask(in_table(b, half, const { super::table(super::FRAGMENT) }));
                all.quote |= mask(in_table(b, half, const { super::table(super::QUOTE) }));
                all.seam |= mask(in_table(b, half, const { super::table(super::SEAM) }));
                all.digit |= mask(within(b, b'0', b'9'));
                all.newline |= mask(within(b, b'\n', b'\r'));
                all.equals |= mask(is(b, b'='));
                all.slash |= mask(is(b, b'\\'));
                all.high |= mask(or(b, is(b, 0x1b)));
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
mod ssse3 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi8, _mm_and_si128, _mm_cmpeq_epi8, _mm_cmplt_epi8, _mm_loadu_si128,
        _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm_shuffle_epi8, _mm_srli_epi16,
    };

    vectors!("ssse3", 16);

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn load(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: sixteen bytes of an array of sixteen.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn halves(v: __m128i) -> __m128i {
        let upper = _mm_and_si128(_mm_srli_epi16::<4>(v), _mm_set1_epi8(0x0f));
        _mm_shuffle_epi8(load(&super::HALVES), upper)
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn in_table(v: __m128i, half: __m128i, table: [u8; 16]) -> __m128i {
        // For a byte beyond ASCII the table gives zero.
        _mm_cmpeq_epi8(_mm_and_si128(_mm_shuffle_epi8(load(&table), v), half), half)
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn bits(v: __m128i) -> u64 {
        u64::from(_mm_movemask_epi8(v).cast_unsigned())
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn is(v: __m128i, byte: u8) -> __m128i {
        _mm_cmpeq_epi8(v, _mm_set1_epi8(byte.cast_signed()))
    }

    /// Bytes of `low..=high`, shifted so that they are the lowest signed numbers.
    #[inline]
    #[target_feature(enable = "ssse3")]
    fn within(v: __m128i, low: u8, high: u8) -> __m128i {
        let shift = _mm_set1_epi8(0x80_u8.wrapping_sub(low).cast_signed());
        let limit = _mm_set1_epi8((0x80 + (high - low) + 1).cast_signed());
        _mm_cmplt_epi8(_mm_add_epi8(v, shift), limit)
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn or(a: __m128i, b: __m128i) -> __m128i {
        _mm_or_si128(a, b)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_add_epi8, _mm256_and_si256, _mm256_broadcastsi128_si256,
        _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    vectors!("avx2", 32);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(bytes: &[u8; 32]) -> __m256i {
        // SAFETY: thirty-two bytes of an array of thirty-two.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn twice(bytes: &[u8; 16]) -> __m256i {
        // SAFETY: sixteen bytes of an array of sixteen.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn halves(v: __m256i) -> __m256i {
        let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(v), _mm256_set1_epi8(0x0f));
        _mm256_shuffle_epi8(twice(&super::HALVES), upper)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn in_table(v: __m256i, half: __m256i, table: [u8; 16]) -> __m256i {
        // For a byte beyond ASCII the table gives zero.
        _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(twice(&table), v), half), half)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(v: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(v).cast_unsigned())
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn is(v: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(v, _mm256_set1_epi8(byte.cast_signed()))
    }

    /// Bytes of `low..=high`, shifted so that they are the lowest signed numbers.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn within(v: __m256i, low: u8, high: u8) -> __m256i {
        let shift = _mm256_set1_epi8(0x80_u8.wrapping_sub(low).cast_signed());
        let limit = _mm256_set1_epi8((0x80 + (high - low) + 1).cast_signed());
        _mm256_cmpgt_epi8(limit, _mm256_add_epi8(v, shift))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn or(a: __m256i, b: __m256i) -> __m256i {
        _mm256_or_si256(a, b)
    }
}

mod plain {
    pub(super) fn fill(bytes: &[u8], first: usize, planes: &mut super::Planes) {
        filling!(bytes, first, planes);
    }

    pub(super) fn classify(block: &[u8; super::BLOCK]) -> super::Classes {
        let mut all = super::Classes::default();
        for (n, b) in block.iter().enumerate() {
            let class = super::CLASS[usize::from(*b)];
            let of = |one: u16| u64::from(class & one != 0) << n;
            all.word |= of(super::WORD);
            all.fragment |= of(super::FRAGMENT);
            all.digit |= of(super::DIGIT);
            all.quote |= of(super::QUOTE);
            all.equals |= of(super::EQUALS);
            all.seam |= of(super::SEAM);
            all.slash |= of(super::SLASH);
            all.newline |= of(super::NEWLINE);
            all.high |= of(super::HIGH);
        }
        all
    }

    pub(super) fn foreign(block: &[u8; super::BLOCK]) -> u64 {
        let is = |b: u8| matches!(b, 0x1b | 0xc2 | 0xcc..=0xd1 | 0xe1 | 0xe2 | 0xef..=0xf3);
        block.iter().rev().fold(0, |bits, b| bits << 1 | u64::from(is(*b)))
    }
}

#[cfg(test)]
mod tests;
