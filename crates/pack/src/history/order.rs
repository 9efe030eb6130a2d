//! Commits, oldest first, every parent before its children.
//!
//! What is needed for it is as long as the history, so it lives in tables; and where a commit is in the list is written
//! into a table that the history has for another use later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::gather::Commits;
use crate::forest::NONE;
use crate::plan::stopped;
use crate::room::{Growing, Room, Table};

/// The order of all commits.
pub(super) struct Order {
    /// Positions of commits in the list that was given.
    pub(super) commits: Growing<u32>,
    /// How many of them, from the start, can be reached from a tip.
    pub(super) reachable: usize,
    /// Parents that were not there, with the position of a commit that has them.
    pub(super) lost: Vec<(u32, u32)>,
}

/// Orders `commits`: those that `tips` reach first, then the others. Unrelated ones by date. `at`: a table for all
/// numbers that is `NONE` throughout, and is so again afterwards. Ends early once `stop` is set.
pub(super) fn order(
    all: &Commits,
    tips: impl Iterator<Item = u32>,
    (at, room): (&mut [u32], &Arc<Room>),
    stop: Option<&AtomicBool>,
) -> Order {
    let len = all.len();
    for commit in 0..len as u32 {
        at[all.get(commit).number as usize] = commit;
    }
    let place = |number: u32| at.get(number as usize).copied().filter(|&commit| commit != NONE);
    let mut lost = Vec::new();
    let mut reached: Table<u8> = Table::zeroed(room, len);
    let mut todo: Vec<u32> = tips.filter_map(place).collect();
    while let Some(commit) = todo.pop() {
        if std::mem::replace(&mut reached[commit as usize], 1) != 0 {
            continue;
        }
        for &parent in all.parents(commit) {
            match place(parent) {
                Some(parent) => todo.push(parent),
                None => lost.push((parent, commit)),
            }
        }
    }
    // Children of each commit, as linked lists over the edges.
    let mut first_edge = Table::filled(room, len, NONE);
    let mut edges: Growing<[u32; 2]> = Growing::new(room);
    let mut waits: Table<u32> = Table::zeroed(room, len);
    for child in 0..len as u32 {
        for parent in all.parents(child).iter().filter_map(|&parent| place(parent)) {
            edges.push([child, first_edge[parent as usize]]);
            first_edge[parent as usize] = edges.len() as u32 - 1;
            waits[child as usize] += 1;
        }
    }
    for commit in 0..len as u32 {
        at[all.get(commit).number as usize] = NONE;
    }
    let key = |at: u32| {
        let commit = all.get(at);
        Reverse((reached[at as usize] == 0, commit.date, commit.number, at))
    };
    // Everything below a reachable commit is reachable, so all of those come before all others.
    let mut ready: BinaryHeap<_> = (0..len as u32).filter(|&at| waits[at as usize] == 0).map(key).collect();
    let mut order = Growing::new(room);
    order.reserve(len);
    while let Some(Reverse((.., commit))) = ready.pop() {
        order.push(commit);
        if order.len() % 4096 == 0 && stopped(stop) {
            break;
        }
        let mut edge = first_edge[commit as usize];
        while edge != NONE {
            let [child, next] = edges[edge as usize];
            waits[child as usize] -= 1;
            if waits[child as usize] == 0 {
                ready.push(key(child));
            }
            edge = next;
        }
    }
    // A cycle of commits cannot be hashed; only a forged index can show one. None is left out.
    if order.len() < len && !stopped(stop) {
        let mut done: Table<u8> = Table::zeroed(room, len);
        order.iter().for_each(|&at| done[at as usize] = 1);
        (0..len as u32).filter(|&at| done[at as usize] == 0).for_each(|at| order.push(at));
        order.sort_by_key(|&at| reached[at as usize] == 0);
    }
    let reachable = order.iter().filter(|&&at| reached[at as usize] != 0).count();
    Order { commits: order, reachable, lost }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commits(list: &[(u32, i64, &[u32])]) -> Commits {
        let mut commits = Commits::new(&Arc::default());
        for &(number, date, parents) in list {
            commits.push((number, 0, date), parents.iter().copied());
        }
        commits
    }

    fn run(list: &[(u32, i64, &[u32])], tip: u32) -> Order {
        let mut at = [NONE; 100];
        let found = order(&commits(list), [tip].into_iter(), (&mut at, &Arc::default()), None);
        assert_eq!(at, [NONE; 100]);
        found
    }

    #[test]
    fn parents_come_first_whatever_the_dates_say() {
        let list: &[(u32, i64, &[u32])] =
            &[(5, 10, &[6]), (6, 90, &[]), (7, 20, &[6]), (8, 5, &[5, 7]), (9, 1, &[])];
        let found = run(list, 8);
        assert_eq!(*found.commits, [1, 0, 2, 3, 4]);
        assert_eq!(found.reachable, 4);
        assert!(found.lost.is_empty());
    }

    #[test]
    fn missing_parents_are_named_and_cycles_end() {
        let found = run(&[(1, 1, &[2, 99]), (2, 2, &[1])], 1);
        assert_eq!(found.commits.len(), 2);
        assert_eq!(found.lost, [(99, 0)]);
    }
}
