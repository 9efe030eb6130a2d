//! Every built-in rule, through the whole detector.
//!
//! A rule file needs no code of its own to be tested: its examples are scanned with all rules together, in
//! every place and clothing that a secret turns up in. A failing test names every rule at fault.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use stopleak_config::{RuleDoc, builtin_detector, builtin_rules, parse_rules};
use stopleak_core::{Anchor, Confidence, Detector, Engine, Match, Rule};
use stopleak_testkit::fakes;

/// A positive example and where its secret must be.
struct Example {
    rule: String,
    text: String,
    /// An offset inside the secret: where the file has its last `<>`.
    inside: usize,
}

static DOCS: LazyLock<Vec<RuleDoc>> = LazyLock::new(|| {
    let mut docs = Vec::new();
    for file in rule_files() {
        let (found, problems) = parse_rules(&fs::read_to_string(&file).unwrap(), &file);
        assert!(problems.is_empty(), "{problems}");
        docs.extend(found);
    }
    docs
});

static ALL: LazyLock<Detector> = LazyLock::new(builtin_detector);

static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(|| {
    let mut examples = Vec::new();
    for file in rule_files() {
        let table: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        for rule in table.get("rule").and_then(toml::Value::as_array).into_iter().flatten() {
            for text in rule.get("positive").and_then(toml::Value::as_array).into_iter().flatten() {
                let text = text.as_str().unwrap();
                let rule = rule["id"].as_str().unwrap().to_owned();
                let last =
                    text.rfind("<>").unwrap_or_else(|| panic!("{rule}: a positive without `<>`: {text}"));
                let inside = text[..last].replace("<>", "").len();
                examples.push(Example { rule, text: text.replace("<>", ""), inside });
            }
        }
    }
    examples
});

fn rule_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/rules");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

/// Panics with all of `faults`, if there are any.
fn no_faults(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn id(m: &Match) -> &'static str {
    &builtin_rules()[m.rule as usize].id
}

/// Says what is wrong when `matches` is not one match of the rule around `inside`.
fn fault(example: &Example, matches: &[&Match], inside: usize) -> Option<String> {
    let mut found = String::new();
    for m in matches {
        let _ = write!(found, " {} {:?} {}", id(m), m.span, m.confidence);
    }
    let good = matches!(matches, [m] if id(m) == example.rule
        && m.span.contains(&inside)
        && m.confidence >= builtin_rules()[m.rule as usize].confidence.min(Confidence::Medium));
    (!good).then(|| format!("{}: in {:?} found [{found} ]", example.rule, example.text))
}

/// Scans each example inside `around(text)`, which says where in the result the text begins.
fn each_found(around: impl Fn(&str) -> (Vec<u8>, usize)) {
    let mut faults = Vec::new();
    for example in EXAMPLES.iter() {
        let (bytes, start) = around(&example.text);
        let found = ALL.scan(&bytes);
        let matches: Vec<&Match> = found.matches.iter().collect();
        faults.extend(fault(example, &matches, start + example.inside));
    }
    no_faults(&faults);
}

#[test]
fn every_rule_is_sound_and_its_id_unique() {
    let mut faults: Vec<String> = Detector::new(Cow::Borrowed(builtin_rules()))
        .err()
        .into_iter()
        .flatten()
        .map(|p| format!("{p} ({})", p.help))
        .collect();
    let mut ids: Vec<&str> = builtin_rules().iter().map(|r| r.id.as_ref()).collect();
    ids.sort_unstable();
    faults.extend(ids.windows(2).filter(|w| w[0] == w[1]).map(|w| format!("{} is there twice", w[0])));
    no_faults(&faults);
}

#[test]
fn the_tables_are_what_the_files_say() {
    let unmeasured = |rule: &Rule| Rule { measured: Cow::Borrowed(&[]), ..rule.clone() };
    let built: Vec<Rule> = builtin_rules().iter().map(unmeasured).collect();
    assert!(built.iter().eq(DOCS.iter().map(|d| &d.rule)));
}

/// That what was measured is right is part of being sound.
#[test]
fn every_pattern_was_measured_when_it_was_built() {
    let patterns = builtin_rules().iter().filter(|r| r.engine == Engine::Pattern);
    no_faults(&patterns.filter(|r| r.measured.is_empty()).map(|r| r.id.to_string()).collect::<Vec<_>>());
}

#[test]
fn every_rule_says_what_its_owner_needs_to_know() {
    let mut faults = Vec::new();
    for doc in DOCS.iter() {
        let rule = &doc.rule;
        let mut want = |what: &str, good: bool| {
            if !good {
                faults.push(format!("{}: {what}", rule.id));
            }
        };
        want("`what` is not a sentence", rule.what.ends_with('.') && rule.what.len() > 20);
        want("no place to revoke it", !rule.rotate.is_empty());
        want("no source", !rule.source.is_empty());
        want("no weakness tag", rule.publishable || rule.tags.iter().any(|t| t.starts_with("cwe-")));
        want("no positive example", rule.publishable || !doc.positive.is_empty());
        want("no negative example", !doc.negative.is_empty());
    }
    no_faults(&faults);
}

#[test]
fn each_positive_is_found_once_by_its_own_rule() {
    each_found(|text| (text.as_bytes().to_vec(), 0));
}

#[test]
fn the_span_is_exactly_what_the_pattern_takes() {
    let mut faults = Vec::new();
    for example in EXAMPLES.iter() {
        let rule = builtin_rules().iter().find(|r| r.id == example.rule).unwrap();
        if rule.engine != Engine::Pattern {
            continue;
        }
        let Some(m) = ALL.scan(example.text.as_bytes()).matches.into_iter().next() else { continue };
        let wanted = by_pattern(rule, &example.text, example.inside);
        if wanted.as_ref() != Some(&m.span) {
            faults.push(format!("{}: {:?}, not {wanted:?}, in {:?}", rule.id, m.span, example.text));
        }
    }
    no_faults(&faults);
}

/// The secret around `inside` as a plain search over the whole text finds it.
fn by_pattern(rule: &Rule, text: &str, inside: usize) -> Option<Range<usize>> {
    let regex = regex::bytes::RegexBuilder::new(&rule.pattern).unicode(false).build().unwrap();
    regex.captures_iter(text.as_bytes()).find_map(|groups| {
        let id = regex.capture_names().position(|name| name == Some("id"));
        let mut secrets = groups.iter().enumerate().skip(1).filter(|&(i, _)| Some(i) != id);
        let secret = secrets.find_map(|(_, group)| group).or_else(|| groups.get(0))?;
        secret.range().contains(&inside).then(|| secret.range())
    })
}

#[test]
fn each_negative_is_silent() {
    let specific: Vec<Rule> =
        builtin_rules().iter().filter(|r| r.engine != Engine::Assignment).cloned().collect();
    let detector = Detector::trusted(Cow::Owned(specific));
    let mut faults = Vec::new();
    for doc in DOCS.iter().filter(|d| d.rule.engine != Engine::Assignment) {
        for text in &doc.negative {
            for m in detector.scan(text.as_bytes()).matches {
                if m.confidence > Confidence::Low {
                    let other = &detector.rules()[m.rule as usize].id;
                    faults.push(format!("{}: {other} found {:?} in {text:?}", doc.rule.id, m.span));
                }
            }
        }
    }
    no_faults(&faults);
}

const PROSE: &str =
    "The quick brown fox jumps over the lazy dog, and nothing here is worth keeping from anybody.\n";

#[test]
fn positives_are_found_in_the_middle_and_at_the_end_of_a_file() {
    each_found(|text| (format!("{PROSE}{text}\n{PROSE}").into_bytes(), PROSE.len()));
    each_found(|text| (format!("{PROSE}{PROSE}{text}").into_bytes(), 2 * PROSE.len()));
}

#[test]
fn positives_are_found_beside_text_that_is_not_ascii() {
    each_found(|text| (format!("é中文🔑 {text} é中文🔑").into_bytes(), "é中文🔑 ".len()));
}

#[test]
fn positives_are_found_between_crlf_line_ends() {
    let mut faults = Vec::new();
    for example in EXAMPLES.iter() {
        let crlf = |text: &str| text.replace('\n', "\r\n");
        let inside = 6 + crlf(&example.text[..example.inside]).len();
        let text = format!("first\n{}\nlast\n", example.text.trim_end());
        let found = ALL.scan(crlf(&text).as_bytes());
        let matches: Vec<&Match> = found.matches.iter().collect();
        faults.extend(fault(example, &matches, inside + 1));
    }
    no_faults(&faults);
}

#[test]
fn positives_are_found_as_utf16() {
    let mut faults = Vec::new();
    for example in EXAMPLES.iter().filter(|e| e.text.is_ascii()) {
        for little in [true, false] {
            let wide = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            let text = format!("\u{feff}{PROSE}{}\n{PROSE}", example.text);
            let bytes: Vec<u8> = text.encode_utf16().flat_map(wide).collect();
            let found = ALL.scan(&bytes);
            let matches: Vec<&Match> = found.matches.iter().collect();
            let inside = 2 * (1 + PROSE.len() + example.inside);
            faults.extend(fault(example, &matches, inside).map(|f| format!("little endian {little}: {f}")));
        }
    }
    no_faults(&faults);
}

#[test]
fn positives_are_found_after_a_megabyte() {
    let mut text = PROSE.repeat((1 << 20) / PROSE.len() + 1);
    let mut places = Vec::new();
    for example in EXAMPLES.iter() {
        places.push(text.len() + example.inside);
        text.push_str(&example.text);
        text.push('\n');
        text.push_str(PROSE);
    }
    let found = ALL.scan(text.as_bytes());
    let by_start: BTreeMap<usize, &Match> = found.matches.iter().map(|m| (m.span.start, m)).collect();
    let mut faults = Vec::new();
    for (example, &inside) in EXAMPLES.iter().zip(&places) {
        let matches: Vec<&Match> = by_start
            .range(..=inside)
            .next_back()
            .map(|(_, m)| *m)
            .filter(|m| m.span.end > inside)
            .into_iter()
            .collect();
        faults.extend(fault(example, &matches, inside));
    }
    no_faults(&faults);
}

#[test]
fn whatever_a_pattern_matches_holds_an_anchor() {
    let mut faults = Vec::new();
    for rule in builtin_rules().iter().filter(|r| r.engine == Engine::Pattern) {
        for seed in 0..12 {
            let text = fakes::from_pattern(&rule.pattern, seed);
            if !rule.anchors.iter().any(|a| holds(&text, a)) {
                faults.push(format!("{}: {:?}", rule.id, String::from_utf8_lossy(&text)));
                break;
            }
        }
    }
    no_faults(&faults);
}

fn holds(text: &[u8], anchor: &Anchor) -> bool {
    let wanted = anchor.text.as_bytes();
    text.windows(wanted.len()).any(|w| if anchor.fold { w.eq_ignore_ascii_case(wanted) } else { w == wanted })
}

#[test]
fn vendors_documented_examples_are_not_blocked() {
    let mut faults = Vec::new();
    for rule in builtin_rules() {
        for example in rule.examples.iter() {
            let text = format!("value = \"{example}\"\n");
            for m in ALL.scan(text.as_bytes()).matches {
                let found = &builtin_rules()[m.rule as usize];
                if m.confidence > Confidence::Low && found.engine != Engine::Assignment {
                    faults.push(format!("{}: {} finds {example:?}", rule.id, found.id));
                }
            }
        }
    }
    no_faults(&faults);
}

#[test]
fn no_rule_file_holds_text_that_looks_live() {
    let mut faults = Vec::new();
    for file in rule_files() {
        let text = fs::read_to_string(&file).expect("a rule file is UTF-8");
        for m in ALL.scan(text.as_bytes()).matches {
            let rule = &builtin_rules()[m.rule as usize];
            if m.confidence > Confidence::Low && rule.engine != Engine::Assignment {
                faults.push(format!("{}:{}: {}", file.display(), m.start.line, rule.id));
            }
        }
    }
    no_faults(&faults);
}
