//! What the index adds over HEAD, in every format of repository and for every way to commit.

use crate::common::{All, FORMATS, lines, open, text};
use stopleak_git::{Error, Kind, Repo, SkipReason};
use stopleak_testkit::world::{Init, World};

fn staged(repo: &stopleak_testkit::world::Repository<'_>) -> All {
    All::of(open(repo, &[]).staged().unwrap())
}

#[test]
fn first_commit_then_an_edit_in_every_format() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        repo.stage("a.txt", "one\ntwo\n");
        let all = staged(&repo);
        assert!(all.with(Kind::Blob, "two").is_some(), "{name}");
        assert_eq!(all.names(Kind::Path), ["a.txt"], "{name}");

        repo.git(&["commit", "-qm", "1"]);
        assert_eq!(staged(&repo).changes.len(), 0, "{name}: nothing staged");

        repo.stage("a.txt", "one\nthree\ntwo\n");
        let opened = open(&repo, &[]);
        let all = All::of(opened.staged().unwrap());
        let change = all.with(Kind::Blob, "three").unwrap();
        let added = opened.added(change, text(change).as_bytes()).unwrap();
        assert_eq!(added, lines(4..10), "{name}");
        assert_eq!(all.totals.blobs, 1, "{name}");
        assert_eq!(opened.is_sha256(), init.sha256, "{name}");
    }
}

#[test]
fn split_and_sparse_index() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("in/a", "1", "1");
    repo.commit("out/b", "2", "2");
    repo.git(&["update-index", "--split-index"]);
    repo.stage("in/a", "secret one");
    assert!(staged(&repo).with(Kind::Blob, "secret one").is_some());
    repo.git(&["update-index", "--no-split-index"]);
    repo.git(&["commit", "-qm", "3"]);
    repo.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    repo.git(&["sparse-checkout", "set", "in"]);
    repo.stage("in/a", "secret two");
    let all = staged(&repo);
    assert!(all.with(Kind::Blob, "secret two").is_some());
    assert_eq!(all.changes.len(), 1);
}

#[test]
fn configuration_and_attributes_change_nothing() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("x.py", "print(1)\n", "1");
    let orders = repo.path().join("missing-order").to_string_lossy().into_owned();
    for (key, value) in [
        ("color.ui", "always"),
        ("diff.algorithm", "bogus"),
        ("diff.orderFile", orders.as_str()),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.relative", "true"),
        ("diff.external", "false"),
        ("diff.renames", "copies"),
        ("diff.secret.textconv", "echo innocent"),
        ("diff.ignoreSubmodules", "all"),
        ("core.attributesFile", "/nonexistent/attributes"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("core.pager", "false"),
        ("core.fsmonitor", "/nonexistent/monitor"),
        ("log.showSignature", "true"),
    ] {
        repo.git(&["config", key, value]);
    }
    repo.stage(".gitattributes", "*.py -diff binary diff=secret filter=none\n");
    repo.stage("x.py", "print(1)\ntoken\n");
    repo.stage("sub dir/\u{e9}\n\"name\"", "odd name");
    let all = staged(&repo);
    assert!(all.with(Kind::Blob, "token").is_some());
    let odd = all.with(Kind::Blob, "odd name").unwrap();
    assert_eq!(odd.path.as_deref(), Some("sub dir/\u{e9}\n\"name\"".as_bytes()));
    // From a folder below, and with a user's environment that would break a porcelain diff.
    let env = [("GIT_EXTERNAL_DIFF", "false"), ("GIT_DIFF_OPTS", "-u0"), ("GIT_LITERAL_PATHSPECS", "1")];
    let below = world.at("r/sub dir");
    let all = All::of(open(&below, &env).staged().unwrap());
    assert!(all.with(Kind::Blob, "token").is_some());
}

#[test]
fn replace_refs_and_grafts_hide_nothing() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("a", "old\n", "1");
    repo.stage("a", "old\nsecret\n");
    let secret = repo.git(&["rev-parse", ":a"]);
    let innocent = repo.blob("innocent\n");
    repo.git(&["replace", &secret, &innocent]);
    let opened = open(&repo, &[]);
    let all = All::of(opened.staged().unwrap());
    let change = all.with(Kind::Blob, "secret").unwrap();
    assert_eq!(opened.added(change, text(change).as_bytes()).unwrap(), lines(4..11));
}

#[test]
fn the_index_counts_and_not_the_work_tree() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.stage("a", "secret");
    repo.write("a", "innocent");
    assert!(staged(&repo).with(Kind::Blob, "secret").is_some());
}

#[test]
fn modes_links_gitlinks_and_intent_to_add() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("plain", "text", "1");
    repo.commit("gone", "gone", "2");
    repo.commit("moved", "moved text", "3");
    repo.git(&["update-index", "--chmod=+x", "plain"]);
    repo.git(&["rm", "-q", "gone"]);
    repo.git(&["mv", "moved", "to"]);
    std::os::unix::fs::symlink("target-secret", repo.path().join("link")).unwrap();
    repo.git(&["add", "link"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", "1".repeat(40))]);
    repo.write("later", "not yet");
    repo.git(&["add", "-N", "later"]);
    let all = staged(&repo);
    let link = all.with(Kind::Blob, "target-secret").unwrap();
    assert_eq!(link.places[0].mode, 0o120_000);
    assert!(all.with(Kind::Blob, "moved text").is_some(), "a rename is an addition");
    let blobs = all.changes.iter().filter(|c| c.kind == Kind::Blob).count();
    assert_eq!(blobs, 2, "neither a mode, a gitlink, a deletion nor an intention has content");
    assert_eq!(all.names(Kind::Path), ["link", "sub", "to"]);
    assert_eq!(all.skips(), []);
}

#[test]
fn a_type_change_replaces_the_old_text() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("a", "same\n", "1");
    std::fs::remove_file(repo.path().join("a")).unwrap();
    std::os::unix::fs::symlink("elsewhere", repo.path().join("a")).unwrap();
    repo.git(&["add", "a"]);
    let all = staged(&repo);
    assert!(all.with(Kind::Blob, "elsewhere").is_some());
}

#[test]
fn one_blob_at_two_paths_comes_once_with_both() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.stage("allowed/a", "same");
    repo.stage("real/b", "same");
    let all = staged(&repo);
    let change = all.with(Kind::Blob, "same").unwrap();
    let paths: Vec<_> = change.places.iter().map(|p| String::from_utf8_lossy(&p.path).into_owned()).collect();
    assert_eq!(paths, ["allowed/a", "real/b"]);
    assert_eq!(all.totals.blobs, 1);
}

#[test]
fn an_unmerged_path_is_a_named_skip() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("a", "base", "1");
    repo.git(&["checkout", "-qb", "x"]);
    repo.commit("a", "theirs", "2");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("a", "ours", "3");
    assert!(!repo.try_git(&["merge", "x"]).status.success());
    assert_eq!(staged(&repo).skips(), [(None, SkipReason::Unmerged)]);
    repo.stage("a", "resolved secret");
    assert!(staged(&repo).with(Kind::Blob, "resolved").is_some());
}

/// The hook writes the environment that git gave it; it is then played to the library.
#[test]
fn every_way_to_commit() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        repo.commit("a", "1\n", "1");
        repo.commit("b", "1\n", "2");
        let dump = world.path().join(format!("{name}.env"));
        // Runs the library while the commit's index lock is still there.
        repo.hook(
            "pre-commit",
            &format!("#!/bin/sh\nenv >{0} && cp \"$GIT_INDEX_FILE\" {0}.index\nexit 1\n", dump.display()),
        );
        for (args, wanted, unwanted) in [
            (vec!["commit", "-a", "-m", "x"], vec!["secret a", "secret b"], vec![]),
            (vec!["commit", "-m", "x", "--", "a"], vec!["secret a"], vec!["secret b"]),
            (vec!["commit", "-i", "-m", "x", "a"], vec!["secret a", "staged c"], vec!["secret b"]),
            (vec!["commit", "--amend", "-m", "x"], vec!["staged c"], vec!["secret a"]),
        ] {
            repo.git(&["reset", "-q"]);
            repo.write("a", "1\nsecret a\n");
            repo.write("b", "1\nsecret b\n");
            repo.stage("c", "staged c");
            assert!(!repo.try_git(&args).status.success());
            let env = std::fs::read_to_string(&dump).unwrap();
            assert!(env.contains("GIT_INDEX_FILE="), "{name} {args:?}");
            let index = format!("{}.index", dump.display());
            let all = All::of(open(&repo, &[("GIT_INDEX_FILE", &index)]).staged().unwrap());
            for text in wanted {
                assert!(all.with(Kind::Blob, text).is_some(), "{name} {args:?} {text}");
            }
            for text in unwanted {
                assert!(all.with(Kind::Blob, text).is_none(), "{name} {args:?} {text}");
            }
        }
    }
}

#[test]
fn a_relative_index_of_the_user() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("a", "1", "1");
    let mut command = repo.command(&["add", "-f", "--", "z"]);
    repo.write("z", "secret");
    assert!(command.env("GIT_INDEX_FILE", ".git/alt").status().unwrap().success());
    assert_eq!(staged(&repo).changes.len(), 0);
    let all = All::of(open(&repo, &[("GIT_INDEX_FILE", ".git/alt")]).staged().unwrap());
    assert!(all.with(Kind::Blob, "secret").is_some());
}

#[test]
fn worktrees_and_submodules() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        repo.commit("a", "1", "1");
        let tree = format!("{name}-tree");
        repo.git(&["worktree", "add", "-q", &format!("../{tree}")]);
        let tree = world.at(&tree);
        tree.stage("t", "in the worktree");
        let opened = open(&tree, &[]);
        assert!(All::of(opened.staged().unwrap()).with(Kind::Blob, "in the worktree").is_some(), "{name}");
        assert_eq!(opened.common_dir(), open(&repo, &[]).common_dir(), "{name}");
        assert_eq!(opened.hooks_dir().unwrap(), repo.path().join(".git/hooks"), "{name}");

        let outer = world.init(&format!("{name}-outer"), init);
        outer.git(&["submodule", "--quiet", "add", &format!("file://{}", repo.path().display()), "sub"]);
        let sub = world.at(format!("{name}-outer/sub"));
        sub.stage("s", "in the submodule");
        let opened = open(&sub, &[]);
        assert!(All::of(opened.staged().unwrap()).with(Kind::Blob, "in the submodule").is_some(), "{name}");
        assert_eq!(opened.work_tree(), Some(sub.path()), "{name}");
        let outer = All::of(open(&outer, &[]).staged().unwrap());
        assert!(outer.with(Kind::Blob, "[submodule").is_some(), "{name}");
        assert_eq!(outer.skips(), [], "{name}");
    }
}

#[test]
fn opens_without_a_process_only_what_it_knows() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("d/a", "1", "1");
    let plain = open(&world.at("r/d"), &[]);
    assert_eq!(plain.work_tree(), Some(repo.path()));
    assert_eq!(plain.git_dir(), repo.path().join(".git"));
    let inside = open(&world.at("r/.git"), &[]);
    assert_eq!(inside.git_dir(), repo.path().join(".git"));
    repo.git(&["config", "core.worktree", "../d"]);
    let above = open(&repo, &[("GIT_DIR", ".git")]);
    assert_eq!(above.work_tree(), Some(repo.path().join("d").as_path()));
    assert_eq!(open(&world.at("r/d"), &[]).work_tree(), Some(repo.path().join("d").as_path()));
    let bare = world.init("b", Init { bare: true, ..Init::default() });
    assert!(open(&bare, &[]).is_bare());
    assert!(open(&bare, &[("GIT_DIR", ".")]).is_bare());
}

#[test]
fn outside_a_repository() {
    let world = World::new();
    assert!(matches!(Repo::open(Some(&world.path())), Err(Error::NotARepository(_))));
    assert!(matches!(Repo::open(Some(&world.path().join("nowhere"))), Err(Error::NotARepository(_))));
}

#[test]
fn a_missing_or_corrupt_blob_is_a_named_skip() {
    for (name, init) in FORMATS {
        let world = World::new();
        let repo = world.init(name, init);
        repo.stage("a", "will be lost");
        repo.stage("b", "will be broken");
        repo.stage("c", "stays");
        let loose = |id: &str| repo.path().join(".git/objects").join(&id[..2]).join(&id[2..]);
        let (lost, broken) = (repo.git(&["rev-parse", ":a"]), repo.git(&["rev-parse", ":b"]));
        std::fs::remove_file(loose(&lost)).unwrap();
        std::fs::remove_file(loose(&broken)).unwrap();
        std::fs::write(loose(&broken), b"garbage").unwrap();
        let all = staged(&repo);
        let skips: Vec<_> = all.skips().into_iter().map(|(id, why)| (id.unwrap().to_string(), why)).collect();
        assert!(skips.contains(&(lost, SkipReason::Missing)), "{name} {skips:?}");
        assert!(skips.contains(&(broken, SkipReason::Corrupt)), "{name} {skips:?}");
        assert!(all.with(Kind::Blob, "stays").is_some(), "{name}");
    }
}

#[test]
fn a_broken_index_or_head_is_an_error() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    let head = repo.commit("a", "1", "1");
    std::fs::remove_file(repo.path().join(".git/objects").join(&head[..2]).join(&head[2..])).unwrap();
    assert!(matches!(open(&repo, &[]).staged(), Err(Error::GitFailed { .. })));
    let repo = world.init("s", Init::default());
    repo.commit("a", "1", "1");
    std::fs::write(repo.path().join(".git/index"), b"DIRCgarbage").unwrap();
    assert!(matches!(open(&repo, &[]).staged(), Err(Error::GitFailed { .. })));
}

#[test]
fn reads_files_of_head_and_index() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        let opened = open(&repo, &[]);
        assert_eq!(opened.read_head("f").unwrap(), None, "{name}: nothing committed");
        repo.commit("f", "committed", "1");
        repo.stage("f", "staged");
        assert_eq!(opened.read_head("f").unwrap().unwrap(), b"committed", "{name}");
        assert_eq!(opened.read_staged("f").unwrap().unwrap(), b"staged", "{name}");
        assert_eq!(opened.read_head("*").unwrap(), None, "{name}: a path, not a pattern");
        assert_eq!(opened.branch().unwrap().unwrap(), b"main", "{name}");
        assert_eq!(opened.config("core.bare").unwrap().unwrap(), b"false", "{name}");
        assert_eq!(opened.config("no.such").unwrap(), None, "{name}");
    }
}

#[test]
fn a_merge_that_waits_for_its_commit() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        repo.commit("a", "base\n", "1");
        repo.git(&["checkout", "-qb", "side"]);
        repo.commit("a", "base\ntheirs\n", "2");
        repo.git(&["checkout", "-q", "main"]);
        repo.commit("b", "ours\n", "3");
        repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
        assert_eq!(staged(&repo).changes.len(), 0, "{name}: theirs was committed");
        repo.stage("a", "base\ntheirs\nonly in the merge\n");
        repo.stage("c", "new file");
        let opened = open(&repo, &[]);
        let all = All::of(opened.staged().unwrap());
        let change = all.with(Kind::Blob, "theirs").unwrap();
        assert_eq!(opened.added(change, text(change).as_bytes()).unwrap(), lines(12..30), "{name}");
        assert!(all.with(Kind::Blob, "new file").is_some(), "{name}");
        assert_eq!(all.totals.blobs, 2, "{name}");
    }
}

#[test]
fn a_lock_of_the_index_is_no_matter() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.stage("a", "secret");
    std::fs::write(repo.path().join(".git/index.lock"), "").unwrap();
    assert!(staged(&repo).with(Kind::Blob, "secret").is_some());
}

#[test]
fn a_repository_of_somebody_else_is_refused_by_name() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        repo.stage("a", "secret");
        let env = repo.env().into_iter().chain([("GIT_TEST_ASSUME_DIFFERENT_OWNER".into(), "1".into())]);
        let env = env.map(|(k, v): (String, String)| (k.into(), v.into()));
        let outcome = Repo::open_with(repo.path(), env).and_then(|repo| repo.staged().map(|_| ()));
        assert!(matches!(outcome, Err(Error::DubiousOwnership(_))), "{name}: {outcome:?}");
    }
}

#[test]
fn without_a_git_to_run() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    let env = [("PATH".into(), world.path().into_os_string())];
    let outcome = Repo::open_with(repo.path(), env).and_then(|repo| repo.staged().map(|_| ()));
    assert!(matches!(outcome, Err(Error::GitMissing(_))), "{outcome:?}");
}

#[test]
fn a_git_that_is_cut_short_is_an_error() {
    let world = World::new();
    let repo = world.init("r", Init::default());
    repo.commit("a", "1", "1");
    repo.stage("a", "secret");
    let id = repo.git(&["rev-parse", ":a"]);
    for (what, script) in [
        ("ends in mid-line", format!("printf ':100644 100644 {id} {id} M\\0a'")),
        ("ends before the path", format!("printf ':100644 100644 {id} {id} M\\0'")),
        ("writes something else", "printf 'hello\\0'".to_owned()),
        ("fails after all was written", format!("printf ':100644 100644 {id} {id} M\\0a\\0'; exit 1")),
        ("is killed", "kill -9 $$".to_owned()),
    ] {
        let bin = world.path().join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::write(bin.join("git"), format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(bin.join("git"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let outcome = open(&repo, &[("PATH", &path)]).staged().map(|_| ());
        assert!(outcome.is_err(), "{what}");
    }
}

#[test]
fn bytes_are_given_as_they_are() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(name, init);
        let utf16: Vec<u8> = "\u{feff}a\nsecret\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let old: Vec<u8> = "\u{feff}a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        repo.commit("u", &old, "1");
        repo.stage(".gitattributes", "* text eol=crlf -diff\n");
        repo.git(&["config", "core.autocrlf", "true"]);
        repo.stage("u", &utf16);
        let opened = open(&repo, &[]);
        let all = All::of(opened.staged().unwrap());
        let change =
            all.changes.iter().find(|c| c.path.as_deref() == Some(b"u") && c.kind == Kind::Blob).unwrap();
        let stopleak_git::Body::Bytes(bytes) = &change.body else { panic!("{name}") };
        assert_eq!(bytes.len(), utf16.len(), "{name}");
        // Each 16-bit line feed is cut after its first byte, in both versions alike.
        assert_eq!(opened.added(change, bytes).unwrap(), lines(5..19), "{name}");
    }
}

#[test]
fn a_folder_with_a_line_feed_in_its_name() {
    let world = World::new();
    for (name, init) in FORMATS {
        let repo = world.init(&format!("{name}\nfolder"), init);
        repo.stage("a", "secret");
        let opened = open(&repo, &[]);
        assert_eq!(opened.work_tree(), Some(repo.path()), "{name}");
        assert_eq!(opened.git_dir(), repo.path().join(".git"), "{name}");
        assert_eq!(opened.hooks_dir().unwrap(), repo.path().join(".git/hooks"), "{name}");
        assert!(All::of(opened.staged().unwrap()).with(Kind::Blob, "secret").is_some(), "{name}");
    }
}
