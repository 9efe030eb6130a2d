//! Keeps secrets out of git.
fn main() {}
