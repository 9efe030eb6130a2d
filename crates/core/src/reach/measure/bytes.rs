//! Sets of bytes.

use regex_syntax::hir::Class;

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(super) [u64; 4]);

impl Bytes {
    pub(crate) const NONE: Self = Self([0; 4]);

    pub(super) fn one(b: u8) -> Self {
        let mut set = Self::NONE;
        set.add(b);
        set
    }

    /// From `low` to `high`, both included.
    pub(super) const fn those(low: u8, high: u8) -> Self {
        let mut set = Self::NONE;
        let mut word = low >> 6;
        while word <= high >> 6 {
            let from = if word == low >> 6 { low & 63 } else { 0 };
            let to = if word == high >> 6 { high & 63 } else { 63 };
            set.0[word as usize] = u64::MAX << from & u64::MAX >> (63 - to);
            word += 1;
        }
        set
    }

    /// The bytes of a class; `None` for one with characters beyond ASCII.
    pub(super) fn of(class: &Class) -> Option<Self> {
        match class {
            Class::Bytes(class) => {
                Some(class.iter().fold(Self::NONE, |set, r| set.or(Self::those(r.start(), r.end()))))
            }
            Class::Unicode(class) => class.iter().try_fold(Self::NONE, |set, r| {
                let ascii = |c: char| u8::try_from(c).ok().filter(u8::is_ascii);
                Some(set.or(Self::those(ascii(r.start())?, ascii(r.end())?)))
            }),
        }
    }

    pub(super) fn add(&mut self, b: u8) {
        self.0[usize::from(b >> 6)] |= 1 << (b & 63);
    }

    #[inline]
    pub(crate) fn has(&self, b: u8) -> bool {
        self.0[usize::from(b >> 6)] >> (b & 63) & 1 != 0
    }

    pub(super) const fn or(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]])
    }

    pub(super) const fn and(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]])
    }

    pub(super) const fn without(self, other: Self) -> Self {
        let b = other.0;
        self.and(Self([!b[0], !b[1], !b[2], !b[3]]))
    }

    /// How many there are.
    pub(super) fn len(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
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
