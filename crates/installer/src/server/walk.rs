//! Every bare repository below a folder.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use super::layout;
use crate::Error;

/// Finds the bare repositories below `root`, sorted. Symbolic links are followed, each folder is visited
/// once, and a folder that cannot be read is an error: one left out would be one left open.
pub(crate) fn bare_repositories(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let (found, mut unreadable) = search(root);
    match unreadable.pop() {
        Some((_, error)) => Err(error),
        None => Ok(found),
    }
}

/// The same, and beside it what could not be read.
pub(crate) fn search(root: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, Error)>) {
    let (mut found, mut errors) = (BTreeSet::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        match visit(&folder, &mut seen) {
            Ok(Visited::Repository) => drop(found.insert(folder)),
            Ok(Visited::Folders(more)) => open.extend(more),
            Err(cause) => errors.push((folder.clone(), Error::Unreadable { path: folder, cause })),
        }
    }
    (found.into_iter().collect(), errors)
}

enum Visited {
    Repository,
    Folders(Vec<PathBuf>),
}

fn visit(folder: &Path, seen: &mut BTreeSet<PathBuf>) -> io::Result<Visited> {
    if !seen.insert(fs::canonicalize(folder)?) {
        return Ok(Visited::Folders(Vec::new()));
    }
    if layout::looks_bare(folder) {
        return Ok(Visited::Repository);
    }
    let mut inner = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // A work tree's own `.git` takes no pushes that a server would guard.
        if path.is_dir() && path.file_name().is_none_or(|name| name != ".git") {
            inner.push(path);
        }
    }
    Ok(Visited::Folders(inner))
}
