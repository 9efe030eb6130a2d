//! OpenPGP private keys (RFC 4880, RFC 9580): armour with an optional CRC-24, then packets.
//!
//! The first packet is the secret key; after its public half one byte tells whether a passphrase protects
//! the rest.

use super::base_n::base64;
use super::{Check, Facts, time};
use crate::found::Verified;

/// Checks an armoured block.
pub(super) fn check(text: &[u8]) -> Check {
    let Some((raw, sum)) = dearmor(text) else { return Check::Unknown };
    if sum.is_some_and(|sum| sum != crc24(&raw)) {
        return Check::Unknown;
    }
    let how = if sum.is_some() { Verified::Checksum } else { Verified::Structure };
    match secret_key(&raw) {
        Some(Key { protection: Protection::None, made }) => {
            Check::Passed { how, facts: Facts::new().maybe("created", time::rfc3339(made)).0 }
        }
        Some(Key { protection: Protection::Passphrase, .. }) => Check::Demote("encrypted with a passphrase"),
        Some(Key { protection: Protection::Absent, .. }) => {
            Check::Demote("a stub: the key itself is elsewhere")
        }
        None => Check::Unknown,
    }
}

/// The bytes of the block and its checksum line.
fn dearmor(text: &[u8]) -> Option<(Vec<u8>, Option<u32>)> {
    const BEGIN: &[u8] = b"-----BEGIN PGP PRIVATE KEY BLOCK-----";
    let start = memchr::memmem::find(text, BEGIN)? + BEGIN.len();
    let len = memchr::memmem::find(&text[start..], b"-----END PGP")?;
    let inner = String::from_utf8_lossy(&text[start..start + len]);
    let inner = inner.replace("\\r", "").replace("\\n", "\n");
    let mut body = String::new();
    let mut sum = None;
    for line in inner.lines().map(|line| line.trim().trim_end_matches('\\')) {
        // A header such as `Version: GnuPG v2`.
        if line.contains(": ") {
            continue;
        }
        match line.strip_prefix('=').filter(|rest| rest.len() == 4) {
            Some(rest) => sum = Some(base64(rest.as_bytes())?.iter().fold(0, |n, &b| n << 8 | u32::from(b))),
            None => body.push_str(line),
        }
    }
    Some((base64(body.as_bytes())?, sum))
}

fn crc24(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(0x00b7_04ce_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 16, |crc, _| {
            let crc = crc << 1;
            if crc & 0x0100_0000 == 0 { crc } else { crc ^ 0x0186_4cfb }
        })
    });
    crc & 0x00ff_ffff
}

enum Protection {
    None,
    Passphrase,
    /// GnuPG's stub for a key on a card or another machine.
    Absent,
}

struct Key {
    protection: Protection,
    made: i64,
}

fn secret_key(raw: &[u8]) -> Option<Key> {
    let body = packet(raw, 5)?;
    let (&version, rest) = body.split_first()?;
    let (made, rest) = rest.split_first_chunk::<4>()?;
    let (&algorithm, mut rest) = rest.split_first()?;
    if version == 6 {
        rest = rest.get(4..)?;
    } else if version != 4 {
        return None;
    }
    let rest = after_public(algorithm, rest)?;
    let (&usage, rest) = rest.split_first()?;
    let protection = match usage {
        0 => Protection::None,
        // Cipher, then the kind of derivation; 101 is GnuPG's private range.
        _ if rest.get(1) == Some(&101) => Protection::Absent,
        _ => Protection::Passphrase,
    };
    Some(Key { protection, made: u32::from_be_bytes(*made).into() })
}

/// The content of the first packet, which must have that tag.
fn packet(raw: &[u8], tag: u8) -> Option<&[u8]> {
    let (&first, rest) = raw.split_first()?;
    let (found, len, rest) = if first & 0xc0 == 0xc0 {
        let (&a, rest) = rest.split_first()?;
        match a {
            0..=191 => (first & 0x3f, usize::from(a), rest),
            192..=223 => {
                let (&b, rest) = rest.split_first()?;
                (first & 0x3f, (usize::from(a) - 192) * 256 + usize::from(b) + 192, rest)
            }
            255 => {
                let (len, rest) = rest.split_first_chunk::<4>()?;
                (first & 0x3f, u32::from_be_bytes(*len) as usize, rest)
            }
            _ => return None,
        }
    } else if first & 0x80 != 0 {
        let width = match first & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => return None,
        };
        let (len, rest) = rest.split_at_checked(width)?;
        (first >> 2 & 0x0f, len.iter().fold(0, |n, &b| n << 8 | usize::from(b)), rest)
    } else {
        return None;
    };
    if found == tag { rest.get(..len) } else { None }
}

/// What follows the public numbers of a key.
fn after_public(algorithm: u8, mut rest: &[u8]) -> Option<&[u8]> {
    let (curve, numbers, derivation, fixed) = match algorithm {
        1..=3 => (false, 2, false, 0),
        16 => (false, 3, false, 0),
        17 => (false, 4, false, 0),
        18 => (true, 1, true, 0),
        19 | 22 => (true, 1, false, 0),
        25 | 27 => (false, 0, false, 32),
        26 => (false, 0, false, 56),
        28 => (false, 0, false, 57),
        _ => return None,
    };
    if curve {
        rest = after_short(rest)?;
    }
    for _ in 0..numbers {
        let (bits, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_be_bytes(*bits)).div_ceil(8)..)?;
    }
    if derivation {
        rest = after_short(rest)?;
    }
    rest.get(fixed..)
}

/// Skips a field with a length of one byte.
fn after_short(rest: &[u8]) -> Option<&[u8]> {
    let (&len, rest) = rest.split_first()?;
    rest.get(len.into()..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    #[test]
    fn check_value_of_the_standard() {
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
    }

    #[test]
    fn open_and_protected_keys_are_told_apart() {
        let Check::Passed { how, facts } = check(fakes::pgp_private(1).as_bytes()) else { panic!() };
        assert_eq!((how, facts[0].value.as_str()), (Verified::Checksum, "2026-01-02T03:04:05Z"));
        assert!(matches!(check(fakes::pgp_encrypted(1).as_bytes()), Check::Demote(_)));
    }

    #[test]
    fn the_checksum_is_optional_but_counts() {
        let text = fakes::pgp_private(1);
        let at = text.find("\n=").unwrap();
        let without = format!("{}{}", &text[..at], &text[at + 6..]);
        assert!(matches!(check(without.as_bytes()), Check::Passed { how: Verified::Structure, .. }));
        let wrong = format!("{}\n=AAAA{}", &text[..at], &text[at + 6..]);
        assert_eq!(check(wrong.as_bytes()), Check::Unknown);
    }

    #[test]
    fn escapes_of_lines_are_undone() {
        let text = fakes::pgp_private(1).replace('\n', "\\n");
        assert!(matches!(check(text.as_bytes()), Check::Passed { .. }));
    }
}
