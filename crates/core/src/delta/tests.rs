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

/// Lines that define parts of a secret, put them together, or come between.
fn assembled() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("ab = \"acme_12\"\n".to_owned()),
        Just("cd='345678'\n".to_owned()),
        Just("key = ab + cd\n".to_owned()),
        Just("x(ab + \"345678\")\n".to_owned()),
        Just("key = f\"{ab}345678\"\n".to_owned()),
        Just("\"\".join([ab, '345678'])\n".to_owned()),
        Just("\"{}{}\".format(ab, '345678')\n".to_owned()),
        Just("rot13(\"npzr_12345678 npzr\")\n".to_owned()),
        Just("acme_12<wbr>345678\n".to_owned()),
        "[a-z ]{0,300}\n",
    ];
    proptest::collection::vec(line, 0..14).prop_map(|lines| lines.concat().into_bytes())
}

/// A version of such lines with one stretch exchanged.
fn exchanged() -> impl Strategy<Value = (Vec<u8>, Vec<u8>, Vec<Copied>)> {
    (assembled(), assembled(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..60)
        .prop_map(|(base, mut fresh, a, b, most)| {
            let (a, b) = (a.index(base.len() + 1), b.index(base.len() + 1));
            let (from, to) = (a.min(b), a.max(b));
            fresh.truncate(most);
            let child = [&base[..from], &fresh, &base[to..]].concat();
            let tail = Copied { from: to, to: from + fresh.len(), len: base.len() - to };
            (base, child, vec![Copied { from: 0, to: 0, len: from }, tail])
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_is_put_together_is_inherited((base, child, copies) in exchanged()) {
        let detector = Detector::new(mixed_rules().into()).unwrap();
        let inherited = trace_delta(&detector, &child, &copies, &trace(&detector, &base));
        prop_assert_eq!(&inherited, &trace(&detector, &child));
    }

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
