//! The one entrance: rules in, bytes in, [`Found`] out.
//!
//! A scan is a walk over the anchors in the input. Each anchor's rules are asked for a verdict; the hits
//! are located, overlaps resolved, and what remains are the matches. Wrapped text (base64, archives) is
//! unwrapped and walked in the same way, to a depth and within a budget.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::OnceLock;

use crate::confirm::{Confirmer, Hit};
use crate::delta::{Copied, Trace};
use crate::found::{Encoding, Found, Skipped};
use crate::lines::{Counter, Located};
use crate::prefilter::index::Index;
use crate::prefilter::{Candidate, Prefilter};
use crate::reach::{self, Reach, RuleProblem};
use crate::rule::Rule;
use crate::utf16::{self, Narrow};
use crate::views::signs::{self, Sign};
use crate::views::{self, Budget, View};
use crate::{delta, resolve, stream};

/// Most hits kept of one input: some 150 MB with all that a report says of them. A file with more is reported as
/// such. A list of credentials has about three hits a line.
const MAX_HITS: usize = 1 << 16;

/// Bytes whose anchors are gathered before they are confirmed: they stay in cache, and however dense the
/// anchors are, their list stays small.
const BLOCK: usize = 64 << 10;

/// Rules, ready to look for secrets. Immutable, and cheap to make: patterns compile when an anchor of
/// theirs is first seen.
#[derive(Debug)]
pub struct Detector {
    confirmer: Confirmer,
    prefilter: Prefilter,
    /// How far the rules of each literal reach, computed when first asked: a sweep asks for each anchor of each
    /// version of a file.
    reaches: OnceLock<Box<[OnceLock<Reach>]>>,
}

/// An anchor, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub candidate: Candidate,
    /// Its bytes are two apart.
    pub wide: bool,
}

/// Hits and skips of one input, as they are gathered.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub hits: Vec<Hit>,
    pub skipped: Vec<Skipped>,
    pub budget: Budget,
    /// Most hits to take.
    room: usize,
    /// Dear work that may still be done. Grows with the bytes looked at.
    patience: usize,
}

impl Gathered {
    /// Nothing yet, in an input that already has this many hits.
    pub(crate) fn after(hits: usize) -> Self {
        let room = MAX_HITS.saturating_sub(hits);
        Self { hits: Vec::new(), skipped: Vec::new(), budget: Budget::default(), room, patience: PATIENCE }
    }

    /// Whether no more hits are taken; then `rest` is noted as skipped.
    fn is_full(&mut self, rest: Range<usize>) -> bool {
        let full = self.hits.len() >= self.room;
        if full {
            self.skipped.push(Skipped { span: rest, encoding: Vec::new(), why: TOO_MANY });
        }
        full
    }
}

const TOO_MANY: &str = "too-many-matches";

/// Bytes whose views are made before they are scanned: a file of nothing but short wrapped runs takes fifty times its
/// size while they wait.
const VIEWED_AT_ONCE: usize = 1 << 20;

/// Dear work allowed at once, and more for each kilobyte: a unit takes one or two microseconds. Real text needs less
/// than one a kilobyte, a list of credentials some fifty. What is not looked at in a large file made of nothing but
/// names is said.
const PATIENCE: usize = 256 << 10;
const PATIENCE_PER_KB: usize = 16;

impl Detector {
    /// Checks `rules` and makes a detector of them, or says everything that is wrong with them.
    ///
    /// # Errors
    /// One problem for each rule that [`reach::check_rule`] refuses, in the rules' order.
    pub fn new(rules: Cow<'static, [Rule]>) -> Result<Self, Vec<RuleProblem>> {
        let problems: Vec<_> = rules
            .iter()
            .enumerate()
            .filter_map(|(index, rule)| reach::check_rule(rule).err().map(|p| RuleProblem { index, ..p }))
            .collect();
        if problems.is_empty() { Ok(Self::trusted(rules)) } else { Err(problems) }
    }

    /// Makes a detector of rules that were checked before, at build time or by [`reach::check_rule`].
    ///
    /// A rule that would be refused never matches.
    pub fn trusted(rules: Cow<'static, [Rule]>) -> Self {
        let prefilter = Prefilter::new(&rules, &signs::TEXTS);
        Self::of(rules, prefilter)
    }

    /// [`Self::trusted`] with an index of the rules' anchors that was made before, by [`Self::index_of`].
    pub fn indexed(rules: &'static [Rule], index: &'static Index) -> Self {
        Self::of(Cow::Borrowed(rules), Prefilter::of(index))
    }

    /// The index of the anchors of `rules`.
    #[doc(hidden)]
    pub fn index_of(rules: &[Rule]) -> Index {
        Prefilter::index_of(rules, &signs::TEXTS)
    }

    /// [`Self::trusted`] with the prefilter's code for `avx2`, `sse4.1` or `portable`, where this machine can
    /// run it: for benches.
    #[doc(hidden)]
    pub fn on(rules: Cow<'static, [Rule]>, screen: &str) -> Option<Self> {
        let prefilter = Prefilter::on(&rules, &signs::TEXTS, screen)?;
        Some(Self::of(rules, prefilter))
    }

    fn of(rules: Cow<'static, [Rule]>, prefilter: Prefilter) -> Self {
        Self { confirmer: Confirmer::new(rules), prefilter, reaches: OnceLock::new() }
    }

    /// The rules, in the order that [`crate::Match::rule`] counts.
    pub fn rules(&self) -> &[Rule] {
        self.confirmer.rules()
    }

    /// Finds the secrets in `bytes`.
    pub fn scan(&self, bytes: &[u8]) -> Found {
        if bytes.len() > stream::WHOLE {
            return stream::scan_slice(self, bytes);
        }
        let mut gathered = Gathered::after(0);
        self.gather(bytes, 0..bytes.len(), &mut gathered);
        self.gather_containers(bytes, &mut gathered);
        self.finish(bytes, gathered)
    }

    /// Finds the secrets in a stream of any length, in bounded memory. The same result as [`Self::scan`].
    ///
    /// # Errors
    /// What reading `input` gives; nothing was decided then.
    pub fn scan_reader(&self, input: &mut dyn Read) -> io::Result<Found> {
        stream::scan_reader(self, input)
    }

    /// The number of anchors in `bytes`: the work of the prefilter alone, for benches.
    #[doc(hidden)]
    pub fn count_anchors(&self, bytes: &[u8]) -> usize {
        let mut found = Vec::new();
        let mut total = 0;
        for start in (0..bytes.len()).step_by(BLOCK) {
            found.clear();
            self.prefilter.find(bytes, start..bytes.len().min(start + BLOCK), &mut found);
            total += found.iter().filter(|c| self.prefilter.literals().sign(c.literal).is_none()).count();
        }
        total
    }

    /// The verdict at every anchor in `bytes`.
    pub fn trace(&self, bytes: &[u8]) -> Trace {
        delta::trace(self, bytes)
    }

    /// The same as `trace(bytes)`, with the verdicts that `copies` lets it inherit from `base`.
    pub fn trace_delta(&self, bytes: &[u8], copies: &[Copied], base: &Trace) -> Trace {
        delta::trace_delta(self, bytes, copies, base)
    }

    /// The matches of a trace of `bytes`: what `scan(bytes)` finds. Takes from the trace what it holds of them.
    pub fn resolve(&self, bytes: &[u8], trace: &mut Trace) -> Found {
        delta::resolve(self, bytes, trace)
    }

    pub(crate) fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// Gathers the hits whose anchors or wrapped runs are in `region`.
    pub(crate) fn gather(&self, hay: &[u8], region: Range<usize>, gathered: &mut Gathered) {
        let signs = self.gather_plain(hay, region.clone(), gathered);
        self.gather_views_at(hay, region, signs, &[], gathered);
    }

    /// Gathers the hits at anchors that are not wrapped. Returns the signs that it met.
    fn gather_plain(&self, hay: &[u8], region: Range<usize>, gathered: &mut Gathered) -> Vec<Sign> {
        let (mut marks, mut signs) = (Vec::new(), Vec::new());
        let mut at = region.start;
        while at < region.end {
            let end = region.end.min(at + BLOCK);
            marks.clear();
            self.marks_and_signs(hay, at..end, at, &mut marks, &mut signs);
            gathered.patience += (end - at).div_ceil(1024) * PATIENCE_PER_KB;
            let mut work = 0;
            for mark in &marks {
                if gathered.is_full(mark.candidate.at..region.end) {
                    return signs;
                }
                work += self.confirm(hay, *mark, &mut gathered.hits);
                if work > gathered.patience {
                    let span = mark.candidate.at..end;
                    gathered.skipped.push(Skipped { span, encoding: Vec::new(), why: "too-dense" });
                    break;
                }
            }
            gathered.patience = gathered.patience.saturating_sub(work);
            at = end;
        }
        signs
    }

    /// Appends the anchors and the signs that begin in `region`, each sorted by offset. Anchors that are written
    /// two bytes apart may begin before it, from `wide_from` on.
    pub(crate) fn marks_and_signs(
        &self,
        hay: &[u8],
        region: Range<usize>,
        wide_from: usize,
        out: &mut Vec<Mark>,
        signs: &mut Vec<Sign>,
    ) {
        let first = out.len();
        let literals = self.prefilter.literals();
        let mut found = Vec::new();
        self.prefilter.find(hay, region.clone(), &mut found);
        for candidate in found.drain(..) {
            match literals.sign(candidate.literal) {
                Some(which) => signs.push(Sign { at: candidate.at, which }),
                None => out.push(Mark { candidate, wide: false }),
            }
        }
        utf16::find(&self.prefilter, hay, wide_from..region.end, &mut found);
        found.retain(|candidate| literals.sign(candidate.literal).is_none());
        if !found.is_empty() {
            out.extend(found.into_iter().map(|candidate| Mark { candidate, wide: true }));
            out[first..].sort_unstable();
        }
    }

    /// Appends the signs in `region`.
    fn signs(&self, hay: &[u8], region: Range<usize>, out: &mut Vec<Sign>) {
        let mut found = Vec::new();
        self.prefilter.find(hay, region, &mut found);
        let sign = |c: Candidate| Some(Sign { at: c.at, which: self.prefilter.literals().sign(c.literal)? });
        out.extend(found.into_iter().filter_map(sign));
    }

    /// Appends the hits of all rules of an anchor. Returns how much work of the dear kind that was, see
    /// [`Confirmer::confirm`].
    pub(crate) fn confirm(&self, hay: &[u8], mark: Mark, out: &mut Vec<Hit>) -> usize {
        let Candidate { at, literal } = mark.candidate;
        let len = self.prefilter.literals().text(literal).len();
        let mut work = 0;
        for &rule in self.prefilter.literals().rules(literal) {
            if mark.wide {
                let reach = self.confirmer.reach(rule);
                let narrow = Narrow::around(hay, at, reach.before, reach.after);
                let at = narrow.index(at);
                let mut hits = Vec::new();
                self.confirmer.confirm(rule, &narrow.bytes, at..at + len, &mut work, &mut hits);
                out.extend(hits.into_iter().map(|hit| Hit {
                    span: narrow.original(hit.span),
                    whole: hit.whole * 2,
                    decoded: vec![narrow.encoding()],
                    ..hit
                }));
            } else {
                self.confirmer.confirm(rule, hay, at..at + len, &mut work, out);
            }
        }
        work
    }

    /// Bytes from an anchor's first to its last.
    pub(crate) fn width(&self, mark: Mark) -> usize {
        let len = self.prefilter.literals().text(mark.candidate.literal).len();
        if mark.wide { 2 * len - 1 } else { len }
    }

    /// Bytes in front of and after an anchor's first byte that its verdict may depend on.
    pub(crate) fn reach(&self, mark: Mark) -> Reach {
        let literal = mark.candidate.literal;
        let reaches = || self.prefilter.literals().rules(literal).iter().map(|&r| self.confirmer.reach(r));
        let all = self
            .reaches
            .get_or_init(|| (0..self.prefilter.literals().count()).map(|_| OnceLock::new()).collect());
        let widest = *all[literal as usize].get_or_init(|| {
            reaches().fold(Reach { before: 0, after: 0 }, |a, b| Reach {
                before: a.before.max(b.before),
                after: a.after.max(b.after),
            })
        });
        if mark.wide { Reach { before: 2 * widest.before + 2, after: 2 * widest.after + 2 } } else { widest }
    }

    /// Gathers the hits inside wrapped runs that touch `region`. `outer` is how `hay` itself was wrapped.
    pub(crate) fn gather_views(
        &self,
        hay: &[u8],
        region: Range<usize>,
        outer: &[Encoding],
        gathered: &mut Gathered,
    ) {
        let reach = signs::reach(hay.len(), &region);
        let mut signs = Vec::new();
        self.signs(hay, reach, &mut signs);
        self.views_at(hay, region, &signs, outer, gathered);
    }

    /// The same, given the signs in `region` itself.
    fn gather_views_at(
        &self,
        hay: &[u8],
        region: Range<usize>,
        signs: Vec<Sign>,
        outer: &[Encoding],
        gathered: &mut Gathered,
    ) {
        let reach = signs::reach(hay.len(), &region);
        let mut all = Vec::new();
        self.signs(hay, reach.start..region.start, &mut all);
        if all.is_empty() {
            all = signs;
        } else {
            all.extend(signs);
        }
        self.signs(hay, region.end..reach.end, &mut all);
        self.views_at(hay, region, &all, outer, gathered);
    }

    fn views_at(
        &self,
        hay: &[u8],
        region: Range<usize>,
        signs: &[Sign],
        outer: &[Encoding],
        gathered: &mut Gathered,
    ) {
        let (mut made, mut refused) = (Vec::new(), Vec::new());
        for start in region.clone().step_by(VIEWED_AT_ONCE) {
            let part = start..region.end.min(start + VIEWED_AT_ONCE);
            let near = signs::reach(hay.len(), &part);
            let from = signs.partition_point(|sign| sign.at < near.start);
            let to = signs.partition_point(|sign| sign.at < near.end);
            views::text_views_at(hay, part, &signs[from..to], &mut gathered.budget, &mut made, &mut refused);
            // What reaches into the part before was made with it.
            if start > region.start {
                made.retain(|view| view.source.start >= start);
                refused.retain(|run| run.source.start >= start);
            }
            self.gather_made(&made, std::mem::take(&mut refused), outer, gathered);
            made.clear();
        }
    }

    /// Gathers the hits inside `hay` as an archive or a compressed file.
    pub(crate) fn gather_containers(&self, hay: &[u8], gathered: &mut Gathered) {
        let (mut made, mut refused) = (Vec::new(), Vec::new());
        views::container_views(hay, &mut gathered.budget, &mut made, &mut refused);
        self.gather_made(&made, refused, &[], gathered);
        if views::opaque_container(hay).is_some() {
            let span = 0..hay.len();
            gathered.skipped.push(Skipped { span, encoding: Vec::new(), why: "compressed-format" });
        }
    }

    /// Says that `hay` begins an archive or a compressed file, if it does, without unpacking it.
    pub(crate) fn refuse_container(hay: &[u8]) -> Option<Skipped> {
        let mut nothing = Budget { bytes: 0, count: 0, ..Budget::default() };
        let is_container = views::container_views(hay, &mut nothing, &mut Vec::new(), &mut Vec::new())
            || views::opaque_container(hay).is_some();
        is_container.then(|| Skipped { span: 0..hay.len(), encoding: Vec::new(), why: "archive-too-large" })
    }

    fn gather_made(
        &self,
        made: &[View],
        refused: Vec<views::Refused>,
        outer: &[Encoding],
        gathered: &mut Gathered,
    ) {
        gathered.skipped.extend(refused.into_iter().map(|r| Skipped {
            span: r.source,
            encoding: outer.to_vec(),
            why: r.why,
        }));
        for view in made {
            self.gather_view(view, outer, gathered);
        }
    }

    /// Gathers the hits inside one view, with their place outside it.
    fn gather_view(&self, view: &View, outer: &[Encoding], gathered: &mut Gathered) {
        let (first, first_skip) = (gathered.hits.len(), gathered.skipped.len());
        let mut encodings = outer.to_vec();
        encodings.push(view.encoding);
        let whole = 0..view.bytes.len();
        let signs = self.gather_plain(&view.bytes, whole.clone(), gathered);
        if encodings.len() < gathered.budget.depth {
            self.gather_views_at(&view.bytes, whole, signs, &encodings, gathered);
            let (mut inner, mut refused) = (Vec::new(), Vec::new());
            views::container_views(&view.bytes, &mut gathered.budget, &mut inner, &mut refused);
            self.gather_made(&inner, refused, &encodings, gathered);
        } else if Self::refuse_container(&view.bytes).is_some() {
            gathered.skipped.push(Skipped {
                span: 0..view.bytes.len(),
                encoding: encodings,
                why: "nested-too-deep",
            });
        }
        for hit in &mut gathered.hits[first..] {
            hit.span = view.original(hit.span.clone());
            hit.decoded.insert(0, view.encoding);
        }
        for skip in &mut gathered.skipped[first_skip..] {
            skip.span = view.original(skip.span.start..skip.span.end.min(view.bytes.len()));
        }
    }

    /// The wrapped runs that touch `region` and have a hit inside, and whether one of the hits is
    /// reported. `signs` are those within [`signs::reach`] of the region.
    pub(crate) fn runs(
        &self,
        hay: &[u8],
        region: Range<usize>,
        signs: &[Sign],
        gathered: &mut Gathered,
    ) -> Vec<(Range<usize>, bool)> {
        let (mut made, mut refused) = (Vec::new(), Vec::new());
        views::text_views_at(hay, region, signs, &mut gathered.budget, &mut made, &mut refused);
        self.gather_made(&[], refused, &[], gathered);
        let mut runs = Vec::new();
        for view in made {
            self.gather_view(&view, &[], gathered);
            if !gathered.hits.is_empty() {
                runs.push((view.source.clone(), gathered.hits.iter().any(|h| self.is_reported(h))));
            }
            gathered.hits.clear();
        }
        runs
    }

    pub(crate) fn finish(&self, bytes: &[u8], gathered: Gathered) -> Found {
        let mut located: Vec<Located> = Vec::with_capacity(gathered.hits.len());
        Counter::default().locate(bytes, 0, gathered.hits, &mut located);
        self.found(located, gathered.skipped)
    }

    /// Resolves what was gathered.
    pub(crate) fn found(&self, located: Vec<Located>, mut skipped: Vec<Skipped>) -> Found {
        skipped.sort_by_key(|s| (s.why, s.span.start, s.span.end));
        skipped.dedup_by(|next, last| {
            let same = next == last || (next.why == TOO_MANY && last.why == TOO_MANY);
            if same {
                last.span.end = last.span.end.max(next.span.end);
            }
            same
        });
        skipped.sort_by_key(|s| (s.span.start, s.span.end));
        Found { matches: resolve::resolve(self.rules(), located), skipped }
    }

    /// Whether a hit is a finding, and not a value that is meant to be public.
    pub(crate) fn is_reported(&self, hit: &Hit) -> bool {
        !hit.misshapen && !self.rules()[hit.rule as usize].publishable
    }
}

#[cfg(test)]
mod tests;
