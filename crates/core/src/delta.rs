//! Verdicts that one version of a file inherits from another.
//!
//! In a pack, most versions of a file are stored as "copy this range of the other version, insert these
//! bytes". A verdict at an anchor depends only on the bytes within its reach. So where the anchor and
//! all that is within its reach lie inside one copied range, the other version's verdict holds, and only
//! what is inserted, and the seams, are looked at. What is inherited is a [`Trace`]: the place and the
//! verdict of every anchor, eight bytes each, without any byte of the file.
//!
//! # Contract
//! `trace_delta(child, copies, trace(base)) == trace(child)`, and resolving either gives what scanning
//! the child gives. A seam can make a match, and it can destroy one.

use std::mem::take;
use std::ops::Range;

use crate::detector::{Detector, Gathered, Mark};
use crate::found::Found;
use crate::prefilter::Candidate;
use crate::views::signs::{self, Sign};
use crate::{stream, views};

/// A range that a version shares with its base: `child[to..to + len] == base[from..from + len]`.
///
/// Lists of them are sorted by `to` and do not overlap there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Offset in the base.
    pub from: usize,
    /// Offset in the child.
    pub to: usize,
    /// Number of bytes.
    pub len: usize,
}

/// The verdict at every anchor of one version of a file, without any of its bytes. (Only one that had to be
/// scanned as a whole holds what was found, until [`Detector::resolve`] takes that.)
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// Length of the version.
    len: usize,
    /// Every anchor, sorted.
    marks: Vec<Packed>,
    /// Every sign of wrapped text, sorted: what is wrapped is read from these, so that no second search for
    /// them is needed.
    signs: Vec<PackedSign>,
    /// Wrapped runs that have a hit inside, sorted, each with whether that is reported.
    runs: Vec<(Range<usize>, bool)>,
    /// Whether there is anything to report.
    matches: bool,
    /// The verdicts are not listed: there are too many, the version is too long or an archive, or a part
    /// could not be looked into. Nothing is inherited from it, and resolving it scans it.
    unlisted: bool,
    /// What scanning an unlisted version gave, until it is asked for: an archive is not unpacked twice.
    scanned: Option<Box<Found>>,
}

impl Trace {
    /// Whether there is anything to resolve: a match, or a part that could not be looked into.
    pub fn has_matches(&self) -> bool {
        self.matches
    }

    /// Bytes of memory that this trace occupies.
    pub fn size(&self) -> usize {
        size_of::<Self>()
            + self.marks.capacity() * size_of::<Packed>()
            + self.signs.capacity() * size_of::<PackedSign>()
            + self.runs.capacity() * size_of::<(Range<usize>, bool)>()
    }
}

/// An anchor and its verdict in eight bytes: from the top, offset (42 bits), literal (19), whether it is
/// written two bytes apart, whether a rule claims it, whether that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packed(u64);

const REPORTED: u64 = 1;
const CLAIMED: u64 = 2;
const WIDE: u64 = 4;
const LITERAL_SHIFT: u32 = 3;
const LITERAL_MASK: u64 = (1 << 19) - 1;
const OFFSET_SHIFT: u32 = 22;

impl Packed {
    fn new(mark: Mark) -> Self {
        let literal = u64::from(mark.candidate.literal) & LITERAL_MASK;
        let wide = if mark.wide { WIDE } else { 0 };
        Self((mark.candidate.at as u64) << OFFSET_SHIFT | literal << LITERAL_SHIFT | wide)
    }

    fn mark(self) -> Mark {
        let literal = (self.0 >> LITERAL_SHIFT & LITERAL_MASK) as u32;
        Mark { candidate: Candidate { at: self.at(), literal }, wide: self.0 & WIDE != 0 }
    }

    fn at(self) -> usize {
        (self.0 >> OFFSET_SHIFT) as usize
    }

    /// The same verdict at another offset.
    fn moved(self, at: usize) -> Self {
        Self(self.0 & ((1 << OFFSET_SHIFT) - 1) | (at as u64) << OFFSET_SHIFT)
    }
}

/// A sign in eight bytes. A version that is traced has fewer bytes than a number of 32 bits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PackedSign {
    at: u32,
    which: u32,
}

impl PackedSign {
    fn new(sign: Sign) -> Self {
        Self { at: sign.at as u32, which: sign.which as u32 }
    }

    fn sign(self) -> Sign {
        Sign { at: self.at as usize, which: self.which as usize }
    }
}

/// More anchors than this per byte are not listed: a list of them would outgrow the file.
const LEAST_BYTES_PER_MARK: usize = 16;

/// With more dear work than this per byte, a version is scanned, which is bounded.
const LEAST_BYTES_PER_WORK: usize = 256;

/// How far from a wrapped run its view may depend on the input.
const VIEW_MARGIN: usize = views::CONTEXT + 64;

/// Changes nearer to each other than this are looked into together: a look reads the lines around it too, and a
/// wrapped run that is seen again for nothing is the same run.
const VIEW_NEAR: usize = 384;

/// The same for anchors: to begin a second search costs as much as searching some bytes more.
const ANCHORS_NEAR: usize = 64;

/// Traces a version from nothing.
pub(crate) fn trace(detector: &Detector, bytes: &[u8]) -> Trace {
    let mut tracer = Tracer::new(detector, bytes);
    if tracer.is_unlisted() {
        return unlisted(detector, bytes);
    }
    tracer.look(0..bytes.len(), 0, |_| true);
    tracer.look_inside(std::slice::from_ref(&(0..bytes.len())));
    tracer.finish()
}

/// Traces a version that shares ranges with a traced one.
pub(crate) fn trace_delta(detector: &Detector, bytes: &[u8], copies: &[Copied], base: &Trace) -> Trace {
    let mut tracer = Tracer::new(detector, bytes);
    if tracer.is_unlisted() {
        return unlisted(detector, bytes);
    }
    if base.unlisted {
        return trace(detector, bytes);
    }
    let copies = merged(copies, base.len, bytes.len());
    for copy in &copies {
        tracer.inherit(copy, base);
    }
    let longest = detector.prefilter().literals().longest();
    let (mut anchors, mut unseen) = (Vec::new(), Vec::new());
    for gap in gaps(&copies, bytes.len()) {
        join(&mut anchors, gap.start.saturating_sub(longest)..gap.end, ANCHORS_NEAR);
        let wide = gap.start.saturating_sub(VIEW_MARGIN)..bytes.len().min(gap.end + VIEW_MARGIN);
        join(&mut unseen, wide, VIEW_NEAR);
    }
    let mut looked = 0;
    for region in anchors {
        // Anchors that touch a gap; one that is written two bytes apart begins further in front of it. Those
        // wholly inside a copy are inherited.
        let wide_from = region.start.saturating_sub(longest).max(looked);
        looked = region.end;
        tracer.look(region, wide_from, |span| !inside_a_copy(&copies, &span));
    }
    // Not before all signs are known: what is wrapped in one place may begin in another.
    tracer.look_inside(&unseen);
    tracer.finish()
}

/// Finds the matches of a traced version.
pub(crate) fn resolve(detector: &Detector, bytes: &[u8], trace: &mut Trace) -> Found {
    if let Some(found) = trace.scanned.take().filter(|_| trace.len == bytes.len()) {
        return *found;
    }
    if trace.unlisted || trace.len != bytes.len() {
        return detector.scan(bytes);
    }
    let mut gathered = Gathered::after(0);
    for packed in trace.marks.iter().filter(|p| p.0 & (CLAIMED | REPORTED) != 0) {
        detector.confirm(bytes, packed.mark(), &mut gathered.hits);
    }
    for (run, _) in &trace.runs {
        detector.gather_views(bytes, run.clone(), &[], &mut gathered);
    }
    detector.finish(bytes, gathered)
}

/// Adds a region to a list, or to the last one in it, where that is no further away than `near`.
fn join(list: &mut Vec<Range<usize>>, region: Range<usize>, near: usize) {
    match list.last_mut() {
        Some(last) if region.start <= last.end + near => last.end = region.end,
        _ => list.push(region),
    }
}

fn unlisted(detector: &Detector, bytes: &[u8]) -> Trace {
    let found = detector.scan(bytes);
    let matches = !found.matches.is_empty() || !found.skipped.is_empty();
    let scanned = matches.then(|| Box::new(found));
    Trace { len: bytes.len(), matches, unlisted: true, scanned, ..Trace::default() }
}

/// Copies that are inside both versions and in order, neighbours that continue one another made one.
fn merged(copies: &[Copied], base: usize, child: usize) -> Vec<Copied> {
    let mut all: Vec<Copied> = Vec::with_capacity(copies.len());
    for &copy in copies {
        let fits = |at: usize, len: usize| at.checked_add(copy.len).is_some_and(|end| end <= len);
        if copy.len == 0 || !fits(copy.from, base) || !fits(copy.to, child) {
            continue;
        }
        match all.last_mut() {
            Some(last) if last.to + last.len > copy.to => {}
            Some(last) if last.to + last.len == copy.to && last.from + last.len == copy.from => {
                last.len += copy.len;
            }
            _ => all.push(copy),
        }
    }
    all
}

/// What is between the copies, seams without a byte between them included.
fn gaps(copies: &[Copied], len: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(copies.iter().map(|c| c.to + c.len));
    let ends = copies.iter().map(|c| c.to).chain(std::iter::once(len));
    starts.zip(ends).map(|(start, end)| start..end)
}

/// Whether one copy holds all of `span`.
fn inside_a_copy(copies: &[Copied], span: &Range<usize>) -> bool {
    let next = copies.partition_point(|c| c.to <= span.start);
    next > 0 && span.end <= copies[next - 1].to + copies[next - 1].len
}

struct Tracer<'a> {
    detector: &'a Detector,
    bytes: &'a [u8],
    trace: Trace,
    gathered: Gathered,
    /// Dear work done so far, see [`Detector::confirm`].
    work: usize,
    signs: Vec<Sign>,
    /// Room to work in.
    marks: Vec<Mark>,
    new_signs: Vec<Sign>,
}

impl<'a> Tracer<'a> {
    fn new(detector: &'a Detector, bytes: &'a [u8]) -> Self {
        let trace = Trace { len: bytes.len(), ..Trace::default() };
        Self {
            detector,
            bytes,
            trace,
            gathered: Gathered::after(0),
            work: 0,
            signs: Vec::new(),
            marks: Vec::new(),
            new_signs: Vec::new(),
        }
    }

    fn is_unlisted(&self) -> bool {
        self.bytes.len() > stream::WHOLE || Detector::refuse_container(self.bytes).is_some()
    }

    /// Adds the anchors and signs that begin in `region` and whose span is `wanted`, and anchors that are written
    /// two bytes apart from `wide_from` on.
    fn look(&mut self, region: Range<usize>, mut wide_from: usize, wanted: impl Fn(Range<usize>) -> bool) {
        let mut start = region.start;
        while start < region.end {
            let (mut marks, mut signs) = (take(&mut self.marks), take(&mut self.new_signs));
            let end = region.end.min(start + (1 << 16));
            self.detector.marks_and_signs(self.bytes, start..end, wide_from, &mut marks, &mut signs);
            (start, wide_from) = (end, end);
            self.signs.extend(signs.drain(..).filter(|sign| wanted(sign.span())));
            for mark in marks.drain(..) {
                if self.is_crowded() {
                    return;
                }
                let at = mark.candidate.at;
                if wanted(at..at + self.detector.width(mark)) {
                    self.confirm(Packed::new(mark));
                }
            }
            (self.marks, self.new_signs) = (marks, signs);
        }
    }

    fn is_crowded(&self) -> bool {
        self.trace.marks.len() + self.signs.len() > self.bytes.len() / LEAST_BYTES_PER_MARK + 1024
            || self.work > self.bytes.len() / LEAST_BYTES_PER_WORK + 4096
    }

    /// Adds an anchor with the verdict that it has in this version.
    fn confirm(&mut self, packed: Packed) {
        self.work += self.detector.confirm(self.bytes, packed.mark(), &mut self.gathered.hits);
        let mut verdict = packed.0 & !(CLAIMED | REPORTED);
        for hit in self.gathered.hits.drain(..) {
            verdict |= if self.detector.is_reported(&hit) { REPORTED } else { CLAIMED };
        }
        self.add(Packed(verdict));
    }

    fn add(&mut self, packed: Packed) {
        self.trace.matches |= packed.0 & REPORTED != 0;
        self.trace.marks.push(packed);
    }

    /// Adds the runs that touch one of `regions` and have a hit inside. All signs have been found.
    fn look_inside(&mut self, regions: &[Range<usize>]) {
        if self.is_crowded() {
            return;
        }
        self.signs.sort_unstable();
        for region in regions {
            let near = signs::reach(self.bytes.len(), region);
            let first = self.signs.partition_point(|sign| sign.at < near.start);
            let last = self.signs.partition_point(|sign| sign.at < near.end);
            let signs = &self.signs[first..last];
            let runs = self.detector.runs(self.bytes, region.clone(), signs, &mut self.gathered);
            self.trace.runs.extend(runs);
        }
    }

    /// Adds what one copied range brings along.
    fn inherit(&mut self, copy: &Copied, base: &Trace) {
        let end = copy.from + copy.len;
        // At an edge that both versions have, there is nothing beyond that could differ.
        let room_before = if copy.from == 0 && copy.to == 0 { usize::MAX } else { 0 };
        let room_after =
            if end == base.len && copy.to + copy.len == self.bytes.len() { usize::MAX } else { 0 };
        let first = base.marks.partition_point(|m| m.at() < copy.from);
        for &packed in base.marks[first..].iter().take_while(|m| m.at() < end) {
            let mark = packed.mark();
            let at = mark.candidate.at;
            if at + self.detector.width(mark) > end {
                continue;
            }
            let moved = packed.moved(at - copy.from + copy.to);
            let reach = self.detector.reach(mark);
            let inherited = (at - copy.from).max(room_before) >= reach.before
                && (end - at).max(room_after) >= reach.after;
            // The order of two bytes is told by the offset's parity.
            let same_parity = !mark.wide || copy.from % 2 == copy.to % 2;
            if inherited && same_parity {
                self.add(moved);
            } else if !self.is_crowded() {
                self.confirm(moved);
            }
        }
        let first = base.signs.partition_point(|sign| (sign.at as usize) < copy.from);
        let signs = base.signs[first..].iter().map(|sign| sign.sign());
        for sign in signs.take_while(|sign| sign.at < end).filter(|sign| sign.span().end <= end) {
            self.signs.push(Sign { at: sign.at - copy.from + copy.to, ..sign });
        }
        let first = base.runs.partition_point(|(run, _)| run.start < copy.from);
        for (run, reported) in base.runs[first..].iter().take_while(|(run, _)| run.start < end) {
            let inherited = (run.start - copy.from).max(room_before) >= VIEW_MARGIN
                && end.saturating_sub(run.end).max(room_after) >= VIEW_MARGIN;
            if inherited && run.end <= end {
                let moved = run.start - copy.from + copy.to..run.end - copy.from + copy.to;
                self.trace.runs.push((moved, *reported));
            }
        }
    }

    fn finish(mut self) -> Trace {
        if self.is_crowded() || !self.gathered.skipped.is_empty() {
            return unlisted(self.detector, self.bytes);
        }
        self.trace.marks.sort_unstable();
        self.trace.runs.sort_unstable_by_key(|(run, reported)| (run.start, run.end, *reported));
        self.trace.runs.dedup();
        self.trace.matches |= self.trace.runs.iter().any(|(_, reported)| *reported);
        self.trace.marks.shrink_to_fit();
        self.trace.signs = self.signs.iter().copied().map(PackedSign::new).collect();
        self.trace
    }
}

#[cfg(test)]
mod tests;
