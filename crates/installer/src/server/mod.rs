//! A git server's repositories.
//!
//! Only pre-receive is wired: it alone runs while what was pushed is still in quarantine, so a refusal leaves
//! nothing on the disk. Each host has its own place for it ([`layout`]).

pub(crate) mod gitolite;
pub(crate) mod layout;
pub(crate) mod options;
pub(crate) mod template;
pub(crate) mod walk;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    Error, Hook,
    folder::{self, Style},
    git::{Git, Scope},
    plan::Plan,
    shim::Previous,
};
use gitolite::Gitolite;
use layout::Layout;

const HOOK: Hook = Hook::PreReceive;
/// The name of our file in a host's `pre-receive.d`.
pub(crate) const IN_FOLDER: &str = "stopleak";

/// What each of `paths` is. A single repository of a gitolite's is refused: gitolite would undo it.
pub(crate) fn named(git: &Git, paths: &[PathBuf]) -> Result<Vec<Layout>, Error> {
    let mut layouts = Vec::new();
    for path in paths {
        let layout = layout::of(git, path)?;
        match &layout {
            Layout::Gitolite { home } if home != path => {
                return Err(Error::Gitolite { repository: path.clone(), home: home.clone() });
            }
            _ if layouts.contains(&layout) => {}
            _ => layouts.push(layout),
        }
    }
    Ok(layouts)
}

/// What is below a folder.
pub(crate) struct Below {
    pub(crate) layouts: Vec<Layout>,
    /// Folders and repositories that could not be looked into. The others are wired all the same, and these
    /// are named: one left out in silence would be one left open.
    pub(crate) failed: Vec<(PathBuf, Error)>,
}

/// What is below `root`: each repository, or the gitolite that manages it, once.
pub(crate) fn all_under(git: &Git, root: &Path) -> Result<Below, Error> {
    let (repositories, failed) = walk::search(root);
    let mut below = Below { layouts: Vec::new(), failed };
    let mut homes = BTreeSet::new();
    for repository in repositories {
        match layout::of_repository(git, &repository) {
            Ok(Layout::Gitolite { home }) if !homes.insert(home.clone()) => {}
            Ok(layout) => below.layouts.push(layout),
            Err(error) => below.failed.push((repository, error)),
        }
    }
    if below.layouts.is_empty() && below.failed.is_empty() {
        return Err(Error::NothingBelow(root.to_owned()));
    }
    Ok(below)
}

/// Wires what can be wired below a folder.
pub(crate) fn install_below(git: &Git, below: &Below, binary: &Path, probe: bool, plan: &mut Plan) {
    for layout in &below.layouts {
        let one = std::slice::from_ref(layout);
        plan.attempt(layout.place(), |plan| install(git, one, binary, probe, plan));
    }
    plan.attempt(Path::new("new repositories"), |plan| {
        install_future(git, &below.layouts, binary, probe, plan)
    });
    below.failed.iter().for_each(|(place, error)| plan.failed(place, error));
}

/// Undoes [`install_below`].
pub(crate) fn uninstall_below(git: &Git, below: &Below, plan: &mut Plan) {
    for layout in &below.layouts {
        plan.attempt(layout.place(), |plan| uninstall(git, std::slice::from_ref(layout), plan));
    }
    below.failed.iter().for_each(|(place, error)| plan.failed(place, error));
}

pub(crate) fn install(
    git: &Git,
    layouts: &[Layout],
    binary: &Path,
    probe: bool,
    plan: &mut Plan,
) -> Result<(), Error> {
    let style = Style { binary: Some(binary), previous: Previous::Beside };
    for layout in layouts {
        match layout {
            Layout::Plain { repository, hooks } => {
                folder::prepare(hooks, probe, plan)?;
                folder::install(hooks, HOOK, style, plan)?;
                advertise(git, repository, plan)?;
            }
            Layout::Gitea { repository, folder } => {
                folder::prepare(folder, probe, plan)?;
                folder::install_as(folder.join(IN_FOLDER), HOOK, style, plan)?;
                advertise(git, repository, plan)?;
            }
            // GitLab advertises push options itself.
            Layout::GitLab { folder, .. } | Layout::GitLabServer { folder } => {
                folder::prepare(folder, probe, plan)?;
                folder::install_as(folder.join(IN_FOLDER), HOOK, style, plan)?;
            }
            Layout::Gitolite { home } => Gitolite::new(git, home)?.install(git, binary, probe, plan)?,
            Layout::Shared { hooks } => {
                folder::prepare(hooks, probe, plan)?;
                folder::install(hooks, HOOK, style, plan)?;
                plan.note(
                    "for `git push -o` with a reason: git config --system receive.advertisePushOptions true",
                );
            }
        }
    }
    Ok(())
}

pub(crate) fn uninstall(git: &Git, layouts: &[Layout], plan: &mut Plan) -> Result<(), Error> {
    for layout in layouts {
        match layout {
            Layout::Plain { repository, hooks } => {
                folder::uninstall(hooks, HOOK, plan);
                options::uninstall(git, &Scope::Local(repository.clone()), plan)?;
            }
            Layout::Gitea { repository, folder } => {
                folder::uninstall_as(folder.join(IN_FOLDER), plan);
                options::uninstall(git, &Scope::Local(repository.clone()), plan)?;
            }
            Layout::GitLab { folder, .. } | Layout::GitLabServer { folder } => {
                folder::uninstall_as(folder.join(IN_FOLDER), plan);
            }
            Layout::Gitolite { home } => Gitolite::new(git, home)?.uninstall(git, plan)?,
            Layout::Shared { hooks } => folder::uninstall(hooks, HOOK, plan),
        }
    }
    Ok(())
}

/// Adds what covers the repositories that come later, or says who has to.
pub(crate) fn install_future(
    git: &Git,
    layouts: &[Layout],
    binary: &Path,
    probe: bool,
    plan: &mut Plan,
) -> Result<(), Error> {
    for layout in layouts {
        match layout {
            Layout::Gitea { .. } => plan.note(
                "Gitea and Forgejo write the hooks of a new repository themselves: run this again from a timer",
            ),
            Layout::GitLab { .. } => plan.note(
                "for GitLab's new repositories, name its server-wide folder once: stopleak install --server \
                 …/custom_hooks",
            ),
            _ => {}
        }
    }
    if layouts.iter().any(|layout| matches!(layout, Layout::Plain { .. })) {
        template::install(git, binary, probe, plan)?;
    }
    Ok(())
}

/// Undoes [`install_future`].
pub(crate) fn uninstall_future(git: &Git, plan: &mut Plan) -> Result<(), Error> {
    template::uninstall(git, plan)
}

fn advertise(git: &Git, repository: &Path, plan: &mut Plan) -> Result<(), Error> {
    let on = options::are_on(git, repository)?;
    options::install(git, &Scope::Local(repository.to_owned()), on, plan)
}
