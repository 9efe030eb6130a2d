//! Wallet phrases (BIP-39): words of a list of 2048, with a few bits of SHA-256 at the end.
//!
//! Twelve random words of the list pass one time in sixteen, so a phrase still needs its context.

use std::collections::HashMap;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::Check;

fn index() -> &'static HashMap<&'static [u8], u16> {
    static INDEX: OnceLock<HashMap<&'static [u8], u16>> = OnceLock::new();
    INDEX.get_or_init(|| {
        let words = include_str!("bip39-english.txt").split_ascii_whitespace();
        words.zip(0..).map(|(word, number)| (word.as_bytes(), number)).collect()
    })
}

/// Checks a phrase of 12, 15, 18, 21 or 24 words, separated by anything but letters.
pub(super) fn check(phrase: &[u8]) -> Check {
    let lower = phrase.to_ascii_lowercase();
    let words: Vec<&[u8]> =
        lower.split(|b| !b.is_ascii_lowercase()).filter(|word| !word.is_empty()).take(25).collect();
    if !matches!(words.len(), 12 | 15 | 18 | 21 | 24) {
        return Check::Unknown;
    }
    let numbers: Option<Vec<u16>> = words.iter().map(|word| index().get(word).copied()).collect();
    Check::confirmed(numbers.is_some_and(|numbers| checksum_is_right(&numbers)))
}

fn checksum_is_right(numbers: &[u16]) -> bool {
    let bits = numbers.iter().flat_map(|n| (0..11).rev().map(move |i| n >> i & 1 == 1));
    let mut bytes = vec![0_u8; (numbers.len() * 11).div_ceil(8)];
    for (at, bit) in bits.enumerate() {
        bytes[at / 8] |= u8::from(bit) << (7 - at % 8);
    }
    // One bit of sum for three words; the entropy before it is whole bytes.
    let sum_bits = numbers.len() / 3;
    let entropy = (numbers.len() * 11 - sum_bits) / 8;
    let mask = !0_u8 << (8 - sum_bits);
    let digest = Sha256::digest(&bytes[..entropy]);
    (digest[0] ^ bytes[entropy]) & mask == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_specification() {
        let zeros = "abandon ".repeat(11) + "about";
        for phrase in [
            zeros.as_str(),
            "legal winner thank year wave sausage worth useful legal winner thank yellow",
            "LEGAL, winner\nthank year wave sausage worth useful legal winner thank yellow",
        ] {
            assert_eq!(check(phrase.as_bytes()), Check::checksum(), "{phrase}");
        }
        let long = "abandon ".repeat(23) + "art";
        assert_eq!(check(long.as_bytes()), Check::checksum());
    }

    #[test]
    fn other_words_fail() {
        let zeros = "abandon ".repeat(12);
        assert_eq!(check(zeros.as_bytes()), Check::Failed);
        assert_eq!(check(b"the quick brown fox jumps over the lazy dog and runs away"), Check::Failed);
        assert_eq!(check(b"abandon about"), Check::Unknown);
    }
}
