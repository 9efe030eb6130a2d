//! Repositories that a server's user makes from now on.
//!
//! git copies the folder that `init.templateDir` names into each new repository, hooks and configuration
//! included. One that is set already is added to; otherwise we make one. git never overwrites a file with
//! a template's, so a host that generates its own hooks is not disturbed.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::options;
use crate::{
    Error, Hook,
    folder::{self, Style},
    git::{Git, Scope, as_path},
    global,
    plan::{Action, Plan},
    shim::Previous,
};

const KEY: &str = "init.templateDir";

fn ours(git: &Git) -> Result<PathBuf, Error> {
    global::home(git).map(|home| home.join("template"))
}

/// The template that the user has set.
fn set(git: &Git) -> Result<Option<PathBuf>, Error> {
    let answer = git.ask(None, &["config", "--global", "--type=path", "--get", KEY])?;
    match answer.code {
        Some(0) if !answer.out.is_empty() => Ok(Some(as_path(answer.out))),
        Some(0 | 1) => Ok(None),
        _ => Err(Error::Git { command: format!("config --get {KEY}"), said: answer.err }),
    }
}

pub(crate) fn install(git: &Git, binary: &Path, probe: bool, plan: &mut Plan) -> Result<(), Error> {
    let before = set(git)?;
    let template = match &before {
        Some(path) => path.clone(),
        None => ours(git)?,
    };
    let hooks = template.join("hooks");
    folder::prepare(&hooks, probe, plan)?;
    folder::install(
        &hooks,
        Hook::PreReceive,
        Style { binary: Some(binary), previous: Previous::Beside },
        plan,
    )?;
    let config = Scope::File(template.join("config"));
    let on = git.config(&config, "receive.advertisePushOptions")?.as_deref() == Some(b"true");
    options::install(git, &config, on, plan)?;
    if before.is_none() {
        let value = Some(OsString::from(template));
        plan.add(Action::Config { scope: Scope::Global, key: KEY.into(), value });
    }
    Ok(())
}

pub(crate) fn uninstall(git: &Git, plan: &mut Plan) -> Result<(), Error> {
    let ours = ours(git)?;
    let Some(template) = set(git)? else { return Ok(()) };
    if template == ours {
        plan.add(Action::Config { scope: Scope::Global, key: KEY.into(), value: None });
    }
    folder::uninstall(&template.join("hooks"), Hook::PreReceive, plan);
    let config = template.join("config");
    if template == ours && options::has_nothing_else(git, &config)? {
        plan.add(Action::Remove(config));
    } else {
        options::uninstall(git, &Scope::File(config), plan)?;
    }
    if template == ours {
        plan.add(Action::RemoveFolder(template.join("hooks")));
        plan.add(Action::RemoveFolder(template));
    }
    Ok(())
}

/// The template's hook, when a template is set.
pub(crate) fn hook(git: &Git) -> Result<Option<PathBuf>, Error> {
    Ok(set(git)?.map(|template| template.join("hooks").join(Hook::PreReceive.name())))
}
