//! One secret is one finding: which of several overlapping hits is kept.
//!
//! The same bytes are often taken by several rules: a vendor's and the generic one, or one rule at two
//! anchors. The most specific is kept and the others dropped. The order is total, so that the result
//! depends on the hits alone and not on the order in which they were found.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::confirm::Hit;
use crate::found::{Encoding, Match};
use crate::lines::{Hidden, Located};
use crate::rule::{Confidence, Engine, Rule};

/// The matches of all hits of an input, sorted by span.
pub(crate) fn resolve(rules: &[Rule], mut hits: Vec<Located>) -> Vec<Match> {
    let hidden = Hidden::new(hits.iter().map(|l| &l.hit));
    lower_misshapen(rules, &mut hits);
    hits.sort_by_cached_key(|l| rank(rules, &l.hit));
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut matches = Vec::new();
    for located in hits {
        let span = &located.hit.span;
        let overlaps = taken.range(..span.end).next_back().is_some_and(|(_, &end)| end > span.start);
        if overlaps {
            continue;
        }
        taken.insert(span.start, span.end);
        if !rules[located.hit.rule as usize].publishable {
            let excerpt = located.excerpt(&hidden);
            matches.push(finding(located, excerpt));
        }
    }
    matches.sort_by_key(|m| (m.span.start, m.span.end));
    matches
}

/// Takes the notes about misshapen values out of the hits, and lowers what generic rules found there.
fn lower_misshapen(rules: &[Rule], hits: &mut Vec<Located>) {
    let mut notes: Vec<Range<usize>> = Vec::new();
    hits.retain(|l| {
        if l.hit.misshapen {
            notes.push(l.hit.span.clone());
        }
        !l.hit.misshapen
    });
    if notes.is_empty() {
        return;
    }
    notes.sort_unstable_by_key(|n| (n.start, n.end));
    for hit in hits.iter_mut().map(|l| &mut l.hit) {
        let generic = rules[hit.rule as usize].engine == Engine::Assignment;
        let from = notes.partition_point(|n| n.start < hit.span.start.saturating_sub(LONGEST_NOTE));
        let near = notes[from..].iter().take_while(|n| n.start < hit.span.end);
        if generic && hit.confidence > Confidence::Low && near.into_iter().any(|n| n.end > hit.span.start) {
            hit.call_misshapen();
        }
    }
}

/// No note is longer than this, or it is missed here.
const LONGEST_NOTE: usize = 512;

/// Sorts the hit to keep first: key blocks, then what a rule for one kind of credential took, then what
/// the generic rules took; a value that says itself what it is, before one that its surroundings name;
/// verified; fewer wrappings; longer; the earlier rule.
fn rank(rules: &[Rule], hit: &Hit) -> impl Ord + use<> {
    let engine = match rules[hit.rule as usize].engine {
        Engine::KeyBlock => 0,
        Engine::Pattern => 1,
        Engine::Assignment => 2,
    };
    // The first piece of a secret in pieces is no more than a part of it.
    let wrapped = match hit.decoded.as_slice() {
        [Encoding::Joined] if engine == 2 => 0,
        decoded => decoded.len(),
    };
    (
        (engine, !hit.distinctive, hit.verified.is_none(), wrapped),
        (Reverse(hit.whole), Reverse(hit.span.len()), Reverse(hit.confidence), hit.rule),
        (hit.span.start, hit.span.end),
    )
}

fn finding(located: Located, excerpt: String) -> Match {
    let Located { hit, start, end, .. } = located;
    Match {
        rule: hit.rule,
        span: hit.span,
        start,
        end,
        secret: hit.secret,
        severity: hit.severity,
        confidence: hit.confidence,
        verified: hit.verified,
        decoded: hit.decoded,
        facts: hit.facts,
        parts: hit.parts,
        why: hit.why,
        evidence: hit.evidence,
        excerpt,
    }
}

#[cfg(test)]
mod tests;
