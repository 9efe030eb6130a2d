//! How each tool is run and read. All offline; the exit code of "found something" is not an error.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::read;
use crate::bench::{find, release_binary};
use crate::say;

/// A scanner and how to read its answer.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) program: String,
    /// Scans a folder, with a scratch file for the answer.
    pub(crate) scan: fn(&str, &Path, &Path) -> Flagged,
}

/// Pairs of file and line.
pub(crate) type Flagged = Result<BTreeSet<(PathBuf, u64)>, String>;

/// Ours, and the rivals that are installed.
pub(crate) fn tools(rivals: bool) -> Result<Vec<Tool>, String> {
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
    // Every line of a block counts as one alarm at its first line; a path warning has no line.
    Ok(pairs(&Value::Array(findings(program, dir)?), "/path", "/line"))
}

/// Our findings in a folder, at the defaults of `scan`, as the JSON report gives them.
pub(crate) fn findings(program: &str, dir: &Path) -> Result<Vec<Value>, String> {
    let out = output(program, &["scan", &dir.to_string_lossy(), "--format", "json", "--no-progress"])?;
    match json(&out, program)?["findings"].take() {
        Value::Array(list) => Ok(list),
        other => Err(format!("{program} gave no list of findings but {other}")),
    }
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
