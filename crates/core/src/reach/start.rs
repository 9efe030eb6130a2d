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

/// The most bytes that can be in front of the first anchor of a match, where every match has an anchor
/// that near its start; `None` when the tree does not tell.
pub(super) fn lead(hir: &Hir, anchors: &[Anchor]) -> Option<usize> {
    let parts = flatten(hir);
    let mut before = 0;
    for cut in 0..parts.len() {
        if begins_with_anchor(&parts[cut..], anchors) {
            return Some(before);
        }
        // Every branch may have its anchor at its own depth.
        if let HirKind::Alternation(branches) = parts[cut].kind() {
            let inner = branches.iter().map(|b| lead(b, anchors)).try_fold(0, |m, l| Some(m.max(l?)));
            if let Some(inner) = inner {
                return Some(before + inner);
            }
        }
        before += parts[cut].properties().maximum_len()?;
    }
    None
}

/// The parts of nested concatenations and captures, in order. Literals are whole parts.
fn flatten(hir: &Hir) -> Vec<&Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flatten).collect(),
        HirKind::Capture(c) => flatten(&c.sub),
        _ => vec![hir],
    }
}

fn begins_with_anchor(parts: &[&Hir], anchors: &[Anchor]) -> bool {
    let longest = anchors.iter().map(|a| a.text.len()).max().unwrap_or(0);
    let mut all = vec![Prefix::default()];
    for part in parts {
        if all.iter().all(|p| p.closed || p.bytes.len() >= longest) {
            break;
        }
        let Some(next) = extend(all, part, longest) else { return false };
        all = next;
    }
    !all.is_empty() && all.iter().all(|prefix| anchors.iter().any(|a| prefix.begins_with(a)))
}

/// What one way through the tree begins with.
#[derive(Clone, Default)]
struct Prefix {
    bytes: Vec<Bytes>,
    /// What follows is not known.
    closed: bool,
}

impl Prefix {
    fn begins_with(&self, anchor: &Anchor) -> bool {
        let text = anchor.text.as_bytes();
        self.bytes.len() >= text.len()
            && text.iter().zip(&self.bytes).all(|(&b, set)| set.only(b, anchor.fold))
    }
}

/// Follows `hir` from each prefix. `None`: too many ways.
fn extend(prefixes: Vec<Prefix>, hir: &Hir, longest: usize) -> Option<Vec<Prefix>> {
    let (open, mut done): (Vec<_>, Vec<_>) =
        prefixes.into_iter().partition(|p| !p.closed && p.bytes.len() < longest);
    if open.is_empty() {
        return Some(done);
    }
    let next = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => open,
        HirKind::Literal(literal) => {
            let sets: Vec<Bytes> = literal.0.iter().map(|&b| Bytes::one(b)).collect();
            push(open, &sets)
        }
        HirKind::Class(class) => {
            let sets = Bytes::of(class)?.split();
            sets.into_iter().flat_map(|set| push(open.clone(), &[set])).collect()
        }
        HirKind::Capture(c) => extend(open, &c.sub, longest)?,
        HirKind::Concat(parts) => {
            parts.iter().try_fold(open, |prefixes, part| extend(prefixes, part, longest))?
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(extend(open.clone(), branch, longest)?);
            }
            all
        }
        HirKind::Repetition(r) => {
            let mut all = Vec::new();
            let mut now = open;
            for count in 0..=r.max.unwrap_or(u32::MAX) {
                if count >= r.min {
                    all.extend(now.iter().cloned());
                }
                if count == r.max.unwrap_or(u32::MAX)
                    || now.iter().all(|p| p.closed || p.bytes.len() >= longest)
                {
                    break;
                }
                if all.len() > MAX_ALTERNATIVES || count > 200 {
                    return None;
                }
                now = extend(now, &r.sub, longest)?;
            }
            // Ways that became long enough before the least count.
            if all.is_empty() {
                now
            } else {
                all.extend(now);
                all
            }
        }
    };
    done.extend(next);
    (done.len() <= MAX_ALTERNATIVES).then_some(done)
}

fn push(mut prefixes: Vec<Prefix>, sets: &[Bytes]) -> Vec<Prefix> {
    for prefix in &mut prefixes {
        prefix.bytes.extend_from_slice(sets);
    }
    prefixes
}
