//! Escaping of hostile text, one function per reader.
//!
//! The characters in question: C0 and C1 controls (a terminal obeys them), direction marks (they
//! reorder what is read), zero-width and other invisible characters (two names look alike), line and
//! paragraph separators.

use std::fmt::Write as _;

/// Whether `c` must not reach a terminal as it is.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Escapes for a terminal or a log line: `\n`, `\x1b`, `\u{202e}`; a byte that is no UTF-8 becomes `\xff`.
pub(crate) fn terminal(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_ascii_control() => {
                    let _ = write!(out, "\\x{:02x}", c as u32);
                }
                c if is_hostile(c) => {
                    let _ = write!(out, "\\u{{{:x}}}", c as u32);
                }
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Quotes as one word of a shell command.
pub(crate) fn shell_word(bytes: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-./,:+@%=".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.chars().any(is_hostile)
    {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for &b in bytes {
        match b {
            b'\'' | b'\\' => {
                out.push('\\');
                out.push(char::from(b));
            }
            b' '..=b'~' => out.push(char::from(b)),
            _ => {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_sees_no_control_direction_or_invisible_character() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain/path.txt", "plain/path.txt"),
            ("caf\u{e9}.txt".as_bytes(), "caf\u{e9}.txt"),
            (b"a\nb\x1b[31m\x7f", "a\\nb\\x1b[31m\\x7f"),
            ("a\u{202e}b\u{200b}c\u{9b}".as_bytes(), "a\\u{202e}b\\u{200b}c\\u{9b}"),
            (b"a\xffb\xc3", "a\\xffb\\xc3"),
        ];
        for (bytes, want) in cases {
            assert_eq!(terminal(bytes), *want);
        }
    }

    #[test]
    fn a_shell_word_is_read_back_as_the_same_bytes() {
        let words: &[&[u8]] =
            &[b"", b"a b", b"it's", b"$(rm -rf)", b"a\nb", b"-rf", b"\xff\\'", "\u{202e}x".as_bytes()];
        for word in words {
            let script = format!("printf %s {}", shell_word(word));
            let out = std::process::Command::new("bash").args(["-c", &script]).output().expect("bash runs");
            assert_eq!(out.stdout, *word, "{script}");
        }
    }
}
