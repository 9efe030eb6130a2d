//! `stopleak uninstall`.

use stopleak_installer::plan_uninstall;

use super::install::{Where, carry_out, failed};
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Undo what install did; hooks that were there before come back byte for byte.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) target: Where,
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let request = args.target.request(args.dry_run)?;
    let plan = plan_uninstall(&request).map_err(|e| failed(&e))?;
    carry_out(session, &plan, args.dry_run, "uninstalled\n")
}
