//! `stopleak baseline`: what was there when the tool came.

use std::collections::BTreeSet;

use clap::Subcommand;
use serde_json::json;
use stopleak_config::AllowEntry;
use stopleak_core::Fingerprint;
use stopleak_report::text::count;
use stopleak_report::{Disposition, Format, Scan};

use super::allow::{Home, replace};
use super::scan::{self, interrupts};
use crate::exit::{Exit, Failure};
use crate::pipeline::today;
use crate::session::Session;

/// Record what is there already, so that only new secrets stop anyone.
///
/// A baseline entry is a line of `.stopleak.allow` with the word `baseline`: a fingerprint that nobody has
/// judged yet.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What to do with the baseline.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Add every finding of the files and of the history.
    Create(Extent),
    /// Remove entries whose secret is gone.
    Prune(Extent),
    /// Count entries, and what became of them.
    Stats(Extent),
}

/// What is scanned for it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Extent {
    /// Only the files on disk, not the history.
    #[arg(long)]
    pub(crate) files_only: bool,
}

/// Runs the command.
pub(crate) fn run(session: &Session, what: &What) -> Result<Exit, Failure> {
    let (What::Create(extent) | What::Prune(extent) | What::Stats(extent)) = what;
    let home = Home::find()?;
    std::env::set_current_dir(home.root())
        .map_err(|e| Failure::usage(format!("could not change to the root of the repository: {e}")))?;
    let home = Home::find()?;
    let scans = scans(session, extent, home.is_repository())?;
    if scans.iter().any(|s| !s.complete()) {
        return Err(Failure::incomplete(
            "something could not be scanned, so the baseline would not be whole",
        )
        .hint("`stopleak scan` and `stopleak scan --history` name it"));
    }
    match what {
        What::Create(_) => create(session, &home, &scans),
        What::Prune(_) => prune(session, &home, &scans),
        What::Stats(_) => stats(session, &home, &scans),
    }
}

fn scans(session: &Session, extent: &Extent, repository: bool) -> Result<Vec<Scan>, Failure> {
    let stop = interrupts();
    let files = scan::Args::default();
    let mut scans = vec![scan::look(session, &files, &stop)?.0];
    if repository && !extent.files_only {
        let history = scan::Args { history: true, ..scan::Args::default() };
        scans.push(scan::look(session, &history, &stop)?.0);
    }
    Ok(scans)
}

/// The fingerprints of findings that satisfy a condition.
fn prints(scans: &[Scan], wanted: impl Fn(Disposition) -> bool) -> BTreeSet<Fingerprint> {
    scans.iter().flat_map(|s| &s.findings).filter(|f| wanted(f.disposition)).map(|f| f.fingerprint).collect()
}

fn create(session: &Session, home: &Home, scans: &[Scan]) -> Result<Exit, Failure> {
    let (path, mut file) = home.allow_file()?;
    let open = prints(scans, Disposition::is_open);
    if open.is_empty() {
        session.say("nothing to put into a baseline");
        return Ok(Exit::Clean);
    }
    let text = file.add_all(open.iter().copied().map(AllowEntry::baseline));
    replace(&path, &text)?;
    session.say(&format!(
        "{} in the baseline, {}; commit that file",
        count(open.len(), "secret"),
        path.display()
    ));
    session.say("they are still secrets: revoke them, then `stopleak baseline prune`");
    Ok(Exit::Clean)
}

fn prune(session: &Session, home: &Home, scans: &[Scan]) -> Result<Exit, Failure> {
    let (path, mut file) = home.allow_file()?;
    let there = prints(scans, |_| true);
    let before = file.entries().len();
    let text = file.retain(|e| !e.baseline || there.contains(&e.fingerprint));
    let gone = before - file.entries().len();
    if gone > 0 {
        replace(&path, &text)?;
    }
    session.say(&format!("{} removed", count(gone, "baseline line")));
    Ok(Exit::Clean)
}

fn stats(session: &Session, home: &Home, scans: &[Scan]) -> Result<Exit, Failure> {
    let (_, file) = home.allow_file()?;
    let there = prints(scans, |_| true);
    let today = today();
    let (baseline, judged): (Vec<_>, Vec<_>) = file.entries().iter().partition(|e| e.baseline);
    let gone = |entries: &[&AllowEntry]| entries.iter().filter(|e| !there.contains(&e.fingerprint)).count();
    let expired = file.expired(today).count();
    let open = prints(scans, Disposition::is_open).len();
    let text = if session.format() == Format::Text {
        format!(
            "baseline     {:>6}   of them gone {:>6}   (stopleak baseline prune)\n\
             allowed      {:>6}   of them unused {:>4}   expired {expired}\n\
             not covered  {open:>6}\n",
            baseline.len(),
            gone(&baseline),
            judged.len(),
            gone(&judged),
        )
    } else {
        let value = json!({
            "schema": 1,
            "baseline": {"entries": baseline.len(), "gone": gone(&baseline)},
            "allowed": {"entries": judged.len(), "unused": gone(&judged), "expired": expired},
            "not_covered": open,
        });
        format!("{value}\n")
    };
    session.print(&text)?;
    Ok(Exit::Clean)
}
