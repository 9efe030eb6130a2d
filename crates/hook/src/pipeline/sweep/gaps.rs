//! What the walk could not read, and what changed while it read.
//!
//! A `git gc`, fetch or push may run beside a sweep. Packs that are open stay readable, but what tips lead to
//! may by then be in files that the store has not seen. So whatever is missing is asked of git: where git has
//! it, the store is opened anew. What git cannot give either is a named gap.

use std::collections::HashSet;

use stopleak_git::{Body, Change, Kind as What, ObjectId, Repo, SkipReason};
use stopleak_pack::{History, Kind, Problem, Why};
use stopleak_report::{Shown, Skip};

use super::visit::Sum;
use crate::pipeline::objects::{State, examine};

/// So many gaps of a partial clone are asked about; it may have as many as it has objects.
const ASKED: usize = 1000;

/// Whether git can read what the store does not have: then the store is not what it was when it was opened.
pub(super) fn moved(repo: &Repo, history: &History<'_>) -> Result<bool, stopleak_git::Error> {
    let store = history.store();
    let partial = store.is_partial();
    let most = if partial { ASKED } else { usize::MAX };
    let gone = history.gaps().iter().filter(|gap| gap.leads_on || !partial);
    for gap in gone.filter(|gap| store.number(&gap.id).is_none()).take(most) {
        if repo.can_read(gap.id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a file that could not be opened is none of git's either. Every pack is without its index for a
/// moment when it comes and when it goes; what only such a pack has is missing to git too, and then named.
fn is_no_file_of_git(problem: &Problem) -> bool {
    matches!(problem.why, Why::IndexMissing | Why::PackMissing)
}

/// Whether a part of the history could not be read, so that nothing is known to be unreachable.
pub(super) fn is_blind(history: &History<'_>) -> bool {
    history.gaps().iter().any(|gap| gap.leads_on) || history.problems().iter().any(|p| !is_no_file_of_git(p))
}

/// Everything in scope that the walk did not read: git is asked, and what it cannot give is named.
pub(super) fn ask(
    state: &mut State<'_>,
    history: &History<'_>,
    sum: &mut Sum,
) -> Result<(), stopleak_git::Error> {
    let problems = std::mem::take(&mut sum.problems);
    let mut ids = HashSet::new();
    let lost = history.gaps().iter().map(|gap| (gap.id, gap.leads_on));
    let unread = history.problems().iter().filter_map(|p| Some((p.id?, true)));
    let unseen = problems.iter().filter_map(|p| Some((p.id?, false)));
    for (id, leads_on) in lost.chain(unread).chain(unseen) {
        if !ids.insert(id) {
            continue;
        }
        let change = match state.job.repo.second_opinion(id)? {
            Change { body: Body::Skipped { why }, .. } => {
                sum.unread += 1;
                skipped(id, why)
            }
            change => {
                let kind = match change.kind {
                    What::Commit => Kind::Commit,
                    What::Tag => Kind::Tag,
                    _ => Kind::Blob,
                };
                sum.count(state.job, kind, change.size);
                if leads_on && change.kind != What::Blob {
                    let detail = "git can read it, but what it leads to was not followed: run git fsck, or sweep \
                                  again with --reader git";
                    state.failed(&id.to_string(), SkipReason::Corrupt.code(), detail);
                }
                change
            }
        };
        if let Some(hit) = examine(state.job.engine, state.job.progress, state.job.stop, change) {
            state.hit(hit);
        }
    }
    // A file that could not be opened is named too: what else was in it, nobody knows.
    for problem in problems.iter().filter(|p| p.id.is_none()) {
        let file =
            problem.file.as_ref().map_or_else(|| "the object store".into(), |f| f.display().to_string());
        if is_no_file_of_git(problem) {
            let detail = format!("{problem}; git does not use it either");
            let (what, why) = (Shown::from(file.as_str()), problem.why.code().into());
            state.out.skip(Skip { what, why, bytes: 0, in_scope: false, detail });
        } else {
            state.failed(&file, problem.why.code(), &problem.to_string());
        }
    }
    Ok(())
}

fn skipped(id: ObjectId, why: SkipReason) -> Change {
    Change { id: Some(id), body: Body::Skipped { why }, ..Repo::name_change(What::Blob, b"") }
}
