//! Decides at one anchor whether a rule matches there.
//!
//! The answer depends on the bytes within the rule's reach of the anchor and on nothing else. For a
//! pattern it is the match that covers the anchor and begins leftmost, no further in front of the anchor
//! than the pattern's lead. What the pattern takes is then weighed: placeholders and too little entropy
//! are dropped, an offline check raises or lowers the confidence.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::{Anchored, Input, PatternID, meta, util::captures::Captures};

use crate::entropy::bits_per_byte;
use crate::found::{Encoding, Evidence, Fact, Part, Verified};
use crate::generic::{self, evidence as bit};
use crate::keyblock;
use crate::misshapen::{self, Prefixes};
use crate::placeholder::is_placeholder;
use crate::reach::{self, Measure, Measured, Reach, Starts};
use crate::rule::{Confidence, Engine, Rule, Severity, ValueClass};
use crate::secret::Secret;
use crate::verify::{self, Check, Verifier};

/// A rule's match at an anchor, before overlaps are resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hit {
    /// Index of the rule.
    pub rule: u32,
    /// Where the secret is.
    pub span: Range<usize>,
    /// Length of all that the rule took, the secret's surroundings included.
    pub whole: usize,
    /// Whether the anchor is part of the secret: the value itself says what it is.
    pub distinctive: bool,
    /// The value.
    pub secret: Secret,
    pub severity: Severity,
    pub confidence: Confidence,
    pub verified: Option<Verified>,
    pub decoded: Vec<Encoding>,
    pub facts: Vec<Fact>,
    pub parts: Vec<Part>,
    pub why: Vec<&'static str>,
    pub evidence: Option<Evidence>,
    /// Not a secret: a value in a vendor's place that is none of the vendor's, see [`misshapen`].
    pub misshapen: bool,
}

/// Rules with their patterns, compiled when first needed.
#[derive(Debug)]
pub(crate) struct Confirmer {
    rules: Cow<'static, [Rule]>,
    /// Made when the first anchor is met: in most commits there is none.
    states: OnceLock<Box<[State]>>,
    prefixes: OnceLock<Prefixes>,
    /// The examples of all rules, sorted.
    examples: OnceLock<Vec<Box<[u8]>>>,
}

#[derive(Debug, Default)]
struct State {
    measure: OnceLock<Box<Measure>>,
    pattern: OnceLock<Option<Box<Pattern>>>,
}

#[derive(Debug)]
struct Pattern {
    regex: meta::Regex,
    /// Groups that may hold the secret: all but `id`; the whole match when there is none.
    secrets: Vec<usize>,
    id: Option<usize>,
    /// The group that takes a value of a wrong shape where the vendor's would stand.
    misshapen: Option<usize>,
}

impl Pattern {
    /// `None` for a pattern that no checked rule has.
    fn new(rule: &Rule) -> Option<Box<Self>> {
        let regex = reach::compile(&reach::parse(&rule.pattern).ok()?).ok()?;
        let groups = regex.group_info();
        let id = groups.to_index(PatternID::ZERO, reach::ID_GROUP);
        let misshapen = groups.to_index(PatternID::ZERO, misshapen::GROUP);
        let mut secrets: Vec<usize> = (1..groups.group_len(PatternID::ZERO))
            .filter(|&g| Some(g) != id && Some(g) != misshapen)
            .collect();
        secrets.push(0);
        Some(Box::new(Self { regex, secrets, id, misshapen }))
    }

    /// The groups of the match that covers the anchor and begins leftmost.
    fn groups(&self, window: &Window<'_>) -> Option<Captures> {
        let start = self.start(window)?;
        let mut groups = self.regex.create_captures();
        let input = Input::new(window.bytes).range(start..).anchored(Anchored::Yes);
        self.regex.search_captures(&input, &mut groups);
        groups.is_match().then_some(groups)
    }

    /// Whether the match that begins at `start` covers the anchor.
    fn covers(&self, window: &Window<'_>, start: usize) -> bool {
        let input = Input::new(window.bytes).range(start..).anchored(Anchored::Yes);
        self.regex.search(&input).is_some_and(|m| m.end() >= window.anchor.end)
    }

    /// Where the leftmost match begins that covers the anchor and does not begin before `from`.
    fn start(&self, window: &Window<'_>) -> Option<usize> {
        let Window { bytes, first: mut from, ref anchor, .. } = *window;
        // Few places to begin: each is tried alone, and nearly all fail at their first byte. A search from
        // the first on would look through the whole window for a match that begins behind the anchor.
        if anchor.start - from <= FEW {
            return (from..=anchor.start).find(|&start| self.covers(window, start));
        }
        if window.line {
            return window.lines().find(|&start| self.covers(window, start));
        }
        while from <= anchor.start {
            let m = self.regex.search(&Input::new(bytes).range(from..))?;
            if m.start() > anchor.start {
                return None;
            }
            if m.end() >= anchor.end {
                return Some(m.start());
            }
            from = m.start() + 1;
        }
        None
    }
}

/// The bytes around an anchor that a pattern may look at.
struct Window<'h> {
    bytes: &'h [u8],
    /// Where they begin in the input.
    base: usize,
    /// Where in them a match may begin.
    first: usize,
    /// Where in them the anchor is.
    anchor: Range<usize>,
    /// A match begins where a line does.
    line: bool,
}

impl<'h> Window<'h> {
    /// `None` when what stands there is not worth a pattern.
    fn around(measured: &Measured, hay: &'h [u8], anchor: &Range<usize>) -> Option<Self> {
        if !measured.guard.admits(hay, anchor.start) {
            return None;
        }
        // One byte more on each side is there for `\b` to look at, not to match.
        let longest = measured.shape.longest;
        let first = anchor.start.saturating_sub(measured.shape.lead).max(anchor.end.saturating_sub(longest));
        let base = first.saturating_sub(1);
        let bytes = &hay[base..hay.len().min(anchor.start + longest + 1)];
        let anchor = anchor.start - base..anchor.end - base;
        Some(Self { bytes, base, first: first - base, anchor, line: measured.shape.line })
    }

    /// Whether what stands there may be a match. Adds to `work` what it cost to see that it is none.
    fn is_worth_it(&self, measured: &Measured, work: &mut usize) -> bool {
        if !measured.need.is_none_or(|need| need.is_met(self.bytes)) {
            return false;
        }
        let starts = Starts { first: self.first, last: self.anchor.start, line: self.line };
        let worth = measured.outline.as_ref().is_none_or(|outline| outline.begins(self.bytes, starts));
        *work += if worth { 0 } else { self.bytes.len() / WORK };
        worth
    }

    /// Where a match may begin and a line does.
    fn lines(&self) -> impl Iterator<Item = usize> {
        let head = (self.first == 0).then_some(0);
        let from = self.first.max(1);
        let breaks =
            memchr::memchr_iter(b'\n', self.bytes.get(from - 1..self.anchor.start).unwrap_or_default());
        head.into_iter().chain(breaks.map(move |at| from + at))
    }
}

/// Places in front of an anchor that are tried one by one.
const FEW: usize = 16;

/// Bytes that a pattern looks through for a unit of work.
const WORK: usize = 2048;

impl Confirmer {
    /// Compiles nothing yet.
    pub(crate) fn new(rules: Cow<'static, [Rule]>) -> Self {
        Self { rules, states: OnceLock::new(), prefixes: OnceLock::new(), examples: OnceLock::new() }
    }

    fn state(&self, rule: u32) -> &State {
        &self.states.get_or_init(|| self.rules.iter().map(|_| State::default()).collect())[rule as usize]
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule's reach, computed when first asked.
    pub(crate) fn reach(&self, rule: u32) -> Reach {
        self.measure(rule).reach
    }

    fn measure(&self, rule: u32) -> &Measure {
        self.state(rule).measure.get_or_init(|| Box::new(Measure::of(&self.rules[rule as usize])))
    }

    /// Appends the rule's matches at an anchor of it: none or one, and several where a name has several values.
    /// Adds to `work` what an attempt cost that is dear: one for a name and value judged, one for each two
    /// kilobytes that a pattern looked through in vain.
    pub(crate) fn confirm(
        &self,
        rule: u32,
        hay: &[u8],
        anchor: Range<usize>,
        work: &mut usize,
        out: &mut Vec<Hit>,
    ) {
        let verified = |hit: Hit| if hit.misshapen { hit } else { self.verify(hit) };
        match self.rules[rule as usize].engine {
            Engine::Pattern => out.extend(self.pattern(rule, hay, &anchor, work).map(verified)),
            Engine::KeyBlock => out.extend(self.key_block(rule, hay, anchor).map(verified)),
            Engine::Assignment => {
                let found = generic::assignments(hay, anchor);
                *work += found.len().max(1);
                out.extend(found.into_iter().filter_map(|a| self.assignment(rule, hay, a)).map(verified));
            }
        }
    }

    fn pattern(&self, index: u32, hay: &[u8], anchor: &Range<usize>, work: &mut usize) -> Option<Hit> {
        let rule = &self.rules[index as usize];
        let measured = self.measure(index).pattern.as_ref()?;
        let window = Window::around(measured, hay, anchor).filter(|w| w.is_worth_it(measured, work))?;
        let pattern = self.state(index).pattern.get_or_init(|| Pattern::new(rule)).as_deref()?;
        let Some(groups) = pattern.groups(&window) else {
            *work += window.bytes.len() / WORK;
            return None;
        };
        let base = window.base;
        let absolute = |s: regex_automata::Span| s.start + base..s.end + base;
        if let Some(wrong) = pattern.misshapen.and_then(|g| groups.get_group(g)) {
            let span = absolute(wrong);
            let secret = Secret::new(&hay[span.clone()]);
            return Some(Hit { misshapen: true, ..hit(index, rule, span, secret) });
        }
        let span = absolute(pattern.secrets.iter().find_map(|&g| groups.get_group(g))?);
        let value = &hay[span.clone()];
        if !weighs_enough(rule, value) {
            return None;
        }
        let id = pattern.id.and_then(|g| groups.get_group(g)).map(absolute);
        let parts = id.map(|id| Part { name: "id", shown: shown(&hay[id]) }).into_iter().collect();
        let distinctive = span.start <= anchor.start && anchor.end <= span.end;
        let whole = groups.get_match()?.len();
        Some(Hit { whole, distinctive, parts, ..hit(index, rule, span, Secret::new(value)) })
    }

    fn key_block(&self, index: u32, hay: &[u8], anchor: Range<usize>) -> Option<Hit> {
        let rule = &self.rules[index as usize];
        let block = keyblock::key_block(hay, anchor)?;
        let mut hit = hit(index, rule, block.span, Secret::new(&block.text));
        hit.distinctive = true;
        if !block.complete {
            hit.confidence = hit.confidence.min(Confidence::Medium);
            hit.why.push("the block is cut off");
        }
        Some(hit)
    }

    fn assignment(&self, index: u32, hay: &[u8], found: generic::Assignment) -> Option<Hit> {
        let rule = &self.rules[index as usize];
        let value = hay.get(found.value.clone())?;
        if !weighs_enough(rule, value) {
            return None;
        }
        let whole = found.value.end.saturating_sub(found.key.start).max(value.len());
        let mut hit = Hit {
            whole,
            severity: found.severity,
            confidence: found.confidence,
            why: found.why,
            evidence: Some(found.evidence),
            ..hit(index, rule, found.value.clone(), Secret::new(value))
        };
        let name = hay.get(found.key).unwrap_or_default();
        if self.is_misshapen(name, value, found.evidence.has(bit::PASSWORD)) {
            hit.call_misshapen();
        }
        Some(hit)
    }

    /// Whether a value begins like a credential of a vendor's. One far longer than those is something else.
    fn is_misshapen(&self, name: &[u8], value: &[u8], chosen: bool) -> bool {
        let prefixes = self.prefixes.get_or_init(|| Prefixes::of(&self.rules));
        prefixes.rules(name, value, chosen).any(|rule| value.len() <= self.reach(rule).after / 2 * 3)
    }

    /// Whether a vendor's documentation has this value, whichever rule found it.
    fn is_example(&self, value: &[u8]) -> bool {
        let examples = self.examples.get_or_init(|| {
            let all = self.rules.iter().flat_map(|r| r.examples.iter());
            let mut all: Vec<Box<[u8]>> = all.map(|e| e.as_bytes().into()).collect();
            all.sort_unstable();
            all
        });
        examples.binary_search_by(|e| e.as_ref().cmp(value)).is_ok()
    }

    /// Applies the vendors' examples and the offline check.
    fn verify(&self, mut hit: Hit) -> Hit {
        let rule = &self.rules[hit.rule as usize];
        if self.is_example(hit.secret.expose()) {
            hit.dismiss("an example from the vendor's documentation");
            return hit;
        }
        let Some(verifier) = rule.verify.as_deref().and_then(Verifier::from_name) else { return hit };
        match verify::check(verifier, hit.secret.expose()) {
            Check::Passed { how, facts } => {
                hit.confidence = Confidence::High;
                hit.verified = Some(how);
                hit.facts = facts;
            }
            Check::Failed => {
                hit.dismiss("its checksum or structure is wrong");
            }
            Check::Unknown => {}
            Check::Demote(why) => {
                hit.confidence = lower(hit.confidence);
                hit.why.push(why);
            }
        }
        hit
    }
}

impl Hit {
    /// Lowers a hit whose value is of a vendor's kind but not of its shape.
    pub(crate) fn call_misshapen(&mut self) {
        self.dismiss(misshapen::WHY);
    }

    /// Lowers a hit for good: what its file is cannot raise it again.
    fn dismiss(&mut self, why: &'static str) {
        self.confidence = Confidence::Low;
        self.evidence = None;
        self.why.push(why);
    }
}

fn hit(index: u32, rule: &Rule, span: Range<usize>, secret: Secret) -> Hit {
    Hit {
        rule: index,
        whole: span.len(),
        span,
        distinctive: false,
        secret,
        severity: rule.severity,
        confidence: rule.confidence,
        verified: None,
        decoded: Vec::new(),
        facts: Vec::new(),
        parts: Vec::new(),
        why: Vec::new(),
        evidence: None,
        misshapen: false,
    }
}

/// Whether a value is more than a placeholder.
fn weighs_enough(rule: &Rule, value: &[u8]) -> bool {
    let real = match rule.value {
        ValueClass::Token | ValueClass::Password => !is_placeholder(value),
        ValueClass::Any => true,
    };
    !value.is_empty()
        && real
        && (rule.min_entropy <= 0.0 || bits_per_byte(value) >= f64::from(rule.min_entropy))
}

fn lower(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
}

/// A companion value, printable and short.
fn shown(value: &[u8]) -> String {
    value.iter().take(64).map(|&b| if b.is_ascii_graphic() { char::from(b) } else { '.' }).collect()
}
