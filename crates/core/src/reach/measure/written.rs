//! What was measured, as bytes: a rule that is part of the program brings it along.
//!
//! ```text
//! flags 1 · lead 2 · longest 2 · number of sets 1, each 32 · [need: set 1, length 2]
//! · number of ways 2, each: begins a word 1, length 1, its sets 1 each
//! · [outline: number of positions 2, the set of each 1, where it begins, where it ends, what follows each]
//! ```
//! Positions are written as their number 2 and each 1.
//! Numbers are little-endian. Nothing is written of a pattern that has more than fits; it is measured when first
//! needed, as the rules of users are.

use regex_syntax::hir::Hir;

use super::bytes::Bytes;
use super::guard::Rest;
use super::outline::Plan;
use super::places::{MOST, Places};
use super::{Guard, Measured, Need, Shape};
use crate::rule::Anchor;

const LINE: u8 = 1;
const NEED: u8 = 2;
const OUTLINE: u8 = 4;

/// Measures a pattern and writes that down; empty for one that a check refuses or that does not fit.
pub(crate) fn write(hir: &Hir, anchors: &[Anchor]) -> Vec<u8> {
    Measured::of(hir, anchors)
        .and_then(|measured| bytes(&measured, Plan::of(hir).as_ref()))
        .unwrap_or_default()
}

fn bytes(measured: &Measured, plan: Option<&Plan>) -> Option<Vec<u8>> {
    let mut sets: Vec<Bytes> = Vec::new();
    let mut number = |set: &Bytes| {
        let known = sets.iter().position(|s| s == set);
        u8::try_from(known.unwrap_or_else(|| {
            sets.push(*set);
            sets.len() - 1
        }))
        .ok()
    };
    let mut rest = Vec::new();
    if let Some(need) = &measured.need {
        rest.push(number(&need.set)?);
        rest.extend(u16::try_from(need.len).ok()?.to_le_bytes());
    }
    rest.extend(u16::try_from(measured.guard.ways.len()).ok()?.to_le_bytes());
    for way in &measured.guard.ways {
        rest.extend([u8::from(way.word_begins), u8::try_from(way.sets.len()).ok()?]);
        for set in &way.sets {
            rest.push(number(set)?);
        }
    }
    if let Some(plan) = plan {
        rest.extend(u16::try_from(plan.sets.len()).ok()?.to_le_bytes());
        for set in &plan.sets {
            rest.push(number(set)?);
        }
        for places in [&plan.first, &plan.last].into_iter().chain(&plan.follow) {
            let list: Vec<u8> = places.iter().map(|place| u8::try_from(place).ok()).collect::<Option<_>>()?;
            rest.extend(u16::try_from(list.len()).ok()?.to_le_bytes());
            rest.extend(list);
        }
    }
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    let shape = measured.shape;
    let mut out =
        vec![flag(shape.line, LINE) | flag(measured.need.is_some(), NEED) | flag(plan.is_some(), OUTLINE)];
    out.extend(u16::try_from(shape.lead).ok()?.to_le_bytes());
    out.extend(u16::try_from(shape.longest).ok()?.to_le_bytes());
    out.push(u8::try_from(sets.len()).ok()?);
    out.extend(sets.iter().flat_map(|set| set.0).flat_map(u64::to_le_bytes));
    out.extend(rest);
    Some(out)
}

/// Reads what was written; `None` where nothing was.
pub(crate) fn read(written: &[u8]) -> Option<Measured> {
    let mut from = Reader(written);
    let flags = from.byte()?;
    let shape = Shape { lead: from.number()?, longest: from.number()?, line: flags & LINE != 0 };
    let count = usize::from(from.byte()?);
    let words = |raw: &[u8]| {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(raw.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        Bytes(words)
    };
    let sets: Vec<Bytes> = from.take(32 * count)?.chunks_exact(32).map(words).collect();
    let set = |number: &u8| sets.get(usize::from(*number)).copied();
    let need = match flags & NEED {
        0 => None,
        _ => Some(Need { set: set(&from.byte()?)?, len: from.number()? }),
    };
    let ways = (0..from.number()?)
        .map(|_| {
            let word_begins = from.byte()? != 0;
            let count = usize::from(from.byte()?);
            let sets = from.take(count)?.iter().map(set).collect::<Option<_>>()?;
            Some(Rest { word_begins, sets })
        })
        .collect::<Option<_>>()?;
    let plan = match flags & OUTLINE {
        0 => None,
        _ => Some(from.plan(&sets)?),
    };
    Some(Measured { shape, need, guard: Guard { ways }, outline: plan.map(Plan::outline) })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn plan(&mut self, all: &[Bytes]) -> Option<Plan> {
        let count = self.number().filter(|count| *count <= MOST)?;
        let set = |number: &u8| all.get(usize::from(*number)).copied();
        let sets = self.take(count)?.iter().map(set).collect::<Option<_>>()?;
        let (first, last) = (self.places()?, self.places()?);
        let follow = (0..count).map(|_| self.places()).collect::<Option<_>>()?;
        Some(Plan { sets, follow, first, last })
    }

    fn places(&mut self) -> Option<Places> {
        let count = self.number()?;
        let list = self.take(count)?.iter();
        Some(list.fold(Places::NONE, |all, place| all.or(Places::one(usize::from(*place)))))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn number(&mut self) -> Option<usize> {
        self.take(2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::parse;
    use crate::testing::anchor;

    /// Patterns of all kinds: begun by a line, with a gap, with branches, beyond ASCII.
    const PATTERNS: [(&str, &str); 6] = [
        ("acme_", r"\b(acme_[0-9a-f]{32})\b"),
        ("(?i)acme", r"(?i)acme[\t -~]{0,80}key=([0-9a-f]{32})"),
        ("ab", r"(?m:^)[ \t]{0,9}ab:(.{8,90})(?m:$)"),
        ("ab", r"(?:x|ab){1,3}ab"),
        ("key", r"(?:key=|ab key: )([\x80-\xff]{12,300})"),
        ("ab", r"[0-9ab]{9}"),
    ];

    #[test]
    fn what_is_read_is_what_was_measured() {
        for (text, pattern) in PATTERNS {
            let (hir, anchors) = (parse(pattern).unwrap(), [anchor(text)]);
            let written = write(&hir, &anchors);
            let measured = Measured::of(&hir, &anchors).unwrap();
            assert_eq!(read(&written), Some(measured), "{pattern}");
        }
    }

    #[test]
    fn what_is_cut_off_reads_as_nothing() {
        let written = write(&parse(PATTERNS[0].1).unwrap(), &[anchor(PATTERNS[0].0)]);
        for len in 0..written.len() {
            assert_eq!(read(&written[..len]), None, "{len}");
        }
    }
}
