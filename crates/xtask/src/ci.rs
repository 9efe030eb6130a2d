//! What CI runs, in order of cheapness.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::say;

/// Runs every step; the first failure ends the run.
pub(crate) fn run() -> Result<(), String> {
    step("fmt", &["fmt", "--all", "--check"], &[])?;
    crate::tidy::run()?;
    step("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"], &[])?;
    // The README's test command, to the letter.
    step("test", &["test", "--workspace", "--locked"], &[])?;
    step("doc", &["doc", "--workspace", "--no-deps", "--locked"], &[("RUSTDOCFLAGS", "-D warnings")])?;
    end_to_end()
}

/// Runs the tests that need real servers (sshd, nginx with fcgiwrap, gitolite3), which `.ci/run` installs, and
/// those that weigh.
pub(crate) fn end_to_end() -> Result<(), String> {
    step(
        "end-to-end",
        &["test", "-p", "stopleak", "--locked", "--test", "servers", "--test", "load", "--", "--ignored"],
        &[],
    )
}

/// The workspace's top folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map_or_else(PathBuf::new, Path::to_path_buf)
}

fn step(name: &str, args: &[&str], envs: &[(&str, &str)]) -> Result<(), String> {
    let start = Instant::now();
    say(&format!("== {name}: cargo {}", args.join(" ")));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(args)
        .envs(envs.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|e| format!("could not start cargo for {name}: {e}"))?;
    say(&format!("== {name}: {:.0} s", start.elapsed().as_secs_f64()));
    if status.success() { Ok(()) } else { Err(format!("{name} failed ({status})")) }
}
