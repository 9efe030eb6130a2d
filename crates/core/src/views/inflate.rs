//! gzip and zlib: whole blobs of compressed text.

use std::io::Read;
use std::ops::Range;

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::map::Map;
use super::{Encoding, Sink, View};

/// Output up to this size is allowed whatever the ratio.
const FREE: usize = 1 << 20;

const DAMAGED: &str = "damaged compressed data";

/// Whether the bytes begin as a gzip file does: the magic and the one method there is.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.len() >= 18 && bytes.starts_with(&[0x1f, 0x8b, 8]) && bytes[3] & 0xe0 == 0
}

/// Whether the bytes begin as a zlib stream does: deflate, a usual window, no dictionary, the check bits.
pub(super) fn is_zlib(bytes: &[u8]) -> bool {
    let [0x78, flags, ..] = bytes else { return false };
    bytes.len() >= 12 && matches!(flags, 0x01 | 0x5e | 0x9c | 0xda)
}

/// Adds a view of each member of a gzip file; nearly always there is one.
///
/// What follows the last member is plain in the file itself.
pub(super) fn gzip(bytes: &[u8], sink: &mut Sink) {
    let mut at = 0;
    while is_gzip(&bytes[at..]) {
        let rest = at..bytes.len();
        let mut decoder = GzDecoder::new(&bytes[at..]);
        let (text, why) = inflate(&mut decoder, rest.len(), &rest, sink);
        let name = decoder.header().and_then(|header| header.filename()).map(<[u8]>::to_vec);
        at = bytes.len() - decoder.into_inner().len();
        let source = rest.start..if why.is_some() { bytes.len() } else { at };
        finish(text, why, Encoding::Gzip, source, name, sink);
        if why.is_some() || at <= rest.start {
            return;
        }
    }
}

/// Adds the view of a zlib stream. The magic is only two bytes: a stream that breaks at once was none.
pub(super) fn zlib(bytes: &[u8], sink: &mut Sink) -> bool {
    let whole = 0..bytes.len();
    let mut probe = Vec::new();
    let head = ZlibDecoder::new(bytes).take(256).read_to_end(&mut probe);
    if head.is_err() || probe.is_empty() {
        return false;
    }
    let (text, why) = inflate(&mut ZlibDecoder::new(bytes), bytes.len(), &whole, sink);
    finish(text, why, Encoding::Gzip, whole, None, sink);
    true
}

/// Adds the view of a deflated member of an archive that lies at `source`, and returns where it ends.
pub(super) fn member(
    bytes: &[u8],
    source: Range<usize>,
    encoding: Encoding,
    name: Vec<u8>,
    sink: &mut Sink,
) -> usize {
    let data = &bytes[source.clone()];
    let mut decoder = DeflateDecoder::new(data);
    let (text, why) = inflate(&mut decoder, data.len(), &source, sink);
    let end = source.start + (data.len() - decoder.into_inner().len());
    finish(text, why, encoding, source, Some(name), sink);
    end
}

/// Adds the view of a zlib stream that begins with `source`, and returns where it ends. One that breaks off is read up
/// to there: what follows a stream in a document is not its end.
pub(super) fn stream(bytes: &[u8], source: Range<usize>, encoding: Encoding, sink: &mut Sink) -> usize {
    let mut decoder = ZlibDecoder::new(&bytes[source.clone()]);
    let (text, why) = inflate(&mut decoder, source.len(), &source, sink);
    let end = (source.end - decoder.into_inner().len()).max(source.start + 1);
    finish(text, why.filter(|why| *why != DAMAGED), encoding, source.start..end, None, sink);
    end
}

fn finish(
    text: Vec<u8>,
    why: Option<&'static str>,
    encoding: Encoding,
    source: Range<usize>,
    member: Option<Vec<u8>>,
    sink: &mut Sink,
) {
    if let Some(why) = why {
        sink.refuse(source.clone(), why);
    }
    // What was read before the trouble is still looked at.
    if !text.is_empty() {
        sink.push(View { bytes: text, encoding, source, member, map: Map::whole() });
    }
}

/// Reads to the end or to a limit, and says why it stopped early.
fn inflate(
    decoder: &mut dyn Read,
    compressed: usize,
    source: &Range<usize>,
    sink: &mut Sink,
) -> (Vec<u8>, Option<&'static str>) {
    let mut text = Vec::new();
    if !sink.admits(1, source) {
        return (text, None);
    }
    let ratio = compressed.saturating_mul(sink.budget.ratio).max(FREE);
    let limit = ratio.min(sink.budget.bytes);
    // One byte more tells a full end from a cut one.
    let outcome = decoder.take(limit as u64 + 1).read_to_end(&mut text);
    let why = match outcome {
        Err(_) => Some(DAMAGED),
        Ok(_) if text.len() <= limit => None,
        Ok(_) if limit == ratio => Some("compressed too well: a decompression bomb"),
        Ok(_) => Some("over the budget for decoded bytes"),
    };
    text.truncate(limit);
    (text, why)
}
