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
