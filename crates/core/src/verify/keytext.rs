//! Keys of wallets and messaging systems that carry their own checksum.

use super::base_n::{BASE58, BASE58_RIPPLE, base32, base58check, base64, bech32, crc16};
use super::json::Json;
use super::{Check, Facts, base_n};

/// An age identity: bech32 of 32 bytes, upper case. Also `AGE-PLUGIN-…-1…`.
pub(super) fn age(key: &[u8]) -> Check {
    if key.starts_with(b"AGE-SECRET-KEY-1") {
        return Check::confirmed(key.len() == 74 && bech32(key, b"age-secret-key-"));
    }
    if key.starts_with(b"AGE-PLUGIN-") {
        let prefix = memchr::memrchr(b'1', key).map(|at| &key[..at]);
        return Check::confirmed(prefix.is_some_and(|prefix| bech32(key, prefix)));
    }
    Check::Unknown
}

/// A Nostr secret key (NIP-19).
pub(super) fn nostr(key: &[u8]) -> Check {
    Check::confirmed(key.len() == 63 && bech32(key, b"nsec"))
}

/// A Bitcoin private key in wallet import format.
pub(super) fn wif(key: &[u8]) -> Check {
    let payload = base58check(key, BASE58).unwrap_or_default();
    let size = payload.len() == 33 || (payload.len() == 34 && payload[33] == 1);
    Check::confirmed(size && matches!(payload[0], 0x80 | 0xef))
}

/// A BIP-32 extended private key: version, 41 bytes of place, a zero, the key.
pub(super) fn xprv(key: &[u8]) -> Check {
    const VERSIONS: [[u8; 4]; 4] = [
        [0x04, 0x88, 0xad, 0xe4],
        [0x04, 0x35, 0x83, 0x94],
        [0x04, 0x9d, 0x78, 0x78],
        [0x04, 0xb2, 0x43, 0x0c],
    ];
    let payload = base58check(key, BASE58).unwrap_or_default();
    Check::confirmed(
        payload.len() == 78 && payload[45] == 0 && VERSIONS.iter().any(|v| payload.starts_with(v)),
    )
}

/// A Ripple family seed.
pub(super) fn ripple(key: &[u8]) -> Check {
    let payload = base58check(key, BASE58_RIPPLE).unwrap_or_default();
    Check::confirmed(payload.len() == 17 && payload[0] == 0x21)
}

/// A Solana key pair file: a list of 64 bytes. That the second half is the public key is not computed.
pub(super) fn solana(text: &[u8]) -> Check {
    let text = text.trim_ascii();
    let inner = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]")).unwrap_or(text);
    let list = [&b"["[..], inner, b"]"].concat();
    let Some(Json::List(items)) = Json::parse(&list) else { return Check::Unknown };
    let bytes = items.iter().all(|item| matches!(item, Json::Number(n) if n.parse::<u8>().is_ok()));
    if items.len() == 64 && bytes { Check::structure(Facts::new()) } else { Check::Unknown }
}

/// The part before a little-endian CRC-16 of it.
fn before_crc16(raw: &[u8]) -> Option<&[u8]> {
    let (body, sum) = raw.split_at_checked(raw.len().checked_sub(2)?)?;
    (crc16(body).to_le_bytes() == sum).then_some(body)
}

fn upper(key: &[u8]) -> bool {
    !key.iter().any(u8::is_ascii_lowercase)
}

/// A Stellar secret seed (SEP-23).
pub(super) fn stellar(key: &[u8]) -> Check {
    let raw = base32(key).filter(|_| key.len() == 56 && upper(key)).unwrap_or_default();
    Check::confirmed(before_crc16(&raw).is_some_and(|body| body.len() == 33 && body[0] == 0x90))
}

/// A NATS seed: `S`, the kind, 32 bytes.
pub(super) fn nats(key: &[u8]) -> Check {
    let raw = base32(key).filter(|_| key.len() == 58 && upper(key)).unwrap_or_default();
    Check::confirmed(before_crc16(&raw).is_some_and(|body| body.len() == 34 && body[0] >> 3 == 18))
}

/// A WireGuard private key as `wg genkey` makes it; other tools do not clamp, so a mismatch is no proof.
pub(super) fn wireguard(key: &[u8]) -> Check {
    let clamped =
        base64(key).is_some_and(|k| k.len() == 32 && k[0].trailing_zeros() >= 3 && k[31] & 0xc0 == 0x40);
    if clamped { Check::structure(Facts::new()) } else { Check::Unknown }
}

/// 64 hex digits that are a number from 1 to the order of secp256k1 less one. There is no checksum.
pub(super) fn secp256k1(key: &[u8]) -> Check {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba,
        0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
    ];
    let digits = key.strip_prefix(b"0x").or_else(|| key.strip_prefix(b"0X")).unwrap_or(key);
    match base_n::hex(digits).filter(|raw| raw.len() == 32) {
        Some(raw) if raw.iter().all(|&b| b == 0) || raw[..] >= ORDER[..] => Check::Failed,
        // Any other number will do: that proves nothing.
        _ => Check::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Checker = fn(&[u8]) -> Check;

    /// Vectors that specifications print, broken so that no scanner takes this file for a leak.
    const VECTORS: &[(Checker, &str)] = &[
        (nostr, "nsec1vl029mgpspedva04g90vltkh6f<>vh240zqtv9k0t9af8935ke9laqsnlfe5"),
        (wif, "5HueCGU8rMjxEXxiPuD5BDku4Mk<>FqeZyd4dZ1jvhTVqvbTLvyTJ"),
        (wif, "KwdMAjGmerYanjeui5SHS7Jkmp<>ZvVipYvB2LJGU1ZxJwYvP98617"),
        (
            xprv,
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3<>jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        ),
        (ripple, "snoPBrXtMeMyMHUVTgbuq<>Afg1SUTb"),
        (stellar, "SCZANGBA5YHTNYVVV4C3U252E2B6P6F<>5T3U6MM63WBSBZATAQI3EBTQ4"),
        (nats, "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BF<>DTJ7M6USDXIEDNPPQYYYCU3VY"),
    ];

    #[test]
    fn published_vectors_pass() {
        for (check, vector) in VECTORS {
            let key = vector.replace("<>", "");
            assert!(matches!(check(key.as_bytes()), Check::Passed { .. }), "{vector}");
        }
    }

    #[test]
    fn a_changed_character_fails() {
        for (check, vector) in VECTORS {
            let mut key = vector.replace("<>", "").into_bytes();
            let at = key.len() / 2;
            key[at] = if key[at] == b'q' || key[at] == b'Q' { b'p' } else { b'q' };
            assert_eq!(check(&key), Check::Failed, "{vector}");
        }
    }

    #[test]
    fn the_order_of_the_curve_is_the_limit() {
        for (key, outcome) in [
            ("0".repeat(64), Check::Failed),
            ("f".repeat(64), Check::Failed),
            (format!("0x{}1", "0".repeat(63)), Check::Unknown),
            ("7".repeat(63), Check::Unknown),
        ] {
            assert_eq!(secp256k1(key.as_bytes()), outcome);
        }
    }
}
