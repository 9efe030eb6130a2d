//! Walks the objects of git packs, bases first, and says what each delta copied and inserted.

pub mod oid;

pub use oid::ObjectId;
