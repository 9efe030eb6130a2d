//! `cargo xtask bench`: against git's own commands and every rival installed, same inputs, same run.
//!
//! Machines are noisy, so ratios from one run are what counts; the raw numbers stand beside them. Inputs
//! are repositories by path, so that anyone can repeat it. Rivals are found on PATH, or in the folders of
//! `STOPLEAK_RIVALS` (colon-separated `bin` folders); they always run offline.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ci::root;
use crate::measure::{Contender, Cost, in_turn, median};
use crate::say;

const HELP: &str = "\
cargo xtask bench [--runs N] [--rivals] [--name NAME] [hook] [history REPO…] [tree DIR…]

  hook           latency of one staged line in repositories of 5,000 and 100,000 files
  history REPO…  sweeps, against `git cat-file --batch-all-objects --batch`
  tree DIR…      files on disk
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
    let mut options = Options { runs: 5, rivals: false, binary: release_binary()? };
    let mut name = None;
    let mut mode = "";
    let mut report = String::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--runs" => {
                options.runs = words.next().and_then(|n| n.parse().ok()).ok_or("--runs needs a number")?;
            }
            "--rivals" => options.rivals = true,
            "--name" => name = Some(words.next().ok_or("--name needs a word")?),
            "hook" => {
                mode = "hook";
                for files in [5_000, 100_000] {
                    report.push_str(&hook(&options, files)?);
                }
            }
            "history" | "tree" => mode = word,
            path if mode == "history" => report.push_str(&history(&options, Path::new(path))?),
            path if mode == "tree" => report.push_str(&tree(&options, Path::new(path))?),
            _ => return Err(HELP.to_owned()),
        }
    }
    if report.is_empty() {
        return Err(HELP.to_owned());
    }
    let report = format!("# Benchmarks\n\n{}\n{report}", machine(args));
    say(&report);
    if let Some(name) = name {
        let path = root().join("docs/benchmarks").join(format!("{name}.md"));
        std::fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(|e| e.to_string())?;
        std::fs::write(&path, report).map_err(|e| format!("could not write {}: {e}", path.display()))?;
    }
    Ok(())
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

fn hook(options: &Options, files: usize) -> Result<String, String> {
    let dir = std::env::temp_dir().join(format!("stopleak-bench-{files}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let result = (|| {
        make_repository(&dir, files)?;
        let mut contenders = vec![
            contender("git diff --cached --quiet", &["git", "diff", "--cached", "--quiet"], options.runs * 4),
            contender("stopleak hook pre-commit", &[&options.binary, "hook", "pre-commit"], options.runs * 4),
        ];
        if options.rivals {
            let staged = ["git", "--pre-commit", "--staged", "--no-banner", "."];
            contenders.extend(rival("gitleaks", &staged, options.runs));
            let staged = ["git", "--staged", "--no-banner", "."];
            contenders.extend(rival("betterleaks", &staged, options.runs));
            let kingfisher = ["scan", ".", "--staged", "--no-validate", "--no-update-check"];
            contenders.extend(rival("kingfisher", &kingfisher, options.runs));
        }
        let costs = in_turn(&contenders, &dir)?;
        Ok(table(&format!("Hook: one line staged, {files} files"), &contenders, &costs))
    })();
    let removed = std::fs::remove_dir_all(&dir);
    removed.map_err(|e| format!("could not remove {}: {e}", dir.display()))?;
    result
}

/// A repository of `files` small files in folders of 100, committed, with one line of one file staged.
fn make_repository(dir: &Path, files: usize) -> Result<(), String> {
    let git = |args: &[&str]| {
        let out = Command::new("git").args(args).current_dir(dir).output().map_err(|e| e.to_string())?;
        if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
    };
    git(&["init", "-q", "."])?;
    for n in 0..files {
        let folder = dir.join(format!("d{}", n / 100));
        if n % 100 == 0 {
            std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        }
        let text = format!("fn f{n}() {{\n    let x = {n};\n    println!(\"{{x}}\");\n}}\n");
        std::fs::write(folder.join(format!("f{n}.rs")), text).map_err(|e| e.to_string())?;
    }
    git(&["add", "-A"])?;
    git(&["-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "-q", "-m", "files"])?;
    std::fs::write(dir.join("d0/f0.rs"), "fn f0() {\n    let x = 1;\n}\n").map_err(|e| e.to_string())?;
    git(&["add", "-A"])
}

fn history(options: &Options, repo: &Path) -> Result<String, String> {
    let path = repo.to_string_lossy();
    let binary = &options.binary;
    let mut contenders = vec![
        contender(
            "git cat-file --batch-all-objects --batch",
            &["git", "-C", &path, "cat-file", "--batch-all-objects", "--batch", "--buffer"],
            options.runs,
        ),
        contender(
            "stopleak scan --history, 1 thread",
            &[binary, "scan", "--history", &path, "--threads", "1", "--no-progress", "--format", "json"],
            options.runs,
        ),
        contender(
            "stopleak scan --history, 2 threads",
            &[binary, "scan", "--history", &path, "--threads", "2", "--no-progress", "--format", "json"],
            options.runs,
        ),
    ];
    if options.rivals {
        contenders.extend(rival("gitleaks", &["git", "--no-banner", "--log-opts=--all", &path], 1));
        contenders.extend(rival("betterleaks", &["git", "--no-banner", "--log-opts=--all", &path], 1));
        contenders.extend(rival("kingfisher", &["scan", &path, "--no-validate", "--no-update-check"], 1));
    }
    let costs = in_turn(&contenders, Path::new("."))?;
    Ok(table(&format!("History: {}", describe(repo)), &contenders, &costs))
}

fn tree(options: &Options, dir: &Path) -> Result<String, String> {
    let path = dir.to_string_lossy();
    let binary = &options.binary;
    let mut contenders = vec![
        contender(
            "cat (read every file)",
            &["sh", "-c", "find \"$0\" -type f -print0 | xargs -0 cat", &path],
            options.runs,
        ),
        contender(
            "stopleak scan, 1 thread",
            &[binary, "scan", &path, "--threads", "1", "--no-progress"],
            options.runs,
        ),
        contender(
            "stopleak scan, 2 threads",
            &[binary, "scan", &path, "--threads", "2", "--no-progress"],
            options.runs,
        ),
    ];
    if let Some(rg) = find("rg") {
        let literals = "ghp_|AKIA|xoxb-|sk_live_|glpat-|npm_|AIza|-----BEGIN";
        contenders.push(contender(
            "ripgrep, 8 literals",
            &[&rg, "-uuu", "-c", literals, &path],
            options.runs,
        ));
    }
    if options.rivals {
        contenders.extend(rival("gitleaks", &["dir", "--no-banner", &path], 1));
        contenders.extend(rival("betterleaks", &[&path, "--no-banner"], 1));
        contenders.extend(rival("kingfisher", &["scan", &path, "--no-validate", "--no-update-check"], 1));
    }
    let costs = in_turn(&contenders, Path::new("."))?;
    Ok(table(&format!("Tree: {}", dir.display()), &contenders, &costs))
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
        "## {title}\n\n| command | runs | CPU s | × | wall s | × | peak MiB | exit |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    let base = costs.first().and_then(|c| median(c));
    for (contender, costs) in contenders.iter().zip(costs) {
        let (Some(cost), Some(base)) = (median(costs), base) else { continue };
        let _ = writeln!(
            out,
            "| {} | {} | {:.3} | {:.2} | {:.3} | {:.2} | {:.0} | {} |",
            contender.name,
            costs.len(),
            cost.cpu,
            cost.cpu / base.cpu.max(1e-6),
            cost.wall,
            cost.wall / base.wall.max(1e-6),
            cost.peak,
            cost.code,
        );
    }
    out.push('\n');
    out
}

fn describe(repo: &Path) -> String {
    let git = |args: &[&str]| {
        Command::new("git")
            .arg("-C")
            .arg(repo)
            .args(args)
            .output()
            .map_or_else(|_| String::new(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let commits = git(&["rev-list", "--all", "--count"]);
    format!("{} ({commits} commits, HEAD {})", repo.display(), git(&["rev-parse", "--short=12", "HEAD"]))
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
