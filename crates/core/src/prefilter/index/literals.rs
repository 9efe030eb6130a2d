//! The distinct literals behind the anchors of many rules.
//!
//! Rules share anchors: a dozen of them look for `api_key`. Each literal is searched once and knows the
//! rules that asked for it.

use std::fmt::Write;

use super::{Asked, Store, list};

/// Index of a literal.
pub type LiteralId = u32;

/// Literals in one arena, with the rules of each.
#[derive(Debug, PartialEq)]
pub struct Literals {
    /// Their texts, one after the other.
    pub bytes: Store<[u8]>,
    /// Each of them.
    pub all: Store<[Literal]>,
    /// Their rules, one literal's after the other's.
    pub rules: Store<[u32]>,
    /// Length of the longest.
    pub longest: usize,
    /// Length of the shortest; of no literals, more than any has.
    pub shortest: usize,
    /// The first literal that is no rule's.
    pub first_sign: LiteralId,
}

/// Where a literal's text and rules are.
#[derive(Debug, Clone, PartialEq)]
pub struct Literal {
    /// Its first byte.
    pub start: u32,
    /// Its length.
    pub len: u32,
    /// ASCII letters match in either case.
    pub fold: bool,
    /// Its first rule, and the one after its last.
    pub rules: [u32; 2],
}

/// Literals as they are collected.
struct Maker {
    bytes: Vec<u8>,
    all: Vec<Literal>,
}

impl Literals {
    /// Collects the anchors, each distinct text once, and behind them the `signs`.
    pub fn new(anchors: &[Asked<'_>], signs: &[&str]) -> Self {
        let count = anchors.len();
        let mut maker = Maker { bytes: Vec::with_capacity(count * 12), all: Vec::with_capacity(count) };
        // An open-addressed table of literal ids: a `HashMap` with a keyed hash would double the start-up.
        let slots = (count * 2).next_power_of_two().max(16);
        let mut table = vec![u32::MAX; slots];
        let mut pairs = Vec::with_capacity(count);
        for anchor in anchors {
            let text = anchor.text.as_bytes();
            if text.len() < 2 || text.len() > MAX_LEN {
                continue;
            }
            let mut slot = hash(text, anchor.fold) as usize & (slots - 1);
            let id = loop {
                match table[slot] {
                    u32::MAX => {
                        let id = maker.push(text, anchor.fold);
                        table[slot] = id;
                        break id;
                    }
                    id if maker.is(id, text, anchor.fold) => break id,
                    _ => slot = (slot + 1) & (slots - 1),
                }
            };
            pairs.push((id, anchor.rule));
        }
        let first_sign = maker.all.len() as LiteralId;
        for sign in signs {
            maker.push(sign.as_bytes(), false);
        }
        let rules = maker.attach(&pairs);
        let lengths = || maker.all.iter().map(|l| l.len as usize);
        let (longest, shortest) = (lengths().max().unwrap_or(0), lengths().min().unwrap_or(usize::MAX));
        let Maker { bytes, all } = maker;
        Self { bytes: bytes.into(), all: all.into(), rules: rules.into(), longest, shortest, first_sign }
    }

    pub(super) fn write(&self, out: &mut String) -> std::fmt::Result {
        let Self { longest, shortest, first_sign, .. } = self;
        write!(
            out,
            "Literals {{ longest: {longest}, shortest: {shortest}, first_sign: {first_sign}, bytes: "
        )?;
        list(out, &self.bytes)?;
        write!(out, ", all: ")?;
        list(out, &self.all)?;
        write!(out, ", rules: ")?;
        list(out, &self.rules)?;
        write!(out, " }}")
    }

    /// Which of the signs a literal is; `None` for an anchor.
    #[inline]
    pub fn sign(&self, id: LiteralId) -> Option<usize> {
        id.checked_sub(self.first_sign).map(|n| n as usize)
    }

    /// Number of literals.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Length of the longest literal.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Length of the shortest literal; of no literals, more than any has.
    pub fn shortest(&self) -> usize {
        self.shortest
    }

    /// The bytes of a literal; lower case where it folds.
    pub fn text(&self, id: LiteralId) -> &[u8] {
        let l = &self.all[id as usize];
        &self.bytes[l.start as usize..(l.start + l.len) as usize]
    }

    /// The first eight bytes of a literal, zeros where it has fewer.
    pub fn head(&self, id: LiteralId) -> u64 {
        let l = &self.all[id as usize];
        let rest = &self.bytes[l.start as usize..];
        let word = rest.first_chunk().map_or_else(
            || rest.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
            |head| u64::from_le_bytes(*head),
        );
        word & mask(l.len as usize)
    }

    /// Whether ASCII letters match in either case.
    pub fn fold(&self, id: LiteralId) -> bool {
        self.all[id as usize].fold
    }

    /// The rules that have this literal as an anchor.
    pub fn rules(&self, id: LiteralId) -> &[u32] {
        let [start, end] = self.all[id as usize].rules;
        &self.rules[start as usize..end as usize]
    }

    /// Whether the literal is at `at`.
    #[inline]
    pub fn is_at(&self, id: LiteralId, hay: &[u8], at: usize) -> bool {
        let text = self.text(id);
        let Some(found) = hay.get(at..at + text.len()) else { return false };
        if self.fold(id) { text.eq_ignore_ascii_case(found) } else { text == found }
    }
}

impl Maker {
    fn push(&mut self, text: &[u8], fold: bool) -> LiteralId {
        let id = self.all.len() as LiteralId;
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text);
        if fold {
            self.bytes[start as usize..].make_ascii_lowercase();
        }
        self.all.push(Literal { start, len: text.len() as u32, fold, rules: [0; 2] });
        id
    }

    /// Whether a literal is this one.
    fn is(&self, id: LiteralId, text: &[u8], fold: bool) -> bool {
        let l = &self.all[id as usize];
        l.fold == fold && self.bytes[l.start as usize..(l.start + l.len) as usize] == *text
    }

    /// Groups the (literal, rule) pairs by literal, keeping the rules' order.
    fn attach(&mut self, pairs: &[(LiteralId, u32)]) -> Vec<u32> {
        for &(id, _) in pairs {
            self.all[id as usize].rules[1] += 1;
        }
        let mut next = 0;
        for literal in &mut self.all {
            let count = literal.rules[1];
            literal.rules = [next; 2];
            next += count;
        }
        let mut rules = vec![0; pairs.len()];
        for &(id, rule) in pairs {
            let [_, end] = &mut self.all[id as usize].rules;
            rules[*end as usize] = rule;
            *end += 1;
        }
        rules
    }
}

/// The bits of the first eight of so many bytes.
pub fn mask(len: usize) -> u64 {
    if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 }
}

/// The longest anchor that is looked for; [`crate::reach::check_rule`] refuses longer ones.
pub const MAX_LEN: usize = 128;

/// A hash of the first and last eight bytes: enough to tell names apart, and anchors are many.
fn hash(text: &[u8], fold: bool) -> u32 {
    let (first, last) = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (text.iter().fold(0, |word, &b| word << 8 | u64::from(b)), 0),
    };
    let mixed = (first ^ last.rotate_left(29)).wrapping_add((text.len() as u64) << 1 | u64::from(fold));
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u32
}
