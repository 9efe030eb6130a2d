//! Links the program at a fixed address on Linux.
//!
//! The built-in rules are tables full of pointers. In a position-independent program the loader patches
//! each of them (17,000) in every run and copies the pages they are on: 110 page faults, half a millisecond
//! of a hook that takes three. Stack, heap and libraries are still placed at random.

#![allow(clippy::print_stdout, reason = "how a build script speaks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
