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
mod git;
mod hook;
mod plan;
mod request;

pub use doctor::{Check, DoctorRequest, Status, diagnose};
pub use error::Error;
pub use git::Surroundings;
pub use hook::Hook;
pub use plan::{Applied, Plan, Step};
pub use request::{Request, Target};

/// Says what `request` needs changed. Looks, and changes nothing.
///
/// # Errors
/// When the target is not what it should be (no repository, hooks switched off, a folder that cannot hold
/// programs), or git cannot be asked.
pub fn plan(request: &Request) -> Result<Plan, Error> {
    let _ = request;
    Err(Error::NotSupported { what: "planning" })
}

/// Says how to undo what [`plan`] and [`apply`] did for the same request.
///
/// Only files that are byte for byte what an install wrote are taken away; any other is left and named in
/// [`Plan::notes`].
///
/// # Errors
/// As [`plan`].
pub fn plan_uninstall(request: &Request) -> Result<Plan, Error> {
    let _ = request;
    Err(Error::NotSupported { what: "planning" })
}

/// Does the steps of `plan`, in order, and stops at the first that fails.
///
/// # Errors
/// The failed step and its cause. Steps before it stay done; each leaves a working hook behind.
pub fn apply(plan: &Plan) -> Result<Applied, Error> {
    let _ = plan;
    Err(Error::NotSupported { what: "applying" })
}
