//! What the index adds over HEAD.
//!
//! One `git diff-index` says which paths; the blobs are read in process. In a hook git's environment names
//! the index (`commit -a` and `commit -- PATH` use another one than `.git/index`), and it is passed on.
//! While a merge waits for its commit, what any of its parents has is not new.

use std::collections::HashMap;

use crate::plan::{Listed, Plan};
use crate::plumbing::{Begun, Pieces as _};
use crate::raw::{self, Entry, Item};
use crate::{Body, Change, Error, Kind, ObjectId, Repo, SkipReason};

/// The empty tree, which git knows in every repository.
const EMPTY_SHA1: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const EMPTY_SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/// A git that compares the index with HEAD, while its caller does something else.
pub(crate) struct Comparison(Begun);

pub(crate) fn compare(repo: &Repo) -> Result<Comparison, Error> {
    begin(repo, "HEAD").map(Comparison)
}

pub(crate) fn staged(repo: &Repo, comparison: Comparison) -> Result<Plan<'_>, Error> {
    let mut entries = match entries(comparison.0) {
        Err(Error::GitFailed { .. }) if is_unborn(repo)? => {
            diff_index(repo, if repo.is_sha256() { EMPTY_SHA256 } else { EMPTY_SHA1 })
        }
        entries => entries,
    }?;
    for parent in merge_heads(repo)? {
        only_what_it_lacks(&mut entries, diff_index(repo, &parent.to_string())?);
    }
    let mut plan = Plan::new(repo);
    for entry in entries {
        if entry.status == b'U' {
            plan.ready.push_back(unmerged(entry));
            continue;
        }
        if entry.is_new_path() {
            plan.name(Kind::Path, &entry.path, None);
        }
        // The same blob with another mode adds nothing.
        if entry.is_blob() && !entry.bases().any(|base| base == entry.new) {
            if plan.places.insert(entry.new) {
                plan.objects.push_back(Listed::new(entry.new));
            }
            plan.places.add(None, &entry);
        }
    }
    Ok(plan)
}

fn diff_index(repo: &Repo, tree: &str) -> Result<Vec<Entry>, Error> {
    entries(begin(repo, tree)?)
}

fn begin(repo: &Repo, tree: &str) -> Result<Begun, Error> {
    let mut args = vec!["diff-index", "--cached", "--ita-invisible-in-index"];
    args.extend(raw::FLAGS);
    args.extend([tree, "--"]);
    repo.git().begin(&args)
}

fn entries(comparison: Begun) -> Result<Vec<Entry>, Error> {
    let mut output = comparison.pieces()?;
    let (mut entries, mut buffer) = (Vec::new(), Vec::new());
    while let Some(item) = raw::next(&mut output, &mut buffer)? {
        match item {
            Item::Entry(entry) => entries.push(entry),
            Item::Commit(_) => return Err(output.unexpected("a commit".to_owned())),
        }
    }
    Ok(entries)
}

/// The other parents of a merge that waits for its commit. What they have is not new: it was committed.
fn merge_heads(repo: &Repo) -> Result<Vec<ObjectId>, Error> {
    let text = match std::fs::read(repo.git_dir().join("MERGE_HEAD")) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Pipe { command: "MERGE_HEAD".to_owned(), source }),
    };
    let id = |line| {
        ObjectId::from_hex(line).ok_or_else(|| Error::Unexpected {
            command: "merge".to_owned(),
            what: "a MERGE_HEAD that is not a list of commits".to_owned(),
        })
    };
    text.split(|&b| b == b'\n').filter(|line| !line.is_empty()).map(id).collect()
}

/// Keeps the entries that differ from one more parent too, with that parent's version.
fn only_what_it_lacks(entries: &mut Vec<Entry>, others: Vec<Entry>) {
    let mut others: HashMap<Vec<u8>, Vec<(u32, ObjectId)>> =
        others.into_iter().map(|other| (other.path, other.olds)).collect();
    entries.retain_mut(|entry| {
        let olds = others.remove(&entry.path);
        let differs = olds.is_some();
        entry.olds.extend(olds.unwrap_or_default());
        differs || entry.status == b'U'
    });
}

/// Whether HEAD names a branch that does not exist yet. A HEAD that cannot be read is something else.
pub(crate) fn is_unborn(repo: &Repo) -> Result<bool, Error> {
    let names_a_branch = repo.git().ask(&["symbolic-ref", "-q", "HEAD"])?.status.success();
    let resolves = repo.git().ask(&["rev-parse", "-q", "--verify", "HEAD"])?.status.success();
    Ok(names_a_branch && !resolves)
}

fn unmerged(entry: Entry) -> Change {
    Change {
        kind: Kind::Blob,
        id: None,
        size: 0,
        path: Some(entry.path),
        commit: None,
        ref_name: None,
        places: Vec::new(),
        body: Body::Skipped { why: SkipReason::Unmerged },
    }
}
