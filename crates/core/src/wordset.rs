//! Lists of words, asked for words that are nearly never in them.
//!
//! The judge of names and values asks some twenty lists about every word. Its length and its first letter tell
//! nearly always that a list has none like it; texts are searched for words by their first two letters.

/// A list of words, with the first letters of those of each length.
#[derive(Debug)]
pub(crate) struct WordSet {
    words: &'static [&'static str],
    /// One bit for each letter; the last is for all longer words.
    firsts: [u32; LENGTHS],
}

const LENGTHS: usize = 24;

const fn letter(b: u8) -> u32 {
    1 << (b & 31)
}

impl WordSet {
    pub(crate) const fn of(words: &'static [&'static str]) -> Self {
        let mut firsts = [0; LENGTHS];
        let mut n = 0;
        while n < words.len() {
            let word = words[n].as_bytes();
            let len = if word.len() < LENGTHS { word.len() } else { LENGTHS - 1 };
            firsts[len] |= letter(word[0]);
            n += 1;
        }
        Self { words, firsts }
    }

    /// Whether the list may have the word: never `false` when it has.
    #[inline]
    pub(crate) fn may_have(&self, word: &[u8]) -> bool {
        word.first().is_some_and(|&first| self.firsts[word.len().min(LENGTHS - 1)] & letter(first) != 0)
    }

    /// Whether the list has the word, as it is written.
    #[inline]
    pub(crate) fn has(&self, word: &[u8]) -> bool {
        self.may_have(word) && self.words.iter().any(|w| same(w.as_bytes(), word))
    }

    /// The same for a list that is sorted.
    #[inline]
    pub(crate) fn has_sorted(&self, word: &[u8]) -> bool {
        self.may_have(word) && self.words.binary_search_by(|w| w.as_bytes().cmp(word)).is_ok()
    }
}

/// Nearly always the length or the first letter differs.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.first() == b.first() && a == b
}

/// Whether `word` ends so. Nearly always the last letter says no.
#[inline]
pub(crate) fn ends(word: &[u8], tail: &[u8]) -> bool {
    word.last() == tail.last() && word.ends_with(tail)
}

/// Words of two letters and more to be found anywhere in a text, with the pairs of letters that begin them.
#[derive(Debug)]
pub(crate) struct Anywhere {
    words: &'static [&'static str],
    /// Each stretch of so many letters of a word is one to be found; 0 for the words themselves.
    stretch: usize,
    pairs: [u64; 16],
}

const fn pair(a: u8, b: u8) -> usize {
    (a as usize * 31 + b as usize) % 1024
}

impl Anywhere {
    pub(crate) const fn of(words: &'static [&'static str], stretch: usize) -> Self {
        let mut pairs = [0; 16];
        let mut n = 0;
        while n < words.len() {
            let word = words[n].as_bytes();
            let mut at = 0;
            while at == 0 || at + stretch <= word.len() && stretch > 0 {
                let bit = pair(word[at], word[at + 1]);
                pairs[bit / 64] |= 1 << (bit % 64);
                at += 1;
            }
            n += 1;
        }
        Self { words, stretch, pairs }
    }

    /// Whether one of the words, or a stretch of one, is in `text`.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        text.windows(2).enumerate().any(|(at, two)| {
            let bit = pair(two[0], two[1]);
            self.pairs[bit / 64] >> (bit % 64) & 1 != 0 && self.begins(&text[at..])
        })
    }

    fn begins(&self, rest: &[u8]) -> bool {
        self.words.iter().map(|w| w.as_bytes()).any(|word| match self.stretch {
            0 => rest.starts_with(word),
            stretch => word.windows(stretch).any(|part| rest.starts_with(part)),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: [&str; 5] = ["ab", "abc", "ba", "caab", "cccccccccccccccccccccccccccc"];

    proptest! {
        #[test]
        fn a_set_has_its_words_and_no_others(word in "[abc]{0,30}") {
            let has = WORDS.contains(&word.as_str());
            prop_assert_eq!(WordSet::of(&WORDS).has(word.as_bytes()), has);
            prop_assert_eq!(WordSet::of(&WORDS).has_sorted(word.as_bytes()), has);
        }

        #[test]
        fn words_are_found_where_they_are(text in "[abcd]{0,40}", stretch in 0usize..4) {
            const LONG: [&str; 3] = ["abcda", "ddccbb", "abab"];
            let expected = match stretch {
                0 | 1 => LONG.iter().any(|w| text.contains(w)),
                _ => LONG.iter().any(|w| (0..=w.len() - stretch).any(|at| text.contains(&w[at..at + stretch]))),
            };
            let stretch = if stretch == 1 { 0 } else { stretch };
            prop_assert_eq!(Anywhere::of(&LONG, stretch).is_in(text.as_bytes()), expected);
        }
    }
}
