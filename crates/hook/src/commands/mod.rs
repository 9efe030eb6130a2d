//! One file per subcommand.

pub(crate) mod allow;
pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod baseline;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod hook;
pub(crate) mod install;
mod migrate;
pub(crate) mod rules;
pub(crate) mod scan;
pub(crate) mod uninstall;

use crate::args::Command;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Runs a command.
pub(crate) fn run(session: &Session, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Scan(args) => scan::run(session, &args),
        Command::Hook(args) => hook::run(session, &args.event),
        Command::Install(args) => install::run(session, &args),
        Command::Uninstall(args) => uninstall::run(session, &args),
        Command::Doctor(args) => doctor::run(session, &args),
        Command::Allow(args) => allow::run(session, &args),
        Command::Baseline(args) => baseline::run(session, &args.what),
        Command::Rules(args) => rules::run(session, &args.what),
        Command::Config(args) => config::run(session, &args.what),
        Command::Explain(args) => explain::run(session, &args),
        Command::Approve(args) => approve::run(session, &args),
        Command::Audit(args) => audit::run(session, &args.what),
    }
}
