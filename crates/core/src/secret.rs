//! A secret that cannot leave by accident.
//!
//! [`Secret`] has no `Display`, no `Serialize`, and a `Debug` that prints its length. The ways out are
//! [`Secret::mask`], a short prefix, and [`Secret::fingerprint`], a keyed one-way hash. Comparison and
//! offline checks borrow the bytes inside this crate only.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The bytes of a found secret.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the bytes into custody.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A short prefix and an ellipsis, safe to print: at most six bytes and at most a quarter of the
    /// secret; bytes outside printable ASCII become `.`.
    pub fn mask(&self) -> String {
        let mut text: String = self.0[..self.shown()]
            .iter()
            .map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' })
            .collect();
        text.push('…');
        text
    }

    /// How many bytes [`Self::mask`] shows.
    pub(crate) fn shown(&self) -> usize {
        (self.0.len() / 4).min(6)
    }

    /// The identity of this value: the first 8 bytes of HMAC-SHA-256 over it.
    ///
    /// It holds no rule, path or commit, so it survives a rebase, a move and a rule's new name. With an
    /// empty key a weak password can be guessed from it; the policy's `fingerprint-key` prevents that.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn fingerprint(&self, key: &FingerprintKey) -> Fingerprint {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes a key of any length");
        mac.update(&self.0);
        let digest = mac.finalize().into_bytes();
        let mut out = [0; 8];
        out.copy_from_slice(&digest[..8]);
        Fingerprint(out)
    }

    /// The bytes, for checks inside this crate.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// The policy's key for fingerprints. Empty is allowed.
#[derive(Clone, Default)]
pub struct FingerprintKey(Vec<u8>);

impl FingerprintKey {
    /// Uses these bytes as the key.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FingerprintKey({} bytes)", self.0.len())
    }
}

/// The identity of a secret value, shown as 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 8]);

impl Fingerprint {
    /// Reads 16 hex digits of either case.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 16 {
            return None;
        }
        let mut out = [0; 8];
        for (byte, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            let hi = char::from(pair[0]).to_digit(16)?;
            let lo = char::from(pair[1]).to_digit(16)?;
            *byte = (hi * 16 + lo) as u8;
        }
        Some(Self(out))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}
