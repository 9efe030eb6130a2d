//! What to do now, as commands for the case at hand.
//!
//! Order matters: a secret that never left this machine is taken out; one that may have is revoked
//! first, because no rewriting takes back what others have fetched.

use std::collections::HashSet;
use std::io::{self, Write};

use super::finding::short;
use super::paint::Paint;
use super::{Layout, Server, Situation};
use crate::model::{Finding, Scan, Where};
use crate::shown::Shown;

/// One numbered step: what it does, and the command or text beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remedy {
    /// Why or when.
    pub(super) what: String,
    /// Commands or addresses, one a line.
    pub(super) how: Vec<String>,
}

impl Remedy {
    fn new(what: &str, how: Vec<String>) -> Self {
        Self { what: what.into(), how }
    }
}

/// At most this many commands or addresses in one step; the rest are counted.
const LINES: usize = 8;

pub(super) fn write(scan: &Scan, layout: &Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let steps = remedies(scan, &layout.situation, layout.gaps_allowed);
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let width =
        steps.iter().filter(|s| !s.how.is_empty()).map(|s| s.what.chars().count()).filter(|w| *w <= 24);
    let width = width.max().unwrap_or(0).max(15);
    for (number, step) in steps.iter().enumerate() {
        let Some(first) = step.how.first() else {
            writeln!(out, "  {}. {}", number + 1, step.what)?;
            continue;
        };
        writeln!(out, "  {}. {:<width$}   {}", number + 1, step.what, paint.command(first))?;
        for line in step.how.iter().skip(1).take(LINES - 1) {
            writeln!(out, "     {:<width$}   {}", "", paint.command(line))?;
        }
        if step.how.len() > LINES {
            writeln!(out, "     {:<width$}   … and {} more", "", step.how.len() - LINES)?;
        }
    }
    Ok(())
}

/// The steps for what blocks. Warnings alone get none: nothing was stopped.
pub(super) fn remedies(scan: &Scan, situation: &Situation, gaps_allowed: bool) -> Vec<Remedy> {
    let findings: Vec<&Finding> = scan.blocking().collect();
    if findings.is_empty() {
        return if scan.complete() || gaps_allowed { Vec::new() } else { incomplete(situation) };
    }
    match situation {
        Situation::Scan => after_a_scan(&findings),
        Situation::Commit { unborn, below } => before_a_commit(&findings, *unborn, *below),
        Situation::Merge => {
            let mut steps = vec![Remedy::new("undo the merge:", vec!["git merge --abort".into()])];
            steps.push(revoke("it is in a branch already, so revoke it first:", &findings));
            steps.push(not_a_secret(&findings));
            steps
        }
        Situation::Message { file } => {
            let edit = format!("git commit --edit --file {}", Shown::from(file.as_str()).shell());
            let mut steps = vec![Remedy::new("take it out:", vec![edit])];
            steps.push(revoke("if it ever left this machine: revoke it first", &findings));
            steps.push(not_a_secret(&findings));
            steps
        }
        Situation::Push => {
            let mut steps = rewrite(&findings);
            steps.push(revoke("if it ever left this machine: revoke it first", &findings));
            steps.push(not_a_secret(&findings));
            steps
        }
        Situation::Received(server) => on_a_server(&findings, server),
    }
}

fn before_a_commit(findings: &[&Finding], unborn: bool, below: bool) -> Vec<Remedy> {
    let command = if unborn { "git rm --cached" } else { "git restore --staged" };
    let word = |path: &Shown| {
        // `:/` is git's own way to say "from the root".
        if below { Shown::new([b":/", path.bytes()].concat()).shell() } else { path.shell() }
    };
    let paths: Vec<String> = unique(findings.iter().filter_map(|f| f.path.as_ref().map(word)));
    // `--` only where a name could be read as an option.
    let optional = |f: &&Finding| !below && f.path.as_ref().is_some_and(|p| p.bytes().starts_with(b"-"));
    let guard = if findings.iter().any(optional) { " --" } else { "" };
    let mut lines: Vec<String> = paths.iter().map(|p| format!("{command}{guard} {p}")).collect();
    if let Some(last) = lines.last_mut() {
        last.push_str("   (and keep it in a secret manager or an ignored file)");
    }
    vec![
        Remedy::new("take it out:", lines),
        revoke("if it ever left this machine: revoke it first", findings),
        not_a_secret(findings),
    ]
}

fn after_a_scan(findings: &[&Finding]) -> Vec<Remedy> {
    let committed = findings.iter().any(|f| f.commit.is_some());
    let mut steps = vec![revoke("revoke it first:", findings)];
    if committed {
        let what = "then take it out of history (every clone and fork keeps a copy until it is replaced):";
        steps.push(Remedy::new(what, vec!["git filter-repo --replace-text FILE".into()]));
    } else {
        steps.push(Remedy::new(
            "then take it out of the file: use a secret manager or an ignored file",
            Vec::new(),
        ));
    }
    steps.push(not_a_secret(findings));
    steps
}

/// Commands that take findings out of commits that only this machine, or only this push, has.
fn rewrite(findings: &[&Finding]) -> Vec<Remedy> {
    let mut lines = Vec::new();
    for f in findings {
        let line = match (f.place, &f.commit) {
            // The name itself is the secret, so it cannot be printed in a command.
            (Where::RefName, _) => "git branch -m NEW-NAME   (while that branch is checked out)".to_owned(),
            (Where::Note, commit) => {
                let on = f.path.as_ref().map(Shown::shell).unwrap_or_default();
                let commit = commit.as_deref().map_or("that commit", short);
                format!("git notes remove {on}   (and drop {commit} from the notes ref's own history)")
            }
            (Where::TagMessage, _) => {
                let name = f.ref_name.as_ref().map(Shown::bytes).unwrap_or_default();
                let name = name.strip_prefix(b"refs/tags/").unwrap_or(name);
                format!("git tag -d {}", Shown::new(name).shell())
            }
            (_, Some(commit)) if f.at_tip => {
                format!("git commit --amend   (after taking it out of {})", short(commit))
            }
            (_, Some(commit)) => format!("git rebase -i {}^   (mark it `edit`)", short(commit)),
            (_, None) => continue,
        };
        lines.push(line);
    }
    let lines = unique(lines.into_iter());
    if lines.is_empty() { Vec::new() } else { vec![Remedy::new("take it out:", lines)] }
}

fn on_a_server(findings: &[&Finding], server: &Server) -> Vec<Remedy> {
    let (before, fresh): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|f| f.known_before);
    let mut steps = Vec::new();
    if server.stored {
        let what = "this host runs the hook after storing the objects: treat the value as leaked";
        steps.push(revoke(what, findings));
    } else if !before.is_empty() {
        steps.push(revoke("it was pushed before, so it has leaked: revoke it first", &before));
    }
    if !fresh.is_empty() {
        let mut rewriting = rewrite(&fresh);
        if let Some(step) = rewriting.first_mut() {
            step.what = "only in this push: take it out and push again".into();
        }
        steps.append(&mut rewriting);
        if !server.stored {
            steps.push(revoke("if anyone else ever saw it: revoke it", &fresh));
        }
    }
    let print = |f: &&Finding| f.fingerprint.to_string();
    if server.bypass {
        let lines = findings.iter().map(|f| format!("git push -o \"stopleak.bypass={}:REASON\" …", print(f)));
        steps.push(Remedy::new("not a secret, or it must go in now (this is logged):", unique(lines)));
    }
    let whom = if server.contact.is_empty() { "the administrator of this server" } else { &server.contact };
    let lines = findings.iter().map(|f| format!("stopleak approve {} --reason … --expires …", print(f)));
    steps.push(Remedy::new(&format!("or ask {whom} to run:"), unique(lines)));
    steps
}

fn revoke(what: &str, findings: &[&Finding]) -> Remedy {
    let lines = unique(findings.iter().map(|f| f.rotate.clone()).filter(|r| !r.is_empty()));
    Remedy::new(what, lines)
}

fn not_a_secret(findings: &[&Finding]) -> Remedy {
    let lines = findings.iter().map(|f| {
        let print = f.fingerprint;
        match (&f.path, f.place) {
            (Some(path), Where::File | Where::Path) => {
                format!("stopleak allow {print} --path {} --reason \"…\"", path.shell())
            }
            _ => format!("stopleak allow {print} --reason \"…\""),
        }
    });
    Remedy::new("not a secret?", unique(lines))
}

fn incomplete(situation: &Situation) -> Vec<Remedy> {
    match situation {
        Situation::Scan => Vec::new(),
        Situation::Commit { .. } | Situation::Merge | Situation::Message { .. } => vec![
            Remedy::new("mend what is named above and commit again", Vec::new()),
            Remedy::new("or commit unchecked:", vec!["git commit --no-verify".into()]),
        ],
        Situation::Push => vec![
            Remedy::new("mend what is named above and push again", Vec::new()),
            Remedy::new("or push unchecked:", vec!["git push --no-verify".into()]),
        ],
        Situation::Received(server) => {
            let whom =
                if server.contact.is_empty() { "the administrator of this server" } else { &server.contact };
            vec![Remedy::new(&format!("what cannot be scanned is not let in: ask {whom}"), Vec::new())]
        }
    }
}

/// Each line once, in the order of its first.
fn unique(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    lines.filter(|line| seen.insert(line.clone())).collect()
}
