//! Mistakes in a file that a person wrote, each with its place.
//!
//! A policy with twenty mistakes is told about all twenty in one run. So a reader never stops at the
//! first: it notes a [`Problem`] and goes on. A file with any problem is not used.

use std::fmt;
use std::path::{Path, PathBuf};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file it is in, or a name such as `--config` for text that has none.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Byte in the line, from 1.
    pub column: usize,
    /// What kind of mistake, kebab-case, stable: `unknown-key`.
    pub code: &'static str,
    /// What is wrong, one sentence without a full stop.
    pub what: String,
    /// What to do instead.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {} [{}]", self.file.display(), self.line, self.column, self.what, self.code)?;
        self.help.iter().try_for_each(|help| write!(f, "\n    help: {help}"))
    }
}

/// Every mistake of one reading. Empty means that there was none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the problems of another file.
    pub fn extend(&mut self, other: Problems) {
        self.0.extend(other.0);
    }

    /// Adds one, at a byte offset of `text`.
    pub fn add(&mut self, at: At<'_>, offset: usize, code: &'static str, what: String, help: Option<String>) {
        let (line, column) = at.place(offset);
        self.0.push(Problem { file: at.file.to_path_buf(), line, column, code, what, help });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A file's name and text, from which offsets become lines and columns.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The file.
    pub file: &'a Path,
    /// All of its text.
    pub text: &'a str,
}

impl At<'_> {
    /// The line and column of a byte offset, both from 1.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.split(|&b| b == b'\n').count();
        let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        (line, before.len() - start + 1)
    }
}

/// The one of `known` that `word` is most likely a slip for, as a help sentence.
pub fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|k| (distance(&word, &k.to_lowercase()), k))
        .filter(|&(d, k)| d <= 1 + k.len() / 4)
        .min()
        .map(|(_, k)| format!("did you mean `{k}`?"))
}

/// Levenshtein distance in bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}
