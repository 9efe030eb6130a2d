//! Seeing through disguise: the texts that are wrapped inside a text.
//!
//! A secret is often committed as base64 in a manifest, percent-encoded in a URL, with `\n` escapes in
//! JSON, in pieces joined by `+`, or inside an archive. A *view* is the unwrapped text of one such run,
//! together with the way back: every byte of a view maps to the bytes of the original it came from.
//!
//! Two doors:
//! - `text_views_at` for wrappings of text. *Local*: a view depends only on the whole run that it came
//!   from (and on at most [`CONTEXT`] bytes before it on its line), so looking at the runs that touch a
//!   changed region finds all that changed.
//! - [`container_views`] for whole blobs that are compressed files or archives, told by their magic.
//!
//! Everything is bounded by a [`Budget`]; what is over it is [`Refused`] with a reason, never dropped in
//! silence. Both make one level: call them again on a view's bytes, at most [`Budget::depth`] times.
//!
//! Finding the runs must cost almost nothing, because it is done for every scanned byte: a kind has a rare byte
//! that is looked for with `memchr`, or a shape that sixty-four bytes at a time are tested for, in one reading for
//! all of them (see `mask`). What cannot decode to text is rejected before it is decoded.

mod built;
mod codecs;
mod escapes;
mod hidden;
mod inflate;
mod joined;
mod lists;
mod mail;
mod map;
mod markup;
pub(crate) mod mask;
mod pdf;
mod runs;
mod sign_list;
pub(crate) mod signs;
mod tar;
#[cfg(test)]
mod tests;
mod utf32;
mod variables;
mod web;
mod zip;

use std::cell::RefCell;
use std::ops::Range;

pub use crate::found::Encoding;
use map::Map;
use mask::{Planes, Survey};
use signs::Sign;

/// Bytes of a line before a run that its view may repeat, so that a name stays next to its value.
pub const CONTEXT: usize = 96;

/// One unwrapped text.
#[derive(Clone, PartialEq, Eq)]
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

/// Never the content: it may hold a secret.
impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bytes, encoding, source, .. } = self;
        write!(f, "View({}, {} bytes from {source:?})", encoding.name(), bytes.len())
    }
}

impl View {
    /// The part of the original that `part` of the view came from.
    ///
    /// May be wider than exact, never narrower, and never outside [`View::source`]. For compressed data it
    /// is the whole source.
    pub fn original(&self, part: Range<usize>) -> Range<usize> {
        self.map.original(part, &self.source)
    }
}

/// How much unwrapping may cost. Spent as views are made; shared by the nested views of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// How deep views of views may go. Not spent here: whoever nests the calls counts.
    pub depth: usize,
    /// Bytes that may still be unwrapped.
    pub bytes: usize,
    /// Views that may still be made.
    pub count: usize,
    /// How many times larger than its source decompressed data may be, once it is over a megabyte.
    pub ratio: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { depth: 3, bytes: 64 << 20, count: 1 << 20, ratio: 200 }
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

/// Appends the views of the wrapped runs in `bytes` that touch `region`, given the signs in order that are within
/// [`signs::reach`] of it: whoever looks for anchors finds them on the way.
///
/// A run is looked at whole even where it reaches past the region; the region is clamped to the bytes.
pub(crate) fn text_views_at(
    bytes: &[u8],
    region: Range<usize>,
    signs: &[Sign],
    budget: &mut Budget,
    out: &mut Vec<View>,
    refused: &mut Vec<Refused>,
) {
    let region = region.start.min(bytes.len())..region.end.min(bytes.len());
    if region.is_empty() {
        return;
    }
    let mut sink = Sink { budget, out, refused };
    PLANES.with_borrow_mut(|planes| {
        let survey = Survey::new(bytes, region.start.saturating_sub(NEAR)..region.end + NEAR, planes);
        runs::find(&survey, region.clone(), &mut sink);
        escapes::find(bytes, region.clone(), &mut sink);
        web::find_percent(bytes, region.clone(), &mut sink);
        web::find_entities(bytes, region.clone(), &mut sink);
        joined::find(&survey, region.clone(), &mut sink);
        variables::find(&survey, region.clone(), &mut sink);
        signs::find(bytes, region.clone(), signs, &mut sink);
        hidden::find(&survey, region, &mut sink);
    });
}

/// How far around a region the text is surveyed with it: nearly all that its views depend on is that near.
const NEAR: usize = variables::REACH + 768;

thread_local! {
    /// One for each thread: most objects have a few blocks.
    static PLANES: RefCell<Planes> = RefCell::default();
}

/// The number of views in `bytes`, made a part at a time as a scan makes them: the work of this step alone, for benches.
#[doc(hidden)]
pub fn count(bytes: &[u8]) -> usize {
    let (mut budget, mut made, mut refused) = (Budget::default(), Vec::new(), Vec::new());
    let mut total = 0;
    for start in (0..bytes.len()).step_by(1 << 20) {
        text_views_at(bytes, start..start + (1 << 20), &[], &mut budget, &mut made, &mut refused);
        total += made.len();
        made.clear();
    }
    total
}

/// Appends the views of `bytes` as a gzip, zlib, zip, tar, PDF or UTF-32 file, told by its first bytes.
///
/// Says whether it was one. The members of a tar repeat bytes that the tar itself shows; a finding in both
/// maps to the same original.
pub fn container_views(
    bytes: &[u8],
    budget: &mut Budget,
    out: &mut Vec<View>,
    refused: &mut Vec<Refused>,
) -> bool {
    let mut sink = Sink { budget, out, refused };
    if inflate::is_gzip(bytes) {
        inflate::gzip(bytes, &mut sink);
    } else if zip::is_zip(bytes) {
        zip::members(bytes, &mut sink);
    } else if tar::is_tar(bytes) {
        tar::members(bytes, &mut sink);
    } else if pdf::is_pdf(bytes) {
        pdf::streams(bytes, &mut sink);
    } else if let Some(at) = utf32::order(bytes) {
        utf32::text(bytes, at, &mut sink);
    } else if inflate::is_zlib(bytes) {
        return inflate::zlib(bytes, &mut sink);
    } else {
        return false;
    }
    true
}

/// The name of a compressed format that [`container_views`] does not open.
///
/// Whoever must not say "clean" about such a blob counts it as skipped.
pub fn opaque_container(bytes: &[u8]) -> Option<&'static str> {
    const MAGICS: &[(&[u8], &str)] = &[
        (b"\xfd7zXZ\0", "xz"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "rar"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\x04\x22\x4d\x18", "lz4"),
    ];
    let bzip2 = bytes.len() > 10 && bytes.starts_with(b"BZh") && bytes[4..10] == *b"1AY&SY";
    let known = MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, name)| *name);
    known.or(bzip2.then_some("bzip2"))
}

/// Refusals that one call reports one by one; the last says that there were more.
const MOST_REFUSED: usize = 100;

/// Takes views while the budget lasts.
struct Sink<'a> {
    budget: &'a mut Budget,
    out: &'a mut Vec<View>,
    refused: &'a mut Vec<Refused>,
}

impl Sink<'_> {
    /// Whether a view of at most `len` bytes may be made; refuses it otherwise.
    fn admits(&mut self, len: usize, source: &Range<usize>) -> bool {
        let why = if self.budget.count == 0 {
            "too many encoded parts"
        } else if len > self.budget.bytes {
            "over the budget for decoded bytes"
        } else {
            return true;
        };
        self.refuse(source.clone(), why);
        false
    }

    fn refuse(&mut self, source: Range<usize>, why: &'static str) {
        if self.refused.len() < MOST_REFUSED {
            self.refused.push(Refused { source, why });
        } else if let Some(last) = self.refused.last_mut() {
            last.source.end = last.source.end.max(source.end);
            last.why = "too many parts that could not be decoded";
        }
    }

    fn push(&mut self, view: View) {
        self.budget.bytes = self.budget.bytes.saturating_sub(view.bytes.len());
        self.budget.count = self.budget.count.saturating_sub(1);
        self.out.push(view);
    }
}

/// Whether `bytes` reads as text: nearly all printable ASCII, white space or well-formed UTF-8.
///
/// Short texts must be all of that; of long ones the first kilobyte is looked at.
fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let odd = head.iter().filter(|b| matches!(b, 0..=8 | 11..=31 | 127)).count();
    let odd = odd - head.iter().filter(|b| matches!(b, b'\r' | 0x0c | 0x1b)).count();
    let high = head.iter().filter(|b| **b >= 0x80).count();
    let wide = high > 0
        && match std::str::from_utf8(head) {
            Ok(_) => false,
            // A character cut by the kilobyte is no fault.
            Err(e) => e.valid_up_to() + 4 < head.len(),
        };
    let bad = odd + if wide { high } else { 0 };
    // UTF-8 text of mostly non-ASCII letters holds no token; noise can look like it.
    let foreign = high * 2 > head.len();
    if head.len() < 64 { bad == 0 && !foreign } else { bad * 16 <= head.len() && !foreign }
}
