//! What is in scope, with git as the oracle: every format of repository, every way in.

#![expect(clippy::unwrap_used, reason = "tests: the helpers are tests too")]

mod common;
mod history;
mod push;
mod staged;
