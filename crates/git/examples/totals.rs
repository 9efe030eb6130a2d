//! Counts what is in scope: `totals staged|history|unreachable|range A..B [DIR]`, and `totals incoming` as a
//! `pre-receive` hook.
//!
//! For comparing with git's own counts on real repositories, and for timing.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use stopleak_git::{Body, Error, HistoryOptions, Incoming, Repo, parse_updates};

fn main() -> Result<(), Error> {
    let start = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (what, rest) = args.split_first().unwrap_or((&"staged", &[]));
    let (range, rest) = if *what == "range" { rest.split_at(rest.len().min(1)) } else { (&[][..], rest) };
    let repo = Repo::open(rest.first().map(Path::new))?;
    let mut changes = match *what {
        "history" => repo.history(HistoryOptions::default()),
        "unreachable" => repo.history(HistoryOptions { unreachable: true }),
        "range" => repo.range(range.first().unwrap_or(&"HEAD")).map(Incoming::all),
        "incoming" => {
            let mut stdin = Vec::new();
            std::io::stdin().read_to_end(&mut stdin).map_err(Error::GitMissing)?;
            repo.incoming(&parse_updates(&stdin)?)
        }
        _ => repo.staged(),
    }?;
    let (mut skips, mut bytes) = (0u64, 0u64);
    for change in changes.by_ref() {
        match change?.body {
            Body::Skipped { .. } => skips += 1,
            Body::Bytes(read) => bytes += read.len() as u64,
            Body::Large(large) => bytes += large.size(),
        }
    }
    let line =
        format!("{:?} skips {skips} bytes with names {bytes} in {:?}\n", changes.totals(), start.elapsed());
    drop(std::io::stdout().write_all(line.as_bytes()));
    Ok(())
}
