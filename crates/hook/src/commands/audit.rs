//! `stopleak audit`, on a server.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use stopleak_report::Format;

use super::scan::open;
use crate::exit::{Exit, Failure, chain};
use crate::server::audit::{self, AuditError, Head};
use crate::server::audit_path;
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
    Verify {
        /// The log; without one, that of this repository's policy.
        file: Option<PathBuf>,
        /// A head that was noted elsewhere: SEQ:HASH. The log must still have it.
        #[arg(long, value_name = "SEQ:HASH")]
        expect: Option<String>,
    },
}

/// Runs the command.
pub(crate) fn run(session: &Session, what: &What) -> Result<Exit, Failure> {
    let What::Verify { file, expect } = what;
    let expect = match expect {
        None => None,
        Some(text) => Some(
            Head::parse(text)
                .ok_or_else(|| Failure::usage("--expect takes SEQ:HASH, as verify prints it"))?,
        ),
    };
    let path = match file {
        Some(file) => file.clone(),
        None => audit_path(&open(None)?, session.common.config.as_deref())?,
    };
    let head = audit::verify(&path, expect.as_ref()).map_err(|error| match &error {
        AuditError::Io { .. } => Failure::usage(chain(&error)),
        AuditError::Broken { .. } => {
            Failure::incomplete(format!("the audit log does not verify: {}", chain(&error)))
        }
    })?;
    let text = if session.format() == Format::Text {
        format!("{}: {} decisions, whole\nhead {}:{}\n", path.display(), head.seq, head.seq, head.hash)
    } else {
        format!(
            "{}\n",
            json!({"schema": 1, "path": path.display().to_string(), "decisions": head.seq, "head": head.hash})
        )
    };
    session.print(&text)?;
    Ok(Exit::Clean)
}
