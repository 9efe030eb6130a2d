use proptest::prelude::*;

use super::*;
use crate::rule::Anchor;

fn naive(prefilter: &Prefilter, hay: &[u8], region: Range<usize>) -> Vec<Candidate> {
    let literals = prefilter.literals();
    region
        .flat_map(|at| (0..literals.len() as u32).map(move |literal| Candidate { at, literal }))
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
        let prefilter = Prefilter::new(&[crate::testing::rule("r", anchors, "")]);
        let region = a.min(b).min(hay.len())..a.max(b).min(hay.len());
        let mut found = Vec::new();
        prefilter.find(&hay, region.clone(), &mut found);
        prop_assert_eq!(found, naive(&prefilter, &hay, region));
    }
}
