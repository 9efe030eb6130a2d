//! Sets of positions in a pattern.

/// A set of positions: one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places([u64; WORDS]);

const WORDS: usize = 4;
/// The number of positions that there can be.
pub(super) const MOST: usize = WORDS * 64;

impl Places {
    pub(super) const NONE: Self = Self([0; WORDS]);

    pub(super) fn one(place: usize) -> Self {
        let mut set = Self::NONE;
        set.0[place / 64] = 1 << (place % 64);
        set
    }

    #[inline]
    pub(super) fn or(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]])
    }

    #[inline]
    pub(super) fn and(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        Self([a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]])
    }

    pub(super) fn without(self, other: Self) -> Self {
        let b = other.0;
        self.and(Self([!b[0], !b[1], !b[2], !b[3]]))
    }

    pub(super) fn has(self, place: usize) -> bool {
        self.0[place / 64] >> (place % 64) & 1 != 0
    }

    #[inline]
    pub(super) fn is_none(self) -> bool {
        let a = self.0;
        a[0] | a[1] | a[2] | a[3] == 0
    }

    /// Each position's next one. The last has none.
    #[inline]
    pub(super) fn up(self) -> Self {
        let a = self.0;
        Self([a[0] << 1, a[1] << 1 | a[0] >> 63, a[2] << 1 | a[1] >> 63, a[3] << 1 | a[2] >> 63])
    }

    #[inline]
    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(number, mut word)| {
            std::iter::from_fn(move || {
                (word != 0).then(|| {
                    let bit = word.trailing_zeros() as usize;
                    word &= word - 1;
                    number * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_is_its_places(places in prop::collection::btree_set(0..MOST, 0..20), others in prop::collection::btree_set(0..MOST, 0..20)) {
            let set = |of: &std::collections::BTreeSet<usize>| of.iter().fold(Places::NONE, |all, &p| all.or(Places::one(p)));
            let list = |of: Places| of.iter().collect::<Vec<_>>();
            let (a, b) = (set(&places), set(&others));
            prop_assert!((0..MOST).all(|p| a.has(p) == places.contains(&p)));
            prop_assert_eq!(a.is_none(), places.is_empty());
            prop_assert_eq!(list(a), places.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(list(a.and(b)), places.intersection(&others).copied().collect::<Vec<_>>());
            prop_assert_eq!(list(a.without(b)), places.difference(&others).copied().collect::<Vec<_>>());
            prop_assert_eq!(list(a.up()), places.iter().map(|p| p + 1).filter(|p| *p < MOST).collect::<Vec<_>>());
        }
    }
}
