//! `stopleak audit`, on a server.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use stopleak_report::Format;
use stopleak_report::text::count;

use super::approve::parse_date;
use super::scan::open;
use crate::exit::{Exit, Failure, chain};
use crate::server::audit::{self, AuditError, Head, Proof};
use crate::server::audit_path;
use crate::server::summary::Summary;
use crate::session::Session;

/// On a server: the log of decisions.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Prove that no line was changed, removed or cut off.
    ///
    /// Files that the log was rotated into (audit.jsonl.1, audit.jsonl-20261122) are read too.
    Verify {
        /// The log; without one, that of this repository's policy.
        file: Option<PathBuf>,
        /// A head that was noted elsewhere: SEQ:HASH. The log must still have it.
        #[arg(long, value_name = "SEQ:HASH")]
        expect: Option<String>,
    },
    /// Count decisions, rules, repositories and bypasses.
    Summary {
        /// The log; without one, that of this repository's policy.
        file: Option<PathBuf>,
        /// Only decisions of this day and later, YYYY-MM-DD.
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
    },
}

/// Runs the command.
pub(crate) fn run(session: &Session, what: &What) -> Result<Exit, Failure> {
    match what {
        What::Verify { file, expect } => verify(session, &path(session, file.as_ref())?, expect.as_deref()),
        What::Summary { file, since } => {
            let since = since.as_deref().map(parse_date).transpose()?;
            let path = path(session, file.as_ref())?;
            let lines = audit::lines(&path).map_err(|e| Failure::usage(chain(&e)))?;
            let summary = Summary::of(&lines, since.map(|d| d.to_string()).as_deref());
            let text = if session.format() == Format::Text {
                summary.text()
            } else {
                format!("{}\n", summary.json())
            };
            session.print(&text)?;
            Ok(Exit::Clean)
        }
    }
}

fn path(session: &Session, file: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    match file {
        Some(file) => Ok(file.clone()),
        None => audit_path(&open(None)?, session.common.config.as_deref()),
    }
}

fn verify(session: &Session, path: &Path, expect: Option<&str>) -> Result<Exit, Failure> {
    let parse = |text| {
        Head::parse(text).ok_or_else(|| Failure::usage("--expect takes SEQ:HASH, as verify prints it"))
    };
    let expect = expect.map(parse).transpose()?;
    let Proof { head, after, files } =
        audit::verify(path, expect.as_ref()).map_err(|error| match &error {
            AuditError::Io { .. } => Failure::usage(chain(&error)),
            AuditError::Broken { .. } => {
                Failure::incomplete(format!("the audit log does not verify: {}", chain(&error)))
            }
        })?;
    let decisions = head.seq - after.seq;
    let text = if session.format() == Format::Text {
        let mut text = format!("{}: {}, whole\n", path.display(), count(decisions as usize, "decision"));
        if files.len() > 1 {
            let _ = writeln!(text, "in {} files, the oldest {}", files.len(), files[0].display());
        }
        if after.seq > 0 {
            let _ = writeln!(text, "after {}:{}, which is not here", after.seq, after.hash);
        }
        let _ = writeln!(text, "head {}:{}", head.seq, head.hash);
        text
    } else {
        let files: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        let value = json!({
            "schema": 1, "path": path.display().to_string(), "files": files, "decisions": decisions,
            "seq": head.seq, "head": head.hash, "after": after.seq,
        });
        format!("{value}\n")
    };
    session.print(&text)?;
    Ok(Exit::Clean)
}
