//! Rules, checked: the built-in tables and those that a person writes.

use std::borrow::Cow::{self, Borrowed as B};
use std::path::Path;

use stopleak_core::index::Index;
use stopleak_core::reach::check_rule;
use stopleak_core::{Anchor, Confidence, Detector, Engine, Rule, Severity, ValueClass};

use crate::problems::{At, Problems};
use crate::rule_file::{self, RuleText};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

#[expect(clippy::unreadable_literal, reason = "tables that the build script writes")]
mod indexed {
    use stopleak_core::index::Index;
    use stopleak_core::index::Store;
    use stopleak_core::index::grams::{Check, Entry, Grams};
    use stopleak_core::index::literals::{Literal, Literals};
    use stopleak_core::index::pairs::{Halves, Pairs};

    #[rustfmt::skip]
    pub(super) static INDEX: Index = include!(concat!(env!("OUT_DIR"), "/index.rs"));
}

/// The rules of `config/rules/`, made into tables when this crate was built.
pub fn builtin_rules() -> &'static [Rule] {
    BUILTIN
}

/// A detector of the built-in rules. Unlike one of other rules, it costs nothing to make: the index of their anchors
/// was made when this crate was built.
pub fn builtin_detector() -> Detector {
    Detector::indexed(BUILTIN, &indexed::INDEX)
}

/// The index of that detector, for tests.
#[doc(hidden)]
pub fn builtin_index() -> &'static Index {
    &indexed::INDEX
}

/// A rule with its examples.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleDoc {
    /// The rule.
    pub rule: Rule,
    /// Texts in which exactly this rule must find exactly one secret.
    pub positive: Vec<String>,
    /// Texts in which nothing must be found.
    pub negative: Vec<String>,
    /// Texts that hold such a secret and that we know we do not find.
    pub known_misses: Vec<String>,
}

/// Reads the rules of one file. Rules that could be read are returned beside the problems.
pub fn parse_rules(text: &str, file: &Path) -> (Vec<RuleDoc>, Problems) {
    let (texts, mut problems) = rule_file::parse(text, file);
    let at = At { file, text };
    (texts.into_iter().map(|t| checked(t, at, &mut problems)).collect(), problems)
}

/// The rule that `text` writes, with what only the detector can say about it added to `problems`: a pattern
/// that does not compile or has no longest match, a check that does not exist.
pub(crate) fn checked(text: RuleText, at: At<'_>, problems: &mut Problems) -> RuleDoc {
    let offset = if text.pattern_offset > 0 { text.pattern_offset } else { text.offset };
    let doc = convert(text);
    if let Err(problem) = check_rule(&doc.rule) {
        let help = Some(problem.help.clone()).filter(|h| !h.is_empty());
        problems.add(at, offset, "bad-rule", problem.to_string(), help);
    }
    doc
}

fn convert(text: RuleText) -> RuleDoc {
    let anchors: Vec<Anchor> =
        text.anchors.into_iter().map(|(text, fold)| Anchor { text: Cow::Owned(text), fold }).collect();
    let rule = Rule {
        id: Cow::Owned(text.id),
        vendor: Cow::Owned(text.vendor),
        name: Cow::Owned(text.name),
        what: Cow::Owned(text.what),
        severity: Severity::from_name(&text.severity).unwrap_or(Severity::Low),
        confidence: Confidence::from_name(&text.confidence).unwrap_or(Confidence::High),
        anchors: Cow::Owned(anchors),
        engine: match text.engine.as_str() {
            "key-block" => Engine::KeyBlock,
            "assignment" => Engine::Assignment,
            _ => Engine::Pattern,
        },
        pattern: Cow::Owned(text.pattern),
        value: match text.value.as_str() {
            "password" => ValueClass::Password,
            "any" => ValueClass::Any,
            _ => ValueClass::Token,
        },
        verify: text.verify.map(Cow::Owned),
        min_entropy: text.min_entropy as f32,
        publishable: text.publishable,
        measured: Cow::Borrowed(&[]),
        examples: owned(text.examples),
        tags: owned(text.tags),
        rotate: Cow::Owned(text.rotate),
        source: Cow::Owned(text.source),
    };
    RuleDoc { rule, positive: text.positive, negative: text.negative, known_misses: text.known_misses }
}

fn owned(list: Vec<String>) -> Cow<'static, [Cow<'static, str>]> {
    list.into_iter().map(Cow::Owned).collect::<Vec<_>>().into()
}
