//! The tables over anchors of two bytes.
//!
//! There are few of them. Each is put into one of eight groups; four tables of sixteen cells tell for the
//! halves of each byte which groups have it there. That is the shape a SIMD shuffle looks up sixteen or
//! thirty-two at a time.

use std::fmt::Write;

use super::literals::{LiteralId, Literals};
use super::{Store, list};

/// Length of these anchors.
pub const LEN: usize = 2;

/// Groups by the low and the high half of the first and of the second byte.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Halves {
    /// Of the first byte.
    pub first: [[u8; 16]; 2],
    /// Of the second byte.
    pub second: [[u8; 16]; 2],
}

impl Halves {
    fn add(&mut self, group: u8, pair: [u8; 2]) {
        for (table, byte) in [(&mut self.first, pair[0]), (&mut self.second, pair[1])] {
            table[0][usize::from(byte & 15)] |= group;
            table[1][usize::from(byte >> 4)] |= group;
        }
    }

    /// Whether a group has both bytes, perhaps.
    #[inline]
    pub fn has(&self, a: u8, b: u8) -> bool {
        let groups = |table: &[[u8; 16]; 2], byte: u8| {
            table[0][usize::from(byte & 15)] & table[1][usize::from(byte >> 4)]
        };
        groups(&self.first, a) & groups(&self.second, b) != 0
    }
}

/// Anchors of two bytes.
#[derive(Debug, PartialEq)]
pub struct Pairs {
    /// Where they may be.
    pub halves: Halves,
    /// Which literals they are.
    pub ids: Store<[LiteralId]>,
}

impl Pairs {
    /// Makes the tables.
    pub fn new(literals: &Literals) -> Self {
        let ids: Box<[_]> =
            (0..literals.count() as LiteralId).filter(|&id| literals.text(id).len() == LEN).collect();
        let mut halves = Halves::default();
        // One group for each first byte while there are groups: then a group is exact in it.
        let mut firsts: Vec<u8> = Vec::new();
        for &id in &ids {
            let [a, b] = [literals.text(id)[0], literals.text(id)[1]];
            let index = firsts.iter().position(|&f| f == a).unwrap_or_else(|| {
                firsts.push(a);
                firsts.len() - 1
            });
            let group = 1 << (index % 8);
            halves.add(group, [a, b]);
            if literals.fold(id) {
                let [up, down] = [a.to_ascii_uppercase(), a];
                for first in [up, down] {
                    halves.add(group, [first, b]);
                    halves.add(group, [first, b.to_ascii_uppercase()]);
                }
            }
        }
        Self { halves, ids: Store::Made(ids) }
    }

    pub(super) fn write(&self, out: &mut String) -> std::fmt::Result {
        write!(out, "Pairs {{ halves: {:?}, ids: ", self.halves)?;
        list(out, &self.ids)?;
        write!(out, " }}")
    }
}
