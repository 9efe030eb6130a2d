//! Marks of text that is put together by a program, all looked for in one pass.
//!
//! A sign is a few bytes that stand next to a list, a chain of calls or a statement; what it belongs to is then
//! read by [`super::lists`], [`super::built`], [`super::codecs`], [`super::markup`] and [`super::mail`]. A detector finds them together with the
//! anchors of its rules, which costs nothing; for a text without a detector there is [`search`].

use std::ops::Range;

use super::lists::{self, Item, LONGEST};
pub(crate) use super::sign_list::TEXTS;
use super::sign_list::{Kind, SIGNS};
use super::{Sink, built, codecs, mail, markup};

/// The fewest characters worth a view.
const LEAST: usize = 12;
/// More than the longest sign.
const SIGN: usize = 16;

/// A sign that was seen. Ordered by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sign {
    /// Where it begins.
    pub at: usize,
    /// Its index in [`TEXTS`].
    pub which: usize,
}

impl Sign {
    /// Where it is.
    pub(crate) fn span(&self) -> Range<usize> {
        self.at..self.at + SIGNS[self.which].0.len()
    }
}

/// Where the signs have to be that may belong to something that touches `region`.
pub(crate) fn reach(len: usize, region: &Range<usize>) -> Range<usize> {
    region.start.saturating_sub(LONGEST + SIGN)..len.min(region.end + LONGEST + SIGN)
}

/// Adds a view of each text that one of `signs` belongs to, when it touches `region`. The signs are in order;
/// one that begins inside another does not count.
pub(super) fn find(bytes: &[u8], region: Range<usize>, signs: &[Sign], sink: &mut Sink) {
    let Range { start: mut at, end: to } = reach(bytes.len(), &region);
    let mut last = 0..0;
    for sign in signs {
        let (text, kind) = SIGNS[sign.which];
        let (start, end) = (sign.at, sign.at + text.len());
        if start < at || end > to {
            continue;
        }
        at = end;
        if kind == Kind::Mail {
            mail::paragraph(bytes, start, &region, &mut last, sink);
            continue;
        }
        let whole = match kind {
            Kind::Rot13 => codecs::rot13(bytes, start, end),
            Kind::Base85 => codecs::base85(bytes, end),
            Kind::Base58 => codecs::base58(bytes, end),
            Kind::Pairs => codecs::pairs(bytes, end),
            Kind::Uuencode => codecs::uuencoded(bytes, start),
            Kind::Dump => codecs::dump(bytes, start + 1),
            Kind::Tags => markup::untagged(bytes, start),
            _ => None,
        };
        if let Some(view) = whole {
            let touches = view.source.start < region.end && view.source.end > region.start;
            if touches && sink.admits(view.bytes.len(), &view.source) {
                sink.push(view);
            }
            continue;
        }
        let list = match kind {
            Kind::Join => lists::join(bytes, start, end),
            Kind::Implode => lists::after_empty(bytes, end).and_then(|at| lists::items(bytes, at)),
            Kind::Cloud => lists::cloud(bytes, end),
            Kind::Concat => lists::concat(bytes, start, end),
            Kind::Format => built::format(bytes, start, end),
            Kind::Codes => codes(bytes, end),
            Kind::Chars => built::characters(bytes, start).or_else(|| built::mapped(bytes, start, end)),
            Kind::Mapped => built::mapped(bytes, start, end),
            Kind::Reversed => built::reversed(bytes, start, end),
            Kind::Removed => built::removed(bytes, start, end),
            Kind::Append => built::appended(bytes, start),
            _ => None,
        };
        let Some(list) = list.filter(|list| list.len() > 1) else { continue };
        let size: usize = list.iter().map(Item::len).sum();
        let view = lists::view(bytes, &list, start..end);
        let touches = view.source.start < region.end && view.source.end > region.start;
        // Each append of a chain tells of the whole chain.
        let seen = std::mem::replace(&mut last, view.source.clone()) == view.source;
        if touches && !seen && size >= LEAST && sink.admits(view.source.len(), &view.source) {
            sink.push(view);
        }
    }
}

/// The list of codes after a bracket, or after the three dots and bracket of a list that is spread.
fn codes(bytes: &[u8], end: usize) -> Option<Vec<Item>> {
    // A sign may end within the first item: ` = {'`, ` = { 0x`.
    let back = match bytes[..end] {
        [.., b'\''] => end - 1,
        [.., b'0', b'x'] => end - 2,
        _ => end,
    };
    let spread = if bytes[back..].starts_with(b"...[") { 4 } else { 0 };
    lists::items(bytes, back + spread).filter(|items| items.iter().all(|item| item.code.is_some()))
}
