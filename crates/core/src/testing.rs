//! What the tests of this crate share.

use proptest::prelude::*;

use crate::rule::{Anchor, Confidence, Engine, Rule, Severity, ValueClass};

/// An anchor; `(?i)` in front folds case.
pub(crate) fn anchor(text: &str) -> Anchor {
    match text.strip_prefix("(?i)") {
        Some(text) => Anchor { text: text.to_owned().into(), fold: true },
        None => Anchor { text: text.to_owned().into(), fold: false },
    }
}

/// A plain rule.
pub(crate) fn rule(id: &str, anchors: Vec<Anchor>, pattern: &str) -> Rule {
    Rule {
        id: id.to_owned().into(),
        vendor: "test".into(),
        name: id.to_owned().into(),
        what: "".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        anchors: anchors.into(),
        engine: Engine::Pattern,
        pattern: pattern.to_owned().into(),
        value: ValueClass::Any,
        verify: None,
        min_entropy: 0.0,
        publishable: false,
        measured: Vec::new().into(),
        examples: [].as_slice().into(),
        tags: [].as_slice().into(),
        rotate: "".into(),
        source: "".into(),
    }
}

/// A rule of the pattern engine, by its anchors' texts.
pub(crate) fn pattern(id: &str, anchors: &[&str], pattern: &str) -> Rule {
    rule(id, anchors.iter().map(|a| anchor(a)).collect(), pattern)
}

/// Rules with every kind of reach: anchors in front, in the middle and at the end, looks at words and
/// lines, a wide gap, a key block, one meant to be public.
pub(crate) fn mixed_rules() -> Vec<Rule> {
    vec![
        pattern("token", &["acme_"], r"\b(acme_[0-9]{8})\b"),
        pattern("named", &["(?i)acme"], r"(?i)acme[ \w]{0,30}=[ ]{0,3}([0-9a-f]{6,20})\b"),
        pattern("line", &["key"], r"(?m:^)key[a-z]{0,3}: ([0-9]{3,9})(?m:$)"),
        pattern("middle", &["://", "@x"], r"[a-z]{1,6}://[a-z]{1,5}:([0-9a-z]{1,9})@x"),
        pattern("end", &["==", "=key"], r"[0-9a-f]{4,40}=(?:=|key)"),
        pattern("far", &["(?i)far"], r"(?is)far.{0,200}?([0-9]{7})"),
        Rule { publishable: true, ..pattern("public", &["pk"], r"pk([0-9]{3,8})") },
        Rule { engine: Engine::KeyBlock, ..pattern("block", &["-----BEGIN"], "") },
    ]
}

/// Text in which those rules match, nearly match, touch and overlap, partly in UTF-16.
pub(crate) fn mixed_text() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "acme_",
        "12345678",
        "acme",
        " ",
        "=",
        "==",
        "key",
        "key: ",
        "\n",
        "://",
        "@x",
        "a:",
        "pk",
        "far",
        "0a1b2c3d4e",
        "1234567",
        "é",
        "\0",
        "x",
        "-----BEGIN",
        " PRIVATE KEY-----\n",
        "=key",
        "http://me:pw1@x",
        "acme_12345678",
        "acme = 0123456789",
        "\nkey: 123\n",
        "-----END PRIVATE KEY-----",
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZ+Jx3kVbN0sTq5PmX\n",
        // Of `key: acme_12345678 ok`, the same in hex, and pieces of either.
        "a2V5OiBhY21lXzEyMzQ1Njc4IG9r",
        "a2V5OiBhY21l",
        "XzEyMzQ1Njc4IG9r",
        "\"",
        "\" + \"",
        "6b65793a2061636d655f3132333435363738206f6b",
        "6b65793a2061636d655f31",
        "%61cme_",
        "\\x61cme_",
        "&#97;cme_",
    ];
    let word = (prop::sample::select(words.to_vec()), 0..12usize).prop_map(|(word, wide)| match wide {
        0 => word.bytes().flat_map(|b| [b, 0]).collect(),
        1 => word.bytes().flat_map(|b| [0, b]).collect(),
        _ => word.as_bytes().to_vec(),
    });
    proptest::collection::vec(word, 0..60).prop_map(|words: Vec<Vec<u8>>| words.concat())
}
