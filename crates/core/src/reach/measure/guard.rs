//! What has to stand at an anchor before it is worth a pattern.
//!
//! Short anchors are everywhere: `pat` is in `path` and `pattern`, while the token goes on with fourteen
//! letters and digits. What must follow an anchor, byte by byte, is read off the pattern's tree.
//!
//! A match may have further anchors inside it; those need not pass. Every match has one near its start that
//! does, see [`super::start`], and is found from there.

use regex_syntax::hir::{Hir, HirKind, Look};

use super::bytes::Bytes;
use super::start::{Start, Way};

/// Bytes that are looked at, at most.
const MOST: usize = 48;

/// The ways that a match may go on from its first anchor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    pub(super) ways: Vec<Rest>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// The byte before is none of a word, where the first one is.
    pub(super) word_begins: bool,
    /// What each byte is one of.
    pub(super) sets: Vec<Bytes>,
}

impl Guard {
    /// The guard of a pattern.
    pub(super) fn of(start: &Start<'_>) -> Self {
        Self { ways: start.ways.iter().map(Rest::of).collect() }
    }

    /// Whether a match can have its first anchor at `at`.
    #[inline]
    pub(crate) fn admits(&self, hay: &[u8], at: usize) -> bool {
        let Some((before, rest)) = hay.split_at_checked(at) else { return false };
        self.ways.is_empty() || self.ways.iter().any(|way| way.admits(before, rest))
    }
}

impl Rest {
    fn of(way: &Way<'_>) -> Self {
        let look = |hir: &&Hir| if let HirKind::Look(look) = hir.kind() { Some(*look) } else { None };
        let word_begins = (way.front.iter().rev().map_while(look))
            .chain(way.rest.iter().map_while(look))
            .any(|look| matches!(look, Look::WordAscii | Look::WordStartAscii | Look::WordStartHalfAscii));
        let mut sets = Vec::new();
        for hir in &way.rest {
            if !front(hir, &mut sets) {
                break;
            }
        }
        sets.truncate(MOST);
        Self { word_begins, sets }
    }

    #[inline]
    fn admits(&self, before: &[u8], rest: &[u8]) -> bool {
        rest.len() >= self.sets.len()
            && self.sets.iter().zip(rest).all(|(set, b)| set.has(*b))
            && !(self.word_begins
                && before.last().is_some_and(|b| is_word(*b))
                && rest.first().is_some_and(|b| is_word(*b)))
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// Appends what every match of `hir` begins with, and says whether that is all of it, so that what follows
/// `hir` follows.
fn front(hir: &Hir, sets: &mut Vec<Bytes>) -> bool {
    if sets.len() >= MOST {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            sets.extend(literal.0.iter().map(|&b| Bytes::one(b)));
            true
        }
        HirKind::Class(class) => match Bytes::of(class) {
            Some(set) => {
                sets.push(set);
                true
            }
            None => false,
        },
        HirKind::Capture(c) => front(&c.sub, sets),
        HirKind::Concat(parts) => parts.iter().all(|part| front(part, sets)),
        HirKind::Alternation(branches) => {
            let fronts: Vec<(Vec<Bytes>, bool)> = branches
                .iter()
                .map(|branch| {
                    let mut sets = Vec::new();
                    let all = front(branch, &mut sets);
                    (sets, all)
                })
                .collect();
            let shortest = fronts.iter().map(|(sets, _)| sets.len()).min().unwrap_or(0);
            sets.extend(
                (0..shortest).map(|i| fronts.iter().fold(Bytes::NONE, |any, (sets, _)| any.or(sets[i]))),
            );
            fronts.iter().all(|(sets, all)| *all && sets.len() == shortest)
        }
        HirKind::Repetition(r) => {
            for _ in 0..r.min {
                if !front(&r.sub, sets) {
                    return false;
                }
            }
            r.max == Some(r.min)
        }
    }
}
