//! Hermetic git worlds and fresh fake secrets, for tests only.

pub mod fakes;
pub mod rng;
pub mod world;
