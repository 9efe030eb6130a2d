//! What the README and the book show is what the program does: their commands parse, their policies load,
//! the rule in CONTRIBUTING passes its own test, and the picture of a blocked commit is the real one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Scratch, token};

/// A fenced block: the page and line it starts at, the word after the fence, its text.
struct Block {
    at: String,
    language: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every fenced block of the README, CONTRIBUTING and the book.
fn blocks() -> Vec<Block> {
    let mut pages = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs/src", "docs/src/hosts"] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    pages.sort();
    pages.iter().flat_map(|page| blocks_of(page)).collect()
}

fn blocks_of(page: &Path) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in fs::read_to_string(page).unwrap().lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                let at = format!("{}:{}", page.file_name().unwrap().to_string_lossy(), number + 1);
                open = Some(Block { at, language: language.to_owned(), text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line.trim_start());
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// The arguments of `stopleak` in a line of shell, up to a comment, a pipe or the next command.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = shell_words(line);
    let start = words.iter().position(|word| word == "stopleak" || word.ends_with("/stopleak"))?;
    let ends = |word: &&String| !matches!(word.as_bytes(), [b'|' | b'&' | b'<' | b'>' | b'#', ..]);
    Some(words[start + 1..].iter().take_while(ends).cloned().collect())
}

/// Words parted by blanks; quotes hold a word together.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(q)) if c == q => quote = None,
            (c, None) if c.is_whitespace() => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_shown_is_understood() {
    let scratch = Scratch::new();
    let mut seen = 0;
    for block in blocks().iter().filter(|block| block.language == "sh") {
        for line in block.text.lines() {
            let Some(words) = arguments(line) else { continue };
            let words: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
            let said = scratch.stopleak(&words);
            assert_eq!(said.code, 0, "{}: {line}\n{}", block.at, said.all());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} commands found: has the book moved?");
}

#[test]
fn every_policy_shown_is_sound() {
    let scratch = Scratch::new();
    let mut seen = 0;
    for block in blocks().iter().filter(|block| block.language == "toml") {
        // The example policy is a file of its own with tests of its own; a rule is not a policy.
        if block.text.contains("{{#include") || block.text.contains("[[rule]]") {
            continue;
        }
        scratch.write("policy.toml", &block.text);
        let said = scratch.stopleak(&["config", "check", "--config", "policy.toml"]);
        assert_eq!(said.code, 0, "{}:\n{}\n{}", block.at, block.text, said.all());
        seen += 1;
    }
    assert!(seen > 3, "only {seen} policies found: has the book moved?");
}

#[test]
fn the_rule_shown_to_contributors_passes_its_test() {
    let rule = blocks_of(&root().join("CONTRIBUTING.md"))
        .into_iter()
        .find(|block| block.text.contains("[[rule]]"))
        .expect("CONTRIBUTING shows a rule");
    let scratch = Scratch::new();
    scratch.write("acme.toml", rule.text.replace("https://…", "https://acme.example/keys"));
    scratch.stopleak(&["rules", "test", "acme.toml"]).expect(0);
}

/// The lines of a message with what differs from run to run taken out: the value, its fingerprint, sizes.
fn shape(message: &str) -> Vec<String> {
    let plain = |word: &str| {
        let hexadecimal = word.len() == 16 && word.bytes().all(|b| b.is_ascii_hexdigit());
        if word.starts_with("ghp_") || word.contains("=ghp_") {
            "VALUE".to_owned()
        } else if hexadecimal {
            "FINGERPRINT".to_owned()
        } else if word.replace(',', "").parse::<f64>().is_ok() {
            "N".to_owned()
        } else {
            word.to_owned()
        }
    };
    let lines = message.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('$'));
    lines.map(|line| line.split_whitespace().map(plain).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_picture_of_a_blocked_commit_is_what_git_commit_prints() {
    let scratch = Scratch::new();
    scratch.commit("main.rs", "fn main() {}\n");
    scratch.stopleak(&["install"]).expect(0);
    scratch.stage("config/prod.env", format!("{}GITHUB_TOKEN={}\n", "A=1\n".repeat(11), token(7)));
    scratch.stage("deploy.sh", "echo deploy\n".repeat(300));
    scratch.stage("README.md", "a service\n");
    let said = scratch.try_git(&["commit", "-m", "add deploy script"]).expect(1);
    for page in ["README.md", "docs/src/blocked.md"] {
        let shown = blocks_of(&root().join(page)).into_iter().find(|block| block.language == "text").unwrap();
        assert_eq!(shape(&said.err), shape(&shown.text), "{page}");
    }
}
