//! Path patterns, as people know them from `.gitignore`.
//!
//! A pattern without a slash matches a name at any depth (`*.pem`). A pattern with one is anchored at the
//! root (`/docs/*.md`, `docs/*.md`), unless it begins with `**/`. A trailing slash takes everything below
//! (`vendor/` at any depth). `*` and `?` stop at a slash, `**` does not. Paths are git's bytes.

use std::fmt;

use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

/// A list of path patterns.
#[derive(Clone, Default)]
pub struct PathGlobs {
    written: Vec<String>,
    set: GlobSet,
}

impl PathGlobs {
    /// Reads every pattern.
    ///
    /// # Errors
    /// The index of the first pattern that is none, and why.
    pub fn new(written: Vec<String>) -> Result<Self, (usize, String)> {
        let mut set = GlobSetBuilder::new();
        for (i, pattern) in written.iter().enumerate() {
            for text in expand(pattern) {
                let glob = GlobBuilder::new(&text).literal_separator(true).backslash_escape(true).build();
                set.add(glob.map_err(|e| (i, e.kind().to_string()))?);
            }
        }
        let set = set.build().map_err(|e| (0, e.kind().to_string()))?;
        Ok(Self { written, set })
    }

    /// Whether any pattern matches `path` (slashes between names, none in front).
    pub fn matches(&self, path: &[u8]) -> bool {
        !self.written.is_empty() && self.set.is_match_candidate(&Candidate::from_bytes(path))
    }

    /// The patterns as written.
    pub fn written(&self) -> &[String] {
        &self.written
    }

    /// These patterns and more.
    ///
    /// # Errors
    /// As [`PathGlobs::new`]; the index counts within `more`.
    pub fn with(&self, more: Vec<String>) -> Result<Self, (usize, String)> {
        let old = self.written.len();
        let mut all = self.written.clone();
        all.extend(more);
        Self::new(all).map_err(|(i, e)| (i.saturating_sub(old), e))
    }
}

impl fmt::Debug for PathGlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written.fmt(f)
    }
}

/// The globs that a pattern stands for.
fn expand(pattern: &str) -> Vec<String> {
    let folder = pattern.ends_with('/');
    let body = pattern.trim_end_matches('/');
    let anchored = body.contains('/');
    let body = body.strip_prefix('/').unwrap_or(body);
    let rooted = if anchored || body.starts_with("**") { body.to_owned() } else { format!("**/{body}") };
    if folder { vec![format!("{rooted}/**")] } else { vec![format!("{rooted}/**"), rooted] }
}

/// Whether `pattern`, in which `*` stands for any run of bytes and `?` for one, matches all of `text`.
///
/// For rule ids, references, repositories and people: names in which a slash is nothing special.
pub fn name_matches(pattern: &str, text: &[u8]) -> bool {
    let pattern = pattern.as_bytes();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_gitignore() {
        let cases: &[(&str, &str, bool)] = &[
            ("*.pem", "a/b/key.pem", true),
            ("*.pem", "key.pem.txt", false),
            ("vendor/", "vendor/a/b.c", true),
            ("vendor/", "src/vendor/a.c", true),
            ("vendor/", "vendor", false),
            ("/vendor/", "src/vendor/a.c", false),
            ("docs/*.md", "docs/a.md", true),
            ("docs/*.md", "docs/a/b.md", false),
            ("docs/**/*.md", "docs/a/b.md", true),
            ("**/fixtures/**", "a/fixtures/x", true),
            ("fixtures", "a/fixtures/x", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
        ];
        for &(pattern, path, expected) in cases {
            let globs = PathGlobs::new(vec![pattern.to_owned()]).unwrap();
            assert_eq!(globs.matches(path.as_bytes()), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn a_path_that_is_not_utf8_is_matched_by_its_bytes() {
        let globs = PathGlobs::new(vec!["*.key".to_owned()]).unwrap();
        assert!(globs.matches(b"caf\xe9/a.key"));
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let error = PathGlobs::new(vec!["ok".to_owned(), "a[".to_owned()]).unwrap_err();
        assert_eq!(error.0, 1);
    }

    #[test]
    fn names_match_with_stars() {
        let cases = [
            ("slack-*", "slack-bot-token", true),
            ("*", "", true),
            ("refs/heads/*", "refs/heads/a/b", true),
            ("a*c", "abd", false),
            ("*-key", "x-key-key", true),
            ("", "a", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(name_matches(pattern, text.as_bytes()), expected, "{pattern} on {text}");
        }
    }
}
