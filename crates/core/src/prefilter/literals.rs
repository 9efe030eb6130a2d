//! The distinct literals behind the anchors of many rules.
//!
//! Rules share anchors: a dozen of them look for `api_key`. Each literal is searched once and knows the
//! rules that asked for it.

use std::ops::Range;

use crate::rule::Rule;

/// Index of a literal.
pub(crate) type LiteralId = u32;

/// Literals in one arena, with the rules of each.
#[derive(Debug)]
pub(crate) struct Literals {
    bytes: Vec<u8>,
    all: Vec<Literal>,
    rules: Vec<u32>,
    longest: usize,
    shortest: usize,
    /// The first literal that is no rule's.
    first_sign: LiteralId,
}

#[derive(Debug, Clone)]
struct Literal {
    start: u32,
    len: u32,
    fold: bool,
    rules: Range<u32>,
}

impl Literals {
    /// Collects the anchors of `rules`, each distinct text once, and behind them the `signs`.
    pub(crate) fn new(rules: &[Rule], signs: &[&str]) -> Self {
        let count: usize = rules.iter().map(|r| r.anchors.len()).sum();
        let mut this = Self {
            bytes: Vec::with_capacity(count * 12),
            all: Vec::with_capacity(count),
            rules: Vec::new(),
            longest: 0,
            shortest: usize::MAX,
            first_sign: 0,
        };
        // An open-addressed table of literal ids: a `HashMap` with a keyed hash would double the start-up.
        let slots = (count * 2).next_power_of_two().max(16);
        let mut table = vec![u32::MAX; slots];
        let mut pairs = Vec::with_capacity(count);
        for (rule, anchor) in
            rules.iter().enumerate().flat_map(|(i, r)| r.anchors.iter().map(move |a| (i, a)))
        {
            let text = anchor.text.as_bytes();
            if text.len() < 2 || text.len() > MAX_LEN {
                continue;
            }
            let mut slot = hash(text, anchor.fold) as usize & (slots - 1);
            let id = loop {
                match table[slot] {
                    u32::MAX => {
                        let id = this.push(text, anchor.fold);
                        table[slot] = id;
                        break id;
                    }
                    id if this.fold(id) == anchor.fold && this.text(id) == text => break id,
                    _ => slot = (slot + 1) & (slots - 1),
                }
            };
            pairs.push((id, rule as u32));
        }
        this.first_sign = this.all.len() as LiteralId;
        for sign in signs {
            this.push(sign.as_bytes(), false);
        }
        this.attach(&pairs);
        this
    }

    fn push(&mut self, text: &[u8], fold: bool) -> LiteralId {
        let id = self.all.len() as LiteralId;
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text);
        if fold {
            self.bytes[start as usize..].make_ascii_lowercase();
        }
        self.all.push(Literal { start, len: text.len() as u32, fold, rules: 0..0 });
        self.longest = self.longest.max(text.len());
        self.shortest = self.shortest.min(text.len());
        id
    }

    /// Groups the (literal, rule) pairs by literal, keeping the rules' order.
    fn attach(&mut self, pairs: &[(LiteralId, u32)]) {
        for &(id, _) in pairs {
            self.all[id as usize].rules.end += 1;
        }
        let mut next = 0;
        for literal in &mut self.all {
            let count = literal.rules.end;
            literal.rules = next..next;
            next += count;
        }
        self.rules = vec![0; pairs.len()];
        for &(id, rule) in pairs {
            let range = &mut self.all[id as usize].rules;
            self.rules[range.end as usize] = rule;
            range.end += 1;
        }
    }

    /// Which of the signs a literal is; `None` for an anchor.
    #[inline]
    pub(crate) fn sign(&self, id: LiteralId) -> Option<usize> {
        id.checked_sub(self.first_sign).map(|n| n as usize)
    }

    /// Number of literals.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Length of the longest literal.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Length of the shortest literal; of no literals, more than any has.
    pub(crate) fn shortest(&self) -> usize {
        self.shortest
    }

    /// The bytes of a literal; lower case where it folds.
    pub(crate) fn text(&self, id: LiteralId) -> &[u8] {
        let l = &self.all[id as usize];
        &self.bytes[l.start as usize..(l.start + l.len) as usize]
    }

    /// The first eight bytes of a literal, zeros where it has fewer.
    pub(crate) fn head(&self, id: LiteralId) -> u64 {
        let l = &self.all[id as usize];
        let rest = &self.bytes[l.start as usize..];
        let word = rest.first_chunk().map_or_else(
            || rest.iter().rev().fold(0, |word, &b| word << 8 | u64::from(b)),
            |head| u64::from_le_bytes(*head),
        );
        word & mask(l.len as usize)
    }

    /// Whether ASCII letters match in either case.
    pub(crate) fn fold(&self, id: LiteralId) -> bool {
        self.all[id as usize].fold
    }

    /// The rules that have this literal as an anchor.
    pub(crate) fn rules(&self, id: LiteralId) -> &[u32] {
        let r = &self.all[id as usize].rules;
        &self.rules[r.start as usize..r.end as usize]
    }

    /// Whether the literal is at `at`.
    #[inline]
    pub(crate) fn is_at(&self, id: LiteralId, hay: &[u8], at: usize) -> bool {
        let text = self.text(id);
        let Some(found) = hay.get(at..at + text.len()) else { return false };
        if self.fold(id) { text.eq_ignore_ascii_case(found) } else { text == found }
    }
}

/// The bits of the first eight of so many bytes.
pub(crate) fn mask(len: usize) -> u64 {
    if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 }
}

/// The longest anchor that is looked for; [`crate::reach::check_rule`] refuses longer ones.
pub(crate) const MAX_LEN: usize = 128;

/// A hash of the first and last eight bytes: enough to tell names apart, and anchors are many.
fn hash(text: &[u8], fold: bool) -> u32 {
    let (first, last) = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (text.iter().fold(0, |word, &b| word << 8 | u64::from(b)), 0),
    };
    let mixed = (first ^ last.rotate_left(29)).wrapping_add((text.len() as u64) << 1 | u64::from(fold));
    (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u32
}
