//! Text that strangers chose, made fit to show.
//!
//! A file name, an author or a branch name can hold escape codes that repaint a terminal, direction
//! marks that make `exe.txt` out of `txt.exe`, and a secret. [`Shown`] is such a text with its secrets
//! already masked, in the bytes git has; each reader then gets it escaped in its own way.

use std::fmt;
use std::ops::Range;

use crate::escape;

/// Bytes of a path or a name in which secrets are masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Shown(Vec<u8>);

impl Shown {
    /// Takes a text that holds no secret.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Takes a text and masks `secrets`, byte ranges of it in any order. Of each the same short prefix
    /// stays as in a finding's mask; the rest becomes stars, one a byte, so that lengths still tell two
    /// names apart.
    pub fn masking(bytes: &[u8], secrets: &[Range<usize>]) -> Self {
        let mut out = bytes.to_vec();
        for secret in secrets {
            let end = secret.end.min(out.len());
            let start = secret.start.min(end);
            let keep = ((end - start) / 4).min(6);
            out[start + keep..end].fill(b'*');
        }
        Self(out)
    }

    /// The masked bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text with bad UTF-8 replaced, not escaped: for formats that escape by themselves.
    pub fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Whether [`Shown::lossy`] loses nothing.
    pub fn is_utf8(&self) -> bool {
        std::str::from_utf8(&self.0).is_ok()
    }

    /// The text for a terminal or a log: control, direction and invisible characters and bad UTF-8
    /// escaped.
    pub fn safe(&self) -> String {
        escape::terminal(&self.0)
    }

    /// The text as one word of a POSIX shell command. What cannot be typed plainly is written as
    /// `$'…'`, which bash, zsh and ksh read.
    pub fn shell(&self) -> String {
        escape::shell_word(&self.0)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({:?})", self.safe())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_span_keeps_a_quarter_at_most_and_its_length() {
        let shown =
            Shown::masking(b"keys/abcdefghijklmnopqrstuvwxyz0123.txt", std::slice::from_ref(&(5..35)));
        assert_eq!(shown.safe(), "keys/abcdef************************.txt");
        assert_eq!(Shown::masking(b"abc", std::slice::from_ref(&(0..3))).safe(), "***");
    }

    #[test]
    fn spans_past_the_end_do_no_harm() {
        assert_eq!(Shown::masking(b"abcd", &[2..9, 7..8]).safe(), "ab**");
    }
}
