//! gitolite: one file in LOCAL_CODE, linked into every repository by gitolite itself.
//!
//! `gitolite setup --hooks-only` removes whatever has the same name in a repository's hooks folder before it
//! makes its link. So a repository's own pre-receive hook gets its second name first: the shim, called through
//! the link, looks beside the link and runs it. The update hook is gitolite's and is never touched.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::walk;
use crate::{
    Error, Hook, files,
    folder::{self, Style},
    git::{Git, Scope, as_path, run},
    plan::{Action, Plan, Step},
    server::options,
    shim::Previous,
};

const HOOK: Hook = Hook::PreReceive;

/// A gitolite, as its own configuration describes it.
pub(crate) struct Gitolite {
    home: PathBuf,
    program: PathBuf,
    /// `hooks/common` in LOCAL_CODE: linked into every repository, present and future.
    pub(crate) common: PathBuf,
    /// The repositories.
    pub(crate) base: PathBuf,
}

impl Gitolite {
    /// Asks the gitolite that lives in `home`.
    pub(crate) fn new(git: &Git, home: &Path) -> Result<Self, Error> {
        if files::owner(home) != files::me() {
            return Err(Error::OtherOwner(home.to_owned()));
        }
        let own = home.join("bin/gitolite");
        let program = if files::is_program(&own) { own } else { PathBuf::from("gitolite") };
        let ask = |name: &str| -> Result<Option<PathBuf>, Error> {
            let mut command = git.command(program.as_os_str());
            command.args(["query-rc", name]).env("HOME", home).current_dir(home);
            let answer =
                run(&mut command).map_err(|cause| Error::CannotRun { program: "gitolite".into(), cause })?;
            Ok((answer.ok && !answer.out.is_empty()).then(|| as_path(answer.out)))
        };
        let local = ask("LOCAL_CODE")?.filter(|path| path.is_absolute());
        let local = local.ok_or_else(|| Error::NoLocalCode(home.to_owned()))?;
        let base = ask("GL_REPO_BASE")?.unwrap_or_else(|| home.join("repositories"));
        Ok(Self { home: home.to_owned(), program, common: local.join("hooks/common"), base })
    }

    /// The user's git configuration, which holds for every repository of this gitolite.
    fn configuration(&self) -> Scope {
        Scope::File(self.home.join(".gitconfig"))
    }

    pub(crate) fn install(
        &self,
        git: &Git,
        binary: &Path,
        probe: bool,
        plan: &mut Plan,
    ) -> Result<(), Error> {
        folder::prepare(&self.common, probe, plan)?;
        let before = plan.steps().len();
        let style = Style { binary: Some(binary), previous: Previous::Beside };
        folder::install(&self.common, HOOK, style, plan)?;
        let common_kept = folder::kept(&self.common.join(HOOK.name()));
        let keeps = |step: &Step| matches!(step.action, Action::Keep { .. });
        let common_has_kept = files::exists(&common_kept) || plan.steps()[before..].iter().any(keeps);
        let mut stale = plan.steps().len() > before;
        for repository in walk::bare_repositories(&self.base)? {
            let hook = repository.join("hooks").join(HOOK.name());
            if self.is_linked(&hook) {
                continue;
            }
            stale = true;
            if !files::exists(&hook) {
                continue;
            }
            let kept = folder::kept(&hook);
            if common_has_kept {
                return Err(Error::TwoHooks { hook, kept: common_kept });
            }
            if !files::exists(&kept) {
                plan.add(Action::Keep { hook, kept });
            } else if !files::same(&hook, &kept) {
                return Err(Error::TwoHooks { hook, kept });
            }
        }
        if stale {
            plan.add(Action::Run {
                program: self.program.clone(),
                args: vec!["setup", "--hooks-only"],
                home: self.home.clone(),
            });
        }
        let on =
            git.config(&self.configuration(), "receive.advertisePushOptions")?.as_deref() == Some(b"true");
        options::install(git, &self.configuration(), on, plan)
    }

    pub(crate) fn uninstall(&self, git: &Git, plan: &mut Plan) -> Result<(), Error> {
        let before = plan.steps().len();
        let common_kept = folder::kept(&self.common.join(HOOK.name()));
        let restored = files::exists(&common_kept);
        folder::uninstall(&self.common, HOOK, plan);
        if plan.steps().len() > before {
            for repository in walk::bare_repositories(&self.base)? {
                let hook = repository.join("hooks").join(HOOK.name());
                let kept = folder::kept(&hook);
                let kept_is_link = fs::read_link(&kept).is_ok_and(|target| target == common_kept);
                if kept_is_link {
                    plan.add(Action::Remove(kept));
                } else if self.is_linked(&hook) && files::exists(&kept) {
                    plan.add(Action::Restore { kept, hook });
                } else if self.is_linked(&hook) && !restored {
                    plan.add(Action::Remove(hook));
                }
            }
        }
        options::uninstall(git, &self.configuration(), plan)
    }

    /// Whether `hook` is gitolite's link to the common one.
    pub(crate) fn is_linked(&self, hook: &Path) -> bool {
        fs::read_link(hook).is_ok_and(|target| target == self.common.join(HOOK.name()))
    }
}
