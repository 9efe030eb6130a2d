//! Buffers that are used again.
//!
//! A walk makes gigabytes of objects one after the other. Fresh memory for each would spend more time on page
//! faults than on decoding, so a thread keeps a few buffers, and their bytes are never cleared.

use std::ops::{Deref, DerefMut};

/// So many idle buffers are kept.
const KEEP: usize = 12;

/// Bytes of an object: a prefix of memory that may be longer.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    memory: Vec<u8>,
    len: usize,
}

impl Buffer {
    /// A buffer of `len` bytes of any value, in the memory of this one where it is large enough.
    fn sized(mut self, len: usize) -> Self {
        if self.memory.len() < len {
            // Growing by doubling would copy bytes that nobody wants.
            if self.memory.capacity() < len {
                self.memory = Vec::new();
                self.memory.reserve_exact(len.next_multiple_of(1 << 16));
            }
            self.memory.resize(self.memory.capacity(), 0);
        }
        self.len = len;
        self
    }

    /// Bytes of memory that are held.
    pub(crate) fn held(&self) -> usize {
        self.memory.capacity()
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(memory: Vec<u8>) -> Self {
        Self { len: memory.len(), memory }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.len]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.memory[..self.len]
    }
}

/// Idle buffers of one thread.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Vec<Buffer>,
    /// Bytes of idle buffers, and how many there may be; the others go back to the system.
    held: usize,
    most: usize,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self { idle: Vec::new(), held: 0, most }
    }

    /// A buffer of `len` bytes of any value.
    pub(crate) fn take(&mut self, len: usize) -> Buffer {
        // The smallest that is large enough, else the largest.
        let best = (0..self.idle.len()).min_by_key(|&i| {
            let held = self.idle[i].held();
            if held >= len { (0, held) } else { (1, usize::MAX - held) }
        });
        let best = best.map(|i| self.idle.swap_remove(i)).unwrap_or_default();
        self.held -= best.held();
        best.sized(len)
    }

    pub(crate) fn give(&mut self, buffer: Buffer) {
        if self.held + buffer.held() <= self.most && self.idle.len() < KEEP {
            self.held += buffer.held();
            self.idle.push(buffer);
        }
    }
}
