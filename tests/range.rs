//! What a range or an outgoing push adds: read in the packs, in full, and through git, always the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fmt::Write as _;

use support::{Scratch, line, token};

/// More commits than a scan reads one by one.
const COMMITS: usize = 400;

/// A history of one large file that is edited again and again, of which some versions hold secrets, with merges,
/// a tag and odd places: a commit message, a name.
fn history() -> String {
    let mut text = String::new();
    let mut lines: Vec<String> = (0..150).map(|n| format!("line {n} of the file\n")).collect();
    let data = |text: &str| format!("data {}\n{text}\n", text.len());
    for n in 0..COMMITS {
        let mark = n + 1;
        lines[0] = format!("version {n}\n");
        match n % 40 {
            7 => lines.insert(n % 90 + 1, line(&token(9000 + n as u64 / 40))),
            // A secret that goes, and one that is cut in two and put together again.
            21 => drop(lines.remove((n - 14) % 90 + 1)),
            30 => lines[100] = format!("changed {n}\n"),
            _ => lines[20 + n % 60] = format!("edit {n}\n"),
        }
        let message = if n == 350 { format!("deploy with {}", token(9100)) } else { format!("commit {n}") };
        let _ = write!(
            text,
            "commit refs/heads/main\nmark :{mark}\ncommitter Ada <ada@localhost> {} +0100\n{}",
            1_700_000_000 + n,
            data(&message)
        );
        if n > 0 {
            let _ = writeln!(text, "from :{n}");
        }
        if n % 50 == 49 {
            let _ = writeln!(text, "merge :{}", n - 20);
        }
        let _ = write!(text, "M 100644 inline config.env\n{}", data(&lines.concat()));
        let _ = write!(text, "M 100644 inline d{}/plain{n}.txt\n{}", n % 7, data(&format!("text {n}\n")));
    }
    let _ = write!(text, "tag v1\nfrom :390\ntagger Ada <ada@localhost> 1700000000 +0100\n");
    let _ = write!(text, "{}", data(&format!("release {}", token(9101))));
    text
}

fn made() -> Scratch {
    let scratch = Scratch::new();
    scratch.git_with(&["fast-import", "--quiet"], history().as_bytes()).expect(0);
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--depth=20"]);
    scratch
}

/// The report of a range by one reader, without the time that it took.
fn report(scratch: &Scratch, range: &str, reader: &str) -> serde_json::Value {
    let args = ["scan", "--all", "--range", range, "--format", "json", "--reader", reader];
    let said = scratch.stopleak(&args);
    let mut report = said.json();
    report["coverage"]["seconds"] = 0.into();
    report["code"] = said.code.into();
    report
}

#[track_caller]
fn all_alike(scratch: &Scratch, range: &str) -> serde_json::Value {
    let by_git = report(scratch, range, "git");
    for reader in ["packs", "plain"] {
        let other = report(scratch, range, reader);
        assert_eq!(
            serde_json::to_string_pretty(&other).unwrap(),
            serde_json::to_string_pretty(&by_git).unwrap(),
            "{reader}"
        );
    }
    by_git
}

fn count(report: &serde_json::Value, what: &str) -> usize {
    report[what].as_array().unwrap().len()
}

#[test]
fn every_reader_says_the_same_of_a_range() {
    let scratch = made();
    for (range, least) in
        [("main", 10), ("main~300..main v1", 8), ("main~30..main", 0), ("main~390..main", 10)]
    {
        let report = all_alike(&scratch, range);
        assert!(count(&report, "findings") >= least, "{range}: {}", count(&report, "findings"));
        assert_eq!(count(&report, "skipped"), 0);
    }
    let whole = report(&scratch, "main v1", "packs");
    let (objects, listed) =
        (&whole["coverage"]["objects"], scratch.git(&["rev-list", "--objects", "main", "v1"]));
    assert_eq!(objects.as_u64().unwrap(), listed.lines().count() as u64);
    // Loose, and in many packs.
    scratch.git(&["repack", "-q", "-a", "-d", "-f", "--max-pack-size=20k"]);
    assert_eq!(report(&scratch, "main v1", "packs"), whole);
    let pack = std::fs::read_dir(scratch.dir.join(".git/objects/pack")).unwrap();
    let packs: Vec<_> = pack.map(|entry| entry.unwrap().path()).collect();
    let one = packs.iter().find(|path| path.extension().is_some_and(|e| e == "pack")).unwrap();
    let moved = scratch.top().join("moved.pack");
    std::fs::rename(one, &moved).unwrap();
    std::fs::remove_file(one.with_extension("idx")).unwrap();
    scratch.git_with(&["unpack-objects", "-q"], &std::fs::read(&moved).unwrap()).expect(0);
    assert_eq!(report(&scratch, "main v1", "packs"), whole);
    all_alike(&scratch, "main v1");
}

#[test]
fn clones_of_every_kind_are_read_alike() {
    let full = made();
    full.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", full.dir.display());
    let dir = full.dir.display().to_string();
    let kinds: [(&str, Vec<&str>, bool); 4] = [
        ("shared", vec!["clone", "-q", "--bare", "--shared", &dir, "../clone"], false),
        ("shallow", vec!["clone", "-q", "--bare", "--depth=150", &url, "../clone"], true),
        ("blobless", vec!["clone", "-q", "--bare", "--filter=blob:none", &url, "../clone"], true),
        ("partial", vec!["clone", "-q", "--bare", "--filter=blob:limit=100", &url, "../clone"], true),
    ];
    for (name, args, gaps) in kinds {
        let clone = full.top().join("clone");
        full.git(&args);
        let inside = |reader: &str| {
            let mut command = full.command(support::STOPLEAK);
            command.current_dir(&clone);
            command.args(["scan", "--all", "--range", "main", "--format", "json", "--reader", reader]);
            let said = support::Said::from(command.output().unwrap());
            let mut report = said.json();
            report["coverage"]["seconds"] = 0.into();
            report
        };
        let by_git = inside("git");
        assert_eq!(count(&by_git, "skipped") > 0, gaps, "{name}");
        assert!(by_git["coverage"]["objects"].as_u64() > Some(600), "{name}");
        for reader in ["packs", "plain"] {
            assert_eq!(inside(reader), by_git, "{name}, {reader}");
        }
        std::fs::remove_dir_all(clone).unwrap();
    }
}

#[test]
fn grafts_and_replacements_change_nothing_for_one_reader_only() {
    let scratch = made();
    let real = scratch.git(&["rev-parse", "main~3:config.env"]);
    let innocent = scratch.git_with(&["hash-object", "-w", "--stdin"], b"clean\n").out;
    scratch.git(&["replace", &real, innocent.trim()]);
    scratch.git(&["replace", "--graft", "main~200"]);
    let report = all_alike(&scratch, "main~399..main");
    assert!(count(&report, "findings") >= 10);
    std::fs::write(
        scratch.dir.join(".git/info/grafts"),
        format!("{}\n", scratch.git(&["--no-replace-objects", "rev-parse", "main~100"])),
    )
    .unwrap();
    all_alike(&scratch, "main~399..main");
}

#[test]
fn what_is_damaged_is_named_alike_and_never_clean() {
    let scratch = made();
    scratch.git(&["repack", "-q", "-a", "-d", "-f"]);
    let folder = scratch.dir.join(".git/objects/pack");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let pack = files.into_iter().find(|f| f.extension().is_some_and(|e| e == "pack")).unwrap();
    let good = std::fs::read(&pack).unwrap();
    for n in 1..12 {
        let at = good.len() * n / 12;
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        // Another file takes its place, as git does it; one that is mapped is never written to.
        std::fs::remove_file(&pack).unwrap();
        std::fs::write(&pack, &bytes).unwrap();
        let args =
            |reader| ["scan", "--all", "--range", "main~399..main", "--format", "json", "--reader", reader];
        let (packs, by_git) = (scratch.stopleak(&args("packs")), scratch.stopleak(&args("git")));
        assert_ne!(packs.code, 0, "byte {at}");
        assert_eq!(packs.code, by_git.code, "byte {at}: {}", packs.err);
        if packs.out.starts_with('{') {
            let (packs, by_git) = (packs.json(), by_git.json());
            assert_eq!(packs["findings"], by_git["findings"], "byte {at}");
            assert_eq!(packs["skipped"], by_git["skipped"], "byte {at}");
        }
    }
}

/// What was said, but how long it took.
fn without_time(said: &support::Said) -> String {
    let text = said.all();
    let (text, time) = text.trim_end().rsplit_once(',').unwrap();
    assert!(time.ends_with('s'), "{time}");
    text.to_owned()
}

#[test]
fn an_outgoing_push_is_read_alike() {
    let scratch = made();
    scratch.git(&["update-ref", "refs/remotes/origin/main", "main~380"]);
    let tip = scratch.git(&["rev-parse", "main"]);
    let zero = "0".repeat(40);
    let lines = format!("refs/heads/main {tip} refs/heads/new {zero}\n");
    let said = |reader: &str| {
        let args = ["hook", "pre-push", "origin", "file:///nowhere", "--reader", reader];
        without_time(&scratch.stopleak_with(&args, lines.as_bytes()).expect(1))
    };
    let by_git = said("git");
    assert_eq!(said("packs"), by_git);
    assert_eq!(said("plain"), by_git);
    // As git calls it.
    let plain = scratch.stopleak_with(&["hook", "pre-push", "origin", "file:///nowhere"], lines.as_bytes());
    assert_eq!(without_time(&plain), by_git);
}
