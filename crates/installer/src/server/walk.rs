//! Every bare repository below a folder.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::layout;
use crate::Error;

/// Finds the bare repositories below `root`, sorted. Symbolic links are followed, each folder is visited
/// once, and a folder that cannot be read is an error: one left out would be one left open.
pub(crate) fn bare_repositories(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        let unreadable = |cause| Error::Unreadable { path: folder.clone(), cause };
        if !seen.insert(fs::canonicalize(&folder).map_err(unreadable)?) {
            continue;
        }
        if layout::looks_bare(&folder) {
            found.insert(folder);
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            // A work tree's own `.git` takes no pushes that a server would guard.
            if path.is_dir() && path.file_name().is_none_or(|name| name != ".git") {
                open.push(path);
            }
        }
    }
    Ok(found.into_iter().collect())
}
