//! The quarantine of a push, read without git.
//!
//! `receive-pack` keeps what was pushed in a folder of its own until its hooks agree: as loose objects, or as
//! one pack that `index-pack` has completed with the bases a thin pack leaves out. So it can be read by itself,
//! and which objects it holds is known without a process. What the push brings is still git's to say:
//! [`Incoming`] holds that, and what the reader of the quarantine did not give is read through git.

use std::path::Path;

use stopleak_pack::{Hash, Kind, ObjectId, Plan, Store};

use crate::plan::{self, Plan as Scope};
use crate::push::Asked;
use crate::{Body, Change, Changes, Error};

/// The objects folder of a push.
#[derive(Debug)]
pub struct Quarantine {
    store: Store,
}

impl Quarantine {
    /// `None` when something in it is not as git leaves it: then git has to be asked.
    pub(crate) fn open(dir: &Path, sha256: bool) -> Option<Self> {
        let hash = if sha256 { Hash::Sha256 } else { Hash::Sha1 };
        let store = Store::open(dir, &[], hash).ok()?;
        (store.problems().is_empty() && store.directories().len() == 1).then_some(Self { store })
    }

    /// Everything in it.
    pub fn stored(&self) -> Stored<'_> {
        let plan = Plan::own(&self.store);
        let mut kinds = vec![None; self.store.count() as usize];
        for (number, kind) in plan.kinds() {
            kinds[number as usize] = Some(kind);
        }
        Stored { store: &self.store, plan, kinds }
    }
}

/// The objects in quarantine, and their kinds.
#[derive(Debug)]
pub struct Stored<'q> {
    store: &'q Store,
    plan: Plan<'q>,
    kinds: Vec<Option<Kind>>,
}

impl<'q> Stored<'q> {
    /// How to walk them.
    pub fn plan(&self) -> &Plan<'q> {
        &self.plan
    }

    /// Where they are.
    pub fn store(&self) -> &'q Store {
        self.store
    }

    /// Every object, with its number: once for each copy.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (u32, ObjectId)> + '_ {
        (0..self.store.count()).filter_map(|number| Some((number, self.store.id(number)?)))
    }

    /// Whether it is a tree.
    pub(crate) fn is_tree(&self, number: u32, id: &ObjectId) -> bool {
        let known = self.kinds.get(number as usize).copied().flatten();
        known.or_else(|| self.store.kind(id)) == Some(Kind::Tree)
    }
}

/// What a push brings, while git works on it.
pub struct Question<'r> {
    asked: Asked<'r>,
}

impl<'r> Question<'r> {
    pub(crate) fn new(asked: Asked<'r>) -> Self {
        Self { asked }
    }

    /// Waits for git. `stored` are the objects in quarantine.
    pub fn answer(self, stored: &Stored<'_>) -> Result<Incoming<'r>, Error> {
        let scope = self.asked.finish(|found, main| found.add_stored(stored, main))?;
        Ok(Incoming::new(scope))
    }
}

impl std::fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question").finish_non_exhaustive()
    }
}

/// What a range or a push brings, for a caller that may read the objects itself.
///
/// Ask [`Incoming::change`] for what was read and found worth a look; then [`Incoming::rest`] gives everything
/// else: names, and the objects that were not read.
pub struct Incoming<'r> {
    scope: Scope<'r>,
}

impl<'r> Incoming<'r> {
    pub(crate) fn new(scope: Scope<'r>) -> Self {
        Self { scope }
    }

    /// All about an object but its bytes, which the caller has; `None` when the push does not bring it.
    pub fn change(&self, id: ObjectId, kind: Kind, size: u64, body: Body) -> Option<Change> {
        let listed = self.scope.objects.get(self.scope.places.index(id)? as usize)?;
        let mut change = plan::change(id, plan::what(kind)?, size, body);
        self.scope.describe(listed, &mut change);
        Some(change)
    }

    /// Every object that it brings and that is not known to be missing. Trees may be among them.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.scope.objects.iter().filter(|listed| !listed.missing).map(|listed| listed.id)
    }

    /// Everything, read through git.
    pub fn all(self) -> Changes<'r> {
        Changes::new(Box::new(self.scope))
    }

    /// Everything else. `read` says of which objects the caller has read the bytes, with kind and size: those
    /// are only counted.
    pub fn rest(mut self, read: impl Fn(&ObjectId) -> Option<(Kind, u64)>) -> Changes<'r> {
        let totals = &mut self.scope.totals;
        self.scope.objects.retain(|listed| match read(&listed.id) {
            Some((kind, size)) => {
                plan::count(kind, size, totals);
                false
            }
            None => true,
        });
        Changes::new(Box::new(self.scope))
    }
}

impl std::fmt::Debug for Incoming<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("objects", &self.scope.objects.len()).finish_non_exhaustive()
    }
}
