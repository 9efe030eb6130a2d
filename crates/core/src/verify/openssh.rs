//! The key file of OpenSSH (its `PROTOCOL.key`): a magic, a cipher name, a public and a private part.

/// What every file begins with.
pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What a key file says without its passphrase.
pub(super) struct Key {
    /// The type of the first public key, `ssh-ed25519`.
    pub(super) kind: String,
    /// Whether the private part is under a cipher.
    pub(super) encrypted: bool,
}

/// Reads a file whose parts fill it exactly.
pub(super) fn read(raw: &[u8]) -> Option<Key> {
    let (cipher, rest) = string(raw.strip_prefix(MAGIC)?)?;
    let (_kdf, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let mut rest = rest;
    let mut kind = String::new();
    let count = u32::from_be_bytes(*count);
    if count == 0 || count > 16 {
        return None;
    }
    for number in 0..count {
        let (public, after) = string(rest)?;
        if number == 0 {
            kind = String::from_utf8(string(public)?.0.to_vec()).ok()?;
        }
        rest = after;
    }
    let (_private, rest) = string(rest)?;
    // An authenticated cipher puts its tag after the private part.
    let tag = rest.is_empty() || (rest.len() == 16 && cipher != b"none");
    tag.then_some(Key { kind, encrypted: cipher != b"none" })
}

/// A string with its length in four bytes, and what follows.
pub(super) fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*len) as usize)
}
