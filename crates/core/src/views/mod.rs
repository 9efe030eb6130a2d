//! Seeing through disguise: the texts that are wrapped inside a text.
//!
//! A secret is often committed as base64 in a manifest, percent-encoded in a URL, with `\n` escapes in
//! JSON, in pieces joined by `+`, or inside an archive. A *view* is the unwrapped text of one such run,
//! together with the way back: every byte of a view maps to the bytes of the original it came from.
//!
//! Two doors:
//! - [`text_views`] for wrappings of text. *Local*: a view depends only on the whole run that it came
//!   from, so looking at the runs that touch a changed region finds all that changed.
//! - [`container_views`] for whole blobs that are compressed files or archives, told by their magic.
//!
//! Everything is bounded by a [`Budget`]; what is over it is [`Refused`] with a reason, never dropped in
//! silence.

use std::ops::Range;

pub use crate::found::Encoding;

/// One unwrapped text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The unwrapped bytes.
    pub bytes: Vec<u8>,
    /// How they were wrapped.
    pub encoding: Encoding,
    /// The run in the original that they came from.
    pub source: Range<usize>,
    /// The name of the archive's member, where there is one.
    pub member: Option<Vec<u8>>,
    map: Map,
}

/// How offsets in a view relate to offsets in the original.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Map {
    /// Any part of the view came from the whole run.
    Whole,
}

impl View {
    /// The part of the original that `part` of the view came from. May be wider than exact, never
    /// narrower; never outside [`View::source`].
    pub fn original(&self, part: Range<usize>) -> Range<usize> {
        let _ = part;
        match self.map {
            Map::Whole => self.source.clone(),
        }
    }
}

/// How much unwrapping may cost. Spent as views are made; shared by nested views of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// How deep views of views may go.
    pub depth: usize,
    /// Bytes that may still be unwrapped.
    pub bytes: usize,
    /// Views that may still be made.
    pub count: usize,
    /// How many times larger than its source a decompressed view may be.
    pub ratio: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { depth: 3, bytes: 64 << 20, count: 10_000, ratio: 200 }
    }
}

/// A run that was not unwrapped, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The run in the original.
    pub source: Range<usize>,
    /// The reason, a phrase.
    pub why: &'static str,
}

/// Appends the views of the wrapped runs in `bytes` that touch `region`.
///
/// A run is looked at whole even where it reaches past the region. One level only: call it again on a
/// view's bytes, while [`Budget::depth`] lasts.
pub fn text_views(
    bytes: &[u8],
    region: Range<usize>,
    budget: &mut Budget,
    out: &mut Vec<View>,
    refused: &mut Vec<Refused>,
) {
    let _ = (bytes, region, budget, out, refused);
}

/// Appends the views of `bytes` as a gzip, zlib, zip or tar file, told by its magic.
///
/// One level only, as [`text_views`].
pub fn container_views(bytes: &[u8], budget: &mut Budget, out: &mut Vec<View>, refused: &mut Vec<Refused>) {
    let _ = (bytes, budget, out, refused);
}
