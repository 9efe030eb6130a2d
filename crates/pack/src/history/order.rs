//! Commits, oldest first, every parent before its children.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::gather::Commits;
use crate::forest::NONE;

/// The order of all commits.
pub(super) struct Order {
    /// Positions of commits in the list that was given.
    pub(super) commits: Vec<u32>,
    /// How many of them, from the start, can be reached from a tip.
    pub(super) reachable: usize,
    /// Parents that were not there, with the position of a commit that has them.
    pub(super) lost: Vec<(u32, u32)>,
}

/// Orders `commits`: those that `tips` reach first, then the others. Unrelated ones by date.
pub(super) fn order(all: &Commits, tips: impl Iterator<Item = u32>) -> Order {
    let commits = all.list.as_slice();
    let at: HashMap<u32, u32> = commits.iter().zip(0..).map(|(commit, at)| (commit.number, at)).collect();
    let parents = |commit: u32| all.parents(commit).iter();
    let mut lost = Vec::new();
    let mut reached = vec![false; commits.len()];
    let mut todo: Vec<u32> = tips.filter_map(|tip| at.get(&tip).copied()).collect();
    while let Some(commit) = todo.pop() {
        if std::mem::replace(&mut reached[commit as usize], true) {
            continue;
        }
        for parent in parents(commit) {
            match at.get(parent) {
                Some(&parent) => todo.push(parent),
                None => lost.push((*parent, commit)),
            }
        }
    }
    // Children of each commit, as linked lists over the edges.
    let mut first_edge = vec![NONE; commits.len()];
    let mut edges: Vec<(u32, u32)> = Vec::new();
    let mut waits = vec![0u32; commits.len()];
    for child in 0..commits.len() as u32 {
        for parent in parents(child).filter_map(|parent| at.get(parent)) {
            edges.push((child, first_edge[*parent as usize]));
            first_edge[*parent as usize] = edges.len() as u32 - 1;
            waits[child as usize] += 1;
        }
    }
    let key = |at: u32| {
        Reverse((!reached[at as usize], commits[at as usize].date, commits[at as usize].number, at))
    };
    let mut ready: BinaryHeap<_> =
        (0..commits.len() as u32).filter(|&at| waits[at as usize] == 0).map(key).collect();
    let mut order = Vec::with_capacity(commits.len());
    let mut done = vec![false; commits.len()];
    while let Some(Reverse((.., commit))) = ready.pop() {
        order.push(commit);
        done[commit as usize] = true;
        let mut edge = first_edge[commit as usize];
        while edge != NONE {
            let (child, next) = edges[edge as usize];
            waits[child as usize] -= 1;
            if waits[child as usize] == 0 {
                ready.push(key(child));
            }
            edge = next;
        }
    }
    // A cycle of commits cannot be hashed; only a forged index can show one. None is left out.
    order.extend((0..commits.len() as u32).filter(|&at| !done[at as usize]));
    // Everything below a reachable commit is reachable, so none of the others comes in between.
    order.sort_by_key(|&at| !reached[at as usize]);
    let reachable = reached.iter().filter(|&&reached| reached).count();
    Order { commits: order, reachable, lost }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commits(list: &[(u32, i64, &[u32])]) -> Commits {
        let mut commits = Commits::default();
        for &(number, date, parents) in list {
            commits.push((number, 0, date), parents.iter().copied());
        }
        commits
    }

    #[test]
    fn parents_come_first_whatever_the_dates_say() {
        let list: &[(u32, i64, &[u32])] =
            &[(5, 10, &[6]), (6, 90, &[]), (7, 20, &[6]), (8, 5, &[5, 7]), (9, 1, &[])];
        let found = order(&commits(list), [8].into_iter());
        assert_eq!(found.commits, [1, 0, 2, 3, 4]);
        assert_eq!(found.reachable, 4);
        assert!(found.lost.is_empty());
    }

    #[test]
    fn missing_parents_are_named_and_cycles_end() {
        let found = order(&commits(&[(1, 1, &[2, 99]), (2, 2, &[1])]), [1].into_iter());
        assert_eq!(found.commits.len(), 2);
        assert_eq!(found.lost, [(99, 0)]);
    }
}
