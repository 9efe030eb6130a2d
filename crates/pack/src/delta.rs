//! Deltas: instructions that make an object of a base.
//!
//! A delta states the size of its base and of its result, then lists instructions: copy a range of the base,
//! or insert the bytes that follow. See `gitformat-pack(5)`, "Deltified representation".

use crate::problem::Why;

/// A range that an object shares with its base: `child[to..to + len] == base[from..from + len]`.
///
/// Lists of them are sorted by `to`, do not overlap there, and neighbours that continue one another are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Offset in the base.
    pub from: usize,
    /// Offset in the child.
    pub to: usize,
    /// Number of bytes.
    pub len: usize,
}

/// A delta whose header was read.
pub(crate) struct Delta<'a> {
    base_size: u64,
    /// The size of the result, as stated.
    pub(crate) size: u64,
    code: &'a [u8],
}

impl<'a> Delta<'a> {
    pub(crate) fn parse(delta: &'a [u8]) -> Result<Self, Why> {
        let (base_size, rest) = size(delta).ok_or(Why::DeltaFormat)?;
        let (size, code) = size(rest).ok_or(Why::DeltaFormat)?;
        Ok(Self { base_size, size, code })
    }

    /// Adds up what the instructions make, so that a stated size can be believed before memory is taken.
    pub(crate) fn check_size(&self) -> Result<(), Why> {
        let mut code = self.code;
        let mut total = 0u64;
        while let Some((op, rest)) = next(code)? {
            total = total.saturating_add(match op {
                Op::Copy { len, .. } => len as u64,
                Op::Insert(bytes) => bytes.len() as u64,
            });
            code = rest;
        }
        if total == self.size { Ok(()) } else { Err(Why::DeltaResultSize) }
    }

    /// Whether it was made for a base of this size.
    pub(crate) fn check_base(&self, size: u64) -> Result<(), Why> {
        if size == self.base_size { Ok(()) } else { Err(Why::DeltaBaseSize) }
    }

    pub(crate) fn ops(&self) -> Ops<'a> {
        Ops(self.code)
    }

    /// Writes the object to `out`, with a base that gives its bytes piece by piece.
    pub(crate) fn apply_from(
        &self,
        base: u64,
        out: &mut [u8],
        read: impl Fn(usize, &mut [u8]),
    ) -> Result<(), Why> {
        self.check_base(base)?;
        let (mut ops, mut to) = (self.ops(), 0);
        while let Some(op) = ops.next()? {
            match op {
                Op::Copy { from, len } => {
                    if from as u64 + len as u64 > base {
                        return Err(Why::DeltaCopyRange);
                    }
                    read(from, out.get_mut(to..to + len).ok_or(Why::DeltaResultSize)?);
                    to += len;
                }
                Op::Insert(bytes) => {
                    out.get_mut(to..to + bytes.len()).ok_or(Why::DeltaResultSize)?.copy_from_slice(bytes);
                    to += bytes.len();
                }
            }
        }
        if to == out.len() { Ok(()) } else { Err(Why::DeltaResultSize) }
    }

    /// Writes the object to `out`, which has the stated size, and the merged list of copied ranges to `copies`.
    pub(crate) fn apply(&self, base: &[u8], out: &mut [u8], copies: &mut Vec<Copied>) -> Result<(), Why> {
        copies.clear();
        self.check_base(base.len() as u64)?;
        let mut code = self.code;
        let mut to = 0;
        let mut last = Copied { from: 0, to: 0, len: 0 };
        while let Some((op, rest)) = next(code)? {
            code = rest;
            match op {
                Op::Copy { from, len } => {
                    let bytes = from
                        .checked_add(len)
                        .and_then(|end| base.get(from..end))
                        .ok_or(Why::DeltaCopyRange)?;
                    out.get_mut(to..to + len).ok_or(Why::DeltaResultSize)?.copy_from_slice(bytes);
                    if last.to + last.len == to && last.from + last.len == from {
                        last.len += len;
                    } else {
                        if last.len > 0 {
                            copies.push(last);
                        }
                        last = Copied { from, to, len };
                    }
                    to += len;
                }
                Op::Insert(bytes) => {
                    let len = bytes.len();
                    out.get_mut(to..to + len).ok_or(Why::DeltaResultSize)?.copy_from_slice(bytes);
                    to += len;
                }
            }
        }
        if last.len > 0 {
            copies.push(last);
        }
        if to == out.len() { Ok(()) } else { Err(Why::DeltaResultSize) }
    }
}

/// The instructions, one after the other.
pub(crate) struct Ops<'a>(&'a [u8]);

impl<'a> Ops<'a> {
    pub(crate) fn next(&mut self) -> Result<Option<Op<'a>>, Why> {
        let Some((op, rest)) = next(self.0)? else { return Ok(None) };
        self.0 = rest;
        Ok(Some(op))
    }
}

/// An instruction.
pub(crate) enum Op<'a> {
    Copy { from: usize, len: usize },
    Insert(&'a [u8]),
}

/// Takes one instruction off `code`.
#[inline]
fn next(code: &[u8]) -> Result<Option<(Op<'_>, &[u8])>, Why> {
    let Some((&op, rest)) = code.split_first() else { return Ok(None) };
    if op & 0x80 == 0 {
        if op == 0 {
            return Err(Why::DeltaFormat); // reserved by git
        }
        let (bytes, rest) = rest.split_at_checked(usize::from(op)).ok_or(Why::DeltaFormat)?;
        return Ok(Some((Op::Insert(bytes), rest)));
    }
    let (mut from, mut len, mut used) = (0u32, 0u32, 0);
    for bit in 0..4 {
        if op & (1 << bit) != 0 {
            from |= u32::from(*rest.get(used).ok_or(Why::DeltaFormat)?) << (8 * bit);
            used += 1;
        }
    }
    for bit in 0..3 {
        if op & (0x10 << bit) != 0 {
            len |= u32::from(*rest.get(used).ok_or(Why::DeltaFormat)?) << (8 * bit);
            used += 1;
        }
    }
    if len == 0 {
        len = 0x10000;
    }
    Ok(Some((Op::Copy { from: from as usize, len: len as usize }, &rest[used..])))
}

/// A size: seven bits per byte, least first.
fn size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut size = 0u64;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        size |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((size, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(delta: &[u8], base: &[u8]) -> Result<(Vec<u8>, Vec<Copied>), Why> {
        let delta = Delta::parse(delta)?;
        delta.check_size()?;
        let mut out = vec![0; delta.size as usize];
        let mut copies = Vec::new();
        delta.apply(base, &mut out, &mut copies)?;
        Ok((out, copies))
    }

    #[test]
    fn copies_and_inserts() {
        let (out, copies) = run(&[5, 6, 0x91, 1, 3, 2, b'x', b'y', 0x90, 1], b"hello").unwrap();
        assert_eq!(out, b"ellxyh");
        assert_eq!(copies, [Copied { from: 1, to: 0, len: 3 }, Copied { from: 0, to: 5, len: 1 }]);
    }

    #[test]
    fn neighbours_that_continue_one_another_are_merged() {
        let (out, copies) = run(&[5, 5, 0x90, 2, 0x91, 2, 3], b"hello").unwrap();
        assert_eq!(out, b"hello");
        assert_eq!(copies, [Copied { from: 0, to: 0, len: 5 }]);
    }

    #[test]
    fn a_copy_of_size_zero_is_64_kib() {
        let base = vec![7; 0x10000];
        let (out, copies) = run(&[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80], &base).unwrap();
        assert_eq!(out, base);
        assert_eq!(copies, [Copied { from: 0, to: 0, len: 0x10000 }]);
    }

    #[test]
    fn lies_are_named() {
        let cases: &[(&[u8], Why)] = &[
            (&[], Why::DeltaFormat),
            (&[5], Why::DeltaFormat),
            (&[0xff; 20], Why::DeltaFormat),
            (&[5, 1, 0], Why::DeltaFormat),
            (&[5, 2, 2, b'x'], Why::DeltaFormat),
            (&[5, 3, 0x91, 1], Why::DeltaFormat),
            (&[4, 1, 1, b'x'], Why::DeltaBaseSize),
            (&[5, 2, 0x91, 4, 2], Why::DeltaCopyRange),
            (&[5, 1, 0x9f, 0xff, 0xff, 0xff, 0xff, 1], Why::DeltaCopyRange),
            (&[5, 9, 1, b'x'], Why::DeltaResultSize),
            (&[5, 0, 1, b'x'], Why::DeltaResultSize),
        ];
        for (delta, why) in cases {
            assert_eq!(run(delta, b"hello").unwrap_err(), *why, "{delta:?}");
        }
    }
}
