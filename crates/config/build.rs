//! Turns `config/rules/*.toml` into tables.
//!
//! A hook starts on every commit, so it must not parse a thousand rules first. This script reads them
//! with the code that reads a user's rules and writes Rust constants; a mistake in a rule file fails the
//! build with its file, line and column. It also hashes the rules, for the policy's hash, and writes the index of
//! their anchors, made by the same code as the index of a user's rules.

#![allow(
    unreachable_pub,
    dead_code,
    missing_docs,
    reason = "modules shared with the library, of which a script uses a part"
)]

#[path = "../core/src/prefilter/index/mod.rs"]
mod index;
#[path = "../core/src/reach/measure/mod.rs"]
mod measure;
#[path = "src/near.rs"]
mod near;
#[path = "src/problems.rs"]
mod problems;
#[path = "../core/src/rule.rs"]
mod rule;
#[path = "src/rule_file.rs"]
mod rule_file;
#[path = "../core/src/views/sign_list.rs"]
mod sign_list;
#[path = "src/written.rs"]
mod written;

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use index::{Asked, Index};
use rule::Anchor;
use rule_file::RuleText;
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../config/rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=../core/src/reach/measure");
    println!("cargo::rerun-if-changed=../core/src/rule.rs");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "toml"));
    files.sort();

    let mut rules: Vec<RuleText> = Vec::new();
    let mut homes: HashMap<String, PathBuf> = HashMap::new();
    let mut all = problems::Problems::default();
    let mut hash = Sha256::new();
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(&text);
        let (found, problems) = rule_file::parse(&text, file);
        all.extend(problems);
        let at = problems::At { file, text: &text };
        for rule in found {
            if let Some(what) = fault(&rule.pattern) {
                let what = format!("the pattern of `{}` {what}", rule.id);
                all.add(at, rule.pattern_offset, "bad-pattern", what, None);
            }
            if let Some(other) = homes.insert(rule.id.clone(), file.clone()).filter(|o| o != file) {
                let what = format!("rule `{}` is also in {}", rule.id, other.display());
                all.add(at, rule.offset, "duplicate-id", what, None);
            }
            rules.push(rule);
        }
    }
    if !all.is_empty() {
        return Err(format!("the built-in rules have mistakes:\n{all}").into());
    }
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("rules.rs"), table(&rules, &hash.finalize())?)?;
    fs::write(out.join("index.rs"), indexed(&rules)?)?;
    Ok(())
}

/// What is wrong with a pattern, as far as its syntax tells. The detector's own check, in the tests of the
/// rules, knows more; it would have to be compiled a second time for this script.
fn fault(pattern: &str) -> Option<String> {
    match measure::parse(pattern) {
        Err(why) => Some(format!("does not parse: {}", why.to_string().replace('\n', " "))),
        Ok(tree) if tree.properties().maximum_len().is_none() && !pattern.is_empty() => {
            Some("has no longest match: give every repetition an upper bound".to_owned())
        }
        Ok(_) => None,
    }
}

/// What is known of a rule's pattern without compiling it, written as a byte string.
fn measured(rule: &RuleText) -> String {
    let anchors = rule.anchors.iter().map(|(text, fold)| Anchor { text: text.clone().into(), fold: *fold });
    let anchors: Vec<Anchor> = anchors.collect();
    let written = match measure::parse(&rule.pattern) {
        Ok(tree) if !rule.pattern.is_empty() => measure::written::write(&tree, &anchors),
        _ => Vec::new(),
    };
    written.escape_ascii().to_string()
}

/// The Rust text of the tables.
fn table(rules: &[RuleText], hash: &[u8]) -> Result<String, std::fmt::Error> {
    let mut out = String::from("pub(crate) static BUILTIN: &[Rule] = &[\n");
    for r in rules {
        writeln!(out, "Rule {{ id: B({:?}), vendor: B({:?}), name: B({:?}),", r.id, r.vendor, r.name)?;
        writeln!(
            out,
            " what: B({:?}), severity: Severity::{}, confidence: Confidence::{},",
            r.what,
            camel(&r.severity),
            camel(&r.confidence)
        )?;
        write!(out, " anchors: B(&[")?;
        for (text, fold) in &r.anchors {
            write!(out, "Anchor {{ text: B({text:?}), fold: {fold} }}, ")?;
        }
        writeln!(
            out,
            "]), engine: Engine::{}, pattern: B({:?}), value: ValueClass::{},",
            camel(&r.engine),
            r.pattern,
            camel(&r.value)
        )?;
        match &r.verify {
            Some(name) => write!(out, " verify: Some(B({name:?})),")?,
            None => write!(out, " verify: None,")?,
        }
        writeln!(out, " min_entropy: {:?}, publishable: {},", r.min_entropy as f32, r.publishable)?;
        writeln!(out, " measured: B(b\"{}\"),", measured(r))?;
        writeln!(
            out,
            " examples: {}, tags: {}, rotate: B({:?}), source: B({:?}) }},",
            list(&r.examples),
            list(&r.tags),
            r.rotate,
            r.source
        )?;
    }
    writeln!(out, "];")?;
    writeln!(out, "pub(crate) static BUILTIN_HASH: [u8; 32] = {hash:?};")?;
    Ok(out)
}

/// The Rust text of the index of the rules' anchors.
fn indexed(rules: &[RuleText]) -> Result<String, std::fmt::Error> {
    let mut anchors = Vec::new();
    for (rule, one) in rules.iter().enumerate() {
        let rule = rule as u32;
        anchors.extend(one.anchors.iter().map(|(text, fold)| Asked { rule, text, fold: *fold }));
    }
    let mut out = String::new();
    Index::new(&anchors, &sign_list::TEXTS).write(&mut out)?;
    Ok(out)
}

fn list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|i| format!("B({i:?})")).collect();
    format!("B(&[{}])", items.join(", "))
}

/// `key-block` to `KeyBlock`.
fn camel(word: &str) -> String {
    word.split('-')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
        })
        .collect()
}
