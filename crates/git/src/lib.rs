//! Says which git objects are new, who introduced them, and which host runs us.
//!
//! git says which, we read what. The *scope* of every scan (what is staged, pushed, reachable) comes from
//! git's own plumbing, run with pinned flags and environment by one module, so it is right in every
//! format git reads: SHA-256, reftable, split and sparse index, worktrees, alternates, quarantine. The
//! *bytes* come from libgit2's object database in process, and from a long-lived `git cat-file --batch`
//! where libgit2 cannot help. What a push brought lies in a folder of its own, which the reader of packs lists and
//! walks; which of it is new is git's to say.
//!
//! Two promises hold everywhere:
//! - git failing, or writing less than it should, is an [`Error`], never "fewer items".
//! - an object in scope that cannot be read is a [`Change`] whose body is [`Body::Skipped`].

mod added;
mod change;
mod error;
mod history;
pub mod host;
mod introduced;
mod layout;
mod objects;
mod out;
mod people;
mod places;
mod plan;
mod plumbing;
mod push;
mod quarantine;
mod raw;
mod repo;
mod shallow;
mod staged;
mod sweep;
mod treediff;
mod updates;

pub use change::{Body, Change, Changes, Kind, LargeBlob, Place, SkipReason, Totals};
pub use error::Error;
pub use plan::is_note_path;
pub use quarantine::{Incoming, Quarantine, Question, Stored};
pub use repo::{Added, CommitFacts, HistoryOptions, Introduction, Repo};
pub use stopleak_pack::ObjectId;
pub use sweep::{HistoryTips, ObjectDirs};
pub use updates::{PushLine, RefUpdate, parse_push_lines, parse_updates};
