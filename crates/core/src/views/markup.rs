//! Words with tags in them: `ghp_<wbr>…`, the runs of a word processor `ghp_</w:t></w:r><w:r><w:t>…`.
//!
//! The view is the word without its tags, with what leads to it. Of the tags in a word the first one counts, so a word
//! makes one view.

use std::ops::Range;

use super::joined::context;
use super::map::Map;
use super::{Encoding, View};

/// The longest part of a word before its first tag, and the longest word with its tags.
const HEAD: usize = 128;
const WORD: usize = 1000;
/// The longest tag, and most tags in one place.
const TAG: usize = 200;
const TAGS: usize = 8;

/// The word that the tag at `at` is the first one in; `None` when it is not in a word.
pub(super) fn untagged(bytes: &[u8], at: usize) -> Option<View> {
    let head = bytes[..at].iter().rev().take(HEAD).take_while(|b| in_word(**b)).count();
    let start = at - head;
    if head == 0 || head == HEAD || goes_on_before(bytes, start) {
        return None;
    }
    let limit = bytes.len().min(at + WORD);
    let mut pieces: Vec<Range<usize>> = Vec::new();
    pieces.push(start..at);
    let mut end = at;
    while end < limit {
        let skipped = tags(&bytes[end..limit]);
        let from = end + skipped;
        let len = bytes[from..limit].iter().take_while(|b| in_word(**b)).count();
        if skipped == 0 || len == 0 {
            break;
        }
        pieces.push(from..from + len);
        end = from + len;
    }
    let source = context(bytes, start)..end;
    (pieces.len() > 1).then(|| {
        let mut map = Map::default();
        map.add(0, 0, 1, 1);
        let mut out = bytes[source.start..start].to_vec();
        for piece in pieces {
            map.add(out.len(), piece.start - source.start, 1, 1);
            out.extend_from_slice(&bytes[piece]);
        }
        View { bytes: out, encoding: Encoding::Markup, source, member: None, map }
    })
}

fn in_word(b: u8) -> bool {
    b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\'' | b'`' | b'&')
}

/// The length of the tags that the text begins with.
fn tags(text: &[u8]) -> usize {
    let mut len = 0;
    for _ in 0..TAGS {
        let Some(next) = tag(&text[len..]) else { break };
        len += next;
    }
    len
}

/// The length of the tag that the text begins with.
fn tag(text: &[u8]) -> Option<usize> {
    let name = text.get(1).filter(|_| text[0] == b'<')?;
    let close = memchr::memchr(b'>', &text[..text.len().min(TAG)])?;
    (name.is_ascii_alphabetic() || *name == b'/').then_some(close + 1)
}

/// Whether there are tags right before `at`, and the end of a word before them.
fn goes_on_before(bytes: &[u8], at: usize) -> bool {
    let mut start = at;
    for _ in 0..TAGS {
        if start == 0 || bytes[start - 1] != b'>' {
            break;
        }
        let floor = start.saturating_sub(TAG);
        let Some(open) = memchr::memrchr(b'<', &bytes[floor..start]) else { break };
        start = floor + open;
    }
    start < at && start.checked_sub(1).is_some_and(|last| in_word(bytes[last]))
}
