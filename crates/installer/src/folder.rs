//! Shims in one hooks folder: the part that laptops and servers share.
//!
//! The hook that was there is never moved before its successor stands: it gets a second name
//! (`<hook>.before-stopleak`), then the finished shim is renamed over the first. Stopped in between, the
//! folder still runs what it ran before, and the next install goes on from there.

use std::path::{Path, PathBuf};

use crate::{
    Error, Hook,
    files::{self, Unfit},
    neighbour,
    plan::{Action, Plan, What},
    shim::{self, Origin, Previous},
};

/// What is appended to the name of a hook that we displaced.
const KEPT: &str = ".before-stopleak";

/// How the shims of a folder are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style<'a> {
    /// The program to call; none in a folder that several people share.
    pub(crate) binary: Option<&'a Path>,
    /// Where the shims find the earlier hook.
    pub(crate) previous: Previous,
}

/// Where the earlier hook is kept.
pub(crate) fn kept(hook: &Path) -> PathBuf {
    let mut name = hook.as_os_str().to_owned();
    name.push(KEPT);
    PathBuf::from(name)
}

/// Whether a shim may be renamed over `path` without losing anything: nothing is there, or a shim of ours, or
/// a hook that has its second name.
pub(crate) fn may_replace(path: &Path) -> bool {
    let ours = || files::regular(path).is_some_and(|bytes| shim::origin(&bytes) == Origin::Ours);
    !files::exists(path) || ours() || files::same(path, &kept(path))
}

/// Refuses a folder whose programs git could not run, and makes it if need be.
pub(crate) fn prepare(folder: &Path, probe: bool, plan: &mut Plan) -> Result<(), Error> {
    if probe {
        files::fit(folder).map_err(|unfit| match unfit {
            Unfit::Unwritable(cause) => Error::Unwritable { path: folder.to_owned(), cause },
            Unfit::NoExec => Error::NoExec(folder.to_owned()),
        })?;
    }
    if !folder.is_dir() {
        plan.add(Action::Folder(folder.to_owned()));
    }
    Ok(())
}

/// Adds to `plan` what puts the shim of `hook` into `folder`.
pub(crate) fn install(folder: &Path, hook: Hook, style: Style<'_>, plan: &mut Plan) -> Result<(), Error> {
    install_as(folder.join(hook.name()), hook, style, plan)
}

/// As [`install`], for a host that gives a hook's file another name.
pub(crate) fn install_as(path: PathBuf, hook: Hook, style: Style<'_>, plan: &mut Plan) -> Result<(), Error> {
    let bytes = shim::render(hook, style.binary, style.previous);
    let write = |path: PathBuf, what| Action::Write { path, bytes: bytes.clone(), mode: 0o755, what };
    if !files::exists(&path) {
        plan.add(write(path, What::NewHook));
        return Ok(());
    }
    let now = files::regular(&path);
    match now.as_deref().map(shim::origin) {
        Some(Origin::Ours) => {
            if now.as_deref() != Some(&bytes) {
                plan.add(write(path, What::NewerHook));
            } else if files::mode(&path) != Some(0o755) {
                plan.add(write(path, What::NewHook));
            }
            return Ok(());
        }
        Some(Origin::OursEdited) => {
            plan.note(format!(
                "{} is a stopleak hook that was edited by hand: left as it is",
                path.display()
            ));
            return Ok(());
        }
        Some(Origin::Foreign) | None => {}
    }

    // A tool that has taken our place and calls us: bring the shim up to date where it is now.
    if let Some(moved) = neighbour::runs_us(&path) {
        if files::regular(&moved).as_deref() != Some(&bytes) {
            plan.add(write(moved, What::NewerHook));
        }
        return Ok(());
    }
    if now.is_none() && !path.is_symlink() {
        return Err(Error::NotAFile(path));
    }
    let kept = kept(&path);
    if !files::exists(&kept) {
        plan.add(Action::Keep { hook: path.clone(), kept });
    } else if !files::same(&path, &kept) {
        return Err(Error::TwoHooks { hook: path, kept });
    }
    for note in neighbour::notes(&path, hook, now.as_deref().unwrap_or_default()) {
        plan.note(note);
    }
    plan.add(write(path, What::NewHook));
    Ok(())
}

/// Adds to `plan` what takes the shim of `hook` out of `folder` again.
pub(crate) fn uninstall(folder: &Path, hook: Hook, plan: &mut Plan) {
    uninstall_as(folder.join(hook.name()), plan);
}

/// As [`uninstall`], for a host that gives a hook's file another name.
pub(crate) fn uninstall_as(path: PathBuf, plan: &mut Plan) {
    let kept = kept(&path);
    match files::regular(&path).as_deref().map(shim::origin) {
        Some(Origin::Ours) => {
            // A copy that a tool moved away before we were put back in front.
            for moved in neighbour::moved(&path) {
                if files::regular(&moved).is_some_and(|bytes| shim::origin(&bytes) == Origin::Ours) {
                    plan.add(Action::Remove(moved));
                }
            }
            if files::exists(&kept) {
                plan.add(Action::Restore { kept, hook: path });
            } else {
                plan.add(Action::Remove(path));
            }
            return;
        }
        Some(Origin::OursEdited) => {
            plan.note(format!("{} was edited since it was installed: left as it is", path.display()));
            return;
        }
        Some(Origin::Foreign) | None => {}
    }
    let mut kept_is_left = files::exists(&kept);
    // An install that stopped half-way, or a tool that wrote its hook again over us.
    if kept_is_left && files::same(&path, &kept) {
        plan.add(Action::Remove(kept.clone()));
        kept_is_left = false;
    }
    for moved in neighbour::moved(&path) {
        match files::regular(&moved).as_deref().map(shim::origin) {
            // The tool that moved us runs what it finds there: give it the hook that we displaced, unless that
            // is the tool itself.
            Some(Origin::Ours) if kept_is_left && !neighbour::same_tool(&path, &kept) => {
                plan.add(Action::Restore { kept: kept.clone(), hook: moved });
                kept_is_left = false;
            }
            Some(Origin::Ours) => plan.add(Action::Remove(moved)),
            Some(Origin::OursEdited) => {
                plan.note(format!("{} was edited since it was installed: left as it is", moved.display()));
            }
            Some(Origin::Foreign) | None => {}
        }
    }
    if kept_is_left {
        plan.note(format!(
            "{} is not stopleak's, and {} is still there: left as they are",
            path.display(),
            kept.display()
        ));
    }
}
