//! The alphabets that tokens are written in, read leniently but exactly.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest as _, Sha256};

/// Digits, upper case, lower case: GitHub, npm, Vercel, Deno, Microsoft.
pub(super) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits, lower case, upper case: Apify.
pub(super) const BASE62_LOWER_FIRST: &[u8; 62] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Digits and lower case: GitLab.
pub(super) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Bitcoin's base 58.
pub(super) const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Ripple's base 58.
pub(super) const BASE58_RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes base64 of either alphabet (not mixed), with or without padding, without white space.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii_end();
    let end = text.iter().rposition(|&b| b != b'=').map_or(0, |at| at + 1);
    if text.len() - end > 2 {
        return None;
    }
    let engine = if memchr::memchr2(b'-', b'_', text).is_some() { URL_SAFE } else { STANDARD };
    engine.decode(&text[..end]).ok()
}

/// `number` in the base of `alphabet`, padded on the left to `WIDTH` digits; higher digits are lost.
pub(super) fn radix<const WIDTH: usize>(mut number: u64, alphabet: &[u8]) -> [u8; WIDTH] {
    let base = alphabet.len() as u64;
    let mut out = [alphabet[0]; WIDTH];
    for digit in out.iter_mut().rev() {
        *digit = alphabet[(number % base) as usize];
        number /= base;
    }
    out
}

/// The number that `text` writes in base 36, digits and lower-case letters.
pub(super) fn from_base36(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if plain { u64::from_str_radix(text, 36).ok() } else { None }
}

/// Decodes RFC 4648 base32 without padding; `None` on any other character. Left-over bits are dropped.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let (mut hold, mut bits, mut out) = (0_u32, 0, Vec::with_capacity(text.len() * 5 / 8));
    for &byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        hold = hold << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((hold >> bits) as u8);
        }
        hold &= (1 << bits) - 1;
    }
    Some(out)
}

/// RFC 4648 base32 of `bytes`, upper case, without padding.
pub(super) fn to_base32(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut hold, mut bits, mut out) = (0_u32, 0, Vec::with_capacity(bytes.len() * 8 / 5 + 1));
    for &byte in bytes {
        hold = hold << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(ALPHABET[(hold >> bits & 31) as usize]);
        }
        hold &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(ALPHABET[(hold << (5 - bits) & 31) as usize]);
    }
    out
}

/// Whether `text` is bech32 (BIP-173) with the human-readable part `prefix`, in one letter case.
pub(super) fn bech32(text: &[u8], prefix: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
    let Some(at) = memchr::memrchr(b'1', text).filter(|_| !mixed) else { return false };
    if at == 0 || !text[..at].eq_ignore_ascii_case(prefix) || text.len() < at + 7 {
        return false;
    }
    let mut sum = 1_u32;
    let mut feed = |value: u8| {
        let top = sum >> 25;
        sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                sum ^= generator;
            }
        }
    };
    for byte in prefix {
        feed(byte.to_ascii_lowercase() >> 5);
    }
    feed(0);
    for byte in prefix {
        feed(byte.to_ascii_lowercase() & 31);
    }
    for byte in &text[at + 1..] {
        match ALPHABET.iter().position(|a| *a == byte.to_ascii_lowercase()) {
            Some(value) => feed(value as u8),
            None => return false,
        }
    }
    sum == 1
}

/// Decodes base58check; `None` when a character, the length or the double SHA-256 tail is wrong.
pub(super) fn base58check(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    // The conversion is quadratic; the longest key that uses this form has 112 characters.
    if text.len() > 128 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for byte in text {
        let mut carry = alphabet.iter().position(|a| a == byte)? as u32;
        for digit in &mut bytes {
            carry += u32::from(*digit) * 58;
            *digit = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(carry as u8);
        }
    }
    let zeros = text.iter().take_while(|b| **b == alphabet[0]).count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    let (payload, tail) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let digest = Sha256::digest(Sha256::digest(payload));
    (digest[..4] == *tail).then(|| payload.to_vec())
}

/// CRC-16/XMODEM, the checksum of Stellar and NATS keys.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, &byte| {
        (0..8).fold(
            crc ^ u16::from(byte) << 8,
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            },
        )
    })
}

/// Decodes an even number of hex digits of either case.
pub(super) fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_takes_both_alphabets_and_any_padding() {
        for text in ["Pz8/Pz8+", "Pz8_Pz8-"] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(&b"?????>"[..]), "{text}");
        }
        for text in ["YQ", "YQ=", "YQ=="] {
            assert_eq!(base64(text.as_bytes()).as_deref(), Some(&b"a"[..]), "{text}");
        }
        for text in ["Y", "YQ===", "Y!==", "+/-_", "Y Q="] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn bech32_vectors_of_bip_173() {
        for (text, prefix) in [
            ("A12UEL5L", "a"),
            ("a12uel5l", "a"),
            ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef"),
            ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split"),
        ] {
            assert!(bech32(text.as_bytes(), prefix.as_bytes()), "{text}");
        }
        for (text, prefix) in [
            ("A1G7SGD8", "a"),
            ("10a06t8", ""),
            ("a12UEL5L", "a"),
            ("de1lg7wt", "de"),
            ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x", "split"),
        ] {
            assert!(!bech32(text.as_bytes(), prefix.as_bytes()), "{text}");
        }
    }

    #[test]
    fn base58check_vector() {
        // The Bitcoin address of the genesis block; its payload begins with the version byte 0.
        let payload = base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", BASE58).unwrap();
        assert_eq!((payload.len(), payload[0]), (21, 0));
        assert_eq!(base58check(b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", BASE58), None);
        assert_eq!(base58check(b"", BASE58), None);
    }

    #[test]
    fn numbers_and_checksums() {
        assert_eq!(&radix::<6>(61 * 62 + 1, BASE62), b"0000z1");
        assert_eq!(from_base36(b"1a"), Some(46));
        assert_eq!(from_base36(b"1A"), None);
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(base32(b"MZXW6YTBOI").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(to_base32(b"foobar"), b"MZXW6YTBOI");
        assert_eq!(hex(b"00fF").as_deref(), Some(&[0, 255][..]));
    }
}
