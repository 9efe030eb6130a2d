//! What lets a finding through a server that blocks it: a push option or an approval.
//!
//! Both name one fingerprint, so a new secret always needs a new word. A push option is the pusher's word
//! and counts as far as policy lets this person and this severity; an approval is the administrator's.
//! Nothing in pushed content or in a commit message ever unlocks anything.

use stopleak_config::glob::name_matches;
use stopleak_config::policy::Bypass as BypassPolicy;
use stopleak_core::Fingerprint;
use stopleak_report::{Disposition, Finding};

use super::approvals::Approvals;

/// What our push options begin with.
const OPTION: &str = "stopleak.bypass=";

/// A pusher's wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) fingerprint: Fingerprint,
    pub(super) reason: String,
}

/// How a finding got through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) fingerprint: String,
    /// `push-option` or `approval`.
    pub(super) by: &'static str,
    pub(super) who: String,
    pub(super) reason: String,
}

/// Reads `stopleak.bypass=<fingerprint>:<reason>` options; others are not ours. A malformed one is told to
/// the pusher and unlocks nothing.
pub(super) fn wishes(options: &[String], notes: &mut Vec<String>) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for option in options {
        let Some(rest) = option.strip_prefix(OPTION) else { continue };
        let (print, reason) = rest.split_once(':').unwrap_or((rest, ""));
        match Fingerprint::parse(print.trim()) {
            None => {
                notes.push("a push option `stopleak.bypass=…` names no fingerprint of 16 hex digits".into());
            }
            Some(_) if reason.trim().is_empty() => {
                notes.push(
                    "a push option `stopleak.bypass=…` gives no reason: stopleak.bypass=FINGERPRINT:REASON"
                        .into(),
                );
            }
            Some(fingerprint) => {
                let reason: String = reason.trim().chars().take(200).collect();
                wishes.push(Wish { fingerprint, reason });
            }
        }
    }
    wishes
}

/// Why a wish is not granted, or `None` when it is.
fn refusal(wish: &Wish, finding: &Finding, policy: &BypassPolicy, pusher: Option<&str>) -> Option<String> {
    if !policy.allow {
        return Some("this server takes no push options for it".into());
    }
    let may = match pusher {
        Some(name) => policy.who.iter().any(|p| name_matches(p, name.as_bytes())),
        // Nobody said who this is: only a policy that lets anyone applies.
        None => policy.who.iter().any(|p| p == "*"),
    };
    if !may {
        return Some(format!("{} may not use it here", pusher.unwrap_or("an unknown pusher")));
    }
    if finding.severity > policy.max_severity {
        return Some(format!(
            "it is {}, and only up to {} may be let through",
            finding.severity, policy.max_severity
        ));
    }
    let given = |reason: &String| {
        wish.reason
            .strip_prefix(reason.as_str())
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-'))
    };
    if !policy.reasons.is_empty() && !policy.reasons.iter().any(given) {
        return Some(format!("the reason must be one of: {}", policy.reasons.join(", ")));
    }
    None
}

/// Lets through what wishes and approvals cover; returns how, one entry a fingerprint.
pub(super) fn apply(
    findings: &mut [Finding],
    wishes: &[Wish],
    policy: &BypassPolicy,
    pusher: Option<&str>,
    approvals: &Approvals,
    today: &str,
    notes: &mut Vec<String>,
) -> Vec<Passed> {
    let mut passed: Vec<Passed> = Vec::new();
    for finding in findings.iter_mut().filter(|f| f.disposition == Disposition::Block) {
        let print = finding.fingerprint.to_string();
        let one = if let Some(approval) = approvals.find(&print, today) {
            Passed {
                fingerprint: print,
                by: "approval",
                who: approval.by.clone(),
                reason: approval.reason.clone(),
            }
        } else if let Some(wish) = wishes.iter().find(|w| w.fingerprint == finding.fingerprint) {
            if let Some(why) = refusal(wish, finding, policy, pusher) {
                notes.push(format!("the bypass of {print} was not accepted: {why}"));
                continue;
            }
            let who = pusher.unwrap_or("unknown").to_owned();
            Passed { fingerprint: print, by: "push-option", who, reason: wish.reason.clone() }
        } else {
            continue;
        };
        finding.disposition = Disposition::Allowed;
        finding.reason = Some(format!("{} ({} by {})", one.reason, one.by, one.who));
        if !passed.contains(&one) {
            passed.push(one);
        }
    }
    passed
}
