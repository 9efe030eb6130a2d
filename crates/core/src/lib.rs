//! Finds secrets in a slice of bytes, given compiled rules.
//!
//! This crate is the detector and nothing else: it knows no files, no git, no TOML, no clock, no
//! environment and writes no logs. Bytes go in, [`Match`]es come out:
//!
//! ```text
//! bytes ─ prefilter (may err only towards "try") ─ confirm in a window ─ verify offline ─ resolve ─ Match
//! ```
//!
//! Everything fast rests on one contract, *locality*: whether a rule matches depends only on the bytes
//! within the rule's reach of its anchor. See [`Rule`] and [`reach`].

mod armor;
mod confirm;
pub mod context;
pub mod delta;
pub mod detector;
pub mod entropy;
pub mod found;
pub mod generic;
mod keyblock;
mod lines;
mod misshapen;
pub mod placeholder;
mod prefilter;
pub mod randomness;
pub mod reach;
mod resolve;
pub mod rule;
pub mod secret;
mod stream;
#[cfg(test)]
mod testing;
mod utf16;
pub mod verify;
pub mod views;
mod wordset;

pub use delta::{Copied, Trace};
pub use detector::Detector;
pub use found::{Encoding, Evidence, Fact, Found, Match, Part, Position, Skipped, Verified};
#[doc(hidden)]
pub use prefilter::index;
pub use reach::{Reach, RuleProblem};
pub use rule::{Anchor, Confidence, Engine, Rule, Severity, ValueClass};
pub use secret::{Fingerprint, FingerprintKey, Secret};
