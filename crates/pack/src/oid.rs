//! Object ids: 20 bytes in a SHA-1 repository, 32 in a SHA-256 one.

use std::fmt;

/// The name of a git object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    len: u8,
}

impl ObjectId {
    /// Takes 20 or 32 raw bytes; any other length is `None`.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        match raw.len() {
            20 | 32 => bytes[..raw.len()].copy_from_slice(raw),
            _ => return None,
        }
        Some(Self { bytes, len: raw.len() as u8 })
    }

    /// Reads 40 or 64 hex digits.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        if hex.len() != 40 && hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let hi = char::from(pair[0]).to_digit(16)?;
            let lo = char::from(pair[1]).to_digit(16)?;
            *byte = (hi * 16 + lo) as u8;
        }
        Some(Self { bytes, len: (hex.len() / 2) as u8 })
    }

    /// Takes the raw bytes of a name, of which the caller knows that they are 20 or 32.
    pub(crate) fn from_raw(raw: &[u8]) -> Self {
        debug_assert!(matches!(raw.len(), 20 | 32));
        let mut bytes = [0; 32];
        bytes[..raw.len()].copy_from_slice(raw);
        Self { bytes, len: raw.len() as u8 }
    }

    /// A SHA-1 name.
    pub(crate) fn sha1(raw: [u8; 20]) -> Self {
        let mut bytes = [0; 32];
        bytes[..20].copy_from_slice(&raw);
        Self { bytes, len: 20 }
    }

    /// A SHA-256 name.
    pub(crate) fn sha256(bytes: [u8; 32]) -> Self {
        Self { bytes, len: 32 }
    }

    /// The raw bytes, 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether every byte is zero: git's way to say "no object".
    pub fn is_null(&self) -> bool {
        self.as_bytes().iter().all(|&b| b == 0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
