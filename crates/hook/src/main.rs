//! Keeps secrets out of git.
//!
//! The binary: command line, the scan pipeline, the policy's decision, exit codes.
//!
//! ```text
//! argv, stdin, environment ─ a command ─ texts with places ─ Engine ─ Scan ─ report and exit code
//! ```
//!
//! `stopleak hook …` is what git calls on every commit, so it takes a short way in: plain arguments are
//! recognised by hand, without building the tree of subcommands, and nothing is set up that a clean commit
//! does not need.

mod args;
mod commands;
mod environment;
mod exit;
mod guard;
mod ignored;
mod pipeline;
mod progress;
mod server;
mod session;
mod settings;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Cli;
use commands::hook;
use exit::Exit;
use session::Session;

fn main() -> ExitCode {
    guard::run(&mut io::stderr(), || start(std::env::args_os().collect())).into()
}

fn start(argv: Vec<OsString>) -> Exit {
    if let Some(event) = hook::plain(&argv) {
        return Session::end(hook::run(&Session::default(), &event));
    }
    match Cli::try_parse_from(argv) {
        Ok(cli) => {
            let session = Session::new(cli.common);
            Session::end(session.enter().and_then(|()| commands::run(&session, cli.command)))
        }
        Err(error) => {
            // Help and version are no errors; both go where clap sends them.
            let written = if error.use_stderr() {
                write!(io::stderr(), "{}", error.render())
            } else {
                write!(io::stdout(), "{}", error.render())
            };
            match (error.exit_code(), written) {
                (0, Ok(())) => Exit::Clean,
                (0, Err(_)) => Exit::Incomplete,
                _ => Exit::Usage,
            }
        }
    }
}
