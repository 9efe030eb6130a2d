//! What was committed long ago: the numbered lines 16–19 of what rivals get wrong.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

mod support;

use support::{Scratch, line, token};

/// Sweeps the history; the report must hold exactly one finding, whose fields the caller looks at.
#[track_caller]
fn one_finding(scratch: &Scratch, options: &[&str]) -> serde_json::Value {
    let mut args = vec!["scan", "--history", "--format", "json"];
    args.extend(options);
    let said = scratch.stopleak(&args).expect(1);
    let findings = said.json()["findings"].as_array().unwrap().clone();
    assert_eq!(findings.len(), 1, "{}", said.out);
    findings[0].clone()
}

#[test]
fn a_deleted_file_is_reported_with_the_commit_that_brought_it() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    let commit = scratch.commit("b.py", format!("\n\n{}", line(&token(101))));
    scratch.git(&["rm", "-q", "b.py"]);
    scratch.git(&["commit", "-q", "-m", "remove"]);
    let finding = one_finding(&scratch, &[]);
    assert_eq!(finding["commit"], commit);
    assert_eq!(finding["path"], "b.py");
    assert_eq!(finding["line"], 3);
    assert_eq!(finding["author"], "Ada <ada@localhost>");
    assert_eq!(finding["date"], "2026-01-02T03:04:05+01:00");
}

#[test]
fn rival_16_added_only_in_a_merge_commit() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.commit("b.py", "two\n");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.commit("c.py", "three\n");
    scratch.git(&["merge", "-q", "--no-commit", "side"]);
    scratch.stage("evil.py", line(&token(102)));
    scratch.git(&["commit", "-q", "-m", "merge"]);
    let merge = scratch.git(&["rev-parse", "HEAD"]);
    assert_eq!(one_finding(&scratch, &[])["commit"], merge);
}

#[test]
fn a_shallow_clone_is_not_clean_history() {
    let scratch = Scratch::new();
    scratch.commit("a.py", line(&token(120)));
    scratch.git(&["rm", "-q", "a.py"]);
    let cut = scratch.commit("b.py", "two\n");
    let url = format!("file://{}", scratch.dir.display());
    scratch.git(&["clone", "-q", "--depth=1", &url, "../shallow"]);
    let inside = |args: &[&str]| scratch.stopleak(&[&["-C", "../shallow"], args].concat());
    let ways: [&[&str]; 4] =
        [&["--history"], &["--history", "--reader=plain"], &["--history", "--reader=git"], &["--range=HEAD"]];
    for way in ways {
        let report = inside(&[&["scan", "--format=json"], way].concat()).expect(3).json();
        assert_eq!(report["skipped"][0]["why"], "shallow-clone", "{way:?}");
        assert!(report["skipped"].to_string().contains(&cut), "{way:?}");
    }
    scratch.write("../shallow/c.py", "three\n");
    scratch.git(&["-C", "../shallow", "add", "c.py"]);
    scratch.git(&["-C", "../shallow", "commit", "-q", "-m", "more"]);
    // What was asked for is here.
    inside(&["scan", "--range=HEAD~1..HEAD"]).expect(0);
    inside(&["hook", "pre-commit"]).expect(0);
    scratch.git(&["-C", "../shallow", "fetch", "-q", "--unshallow"]);
    inside(&["scan", "--history"]).expect(1);
}

#[test]
fn rival_16_hidden_by_git_replace() {
    let scratch = Scratch::new();
    scratch.commit("a.py", line(&token(103)));
    let real = scratch.git(&["rev-parse", "HEAD:a.py"]);
    let innocent = scratch.git_with(&["hash-object", "-w", "--stdin"], b"clean\n").out;
    scratch.git(&["replace", &real, innocent.trim()]);
    assert_eq!(one_finding(&scratch, &[])["object"], real);
}

#[test]
fn rival_16_in_a_commit_message() {
    let scratch = Scratch::new();
    scratch.stage("a.py", "one\n");
    scratch.git(&["commit", "-q", "-m", &format!("deploy with {}", token(104))]);
    assert_eq!(one_finding(&scratch, &[])["where"], "commit-message");
}

#[test]
fn rival_16_in_an_annotated_tag() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.git(&["tag", "-a", "v1", "-m", &format!("release {}", token(105))]);
    assert_eq!(one_finding(&scratch, &[])["where"], "tag-message");
}

#[test]
fn rival_16_in_a_note() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.git(&["notes", "add", "-m", &format!("see {}", token(106))]);
    one_finding(&scratch, &[]);
}

#[test]
fn rival_16_in_a_stash() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.write("a.py", line(&token(107)));
    scratch.git(&["stash", "-q"]);
    one_finding(&scratch, &[]);
}

#[test]
fn what_only_a_reflog_reaches_is_history() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.commit("a.py", line(&token(108)));
    scratch.git(&["reset", "-q", "--hard", "HEAD~"]);
    one_finding(&scratch, &[]);
}

/// Overwrites or removes the loose object of `rev`.
fn damage(scratch: &Scratch, rev: &str, content: Option<&[u8]>) -> String {
    let id = scratch.git(&["rev-parse", rev]);
    let path = scratch.dir.join(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(&path).unwrap();
    if let Some(content) = content {
        std::fs::write(&path, content).unwrap();
    }
    id
}

#[test]
fn rival_17_a_missing_blob_is_named_and_not_clean() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.commit("b.py", "two\n");
    let id = damage(&scratch, "HEAD:b.py", None);
    let said = scratch.stopleak(&["scan", "--history", "--format", "json"]).expect(3);
    assert_eq!(said.json()["outcome"], "incomplete");
    assert!(said.json()["skipped"].to_string().contains(&id), "{}", said.out);
}

#[test]
fn rival_17_a_corrupt_blob_is_named_and_not_clean() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.commit("b.py", "two\n");
    let id = damage(&scratch, "HEAD:b.py", Some(b"not a git object"));
    let said = scratch.stopleak(&["scan", "--history", "--format", "json"]).expect(3);
    assert!(said.json()["skipped"].to_string().contains(&id), "{}", said.out);
}

#[test]
fn a_damaged_object_does_not_hide_a_finding_elsewhere() {
    let scratch = Scratch::new();
    scratch.commit("a.py", line(&token(109)));
    scratch.commit("b.py", "two\n");
    damage(&scratch, "HEAD:b.py", None);
    let said = scratch.stopleak(&["scan", "--history", "--format", "json"]).expect(1);
    assert_eq!(said.json()["findings"].as_array().unwrap().len(), 1);
    assert_eq!(said.json()["skipped"].as_array().unwrap().len(), 1);
}

#[test]
fn rival_18_a_sha256_repository_whose_file_was_deleted() {
    let scratch = Scratch::with(&["--object-format=sha256"]);
    scratch.commit("a.py", line(&token(110)));
    scratch.git(&["rm", "-q", "a.py"]);
    scratch.git(&["commit", "-q", "--allow-empty", "-m", "remove"]);
    assert_eq!(one_finding(&scratch, &[])["path"], "a.py");
}

#[test]
fn rival_19_dangling_commits_with_unreachable() {
    let scratch = Scratch::new();
    scratch.commit("a.py", "one\n");
    scratch.commit("a.py", line(&token(111)));
    scratch.git(&["reset", "-q", "--hard", "HEAD~"]);
    scratch.git(&["reflog", "expire", "--expire=now", "--all"]);
    scratch.git(&["update-ref", "-d", "ORIG_HEAD"]);
    scratch.stopleak(&["scan", "--history"]).expect(0);
    one_finding(&scratch, &["--unreachable"]);
}

#[test]
fn coverage_counts_what_git_counts() {
    let scratch = Scratch::new();
    for n in 0..20 {
        scratch.commit(&format!("d{}/f{}.txt", n % 3, n % 7), format!("version {n}\n"));
    }
    scratch.git(&["tag", "-a", "v1", "-m", "one"]);
    let listed = scratch.git(&["rev-list", "--objects", "--all"]);
    let said = scratch.stopleak(&["scan", "--history", "--format", "json"]).expect(0);
    let coverage = &said.json()["coverage"];
    assert_eq!(coverage["objects"], listed.lines().count());
    assert_eq!(coverage["commits"], 20);
    let blobs =
        listed.lines().filter(|l| scratch.git(&["cat-file", "-t", l.split(' ').next().unwrap()]) == "blob");
    assert_eq!(coverage["blobs"], blobs.count());
}

#[test]
fn packed_and_loose_repositories_give_the_same_report() {
    let scratch = Scratch::new();
    for n in 0..30u64 {
        let text: String = (0..=n)
            .map(|m| format!("line {m}\n{}", if m % 10 == 3 { line(&token(200 + m)) } else { String::new() }))
            .collect();
        scratch.commit("a.txt", text);
    }
    let findings = |scratch: &Scratch, threads: &str| {
        let said =
            scratch.stopleak(&["scan", "--history", "--format", "json", "--threads", threads]).expect(1);
        said.json()["findings"].to_string()
    };
    let loose = findings(&scratch, "1");
    scratch.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    assert_eq!(findings(&scratch, "1"), loose);
    assert_eq!(findings(&scratch, "2"), loose);
}

/// A small generator of edits: the same seed gives the same history.
struct Edits(u64);

impl Edits {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Delta-aware, in full, and through `git cat-file`: the same findings to the byte, whatever was edited and
/// however it is packed.
#[test]
fn every_reader_gives_the_same_findings() {
    for (seed, settings) in [
        (1, &["--depth=50", "--window=10"][..]),
        (2, &["--depth=4", "--window=50"]),
        (3, &["--depth=4000", "--window=250"]),
    ] {
        let scratch = Scratch::new();
        let mut edits = Edits(seed);
        let mut lines: Vec<String> = (0..400).map(|n| format!("line {n} of the file\n")).collect();
        for n in 0..60 {
            for _ in 0..=edits.below(4) {
                let at = 1 + edits.below(lines.len() - 1);
                match edits.below(6) {
                    0 => lines.insert(at, line(&token(5000 + edits.below(40) as u64))),
                    1 => lines.insert(at, format!("DB_PASSWORD=\"h{}-Q7rt!kLm{}\"\n", edits.below(90), seed)),
                    2 => lines.insert(at, format!("edit {n} {}\n", edits.below(1000))),
                    3 => lines[at] = format!("changed {}\n", edits.below(1000)),
                    // Cuts a line in two, so that a seam may fall into a secret.
                    4 => {
                        let cut = lines[at].len() / 2;
                        let tail = lines[at].split_off(cut);
                        lines.insert(at + 1, tail);
                    }
                    _ => drop(lines.remove(at)),
                }
            }
            lines[0] = format!("version {n}\n");
            scratch.commit("config.env", lines.concat());
        }
        let mut repack = vec!["repack", "-q", "-a", "-d", "-f"];
        repack.extend(settings);
        scratch.git(&repack);
        let report = |reader: &str| {
            let said =
                scratch.stopleak(&["scan", "--history", "--all", "--format", "json", "--reader", reader]);
            let report = said.json();
            assert!(!report["findings"].as_array().unwrap().is_empty(), "{}", said.all());
            (
                report["findings"].to_string(),
                report["skipped"].to_string(),
                report["coverage"]["objects"].clone(),
            )
        };
        let packs = report("packs");
        assert_eq!(packs, report("plain"), "seed {seed}");
        assert_eq!(packs, report("git"), "seed {seed}");
    }
}

/// A sweep's report without the time that it took, and what was logged.
#[track_caller]
fn sweep(scratch: &Scratch, options: &[&str]) -> (serde_json::Value, String) {
    let mut args = vec!["scan", "--history", "--all", "--format", "json", "-v"];
    args.extend(options);
    let said = scratch.stopleak(&args);
    let mut report = said.json();
    report["coverage"]["seconds"] = 0.into();
    (report, said.err)
}

/// How many objects a resumed sweep left out.
fn left_out(log: &str) -> usize {
    let line = log.lines().find(|line| line.contains("left out")).expect("a resumed sweep says so");
    let number = line.split("objects=").nth(1).unwrap();
    number.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// A repository whose history has secrets that come, go and are cut in two, in messages and names too.
fn eventful(seed: u64) -> Scratch {
    let scratch = Scratch::new();
    let mut edits = Edits(seed);
    let mut lines: Vec<String> = (0..200).map(|n| format!("line {n} of the file\n")).collect();
    for n in 0..40 {
        let at = 1 + edits.below(lines.len() - 1);
        match edits.below(4) {
            0 => lines.insert(at, line(&token(7000 + edits.below(20) as u64))),
            1 => lines.insert(at, format!("edit {n} {}\n", edits.below(1000))),
            2 => drop(lines.remove(at)),
            _ => {
                let cut = lines[at].len() / 2;
                let tail = lines[at].split_off(cut);
                lines.insert(at + 1, tail);
            }
        }
        scratch.write(&format!("d{}/plain{n}.txt", n % 3), format!("nothing to see in version {n}\n"));
        scratch.git(&["add", "."]);
        scratch.commit("config.env", lines.concat());
    }
    scratch.stage("x", "x\n");
    scratch.git(&["commit", "-q", "-m", &format!("deploy with {}", token(7100))]);
    scratch.git(&["tag", "-a", "v1", "-m", &format!("release {}", token(7101))]);
    scratch.commit("large.bin", vec![b'y'; 9000]);
    for size in [70, 700] {
        let pointer =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{size:064}\nsize {size}\n");
        scratch.commit("video.mp4", pointer);
    }
    scratch
}

#[test]
fn a_resumed_sweep_reports_what_a_fresh_one_does() {
    for seed in [11, 12] {
        let scratch = eventful(seed);
        let cache = scratch.dir.join("../cache");
        let cache = cache.to_str().unwrap();
        let same = |options: &[&str]| {
            let fresh = sweep(&scratch, options);
            let (resumed, log) = sweep(&scratch, &[options, &["--resume", "--cache", cache]].concat());
            assert_eq!(resumed, fresh.0, "seed {seed}, {options:?}");
            assert!(!resumed["findings"].as_array().unwrap().is_empty());
            left_out(&log)
        };
        assert_eq!(same(&[]), 0, "nothing is packed");
        scratch.git(&["repack", "-q", "-a", "-d"]);
        assert_eq!(same(&[]), 0, "nothing was seen");
        let seen = same(&[]);
        assert!(seen > 60, "{seen} were left out");
        assert_eq!(same(&["--threads", "2"]), seen);
        assert_eq!(same(&["--reader", "plain"]), seen);
        // What is new is found, and so is what is in a second pack.
        scratch.commit("new.env", line(&token(7200)));
        assert_eq!(same(&[]), seen);
        scratch.git(&["repack", "-q"]);
        assert_eq!(same(&[]), seen);
        assert!(same(&[]) > seen);
        // Another policy looks for other things.
        scratch.write(".stopleak.toml", "[limits]\nmax-blob-size = \"8KB\"\n");
        assert_eq!(same(&[]), 0);
        assert!(same(&[]) > 60);
        std::fs::remove_file(scratch.dir.join(".stopleak.toml")).unwrap();
        // What nothing reaches any more was seen too, and is not reported.
        scratch.git(&["reset", "-q", "--hard", "HEAD~20"]);
        scratch.git(&["tag", "-d", "v1"]);
        scratch.git(&["reflog", "expire", "--expire=now", "--all"]);
        scratch.git(&["update-ref", "-d", "ORIG_HEAD"]);
        assert!(same(&[]) > seen);
        assert!(same(&["--unreachable"]) > seen);
        scratch.git(&["gc", "-q", "--prune=now"]);
        assert_eq!(same(&[]), 0, "another pack");
        assert!(same(&[]) > 20);
    }
}

#[test]
fn lfs_pointers_are_named_once_by_every_reader() {
    let scratch = eventful(14);
    scratch.git(&["repack", "-q", "-a", "-d"]);
    for reader in ["packs", "plain", "git"] {
        let skipped = sweep(&scratch, &["--reader", reader]).0["skipped"].take();
        let named: Vec<_> =
            skipped.as_array().unwrap().iter().filter(|skip| skip["why"] == "lfs-object").collect();
        assert_eq!(named.len(), 1, "{reader}: {skipped}");
        assert_eq!(named[0]["bytes"], 770);
        assert!(named[0]["detail"].as_str().unwrap().contains("2 files"), "{}", named[0]);
    }
}

#[test]
fn a_broken_cache_is_named_and_not_believed() {
    let scratch = eventful(13);
    scratch.git(&["repack", "-q", "-a", "-d"]);
    let folder = scratch.dir.join("../cache");
    let options = ["--resume", "--cache", folder.to_str().unwrap()];
    let fresh = sweep(&scratch, &[]).0;
    sweep(&scratch, &options);
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read(&file).unwrap();
    let secret = token(7100);
    assert!(!good.windows(12).any(|w| secret.as_bytes().windows(12).any(|s| s == w)));
    let cases: [fn(&mut Vec<u8>); 6] = [
        |bytes| bytes.clear(),
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| bytes.push(0),
        |bytes| bytes[20] ^= 1,
        |bytes| bytes[60] ^= 2,
        |bytes| *bytes = vec![0; 1 << 20],
    ];
    for (at, breaks) in cases.iter().enumerate() {
        let mut bytes = good.clone();
        breaks(&mut bytes);
        std::fs::write(&file, &bytes).unwrap();
        let (mut report, log) = sweep(&scratch, &options);
        assert_eq!(left_out(&log), 0, "case {at}");
        let notes = report["notes"].take();
        assert!(notes.to_string().contains("is read again"), "case {at}: {notes}");
        report["notes"] = fresh["notes"].clone();
        assert_eq!(report, fresh, "case {at}");
        assert!(std::fs::read(&file).unwrap() == good, "case {at}: the file was not written anew");
    }
    // A file that others may write to may say that there is nothing to see.
    let mode = |path: &std::path::Path, mode: u32| {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(&file, 0o666);
    assert_eq!(left_out(&sweep(&scratch, &options).1), 0);
    assert!(left_out(&sweep(&scratch, &options).1) > 60, "a trusted file took its place");
    // Nor is one that is somebody else's; only an administrator can make such a one here.
    if std::os::unix::fs::chown(&file, Some(1), None).is_ok() {
        assert_eq!(left_out(&sweep(&scratch, &options).1), 0);
    }
    mode(&folder, 0o777);
    let (report, log) = sweep(&scratch, &options);
    assert!(report["notes"].to_string().contains("others may write"), "{}", report["notes"]);
    assert!(!log.contains("left out"));
    assert_eq!(report["findings"], fresh["findings"]);
}

/// The same report to the byte, from all three readers.
#[track_caller]
fn all_alike(name: &str, scratch: &Scratch, options: &[&str]) -> serde_json::Value {
    let report = |reader: &str| {
        let options = [options, &["--reader", reader]].concat();
        sweep(scratch, &options).0
    };
    let packs = report("packs");
    for reader in ["plain", "git"] {
        let other = report(reader);
        for part in ["skipped", "findings", "coverage"] {
            assert_eq!(other[part], packs[part], "{name}, {reader}");
        }
        assert_eq!(other, packs, "{name}, {reader}");
    }
    packs
}

#[test]
fn gaps_are_named_alike_by_every_reader() {
    let full = eventful(15);
    full.git(&["config", "uploadpack.allowFilter", "true"]);
    let damaged = eventful(16);
    let broken = [("gone.txt", None), ("d1/garbage.txt", Some(&b"not a git object"[..]))];
    for (path, _) in broken {
        damaged.stage(path, format!("the content of {path}\n"));
        damaged.git(&["commit", "-q", "-m", path]);
    }
    for (path, content) in broken {
        damage(&damaged, &format!("HEAD:{path}"), content);
    }
    let partial = Scratch::new();
    let url = format!("file://{}", full.dir.display());
    partial.git(&["fetch", "-q", "--filter=blob:none", "--no-tags", &url, "main:theirs"]);
    for (name, scratch, gaps) in [("damaged", &damaged, 2), ("partial", &partial, 40)] {
        let report = all_alike(name, scratch, &[]);
        let skipped = report["skipped"].as_array().unwrap();
        assert!(skipped.len() >= gaps, "{name}: {}", report["skipped"]);
        for (path, _) in broken.iter().filter(|_| name == "damaged") {
            assert!(skipped.iter().any(|skip| skip["what"] == *path), "{path}: {}", report["skipped"]);
        }
        all_alike(name, scratch, &["--unreachable"]);
    }
}

#[test]
fn what_a_lost_tree_or_commit_hides_is_looked_for_alike_by_every_reader() {
    for rev in ["HEAD~3:d1", "HEAD~3^{tree}", "HEAD~30"] {
        let scratch = eventful(17);
        scratch.stage("d1/deep/config.env", line(&token(7200)));
        scratch.git(&["commit", "-q", "-m", "deep"]);
        for n in 0..3 {
            scratch.commit("x", format!("{n}\n"));
        }
        let lost = damage(&scratch, rev, None);
        let report = all_alike(rev, &scratch, &[]);
        let skipped = report["skipped"].as_array().unwrap();
        assert!(skipped.iter().any(|skip| skip.to_string().contains(&lost)), "{rev}: {}", report["skipped"]);
        assert!(report["findings"].to_string().contains("github-personal-access-token"));
        all_alike(rev, &scratch, &["--unreachable"]);
    }
}

#[test]
fn odd_places_are_named_alike_by_every_reader() {
    let scratch = eventful(18);
    // A blob that is a file and a note, one that only a tag of a tree leads to, and one that a tag names itself.
    let secret = line(&token(7300));
    scratch.commit("twice.env", &secret);
    scratch.git_with(&["notes", "add", "-F", "-"], secret.as_bytes()).expect(0);
    scratch.stage("only/in/tree.env", line(&token(7301)));
    let tree = scratch.git(&["write-tree"]);
    scratch.git(&["tag", "tree", &tree]);
    scratch.git(&["rm", "-q", "--cached", "only/in/tree.env"]);
    let blob = scratch.git_with(&["hash-object", "-w", "--stdin"], line(&token(7302)).as_bytes()).out;
    scratch.git(&["tag", "blob", blob.trim()]);
    // What can be looked into only in part, at two places.
    for path in ["z/archive.xz", "a/archive.xz"] {
        scratch.stage(path, b"\xfd7zXZ\0\0\x04 and so on");
        scratch.git(&["commit", "-q", "-m", path]);
    }
    std::fs::write(scratch.dir.join(".stopleak.toml"), "[limits]\nmax-blob-size = \"8 KB\"\n").unwrap();
    let report = all_alike("odd", &scratch, &[]);
    let skipped = report["skipped"].to_string();
    assert!(skipped.contains("z/archive.xz"), "the first place: {skipped}");
    assert!(skipped.contains("large.bin"), "{skipped}");
    let findings = report["findings"].to_string();
    assert!(findings.contains("only/in/tree.env") && findings.contains(blob.trim()), "{findings}");
    scratch.git(&["gc", "-q"]);
    all_alike("odd, packed", &scratch, &[]);
}

/// Flipped and cut at many places: a damaged pack is read by way of git, or named, but never clean.
#[test]
fn a_damaged_pack_is_never_clean() {
    let scratch = Scratch::new();
    let body: String = (0..150).map(|n| format!("line {n} of the file\n")).collect();
    for n in 0..12 {
        let secret = if (4..6).contains(&n) { line(&token(140)) } else { String::new() };
        scratch.commit("a.txt", format!("version {n}\n{body}{secret}"));
    }
    scratch.git(&["repack", "-q", "-a", "-d", "-f"]);
    let mut edits = Edits(17);
    let folder = scratch.dir.join(".git/objects/pack");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|f| f.extension().is_some_and(|e| e == "pack" || e == "idx")).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        let good = std::fs::read(&file).unwrap();
        for n in 0..60 {
            let at = edits.below(good.len());
            let mut bytes = good.clone();
            if n % 5 == 0 {
                bytes.truncate(at);
            } else {
                bytes[at] ^= 1 << edits.below(8);
            }
            // Another file takes its place, as git does it; one that is mapped is never written to.
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, &bytes).unwrap();
            let said = scratch.stopleak(&["scan", "--history", "--format", "json"]);
            assert!(said.code == 1 || said.code == 3, "byte {at} of {}: {}", file.display(), said.all());
            let found = said.out.contains("github-personal-access-token");
            assert_eq!(said.code == 1, found, "byte {at} of {}: {}", file.display(), said.all());
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &good).unwrap();
    }
}

/// `git gc`, repacks and commits run beside the sweeps: packs and loose objects come and go.
#[test]
fn a_sweep_beside_gc_sees_everything() {
    let scratch = Scratch::new();
    scratch.commit("a.py", line(&token(130)));
    scratch.git(&["rm", "-q", "a.py"]);
    scratch.git(&["commit", "-q", "-m", "remove"]);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let cleaners: [&[&str]; 3] =
                [&["gc", "-q", "--prune=now"], &["repack", "-q", "-a", "-d"], &["repack", "-q", "-d"]];
            for n in 0.. {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                scratch.commit(&format!("f{}", n % 5), format!("version {n}\n"));
                // Whether a cleaner was in another's way does not matter here.
                scratch.try_git(cleaners[n % 3]);
                scratch.try_git(&["prune-packed", "-q"]);
            }
        });
        for n in 0..20 {
            let extra: &[&str] = if n % 2 == 0 { &[] } else { &["--unreachable"] };
            let (report, _) = sweep(&scratch, extra);
            let (findings, skipped) = (report["findings"].clone(), report["skipped"].clone());
            // Before an assertion may fail, or the other thread would run for ever.
            let open: Vec<_> =
                skipped.as_array().into_iter().flatten().filter(|skip| skip["in_scope"] == true).collect();
            if findings.as_array().is_none_or(|f| f.len() != 1) || !open.is_empty() {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            }
            assert_eq!(findings.as_array().unwrap().len(), 1, "{report}");
            assert!(open.is_empty(), "{skipped}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// Ctrl-C at any moment: what was found is printed, the rest is named, and nothing that was not finished is clean.
#[cfg(unix)]
#[test]
fn an_interrupted_sweep_says_so() {
    use std::os::unix::process::ExitStatusExt as _;
    let scratch = Scratch::new();
    scratch.write("a.py", line(&token(150)));
    for file in 0..24u64 {
        let text = (0..20_000u64).map(|n| {
            let word = (n + file * 20_000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!("the line {word:x} of a long file\n")
        });
        scratch.write(&format!("{file}.txt"), text.collect::<String>());
    }
    scratch.git(&["add", "."]);
    scratch.git(&["commit", "-q", "-m", "much to read"]);
    let (mut ended, mut wait) = (false, 5);
    let mut interrupted = 0;
    while !ended {
        let mut command = scratch.command(support::STOPLEAK);
        command.args(["scan", "--history", "--format", "json", "--threads", "1"]);
        let child = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let pid = child.id().to_string();
        let kill = std::process::Command::new("kill").args(["-INT", &pid]).output().unwrap();
        let out = child.wait_with_output().unwrap();
        wait = wait * 3 / 2 + 5;
        let Some(code) = out.status.code() else {
            // Before there was anything to say.
            assert_eq!(out.status.signal(), Some(2));
            continue;
        };
        let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        let found = report["findings"].as_array().unwrap().len();
        assert_eq!(code, if found > 0 { 1 } else { 3 }, "{report}");
        let stopped = report["skipped"].as_array().unwrap().iter().any(|skip| skip["why"] == "interrupted");
        assert_eq!(report["complete"], !stopped, "{report}");
        interrupted += usize::from(stopped);
        // The signal came too late, or after all had been read.
        ended = !stopped;
        assert!(!ended || found == 1, "{report}; {}", String::from_utf8_lossy(&kill.stderr));
    }
    assert!(interrupted > 0, "no sweep was still under way when it was interrupted");
}
