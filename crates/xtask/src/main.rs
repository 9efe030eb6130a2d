//! The project's own tasks: `cargo xtask <ci | tidy | eval | silent | bench | e2e>`.
//!
//! One front door that needs only cargo, so that a person, CI and a hook run the same thing.

mod bench;
mod ci;
mod eval;
mod measure;
mod silent;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  ci             what CI runs: fmt, tidy, clippy, tests, doc tests, docs, end-to-end
  tidy           checks that no compiler makes: shell scripts, live-looking strings, links of the book
  bench …        speed against git and rivals; `cargo xtask bench` says how
  eval …         precision and recall on labelled cases, against rivals
  silent …       alarms on clean popular code, against rivals; every one is explained
  e2e            the end-to-end tests that need sshd, nginx and gitolite3 on this machine
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.first().map(String::as_str) {
        Some("ci") => ci::run(),
        Some("tidy") => tidy::run(),
        Some("bench") => bench::run(&args[1..]),
        Some("eval") => eval::run(&args[1..]),
        Some("silent") => silent::run(&args[1..]),
        Some("measure") => measure::child(&args[1..]).map(|cost| print(&cost)),
        Some("e2e") => ci::end_to_end(),
        _ => Err(HELP.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

/// Prints a line for the person who ran the task.
#[expect(clippy::print_stderr, reason = "a task talks to the person who ran it")]
fn say(line: &str) {
    eprintln!("{line}");
}

#[expect(clippy::print_stdout, reason = "the answer of `measure` is read by its parent")]
fn print(line: &str) {
    println!("{line}");
}
