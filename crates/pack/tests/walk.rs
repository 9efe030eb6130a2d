//! Every object of repositories made by git, compared with what git prints.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::builder::{Hold, Pack, delta};
use common::{assert_same, collect, edits, hash, import, init, objects_dir, open, options, oracle, stream};
use proptest::prelude::*;
use stopleak_pack::{Hash, Kind, ObjectId, Options, Plan, Store};
use stopleak_testkit::world::{Repository, World};

/// Ways to store the same history.
const STORES: &[(&str, bool, &[&[&str]])] = &[
    ("as imported", false, &[]),
    ("repacked", false, &[&["repack", "-adf", "-q"]]),
    ("sha-256", true, &[&["repack", "-adf", "-q"]]),
    ("long chains", false, &[&["repack", "-adf", "-q", "--depth=4095", "--window=50"]]),
    ("no deltas", false, &[&["repack", "-adf", "-q", "--window=0"]]),
    ("depth one", false, &[&["repack", "-adf", "-q", "--depth=1"]]),
    ("reference deltas", false, &[&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adf", "-q"]]),
    ("index version 1", false, &[&["-c", "pack.indexVersion=1", "repack", "-adf", "-q"]]),
    ("index version 1, sha-256", true, &[&["-c", "pack.indexVersion=1", "repack", "-adf", "-q"]]),
    ("multi-pack index", false, &[&["multi-pack-index", "write"]]),
    ("big files", false, &[&["-c", "core.bigFileThreshold=600", "repack", "-adf", "-q"]]),
    ("no compression", false, &[&["-c", "pack.compression=0", "repack", "-adF", "-q"]]),
    ("after gc", false, &[&["gc", "-q"]]),
    ("cruft", false, &[&["update-ref", "-d", "refs/heads/main"], &["gc", "-q", "--cruft", "--no-prune"]]),
    ("small packs", false, &[&["-c", "pack.packSizeLimit=1m", "repack", "-adf", "-q", "--max-pack-size=1m"]]),
];

fn made<'w>(world: &'w World, sha256: bool, steps: &[&[&str]]) -> Repository<'w> {
    let repo = init(world, "repo", sha256);
    import(&repo, &stream(&edits(7, 150)));
    for step in steps {
        repo.git(step);
    }
    repo
}

#[test]
fn every_way_to_store_a_history_gives_the_bytes_that_git_prints() {
    for (name, sha256, steps) in STORES {
        let world = World::new();
        let repo = made(&world, *sha256, steps);
        let want = oracle(&repo);
        let store = open(&repo);
        let plan = Plan::everything(&store);
        for (threads, memory) in [(1, 128 << 20), (3, 128 << 20), (1, 0), (2, 3000)] {
            let options = Options { memory, ..options(threads) };
            let got = collect(&plan, &options);
            println!("{name}: {} objects, {} inherited", got.0.len(), got.1.inherited);
            assert_same(&got, &want);
            assert_eq!(got.1.inherited > 0, *name != "no deltas", "{name}: inherited {}", got.1.inherited);
        }
        let verified = collect(&plan, &Options { verify: true, ..options(1) });
        assert_same(&verified, &want);
    }
}

#[test]
fn what_is_left_out_is_not_visited_and_all_else_is() {
    for (name, sha256, steps) in STORES {
        let world = World::new();
        let repo = made(&world, *sha256, steps);
        let store = open(&repo);
        for some in [1, 2, 5, 40] {
            let mut want = oracle(&repo);
            let mut plan = Plan::everything(&store);
            let mut seen = 0;
            plan.leave_out(|number, kind| {
                let id = store.id(number).unwrap();
                assert_eq!(want[&id].0, kind);
                seen += 1;
                let out = !id.as_bytes()[3].is_multiple_of(some);
                if out {
                    want.remove(&id);
                }
                out
            });
            assert_same(&collect(&plan, &options(2)), &want);
            assert!(seen > 100, "{name}");
            plan.leave_out(|_, _| true);
            let rest = collect(&plan, &options(1)).0;
            assert!(rest.keys().all(|id| {
                store
                    .number(id)
                    .is_none_or(|n| n >= store.pack_keys().last().map_or(0, |key| key.objects.end))
            }));
        }
    }
}

#[test]
fn every_object_can_be_read_by_name() {
    for (name, sha256, steps) in STORES {
        let world = World::new();
        let repo = made(&world, *sha256, steps);
        let store = open(&repo);
        let mut reader = store.reader();
        for (id, object) in oracle(&repo) {
            assert_eq!(reader.read(&id).unwrap().as_ref(), Some(&object), "{name} {id}");
            let number = store.number(&id).unwrap();
            assert_eq!(store.id(number), Some(id), "{name}");
            assert!(number < store.count());
        }
        let nothing = ObjectId::from_bytes(&vec![7; hash(&repo).len()]).unwrap();
        assert_eq!(store.read(&nothing).unwrap(), None);
    }
}

#[test]
fn loose_objects_are_walked_and_read() {
    for sha256 in [false, true] {
        let world = World::new();
        let repo = made(&world, sha256, &[]);
        let packs = objects_dir(&repo).join("pack");
        let mut pack = std::fs::read_dir(&packs).unwrap().map(|e| e.unwrap().path());
        let pack = pack.find(|p| p.extension().is_some_and(|e| e == "pack")).unwrap();
        let bytes = std::fs::read(&pack).unwrap();
        std::fs::remove_dir_all(&packs).unwrap();
        std::fs::create_dir_all(&packs).unwrap();
        repo.git_with(&["unpack-objects", "-q"], &bytes);
        let want = oracle(&repo);
        assert!(want.len() > 300);
        let store = open(&repo);
        assert_eq!(store.pack_count(), 0);
        for large in [64 << 20, 500] {
            let got = collect(&Plan::everything(&store), &Options { large, ..options(2) });
            assert_same(&got, &want);
            assert_eq!(got.1.large > 0, large == 500);
        }
        for (id, object) in &want {
            assert_eq!(store.read(id).unwrap().as_ref(), Some(object));
        }
    }
}

#[test]
fn large_objects_come_as_streams_with_the_same_bytes() {
    let world = World::new();
    let repo = made(&world, false, &[&["-c", "core.bigFileThreshold=900", "repack", "-adf", "-q"]]);
    let want = oracle(&repo);
    let store = open(&repo);
    for large in [0, 700, 5000] {
        let got = collect(&Plan::everything(&store), &Options { large, ..options(1) });
        assert_same(&got, &want);
        let over = want.values().filter(|(_, bytes)| bytes.len() as u64 > large).count();
        assert_eq!(got.1.large, over);
    }
}

#[test]
fn kinds_are_chosen() {
    let world = World::new();
    let repo = made(&world, false, &[&["gc", "-q"]]);
    let store = open(&repo);
    let want = oracle(&repo);
    for kind in Kind::ALL {
        let options = Options { kinds: vec![kind], ..options(2) };
        let got = collect(&Plan::everything(&store), &options);
        let want = want.iter().filter(|(_, (k, _))| *k == kind).map(|(id, o)| (*id, o.clone())).collect();
        assert_same(&got, &want);
    }
}

#[test]
fn an_object_in_several_packs_and_loose_is_visited_once() {
    overlapping(2);
}

#[test]
fn an_object_in_many_packs_is_visited_once() {
    overlapping(9);
}

fn overlapping(packs: usize) {
    let world = World::new();
    let repo = init(&world, "repo", false);
    import(&repo, &stream(&edits(3, 100)));
    repo.git(&["repack", "-adf", "-q"]);
    let all = repo.git(&["rev-list", "--objects", "--all"]);
    // Packs that overlap by half, with other deltas each, and some of the first loose.
    let ids: Vec<&str> = all.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let part = |n: usize| &ids[ids.len() * n / (packs + 1)..ids.len() * (n + 2) / (packs + 1)];
    let first = part(0);
    let new = |ids: &[&str]| {
        let args = ["pack-objects", "-q", "--window=20", "--no-reuse-delta", "objects/pack/pack"];
        repo.git_with(&args, ids.join("\n").as_bytes())
    };
    let names: Vec<String> = (0..packs).map(|n| new(part(n))).collect();
    for entry in std::fs::read_dir(objects_dir(&repo).join("pack")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !names.iter().any(|new| name.contains(new.as_str())) {
            std::fs::remove_file(path).unwrap();
        }
    }
    let empty = init(&world, "empty", false);
    for id in first.iter().step_by(10) {
        let kind = repo.git(&["cat-file", "-t", id]);
        let content = repo.try_git(&["cat-file", &kind, id]).stdout;
        let made = empty.git_with(&["hash-object", "-w", "-t", &kind, "--stdin", "--literally"], &content);
        assert_eq!(made, *id);
        let file = format!("{}/{}", &id[..2], &id[2..]);
        std::fs::create_dir_all(objects_dir(&repo).join(&id[..2])).unwrap();
        std::fs::rename(objects_dir(&empty).join(&file), objects_dir(&repo).join(&file)).unwrap();
    }
    let want = oracle(&repo);
    let store = open(&repo);
    assert_eq!(store.pack_count(), packs);
    let got = collect(&Plan::everything(&store), &options(2));
    assert_same(&got, &want);
}

#[test]
fn a_second_copy_that_is_a_base_is_shown_as_a_base() {
    let dir = tempfile::tempdir().unwrap();
    let base = b"in both packs".to_vec();
    let child = [&base[..], b"!"].concat();
    let code = delta(base.len() as u64, child.len() as u64, &[0x90, base.len() as u8, 1, b'!']);
    let id = |bytes: &[u8]| Hash::Sha1.object(Kind::Blob, bytes);
    for name in ["a", "b"] {
        let mut pack = Pack::new(Hash::Sha1);
        pack.add(id(&base), &Hold::Whole(Kind::Blob), base.len() as u64, &base);
        if name == "b" {
            pack.add(id(&child), &Hold::Named(id(&base)), code.len() as u64, &code);
        }
        pack.write(&dir.path().join("pack"), name);
    }
    let store = Store::open(dir.path(), &[], Hash::Sha1).unwrap();
    let got = collect(&Plan::everything(&store), &options(1));
    let want = [base, child].map(|bytes| (id(&bytes), (Kind::Blob, bytes)));
    assert_same(&got, &want.into_iter().collect());
    assert_eq!((got.1.bases, got.1.inherited), (1, 1));
}

#[test]
fn alternates_are_followed_and_their_absence_is_a_problem() {
    let world = World::new();
    let first = made(&world, false, &[&["repack", "-adf", "-q"]]);
    let path = first.path().to_string_lossy().into_owned();
    first.git(&["clone", "-q", "--bare", "--shared", &path, "../second"]);
    let second = world.at("second");
    second.git(&["clone", "-q", "--bare", "--shared", ".", "../third"]);
    let third = world.at("third");
    third.blob("only in the third");
    let want = oracle(&third);
    let store = open(&third);
    assert_eq!(store.directories().len(), 3);
    assert_same(&collect(&Plan::everything(&store), &options(1)), &want);
    let own = collect(&Plan::own(&store), &options(1));
    assert_eq!(own.0.len(), 1);

    let listed = Store::open(&objects_dir(&third), &[objects_dir(&first)], Hash::Sha1).unwrap();
    assert_eq!(listed.directories().len(), 3, "each once");

    std::fs::write(third.path().join("objects/info/alternates"), "/nowhere/at/all\n").unwrap();
    let store = open(&third);
    let problems: Vec<_> = store.problems().iter().map(|p| p.why.code()).collect();
    assert_eq!(problems, ["alternate-missing"]);
}

#[test]
fn a_thin_pack_finds_its_bases_elsewhere() {
    let world = World::new();
    let repo = made(&world, false, &[&["repack", "-adf", "-q"]]);
    // What a push would send: deltas against what the other side has; kept without completing it.
    let revs = "main\n^main~40\n";
    let args = ["pack-objects", "-q", "--thin", "--revs", "--stdout", "--delta-base-offset"];
    let mut command = repo.command(&args);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), revs.as_bytes()).unwrap();
    let thin = child.wait_with_output().unwrap().stdout;
    let second = init(&world, "second", false);
    let dir = objects_dir(&second);
    common::write_thin_pack(&dir.join("pack"), &thin, &oracle(&repo));
    let store = Store::open(&dir, &[objects_dir(&repo)], Hash::Sha1).unwrap();
    let got = collect(&Plan::own(&store), &options(2));
    assert_eq!(got.1.problems, []);
    let want = oracle(&repo);
    assert!(got.0.len() > 100 && got.1.bases > 0);
    assert!(got.0.iter().all(|(id, object)| want[id] == *object));
    // And without the other side, each is a named gap.
    let alone = Store::open(&dir, &[], Hash::Sha1).unwrap();
    let lost = collect(&Plan::everything(&alone), &options(1));
    assert_eq!(lost.0.len() + lost.1.problems.len(), got.0.len());
    let whys: std::collections::BTreeSet<_> = lost.1.problems.iter().map(|p| p.why.code()).collect();
    assert!(whys.contains("base-missing") && whys.iter().all(|why| why.starts_with("base-")), "{whys:?}");
}

#[test]
fn a_few_objects_are_walked_without_the_rest() {
    let world = World::new();
    for sha256 in [false, true] {
        let repo = init(&world, if sha256 { "b" } else { "a" }, sha256);
        import(&repo, &stream(&edits(11, 120)));
        repo.git(&["repack", "-adf", "-q"]);
        let loose = ObjectId::from_hex(repo.blob("loose").as_bytes()).unwrap();
        let want = oracle(&repo);
        let store = open(&repo);
        let absent = ObjectId::from_bytes(&vec![9; hash(&repo).len()]).unwrap();
        let ids = want.keys().copied().step_by(5).chain([loose, absent]);
        let plan = Plan::of(&store, ids.clone());
        assert_eq!(plan.missing(), [absent]);
        let want = ids.filter_map(|id| Some((id, want.get(&id)?.clone()))).collect();
        let got = collect(&plan, &options(2));
        assert_same(&got, &want);
    }
}

#[test]
fn new_packs_are_found_when_an_old_listing_is_stale() {
    let world = World::new();
    let repo = made(&world, false, &[]);
    repo.blob("loose now, packed later");
    let want = oracle(&repo);
    let store = open(&repo);
    let plan = Plan::everything(&store);
    repo.git(&["update-ref", "refs/keep/blob", &repo.blob("loose now, packed later")]);
    repo.git(&["gc", "-q", "--prune=now"]);
    let late = ObjectId::from_hex(repo.blob("made later").as_bytes()).unwrap();
    assert_same(&collect(&plan, &options(2)), &want);
    assert_eq!(store.read(&late).unwrap().unwrap().1, b"made later");
}

#[test]
fn a_walk_can_be_stopped() {
    let world = World::new();
    let repo = made(&world, false, &[&["repack", "-adf", "-q"]]);
    let store = open(&repo);
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let options = Options { stop: Some(stop), ..options(2) };
    let got = collect(&Plan::everything(&store), &options);
    assert_eq!(got.0.len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_and_settings_give_the_bytes_that_git_prints(
        seed in any::<u64>(),
        count in 1usize..120,
        sha256: bool,
        depth in prop_oneof![Just(1), Just(10), Just(50), Just(4095)],
        window in prop_oneof![Just(0), Just(2), Just(10), Just(100)],
        offsets: bool,
        memory in prop_oneof![Just(0usize), Just(10_000), Just(1 << 27)],
        threads in 1usize..4,
    ) {
        let world = World::new();
        let repo = init(&world, "repo", sha256);
        import(&repo, &stream(&edits(seed, count)));
        let offsets = format!("repack.useDeltaBaseOffset={offsets}");
        let (depth, window) = (format!("--depth={depth}"), format!("--window={window}"));
        repo.git(&["-c", &offsets, "repack", "-adf", "-q", &depth, &window]);
        let want = oracle(&repo);
        let store = open(&repo);
        let options = Options { memory, ..options(threads) };
        assert_same(&collect(&Plan::everything(&store), &options), &want);
    }
}
