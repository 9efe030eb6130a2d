use proptest::prelude::*;

use super::*;
use crate::testing::{mixed_rules, mixed_text};

/// A child made of pieces of a base and of fresh text, and the copies that say so.
fn edited() -> impl Strategy<Value = (Vec<u8>, Vec<u8>, Vec<Copied>)> {
    let piece = prop_oneof![
        (0usize..600, 0usize..600).prop_map(|(a, b)| (Some((a.min(b), a.max(b))), Vec::new())),
        mixed_text().prop_map(|mut text| {
            text.truncate(40);
            (None, text)
        }),
    ];
    (mixed_text(), proptest::collection::vec(piece, 0..8)).prop_map(|(base, pieces)| {
        let mut child = Vec::new();
        let mut copies = Vec::new();
        for (copy, fresh) in pieces {
            if let Some((from, end)) = copy {
                let (from, end) = (from.min(base.len()), end.min(base.len()));
                copies.push(Copied { from, to: child.len(), len: end - from });
                child.extend_from_slice(&base[from..end]);
            } else {
                child.extend_from_slice(&fresh);
            }
        }
        (base, child, copies)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn inheriting_gives_what_looking_gives((base, child, copies) in edited()) {
        let detector = Detector::new(mixed_rules().into()).unwrap();
        let mut inherited = trace_delta(&detector, &child, &copies, &trace(&detector, &base));
        prop_assert_eq!(&inherited, &trace(&detector, &child));
        let scanned = detector.scan(&child);
        prop_assert_eq!(inherited.has_matches(), !scanned.matches.is_empty() || !scanned.skipped.is_empty());
        prop_assert_eq!(&resolve(&detector, &child, &mut inherited), &scanned);
        prop_assert_eq!(&resolve(&detector, &child, &mut inherited), &scanned);
    }

    #[test]
    fn copies_that_lie_about_their_range_lose_nothing(base in mixed_text(), child in mixed_text(), from in 0usize..900, to in 0usize..900) {
        let detector = Detector::new(mixed_rules().into()).unwrap();
        let copies = [Copied { from, to, len: usize::MAX - 3 }, Copied { from: 3, to: 2, len: 0 }];
        let inherited = trace_delta(&detector, &child, &copies, &trace(&detector, &base));
        prop_assert_eq!(&inherited, &trace(&detector, &child));
    }
}

#[test]
fn a_trace_is_small_and_holds_no_text() {
    let detector = Detector::new(mixed_rules().into()).unwrap();
    let text = b"acme_12345678 and a lot of other text that has no anchor at all in it\n".repeat(50);
    let trace = trace(&detector, &text);
    assert!(trace.has_matches());
    assert!(trace.size() < 1000, "{}", trace.size());
    assert!(!format!("{trace:?}").contains("acme"));
}
