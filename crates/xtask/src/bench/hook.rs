//! What a commit of one line costs, against the git command that asks the same question.

use std::path::Path;

use super::{Options, Scratch, contender, git, rival, table};
use crate::measure::in_turn;

/// One line staged in a small and in a large repository: git, stopleak, perhaps the rivals.
pub(super) fn hook(options: &Options) -> Result<String, String> {
    [5_000, 100_000].iter().map(|&files| one_line(options, files)).collect()
}

fn one_line(options: &Options, files: usize) -> Result<String, String> {
    let scratch = Scratch::new(&format!("hook-{files}"))?;
    let dir = scratch.0.as_path();
    make_repository(dir, files)?;
    let mut contenders = vec![
        contender("git diff --cached --quiet", &["git", "diff", "--cached", "--quiet"], options.runs * 4),
        contender("stopleak hook pre-commit", &[&options.binary, "hook", "pre-commit"], options.runs * 4),
    ];
    if options.rivals {
        let staged = ["git", "--pre-commit", "--staged", "--no-banner", "."];
        contenders.extend(rival("gitleaks", &staged, options.runs));
        let staged = ["git", "--staged", "--no-banner", "."];
        contenders.extend(rival("betterleaks", &staged, options.runs));
        let kingfisher = ["scan", ".", "--staged", "--no-validate", "--no-update-check"];
        contenders.extend(rival("kingfisher", &kingfisher, options.runs));
    }
    let costs = in_turn(&contenders, dir)?;
    Ok(table(&format!("Hook: one line staged, {files} files"), &contenders, &costs))
}

/// A repository of `files` small files in folders of 100, committed, with one line of one file staged.
fn make_repository(dir: &Path, files: usize) -> Result<(), String> {
    git(dir, &["init", "-q", "."])?;
    for n in 0..files {
        let folder = dir.join(format!("d{}", n / 100));
        if n % 100 == 0 {
            std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        }
        let text = format!("fn f{n}() {{\n    let x = {n};\n    println!(\"{{x}}\");\n}}\n");
        std::fs::write(folder.join(format!("f{n}.rs")), text).map_err(|e| e.to_string())?;
    }
    git(dir, &["add", "-A"])?;
    git(dir, &["-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "-q", "-m", "files"])?;
    std::fs::write(dir.join("d0/f0.rs"), "fn f0() {\n    let x = 1;\n}\n").map_err(|e| e.to_string())?;
    git(dir, &["add", "-A"])
}
