//! `stopleak rules`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use stopleak_config::{Policy, RuleDoc, parse_rules};
use stopleak_core::{Detector, Engine, Rule, reach};
use stopleak_report::Format;
use stopleak_report::text::count;

use super::allow::Home;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::settings::{POLICY_FILE, Root, Settings};

/// Look at the rules, or test your own.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// All rules in force.
    List,
    /// One rule in full.
    Show {
        /// Its id.
        id: String,
    },
    /// Check rules, and that they find their positive examples and no negative one.
    Test {
        /// A file with rule tables; without one, the rules of this repository's policy.
        file: Option<PathBuf>,
    },
}

/// Runs the command.
pub(crate) fn run(session: &Session, what: &What) -> Result<Exit, Failure> {
    match what {
        What::List => list(session),
        What::Show { id } => show(session, id),
        What::Test { file } => test(session, file.as_deref()),
    }
}

/// The policy in force here.
pub(crate) fn policy(session: &Session) -> Result<Policy, Failure> {
    let home = Home::find();
    let root = home.as_ref().map_or(Path::new("."), Home::root);
    Ok(Settings::load(Root::Folder(root), session.common.config.as_deref())?.policy)
}

fn list(session: &Session) -> Result<Exit, Failure> {
    let rules = policy(session)?.rules();
    let mut out = String::new();
    if session.format() == Format::Text {
        let width = rules.iter().map(|r| r.id.len()).max().unwrap_or(0);
        for rule in rules.iter() {
            let _ = writeln!(
                out,
                "{:<width$}  {:<8}  {:<6}  {}",
                rule.id, rule.severity, rule.confidence, rule.name
            );
        }
        session.say(&count(rules.len(), "rule"));
    } else {
        out = lines(session.format(), &rules.iter().map(brief).collect::<Vec<_>>());
    }
    session.print(&out)?;
    Ok(Exit::Clean)
}

/// A list as one document, or one item a line.
fn lines(format: Format, items: &[Value]) -> String {
    if format == Format::Jsonl {
        items.iter().flat_map(|i| [i.to_string(), "\n".to_owned()]).collect()
    } else {
        format!("{}\n", json!({"schema": 1, "rules": items}))
    }
}

fn brief(rule: &Rule) -> Value {
    json!({
        "id": rule.id, "vendor": rule.vendor, "name": rule.name, "what": rule.what,
        "severity": rule.severity.name(), "confidence": rule.confidence.name(),
        "publishable": rule.publishable, "verify": rule.verify, "tags": rule.tags,
        "rotate": rule.rotate, "source": rule.source,
    })
}

fn show(session: &Session, id: &str) -> Result<Exit, Failure> {
    let rules = policy(session)?.rules();
    let rule = find(&rules, id)?;
    let text = if session.format() == Format::Text { describe(rule) } else { format!("{}\n", brief(rule)) };
    session.print(&text)?;
    Ok(Exit::Clean)
}

/// The rule called `id`, or advice.
pub(crate) fn find<'r>(rules: &'r [Rule], id: &str) -> Result<&'r Rule, Failure> {
    rules.iter().find(|r| r.id == id).ok_or_else(|| {
        let known = rules.iter().map(|r| &*r.id);
        let failure = Failure::usage("there is no rule of that id");
        failure.hint(
            stopleak_config::problems::did_you_mean(id, known)
                .unwrap_or_else(|| "`stopleak rules list` shows all".into()),
        )
    })
}

/// A rule as text.
pub(crate) fn describe(rule: &Rule) -> String {
    let mut rows = vec![
        ("id", rule.id.to_string()),
        ("name", rule.name.to_string()),
        ("what", rule.what.to_string()),
        ("severity", format!("{}, {} confidence", rule.severity, rule.confidence)),
    ];
    let anchors: Vec<String> = rule
        .anchors
        .iter()
        .map(|a| if a.fold { format!("(?i){}", a.text) } else { a.text.to_string() })
        .collect();
    rows.push(("anchors", anchors.join("  ")));
    match rule.engine {
        Engine::Pattern => rows.push(("pattern", rule.pattern.to_string())),
        Engine::KeyBlock => {
            rows.push(("confirmed by", "the block from its BEGIN line to its END line".into()));
        }
        Engine::Assignment => {
            rows.push(("confirmed by", "a name, an operator and a value, by evidence".into()));
        }
    }
    if let Some(verify) = &rule.verify {
        rows.push(("verified by", verify.to_string()));
    }
    if rule.min_entropy > 0.0 {
        rows.push(("entropy", format!("at least {} bits per byte", rule.min_entropy)));
    }
    if rule.publishable {
        rows.push(("reported", "no: it is meant to be public".into()));
    }
    rows.push(("tags", rule.tags.join(", ")));
    rows.push(("revoke at", rule.rotate.to_string()));
    rows.push(("source", rule.source.to_string()));
    let mut out = String::new();
    for (key, value) in rows.iter().filter(|(_, v)| !v.is_empty()) {
        let _ = writeln!(out, "{key:<14}{value}");
    }
    out
}

fn test(session: &Session, file: Option<&Path>) -> Result<Exit, Failure> {
    let file = match file {
        Some(file) => file.to_path_buf(),
        None => Home::find()?.root().join(POLICY_FILE),
    };
    let text = fs::read_to_string(&file)
        .map_err(|e| Failure::usage(format!("could not read {}: {e}", file.display())))?;
    let text = if file.file_name().is_some_and(|n| n == POLICY_FILE) { only_rules(&text) } else { text };
    let (docs, problems) = parse_rules(&text, &file);
    if !problems.is_empty() {
        let list = problems.to_string().replace('\n', "\n  ");
        return Err(Failure::usage(format!("{} has mistakes\n  {list}", file.display())));
    }
    let mut wrong = Vec::new();
    for doc in &docs {
        examine(doc, &mut wrong);
    }
    if wrong.is_empty() {
        let examples = docs.iter().map(|d| d.positive.len() + d.negative.len()).sum();
        session.print(&format!(
            "{}, {}: all as expected\n",
            count(docs.len(), "rule"),
            count(examples, "example")
        ))?;
        return Ok(Exit::Clean);
    }
    Err(Failure::usage(format!(
        "{} not as expected\n  {}",
        count(wrong.len(), "example"),
        wrong.join("\n  ")
    )))
}

/// The rules of a policy as a rule file. A policy that is no TOML is left as it is: reading it will say
/// where it is broken.
fn only_rules(policy: &str) -> String {
    let Ok(mut table) = policy.parse::<toml::Table>() else { return policy.to_owned() };
    table.retain(|key, _| key == "rule");
    table.to_string()
}

/// Runs a rule's own examples through the whole detector.
fn examine(doc: &RuleDoc, wrong: &mut Vec<String>) {
    let rule = &doc.rule;
    if let Err(problem) = reach::check_rule(rule) {
        wrong.push(format!("{}: {problem}", rule.id));
        return;
    }
    let detector = Detector::trusted(vec![rule.clone()].into());
    // Examples are named by their number: they may look live.
    for (number, text) in doc.positive.iter().enumerate() {
        let found = detector.scan(text.as_bytes()).matches.len();
        if found != 1 {
            wrong.push(format!("{}: positive {} gives {found} findings, not one", rule.id, number + 1));
        }
    }
    for (number, text) in doc.negative.iter().enumerate() {
        let found = detector.scan(text.as_bytes()).matches;
        if !found.is_empty() {
            wrong.push(format!("{}: negative {} is found", rule.id, number + 1));
        }
    }
}
