//! Files mapped into memory.
#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe in Rust; this module is the only place that does it"
)]

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// The bytes of a file, or bytes that stand for one.
#[derive(Debug)]
pub(crate) enum Map {
    File(Mmap),
    Bytes(Vec<u8>),
}

impl Map {
    /// Maps the whole of the regular file at `path`, read-only. The mapping survives the file's removal.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        if meta.len() == 0 {
            return Ok(Self::Bytes(Vec::new())); // which cannot be mapped
        }
        // SAFETY: the bytes must not change while they are borrowed. git writes packs and indexes under a
        // temporary name, renames them, and from then on only ever removes them; a mapping outlives removal.
        // Somebody who truncates a pack in place can end this process by SIGBUS, as they can end git itself.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self::File(map))
    }
}

impl From<Vec<u8>> for Map {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::File(map) => map,
            Self::Bytes(bytes) => bytes,
        }
    }
}
