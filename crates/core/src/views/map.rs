//! The way back from a view to the original.

use std::ops::Range;

/// Pieces of a view in order; none means that any part came from the whole source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Map(Vec<Piece>);

/// A stretch of a view that advances in the original at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Its first byte in the view.
    view: u32,
    /// The byte of the original that it starts at, from the start of the source.
    source: u32,
    /// So many bytes of the view ...
    per: u32,
    /// ... come from so many of the original.
    from: u32,
}

impl Map {
    /// Any part came from the whole source.
    pub(super) fn whole() -> Self {
        Self::default()
    }

    /// From the byte `view` of the view on, `per` bytes come from `from` bytes of the original, starting
    /// `source` bytes into it. Pieces are added in order of the view.
    pub(super) fn add(&mut self, view: usize, source: usize, per: usize, from: usize) {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let piece =
            Piece { view: small(view), source: small(source), per: small(per.max(1)), from: small(from) };
        // A copy that goes on where the last one ended is the same piece.
        if let Some(last) = self.0.last() {
            let same_rate = (last.per, last.from) == (1, 1) && (piece.per, piece.from) == (1, 1);
            if same_rate && piece.view - last.view == piece.source.wrapping_sub(last.source) {
                return;
            }
        }
        self.0.push(piece);
    }

    pub(super) fn original(&self, part: Range<usize>, source: &Range<usize>) -> Range<usize> {
        let last_byte = part.end.max(part.start + 1) - 1;
        let (Some(first), Some(last)) = (self.unit(part.start), self.unit(last_byte)) else {
            return source.clone();
        };
        let at = |offset: usize| source.start.saturating_add(offset).min(source.end);
        // Joined pieces may come in any order in the original.
        at(first.start.min(last.start))..at(last.end.max(first.end))
    }

    /// The smallest stretch of the original, from the start of the source, that a byte came from.
    fn unit(&self, byte: usize) -> Option<Range<usize>> {
        let after = self.0.partition_point(|piece| piece.view as usize <= byte);
        let piece = self.0.get(after.checked_sub(1)?)?;
        let number = (byte - piece.view as usize) / piece.per as usize;
        let start = piece.source as usize + number * piece.from as usize;
        Some(start..start + piece.from as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_followed() {
        let mut map = Map::default();
        map.add(0, 0, 1, 1); // ten bytes as they are
        map.add(10, 10, 1, 6); // \u0041
        map.add(11, 16, 1, 1);
        map.add(20, 40, 3, 4); // base64
        let source = 100..200;
        for (part, expected) in [
            (0..3, 100..103),
            (9..11, 109..116),
            (10..11, 110..116),
            (11..12, 116..117),
            (21..22, 140..144),
            (21..25, 140..148),
            (5..5, 105..106),
            (500..501, 200..200),
        ] {
            assert_eq!(map.original(part.clone(), &source), expected, "{part:?}");
        }
        assert_eq!(Map::whole().original(3..4, &source), source);
    }

    #[test]
    fn adjoining_copies_are_one_piece() {
        let mut map = Map::default();
        map.add(0, 5, 1, 1);
        map.add(10, 15, 1, 1);
        map.add(20, 99, 1, 1);
        assert_eq!(map.0.len(), 2);
    }
}
