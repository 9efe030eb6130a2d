//! What a window must have before it is worth a pattern.
//!
//! Most credentials are long runs of few characters: `ghp_[0-9A-Za-z]{36}`. Anchors such as `github` are
//! everywhere, runs of thirty-two hexadecimal digits are not, and looking for one costs a look at every
//! thirty-second byte. The run that every match has is found in the pattern's tree.

use regex_syntax::hir::{Hir, HirKind};

use super::bytes::Bytes;

/// Every match has a run of `len` bytes or more, all of them in `set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Need {
    pub(super) set: Bytes,
    pub(super) len: usize,
}

/// Runs shorter than this are everywhere.
const LEAST: usize = 6;

impl Need {
    /// The rarest run that every match of the pattern has.
    pub(crate) fn of(hir: &Hir) -> Option<Self> {
        need(hir).filter(|n| n.len >= LEAST)
    }

    /// Whether `hay` has the run.
    pub(crate) fn is_met(&self, hay: &[u8]) -> bool {
        let mut start = 0;
        // All of `hay[start..]` is open; a run in it covers its `len`th byte or begins after it.
        while let Some(window) = hay.get(start..start + self.len) {
            match window.iter().rposition(|&b| !self.set.has(b)) {
                None => return true,
                Some(gap) => start += gap + 1,
            }
        }
        false
    }

    /// How rare such a run is in ordinary text, in nats.
    fn rarity(&self) -> f64 {
        let count = |of: Bytes| f64::from(self.set.and(of).len());
        // A byte's share of ordinary text, roughly.
        let share = 0.16 * count(SPACE)
            + 0.024 * count(LOWER)
            + 0.025 * count(LINE)
            + 0.003 * count(UPPER)
            + 0.006 * count(MARKS)
            + 0.0005 * count(OTHERS);
        -share.min(0.999).ln() * self.len as f64
    }
}

const SPACE: Bytes = Bytes::those(b' ', b' ');
const LOWER: Bytes = Bytes::those(b'a', b'z');
const UPPER: Bytes = Bytes::those(b'A', b'Z');
const LINE: Bytes = Bytes::those(b'\n', b'\n').or(Bytes::those(b'_', b'_'));
const MARKS: Bytes = Bytes::those(b'!', b'~').without(LOWER).without(UPPER).without(LINE);
const OTHERS: Bytes = Bytes::those(0, 255).without(Bytes::those(b' ', b'~')).without(LINE);

fn need(hir: &Hir) -> Option<Need> {
    let inner = match hir.kind() {
        HirKind::Capture(c) => need(&c.sub),
        HirKind::Repetition(r) if r.min > 0 => need(&r.sub),
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Repetition(_) => None,
        HirKind::Concat(parts) => {
            let flat = flatten(parts);
            let whole = flat.iter().filter_map(|p| need(p));
            let alone: Vec<Option<Need>> = flat.iter().map(|p| run(p)).collect();
            let runs = (0..alone.len()).flat_map(|from| runs_from(&alone[from..]));
            return rarest(whole.chain(runs));
        }
        HirKind::Alternation(branches) => branches
            .iter()
            .map(need)
            .reduce(|a, b| {
                let (a, b) = (a?, b?);
                Some(Need { set: a.set.or(b.set), len: a.len.min(b.len) })
            })
            .flatten(),
    };
    rarest(inner.into_iter().chain(run(hir)))
}

/// The bytes that a match of `hir` can have, and how many it has at least; `None` where one could be any.
pub(super) fn letters(hir: &Hir) -> Option<(Bytes, usize)> {
    run(hir).map(|all| (all.set, all.len))
}

fn rarest(needs: impl Iterator<Item = Need>) -> Option<Need> {
    needs.map(|n| (n.rarity(), n)).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, n)| n)
}

fn flatten(parts: &[Hir]) -> Vec<&Hir> {
    parts
        .iter()
        .flat_map(|part| match part.kind() {
            HirKind::Concat(inner) => flatten(inner),
            HirKind::Capture(c) => flatten(std::slice::from_ref(&*c.sub)),
            _ => vec![part],
        })
        .collect()
}

/// The runs that begin with the first part, given the run that each part is.
fn runs_from(parts: &[Option<Need>]) -> impl Iterator<Item = Need> {
    parts.iter().map_while(|p| *p).scan(Need { set: Bytes::NONE, len: 0 }, |sum, next| {
        *sum = Need { set: sum.set.or(next.set), len: sum.len + next.len };
        Some(*sum)
    })
}

/// All of a match of `hir` as one run: the bytes it can have, and how many it has at least.
fn run(hir: &Hir) -> Option<Need> {
    let both = |a: Need, b: Need| Need { set: a.set.or(b.set), len: a.len + b.len };
    let either = |a: Need, b: Need| Need { set: a.set.or(b.set), len: a.len.min(b.len) };
    let none = Need { set: Bytes::NONE, len: 0 };
    Some(match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => none,
        HirKind::Literal(l) => {
            l.0.iter().fold(none, |sum, &b| both(sum, Need { set: Bytes::one(b), len: 1 }))
        }
        HirKind::Class(class) => Need { set: Bytes::of(class)?, len: 1 },
        HirKind::Capture(c) => run(&c.sub)?,
        HirKind::Repetition(r) => {
            let sub = run(&r.sub)?;
            Need { set: sub.set, len: sub.len * r.min as usize }
        }
        HirKind::Concat(parts) => parts.iter().map(run).try_fold(none, |sum, next| Some(both(sum, next?)))?,
        HirKind::Alternation(branches) => branches.iter().map(run).reduce(|a, b| Some(either(a?, b?)))??,
    })
}
