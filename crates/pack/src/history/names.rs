//! The names in trees, and how many trees there are: what a reader of a whole history counts and looks at.

use super::{Bits, History};
use crate::store::Store;

impl<'s> History<'s> {
    /// The store that was read.
    pub fn store(&self) -> &'s Store {
        self.store
    }

    /// Every name of a file or folder in a tree, once each, in no particular order. `all`: also those that only
    /// unreachable trees have.
    pub fn names(&self, all: bool) -> impl Iterator<Item = &[u8]> {
        let mut known = Bits::new(self.store.room(), self.lists.name_count());
        for row in 0..self.lists.row_count() as u32 {
            let seen = if all { &self.seen_rows } else { &self.reachable_rows };
            let entry = self.lists.row(row);
            // A dangling tree is seen by no commit; its rows are told from unused ones by what they show.
            if seen.has(row) || all && entry.child().is_some() {
                known.set(entry.name());
            }
        }
        (0..self.lists.name_count() as u32)
            .filter(move |&name| known.has(name))
            .map(|name| self.lists.name(name))
    }

    /// How many trees were read. `all`: also unreachable ones.
    pub fn tree_count(&self, all: bool) -> u64 {
        let numbers = 0..self.store.count();
        let counts = |&number: &u32| self.lists.is_read(number) && (all || self.is_reachable_number(number));
        numbers.filter(counts).count() as u64
    }
}
