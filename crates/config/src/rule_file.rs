//! A file of rules: one vendor, a table per credential.
//!
//! The same code reads `config/rules/*.toml` while this crate is built (`build.rs` turns them into
//! tables, so that nothing is parsed at run time) and a user's `[[rule]]` tables at run time. It knows
//! TOML and nothing of the detector: values stay as words here and become [`stopleak_core::Rule`]s in
//! `rules.rs`.
//!
//! ```toml
//! [vendor]                       # optional; what the rules below share
//! name = "Acme"
//! rotate = "https://acme.example/keys"
//! source = "https://acme.example/docs/keys"
//! tags = ["cwe-798"]
//!
//! [[rule]]
//! id = "acme-api-key"
//! name = "Acme API key"
//! what = "Lets its holder call the Acme API as the account that made it."
//! severity = "critical"
//! anchors = ["acme_"]            # (?i)acme_ takes either case
//! pattern = '\b(acme_[0-9a-f]{32})\b'
//! positive = ['key = "acme_<>0f4c29d1b7a85e6390d2c4f81b7e6a53"']
//! negative = ['acme_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']
//! ```
//! A value without a shape of its own is found by the name it is assigned to: see [`crate::near`].
//! `<>` is removed from examples when they are read: the file itself holds nothing that looks live.

use std::path::Path;

use crate::near;
use crate::problems::{At, Problems, did_you_mean};
use crate::written::{self, Table, Value};

/// The words for how bad a leak is.
pub const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];
/// The words for how sure a match is.
pub const CONFIDENCES: [&str; 3] = ["low", "medium", "high"];
/// The words for what confirms a candidate.
pub const ENGINES: [&str; 3] = ["pattern", "key-block", "assignment"];
/// The words for what a secret looks like.
pub const VALUES: [&str; 3] = ["token", "password", "any"];

/// One `[[rule]]` as written, defaults filled in, words checked.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleText {
    /// Byte offset of the table, for problems found later.
    pub offset: usize,
    /// Kebab-case, unique.
    pub id: String,
    /// The stem of the file.
    pub vendor: String,
    /// What a person calls it.
    pub name: String,
    /// What its holder can do.
    pub what: String,
    /// One of [`SEVERITIES`].
    pub severity: String,
    /// One of [`CONFIDENCES`].
    pub confidence: String,
    /// Text (lower case where the flag is set) and whether either case matches.
    pub anchors: Vec<(String, bool)>,
    /// One of [`ENGINES`].
    pub engine: String,
    /// The confirming pattern.
    pub pattern: String,
    /// Byte offset of the pattern.
    pub pattern_offset: usize,
    /// One of [`VALUES`].
    pub value: String,
    /// The name of an offline check.
    pub verify: Option<String>,
    /// Byte offset of that name.
    pub verify_offset: usize,
    /// Bits per byte.
    pub min_entropy: f64,
    /// Meant to be public.
    pub publishable: bool,
    /// The vendor's documented values, without `<>`.
    pub examples: Vec<String>,
    /// Weakness tags.
    pub tags: Vec<String>,
    /// Where its owner revokes it.
    pub rotate: String,
    /// Where the format is documented.
    pub source: String,
    /// Texts in which exactly this rule must find exactly one secret.
    pub positive: Vec<String>,
    /// Texts in which nothing must be found.
    pub negative: Vec<String>,
    /// Texts that hold such a secret and that we know we do not find.
    pub known_misses: Vec<String>,
}

/// Reads a rule file. With any problem the rules that could be read are still returned, for more checks.
pub fn parse(text: &str, file: &Path) -> (Vec<RuleText>, Problems) {
    let mut problems = Problems::default();
    let at = At { file, text };
    let root = written::parse(at, &mut problems);
    let root = Table::new(at, root.get_ref(), root.span());
    let vendor = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let shared = Shared::read(&root, &mut problems);
    let rules = read_rules(&root, &vendor, &shared, &mut problems);
    root.finish(&mut problems);
    (rules, problems)
}

/// What the rules of one file share.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    tags: Vec<String>,
    rotate: String,
    source: String,
}

impl Shared {
    fn read(root: &Table<'_, '_>, problems: &mut Problems) -> Self {
        let Some(table) = root.table("vendor", problems) else { return Self::default() };
        let _ = table.string("name", problems);
        let shared = Self {
            tags: plain(table.strings("tags", problems)),
            rotate: table.string("rotate", problems).map(|v| v.value).unwrap_or_default(),
            source: table.string("source", problems).map(|v| v.value).unwrap_or_default(),
        };
        table.finish(problems);
        shared
    }
}

/// Reads every `[[rule]]` of `root`, for a rule file and for a policy.
pub fn read_rules(
    root: &Table<'_, '_>,
    vendor: &str,
    shared: &Shared,
    problems: &mut Problems,
) -> Vec<RuleText> {
    let mut seen: Vec<String> = Vec::new();
    let mut rules = Vec::new();
    for table in root.tables("rule", problems) {
        let span = table.span();
        if let Some(rule) = read_rule(&table, vendor, shared, problems) {
            if seen.contains(&rule.id) {
                table.problem(
                    &span,
                    "duplicate-id",
                    format!("rule `{}` is here twice", rule.id),
                    None,
                    problems,
                );
            }
            seen.push(rule.id.clone());
            rules.push(rule);
        }
        table.finish(problems);
    }
    rules
}

fn read_rule(t: &Table<'_, '_>, vendor: &str, shared: &Shared, problems: &mut Problems) -> Option<RuleText> {
    let id = required(t, "id", problems);
    if let Some(id) = &id
        && !is_kebab(&id.value)
    {
        let what = format!("`{}` is not a rule id", id.value);
        t.problem(
            &id.span,
            "bad-id",
            what,
            Some("lower-case letters, digits and single hyphens".into()),
            problems,
        );
    }
    let name = required(t, "name", problems);
    let what = required(t, "what", problems);
    let engine = word(t, "engine", &ENGINES, problems).unwrap_or_else(|| "pattern".into());
    let near = plain(t.strings("near", problems));
    let names = plain(t.strings("names", problems));
    let in_context = !near.is_empty() || !names.is_empty();
    let mut anchors = read_anchors(t, &engine, in_context, problems);
    let mut pattern = t.string("pattern", problems);
    if let Some(p) = pattern.as_mut().filter(|_| in_context) {
        let (full, words) = near::expand(&near, &names, &p.value);
        p.value = full;
        anchors.extend(words);
    }
    match (&pattern, engine == "pattern") {
        (None, true) => missing(t, "pattern", problems),
        (Some(p), false) => {
            let what = format!("the engine `{engine}` has no pattern");
            t.problem(&p.span, "needless-pattern", what, Some("remove it".into()), problems);
        }
        _ => {}
    }
    let verify = t.string("verify", problems);
    let min_entropy = t.number("min-entropy", problems);
    if let Some(bits) = min_entropy.as_ref().filter(|b| b.value > 8.0) {
        t.problem(
            &bits.span,
            "bad-entropy",
            "`min-entropy` is in bits per byte, 8 at most".into(),
            None,
            problems,
        );
    }
    let severity = word(t, "severity", &SEVERITIES, problems);
    if severity.is_none() && !t.keys().any(|(k, _)| k == "severity") {
        missing(t, "severity", problems);
    }
    Some(RuleText {
        offset: t.span().start,
        vendor: vendor.to_owned(),
        severity: severity.unwrap_or_else(|| "low".into()),
        confidence: word(t, "confidence", &CONFIDENCES, problems).unwrap_or_else(|| "high".into()),
        anchors,
        engine,
        pattern_offset: pattern.as_ref().map_or(0, |p| p.span.start),
        pattern: pattern.map(|p| p.value).unwrap_or_default(),
        value: word(t, "value", &VALUES, problems).unwrap_or_else(|| "token".into()),
        verify_offset: verify.as_ref().map_or(0, |v| v.span.start),
        verify: verify.map(|v| v.value),
        min_entropy: min_entropy.map_or(0.0, |v| v.value),
        publishable: t.boolean("publishable", problems).is_some_and(|v| v.value),
        examples: unbroken(t.strings("examples", problems)),
        tags: t.strings("tags", problems).map_or_else(|| shared.tags.clone(), |v| plain(Some(v))),
        rotate: t.string("rotate", problems).map_or_else(|| shared.rotate.clone(), |v| v.value),
        source: t.string("source", problems).map_or_else(|| shared.source.clone(), |v| v.value),
        positive: unbroken(t.strings("positive", problems)),
        negative: unbroken(t.strings("negative", problems)),
        known_misses: unbroken(t.strings("known-misses", problems)),
        id: id?.value,
        name: name?.value,
        what: what?.value,
    })
}

fn read_anchors(
    t: &Table<'_, '_>,
    engine: &str,
    in_context: bool,
    problems: &mut Problems,
) -> Vec<(String, bool)> {
    let Some(written) = t.strings("anchors", problems) else {
        if !in_context {
            missing(t, "anchors", problems);
        }
        return Vec::new();
    };
    if written.is_empty() {
        let help = Some("a literal that every such credential has in or near it".into());
        t.problem(&t.span(), "no-anchor", "a rule needs an anchor".into(), help, problems);
    }
    let mut anchors = Vec::with_capacity(written.len());
    for anchor in written {
        let (text, fold) = match anchor.value.strip_prefix("(?i)") {
            Some(rest) => (rest.to_ascii_lowercase(), true),
            None => (anchor.value.replace("<>", ""), false),
        };
        if text.len() < 2 {
            let what = format!("the anchor `{text}` is shorter than two bytes");
            t.problem(
                &anchor.span,
                "short-anchor",
                what,
                Some(format!("`{engine}` looks at each place it stands")),
                problems,
            );
        }
        anchors.push((text, fold));
    }
    anchors
}

fn required(t: &Table<'_, '_>, key: &'static str, problems: &mut Problems) -> Option<Value<String>> {
    let value = t.string(key, problems);
    match &value {
        Some(v) if v.value.trim().is_empty() => {
            t.problem(&v.span, "empty", format!("`{key}` is empty"), None, problems);
        }
        None if !t.keys().any(|(k, _)| k == key) => missing(t, key, problems),
        _ => {}
    }
    value
}

fn missing(t: &Table<'_, '_>, key: &str, problems: &mut Problems) {
    t.problem(&t.span(), "missing-key", format!("the rule has no `{key}`"), None, problems);
}

/// A string that must be one of `known`.
pub fn word(t: &Table<'_, '_>, key: &'static str, known: &[&str], problems: &mut Problems) -> Option<String> {
    let value = t.string(key, problems)?;
    if known.contains(&value.value.as_str()) {
        return Some(value.value);
    }
    let help = did_you_mean(&value.value, known.iter().copied())
        .unwrap_or_else(|| format!("one of: {}", known.join(", ")));
    let what = format!("`{}` is not a value of `{key}`", value.value);
    t.problem(&value.span, "bad-value", what, Some(help), problems);
    None
}

fn plain(list: Option<Vec<Value<String>>>) -> Vec<String> {
    list.unwrap_or_default().into_iter().map(|v| v.value).collect()
}

fn unbroken(list: Option<Vec<Value<String>>>) -> Vec<String> {
    list.unwrap_or_default().into_iter().map(|v| v.value.replace("<>", "")).collect()
}

fn is_kebab(id: &str) -> bool {
    id.split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}
