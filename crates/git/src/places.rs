//! Which blobs are in scope, and every place that brings each: a compact table.
//!
//! A push may bring a million blobs, so paths are kept once and places are a few integers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::raw::Entry;
use crate::{ObjectId, Place};

const NONE: u32 = u32::MAX;

/// A blob may come to the same path over and over (two versions that replace each other for ever, in a push
/// that is made to fill our memory). Past so many times it counts as new from end to end, and further
/// times are not kept.
const MAX_REPEATS: u32 = 64;

/// The table.
#[derive(Default)]
pub(crate) struct Places {
    paths: HashMap<Arc<[u8]>, u32>,
    names: Vec<Arc<[u8]>>,
    commits: Vec<ObjectId>,
    bases: Vec<ObjectId>,
    nodes: Vec<Node>,
    objects: HashMap<ObjectId, Slot>,
    /// Which object is known to be at which path.
    pairs: HashSet<(u32, u32)>,
}

/// An object in scope.
struct Slot {
    index: u32,
    /// First and last node, `NONE` while it has none.
    first: u32,
    last: u32,
    /// Places at a path where it was before.
    repeats: u32,
}

struct Node {
    commit: u32,
    path: u32,
    mode: u32,
    bases: u32,
    bases_len: u32,
    next: u32,
}

impl Places {
    /// Puts an object in scope; `false` when it already was.
    pub(crate) fn insert(&mut self, id: ObjectId) -> bool {
        let index = self.objects.len() as u32;
        let slot = self.objects.entry(id).or_insert(Slot { index, first: NONE, last: NONE, repeats: 0 });
        slot.index == index && slot.first == NONE
    }

    /// How many objects were put in scope before this one; `None` when it is not.
    pub(crate) fn index(&self, id: ObjectId) -> Option<u32> {
        self.objects.get(&id).map(|slot| slot.index)
    }

    pub(crate) fn contains(&self, id: ObjectId) -> bool {
        self.objects.contains_key(&id)
    }

    /// Keeps a path; `true` when it was not known.
    pub(crate) fn path(&mut self, path: &[u8]) -> (u32, bool) {
        if let Some(&at) = self.paths.get(path) {
            return (at, false);
        }
        let at = self.names.len() as u32;
        let name: Arc<[u8]> = path.into();
        self.paths.insert(Arc::clone(&name), at);
        self.names.push(name);
        (at, true)
    }

    /// Notes that `commit` puts a blob that is in scope at a path.
    pub(crate) fn add(&mut self, commit: Option<ObjectId>, entry: &Entry) {
        if !self.contains(entry.new) {
            return;
        }
        let (path, _) = self.path(&entry.path);
        let Some(slot) = self.objects.get_mut(&entry.new) else { return };
        let mut keep_bases = true;
        if !self.pairs.insert((slot.index, path)) {
            slot.repeats += 1;
            if slot.repeats > MAX_REPEATS {
                return;
            }
            keep_bases = slot.repeats < MAX_REPEATS;
        }
        let at = self.nodes.len() as u32;
        match slot.last {
            NONE => slot.first = at,
            last => self.nodes[last as usize].next = at,
        }
        slot.last = at;
        let commit = match commit {
            None => NONE,
            Some(id) if self.commits.last() == Some(&id) => self.commits.len() as u32 - 1,
            Some(id) => {
                self.commits.push(id);
                self.commits.len() as u32 - 1
            }
        };
        let bases = self.bases.len() as u32;
        if keep_bases {
            self.bases.extend(entry.bases());
        }
        let bases_len = self.bases.len() as u32 - bases;
        self.nodes.push(Node { commit, path, mode: entry.mode, bases, bases_len, next: NONE });
    }

    /// Every place of an object, in the order they were added.
    pub(crate) fn of(&self, id: ObjectId) -> Vec<Place> {
        let mut places = Vec::new();
        let mut at = self.objects.get(&id).map_or(NONE, |slot| slot.first);
        while let Some(node) = self.nodes.get(at as usize) {
            let bases = node.bases as usize..(node.bases + node.bases_len) as usize;
            places.push(Place {
                path: self.names[node.path as usize].to_vec(),
                commit: self.commits.get(node.commit as usize).copied(),
                mode: node.mode,
                bases: self.bases[bases].to_vec(),
            });
            at = node.next;
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> ObjectId {
        let mut bytes = [1; 20];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        ObjectId::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn a_blob_that_comes_for_ever_is_bounded_and_all_new() {
        let mut places = Places::default();
        assert!(places.insert(id(0)));
        assert!(!places.insert(id(0)));
        for n in 1..1000 {
            let olds = vec![(0o100_644, id(n))];
            let entry = Entry { olds, mode: 0o100_644, new: id(0), status: b'M', path: b"p".to_vec() };
            places.add(Some(id(n)), &entry);
        }
        let all = places.of(id(0));
        assert_eq!(all.len(), MAX_REPEATS as usize + 1);
        assert!(all.iter().any(|place| place.bases.is_empty()));
        assert_eq!(all[0].bases, [id(1)]);
    }
}
