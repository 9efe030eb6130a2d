//! Everything ever committed, each object once.
//!
//! `rev-list --objects` over every ref, reflog, stash and worktree HEAD lists the objects; one `cat-file
//! --batch` with a window of open requests reads them. Nothing is held but the window, so memory does not
//! grow with the repository. This is the reader that is right everywhere; a reader of packs is faster.

use std::collections::{HashSet, VecDeque};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use crate::change::{Source, Totals};
use crate::introduced::tree_entries;
use crate::objects::{Batch, Object, Type};
use crate::plan::{change_of, is_note_path, name_change};
use crate::plumbing::{Git, Input, Pieces as _};
use crate::push::{Line, rev_list};
use crate::{Body, Change, Error, HistoryOptions, Kind, ObjectId, Repo, SkipReason};

/// What reaches everything: `--all` takes in HEAD and the HEADs of other worktrees, `--reflog` the stash.
pub(crate) const EVERYTHING: &[&str] = &["--all", "--reflog"];

/// At most so many distinct names are remembered (about 100 MB); past it a name may be given twice.
const MAX_NAMES: usize = 2_000_000;

struct Next {
    id: ObjectId,
    missing: bool,
    hint: Option<Box<[u8]>>,
}

/// The stream.
pub(crate) struct History<'r> {
    repo: &'r Repo,
    ready: VecDeque<Change>,
    ids: Receiver<Result<Next, Error>>,
    lister: Option<JoinHandle<Result<(), Error>>>,
    batch: Batch,
    window: VecDeque<Next>,
    names: HashSet<Box<[u8]>>,
    notes: bool,
    totals: Totals,
}

pub(crate) fn history(repo: &Repo, options: HistoryOptions) -> Result<History<'_>, Error> {
    let mut ready = VecDeque::new();
    let mut totals = Totals::default();
    let mut notes = false;
    for name in repo.ref_names()? {
        totals.refs += 1;
        notes |= name.starts_with(b"refs/notes/");
        ready.push_back(name_change(Kind::RefName, &name, None));
    }
    let (send, ids) = sync_channel(4096);
    let git = repo.git().clone();
    let lister = std::thread::spawn(move || {
        let mut each = |line: Line<'_>| {
            // In the sweep of all stored objects, git's walk only says what is missing.
            if options.unreachable && !line.missing {
                return Ok(std::ops::ControlFlow::Continue(()));
            }
            let hint = line.name.filter(|n| !n.is_empty()).map(Box::from);
            let next = Next { id: line.id, missing: line.missing, hint };
            Ok(match send.send(Ok(next)) {
                Ok(()) => std::ops::ControlFlow::Continue(()),
                Err(_) => std::ops::ControlFlow::Break(()),
            })
        };
        let mut args = vec!["rev-list", "--objects", "--missing=print"];
        args.extend(EVERYTHING);
        rev_list(&git, &args, Input::Nothing, &mut each)?;
        if options.unreachable {
            stored(&git, |id| send.send(Ok(Next { id, missing: false, hint: None })).is_ok())?;
        }
        Ok(())
    });
    Ok(History {
        repo,
        ready,
        ids,
        lister: Some(lister),
        batch: Batch::new(repo.git().clone()),
        window: VecDeque::new(),
        names: HashSet::new(),
        notes,
        totals,
    })
}

/// The id of every object in the store, in the order of the packs.
fn stored(git: &Git, mut each: impl FnMut(ObjectId) -> bool) -> Result<(), Error> {
    let args = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"];
    let mut running = git.start(&args, Input::Nothing)?;
    let mut buffer = Vec::new();
    while running.next_until(b'\n', &mut buffer)? {
        let Some(id) = ObjectId::from_hex(&buffer) else {
            return Err(running.unexpected(format!("{:?} for an object", String::from_utf8_lossy(&buffer))));
        };
        if !each(id) {
            return Ok(());
        }
    }
    Ok(())
}

impl History<'_> {
    /// Keeps the window full. At the end of the list, the lister says whether it is whole.
    fn fill(&mut self) -> Result<(), Error> {
        while self.window.len() < Batch::WINDOW && self.lister.is_some() {
            match self.ids.recv() {
                Ok(next) => {
                    let next = next?;
                    if !next.missing {
                        self.batch.request(next.id)?;
                    }
                    self.window.push_back(next);
                }
                Err(_) => self.lister_ended()?,
            }
            // Do not wait for the lister while there is something to read.
            if self.batch.open() > Batch::WINDOW / 2 {
                break;
            }
        }
        Ok(())
    }

    fn lister_ended(&mut self) -> Result<(), Error> {
        match self.lister.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => {
                Err(Error::Unexpected { command: "rev-list".into(), what: "a thread that panicked".into() })
            }
            None => Ok(()),
        }
    }

    /// Gives each file and folder name of a tree once: a rename brings a name and no blob.
    fn new_names(&mut self, tree: &[u8]) {
        for (name, _) in tree_entries(tree, self.repo.id_len()) {
            if !self.names.contains(name) {
                if self.names.len() < MAX_NAMES {
                    self.names.insert(name.into());
                }
                self.ready.push_back(name_change(Kind::Path, name, None));
            }
        }
    }
}

impl Source for History<'_> {
    fn next(&mut self) -> Result<Option<Change>, Error> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(Some(change));
            }
            if self.window.len() <= Batch::WINDOW / 2 {
                self.fill()?;
            }
            let Some(next) = self.window.pop_front() else { return Ok(None) };
            let object = if next.missing { self.repo.lost(next.id)? } else { self.batch.next()? };
            let object = match object.body {
                // git may know another copy, or that it was never fetched.
                Body::Skipped { why: SkipReason::Missing } if !next.missing => self.repo.lost(next.id)?,
                _ => object,
            };
            if let Object { kind: Some(Type::Tree), body: Body::Bytes(bytes), .. } = &object {
                self.new_names(bytes);
            }
            let Some(mut change) = change_of(next.id, object, &mut self.totals) else { continue };
            if change.kind == Kind::Blob {
                change.path = next.hint.map(Vec::from);
                if self.notes && change.path.as_deref().is_some_and(is_note_path) {
                    change.kind = Kind::Note;
                }
            }
            return Ok(Some(change));
        }
    }

    fn totals(&self) -> Totals {
        self.totals
    }
}
