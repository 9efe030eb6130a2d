//! An object above the size that is held in memory, as pieces of others that are there.
//!
//! A delta of a few kilobytes makes a file of a hundred megabytes of another one. Nobody needs the result whole: it is
//! shown as a stream, and what is based on it copies ranges. So it is a list of ranges of the object at the root of
//! the chain, which is held once for all of them, and of inserted bytes, which stay in the instructions they came in.

use std::io::{self, Read};
use std::sync::Arc;

use crate::buffer::Buffer;
use crate::delta::{Delta, Op};
use crate::problem::Why;

/// A range of the root or of instructions.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Where it ends in the object.
    end: u64,
    /// 0: the root. Else one more than the position of the instructions.
    of: u32,
    from: u32,
}

/// An object as a list of ranges.
#[derive(Debug)]
pub(crate) struct Rope {
    root: Arc<Buffer>,
    /// Instructions that bytes were inserted by: of this delta and of those that it is based on.
    codes: Vec<Arc<Vec<u8>>>,
    parts: Vec<Part>,
}

/// What a delta copies from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'a> {
    Whole(&'a Arc<Buffer>),
    Rope(&'a Rope),
}

impl Source<'_> {
    pub(crate) fn len(self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Rope(rope) => rope.len(),
        }
    }

    /// Bytes of memory that a rope on it would take at least.
    pub(crate) fn weight(self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Rope(rope) => rope.root.len() + rope.weight(),
        }
    }
}

impl Rope {
    /// What the delta that is `code` makes of `base`; it may take `most` bytes of memory with the root.
    pub(crate) fn new(base: Source<'_>, code: Vec<u8>, most: usize) -> Result<Self, Why> {
        let code = Arc::new(code);
        let delta = Delta::parse(&code)?;
        delta.check_base(base.len())?;
        let (root, codes) = match base {
            Source::Whole(bytes) => (bytes, &[][..]),
            Source::Rope(rope) => (&rope.root, rope.codes.as_slice()),
        };
        let mut rope = Self { root: Arc::clone(root), codes: codes.to_vec(), parts: Vec::new() };
        rope.codes.push(Arc::clone(&code));
        let own = rope.codes.len() as u32;
        let room = most.saturating_sub(rope.root.len() + rope.weight()) / size_of::<Part>();
        let start = code.as_ptr() as usize;
        let mut ops = delta.ops();
        while let Some(op) = ops.next()? {
            match op {
                // Where in the instructions the bytes are.
                Op::Insert(bytes) => rope.push(own, bytes.as_ptr() as usize - start, bytes.len()),
                Op::Copy { from, len } => {
                    if from as u64 + len as u64 > base.len() {
                        return Err(Why::DeltaCopyRange);
                    }
                    match base {
                        Source::Whole(_) => rope.push(0, from, len),
                        Source::Rope(base) => {
                            base.pieces(from, len, |part, from, len| rope.push(part.of, from, len));
                        }
                    }
                }
            }
            if rope.parts.len() > room {
                return Err(Why::TooLarge);
            }
        }
        if rope.len() != delta.size {
            return Err(Why::DeltaResultSize);
        }
        rope.parts.shrink_to_fit();
        Ok(rope)
    }

    fn push(&mut self, of: u32, from: usize, len: usize) {
        let start = self.len();
        let before = self.parts.len().checked_sub(2).map_or(0, |at| self.parts[at].end);
        if let Some(last) = self.parts.last_mut()
            && last.of == of
            && u64::from(last.from) + (last.end - before) == from as u64
        {
            last.end += len as u64;
            return;
        }
        self.parts.push(Part { end: start + len as u64, of, from: from as u32 });
    }

    pub(crate) fn len(&self) -> u64 {
        self.parts.last().map_or(0, |part| part.end)
    }

    /// Bytes of memory that it takes without its root; what it shares with others is counted for each.
    pub(crate) fn weight(&self) -> usize {
        self.parts.capacity() * size_of::<Part>() + self.codes.iter().map(|code| code.len()).sum::<usize>()
    }

    /// The ranges that `len` bytes at `from` are made of.
    fn pieces(&self, from: usize, len: usize, mut piece: impl FnMut(Part, usize, usize)) {
        let (mut at, end) = (from as u64, (from + len) as u64);
        let mut number = self.parts.partition_point(|part| part.end <= at);
        while at < end
            && let Some(&part) = self.parts.get(number)
        {
            let start = number.checked_sub(1).map_or(0, |before| self.parts[before].end);
            let upto = part.end.min(end);
            piece(part, part.from as usize + (at - start) as usize, (upto - at) as usize);
            (at, number) = (upto, number + 1);
        }
    }

    fn bytes(&self, part: Part, from: usize, len: usize) -> &[u8] {
        let of = match part.of {
            0 => &**self.root,
            code => self.codes[code as usize - 1].as_slice(),
        };
        &of[from..from + len]
    }

    /// Copies the bytes at `from` to `out`; they must exist.
    pub(crate) fn read_at(&self, from: usize, out: &mut [u8]) {
        let mut done = 0;
        self.pieces(from, out.len(), |part, from, len| {
            out[done..done + len].copy_from_slice(self.bytes(part, from, len));
            done += len;
        });
    }

    /// Gives all bytes, piece by piece.
    pub(crate) fn each(&self, mut piece: impl FnMut(&[u8])) {
        let mut start = 0;
        for &part in &self.parts {
            piece(self.bytes(part, part.from as usize, (part.end - start) as usize));
            start = part.end;
        }
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { rope: self, at: 0 }
    }
}

/// The bytes of a rope, one after the other.
pub(crate) struct Reader<'r> {
    rope: &'r Rope,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.rope.len() - self.at).unwrap_or(usize::MAX);
        let len = left.min(out.len());
        self.rope.read_at(self.at as usize, &mut out[..len]);
        self.at += len as u64;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(rope: &Rope) -> Vec<u8> {
        let mut bytes = Vec::new();
        rope.reader().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn ropes_on_ropes_give_the_bytes_that_deltas_make() {
        let root = Arc::new(Buffer::from(b"hello world".to_vec()));
        // "llo w" + "XY" + "hel"
        let code = vec![11, 10, 0x91, 2, 3, 0x91, 5, 2, 2, b'X', b'Y', 0x90, 3];
        let first = Rope::new(Source::Whole(&root), code, 1 << 20).unwrap();
        assert_eq!(whole(&first), b"llo wXYhel");
        assert_eq!(first.parts.len(), 3, "neighbours are merged");
        let code = vec![10, 9, 0x91, 3, 6, 1, b'!', 0x90, 2];
        let second = Rope::new(Source::Rope(&first), code, 1 << 20).unwrap();
        assert_eq!(whole(&second), b" wXYhe!ll");
        let mut some = [0; 4];
        second.read_at(3, &mut some);
        assert_eq!(&some, b"Yhe!");
    }

    #[test]
    fn lies_and_want_of_room_are_named() {
        let root = Arc::new(Buffer::from(b"hello".to_vec()));
        let cases: &[(&[u8], usize, Why)] = &[
            (&[4, 1, 1, b'x'], 1 << 20, Why::DeltaBaseSize),
            (&[5, 2, 0x91, 4, 2], 1 << 20, Why::DeltaCopyRange),
            (&[5, 1, 0x9f, 0xff, 0xff, 0xff, 0xff, 1], 1 << 20, Why::DeltaCopyRange),
            (&[5, 9, 1, b'x'], 1 << 20, Why::DeltaResultSize),
            (&[5, 1, 0], 1 << 20, Why::DeltaFormat),
            (&[5, 3, 1, b'x', 0x90, 1, 1, b'y'], 40, Why::TooLarge),
        ];
        for (code, most, why) in cases {
            assert_eq!(Rope::new(Source::Whole(&root), code.to_vec(), *most).unwrap_err(), *why, "{code:?}");
        }
    }
}
