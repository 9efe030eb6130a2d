//! Key material: structurally right, mathematically random.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::encode::{b64, base32, base58check, bech32, crc16, hex};
use super::{BASE62, HEX};
use crate::rng::Rng;

const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE58_RIPPLE: &str = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const WORDS: &str = include_str!("../../../core/src/verify/bip39-english.txt");

// ---- DER and PEM ----

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n if n < 0x80 => out.push(n as u8),
        n if n < 0x100 => out.extend([0x81, n as u8]),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend(content);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// A random positive integer of exactly `count` bytes before its sign byte.
fn integer(rng: &mut Rng, count: usize) -> Vec<u8> {
    let mut bytes = rng.bytes(count);
    bytes[0] |= 0x80;
    bytes[count - 1] |= 1;
    bytes.insert(0, 0);
    tlv(0x02, &bytes)
}

fn armor(label: &str, headers: &str, body: &[u8], columns: usize) -> String {
    let text = b64(body);
    let lines: Vec<&str> =
        (0..text.len()).step_by(columns).map(|at| &text[at..text.len().min(at + columns)]).collect();
    format!("-----BEGIN {label}-----\n{headers}{}\n-----END {label}-----\n", lines.join("\n"))
}

fn pkcs1(rng: &mut Rng) -> Vec<u8> {
    let mut parts = vec![tlv(2, &[0]), integer(rng, 256), tlv(2, &[1, 0, 1]), integer(rng, 256)];
    parts.extend((0..5).map(|_| integer(rng, 128)));
    sequence(&parts)
}

/// A PKCS#1 `RSA PRIVATE KEY` of 2048 bits.
pub fn pem_rsa(seed: u64) -> String {
    armor("RSA PRIVATE KEY", "", &pkcs1(&mut Rng::new(seed)), 64)
}

/// A PKCS#8 `PRIVATE KEY` that holds an RSA key.
pub fn pem_pkcs8(seed: u64) -> String {
    let rsa = sequence(&[tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), tlv(5, &[])]);
    let key = pkcs1(&mut Rng::new(seed));
    armor("PRIVATE KEY", "", &sequence(&[tlv(2, &[0]), rsa, tlv(4, &key)]), 64)
}

/// A PKCS#8 `PRIVATE KEY` that holds an Ed25519 key.
pub fn pem_ed25519(seed: u64) -> String {
    let curve = sequence(&[tlv(6, &[0x2b, 0x65, 0x70])]);
    let key = tlv(4, &Rng::new(seed).bytes(32));
    armor("PRIVATE KEY", "", &sequence(&[tlv(2, &[0]), curve, tlv(4, &key)]), 64)
}

/// An `EC PRIVATE KEY` on P-256.
pub fn pem_ec(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let curve = tlv(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    let mut point = vec![0, 4];
    point.extend(rng.bytes(64));
    let parts = [tlv(2, &[1]), tlv(4, &rng.bytes(32)), tlv(0xa0, &curve), tlv(0xa1, &tlv(3, &point))];
    armor("EC PRIVATE KEY", "", &sequence(&parts), 64)
}

/// A PKCS#8 `ENCRYPTED PRIVATE KEY`.
pub fn pem_encrypted(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let pbes2 = sequence(&[tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13]), tlv(4, &rng.bytes(8))]);
    let body = sequence(&[pbes2, tlv(4, &rng.bytes(1232))]);
    armor("ENCRYPTED PRIVATE KEY", "", &body, 64)
}

/// An `RSA PRIVATE KEY` under a passphrase, the old way (`Proc-Type`).
pub fn pem_legacy_encrypted(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let iv = rng.text("0123456789ABCDEF", 32);
    let headers = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{iv}\n\n");
    armor("RSA PRIVATE KEY", &headers, &rng.bytes(1200), 64)
}

// ---- SSH ----

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = (bytes.len() as u32).to_be_bytes().to_vec();
    out.extend(bytes);
    out
}

fn openssh(seed: u64, cipher: &str, kdf: &str) -> String {
    let mut rng = Rng::new(seed);
    let public = [string(b"ssh-ed25519"), string(&rng.bytes(32))].concat();
    let options = if kdf == "none" {
        Vec::new()
    } else {
        [string(&rng.bytes(16)), 16_u32.to_be_bytes().to_vec()].concat()
    };
    let check = rng.bytes(4);
    let private = if kdf == "none" {
        let mut text = [check.clone(), check, public.clone(), string(&rng.bytes(64))].concat();
        text.extend(string(b"user@host"));
        (1..).take((8 - text.len() % 8) % 8).for_each(|pad: u8| text.push(pad));
        text
    } else {
        rng.bytes(144)
    };
    let body = [
        b"openssh-key-v1\0".to_vec(),
        string(cipher.as_bytes()),
        string(kdf.as_bytes()),
        string(&options),
        1_u32.to_be_bytes().to_vec(),
        string(&public),
        string(&private),
    ];
    armor("OPENSSH PRIVATE KEY", "", &body.concat(), 70)
}

/// An OpenSSH private key without a passphrase.
pub fn openssh_key(seed: u64) -> String {
    openssh(seed, "none", "none")
}

/// An OpenSSH private key under a passphrase.
pub fn openssh_encrypted(seed: u64) -> String {
    openssh(seed, "aes256-ctr", "bcrypt")
}

/// A PuTTY key file, version 2, without a passphrase.
pub fn ppk(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let (kind, comment) = ("ssh-ed25519", "ed25519-key-20260102");
    let public = [string(kind.as_bytes()), string(&rng.bytes(32))].concat();
    let private = string(&rng.bytes(32));
    let data = [
        string(kind.as_bytes()),
        string(b"none"),
        string(comment.as_bytes()),
        string(&public),
        string(&private),
    ];
    let key = Sha1::digest(b"putty-private-key-file-mac-key");
    let mut mac =
        Hmac::<Sha1>::new_from_slice(&key).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(&data.concat());
    let mac = hex(&mac.finalize().into_bytes());
    let lines = |bytes: &[u8]| {
        let text = b64(bytes);
        let rows: Vec<&str> =
            (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
        format!("{}\n{}", rows.len(), rows.join("\n"))
    };
    format!(
        "PuTTY-User-Key-File-2: {kind}\nEncryption: none\nComment: {comment}\nPublic-Lines: {}\nPrivate-Lines: {}\nPrivate-MAC: {mac}\n",
        lines(&public),
        lines(&private)
    )
}

// ---- PGP ----

fn pgp(seed: u64, usage: u8) -> String {
    let mut rng = Rng::new(seed);
    let mut body = vec![4];
    body.extend(1_767_323_045_u32.to_be_bytes());
    body.push(22); // EdDSA
    body.extend([9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1]);
    let mut point = vec![1, 7, 0x40];
    point.extend(rng.bytes(32));
    body.extend(point);
    body.push(usage);
    if usage == 0 {
        let secret = rng.bytes(32);
        body.extend([1, 0]);
        body.extend(&secret);
        let sum = secret.iter().fold(1_u16, |sum, &b| sum.wrapping_add(b.into()));
        body.extend(sum.to_be_bytes());
    } else {
        body.extend([7, 3, 8]);
        body.extend(rng.bytes(8 + 1 + 16 + 54));
    }
    let mut packet = vec![0xc5, body.len() as u8];
    packet.extend(body);
    let name = b"Test <test@example.com>";
    packet.extend([0xcd, name.len() as u8]);
    packet.extend(name);
    let sum = crc24(&packet).to_be_bytes();
    let text = armor("PGP PRIVATE KEY BLOCK", "\n", &packet, 64);
    text.replacen("\n-----END", &format!("\n={}\n-----END", b64(&sum[1..])), 1)
}

fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00b7_04ce_u32;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}

/// A PGP private key block without a passphrase.
pub fn pgp_private(seed: u64) -> String {
    pgp(seed, 0)
}

/// A PGP private key block under a passphrase.
pub fn pgp_encrypted(seed: u64) -> String {
    pgp(seed, 254)
}

// ---- wallets and other key encodings ----

/// An age identity.
pub fn age(seed: u64) -> String {
    bech32("age-secret-key-", &Rng::new(seed).bytes(32)).to_uppercase()
}

/// A Nostr secret key.
pub fn nostr(seed: u64) -> String {
    bech32("nsec", &Rng::new(seed).bytes(32))
}

/// A Bitcoin private key in wallet import format; odd seeds make the compressed form.
pub fn bitcoin_wif(seed: u64) -> String {
    let mut payload = vec![0x80];
    payload.extend(Rng::new(seed).bytes(32));
    if seed % 2 == 1 {
        payload.push(1);
    }
    base58check(&payload, BASE58)
}

/// A BIP-32 extended private key.
pub fn xprv(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut payload = vec![0x04, 0x88, 0xad, 0xe4];
    payload.extend(rng.bytes(41));
    payload.push(0);
    payload.extend(rng.bytes(32));
    base58check(&payload, BASE58)
}

/// A Ripple secret (family seed).
pub fn ripple(seed: u64) -> String {
    let mut payload = vec![0x21];
    payload.extend(Rng::new(seed).bytes(16));
    base58check(&payload, BASE58_RIPPLE)
}

/// A twelve-word BIP-39 phrase.
pub fn bip39(seed: u64) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let entropy = Rng::new(seed).bytes(16);
    let sum = Sha256::digest(&entropy)[0] >> 4;
    let mut bits: Vec<u8> = entropy.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect();
    bits.extend((0..4).rev().map(|i| sum >> i & 1));
    let phrase: Vec<&str> = bits
        .chunks_exact(11)
        .map(|group| words[group.iter().fold(0, |n, &bit| n << 1 | usize::from(bit))])
        .collect();
    phrase.join(" ")
}

/// A Stellar secret seed.
pub fn stellar(seed: u64) -> String {
    let mut raw = vec![0x90];
    raw.extend(Rng::new(seed).bytes(32));
    raw.extend(crc16(&raw).to_le_bytes());
    base32(&raw)
}

/// A NATS user seed.
pub fn nats(seed: u64) -> String {
    let user = 20_u8 << 3;
    let mut raw = vec![18 << 3 | user >> 5, (user & 31) << 3];
    raw.extend(Rng::new(seed).bytes(32));
    raw.extend(crc16(&raw).to_le_bytes());
    base32(&raw)
}

/// A WireGuard private key.
pub fn wireguard(seed: u64) -> String {
    let mut key = Rng::new(seed).bytes(32);
    key[0] &= 0xf8;
    key[31] = key[31] & 0x7f | 0x40;
    b64(&key)
}

/// An Ethereum private key: 64 hex digits.
pub fn ethereum(seed: u64) -> String {
    format!("0x7{}", Rng::new(seed).text(HEX, 63))
}

/// A Solana key pair file: a list of 64 numbers.
pub fn solana(seed: u64) -> String {
    let numbers: Vec<String> = Rng::new(seed).bytes(64).iter().map(u8::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// A JSON web key on P-256 with its private member.
pub fn jwk(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut part = || super::encode::b64url(&rng.bytes(32));
    let (x, y, d) = (part(), part(), part());
    let id = rng.text(BASE62, 10);
    format!(r#"{{"kty":"EC","crv":"P-256","kid":"{id}","x":"{x}","y":"{y}","d":"{d}"}}"#)
}

/// The PKCS#12 file that a certificate tool exports, as base64.
pub fn pkcs12_base64(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let data = [tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]), tlv(0xa0, &tlv(4, &rng.bytes(900)))];
    b64(&sequence(&[tlv(2, &[3]), sequence(&data)]))
}
