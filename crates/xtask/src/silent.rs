//! `cargo xtask silent`: alarms on clean code that many people use.
//!
//! The corpus is brought by the task itself: the sources of the crates in our lock file, and the PyPI and npm
//! packages of `silent/packages.txt`. Every line that stopleak flags there must stand in `silent/explained.txt`
//! with a reason, or the task fails: an alarm that nobody has looked at is not a figure. Most are private keys
//! and passwords that the packages' own tests carry, which no scanner can tell from live ones by looking.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::root;
use crate::eval::tools::{self, Flagged, Tool};
use crate::say;

const USAGE: &str = "cargo xtask silent [--rivals] [--docs] [DIR]
  brings the corpus to DIR (target/silent) unless it is there, and counts the lines that are flagged";

const PACKAGES: &str = include_str!("../silent/packages.txt");

/// Parses the words after `silent`, brings the corpus, runs the tools, prints and perhaps writes the page.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (mut rivals, mut docs, mut top) = (false, false, root().join("target/silent"));
    for word in args {
        match word.as_str() {
            "--rivals" => rivals = true,
            "--docs" => docs = true,
            dir if !dir.starts_with('-') => top = PathBuf::from(dir),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let tools = tools::tools(rivals)?;
    let top = fetch(&top)?;
    let reasons = explained()?;

    let mut counts = String::from("| corpus | MB | million lines |");
    for tool in &tools {
        let _ = write!(counts, " {} |", tool.name);
    }
    let _ = writeln!(counts, "\n|---|--:|--:|{}", "--:|".repeat(tools.len()));
    let mut alarms = Alarms::default();
    for part in ["crates", "npm", "pypi"] {
        let folder = top.join(part);
        let (bytes, lines) = size(&folder)?;
        let _ = write!(counts, "| {part} | {:.0} | {:.2} |", bytes as f64 / 1e6, lines as f64 / 1e6);
        for tool in &tools {
            let flagged = flagged(tool, &folder, &top)?.len();
            let _ = write!(counts, " {flagged} ({:.0}) |", flagged as f64 * 1e6 / lines.max(1) as f64);
        }
        counts.push('\n');
        ours(&tools[0].program, &folder, &top, &mut alarms)?;
    }
    let (list, open) = account(&alarms, &reasons);
    say(&format!("{counts}\n{list}{open}"));
    if docs {
        let path = root().join("docs/src/evaluation-silent.md");
        std::fs::write(&path, page(args, &counts, &list))
            .map_err(|e| format!("could not write {}: {e}", path.display()))?;
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err("crates/xtask/silent/explained.txt does not say what these are; look at them, then add a line each"
            .to_owned())
    }
}

/// Brings what is not there yet; gives the folder's full path.
fn fetch(top: &Path) -> Result<PathBuf, String> {
    std::fs::create_dir_all(top).map_err(|e| format!("could not make {}: {e}", top.display()))?;
    let top = top.canonicalize().map_err(|e| format!("could not open {}: {e}", top.display()))?;
    for line in PACKAGES.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (folder, url) =
            line.split_once(' ').ok_or_else(|| format!("packages.txt: no URL in {line:?}"))?;
        fresh(&top.join(folder), |part| {
            let archive = part.join("archive");
            run_in(&top, "curl", &["-fsSL", "--retry", "3", "-o", &text(&archive), url])?;
            run_in(&top, "tar", &["xzf", &text(&archive), "--strip-components=1", "-C", &text(part)])?;
            std::fs::remove_file(&archive).map_err(|e| e.to_string())
        })?;
    }
    fresh(&top.join("crates"), |part| {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        run_in(&root(), &cargo, &["vendor", "--locked", "--versioned-dirs", "--quiet", &text(part)])?;
        // Written by `cargo vendor`, not by the authors of the crates.
        for entry in std::fs::read_dir(part).map_err(|e| e.to_string())?.flatten() {
            let _ = std::fs::remove_file(entry.path().join(".cargo-checksum.json"));
        }
        Ok(())
    })?;
    Ok(top)
}

/// Fills `folder` by way of a neighbour, so that one that was broken off is not taken for whole.
fn fresh(folder: &Path, fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    if folder.is_dir() {
        return Ok(());
    }
    let part = folder.with_extension("part");
    let _ = std::fs::remove_dir_all(&part);
    std::fs::create_dir_all(&part).map_err(|e| format!("could not make {}: {e}", part.display()))?;
    fill(&part)?;
    std::fs::rename(&part, folder).map_err(|e| format!("could not make {}: {e}", folder.display()))
}

fn run_in(dir: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    let out = Command::new(program)
        .args(args)
        .current_dir(dir)
        .output()
        .map_err(|e| format!("could not run {program}: {e}"))?;
    if out.status.success() {
        return Ok(());
    }
    Err(format!("{program} {} failed: {}", args.join(" "), String::from_utf8_lossy(&out.stderr).trim()))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Bytes and lines of all files below `folder`.
fn size(folder: &Path) -> Result<(u64, u64), String> {
    let (mut bytes, mut lines) = (0, 0);
    let entries =
        std::fs::read_dir(folder).map_err(|e| format!("could not list {}: {e}", folder.display()))?;
    for entry in entries.flatten() {
        let kind = entry.file_type().map_err(|e| e.to_string())?;
        if kind.is_dir() {
            let (b, l) = size(&entry.path())?;
            bytes += b;
            lines += l;
        } else if kind.is_file() {
            let content = std::fs::read(entry.path()).map_err(|e| e.to_string())?;
            bytes += content.len() as u64;
            lines += content.split(|&b| b == b'\n').count().saturating_sub(1) as u64;
        }
    }
    Ok((bytes, lines))
}

fn flagged(tool: &Tool, folder: &Path, top: &Path) -> Flagged {
    let scratch = top.join("answer");
    let flagged = (tool.scan)(&tool.program, folder, &scratch);
    let _ = std::fs::remove_file(&scratch);
    flagged
}

/// Lines of ours by file (from the corpus' folder) and rule.
type Alarms = BTreeMap<(String, String), BTreeSet<u64>>;

fn ours(program: &str, folder: &Path, top: &Path, alarms: &mut Alarms) -> Result<(), String> {
    for finding in tools::findings(program, folder)? {
        let path = Path::new(finding["path"].as_str().unwrap_or_default());
        let path = text(path.strip_prefix(top).unwrap_or(path));
        let rule = finding["rule"].as_str().unwrap_or_default().to_owned();
        alarms.entry((path, rule)).or_default().insert(finding["line"].as_u64().unwrap_or_default());
    }
    Ok(())
}

/// A reason for the alarms of one rule in one file.
#[derive(Debug, PartialEq, Eq)]
struct Reason {
    lines: usize,
    why: String,
}

type Reasons = BTreeMap<(String, String), Reason>;

fn explained() -> Result<Reasons, String> {
    let path = root().join("crates/xtask/silent/explained.txt");
    let text =
        std::fs::read_to_string(&path).map_err(|e| format!("could not read {}: {e}", path.display()))?;
    reasons(&text)
}

fn reasons(text: &str) -> Result<Reasons, String> {
    let mut all = Reasons::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let &[path, rule, lines, why] = fields.as_slice() else {
            return Err(format!("explained.txt:{}: wants `path | rule | lines | why`", n + 1));
        };
        let lines = lines.parse().map_err(|_| format!("explained.txt:{}: {lines:?} is no number", n + 1))?;
        let reason = Reason { lines, why: why.to_owned() };
        if all.insert((path.to_owned(), rule.to_owned()), reason).is_some() {
            return Err(format!("explained.txt:{}: {path} with {rule} stands there twice", n + 1));
        }
    }
    Ok(all)
}

/// The alarms by reason, and what no reason fits: new alarms, other numbers of lines, reasons without an alarm.
fn account(alarms: &Alarms, reasons: &Reasons) -> (String, String) {
    let (mut by_why, mut open): (BTreeMap<&str, usize>, String) = (BTreeMap::new(), String::new());
    for ((path, rule), lines) in alarms {
        match reasons.get(&(path.clone(), rule.clone())) {
            Some(reason) if reason.lines == lines.len() => {
                *by_why.entry(&reason.why).or_default() += lines.len();
            }
            known => {
                let said =
                    known.map_or_else(|| "not explained".to_owned(), |r| format!("{} explained", r.lines));
                let _ = writeln!(open, "{path} | {rule} | {} |   ({said}; lines {lines:?})", lines.len());
            }
        }
    }
    for ((path, rule), reason) in reasons.iter().filter(|(key, _)| !alarms.contains_key(key)) {
        let _ = writeln!(open, "{path} | {rule} | 0 |   ({} explained, none there)", reason.lines);
    }
    let mut list = String::from("| flagged by stopleak because | lines |\n|---|--:|\n");
    for (why, lines) in by_why {
        let _ = writeln!(list, "| {why} | {lines} |");
    }
    (list, open)
}

/// The book's page.
fn page(args: &[String], counts: &str, list: &str) -> String {
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|w| w.starts_with('-')).collect();
    format!(
        "# Alarms on clean code\n\nWritten by `cargo xtask silent {}`.\n\n\
         The sources of the crates in `Cargo.lock`, and pinned npm and PyPI packages (`crates/xtask/silent/packages.txt`), \
         tests\nand documents included, which the task downloads. Flagged lines at the defaults of each tool, per million \
         lines in\nbrackets. None of them is known to be a live secret.\n\n{counts}\n\
         Every line that stopleak flags has been looked at; `crates/xtask/silent/explained.txt` names file, rule and reason, \
         and\nthe task fails when a line has none.\n\n{list}",
        words.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(lines: &[u64]) -> Alarms {
        Alarms::from([(("a.py".to_owned(), "generic-password".to_owned()), lines.iter().copied().collect())])
    }

    fn known(text: &str) -> Reasons {
        reasons(text).expect("a good list")
    }

    #[test]
    fn an_alarm_with_a_reason_is_counted_under_it() {
        let (list, open) =
            account(&alarms(&[3, 7]), &known("a.py | generic-password | 2 | a test's password\n"));
        assert!(list.contains("| a test's password | 2 |"), "{list}");
        assert_eq!(open, "");
    }

    #[test]
    fn an_alarm_without_a_reason_stays_open() {
        let (_, open) = account(&alarms(&[3]), &Reasons::new());
        assert!(open.contains("not explained"), "{open}");
    }

    #[test]
    fn another_number_of_lines_stays_open() {
        let (_, open) =
            account(&alarms(&[3, 7]), &known("a.py | generic-password | 1 | a test's password\n"));
        assert!(open.contains("1 explained"), "{open}");
    }

    #[test]
    fn a_reason_without_an_alarm_stays_open() {
        let (_, open) = account(&Alarms::new(), &known("a.py | generic-password | 1 | a test's password\n"));
        assert!(open.contains("none there"), "{open}");
    }

    #[test]
    fn a_line_of_another_form_is_refused_with_its_number() {
        let refused = reasons("# head\na.py | rule | many | why\n").expect_err("no number");
        assert!(refused.contains("explained.txt:2"), "{refused}");
    }
}
