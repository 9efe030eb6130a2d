//! Plans, applies, undoes and checks the wiring of the hook shims.
//!
//! Everything happens in two moves. [`plan`] looks and says, step by step, what it would change;
//! [`apply`] does exactly those steps. Each step is one atomic file operation or one `git config` call,
//! ordered so that stopping after any of them leaves the hook that was there before, or ours, and never
//! none. [`diagnose`] does not trust what it reads: it plants a fresh fake secret and lets git answer.
//!
//! There is no manifest. A shim carries a checksum of itself, the hook that it displaced stands beside it
//! as `<hook>.before-stopleak`, and the one configuration value we set has a marker key next to it: what
//! is on disk is all the state there is, so it cannot disagree with itself.

mod doctor;
mod error;
mod files;
mod folder;
mod git;
mod global;
mod hook;
mod husky;
mod neighbour;
mod plan;
mod repository;
mod request;
mod server;
mod shim;

pub use doctor::{Check, DoctorRequest, Status, diagnose};
pub use error::Error;
pub use git::Surroundings;
pub use hook::Hook;
#[doc(hidden)]
pub use plan::apply_some;
pub use plan::{Applied, Plan, Step, apply};
pub use request::{Request, Target};

use git::Git;

/// Says what `request` needs changed. Changes nothing itself; only when it is not a dry run, it tries with a
/// file that it removes at once whether a program would run from the hooks folder.
///
/// # Errors
/// When the target is not what it should be (no repository, hooks switched off, a folder that cannot hold
/// programs), or git cannot be asked.
pub fn plan(request: &Request) -> Result<Plan, Error> {
    let git = Git::new(&request.surroundings);
    let mut plan = Plan::new(git.clone(), request.dry_run);
    if !request.binary.is_absolute() || !files::is_program(&request.binary) {
        return Err(Error::Binary(request.binary.clone()));
    }
    request.check_hooks()?;
    let (hooks, binary, probe) = (request.hooks.as_slice(), request.binary.as_path(), !request.dry_run);
    match &request.target {
        Target::Repository(dir) => repository::install(&git, dir, hooks, binary, probe, &mut plan)?,
        Target::Global => global::install(&git, hooks, binary, probe, &mut plan)?,
        Target::Server(paths) => {
            server::install(&git, &server::named(&git, paths)?, binary, probe, &mut plan)?;
        }
        Target::ServerAllUnder(root) => {
            server::install_below(&git, &server::all_under(&git, root)?, binary, probe, &mut plan);
        }
    }
    Ok(plan)
}

/// Says how to undo what [`plan`] and [`apply`] did for the same request.
///
/// Only files that are byte for byte what an install wrote are taken away; any other is left and named in
/// [`Plan::notes`].
///
/// # Errors
/// As [`plan`].
pub fn plan_uninstall(request: &Request) -> Result<Plan, Error> {
    let git = Git::new(&request.surroundings);
    let mut plan = Plan::new(git.clone(), request.dry_run);
    match &request.target {
        Target::Repository(dir) => repository::uninstall(&git, dir, &request.hooks, &mut plan)?,
        Target::Global => global::uninstall(&git, &mut plan)?,
        Target::Server(paths) => server::uninstall(&git, &server::named(&git, paths)?, &mut plan)?,
        Target::ServerAllUnder(root) => {
            server::uninstall_future(&git, &mut plan)?;
            match server::all_under(&git, root) {
                // All are gone, and what new ones would have got is taken away.
                Err(Error::NothingBelow(_)) if !plan.is_empty() => {}
                below => server::uninstall_below(&git, &below?, &mut plan),
            }
        }
    }
    Ok(plan)
}
