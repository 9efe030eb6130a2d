//! Which number belongs to which object: millions of look-ups.
//!
//! Searching an index touches four or five places far apart in memory, and each pack must be searched. A
//! table of hashes touches two or three, for all packs at once, in seven bytes for each object.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::AtomicBool;

use crate::forest::NONE;
use crate::oid::ObjectId;
use crate::plan::stopped;
use crate::room::Table;
use crate::store::Store;

/// All objects of a store by name.
pub(crate) struct Numbers<'s> {
    store: &'s Store,
    slots: Table<u32>,
    /// A byte of each name, so that most others in a name's way are told from it without looking them up.
    tags: Table<u8>,
    /// Where in the table a name begins is not for strangers to choose.
    key: u64,
}

impl<'s> Numbers<'s> {
    /// Ends early, with what is there by then, once `stop` is set.
    pub(crate) fn new(store: &'s Store, stop: Option<&AtomicBool>) -> Self {
        let count = store.count();
        let key = RandomState::new().hash_one(0) | 1;
        // A quarter stays free.
        let len = count as usize + count as usize / 3 + 2;
        let room = store.room();
        let (slots, tags) = (Table::filled(room, len, NONE), Table::zeroed(room, len));
        let mut numbers = Self { store, slots, tags, key };
        for number in 0..count {
            if number % 4096 == 0 && stopped(stop) {
                break;
            }
            if let Some(name) = store.name(number) {
                numbers.insert(name, number);
            }
        }
        numbers
    }

    /// Adds an object, unless it is known by a lower number.
    fn insert(&mut self, name: &[u8], number: u32) {
        let (at, tag) = self.place(name);
        if let Err(free) = self.search(name, at, tag) {
            self.slots[free] = number;
            self.tags[free] = tag;
        }
    }

    /// The object's number: that of its first copy.
    pub(super) fn get(&self, id: &ObjectId) -> Option<u32> {
        self.first(id.as_bytes())
    }

    /// The same for the raw bytes of a name.
    pub(crate) fn first(&self, name: &[u8]) -> Option<u32> {
        let (at, tag) = self.place(name);
        self.search(name, at, tag).ok()
    }

    /// The number of the object of this name, or the free place where it would be.
    fn search(&self, name: &[u8], mut at: usize, tag: u8) -> Result<u32, usize> {
        loop {
            let number = self.slots[at];
            if number == NONE {
                return Err(at);
            }
            if self.tags[at] == tag && self.store.name(number) == Some(name) {
                return Ok(number);
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    fn place(&self, name: &[u8]) -> (usize, u8) {
        let mut eight = [0; 8];
        eight.copy_from_slice(&name[..8]);
        let mixed = (u64::from_le_bytes(eight) ^ self.key.rotate_left(32)).wrapping_mul(self.key);
        // The upper half, spread over the table.
        let at = ((mixed >> 32) * self.slots.len() as u64) >> 32;
        (at as usize, mixed as u8 ^ name[8])
    }
}
