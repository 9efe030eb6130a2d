//! Gives the changes of a scan whose scope is known: staged content, a range, a push.

use std::collections::VecDeque;

use crate::change::{Source, Totals};
use crate::objects::Object;
use crate::places::Places;
use crate::{Body, Change, Error, Kind, ObjectId, Repo};

/// Names first, then objects in the order they were listed.
pub(crate) struct Plan<'r> {
    pub(crate) repo: &'r Repo,
    pub(crate) ready: VecDeque<Change>,
    pub(crate) objects: VecDeque<Listed>,
    pub(crate) places: Places,
    /// Whether a notes ref is in scope.
    pub(crate) notes: bool,
    pub(crate) totals: Totals,
}

/// An object in scope.
pub(crate) struct Listed {
    pub(crate) id: ObjectId,
    /// The path that `rev-list` gave, for blobs that no commit lists.
    pub(crate) hint: Option<Box<[u8]>>,
    /// The ref that points at it.
    pub(crate) ref_name: Option<Box<[u8]>>,
    /// Known to be missing.
    pub(crate) missing: bool,
}

impl Listed {
    pub(crate) fn new(id: ObjectId) -> Self {
        Self { id, hint: None, ref_name: None, missing: false }
    }
}

impl<'r> Plan<'r> {
    pub(crate) fn new(repo: &'r Repo) -> Self {
        Self {
            repo,
            ready: VecDeque::new(),
            objects: VecDeque::new(),
            places: Places::default(),
            notes: false,
            totals: Totals::default(),
        }
    }

    /// Says where an object comes from.
    pub(crate) fn describe(&self, listed: &Listed, change: &mut Change) {
        if change.kind == Kind::Blob {
            change.places = self.places.of(listed.id);
            match change.places.first() {
                Some(place) => {
                    change.path = Some(place.path.clone());
                    change.commit = place.commit;
                }
                None => change.path = listed.hint.as_deref().map(<[u8]>::to_vec),
            }
            if self.notes && change.path.as_deref().is_some_and(is_note_path) {
                change.kind = Kind::Note;
            }
        }
        change.ref_name = listed.ref_name.as_deref().map(<[u8]>::to_vec);
    }

    /// Adds a name to look at.
    pub(crate) fn name(&mut self, kind: Kind, name: &[u8], commit: Option<ObjectId>) {
        self.ready.push_back(name_change(kind, name, commit));
    }
}

/// A change whose bytes are a name.
pub(crate) fn name_change(kind: Kind, name: &[u8], commit: Option<ObjectId>) -> Change {
    Change {
        kind,
        id: None,
        size: name.len() as u64,
        path: (kind == Kind::Path).then(|| name.to_vec()),
        commit,
        ref_name: (kind == Kind::RefName).then(|| name.to_vec()),
        places: Vec::new(),
        body: Body::Bytes(name.to_vec()),
    }
}

/// Counts an object; `None` for a tree, which holds nothing to look at but names.
pub(crate) fn change_of(id: ObjectId, object: Object, totals: &mut Totals) -> Option<Change> {
    let kind = if let Some(kind) = object.kind {
        count(kind.packed(), object.size, totals);
        what(kind.packed())?
    } else {
        totals.objects += 1;
        totals.bytes += object.size;
        Kind::Blob
    };
    Some(change(id, kind, object.size, object.body))
}

/// Counts an object of a known kind.
pub(crate) fn count(kind: stopleak_pack::Kind, size: u64, totals: &mut Totals) {
    totals.objects += 1;
    let counter = match kind {
        stopleak_pack::Kind::Tree => {
            totals.trees += 1;
            return;
        }
        stopleak_pack::Kind::Commit => &mut totals.commits,
        stopleak_pack::Kind::Tag => &mut totals.tags,
        stopleak_pack::Kind::Blob => &mut totals.blobs,
    };
    *counter += 1;
    totals.bytes += size;
}

/// What the bytes of an object are; `None` for a tree.
pub(crate) fn what(kind: stopleak_pack::Kind) -> Option<Kind> {
    match kind {
        stopleak_pack::Kind::Tree => None,
        stopleak_pack::Kind::Commit => Some(Kind::Commit),
        stopleak_pack::Kind::Tag => Some(Kind::Tag),
        stopleak_pack::Kind::Blob => Some(Kind::Blob),
    }
}

/// An object, without any place.
pub(crate) fn change(id: ObjectId, kind: Kind, size: u64, body: Body) -> Change {
    let commit = (kind == Kind::Commit).then_some(id);
    Change { kind, id: Some(id), size, path: None, commit, ref_name: None, places: Vec::new(), body }
}

/// Whether a path is one that `git notes` makes: the annotated object's id, with slashes.
pub fn is_note_path(path: &[u8]) -> bool {
    let digits = path.iter().filter(|&&b| b != b'/').count();
    (digits == 40 || digits == 64) && path.iter().all(|b| b.is_ascii_hexdigit() || *b == b'/')
}

impl Source for Plan<'_> {
    fn next(&mut self) -> Result<Option<Change>, Error> {
        if let Some(change) = self.ready.pop_front() {
            return Ok(Some(change));
        }
        while let Some(listed) = self.objects.pop_front() {
            let object =
                if listed.missing { self.repo.lost(listed.id)? } else { self.repo.content(listed.id)? };
            let Some(mut change) = change_of(listed.id, object, &mut self.totals) else { continue };
            self.describe(&listed, &mut change);
            return Ok(Some(change));
        }
        Ok(None)
    }

    fn totals(&self) -> Totals {
        self.totals
    }
}
