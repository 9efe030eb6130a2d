//! zlib streams: whole ones in one go, large ones piece by piece.
//!
//! libdeflate is a fifth faster than zlib-rs on the small streams that packs are made of, but wants the
//! whole output in memory; zlib-rs streams.

use std::io::{self, Read};

use flate2::bufread::ZlibDecoder;
use libdeflater::{DecompressionError, Decompressor};

use crate::problem::Why;

/// Deflate makes at most 1,032 bytes of one; the slack is for streams of a few bytes.
const RATIO: u64 = 1032;

/// Whether `size` bytes can come out of a stream of at most `compressed` bytes.
pub(crate) fn plausible(size: u64, compressed: usize) -> bool {
    size <= (compressed as u64).saturating_mul(RATIO).saturating_add(64)
}

/// Inflates streams of a known size.
pub(crate) struct Inflater(Decompressor);

impl Inflater {
    pub(crate) fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Inflates the zlib stream at the start of `input`, which must fill `out` exactly. Bytes after the end
    /// of the stream do not matter. The stream's checksum is verified.
    pub(crate) fn inflate(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), Why> {
        match self.0.zlib_decompress(input, out) {
            Ok(made) if made == out.len() => Ok(()),
            Ok(_) | Err(DecompressionError::InsufficientSpace) => Err(Why::SizeMismatch),
            Err(DecompressionError::BadData) => Err(Why::Inflate),
        }
    }
}

/// A stream of a stated size. Ends with an error, never early, when the data is broken or has another size.
pub(crate) struct Stream<R> {
    decoder: ZlibDecoder<R>,
    left: u64,
    /// What went wrong, for the caller whose reader may have swallowed the error.
    pub(crate) failed: Option<Why>,
}

impl<R: io::BufRead> Stream<R> {
    pub(crate) fn new(input: R, size: u64) -> Self {
        Self { decoder: ZlibDecoder::new(input), left: size, failed: None }
    }

    fn fail(&mut self, why: Why) -> io::Error {
        self.failed = Some(why);
        io::Error::new(io::ErrorKind::InvalidData, why.to_string())
    }
}

impl<R: io::BufRead> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(why) = self.failed {
            return Err(self.fail(why));
        }
        if out.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        if most == 0 {
            // The end must be the end: this reads the checksum, and bytes too many.
            return match self.decoder.read(&mut [0]) {
                Ok(0) => Ok(0),
                Ok(_) => Err(self.fail(Why::SizeMismatch)),
                Err(_) => Err(self.fail(Why::Inflate)),
            };
        }
        match self.decoder.read(&mut out[..most]) {
            Ok(0) => Err(self.fail(Why::SizeMismatch)),
            Ok(made) => {
                self.left -= made as u64;
                Ok(made)
            }
            Err(_) => Err(self.fail(Why::Inflate)),
        }
    }
}
