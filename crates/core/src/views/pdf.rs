//! The compressed streams of PDF documents: their text, their forms and what is attached to them.
//!
//! A stream of text is deflated and stands between `stream` and `endstream`. Pictures and fonts are left out: what
//! their first bytes hold is no text.

use std::io::Read as _;

use flate2::bufread::ZlibDecoder;

use super::inflate::{self, is_zlib};
use super::{Encoding, Sink, looks_like_text};

/// Streams that are read of one document.
const MOST: usize = 100_000;

/// Whether the bytes begin as a PDF document does.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// Adds a view of each stream of text.
pub(super) fn streams(bytes: &[u8], sink: &mut Sink) {
    let mut filled = 0;
    for word in memchr::memmem::find_iter(bytes, b"stream").take(MOST) {
        let start =
            word + 6 + bytes[word + 6..].iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if word < filled || start == word + 6 || !is_zlib(&bytes[start..]) {
            continue;
        }
        let mut head = Vec::new();
        // A stream that breaks in its first bytes shows what came before that.
        let _ = ZlibDecoder::new(&bytes[start..]).take(512).read_to_end(&mut head);
        if !head.is_empty() && looks_like_text(&head) {
            filled = inflate::stream(bytes, start..bytes.len(), Encoding::Pdf, sink);
        }
    }
}
