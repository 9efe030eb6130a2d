//! `receive.advertisePushOptions`: without it a pusher cannot give a reason with `git push -o`.
//!
//! What was there before is written beside it, so that an uninstall can tell our setting from one that an
//! administrator made.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use crate::{
    Error,
    git::{Git, Scope},
    plan::{Action, Plan},
};

const KEY: &str = "receive.advertisePushOptions";
/// Holds the value before ours, or `unset`.
const MARK: &str = "stopleak.pushOptionsBefore";
const UNSET: &[u8] = b"unset";

/// Adds to `plan` what switches push options on in `scope`. `on` says that they are on already, wherever
/// that is set.
pub(crate) fn install(git: &Git, scope: &Scope, on: bool, plan: &mut Plan) -> Result<(), Error> {
    if on {
        return Ok(());
    }
    let mut set = |key: &str, value: &str| {
        plan.add(Action::Config { scope: scope.clone(), key: key.into(), value: Some(value.into()) });
    };
    if git.config(scope, MARK)?.is_none() {
        let before = git.config(scope, KEY)?.unwrap_or_else(|| UNSET.to_vec());
        set(MARK, &String::from_utf8_lossy(&before));
    }
    set(KEY, "true");
    Ok(())
}

/// Adds to `plan` what puts the setting back, if it is ours.
pub(crate) fn uninstall(git: &Git, scope: &Scope, plan: &mut Plan) -> Result<(), Error> {
    let Some(before) = git.config(scope, MARK)? else { return Ok(()) };
    let mut set = |key: &str, value: Option<OsString>| {
        plan.add(Action::Config { scope: scope.clone(), key: key.into(), value });
    };
    if git.config(scope, KEY)?.as_deref() == Some(b"true") {
        let old = (before != UNSET).then(|| String::from_utf8_lossy(&before).into_owned().into());
        set(KEY, old);
    }
    set(MARK, None);
    Ok(())
}

/// Whether a repository advertises push options already, whichever file says so.
pub(crate) fn are_on(git: &Git, repository: &Path) -> Result<bool, Error> {
    let answer = git.ask(Some(repository), &["config", "--type=bool", "--get", KEY])?;
    Ok(answer.ok && answer.out == b"true")
}

/// Whether a configuration file exists and holds only what [`install`] writes.
pub(crate) fn has_nothing_else(git: &Git, file: &Path) -> Result<bool, Error> {
    if !file.is_file() {
        return Ok(false);
    }
    let names = git.tell(
        None,
        &[
            OsStr::new("config"),
            OsStr::new("--file"),
            file.as_os_str(),
            OsStr::new("--name-only"),
            OsStr::new("--list"),
        ],
    )?;
    let ours = |name: &[u8]| [KEY, MARK].iter().any(|key| name.eq_ignore_ascii_case(key.as_bytes()));
    Ok(names.split(|&byte| byte == b'\n').all(ours))
}
