//! A git server's hooks.
//!
//! The proof pushes a blob to a branch name, straight into the repository. pre-receive sees it as it sees any
//! push. Should the hook let it through, git itself refuses a branch that is no commit, and so no ref is ever
//! made and no post-receive hook runs; only the blob would remain, and it is removed. The harmless
//! attempt pushes something that the server has.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::Path,
};

use super::{
    Check, DoctorRequest, canary, first_lines, folder_runs_programs,
    scratch::{Scratch, copy_policy},
};
use crate::{
    Error, Hook, files,
    folder::kept,
    git::{Answer, Git},
    server::{IN_FOLDER, gitolite::Gitolite, layout::Layout, options, template, walk},
    shim::{self, Origin},
};

const HOOK: Hook = Hook::PreReceive;
/// Set for the hook, so that it says what it saw where the policy lets a secret through in silence.
const ASKING: &str = "STOPLEAK_DOCTOR";
/// How the hook then says it, before the mode.
const SEEN: &str = "stopleak: seen, and let through because the mode is ";
/// A server's policy inside a bare repository.
const POLICY: &[&str] = &["stopleak.toml"];

/// Looks at each of `layouts`.
pub(crate) fn diagnose(git: &Git, layouts: &[Layout], request: &DoctorRequest) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    for layout in layouts {
        match layout {
            Layout::Plain { repository, hooks } => {
                let fine = file(&hooks.join(HOOK.name()), repository, &request.binary, &mut checks);
                checks.push(folder_runs_programs(hooks));
                checks.push(push_options(git, repository)?);
                if request.prove && fine {
                    checks.push(push(git, repository)?);
                }
            }
            Layout::Gitea { repository, folder } => {
                let fine = file(&folder.join(IN_FOLDER), repository, &request.binary, &mut checks);
                checks.push(folder_runs_programs(folder));
                checks.push(push_options(git, repository)?);
                if request.prove && fine {
                    checks.push(push(git, repository)?);
                }
            }
            Layout::GitLab { repository, folder } => {
                let path = folder.join(IN_FOLDER);
                let fine = file(&path, repository, &request.binary, &mut checks);
                checks.push(folder_runs_programs(folder));
                if request.prove && fine {
                    checks.push(stand_in(git, &path, Some(repository))?);
                }
            }
            Layout::GitLabServer { folder } => {
                let path = folder.join(IN_FOLDER);
                let fine = file(&path, folder, &request.binary, &mut checks);
                checks.push(folder_runs_programs(folder));
                if request.prove && fine {
                    checks.push(stand_in(git, &path, None)?);
                }
            }
            Layout::Shared { hooks } => {
                let path = hooks.join(HOOK.name());
                let fine = file(&path, hooks, &request.binary, &mut checks);
                checks.push(folder_runs_programs(hooks));
                if request.prove && fine {
                    checks.push(stand_in(git, &path, None)?);
                }
            }
            Layout::Gitolite { home } => gitolite(git, home, request, &mut checks)?,
        }
    }
    Ok(checks)
}

/// Says whether repositories made later are covered.
pub(crate) fn future(git: &Git, request: &DoctorRequest) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    match template::hook(git)? {
        Some(hook) => {
            file(&hook, Path::new("new repositories"), &request.binary, &mut checks);
        }
        None => checks.push(
            Check::warn("new repositories", "init.templateDir is not set for this user")
                .help("stopleak install --all-under DIR"),
        ),
    }
    Ok(checks)
}

fn gitolite(git: &Git, home: &Path, request: &DoctorRequest, checks: &mut Vec<Check>) -> Result<(), Error> {
    let server = Gitolite::new(git, home)?;
    let common = server.common.join(HOOK.name());
    let fine = file(&common, home, &request.binary, checks);
    checks.push(folder_runs_programs(&server.common));
    for repository in walk::bare_repositories(&server.base)? {
        let hook = repository.join("hooks").join(HOOK.name());
        if !server.is_linked(&hook) {
            let seen = format!("{} is not gitolite's link to {}", hook.display(), common.display());
            checks.push(
                Check::fail(name(&repository), seen)
                    .help(format!("stopleak install --server {}", home.display())),
            );
        } else if request.prove && fine {
            checks.push(push(git, &repository)?);
        }
    }
    Ok(())
}

fn name(of: &Path) -> String {
    format!("pre-receive of {}", of.display())
}

/// Looks at the hook at `path`; true when it is worth a proof.
fn file(path: &Path, of: &Path, binary: &Path, checks: &mut Vec<Check>) -> bool {
    let shown = path.display();
    let install = "stopleak install --server DIR";
    let bytes = files::regular(path).filter(|bytes| shim::origin(bytes) != Origin::Foreign);
    let Some(bytes) = bytes else {
        let seen = if files::exists(path) { "is another tool's" } else { "is not there" };
        checks.push(Check::fail(name(of), format!("{shown} {seen}")).help(install));
        return false;
    };
    if files::mode(path).is_none_or(|mode| mode & 0o111 == 0) {
        checks
            .push(Check::fail(name(of), format!("{shown} is not executable, so git skips it")).help(install));
        return false;
    }
    checks.push(if shim::origin(&bytes) == Origin::OursEdited {
        Check::warn(name(of), format!("{shown} was edited by hand"))
    } else if !shim::calls(&bytes, binary) {
        let other = String::from_utf8_lossy(&shim::binary_of(&bytes).unwrap_or_default()).into_owned();
        Check::warn(name(of), format!("{shown} calls {other}, and this is {}", binary.display()))
            .help(install)
    } else if files::exists(&kept(path)) {
        Check::ok(name(of), format!("{shown}, after the hook that was there before"))
    } else {
        Check::ok(name(of), shown.to_string())
    });
    true
}

fn push_options(git: &Git, repository: &Path) -> Result<Check, Error> {
    let name = "push options";
    Ok(if options::are_on(git, repository)? {
        Check::ok(name, "advertised, so a pusher can give a reason with -o")
    } else {
        Check::warn(name, format!("{} does not advertise them: no `git push -o`", repository.display()))
            .help("stopleak install --server DIR")
    })
}

/// Runs the hook at `path` for a scratch repository, as a host would that git itself does not show us.
fn stand_in(git: &Git, path: &Path, policy: Option<&Path>) -> Result<Check, Error> {
    let scratch = Scratch::new(git)?;
    let server = scratch.beside("server.git");
    let made = [
        OsStr::new("init"),
        OsStr::new("-q"),
        OsStr::new("--bare"),
        OsStr::new("--template="),
        server.as_os_str(),
    ];
    git.tell(None, &made)?;
    let hooks = server.join("hooks");
    let unwritable = |cause| Error::Unwritable { path: server.clone(), cause };
    fs::create_dir_all(&hooks).map_err(unwritable)?;
    std::os::unix::fs::symlink(path, hooks.join(HOOK.name())).map_err(unwritable)?;
    // A shared core.hooksPath would point git elsewhere.
    git.set_config(&crate::git::Scope::Local(server.clone()), "core.hooksPath", Some(hooks.as_os_str()))?;
    if let Some(repository) = policy {
        copy_policy(repository, POLICY, &server)?;
    }
    let mut check = push_from(&scratch, git, &server, policy.unwrap_or(path))?;
    check.detail.push_str(" (in a scratch repository: the host itself was not asked)");
    Ok(check)
}

/// Pushes into `repository`.
fn push(git: &Git, repository: &Path) -> Result<Check, Error> {
    let format = git.tell(Some(repository), &["rev-parse", "--show-object-format"])?;
    push_from(&Scratch::with_format(git, &String::from_utf8_lossy(&format))?, git, repository, repository)
}

fn push_from(scratch: &Scratch, git: &Git, repository: &Path, of: &Path) -> Result<Check, Error> {
    let name = format!("proof of {}", of.display());
    let harmless = attempt(scratch, git, repository, "")?;
    let secret = attempt(scratch, git, repository, &canary::line())?;

    let refused = |answer: &Answer| answer.err.contains("pre-receive hook declined");
    let by_us = |answer: &Answer| refused(answer) && answer.err.contains("stopleak: push refused");
    Ok(if by_us(&harmless) {
        Check::fail(name, format!("a push with nothing to hide was refused: {}", remote_lines(&harmless)))
    } else if by_us(&secret) {
        Check::ok(name, "a push with a planted secret was refused, and nothing was stored")
    } else if refused(&secret) {
        let seen = format!("another hook refused the push before stopleak did: {}", remote_lines(&secret));
        Check::warn(name, seen)
    } else if let Some(mode) = lenient(&secret) {
        Check::warn(
            name,
            format!("a push with a planted secret was seen, and let through: the mode is {mode}"),
        )
        .help("that is what the policy says; with mode = \"enforce\" it is refused")
    } else if secret.err.contains("remote rejected") {
        Check::fail(name, "a push with a planted secret was let through")
            .help("is the rule off, or the path or the pusher excluded? `stopleak config show`")
    } else {
        Check::fail(name, format!("could not push: {}", first_lines(&secret.err)))
    })
}

/// The mode that let the push through, where the hook says that it saw the secret.
fn lenient(answer: &Answer) -> Option<&'static str> {
    ["observe", "warn"].into_iter().find(|mode| answer.err.contains(&format!("{SEEN}{mode}")))
}

/// What the far side said.
fn remote_lines(answer: &Answer) -> String {
    let lines: Vec<&str> = answer.err.lines().filter_map(|line| line.strip_prefix("remote:")).collect();
    first_lines(&lines.join("\n"))
}

/// Pushes a blob of `text`, and takes it away again should the server keep it.
fn attempt(scratch: &Scratch, git: &Git, repository: &Path, text: &str) -> Result<Answer, Error> {
    let id = scratch.blob(text)?;
    let has = || git.ask(Some(repository), &["cat-file", "-e", &id]).map(|answer| answer.ok);
    let had = has()?;
    let mut refspec = OsString::from(&id);
    refspec.push(format!(":refs/heads/stopleak-doctor-{}", canary::nonce()));
    // Unpacked, so that what is kept is one file of a known name.
    let receiver = format!(
        "--receive-pack={ASKING}=1 git -c receive.unpackLimit=100 -c transfer.unpackLimit=100 receive-pack"
    );
    let args = ["push", "--no-verify", receiver.as_str()].map(OsStr::new);
    let answer =
        git.ask(Some(&scratch.repository()), &[&args[..], &[repository.as_os_str(), &refspec]].concat())?;
    if !had && has()? {
        let folder = git.path(repository, &["--git-path", "objects"])?.join(&id[..2]);
        let file = folder.join(&id[2..]);
        let _gone = fs::remove_file(&file);
        let _gone_if_empty = fs::remove_dir(&folder);
        if has()? {
            return Err(Error::LeftBehind { id, repository: repository.to_owned() });
        }
    }
    Ok(answer)
}
