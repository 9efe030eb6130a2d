//! The two hash functions that name objects.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::object::Kind;
use crate::oid::ObjectId;

/// The hash function of a repository (`extensions.objectFormat`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hash {
    /// 20 bytes; the default of git.
    #[default]
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl Hash {
    /// The length of an object id in bytes.
    #[expect(clippy::len_without_is_empty, reason = "the length of a hash is never zero")]
    pub fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The id of the object of this kind and content.
    pub fn object(self, kind: Kind, bytes: &[u8]) -> ObjectId {
        let mut hasher = Hasher::object(self, kind, bytes.len() as u64);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The plain hash of `bytes`, as trailers of packs and indexes have it.
    pub(crate) fn plain(self, bytes: &[u8]) -> ObjectId {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// A hash under way.
#[derive(Clone)]
pub(crate) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(crate) fn new(hash: Hash) -> Self {
        match hash {
            Hash::Sha1 => Self::Sha1(Sha1::new()),
            Hash::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    /// Starts the hash of an object with the header that git puts in front.
    pub(crate) fn object(hash: Hash, kind: Kind, size: u64) -> Self {
        let mut hasher = Self::new(hash);
        hasher.update(format!("{} {size}\0", kind.name()).as_bytes());
        hasher
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(h) => h.update(bytes),
            Self::Sha256(h) => h.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> ObjectId {
        match self {
            Self::Sha1(h) => ObjectId::sha1(h.finalize().into()),
            Self::Sha256(h) => ObjectId::sha256(h.finalize().into()),
        }
    }
}
