//! Where a repository's hooks are, and what wiring them takes.
//!
//! git alone knows: `core.hooksPath` may come from any of its configuration files, may be relative to a work
//! tree, and may be switched per folder with `includeIf`; linked worktrees share their repository's folder and
//! a submodule's is inside its superproject. So git is asked, and nothing is parsed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error, Hook,
    folder::{self, Style},
    git::{Git, as_path},
    global, husky,
    plan::Plan,
    shim::Previous,
};

/// A repository's hooks folder, and what kind of folder it is.
#[derive(Clone, Debug)]
pub(crate) struct Hooks {
    /// The folder git runs hooks from.
    pub(crate) folder: PathBuf,
    /// Where `core.hooksPath` is set, if it is.
    pub(crate) path_setting: Option<Setting>,
    /// husky's folder of user scripts, when `folder` holds husky's wrappers.
    pub(crate) husky: Option<PathBuf>,
    /// The folder is part of the work tree: its files are shared with whoever clones it.
    pub(crate) tracked: bool,
}

/// One effective git setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// git's word for where it comes from: `system`, `global`, `local`, `worktree`, `command`.
    pub(crate) scope: String,
    /// The file, as git names it.
    pub(crate) origin: String,
    /// The value as it is written.
    pub(crate) value: Vec<u8>,
}

impl Setting {
    /// Whether it is set for more than one repository.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.scope.as_str(), "system" | "global")
    }
}

/// The effective value of `key` in `dir`.
pub(crate) fn setting(git: &Git, dir: Option<&Path>, key: &str) -> Result<Option<Setting>, Error> {
    let answer = git.ask(dir, &["config", "-z", "--show-scope", "--show-origin", "--get", key])?;
    let parts: Vec<&[u8]> = answer.out.split(|&byte| byte == 0).collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(match (answer.code, parts.as_slice()) {
        (Some(0), [scope, origin, value, ..]) => {
            Some(Setting { scope: text(scope), origin: text(origin), value: value.to_vec() })
        }
        (Some(1), _) => None,
        _ => return Err(Error::Git { command: format!("config --get {key}"), said: answer.err }),
    })
}

/// Fails unless `dir` is in a repository that git opens.
pub(crate) fn must_be_repository(git: &Git, dir: &Path) -> Result<(), Error> {
    let answer = git.ask(Some(dir), &["rev-parse", "--git-dir"])?;
    if answer.ok {
        return Ok(());
    }
    if answer.err.contains("dubious ownership") {
        return Err(Error::OtherOwner(dir.to_owned()));
    }
    if answer.err.contains("not a git repository") || !dir.is_dir() {
        return Err(Error::NotARepository(dir.to_owned()));
    }
    Err(Error::Git { command: "rev-parse --git-dir".into(), said: answer.err })
}

/// Finds the hooks folder of the repository that `dir` belongs to.
pub(crate) fn hooks(git: &Git, dir: &Path) -> Result<Hooks, Error> {
    must_be_repository(git, dir)?;
    let path_setting = setting(git, Some(dir), "core.hooksPath")?;
    // git looks for hooks in the root folder then; there is no path that it would print.
    if let Some(setting) = path_setting.as_ref().filter(|setting| setting.value.is_empty()) {
        return Err(Error::HooksOff { path: PathBuf::new(), origin: setting.origin.clone() });
    }
    let folder = git.path(dir, &["--git-path", "hooks"])?;
    if folder.as_os_str() == "/dev/null" {
        let origin = path_setting.map(|setting| setting.origin).unwrap_or_default();
        return Err(Error::HooksOff { path: folder, origin });
    }
    let husky = husky::scripts(&folder);
    let tracked = match work_tree(git, dir)? {
        Some(tree) => is_in_work_tree(&folder, &tree, &git.path(dir, &["--git-common-dir"])?),
        None => false,
    };
    Ok(Hooks { folder, path_setting, husky, tracked })
}

/// The root of the work tree; none in a bare repository or inside a git folder.
pub(crate) fn work_tree(git: &Git, dir: &Path) -> Result<Option<PathBuf>, Error> {
    let answer = git.ask(Some(dir), &["rev-parse", "--path-format=absolute", "--show-toplevel"])?;
    Ok(answer.ok.then(|| as_path(answer.out)))
}

fn is_in_work_tree(folder: &Path, tree: &Path, common: &Path) -> bool {
    // Symbolic links resolved: `.git/hooks` is often a link to a folder that is tracked.
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = real(folder);
    folder.starts_with(real(tree)) && !folder.starts_with(real(common))
}

/// Adds to `plan` what wires `hooks` into the repository of `dir`.
pub(crate) fn install(
    git: &Git,
    dir: &Path,
    hooks: &[Hook],
    binary: &Path,
    probe: bool,
    plan: &mut Plan,
) -> Result<(), Error> {
    let found = self::hooks(git, dir)?;
    let bare = git.tell(Some(dir), &["rev-parse", "--is-bare-repository"])? == b"true";
    if bare {
        return Err(Error::Bare(dir.to_owned()));
    }
    if let Some(setting) = found.path_setting.as_ref().filter(|setting| setting.is_shared()) {
        if global::is_ours(git, &found.folder) {
            plan.note(format!(
                "`stopleak install --global` already covers this repository, through {}",
                found.folder.display()
            ));
            return Ok(());
        }
        return Err(Error::SharedHooks { path: found.folder, origin: setting.origin.clone() });
    }
    if let Some(scripts) = &found.husky {
        folder::prepare(scripts, probe, plan)?;
        for &hook in hooks {
            husky::install(scripts, hook, plan)?;
        }
        return Ok(());
    }
    folder::prepare(&found.folder, probe, plan)?;
    if found.tracked {
        plan.note(format!(
            "{} belongs to the work tree: commit the change to share it; the shims there look for stopleak on \
             PATH and in ~/.local/bin",
            found.folder.display()
        ));
    }
    let relative =
        |setting: &Setting| setting.value.first().is_some_and(|&byte| byte != b'/' && byte != b'~');
    if found.path_setting.as_ref().is_some_and(relative) {
        plan.note(
            "core.hooksPath is relative: in a worktree whose branch lacks that folder, git runs no hook",
        );
    }
    let style = Style { binary: Some(binary).filter(|_| !found.tracked), previous: Previous::Beside };
    for &hook in hooks {
        folder::install(&found.folder, hook, style, plan)?;
    }
    Ok(())
}

/// Adds to `plan` what takes `hooks` out of the repository of `dir` again.
pub(crate) fn uninstall(git: &Git, dir: &Path, hooks: &[Hook], plan: &mut Plan) -> Result<(), Error> {
    let found = self::hooks(git, dir)?;
    if found.path_setting.as_ref().is_some_and(Setting::is_shared) {
        plan.note(format!(
            "core.hooksPath is {} for more than this repository: `stopleak uninstall --global` is for that",
            found.folder.display()
        ));
    } else if let Some(scripts) = &found.husky {
        for &hook in hooks {
            husky::uninstall(scripts, hook, plan);
        }
    } else {
        for &hook in hooks {
            folder::uninstall(&found.folder, hook, plan);
        }
    }
    // From before core.hooksPath was set.
    let own = git.path(dir, &["--git-common-dir"])?.join("hooks");
    if own != found.folder {
        for &hook in hooks {
            folder::uninstall(&own, hook, plan);
        }
    }
    Ok(())
}
