//! How far into a match its anchor can be.
//!
//! Most patterns begin with their anchor, or have it after a few bytes: `\b(ghp_…)`. Knowing that saves
//! trying every start in front of an anchor. The answer is found from the pattern's tree alone: cut the
//! concatenation at each place and ask whether all that can follow begins with one of the anchors.

use regex_syntax::hir::{Hir, HirKind};

use super::bytes::Bytes;
use crate::rule::Anchor;

/// Most alternatives and steps that are followed before giving up.
const MAX_ALTERNATIVES: usize = 512;
/// Most times that a repetition is followed. No anchor is longer.
const MAX_COUNT: u32 = 200;

/// Where the first anchor of a match is.
#[derive(Debug)]
pub(super) struct Start<'h> {
    /// The most bytes in front of it.
    pub before: usize,
    /// The ways to get there, one for each branch: what is in front of it, and what begins with it.
    pub ways: Vec<Way<'h>>,
}

/// One way through a pattern, cut where an anchor begins.
#[derive(Debug)]
pub(super) struct Way<'h> {
    pub front: Vec<&'h Hir>,
    pub rest: Vec<&'h Hir>,
}

/// The start of a pattern of which every match has an anchor near its own start; `None` when the tree does
/// not tell.
pub(super) fn start<'h>(hir: &'h Hir, anchors: &[Anchor]) -> Option<Start<'h>> {
    let parts = flatten(hir);
    let mut before = 0;
    for cut in 0..parts.len() {
        if begins_with_anchor(&parts[cut..], anchors) {
            let way = Way { front: parts[..cut].to_vec(), rest: parts[cut..].to_vec() };
            return Some(Start { before, ways: vec![way] });
        }
        // Every branch may have its anchor at its own depth.
        if let HirKind::Alternation(branches) = parts[cut].kind()
            && let Some(starts) = branches.iter().map(|b| start(b, anchors)).collect::<Option<Vec<_>>>()
        {
            let most = starts.iter().map(|s| s.before).max().unwrap_or(0);
            let mut ways: Vec<Way> = starts.into_iter().flat_map(|s| s.ways).collect();
            for way in &mut ways {
                way.front.splice(..0, parts[..cut].iter().copied());
                way.rest.extend_from_slice(&parts[cut + 1..]);
            }
            return Some(Start { before: before + most, ways });
        }
        before += parts[cut].properties().maximum_len()?;
    }
    None
}

/// The parts of nested concatenations and captures, in order. Literals are whole parts.
pub(super) fn flatten(hir: &Hir) -> Vec<&Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flatten).collect(),
        HirKind::Capture(c) => flatten(&c.sub),
        _ => vec![hir],
    }
}

fn begins_with_anchor(parts: &[&Hir], anchors: &[Anchor]) -> bool {
    let all = (0..anchors.len()).collect();
    let mut open = vec![Prefix { len: 0, alive: all }];
    for part in parts {
        let Some(next) = extend(open, part, anchors) else { return false };
        if next.is_empty() {
            return true;
        }
        open = next;
    }
    false
}

/// What ways through the tree begin with that are not yet a whole anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefix {
    len: usize,
    /// The anchors that begin so. Never empty.
    alive: Vec<usize>,
}

/// Follows `hir` from each prefix, as far as it is no whole anchor. `None`: too many ways, or one that does
/// not begin with an anchor.
fn extend(open: Vec<Prefix>, hir: &Hir, anchors: &[Anchor]) -> Option<Vec<Prefix>> {
    let next = match hir.kind() {
        _ if open.is_empty() => open,
        HirKind::Empty | HirKind::Look(_) => open,
        HirKind::Literal(literal) => {
            literal.0.iter().try_fold(open, |open, &b| push(&open, &[Bytes::one(b)], anchors))?
        }
        HirKind::Class(class) => push(&open, &Bytes::of(class)?.split(), anchors)?,
        HirKind::Capture(c) => extend(open, &c.sub, anchors)?,
        HirKind::Concat(parts) => parts.iter().try_fold(open, |open, part| extend(open, part, anchors))?,
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                add(&mut all, extend(open.clone(), branch, anchors)?);
            }
            all
        }
        HirKind::Repetition(r) => {
            let mut all = Vec::new();
            let mut now = open;
            let mut count = 0;
            while !now.is_empty() {
                if count >= r.min {
                    add(&mut all, now.clone());
                }
                if r.max.is_some_and(|max| count >= max) {
                    break;
                }
                if count > MAX_COUNT {
                    return None;
                }
                now = extend(now, &r.sub, anchors)?;
                count += 1;
            }
            all
        }
    };
    (next.len() <= MAX_ALTERNATIVES).then_some(next)
}

/// Every prefix with a byte behind it that is in one of `sets`; `None` when one does not begin an anchor.
fn push(open: &[Prefix], sets: &[Bytes], anchors: &[Anchor]) -> Option<Vec<Prefix>> {
    let mut all = Vec::new();
    for (prefix, set) in open.iter().flat_map(|prefix| sets.iter().map(move |set| (prefix, set))) {
        let goes_on = |a: &&usize| {
            let anchor = &anchors[**a];
            anchor.text.as_bytes().get(prefix.len).is_some_and(|&b| set.only(b, anchor.fold))
        };
        let alive: Vec<usize> = prefix.alive.iter().filter(goes_on).copied().collect();
        if alive.is_empty() {
            return None;
        }
        let len = prefix.len + 1;
        if alive.iter().all(|a| anchors[*a].text.len() > len) {
            add(&mut all, vec![Prefix { len, alive }]);
        }
    }
    Some(all)
}

/// Adds what is not there yet.
fn add(all: &mut Vec<Prefix>, more: Vec<Prefix>) {
    for prefix in more {
        if !all.contains(&prefix) {
            all.push(prefix);
        }
    }
}
