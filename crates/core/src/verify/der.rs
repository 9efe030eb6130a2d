//! A careful reader of DER, for the shape of a key and no more.
//!
//! Definite lengths of at most four bytes, low tag numbers. Nothing is copied, nothing recurses.

/// The tag of an INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// The tag of an OCTET STRING.
pub(super) const OCTETS: u8 = 0x04;
/// The tag of an OBJECT IDENTIFIER.
pub(super) const OBJECT: u8 = 0x06;
/// The tag of a SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;

/// What is left of the content of one element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

/// How a text that should be one SEQUENCE fills its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// Exactly.
    Exact,
    /// The bytes end before the element does.
    Short,
    /// Bytes follow the element.
    Long,
    /// It is no SEQUENCE.
    Other,
}

impl<'a> Der<'a> {
    /// The next element's tag and content.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, len, head) = header(self.0)?;
        let content = self.0.get(head..head.checked_add(len)?)?;
        self.0 = &self.0[head + len..];
        Some((tag, content))
    }

    /// The next element's content, where its tag is `tag`.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// How the outer SEQUENCE of `bytes` fills them.
    pub(super) fn fill(bytes: &[u8]) -> Fill {
        match header(bytes) {
            Some((SEQUENCE, len, head)) => match len.saturating_add(head).cmp(&bytes.len()) {
                std::cmp::Ordering::Equal => Fill::Exact,
                std::cmp::Ordering::Greater => Fill::Short,
                std::cmp::Ordering::Less => Fill::Long,
            },
            _ => Fill::Other,
        }
    }
}

/// Tag, content length and header length.
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
    if tag & 0x1f == 0x1f {
        return None;
    }
    if first < 0x80 {
        return Some((tag, first.into(), 2));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return None;
    }
    let len = bytes.get(2..2 + count)?.iter().fold(0, |n: usize, &b| n << 8 | usize::from(b));
    Some((tag, len, 2 + count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_elements_in_turn() {
        let mut der = Der(&[2, 1, 5, 4, 0x81, 1, 9]);
        assert_eq!(der.expect(INTEGER), Some(&[5][..]));
        assert_eq!(der.expect(OCTETS), Some(&[9][..]));
        assert!(der.next().is_none());
    }

    #[test]
    fn says_how_a_sequence_fills() {
        for (bytes, fill) in [
            (&[0x30, 1, 0][..], Fill::Exact),
            (&[0x30, 2, 0], Fill::Short),
            (&[0x30, 1, 0, 0], Fill::Long),
            (&[0x31, 1, 0], Fill::Other),
            (&[0x30, 0x80, 0, 0], Fill::Other),
            (&[], Fill::Other),
        ] {
            assert_eq!(Der::fill(bytes), fill, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_always_ends(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut der = Der(&bytes);
            while der.next().is_some() {}
        }
    }
}
