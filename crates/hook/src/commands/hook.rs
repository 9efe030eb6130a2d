//! `stopleak hook`: what git calls.
//!
//! Each hook reads exactly what git gives it, never prompts, is silent when all is well, and blocks on any
//! doubt: every exit code but zero stops the commit or push.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use clap::Subcommand;
use stopleak_config::policy::{Command, OnSkip};
use stopleak_git::{Repo, parse_push_lines};
use stopleak_report::text::Situation;
use stopleak_report::{Coverage, Disposition, Scan, Source};

use super::scan::{git_failure, open, settings_of};
use crate::environment;
use crate::exit::{Exit, Failure};
use crate::pipeline::asked::Asked;
use crate::pipeline::files::Progress;
use crate::pipeline::objects::Job;
use crate::pipeline::stop::Stop;
use crate::pipeline::sweep::Reader;
use crate::pipeline::{Engine, message};
use crate::server;
use crate::session::Session;

/// Run as a git hook; `stopleak install` wires these.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) event: Event,
}

/// A hook and what git tells it.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(crate) enum Event {
    /// Before a commit: what is staged.
    PreCommit,
    /// Before a clean merge is committed; git does not run pre-commit then.
    PreMergeCommit,
    /// Before a commit gets its message.
    CommitMsg {
        /// The file with the message.
        file: PathBuf,
    },
    /// Before a push leaves: everything that no other hook saw.
    PrePush {
        /// The remote's name, or its address.
        remote: String,
        /// Its address.
        url: String,
        /// How objects are read; the answer must be the same.
        #[arg(long, hide = true, value_enum, default_value_t)]
        reader: Reader,
    },
    /// On a server, before a push is stored. Reads `OLD NEW REF` lines.
    PreReceive {
        /// Read every object through git: slower, and the answer must be the same.
        #[arg(long, hide = true)]
        by_git: bool,
    },
    /// On a server that offers nothing better: one ref, after its objects were stored.
    Update {
        /// The ref.
        reference: OsString,
        /// Where it was.
        old: String,
        /// Where it goes.
        new: String,
    },
}

/// Recognises `stopleak hook …` without options, as git calls it, without building the command line's
/// whole tree (about half a millisecond, which is what a commit of one line costs altogether).
pub(crate) fn plain(argv: &[OsString]) -> Option<Event> {
    let mut words = argv.iter().skip(1);
    if words.next()? != "hook" {
        return None;
    }
    let name = words.next()?.to_str()?;
    let rest: Vec<&OsString> = words.collect();
    if rest.iter().any(|w| w.as_encoded_bytes().starts_with(b"-")) {
        return None;
    }
    let text = |w: &OsString| w.to_str().map(str::to_owned);
    match (name, rest.as_slice()) {
        ("pre-commit", []) => Some(Event::PreCommit),
        ("pre-merge-commit", []) => Some(Event::PreMergeCommit),
        ("commit-msg", [file]) => Some(Event::CommitMsg { file: file.into() }),
        ("pre-push", [remote, url]) => {
            Some(Event::PrePush { remote: text(remote)?, url: text(url)?, reader: Reader::default() })
        }
        ("pre-receive", []) => Some(Event::PreReceive { by_git: false }),
        ("update", [reference, old, new]) => {
            Some(Event::Update { reference: (*reference).clone(), old: text(old)?, new: text(new)? })
        }
        _ => None,
    }
}

/// Runs a hook.
pub(crate) fn run(session: &Session, event: &Event) -> Result<Exit, Failure> {
    let (what, way_out) = match event {
        Event::PrePush { .. } => ("push blocked", "to push unchecked: git push --no-verify"),
        Event::PreReceive { .. } | Event::Update { .. } => return server::receive::run(session, event),
        _ => ("commit blocked", "to commit unchecked: git commit --no-verify"),
    };
    laptop(session, event).map_err(|failure| Failure {
        message: format!("{what}: {}", failure.message),
        hint: Some(failure.hint.map_or_else(|| way_out.to_owned(), |h| format!("{h}\n  {way_out}"))),
        ..failure
    })
}

fn laptop(session: &Session, event: &Event) -> Result<Exit, Failure> {
    match event {
        Event::PreCommit => staged(session, Situation::Commit { unborn: false, below: false }),
        Event::PreMergeCommit => staged(session, Situation::Merge),
        Event::CommitMsg { file } => commit_message(session, file),
        Event::PrePush { remote, reader, .. } => outgoing(session, remote, *reader),
        // `run` sends these to the server's side.
        Event::PreReceive { .. } | Event::Update { .. } => {
            Err(Failure::usage("this hook belongs on a server"))
        }
    }
}

fn staged(session: &Session, situation: Situation) -> Result<Exit, Failure> {
    let (scan, gaps, repo) = objects(session, Source::Staged, |repo| Asked::staged(repo))?;
    let situation = match situation {
        // Only a blocked commit needs to know; it costs a process.
        Situation::Commit { .. } if scan.blocking().next().is_some() => {
            let below = environment::get(environment::GIT_PREFIX).is_some();
            Situation::Commit { unborn: repo.range("HEAD").is_err(), below }
        }
        other => other,
    };
    session.finish(&scan, &situation, gaps, session.open_output()?)
}

fn outgoing(session: &Session, remote: &str, reader: Reader) -> Result<Exit, Failure> {
    let lines = parse_push_lines(&input()?).map_err(|e| git_failure(&e))?;
    let (mut scan, gaps, _) =
        objects(session, Source::Push, |repo| Asked::outgoing(repo, remote, &lines, reader))?;
    let tips: Vec<String> = lines.iter().map(|l| l.local_id.to_string()).collect();
    for finding in &mut scan.findings {
        finding.at_tip = finding.commit.as_ref().is_some_and(|c| tips.contains(c));
    }
    session.finish(&scan, &Situation::Push, gaps, session.open_output()?)
}

fn objects(
    session: &Session,
    source: Source,
    ask: impl for<'r> FnOnce(&'r Repo) -> Asked<'r>,
) -> Result<(Scan, bool, Repo), Failure> {
    let (repo, started) = (open(None)?, Instant::now());
    let settings = settings_of(&repo, session)?;
    let deadline = settings.policy.limits.deadline.map(|d| started + d);
    let repo = match deadline {
        Some(deadline) => repo.until(deadline),
        None => repo,
    };
    let asked = ask(&repo);
    let engine = Engine::new(&settings.policy, &settings.allow, Command::Hook, true);
    let job = Job {
        engine: &engine,
        repo: &repo,
        source,
        threads: session.threads(settings.policy.limits.threads),
        stop: Stop { flag: &AtomicBool::new(false), deadline },
        progress: &Progress::default(),
        tips: &[],
    };
    let coverage = engine.coverage(session.wants_hash());
    let (out, coverage) = asked.scan(&job, coverage).map_err(|e| git_failure(&e))?;
    let mut scan = out.finish(coverage);
    scan.coverage.seconds = started.elapsed().as_secs_f64();
    // Whoever's commit is blocked wants to know that an entry ran out; a clean commit says nothing.
    if scan.findings.iter().any(|f| f.disposition == Disposition::Block) {
        engine.expired_entries(&mut scan);
    }
    scan.notes.extend(settings.notes);
    Ok((scan, settings.policy.limits.on_skip == OnSkip::Warn, repo))
}

fn commit_message(session: &Session, file: &std::path::Path) -> Result<Exit, Failure> {
    let started = Instant::now();
    let raw = std::fs::read(file)
        .map_err(|e| Failure::usage(format!("could not read the message in {}: {e}", file.display())))?;
    let repo = open(None)?;
    let settings = settings_of(&repo, session)?;
    let engine = Engine::new(&settings.policy, &settings.allow, Command::Hook, true);
    // What git will cut away matters only when there is something in it to find; asking costs processes.
    let suspect = !engine.detector.scan(&raw).matches.is_empty();
    let text = if suspect {
        message::kept(&raw, &message::Cleanup::of(&repo).map_err(|e| git_failure(&e))?)
    } else {
        raw
    };
    let out = message::scan(&engine, &text);
    let bytes = text.len() as u64;
    let coverage = Coverage {
        objects: 1,
        commits: 1,
        bytes,
        bytes_scanned: bytes,
        ..engine.coverage(session.wants_hash())
    };
    let mut scan = out.finish(Coverage { source: Source::Staged, ..coverage });
    scan.coverage.seconds = started.elapsed().as_secs_f64();
    scan.notes.extend(settings.notes);
    let gaps = settings.policy.limits.on_skip == OnSkip::Warn;
    let situation = Situation::Message { file: file.to_string_lossy().into_owned() };
    session.finish(&scan, &situation, gaps, session.open_output()?)
}

/// All of standard input. git's lines are short; a hook that is fed gigabytes is not fed by git.
pub(crate) fn input() -> Result<Vec<u8>, Failure> {
    const MOST: u64 = 256 << 20;
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MOST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::incomplete(format!("could not read the hook's input: {e}")))?;
    if bytes.len() as u64 > MOST {
        return Err(Failure::usage("the hook's input is longer than git ever writes"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn what_git_calls_is_recognised() {
        let file = Event::CommitMsg { file: ".git/COMMIT_EDITMSG".into() };
        let cases: [(&[&str], Option<Event>); 7] = [
            (&["stopleak", "hook", "pre-commit"], Some(Event::PreCommit)),
            (&["stopleak", "hook", "pre-receive"], Some(Event::PreReceive { by_git: false })),
            (&["stopleak", "hook", "commit-msg", ".git/COMMIT_EDITMSG"], Some(file)),
            (&["stopleak", "hook", "pre-commit", "-v"], None),
            (&["stopleak", "hook", "pre-commit", "extra"], None),
            (&["stopleak", "-v", "hook", "pre-commit"], None),
            (&["stopleak"], None),
        ];
        for (words, want) in cases {
            assert_eq!(plain(&argv(words)), want, "{words:?}");
        }
    }
}
