//! Which blobs are in scope, and every place that brings each: a compact table.
//!
//! A push may bring a million blobs, so paths are kept once and places are a few integers.

use std::collections::HashMap;
use std::sync::Arc;

use crate::raw::Entry;
use crate::{ObjectId, Place};

const NONE: u32 = u32::MAX;

/// The table.
#[derive(Default)]
pub(crate) struct Places {
    paths: HashMap<Arc<[u8]>, u32>,
    names: Vec<Arc<[u8]>>,
    commits: Vec<ObjectId>,
    bases: Vec<ObjectId>,
    nodes: Vec<Node>,
    /// First and last node of each object, `NONE` while it has none.
    objects: HashMap<ObjectId, (u32, u32)>,
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
        let mut fresh = false;
        self.objects.entry(id).or_insert_with(|| {
            fresh = true;
            (NONE, NONE)
        });
        fresh
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
        let commit = match commit {
            None => NONE,
            Some(id) if self.commits.last() == Some(&id) => self.commits.len() as u32 - 1,
            Some(id) => {
                self.commits.push(id);
                self.commits.len() as u32 - 1
            }
        };
        let bases = self.bases.len() as u32;
        self.bases.extend(entry.bases());
        let bases_len = self.bases.len() as u32 - bases;
        let at = self.nodes.len() as u32;
        self.nodes.push(Node { commit, path, mode: entry.mode, bases, bases_len, next: NONE });
        if let Some((first, last)) = self.objects.get_mut(&entry.new) {
            if *first == NONE {
                *first = at;
            } else {
                self.nodes[*last as usize].next = at;
            }
            *last = at;
        }
    }

    /// Every place of an object, in the order they were added.
    pub(crate) fn of(&self, id: ObjectId) -> Vec<Place> {
        let mut places = Vec::new();
        let mut at = self.objects.get(&id).map_or(NONE, |&(first, _)| first);
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
