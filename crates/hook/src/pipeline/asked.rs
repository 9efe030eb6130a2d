//! What git says is in scope, and how its objects are read.
//!
//! What a push brings lies in a folder of its own until the hook answers. While git works out what of it is new,
//! the objects in that folder are walked. A range, or a push that leaves, is listed by git, and where it has many
//! objects they are walked in the repository's own packs. The answer is in either case that of [`Job::attempt`],
//! which reads everything through git: tests compare them.

use stopleak_git::{Changes, Error, Incoming, ObjectId, PushLine, Quarantine, Question, RefUpdate, Repo};
use stopleak_pack::{Hash, Kind, Plan, Store};
use stopleak_report::Coverage;

use super::Collector;
use super::objects::Job;
use super::sweep::Reader;
use super::walk::Walk;

/// With fewer objects than this, opening the packs (their indexes are checked) costs more than it saves.
const FEW: usize = 512;

/// A scope that git has been asked for.
pub(crate) enum Asked<'r> {
    /// The objects of a push, in its quarantine.
    Stored(Box<(Quarantine, Question<'r>)>),
    /// A list of objects.
    Listed(Box<Result<Incoming<'r>, Error>>, Reader),
    /// What is staged: git compares the index with HEAD while the scan is made ready.
    Staged(Result<Unfinished<'r>, Error>),
    /// All of it is read through git.
    Git(Result<Changes<'r>, Error>),
}

/// Changes that git is still listing.
type Unfinished<'r> = Box<dyn FnOnce() -> Result<Changes<'r>, Error> + 'r>;

impl<'r> Asked<'r> {
    /// Asks git what of a push is new; what the scan needs can be made ready while git works.
    pub(crate) fn incoming(repo: &'r Repo, updates: &[RefUpdate]) -> Result<Self, Error> {
        Ok(match repo.quarantined()? {
            Some(quarantine) => Self::Stored(Box::new((quarantine, repo.ask_incoming(updates)?))),
            None => Self::Git(repo.incoming(updates)),
        })
    }

    /// The same without reading anything but through git.
    pub(crate) fn by_git(repo: &'r Repo, updates: &[RefUpdate]) -> Self {
        Self::Git(repo.incoming(updates))
    }

    /// What is staged.
    pub(crate) fn staged(repo: &'r Repo) -> Self {
        Self::Staged(repo.start_staged().map(|finish| Box::new(finish) as Unfinished<'r>))
    }

    /// What the commits of a range add.
    pub(crate) fn range(repo: &'r Repo, spec: &str, reader: Reader) -> Self {
        Self::Listed(Box::new(repo.range(spec)), reader)
    }

    /// What a push takes elsewhere.
    pub(crate) fn outgoing(repo: &'r Repo, remote: &str, lines: &[PushLine], reader: Reader) -> Self {
        Self::Listed(Box::new(repo.outgoing(remote, lines)), reader)
    }

    /// Scans it.
    pub(crate) fn scan(self, job: &Job<'_>, coverage: Coverage) -> Result<(Collector, Coverage), Error> {
        match self {
            Self::Stored(stored) => {
                let (quarantine, question) = *stored;
                let stored = quarantine.stored();
                let walk = Walk::everything(job, stored.store(), stored.plan());
                walk.run(|| question.answer(&stored), coverage)
            }
            Self::Listed(listed, reader) => match *listed {
                Ok(listed) => by_packs(job, listed, reader, coverage),
                Err(error) => job.attempt(Err(error), coverage),
            },
            Self::Staged(started) => job.attempt(started.and_then(|finish| finish()), coverage),
            Self::Git(changes) => job.attempt(changes, coverage),
        }
    }
}

/// Walks what git listed, where that pays.
fn by_packs(
    job: &Job<'_>,
    listed: Incoming<'_>,
    reader: Reader,
    coverage: Coverage,
) -> Result<(Collector, Coverage), Error> {
    let ids: Vec<ObjectId> = listed.ids().collect();
    let worth_it = ids.len() >= FEW || reader == Reader::Plain;
    let store = if reader != Reader::Git && worth_it { open(job.repo)? } else { None };
    let Some(store) = store else { return job.attempt(Ok(listed.all()), coverage) };
    let plan = Plan::of(&store, ids.iter().copied());
    let numbers = ids.iter().filter_map(|id| store.number(id)).collect();
    let walk = Walk::listed(job, &store, &plan, numbers);
    // Of trees only their number matters.
    let trees = plan.kinds().filter(|&(_, kind)| kind == Kind::Tree);
    trees.for_each(|(number, kind)| walk.note(number, kind, 0));
    let walk = if reader == Reader::Plain { walk.plain() } else { walk };
    walk.run(|| Ok(listed), coverage)
}

/// The objects of a repository; `None` when they cannot be read without git.
pub(super) fn open(repo: &Repo) -> Result<Option<Store>, Error> {
    let dirs = repo.object_dirs()?;
    let hash = if repo.is_sha256() { Hash::Sha256 } else { Hash::Sha1 };
    match Store::open(&dirs.own, &dirs.alternates, hash) {
        Ok(store) => Ok(Some(store)),
        Err(error) => {
            tracing::debug!(%error, "the object store cannot be read directly, reading through git");
            Ok(None)
        }
    }
}
