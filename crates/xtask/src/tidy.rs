//! Checks that no compiler makes.
//!
//! Every check reads the files git tracks and reports all of its findings at once.

use std::path::Path;
use std::process::Command;

use crate::ci::root;
use crate::say;

/// Runs all checks; the error lists every problem.
pub(crate) fn run() -> Result<(), String> {
    let root = root();
    let files = tracked(&root)?;
    let mut problems = Vec::new();
    shell_scripts(&root, &files, &mut problems)?;
    live_looking(&root, &files, &mut problems);
    book_links(&root, &mut problems);
    if problems.is_empty() {
        say(&format!("== tidy: {} files, nothing to mend", files.len()));
        Ok(())
    } else {
        Err(format!("tidy found {} problems:\n  {}", problems.len(), problems.join("\n  ")))
    }
}

fn tracked(root: &Path) -> Result<Vec<String>, String> {
    let out = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("could not run git ls-files: {e}"))?;
    if !out.status.success() {
        return Err(format!("git ls-files failed: {}", String::from_utf8_lossy(&out.stderr)));
    }
    Ok(String::from_utf8_lossy(&out.stdout)
        .split('\0')
        .filter(|p| !p.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Runs shellcheck over everything that says it is a shell script. Without shellcheck the check is
/// refused in CI and announced elsewhere: a check that quietly did not run is worse than none.
fn shell_scripts(root: &Path, files: &[String], problems: &mut Vec<String>) -> Result<(), String> {
    let scripts: Vec<&String> = files.iter().filter(|f| is_shell(&root.join(f))).collect();
    if scripts.is_empty() {
        return Ok(());
    }
    let have = Command::new("shellcheck").arg("--version").output().is_ok();
    if !have {
        if std::env::var_os("CI").is_some() {
            problems.push("shellcheck is not installed (apt-get install shellcheck)".to_owned());
        } else {
            say("== tidy: shellcheck is not installed, shell scripts were not checked");
        }
        return Ok(());
    }
    let out = Command::new("shellcheck")
        .args(["--format=gcc"])
        .args(&scripts)
        .current_dir(root)
        .output()
        .map_err(|e| format!("could not run shellcheck: {e}"))?;
    problems.extend(String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned));
    Ok(())
}

fn is_shell(path: &Path) -> bool {
    let Ok(bytes) = std::fs::read(path) else { return false };
    let first = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    first.starts_with(b"#!") && (first.ends_with(b"sh") || first.ends_with(b"bash"))
}

/// Prefixes whose full-length tokens look live to other scanners, with the length that makes one.
const LIVE: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 60),
    ("AKIA", 16),
    ("xoxb-", 30),
    ("xoxp-", 30),
    ("sk_live_", 24),
    ("glpat-", 20),
    ("npm_", 36),
    ("AIza", 35),
    ("SG.", 60),
];

/// Finds strings that look like live credentials: examples carry the `<>` break, tests make fakes at
/// run time. The longest run of one character is allowed for (a `xxxx…` placeholder is not live).
fn live_looking(root: &Path, files: &[String], problems: &mut Vec<String>) {
    for file in files {
        let Ok(bytes) = std::fs::read(root.join(file)) else { continue };
        for (number, line) in bytes.split(|&b| b == b'\n').enumerate() {
            for &(prefix, least) in LIVE {
                for at in find_all(line, prefix.as_bytes()) {
                    let tail = &line[at + prefix.len()..];
                    let run =
                        tail.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
                    let starts = at == 0 || !line[at - 1].is_ascii_alphanumeric();
                    let mut distinct: Vec<u8> = tail[..run].to_vec();
                    distinct.sort_unstable();
                    distinct.dedup();
                    if starts && run >= least && distinct.len() > 8 {
                        problems
                            .push(format!("{file}:{}: looks like a live {prefix}… credential", number + 1));
                    }
                }
            }
        }
    }
}

fn find_all<'a>(line: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    (0..line.len().saturating_sub(needle.len().saturating_sub(1)))
        .filter(move |&at| line[at..].starts_with(needle))
}

/// Every page that the book's summary names exists, and every page is named.
fn book_links(root: &Path, problems: &mut Vec<String>) {
    let src = root.join("docs/src");
    let Ok(summary) = std::fs::read_to_string(src.join("SUMMARY.md")) else {
        problems.push("docs/src/SUMMARY.md is missing".to_owned());
        return;
    };
    let named: Vec<&str> = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    for page in &named {
        if !src.join(page).is_file() {
            problems.push(format!("docs/src/SUMMARY.md names {page}, which does not exist"));
        }
    }
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(page) = path.strip_prefix(&src) else { continue };
            let page = page.to_string_lossy();
            if page.ends_with(".md") && page != "SUMMARY.md" && !named.contains(&&*page) {
                problems.push(format!("docs/src/{page} is not in SUMMARY.md"));
            }
        }
    }
}
