//! A fresh fake secret, made at run time and never seen before.
//!
//! It has the shape and the checksum of a GitHub token (30 random characters, then their CRC-32 in base 62),
//! so that a detector has every reason to believe it. It opens nothing.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A line of configuration that carries a fresh fake token.
pub(crate) fn line() -> String {
    format!("GITHUB_TOKEN={}\n", token())
}

/// 16 hex digits that nobody has used, for names.
pub(crate) fn nonce() -> String {
    format!("{:016x}", random())
}

fn token() -> String {
    let mut left = 0;
    let body: String = (0..30)
        .map(|_| {
            if left < 62 {
                left = random();
            }
            let digit = DIGITS[(left % 62) as usize];
            left /= 62;
            char::from(digit)
        })
        .collect();
    // In two pieces, so that this file does not look like a token to anybody.
    format!("ghp{}{body}{}", "_", base62(crc32(body.as_bytes())))
}

/// The keys of a `RandomState` are random and differ from one to the next.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn base62(mut number: u32) -> String {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// CRC-32 as in zlib (reflected, polynomial `edb88320`).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_zlibs() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(base62(u32::MAX), "4gfFC3");
        assert_eq!(base62(61), "00000z");
    }

    #[test]
    fn every_token_is_new_and_whole() {
        let (one, other) = (token(), token());
        assert_ne!(one, other);
        assert_eq!(one.len(), 40);
        assert_eq!(one[34..], base62(crc32(&one.as_bytes()[4..34])));
    }
}
