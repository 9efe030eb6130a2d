//! `cargo xtask bench`: against git's own commands and every rival installed, same inputs, same run.
//!
//! Machines are noisy, so ratios from one run are what counts; the raw numbers stand beside them. Inputs
//! are repositories by path, so that anyone can repeat it. Rivals are found on PATH, or in the folders of
//! `STOPLEAK_RIVALS` (colon-separated `bin` folders); they always run offline.

mod growth;
mod history;
mod hook;
mod push;
mod tree;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::root;
use crate::measure::{Contender, Cost, median};
use crate::say;

const HELP: &str = "\
cargo xtask bench [--runs N] [--rivals] [--name NAME] TASK

  hook           a commit of one line, in repositories of 5,000 and 100,000 files
  history REPO…  sweeps, against `git cat-file --batch-all-objects --batch`
  tree DIR…      files on disk, against `cat` and ripgrep
  push           pushes with and without the hook: 1 line to 5,000 commits, 500 MB, 100,000 refs
  growth         sweeps of made repositories: 1k, 10k and 100k commits; blobs of 10 KB to 100 MB
  --rivals       also run gitleaks, betterleaks and kingfisher (once each: they are slow)
  --name NAME    write docs/benchmarks/NAME.md as well as printing
";

struct Options {
    runs: usize,
    rivals: bool,
    binary: String,
}

/// Parses the words after `bench`, measures, prints a table and perhaps writes it.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let mut options = Options { runs: 5, rivals: false, binary: String::new() };
    let mut name = None;
    let mut task = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--runs" => {
                options.runs = words.next().and_then(|n| n.parse().ok()).ok_or("--runs needs a number")?;
            }
            "--rivals" => options.rivals = true,
            "--name" => name = Some(words.next().ok_or("--name needs a word")?),
            word => task.push(word),
        }
    }
    let (&task, paths) = task.split_first().ok_or(HELP)?;
    if paths.is_empty() != matches!(task, "hook" | "growth" | "push") {
        return Err(HELP.to_owned());
    }
    options.binary = release_binary()?;
    let mut report = format!("# Benchmark: {task}\n\n{}\n", machine(args));
    match task {
        "hook" => report.push_str(&hook::hook(&options)?),
        "push" => report.push_str(&push::push(&options)?),
        "growth" => report.push_str(&growth::growth(&options)?),
        "history" | "tree" => {
            for path in paths {
                let path = Path::new(path);
                let bench = if task == "tree" { tree::tree } else { history::history };
                report.push_str(&bench(&options, path)?);
            }
        }
        _ => return Err(HELP.to_owned()),
    }
    say(&report);
    if let Some(name) = name {
        let path = root().join("docs/benchmarks").join(format!("{name}.md"));
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|e| e.to_string())?;
        std::fs::write(&path, report).map_err(|e| format!("could not write {}: {e}", path.display()))?;
    }
    Ok(())
}

/// A folder below the system's temporary one, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Result<Self, String> {
        let dir = std::env::temp_dir().join(format!("stopleak-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).map_err(|e| format!("could not make {}: {e}", dir.display()))?;
        Ok(Scratch(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(e) = std::fs::remove_dir_all(&self.0) {
            say(&format!("could not remove {}: {e}", self.0.display()));
        }
    }
}

/// Runs git in `dir` for a bench's own preparation.
fn git(dir: &Path, args: &[&str]) -> Result<(), String> {
    let out = Command::new("git").args(args).current_dir(dir).output().map_err(|e| e.to_string())?;
    if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
}

pub(crate) fn release_binary() -> Result<String, String> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked", "-p", "stopleak"])
        .current_dir(root())
        .status()
        .map_err(|e| format!("could not start cargo: {e}"))?;
    if !status.success() {
        return Err("the release build failed".to_owned());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("release/stopleak").to_string_lossy().into_owned())
}

fn contender(name: &str, argv: &[&str], runs: usize) -> Contender {
    Contender { name: name.to_owned(), argv: argv.iter().map(|&a| a.to_owned()).collect(), runs }
}

fn rival(name: &str, args: &[&str], runs: usize) -> Option<Contender> {
    let Some(program) = find(name) else {
        say(&format!("{name} is not installed (PATH or STOPLEAK_RIVALS); left out"));
        return None;
    };
    let argv = std::iter::once(program).chain(args.iter().map(|&a| a.to_owned())).collect();
    Some(Contender { name: name.to_owned(), argv, runs })
}

pub(crate) fn find(name: &str) -> Option<String> {
    let rivals = std::env::var_os("STOPLEAK_RIVALS").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&rivals)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .map(|program| program.to_string_lossy().into_owned())
}

/// The first contender is the measure of the others.
fn table(title: &str, contenders: &[Contender], costs: &[Vec<Cost>]) -> String {
    let mut out = format!(
        "## {title}\n\n| command | runs | CPU s | × | wall s | × | peak MiB | of it not mapped files | exit |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    let base = costs.first().and_then(|c| median(c));
    for (contender, costs) in contenders.iter().zip(costs) {
        let (Some(cost), Some(base)) = (median(costs), base) else { continue };
        let _ = writeln!(
            out,
            "| {} | {} | {:.3} | {:.2} | {:.3} | {:.2} | {:.0} | {:.0} | {} |",
            contender.name,
            costs.len(),
            cost.cpu,
            cost.cpu / base.cpu.max(1e-6),
            cost.wall,
            cost.wall / base.wall.max(1e-6),
            cost.peak,
            cost.anonymous,
            cost.code,
        );
    }
    out.push('\n');
    out
}

fn machine(args: &[String]) -> String {
    let output = |program: &str, args: &[&str]| {
        Command::new(program)
            .args(args)
            .output()
            .map_or_else(|_| String::new(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or("\t: unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Medians by CPU time, commands in turn in one run; the first row of a table is the measure.\n\n\
         - machine: {}, {cores} cores\n- {}\n- stopleak at {}\n- command: `cargo xtask bench {}`\n",
        model.trim_start_matches(['\t', ' ', ':']),
        output("git", &["--version"]),
        output("git", &["rev-parse", "--short=12", "HEAD"]),
        args.join(" "),
    )
}
