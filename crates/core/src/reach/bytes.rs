//! Sets of bytes.

use regex_syntax::hir::Class;

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes([u64; 4]);

impl Bytes {
    pub(crate) const NONE: Self = Self([0; 4]);

    pub(super) fn one(b: u8) -> Self {
        let mut set = Self::NONE;
        set.add(b);
        set
    }

    /// The bytes of a class; `None` for one with characters beyond ASCII.
    pub(super) fn of(class: &Class) -> Option<Self> {
        let mut set = Self::NONE;
        match class {
            Class::Bytes(class) => {
                class.iter().flat_map(|r| r.start()..=r.end()).for_each(|b| set.add(b));
            }
            Class::Unicode(class) => {
                for c in class.iter().flat_map(|r| r.start()..=r.end()) {
                    set.add(u8::try_from(c).ok().filter(u8::is_ascii)?);
                }
            }
        }
        Some(set)
    }

    pub(super) fn add(&mut self, b: u8) {
        self.0[usize::from(b >> 6)] |= 1 << (b & 63);
    }

    #[inline]
    pub(crate) fn has(&self, b: u8) -> bool {
        self.0[usize::from(b >> 6)] >> (b & 63) & 1 != 0
    }

    pub(super) fn or(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| *mine |= other);
        self
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |&b| self.has(b))
    }

    /// A small set as one set for each of its letters, cases together, since each may lead to an anchor
    /// of its own.
    pub(super) fn split(self) -> Vec<Self> {
        let mut sets: Vec<Self> = Vec::new();
        for b in self.iter() {
            let other = b.to_ascii_uppercase();
            match sets.iter_mut().find(|s| other != b && s.has(other)) {
                Some(set) => set.add(b),
                None => sets.push(Self::one(b)),
            }
            if sets.len() > 8 {
                return vec![self];
            }
        }
        sets
    }

    /// Whether every byte of this set matches `b` under `fold`.
    pub(super) fn only(self, b: u8, fold: bool) -> bool {
        let mut allowed = Self::one(b);
        if fold {
            allowed.add(b.to_ascii_uppercase());
            allowed.add(b.to_ascii_lowercase());
        }
        self != Self::NONE && self.0.iter().zip(allowed.0).all(|(mine, other)| mine & !other == 0)
    }
}
