//! Inline marks (`stopleak:allow …`) on the lines of matches.
//!
//! A line of a minified or hostile file can be megabytes long and hold thousands of matches, so each line is
//! looked at once, not once for each match.

use std::ops::RangeInclusive;

use stopleak_config::{Inline, inline_allow};
use stopleak_core::Match;

/// How much of a line's end is read: a comment stands there.
const TAIL: usize = 4 << 10;

/// Reads the marks of one text. Quick when the matches come in order.
pub(crate) struct Marks<'t> {
    /// What was scanned, when it is still at hand.
    text: Option<&'t [u8]>,
    /// Whether marks count at all.
    honoured: bool,
    /// The line looked at last, from where it was asked for to its end, and its mark.
    last: Option<(RangeInclusive<usize>, Option<Inline>)>,
}

impl<'t> Marks<'t> {
    pub(super) fn new(text: Option<&'t [u8]>, honoured: bool) -> Self {
        Self { text, honoured, last: None }
    }

    /// The reason of a mark on the first or the last line of `m`: a key block has several.
    pub(crate) fn of(&mut self, m: &Match) -> Option<String> {
        if !self.honoured {
            return None;
        }
        let mark = self.on_line(m.span.start).or_else(|| self.on_line(m.span.end));
        // A stream is gone, and UTF-16 is not read here: the start of the line is in the excerpt.
        let mark = mark.or_else(|| inline_allow(m.excerpt.as_bytes()))?;
        Some(if mark.reason.is_empty() { format!("marked `{}`", mark.mark) } else { mark.reason })
    }

    /// The mark at the end of the line that `at` is on.
    fn on_line(&mut self, at: usize) -> Option<Inline> {
        let text = self.text?;
        let at = at.min(text.len());
        if let Some((line, mark)) = &self.last
            && line.contains(&at)
        {
            return mark.clone();
        }
        let end = text[at..].iter().position(|&b| b == b'\n').map_or(text.len(), |n| at + n);
        let from = end.saturating_sub(TAIL);
        let start = text[from..end].iter().rposition(|&b| b == b'\n').map_or(from, |n| from + n + 1);
        let mark = inline_allow(&text[start..end]);
        self.last = Some((at..=end, mark.clone()));
        mark
    }
}
