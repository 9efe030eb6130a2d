//! `stopleak config`.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use stopleak_config::keys::KEYS;
use stopleak_config::{Policy, ServerMode};
use stopleak_report::Format;
use stopleak_report::text::count;

use super::{migrate, rules};
use crate::exit::{Exit, Failure};
use crate::pipeline::hex;
use crate::session::Session;

/// Check, show or migrate the policy.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What to do with it.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Read every layer strictly and name every mistake.
    Check,
    /// The policy in force here.
    Show {
        /// Every key, who may set it and what it does.
        #[arg(long)]
        keys: bool,
    },
    /// Write a policy like another scanner's configuration (gitleaks' TOML) to standard output.
    Migrate {
        /// The other scanner's file.
        file: PathBuf,
    },
}

/// Runs the command.
pub(crate) fn run(session: &Session, what: &What) -> Result<Exit, Failure> {
    match what {
        What::Check => {
            let policy = rules::policy(session)?;
            for note in &policy.ignored {
                session.say(&note.to_string());
            }
            let rules = count(policy.rules().len(), "rule");
            session.print(&format!("the policy is sound: {rules}, {}\n", hex(&policy.hash())))?;
        }
        What::Show { keys: true } => {
            let rows = KEYS.iter().map(|k| {
                let who: Vec<_> = k.who.iter().map(|o| o.name()).collect();
                format!("{:<28}{}\n{:<28}set by: {}\n", k.name, k.what, "", who.join(", "))
            });
            session.print(&rows.collect::<String>())?;
        }
        What::Show { keys: false } => {
            let policy = rules::policy(session)?;
            let text = if session.format() == Format::Text { text(&policy) } else { json(&policy) };
            session.print(&text)?;
        }
        What::Migrate { file } => {
            let text = std::fs::read_to_string(file)
                .map_err(|e| Failure::usage(format!("could not read {}: {e}", file.display())))?;
            let (policy, notes) = migrate::gitleaks(&text)
                .map_err(|why| Failure::usage(format!("{} is not gitleaks' TOML: {why}", file.display())))?;
            session.print(&policy)?;
            for note in &notes {
                session.say(&format!("not carried over: {note}"));
            }
        }
    }
    Ok(Exit::Clean)
}

fn rows(policy: &Policy) -> Vec<(&'static str, String)> {
    let limit = |n: Option<String>| n.unwrap_or_else(|| "none".into());
    let mode = match policy.server.mode {
        ServerMode::Enforce => "enforce",
        ServerMode::Warn => "warn",
        ServerMode::Observe => "observe",
    };
    vec![
        ("rules", policy.rules().len().to_string()),
        ("hook.block", policy.hook.block.to_string()),
        ("hook.warn", policy.hook.warn.to_string()),
        ("hook.severity", policy.hook.severity.to_string()),
        ("scan.show", policy.scan.show.to_string()),
        ("scan.fail", policy.scan.fail.to_string()),
        ("scan.severity", policy.scan.severity.to_string()),
        ("inline-allow", policy.inline_allow.to_string()),
        ("paths.exclude", policy.excluded_paths().join(", ")),
        ("rules.disable", policy.disabled_rules().join(", ")),
        ("limits.max-blob-size", limit(policy.limits.max_blob_size.map(|n| n.to_string()))),
        ("limits.deadline", limit(policy.limits.deadline.map(|d| format!("{} ms", d.as_millis())))),
        ("server.mode", mode.into()),
        ("server.bypass.allow", policy.server.bypass.allow.to_string()),
        ("hash", hex(&policy.hash())),
    ]
}

fn text(policy: &Policy) -> String {
    let mut out = String::new();
    for (key, value) in rows(policy) {
        let _ = writeln!(out, "{key:<24}{value}");
    }
    out
}

fn json(policy: &Policy) -> String {
    let fields: serde_json::Map<_, _> =
        rows(policy).into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect();
    format!("{}\n", json!({"schema": 1, "policy": fields}))
}
