//! What can go wrong while wiring hooks.

/// Why a plan could not be made or a step not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// This build cannot do it yet.
    #[error("{what} is not possible in this build")]
    NotSupported {
        /// What was asked for.
        what: &'static str,
    },
}

impl Error {
    /// What the reader can do about it, when there is something.
    pub fn help(&self) -> Option<String> {
        None
    }
}
