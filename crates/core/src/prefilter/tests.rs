use proptest::prelude::*;

use super::*;
use crate::rule::Anchor;

fn naive(prefilter: &Prefilter, hay: &[u8], region: Range<usize>) -> Vec<Candidate> {
    let literals = prefilter.literals();
    region
        .flat_map(|at| (0..literals.count() as u32).map(move |literal| Candidate { at, literal }))
        .filter(|c| literals.is_at(c.literal, hay, c.at))
        .collect()
}

/// Few letters, so that anchors are hit, nested and overlapped often.
fn anchors() -> impl Strategy<Value = Vec<Anchor>> {
    let text = proptest::collection::vec(prop::sample::select(b"abAB_\xff".to_vec()), 2..9);
    let anchor = (text, any::<bool>()).prop_map(|(text, fold)| {
        let text: String = text.iter().map(|&b| if b == 0xff { 'é' } else { char::from(b) }).collect();
        Anchor { text: if fold { text.to_ascii_lowercase() } else { text }.into(), fold }
    });
    proptest::collection::vec(anchor, 1..12)
}

fn hay() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop::sample::select("abABé_ `@".as_bytes().to_vec()), 0..300)
}

proptest! {
    #[test]
    fn finds_what_a_naive_search_finds(anchors in anchors(), hay in hay(), a in 0usize..300, b in 0usize..300) {
        let region = a.min(b).min(hay.len())..a.max(b).min(hay.len());
        for (_, screen) in Screen::all() {
            let prefilter = Prefilter::with_screen(&[crate::testing::rule("r", anchors.clone(), "")], &["aB_", "éa"], screen);
            let mut found = Vec::new();
            prefilter.find(&hay, region.clone(), &mut found);
            prop_assert_eq!(found, naive(&prefilter, &hay, region.clone()));
        }
    }

    #[test]
    fn finds_what_aho_corasick_finds(
        words in proptest::collection::vec("[ -~]{2,14}", 1..40),
        fold in any::<bool>(),
        picks in proptest::collection::vec((0usize..40, "[ -~]{0,30}", any::<bool>()), 0..40),
    ) {
        let words: Vec<String> =
            words.into_iter().map(|w| if fold { w.to_ascii_lowercase() } else { w }).collect();
        let mut hay = String::new();
        for (pick, noise, upper) in picks {
            let word = &words[pick % words.len()];
            hay.push_str(&if upper { word.to_ascii_uppercase() } else { word.clone() });
            hay.push_str(&noise);
        }
        let anchors = words.iter().map(|w| Anchor { text: w.clone().into(), fold }).collect();
        let rules = [crate::testing::rule("r", anchors, "")];
        let prefilter = Prefilter::new(&rules, &[]);
        let literals: Vec<&[u8]> = (0..prefilter.literals().count() as u32).map(|l| prefilter.literals().text(l)).collect();
        let reference = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(fold).build(&literals).unwrap();
        let mut expected: Vec<Candidate> = reference
            .find_overlapping_iter(&hay)
            .map(|m| Candidate { at: m.start(), literal: m.pattern().as_u32() })
            .collect();
        expected.sort_unstable();
        for (name, screen) in Screen::all() {
            let mut found = Vec::new();
            Prefilter::with_screen(&rules, &[], screen).find(hay.as_bytes(), 0..hay.len(), &mut found);
            prop_assert_eq!(&found, &expected, "{}", name);
        }
    }

    #[test]
    fn every_screen_gives_the_masks_of_the_portable_one(
        text in proptest::collection::vec(any::<u8>(), 4 * BLOCK + OVERHANG),
        seeds in proptest::collection::vec(any::<u32>(), 0..3000),
        pairs in proptest::collection::vec("[ -~]{2}", 1..30),
    ) {
        let mut table: Box<index::grams::Table> = vec![0; index::grams::CELLS].into_boxed_slice().try_into().unwrap();
        for s in seeds {
            table[index::grams::cell(s)] |= 1 << (s >> 27);
        }
        let anchors = pairs.into_iter().map(|text| Anchor { text: text.into(), fold: false }).collect();
        let one = Prefilter::new(&[crate::testing::rule("r", anchors, "")], &[]);
        let pairs = &one.index.pairs;
        let (mut expected, mut found) = ([0; 4], [0; 4]);
        Screen::Portable.grams(&table, &text, &mut expected);
        for (name, screen) in Screen::all() {
            screen.grams(&table, &text, &mut found);
            prop_assert_eq!(found, expected, "{}", name);
        }
        Screen::Portable.pairs(&pairs.halves, &text, &mut expected);
        for (name, screen) in Screen::all() {
            screen.pairs(&pairs.halves, &text, &mut found);
            prop_assert_eq!(found, expected, "{}", name);
        }
    }
}
