//! Packs, indexes and loose objects that lie: each lie has a name, and nothing else is lost.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use common::builder::{Hold, Pack, delta};
use common::{Objects, collect, edits, import, init, objects_dir, options, oracle, stream};
use proptest::prelude::*;
use stopleak_pack::{
    Base, Hash, Kind, LargeObject, Object, ObjectId, Options, Plan, Problem, Store, Visit, Why,
};
use stopleak_testkit::rng::Rng;
use stopleak_testkit::world::World;

fn blob(bytes: &[u8]) -> ObjectId {
    Hash::Sha1.object(Kind::Blob, bytes)
}

fn fake(number: u8) -> ObjectId {
    ObjectId::from_bytes(&[number; 20]).unwrap()
}

/// Damage to a pack and its index.
type Break = fn(&mut Vec<u8>, &mut Vec<u8>);

/// What a walk over the store gives: objects, and the reasons for those it does not give.
fn walk(dir: &Path) -> (Objects, Vec<(Why, Option<ObjectId>)>) {
    let store = Store::open(dir, &[], Hash::Sha1).unwrap();
    let start = Instant::now();
    let got = collect(&Plan::everything(&store), &options(2));
    assert!(start.elapsed() < Duration::from_secs(30), "a hang");
    for (id, object) in &got.0 {
        assert_eq!(Hash::Sha1.object(object.0, &object.1), *id, "bytes that are not the object's");
        assert_eq!(store.read(id).unwrap().as_ref(), Some(object));
    }
    (got.0, got.1.problems.iter().map(|p| (p.why, p.id)).collect())
}

/// A pack that `make` fills, in a store of its own.
fn with_pack(make: impl FnOnce(&mut Pack)) -> (Objects, Vec<(Why, Option<ObjectId>)>) {
    let dir = tempfile::tempdir().unwrap();
    let mut pack = Pack::new(Hash::Sha1);
    make(&mut pack);
    pack.write(&dir.path().join("pack"), "a");
    walk(dir.path())
}

/// A delta that copies all of a base of up to 255 bytes and appends one.
fn append(base: &[u8], byte: u8) -> (Vec<u8>, Vec<u8>) {
    let made = [base, &[byte]].concat();
    let code = delta(base.len() as u64, made.len() as u64, &[0x90, base.len() as u8, 1, byte]);
    (made, code)
}

/// Counts what it is shown.
#[derive(Default)]
struct Count {
    objects: u64,
    bytes: u64,
    problems: Vec<Problem>,
}

impl Visit for Count {
    type Value = ();

    fn object(&mut self, object: Object<'_>, _: Option<Base<'_, ()>>) {
        self.objects += 1;
        self.bytes += object.bytes.len() as u64;
    }

    fn large(&mut self, _: LargeObject<'_>, bytes: &mut dyn Read) {
        self.objects += 1;
        self.bytes += std::io::copy(bytes, &mut std::io::sink()).unwrap_or(0);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

fn count(make: impl FnOnce(&mut Pack), threads: usize) -> Count {
    let dir = tempfile::tempdir().unwrap();
    let mut pack = Pack::new(Hash::Sha1);
    make(&mut pack);
    pack.write(&dir.path().join("pack"), "a");
    let store = Store::open(dir.path(), &[], Hash::Sha1).unwrap();
    let options = Options { large: 32 << 20, memory: 8 << 20, ..options(threads) };
    let mut all = Count::default();
    for part in Plan::everything(&store).walk(&options, |_| Count::default()) {
        all.objects += part.objects;
        all.bytes += part.bytes;
        all.problems.extend(part.problems);
    }
    all
}

/// Trees of objects above 32 MiB: one thread at a time holds such, and none waits for ever. The root of each is
/// held once; what is based on it is a stream of ranges, and small things are made of those.
#[test]
fn heavy_trees_are_walked_by_many_threads() {
    const BIG: u64 = 33 << 20;
    let copies = [
        0xf0, 0, 0, 0xf0, // 15 MiB from 0
        0xf4, 0xf0, 0, 0, 0xf0, // 15 MiB from 15 MiB
        0xf4, 0x80, 0, 0, 0x30, // 3 MiB from 8 MiB
        1, b'!',
    ];
    let grown = |base: u64| delta(base, BIG + 1, &copies);
    let zeros = vec![0; BIG as usize];
    let got = count(
        |pack| {
            for tree in 0..4u8 {
                let id = |at: u8| fake(16 * tree + at + 1);
                pack.add(id(0), &Hold::Whole(Kind::Blob), BIG, &zeros);
                let code = grown(BIG);
                pack.add(id(1), &Hold::Named(id(0)), code.len() as u64, &code);
                pack.add(id(2), &Hold::Named(id(0)), code.len() as u64, &code);
                let code = grown(BIG + 1);
                pack.add(id(3), &Hold::Named(id(1)), code.len() as u64, &code);
                pack.add(id(4), &Hold::Named(id(1)), code.len() as u64, &code);
                let code = delta(BIG + 1, 9, &[0x97, 0xfc, 0xff, 0x0f, 5, 0x90, 4]);
                pack.add(id(5), &Hold::Named(id(3)), code.len() as u64, &code);
            }
        },
        3,
    );
    assert_eq!(got.problems, []);
    assert_eq!((got.objects, got.bytes), (24, 4 * (BIG + 4 * (BIG + 1) + 9)));
}

/// What would take more memory than the walk may take is named, and is not even tried.
#[test]
fn a_base_above_the_budget_is_named_and_shown_as_a_stream() {
    const HUGE: u64 = 257 << 20;
    let zeros = vec![0; HUGE as usize];
    let got = count(
        |pack| {
            pack.add(fake(1), &Hold::Whole(Kind::Blob), HUGE, &zeros);
            let code = delta(HUGE, 4, &[0x90, 4]);
            pack.add(fake(2), &Hold::Named(fake(1)), code.len() as u64, &code);
        },
        1,
    );
    assert_eq!((got.objects, got.bytes), (1, HUGE));
    let whys: Vec<_> = got.problems.iter().map(|p| (p.why, p.id)).collect();
    assert_eq!(whys, [(Why::BaseBroken, Some(fake(2)))]);
}

#[test]
fn entries_that_lie_are_named_and_the_others_are_read() {
    let good = b"a good blob".to_vec();
    let huge = delta(11, 1 << 40, &[0x90, 11]);
    let bomb = delta(11, 1 << 29, &[0x90, 11]);
    let cases: &[(&str, Hold, u64, Vec<u8>, Why)] = &[
        ("size too small", Hold::Whole(Kind::Blob), 3, b"abcdef".to_vec(), Why::SizeMismatch),
        ("size too large", Hold::Whole(Kind::Blob), 9, b"abcdef".to_vec(), Why::SizeMismatch),
        ("size of terabytes", Hold::Whole(Kind::Blob), 1 << 42, b"abcdef".to_vec(), Why::SizeMismatch),
        ("size beyond the ratio", Hold::Whole(Kind::Blob), 50 << 20, b"abcdef".to_vec(), Why::SizeMismatch),
        ("no delta", Hold::Back(0), 3, b"abc".to_vec(), Why::EntryHeader),
        ("base before the pack", Hold::Back(1 << 30), 3, b"abc".to_vec(), Why::EntryHeader),
        ("base between entries", Hold::Back(3), 3, b"abc".to_vec(), Why::BaseMissing),
        ("base nowhere", Hold::Named(fake(7)), 3, b"abc".to_vec(), Why::BaseMissing),
        ("base is itself", Hold::Named(fake(1)), 3, b"abc".to_vec(), Why::BaseCycle),
        ("delta of nonsense", Hold::Named(blob(b"a good blob")), 3, vec![0xff; 3], Why::DeltaFormat),
        (
            "other base size",
            Hold::Named(blob(b"a good blob")),
            4,
            delta(10, 1, &[0x90, 1]),
            Why::DeltaBaseSize,
        ),
        (
            "out of range",
            Hold::Named(blob(b"a good blob")),
            5,
            delta(11, 4, &[0x91, 9, 4]),
            Why::DeltaCopyRange,
        ),
        (
            "result of terabytes",
            Hold::Named(blob(b"a good blob")),
            huge.len() as u64,
            huge.clone(),
            Why::TooLarge,
        ),
        (
            "result that is not made",
            Hold::Named(blob(b"a good blob")),
            bomb.len() as u64,
            bomb.clone(),
            Why::DeltaResultSize,
        ),
    ];
    for (name, hold, size, data, why) in cases {
        let (objects, problems) = with_pack(|pack| {
            pack.add(blob(&good), &Hold::Whole(Kind::Blob), good.len() as u64, &good);
            pack.add(fake(1), hold, *size, data);
            let (made, code) = append(&good, b'!');
            pack.add(blob(&made), &Hold::Named(blob(&good)), code.len() as u64, &code);
        });
        assert_eq!(objects.len(), 2, "{name}");
        assert_eq!(problems, [(*why, Some(fake(1)))], "{name}");
    }
}

#[test]
fn cycles_of_any_length_end() {
    for length in [2u8, 3, 100] {
        let (objects, problems) = with_pack(|pack| {
            for at in 0..length {
                pack.add(
                    fake(at + 1),
                    &Hold::Named(fake((at + 1) % length + 1)),
                    4,
                    &delta(1, 1, &[0x90, 1]),
                );
            }
            pack.add(blob(b"fine"), &Hold::Whole(Kind::Blob), 4, b"fine");
        });
        assert_eq!(objects.len(), 1);
        assert_eq!(problems.len(), usize::from(length));
        assert!(problems.iter().all(|(why, _)| *why == Why::BaseCycle), "{problems:?}");
    }
}

#[test]
fn a_cycle_over_two_packs_ends() {
    let dir = tempfile::tempdir().unwrap();
    for (name, own, other) in [("a", fake(1), fake(2)), ("b", fake(2), fake(1))] {
        let mut pack = Pack::new(Hash::Sha1);
        pack.add(own, &Hold::Named(other), 4, &delta(1, 1, &[0x90, 1]));
        pack.write(&dir.path().join("pack"), name);
    }
    let (objects, problems) = walk(dir.path());
    assert_eq!((objects.len(), problems.len()), (0, 2), "{problems:?}");
    let store = Store::open(dir.path(), &[], Hash::Sha1).unwrap();
    assert!(store.read(&fake(1)).is_err());
}

#[test]
fn chains_of_any_length_are_walked_with_any_memory() {
    let mut objects = Objects::new();
    let dir = tempfile::tempdir().unwrap();
    let mut pack = Pack::new(Hash::Sha1);
    let mut rng = Rng::new(1);
    let mut bytes: Vec<u8> = rng.bytes(100);
    let mut last = pack.add(blob(&bytes), &Hold::Whole(Kind::Blob), 100, &bytes);
    objects.insert(blob(&bytes), (Kind::Blob, bytes.clone()));
    for at in 0..6000u32 {
        // The number goes where the bytes before it stood; a twin hangs off every tenth, so that bases
        // are needed again.
        let number = at.to_be_bytes();
        for twin in 0..if at % 10 == 0 { 2u8 } else { 1 } {
            let tag = [number[0] ^ (twin << 7), number[1], number[2], number[3]];
            let made = [&tag[..], &bytes[4..]].concat();
            let code = delta(100, 100, &[4, tag[0], tag[1], tag[2], tag[3], 0x91, 4, 96]);
            let back = pack.bytes.len() as u64 - last;
            let offset = pack.add(blob(&made), &Hold::Back(back), code.len() as u64, &code);
            objects.insert(blob(&made), (Kind::Blob, made.clone()));
            if twin == 0 && at % 10 != 0 || twin == 1 {
                (bytes, last) = (made, offset);
            }
        }
    }
    pack.write(&dir.path().join("pack"), "deep");
    let store = Store::open(dir.path(), &[], Hash::Sha1).unwrap();
    for memory in [1 << 27, 1 << 18, 0] {
        let got = collect(&Plan::everything(&store), &Options { memory, ..options(2) });
        common::assert_same(&got, &objects);
    }
    for (id, object) in objects.iter().step_by(500) {
        assert_eq!(store.read(id).unwrap().as_ref(), Some(object));
    }
}

#[test]
fn a_broken_copy_is_replaced_by_a_whole_one() {
    let base = b"the base of them all".to_vec();
    let (child, code) = append(&base, b'1');
    let (grandchild, second) = append(&child, b'2');
    let dir = tempfile::tempdir().unwrap();
    let mut pack = Pack::new(Hash::Sha1);
    pack.add(blob(&base), &Hold::Whole(Kind::Blob), 3, &base); // lies about its size
    pack.add(blob(&child), &Hold::Named(blob(&base)), code.len() as u64, &code);
    pack.add(blob(&grandchild), &Hold::Named(blob(&child)), second.len() as u64, &second);
    pack.write(&dir.path().join("pack"), "a");
    let (objects, problems) = walk(dir.path());
    assert_eq!(objects.len(), 0);
    let whys: Vec<Why> = problems.iter().map(|(why, _)| *why).collect();
    assert_eq!(whys, [Why::SizeMismatch, Why::BaseBroken, Why::BaseBroken]);

    // With another copy of the base, everything is there again. So too with one of the child, but for the base.
    for (saved, count) in [(&base, 3), (&child, 2)] {
        let mut other = Pack::new(Hash::Sha1);
        other.add(blob(saved), &Hold::Whole(Kind::Blob), saved.len() as u64, saved);
        other.write(&dir.path().join("pack"), "b");
        let (objects, problems) = walk(dir.path());
        assert_eq!((objects.len(), problems.len()), (count, 3 - count), "{problems:?}");
    }
}

#[test]
fn the_same_chain_broken_in_two_packs_does_not_keep_a_reader_busy() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        let mut pack = Pack::new(Hash::Sha1);
        let mut bytes = b"root".to_vec();
        let mut last = pack.add(blob(&bytes), &Hold::Whole(Kind::Blob), 99, &bytes);
        for at in 0..120 {
            let (made, code) = append(&bytes, at);
            let back = pack.bytes.len() as u64 - last;
            last = pack.add(blob(&made), &Hold::Back(back), code.len() as u64, &code);
            bytes = made;
        }
        pack.write(&dir.path().join("pack"), name);
    }
    let (objects, problems) = walk(dir.path());
    assert_eq!((objects.len(), problems.len()), (0, 121));
}

#[test]
fn a_delta_without_its_base_is_saved_by_another_copy() {
    let base = b"base".to_vec();
    let (child, code) = append(&base, b'1');
    let (grandchild, second) = append(&child, b'2');
    let dir = tempfile::tempdir().unwrap();
    let mut pack = Pack::new(Hash::Sha1);
    pack.add(blob(&child), &Hold::Named(blob(&base)), code.len() as u64, &code);
    pack.add(blob(&grandchild), &Hold::Named(blob(&child)), second.len() as u64, &second);
    pack.write(&dir.path().join("pack"), "a");
    let mut other = Pack::new(Hash::Sha1);
    other.add(blob(&child), &Hold::Whole(Kind::Blob), child.len() as u64, &child);
    other.write(&dir.path().join("pack"), "b");
    let (objects, problems) = walk(dir.path());
    assert_eq!((objects.len(), problems.len()), (2, 0), "{problems:?}");
}

#[test]
fn files_that_cannot_be_opened_are_named() {
    let good = |dir: &Path| {
        let mut pack = Pack::new(Hash::Sha1);
        pack.add(blob(b"fine"), &Hold::Whole(Kind::Blob), 4, b"fine");
        pack.write(dir, "a");
        (dir.join("pack-a.pack"), dir.join("pack-a.idx"))
    };
    let cases: &[(Break, Why)] = &[
        (|pack, _| pack.clear(), Why::PackTruncated),
        (|pack, _| pack.truncate(20), Why::PackTruncated),
        (|pack, _| pack.truncate(pack.len() - 1), Why::IndexDisagrees),
        (|pack, _| pack[0] = b'Q', Why::PackFormat),
        (|pack, _| pack[7] = 9, Why::PackFormat),
        (|pack, _| pack[11] = 2, Why::IndexDisagrees),
        (|_, index| index.clear(), Why::IndexTruncated),
        (|_, index| index.truncate(500), Why::IndexTruncated),
        (|_, index| index.truncate(index.len() - 20), Why::IndexTruncated),
        (|_, index| index[7] = 3, Why::IndexFormat),
        (|_, index| index[8 + 3] = 200, Why::IndexTable),
        (|_, index| index[1035] ^= 1, Why::IndexChecksum),
        (|_, index| *index = vec![0xff; 2000], Why::IndexTruncated),
    ];
    for (at, (breaks, why)) in cases.iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let (pack, index) = good(&dir.path().join("pack"));
        let (mut pack_bytes, mut index_bytes) =
            (std::fs::read(&pack).unwrap(), std::fs::read(&index).unwrap());
        breaks(&mut pack_bytes, &mut index_bytes);
        std::fs::write(&pack, pack_bytes).unwrap();
        std::fs::write(&index, index_bytes).unwrap();
        let (objects, problems) = walk(dir.path());
        assert_eq!((objects.len(), problems), (0, vec![(*why, None)]), "case {at}");
    }
    let dir = tempfile::tempdir().unwrap();
    let (pack, _) = good(&dir.path().join("pack"));
    std::fs::remove_file(pack).unwrap();
    assert_eq!(walk(dir.path()).1, [(Why::PackMissing, None)]);
    let dir = tempfile::tempdir().unwrap();
    let (_, index) = good(&dir.path().join("pack"));
    std::fs::remove_file(index).unwrap();
    assert_eq!(walk(dir.path()).1, [(Why::IndexMissing, None)]);
    assert!(Store::open(&dir.path().join("none"), &[], Hash::Sha1).is_err());
}

#[test]
fn offsets_of_64_bits_are_read_and_bad_ones_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut pack = Pack::new(Hash::Sha1);
    pack.add(blob(b"fine"), &Hold::Whole(Kind::Blob), 4, b"fine");
    pack.index.add(fake(1), 1 << 33, 0);
    pack.count_one_more();
    pack.write(&dir.path().join("pack"), "a");
    let (objects, problems) = walk(dir.path());
    assert_eq!((objects.len(), problems), (1, vec![(Why::EntryOutside, Some(fake(1)))]));
}

#[test]
fn loose_objects_that_lie_are_named() {
    let deflate = |bytes: &[u8]| {
        let mut out = Vec::new();
        let mut encoder = flate2::bufread::ZlibEncoder::new(bytes, flate2::Compression::fast());
        std::io::Read::read_to_end(&mut encoder, &mut out).unwrap();
        out
    };
    let cases: &[(&str, Vec<u8>, &[Why])] = &[
        ("empty", Vec::new(), &[Why::SizeMismatch, Why::Inflate]),
        ("noise", vec![7; 100], &[Why::Inflate]),
        ("no header", deflate(b"hello"), &[Why::LooseFormat]),
        ("unknown kind", deflate(b"blub 5\0hello"), &[Why::LooseFormat]),
        ("signed size", deflate(b"blob +5\0hello"), &[Why::LooseFormat]),
        ("size too large", deflate(b"blob 6\0hello"), &[Why::SizeMismatch]),
        ("size too small", deflate(b"blob 4\0hello"), &[Why::SizeMismatch]),
        ("size of terabytes", deflate(b"blob 99999999999999\0hello"), &[Why::TooLarge, Why::SizeMismatch]),
        ("another object", deflate(b"blob 5\0hello"), &[Why::Identity]),
        (
            "cut short",
            deflate(&[b"blob 500\0".to_vec(), vec![9; 500]].concat())[..12].to_vec(),
            &[Why::Inflate],
        ),
    ];
    for (name, bytes, whys) in cases {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("01")).unwrap();
        std::fs::write(dir.path().join("01").join("01".repeat(19)), bytes).unwrap();
        let (objects, problems) = walk(dir.path());
        assert_eq!(objects.len(), 0, "{name}");
        assert_eq!(problems.len(), 1, "{name}");
        assert!(whys.contains(&problems[0].0), "{name}: {problems:?}");
    }
}

/// Bytes all over the pack and the index are flipped in turn: what is given is right, what is not is named.
#[test]
fn a_flipped_byte_anywhere_is_noticed() {
    let world = World::new();
    for version in ["1", "2"] {
        let repo = init(&world, version, false);
        import(&repo, &stream(&edits(21, 6)));
        repo.git(&["-c", &format!("pack.indexVersion={version}"), "repack", "-adf", "-q"]);
        let want = oracle(&repo);
        let dir = objects_dir(&repo);
        let files: Vec<_> = std::fs::read_dir(dir.join("pack")).unwrap().map(|e| e.unwrap().path()).collect();
        let mut rng = Rng::new(5);
        for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "pack" || e == "idx")) {
            let bytes = std::fs::read(file).unwrap();
            std::fs::remove_file(file).unwrap();
            let is_pack = file.extension().is_some_and(|e| e == "pack");
            for at in (0..bytes.len()).step_by(if is_pack { 3 } else { 11 }) {
                let mut broken = bytes.clone();
                broken[at] ^= 1 << rng.below(8);
                std::fs::write(file, &broken).unwrap();
                let (objects, problems) = walk(&dir);
                // Version 1 has no checksum of the compressed bytes, in which some bits mean nothing.
                assert!(
                    !problems.is_empty() || version == "1" && objects == want,
                    "byte {at} of {} went unnoticed",
                    file.display()
                );
                let named: BTreeSet<_> = problems.iter().filter_map(|(_, id)| *id).collect();
                let whole_file = problems.iter().any(|(_, id)| id.is_none());
                for (id, object) in &want {
                    match objects.get(id) {
                        Some(got) => assert!(got == object, "byte {at}"),
                        None => {
                            assert!(whole_file || named.contains(id), "byte {at}: {id} is lost in silence");
                        }
                    }
                }
            }
            std::fs::write(file, &bytes).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random damage to a pack whose checksums are all made to fit again, as an attacker would.
    #[test]
    fn damage_with_fitting_checksums_never_panics(seed in any::<u64>(), hits in 1usize..6) {
        let mut rng = Rng::new(seed);
        let mut pack = Pack::new(Hash::Sha1);
        let mut bytes: Vec<u8> = rng.bytes(60);
        let mut last = pack.add(blob(&bytes), &Hold::Whole(Kind::Blob), 60, &bytes);
        for _ in 0..8 {
            let (made, code) = append(&bytes, 1 + rng.below(100) as u8);
            let back = pack.bytes.len() as u64 - last;
            last = pack.add(blob(&made), &Hold::Back(back), code.len() as u64, &code);
            bytes = made;
        }
        for _ in 0..hits {
            let at = rng.between(12, pack.bytes.len() - 1);
            pack.bytes[at] = rng.next_u64() as u8;
        }
        let dir = tempfile::tempdir().unwrap();
        pack.refresh_crcs();
        pack.write(&dir.path().join("pack"), "a");
        let store = Store::open(dir.path(), &[], Hash::Sha1).unwrap();
        let got = collect(&Plan::everything(&store), &Options { verify: true, ..options(1) });
        for (id, object) in &got.0 {
            prop_assert_eq!(Hash::Sha1.object(object.0, &object.1), *id);
        }
        prop_assert_eq!(got.0.len() + got.1.problems.len(), 9);
        let forged = collect(&Plan::everything(&store), &options(1));
        prop_assert_eq!(forged.0.len() + forged.1.problems.len(), 9);
    }
}
