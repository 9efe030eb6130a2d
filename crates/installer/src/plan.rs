//! What will be changed, as data.

use std::{
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use crate::{
    Error, files, folder,
    git::{Git, Scope, run},
};

/// One change: an atomic file operation, one value in a git configuration, or one call of a host's own tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub(crate) action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Make a folder, and those above it.
    Folder(PathBuf),
    /// Give the hook that is there a second name, before a shim takes its first.
    Keep { hook: PathBuf, kept: PathBuf },
    /// Put a whole file into place. `before` is what must be there now: none for "no file of ours".
    Write { path: PathBuf, bytes: Vec<u8>, mode: u32, what: What },
    /// Change a file that belongs to somebody else, or make it (`before` is none), or take it away (`after`).
    Edit { path: PathBuf, before: Option<Vec<u8>>, after: Option<Vec<u8>> },
    /// Put the kept hook back under its first name.
    Restore { kept: PathBuf, hook: PathBuf },
    /// Remove a file of ours.
    Remove(PathBuf),
    /// Remove a folder of ours, if it is empty.
    RemoveFolder(PathBuf),
    /// Set one value in a git configuration, or unset it.
    Config { scope: Scope, key: String, value: Option<OsString> },
    /// Let a host's own tool spread a hook to its repositories.
    Run { program: PathBuf, args: Vec<&'static str>, home: PathBuf },
}

/// What a written file is, for the reader of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    NewHook,
    NewerHook,
    Other,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Folder(path) => write!(f, "make the folder {}", path.display()),
            Action::Keep { hook, kept } => {
                write!(f, "keep {} as {}, which still runs first", hook.display(), name(kept))
            }
            Action::Write { path, what: What::NewHook, .. } => write!(f, "write the hook {}", path.display()),
            Action::Write { path, what: What::NewerHook, .. } => {
                write!(f, "bring the hook {} up to date", path.display())
            }
            Action::Write { path, what: What::Other, .. } | Action::Edit { path, before: None, .. } => {
                write!(f, "write {}", path.display())
            }
            Action::Remove(path) | Action::Edit { path, after: None, .. } => {
                write!(f, "remove {}", path.display())
            }
            Action::Edit { path, before, after } => {
                let grows = before.as_ref().map(Vec::len) < after.as_ref().map(Vec::len);
                let (verb, word) = if grows { ("add", "to") } else { ("take", "out of") };
                write!(f, "{verb} one line {word} {}", path.display())
            }
            Action::Restore { kept, hook } => write!(f, "put {} back as {}", name(kept), hook.display()),
            Action::RemoveFolder(path) => write!(f, "remove the folder {}", path.display()),
            Action::Config { scope, key, value } => {
                let place = match scope {
                    Scope::Local(dir) => format!("in {}", dir.display()),
                    Scope::Global => "in the user's git configuration".into(),
                    Scope::File(path) => format!("in {}", path.display()),
                };
                match value {
                    Some(value) => write!(f, "set {key}={} {place}", value.display()),
                    None => write!(f, "unset {key} {place}"),
                }
            }
            Action::Run { program, args, .. } => write!(f, "run {} {}", program.display(), args.join(" ")),
        }
    }
}

fn name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
}

/// What will be changed, in order. Shown one step a line by `Display`.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    steps: Vec<Step>,
    notes: Vec<String>,
    failures: Vec<String>,
    git: Git,
    dry_run: bool,
}

impl Plan {
    pub(crate) fn new(git: Git, dry_run: bool) -> Self {
        Self { steps: Vec::new(), notes: Vec::new(), failures: Vec::new(), git, dry_run }
    }

    pub(crate) fn add(&mut self, action: Action) {
        self.steps.push(Step { action });
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    /// Plans for one of many places: should that fail, the place is left as it is and named.
    pub(crate) fn attempt(&mut self, place: &Path, part: impl FnOnce(&mut Self) -> Result<(), Error>) {
        let before = self.steps.len();
        if let Err(error) = part(self) {
            self.steps.truncate(before);
            self.failed(place, &error);
        }
    }

    /// Names a place that could not be planned for.
    pub(crate) fn failed(&mut self, place: &Path, error: &Error) {
        self.failures.push(format!("{}: {}", place.display(), error.whole()));
    }

    /// The places among many that could not be planned for. The rest of the plan stands.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// The changes, in the order in which they are made.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the reader should know besides: files left alone, tools that may get in the way.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// True when there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        Ok(())
    }
}

/// What an [`crate::apply`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// How many steps were done.
    pub steps: usize,
}

/// Does the steps of `plan`, in order, and stops at the first that fails. A dry run's plan has none done.
///
/// # Errors
/// The failed step and its cause. Steps before it stay done; each leaves a working hook behind.
pub fn apply(plan: &Plan) -> Result<Applied, Error> {
    if plan.dry_run {
        return Ok(Applied { steps: 0 });
    }
    for step in &plan.steps {
        step.apply(&plan.git)?;
    }
    Ok(Applied { steps: plan.steps.len() })
}

impl Step {
    fn apply(&self, git: &Git) -> Result<(), Error> {
        let done = match &self.action {
            Action::Folder(path) => fs::create_dir_all(path),
            Action::Keep { hook, kept } => files::also_as(hook, kept),
            Action::Write { path, bytes, mode, .. } => {
                if !folder::may_replace(path) {
                    return Err(Error::Changed(path.clone()));
                }
                files::write(path, bytes, *mode)
            }
            Action::Edit { path, before, after } => {
                return self.edit(path, before.as_deref(), after.as_deref());
            }
            Action::Restore { kept, hook } => fs::rename(kept, hook),
            Action::Remove(path) => fs::remove_file(path),
            Action::RemoveFolder(path) => match fs::remove_dir(path) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
                done => done,
            },
            Action::Config { scope, key, value } => return git.set_config(scope, key, value.as_deref()),
            Action::Run { program, args, home } => {
                let mut command = git.command(program.as_os_str());
                command.args(args).env("HOME", home).current_dir(home);
                let answer = run(&mut command)
                    .map_err(|cause| Error::CannotRun { program: program.display().to_string(), cause })?;
                if answer.ok { Ok(()) } else { Err(io::Error::other(answer.err)) }
            }
        };
        done.map_err(|cause| self.failed(cause))
    }

    fn edit(&self, path: &Path, before: Option<&[u8]>, after: Option<&[u8]>) -> Result<(), Error> {
        if files::exists(path) != before.is_some() || files::regular(path).as_deref() != before {
            return Err(Error::Changed(path.to_owned()));
        }
        let mode = files::mode(path).unwrap_or(0o644);
        match after {
            Some(bytes) => files::write(path, bytes, mode),
            None => fs::remove_file(path),
        }
        .map_err(|cause| self.failed(cause))
    }

    fn failed(&self, cause: io::Error) -> Error {
        Error::Step { step: self.to_string(), cause }
    }
}

/// Does the first `count` steps only: what is left behind when an install is interrupted.
#[doc(hidden)]
pub fn apply_some(plan: &Plan, count: usize) -> Result<(), Error> {
    plan.steps.iter().take(count).try_for_each(|step| step.apply(&plan.git))
}
