//! Files on disk, against reading them and against ripgrep.

use std::path::Path;

use super::{Options, contender, find, rival, table};
use crate::measure::in_turn;

/// One folder by path: `cat`, stopleak with one and two threads, ripgrep, perhaps the rivals.
pub(super) fn tree(options: &Options, dir: &Path) -> Result<String, String> {
    let path = dir.to_string_lossy();
    let binary = &options.binary;
    let mut contenders = vec![
        contender(
            "cat (read every file)",
            &["sh", "-c", "find \"$0\" -type f -print0 | xargs -0 cat", &path],
            options.runs,
        ),
        contender(
            "stopleak scan, 1 thread",
            &[binary, "scan", &path, "--threads", "1", "--no-progress"],
            options.runs,
        ),
        contender(
            "stopleak scan, 2 threads",
            &[binary, "scan", &path, "--threads", "2", "--no-progress"],
            options.runs,
        ),
    ];
    if let Some(rg) = find("rg") {
        let literals = "ghp_|AKIA|xoxb-|sk_live_|glpat-|npm_|AIza|-----BEGIN";
        contenders.push(contender(
            "ripgrep, 8 literals",
            &[&rg, "-uuu", "-c", literals, &path],
            options.runs,
        ));
    }
    if options.rivals {
        contenders.extend(rival("gitleaks", &["dir", "--no-banner", &path], 1));
        contenders.extend(rival("betterleaks", &[&path, "--no-banner"], 1));
        contenders.extend(rival("kingfisher", &["scan", &path, "--no-validate", "--no-update-check"], 1));
    }
    let costs = in_turn(&contenders, Path::new("."))?;
    Ok(table(&format!("Tree: {}", dir.display()), &contenders, &costs))
}
