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
    let longest = anchors.iter().map(|a| a.text.len()).max().unwrap_or(0);
    let mut all = vec![Prefix::default()];
    for part in parts {
        if all.iter().all(|p| p.closed || p.bytes.len() >= longest) {
            break;
        }
        let Some(next) = extend(all, part, longest, anchors) else { return false };
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

    /// Whether it can still become an anchor, or has become one.
    fn may_begin_with(&self, anchor: &Anchor) -> bool {
        anchor.text.bytes().zip(&self.bytes).all(|(b, set)| set.only(b, anchor.fold))
    }
}

/// Follows `hir` from each prefix. `None`: too many ways, or one that does not begin with an anchor.
fn extend(prefixes: Vec<Prefix>, hir: &Hir, longest: usize, anchors: &[Anchor]) -> Option<Vec<Prefix>> {
    let (open, mut done): (Vec<_>, Vec<_>) =
        prefixes.into_iter().partition(|p| !p.closed && p.bytes.len() < longest);
    if open.is_empty() {
        return Some(done);
    }
    let next = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => open,
        HirKind::Literal(literal) => {
            let sets: Vec<Bytes> = literal.0.iter().map(|&b| Bytes::one(b)).collect();
            push(open, &sets, anchors)?
        }
        HirKind::Class(class) => {
            let sets = Bytes::of(class)?.split();
            let mut all = Vec::new();
            for set in sets {
                all.extend(push(open.clone(), &[set], anchors)?);
            }
            all
        }
        HirKind::Capture(c) => extend(open, &c.sub, longest, anchors)?,
        HirKind::Concat(parts) => {
            parts.iter().try_fold(open, |prefixes, part| extend(prefixes, part, longest, anchors))?
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(extend(open.clone(), branch, longest, anchors)?);
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
                now = extend(now, &r.sub, longest, anchors)?;
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

/// Every prefix with `sets` behind it; `None` when one cannot begin with an anchor any more.
fn push(mut prefixes: Vec<Prefix>, sets: &[Bytes], anchors: &[Anchor]) -> Option<Vec<Prefix>> {
    for prefix in &mut prefixes {
        prefix.bytes.extend_from_slice(sets);
        if !anchors.iter().any(|a| prefix.may_begin_with(a)) {
            return None;
        }
    }
    Some(prefixes)
}
