//! Who brought a blob into history, and which refs still have it.
//!
//! One pass over all commits, oldest first: `rev-list` feeds `diff-tree`, and only entries about the asked
//! blobs are kept. So the cost is that of the history, once, however many blobs are asked for.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::ops::ControlFlow;

use crate::history::EVERYTHING;
use crate::objects::Batch;
use crate::plumbing::{Git, Input, Pieces as _, id_lines};
use crate::push::{CommitChanges, rev_list};
use crate::{CommitFacts, Error, Introduction, ObjectId, Repo};

/// At most so many paths are named for one blob.
const MAX_PATHS: usize = 100;
/// At most so many (ref, path) pairs are looked up.
const MAX_LOOKUPS: usize = 20_000;

/// A root tree, and the refs that lead to it.
type Tip = (ObjectId, Vec<Vec<u8>>);

/// First commit for each blob and path.
type Firsts = HashMap<ObjectId, Vec<(Vec<u8>, ObjectId)>>;

pub(crate) fn introduced(
    repo: &Repo,
    blobs: &[ObjectId],
) -> Result<HashMap<ObjectId, Vec<Introduction>>, Error> {
    let mut firsts: Firsts = blobs.iter().map(|&id| (id, Vec::new())).collect();
    if blobs.is_empty() {
        return Ok(HashMap::new());
    }
    let git = repo.git().clone();
    let feed = Input::Feed(Box::new(move |mut pipe| {
        let mut args = vec!["rev-list", "--topo-order", "--reverse"];
        args.extend(EVERYTHING);
        rev_list(&git, &args, Input::Nothing, |line| {
            let written = pipe.write_all(&id_lines([line.id]));
            Ok(if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })
    }));
    collect(repo.git(), feed, &mut firsts)?;
    if firsts.values().any(Vec::is_empty) {
        unreachable_commits(repo, &mut firsts)?;
    }
    describe(repo, firsts)
}

fn collect(git: &Git, feed: Input, firsts: &mut Firsts) -> Result<(), Error> {
    let mut changes = CommitChanges::start(git, feed)?;
    while let Some((commit, entry)) = changes.next()? {
        if !entry.is_blob() {
            continue;
        }
        if let Some(known) = firsts.get_mut(&entry.new)
            && known.len() < MAX_PATHS
            && known.iter().all(|(path, _)| *path != entry.path)
        {
            known.push((entry.path, commit));
        }
    }
    Ok(())
}

/// Blobs that no reachable commit has may be in one that nothing reaches any more. Such a commit may lack
/// its parents or trees, so each is asked by itself and a failure says nothing.
fn unreachable_commits(repo: &Repo, firsts: &mut Firsts) -> Result<(), Error> {
    let mut missing: Firsts =
        firsts.iter().filter(|(_, v)| v.is_empty()).map(|(&k, _)| (k, Vec::new())).collect();
    let mut reachable = std::collections::HashSet::new();
    let mut args = vec!["rev-list"];
    args.extend(EVERYTHING);
    rev_list(repo.git(), &args, Input::Nothing, |line| {
        reachable.insert(line.id);
        Ok(ControlFlow::Continue(()))
    })?;
    let args =
        ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)", "--unordered"];
    let mut running = repo.git().start(&args, Input::Nothing)?;
    let (mut buffer, mut commits) = (Vec::new(), Vec::new());
    while running.next_until(b'\n', &mut buffer)? {
        if let Some(id) = buffer.strip_suffix(b" commit").and_then(ObjectId::from_hex)
            && !reachable.contains(&id)
        {
            commits.push(id);
        }
    }
    // All at once, and one by one only if one of them is broken.
    if collect(repo.git(), Input::Bytes(id_lines(commits.iter().copied())), &mut missing).is_err() {
        for &commit in commits.iter().take(1000) {
            drop(collect(repo.git(), Input::Bytes(id_lines([commit])), &mut missing));
        }
    }
    firsts.extend(missing);
    Ok(())
}

fn describe(repo: &Repo, firsts: Firsts) -> Result<HashMap<ObjectId, Vec<Introduction>>, Error> {
    let holders = holders(repo, &firsts)?;
    let mut facts: HashMap<ObjectId, CommitFacts> = HashMap::new();
    let mut all = HashMap::new();
    for (blob, places) in firsts {
        let mut introductions = Vec::with_capacity(places.len());
        for (path, commit) in places {
            if let Entry::Vacant(slot) = facts.entry(commit) {
                slot.insert(repo.commit_facts(commit)?);
            }
            let (author, date) =
                facts.get(&commit).map(|f| (f.author.clone(), f.date.clone())).unwrap_or_default();
            let (in_head, refs) = holders.get(&(blob, path.clone())).cloned().unwrap_or_default();
            introductions.push(Introduction { commit, author, date, path, in_head, refs });
        }
        if !introductions.is_empty() {
            all.insert(blob, introductions);
        }
    }
    Ok(all)
}

/// Whether HEAD has a blob at a path, and the refs that do.
type Holders = HashMap<(ObjectId, Vec<u8>), (bool, Vec<Vec<u8>>)>;

/// Looks every path up in HEAD and in every tip, once each: HEAD first, then branches, tags and the rest, so that
/// what the limit cuts off is always the same and matters least.
fn holders(repo: &Repo, firsts: &Firsts) -> Result<Holders, Error> {
    let mut holders = Holders::new();
    let mut paths = BTreeSet::new();
    for (blob, places) in firsts {
        for (path, _) in places {
            holders.insert((*blob, path.clone()), (false, Vec::new()));
            paths.insert(path.as_slice());
        }
    }
    let mut budget = MAX_LOOKUPS;
    let mut look = Lookup::new(repo.git().clone());
    for (tip, names) in tips(repo)? {
        let is_head = names.iter().any(|name| name == b"HEAD");
        for path in &paths {
            if !is_head && budget == 0 {
                break;
            }
            budget = budget.saturating_sub(1);
            let Some(blob) = look.blob_at(repo, tip, path)? else { continue };
            let Some((in_head, refs)) = holders.get_mut(&(blob, path.to_vec())) else { continue };
            *in_head |= is_head;
            let room = Repo::MAX_REFS_NAMED.saturating_sub(refs.len());
            refs.extend(names.iter().filter(|name| *name != b"HEAD").take(room).cloned());
        }
    }
    for (_, refs) in holders.values_mut() {
        refs.sort();
    }
    Ok(holders)
}

/// Where a ref stands among those that are looked into.
fn rank(name: &[u8]) -> u8 {
    match name {
        b"HEAD" => 0,
        _ if name.starts_with(b"refs/heads/") => 1,
        _ if name.starts_with(b"refs/tags/") => 2,
        _ if name.starts_with(b"refs/remotes/") => 3,
        _ => 4,
    }
}

/// The root trees that HEAD and refs point at, each with the names that do.
fn tips(repo: &Repo) -> Result<Vec<Tip>, Error> {
    let mut tips: Vec<Tip> = Vec::new();
    let mut at: HashMap<ObjectId, usize> = HashMap::new();
    let mut add = |id: ObjectId, name: &[u8]| {
        let index = *at.entry(id).or_insert_with(|| {
            tips.push((id, Vec::new()));
            tips.len() - 1
        });
        tips[index].1.push(name.to_vec());
    };
    let head = repo.git().ask(&["rev-parse", "-q", "--verify", "HEAD^{tree}"])?;
    if let Some(id) = ObjectId::from_hex(head.stdout.trim_ascii_end()) {
        add(id, b"HEAD");
    }
    // A ref that is broken stops git from listing all; then none is named. The scan itself reports it.
    let format = "--format=%(objecttype) %(tree)%(*tree) %(refname)";
    for line in repo.git().ask(&["for-each-ref", format])?.stdout.split(|&b| b == b'\n') {
        let mut words = line.splitn(3, |&b| b == b' ');
        if let (Some(_), Some(tree), Some(name)) = (words.next(), words.next(), words.next())
            && let Some(id) = ObjectId::from_hex(tree)
        {
            add(id, name);
        }
    }
    tips.sort_by_cached_key(|(_, names)| names.iter().map(|name| (rank(name), name.clone())).min());
    Ok(tips)
}

/// Finds the object at a path of a tree by reading trees, each once.
struct Lookup {
    batch: Batch,
    trees: HashMap<ObjectId, HashMap<Vec<u8>, ObjectId>>,
}

impl Lookup {
    /// So many trees are remembered.
    const MAX_TREES: usize = 2_000;

    fn new(git: Git) -> Self {
        Self { batch: Batch::new(git), trees: HashMap::new() }
    }

    fn blob_at(&mut self, repo: &Repo, root: ObjectId, path: &[u8]) -> Result<Option<ObjectId>, Error> {
        let mut at = root;
        for name in path.split(|&b| b == b'/') {
            if !self.trees.contains_key(&at) {
                if self.trees.len() >= Self::MAX_TREES {
                    self.trees.clear();
                }
                self.batch.request(at)?;
                // A tree that is not there has nothing at the path; the scan itself reports it.
                let bytes = self.batch.next()?.into_bytes().unwrap_or_default();
                self.trees.insert(at, entries(&bytes, repo.id_len()));
            }
            match self.trees.get(&at).and_then(|tree| tree.get(name)) {
                Some(&next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }
}

/// The entries of a raw tree.
fn entries(tree: &[u8], id_len: usize) -> HashMap<Vec<u8>, ObjectId> {
    tree_entries(tree, id_len).map(|(name, id)| (name.to_vec(), id)).collect()
}

/// Reads `<mode> SP <name> NUL <id>` until something else comes.
pub(crate) fn tree_entries(mut tree: &[u8], id_len: usize) -> impl Iterator<Item = (&[u8], ObjectId)> {
    std::iter::from_fn(move || {
        let space = tree.iter().position(|&b| b == b' ')?;
        let nul = tree[space..].iter().position(|&b| b == 0)? + space;
        let id = ObjectId::from_bytes(tree.get(nul + 1..nul + 1 + id_len)?)?;
        let name = &tree[space + 1..nul];
        tree = &tree[nul + 1 + id_len..];
        Some((name, id))
    })
}
