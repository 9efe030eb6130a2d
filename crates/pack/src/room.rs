//! Tables that grow with the history, in memory up to a budget and in a file beyond.
//!
//! A walk over a whole history needs a few dozen bytes for each object: where it lies, what is based on it, who
//! shows it first. They are small for most repositories and gigabytes for the largest. So tables are kept in
//! memory as long as they are together below a budget; those past it are mapped from files in the folder for
//! temporary files, which the system may write out and drop when memory is short. Such a file holds
//! numbers only: never a byte of an object, a name or a path. It has no name from the start where the system can do
//! that, else loses it at once, so that nothing is left behind when the process is killed.
//!
//! Where a file cannot be had (the folder is full, not writable, or knows no reservation), tables stay
//! in memory, and [`Room::refused`] says why.

use std::alloc::Layout;
use std::fmt;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::map::{Plain, Values};

/// Bytes of tables that stay in memory.
const BUDGET: usize = 4 << 20;
/// Tables of fewer bytes are not worth a file.
const SMALL: usize = 16 << 10;

/// Where the tables of a store live.
#[derive(Debug)]
pub struct Room {
    folder: PathBuf,
    budget: usize,
    /// Bytes of tables in memory and in files.
    memory: AtomicUsize,
    disk: AtomicUsize,
    refused: OnceLock<String>,
}

impl Default for Room {
    /// 4 MiB in memory, the rest in the system's folder for temporary files.
    fn default() -> Self {
        Self::new(BUDGET, std::env::temp_dir())
    }
}

impl Room {
    /// Keeps tables of `budget` bytes in memory, and the others in files in `folder`, but for the smallest. With a
    /// budget of nothing all are in files.
    pub fn new(budget: usize, folder: PathBuf) -> Self {
        let (memory, disk) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { folder, budget, memory, disk, refused: OnceLock::new() }
    }

    /// Why tables past the budget had to stay in memory, if they had to.
    pub fn refused(&self) -> Option<&str> {
        self.refused.get().map(String::as_str)
    }

    /// Bytes of tables that are in memory now, and in files.
    pub fn held(&self) -> (usize, usize) {
        (self.memory.load(Ordering::Relaxed), self.disk.load(Ordering::Relaxed))
    }

    fn take<T: Plain>(&self, len: usize) -> (Values<T>, Charge) {
        let bytes = Values::<T>::bytes(len).unwrap_or(usize::MAX);
        if bytes >= SMALL.min(self.budget)
            && self.memory.load(Ordering::Relaxed).saturating_add(bytes) > self.budget
            && self.refused.get().is_none()
        {
            match file(&self.folder, bytes).and_then(|file| Values::in_file(&file, len)) {
                Ok(values) => {
                    self.disk.fetch_add(bytes, Ordering::Relaxed);
                    return (values, Charge::Disk(bytes));
                }
                // Once is enough: a folder that is full will not be empty for the next table.
                Err(error) => {
                    let _ = self.refused.set(format!("{}: {error}", self.folder.display()));
                }
            }
        }
        match Values::anonymous(len) {
            Ok(values) => {
                self.memory.fetch_add(bytes, Ordering::Relaxed);
                (values, Charge::Memory(bytes))
            }
            // As any vector does for which there is no memory.
            Err(_) => {
                std::alloc::handle_alloc_error(Layout::array::<u8>(bytes).unwrap_or(Layout::new::<T>()))
            }
        }
    }
}

/// A file without a name of at least `bytes` bytes, all of which can be written to.
#[cfg(unix)]
fn file(folder: &Path, bytes: usize) -> io::Result<std::fs::File> {
    use rustix::fs::FallocateFlags;
    use rustix::process::{Resource, getrlimit};

    // The system answers a file above this limit with a signal that ends the process.
    if getrlimit(Resource::Fsize).current.is_some_and(|most| most < bytes as u64) {
        return Err(io::Error::other("the limit on the size of files is too low"));
    }
    let file = tempfile::tempfile_in(folder)?;
    // Reserved, so that a full disk is an error here, and no signal when a page is written to.
    rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes as u64)?;
    Ok(file)
}

#[cfg(not(unix))]
fn file(_: &Path, _: usize) -> io::Result<std::fs::File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What a table is charged with.
#[derive(Debug)]
enum Charge {
    Memory(usize),
    Disk(usize),
}

/// A table of a fixed length.
pub struct Table<T> {
    values: Values<T>,
    charge: Charge,
    room: Arc<Room>,
}

#[expect(private_bounds, reason = "what a table can hold is decided where memory is mapped")]
impl<T: Plain> Table<T> {
    /// `len` values that are zero.
    pub fn zeroed(room: &Arc<Room>, len: usize) -> Self {
        let (values, charge) = room.take(len);
        Self { values, charge, room: Arc::clone(room) }
    }

    /// `len` times `value`.
    pub(crate) fn filled(room: &Arc<Room>, len: usize, value: T) -> Self
    where
        T: Copy,
    {
        let mut table = Self::zeroed(room, len);
        table.fill(value);
        table
    }
}

impl<T> Drop for Table<T> {
    fn drop(&mut self) {
        match self.charge {
            Charge::Memory(bytes) => self.room.memory.fetch_sub(bytes, Ordering::Relaxed),
            Charge::Disk(bytes) => self.room.disk.fetch_sub(bytes, Ordering::Relaxed),
        };
    }
}

impl<T: Plain> Deref for Table<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.values
    }
}

impl<T: Plain> DerefMut for Table<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values
    }
}

impl<T> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("charge", &self.charge).finish_non_exhaustive()
    }
}

/// A table whose length is not known beforehand.
#[derive(Debug)]
pub(crate) struct Growing<T> {
    table: Table<T>,
    len: usize,
}

impl<T: Plain + Copy> Growing<T> {
    pub(crate) fn new(room: &Arc<Room>) -> Self {
        Self { table: Table::zeroed(room, 0), len: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, value: T) {
        if self.len == self.table.len() {
            self.grow(1);
        }
        self.table[self.len] = value;
        self.len += 1;
    }

    pub(crate) fn extend_from_slice(&mut self, values: &[T]) {
        if self.table.len() - self.len < values.len() {
            self.grow(values.len());
        }
        self.table[self.len..self.len + values.len()].copy_from_slice(values);
        self.len += values.len();
    }

    /// Adds as many of `value` as make it `len` long.
    pub(crate) fn resize(&mut self, len: usize, value: T) {
        self.reserve(len.saturating_sub(self.len));
        let from = self.len;
        self.len = len.max(from);
        self.table[from..self.len].fill(value);
    }

    /// Makes place for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        if self.table.len() - self.len < more {
            let mut larger = Table::zeroed(&self.table.room, self.len + more);
            larger[..self.len].copy_from_slice(self);
            self.table = larger;
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let len = (self.table.len() * 2).max(self.len + more).max(4096 / size_of::<T>());
        let mut larger = Table::zeroed(&self.table.room, len);
        larger[..self.len].copy_from_slice(self);
        self.table = larger;
    }
}

impl<T: Plain> Deref for Growing<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.table[..self.len]
    }
}

impl<T: Plain> DerefMut for Growing<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.table[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(room: &Arc<Room>) -> (Table<u32>, Growing<[u32; 2]>) {
        let table = Table::filled(room, 50_000, 7u32);
        let mut growing = Growing::new(room);
        for at in 0..100_000u32 {
            growing.push([at, !at]);
        }
        growing.extend_from_slice(&[[1, 2], [3, 4]]);
        assert!(table.iter().all(|&value| value == 7));
        assert!(growing[..100_000].iter().zip(0..).all(|(&pair, at)| pair == [at, !at]));
        assert_eq!(growing[100_000..], [[1, 2], [3, 4]]);
        (table, growing)
    }

    #[test]
    fn past_the_budget_tables_are_in_files_without_names() {
        let folder = tempfile::tempdir().unwrap();
        let room = Arc::new(Room::new(1 << 16, folder.path().to_path_buf()));
        let tables = fill(&room);
        let (memory, disk) = room.held();
        assert!(memory <= 1 << 16, "{memory}");
        assert!(disk >= 1_000_000, "{disk}");
        assert_eq!(room.refused(), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        drop(tables);
        assert_eq!(room.held(), (0, 0));
    }

    #[test]
    fn without_a_folder_tables_stay_in_memory_and_it_is_said_why() {
        let folder = tempfile::tempdir().unwrap().path().join("gone");
        let room = Arc::new(Room::new(1 << 16, folder.clone()));
        let _tables = fill(&room);
        assert_eq!(room.held().1, 0);
        assert!(room.refused().is_some_and(|why| why.contains(&*folder.to_string_lossy())));
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_reserved_is_an_error_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(file(folder.path(), 1 << 60).is_err());
        assert!(file(folder.path(), 1 << 16).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn below_the_budget_no_file_is_made() {
        let room = Arc::new(Room::new(1 << 30, PathBuf::from("/nowhere")));
        let _tables = fill(&room);
        assert_eq!((room.held().1, room.refused()), (0, None));
    }
}
