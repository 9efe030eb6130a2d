//! Every environment variable that we read, in one place.
//!
//! The environment is never printed or logged: behind some web servers it holds the pusher's password.

use std::ffi::OsString;
use std::path::PathBuf;

/// A variable's value; empty counts as unset.
pub(crate) fn get(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|v| !v.is_empty())
}

/// A variable's value as text.
pub(crate) fn text(name: &str) -> Option<String> {
    get(name).map(|v| v.to_string_lossy().into_owned())
}

/// Turns colour off wherever it is set (no-color.org).
pub(crate) const NO_COLOR: &str = "NO_COLOR";
/// `dumb` turns colour off.
pub(crate) const TERM: &str = "TERM";
/// The folder that git was called in, from the root of the work tree; empty at the root.
pub(crate) const GIT_PREFIX: &str = "GIT_PREFIX";
/// `:` when git will open no editor.
pub(crate) const GIT_EDITOR: &str = "GIT_EDITOR";
/// The author of the commit that is being made.
pub(crate) const GIT_AUTHOR_NAME: &str = "GIT_AUTHOR_NAME";
/// The author's address.
pub(crate) const GIT_AUTHOR_EMAIL: &str = "GIT_AUTHOR_EMAIL";
/// Set by `stopleak doctor` when it pushes a planted secret: say what was seen even where policy says to be silent.
pub(crate) const DOCTOR: &str = "STOPLEAK_DOCTOR";
/// Who runs an administrator's command, best first.
pub(crate) const WHO: [&str; 3] = ["SUDO_USER", "USER", "LOGNAME"];

/// The person's own configuration folder.
pub(crate) fn config_home() -> Option<PathBuf> {
    get("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| get("HOME").map(|home| PathBuf::from(home).join(".config")))
}

/// The person's own folder for caches.
pub(crate) fn cache_home() -> Option<PathBuf> {
    get("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| get("HOME").map(|home| PathBuf::from(home).join(".cache")))
}
