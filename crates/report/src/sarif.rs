//! SARIF 2.1.0, for code-scanning services.
//!
//! Results carry our fingerprint in `partialFingerprints`, so that a service follows a secret through
//! moves and rebases as we do; allowed and baseline findings are suppressed results; whatever was not
//! scanned is a `toolExecutionNotification`, and the invocation is then not successful.
//!
//! SARIF has no columns in bytes, which all else of stopleak counts; its regions count code points, and the
//! property `column` is the byte.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};
use stopleak_core::Severity;

use crate::json;
use crate::model::{Disposition, Finding, Scan, Skip};
use crate::shown::Shown;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one log with one run.
///
/// # Errors
/// Only those of `out`.
pub fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in &scan.findings {
        rules.entry(&finding.rule).or_insert(finding);
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stopleak",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|f| rule(f)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": scan.complete(),
                "toolExecutionNotifications": scan.skipped.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": scan.findings.iter().map(|f| result(f, index[f.rule.as_str()])).collect::<Vec<_>>(),
            "properties": {
                "outcome": scan.outcome().name(),
                "coverage": json::JsonCoverage::new(&scan.coverage),
            },
        }],
    });
    json::line(&log, out)
}

fn rule(f: &Finding) -> Value {
    let mut rule = json!({
        "id": f.rule,
        "name": f.name,
        "shortDescription": {"text": f.name},
        "fullDescription": {"text": if f.what.is_empty() { &f.name } else { &f.what }},
        "defaultConfiguration": {"level": level(f.severity)},
        "properties": {
            "tags": f.tags,
            "security-severity": security_severity(f.severity),
        },
    });
    if !f.rotate.is_empty() {
        let text = format!("Revoke it first: {}", f.rotate);
        rule["help"] = json!({"text": text});
        if is_uri(&f.rotate) {
            rule["helpUri"] = json!(f.rotate);
        }
    }
    rule
}

fn result(f: &Finding, index: usize) -> Value {
    let mut result = json!({
        "ruleId": f.rule,
        "ruleIndex": index,
        "level": if f.disposition == Disposition::Block { level(f.severity) } else { "warning" },
        "message": {"text": message(f)},
        "locations": [location(f)],
        "partialFingerprints": {"stopleak/v1": f.fingerprint.to_string()},
        "occurrenceCount": f.occurrences.max(1),
        "properties": properties(f),
    });
    if !f.disposition.is_open() {
        let why = f.reason.as_deref().unwrap_or(f.disposition.name());
        result["suppressions"] = json!([{"kind": "external", "justification": why}]);
    }
    result
}

fn message(f: &Finding) -> String {
    format!("{} {} ({} confidence, fingerprint {})", f.name, f.masked, f.confidence.name(), f.fingerprint)
}

fn location(f: &Finding) -> Value {
    let mut location = Map::new();
    if let Some(path) = &f.path {
        location.insert(
            "physicalLocation".into(),
            json!({
                "artifactLocation": {"uri": uri(path), "uriBaseId": "%SRCROOT%"},
                "region": {
                    "startLine": f.start.line.max(1),
                    "startColumn": f.start.character.max(1),
                    "endLine": f.end.line.max(1),
                    "endColumn": f.end.character.max(1),
                    "snippet": {"text": f.excerpt},
                },
            }),
        );
    }
    let holder = f.ref_name.as_ref().map(Shown::lossy).or_else(|| f.commit.clone());
    if let Some(name) = holder {
        location
            .insert("logicalLocations".into(), json!([{"fullyQualifiedName": name, "kind": f.place.name()}]));
    }
    location.insert("message".into(), json!({"text": f.place.name()}));
    Value::Object(location)
}

fn properties(f: &Finding) -> Value {
    json!({
        "severity": f.severity.name(),
        "confidence": f.confidence.name(),
        "masked": f.masked,
        "fingerprint": f.fingerprint.to_string(),
        "where": f.place.name(),
        "commit": f.commit,
        "author": f.author.as_ref().map(Shown::lossy),
        "date": f.date,
        "object": f.object,
        "verified": f.verified.map(json::verified_name),
        "decoded": f.decoded.iter().map(|d| d.name()).collect::<Vec<_>>(),
        "disposition": f.disposition.name(),
        "line": f.start.line,
        "column": f.start.column,
    })
}

fn notification(skip: &Skip) -> Value {
    let text = if skip.detail.is_empty() {
        format!("not scanned: {} ({}, {} bytes)", skip.what.lossy(), skip.why, skip.bytes)
    } else {
        format!("not scanned: {} ({}, {} bytes): {}", skip.what.lossy(), skip.why, skip.bytes, skip.detail)
    };
    json!({
        "descriptor": {"id": skip.why},
        "level": if skip.in_scope { "error" } else { "note" },
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(&skip.what)}}}],
    })
}

/// The level of a blocking finding.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number that code-scanning services sort by, on CVSS's scale.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn is_uri(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&b))
}

/// A path as a relative URI reference: every byte outside the unreserved set and `/` is escaped, and a
/// first segment with a colon cannot be taken for a scheme.
fn uri(path: &Shown) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for &b in path.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_relative_uri_reference() {
        assert_eq!(uri(&Shown::from("a b/c:d#e?.txt")), "a%20b/c%3Ad%23e%3F.txt");
        assert_eq!(uri(&Shown::new(*b"\xff/\n")), "%FF/%0A");
    }
}
