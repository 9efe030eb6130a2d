//! Everything ever committed, compared with what git counts.

use std::collections::HashSet;

use crate::common::{All, FORMATS, git_ids, open, without_trees};
use stopleak_git::{HistoryOptions, Kind, ObjectId, SkipReason};
use stopleak_testkit::world::{Init, Repository, World};

const UNREACHABLE: HistoryOptions = HistoryOptions { unreachable: true };

fn history(repo: &Repository<'_>, options: HistoryOptions) -> All {
    All::of(open(repo, &[]).history(options).unwrap())
}

/// A repository with one of everything, each with a text of its own.
fn full(repo: &Repository<'_>) {
    repo.commit("a", "first blob", "first message");
    repo.commit("deleted", "deleted blob", "2");
    repo.git(&["rm", "-q", "deleted"]);
    repo.git(&["commit", "-qm", "3"]);
    repo.git(&["checkout", "-qb", "side"]);
    repo.commit("side-file", "side blob", "4");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("main-file", "main blob", "5");
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    repo.stage("side-file", "merge-only blob");
    repo.git(&["commit", "-qm", "merge"]);
    repo.git(&["tag", "-a", "-m", "tag message", "v1"]);
    repo.git(&["tag", "-a", "-m", "outer tag message", "v2", "v1"]);
    let blob = repo.blob("tagged blob");
    repo.git(&["tag", "-a", "-m", "blob tag message", "blob-tag", &blob]);
    let tree = repo
        .git_with(&["mktree"], format!("100644 blob {}\tinner\n", repo.blob("tagged tree blob")).as_bytes());
    repo.git(&["update-ref", "refs/odd/tree", &tree]);
    repo.git(&["notes", "add", "-m", "note text"]);
    repo.write("a", "stashed blob");
    repo.git(&["stash", "-q"]);
    repo.write("a", "stashed later");
    repo.git(&["stash", "-q"]);
    repo.git(&["checkout", "-q", "--detach"]);
    repo.commit("amended", "only in the reflog", "reflog message");
    repo.git(&["reset", "-q", "--hard", "HEAD~"]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["mv", "a", "renamed-path"]);
    repo.git(&["commit", "-qm", "rename"]);
    let innocent = repo.blob("innocent");
    let first = repo.git(&["rev-parse", "HEAD:renamed-path"]);
    repo.git(&["replace", &first, &innocent]);
    repo.git(&["update-ref", "-d", &format!("refs/replace/{first}")]);
    repo.git(&["replace", &first, &innocent]);
}

const TEXTS: [(Kind, &str); 16] = [
    (Kind::Blob, "first blob"),
    (Kind::Commit, "first message"),
    (Kind::Blob, "deleted blob"),
    (Kind::Blob, "side blob"),
    (Kind::Blob, "merge-only blob"),
    (Kind::Tag, "\ntag message"),
    (Kind::Tag, "outer tag message"),
    (Kind::Tag, "blob tag message"),
    (Kind::Blob, "tagged blob"),
    (Kind::Blob, "tagged tree blob"),
    (Kind::Note, "note text"),
    (Kind::Blob, "stashed blob"),
    (Kind::Blob, "only in the reflog"),
    (Kind::Commit, "reflog message"),
    (Kind::Path, "renamed-path"),
    (Kind::RefName, "refs/tags/blob-tag"),
];

#[test]
fn gives_what_git_counts_each_once() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        full(&repo);
        repo.git(&["worktree", "add", "-q", "--detach", "../wt"]);
        let tree = world.at("wt");
        tree.commit("wt-file", "worktree blob", "w");
        for packed in [false, true] {
            if packed {
                repo.git(&["-c", "gc.reflogExpire=never", "repack", "-qad"]);
            }
            let all = history(&repo, HistoryOptions::default());
            for (kind, text) in TEXTS {
                assert!(all.with(kind, text).is_some(), "{name} packed={packed}: {text}");
            }
            assert!(all.with(Kind::Blob, "worktree blob").is_some(), "{name}");
            assert_eq!(all.skips(), [], "{name}");
            let reachable = git_ids(&repo, &["rev-list", "--objects", "--all", "--reflog"]);
            assert_eq!(all.totals.objects, reachable.len() as u64, "{name}");
            assert_eq!(all.ids(), without_trees(&repo, &reachable), "{name}");
            let refs = repo.git(&["for-each-ref"]).lines().count() as u64;
            assert_eq!(all.totals.refs, refs, "{name}");
            let commits = repo.git(&["rev-list", "--all", "--reflog", "--count"]);
            assert_eq!(all.totals.commits.to_string(), commits, "{name}");
        }
    }
}

#[test]
fn dangling_objects_only_when_asked() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        full(&repo);
        repo.blob("never committed");
        repo.git(&["checkout", "-q", "--orphan", "lost"]);
        let lost = repo.commit("lost-file", "lost blob", "lost message");
        repo.git(&["checkout", "-q", "main"]);
        repo.git(&["branch", "-qD", "lost"]);
        repo.git(&["reflog", "expire", "--expire=now", "--all"]);
        let all = history(&repo, HistoryOptions::default());
        assert!(all.with(Kind::Blob, "lost blob").is_none(), "{name}");
        let all = history(&repo, UNREACHABLE);
        for (kind, text) in
            [(Kind::Blob, "never committed"), (Kind::Blob, "lost blob"), (Kind::Commit, "lost message")]
        {
            assert!(all.with(kind, text).is_some(), "{name}: {text}");
        }
        let stored = git_ids(&repo, &["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
        assert_eq!(all.totals.objects, stored.len() as u64, "{name}");
        assert_eq!(all.ids(), without_trees(&repo, &stored), "{name}");
        let blob = all.with(Kind::Blob, "lost blob").unwrap().id.unwrap();
        let introduced = open(&repo, &[]).introduced(&[blob]).unwrap();
        assert_eq!(introduced[&blob][0].commit.to_string(), lost, "{name}");
    }
}

#[test]
fn says_who_brought_a_blob() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        full(&repo);
        repo.git(&["branch", "old", "HEAD~1"]);
        let all = history(&repo, HistoryOptions::default());
        let id = |text| all.with(Kind::Blob, text).unwrap().id.unwrap();
        let (first, deleted, merge, tagged) =
            (id("first blob"), id("deleted blob"), id("merge-only"), id("tagged blob"));
        let introduced = open(&repo, &[]).introduced(&[first, deleted, merge, tagged]).unwrap();

        let first = &introduced[&first];
        assert_eq!(
            first.iter().map(|i| i.path.as_slice()).collect::<Vec<_>>(),
            [&b"a"[..], b"renamed-path"],
            "{name}"
        );
        assert_eq!(first[0].commit.to_string(), repo.git(&["rev-list", "--max-parents=0", "main"]), "{name}");
        assert_eq!(first[0].author, b"Ada Author <ada@example.org>", "{name}");
        assert_eq!(
            first[0].date,
            repo.git(&["log", "-1", "--format=%aI", &first[0].commit.to_string()]),
            "{name}"
        );
        assert!(!first[0].in_head && first[1].in_head, "{name}");
        assert_eq!(first[1].refs, [b"refs/heads/main"], "{name}");
        assert!(first[0].refs.contains(&b"refs/heads/old".to_vec()), "{name}: {:?}", first[0].refs);

        assert!(!introduced[&deleted][0].in_head && introduced[&deleted][0].refs.is_empty(), "{name}");
        let merges = repo.git(&["rev-list", "--merges", "main"]);
        assert_eq!(introduced[&merge][0].commit.to_string(), merges, "{name}");
        assert!(!introduced.contains_key(&tagged), "{name}: no commit has it");
    }
}

#[test]
fn a_missing_or_corrupt_blob_is_a_named_skip() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        for n in 0..600 {
            repo.write(&format!("f{n}"), format!("filler {n}"));
        }
        repo.commit("a", "will be lost", "1");
        repo.commit("b", "will be broken", "2");
        let cut = repo.commit("c", "will be cut short ".repeat(2000), "3");
        repo.git(&["add", "."]);
        repo.git(&["commit", "-qm", "4"]);
        let loose = |id: &str| repo.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
        let of = |path: &str| repo.git(&["rev-parse", &format!("{cut}:{path}")]);
        let (lost, broken, cut) = (of("a"), of("b"), of("c"));
        std::fs::remove_file(loose(&lost)).unwrap();
        std::fs::remove_file(loose(&broken)).unwrap();
        std::fs::write(loose(&broken), b"garbage").unwrap();
        let bytes = std::fs::read(loose(&cut)).unwrap();
        std::fs::remove_file(loose(&cut)).unwrap();
        std::fs::write(loose(&cut), &bytes[..bytes.len() / 2]).unwrap();
        for options in [HistoryOptions::default(), UNREACHABLE] {
            let all = history(&repo, options);
            let skips: HashSet<_> =
                all.skips().into_iter().map(|(id, why)| (id.unwrap().to_string(), why)).collect();
            let want = [
                (lost.clone(), SkipReason::Missing),
                (broken.clone(), SkipReason::Corrupt),
                (cut.clone(), SkipReason::Corrupt),
            ];
            assert_eq!(skips, HashSet::from(want), "{name} {options:?}");
            for n in 0..600 {
                assert!(all.with(Kind::Blob, &format!("filler {n}")).is_some(), "{name} filler {n}");
            }
        }
    }
}

#[test]
fn a_missing_tree_or_commit_is_never_silent() {
    for (name, init) in FORMATS {
        for what in ["HEAD~1", "HEAD~1^{tree}", "HEAD:d"] {
            let world = World::new();
            let repo = world.init(name, init);
            repo.commit("d/a", "1", "1");
            repo.commit("d/b", "2", "2");
            repo.commit("d/c", "3", "3");
            let id = repo.git(&["rev-parse", what]);
            std::fs::remove_file(repo.path().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
            for options in [HistoryOptions::default(), UNREACHABLE] {
                let opened = open(&repo, &[]);
                let outcome: Result<Vec<_>, _> = opened.history(options).unwrap().collect();
                let silent = outcome.is_ok_and(|changes| {
                    !changes.iter().any(|c| matches!(c.body, stopleak_git::Body::Skipped { .. }))
                });
                assert!(!silent, "{name} {what} {options:?}");
            }
        }
    }
}

#[test]
fn partial_and_shallow_clones() {
    let world = World::new();
    let origin = world.init("origin", Init::default());
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let old = origin.commit("a", "old blob", "1");
    origin.commit("a", "new blob", "2");
    let url = format!("file://{}", origin.path().display());
    let here = world.at(".");
    here.git(&["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let partial = history(&world.at("partial"), HistoryOptions::default());
    let missing = origin.git(&["rev-parse", &format!("{old}:a")]);
    assert_eq!(partial.skips(), [(ObjectId::from_hex(missing.as_bytes()), SkipReason::NotFetched)]);
    assert!(partial.with(Kind::Blob, "new blob").is_some());
    let still = world
        .at("partial")
        .command(&["cat-file", "-e", &missing])
        .env("GIT_NO_LAZY_FETCH", "1")
        .output()
        .unwrap();
    assert!(!still.status.success(), "we fetched nothing");

    here.git(&["clone", "-q", "--depth=1", &url, "shallow"]);
    let shallow = history(&world.at("shallow"), HistoryOptions::default());
    assert_eq!(shallow.skips(), []);
    assert_eq!(shallow.totals.commits, 1);
}

#[test]
fn alternates_are_read() {
    let world = World::new();
    let origin = world.init("origin", Init::default());
    origin.commit("a", "shared blob", "1");
    world.at(".").git(&["clone", "-q", "--shared", &origin.path().to_string_lossy(), "clone"]);
    let clone = world.at("clone");
    clone.commit("b", "own blob", "2");
    let all = history(&clone, HistoryOptions::default());
    assert!(all.with(Kind::Blob, "shared blob").is_some() && all.with(Kind::Blob, "own blob").is_some());
    clone.stage("c", "staged blob");
    let staged = All::of(open(&clone, &[]).staged().unwrap());
    assert!(staged.with(Kind::Blob, "staged blob").is_some());
}

#[test]
fn a_commit_is_given_raw() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    let head = repo.commit("a", "1", "1");
    let raw = repo.git(&["cat-file", "commit", &head]);
    let raw = raw.replacen("\n\n", "\nsecret-header hidden\n\nafter\0nul ", 1) + "\n";
    let odd = repo.git_with(&["hash-object", "-w", "-t", "commit", "--literally", "--stdin"], raw.as_bytes());
    repo.git(&["update-ref", "refs/heads/odd", &odd]);
    let all = history(&repo, HistoryOptions::default());
    assert!(all.with(Kind::Commit, "secret-header hidden").is_some());
    assert!(all.with(Kind::Commit, "after\0nul").is_some());
}

#[test]
fn large_blobs_are_streams() {
    use std::io::Read as _;
    for (name, init) in &FORMATS[..2] {
        let world = World::new();
        let repo = world.init(name, *init);
        let size = stopleak_git::Body::MAX_IN_MEMORY as usize + 5;
        let mut big = vec![b'x'; size];
        big[size - 6..].copy_from_slice(b"secret");
        repo.commit("big", &big, "1");
        repo.commit("after", "after the big one", "2");
        let staged_too = "staged and big";
        repo.stage(staged_too, [&big[..], b"2"].concat());
        let all = history(&repo, HistoryOptions::default());
        let staged = All::of(open(&repo, &[]).staged().unwrap());
        for (all, end) in [(&all, "secret"), (&staged, "secret2")] {
            let large = all.changes.iter().find_map(|c| match &c.body {
                stopleak_git::Body::Large(large) => Some(large.clone()),
                _ => None,
            });
            let mut read = Vec::new();
            large.unwrap().open().unwrap().read_to_end(&mut read).unwrap();
            assert!(read.ends_with(end.as_bytes()), "{name}");
            assert!(read.len() >= size, "{name}");
        }
        assert!(all.with(Kind::Blob, "after the big one").is_some(), "{name}");
    }
}

#[test]
fn an_empty_repository_has_nothing() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        let all = history(&repo, HistoryOptions::default());
        assert_eq!((all.changes.len(), all.totals.objects), (0, 0), "{name}");
    }
}
