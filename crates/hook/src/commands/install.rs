//! `stopleak install`.

use std::fmt::Write as _;
use std::path::PathBuf;

use stopleak_installer::{Hook, Plan, Request, Target, apply, plan};

use crate::exit::{Exit, Failure, chain};
use crate::session::{Session, safe};

/// Wire the hooks: of this repository, of every repository of yours, or of a server.
///
/// Hooks that are there already are kept and run first. Installing twice changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) target: Where,
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Whose hooks, and which: the same for install, uninstall and doctor.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Where {
    /// Every repository of this user.
    #[arg(long, group = "whose")]
    global: bool,
    /// Bare repositories on a git server, or the hooks folder of a host that has one.
    #[arg(long, value_name = "DIR", num_args = 1.., group = "whose")]
    server: Vec<PathBuf>,
    /// Every bare repository below a folder.
    #[arg(long, value_name = "DIR", group = "whose")]
    all_under: Option<PathBuf>,
    /// Only these hooks, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    hooks: Vec<String>,
}

impl Where {
    /// The installer's request.
    pub(crate) fn request(&self, dry_run: bool) -> Result<Request, Failure> {
        let mut request = Request::new(self.target()?, binary()?);
        if !self.hooks.is_empty() {
            let known = || Hook::ALL.iter().map(|h| h.name()).collect::<Vec<_>>().join(", ");
            let parse = |name: &String| {
                Hook::from_name(name.trim()).ok_or_else(|| {
                    Failure::usage(format!("`{name}` is no hook of ours")).hint(format!("hooks: {}", known()))
                })
            };
            request.hooks = self.hooks.iter().map(parse).collect::<Result<_, _>>()?;
        }
        request.dry_run = dry_run;
        Ok(request)
    }

    fn target(&self) -> Result<Target, Failure> {
        let here = || {
            std::env::current_dir().map_err(|e| Failure::usage(format!("there is no current folder: {e}")))
        };
        let absolute = |dir: &PathBuf| {
            std::path::absolute(dir).map_err(|e| Failure::usage(format!("{}: {e}", dir.display())))
        };
        Ok(if self.global {
            Target::Global
        } else if let Some(dir) = &self.all_under {
            Target::ServerAllUnder(absolute(dir)?)
        } else if self.server.is_empty() {
            Target::Repository(here()?)
        } else {
            Target::Server(self.server.iter().map(absolute).collect::<Result<_, _>>()?)
        })
    }
}

/// The program that shims should call: this one, by its absolute path.
pub(crate) fn binary() -> Result<PathBuf, Failure> {
    let path = std::env::current_exe()
        .map_err(|e| Failure::usage(format!("could not find the path of this program: {e}")))?;
    // `git-stopleak` is a link to `stopleak`; the shims name the program itself.
    Ok(path.canonicalize().unwrap_or(path))
}

/// An installer's error for a person.
pub(crate) fn failed(error: &stopleak_installer::Error) -> Failure {
    let failure = Failure::usage(chain(error));
    match error.help() {
        Some(help) => failure.hint(help),
        None => failure,
    }
}

/// Shows a plan and, unless it is a rehearsal, carries it out.
pub(crate) fn carry_out(session: &Session, plan: &Plan, dry_run: bool, done: &str) -> Result<Exit, Failure> {
    let mut text = String::new();
    if plan.is_empty() {
        text.push_str("nothing to change\n");
    } else {
        text.push_str(&plan.to_string());
    }
    for note in plan.notes() {
        let _ = writeln!(text, "note: {note}");
    }
    for failure in plan.failures() {
        let _ = writeln!(text, "FAIL: left as it is: {}", safe(failure));
    }
    if !dry_run {
        apply(plan).map_err(|e| failed(&e))?;
        text.push_str(done);
    }
    let whole = plan.failures().is_empty();
    if !session.common.quiet || !whole {
        session.print(&text)?;
    }
    // A repository that is not wired takes pushes unseen.
    Ok(if whole { Exit::Clean } else { Exit::Incomplete })
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let request = args.target.request(args.dry_run)?;
    let plan = plan(&request).map_err(|e| failed(&e))?;
    carry_out(session, &plan, args.dry_run, "installed; `stopleak doctor` proves it\n")
}
