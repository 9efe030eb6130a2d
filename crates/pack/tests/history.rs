//! Attribution and reachability, compared with what git's own commands say commit by commit.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use common::{collect, edits, import, init, objects_dir, open, options, oracle, stream};
use proptest::prelude::*;
use stopleak_pack::history::Tips;
use stopleak_pack::{Hash, History, Kind, ObjectId, Plan, Room, Store};
use stopleak_testkit::rng::Rng;
use stopleak_testkit::world::{Repository, World};

fn id(text: &str) -> ObjectId {
    ObjectId::from_hex(text.as_bytes()).unwrap()
}

fn ids(text: &str) -> Vec<ObjectId> {
    text.split_whitespace().map(id).collect()
}

fn tips(repo: &Repository<'_>) -> Tips {
    let head = repo.try_git(&["rev-parse", "-q", "--verify", "HEAD"]);
    Tips {
        refs: ids(&repo.git(&["for-each-ref", "--format=%(objectname)"])),
        head: head.status.success().then(|| id(String::from_utf8_lossy(&head.stdout).trim())),
        shallow: Vec::new(),
    }
}

/// The blobs of one commit: path and blob.
fn files(repo: &Repository<'_>, commit: &str) -> BTreeSet<(ObjectId, Vec<u8>)> {
    let out = repo.try_git(&["ls-tree", "-r", "-z", "--full-tree", commit]).stdout;
    let rows = out.split(|&b| b == 0).filter(|row| !row.is_empty());
    rows.filter(|row| !row.starts_with(b"160000"))
        .map(|row| {
            let tab = row.iter().position(|&b| b == b'\t').unwrap();
            let hex = row[..tab].rsplit(|&b| b == b' ').next().unwrap();
            (ObjectId::from_hex(hex).unwrap(), row[tab + 1..].to_vec())
        })
        .collect()
}

/// Compares everything that the history says with what git shows commit by commit.
fn check(repo: &Repository<'_>, threads: usize) {
    let store = open(repo);
    let plan = Plan::everything(&store);
    let tips = tips(repo);
    let history = History::read(&store, &plan, &tips, &options(threads));
    assert_eq!(history.problems(), []);
    assert_eq!(history.gaps(), []);

    let all = oracle(repo);
    let rev_list = |args: &[&str]| -> Vec<String> {
        let args = [&["rev-list"], args].concat();
        repo.git(&args).lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    let reachable: BTreeSet<ObjectId> =
        rev_list(&["--objects", "--all", "HEAD"]).iter().map(|line| id(line)).collect();
    for object in all.keys() {
        assert_eq!(history.is_reachable(object), reachable.contains(object), "{object}");
    }
    let commits = rev_list(&["--all", "HEAD"]);
    assert_eq!(history.commit_count(), all.values().filter(|(kind, _)| *kind == Kind::Commit).count());
    let mut trees: BTreeMap<ObjectId, BTreeSet<(ObjectId, Vec<u8>)>> = BTreeMap::new();
    let mut ancestors: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    for commit in commits.iter().rev() {
        trees.insert(id(commit), files(repo, commit));
        ancestors.insert(id(commit), rev_list(&[commit]).iter().map(|line| id(line)).collect());
    }
    let by_ref: Vec<BTreeSet<ObjectId>> = tips
        .refs
        .iter()
        .map(|tip| files(repo, &format!("{tip}^{{tree}}")).into_iter().map(|(blob, _)| blob).collect())
        .collect();
    let head = tips.head.map(|head| trees[&head].clone()).unwrap_or_default();
    let blobs: Vec<ObjectId> = all.iter().filter(|(_, o)| o.0 == Kind::Blob).map(|(id, _)| *id).collect();
    let together = history.introductions(&blobs);
    for one in together.iter().step_by(7) {
        assert_eq!(history.introductions(&[one.blob]), std::slice::from_ref(one), "asked for alone");
    }
    for one in together {
        let having: BTreeMap<_, _> =
            trees.iter().filter(|(_, files)| files.iter().any(|(blob, _)| *blob == one.blob)).collect();
        let want: BTreeSet<&Vec<u8>> = having
            .values()
            .flat_map(|files| files.iter().filter(|(blob, _)| *blob == one.blob).map(|(_, path)| path))
            .collect();
        let reached: Vec<_> = one.occurrences.iter().filter(|o| o.reachable).collect();
        let got: BTreeSet<&Vec<u8>> = reached.iter().map(|o| &o.path).collect();
        assert_eq!(got, want, "paths of {}", one.blob);
        assert_eq!(reached.len(), want.len(), "each path once");
        assert!(!one.truncated);
        for place in reached {
            let key = (one.blob, place.path.clone());
            assert!(trees[&place.commit].contains(&key));
            for earlier in ancestors[&place.commit].iter().filter(|&&earlier| earlier != place.commit) {
                assert!(!trees[earlier].contains(&key), "{earlier} has it before");
            }
            assert_eq!(place.in_head, head.contains(&key));
        }
        if let Some(last) = one.last.filter(|_| !want.is_empty()) {
            assert!(having.contains_key(&last));
            let later = having.keys().filter(|&&&commit| commit != last);
            assert!(
                later.into_iter().all(|commit| !ancestors[*commit].contains(&last)),
                "a later one has it"
            );
        }
        let refs: Vec<usize> = (0..by_ref.len()).filter(|&at| by_ref[at].contains(&one.blob)).collect();
        assert_eq!((one.refs, one.ref_count), (refs.clone(), refs.len()));
        if let Some(first) = one.occurrences.first() {
            assert_eq!(history.first(&one.blob), Some(first.commit));
        }
        assert_eq!(one.last.is_some(), !one.occurrences.is_empty());
    }
}

/// Branches, merges, notes, tags of everything, a submodule, and a commit that nothing leads to.
fn branches(repo: &Repository<'_>, seed: u64) {
    let mut rng = Rng::new(seed);
    import(repo, &stream(&edits(seed, 25)));
    let mut tips = vec![repo.git(&["rev-parse", "main"])];
    let empty = repo.git_with(&["mktree"], b"");
    for at in 0..20 {
        let parent = rng.pick(&tips).clone();
        let other = rng.pick(&tips).clone();
        let old = rng.pick(&tips).clone();
        let blob = repo.blob(format!("blob {}", rng.below(12)));
        let sub =
            repo.git_with(&["mktree"], format!("100644 blob {blob}\tinner {}\n", rng.below(3)).as_bytes());
        let tree = repo.git(&["rev-parse", &format!("{old}^{{tree}}")]);
        let listed = repo.git(&["ls-tree", &tree]);
        let extra = format!(
            "\n100644 blob {blob}\tz{}\n040000 tree {sub}\tzz{}\n160000 commit {parent}\tzzz\n040000 tree {empty}\tzzzz\n",
            rng.below(4),
            rng.below(3),
        );
        let kept: Vec<&str> = listed.lines().filter(|line| !line.contains("\tz")).collect();
        let tree = repo.git_with(&["mktree", "--missing"], (kept.join("\n") + &extra).as_bytes());
        let message = format!("commit {at}");
        let mut args = vec!["commit-tree", "-m", &message, "-p", &parent, &tree];
        if rng.below(3) == 0 && other != parent {
            args.extend(["-p", &other]);
        }
        tips.push(repo.git(&args));
    }
    for (at, tip) in tips.iter().enumerate().skip(1).step_by(3) {
        repo.git(&["update-ref", &format!("refs/heads/b{at}"), tip]);
    }
    repo.git(&["tag", "-a", "-m", "of a tag", "tagged-tag", "v1"]);
    let blob = repo.blob("only a tag leads to this blob");
    repo.git(&["tag", "-a", "-m", "of a blob", "tagged-blob", &blob]);
    repo.git(&["update-ref", "refs/odd/blob", &repo.blob("only a ref leads to this blob")]);
    let tree = repo.git_with(&["mktree"], format!("100644 blob {blob}\tin a tree\n").as_bytes());
    repo.git(&["tag", "-a", "-m", "of a tree", "tagged-tree", &tree]);
    repo.blob("nothing leads to this blob");
}

#[test]
fn attribution_agrees_with_git_commit_by_commit() {
    for sha256 in [false, true] {
        let world = World::new();
        let repo = init(&world, "repo", sha256);
        import(&repo, &stream(&edits(5, 60)));
        check(&repo, 1);
        repo.git(&["repack", "-adf", "-q", "--depth=200"]);
        check(&repo, 1);
        check(&repo, 3);
    }
}

/// Tables in memory, in files, and in memory for want of a folder: the same answers, and no file is left.
#[test]
fn where_tables_live_changes_nothing() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    branches(&repo, 11);
    repo.git(&["repack", "-d", "-q", "-A", "--depth=50"]);
    let folder = tempfile::tempdir().unwrap();
    let rooms = [
        Room::new(1 << 30, folder.path().to_path_buf()),
        Room::new(0, folder.path().to_path_buf()),
        Room::new(0, folder.path().join("gone")),
    ];
    let tips = tips(&repo);
    let answers = rooms.map(|room| {
        let store = Store::open_with(&objects_dir(&repo), &[], Hash::Sha1, room).unwrap();
        let plan = Plan::everything(&store);
        let history = History::read(&store, &plan, &tips, &options(2));
        assert_eq!(history.problems(), []);
        let objects = collect(&plan, &options(2)).0;
        let blobs: Vec<ObjectId> = objects.keys().copied().collect();
        let found = history.introductions(&blobs);
        let firsts: Vec<_> = blobs.iter().map(|id| (history.first(id), history.is_reachable(id))).collect();
        let names: BTreeSet<Vec<u8>> = history.names(true).map(<[u8]>::to_vec).collect();
        let room = store.room();
        (room.held(), room.refused().is_some(), (objects, found, firsts, names))
    });
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let [memory, files, refused] = &answers;
    assert!(memory.0.0 > 0 && memory.0.1 == 0 && !memory.1, "{:?}", memory.0);
    assert!(files.0.0 == 0 && files.0.1 > 0 && !files.1, "{:?}", files.0);
    assert!(refused.0.0 > 0 && refused.0.1 == 0 && refused.1, "{:?}", refused.0);
    assert!(memory.2 == files.2 && memory.2 == refused.2);
    assert_eq!(memory.2.0, oracle(&repo));
}

/// A plan and a history that are given up end at once, and say nothing wrong on the way.
#[test]
fn what_is_stopped_before_it_begins_has_nothing() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    branches(&repo, 12);
    repo.git(&["repack", "-d", "-q", "-A"]);
    let store = open(&repo);
    let stop = Arc::new(AtomicBool::new(true));
    let plan = Plan::everything_unless(&store, &stop);
    assert_eq!(plan.count(&[Kind::Commit, Kind::Tree, Kind::Tag]), 0);
    assert_eq!(plan.problems(), []);
    let stopped = options(2);
    let stopped = stopleak_pack::Options { stop: Some(stop), ..stopped };
    let history = History::read(&store, &Plan::everything(&store), &tips(&repo), &stopped);
    assert_eq!(history.commit_count(), 0);
    assert_eq!(history.problems(), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn branches_merges_tags_and_loose_ends_agree_with_git(seed in any::<u64>(), repack: bool) {
        let world = World::new();
        let repo = init(&world, "repo", false);
        branches_checked(&repo, seed, repack);
    }
}

fn branches_checked(repo: &Repository<'_>, seed: u64, repack: bool) {
    branches(repo, seed);
    if repack {
        repo.git(&["repack", "-d", "-q", "-A"]);
    }
    // What only a tag or ref leads to has no commit; `check` looks at commits.
    let store = open(repo);
    let history = History::read(&store, &Plan::everything(&store), &tips(repo), &options(2));
    let blob = id(&repo.git(&["rev-parse", "tagged-blob^{}"]));
    let found = &history.introductions(&[blob])[0];
    let paths: Vec<&[u8]> = found.occurrences.iter().map(|o| o.path.as_slice()).collect();
    assert_eq!(paths.len(), 2);
    assert!(paths.contains(&&b""[..]) && paths.contains(&&b"in a tree"[..]), "{paths:?}");
    assert!(found.reachable && found.occurrences.iter().all(|o| o.reachable));
    assert_eq!(found.ref_count, 2);
    for name in ["refs/odd/blob", "refs/tags/tagged-blob", "refs/tags/tagged-tree"] {
        repo.git(&["update-ref", "-d", name]);
    }
    check(repo, 2);
}

#[test]
fn unreachable_commits_are_attributed_after_all_others() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    import(&repo, &stream(&edits(9, 30)));
    let old = repo.git(&["rev-parse", "main"]);
    repo.git(&["update-ref", "refs/heads/main", "main~5"]);
    repo.git(&["update-ref", "-d", "refs/tags/v1"]);
    let store = open(&repo);
    let history = History::read(&store, &Plan::everything(&store), &tips(&repo), &options(1));
    assert!(!history.is_reachable(&id(&old)));
    let lost: Vec<ObjectId> =
        files(&repo, &old).difference(&files(&repo, "main")).map(|(blob, _)| *blob).collect();
    assert!(!lost.is_empty());
    for one in history.introductions(&lost) {
        let known = files(&repo, "main~20").iter().any(|(blob, _)| *blob == one.blob);
        assert!(one.reachable || !known);
        assert!(one.last.is_some());
        assert!(one.reachable || one.occurrences.iter().all(|o| !o.reachable && !o.in_head));
    }
}

#[test]
fn missing_objects_are_gaps_with_the_commit_that_wants_them() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    let write = |tree: &str, parents: &[&str]| {
        let mut args = vec!["commit-tree", "-m", "x", tree];
        for parent in parents {
            args.extend(["-p", parent]);
        }
        repo.git(&args)
    };
    let tree_of = |rows: &str| repo.git_with(&["mktree", "--missing"], rows.as_bytes());
    let blob = "1111111111111111111111111111111111111111";
    let tree = "2222222222222222222222222222222222222222";
    let first = write(&tree_of(&format!("100644 blob {blob}\tsecret\n")), &[]);
    let second =
        write(&tree_of(&format!("040000 tree {tree}\tsub\n160000 commit {blob}\tmodule\n")), &[&first]);
    repo.git(&["update-ref", "refs/heads/main", &second]);
    std::fs::remove_file(objects_dir(&repo).join(&first[..2]).join(&first[2..])).unwrap();
    let store = open(&repo);
    let plan = Plan::everything(&store);
    let tips = Tips { refs: vec![id(&second)], head: Some(id(&second)), shallow: Vec::new() };
    let history = History::read(&store, &plan, &tips, &options(1));
    let gaps: BTreeMap<_, _> = history.gaps().iter().map(|gap| (gap.id, (gap.from, gap.leads_on))).collect();
    let want = [(id(tree), (id(&second), true)), (id(&first), (id(&second), true))];
    assert_eq!(gaps, want.into_iter().collect());

    let shallow = Tips { shallow: vec![id(&second)], ..tips.clone() };
    assert_eq!(History::read(&store, &plan, &shallow, &options(1)).gaps().len(), 1);
    let nowhere = Tips { refs: vec![id(blob)], head: None, shallow: Vec::new() };
    let gaps = History::read(&store, &plan, &nowhere, &options(1)).gaps().to_vec();
    assert_eq!(gaps.iter().map(|gap| (gap.id, gap.leads_on)).collect::<Vec<_>>(), [(id(blob), true)]);
}

#[test]
fn a_partial_clone_has_gaps_where_blobs_would_be() {
    let world = World::new();
    let full = init(&world, "full", false);
    import(&full, &stream(&edits(4, 40)));
    full.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", full.path().display());
    full.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, "../partial"]);
    let partial = world.at("partial");
    let store = open(&partial);
    assert!(store.is_partial());
    let history = History::read(&store, &Plan::everything(&store), &tips(&partial), &options(2));
    assert_eq!(history.problems(), []);
    let blobs: BTreeSet<ObjectId> =
        oracle(&full).into_iter().filter(|(_, (kind, _))| *kind == Kind::Blob).map(|(id, _)| id).collect();
    let gaps: BTreeSet<ObjectId> = history.gaps().iter().map(|gap| gap.id).collect();
    assert_eq!(gaps, blobs);
    assert_eq!(history.gaps().len(), blobs.len(), "each once");
    assert!(history.gaps().iter().all(|gap| !gap.leads_on));
}

#[test]
fn a_tree_with_endless_paths_ends() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    let mut object = repo.blob("boom");
    let mut kind = "100644 blob";
    for _ in 0..12 {
        let rows = (0..10).map(|name| format!("{kind} {object}\tn{name}"));
        let rows = rows.collect::<Vec<_>>().join("\n") + "\n";
        object = repo.git_with(&["mktree"], rows.as_bytes());
        kind = "040000 tree";
    }
    let commit = repo.git(&["commit-tree", "-m", "bomb", &object]);
    repo.git(&["update-ref", "refs/heads/main", &commit]);
    let store = open(&repo);
    let history = History::read(&store, &Plan::everything(&store), &tips(&repo), &options(1));
    let blob = id(&repo.blob("boom"));
    let found = &history.introductions(&[blob])[0];
    assert!(found.truncated && found.reachable);
    assert_eq!(found.occurrences.len(), 1000);
    assert!(
        found
            .occurrences
            .iter()
            .all(|o| o.commit == id(&commit) && o.path.split(|&b| b == b'/').count() == 12)
    );
}

#[test]
fn an_empty_store_has_an_empty_history() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    let store = Store::open(&objects_dir(&repo), &[], Hash::Sha1).unwrap();
    let history = History::read(&store, &Plan::everything(&store), &Tips::default(), &options(2));
    assert_eq!(history.commit_count(), 0);
    assert_eq!(history.introductions(&[id("1111111111111111111111111111111111111111")])[0].occurrences, []);
}
