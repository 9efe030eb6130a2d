//! The encoders that fakes are made with, written apart from the decoders they test.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

pub(super) fn b64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn b64_bare(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes)
}

pub(super) fn b64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn unb64(text: &str) -> Vec<u8> {
    STANDARD_NO_PAD.decode(text.trim_end_matches('=')).expect("the caller made it")
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|v| char::from(super::HEX.as_bytes()[usize::from(v)]))
        .collect()
}

/// `number` in the base of `alphabet`, most significant digit first, padded on the left to `width`.
pub(super) fn radix(mut number: u64, alphabet: &str, width: usize) -> String {
    let alphabet = alphabet.as_bytes();
    let base = alphabet.len() as u64;
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(alphabet[(number % base) as usize]);
        number /= base;
    }
    while digits.len() < width {
        digits.push(alphabet[0]);
    }
    digits.iter().rev().map(|&d| char::from(d)).collect()
}

pub(super) fn crc32(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

/// Base 32 without padding, upper case.
pub(super) fn base32(bytes: &[u8]) -> String {
    five_bits(bytes).iter().map(|&v| char::from(super::BASE32.as_bytes()[usize::from(v)])).collect()
}

fn five_bits(bytes: &[u8]) -> Vec<u8> {
    let (mut hold, mut bits, mut out) = (0_u32, 0, Vec::new());
    for &byte in bytes {
        hold = hold << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push((hold >> bits & 31) as u8);
        }
        hold &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push((hold << (5 - bits) & 31) as u8);
    }
    out
}

/// Bech32 (BIP-173), lower case.
pub(super) fn bech32(prefix: &str, payload: &[u8]) -> String {
    const ALPHABET: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let data = five_bits(payload);
    let high = prefix.bytes().map(|b| b >> 5);
    let low = prefix.bytes().map(|b| b & 31);
    let values = high.chain([0]).chain(low).chain(data.iter().copied()).chain([0; 6]);
    let mut sum: u32 = 1;
    for value in values {
        let top = sum >> 25;
        sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, generator) in
            [0x3b6a_57b2_u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].iter().enumerate()
        {
            if top >> bit & 1 == 1 {
                sum ^= generator;
            }
        }
    }
    sum ^= 1;
    let check = (0..6).map(|i| (sum >> (5 * (5 - i)) & 31) as u8);
    let text: String =
        data.iter().copied().chain(check).map(|v| char::from(ALPHABET[usize::from(v)])).collect();
    format!("{prefix}1{text}")
}

/// Base58check: a double SHA-256 tail in the base of `alphabet`.
pub(super) fn base58check(payload: &[u8], alphabet: &str) -> String {
    let digest = Sha256::digest(Sha256::digest(payload));
    let mut bytes = payload.to_vec();
    bytes.extend_from_slice(&digest[..4]);
    base58(&bytes, alphabet)
}

pub(super) fn base58(bytes: &[u8], alphabet: &str) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    digits.extend(std::iter::repeat_n(0, zeros));
    digits.iter().rev().map(|&d| char::from(alphabet.as_bytes()[usize::from(d)])).collect()
}

/// CRC-16/XMODEM.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for &byte in bytes {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        }
    }
    crc
}

/// Marvin32 with an eight-character seed, as Microsoft's key signatures use it.
pub(super) fn marvin32(data: &[u8], seed: &str) -> u32 {
    let seed = u64::from_be_bytes(seed.as_bytes().try_into().expect("eight characters"));
    let (mut lo, mut hi) = (seed as u32, (seed >> 32) as u32);
    let mut block = |word: u32| {
        lo = lo.wrapping_add(word);
        hi ^= lo;
        lo = lo.rotate_left(20).wrapping_add(hi);
        hi = hi.rotate_left(9) ^ lo;
        lo = lo.rotate_left(27).wrapping_add(hi);
        hi = hi.rotate_left(19);
        lo ^ hi
    };
    let mut tail = data.to_vec();
    tail.push(0x80);
    while !tail.len().is_multiple_of(4) {
        tail.push(0);
    }
    for word in tail.chunks_exact(4) {
        block(u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    }
    block(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        assert_eq!(radix(61 * 62 + 1, super::super::BASE62, 6), "0000z1");
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(bech32("a", b""), "a12uel5l");
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(
            base58(b"Hello World!", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
            "2NEpo7TZRRrLZSi2U"
        );
    }
}
