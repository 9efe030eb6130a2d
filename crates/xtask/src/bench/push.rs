//! What the hook costs a push: the same push to the same server, with and without it, in turn.
//!
//! The server is a fresh copy for every push, because what a push stored is no longer new to the next one. The
//! hook is also run alone, in the quarantine of that very push, for its share, its CPU time and its memory.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Options, Scratch, git};
use crate::measure::{Cost, run_apart};

/// Files of the repository that is pushed to.
const FILES: usize = 2_000;
/// Refs of the server with many.
const REFS: usize = 100_000;

/// A push to measure.
struct Case {
    name: &'static str,
    /// The client's branch that is pushed to the server's main.
    branch: &'static str,
    /// The server to copy.
    server: &'static str,
    /// Pushes of each kind, for every run that was asked for.
    repeat: usize,
}

/// Pushes of one line, of 1 to 5,000 commits, of 500 MB, and to a server with 100,000 refs.
pub(super) fn push(options: &Options) -> Result<String, String> {
    let scratch = Scratch::new("push")?;
    let top = &scratch.0;
    let client = top.join("client.git");
    std::fs::create_dir(&client).map_err(|e| e.to_string())?;
    git(&client, &["init", "-q", "--bare", "-b", "main", "."])?;
    import(&client, write_client)?;
    for format in ["files", "reftable"] {
        let server = top.join(format!("plain-{format}.git"));
        std::fs::create_dir(&server).map_err(|e| e.to_string())?;
        git(&server, &["init", "-q", "--bare", "-b", "main", &format!("--ref-format={format}"), "."])?;
        git(&client, &["push", "-q", &server.to_string_lossy(), "main"])?;
        let many = top.join(format!("many-{format}.git"));
        copy(&server, &many)?;
        add_refs(&many, format == "files")?;
    }
    let case = |name, branch, server, repeat| Case { name, branch, server, repeat };
    let cases = [
        case("one line", "line", "plain-files", 4),
        case("1 commit, 3 files", "c1", "plain-files", 4),
        case("100 commits", "c100", "plain-files", 4),
        case("1,000 commits", "c1000", "plain-files", 2),
        case("5,000 commits", "c5000", "plain-files", 1),
        case("500 MB", "big", "plain-files", 1),
        case("one line, 100,000 refs in packed-refs", "line", "many-files", 2),
        case("one line, 100,000 refs in a reftable", "line", "many-reftable", 2),
    ];
    let mut out = String::from(
        "Medians. CPU is that of client, server and hook together, and says more than wall on a machine with other work. The \
         hook alone runs in the quarantine of the same push; its share is of the CPU time of the push with it.\n\n\
         | push | runs | wall s without | with | more | CPU s without | with | more | hook alone: wall s | CPU s | share | \
         peak MiB | of it not mapped files |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for case in &cases {
        out.push_str(&measure(options, top, case)?);
    }
    out.push('\n');
    Ok(out)
}

fn measure(options: &Options, top: &Path, case: &Case) -> Result<String, String> {
    let (server, client) = (top.join("server.git"), top.join("client.git"));
    let template = top.join(format!("{}.git", case.server));
    let refspec = format!("{}:refs/heads/main", case.branch);
    let words = ["git", "push", "-q", &server.to_string_lossy(), &refspec].map(str::to_owned);
    let (mut without, mut with) = (Vec::new(), Vec::new());
    // The first push of each kind only warms the caches.
    for round in 0..=options.runs * case.repeat {
        for guarded in [false, true] {
            copy(&template, &server)?;
            if guarded {
                install(options, &server)?;
            }
            let cost = run_apart(&words, &client)?;
            if cost.code != 0 {
                return Err(format!("the push of {} failed with {}", case.name, cost.code));
            }
            if round > 0 {
                if guarded { &mut with } else { &mut without }.push(cost);
            }
        }
    }
    let alone = alone(options, top, &template, &refspec)?;
    let alone = middle_cost(&alone);
    let mut row = format!("| {} | {} |", case.name, options.runs * case.repeat);
    let wall: fn(&Cost) -> f64 = |cost| cost.wall;
    let cpu: fn(&Cost) -> f64 = |cost| cost.cpu;
    for of in [wall, cpu] {
        let (without, with) = (middle(&without, of), middle(&with, of));
        let (more, share) = ((with - without) * 1e3, (with / without - 1.0) * 100.0);
        let _ = write!(row, " {without:.3} | {with:.3} | {more:+.1} ms, {share:+.1} % |");
    }
    let share = alone.cpu / middle(&with, cpu) * 100.0;
    let _ = writeln!(
        row,
        " {:.4} | {:.4} | {share:.1} % | {:.0} | {:.0} |",
        alone.wall, alone.cpu, alone.peak, alone.anonymous
    );
    Ok(row)
}

/// Runs the hook alone in a quarantine that a refusing hook kept.
fn alone(options: &Options, top: &Path, template: &Path, refspec: &str) -> Result<Vec<Cost>, String> {
    let (server, held) = (top.join("server.git"), top.join("held"));
    copy(template, &server)?;
    drop(std::fs::remove_dir_all(&held));
    std::fs::create_dir(&held).map_err(|e| e.to_string())?;
    let script = format!(
        "#!/bin/sh\ncat > '{0}/stdin'\ncp -R \"$GIT_QUARANTINE_PATH\" '{0}/objects'\nexit 1\n",
        held.display()
    );
    hook(&server, &script)?;
    let pushed = git(&top.join("client.git"), &["push", "-q", &server.to_string_lossy(), refspec]);
    if pushed.is_ok() || !held.join("objects").exists() {
        return Err("the push was not held".to_owned());
    }
    let line = format!(
        "export GIT_DIR=. GIT_QUARANTINE_PATH='{0}/objects' GIT_OBJECT_DIRECTORY='{0}/objects'; export \
         GIT_ALTERNATE_OBJECT_DIRECTORIES='{1}/objects'; exec '{2}' hook pre-receive < '{0}/stdin'",
        held.display(),
        server.display(),
        options.binary
    );
    let words = ["sh", "-c", &line].map(str::to_owned);
    (0..options.runs.max(3)).map(|_| run_apart(&words, &server)).collect()
}

fn install(options: &Options, server: &Path) -> Result<(), String> {
    let done = Command::new(&options.binary)
        .args(["install", "--quiet", "--server"])
        .arg(server)
        .status()
        .map_err(|e| format!("could not start stopleak: {e}"))?;
    if done.success() { Ok(()) } else { Err("the hook could not be installed".to_owned()) }
}

fn hook(server: &Path, script: &str) -> Result<(), String> {
    let path = server.join("hooks/pre-receive");
    std::fs::create_dir_all(server.join("hooks")).map_err(|e| e.to_string())?;
    std::fs::write(&path, script).map_err(|e| e.to_string())?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).map_err(|e| e.to_string())
}

/// A fresh copy of a repository, in the place of the last one.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    drop(std::fs::remove_dir_all(to));
    let done = Command::new("cp").arg("-R").args([from, to]).status().map_err(|e| e.to_string())?;
    if done.success() { Ok(()) } else { Err(format!("could not copy {}", from.display())) }
}

fn middle(costs: &[Cost], of: fn(&Cost) -> f64) -> f64 {
    let mut values: Vec<f64> = costs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn middle_cost(costs: &[Cost]) -> Cost {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    sorted[sorted.len() / 2]
}

fn import(dir: &Path, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), String> {
    import_with(dir, &[], write)
}

fn import_with(
    dir: &Path,
    options: &[&str],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), String> {
    feed(dir, &[&["fast-import", "--quiet", "--force"], options].concat(), write)
}

/// Runs git with what `write` writes as its input.
fn feed(
    dir: &Path,
    args: &[&str],
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), String> {
    let mut child = Command::new("git")
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|e| format!("could not start git: {e}"))?;
    let mut out = BufWriter::new(child.stdin.take().ok_or("git has no input")?);
    let written = write(&mut out).and_then(|()| out.flush());
    drop(out);
    let status = child.wait().map_err(|e| e.to_string())?;
    written.map_err(|e| format!("could not write to git {args:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("git {args:?} failed")) }
}

fn commit(out: &mut dyn Write, branch: &str, mark: usize, from: Option<usize>) -> std::io::Result<()> {
    let when = 1_700_000_000 + mark;
    write!(out, "commit refs/heads/{branch}\nmark :{mark}\n")?;
    write!(out, "committer Bench <bench@localhost> {when} +0000\ndata 7\nchange\n\n")?;
    from.map_or(Ok(()), |from| writeln!(out, "from :{from}"))
}

fn file(out: &mut dyn Write, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    write!(out, "M 100644 inline {path}\ndata {}\n", bytes.len())?;
    out.write_all(bytes)?;
    out.write_all(b"\n")
}

/// One file of the repository, in one of its versions.
fn source(number: usize, version: usize) -> Vec<u8> {
    let mut text = String::new();
    for line in 0..60 {
        let edit = if line == version % 60 { version } else { 0 };
        let _ = writeln!(text, "    let value_{line} = compute({number}, {line}, {edit});");
    }
    text.into_bytes()
}

fn write_client(out: &mut dyn Write) -> std::io::Result<()> {
    let path = |n: usize| format!("src/part{}/file{n}.rs", n / 50);
    commit(out, "main", 1, None)?;
    for n in 0..FILES {
        file(out, &path(n), &source(n, 0))?;
    }
    commit(out, "line", 2, Some(1))?;
    file(out, &path(7), &source(7, 1))?;
    commit(out, "c1", 3, Some(1))?;
    for n in [3, 300, 1300] {
        file(out, &path(n), &source(n, 1))?;
    }
    let mut mark = 3;
    for (branch, commits) in [("c100", 100), ("c1000", 1_000), ("c5000", 5_000)] {
        for n in 0..commits {
            let from = if n == 0 { 1 } else { mark };
            mark += 1;
            commit(out, branch, mark, Some(from))?;
            file(out, &path(n * 7 % FILES), &source(n * 7 % FILES, mark))?;
        }
    }
    commit(out, "big", mark + 1, Some(1))?;
    let mut dice = Dice(7);
    for n in 0..6_000 {
        file(out, &format!("text/part{}/{n}.txt", n / 100), &dice.text(50_000))?;
    }
    for n in 0..40 {
        file(out, &format!("binary/{n}.bin"), &dice.bytes(5_000_000))?;
    }
    Ok(())
}

/// A commit for each ref, as pull requests leave them.
fn add_refs(server: &Path, in_files: bool) -> Result<(), String> {
    let marks = server.join("marks");
    let export = format!("--export-marks={}", marks.display());
    import_with(server, &[&export], |out| {
        for n in 1..=REFS {
            commit(out, "history", n, (n > 1).then(|| n - 1))?;
            if n == 1 {
                writeln!(out, "from refs/heads/main^0")?;
            }
        }
        Ok(())
    })?;
    let marks = std::fs::read_to_string(&marks).map_err(|e| e.to_string())?;
    let main = git_line(server, &["rev-parse", "refs/heads/main"])?;
    let history = git_line(server, &["rev-parse", "refs/heads/history"])?;
    let mut refs: Vec<(String, &str)> = marks
        .lines()
        .filter_map(|line| line.strip_prefix(':')?.split_once(' '))
        .map(|(mark, id)| (format!("refs/pull/{mark}/head"), id))
        .collect();
    if in_files {
        // As `git pack-refs` leaves them. Made one by one, they would be 100,000 files first.
        refs.push(("refs/heads/main".to_owned(), &main));
        refs.push(("refs/heads/history".to_owned(), &history));
        refs.sort();
        let mut text = String::from("# pack-refs with: peeled fully-peeled sorted \n");
        for (name, id) in &refs {
            let _ = writeln!(text, "{id} {name}");
        }
        std::fs::write(server.join("packed-refs"), text).map_err(|e| e.to_string())?;
    } else {
        let mut text = String::new();
        for (name, id) in &refs {
            let _ = writeln!(text, "create {name} {id}");
        }
        feed(server, &["update-ref", "--stdin"], |out| out.write_all(text.as_bytes()))?;
        git(server, &["pack-refs", "--all"])?;
    }
    git(server, &["commit-graph", "write", "--reachable"])
}

fn git_line(dir: &Path, args: &[&str]) -> Result<String, String> {
    let out = Command::new("git").args(args).current_dir(dir).output().map_err(|e| e.to_string())?;
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// A small generator: the same content at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Words and line ends that compress about as well as prose.
    fn text(&mut self, size: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(size + 16);
        while text.len() < size {
            let roll = self.roll();
            // Few words are frequent, most are rare.
            let mut word = Dice(roll % [64, 1_000, 20_000][(roll >> 60) as usize % 3] + 1);
            // Syllables, so that no word is one that a rule looks for.
            for _ in 0..=word.roll() % 4 {
                let roll = word.roll() as usize;
                text.extend([b"lmnrst"[roll % 6], b"aeiou"[(roll >> 8) % 5]]);
            }
            text.push(if (roll >> 40).is_multiple_of(12) { b'\n' } else { b' ' });
        }
        text
    }

    fn bytes(&mut self, size: usize) -> Vec<u8> {
        (0..size / 8).flat_map(|_| self.roll().to_le_bytes()).collect()
    }
}
