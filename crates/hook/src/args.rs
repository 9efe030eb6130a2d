//! The command line.
//!
//! Each subcommand's arguments live in its own file under `commands/`; the doc comments there are the help
//! texts. What every command takes is here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use stopleak_report::Format;

use crate::commands;

/// Keeps secrets out of git.
///
/// Exit codes: 0 clean and complete, 1 findings that block, 2 wrong usage, configuration or rules,
/// 3 something in scope could not be scanned, 70 a bug in stopleak.
#[derive(Debug, Parser)]
#[command(
    name = "stopleak",
    bin_name = "stopleak",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// Show findings of low confidence too.
    #[arg(long, global = true)]
    pub(crate) all: bool,
    /// Run as if started in DIR.
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Read this policy on top of the others.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to write the report: text, json, jsonl or sarif.
    #[arg(long, global = true, value_name = "FMT")]
    pub(crate) format: Option<Format>,
    /// Write the report to FILE instead of standard output.
    #[arg(long, short = 'o', global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Say more; twice for debugging, on standard error.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say nothing but what blocks.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Use at most N threads; 0 is one for each core.
    #[arg(long, global = true, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Show no progress bar.
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scan(commands::scan::Args),
    Hook(commands::hook::Args),
    Install(commands::install::Args),
    Uninstall(commands::uninstall::Args),
    Doctor(commands::doctor::Args),
    Allow(commands::allow::Args),
    Baseline(commands::baseline::Args),
    Rules(commands::rules::Args),
    Config(commands::config::Args),
    Explain(commands::explain::Args),
    Approve(commands::approve::Args),
    Audit(commands::audit::Args),
}
