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
//! within the rule's reach of its anchor. See [`Rule`].

pub mod found;
pub mod rule;
pub mod secret;

pub use found::{Encoding, Fact, Match, Part, Position, Verified};
pub use rule::{Anchor, Confidence, Engine, Rule, Severity, ValueClass};
pub use secret::{Fingerprint, FingerprintKey, Secret};
