//! `stopleak explain`.

use std::fmt::Write as _;
use std::path::PathBuf;

use stopleak_core::Fingerprint;
use stopleak_report::{Finding, Format, Scan, Shown};

use super::rules::{describe, find, policy};
use super::scan::{self, interrupts};
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Say why something was reported, and what its owner should do.
///
/// A rule's id explains the rule. A fingerprint is looked for in what is staged, then in the files, then in
/// the history.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A fingerprint, or a rule's id.
    #[arg(value_name = "FINDING-OR-RULE")]
    pub(crate) what: String,
    /// Look for the fingerprint here only.
    pub(crate) paths: Vec<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let Some(fingerprint) = Fingerprint::parse(&args.what) else {
        let rules = policy(session)?.rules();
        let rule = find(&rules, &args.what)?;
        session.print(&format!("{}{}", describe(rule), advice(&rule.rotate, true)))?;
        return Ok(Exit::Clean);
    };
    let scan = locate(session, fingerprint, args)?;
    let findings: Vec<&Finding> = scan.findings.iter().filter(|f| f.fingerprint == fingerprint).collect();
    let Some(first) = findings.first() else {
        return Err(Failure::usage("nothing here has that fingerprint")
            .hint("name the files that hold it: stopleak explain FINGERPRINT PATH"));
    };
    if session.format() != Format::Text {
        let scan = Scan { findings: findings.into_iter().cloned().collect(), ..scan.clone() };
        let mut out = Vec::new();
        stopleak_report::write(&scan, session.format(), &stopleak_report::text::Layout::default(), &mut out)
            .map_err(|e| Failure::incomplete(e.to_string()))?;
        session.print(&String::from_utf8_lossy(&out))?;
        return Ok(Exit::Clean);
    }
    session.print(&text(first, &findings))?;
    Ok(Exit::Clean)
}

/// The first source that has it, cheapest first.
fn locate(session: &Session, fingerprint: Fingerprint, args: &Args) -> Result<Scan, Failure> {
    let mut common = session.common.clone();
    common.all = true;
    common.quiet = true;
    let session = Session::new(common);
    let stop = interrupts();
    let files = scan::Args { paths: args.paths.clone(), ..scan::Args::default() };
    let staged = scan::Args { staged: true, ..scan::Args::default() };
    let history = scan::Args { history: true, ..scan::Args::default() };
    let sources = if args.paths.is_empty() { vec![staged, files, history] } else { vec![files] };
    let mut last = Ok(Scan::default());
    for source in &sources {
        // Outside of a repository only the files can be looked at.
        last = scan::look(&session, source, &stop).map(|(scan, _)| scan);
        if let Ok(scan) = &last
            && scan.findings.iter().any(|f| f.fingerprint == fingerprint)
        {
            return last;
        }
    }
    last.or_else(|_| Ok(Scan::default()))
}

fn text(first: &Finding, all: &[&Finding]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}   {}   {}", first.name, first.masked, first.fingerprint);
    if !first.what.is_empty() {
        let _ = writeln!(out, "\n{}", first.what);
    }
    let _ = writeln!(out, "\nwhere");
    for f in all {
        let path = f.path.as_ref().map_or_else(|| f.place.name().to_owned(), Shown::safe);
        let commit =
            f.commit.as_ref().map(|c| format!("   commit {}", c.get(..12).unwrap_or(c))).unwrap_or_default();
        let _ =
            writeln!(out, "  {path}:{}:{}{commit}   {}", f.start.line, f.start.column, f.disposition.name());
        if !f.excerpt.is_empty() {
            let _ = writeln!(out, "     {}", Shown::from(f.excerpt.as_str()).safe());
        }
    }
    let _ = writeln!(out, "\nwhy");
    let _ =
        writeln!(out, "  rule {} ({} severity, {} confidence)", first.rule, first.severity, first.confidence);
    if let Some(verified) = first.verified {
        let _ = writeln!(out, "  verified offline: {}", format!("{verified:?}").to_lowercase());
    }
    for why in &first.why {
        let _ = writeln!(out, "  {why}");
    }
    for fact in &first.facts {
        let _ = writeln!(out, "  {}: {}", fact.name, Shown::from(fact.value.as_str()).safe());
    }
    if let Some(reason) = &first.reason {
        let _ = writeln!(out, "  allowed because: {reason}");
    }
    out.push_str(&advice(&first.rotate, all.iter().any(|f| f.commit.is_some())));
    let path = first.path.as_ref().map(|p| format!(" --path {}", p.shell())).unwrap_or_default();
    let _ = writeln!(out, "  not a secret? stopleak allow {}{path} --reason \"…\"", first.fingerprint);
    out
}

/// What an owner does, in order.
fn advice(rotate: &str, committed: bool) -> String {
    let mut out = String::from("\nwhat to do\n");
    let whom = if rotate.is_empty() { "with whoever issued it" } else { rotate };
    let _ = writeln!(out, "  1. revoke it and make a new one: {whom}");
    let _ = writeln!(out, "  2. look at its issuer's log for uses that are not yours");
    if committed {
        let _ = writeln!(
            out,
            "  3. then take it out of history (git filter-repo); every clone and fork keeps a copy"
        );
    } else {
        let _ = writeln!(out, "  3. then take it out of the file: a secret manager, or an ignored file");
    }
    out
}
