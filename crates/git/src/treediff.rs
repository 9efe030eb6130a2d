//! What a few commits change against all their parents, without a process.
//!
//! This is `git diff-tree --stdin --root -c -r` for the push of an afternoon, where starting git takes longer
//! than its answer. git stays the reference: whatever is not plainly well-formed, small and at hand (a shallow
//! repository, a tree out of order, a lost object, SHA-256) is `None`, and git is asked.

use std::cmp::Ordering;

use crate::objects::{Objects, Type};
use crate::raw::Entry;
use crate::{Body, ObjectId, Repo};

/// More commits than this and a process costs nothing in comparison.
const COMMITS: usize = 64;
/// Entries looked at, over all trees.
const ENTRIES: usize = 100_000;
/// Folders within folders; git has a limit of its own.
const DEPTH: usize = 200;

const TREE: u32 = 0o040_000;

/// Every path that differs from all parents of its commit, in git's order. What is only gone is left out.
pub(crate) fn changes(repo: &Repo, commits: &[ObjectId]) -> Option<Vec<(ObjectId, Entry)>> {
    if commits.len() > COMMITS || repo.is_sha256() || repo.is_shallow() {
        return None;
    }
    repo.with_objects(|objects| {
        let mut diff = Diff { objects, left: ENTRIES, path: Vec::new(), found: Vec::new() };
        let mut all = Vec::new();
        for &commit in commits {
            diff.commit(commit)?;
            all.extend(diff.found.drain(..).map(|entry| (commit, entry)));
        }
        Some(all)
    })
}

struct Diff<'o> {
    objects: &'o mut Objects,
    left: usize,
    /// The folder that is being compared, with its slash.
    path: Vec<u8>,
    found: Vec<Entry>,
}

impl Diff<'_> {
    fn commit(&mut self, id: ObjectId) -> Option<()> {
        let (tree, parents) = self.header(id)?;
        let mut olds =
            parents.into_iter().map(|id| Some(Some(self.header(id)?.0))).collect::<Option<Vec<_>>>()?;
        if olds.is_empty() {
            olds.push(None);
        }
        self.trees(tree, &olds, 0)
    }

    /// The tree and parents of a commit.
    fn header(&mut self, id: ObjectId) -> Option<(ObjectId, Vec<ObjectId>)> {
        let bytes = self.read(id, Type::Commit)?;
        let mut lines = bytes.split(|&b| b == b'\n');
        let tree = ObjectId::from_hex(lines.next()?.strip_prefix(b"tree ")?)?;
        let parents = lines.map_while(|line| line.strip_prefix(b"parent ")).map(ObjectId::from_hex);
        Some((tree, parents.collect::<Option<_>>()?))
    }

    fn read(&mut self, id: ObjectId, kind: Type) -> Option<Vec<u8>> {
        let object = self.objects.in_process(id)?;
        match object.body {
            Body::Bytes(bytes) if object.kind == Some(kind) => Some(bytes),
            _ => None,
        }
    }

    /// Compares a tree with what each parent has in its place.
    fn trees(&mut self, new: ObjectId, olds: &[Option<ObjectId>], depth: usize) -> Option<()> {
        if olds.contains(&Some(new)) {
            return Some(());
        }
        if depth > DEPTH {
            return None;
        }
        let new = self.read(new, Type::Tree)?;
        let old_bytes = olds
            .iter()
            .map(|old| old.map_or_else(|| Some(Vec::new()), |id| self.read(id, Type::Tree)))
            .collect::<Option<Vec<_>>>()?;
        let new = self.entries(&new)?;
        let olds = old_bytes.iter().map(|bytes| self.entries(bytes)).collect::<Option<Vec<_>>>()?;
        let mut at = vec![0; olds.len()];
        for item in new {
            let mut before = Vec::with_capacity(olds.len());
            for (old, at) in olds.iter().zip(&mut at) {
                while old.get(*at).is_some_and(|o| order(o, &item) == Ordering::Less) {
                    *at += 1;
                }
                before.push(old.get(*at).filter(|o| order(o, &item) == Ordering::Equal));
            }
            if before.iter().any(|old| old.is_some_and(|o| (o.mode, o.id) == (item.mode, item.id))) {
                continue;
            }
            let length = self.path.len();
            self.path.extend_from_slice(item.name);
            if item.mode == TREE {
                self.path.push(b'/');
                let inner: Vec<_> = before.iter().map(|old| old.map(|o| o.id)).collect();
                self.trees(item.id, &inner, depth + 1)?;
            } else {
                let null = ObjectId::from_bytes(&[0; 20])?;
                let olds: Vec<_> =
                    before.iter().map(|old| old.map_or((0, null), |o| (o.mode, o.id))).collect();
                let status = if olds.iter().all(|&(mode, _)| mode == 0) { b'A' } else { b'M' };
                let path = self.path.clone();
                self.found.push(Entry { olds, mode: item.mode, new: item.id, status, path });
            }
            self.path.truncate(length);
        }
        Some(())
    }

    /// The entries of a tree; `None` unless it is just as git writes trees.
    fn entries<'t>(&mut self, mut tree: &'t [u8]) -> Option<Vec<Item<'t>>> {
        let mut items: Vec<Item<'t>> = Vec::new();
        while !tree.is_empty() {
            self.left = self.left.checked_sub(1)?;
            let space = memchr::memchr(b' ', tree)?;
            let nul = space + memchr::memchr(0, &tree[space..])?;
            let mode = match &tree[..space] {
                b"40000" => TREE,
                b"100644" => 0o100_644,
                b"100755" => 0o100_755,
                b"120000" => 0o120_000,
                b"160000" => 0o160_000,
                _ => return None,
            };
            let name = &tree[space + 1..nul];
            let id = ObjectId::from_bytes(tree.get(nul + 1..nul + 21)?)?;
            let item = Item { mode, name, id };
            let follows = items.last().is_none_or(|last| order(last, &item) == Ordering::Less);
            if name.is_empty() || name.contains(&b'/') || !follows {
                return None;
            }
            items.push(item);
            tree = &tree[nul + 21..];
        }
        Some(items)
    }
}

/// An entry of a tree.
struct Item<'t> {
    mode: u32,
    name: &'t [u8],
    id: ObjectId,
}

/// git's order: folders sort as if their names ended with a slash. So a file and a folder of one name differ.
fn order(a: &Item<'_>, b: &Item<'_>) -> Ordering {
    let tail = |item: &Item<'_>| if item.mode == TREE { &b"/"[..] } else { b"" };
    a.name.iter().chain(tail(a)).cmp(b.name.iter().chain(tail(b)))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use stopleak_testkit::world::{Init, Repository, World};

    use super::*;
    use crate::plumbing::{Input, id_lines};
    use crate::push::CommitChanges;

    /// A small generator: the same history for the same seed.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % sides
        }
    }

    /// Files and folders of the same names take turns, modes change, links and submodules come and go, and
    /// commits have up to three parents.
    fn history(seed: u64, commits: u64) -> String {
        let mut dice = Dice(seed);
        let mut text = String::from("blob\nmark :1\ndata 2\na\n\nblob\nmark :2\ndata 2\nb\n\n");
        let gitlink = "1".repeat(40);
        for n in 0..commits {
            let _ = write!(
                text,
                "commit refs/heads/b{}\nmark :{}\ncommitter a <a@localhost> {n} +0000\ndata 2\nc\n",
                dice.roll(3),
                n + 10
            );
            let mut parents: Vec<u64> = Vec::new();
            for _ in 0..dice.roll(4) {
                let parent = 10 + dice.roll(n.max(1));
                if n > 0 && !parents.contains(&parent) {
                    parents.push(parent);
                }
            }
            // A commit on a branch that exists has it as its parent unless another is named.
            for (at, parent) in parents.iter().enumerate() {
                let _ = writeln!(text, "{} :{parent}", if at == 0 { "from" } else { "merge" });
            }
            for _ in 0..=dice.roll(5) {
                let names = ["a", "a-b", "a.c", "a0", "b", "b/c"];
                let mut path = names[dice.roll(6) as usize].to_owned();
                for _ in 0..dice.roll(3) {
                    path = format!("{path}/{}", names[dice.roll(5) as usize]);
                }
                let blob = 1 + dice.roll(2);
                let _ = match dice.roll(8) {
                    0 => writeln!(text, "D {path}"),
                    1 => writeln!(text, "M 100755 :{blob} {path}"),
                    2 => writeln!(text, "M 120000 :{blob} {path}"),
                    3 => writeln!(text, "M 160000 {gitlink} {path}"),
                    _ => writeln!(text, "M 100644 :{blob} {path}"),
                };
            }
            text.push('\n');
        }
        text
    }

    fn by_git(repo: &Repo, commits: &[ObjectId]) -> Vec<(ObjectId, Entry)> {
        let input = Input::Bytes(id_lines(commits.iter().copied()));
        let mut changes = CommitChanges::start(repo.git(), input).unwrap();
        let mut all = Vec::new();
        while let Some((commit, mut entry)) = changes.next().unwrap() {
            // Here only what is there counts, and whether it was.
            if entry.mode != 0 {
                entry.status = if entry.olds.iter().all(|&(mode, _)| mode == 0) { b'A' } else { b'M' };
                all.push((commit, entry));
            }
        }
        all
    }

    fn commits(repo: &Repository<'_>) -> Vec<ObjectId> {
        let text = repo.git(&["rev-list", "--all", "--topo-order", "--reverse"]);
        text.lines().map(|line| ObjectId::from_hex(line.as_bytes()).unwrap()).collect()
    }

    fn open(repo: &Repository<'_>) -> Repo {
        let env = repo.env().into_iter().map(|(k, v)| (k.into(), v.into()));
        Repo::open_with(repo.path(), env).unwrap()
    }

    #[test]
    fn it_says_what_git_says() {
        let world = World::new();
        let mut compared = 0;
        for seed in 0..25 {
            let made = world.init(&format!("r{seed}"), Init { bare: true, ..Init::default() });
            made.git_with(&["fast-import", "--quiet", "--force"], history(seed, 60).as_bytes());
            let (repo, commits) = (open(&made), commits(&made));
            let ours = changes(&repo, &commits).expect("it is well-formed");
            let theirs = by_git(&repo, &commits);
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours, theirs, "seed {seed}");
            }
            assert_eq!(ours.len(), theirs.len(), "seed {seed}");
            compared += ours.len();
        }
        assert!(compared > 1000, "{compared}");
    }

    #[test]
    fn git_is_asked_about_anything_odd() {
        let world = World::new();
        let made = world.init("r", Init::default());
        let blob = ObjectId::from_hex(made.blob("text").as_bytes()).unwrap();
        let entry = |mode: &str, name: &str| {
            [mode.as_bytes(), b" ", name.as_bytes(), b"\0", blob.as_bytes()].concat()
        };
        for (name, tree) in [
            ("order", [entry("100644", "b"), entry("100644", "a")].concat()),
            ("twice", [entry("100644", "a"), entry("100644", "a")].concat()),
            ("padded", entry("0100644", "a")),
            ("slash", entry("100644", "a/b")),
            ("empty", entry("100644", "")),
            ("short", entry("100644", "a")[..20].to_vec()),
        ] {
            let tree = made.git_with(&["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], &tree);
            let commit = made.git(&["commit-tree", "-m", name, tree.trim()]);
            let commit = ObjectId::from_hex(commit.as_bytes()).unwrap();
            assert!(changes(&open(&made), &[commit]).is_none(), "{name}");
        }
    }
}
