//! `stopleak scan`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use stopleak_config::Policy;
use stopleak_config::policy::{Command, OnSkip};
use stopleak_core::Found;
use stopleak_git::{HistoryOptions, Repo};
use stopleak_report::text::Situation;
use stopleak_report::{Coverage, Scan, Skip, Source};

use crate::exit::{Exit, Failure, chain};
use crate::pipeline::asked::Asked;
use crate::pipeline::files::{self, Progress, Top, Walk};
use crate::pipeline::objects::Job;
use crate::pipeline::stop::{Stop, Watched};
use crate::pipeline::sweep::{self, Cache, Extent, Reader};
use crate::pipeline::{Collector, Engine, Place, Verdict, partly};
use crate::progress;
use crate::session::Session;
use crate::settings::{ALLOW_FILE, POLICY_FILE, Root, Settings};

/// Look for secrets in files, in what is staged, in commits or in a stream.
///
/// Without a source the current folder is scanned as it is on disk, ignored files included.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub(crate) struct Args {
    /// Files and folders as they are on disk; with --history, the repository.
    pub(crate) paths: Vec<PathBuf>,
    /// What the index adds over HEAD.
    #[arg(long, conflicts_with_all = ["paths", "range", "history", "stdin"])]
    pub(crate) staged: bool,
    /// What the commits of a range add: A..B, or any revision range.
    #[arg(long, value_name = "A..B", group = "commits", conflicts_with_all = ["paths", "history", "stdin"])]
    pub(crate) range: Option<String>,
    /// Everything ever committed: every object that a ref, reflog or stash reaches.
    #[arg(long, group = "commits", conflicts_with = "stdin")]
    pub(crate) history: bool,
    /// With --history: dangling objects too.
    #[arg(long, requires = "history")]
    pub(crate) unreachable: bool,
    /// With --history or --range: how objects are read. All give the same findings; the others are there to compare.
    #[arg(long, requires = "commits", value_enum, default_value_t)]
    pub(crate) reader: Reader,
    /// With --history: read only what no earlier sweep with --resume has seen, and note what this one sees.
    #[arg(long, requires = "history")]
    pub(crate) resume: bool,
    /// With --resume: where that is noted, instead of the person's own cache folder.
    #[arg(long, value_name = "DIR", requires = "resume")]
    pub(crate) cache: Option<PathBuf>,
    /// Standard input: a log, a transcript.
    #[arg(long, conflicts_with = "paths")]
    pub(crate) stdin: bool,
    /// Leave out what git ignores.
    #[arg(long, conflicts_with_all = ["staged", "range", "history", "stdin"])]
    pub(crate) respect_gitignore: bool,
}

/// Runs the command.
pub(crate) fn run(session: &Session, args: &Args) -> Result<Exit, Failure> {
    let file = session.open_output()?;
    let stop = interrupts();
    let (scan, gaps_allowed) = look(session, args, &stop)?;
    session.finish(&scan, &Situation::Scan, gaps_allowed, file)
}

/// Scans what `args` name; also says whether policy lets gaps pass.
pub(crate) fn look(session: &Session, args: &Args, stop: &AtomicBool) -> Result<(Scan, bool), Failure> {
    let started = Instant::now();
    let sources = Sources { session, stop, started };
    let (mut scan, policy) = if args.stdin {
        sources.stdin()
    } else if args.staged {
        sources.objects(None, Source::Staged, |job, coverage| job.attempt(job.repo.staged(), coverage))
    } else if let Some(range) = &args.range {
        sources.objects(None, Source::Range, |job, coverage| {
            let mut done = Asked::range(job.repo, range, args.reader).scan(job, coverage)?;
            cut_off(&mut done.0, &job.repo.cut_off(Some(range))?);
            Ok(done)
        })
    } else if args.history {
        let dir = match args.paths.as_slice() {
            [] => None,
            [one] => Some(one.as_path()),
            _ => return Err(Failure::usage("--history takes one repository")),
        };
        let options = HistoryOptions { unreachable: args.unreachable };
        sources.history(dir, options, args)
    } else {
        sources.files(&args.paths, args.respect_gitignore)
    }?;
    tracing::info!(
        source = scan.coverage.source.name(),
        objects = scan.coverage.objects,
        bytes = scan.coverage.bytes_scanned,
        findings = scan.findings.len(),
        skipped = scan.skipped.len(),
        "scanned"
    );
    scan.coverage.seconds = started.elapsed().as_secs_f64();
    Ok((scan, policy.limits.on_skip == OnSkip::Warn))
}

struct Sources<'s> {
    session: &'s Session,
    stop: &'s AtomicBool,
    started: Instant,
}

impl Sources<'_> {
    fn command(&self) -> Command {
        Command::Scan { all: self.session.all() }
    }

    fn ending(&self, policy: &Policy) -> Stop<'_> {
        Stop { flag: self.stop, deadline: policy.limits.deadline.map(|d| self.started + d) }
    }

    fn settings(&self, root: Root<'_>) -> Result<Settings, Failure> {
        Settings::load(root, self.session.common.config.as_deref())
    }

    fn engine<'e>(&self, settings: &'e Settings) -> Engine<'e> {
        Engine::new(&settings.policy, &settings.allow, self.command(), true)
    }

    fn history(
        &self,
        dir: Option<&Path>,
        options: HistoryOptions,
        args: &Args,
    ) -> Result<(Scan, Policy), Failure> {
        let mut notes = Vec::new();
        let done = self.objects(dir, Source::History, |job, coverage| {
            let extent = Extent { unreachable: options.unreachable, inherit: args.reader == Reader::Packs };
            let resume = args.resume && args.reader != Reader::Git;
            if args.resume && !resume {
                notes.push("everything is read: --resume is for the readers of packs".to_owned());
            }
            let cache = resume.then(|| Cache::open(args.cache.as_deref(), job.engine.policy));
            let cache = match cache.transpose() {
                Ok(cache) => cache,
                Err(why) => {
                    notes.push(format!("everything is read: {why}"));
                    None
                }
            };
            if args.reader != Reader::Git
                && let Some(mut done) = sweep::run(job, extent, cache.as_ref(), &coverage)?
            {
                notes.extend(cache.iter().flat_map(Cache::notes));
                cut_off(&mut done.0, &job.repo.cut_off(None)?);
                return Ok(done);
            }
            // What a lost tree led to is somewhere among what seems unreachable.
            let unreachable = options.unreachable || sweep::is_blind(job.repo)?;
            let mut done = job.attempt(job.repo.history(HistoryOptions { unreachable }), coverage)?;
            cut_off(&mut done.0, &job.repo.cut_off(None)?);
            Ok(done)
        });
        done.map(|(mut scan, policy)| {
            scan.notes.extend(notes);
            (scan, policy)
        })
    }

    fn objects(
        &self,
        dir: Option<&Path>,
        source: Source,
        scan: impl FnOnce(&Job<'_>, Coverage) -> Result<(Collector, Coverage), stopleak_git::Error>,
    ) -> Result<(Scan, Policy), Failure> {
        let repo = open(dir)?;
        let settings = settings_of(&repo, self.session)?;
        let stop = self.ending(&settings.policy);
        let repo = match stop.deadline {
            Some(deadline) => repo.until(deadline),
            None => repo,
        };
        let engine = self.engine(&settings);
        let progress = Progress::default();
        let job = Job {
            engine: &engine,
            repo: &repo,
            source,
            threads: self.session.threads(settings.policy.limits.threads),
            stop,
            progress: &progress,
            tips: &[],
        };
        let bar = progress::show(self.session, source);
        let (out, coverage) = progress::with(bar, &progress, || {
            scan(&job, engine.coverage(self.session.wants_hash())).map_err(|e| git_failure(&e))
        })?;
        let scan = finish(&engine, &settings, out, coverage);
        Ok((scan, settings.policy))
    }

    fn files(&self, paths: &[PathBuf], respect_gitignore: bool) -> Result<(Scan, Policy), Failure> {
        let roots = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() };
        for root in &roots {
            if let Err(error) = std::fs::symlink_metadata(root)
                && error.kind() == io::ErrorKind::NotFound
            {
                return Err(Failure::usage(format!("there is no {}", root.display())));
            }
        }
        // Outside of a repository files are scanned all the same; a repository that cannot be read is
        // another matter, its policy would silently not apply.
        let repo = match Repo::open(None) {
            Ok(repo) => Some(repo),
            Err(stopleak_git::Error::NotARepository(_)) => None,
            Err(error) => return Err(git_failure(&error)),
        };
        let tree = repo.as_ref().and_then(Repo::work_tree).map(Path::to_path_buf);
        let settings = self.settings(Root::Folder(tree.as_deref().unwrap_or(Path::new("."))))?;
        let top = tree
            .map(|tree| Top::new(&tree))
            .transpose()
            .map_err(|e| Failure::usage(format!("could not find the work tree: {e}")))?;
        let only = match (&repo, respect_gitignore) {
            (_, false) => None,
            (Some(_), true) => Some(crate::ignored::files_git_knows(&roots)?),
            (None, true) => return Err(Failure::usage("--respect-gitignore needs a repository")),
        };
        let engine = self.engine(&settings);
        let progress = Progress::default();
        let walk = Walk {
            roots,
            top: top.as_ref(),
            only,
            threads: self.session.threads(settings.policy.limits.threads),
            stop: self.ending(&settings.policy),
            progress: &progress,
        };
        let bar = progress::show(self.session, Source::Files);
        let out = progress::with(bar, &progress, || Ok::<_, Failure>(files::scan(&engine, &walk)))?;
        let read = progress.items.load(Ordering::Relaxed);
        let bytes = progress.bytes.load(Ordering::Relaxed);
        let coverage = Coverage {
            source: Source::Files,
            objects: read,
            blobs: read,
            bytes,
            bytes_scanned: bytes,
            ..engine.coverage(self.session.wants_hash())
        };
        let scan = finish(&engine, &settings, out, coverage);
        Ok((scan, settings.policy))
    }

    fn stdin(&self) -> Result<(Scan, Policy), Failure> {
        let settings = self.settings(Root::Folder(Path::new(".")))?;
        let engine = self.engine(&settings);
        let mut out = Collector::places();
        let bytes = AtomicU64::new(0);
        let mut input = Watched::new(io::stdin().lock(), self.ending(&settings.policy), &bytes);
        let found = engine.detector.scan_reader(&mut input).unwrap_or_else(|error| {
            let what = "standard input".into();
            let detail = error.to_string();
            out.skip(Skip { what, why: "read-error".into(), bytes: 0, in_scope: true, detail });
            Found::default()
        });
        if let Some(why) = input.ended {
            let what = "the rest of standard input".into();
            let detail = "the scan was stopped".into();
            out.skip(Skip { what, why: why.into(), bytes: 0, in_scope: true, detail });
        }
        let bytes = bytes.into_inner();
        let place = Place::file(b"<stdin>");
        let mut marks = engine.marks(None);
        for m in &found.matches {
            match engine.judge(m, marks.of(m).as_deref(), &place) {
                Verdict::Shown(finding) => out.add(*finding),
                Verdict::Hidden => out.hide(),
                Verdict::Dropped => {}
            }
        }
        out.skip_all(partly(&found, &"<stdin>".into()));
        let coverage = Coverage {
            source: Source::Stdin,
            objects: 1,
            blobs: 1,
            bytes,
            bytes_scanned: bytes,
            ..engine.coverage(self.session.wants_hash())
        };
        let scan = finish(&engine, &settings, out, coverage);
        Ok((scan, settings.policy))
    }
}

/// Names the commits where a shallow clone ends: what came before them was not looked at.
fn cut_off(out: &mut Collector, commits: &[stopleak_git::ObjectId]) {
    let Some(first) = commits.first() else { return };
    let more = if commits.len() == 1 { String::new() } else { format!(" and {} more", commits.len() - 1) };
    let what = format!("parents of commit {first}{more}");
    let detail = "this clone is shallow, so older commits are not here: git fetch --unshallow".into();
    out.skip(Skip {
        what: what.as_str().into(),
        why: "shallow-clone".into(),
        bytes: 0,
        in_scope: true,
        detail,
    });
}

fn finish(engine: &Engine<'_>, settings: &Settings, out: Collector, coverage: Coverage) -> Scan {
    let mut scan = out.finish(coverage);
    scan.notes.extend(settings.notes.iter().cloned());
    engine.expired_entries(&mut scan);
    scan
}

/// Opens a repository, or says what to do when there is none.
pub(crate) fn open(dir: Option<&Path>) -> Result<Repo, Failure> {
    Repo::open(dir).map_err(|e| git_failure(&e))
}

/// What a run in `repo` goes by.
pub(crate) fn settings_of(repo: &Repo, session: &Session) -> Result<Settings, Failure> {
    let config = session.common.config.as_deref();
    if let Some(tree) = repo.work_tree() {
        return Settings::load(Root::Folder(tree), config);
    }
    let read = |path| repo.read_head(path).map_err(|e| git_failure(&e));
    let (policy, allow) = (read(POLICY_FILE)?, read(ALLOW_FILE)?);
    Settings::load(Root::Texts { policy: policy.as_deref(), allow: allow.as_deref() }, config)
}

/// git could not be asked: a wrong place or request is wrong usage, anything else an unknown scope.
pub(crate) fn git_failure(error: &stopleak_git::Error) -> Failure {
    use stopleak_git::Error as E;
    let message = chain(error);
    match error {
        E::NotARepository(_) => {
            Failure::usage(message).hint("run it inside a repository, or name one with -C DIR")
        }
        E::DubiousOwnership(dir) => Failure::usage(message)
            .hint(format!("git config --global --add safe.directory {}", dir.display())),
        E::GitMissing(why) if why.kind() == io::ErrorKind::NotFound => {
            Failure::usage(message).hint("stopleak asks git what is in scope: put git on PATH")
        }
        E::GitTooOld { .. } | E::BadInput { .. } | E::BadRange(_) => Failure::usage(message),
        _ => Failure::incomplete(message)
            .hint("nothing is known to be clean; run again with -vv to see what git said"),
    }
}

/// A flag that Ctrl-C sets; pressed twice it ends the process.
pub(crate) fn interrupts() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Without the handler Ctrl-C ends the process at once, which is safe: no report says "clean".
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop));
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    stop
}
