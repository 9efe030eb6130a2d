//! A pattern's outline: takes all that the pattern takes, and more, and costs next to nothing.
//!
//! Ordinary text is full of anchors and has hardly a credential. Most anchors are let go by one byte behind them
//! ([`super::guard`]); of the rest, a vendor's name and an assignment of something else, nearly all are let go
//! here, before a pattern is even compiled, which takes as long as scanning some hundred kilobytes.
//!
//! An outline is the pattern's position automaton: one bit for each letter or class of the pattern, a byte of
//! text moves all bits at once. It has at most 256 of them. Long counted runs are counted less far until all
//! fits, lists of words become their letters, and what does not fit even so is left out at the end. Looks at
//! words and lines are left out too.
//!
//! # Contract
//! Wherever a pattern matches, its outline begins a match at the same place. The tests try both.

use regex_syntax::hir::{Hir, HirKind, Repetition};

use super::bytes::Bytes;
use super::need;
use super::places::{MOST, Places};

/// How much of a pattern is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Detail {
    /// How far runs are counted.
    counted: u32,
    /// An optional run of no more than this is counted from both sides.
    optional: u32,
    /// Lists of words are kept as they are.
    words: bool,
}

const fn detail(counted: u32, optional: u32, words: bool) -> Detail {
    Detail { counted, optional, words }
}

/// From the most exact on.
const DETAILS: [Detail; 8] = [
    detail(64, 3, true),
    detail(32, 3, true),
    detail(40, 0, false),
    detail(32, 0, false),
    detail(24, 0, false),
    detail(16, 0, false),
    detail(8, 0, false),
    detail(4, 0, false),
];

/// A list of words with fewer letters is kept as it is.
const LIST: usize = 16;
/// The words of a list are no shorter and no longer, where they have more than letters; operators are shorter.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=32;
/// What words are made of.
const WORDS: Bytes = Bytes::those(b'A', b'Z')
    .or(Bytes::those(b'a', b'z'))
    .or(Bytes::those(b'0', b'9'))
    .or(Bytes::those(b'_', b'_'))
    .or(Bytes::those(b'-', b'.'))
    .or(Bytes::those(b' ', b' '));

/// The outline of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Which kind of byte each byte is.
    kinds: [u8; 256],
    /// The positions that take a byte of each kind.
    takes: Box<[Places]>,
    /// Where a match begins.
    first: Places,
    /// Positions that the next one follows.
    next: Places,
    /// Positions that follow themselves.
    stay: Places,
    /// Positions that others follow.
    far: Places,
    /// Those others, and for each position which of them are its own.
    others: Box<[Places]>,
    other: Box<[u8]>,
    /// Where a match may end, or may go on in a way that was left out.
    last: Places,
}

/// Where a match may begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starts {
    pub first: usize,
    /// Included.
    pub last: usize,
    /// Only where a line does.
    pub line: bool,
}

impl Outline {
    /// The outline of a pattern; `None` where it would say yes to everything.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        Self::within(hir, MOST)
    }

    fn within(hir: &Hir, room: usize) -> Option<Self> {
        Plan::within(hir, room).map(Plan::outline)
    }

    /// Whether a match may begin at one of `starts`.
    pub(crate) fn begins(&self, text: &[u8], starts: Starts) -> bool {
        let mut at = starts.first;
        let mut now = Places::NONE;
        while let Some(&b) = text.get(at) {
            let mut open = self.after(now);
            if at <= starts.last && (!starts.line || at == 0 || text[at - 1] == b'\n') {
                open = open.or(self.first);
            }
            now = open.and(self.takes[usize::from(self.kinds[usize::from(b)])]);
            if !now.and(self.last).is_none() {
                return true;
            }
            at += 1;
            if now.is_none() {
                if at > starts.last {
                    return false;
                }
                if starts.line {
                    // From here on there is nothing to see before the next line.
                    match text[at - 1..starts.last].iter().position(|&b| b == b'\n') {
                        Some(skip) => at += skip,
                        None => return false,
                    }
                }
            }
        }
        false
    }

    /// The positions after these.
    #[inline]
    fn after(&self, now: Places) -> Places {
        let mut open = now.and(self.next).up().or(now.and(self.stay));
        for place in now.and(self.far).iter() {
            open = open.or(self.others[usize::from(self.other[place])]);
        }
        open
    }
}

/// An outline before its tables are made: as it is written down when a rule is built.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// What each position takes, and the positions after it.
    pub sets: Vec<Bytes>,
    pub follow: Vec<Places>,
    pub first: Places,
    pub last: Places,
}

impl Plan {
    /// The plan of a pattern; `None` where its outline would say yes to everything.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        Self::within(hir, MOST)
    }

    fn within(hir: &Hir, room: usize) -> Option<Self> {
        let fits = |d: &Detail| d.size(hir) <= room;
        let detail = DETAILS.into_iter().find(fits).unwrap_or(DETAILS[DETAILS.len() - 1]);
        let mut maker = Maker { detail, room, sets: Vec::new(), follow: Vec::new(), last: Places::NONE };
        let Part { first, last, empty, cut } = maker.part(hir);
        let Maker { sets, follow, last: left_out, .. } = maker;
        (!empty && !cut).then(|| Self { sets, follow, first, last: last.or(left_out) })
    }

    pub(super) fn outline(self) -> Outline {
        let mut distinct: Vec<Bytes> = Vec::new();
        let taken: Vec<usize> = self.sets.iter().map(|set| number_of(*set, &mut distinct)).collect();
        // Bytes that are in the same sets are of one kind. There are no more kinds than bytes.
        let mut alike: Vec<Places> = Vec::new();
        let kinds: [u8; 256] = std::array::from_fn(|b| {
            let sets = distinct.iter().take(MOST).enumerate().filter(|(_, set)| set.has(b as u8));
            number_of(sets.fold(Places::NONE, |all, (n, _)| all.or(Places::one(n))), &mut alike) as u8
        });
        let takes = alike.iter().map(|sets| {
            let places = taken.iter().enumerate().filter(|(_, set)| sets.has(**set));
            places.fold(Places::NONE, |all, (place, _)| all.or(Places::one(place)))
        });
        let (mut next, mut stay, mut far) = (Places::NONE, Places::NONE, Places::NONE);
        let mut others = Vec::new();
        let mut other = vec![0; self.follow.len()];
        for (number, follow) in self.follow.iter().enumerate() {
            let place = Places::one(number);
            next = if follow.and(place.up()).is_none() { next } else { next.or(place) };
            stay = stay.or(follow.and(place));
            let rest = follow.without(place.or(place.up()));
            if !rest.is_none() {
                far = far.or(place);
                // There are no more of them than places.
                other[number] = number_of(rest, &mut others) as u8;
            }
        }
        Outline {
            kinds,
            takes: takes.collect(),
            first: self.first,
            next,
            stay,
            far,
            others: others.into(),
            other: other.into(),
            last: self.last,
        }
    }
}

/// Where `item` is in the list, at its end if it was not.
fn number_of<T: PartialEq>(item: T, list: &mut Vec<T>) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

/// A part of the pattern, once its positions are known.
#[derive(Debug, Clone, Copy)]
struct Part {
    first: Places,
    last: Places,
    /// It may be left out.
    empty: bool,
    /// What it begins with did not fit: whatever leads here may be a match.
    cut: bool,
}

const NEVER: Part = Part { first: Places::NONE, last: Places::NONE, empty: false, cut: false };
const NOTHING: Part = Part { empty: true, ..NEVER };
const CUT: Part = Part { cut: true, ..NEVER };

struct Maker {
    detail: Detail,
    room: usize,
    /// What each position takes, and the positions after it.
    sets: Vec<Bytes>,
    follow: Vec<Places>,
    last: Places,
}

impl Maker {
    fn part(&mut self, hir: &Hir) -> Part {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => NOTHING,
            HirKind::Literal(literal) => literal.0.iter().fold(NOTHING, |before, &b| {
                let after = self.place(Bytes::one(b));
                self.join(before, after)
            }),
            HirKind::Class(class) => Bytes::of(class).map_or(CUT, |set| self.place(set)),
            HirKind::Capture(c) => self.part(&c.sub),
            HirKind::Concat(parts) => parts.iter().fold(NOTHING, |before, part| {
                let after = self.part(part);
                self.join(before, after)
            }),
            HirKind::Alternation(_) if let Some((letters, copies)) = self.detail.letters(hir) => {
                self.copies(copies, |maker| maker.place(letters))
            }
            HirKind::Alternation(branches) => branches.iter().fold(NEVER, |any, branch| {
                let part = self.part(branch);
                Part {
                    first: any.first.or(part.first),
                    last: any.last.or(part.last),
                    empty: any.empty | part.empty,
                    cut: any.cut | part.cut,
                }
            }),
            HirKind::Repetition(r) => self.copies(self.detail.copies(r), |maker| maker.part(&r.sub)),
        }
    }

    fn place(&mut self, set: Bytes) -> Part {
        if self.sets.len() >= self.room {
            return CUT;
        }
        let place = Places::one(self.sets.len());
        self.sets.push(set);
        self.follow.push(Places::NONE);
        Part { first: place, last: place, empty: false, cut: false }
    }

    /// Lets one part follow another.
    fn join(&mut self, before: Part, after: Part) -> Part {
        self.link(before.last, after);
        Part {
            first: if before.empty { before.first.or(after.first) } else { before.first },
            last: if after.empty { before.last.or(after.last) } else { after.last },
            empty: before.empty && after.empty,
            cut: before.cut || before.empty && after.cut,
        }
    }

    fn link(&mut self, from: Places, to: Part) {
        if to.cut {
            self.last = self.last.or(from);
        }
        for place in from.iter() {
            self.follow[place] = self.follow[place].or(to.first);
        }
    }

    fn copies(&mut self, copies: Copies, mut part: impl FnMut(&mut Self) -> Part) -> Part {
        let Copies { needed, optional, endless } = copies;
        let mut all = NOTHING;
        for number in 0..needed + optional {
            let mut copy = part(self);
            if endless && number + 1 == needed + optional {
                self.link(copy.last, copy);
            }
            copy.empty |= number >= needed;
            all = self.join(all, copy);
        }
        all
    }
}

/// As how many copies of its part a repetition is written.
#[derive(Debug, Clone, Copy)]
struct Copies {
    needed: u32,
    optional: u32,
    /// The last one may be taken again and again.
    endless: bool,
}

impl Copies {
    fn len(self) -> usize {
        (self.needed + self.optional) as usize
    }
}

impl Detail {
    fn copies(self, r: &Repetition) -> Copies {
        match r.max {
            Some(max) if max <= self.counted && max - r.min.min(max) <= self.optional => {
                Copies { needed: r.min.min(max), optional: max - r.min.min(max), endless: false }
            }
            Some(1) => Copies { needed: r.min.min(1), optional: 1 - r.min.min(1), endless: false },
            _ if r.min == 0 => Copies { needed: 0, optional: 1, endless: true },
            _ => Copies { needed: r.min.min(self.counted), optional: 0, endless: true },
        }
    }

    /// The letters of a list of words, and how many there are.
    fn letters(self, hir: &Hir) -> Option<(Bytes, Copies)> {
        if self.words || self.listed(hir) <= LIST {
            return None;
        }
        let (letters, least) = need::letters(hir)?;
        if least > 0 && letters.without(WORDS) == Bytes::NONE {
            let needed = u32::try_from(least).unwrap_or(u32::MAX).min(self.counted);
            return Some((letters, Copies { needed, optional: 0, endless: true }));
        }
        let most = hir.properties().maximum_len().filter(|most| LENGTHS.contains(most))?;
        let (needed, optional) = (least as u32, (most - least) as u32);
        LENGTHS.contains(&least).then_some((letters, Copies { needed, optional, endless: false }))
    }

    /// How many letters a list has.
    fn listed(self, hir: &Hir) -> usize {
        Self { words: true, ..self }.size(hir)
    }

    /// How many positions a pattern has.
    fn size(self, hir: &Hir) -> usize {
        let sum = |parts: &[Hir]| parts.iter().map(|p| self.size(p)).fold(0, usize::saturating_add);
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => 0,
            HirKind::Literal(literal) => literal.0.len(),
            HirKind::Class(_) => 1,
            HirKind::Capture(c) => self.size(&c.sub),
            HirKind::Alternation(_) if let Some((_, copies)) = self.letters(hir) => copies.len(),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
            HirKind::Repetition(r) => self.size(&r.sub).saturating_mul(self.copies(r).len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex_automata::{Anchored, Input};

    use super::*;
    use crate::reach::{compile, parse};

    /// Patterns of a few letters, with repetitions inside repetitions and looks at words and lines.
    fn pattern() -> impl Strategy<Value = String> {
        let atom = prop::sample::select(vec!["a", "b", "[ab]", "[^a]", r"\b", "(?m:$)", "", "ab", "(?i:b)"]);
        atom.prop_map(str::to_owned).prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|parts| format!("(?:{})", parts.join("|"))),
                (inner.clone(), 0u32..12, 0u32..12).prop_map(|(p, a, b)| format!("(?:{p}){{{a},{}}}", a + b)),
                (inner, 0u32..12).prop_map(|(p, a)| format!("({p}){{{a}}}?")),
            ]
        })
    }

    /// Patterns with lists of words.
    fn words() -> impl Strategy<Value = String> {
        let all = vec!["ab", "ba{1,3}", "bbab", "a.bB", "Bab[ .]?b", "aaab", "(?:(?m:^)|[^b])bbb", "b|="];
        let list = prop::sample::subsequence(all, 1..8).prop_map(|words| format!("(?:{})", words.join("|")));
        let gap = prop::sample::select(vec!["[ ab]{0,9}", "[a-b]{3}", "="]).prop_map(str::to_owned);
        prop::collection::vec(prop_oneof![list, gap], 1..5).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn takes_what_the_pattern_takes(
            pattern in prop_oneof![pattern(), words()],
            text in "[abB\n .=]{0,40}",
            starts in prop::array::uniform2(0usize..40),
            line: bool,
            room in prop::sample::select(vec![MOST, 1, 2, 5, 17, 40]),
        ) {
            let hir = parse(&pattern).unwrap();
            let exact = compile(&hir).unwrap();
            let text = text.as_bytes();
            let last = starts[0].max(starts[1]).min(text.len());
            let starts = Starts { first: starts[0].min(starts[1]).min(last), last, line };
            let matches = (starts.first..=last)
                .filter(|&at| !line || at == 0 || text[at - 1] == b'\n')
                .any(|at| exact.search_half(&Input::new(text).range(at..).anchored(Anchored::Yes)).is_some());
            if let Some(outline) = Outline::within(&hir, room).filter(|_| matches) {
                prop_assert!(outline.begins(text, starts));
            }
        }

        /// What fits is no less exact than the pattern, looks aside.
        #[test]
        fn takes_no_more_where_all_fits(text in "[abc=x]{0,24}", first in 0usize..12) {
            for pattern in ["ab{2,4}=[bc]{3}", "(?:ab|c){0,2}=(?:x|[ab]{2})c", "a?b?c?[ax]{2}b", "(?:a[bc]){2}(?:x=?){1,3}"] {
                let hir = parse(pattern).unwrap();
                let first = first.min(text.len());
                let input = Input::new(&text).range(first..).anchored(Anchored::Yes);
                let starts = Starts { first, last: first, line: false };
                let exact = compile(&hir).unwrap().search_half(&input).is_some();
                prop_assert_eq!(Outline::of(&hir).unwrap().begins(text.as_bytes(), starts), exact, "{}", pattern);
            }
        }
    }

    #[test]
    fn says_no_to_other_values_in_a_vendors_place() {
        let hir = parse(r#"(?i)acme[\w -]{0,24}['"]?[=:]{1,2} ?['"]?([0-9a-f]{32})\b"#).unwrap();
        let outline = Outline::of(&hir).unwrap();
        let begins = |text: &str| {
            outline.begins(text.as_bytes(), Starts { first: 0, last: 2.min(text.len()), line: false })
        };
        assert!(begins(&format!("Acme_key = '{}'", "0a".repeat(16))));
        assert!(begins(&format!("--acme: {}", "0a".repeat(16))));
        assert!(!begins(&format!("---acme: {}", "0a".repeat(16))), "it may not begin so late");
        for text in ["acme", "acme_client = new Client();", "acme_key: 0a0a0a0a", "import acme from 'acme'"] {
            assert!(!begins(text), "{text}");
        }
    }

    #[test]
    fn long_patterns_are_cut() {
        let words: Vec<String> = (0..60).map(|n| format!("w{n}=[ab]{{40}}")).collect();
        let outline = Outline::of(&parse(&format!("acme(?:{})z", words.join("|"))).unwrap()).unwrap();
        let begins = |text: &str| outline.begins(text.as_bytes(), Starts { first: 0, last: 0, line: false });
        assert!(begins(&format!("acmew59={}z", "ab".repeat(20))));
        assert!(!begins("acne"));
        assert!(Outline::of(&parse(&format!("(?:{})z", words.join("|"))).unwrap()).is_none());
    }
}
