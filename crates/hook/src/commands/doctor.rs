//! `stopleak doctor`.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use serde_json::json;
use stopleak_installer::{Check, DoctorRequest, Request, Status, diagnose};
use stopleak_report::text::Paint;
use stopleak_report::{Format, Shown};

use super::install::{Where, failed};
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Check that the hooks fire, and prove it with a planted fake secret.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) target: Where,
    /// Only look at files and settings; plant nothing.
    #[arg(long)]
    pub(crate) no_proof: bool,
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let Request { target, hooks, binary, surroundings, .. } = args.target.request(false)?;
    let request = DoctorRequest { target, hooks, binary, prove: !args.no_proof, surroundings };
    let checks = diagnose(&request).map_err(|e| failed(&e))?;
    let text = if session.format() == Format::Text { text(session, &checks) } else { json(&checks) };
    session.print(&text)?;
    // A hook that does not fire is something in scope that is not scanned.
    let broken = checks.iter().any(|c| c.status == Status::Fail);
    Ok(if broken { Exit::Incomplete } else { Exit::Clean })
}

fn text(session: &Session, checks: &[Check]) -> String {
    let paint = Paint { on: session.colour(io::stdout().is_terminal()) };
    let mut out = String::new();
    for check in checks.iter().filter(|c| !session.common.quiet || c.status != Status::Ok) {
        let word = match check.status {
            Status::Ok => paint.good("ok  "),
            Status::Warn => paint.warn("warn"),
            Status::Fail => paint.alarm("FAIL"),
        };
        let _ = writeln!(out, "{word}  {}: {}", check.name, Shown::from(check.detail.as_str()).safe());
        if let Some(help) = &check.help {
            let _ = writeln!(out, "      {help}");
        }
    }
    out
}

fn json(checks: &[Check]) -> String {
    let word = |s: Status| match s {
        Status::Ok => "ok",
        Status::Warn => "warn",
        Status::Fail => "fail",
    };
    let one =
        |c: &Check| json!({"name": c.name, "status": word(c.status), "detail": c.detail, "help": c.help});
    format!("{}\n", json!({"schema": 1, "checks": checks.iter().map(one).collect::<Vec<_>>()}))
}
