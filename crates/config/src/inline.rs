//! Marks on a line that say "this is not a secret".
//!
//! `stopleak:allow <reason>` is ours; `gitleaks:allow` and `pragma: allowlist secret` are understood because
//! people already have them in their files. A mark works for its own line. Whether marks count at all is the
//! policy's choice: what a pusher writes does not unlock a server.

/// A mark found on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline {
    /// The mark as written in our documentation.
    pub mark: &'static str,
    /// What the author gave as a reason; may be empty.
    pub reason: String,
}

/// The marks, ours first.
const MARKS: [&str; 3] = ["stopleak:allow", "gitleaks:allow", "pragma: allowlist secret"];

/// What may end a comment that began before the mark.
const CLOSERS: [&str; 7] = ["*/", "-->", "*)", "#}", "}}", "-}", "\"\"\""];

/// The mark on `line`, if there is one.
///
/// Letters match in either case and `pragma:allowlist secret` may have any spaces. The mark must stand
/// alone: `xstopleak:allow` and `stopleak:allowed` are none.
pub fn inline_allow(line: &[u8]) -> Option<Inline> {
    // Every mark holds this; most lines do not.
    if !line.windows(5).any(|w| w.eq_ignore_ascii_case(b"allow")) {
        return None;
    }
    let text = String::from_utf8_lossy(line);
    MARKS.into_iter().find_map(|mark| {
        let reason = after(&text, mark)?;
        let mut reason = reason.trim_start_matches([':', '-', '=']).trim();
        for closer in CLOSERS {
            reason = reason.strip_suffix(closer).unwrap_or(reason).trim_end();
        }
        Some(Inline { mark, reason: reason.chars().filter(|c| !c.is_control()).take(200).collect() })
    })
}

/// What follows `mark` in `text`, which must hold it as a word of its own.
fn after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    text.char_indices().find_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return None;
        }
        let rest = strip_spaced(&text[at..], mark)?;
        (!rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')).then_some(rest)
    })
}

/// Strips `mark` from the front of `text`; where the mark has spaces, `text` may have any number.
fn strip_spaced<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let mut rest = text;
    for wanted in mark.chars() {
        if wanted == ' ' {
            rest = rest.trim_start_matches([' ', '\t']);
        } else {
            let first = rest.chars().next()?;
            if !first.eq_ignore_ascii_case(&wanted) {
                return None;
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_with_their_reason() {
        let cases: &[(&str, Option<(&str, &str)>)] = &[
            ("key = \"a\"  # stopleak:allow test fixture", Some(("stopleak:allow", "test fixture"))),
            ("<!-- stopleak:allow shown in docs -->", Some(("stopleak:allow", "shown in docs"))),
            ("x /* gitleaks:allow */", Some(("gitleaks:allow", ""))),
            ("x # pragma: allowlist secret", Some(("pragma: allowlist secret", ""))),
            ("x # Pragma:allowlist  secret\r", Some(("pragma: allowlist secret", ""))),
            ("x # STOPLEAK:ALLOW: why", Some(("stopleak:allow", "why"))),
            ("x # xstopleak:allow", None),
            ("x # stopleak:allowed", None),
            ("allow stopleak", None),
            ("", None),
        ];
        for (line, expected) in cases {
            let found = inline_allow(line.as_bytes());
            assert_eq!(found.as_ref().map(|i| (i.mark, i.reason.as_str())), *expected, "{line}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_no_obstacle() {
        assert!(inline_allow(b"caf\xe9 # stopleak:allow x").is_some());
    }
}
