//! Walks the objects of packs, bases first, and says what each delta copied and inserted.
//!
//! In a pack most objects are deltas: copy this range of the base, insert these bytes. Reading object by
//! object decodes every chain from its root again and again; walking each delta tree from its base decodes
//! every object once, while its base is hot in cache, and can say which bytes the child shares with it.
//!
//! ```text
//! Store ── packs, loose objects and alternates, mapped ── read(id): one object, hash checked
//!   └ Plan ── every object once, as a forest of deltas
//!       └ walk(visitor) ── all threads, base first: bytes, the base's value, the copied ranges
//! History ── a walk over trees and commits: who introduced which blob, what is reachable
//! ```
//!
//! The crate knows neither secrets nor the git program. A [`Visit`]or gets an object's bytes, the list of
//! ranges copied from the base and the value that it returned for the base, and returns its own value: verdicts
//! of a scanner travel down delta chains that way, and so do resolved tree entries.
//!
//! # Example
//! ```no_run
//! use std::io::Read;
//! use stopleak_pack::{Base, Hash, LargeObject, Object, Options, Plan, Problem, Store, Visit};
//!
//! /// Counts line feeds, and in a delta only those that are new.
//! #[derive(Default)]
//! struct Lines(usize);
//!
//! impl Visit for Lines {
//!     type Value = ();
//!     fn object(&mut self, object: Object<'_>, base: Option<Base<'_, ()>>) {
//!         let mut at = 0;
//!         for copy in base.map_or(&[][..], |base| base.copies) {
//!             self.0 += object.bytes[at..copy.to].iter().filter(|&&b| b == b'\n').count();
//!             at = copy.to + copy.len;
//!         }
//!         self.0 += object.bytes[at..].iter().filter(|&&b| b == b'\n').count();
//!     }
//!     fn large(&mut self, _: LargeObject<'_>, bytes: &mut dyn Read) {
//!         self.0 += bytes.bytes().map_while(Result::ok).filter(|&b| b == b'\n').count();
//!     }
//!     fn problem(&mut self, problem: Problem) {
//!         panic!("not counted: {problem}");
//!     }
//! }
//!
//! let store = Store::open(".git/objects".as_ref(), &[], Hash::Sha1)?;
//! let visitors = Plan::everything(&store).walk(&Options::default(), |_thread| Lines::default());
//! let lines: usize = visitors.iter().map(|visitor| visitor.0).sum();
//! # Ok::<(), stopleak_pack::Error>(())
//! ```
//!
//! # What is checked
//! Packs come from strangers. Every size is bounded before memory is taken for it, every copy range is checked,
//! cycles are found, and whatever cannot be read is a named [`Problem`]: never a panic, never silence.
//! A broken copy of an object is replaced by another copy, where the store has one.
//! An index is checked by its trailing hash when it is opened, an entry of a pack by the index's CRC and
//! by zlib's Adler checksum when it is decoded, a loose object and a random [`Store::read`] by the object's
//! own hash. So a flipped bit anywhere is found. An index that was *forged* to give wrong names is
//! found by [`Options::verify`] only, which hashes every object of the walk.

mod buffer;
mod delta;
mod forest;
mod hash;
pub mod history;
mod index;
mod inflate;
mod loose;
mod map;
mod midx;
mod object;
pub mod oid;
mod packfile;
mod plan;
mod problem;
mod read;
mod room;
mod rope;
mod store;
mod walk;
mod worker;

pub use delta::Copied;
pub use hash::Hash;
pub use history::{Gap, History, Introduction, Occurrence, Tips};
pub use loose::small as small_loose_object;
pub use object::Kind;
pub use oid::ObjectId;
pub use plan::Plan;
pub use problem::{Error, Problem, Why};
pub use read::Reader;
pub use room::{Room, Table};
pub use store::{PackKey, Store};
pub use walk::{Base, LargeObject, Object, Options, Visit};
