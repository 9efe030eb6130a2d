//! Sweeps of whole repositories, against git printing every object.

use std::path::Path;
use std::process::Command;

use super::{Options, contender, rival, table};
use crate::measure::in_turn;

/// One repository by path: git, stopleak with one and two threads, perhaps the rivals.
pub(super) fn history(options: &Options, repo: &Path) -> Result<String, String> {
    let path = repo.to_string_lossy();
    let binary = &options.binary;
    let mut contenders = vec![
        contender(
            "git cat-file --batch-all-objects --batch",
            &["git", "-C", &path, "cat-file", "--batch-all-objects", "--batch", "--buffer"],
            options.runs,
        ),
        contender(
            "the same, --unordered",
            &["git", "-C", &path, "cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"],
            options.runs,
        ),
        contender(
            "stopleak scan --history, 1 thread",
            &[binary, "scan", "--history", &path, "--threads", "1", "--no-progress", "--format", "json"],
            options.runs,
        ),
        contender(
            "stopleak scan --history, 2 threads",
            &[binary, "scan", "--history", &path, "--threads", "2", "--no-progress", "--format", "json"],
            options.runs,
        ),
    ];
    if options.rivals {
        contenders.extend(rival("gitleaks", &["git", "--no-banner", "--log-opts=--all", &path], 1));
        contenders.extend(rival("betterleaks", &["git", "--no-banner", "--log-opts=--all", &path], 1));
        contenders.extend(rival("kingfisher", &["scan", &path, "--no-validate", "--no-update-check"], 1));
    }
    let costs = in_turn(&contenders, Path::new("."))?;
    Ok(table(&format!("History: {}", describe(repo)), &contenders, &costs))
}

fn describe(repo: &Path) -> String {
    let git = |args: &[&str]| {
        Command::new("git")
            .arg("-C")
            .arg(repo)
            .args(args)
            .output()
            .map_or_else(|_| String::new(), |out| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let commits = git(&["rev-list", "--all", "--count"]);
    format!("{} ({commits} commits, HEAD {})", repo.display(), git(&["rev-parse", "--short=12", "HEAD"]))
}
