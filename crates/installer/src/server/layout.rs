//! Which host a folder on a git server belongs to, and so where its pre-receive hook goes.
//!
//! | host | told by | the hook |
//! |---|---|---|
//! | plain | a bare repository | `hooks/pre-receive` |
//! | Gitea, Forgejo | `hooks/pre-receive.d` (they generate `hooks/pre-receive`, which runs all of it) | `hooks/pre-receive.d/stopleak` |
//! | GitLab | `custom_hooks`, `@hashed` in the path, or Gitaly's `.gitaly-metadata` above | `custom_hooks/pre-receive.d/stopleak` |
//! | GitLab, whole server | a folder `custom_hooks` that is no repository | `pre-receive.d/stopleak` in it |
//! | gitolite | `.gitolite.rc` | `hooks/common/pre-receive` in its LOCAL_CODE |
//! | any | the value of a shared `core.hooksPath` | `pre-receive` in it |

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Error,
    git::Git,
    global,
    repository::{self, Setting},
};

/// One place to wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A bare repository, with its hooks folder.
    Plain { repository: PathBuf, hooks: PathBuf },
    /// A repository of Gitea or Forgejo, with its `pre-receive.d`.
    Gitea { repository: PathBuf, folder: PathBuf },
    /// A repository of GitLab's, with its `custom_hooks/pre-receive.d`.
    GitLab { repository: PathBuf, folder: PathBuf },
    /// GitLab's hooks for all repositories, with their `pre-receive.d`.
    GitLabServer { folder: PathBuf },
    /// All repositories of a gitolite.
    Gitolite { home: PathBuf },
    /// A hooks folder that git was pointed to for all repositories.
    Shared { hooks: PathBuf },
}

impl Layout {
    /// What a person would call it.
    pub(crate) fn place(&self) -> &Path {
        match self {
            Self::Plain { repository, .. }
            | Self::Gitea { repository, .. }
            | Self::GitLab { repository, .. } => repository,
            Self::GitLabServer { folder } => folder,
            Self::Gitolite { home } => home,
            Self::Shared { hooks } => hooks,
        }
    }
}

/// Finds out what `path` is.
pub(crate) fn of(git: &Git, path: &Path) -> Result<Layout, Error> {
    if path.join(".gitolite.rc").is_file() {
        return Ok(Layout::Gitolite { home: path.to_owned() });
    }
    if is_bare(git, path)? {
        return of_repository(git, path);
    }
    if path.is_dir() && path.file_name().is_some_and(|name| name == "custom_hooks") {
        return Ok(Layout::GitLabServer { folder: path.join("pre-receive.d") });
    }
    if let Some((hooks, _)) = global::hooks_path(git)?
        && real(&hooks) == real(path)
    {
        return Ok(Layout::Shared { hooks });
    }
    Err(Error::NotAServer(path.to_owned()))
}

/// What a bare repository is.
pub(crate) fn of_repository(git: &Git, repository: &Path) -> Result<Layout, Error> {
    let own = repository.to_owned();
    if let Some(home) = gitolite_home(repository) {
        return Ok(Layout::Gitolite { home });
    }
    if is_gitlab(repository) {
        return Ok(Layout::GitLab { repository: own, folder: repository.join("custom_hooks/pre-receive.d") });
    }
    let found = repository::hooks(git, repository)?;
    if let Some(setting) = found.path_setting.as_ref().filter(|setting| Setting::is_shared(setting)) {
        return Err(Error::SharedHooks { path: found.folder, origin: setting.origin.clone() });
    }
    let folder = found.folder.join("pre-receive.d");
    if folder.is_dir() {
        return Ok(Layout::Gitea { repository: own, folder });
    }
    Ok(Layout::Plain { repository: own, hooks: found.folder })
}

/// Whether `path` itself is a bare repository, and not merely inside of one.
pub(crate) fn is_bare(git: &Git, path: &Path) -> Result<bool, Error> {
    if !looks_bare(path) {
        return Ok(false);
    }
    repository::must_be_repository(git, path)?;
    let folder = git.path(path, &["--absolute-git-dir"])?;
    Ok(git.tell(Some(path), &["rev-parse", "--is-bare-repository"])? == b"true"
        && real(&folder) == real(path))
}

/// Has the three things that git asks of a git folder, and is not a work tree's `.git`.
pub(crate) fn looks_bare(path: &Path) -> bool {
    let head = fs::symlink_metadata(path.join("HEAD")).is_ok();
    head && path.join("objects").is_dir()
        && path.join("refs").is_dir()
        && path.file_name().is_none_or(|n| n != ".git")
}

/// The home of the gitolite that manages `repository`: its update hook is a link into it.
fn gitolite_home(repository: &Path) -> Option<PathBuf> {
    let target = fs::read_link(repository.join("hooks/update")).ok()?;
    let home = target.strip_suffix_path(".gitolite/hooks/common/update")?;
    home.join(".gitolite.rc").is_file().then_some(home)
}

fn is_gitlab(repository: &Path) -> bool {
    repository.join("custom_hooks").is_dir()
        || repository.components().any(|part| part.as_os_str() == "@hashed")
        || repository.ancestors().skip(1).any(|above| above.join(".gitaly-metadata").is_file())
}

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

trait StripSuffix {
    fn strip_suffix_path(&self, suffix: &str) -> Option<PathBuf>;
}

impl StripSuffix for PathBuf {
    fn strip_suffix_path(&self, suffix: &str) -> Option<PathBuf> {
        let levels = Path::new(suffix).components().count();
        if self.ends_with(suffix) { self.ancestors().nth(levels).map(Path::to_path_buf) } else { None }
    }
}
