//! What an audit log says in numbers: how a rollout goes, and what to read first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use stopleak_report::Shown;
use stopleak_report::text::count;

/// So many rules and repositories are named.
const MOST: usize = 15;

/// Counts over the lines of a log.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Summary {
    first: String,
    last: String,
    decisions: BTreeMap<String, u64>,
    /// Pushes of `stopleak doctor`, which count nowhere else.
    doctor: u64,
    /// Decisions in which something would have been refused in another mode.
    only_warned: u64,
    only_observed: u64,
    /// By rule: decisions, and different secrets.
    rules: BTreeMap<String, (u64, BTreeSet<String>)>,
    repositories: BTreeMap<String, u64>,
    bypasses: BTreeMap<String, u64>,
    incomplete: u64,
    /// Seconds, sorted.
    seconds: Vec<f64>,
}

impl Summary {
    /// Counts the decisions of `since` (`YYYY-MM-DD`, by the log's own clock) and later.
    pub(crate) fn of(lines: &[Value], since: Option<&str>) -> Self {
        let mut sum = Self::default();
        for line in lines {
            let time = line["time"].as_str().unwrap_or_default();
            let Some(decision) = line["decision"].as_str() else { continue };
            if since.is_some_and(|day| time < day) {
                continue;
            }
            if is_doctors(line) {
                sum.doctor += 1;
                continue;
            }
            if sum.first.is_empty() {
                time.clone_into(&mut sum.first);
            }
            time.clone_into(&mut sum.last);
            *sum.decisions.entry(decision.to_owned()).or_default() += 1;
            sum.findings(line, decision);
            for bypass in line["bypass"].as_array().into_iter().flatten() {
                let who = bypass["who"].as_str().unwrap_or("unknown");
                let by = bypass["by"].as_str().unwrap_or_default();
                *sum.bypasses.entry(format!("{who} ({by})")).or_default() += 1;
            }
            sum.incomplete += u64::from(line["skipped"].as_array().is_some_and(|s| !s.is_empty()));
            sum.seconds.extend(line["coverage"]["seconds"].as_f64().filter(|_| decision != "error"));
        }
        sum.seconds.sort_by(f64::total_cmp);
        sum
    }

    fn findings(&mut self, line: &Value, decision: &str) {
        let findings: Vec<&Value> = line["findings"].as_array().into_iter().flatten().collect();
        let any = |disposition: &str| findings.iter().any(|f| f["disposition"] == disposition);
        if decision == "accepted" {
            self.only_observed += u64::from(any("observed"));
            self.only_warned += u64::from(any("warn"));
        }
        let mut seen = BTreeSet::new();
        for finding in &findings {
            let rule = finding["rule"].as_str().unwrap_or_default();
            let (count, prints) = self.rules.entry(rule.to_owned()).or_default();
            *count += u64::from(seen.insert(rule));
            prints.extend(finding["fingerprint"].as_str().map(str::to_owned));
        }
        if !findings.is_empty() {
            let repository = line["repository"].as_str().unwrap_or_default();
            *self.repositories.entry(repository.to_owned()).or_default() += 1;
        }
    }

    /// The time under which so many of a hundred decisions stayed.
    fn within(&self, percent: usize) -> f64 {
        let last = self.seconds.len().saturating_sub(1);
        self.seconds.get((last * percent).div_ceil(100)).copied().unwrap_or(0.0)
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let total: u64 = self.decisions.values().sum();
        if total == 0 {
            return "no decisions\n".to_owned();
        }
        let mut out =
            format!("{}, {} to {}\n", count(total as usize, "decision"), safe(&self.first), safe(&self.last));
        for (name, count) in &self.decisions {
            let _ = writeln!(out, "  {count:>8}  {}", safe(name));
        }
        if self.doctor > 0 {
            let _ = writeln!(out, "  {:>8}  by `stopleak doctor`, not counted here", self.doctor);
        }
        let _ = writeln!(out, "of those accepted");
        let _ = writeln!(out, "  {:>8}  with findings that were only observed", self.only_observed);
        let _ = writeln!(out, "  {:>8}  with warnings", self.only_warned);
        let _ = writeln!(out, "  {:>8}  decisions with something that was not scanned", self.incomplete);
        let _ = writeln!(
            out,
            "time: half within {:.0} ms, 95 of 100 within {:.0} ms, the longest {:.0} ms",
            self.within(50) * 1e3,
            self.within(95) * 1e3,
            self.within(100) * 1e3
        );
        if !self.rules.is_empty() {
            out.push_str("rules: decisions, different secrets\n");
            let mut rules: Vec<_> = self.rules.iter().collect();
            rules.sort_by(|a, b| (b.1.0, a.0).cmp(&(a.1.0, b.0)));
            for (rule, (count, prints)) in rules.into_iter().take(MOST) {
                let _ = writeln!(out, "  {count:>8} {:>8}  {}", prints.len(), safe(rule));
            }
        }
        for (title, counts) in
            [("repositories with findings", &self.repositories), ("bypasses", &self.bypasses)]
        {
            if counts.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{title}");
            let mut counts: Vec<_> = counts.iter().collect();
            counts.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
            for (name, count) in counts.into_iter().take(MOST) {
                let _ = writeln!(out, "  {count:>8}  {}", safe(name));
            }
        }
        out
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let rules: BTreeMap<_, _> = self
            .rules
            .iter()
            .map(|(rule, (count, prints))| (rule, json!({"decisions": count, "secrets": prints.len()})))
            .collect();
        json!({
            "schema": 1,
            "first": self.first,
            "last": self.last,
            "decisions": self.decisions,
            "observed": self.only_observed,
            "warned": self.only_warned,
            "incomplete": self.incomplete,
            "doctor": self.doctor,
            "seconds": {"median": self.within(50), "p95": self.within(95), "longest": self.within(100)},
            "rules": rules,
            "repositories": self.repositories,
            "bypasses": self.bypasses,
        })
    }
}

/// Whether a push went only where `stopleak doctor` pushes its canary. git itself refuses a blob as a branch, so
/// nobody gains anything by such a name.
fn is_doctors(line: &Value) -> bool {
    let refs: Vec<&str> =
        line["refs"].as_array().into_iter().flatten().filter_map(|r| r["ref"].as_str()).collect();
    !refs.is_empty() && refs.iter().all(|name| name.starts_with("refs/heads/stopleak-doctor-"))
}

fn safe(text: &str) -> String {
    Shown::from(text).safe()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(time: &str, decision: &str, disposition: &str) -> Value {
        json!({
            "time": time, "decision": decision, "repository": "a.git", "coverage": {"seconds": 0.01},
            "findings": [{"rule": "r", "fingerprint": "00aa", "disposition": disposition}],
        })
    }

    #[test]
    fn it_counts_decisions_and_different_secrets() {
        let lines = [
            line("2026-11-21T10:00:00Z", "accepted", "observed"),
            line("2026-11-22T10:00:00Z", "accepted", "warn"),
            line("2026-11-22T11:00:00Z", "refused", "block"),
            json!({"time": "2026-11-22T12:00:00Z", "decision": "accepted", "findings": []}),
            json!({
                "time": "2026-11-22T13:00:00Z", "decision": "refused",
                "refs": [{"ref": "refs/heads/stopleak-doctor-0123456789abcdef"}],
            }),
        ];
        let all = Summary::of(&lines, None).json();
        assert_eq!(
            (&all["decisions"]["accepted"], &all["observed"], &all["warned"]),
            (&3.into(), &1.into(), &1.into())
        );
        assert_eq!(all["rules"]["r"], json!({"decisions": 3, "secrets": 1}));
        assert_eq!((&all["repositories"]["a.git"], &all["doctor"]), (&3.into(), &1.into()));
        let later = Summary::of(&lines, Some("2026-11-22"));
        assert_eq!(
            (&later.json()["observed"], &later.json()["decisions"]["accepted"]),
            (&0.into(), &2.into())
        );
        assert!(later.text().contains("3 decisions"), "{}", later.text());
        assert_eq!(Summary::of(&[], None).text(), "no decisions\n");
    }
}
