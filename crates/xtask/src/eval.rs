//! `cargo xtask eval`: how many secrets are found, how many alarms are false.
//!
//! Two sets, both made on the spot so that no live-looking string stands in the repository:
//!
//! - *labelled*: for every rule its positive examples and fresh matches of its pattern, and look-alikes made
//!   from the positives (placeholders of the same shape); plus the hand-written hard cases of
//!   `tests/cases/*.txt`. The rules' negative examples are left out: many are a random value of a wrong length
//!   under `api_key:`, which a generic rule rightly flags. One case is one file; a tool is right when it flags a file that holds a
//!   secret and silent on one that does not.
//! - *silent* (`--silent DIR…`): clean popular code. Every flagged line is an alarm that a person must look
//!   at; lines per megabyte are counted and listed.
//!
//! With `--rivals` every other scanner installed runs on the same files in the same run, offline.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use stopleak_config::parse_rules;
use stopleak_testkit::fakes;

use crate::bench::{find, release_binary};
use crate::ci::root;
use crate::say;

/// One file to scan.
struct Case {
    /// What it belongs to: a rule's id, or the name of a hand-written file.
    family: String,
    /// The file's name, which says its kind.
    name: String,
    text: String,
    secret: bool,
}

/// Parses the words after `eval`, runs the tools, prints and perhaps writes the tables.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let mut rivals = false;
    let mut name = None;
    let mut silent = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rivals" => rivals = true,
            "--name" => name = words.next(),
            "--silent" => silent.extend(words.by_ref().map(PathBuf::from)),
            _ => return Err("cargo xtask eval [--rivals] [--name NAME] [--silent DIR…]".to_owned()),
        }
    }
    let tools = tools(rivals)?;
    let cases = cases()?;
    let mut report = format!("# Evaluation\n\nCommand: `cargo xtask eval {}`\n\n", args.join(" "));
    report.push_str(&labelled(&tools, &cases)?);
    for dir in &silent {
        report.push_str(&quiet(&tools, dir)?);
    }
    say(&report);
    if let Some(name) = name {
        let path = root().join("docs/benchmarks").join(format!("{name}.md"));
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|e| e.to_string())?;
        std::fs::write(&path, report).map_err(|e| format!("could not write {}: {e}", path.display()))?;
    }
    Ok(())
}

/// A scanner and how to read its answer: pairs of file and line.
struct Tool {
    name: &'static str,
    program: String,
    scan: fn(&str, &Path, &Path) -> Flagged,
}

fn tools(rivals: bool) -> Result<Vec<Tool>, String> {
    let mut tools = vec![Tool { name: "stopleak", program: release_binary()?, scan: stopleak }];
    if rivals {
        let known: [(&'static str, _); 6] = [
            ("gitleaks", gitleaks as fn(&str, &Path, &Path) -> _),
            ("betterleaks", betterleaks),
            ("kingfisher", kingfisher),
            ("detect-secrets", detect_secrets),
            ("credsweeper", credsweeper),
            ("ripsecrets", ripsecrets),
        ];
        for (name, scan) in known {
            match find(name) {
                Some(program) => tools.push(Tool { name, program, scan }),
                None => say(&format!("{name} is not installed (PATH or STOPLEAK_RIVALS); left out")),
            }
        }
    }
    Ok(tools)
}

/// Every case: from the rules, from the generator, from the hand-written files.
fn cases() -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for file in files_in(&root().join("config/rules"), "toml")? {
        let text = read(&file)?;
        let (docs, problems) = parse_rules(&text, &file);
        if docs.is_empty() {
            return Err(format!("{} has no rule that can be read: {problems:?}", file.display()));
        }
        for doc in docs.iter().filter(|d| !d.rule.publishable) {
            let id = doc.rule.id.to_string();
            let mut add = |secret, name: &str, text: String| {
                cases.push(Case { family: id.clone(), name: name.to_owned(), text, secret });
            };
            for (n, positive) in doc.positive.iter().enumerate() {
                add(true, ["settings.py", "app.env", "config.yml"][n % 3], format!("{positive}\n"));
                add(false, "readme.txt", format!("{}\n", placeholder(positive)));
            }
            // A pattern knows no checksum, so its random matches are no positives of a verified rule.
            if doc.rule.verify.is_none() && !doc.rule.pattern.is_empty() {
                for seed in 0..3 {
                    if let Ok(made) = fakes::try_from_pattern(&doc.rule.pattern, seed) {
                        let text = String::from_utf8_lossy(&made).into_owned();
                        add(true, "deploy.sh", format!("# generated {seed}\nexport VALUE=\"{text}\"\n"));
                    }
                }
            }
        }
    }
    for file in files_in(&root().join("tests/cases"), "txt")? {
        cases.extend(hand_written(&read(&file)?, &file)?);
    }
    Ok(cases)
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
        let text = text.replace("<>", "").replace("\\n", "\n");
        cases.push(Case {
            family: family.clone(),
            name: name.to_owned(),
            text: text + "\n",
            secret: label == "secret",
        });
    }
    Ok(cases)
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

fn labelled(tools: &[Tool], cases: &[Case]) -> Result<String, String> {
    let top = std::env::temp_dir().join(format!("stopleak-eval-{}", std::process::id()));
    let result = (|| {
        for (n, case) in cases.iter().enumerate() {
            let folder = top.join(format!("c{n:05}"));
            std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
            std::fs::write(folder.join(&case.name), &case.text).map_err(|e| e.to_string())?;
        }
        let positives = cases.iter().filter(|c| c.secret).count();
        let mut out = format!(
            "## Labelled cases\n\n{positives} files with a secret, {} without, {} families.\n\n\
             | tool | found | missed | false | precision % | recall % |\n|---|--:|--:|--:|--:|--:|\n",
            cases.len() - positives,
            cases.iter().map(|c| &c.family).collect::<BTreeSet<_>>().len(),
        );
        let mut ours = String::new();
        for tool in tools {
            let flagged: BTreeSet<usize> = (tool.scan)(&tool.program, &top, &top.with_extension("out"))?
                .iter()
                .filter_map(|(path, _)| {
                    path.components().find_map(|c| c.as_os_str().to_str()?.strip_prefix('c')?.parse().ok())
                })
                .collect();
            let found = (0..cases.len()).filter(|n| cases[*n].secret && flagged.contains(n)).count();
            let wrong = (0..cases.len()).filter(|n| !cases[*n].secret && flagged.contains(n)).count();
            let _ = writeln!(
                out,
                "| {} | {found} | {} | {wrong} | {:.1} | {:.1} |",
                tool.name,
                positives - found,
                percent(found, found + wrong),
                percent(found, positives),
            );
            if tool.name == "stopleak" {
                ours = families(cases, &flagged);
            }
        }
        Ok(format!("{out}\n{ours}"))
    })();
    for leftover in [&top, &top.with_extension("out")] {
        let _ = std::fs::remove_dir_all(leftover);
        let _ = std::fs::remove_file(leftover);
    }
    result
}

/// The families in which stopleak is not perfect, case by case.
fn families(cases: &[Case], flagged: &BTreeSet<usize>) -> String {
    let mut table: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for (n, case) in cases.iter().enumerate() {
        let row = table.entry(&case.family).or_default();
        row[match (case.secret, flagged.contains(&n)) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        }] += 1;
    }
    let perfect = table.values().filter(|r| r[1] == 0 && r[2] == 0).count();
    let mut out = format!(
        "stopleak per family: {perfect} of {} without a miss or a false alarm; the others:\n\n",
        table.len()
    );
    out.push_str("| family | found | missed | false | silent |\n|---|--:|--:|--:|--:|\n");
    for (family, row) in table.iter().filter(|(_, r)| r[1] > 0 || r[2] > 0) {
        let _ = writeln!(out, "| {family} | {} | {} | {} | {} |", row[0], row[1], row[2], row[3]);
    }
    out.push('\n');
    out
}

fn quiet(tools: &[Tool], dir: &Path) -> Result<String, String> {
    let megabytes = size(dir) as f64 / 1e6;
    let mut out = format!(
        "## Silent corpus: {}\n\n{megabytes:.1} MB\n\n| tool | flagged lines | lines per MB |\n|---|--:|--:|\n",
        dir.display()
    );
    let scratch = std::env::temp_dir().join(format!("stopleak-eval-{}.out", std::process::id()));
    let mut ours = String::new();
    for tool in tools {
        let flagged = (tool.scan)(&tool.program, dir, &scratch)?;
        let _ =
            writeln!(out, "| {} | {} | {:.2} |", tool.name, flagged.len(), flagged.len() as f64 / megabytes);
        if tool.name == "stopleak" {
            for (path, line) in &flagged {
                let shown = path.strip_prefix(dir).unwrap_or(path);
                let _ = writeln!(ours, "- {}:{line}", shown.display());
            }
        }
        let _ = std::fs::remove_file(&scratch);
    }
    Ok(format!("{out}\nFlagged by stopleak:\n\n{ours}\n"))
}

fn size(path: &Path) -> u64 {
    let Ok(meta) = path.symlink_metadata() else { return 0 };
    if !meta.is_dir() {
        return if meta.is_file() { meta.len() } else { 0 };
    }
    std::fs::read_dir(path).map_or(0, |entries| entries.flatten().map(|e| size(&e.path())).sum())
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn files_in(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("could not list {}: {e}", dir.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|x| x == extension))
        .collect();
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("could not read {}: {e}", path.display()))
}

// How each tool is run and read. All offline; the exit code of "found something" is not an error.

type Flagged = Result<BTreeSet<(PathBuf, u64)>, String>;

fn output(program: &str, args: &[&str]) -> Result<Vec<u8>, String> {
    let out =
        Command::new(program).args(args).output().map_err(|e| format!("could not run {program}: {e}"))?;
    Ok(out.stdout)
}

fn json(bytes: &[u8], who: &str) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|e| format!("could not read the answer of {who}: {e}"))
}

fn pairs(list: &Value, path: &str, line: &str) -> BTreeSet<(PathBuf, u64)> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .filter_map(|item| {
            let path = item.pointer(path)?.as_str()?;
            Some((PathBuf::from(path), item.pointer(line)?.as_u64()?))
        })
        .collect()
}

fn stopleak(program: &str, dir: &Path, _scratch: &Path) -> Flagged {
    let out = output(program, &["scan", &dir.to_string_lossy(), "--format", "json", "--no-progress"])?;
    let report = json(&out, program)?;
    // Every line of a block counts as one alarm at its first line; a path warning has no line.
    Ok(pairs(&report["findings"], "/path", "/line"))
}

fn gitleaks(program: &str, dir: &Path, scratch: &Path) -> Flagged {
    let (dir, file) = (dir.to_string_lossy(), scratch.to_string_lossy());
    output(program, &["dir", &dir, "--no-banner", "--report-format", "json", "--report-path", &file])?;
    Ok(pairs(&json(read(scratch)?.as_bytes(), program)?, "/File", "/StartLine"))
}

fn betterleaks(program: &str, dir: &Path, scratch: &Path) -> Flagged {
    let file = scratch.with_extension("json");
    output(program, &[&dir.to_string_lossy(), "--no-banner", "-o", &file.to_string_lossy()])?;
    let text = read(&file)?;
    let _ = std::fs::remove_file(&file);
    let report = json(text.as_bytes(), program)?;
    Ok(pairs(&report["findings"], "/location/path", "/location/start_line"))
}

fn kingfisher(program: &str, dir: &Path, scratch: &Path) -> Flagged {
    let (dir, file) = (dir.to_string_lossy(), scratch.to_string_lossy());
    output(
        program,
        &["scan", &dir, "--no-validate", "--no-update-check", "--format", "json", "--output", &file],
    )?;
    let text = read(scratch)?;
    let report = json(text.lines().next_back().unwrap_or_default().as_bytes(), program)?;
    Ok(pairs(&report["findings"], "/finding/path", "/finding/line"))
}

fn detect_secrets(program: &str, dir: &Path, _scratch: &Path) -> Flagged {
    // It looks only below the current folder, and names files from there.
    let out = Command::new(program)
        .args(["scan", "--all-files", "--no-verify", "."])
        .current_dir(dir)
        .output()
        .map_err(|e| format!("could not run {program}: {e}"))?;
    let report = json(&out.stdout, program)?;
    let results = report["results"].as_object().cloned().unwrap_or_default();
    let found = results.values().flat_map(|list| pairs(list, "/filename", "/line_number"));
    Ok(found.map(|(path, line)| (dir.join(path), line)).collect())
}

fn credsweeper(program: &str, dir: &Path, scratch: &Path) -> Flagged {
    output(program, &["--path", &dir.to_string_lossy(), "--save-json", &scratch.to_string_lossy()])?;
    Ok(pairs(
        &json(read(scratch)?.as_bytes(), program)?,
        "/line_data_list/0/path",
        "/line_data_list/0/line_num",
    ))
}

fn ripsecrets(program: &str, dir: &Path, _scratch: &Path) -> Flagged {
    let out = output(program, &[&dir.to_string_lossy()])?;
    Ok(String::from_utf8_lossy(&out)
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ':');
            Some((PathBuf::from(fields.next()?), fields.next()?.parse().ok()?))
        })
        .collect())
}
