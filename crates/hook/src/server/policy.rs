//! The policy that a push is judged by.
//!
//! Layers: built-in < `/etc/stopleak/server.toml` < `stopleak.toml` in the bare repository < `--config`.
//! The repository's own `.stopleak.toml` joins only where the operator trusts it, and always as the
//! default branch had it before the push; the same goes for `.stopleak.allow`.
//!
//! A mistake in an operator's file refuses every push. A mistake in the repository's own file does not: it
//! could then never be mended by a push. That file is left out, and the pusher is told.

use std::path::{Path, PathBuf};

use stopleak_config::policy::TrustRepository;
use stopleak_config::{AllowFile, Layer, Origin, Policy};
use stopleak_git::Repo;

use crate::exit::{Failure, chain};
use crate::settings::{self, ALLOW_FILE, POLICY_FILE};

/// The policy of all repositories of a machine.
const SYSTEM_FILE: &str = "/etc/stopleak/server.toml";
/// The operator's policy of one bare repository, inside its git folder.
const REPOSITORY_FILE: &str = "stopleak.toml";

/// What judges a push.
pub(super) struct ServerSettings {
    pub(super) policy: Policy,
    pub(super) notes: Vec<String>,
}

/// Reads every layer that counts.
pub(super) fn load(repo: &Repo, config: Option<&Path>) -> Result<ServerSettings, Failure> {
    let mut layers = Vec::new();
    layers.extend(settings::layer(Origin::System, Path::new(SYSTEM_FILE))?);
    layers.extend(settings::layer(Origin::Server, &repo.common_dir().join(REPOSITORY_FILE))?);
    if let Some(file) = config {
        let layer = settings::layer(Origin::Flags, file)?;
        layers.push(
            layer.ok_or_else(|| Failure::usage(format!("there is no policy file {}", file.display())))?,
        );
    }
    let mut policy = settings::policy(&layers)?;
    let mut notes = Vec::new();
    if policy.server.trust_repository == TrustRepository::All
        && let Some(bytes) = before(repo, POLICY_FILE)?
    {
        let file = PathBuf::from(format!("the default branch's {POLICY_FILE}"));
        match String::from_utf8(bytes) {
            Ok(text) => layers.push(Layer { origin: Origin::Repository, file, text }),
            Err(_) => {
                notes.push(format!("{POLICY_FILE} of the default branch is not UTF-8 and was not used"));
            }
        }
        match settings::policy(&layers) {
            Ok(joined) => policy = joined,
            Err(failure) => {
                notes.push(format!("{POLICY_FILE} of the default branch was not used: {}", failure.message));
            }
        }
    }
    Ok(ServerSettings { policy, notes })
}

/// The allow entries that count, as the default branch had them before the push. Asked only when something
/// would block: reading them costs processes, and most pushes are clean.
pub(super) fn allow_file(
    repo: &Repo,
    policy: &Policy,
    notes: &mut Vec<String>,
) -> Result<AllowFile, Failure> {
    if policy.server.trust_repository == TrustRepository::No {
        return Ok(AllowFile::default());
    }
    let Some(bytes) = before(repo, ALLOW_FILE)? else { return Ok(AllowFile::default()) };
    Ok(settings::allow(&bytes, Path::new(ALLOW_FILE)).unwrap_or_else(|failure| {
        notes.push(format!("{ALLOW_FILE} of the default branch was not used: {}", failure.message));
        AllowFile::default()
    }))
}

fn before(repo: &Repo, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    repo.before_push(path).map_err(|e| {
        Failure::incomplete(format!("could not read {path} as it was before the push: {}", chain(&e)))
    })
}
