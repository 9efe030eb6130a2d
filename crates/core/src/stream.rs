//! Inputs larger than memory.
//!
//! The input is read in chunks. The buffer holds, around the chunk whose anchors are looked at, as much
//! of what came before and what follows as any rule can reach, so every verdict is what it would be on
//! the whole. An input in memory that is longer than [`WHOLE`] goes the same way, so that both
//! entrances give one result.

use std::io::{self, Read};

use crate::detector::{Detector, Gathered};
use crate::found::{Found, Skipped};
use crate::lines::{Counter, Located};
use crate::reach::Reach;

/// Inputs up to this many bytes are scanned in one piece.
pub(crate) const WHOLE: usize = 16 << 20;

/// How an input is cut.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Bytes whose anchors are looked at in one go.
    pub chunk: usize,
    /// Bytes kept on each side of them.
    pub margin: usize,
}

impl Cut {
    /// The cut of production. UTF-16 doubles a reach; the excerpt looks a little further.
    const STANDARD: Self = {
        let widest = if Reach::WIDEST.before > Reach::WIDEST.after {
            Reach::WIDEST.before
        } else {
            Reach::WIDEST.after
        };
        Self { chunk: 8 << 20, margin: 2 * widest + 4096 }
    };
}

/// Scans a stream.
pub(crate) fn scan_reader(detector: &Detector, input: &mut dyn Read) -> io::Result<Found> {
    let mut head = Vec::new();
    input.take(WHOLE as u64 + 1).read_to_end(&mut head)?;
    if head.len() <= WHOLE {
        return Ok(detector.scan(&head));
    }
    scan_cut(detector, &mut head.as_slice().chain(input), Cut::STANDARD)
}

/// Scans an input in memory that is longer than [`WHOLE`].
pub(crate) fn scan_slice(detector: &Detector, mut bytes: &[u8]) -> Found {
    let whole = 0..bytes.len();
    scan_cut(detector, &mut bytes, Cut::STANDARD).unwrap_or_else(|_| {
        // Memory does not fail to read; if it ever did, that is not "clean".
        let skipped = vec![Skipped { span: whole, encoding: Vec::new(), why: "unreadable" }];
        Found { matches: Vec::new(), skipped }
    })
}

/// Scans a stream chunk by chunk.
pub(crate) fn scan_cut(detector: &Detector, input: &mut dyn Read, cut: Cut) -> io::Result<Found> {
    let mut buffer: Vec<u8> = Vec::with_capacity(cut.chunk + 2 * cut.margin);
    // Offset in the input of the buffer's first byte, and of the first anchor not yet looked at.
    let (mut base, mut next) = (0, 0);
    let mut counter = Counter::default();
    let mut located: Vec<Located> = Vec::new();
    let mut skipped: Vec<Skipped> = Vec::new();
    loop {
        let wanted = next + cut.chunk + cut.margin - base;
        let missing = wanted.saturating_sub(buffer.len());
        input.take(missing as u64).read_to_end(&mut buffer)?;
        let is_last = buffer.len() < wanted;
        let end = if is_last { base + buffer.len() } else { next + cut.chunk };

        if next == 0 {
            skipped.extend(Detector::refuse_container(&buffer));
        }
        let mut gathered = Gathered::after(located.len());
        detector.gather(&buffer, next - base..end - base, &mut gathered);
        for hit in &mut gathered.hits {
            hit.span = hit.span.start + base..hit.span.end + base;
        }
        for skip in &mut gathered.skipped {
            skip.span = skip.span.start + base..skip.span.end + base;
        }
        skipped.append(&mut gathered.skipped);
        counter.locate(&buffer, base, gathered.hits, &mut located);
        if is_last {
            break;
        }
        next = end;
        // An even number: the order of UTF-16 bytes is told by the parity of offsets.
        let drop = (next - base).saturating_sub(cut.margin) & !1;
        counter.advance(&buffer, base, base + drop);
        buffer.drain(..drop);
        base += drop;
    }
    Ok(detector.found(located, skipped))
}

#[cfg(test)]
mod tests;
