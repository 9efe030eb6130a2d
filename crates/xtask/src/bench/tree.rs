//! Files on disk, against reading them and against ripgrep.

use std::collections::BTreeSet;
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
    let literals = std::env::temp_dir().join(format!("stopleak-literals-{}", std::process::id()));
    let count = write_literals(&literals)?;
    let file = literals.to_string_lossy();
    if let Some(rg) = find("rg") {
        for threads in ["1", "2"] {
            let name = format!("ripgrep -i, our {count} literals, {threads} thread(s)");
            let words = [&rg, "-uuu", "-a", "-i", "-j", threads, "-c", "-F", "-f", &file, &path];
            contenders.push(contender(&name, &words, options.runs));
        }
    }
    if options.rivals {
        contenders.extend(rival("gitleaks", &["dir", "--no-banner", &path], 1));
        contenders.extend(rival("betterleaks", &[&path, "--no-banner"], 1));
        contenders.extend(rival("kingfisher", &["scan", &path, "--no-validate", "--no-update-check"], 1));
    }
    let costs = in_turn(&contenders, Path::new("."));
    let _ = std::fs::remove_file(&literals);
    let (files, bytes) = size(dir).map_err(|e| format!("could not list {}: {e}", dir.display()))?;
    let title = format!("Tree: {}, {files} files, {:.1} MB", dir.display(), bytes as f64 / 1e6);
    Ok(table(&title, &contenders, &costs?))
}

/// What our search begins with, a line each, for a program that finds literals.
fn write_literals(path: &Path) -> Result<usize, String> {
    let anchors = stopleak_config::builtin_rules()
        .iter()
        .flat_map(|rule| rule.anchors.iter().map(|anchor| anchor.text.to_string()));
    let literals: BTreeSet<String> = anchors.filter(|text| !text.contains('\n')).collect();
    let text: String = literals.iter().flat_map(|text| [text, "\n"]).collect();
    std::fs::write(path, text).map_err(|e| format!("could not write {}: {e}", path.display()))?;
    Ok(literals.len())
}

/// How many files, of how many bytes.
fn size(dir: &Path) -> std::io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let inner = size(&entry.path())?;
            files += inner.0;
            bytes += inner.1;
        } else if kind.is_file() {
            files += 1;
            bytes += entry.metadata()?.len();
        }
    }
    Ok((files, bytes))
}
