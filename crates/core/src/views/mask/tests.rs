//! The fast readings against the plain one, and the plain one against what the searches ask of it.

use proptest::prelude::*;

use super::*;

type Fill = fn(&[u8], usize, &mut Planes);

/// All planes of a text from a block on, by one way of reading.
fn planes(bytes: &[u8], first: usize, fill: Fill) -> (Vec<u64>, [Vec<u64>; KINDS]) {
    let mut planes = Planes::default();
    planes.resize(bytes.len().div_ceil(BLOCK).saturating_sub(first));
    fill(bytes, first, &mut planes);
    (planes.words, planes.of)
}

/// The vector code that this machine can run.
#[cfg(target_arch = "x86_64")]
fn vectors() -> Vec<Fill> {
    let mut all: Vec<Fill> = Vec::new();
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        all.push(|bytes, first, planes| unsafe { avx2::fill(bytes, first, planes) });
    }
    if std::arch::is_x86_feature_detected!("ssse3") {
        // SAFETY: the processor has SSSE3.
        all.push(|bytes, first, planes| unsafe { ssse3::fill(bytes, first, planes) });
    }
    all
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> Vec<Fill> {
    Vec::new()
}

#[test]
fn every_byte_is_of_the_same_classes_for_vector_code() {
    for b in 0..=255 {
        let block = [b; BLOCK];
        let plain = plain::classify(&block);
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has AVX2.
                let (classes, foreign) = unsafe { (avx2::classify(&block), avx2::foreign(&block)) };
                assert_eq!((classes, foreign), (plain, plain::foreign(&block)), "{b}");
            }
            if std::arch::is_x86_feature_detected!("ssse3") {
                // SAFETY: the processor has SSSE3.
                let (classes, foreign) = unsafe { (ssse3::classify(&block), ssse3::foreign(&block)) };
                assert_eq!((classes, foreign), (plain, plain::foreign(&block)), "{b}");
            }
        }
        // A foreign byte is a high one: of others the block is not asked.
        assert!(plain::foreign(&block) & !plain.high == 0, "{b}");
    }
}

/// Whether a literal with a digit, as [`super::super::variables`] looks for it, begins behind `open`.
fn opens(bytes: &[u8], open: usize) -> bool {
    let fragment = |b: &&u8| b.is_ascii_alphanumeric() || b"_-+/.=~!%".contains(b);
    let text = &bytes[open + 1..];
    let len = text.iter().take_while(fragment).count();
    matches!(bytes[open], b'"' | b'\'' | b'=')
        && text.first().is_some_and(u8::is_ascii_alphanumeric)
        && text[..len].iter().any(u8::is_ascii_digit)
}

/// Whether [`super::super::joined`] takes what stands at `at` for the beginning of a seam.
fn seam(bytes: &[u8], at: usize) -> bool {
    let operator = |b: u8| b"+*.&|~<^\\".contains(&b);
    match bytes[at..] {
        [b'\\', b'\n' | b'\r', ..] => true,
        [b'"' | b'\'', b' ', next, ..] => {
            operator(next) || next.is_ascii_whitespace() || b"\"'`_fFrRbBuUL@$".contains(&next)
        }
        [b'"' | b'\'', b')', next, ..] => b". +".contains(&next),
        // A space at the end of the text leads nowhere.
        [b'"' | b'\'', next, ..] => operator(next) || b"\t\n\r\x0c\"'".contains(&next),
        _ => false,
    }
}

fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"+/-_".contains(&b)
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let of = |alphabet: &'static [u8], most| {
        proptest::collection::vec(prop::sample::select(alphabet.to_vec()), 0..most)
    };
    let piece = prop_oneof![
        of(b"a_Z/9", 90),
        of(b"a1.=\"'%", 40),
        of(b"\"' +.)\\\n\rfa~<", 40),
        of(b"& \t(\xc2\xad\xe2\x80\x8b\x1b[\0", 40),
        of(b"abcdefghijklm ", 200),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn all_readings_agree(bytes in texts(), from in 0usize..8) {
        let expected = planes(&bytes, from, plain::fill);
        for vector in vectors() {
            prop_assert_eq!(&planes(&bytes, from, vector), &expected);
        }
    }

    #[test]
    fn nothing_that_a_search_looks_for_is_lost(bytes in texts(), part in (0usize..900, 0usize..900)) {
        let mut room = Planes::default();
        let survey = Survey::new(&bytes, part.0..part.0 + part.1, &mut room);
        let has = |kind, at| survey.next(kind, at, at + 1) == Some(at);
        for at in 0..bytes.len() {
            let b = bytes[at];
            let begins = at == 0 || !word(bytes[at - 1]);
            let len = bytes[at..].iter().take_while(|b| word(**b)).count();
            prop_assert_eq!(has(Kind::Long, at), begins && len >= 20, "{}", at);
            prop_assert_eq!(survey.word(at), len);
            prop_assert!(has(Kind::Seams, at) || !seam(&bytes, at), "{}", at);
            prop_assert!(has(Kind::Opens, at) || !opens(&bytes, at), "{}", at);
            let foreign = matches!(b, 0x1b | 0xc2 | 0xcc..=0xd1 | 0xe1 | 0xe2 | 0xef..=0xf3);
            prop_assert!(has(Kind::Foreign, at) == foreign);
        }
    }
}
