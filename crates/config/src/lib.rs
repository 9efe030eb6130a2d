//! Turns TOML into checked rules and policy, or a list of located problems.
//!
//! Three kinds of text come in, each read strictly, each mistake reported with its file, line and column
//! and all of them in one run ([`Problems`]):
//!
//! - rule files (`config/rules/*.toml`, and `[[rule]]` in a policy) become [`stopleak_core::Rule`]s;
//!   the built-in ones are tables made when this crate is built ([`builtin_rules`]);
//! - policy files (`.stopleak.toml` and the server's) are layered into one [`Policy`];
//! - `.stopleak.allow` becomes an [`AllowFile`]; marks in a line are read by [`inline_allow`].
//!
//! The crate reads no files, clock or environment: the caller hands it text and the date.

pub mod allow;
pub mod glob;
pub mod inline;
pub mod keys;
mod load;
pub mod near;
pub mod policy;
pub mod problems;
pub mod rule_file;
pub mod rules;
pub mod units;
pub mod written;

pub use allow::{AllowEntry, AllowFile};
pub use inline::{Inline, inline_allow};
pub use load::load_policy;
pub use policy::{Command, Layer, Mode, Origin, Policy, ServerMode};
pub use problems::{Problem, Problems};
#[doc(hidden)]
pub use rules::builtin_index;
pub use rules::{RuleDoc, builtin_detector, builtin_rules, parse_rules};
