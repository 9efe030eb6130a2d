//! Packs that only a multi-pack index names, and all that git puts beside packs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::path::PathBuf;

use common::{assert_same, collect, edits, import, init, objects_dir, open, options, oracle, stream};
use stopleak_pack::{Plan, Why};
use stopleak_testkit::world::{Repository, World};

fn packs(repo: &Repository<'_>, extension: &str) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(objects_dir(repo).join("pack")).unwrap();
    let mut files: Vec<_> = listed.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == extension));
    files.sort();
    files
}

fn remove(files: &[PathBuf]) {
    assert!(!files.is_empty(), "there is something to remove");
    for file in files {
        std::fs::remove_file(file).unwrap();
    }
}

/// Three packs of one history, `overlap`: of which the last has everything once more.
fn several<'w>(world: &'w World, name: &str, sha256: bool, overlap: bool) -> Repository<'w> {
    let repo = init(world, name, sha256);
    // Small packs of fewer objects would be unpacked.
    repo.git(&["config", "fastimport.unpackLimit", "1"]);
    for (at, count) in [40, 80, 150].into_iter().enumerate() {
        import(&repo, &stream(&edits(at as u64, count)));
    }
    if overlap {
        repo.git(&["repack", "-a", "-q"]);
    }
    assert!(packs(&repo, "idx").len() >= 3);
    repo
}

#[test]
fn packs_are_read_by_a_multi_pack_index_alone() {
    for (sha256, overlap) in [(false, false), (false, true), (true, true)] {
        let world = World::new();
        let repo = several(&world, "repo", sha256, overlap);
        repo.git(&["multi-pack-index", "write"]);
        let want = oracle(&repo);
        remove(&packs(&repo, "idx"));
        let store = open(&repo);
        assert_eq!(store.problems(), [], "sha256 {sha256}, overlap {overlap}");
        let got = collect(&Plan::everything(&store), &options(2));
        assert_same(&got, &want);
        assert!(got.1.inherited > 0);
        // Some of them, with what they are based on.
        let some: Vec<_> = want.keys().copied().step_by(7).collect();
        let got = collect(&Plan::of(&store, some.iter().copied()), &options(1));
        assert_eq!(got.0.keys().copied().collect::<Vec<_>>(), some);
        for id in want.keys() {
            assert_eq!(store.read(id).unwrap().as_ref(), want.get(id));
        }
    }
}

#[test]
fn a_pack_whose_rows_are_only_a_part_of_it_gives_that_part() {
    let world = World::new();
    let repo = several(&world, "repo", false, true);
    // The greatest pack has all; where the multi-pack index takes an object from another, its row is there.
    repo.git(&["multi-pack-index", "write"]);
    let want = oracle(&repo);
    for keep in packs(&repo, "idx") {
        let others: Vec<_> = packs(&repo, "idx").into_iter().filter(|path| *path != keep).collect();
        let saved: Vec<_> = others.iter().map(|path| (path, std::fs::read(path).unwrap())).collect();
        remove(&others);
        let store = open(&repo);
        assert_same(&collect(&Plan::everything(&store), &options(1)), &want);
        for (path, bytes) in saved {
            std::fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn a_chain_of_multi_pack_indexes_is_followed() {
    let world = World::new();
    let repo = init(&world, "repo", false);
    repo.git(&["config", "fastimport.unpackLimit", "1"]);
    for (at, count) in [30, 60, 90].into_iter().enumerate() {
        import(&repo, &stream(&edits(at as u64, count)));
        repo.git(&["multi-pack-index", "write", "--incremental"]);
    }
    let layers = packs(&repo, "d").first().map(|dir| std::fs::read_dir(dir).unwrap().count());
    assert!(layers >= Some(3), "a chain of several files: {layers:?}");
    let want = oracle(&repo);
    remove(&packs(&repo, "idx"));
    let store = open(&repo);
    assert_eq!(store.problems(), []);
    assert_same(&collect(&Plan::everything(&store), &options(1)), &want);
}

#[test]
fn a_broken_multi_pack_index_is_named_where_it_is_needed() {
    let world = World::new();
    let repo = several(&world, "repo", false, false);
    repo.git(&["multi-pack-index", "write"]);
    let file = objects_dir(&repo).join("pack/multi-pack-index");
    let whole = std::fs::read(&file).unwrap();
    let want = oracle(&repo);
    let indexes = packs(&repo, "idx");
    let saved = std::fs::read(&indexes[0]).unwrap();
    remove(&indexes[..1]);
    let mut at = 0;
    while at < whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x10;
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &broken).unwrap();
        let store = open(&repo);
        let whys: Vec<_> = store.problems().iter().map(|p| p.why).collect();
        assert!(whys.contains(&Why::IndexMissing), "byte {at}: {whys:?}");
        assert!(whys.len() > 1, "byte {at}: the file itself is named: {whys:?}");
        at += if at < 120 { 1 } else { 997 };
    }
    for len in [0, 5, 12, 40, whole.len() / 2, whole.len() - 1] {
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &whole[..len]).unwrap();
        assert!(open(&repo).problems().len() > 1, "cut to {len}");
    }
    // With every index in its place nobody needs it.
    std::fs::write(&indexes[0], saved).unwrap();
    let store = open(&repo);
    assert_same(&collect(&Plan::everything(&store), &options(1)), &want);
}

#[test]
fn what_lies_beside_packs_changes_nothing() {
    type Step = fn(&Repository<'_>);
    let steps: &[(&str, Step)] = &[
        ("bitmap and reverse index", |repo| {
            repo.git(&["-c", "pack.writeReverseIndex=true", "repack", "-adq", "--write-bitmap-index"]);
            assert!(!packs(repo, "bitmap").is_empty() && !packs(repo, "rev").is_empty());
        }),
        ("a bitmap of a multi-pack index", |repo| {
            repo.git(&["multi-pack-index", "write", "--bitmap"]);
            assert!(!packs(repo, "bitmap").is_empty());
        }),
        ("kept", |repo| {
            for index in packs(repo, "idx") {
                std::fs::write(index.with_extension("keep"), "").unwrap();
            }
            repo.git(&["gc", "-q"]);
        }),
        ("cruft", |repo| {
            repo.git(&["update-ref", "-d", "refs/heads/main"]);
            repo.git(&["tag", "-d", "v1"]);
            repo.git(&["gc", "-q", "--cruft", "--no-prune"]);
            assert!(!packs(repo, "mtimes").is_empty());
        }),
        ("promised", |repo| {
            for index in packs(repo, "idx") {
                std::fs::write(index.with_extension("promisor"), "").unwrap();
            }
        }),
        ("geometric", |repo| {
            repo.git(&["repack", "-d", "-q", "--geometric=2", "--write-midx"]);
        }),
        ("of another name", |repo| {
            for (at, index) in packs(repo, "idx").into_iter().enumerate() {
                for extension in ["pack", "idx"] {
                    let other = index.with_file_name(format!(".tmp-{at}.{extension}"));
                    std::fs::rename(index.with_extension(extension), other).unwrap();
                }
            }
        }),
    ];
    for (name, step) in steps {
        let world = World::new();
        let repo = several(&world, "repo", false, false);
        step(&repo);
        let want = oracle(&repo);
        assert!(want.len() > 500, "{name}: git sees {} objects", want.len());
        let store = open(&repo);
        assert_eq!(store.problems(), [], "{name}");
        assert_eq!(store.is_partial(), *name == "promised");
        assert_same(&collect(&Plan::everything(&store), &options(1)), &want);
    }
}
