//! How the cost of a sweep grows with the number of commits and with the size of blobs.
//!
//! The repositories are made by `git fast-import` and packed by `git repack`, the same at every run: two
//! hundred files of source-like text, each commit changing one line of one of them.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::history::history;
use super::{Options, Scratch, git};

const FILES: usize = 200;
const LINES: usize = 120;

/// Sweeps of 1,000, 10,000 and 100,000 commits, then of blobs of 10 KB, 1 MB and 100 MB.
pub(super) fn growth(options: &Options) -> Result<String, String> {
    let mut report = String::new();
    for commits in [1_000, 10_000, 100_000] {
        let scratch = Scratch::new(&format!("{commits}-commits"))?;
        import(&scratch.0, |out| write_commits(out, commits))?;
        report.push_str(&history(options, &scratch.0)?);
    }
    for (count, lines) in [(3_000, 200), (30, 20_000), (2, 2_000_000)] {
        let scratch = Scratch::new(&format!("{count}-blobs-of-{lines}-lines"))?;
        import(&scratch.0, |out| write_blobs(out, count, lines))?;
        report.push_str(&history(options, &scratch.0)?);
    }
    Ok(report)
}

fn import(dir: &Path, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), String> {
    git(dir, &["init", "-q", "--bare", "."])?;
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|e| format!("could not start git fast-import: {e}"))?;
    let stdin = child.stdin.take().ok_or("git fast-import has no input")?;
    let mut out = BufWriter::new(stdin);
    let written = write(&mut out).and_then(|()| out.flush());
    drop(out);
    let status = child.wait().map_err(|e| e.to_string())?;
    written.map_err(|e| format!("could not write to git fast-import: {e}"))?;
    if !status.success() {
        return Err("git fast-import failed".to_owned());
    }
    git(dir, &["repack", "-a", "-d", "-q"])
}

fn write_commits(out: &mut dyn Write, commits: usize) -> std::io::Result<()> {
    let mut versions = vec![0_usize; FILES];
    for commit in 0..commits {
        write_header(out, commit, &format!("change {commit}"))?;
        // The first commit adds every file, each other one edits one.
        let changed = if commit == 0 { 0..FILES } else { commit % FILES..commit % FILES + 1 };
        for file in changed {
            versions[file] = commit;
            let text = source(file, LINES, versions[file]);
            writeln!(out, "M 100644 inline src/part{}/file{file}.rs", file / 20)?;
            writeln!(out, "data {}\n{text}", text.len())?;
        }
    }
    Ok(())
}

fn write_blobs(out: &mut dyn Write, count: usize, lines: usize) -> std::io::Result<()> {
    write_header(out, 0, "blobs")?;
    for file in 0..count {
        let text = source(file, lines, file);
        writeln!(out, "M 100644 inline data/file{file}.rs\ndata {}\n{text}", text.len())?;
    }
    Ok(())
}

fn write_header(out: &mut dyn Write, commit: usize, message: &str) -> std::io::Result<()> {
    let when = 1_700_000_000 + commit * 60;
    writeln!(out, "commit refs/heads/main\ncommitter Bench <bench@localhost> {when} +0000")?;
    writeln!(out, "data {}\n{message}", message.len())
}

/// Text like source code. One line, which moves with `version`, differs from one version to the next.
fn source(file: usize, lines: usize, version: usize) -> String {
    let mut text = String::with_capacity(lines * 50);
    for line in 0..lines {
        let number = (file * 7_919 + line * 104_729) % 100_003;
        let _ = writeln!(text, "    let value_{line} = measure({number}, \"part {file}\", other);");
        if line == version % lines {
            let _ = writeln!(text, "    log::debug(\"version {version} of {file}\");");
        }
    }
    text
}
