//! What is in scope, with git as the oracle: every format of repository, every way in.

mod common;
mod history;
mod push;
mod staged;
