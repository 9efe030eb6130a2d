//! What only a server does: its policy, its governed bypass, its audit log.
//!
//! Whoever pushes cannot weaken what judges the push: policy and allow entries come from the server and
//! from the repository as it was before the push. Doubt refuses: a broken policy, an unreadable object or
//! a decision that cannot be recorded lets nothing through, and the administrator learns why.

pub(crate) mod approvals;
pub(crate) mod audit;
mod bypass;
mod policy;
pub(crate) mod receive;
mod record;
pub(crate) mod summary;
mod tell;

use std::path::{Path, PathBuf};

use stopleak_git::Repo;

use crate::exit::Failure;

/// Where the decisions about a repository are logged.
pub(crate) fn audit_path(repo: &Repo, config: Option<&Path>) -> Result<PathBuf, Failure> {
    let settings = policy::load(repo, config)?;
    Ok(settings.policy.server.audit_path.unwrap_or_else(|| record::default_path(repo)))
}
