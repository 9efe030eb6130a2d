//! Which files git ignores, as git itself says.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::exit::Failure;

/// The tracked files and the untracked ones that are not ignored, below `roots`.
pub(crate) fn files_git_knows(roots: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let out = Command::new("git")
        .args([
            // A repository's configuration must not make us run its programs.
            "-c",
            "core.fsmonitor=false",
            "--literal-pathspecs",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
            "--",
        ])
        .args(roots)
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output()
        .map_err(|e| Failure::usage(format!("could not run git: {e}")))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        return Err(Failure::incomplete(format!("git did not say which files it ignores: {}", said.trim())));
    }
    // A tracked file that was deleted on disk is not there to be scanned.
    let names = out.stdout.split(|&b| b == 0).filter(|n| !n.is_empty());
    Ok(names.map(to_path).filter(|p| p.symlink_metadata().is_ok()).collect())
}

#[cfg(unix)]
fn to_path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    Path::new(std::ffi::OsStr::from_bytes(name)).to_path_buf()
}

#[cfg(not(unix))]
fn to_path(name: &[u8]) -> PathBuf {
    Path::new(&*String::from_utf8_lossy(name)).to_path_buf()
}
