//! Bytes that only look like a token: the middle of a signature, a certificate or a picture.
//!
//! A commit that is signed carries fifteen lines of base64, and one line in some thousands begins like a
//! vendor's token that has no checksum. Such a line is told by its neighbour: as long, base64 to the last
//! byte, and different. A list of tokens, one a line, is told apart by the prefix that its lines share.
//!
//! Only the line and those next to it are looked at, less than [`FAR`] bytes to each side.

use std::ops::Range;

/// The usual widths of wrapped base64: 64 (PEM, PGP), 70 (ssh), 76 (MIME), with a few columns of room.
const WIDTH: std::ops::RangeInclusive<usize> = 60..=76;
/// Three lines and their ends.
const FAR: usize = 3 * 80;
/// How many first bytes two lines of a list of tokens have in common.
const PREFIX: usize = 3;

/// Said of a match that is lowered for this.
pub(crate) const WHY: &str = "in a block of wrapped base64, such as a signature or a certificate";

/// Whether `span` lies within one line of a block of wrapped base64 in `hay`.
pub(crate) fn holds(hay: &[u8], span: Range<usize>) -> bool {
    let from = span.start.saturating_sub(FAR);
    let to = hay.len().min(span.end.saturating_add(FAR));
    let Some(start) = memchr::memrchr(b'\n', &hay[from..span.start]).map(|n| from + n + 1) else {
        return false;
    };
    let end = memchr::memchr(b'\n', &hay[span.start..to]).map_or(to, |n| span.start + n);
    let Some(line) = wrapped(&hay[start..end]).filter(|_| span.end <= end) else { return false };

    let before = memchr::memrchr(b'\n', &hay[from..start - 1]).map(|n| &hay[from + n + 1..start - 1]);
    let after = hay.get(end + 1..to).and_then(|rest| {
        let next = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        rest.get(..next)
    });
    [before, after]
        .into_iter()
        .flatten()
        .filter_map(wrapped)
        .any(|neighbour| neighbour.len() == line.len() && neighbour[..PREFIX] != line[..PREFIX])
}

/// The base64 in a line that is nothing else, apart from the blank in front that a commit's header has.
fn wrapped(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b" ").unwrap_or(line);
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let mixed = line.iter().any(u8::is_ascii_uppercase)
        && line.iter().any(u8::is_ascii_lowercase)
        && line.iter().any(u8::is_ascii_digit);
    (WIDTH.contains(&line.len()) && mixed && line.iter().all(base64)).then_some(line)
}

#[cfg(test)]
mod tests {
    use stopleak_testkit::rng::Rng;

    use super::holds;

    const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    fn block(width: usize, lines: usize, indent: &str) -> String {
        let mut rng = Rng::new(width as u64);
        let mut text = String::from("-----BEGIN PGP SIGNATURE-----\n");
        for _ in 0..lines {
            text = text + indent + &rng.text(BASE64, width) + "\n";
        }
        text
    }

    #[test]
    fn any_line_of_a_signature() {
        for (width, indent) in [(64, ""), (64, " "), (70, " "), (76, "")] {
            let text = block(width, 3, indent);
            for line in text.match_indices('\n').map(|(at, _)| at + 1).take(3) {
                assert!(holds(text.as_bytes(), line + 2..line + 50), "{width} {indent:?} at {line}");
            }
        }
    }

    #[test]
    fn a_line_alone_is_no_block() {
        let text = block(64, 1, "");
        let line = text.find('\n').unwrap() + 1;
        assert!(!holds(text.as_bytes(), line..line + 64));
    }

    #[test]
    fn a_list_of_tokens_is_no_block() {
        let text = block(60, 4, "tok");
        let line = text.find('\n').unwrap() + 1;
        assert!(!holds(text.as_bytes(), line..line + 63));
    }

    #[test]
    fn a_value_in_a_line_of_words_is_no_block() {
        let text = block(64, 3, "token = ");
        let line = text.find('\n').unwrap() + 1;
        assert!(!holds(text.as_bytes(), line + 8..line + 72));
    }

    #[test]
    fn no_span_of_any_text_panics() {
        let text = block(64, 2, " ");
        for end in 0..text.len() {
            for start in 0..=end {
                holds(&text.as_bytes()[..end], start..end);
            }
        }
    }
}
