//! What a push brings, with every way round the hook that is known.
//!
//! A real `pre-receive` hook copies its quarantine and notes its environment; the library is then asked
//! in that very environment, before the server has the objects.

use std::fs;
use std::path::PathBuf;

use stopleak_git::{Added, Changes, Error, Kind, ObjectId, PushLine, RefUpdate, Repo, parse_updates};
use stopleak_testkit::world::{Init, Repository, World};

use crate::common::{All, FORMATS, git_ids, lines, open, text};

/// A client and a bare server, and what the server's hook saw.
struct Pair<'w> {
    client: Repository<'w>,
    server: Repository<'w>,
    seen: PathBuf,
}

/// A push in the middle of its hook.
struct Held {
    repo: Repo,
    updates: Vec<RefUpdate>,
}

impl Held {
    fn all(&self) -> All {
        let all = All::of(self.repo.incoming(&self.updates).unwrap());
        self.same_without_git(&all);
        all
    }

    /// What a reader of the quarantine learns must be what reading through git gives.
    fn same_without_git(&self, all: &All) {
        let Some(quarantine) = self.repo.quarantined().unwrap() else { return };
        let stored = quarantine.stored();
        let incoming = self.repo.ask_incoming(&self.updates).unwrap().answer(&stored).unwrap();
        let read =
            |id: &ObjectId| Some((stored.store().kind(id)?, stored.store().read(id).ok()??.1.len() as u64));
        let mut ids: Vec<String> = incoming.ids().map(|id| id.to_string()).collect();
        ids.sort();
        let in_git: Vec<String> = all.ids();
        assert!(in_git.iter().all(|id| ids.contains(id)), "{in_git:?} {ids:?}");
        for change in &all.changes {
            let Some(id) = change.id else { continue };
            let Some((kind, size)) = read(&id) else { continue };
            let ours = incoming.change(id, kind, size, stopleak_git::Body::Bytes(Vec::new())).unwrap();
            assert_eq!((&ours.path, ours.commit, ours.kind), (&change.path, change.commit, change.kind));
            assert_eq!((&ours.ref_name, &ours.places), (&change.ref_name, &change.places));
        }
        let mut rest = incoming.rest(read);
        let left: Vec<_> = rest.by_ref().map(Result::unwrap).collect();
        assert!(left.iter().filter_map(|c| c.id).all(|id| read(&id).is_none()));
        let names = |changes: &[stopleak_git::Change]| -> Vec<String> {
            changes.iter().filter(|c| c.id.is_none()).map(text).collect()
        };
        assert_eq!(names(&left), names(&all.changes));
        assert_eq!(rest.totals(), all.totals);
    }
}

impl<'w> Pair<'w> {
    fn new(world: &'w World, name: &str, init: Init) -> Self {
        let client = world.init(&format!("{name}-client"), init);
        let server = world.init(&format!("{name}-server"), Init { bare: true, ..init });
        let seen = world.path().join(format!("{name}-seen"));
        fs::create_dir(&seen).unwrap();
        let pair = Self { client, server, seen };
        pair.watch("exit 1");
        pair
    }

    /// The hook keeps what it saw and ends as told.
    fn watch(&self, end: &str) {
        let script = format!(
            "#!/bin/sh\nrm -rf {0}/*\ncat >{0}/stdin\n\
             if [ -n \"$GIT_QUARANTINE_PATH\" ]; then cp -R \"$GIT_QUARANTINE_PATH\" {0}/quarantine; fi\n{end}\n",
            self.seen.display()
        );
        self.server.hook("pre-receive", &script);
    }

    /// Pushes into a hook that refuses, and plays the hook to the library.
    fn hold(&self, refs: &[&str]) -> Held {
        self.watch("exit 1");
        let output = self.client.push(&self.server, refs);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && stderr.contains("hook declined"), "{stderr}");
        self.held()
    }

    fn held(&self) -> Held {
        let updates = parse_updates(&fs::read(self.seen.join("stdin")).unwrap()).unwrap();
        Held { repo: self.open(), updates }
    }

    fn open(&self) -> Repo {
        let quarantine = self.seen.join("quarantine");
        let main = self.server.path().join("objects");
        let (quarantine_text, main) = (quarantine.to_string_lossy(), main.to_string_lossy());
        let mut env = vec![("GIT_DIR", ".")];
        if quarantine.exists() {
            env.push(("GIT_QUARANTINE_PATH", &quarantine_text));
            env.push(("GIT_OBJECT_DIRECTORY", &quarantine_text));
            env.push(("GIT_ALTERNATE_OBJECT_DIRECTORIES", &main));
        }
        open(&self.server, &env)
    }

    /// Pushes and is let through.
    fn accept(&self, refs: &[&str]) {
        self.watch("exit 0");
        let output = self.client.push(&self.server, refs);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A quarantine made by hand: what a client that speaks the protocol itself can send.
    fn smuggle(&self, objects: &[&str], stdin: &str) -> Held {
        drop(fs::remove_dir_all(self.seen.join("quarantine")));
        fs::create_dir_all(self.seen.join("quarantine/pack")).unwrap();
        let ids = objects.join("\n") + "\n";
        let base = self.seen.join("quarantine/pack/pack");
        if !objects.is_empty() {
            self.client.git_with(&["pack-objects", "-q", &base.to_string_lossy()], ids.as_bytes());
        }
        fs::write(self.seen.join("stdin"), stdin).unwrap();
        self.held()
    }

    fn null(&self) -> String {
        "0".repeat(self.client.git(&["rev-parse", "HEAD"]).len())
    }
}

/// The pushed objects as git counts them: from the client's side.
fn new_ids(client: &Repository<'_>, new: &str, old: &[&str]) -> Vec<String> {
    let mut args = vec!["rev-list", "--objects", new, "--not"];
    args.extend(old);
    git_ids(client, &args)
}

#[test]
fn the_first_push_and_a_later_one_loose_and_packed() {
    for (name, init) in FORMATS {
        for limit in ["1", "100000"] {
            let world = World::new();
            let pair = Pair::new(&world, name, init);
            pair.server.git(&["config", "receive.unpackLimit", limit]);
            pair.client.commit("a.txt", "old secret\n", "first message");
            pair.client.commit("d/b.txt", "b\n", "second");
            let all = pair.hold(&["main"]).all();
            let context = format!("{name} {limit}");
            assert!(all.with(Kind::Blob, "old secret").is_some(), "{context}");
            assert!(all.with(Kind::Commit, "first message").is_some(), "{context}");
            assert_eq!(all.names(Kind::RefName), ["refs/heads/main"], "{context}");
            assert_eq!(all.names(Kind::Path), ["a.txt", "d/b.txt"], "{context}");
            assert_eq!(all.totals.objects, new_ids(&pair.client, "main", &[]).len() as u64, "{context}");
            pair.accept(&["main"]);

            pair.client.commit("a.txt", "old secret\nnew line\n", "third");
            let held = pair.hold(&["main"]);
            let all = held.all();
            assert_eq!(
                all.totals.objects,
                new_ids(&pair.client, "main", &["main~1"]).len() as u64,
                "{context}"
            );
            let change = all.with(Kind::Blob, "new line").unwrap();
            let added = held.repo.added(change, text(change).as_bytes()).unwrap();
            assert_eq!(added, lines(11..20), "{context}: the old line is not new");
            assert_eq!(all.names(Kind::RefName).len(), 0, "{context}: the ref is not new");
            assert_eq!(
                change.commit.unwrap().to_string(),
                pair.client.git(&["rev-parse", "main"]),
                "{context}"
            );
        }
    }
}

#[test]
fn a_kept_thin_pack_brings_old_bases_that_are_not_new() {
    for (name, init) in FORMATS {
        let world = World::new();
        let pair = Pair::new(&world, name, init);
        pair.server.git(&["config", "receive.unpackLimit", "1"]);
        let lines: Vec<String> = (0..2000).map(|n| format!("line {n} {}\n", n * n)).collect();
        let lines = lines.concat();
        pair.client.commit("a", format!("old secret\n{lines}"), "1");
        pair.accept(&["main"]);
        pair.client.commit("a", format!("old secret\n{lines}more\n"), "2");
        let held = pair.hold(&["main"]);
        let packed = fs::read_dir(pair.seen.join("quarantine/pack")).unwrap().count();
        assert!(packed >= 2, "{name}: kept as a pack");
        let all = held.all();
        let blobs = all.changes.iter().filter(|c| c.kind == Kind::Blob).count();
        assert_eq!(blobs, 1, "{name}: the base is old");
        assert_eq!(all.totals.objects, 3, "{name}");
    }
}

#[test]
fn every_ref_and_every_kind_of_object_counts() {
    for (name, init) in FORMATS {
        let world = World::new();
        let pair = Pair::new(&world, name, init);
        let client = &pair.client;
        let old = client.commit("a", "1", "1");
        pair.accept(&["main"]);
        client.git(&["checkout", "-qb", "second"]);
        client.commit("s", "in the second ref", "2");
        client.commit("gone", "added then deleted", "3");
        client.git(&["rm", "-q", "gone"]);
        client.git(&["commit", "-qm", "4"]);
        client.git(&["mv", "a", "renamed-path"]);
        client.git(&["commit", "-qm", "5"]);
        client.git(&["tag", "-a", "-m", "inner tag message", "inner"]);
        client.git(&["tag", "-a", "-m", "outer tag message", "outer", "inner"]);
        client.git(&["tag", "-d", "inner"]);
        client.git(&["tag", "blob", &client.blob("tagged blob")]);
        let tree = format!("100644 blob {}\tinner\n", client.blob("tagged tree blob"));
        client.git(&[
            "tag",
            "-a",
            "-m",
            "tree tag message",
            "tree",
            &client.git_with(&["mktree"], tree.as_bytes()),
        ]);
        client.git(&["notes", "add", "-m", "note text", "main"]);
        client.git(&["checkout", "-q", "main"]);
        client.git(&["checkout", "-qb", "side"]);
        client.commit("m", "side", "6");
        client.git(&["checkout", "-q", "main"]);
        client.commit("n", "main", "7");
        client.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
        client.stage("m", "side\nmerge only\n");
        client.git(&["commit", "-qm", "merge"]);
        let held = pair.hold(&["main", "second", "refs/tags/*", "refs/notes/*", "second:refs/for/master"]);
        let all = held.all();
        for (kind, text) in [
            (Kind::Blob, "in the second ref"),
            (Kind::Blob, "added then deleted"),
            (Kind::Blob, "merge only"),
            (Kind::Blob, "tagged blob"),
            (Kind::Blob, "tagged tree blob"),
            (Kind::Tag, "inner tag message"),
            (Kind::Tag, "outer tag message"),
            (Kind::Tag, "tree tag message"),
            (Kind::Note, "note text"),
            (Kind::Path, "renamed-path"),
            (Kind::RefName, "refs/for/master"),
        ] {
            assert!(all.with(kind, text).is_some(), "{name}: {text}");
        }
        assert_eq!(all.totals.objects, new_ids(client, "--all", &[&old]).len() as u64, "{name}");
        let merge = all.with(Kind::Blob, "merge only").unwrap();
        let added = held.repo.added(merge, text(merge).as_bytes()).unwrap();
        assert_eq!(added, lines(5..16), "{name}");
        assert_eq!(all.skips(), [], "{name}");
    }
}

#[test]
fn a_merge_brings_only_what_no_parent_has() {
    let world = World::new();
    let pair = Pair::new(&world, "r", Init::default());
    let client = &pair.client;
    client.commit("f", "base\n", "1");
    client.git(&["checkout", "-qb", "side"]);
    client.commit("f", "base\nold on the side\n", "2");
    client.git(&["checkout", "-q", "main"]);
    client.commit("g", "old on main\n", "3");
    pair.accept(&["main", "side"]);
    client.git(&["merge", "-q", "--no-ff", "-m", "clean merge", "side"]);
    let all = pair.hold(&["main"]).all();
    assert_eq!(all.changes.iter().filter(|c| c.kind == Kind::Blob).count(), 0);
    assert!(all.with(Kind::Commit, "clean merge").is_some());
    assert_eq!(all.names(Kind::Path).len(), 0);
}

#[test]
fn deletions_bring_nothing_and_have_no_quarantine() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        pair.accept(&["main", "main:other"]);
        let held = pair.hold(&[":other"]);
        assert!(held.updates[0].new.is_null(), "{name}");
        let all = held.all();
        assert_eq!((all.changes.len(), all.totals.objects), (0, 0), "{name}");
    }
}

#[test]
fn a_new_branch_of_old_commits_brings_its_name_only() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        pair.client.commit("a", "2", "2");
        pair.accept(&["main"]);
        let all = pair.hold(&["main~1:refs/heads/again"]).all();
        assert_eq!(all.changes.len(), 1, "{name}");
        assert_eq!(all.names(Kind::RefName), ["refs/heads/again"], "{name}");
    }
}

#[test]
fn a_forced_push_brings_the_difference() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "base", "1");
        pair.client.commit("a", "was pushed", "2");
        pair.accept(&["main"]);
        pair.client.git(&["reset", "-q", "--hard", "HEAD~"]);
        pair.client.commit("a", "forced secret", "3");
        let all = pair.hold(&["+main"]).all();
        assert!(all.with(Kind::Blob, "forced secret").is_some(), "{name}");
        assert!(all.with(Kind::Blob, "was pushed").is_none(), "{name}");
        assert_eq!(all.totals.objects, 3, "{name}");
    }
}

// The ways round a hook of git-and-servers.md, section 2.4.

#[test]
fn an_object_that_nothing_refers_to_is_seen() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        let old = pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        let new = pair.client.commit("a", "2", "2");
        let extra = pair.client.blob("unreferenced secret");
        let mut objects = new_ids(&pair.client, "main", &[&old]);
        objects.push(extra);
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        let all = pair.smuggle(&objects, &format!("{old} {new} refs/heads/main\n")).all();
        let change = all.with(Kind::Blob, "unreferenced secret").unwrap();
        assert!(change.path.is_none() && change.commit.is_none(), "{name}");
        assert_eq!(pair.open().added(change, b"x").unwrap(), Added::All, "{name}");
        assert_eq!(all.totals.objects, 4, "{name}");

        // A commit that nothing refers to, with its tree and blob.
        let lost = pair.client.git(&["commit-tree", "-m", "lost message", "main^{tree}"]);
        let all = pair.smuggle(&[&lost], &format!("{old} {old} refs/heads/main\n")).all();
        assert!(all.with(Kind::Commit, "lost message").is_some(), "{name}");
    }
}

#[test]
fn a_ref_to_an_object_stored_earlier_is_seen() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        // An earlier push left it behind, unreferenced.
        let blob = pair.server.blob("left behind");
        let line = format!("{} {blob} refs/tags/leak\n", pair.null());
        let all = pair.smuggle(&[], &line).all();
        assert!(all.with(Kind::Blob, "left behind").is_some(), "{name}");
        assert_eq!(all.totals.objects, 1, "{name}");
    }
}

#[test]
fn a_blob_behind_a_gitlink_is_seen() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        let old = pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        let blob = pair.client.blob("behind a gitlink");
        pair.client.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{blob},sub")]);
        pair.client.git(&["commit", "-qm", "2"]);
        let new = pair.client.git(&["rev-parse", "HEAD"]);
        let mut objects = new_ids(&pair.client, &new, &[&old]);
        objects.push(blob);
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        let all = pair.smuggle(&objects, &format!("{old} {new} refs/heads/main\n")).all();
        assert!(all.with(Kind::Blob, "behind a gitlink").is_some(), "{name}");
        assert_eq!(all.skips(), [], "{name}");
        assert_eq!(all.names(Kind::Path), ["sub"], "{name}");
        // An honest gitlink names a commit that is not here, and that is no hole.
        let honest = pair.hold(&["main"]).all();
        assert_eq!(honest.skips(), [], "{name}");
    }
}

#[test]
fn replace_refs_on_the_server_hide_nothing() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        let secret = pair.client.blob("replaced secret");
        let innocent = pair.client.blob("innocent");
        pair.client.git(&["replace", &secret, &innocent]);
        pair.accept(&["main", &format!("refs/replace/{secret}")]);
        pair.server.git(&["config", "color.ui", "always"]);
        pair.client.commit("a", "replaced secret", "2");
        let all = pair.hold(&["main"]).all();
        assert!(all.with(Kind::Blob, "replaced secret").is_some(), "{name}");
    }
}

#[test]
fn one_blob_at_several_paths_names_them_all() {
    let world = World::new();
    let pair = Pair::new(&world, "r", Init::default());
    pair.client.commit("allowed/a", "same secret", "1");
    pair.client.commit("real/b", "same secret", "2");
    let all = pair.hold(&["main"]).all();
    let change = all.with(Kind::Blob, "same secret").unwrap();
    let paths: Vec<_> = change.places.iter().map(|p| String::from_utf8_lossy(&p.path).into_owned()).collect();
    assert_eq!(paths, ["allowed/a", "real/b"]);
    assert_eq!(change.commit, change.places[0].commit);
    assert_ne!(change.places[0].commit, change.places[1].commit);
}

#[test]
fn a_commit_is_given_raw() {
    let world = World::new();
    let pair = Pair::new(&world, "r", Init::default());
    let old = pair.client.commit("a", "1", "1");
    pair.accept(&["main"]);
    let raw = pair.client.git(&["cat-file", "commit", &old]);
    let raw = raw.replacen("\n\n", "\nunknown-header secret\n\nsubject\0after nul ", 1) + "\n";
    let odd = pair
        .client
        .git_with(&["hash-object", "-w", "-t", "commit", "--literally", "--stdin"], raw.as_bytes());
    let all = pair.smuggle(&[&odd], &format!("{} {odd} refs/heads/odd\n", "0".repeat(40))).all();
    let commit = all.with(Kind::Commit, "unknown-header secret").unwrap();
    assert!(text(commit).contains("subject\0after nul"));
}

#[test]
fn fork_networks_scan_what_they_cannot_prove_old() {
    let world = World::new();
    let pair = Pair::new(&world, "r", Init::default());
    pair.client.commit("a", "pool secret", "1");
    let pool = world.init("pool", Init { bare: true, ..Init::default() });
    assert!(pair.client.push(&pool, &["main"]).status.success());
    let alternates = pair.server.path().join("objects/info/alternates");
    fs::write(alternates, format!("{}\n", pool.path().join("objects").display())).unwrap();
    let all = pair.hold(&["main"]).all();
    assert!(all.with(Kind::Blob, "pool secret").is_some());
}

// What goes wrong must not look like nothing.

#[test]
fn ids_that_do_not_exist_are_an_error() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        let old = pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        let unknown = "1".repeat(old.len());
        let other_hash = "1".repeat(if old.len() == 40 { 64 } else { 40 });
        for (old, new) in [(&old, &unknown), (&unknown, &old), (&other_hash, &other_hash)] {
            let held = pair.smuggle(&[], &format!("{old} {new} refs/heads/main\n"));
            let outcome: Result<Changes<'_>, Error> = held.repo.incoming(&held.updates);
            assert!(matches!(outcome, Err(Error::UnknownObject(_))), "{name} {old} {new}");
        }
    }
}

#[test]
fn a_vanished_quarantine_is_an_error() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        let held = pair.hold(&["main"]);
        fs::remove_dir_all(pair.seen.join("quarantine")).unwrap();
        assert!(held.repo.incoming(&held.updates).is_err(), "{name}");
        let nothing: &[RefUpdate] = &[];
        assert!(matches!(held.repo.incoming(nothing), Err(Error::Quarantine { .. })), "{name}");
    }
}

#[test]
fn a_lost_object_in_quarantine_is_never_silent() {
    for (name, init) in FORMATS {
        for what in ["main", "main^{tree}", "main:d", "main:d/b"] {
            let world = World::new();
            let pair = Pair::new(&world, name, init);
            pair.client.commit("d/a", "1", "1");
            pair.accept(&["main"]);
            pair.client.commit("d/b", "secret", "2");
            let held = pair.hold(&["main"]);
            let id = pair.client.git(&["rev-parse", what]);
            fs::remove_file(pair.seen.join("quarantine").join(&id[..2]).join(&id[2..])).unwrap();
            let silent = match held.repo.incoming(&held.updates).map(Iterator::collect::<Result<Vec<_>, _>>) {
                Ok(Ok(changes)) => {
                    !changes.iter().any(|c| matches!(c.body, stopleak_git::Body::Skipped { .. }))
                }
                _ => false,
            };
            assert!(!silent, "{name} {what}");
        }
    }
}

#[test]
fn after_migration_the_update_hook_sees_the_same() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        pair.client.commit("a", "pushed secret", "2");
        // `update` runs when the objects are in the main store and no ref has moved.
        pair.watch("exit 0");
        pair.server.hook("update", "#!/bin/sh\nexit 1\n");
        assert!(!pair.client.push(&pair.server, &["main"]).status.success());
        let updates = parse_updates(&fs::read(pair.seen.join("stdin")).unwrap()).unwrap();
        let all = All::of(open(&pair.server, &[("GIT_DIR", ".")]).incoming(&updates).unwrap());
        assert!(all.with(Kind::Blob, "pushed secret").is_some(), "{name}");
        assert_eq!(all.totals.objects, 3, "{name}");
    }
}

#[test]
fn the_server_reads_its_own_file_as_it_was() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit(".stopleak.allow", "before", "1");
        pair.accept(&["main"]);
        pair.client.commit(".stopleak.allow", "pushed", "2");
        let held = pair.hold(&["main"]);
        assert_eq!(held.repo.before_push(".stopleak.allow").unwrap().unwrap(), b"before", "{name}");
        assert_eq!(held.repo.before_push("nothing").unwrap(), None, "{name}");
    }
}

#[test]
fn what_the_refs_reached_before_is_known() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "old secret", "1");
        pair.client.commit("a", "clean", "2");
        pair.accept(&["main"]);
        pair.client.commit("a", "old secret", "revert");
        pair.client.commit("b", "new secret", "4");
        let held = pair.hold(&["main"]);
        let id = |path: &str| ObjectId::from_hex(pair.client.git(&["rev-parse", path]).as_bytes()).unwrap();
        let ids = [id("main:a"), id("main:b")];
        assert_eq!(held.repo.reached_before(&ids).unwrap(), [true, false], "{name}");
    }
}

// The pusher's side.

fn push_line(client: &Repository<'_>, local: &str, remote_id: &str) -> PushLine {
    let id = |text: &str| ObjectId::from_hex(text.as_bytes()).unwrap();
    PushLine {
        local_ref: b"refs/heads/main".to_vec(),
        local_id: id(&client.git(&["rev-parse", local])),
        remote_ref: b"refs/heads/main".to_vec(),
        remote_id: id(remote_id),
    }
}

#[test]
fn an_outgoing_push_brings_what_the_remote_lacks() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        let client = &pair.client;
        pair.watch("exit 0");
        let old = client.commit("a", "pushed", "1");
        client.git(&["remote", "add", "origin", &format!("file://{}", pair.server.path().display())]);
        client.git(&["push", "-q", "origin", "main"]);
        client.commit("b", "cherry-picked secret", "2");
        let opened = open(client, &[]);
        for remote_id in [old.clone(), pair.null(), "1".repeat(old.len())] {
            let line = push_line(client, "main", &remote_id);
            let all = All::of(opened.outgoing("origin", std::slice::from_ref(&line)).unwrap().all());
            assert!(all.with(Kind::Blob, "cherry-picked secret").is_some(), "{name}");
            assert!(all.with(Kind::Blob, "pushed").is_none(), "{name}");
            // Another remote has nothing of it, as far as we know; nor does a pattern hide anything.
            if remote_id != old {
                for other in ["elsewhere", "*", "", "https://example.org/x.git"] {
                    let all = All::of(opened.outgoing(other, std::slice::from_ref(&line)).unwrap().all());
                    assert!(all.with(Kind::Blob, "pushed").is_some(), "{name} {other}");
                }
            }
        }
        let deletion = PushLine {
            local_id: ObjectId::from_hex(pair.null().as_bytes()).unwrap(),
            ..push_line(client, "main", &old)
        };
        assert_eq!(All::of(opened.outgoing("origin", &[deletion]).unwrap().all()).changes.len(), 0, "{name}");
    }
}

#[test]
fn a_range_brings_what_its_commits_add() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        repo.commit("a", "before", "1");
        repo.commit("a", "inside", "2");
        repo.commit("b", "inside too", "3");
        let opened = open(&repo, &[]);
        let all = All::of(opened.range("HEAD~2..HEAD").unwrap().all());
        assert!(
            all.with(Kind::Blob, "inside too").is_some() && all.with(Kind::Blob, "before").is_none(),
            "{name}"
        );
        assert_eq!(all.totals.commits, 2, "{name}");
        for bad in ["nope..HEAD", "--all", "", "HEAD..\nx", "--output=x"] {
            assert!(matches!(opened.range(bad), Err(Error::BadRange(_))), "{name} {bad}");
        }
    }
}

#[test]
fn a_push_from_a_shallow_clone() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        pair.client.commit("b", "old secret", "2");
        pair.accept(&["main"]);
        let url = format!("file://{}", pair.server.path().display());
        let shallow = format!("{name}-shallow");
        world.at(".").git(&["clone", "-q", "--depth=1", &url, &shallow]);
        let shallow =
            Pair { client: world.at(&shallow), server: pair.server.clone(), seen: pair.seen.clone() };
        shallow.client.commit("c", "pushed from shallow", "3");
        let all = shallow.hold(&["main"]).all();
        assert!(all.with(Kind::Blob, "pushed from shallow").is_some(), "{name}");
        assert_eq!((all.totals.objects, all.skips().len()), (3, 0), "{name}");
    }
}

#[test]
fn many_refs_of_the_server_do_not_hide_what_none_of_them_has() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        pair.client.git(&["checkout", "-qb", "other"]);
        pair.client.commit("b", "on the other branch", "2");
        pair.accept(&["other"]);
        // main takes in what the server has on another branch, and something new.
        pair.client.git(&["checkout", "-q", "main"]);
        pair.client.git(&["merge", "-q", "--ff-only", "other"]);
        pair.client.commit("c", "really new", "3");
        let all = pair.hold(&["main"]).all();
        assert!(all.with(Kind::Blob, "on the other branch").is_none(), "{name}");
        assert!(all.with(Kind::Blob, "really new").is_some(), "{name}");
        assert_eq!(all.totals.objects, 3, "{name}");
    }
}

#[test]
fn a_note_and_a_file_are_told_apart() {
    let world = World::new();
    let pair = Pair::new(&world, "r", Init::default());
    let old = pair.client.commit("a", "1", "1");
    pair.accept(&["main"]);
    pair.client.commit(&format!("deep/{old}"), "a file", "2");
    pair.client.git(&["notes", "add", "-m", "a note", &old]);
    let all = pair.hold(&["main", "refs/notes/commits"]).all();
    assert!(all.with(Kind::Note, "a note").is_some());
    assert!(all.with(Kind::Blob, "a file").is_some());
}

#[test]
fn a_path_with_a_line_feed_forges_no_line() {
    let world = World::new();
    for (name, init) in FORMATS {
        let pair = Pair::new(&world, name, init);
        let old = pair.client.commit("a", "1", "1");
        pair.accept(&["main"]);
        let path = format!("x\n{old}\n?{}\nsecret-name", "1".repeat(old.len()));
        pair.client.commit(&path, "odd path", "2");
        for held in [pair.hold(&["main"]), pair.hold(&["main:refs/tags/odd"])] {
            let all = held.all();
            assert_eq!(
                all.with(Kind::Blob, "odd path").unwrap().path.as_deref(),
                Some(path.as_bytes()),
                "{name}"
            );
            assert!(all.with(Kind::Path, "secret-name").is_some(), "{name}");
            assert_eq!((all.totals.objects, all.skips().len()), (3, 0), "{name}");
        }
        let tree = pair.client.git(&["rev-parse", "main^{tree}"]);
        let all = pair.hold(&[&format!("{tree}:refs/tags/tree")]).all();
        assert!(all.with(Kind::Blob, "odd path").is_some(), "{name}: a tag of the tree");
        let history = open(&pair.client, &[]);
        let history = All::of(history.history(stopleak_git::HistoryOptions::default()).unwrap());
        assert_eq!((history.totals.objects, history.skips().len()), (6, 0), "{name}");
        assert!(history.with(Kind::Path, "secret-name").is_some(), "{name}");
    }
}

/// Sixteen trees, each holding the next one twice: 65,536 paths of one blob.
#[test]
fn a_tree_that_explodes_ends() {
    let world = World::new();
    let pair = Pair::new(&world, "r", Init::default());
    let mut tree = format!("100644 blob {}\tf\n", pair.client.blob("bomb"));
    for _ in 0..16 {
        let inner = pair.client.git_with(&["mktree"], tree.as_bytes());
        tree = format!("040000 tree {inner}\ta\n040000 tree {inner}\tb\n");
    }
    let top = pair.client.git_with(&["mktree"], tree.as_bytes());
    let commit = pair.client.git(&["commit-tree", "-m", "bomb", &top]);
    let held = pair.hold(&[&format!("{commit}:refs/heads/bomb")]);
    assert!(held.all().with(Kind::Blob, "bomb").is_some());
    let late = pair.open().until(std::time::Instant::now());
    assert!(matches!(late.incoming(&held.updates), Err(Error::Deadline { .. })));
}
