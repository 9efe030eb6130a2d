//! Writes a finished scan in each format.
//!
//! One model, [`Scan`], and one writer per format. By the time a scan arrives here it holds no secret
//! value: a finding carries a mask and a fingerprint, an excerpt that the detector masked, and a path in
//! which secrets were masked ([`Shown`]). What a pusher chose (paths, names, ref names) is still hostile
//! text: every writer escapes it for its reader.
//!
//! Output is deterministic: call [`Scan::sort`] and the same findings give the same bytes.

mod escape;
pub mod json;
pub mod model;
pub mod sarif;
pub mod shown;
pub mod text;

use std::io::{self, Write};
use std::str::FromStr;

pub use model::{Coverage, Disposition, Finding, Outcome, Scan, Skip, Source, Where};
pub use shown::Shown;

/// A report's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One document, schema 1.
    Json,
    /// One finding a line, then one line with outcome and coverage.
    Jsonl,
    /// SARIF 2.1.0, for code-scanning services.
    Sarif,
}

impl Format {
    /// All, with the names that `--format` takes.
    pub const ALL: [(&'static str, Self); 4] =
        [("text", Self::Text), ("json", Self::Json), ("jsonl", Self::Jsonl), ("sarif", Self::Sarif)];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find_map(|(name, format)| (name == text).then_some(format))
            .ok_or_else(|| format!("`{text}` is no report format: text, json, jsonl or sarif"))
    }
}

/// Writes `scan` in `format`; `layout` is read by the text format alone.
///
/// # Errors
/// Only those of `out`.
pub fn write(scan: &Scan, format: Format, layout: &text::Layout, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(scan, layout, out),
        Format::Json => json::write(scan, out),
        Format::Jsonl => json::write_lines(scan, out),
        Format::Sarif => sarif::write(scan, out),
    }?;
    out.flush()
}
