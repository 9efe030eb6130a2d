//! A scan with one of everything, made by hand.

use stopleak_core::{Confidence, Encoding, Fact, Fingerprint, Position, Severity, Verified};
use stopleak_report::{Coverage, Disposition, Finding, Scan, Shown, Skip, Source, Where};

/// The finding of interface.md.
pub(crate) fn token() -> Finding {
    Finding {
        rule: "github-personal-access-token".into(),
        name: "GitHub personal access token".into(),
        what: "Acts as its owner.".into(),
        severity: Severity::Critical,
        confidence: Confidence::High,
        masked: "ghp_4f…".into(),
        fingerprint: Fingerprint::parse("9f2c41d0aa73be15").expect("16 digits"),
        path: Some("config/prod.env".into()),
        start: Position { line: 12, column: 14, character: 14 },
        end: Position { line: 12, column: 54, character: 54 },
        place: Where::File,
        ref_name: None,
        commit: None,
        author: None,
        date: None,
        object: Some("0123456789abcdef0123456789abcdef01234567".into()),
        verified: Some(Verified::Checksum),
        decoded: Vec::new(),
        disposition: Disposition::Block,
        occurrences: 1,
        linked: 0,
        tags: vec!["cwe-798".into(), "owasp-a07".into()],
        excerpt: "GITHUB_TOKEN=ghp_4f************************************".into(),
        facts: Vec::new(),
        parts: Vec::new(),
        why: vec!["its checksum is right".into()],
        rotate: "https://github.com/settings/tokens".into(),
        reason: None,
        in_head: None,
        refs: Vec::new(),
        at_tip: false,
        known_before: false,
    }
}

/// What a commit of three files looks like.
pub(crate) fn staged(findings: Vec<Finding>) -> Scan {
    Scan {
        coverage: Coverage {
            source: Source::Staged,
            objects: 3,
            blobs: 3,
            bytes: 4149,
            bytes_scanned: 4149,
            rules: 312,
            config: "ab".repeat(32),
            seconds: 0.0031,
            ..Coverage::default()
        },
        findings,
        ..Scan::default()
    }
}

/// A gap.
pub(crate) fn gap(what: &str) -> Skip {
    Skip {
        what: what.into(),
        why: "missing-object".into(),
        bytes: 0,
        in_scope: true,
        detail: "git has no such object".into(),
    }
}

/// One of everything, hostile text included.
pub(crate) fn everything() -> Scan {
    let hostile = Finding {
        path: Some(Shown::new(*b"d\xff/\x1b[31m\ntxt")),
        commit: Some("1a2b3c4d5e6f70819293a4b5c6d7e8f901234567".into()),
        author: Some("Eve \u{202e}<eve@example.org>".into()),
        date: Some("2024-05-01T10:00:00+02:00".into()),
        disposition: Disposition::Warn,
        confidence: Confidence::Medium,
        verified: None,
        decoded: vec![Encoding::Base64, Encoding::Gzip],
        facts: vec![Fact { name: "account", value: "1234".into() }],
        in_head: Some(false),
        refs: vec!["refs/heads/main".into()],
        rotate: "ask the platform team".into(),
        linked: 1,
        occurrences: 3,
        ..token()
    };
    let message = Finding {
        path: None,
        place: Where::CommitMessage,
        commit: Some("1a2b3c4d5e6f70819293a4b5c6d7e8f901234567".into()),
        disposition: Disposition::Allowed,
        reason: Some("a test value".into()),
        object: None,
        ..token()
    };
    let mut scan = staged(vec![hostile, token(), message]);
    scan.skipped = vec![gap("deadbeef")];
    scan.skipped.push(Skip { in_scope: false, why: "socket".into(), ..gap("run/\u{202e}x.sock") });
    scan.notes.push("one allow entry has expired".into());
    scan.hidden = 2;
    scan.sort();
    scan
}
