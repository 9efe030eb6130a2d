//! The crate arrows of `ARCHITECTURE.md` are law.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The table's rows: package folder → folders it may use.
fn table(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| `crates/"))
        .map(|row| {
            let folder = row.split('`').next().unwrap_or_default().to_owned();
            let last = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap_or_default();
            let uses =
                last.split(',').map(str::trim).filter(|u| !u.is_empty() && *u != "–").map(str::to_owned);
            (folder, uses.collect())
        })
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace is two folders up")
}

/// Folder → folders of the workspace it depends on, development dependencies aside.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let meta: serde_json::Value = serde_json::from_slice(&out.stdout).expect("cargo metadata prints JSON");
    let packages = meta["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let folder = |path: &str| Path::new(path).file_name().map(|n| n.to_string_lossy().into_owned());
            let manifest = Path::new(package["manifest_path"].as_str().expect("path"));
            let name = folder(&manifest.parent().expect("folder").to_string_lossy()).expect("name");
            let uses = package["dependencies"].as_array().expect("dependencies").iter();
            let uses = uses
                .filter(|d| d["kind"].as_str() != Some("dev"))
                .filter_map(|d| d["path"].as_str())
                .filter_map(folder);
            (name, uses.collect())
        })
        .collect()
}

#[test]
fn every_arrow_is_in_the_table() {
    let allowed = table(&std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md"));
    let mut wrong = Vec::new();
    for (from, uses) in arrows() {
        match allowed.get(&from) {
            None => wrong.push(format!("crates/{from} has no row in ARCHITECTURE.md")),
            Some(may) => wrong.extend(
                uses.difference(may)
                    .map(|to| format!("crates/{from} uses {to}, which its row does not name")),
            ),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_is_a_crate() {
    let rows = table(&std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md"));
    let crates = arrows();
    let stale: Vec<_> = rows.keys().filter(|row| !crates.contains_key(*row)).collect();
    assert!(stale.is_empty(), "ARCHITECTURE.md names crates that do not exist: {stale:?}");
    assert!(rows.len() >= 8, "the table was not found");
}
