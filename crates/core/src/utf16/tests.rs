use crate::testing::pattern;
use crate::{Detector, Encoding};

fn wide(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

#[test]
fn secrets_are_found_in_either_order_at_any_offset() {
    let detector = Detector::new(vec![pattern("acme", &["acme_"], r"\bacme_[0-9]{8}\b")].into()).unwrap();
    let text = "π = 3\nkey = acme_12345678\n";
    let heads: [&[u8]; 6] = [b"", b"\xff\xfe", b"\xfe\xff", b"\0\0", b"\0", b"plain: "];
    for little in [true, false] {
        for head in heads {
            let mut bytes = head.to_vec();
            bytes.extend(wide(text, little));
            let found = detector.scan(&bytes).matches;
            assert_eq!(found.len(), 1, "{head:?} {little}");
            let m = &found[0];
            assert_eq!(m.span.len(), 26);
            let expected = wide("acme_12345678", little);
            if head.len() % 2 == 0 {
                assert_eq!(bytes[m.span.clone()], expected);
                let encoding = if little { Encoding::Utf16Le } else { Encoding::Utf16Be };
                assert_eq!(m.decoded, [encoding]);
                assert_eq!(m.start.line, 2);
                assert_eq!(m.excerpt, "key = acm**********", "{head:?} {little}");
            }
        }
    }
}

#[test]
fn a_word_goes_on_over_the_nul() {
    let detector = Detector::new(vec![pattern("acme", &["acme_"], r"\bacme_[0-9]{8}\b")].into()).unwrap();
    for text in ["xacme_12345678", "acme_12345678x", "acme_1234567"] {
        assert!(detector.scan(&wide(text, true)).matches.is_empty(), "{text}");
    }
}

#[test]
fn what_stands_far_in_front_of_an_anchor_is_seen_whatever_it_says() {
    let rule = pattern("acme", &["_acme"], r"key:[A-Z a-z]{0,200}\b([0-9]{8}_acme)");
    let detector = Detector::new(vec![rule].into()).unwrap();
    let filler = "x".repeat(80);
    for text in [format!("key: {filler} 12345678_acme"), format!("key: {filler} BEGIN here 12345678_acme")] {
        assert_eq!(detector.scan(text.as_bytes()).matches.len(), 1);
        assert_eq!(detector.scan(&wide(&text, true)).matches.len(), 1, "{text}");
    }
}

#[test]
fn runs_next_to_each_other_stay_apart() {
    let rules = vec![pattern("acme", &["acme_"], "acme_[0-9]{8}")];
    let detector = Detector::new(rules.into()).unwrap();
    let mut bytes = Vec::new();
    for text in ["ac", "me_12345678", "acme_87654321", "x", "acme_", "12345678"] {
        bytes.extend(wide(text, true));
        bytes.extend(b"\0\0");
    }
    let found = detector.scan(&bytes).matches;
    assert_eq!(found.len(), 1);
    assert_eq!(bytes[found[0].span.clone()], wide("acme_87654321", true));
}

proptest::proptest! {
    /// Against a look at every byte.
    #[test]
    fn every_lone_nul_is_told(
        bytes in proptest::collection::vec(proptest::sample::select(vec![0u8, 0, 1, 2]), 0..400),
        from in 0usize..200,
    ) {
        let from = from.min(bytes.len());
        let told: Vec<usize> = super::LoneZeros::new(&bytes, from).collect();
        let is = |at: usize| bytes.get(at) == Some(&0);
        for at in from.max(1)..bytes.len() {
            let lone = is(at) && !is(at - 1) && !is(at + 1);
            proptest::prop_assert!(told.contains(&at) || !lone, "{}", at);
            proptest::prop_assert!(!told.contains(&at) || is(at), "{}", at);
        }
        proptest::prop_assert!(told.is_sorted());
    }
}
