//! What the tests of this crate share.

use std::collections::BTreeMap;
use std::ffi::OsString;

use stopleak_git::{Added, Body, Change, Changes, Kind, ObjectId, Repo, SkipReason, Totals};
use stopleak_testkit::world::{Init, Repository};

/// The formats of repository that every scan must be right in.
pub(crate) const FORMATS: [(&str, Init); 4] = [
    ("sha1", Init { sha256: false, reftable: false, bare: false }),
    ("sha256", Init { sha256: true, reftable: false, bare: false }),
    ("reftable", Init { sha256: false, reftable: true, bare: false }),
    ("git3", Init { sha256: true, reftable: true, bare: false }),
];

/// Opens a repository as a process in `repo`'s folder with the world's environment would, and `extra`.
pub(crate) fn open(repo: &Repository<'_>, extra: &[(&str, &str)]) -> Repo {
    let mut env: BTreeMap<OsString, OsString> =
        repo.env().into_iter().map(|(k, v)| (OsString::from(k), OsString::from(v))).collect();
    env.extend(extra.iter().map(|&(k, v)| (OsString::from(k), OsString::from(v))));
    Repo::open_with(repo.path(), env).unwrap()
}

/// Everything a scan gave.
pub(crate) struct All {
    pub(crate) changes: Vec<Change>,
    pub(crate) totals: Totals,
}

impl All {
    pub(crate) fn of(mut changes: Changes<'_>) -> Self {
        let all: Vec<Change> = changes.by_ref().map(|change| change.unwrap()).collect();
        Self { changes: all, totals: changes.totals() }
    }

    /// Ids of all objects, sorted.
    pub(crate) fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> =
            self.changes.iter().filter_map(|c| c.id).map(|id| id.to_string()).collect();
        ids.sort();
        ids
    }

    /// The names of one kind.
    pub(crate) fn names(&self, kind: Kind) -> Vec<String> {
        self.changes.iter().filter(|c| c.kind == kind && c.id.is_none()).map(text).collect()
    }

    /// The first change of a kind whose bytes contain `needle`.
    pub(crate) fn with(&self, kind: Kind, needle: &str) -> Option<&Change> {
        self.changes.iter().find(|c| c.kind == kind && text(c).contains(needle))
    }

    pub(crate) fn skips(&self) -> Vec<(Option<ObjectId>, SkipReason)> {
        let reason = |c: &Change| match c.body {
            Body::Skipped { why } => Some((c.id, why)),
            _ => None,
        };
        self.changes.iter().filter_map(reason).collect()
    }
}

/// The bytes of a change as text; empty when there are none in memory.
pub(crate) fn text(change: &Change) -> String {
    match &change.body {
        Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

/// One range of added bytes.
pub(crate) fn lines(range: std::ops::Range<usize>) -> Added {
    Added::Ranges(std::iter::once(range).collect())
}

/// What git says, one id a line, sorted, without what follows the id.
pub(crate) fn git_ids(repo: &Repository<'_>, args: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> =
        repo.git(args).lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Of these ids, those that are not trees.
pub(crate) fn without_trees(repo: &Repository<'_>, ids: &[String]) -> Vec<String> {
    let input = ids.join("\n") + "\n";
    let types = repo.git_with(&["cat-file", "--batch-check"], input.as_bytes());
    let trees: Vec<&str> =
        types.lines().filter(|l| l.contains(" tree ")).map(|l| l.split(' ').next().unwrap()).collect();
    ids.iter().filter(|id| !trees.contains(&id.as_str())).cloned().collect()
}
