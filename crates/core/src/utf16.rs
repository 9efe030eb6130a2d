//! Anchors in UTF-16 text, found without decoding the file.
//!
//! A credential is ASCII, so in UTF-16 of either byte order every other byte of it is NUL. An anchor is
//! looked for *two bytes apart*: its bytes with a NUL between each. That holds at even and odd offsets,
//! with and without a byte order mark, in the middle of a binary file. To confirm, the text around the
//! anchor is narrowed to bytes as far as the NULs go on, at most as far as the rule reaches; so a verdict
//! stays local, with twice the reach.

use std::ops::Range;

use crate::found::Encoding;
use crate::prefilter::{Candidate, Prefilter};
use crate::views::mask::{BLOCK, zeros};

/// Appends the anchors that are two bytes apart and begin inside `region`, sorted by offset.
pub(crate) fn find(prefilter: &Prefilter, hay: &[u8], region: Range<usize>, out: &mut Vec<Candidate>) {
    let margin = 2 * prefilter.literals().longest();
    let low = region.start.saturating_sub(margin);
    let high = hay.len().min(region.end.saturating_add(margin));
    let shortest = prefilter.literals().shortest();
    // The runs one after the other with a NUL between, which no anchor has: one search for all. A binary file
    // has thousands of runs of a few bytes.
    let mut narrow = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    let mut at = region.start.saturating_sub(1).max(low);
    for zero in LoneZeros::new(&hay[..high], at) {
        if zero > region.end {
            break;
        }
        if zero < at {
            continue;
        }
        at = zero + 1;
        if zero == low || hay[zero - 1] == 0 || hay.get(zero + 1).is_none_or(|&b| b == 0) {
            continue;
        }
        let mut first = zero - 1;
        while first >= low + 2 && hay[first - 1] == 0 && hay[first - 2] != 0 {
            first -= 2;
        }
        let start = narrow.len();
        narrow.extend(run(&hay[..high], first));
        let len = narrow.len() - start;
        at = at.max(first + 2 * len - 1);
        if len < shortest {
            narrow.truncate(start);
        } else {
            narrow.push(0);
            runs.push(Run { start, first });
        }
    }
    if runs.is_empty() {
        return;
    }
    let mut found = Vec::new();
    prefilter.find(&narrow, 0..narrow.len(), &mut found);
    let mut runs = runs.iter().peekable();
    let mut here = Run { start: 0, first: 0 };
    for c in found {
        while let Some(next) = runs.next_if(|next| next.start <= c.at) {
            here = *next;
        }
        let at = here.first + 2 * (c.at - here.start);
        if region.contains(&at) {
            out.push(Candidate { at, literal: c.literal });
        }
    }
}

/// The NULs that have none in front of them and none behind them, and some that are the first of a few; those of
/// binary files come in long rows.
struct LoneZeros<'h> {
    hay: &'h [u8],
    /// Where the block begins whose NULs are told.
    block: usize,
    found: u64,
    /// Whether the byte before the next block is one.
    carry: u64,
}

impl<'h> LoneZeros<'h> {
    /// Those from `from` on.
    fn new(hay: &'h [u8], from: usize) -> Self {
        // Text has none.
        let block = memchr::memchr(0, &hay[from..]).map_or(hay.len(), |n| from + n);
        let mut zeros = Self { hay, block, found: 0, carry: 0 };
        zeros.read();
        zeros
    }

    fn read(&mut self) {
        let rest = &self.hay[self.block..];
        let all = if let Some(block) = rest.first_chunk() {
            zeros(block)
        } else {
            rest.iter().rev().fold(0, |all, b| all << 1 | u64::from(*b == 0))
        };
        self.found = all & !(all << 1 | self.carry) & !(all >> 1);
        self.carry = all >> 63;
    }
}

impl Iterator for LoneZeros<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.block += BLOCK;
            if self.block >= self.hay.len() {
                self.block = self.hay.len();
                return None;
            }
            self.read();
        }
        let at = self.block + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(at)
    }
}

/// A run of characters: where it begins among the narrowed bytes, and in the text.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    first: usize,
}

/// The bytes two apart from `first` on, as long as they are not NUL and NULs are between them.
fn run(hay: &[u8], first: usize) -> impl Iterator<Item = u8> {
    (first..hay.len()).step_by(2).map_while(move |i| {
        let joined = i == first || hay[i - 1] == 0;
        (joined && hay[i] != 0).then(|| hay[i])
    })
}

/// The text around an anchor, narrowed to bytes.
#[derive(Debug)]
pub(crate) struct Narrow {
    /// One byte per character.
    pub bytes: Vec<u8>,
    /// Offset of the first character in the input.
    first: usize,
    /// Length of the input.
    len: usize,
}

impl Narrow {
    /// Narrows at most `before` characters in front of `at` and `after` from it on.
    pub(crate) fn around(hay: &[u8], at: usize, before: usize, after: usize) -> Self {
        let mut first = at;
        while at - first < 2 * before && first >= 2 && hay[first - 1] == 0 && hay[first - 2] != 0 {
            first -= 2;
        }
        let ahead = (at - first) / 2;
        let mut bytes = Vec::with_capacity(ahead + after.min(2048));
        for b in run(hay, first).take(ahead + after) {
            bytes.push(b);
            // The next key block's business; without this, a file of BEGIN lines would cost its square.
            if b == b' ' && bytes.len() > ahead + 64 && bytes.ends_with(b"BEGIN ") {
                break;
            }
        }
        Self { bytes, first, len: hay.len() }
    }

    /// Where the character at `at` of the input is in the narrowed bytes.
    pub(crate) fn index(&self, at: usize) -> usize {
        (at - self.first) / 2
    }

    /// Which byte order this is, told by the offset's parity: units begin at even offsets, unless
    /// something odd is in front of them.
    pub(crate) fn encoding(&self) -> Encoding {
        if self.first.is_multiple_of(2) { Encoding::Utf16Le } else { Encoding::Utf16Be }
    }

    /// The input's bytes behind a range of characters.
    pub(crate) fn original(&self, span: Range<usize>) -> Range<usize> {
        let shift = usize::from(self.encoding() == Encoding::Utf16Be);
        let end = self.first + 2 * span.end - shift;
        // The input may end in the middle of the last character.
        self.first + 2 * span.start - shift..end.min(self.len)
    }
}

#[cfg(test)]
mod tests;
