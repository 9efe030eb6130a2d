//! `pre-receive` and `update`: judging a push.
//!
//! Everything printed reaches the pusher, so it is plain text that names the pusher's own business only.
//! What is wrong with the server goes to its administrator.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use stopleak_config::AllowFile;
use stopleak_config::policy::{Command, OnSkip, Policy, ServerMode};
use stopleak_core::Detector;
use stopleak_git::host::{Host, HostKind};
use stopleak_git::{ObjectId, RefUpdate, Repo, parse_updates};
use stopleak_report::text::{Server, Situation};
use stopleak_report::{Disposition, Finding, Scan, Source};

use super::approvals::Approvals;
use super::bypass::{self, Passed};
use super::policy::{self, ServerSettings};
use super::record::{self, Decision, Record};
use super::{audit, tell};
use crate::commands::hook::{Event, input};
use crate::environment;
use crate::exit::{Exit, Failure, chain};
use crate::pipeline::asked::Asked;
use crate::pipeline::files::Progress;
use crate::pipeline::objects::Job;
use crate::pipeline::stop::Stop;
use crate::pipeline::{self, Engine};
use crate::session::{self, Session};

/// What a pusher reads when the fault is not theirs.
const CLOSED: &str = "this server's check for secrets does not work, so it takes no pushes";

/// Before the policy is read, git may take so long to say where the repository is.
const OPENING: Duration = Duration::from_secs(30);

/// Judges one push.
pub(crate) fn run(session: &Session, event: &Event) -> Result<Exit, Failure> {
    let host = Host::detect();
    let result = judge(session, event, &host);
    match (&result, prefix(&host)) {
        // Errors are printed by the caller; a host that shows only marked lines needs the mark.
        (Err(failure), mark) if !mark.is_empty() => {
            let _ =
                writeln!(io::stderr(), "{mark} stopleak: push refused: {}", session::safe(&failure.message));
        }
        _ => {}
    }
    result.map_err(|f| Failure { message: format!("push refused: {}", f.message), ..f })
}

/// What every line must begin with on this host.
fn prefix(host: &Host) -> &'static str {
    if host.kind == HostKind::GitLab { "GL-HOOK-ERR:" } else { "" }
}

fn judge(session: &Session, event: &Event, host: &Host) -> Result<Exit, Failure> {
    let started = Instant::now();
    let (updates, stored) = updates(event)?;
    let name = if stored { "update" } else { "pre-receive" };
    let repo = Repo::open_until(started + OPENING).map_err(|e| closed(None, &chain(&e), Exit::Incomplete))?;
    let settings = policy::load(&repo, session.common.config.as_deref())
        .map_err(|f| closed(Some(&repo), &f.message, f.exit))?;
    let repo = match settings.policy.limits.deadline {
        Some(limit) => repo.until(started + limit),
        None => repo.without_deadline(),
    };
    let by_git = matches!(event, Event::PreReceive { by_git: true });
    let settings = &settings;
    let push = Push { session, repo: &repo, settings, host, updates: &updates, stored, by_git, name };
    let result = push.decide(started);
    if let Err(failure) = &result {
        push.log_error(&failure.message);
    }
    result
}

/// The updates, and whether their objects are stored already.
fn updates(event: &Event) -> Result<(Vec<RefUpdate>, bool), Failure> {
    let malformed = |e: &stopleak_git::Error| Failure::usage(chain(e)).hint("only git runs this hook");
    match event {
        Event::Update { reference, old, new } => {
            let mut line = format!("{old} {new} ").into_bytes();
            line.extend_from_slice(reference.as_encoded_bytes());
            line.push(b'\n');
            Ok((parse_updates(&line).map_err(|e| malformed(&e))?, true))
        }
        _ => Ok((parse_updates(&input()?).map_err(|e| malformed(&e))?, false)),
    }
}

/// Refuses without saying why to the pusher, and tells the administrator.
fn closed(repo: Option<&Repo>, why: &str, exit: Exit) -> Failure {
    let dir =
        repo.map_or_else(|| std::env::current_dir().unwrap_or_default(), |r| r.common_dir().to_path_buf());
    let told = tell::administrator(&dir, why);
    let hint = if told {
        format!("ask its administrator: the cause is in {} and in syslog", tell::FILE)
    } else {
        "ask its administrator to run `stopleak config check` and `stopleak doctor` there".to_owned()
    };
    Failure { exit, message: CLOSED.into(), hint: Some(hint) }
}

/// One push and all that judges it.
struct Push<'p> {
    session: &'p Session,
    repo: &'p Repo,
    settings: &'p ServerSettings,
    host: &'p Host,
    updates: &'p [RefUpdate],
    stored: bool,
    /// Whether every object is read through git.
    by_git: bool,
    name: &'static str,
}

impl Push<'_> {
    fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    fn decide(&self, started: Instant) -> Result<Exit, Failure> {
        // git works on the scope while the rules are made ready.
        let asked = if self.by_git {
            Ok(Asked::by_git(self.repo, self.updates))
        } else {
            Asked::incoming(self.repo, self.updates)
        };
        let nothing = AllowFile::default();
        let policy = self.policy();
        let engine = Engine::new(policy, &nothing, Command::Hook, policy.server.inline_allow);
        let mut scan = self.scan(asked, &engine, started)?;
        scan.notes.extend(self.settings.notes.iter().cloned());
        if scan.blocking().next().is_some() {
            let allow = policy::allow_file(self.repo, self.policy(), &mut scan.notes)?;
            pipeline::apply_entries(&allow, &mut scan.findings);
        }
        let blocking = |scan: &Scan| scan.blocking().count();
        let before = blocking(&scan);
        let observed = self.apply_modes(&mut scan);
        if blocking(&scan) < before && environment::get(environment::DOCTOR).is_some() {
            let mode = if observed.is_empty() { "warn" } else { "observe" };
            self.session.say(&format!("seen, and let through because the mode is {mode}"));
        }
        let today = pipeline::today().to_string();
        let needs_word = scan.blocking().next().is_some();
        let mut passed = Vec::new();
        let mut approvals = None;
        if needs_word {
            let held = Approvals::open(self.repo.common_dir())
                .map_err(|e| closed(Some(self.repo), &chain(&e), Exit::Usage))?;
            let wishes = bypass::wishes(&self.host.push_options, &mut scan.notes);
            passed = bypass::apply(
                &mut scan.findings,
                &wishes,
                &self.policy().server.bypass,
                self.host.pusher.as_deref(),
                &held,
                &today,
                &mut scan.notes,
            );
            approvals = Some(held);
        }
        let gaps_allowed = self.gaps_allowed(&scan);
        let exit = session::verdict(&scan, gaps_allowed);
        let decision = match (exit, passed.is_empty()) {
            (Exit::Clean, true) => Decision::Accepted,
            (Exit::Clean, false) => Decision::Bypassed,
            _ => Decision::Refused,
        };
        if let (Decision::Bypassed, Some(approvals)) = (decision, &mut approvals) {
            let used: Vec<String> =
                passed.iter().filter(|p| p.by == "approval").map(|p| p.fingerprint.clone()).collect();
            approvals
                .use_up(&used, &today)
                .map_err(|e| closed(Some(self.repo), &chain(&e), Exit::Incomplete))?;
        }
        self.log(&engine.detector, decision, &scan, &observed, &passed, None)?;
        let server = Server {
            bypass: self.policy().server.bypass.allow,
            contact: self.policy().server.contact.clone().unwrap_or_default(),
            stored: self.stored,
            prefix: prefix(self.host),
        };
        self.session.finish(&scan, &Situation::Received(server), gaps_allowed, self.session.open_output()?)
    }

    fn scan(
        &self,
        asked: Result<Asked<'_>, stopleak_git::Error>,
        engine: &Engine<'_>,
        started: Instant,
    ) -> Result<Scan, Failure> {
        let policy = self.policy();
        let tips: Vec<ObjectId> = self.updates.iter().map(|u| u.new).collect();
        let job = Job {
            engine,
            repo: self.repo,
            source: Source::Push,
            threads: self.session.threads(policy.limits.threads),
            stop: Stop {
                flag: &AtomicBool::new(false),
                deadline: policy.limits.deadline.map(|d| started + d),
            },
            progress: &Progress::default(),
            tips: &tips,
        };
        let coverage = engine.coverage(true);
        let scanned = match asked {
            Ok(asked) => asked.scan(&job, coverage),
            Err(error) => job.attempt(Err(error), coverage),
        };
        let (out, coverage) = scanned.map_err(|e| self.scope_unknown(&e))?;
        let mut scan = out.finish(coverage);
        scan.coverage.seconds = started.elapsed().as_secs_f64();
        self.mark_known(&mut scan);
        Ok(scan)
    }

    /// git could not say what is new. What it said may quote the pusher's own ids, so the pusher may read it.
    fn scope_unknown(&self, error: &stopleak_git::Error) -> Failure {
        let text = chain(error);
        tell::administrator(self.repo.common_dir(), &text);
        Failure::incomplete(format!("what it brings could not be read: {text}"))
    }

    /// Findings whose blob the server already had are no news: they warn, unless policy blocks them too.
    fn mark_known(&self, scan: &mut Scan) {
        let mut ids: Vec<ObjectId> =
            scan.findings.iter().filter_map(|f| ObjectId::from_hex(f.object.as_ref()?.as_bytes())).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return;
        }
        // Unknown counts as new: that blocks.
        let Ok(known) = self.repo.reached_before(&ids) else { return };
        let known: HashMap<String, bool> = ids.iter().map(ToString::to_string).zip(known).collect();
        for finding in &mut scan.findings {
            finding.known_before = finding.object.as_ref().is_some_and(|o| known.get(o) == Some(&true));
            if finding.known_before
                && finding.disposition == Disposition::Block
                && !self.policy().server.block_existing
            {
                finding.disposition = Disposition::Warn;
            }
        }
    }

    /// Applies enforce, warn and observe; returns what is only observed.
    fn apply_modes(&self, scan: &mut Scan) -> Vec<Finding> {
        let mut observed = Vec::new();
        let findings = std::mem::take(&mut scan.findings);
        for mut finding in findings {
            match self.mode(&finding) {
                ServerMode::Warn if finding.disposition == Disposition::Block => {
                    finding.disposition = Disposition::Warn;
                }
                ServerMode::Enforce | ServerMode::Warn => {}
                ServerMode::Observe => {
                    observed.push(finding);
                    continue;
                }
            }
            scan.findings.push(finding);
        }
        observed
    }

    /// The mode for a finding. A push of several refs goes by the strictest, because an object may be
    /// reached from each.
    fn mode(&self, finding: &Finding) -> ServerMode {
        let policy = self.policy();
        if self.host.pusher.as_deref().is_some_and(|p| policy.is_trusted_pusher(p.as_bytes())) {
            return ServerMode::Observe;
        }
        let path = self.repo.common_dir().to_string_lossy().into_owned();
        let repository = self.host.repository.as_ref().unwrap_or(&path).as_bytes();
        let of = |u: &RefUpdate| policy.server_mode(repository, &u.name, &finding.rule, finding.confidence);
        let strictness = |m: &ServerMode| match m {
            ServerMode::Enforce => 2,
            ServerMode::Warn => 1,
            ServerMode::Observe => 0,
        };
        self.updates.iter().map(of).max_by_key(strictness).unwrap_or_default()
    }

    /// Whether what was not scanned may pass.
    fn gaps_allowed(&self, scan: &Scan) -> bool {
        let policy = self.policy();
        let mut gaps = scan.skipped.iter().filter(|s| s.in_scope).peekable();
        let limits_only =
            gaps.all(|s| matches!(s.why.as_str(), "deadline" | "too-large" | "too-many-changes"));
        policy.limits.on_skip == OnSkip::Warn
            || policy.server.mode != ServerMode::Enforce
            || (policy.server.allow_on_limit && limits_only)
    }

    /// Writes the decision down. A decision that cannot be recorded is not carried out.
    fn log(
        &self,
        detector: &Detector,
        decision: Decision,
        scan: &Scan,
        observed: &[Finding],
        passed: &[Passed],
        error: Option<&str>,
    ) -> Result<(), Failure> {
        let policy = &self.policy().server;
        let path = policy.audit_path.clone().unwrap_or_else(|| record::default_path(self.repo));
        let record = Record {
            detector,
            decision,
            event: self.name,
            git_dir: self.repo.common_dir(),
            host: self.host,
            updates: self.updates,
            scan,
            observed,
            passed,
            error,
        };
        let fields = record.fields();
        if policy.audit_syslog {
            // 10.5: authorisation messages, a notice.
            tell::syslog(85, &serde_json::Value::Object(fields.clone()).to_string());
        }
        // An operator's word: a host without a writable disk has syslog or nothing.
        if path == Path::new("/dev/null") {
            return Ok(());
        }
        audit::append(&path, fields)
            .map(drop)
            .map_err(|e| closed(Some(self.repo), &chain(&e), Exit::Incomplete))
    }

    fn log_error(&self, message: &str) {
        // The push is refused already; what could not be logged was told to the administrator.
        let detector = self.policy().detector();
        let _ = self.log(&detector, Decision::Error, &Scan::default(), &[], &[], Some(message));
    }
}
