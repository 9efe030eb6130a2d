//! Which number belongs to which object: millions of look-ups.
//!
//! Searching an index touches four or five places far apart in memory, and each pack must be searched. A
//! table of hashes touches two, for all packs at once.

use std::hash::{BuildHasher, RandomState};

use crate::forest::NONE;
use crate::oid::ObjectId;
use crate::store::Store;

/// All objects of a store by name.
pub(super) struct Numbers<'s> {
    store: &'s Store,
    /// Part of the name, and the number.
    slots: Vec<(u32, u32)>,
    /// Where in the table a name begins is not for strangers to choose.
    key: u64,
}

impl<'s> Numbers<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        let count = store.count();
        let key = RandomState::new().hash_one(0) | 1;
        let len = (count as usize * 2).next_power_of_two().max(2);
        let mut numbers = Self { store, slots: vec![(0, NONE); len], key };
        for number in 0..count {
            if let Some(name) = store.name(number) {
                numbers.insert(name, number);
            }
        }
        numbers
    }

    /// Adds an object, unless it is known by a lower number.
    fn insert(&mut self, name: &[u8], number: u32) {
        let (mut at, tag) = self.place(name);
        loop {
            let (other, taken) = self.slots[at];
            if taken == NONE {
                self.slots[at] = (tag, number);
                return;
            }
            if other == tag && self.store.name(taken) == Some(name) {
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// The object's number: that of its first copy.
    pub(super) fn get(&self, id: &ObjectId) -> Option<u32> {
        let (mut at, tag) = self.place(id.as_bytes());
        loop {
            let (other, number) = self.slots[at];
            if number == NONE {
                return None;
            }
            if other == tag && self.store.name(number) == Some(id.as_bytes()) {
                return Some(number);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn place(&self, name: &[u8]) -> (usize, u32) {
        let mut eight = [0; 8];
        eight.copy_from_slice(&name[..8]);
        let name = u64::from_le_bytes(eight);
        let mixed = (name ^ self.key.rotate_left(32)).wrapping_mul(self.key);
        ((mixed >> 32) as usize & (self.slots.len() - 1), name as u32)
    }
}
