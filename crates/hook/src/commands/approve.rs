//! `stopleak approve`, on a server.

use jiff::civil::Date;
use stopleak_core::Fingerprint;

use super::scan::open;
use crate::exit::{Exit, Failure, chain};
use crate::server::approvals::{Approval, Approvals};
use crate::session::{self, Session};
use crate::{environment, pipeline};

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
    let reason = parse_reason(&args.reason, "an approval")?;
    let repo = open(None)?;
    let approval = Approval {
        fingerprint: fingerprint.to_string(),
        reason: reason.to_owned(),
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

/// Reads the last day of something that begins now.
pub(crate) fn parse_date(text: &str) -> Result<Date, Failure> {
    let day: Date = text.parse().map_err(|_| Failure::usage("a date is written 2027-01-31"))?;
    if day < pipeline::today() {
        return Err(Failure::usage(format!("{day} is over: it would never count")));
    }
    Ok(day)
}

/// Reads a reason, which others will read too. A secret in it is not repeated.
pub(crate) fn parse_reason<'t>(text: &'t str, what: &str) -> Result<&'t str, Failure> {
    let reason = text.trim();
    if reason.is_empty() {
        return Err(Failure::usage(format!("{what} needs a reason")));
    }
    if session::holds_secret(reason) {
        return Err(Failure::usage("the reason holds a secret itself: say it in other words"));
    }
    Ok(reason)
}
