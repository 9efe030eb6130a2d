//! Every repository of one user.
//!
//! Three ways exist, and each fails differently. `init.templateDir` reaches only repositories made from then
//! on. A global `core.hooksPath` reaches all, but git then ignores each repository's own hooks, and any
//! repository that sets its own path (husky does) is out again. Hooks in git's configuration
//! (`hook.<name>.command`, git 2.54) reach all, run besides every other hook, and survive another tool's
//! `core.hooksPath`; an older git ignores them without a word.
//!
//! So: with git 2.54 or newer, configuration hooks. With an older git, the global path: ours if there is none
//! yet, with a file for every hook that hands over to the repository's own; or, if the user already has one,
//! shims in that folder, beside what is there. A path that somebody set is never replaced.

use std::{
    ffi::OsString,
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

use crate::{
    Error, Hook, files,
    folder::{self, Style},
    git::{Git, Scope},
    plan::{Action, Plan, What},
    repository::{self, Setting},
    shim::{self, Origin, Previous},
};

/// The first git that reads hooks from its configuration.
pub(crate) const CONFIG_HOOKS: (u32, u32) = (2, 54);

/// The other hooks that a repository may have of its own, and that a global path would silence. Left out
/// are those whose mere presence changes what git does (push-to-checkout, proc-receive, fsmonitor-watchman)
/// and those that run at every ref or index write (reference-transaction, post-index-change).
const HANDED_OVER: &[&str] = &[
    "applypatch-msg",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "commit-msg",
    "sendemail-validate",
    "update",
];

/// The folder of the user's shims.
pub(crate) fn home(git: &Git) -> Result<PathBuf, Error> {
    let vars = git.surroundings();
    let config = vars.get("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let config = config.or_else(|| vars.get("HOME").map(|home| PathBuf::from(home).join(".config")));
    Ok(config.ok_or(Error::NoHome)?.join("stopleak"))
}

fn shims(git: &Git) -> Result<PathBuf, Error> {
    home(git).map(|home| home.join("hooks"))
}

/// Whether `folder` is the one that a global install made.
pub(crate) fn is_ours(git: &Git, folder: &Path) -> bool {
    shims(git).is_ok_and(|ours| ours == folder)
}

/// git's name for one of our configuration hooks. It must not be the name of an event.
pub(crate) fn friendly(hook: Hook) -> String {
    format!("stopleak-{}", hook.name())
}

/// The global or system-wide `core.hooksPath`, as a folder.
pub(crate) fn hooks_path(git: &Git) -> Result<Option<(PathBuf, Setting)>, Error> {
    // Outside of any repository, so that no repository's own setting is in the way.
    let Some(setting) = repository::setting(git, Some(Path::new("/")), "core.hooksPath")? else {
        return Ok(None);
    };
    let expanded = git.ask(Some(Path::new("/")), &["config", "--type=path", "--get", "core.hooksPath"])?.out;
    Ok(Some((PathBuf::from(OsString::from_vec(expanded)), setting)))
}

pub(crate) fn install(
    git: &Git,
    hooks: &[Hook],
    binary: &Path,
    probe: bool,
    plan: &mut Plan,
) -> Result<(), Error> {
    let ours = shims(git)?;
    if git.version()? >= CONFIG_HOOKS {
        return install_config_hooks(git, hooks, binary, probe, plan);
    }
    match hooks_path(git)? {
        Some((folder, setting)) if folder.as_os_str() == "/dev/null" => {
            Err(Error::HooksOff { path: folder, origin: setting.origin })
        }
        Some((folder, _)) if folder != ours => {
            folder::prepare(&folder, probe, plan)?;
            plan.note(format!(
                "core.hooksPath is already {} for all repositories: stopleak is added to that folder",
                folder.display()
            ));
            let style = Style { binary: Some(binary), previous: Previous::Beside };
            hooks.iter().try_for_each(|&hook| folder::install(&folder, hook, style, plan))
        }
        set => {
            folder::prepare(&ours, probe, plan)?;
            let style = Style { binary: Some(binary), previous: Previous::InRepository };
            for &hook in hooks {
                folder::install(&ours, hook, style, plan)?;
            }
            for name in HANDED_OVER.iter().filter(|name| !hooks.iter().any(|hook| hook.name() == **name)) {
                hand_over(&ours.join(name), name, plan);
            }
            if set.is_none() {
                let value = Some(ours.into_os_string());
                plan.add(Action::Config { scope: Scope::Global, key: "core.hooksPath".into(), value });
                plan.note(
                    "a repository that sets core.hooksPath itself (husky does) is not covered: run `stopleak \
                     install` there. Repositories' own reference-transaction, post-index-change and \
                     push-to-checkout hooks no longer run",
                );
            }
            Ok(())
        }
    }
}

fn hand_over(path: &Path, name: &str, plan: &mut Plan) {
    let bytes = shim::render_passthrough(name);
    match files::regular(path) {
        Some(now) if now == bytes || shim::origin(&now) != Origin::Ours => {}
        None if files::exists(path) => {}
        _ => plan.add(Action::Write { path: path.to_owned(), bytes, mode: 0o755, what: What::Other }),
    }
}

fn install_config_hooks(
    git: &Git,
    hooks: &[Hook],
    binary: &Path,
    probe: bool,
    plan: &mut Plan,
) -> Result<(), Error> {
    let ours = shims(git)?;
    folder::prepare(&ours, probe, plan)?;
    let style = Style { binary: Some(binary), previous: Previous::Beside };
    for &hook in hooks {
        folder::install(&ours, hook, style, plan)?;
        let mut command = b"'".to_vec();
        command.extend(shim::inside_quotes(ours.join(hook.name()).as_os_str().as_bytes()));
        command.push(b'\'');
        for (end, value) in [("command", command), ("event", hook.name().into())] {
            let key = format!("hook.{}.{end}", friendly(hook));
            if git.config(&Scope::Global, &key)?.as_deref() != Some(&value) {
                let value = Some(OsString::from_vec(value));
                plan.add(Action::Config { scope: Scope::Global, key, value });
            }
        }
    }
    plan.note(
        "git older than 2.54 ignores hooks in its configuration: a second, older git here is not covered",
    );
    Ok(())
}

/// All of it: a global path with some of its files gone would leave repositories without their own hooks.
pub(crate) fn uninstall(git: &Git, plan: &mut Plan) -> Result<(), Error> {
    let ours = shims(git)?;
    let hooks = Hook::CLIENT;
    for &hook in hooks {
        for end in ["command", "event"] {
            let key = format!("hook.{}.{end}", friendly(hook));
            if git.config(&Scope::Global, &key)?.is_some() {
                plan.add(Action::Config { scope: Scope::Global, key, value: None });
            }
        }
    }
    match hooks_path(git)? {
        // First the setting: from then on git looks into the repositories' own folders again.
        Some((folder, setting)) if folder == ours && setting.scope == "global" => {
            plan.add(Action::Config { scope: Scope::Global, key: "core.hooksPath".into(), value: None });
        }
        Some((folder, _)) => hooks.iter().for_each(|&hook| folder::uninstall(&folder, hook, plan)),
        None => {}
    }
    if !ours.is_dir() {
        return Ok(());
    }
    for &hook in hooks {
        folder::uninstall(&ours, hook, plan);
    }
    for name in HANDED_OVER.iter().filter(|name| !hooks.iter().any(|hook| hook.name() == **name)) {
        let path = ours.join(name);
        if files::regular(&path).is_some_and(|bytes| shim::origin(&bytes) == Origin::Ours) {
            plan.add(Action::Remove(path));
        }
    }
    plan.add(Action::RemoveFolder(ours));
    Ok(())
}
