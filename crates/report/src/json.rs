//! JSON and JSON Lines, schema 1.
//!
//! The promised fields come first and keep their names; fields after `tags` are additions. Characters
//! that repaint a terminal are written as `\u` escapes: the value is the same, and a report that is
//! looked at with `cat` does no harm.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter};

use crate::escape;
use crate::model::{Coverage, Finding, Scan, Skip};
use crate::shown::Shown;

/// The number in `schema`.
pub const SCHEMA: u32 = 1;

/// Writes one document.
///
/// # Errors
/// Only those of `out`.
pub fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let head = Head::new(scan);
    let findings: Vec<_> = scan.findings.iter().map(JsonFinding::new).collect();
    let document = Document { head, findings };
    line(&document, out)
}

/// Writes one finding a line, then a line with everything else.
///
/// # Errors
/// Only those of `out`.
pub fn write_lines(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    for finding in &scan.findings {
        line(&JsonFinding::new(finding), out)?;
    }
    line(&Head::new(scan), out)
}

/// Writes any value as one line of JSON with hostile characters escaped.
///
/// # Errors
/// Only those of `out`.
pub fn line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, SafeText);
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct Head<'a> {
    schema: u32,
    tool: Tool,
    outcome: &'static str,
    complete: bool,
    coverage: JsonCoverage<'a>,
    skipped: Vec<JsonSkip<'a>>,
    hidden: u64,
    notes: &'a [String],
}

impl<'a> Head<'a> {
    fn new(scan: &'a Scan) -> Self {
        Self {
            schema: SCHEMA,
            tool: Tool { name: "stopleak", version: env!("CARGO_PKG_VERSION") },
            outcome: scan.outcome().name(),
            complete: scan.complete(),
            coverage: JsonCoverage::new(&scan.coverage),
            skipped: scan.skipped.iter().map(JsonSkip::new).collect(),
            hidden: scan.hidden,
            notes: &scan.notes,
        }
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// The coverage as it stands in a report; the audit log writes the same.
#[derive(Serialize)]
pub struct JsonCoverage<'a> {
    source: &'static str,
    refs: u64,
    commits: u64,
    objects: u64,
    blobs: u64,
    bytes: u64,
    bytes_scanned: u64,
    rules: u64,
    config: &'a str,
    seconds: f64,
}

impl<'a> JsonCoverage<'a> {
    /// Borrows the fields.
    pub fn new(c: &'a Coverage) -> Self {
        Self {
            source: c.source.name(),
            refs: c.refs,
            commits: c.commits,
            objects: c.objects,
            blobs: c.blobs,
            bytes: c.bytes,
            bytes_scanned: c.bytes_scanned,
            rules: c.rules,
            config: &c.config,
            seconds: (c.seconds * 1e6).round() / 1e6,
        }
    }
}

#[derive(Serialize)]
struct JsonSkip<'a> {
    what: String,
    why: &'a str,
    bytes: u64,
    in_scope: bool,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_bytes: Option<String>,
}

impl<'a> JsonSkip<'a> {
    fn new(skip: &'a Skip) -> Self {
        Self {
            what: skip.what.lossy(),
            why: &skip.why,
            bytes: skip.bytes,
            in_scope: skip.in_scope,
            detail: &skip.detail,
            what_bytes: exact(&skip.what),
        }
    }
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    name: &'a str,
    severity: &'static str,
    confidence: &'static str,
    masked: &'a str,
    fingerprint: String,
    path: Option<String>,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    #[serde(rename = "where")]
    place: &'static str,
    commit: Option<&'a str>,
    author: Option<String>,
    date: Option<&'a str>,
    object: Option<&'a str>,
    verified: Option<&'static str>,
    decoded: Vec<&'static str>,
    disposition: &'static str,
    occurrences: u64,
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    ref_name: Option<String>,
    refs: Vec<String>,
    in_head: Option<bool>,
    known_before: bool,
    linked: u64,
    excerpt: &'a str,
    what: &'a str,
    why: &'a [String],
    facts: Vec<Named<'a>>,
    parts: Vec<Named<'a>>,
    rotate: &'a str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> JsonFinding<'a> {
    fn new(f: &'a Finding) -> Self {
        Self {
            rule: &f.rule,
            name: &f.name,
            severity: f.severity.name(),
            confidence: f.confidence.name(),
            masked: &f.masked,
            fingerprint: f.fingerprint.to_string(),
            path: f.path.as_ref().map(Shown::lossy),
            line: f.start.line,
            column: f.start.column,
            end_line: f.end.line,
            end_column: f.end.column,
            place: f.place.name(),
            commit: f.commit.as_deref(),
            author: f.author.as_ref().map(Shown::lossy),
            date: f.date.as_deref(),
            object: f.object.as_deref(),
            verified: f.verified.map(verified_name),
            decoded: f.decoded.iter().map(|d| d.name()).collect(),
            disposition: f.disposition.name(),
            occurrences: f.occurrences,
            tags: &f.tags,
            path_bytes: f.path.as_ref().and_then(exact),
            ref_name: f.ref_name.as_ref().map(Shown::lossy),
            refs: f.refs.iter().map(Shown::lossy).collect(),
            in_head: f.in_head,
            known_before: f.known_before,
            linked: f.linked,
            excerpt: &f.excerpt,
            what: &f.what,
            why: &f.why,
            facts: f.facts.iter().map(|x| Named { name: x.name, value: &x.value }).collect(),
            parts: f.parts.iter().map(|x| Named { name: x.name, value: &x.shown }).collect(),
            rotate: &f.rotate,
            reason: f.reason.as_deref(),
        }
    }
}

/// The word for what an offline check proved.
pub(crate) fn verified_name(v: stopleak_core::Verified) -> &'static str {
    match v {
        stopleak_core::Verified::Checksum => "checksum",
        stopleak_core::Verified::Structure => "structure",
    }
}

/// Base64 of a text that is no UTF-8, which its lossy form cannot give back.
fn exact(text: &Shown) -> Option<String> {
    (!text.is_utf8()).then(|| STANDARD.encode(text.bytes()))
}

/// serde_json's compact form, with characters that a terminal obeys escaped.
struct SafeText;

impl Formatter for SafeText {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| escape::is_hostile(c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        serde_json::ser::CompactFormatter.write_char_escape(out, escape)
    }
}
