//! One repository's hooks, or all of a user's.

use std::{fs, path::Path};

use super::{
    Check, DoctorRequest,
    scratch::{Scratch, Verdict, copy_policy},
};
use crate::{
    Error, Hook, files,
    folder::kept,
    git::{Git, Scope},
    global, husky, neighbour,
    repository::{self, Hooks, Setting},
    shim::{self, Origin},
};

/// The policy files of a work tree.
const POLICY: &[&str] = &[".stopleak.toml", ".stopleak.allow"];

/// Looks at the repository of `dir`.
pub(crate) fn repository(git: &Git, dir: &Path, request: &DoctorRequest) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    let found = match repository::hooks(git, dir) {
        Ok(found) => found,
        Err(error @ Error::HooksOff { .. }) => {
            let help = error.help().unwrap_or_default();
            return Ok(vec![Check::fail("where git looks", error.to_string()).help(help)]);
        }
        Err(error) => return Err(error),
    };
    let shared = found.path_setting.as_ref().is_some_and(Setting::is_shared);
    checks.push(where_git_looks(git, &found, shared));
    checks.push(super::folder_runs_programs(found.husky.as_deref().unwrap_or(&found.folder)));
    let mut scripts = Vec::new();
    for &hook in &request.hooks {
        let (check, script) = hook_check(&found, hook, &request.binary);
        checks.push(check);
        scripts.extend(script.map(|script| (hook, script)));
    }
    checks.extend(neighbours(git, dir, &found)?);
    if request.prove && !scripts.is_empty() {
        let scratch = Scratch::new(git)?;
        scratch.use_hooks(&scripts)?;
        if let Some(tree) = repository::work_tree(git, dir)? {
            copy_policy(&tree, POLICY, &scratch.repository())?;
        }
        for (hook, _) in &scripts {
            checks.push(proof(&scratch, *hook)?);
        }
    }
    Ok(checks)
}

/// Looks at what holds for every repository.
pub(crate) fn global(git: &Git, request: &DoctorRequest) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    let home = global::home(git)?.join("hooks");
    let path = global::hooks_path(git)?;
    let by_config =
        |hook: Hook, end: &str| git.config(&Scope::Global, &format!("hook.{}.{end}", global::friendly(hook)));
    let mut any_config = false;
    for &hook in &request.hooks {
        any_config |= by_config(hook, "command")?.is_some();
        if by_config(hook, "enabled")?.as_deref() == Some(b"false") {
            checks.push(Check::fail(
                "switched off",
                format!("hook.{}.enabled is false", global::friendly(hook)),
            ));
        }
    }
    let folder = match (&path, any_config) {
        (_, true) => {
            let version = git.version()?;
            let seen = format!("hooks in the user's git configuration, git {}.{}", version.0, version.1);
            checks.push(if version >= global::CONFIG_HOOKS {
                Check::ok("where git looks", seen)
            } else {
                Check::fail("where git looks", format!("{seen}: git before 2.54 ignores them"))
                    .help("run `stopleak install --global` again with this git")
            });
            home
        }
        (Some((folder, setting)), false) => {
            let seen = format!("core.hooksPath is {} ({})", folder.display(), setting.origin);
            checks.push(Check::ok("where git looks", seen));
            folder.clone()
        }
        (None, false) => {
            let help = "stopleak install --global";
            checks
                .push(Check::fail("where git looks", "nothing is installed for all repositories").help(help));
            return Ok(checks);
        }
    };
    checks.push(super::folder_runs_programs(&folder));
    let found = Hooks { folder, path_setting: None, husky: None, tracked: false };
    for &hook in &request.hooks {
        checks.push(hook_check(&found, hook, &request.binary).0);
    }
    if request.prove {
        let scratch = Scratch::new(git)?;
        for &hook in &request.hooks {
            checks.push(proof(&scratch, hook)?);
        }
    }
    Ok(checks)
}

fn where_git_looks(git: &Git, found: &Hooks, shared: bool) -> Check {
    let name = "where git looks";
    let folder = found.folder.display();
    match &found.path_setting {
        Some(setting) if shared && global::is_ours(git, &found.folder) => {
            Check::ok(name, format!("{folder}, stopleak's for all repositories ({})", setting.origin))
        }
        Some(setting) if shared => {
            Check::warn(name, format!("{folder}, shared with other repositories ({})", setting.origin))
                .help("`stopleak install --global` and `stopleak doctor --global` are for that folder")
        }
        Some(setting) => Check::ok(name, format!("{folder}, as core.hooksPath says ({})", setting.origin)),
        None => Check::ok(name, folder.to_string()),
    }
}

/// Says whether `hook` is wired, and with it the script of ours that git, or a neighbour, runs.
fn hook_check(found: &Hooks, hook: Hook, binary: &Path) -> (Check, Option<Vec<u8>>) {
    let name = hook.name();
    let install = "stopleak install";
    if let Some(scripts) = &found.husky {
        let script = scripts.join(name);
        return if husky::has_line(&script, hook) {
            (Check::ok(name, format!("a line in {}", script.display())), Some(husky::alone(hook)))
        } else {
            let seen = format!("{} does not call this version of stopleak", script.display());
            (Check::fail(name, seen).help(install), None)
        };
    }
    let path = found.folder.join(name);
    let place = neighbour::runs_us(&path).unwrap_or_else(|| path.clone());
    let Some(bytes) = files::regular(&place) else {
        let seen = if files::exists(&path) { "is another tool's" } else { "is not there" };
        return (Check::fail(name, format!("{} {seen}", path.display())).help(install), None);
    };
    if shim::origin(&bytes) == Origin::Foreign {
        return (foreign(name, &path), None);
    }
    if files::mode(&place).is_none_or(|mode| mode & 0o111 == 0) {
        let seen = format!("{} is not executable, so git skips it", place.display());
        return (Check::fail(name, seen).help(install), None);
    }
    if shim::has_windows_ends(&bytes) {
        let seen = format!("{} has Windows line ends, so git cannot run it", place.display());
        return (Check::fail(name, seen).help(install), None);
    }
    let check = if shim::origin(&bytes) == Origin::OursEdited {
        let seen = format!("{} was edited by hand", place.display());
        Check::warn(name, seen).help(format!("to get a fresh one: rm {}; stopleak install", place.display()))
    } else if !shim::calls(&bytes, binary) {
        let other = String::from_utf8_lossy(&shim::binary_of(&bytes).unwrap_or_default()).into_owned();
        Check::warn(name, format!("{} calls {other}, and this is {}", place.display(), binary.display()))
            .help("to call this one: stopleak install")
    } else if place != path {
        Check::ok(name, format!("{}, which the tool that owns {name} runs", place.display()))
    } else if files::exists(&kept(&path)) {
        Check::ok(name, format!("{}, after the hook that was there before", path.display()))
    } else {
        Check::ok(name, path.display().to_string())
    };
    (check, Some(bytes))
}

fn foreign(name: &str, path: &Path) -> Check {
    let ours =
        |path: &Path| files::regular(path).is_some_and(|bytes| shim::origin(&bytes) != Origin::Foreign);
    match neighbour::moved(path).into_iter().find(|moved| ours(moved)) {
        Some(moved) => Check::fail(
            name,
            format!("another tool moved stopleak to {} and does not run it", moved.display()),
        ),
        None => Check::fail(name, format!("{} is another tool's", path.display())),
    }
    .help("stopleak install   (what is there now still runs, before stopleak)")
}

/// What may undo the wiring later.
fn neighbours(git: &Git, dir: &Path, found: &Hooks) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    let Some(tree) = repository::work_tree(git, dir)? else { return Ok(checks) };
    let name = "neighbours";
    if ["lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", "lefthook.toml", "lefthook.json"]
        .iter()
        .any(|file| tree.join(file).is_file())
    {
        checks.push(
            Check::warn(name, "lefthook stops running other tools' hooks whenever it installs its own").help(
                "call `stopleak hook …` from lefthook.yml too, or run the doctor after `lefthook install`",
            ),
        );
    }
    let package = fs::read_to_string(tree.join("package.json")).unwrap_or_default();
    if package.contains("simple-git-hooks") {
        checks.push(
            Check::warn(name, "simple-git-hooks overwrites other tools' hooks")
                .help("call `stopleak hook …` from its commands in package.json too"),
        );
    }
    if package.contains("\"husky\"") && found.husky.is_none() {
        checks.push(
            Check::warn(
                name,
                "husky will point git at its own folder, away from this one, at its next `npm install`",
            )
            .help("run `npm install`, then `stopleak install` again"),
        );
    }
    let relative = found.path_setting.as_ref().filter(|setting| {
        !setting.value.starts_with(b"/") && !setting.value.starts_with(b"~") && !setting.is_shared()
    });
    if let Some(setting) = relative {
        let listed = git.tell(Some(dir), &["worktree", "list", "--porcelain", "-z"])?;
        let folder = crate::git::as_path(setting.value.clone());
        for line in listed.split(|&byte| byte == 0).filter_map(|line| line.strip_prefix(b"worktree ")) {
            let other = crate::git::as_path(line.to_vec());
            if other != tree && other.is_dir() && !other.join(&folder).is_dir() {
                let seen =
                    format!("{} has no folder {}: git runs no hook there", other.display(), folder.display());
                checks.push(
                    Check::fail("worktrees", seen).help("git config core.hooksPath with an absolute path"),
                );
            }
        }
    }
    Ok(checks)
}

fn proof(scratch: &Scratch, hook: Hook) -> Result<Check, Error> {
    let name = format!("proof of {}", hook.name());
    let proof = scratch.prove(hook)?;
    let what = hook.stops();
    Ok(match proof.verdict {
        Verdict::Stopped => {
            Check::ok(name, format!("a {what} with a planted secret was blocked, one without was not"))
        }
        Verdict::LetThrough => Check::fail(name, format!("a {what} with a planted secret was let through"))
            .help("is the policy (.stopleak.toml) set to warn, or the rule off? `stopleak config show`"),
        Verdict::RefusesAll => Check::fail(
            name,
            format!("a {what} with nothing to hide was refused: {}", super::first_lines(&proof.said)),
        ),
    })
}
