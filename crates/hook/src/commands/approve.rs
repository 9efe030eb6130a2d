//! `stopleak approve`, on a server.

use jiff::civil::Date;
use stopleak_core::Fingerprint;

use super::scan::open;
use crate::environment;
use crate::exit::{Exit, Failure, chain};
use crate::server::approvals::{Approval, Approvals};
use crate::session::Session;

/// On a server: let one finding through, once or until a day.
///
/// Run it as the administrator, in the bare repository (or name it with -C).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The finding's fingerprint, as the refusal names it.
    pub(crate) fingerprint: String,
    /// Why it may pass.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The last day on which it may pass, YYYY-MM-DD; without one it passes once.
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<String>,
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let fingerprint = parse_fingerprint(&args.fingerprint)?;
    let expires = args.expires.as_deref().map(parse_date).transpose()?;
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("an approval needs a reason"));
    }
    let repo = open(None)?;
    let approval = Approval {
        fingerprint: fingerprint.to_string(),
        reason: args.reason.trim().to_owned(),
        by: environment::WHO.into_iter().find_map(environment::text).unwrap_or_else(|| "unknown".into()),
        at: jiff::Timestamp::now().to_string(),
        expires: expires.map(|d| d.to_string()),
    };
    Approvals::add(repo.common_dir(), approval).map_err(|e| Failure::usage(chain(&e)))?;
    let how = expires.map_or_else(|| "once".to_owned(), |d| format!("until {d}"));
    session.say(&format!("{fingerprint} may pass {how}"));
    Ok(Exit::Clean)
}

/// Reads a fingerprint. What was given is not repeated: someone may have pasted the secret.
pub(crate) fn parse_fingerprint(text: &str) -> Result<Fingerprint, Failure> {
    Fingerprint::parse(text.trim()).ok_or_else(|| {
        Failure::usage("a fingerprint is 16 hex digits")
            .hint("findings show it: stopleak scan, or the refusal")
    })
}

/// Reads a day.
pub(crate) fn parse_date(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(|_| Failure::usage("a date is written 2027-01-31"))
}
