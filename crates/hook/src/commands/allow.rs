//! `stopleak allow`.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use stopleak_config::{AllowEntry, AllowFile};
use stopleak_git::Repo;

use super::approve::{parse_date, parse_fingerprint, parse_reason};
use super::scan::git_failure;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::settings::{self, ALLOW_FILE};

/// Let a finding through from now on, with a reason.
///
/// The entry goes into `.stopleak.allow` at the root of the repository: commit it. It names the value by its
/// fingerprint, so it survives moves and rebases.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The finding's fingerprint, 16 hex digits.
    pub(crate) fingerprint: String,
    /// Why this may stay.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Only in paths that match, from the root of the repository.
    #[arg(long, value_name = "GLOB", allow_hyphen_values = true)]
    pub(crate) path: Option<String>,
    /// Only for findings of this rule.
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// The last day on which it counts, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    pub(crate) expires: Option<String>,
    /// Who answers for it; without it, git's user.email.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let fingerprint = parse_fingerprint(&args.fingerprint)?;
    let reason = parse_reason(&args.reason, "an allow entry")?;
    let mut entry = AllowEntry::new(fingerprint, reason);
    if let Some(glob) = &args.path {
        if glob.is_empty() {
            return Err(Failure::usage("--path is empty: leave it out to allow the value everywhere"));
        }
        entry =
            entry.in_path(glob).map_err(|why| Failure::usage(format!("--path is no path pattern: {why}")))?;
    }
    entry.rule.clone_from(&args.rule);
    entry.expires = args.expires.as_deref().map(parse_date).transpose()?;
    let home = Home::find()?;
    entry.owner = args.owner.clone().or_else(|| home.person());
    let (path, mut file) = home.allow_file()?;
    let text = file.add(entry);
    replace(&path, &text)?;
    session.say(&format!("{fingerprint} is allowed in {}; commit that file", path.display()));
    Ok(Exit::Clean)
}

/// Where allow entries are kept: the root of the work tree, or the current folder outside of one.
pub(crate) struct Home {
    repo: Option<Repo>,
    root: PathBuf,
}

impl Home {
    /// Finds it.
    pub(crate) fn find() -> Result<Self, Failure> {
        match Repo::open(None) {
            Ok(repo) => match repo.work_tree().map(Path::to_path_buf) {
                Some(root) => Ok(Self { repo: Some(repo), root }),
                None => Err(Failure::usage("a bare repository has no allow file of its own")
                    .hint("on a server: stopleak approve FINGERPRINT --reason …")),
            },
            Err(stopleak_git::Error::NotARepository(_)) => Ok(Self { repo: None, root: PathBuf::from(".") }),
            Err(error) => Err(git_failure(&error)),
        }
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it is a repository.
    pub(crate) fn is_repository(&self) -> bool {
        self.repo.is_some()
    }

    /// The allow file, empty when there is none yet.
    pub(crate) fn allow_file(&self) -> Result<(PathBuf, AllowFile), Failure> {
        let path = self.root.join(ALLOW_FILE);
        let file = match settings::optional(&path)? {
            Some(bytes) => settings::allow(&bytes, &path)?,
            None => AllowFile::default(),
        };
        Ok((path, file))
    }

    /// Who the repository says its user is.
    fn person(&self) -> Option<String> {
        let value = self.repo.as_ref()?.config("user.email").ok()??;
        Some(String::from_utf8_lossy(&value).trim().to_owned()).filter(|v| !v.is_empty())
    }
}

/// Replaces a file whole: a reader sees the old text or the new one, and a full disk loses neither.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::incomplete(format!("could not write {}: {e}", path.display()));
    // A link is written through, so that it stays a link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".stopleak-").tempfile_in(folder).map_err(failed)?;
    new.write_all(text.as_bytes()).and_then(|()| new.as_file().sync_all()).map_err(failed)?;
    match fs::metadata(&target) {
        Ok(meta) => new.as_file().set_permissions(meta.permissions()).map_err(failed)?,
        Err(_) => readable(new.as_file()).map_err(failed)?,
    }
    new.persist(&target).map_err(|e| failed(e.error))?;
    Ok(())
}

/// Temporary files are private; a file of the repository is not.
fn readable(file: &fs::File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o644))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(())
    }
}
