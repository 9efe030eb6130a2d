use proptest::prelude::*;

use super::*;
use crate::testing::{mixed_rules, mixed_text};

proptest! {
    #[test]
    fn chunks_of_any_size_find_what_the_whole_does(text in mixed_text(), chunk in 1usize..200) {
        let detector = Detector::new(mixed_rules().into()).unwrap();
        let whole = detector.scan(&text);
        // An escape is undone with the line it is on, so a margin has to hold the longest of the lines.
        let line = text.split(|b| *b == b'\n').map(<[u8]>::len).max().unwrap_or(0);
        let cut = Cut { chunk, margin: 400 + line };
        prop_assert_eq!(scan_cut(&detector, &mut text.as_slice(), cut).unwrap(), whole);
    }
}

#[test]
fn a_reader_that_gives_little_at_a_time_is_read_to_its_end() {
    struct Drops<'a>(&'a [u8]);
    impl Read for Drops<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(out.len()).min(3);
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }
    let detector = Detector::new(mixed_rules().into()).unwrap();
    let text = b"nothing\nkey = acme_12345678\n".repeat(9);
    assert_eq!(detector.scan_reader(&mut Drops(&text)).unwrap(), detector.scan(&text));
}

#[test]
fn a_stream_beyond_the_limit_is_located_rightly() {
    let detector = Detector::new(mixed_rules().into()).unwrap();
    let mut text = b"some text\n".repeat(WHOLE / 10 + 1);
    let lines = text.len() / 10;
    text.extend_from_slice(b"  acme_12345678\n");
    let found = detector.scan(&text).matches;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start.line, found[0].start.column), (lines as u64 + 1, 3));
    assert_eq!(detector.scan_reader(&mut text.as_slice()).unwrap().matches, found);
}
