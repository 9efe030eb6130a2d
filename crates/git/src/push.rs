//! What a range, an outgoing push or an incoming push adds.
//!
//! All three are a set of objects: what some tips reach and some others do not, as `git rev-list
//! --objects` lists it. `git diff-tree` then says for every new commit which paths differ from *all* its
//! parents, so that a merge shows what only the merge has, and each blob learns every place that brings it.
//! A blob in the set that no commit shows (a tag of a blob, a gitlink, an object nothing refers to) has
//! no place and counts as new from end to end.
//!
//! An incoming push is the union of that set and the objects in quarantine which the main store lacks. Each
//! alone can be walked around: a pack may carry objects that no ref reaches, and a ref may point at an
//! object that came with an earlier pack. A kept thin pack brings old delta bases along; those are in the
//! main store, so they are not new.

use std::ops::ControlFlow;

use crate::objects::{Objects, Type, parse_type_and_size};
use crate::plan::{Listed, Plan};
use crate::plumbing::{Git, Input, Pieces as _, Running, id_lines};
use crate::quarantine::Stored;
use crate::raw::{self, Item};
use crate::{Error, Kind, ObjectId, PushLine, RefUpdate, Repo, treediff};

/// What the commits of a range add.
pub(crate) fn range<'r>(repo: &'r Repo, spec: &str) -> Result<Plan<'r>, Error> {
    // A range that begins with a dash would be taken for an option.
    if spec.is_empty() || spec.starts_with('-') || spec.contains(['\0', '\n']) {
        return Err(Error::BadRange(spec.to_owned()));
    }
    let words: Vec<&str> = spec.split_ascii_whitespace().collect();
    let mut args = vec!["rev-list", "--max-count=0", "--end-of-options"];
    args.extend(&words);
    args.push("--");
    let checked = repo.git().ask(&args)?;
    if !checked.status.success() {
        return Err(match repo.git().failure("rev-list", checked.status, &checked.stderr) {
            Error::GitFailed { .. } => Error::BadRange(spec.to_owned()),
            other => other,
        });
    }
    let mut plan = Plan::new(repo);
    let mut found = Reached::default();
    let mut args = REV_LIST.to_vec();
    args.push("--end-of-options");
    args.extend(&words);
    args.push("--");
    rev_list(repo.git(), &args, Input::Nothing, |object| {
        found.take(object);
        Ok(ControlFlow::Continue(()))
    })?;
    found.finish(&mut plan)?;
    Ok(plan)
}

/// What a push brings to a remote, as far as we know what it has.
pub(crate) fn outgoing<'r>(repo: &'r Repo, remote: &str, lines: &[PushLine]) -> Result<Plan<'r>, Error> {
    let mut plan = Plan::new(repo);
    let mut tips = Tips::default();
    for line in lines {
        // A ref of the other side may be at an object we never saw: somebody else pushed.
        if !line.remote_id.is_null() && repo.has(line.remote_id)? {
            tips.old.push(line.remote_id);
        }
        if line.local_id.is_null() {
            continue;
        }
        plan.totals.refs += 1;
        tips.new.push((line.local_id, line.remote_ref.clone()));
        if line.remote_id.is_null() {
            plan.name(Kind::RefName, &line.remote_ref, None);
        }
    }
    tips.check(repo)?;
    let mut exclude = Vec::new();
    let remotes = format!("--remotes={remote}");
    // git gives a URL in the place of a name when there is none; a pattern must not hide other remotes.
    if !remote.is_empty() && !remote.contains(['*', '?', '[', '\\']) && !remote.starts_with('-') {
        exclude.extend(["--not", remotes.as_str()]);
    }
    let mut found = Reached::default();
    if !tips.new.is_empty() {
        tips.walk(repo, &exclude, |object| {
            found.take(object);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    found.name_tips(&tips);
    found.finish(&mut plan)?;
    Ok(plan)
}

/// What a push brings to this repository.
pub(crate) fn incoming<'r>(repo: &'r Repo, updates: &[RefUpdate]) -> Result<Plan<'r>, Error> {
    let listing = repo.quarantine()?.map(|git| git.start(STORED, Input::Nothing)).transpose()?;
    Asked::new(repo, updates, listing.is_some())?.finish(|found, main| match listing {
        Some(listing) => found.add_quarantine(listing, main),
        None => Ok(()),
    })
}

/// A question about a push that git works on: there is time to prepare for the answer.
pub(crate) struct Asked<'r> {
    plan: Plan<'r>,
    tips: Tips,
    main: Objects,
    /// The answer, if little more than the refs' old values had to be looked at.
    short: Option<Running>,
}

impl<'r> Asked<'r> {
    /// Starts git. `guarded`: something is in quarantine, so a short answer can be judged.
    pub(crate) fn new(repo: &'r Repo, updates: &[RefUpdate], guarded: bool) -> Result<Self, Error> {
        let mut plan = Plan::new(repo);
        let mut tips = Tips::default();
        for update in updates {
            if !update.old.is_null() {
                tips.old.push(update.old);
            }
            if update.new.is_null() {
                continue;
            }
            plan.totals.refs += 1;
            tips.new.push((update.new, update.name.clone()));
            if update.old.is_null() {
                plan.name(Kind::RefName, &update.name, None);
            }
        }
        tips.check(repo)?;
        let mut main = repo.main_store();
        let short = if guarded && !tips.new.is_empty() {
            Some(tips.start(repo, head(repo, &tips, &mut main)?, &[])?)
        } else {
            None
        };
        Ok(Self { plan, tips, main, short })
    }

    /// The answer. `stored` adds what is in quarantine.
    pub(crate) fn finish(
        self,
        stored: impl FnOnce(&mut Reached, &mut Objects) -> Result<(), Error>,
    ) -> Result<Plan<'r>, Error> {
        let Self { mut plan, tips, mut main, short } = self;
        let mut found = Reached::default();
        let known = match short {
            Some(short) => close_to_old(short, &mut main)?,
            None => None,
        };
        match known {
            Some(all) => found = all,
            None if tips.new.is_empty() => {}
            None => tips.walk(plan.repo, &["--not", "--all"], |object| {
                found.take(object);
                Ok(ControlFlow::Continue(()))
            })?,
        }
        found.name_tips(&tips);
        stored(&mut found, &mut main)?;
        found.finish(&mut plan)?;
        Ok(plan)
    }
}

/// The set when only the updated refs' old values and HEAD are taken as known, for which git need not read a
/// hundred thousand refs. `None` at the first commit that the main store has: some other ref brought it, and
/// only all refs can say what else is not new.
///
/// When every commit of the set is new, it is the set that all refs would give, but for files that an older
/// version had: a revert brings those back, and git does not look for them either way.
fn close_to_old(running: Running, main: &mut Objects) -> Result<Option<Reached>, Error> {
    let mut found = Reached::default();
    let mut all_new = true;
    read_list(running, |object| {
        if object.name.is_none() && main.has_surely(object.id)? {
            all_new = false;
            return Ok(ControlFlow::Break(()));
        }
        found.take(object);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all_new.then_some(found))
}

/// HEAD's commit, which is known to the server, where it is cheap to learn or all there is.
fn head(repo: &Repo, tips: &Tips, main: &mut Objects) -> Result<Option<ObjectId>, Error> {
    match repo.head_at_rest() {
        Some(id) if main.has_surely(id)? => Ok(Some(id)),
        _ if tips.old.is_empty() => {
            let asked = repo.git().ask(&["rev-parse", "-q", "--verify", "HEAD^{commit}"])?;
            Ok(ObjectId::from_hex(asked.stdout.trim_ascii_end()))
        }
        _ => Ok(None),
    }
}

const REV_LIST: &[&str] = &["rev-list", "--objects", "--missing=print", "--no-abbrev"];

/// Lists every object that is stored, with type and size.
const STORED: &[&str] = &["cat-file", "--batch-all-objects", "--batch-check", "--unordered"];

/// A tree that holds itself many times over has more paths than bytes. The whole history of Linux changes
/// fewer than this.
const MAX_CHANGES: u64 = 50_000_000;

/// What is pushed and what the other side had.
#[derive(Default)]
struct Tips {
    new: Vec<(ObjectId, Vec<u8>)>,
    old: Vec<ObjectId>,
}

impl Tips {
    /// An id that does not exist is a forged line: nothing is known about what it would bring.
    fn check(&self, repo: &Repo) -> Result<(), Error> {
        for id in self.new.iter().map(|(id, _)| id).chain(&self.old) {
            if id.as_bytes().len() != repo.id_len() || !repo.has(*id)? {
                return Err(Error::UnknownObject(*id));
            }
        }
        Ok(())
    }

    fn walk(
        &self,
        repo: &Repo,
        exclude: &[&str],
        each: impl FnMut(Line<'_>) -> Result<ControlFlow<()>, Error>,
    ) -> Result<(), Error> {
        read_list(self.start(repo, None, exclude)?, each)
    }

    /// Starts the list of what the new tips reach and neither the old ones nor `known` nor `exclude` do.
    fn start(&self, repo: &Repo, known: Option<ObjectId>, exclude: &[&str]) -> Result<Running, Error> {
        let mut stdin = id_lines(self.new.iter().map(|&(id, _)| id));
        for &old in self.old.iter().chain(&known) {
            stdin.push(b'^');
            stdin.extend(id_lines([old]));
        }
        let mut args = REV_LIST.to_vec();
        args.push("--stdin");
        args.extend(exclude);
        repo.git().start(&args, Input::Bytes(stdin))
    }
}

/// One line of `rev-list --objects`.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) id: ObjectId,
    pub(crate) missing: bool,
    /// Commits have no name, not even an empty one.
    pub(crate) name: Option<&'a [u8]>,
}

impl<'a> Line<'a> {
    /// Reads `<id>`, `<id> SP <name>`, or `?<id>` for a missing object.
    pub(crate) fn parse(text: &'a [u8]) -> Option<Self> {
        let (missing, text) = match text.strip_prefix(b"?") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (id, name) = match text.iter().position(|&b| b == b' ') {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        Some(Self { id: ObjectId::from_hex(id)?, missing, name })
    }
}

/// Runs `rev-list` and gives each line; stops early when told to.
pub(crate) fn rev_list(
    git: &Git,
    args: &[&str],
    input: Input,
    each: impl FnMut(Line<'_>) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    read_list(git.start(args, input)?, each)
}

/// Reads what a `rev-list` prints; stops early when told to.
fn read_list(
    mut running: Running,
    mut each: impl FnMut(Line<'_>) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    let mut buffer = Vec::new();
    while running.next_until(b'\n', &mut buffer)? {
        let Some(line) = Line::parse(&buffer) else {
            return Err(running.unexpected(format!("{:?} for an object", String::from_utf8_lossy(&buffer))));
        };
        if each(line)?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// The objects in scope while they are gathered.
#[derive(Default)]
pub(crate) struct Reached {
    listed: Vec<Listed>,
    seen: std::collections::HashSet<ObjectId>,
    /// Newest first, as git lists them.
    commits: Vec<ObjectId>,
    trees: u64,
}

impl Reached {
    fn take(&mut self, line: Line<'_>) {
        if !self.seen.insert(line.id) {
            return;
        }
        let mut listed = Listed::new(line.id);
        listed.missing = line.missing;
        match line.name {
            Some(name) => listed.hint = (!name.is_empty()).then(|| name.into()),
            None if !line.missing => self.commits.push(line.id),
            None => {}
        }
        self.listed.push(listed);
    }

    /// Notes which ref points straight at an object, so that a tag's message can be named after its ref.
    fn name_tips(&mut self, tips: &Tips) {
        let names: std::collections::HashMap<_, _> = tips.new.iter().map(|(id, name)| (*id, name)).collect();
        for listed in &mut self.listed {
            if let Some(name) = names.get(&listed.id) {
                listed.ref_name = Some(name.as_slice().into());
            }
        }
    }

    /// Adds every object of the quarantine that the main store lacks, and forgets the trees in it.
    pub(crate) fn add_stored(&mut self, stored: &Stored<'_>, main: &mut Objects) -> Result<(), Error> {
        let mut trees = std::collections::HashSet::new();
        for (number, id) in stored.ids() {
            let listed = self.seen.contains(&id);
            let tree = stored.is_tree(number, &id);
            if listed && tree {
                trees.insert(id);
            } else if !listed && !main.has_surely(id)? {
                self.seen.insert(id);
                if tree {
                    self.trees += 1;
                } else {
                    self.listed.push(Listed::new(id));
                }
            }
        }
        self.forget(&trees);
        Ok(())
    }

    /// Trees hold nothing but names, and those come from the commits' changes.
    fn forget(&mut self, trees: &std::collections::HashSet<ObjectId>) {
        self.trees += trees.len() as u64;
        self.listed.retain(|listed| !trees.contains(&listed.id));
    }

    /// The same for a listing by git.
    fn add_quarantine(&mut self, mut running: Running, main: &mut Objects) -> Result<(), Error> {
        let mut buffer = Vec::new();
        let mut trees = std::collections::HashSet::new();
        while running.next_until(b'\n', &mut buffer)? {
            let parsed = buffer.iter().position(|&b| b == b' ').and_then(|at| {
                let id = ObjectId::from_hex(&buffer[..at])?;
                Some((id, parse_type_and_size(&buffer[at + 1..])?))
            });
            let Some((id, (kind, _))) = parsed else {
                return Err(
                    running.unexpected(format!("{:?} for an object", String::from_utf8_lossy(&buffer)))
                );
            };
            if kind == Type::Tree && self.seen.contains(&id) {
                trees.insert(id);
            } else if !self.seen.contains(&id) && !main.has_surely(id)? {
                self.seen.insert(id);
                if kind == Type::Tree {
                    self.trees += 1;
                } else {
                    self.listed.push(Listed::new(id));
                }
            }
        }
        self.forget(&trees);
        Ok(())
    }

    /// Learns the places of each blob, and the paths that are new.
    fn finish(self, plan: &mut Plan<'_>) -> Result<(), Error> {
        let Self { listed, seen, commits, trees } = self;
        drop(seen);
        plan.totals.trees += trees;
        plan.totals.objects += trees;
        for object in listed {
            plan.places.insert(object.id);
            plan.objects.push_back(object);
        }
        plan.notes = plan.ready.iter().any(|c| c.ref_name.as_deref().is_some_and(is_notes_ref))
            || plan.objects.iter().any(|o| o.ref_name.as_deref().is_some_and(is_notes_ref));
        if commits.is_empty() {
            return Ok(());
        }
        let commits: Vec<ObjectId> = commits.into_iter().rev().collect();
        if let Some(changes) = treediff::changes(plan.repo, &commits) {
            for (commit, entry) in changes {
                plan.changed(commit, &entry);
            }
            return Ok(());
        }
        let mut changes = CommitChanges::start(plan.repo.git(), Input::Bytes(id_lines(commits)))?;
        let mut left = MAX_CHANGES;
        while let Some((commit, entry)) = changes.next()? {
            left = left.checked_sub(1).ok_or(Error::TooManyChanges(MAX_CHANGES))?;
            plan.changed(commit, &entry);
        }
        Ok(())
    }
}

impl Plan<'_> {
    /// Notes what a new commit changes.
    fn changed(&mut self, commit: ObjectId, entry: &raw::Entry) {
        let (_, unseen) = self.places.path(&entry.path);
        if unseen && entry.is_new_path() {
            self.name(Kind::Path, &entry.path, Some(commit));
        }
        if entry.is_blob() {
            self.places.add(Some(commit), entry);
        }
    }
}

fn is_notes_ref(name: &[u8]) -> bool {
    name.starts_with(b"refs/notes/")
}

/// What each of a list of commits changes against all its parents.
pub(crate) struct CommitChanges {
    running: Running,
    buffer: Vec<u8>,
    commit: Option<ObjectId>,
}

impl CommitChanges {
    /// `input` writes commit ids, one a line.
    pub(crate) fn start(git: &Git, input: Input) -> Result<Self, Error> {
        let mut args = vec!["diff-tree", "--stdin", "--root", "-c"];
        args.extend(raw::FLAGS);
        Ok(Self { running: git.start(&args, input)?, buffer: Vec::new(), commit: None })
    }

    /// The next changed path, with its commit.
    pub(crate) fn next(&mut self) -> Result<Option<(ObjectId, raw::Entry)>, Error> {
        while let Some(item) = raw::next(&mut self.running, &mut self.buffer)? {
            match (item, self.commit) {
                (Item::Commit(id), _) => self.commit = Some(id),
                (Item::Entry(entry), Some(commit)) => return Ok(Some((commit, entry))),
                (Item::Entry(_), None) => {
                    return Err(self.running.unexpected("a change before any commit".to_owned()));
                }
            }
        }
        Ok(None)
    }
}
