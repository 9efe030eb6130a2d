//! Memory of the system: files mapped into memory, and tables that live in memory or in a file.
#![expect(
    unsafe_code,
    reason = "mapping a file is unsafe in Rust; this module is the only place that does it"
)]

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::atomic::AtomicU32;

use memmap2::{Mmap, MmapMut};

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

/// Values that any bytes are a valid one of, and that have no bytes in between.
///
/// # Safety
/// Both must hold, and the alignment must be at most that of a page.
pub(crate) unsafe trait Plain: Send + Sync + 'static {}

// SAFETY: integers, and arrays of them.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: it has the size and the values of an integer.
unsafe impl Plain for AtomicU32 {}
// SAFETY: as above.
unsafe impl<const N: usize> Plain for [u32; N] {}

/// A number of zeroed values, in memory of the system's or in a file of which nobody else knows.
#[derive(Debug)]
pub(crate) struct Values<T> {
    map: MmapMut,
    len: usize,
    of: PhantomData<T>,
}

impl<T: Plain> Values<T> {
    /// Bytes that `len` values take; at least one, since nothing cannot be mapped.
    pub(crate) fn bytes(len: usize) -> Option<usize> {
        len.checked_mul(size_of::<T>())
            .filter(|&bytes| isize::try_from(bytes).is_ok())
            .map(|bytes| bytes.max(1))
    }

    /// In memory.
    pub(crate) fn anonymous(len: usize) -> io::Result<Self> {
        let bytes = Self::bytes(len).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { map: MmapMut::map_anon(bytes)?, len, of: PhantomData })
    }

    /// In `file`, which must have been made for this, be of the right length, and be nobody else's.
    pub(crate) fn in_file(file: &File, len: usize) -> io::Result<Self> {
        let bytes = Self::bytes(len).ok_or(io::ErrorKind::OutOfMemory)?;
        if file.metadata()?.len() < bytes as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // SAFETY: the file has no name any more and the only handle is the caller's, who closes it, so nobody
        // changes or shortens it.
        let map = unsafe { memmap2::MmapOptions::new().len(bytes).map_mut(file)? };
        Ok(Self { map, len, of: PhantomData })
    }
}

impl<T: Plain> Deref for Values<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: a mapping begins at a page, has room for `len` values, and any bytes are values.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().cast::<T>(), self.len) }
    }
}

impl<T: Plain> DerefMut for Values<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and the mapping is borrowed as a whole.
        unsafe { std::slice::from_raw_parts_mut(self.map.as_mut_ptr().cast::<T>(), self.len) }
    }
}
