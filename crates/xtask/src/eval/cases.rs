//! The labelled cases of `cargo xtask eval`: files that hold one secret, or one look-alike of it.
//!
//! Everything is made from the rules when the task runs. A rule's positive examples say where its secrets stand;
//! the secret in them is exchanged for fresh ones of the same shape (of the right checksum where it has one) and
//! put into the places where people put such values. Look-alikes are the same places with a placeholder, a
//! reference, the vendor's documented example, a value that is too short or too long, a wrong checksum, and the
//! keys that are meant to be public.

use std::borrow::Cow;
use std::path::Path;

use stopleak_config::{RuleDoc, parse_rules};
use stopleak_core::{Confidence, Detector, Engine, Rule};
use stopleak_testkit::fakes;
use stopleak_testkit::rng::Rng;

use super::{files_in, read, template};
use crate::ci::root;
use crate::say;

/// One file to scan.
pub(super) struct Case {
    /// What it belongs to: a rule's id, or the name of a hand-written file.
    pub(super) family: String,
    /// What kind of secret or look-alike.
    pub(super) kind: Cow<'static, str>,
    /// The file's name, which says its kind.
    pub(super) name: String,
    pub(super) text: Vec<u8>,
    pub(super) secret: bool,
}

/// Fresh values per rule and place.
const FRESH: u64 = 2;
/// Places that a value can stand in, see [`contexts`].
const PLACES: u64 = 7;

/// Every case: from the rules, and from the hand-written file.
pub(super) fn all() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for file in files_in(&root().join("config/rules"), "toml")? {
        let (docs, problems) = parse_rules(&read(&file)?, &file);
        if docs.is_empty() {
            return Err(format!("{} has no rule that can be read: {problems:?}", file.display()));
        }
        for doc in &docs {
            of_rule(doc, &mut cases);
        }
    }
    let hard = root().join("tests/cases/hard.txt");
    cases.extend(hand_written(&read(&hard)?, &hard)?);
    Ok(cases)
}

/// The cases of `tests/cases/disguises-*.txt`: secrets in disguise, and hard look-alikes. The family is the set.
///
/// A case that needs a program that is not installed is left out, and said.
pub(super) fn disguised() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for set in ["disguises-1", "disguises-2"] {
        let file = root().join("tests/cases").join(set).with_extension("txt");
        let text = read(&file)?;
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            let at = format!("{}:{}", file.display(), number + 1);
            let fields: Vec<&str> = line.splitn(4, '\t').collect();
            let [label @ ("secret" | "clean"), kind, name, text] = fields[..] else {
                return Err(format!("{at}: not `secret|clean<TAB>kind<TAB>name<TAB>text`"));
            };
            match template::fill(text, 1000 * (cases.len() as u64 + 1)) {
                Ok(mut text) => {
                    // A line's end behind binary data would be no part of it.
                    if text.last().is_some_and(u8::is_ascii_graphic) {
                        text.push(b'\n');
                    }
                    let (family, kind, name) = (set.to_owned(), kind.to_owned().into(), name.to_owned());
                    cases.push(Case { family, kind, name, text, secret: label == "secret" });
                }
                Err(why) if why.starts_with("could not run") => say(&format!("{at}: left out: {why}")),
                Err(why) => return Err(format!("{at}: {why}")),
            }
        }
    }
    Ok(cases)
}

/// A positive example, taken apart: what stands before the secret, the secret, and the rest.
struct Place {
    before: String,
    secret: String,
    after: String,
}

impl Place {
    fn with(&self, value: &str) -> String {
        format!("{}{value}{}", self.before, self.after)
    }

    /// The name that the value has, if the example is one assignment.
    fn name(&self) -> Option<&str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let head = self.before.trim_end_matches(['"', '\'', ' ', '=', ':']);
        (self.after.len() <= 2
            && head.len() < self.before.len()
            && !head.is_empty()
            && head.chars().all(plain))
        .then_some(head)
    }
}

fn of_rule(doc: &RuleDoc, cases: &mut Vec<Case>) {
    let rule = &doc.rule;
    let alone = Detector::trusted(Cow::Owned(vec![Rule { publishable: false, ..rule.clone() }]));
    let takes =
        |text: &str| alone.scan(text.as_bytes()).matches.into_iter().find(|m| m.confidence > Confidence::Low);
    let mut add = |secret: bool, kind, name: &str, text: String| {
        let family = rule.id.to_string();
        let (kind, text) = (Cow::Borrowed(kind), (text + "\n").into_bytes());
        cases.push(Case { family, kind, name: name.to_owned(), text, secret });
    };
    let mut places = Vec::new();
    for positive in &doc.positive {
        add(!rule.publishable, "example of the rule", "notes.txt", positive.clone());
        // Wrapped secrets have their place in the wrapping: no exchange there.
        if let Some(m) = takes(positive).filter(|m| m.decoded.is_empty()) {
            let (before, after) = (&positive[..m.span.start], &positive[m.span.end..]);
            let secret = positive[m.span].to_owned();
            places.push(Place { before: before.to_owned(), secret, after: after.to_owned() });
        }
    }
    if rule.publishable {
        for seed in 0..FRESH {
            if let Some(value) = fakes::try_from_pattern(&rule.pattern, seed).ok().and_then(text_of) {
                add(false, "meant to be public", "config.yml", value);
            }
        }
        return;
    }
    for example in rule.examples.iter() {
        add(false, "documented example", "app.env", format!("API_KEY={example}"));
    }
    let Some(place) = places.first() else { return };
    // Each file has a value of its own: some tools report a value once, however many files hold it.
    let fresh = |seed| fresh(rule, place, seed).filter(|value| takes(&place.with(value)).is_some());
    for seed in 0..FRESH * PLACES {
        let Some(value) = fresh(seed) else { continue };
        let at = (seed % PLACES) as usize;
        if let Some((name, text)) = contexts(rule, place, &value).into_iter().nth(at) {
            add(true, "fresh value", name, text);
        }
    }
    for (kind, value) in fresh(FRESH * PLACES).map_or_else(Vec::new, |value| lookalikes(rule, &value)) {
        let text = place.with(&value);
        if takes(&text).is_none() {
            add(false, kind, "settings.py", text);
        }
    }
}

/// A value as `place.secret` with the parts that are random made anew.
fn fresh(rule: &Rule, place: &Place, seed: u64) -> Option<String> {
    let named = rule.verify.as_deref();
    if let Some(name) = named {
        // A value that a check would refuse is no secret: only one that was made for the check will do.
        let start = place.secret.get(..3)?;
        let makers = fakes::VERIFIABLE.iter().filter(|(verifier, _)| *verifier == name);
        return makers.map(|(_, make)| make(seed)).find(|value| value.starts_with(start));
    }
    Some(redrawn(rule, &place.secret, &mut Rng::new(seed)))
}

/// `value` with each long run of letters and digits drawn again, character class by character class. An anchor
/// inside it stays.
fn redrawn(rule: &Rule, value: &str, rng: &mut Rng) -> String {
    if !value.is_ascii() {
        return value.to_owned();
    }
    let kept: Vec<_> = rule
        .anchors
        .iter()
        .filter(|a| !a.fold)
        .filter_map(|a| value.find(a.text.as_ref()).map(|at| at..at + a.text.len()))
        .collect();
    let bytes = value.as_bytes();
    let mut out = String::with_capacity(value.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let run = &value[at..end.max(at + 1).min(value.len())];
        let hex = run.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        for (offset, c) in run.char_indices() {
            let fixed = run.len() < 8 || kept.iter().any(|k| k.contains(&(at + offset)));
            out.push(match c {
                _ if fixed => c,
                'a'..='f' | '0'..='9' if hex => pick(rng, fakes::HEX),
                'a'..='z' => pick(rng, "abcdefghijklmnopqrstuvwxyz"),
                'A'..='Z' => pick(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                '2'..='7' => pick(rng, "234567"),
                _ => c,
            });
        }
        at += run.len();
    }
    out
}

fn pick(rng: &mut Rng, from: &str) -> char {
    char::from(*rng.pick(from.as_bytes()))
}

fn text_of(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}

/// The files in which people leave such a value. A secret that is more than a token keeps its place.
fn contexts(rule: &Rule, place: &Place, value: &str) -> Vec<(&'static str, String)> {
    let mut out = vec![("app.env", place.with(value))];
    let token = value.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`<>\\$".contains(&b));
    let itself = rule.engine == Engine::Pattern
        && rule.anchors.iter().any(|a| !a.fold && value.contains(a.text.as_ref()));
    let name = match place.name() {
        Some(name) if token => name.to_ascii_lowercase(),
        _ if itself && token => format!("{}_token", rule.vendor.replace('-', "_")),
        _ => return out,
    };
    let camel: String = name
        .split('_')
        .filter(|part| !part.is_empty())
        .enumerate()
        .map(|(n, part)| if n == 0 { part.to_owned() } else { part[..1].to_uppercase() + &part[1..] })
        .collect();
    let dashed = name.replace('_', "-");
    out.extend([
        ("settings.py", format!("{} = '{value}'", name.to_ascii_uppercase())),
        ("config.json", format!("{{\n  \"{camel}\": \"{value}\"\n}}")),
        ("values.yaml", format!("{name}: {value}")),
        ("client.ts", format!("const {camel}: string = \"{value}\";")),
        ("deploy.sh", format!("./sync --{dashed} {value} --verbose")),
        ("Dockerfile", format!("ENV {} {value}", name.to_ascii_uppercase())),
    ]);
    out
}

/// What looks like `value` and is none.
fn lookalikes(rule: &Rule, value: &str) -> Vec<(&'static str, String)> {
    let mut out = vec![
        ("placeholder", placeholder(value)),
        ("reference", "${SECRET_FROM_VAULT}".to_owned()),
        ("placeholder", "<your-key-here>".to_owned()),
    ];
    let alone = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.+/=".contains(&b));
    if alone && value.len() >= 20 {
        let tail = value.trim_end_matches('=');
        out.push(("too short", tail[..tail.len() - 5].to_owned()));
        out.push(("too long", format!("{tail}{}", &tail[tail.len() - 7..])));
    }
    let checked = rule.verify.is_some();
    let middle = value.char_indices().nth(value.len() / 2).filter(|(_, c)| c.is_ascii_alphanumeric());
    if let Some((at, c)) = middle.filter(|_| checked) {
        let other = if c == 'a' { 'b' } else { 'a' };
        out.push(("wrong checksum", format!("{}{other}{}", &value[..at], &value[at + 1..])));
    }
    out
}

/// The same text with every run of eight or more letters and digits that holds a digit turned into `x`s.
fn placeholder(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() {
            run.push(c);
            continue;
        }
        if run.len() >= 8 && run.bytes().any(|b| b.is_ascii_digit()) {
            run = "x".repeat(run.len());
        }
        out.push_str(&run);
        run.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

/// Reads `secret|clean <tab> file name <tab> text` lines; `<>` is removed, `\n` is a line break.
fn hand_written(text: &str, file: &Path) -> Result<Vec<Case>, String> {
    let family = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let mut cases = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
        let mut fields = line.splitn(3, '\t');
        let (Some(label @ ("secret" | "clean")), Some(name), Some(text)) =
            (fields.next(), fields.next(), fields.next())
        else {
            return Err(format!("{}:{}: not `secret|clean<TAB>name<TAB>text`", file.display(), number + 1));
        };
        cases.push(Case {
            family: family.clone(),
            kind: "hand-written".into(),
            name: name.to_owned(),
            text: (text.replace("<>", "").replace("\\n", "\n") + "\n").into_bytes(),
            secret: label == "secret",
        });
    }
    Ok(cases)
}
