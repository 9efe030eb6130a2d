//! Reads the layers of a policy and joins them.
//!
//! Reading never stops at a mistake: each value is taken or becomes a problem, so that one run names them
//! all. A policy with any problem is not used.

use std::path::Path;
use std::time::Duration;

use stopleak_core::{Confidence, FingerprintKey, Severity};

use crate::glob::name_matches;
use crate::keys::{self, KEYS};
use crate::policy::{Layer, Mode, ModeFor, OnSkip, Origin, Policy, ServerMode, TrustRepository};
use crate::problems::{At, Problem, Problems, did_you_mean};
use crate::rule_file::{self, CONFIDENCES, SEVERITIES};
use crate::rules::{self, BUILTIN};
use crate::units;
use crate::written::{self, Table, Value};

/// Reads and joins the layers, in the order of [`Origin`].
///
/// # Errors
/// Every mistake of every layer.
pub fn load_policy(layers: &[Layer]) -> Result<Policy, Problems> {
    let mut order: Vec<&Layer> = layers.iter().collect();
    order.sort_by_key(|l| l.origin);
    let mut loader = Loader { policy: Policy::default(), problems: Problems::default(), named: Vec::new() };
    for layer in order {
        loader.read(layer);
    }
    loader.check_names();
    if loader.problems.is_empty() { Ok(loader.policy) } else { Err(loader.problems) }
}

struct Loader {
    policy: Policy,
    problems: Problems,
    /// Rule names in `[rules]`, checked when every layer's own rules are known.
    named: Vec<(String, Problem)>,
}

impl Loader {
    fn read(&mut self, layer: &Layer) {
        let at = At { file: &layer.file, text: &layer.text };
        let before = self.problems.0.len();
        let root = written::parse(at, &mut self.problems);
        if self.problems.0.len() > before {
            return;
        }
        let root = Table::new(at, root.get_ref(), root.span());
        let who = Who { origin: layer.origin, locked: self.policy.locked.clone() };
        self.root(&root, &who);
        root.finish(&mut self.problems);
    }

    /// Whether this layer may set `key`; if not, says so.
    fn may(&mut self, t: &Table<'_, '_>, who: &Who, key: &'static str) -> bool {
        let leaf = key.rsplit('.').next().unwrap_or(key);
        let Some((_, span)) = t.keys().find(|(k, _)| *k == leaf) else { return false };
        let allowed = keys::key(key).map_or(&[][..], |k| k.who);
        if !allowed.contains(&who.origin) {
            let names: Vec<&str> = allowed.iter().map(|o| o.name()).collect();
            let what = format!("`{key}` cannot be set in a {} file", who.origin.name());
            t.problem(
                &span,
                "not-yours",
                what,
                Some(format!("it may be set by: {}", names.join(", "))),
                &mut self.problems,
            );
            return false;
        }
        if who.locked.iter().any(|l| name_matches(l, key.as_bytes())) {
            let (line, column) = t.at().place(span.start);
            self.policy.ignored.push(Problem {
                file: t.at().file.to_path_buf(),
                line,
                column,
                code: "locked-key",
                what: format!("`{key}` is locked by the system's policy; this value is ignored"),
                help: None,
            });
            return false;
        }
        true
    }

    fn root(&mut self, t: &Table<'_, '_>, who: &Who) {
        if let Some(locked) = self.list(t, who, "locked", "locked") {
            for name in locked {
                if KEYS.iter().any(|k| name_matches(&name.value, k.name.as_bytes())) {
                    self.policy.locked.push(name.value);
                } else {
                    let help = did_you_mean(&name.value, KEYS.iter().map(|k| k.name));
                    t.problem(
                        &name.span,
                        "unknown-key",
                        format!("no key is called `{}`", name.value),
                        help,
                        &mut self.problems,
                    );
                }
            }
        }
        if let Some(v) = self.text(t, who, "fingerprint-key", "fingerprint-key") {
            self.policy.fingerprint_key = FingerprintKey::new(v.value.as_bytes());
        }
        if let Some(v) = self.flag(t, who, "inline-allow", "inline-allow") {
            self.policy.inline_allow = v;
        }
        if let Some(hook) = t.table("hook", &mut self.problems) {
            let mut p = self.policy.hook;
            self.confidence(&hook, who, "hook.block", "block", &mut p.block);
            self.confidence(&hook, who, "hook.warn", "warn", &mut p.warn);
            self.severity(&hook, who, "hook.severity", "severity", &mut p.severity);
            self.policy.hook = p;
            hook.finish(&mut self.problems);
        }
        if let Some(scan) = t.table("scan", &mut self.problems) {
            let mut p = self.policy.scan;
            self.confidence(&scan, who, "scan.show", "show", &mut p.show);
            self.confidence(&scan, who, "scan.fail", "fail", &mut p.fail);
            self.severity(&scan, who, "scan.severity", "severity", &mut p.severity);
            self.policy.scan = p;
            scan.finish(&mut self.problems);
        }
        if let Some(paths) = t.table("paths", &mut self.problems) {
            self.paths(&paths, who);
            paths.finish(&mut self.problems);
        }
        if let Some(rules) = t.table("rules", &mut self.problems) {
            self.rules(&rules, who);
            rules.finish(&mut self.problems);
        }
        self.own_rules(t, who);
        if let Some(limits) = t.table("limits", &mut self.problems) {
            self.limits(&limits, who);
            limits.finish(&mut self.problems);
        }
        if let Some(server) = t.table("server", &mut self.problems) {
            self.server(&server, who);
            server.finish(&mut self.problems);
        }
    }

    fn paths(&mut self, t: &Table<'_, '_>, who: &Who) {
        let Some(globs) = self.list(t, who, "paths.exclude", "exclude") else { return };
        for glob in globs {
            match self.policy.exclude.with(vec![glob.value.clone()]) {
                Ok(all) => self.policy.exclude = all,
                Err((_, why)) => {
                    let what = format!("`{}` is not a path pattern: {why}", glob.value);
                    t.problem(&glob.span, "bad-glob", what, None, &mut self.problems);
                }
            }
        }
    }

    fn rules(&mut self, t: &Table<'_, '_>, who: &Who) {
        for name in self.list(t, who, "rules.disable", "disable").unwrap_or_default() {
            self.name(t, &name);
            self.policy.disabled.push(name.value);
        }
        let may_mode = self.may(t, who, "rules.mode");
        if let Some(modes) = t.table("mode", &mut self.problems).filter(|_| may_mode) {
            for (rule, word) in modes.pairs(&mut self.problems) {
                self.name(&modes, &rule);
                match word.value.as_str() {
                    "block" => drop(self.policy.modes.insert(rule.value, Mode::Block)),
                    "warn" => drop(self.policy.modes.insert(rule.value, Mode::Warn)),
                    _ => bad_word(&modes, &word, &rule.value, &["block", "warn"], &mut self.problems),
                }
            }
        }
        let may_severity = self.may(t, who, "rules.severity");
        if let Some(severities) = t.table("severity", &mut self.problems).filter(|_| may_severity) {
            for (rule, word) in severities.pairs(&mut self.problems) {
                self.name(&severities, &rule);
                match Severity::from_name(&word.value) {
                    Some(severity) => drop(self.policy.severities.insert(rule.value, severity)),
                    None => bad_word(&severities, &word, &rule.value, &SEVERITIES, &mut self.problems),
                }
            }
        }
    }

    /// Remembers that a rule was named, for [`Loader::check_names`].
    fn name(&mut self, t: &Table<'_, '_>, name: &Value<String>) {
        let (line, column) = t.at().place(name.span.start);
        let what = format!("no rule is called `{}`", name.value);
        let file = t.at().file.to_path_buf();
        self.named.push((
            name.value.clone(),
            Problem { file, line, column, code: "unknown-rule", what, help: None },
        ));
    }

    fn own_rules(&mut self, t: &Table<'_, '_>, who: &Who) {
        let may = self.may(t, who, "rule");
        let texts = rule_file::read_rules(t, "custom", &rule_file::Shared::default(), &mut self.problems);
        if !may {
            return;
        }
        for text in texts {
            let span = text.offset..text.offset;
            let rule = rules::checked(text, t.at(), &mut self.problems).rule;
            if BUILTIN.iter().chain(&self.policy.custom).any(|r| r.id == rule.id) {
                let what = format!("a rule called `{}` is there already", rule.id);
                let help = Some(
                    "give yours another id; to replace a built-in rule, put it in rules.disable as well"
                        .into(),
                );
                t.problem(&span, "duplicate-id", what, help, &mut self.problems);
            } else {
                self.policy.custom.push(rule);
            }
        }
    }

    fn check_names(&mut self) {
        let ids = || BUILTIN.iter().chain(&self.policy.custom).map(|r| r.id.as_ref());
        for (name, problem) in std::mem::take(&mut self.named) {
            if !ids().any(|id| name_matches(&name, id.as_bytes())) {
                let help =
                    did_you_mean(&name, ids()).or_else(|| Some("`stopleak rules list` names them".into()));
                self.problems.0.push(Problem { help, ..problem });
            }
        }
    }

    fn limits(&mut self, t: &Table<'_, '_>, who: &Who) {
        if let Some(v) = self.text(t, who, "limits.max-blob-size", "max-blob-size") {
            match units::size(&v.value) {
                Some(0) => self.policy.limits.max_blob_size = None,
                Some(bytes) => self.policy.limits.max_blob_size = Some(bytes),
                None => bad_unit(t, &v, "a size", "`100 MB`, `64 KiB` or `0` for none", &mut self.problems),
            }
        }
        if let Some(v) = self.text(t, who, "limits.deadline", "deadline") {
            match units::duration(&v.value) {
                Some(Duration::ZERO) => self.policy.limits.deadline = None,
                Some(time) => self.policy.limits.deadline = Some(time),
                None => bad_unit(t, &v, "a time", "`50s`, `2m`, `500ms` or `0` for none", &mut self.problems),
            }
        }
        if let Some(word) = self.choice(t, who, "limits.on-skip", "on-skip", &["block", "warn"]) {
            self.policy.limits.on_skip = if word == "warn" { OnSkip::Warn } else { OnSkip::Block };
        }
        let threads = t.count("threads", &mut self.problems);
        if let Some(v) = threads.filter(|_| self.may(t, who, "limits.threads")) {
            self.policy.limits.threads = (v.value > 0).then_some(v.value);
        }
    }

    fn server(&mut self, t: &Table<'_, '_>, who: &Who) {
        const MODES: [&str; 3] = ["enforce", "warn", "observe"];
        if let Some(word) = self.choice(t, who, "server.mode", "mode", &MODES) {
            self.policy.server.mode = server_mode(&word);
        }
        let may = self.may(t, who, "server.mode-for");
        for m in t.tables("mode-for", &mut self.problems) {
            let any = |v: Option<Value<String>>| v.map_or_else(|| "*".to_owned(), |v| v.value);
            let rule = ModeFor {
                repository: any(m.string("repository", &mut self.problems)),
                reference: any(m.string("ref", &mut self.problems)),
                rule: any(m.string("rule", &mut self.problems)),
                confidence: rule_file::word(&m, "confidence", &CONFIDENCES, &mut self.problems)
                    .and_then(|w| Confidence::from_name(&w))
                    .unwrap_or(Confidence::High),
                mode: rule_file::word(&m, "mode", &MODES, &mut self.problems)
                    .map_or(ServerMode::Enforce, |w| server_mode(&w)),
            };
            if !m.keys().any(|(k, _)| k == "mode") {
                m.problem(&m.span(), "missing-key", "`mode` is missing".into(), None, &mut self.problems);
            }
            m.finish(&mut self.problems);
            if may {
                self.policy.server.mode_for.push(rule);
            }
        }
        if let Some(word) =
            self.choice(t, who, "server.trust-repository", "trust-repository", &["none", "allow", "all"])
        {
            self.policy.server.trust_repository = match word.as_str() {
                "none" => TrustRepository::No,
                "all" => TrustRepository::All,
                _ => TrustRepository::Allow,
            };
        }
        if let Some(v) = self.flag(t, who, "server.inline-allow", "inline-allow") {
            self.policy.server.inline_allow = v;
        }
        if let Some(word) = self.choice(t, who, "server.existing", "existing", &["report", "block"]) {
            self.policy.server.block_existing = word == "block";
        }
        if let Some(word) = self.choice(t, who, "server.on-limit", "on-limit", &["block", "allow-and-audit"])
        {
            self.policy.server.allow_on_limit = word == "allow-and-audit";
        }
        if let Some(v) = self.list(t, who, "server.trusted-pushers", "trusted-pushers") {
            self.policy.server.trusted_pushers.extend(v.into_iter().map(|v| v.value));
        }
        if let Some(v) = self.text(t, who, "server.contact", "contact") {
            self.policy.server.contact = Some(v.value);
        }
        if let Some(b) = t.table("bypass", &mut self.problems) {
            self.bypass(&b, who);
            b.finish(&mut self.problems);
        }
        if let Some(a) = t.table("audit", &mut self.problems) {
            if let Some(v) = self.text(&a, who, "server.audit.path", "path") {
                if Path::new(&v.value).is_absolute() {
                    self.policy.server.audit_path = Some(v.value.into());
                } else {
                    let what = format!("`{}` is not an absolute path", v.value);
                    a.problem(&v.span, "relative-path", what, None, &mut self.problems);
                }
            }
            if let Some(v) = self.flag(&a, who, "server.audit.syslog", "syslog") {
                self.policy.server.audit_syslog = v;
            }
            a.finish(&mut self.problems);
        }
    }

    fn bypass(&mut self, t: &Table<'_, '_>, who: &Who) {
        if let Some(v) = self.flag(t, who, "server.bypass.allow", "allow") {
            self.policy.server.bypass.allow = v;
        }
        if let Some(v) = self.list(t, who, "server.bypass.who", "who") {
            self.policy.server.bypass.who = v.into_iter().map(|v| v.value).collect();
        }
        let mut worst = self.policy.server.bypass.max_severity;
        self.severity(t, who, "server.bypass.max-severity", "max-severity", &mut worst);
        self.policy.server.bypass.max_severity = worst;
        if let Some(v) = self.list(t, who, "server.bypass.reasons", "reasons") {
            self.policy.server.bypass.reasons = v.into_iter().map(|v| v.value).collect();
        }
    }

    fn text(
        &mut self,
        t: &Table<'_, '_>,
        who: &Who,
        key: &'static str,
        leaf: &'static str,
    ) -> Option<Value<String>> {
        let value = t.string(leaf, &mut self.problems);
        self.may(t, who, key).then_some(value).flatten()
    }

    fn flag(&mut self, t: &Table<'_, '_>, who: &Who, key: &'static str, leaf: &'static str) -> Option<bool> {
        let value = t.boolean(leaf, &mut self.problems);
        self.may(t, who, key).then_some(value).flatten().map(|v| v.value)
    }

    fn list(
        &mut self,
        t: &Table<'_, '_>,
        who: &Who,
        key: &'static str,
        leaf: &'static str,
    ) -> Option<Vec<Value<String>>> {
        let value = t.strings(leaf, &mut self.problems);
        self.may(t, who, key).then_some(value).flatten()
    }

    fn choice(
        &mut self,
        t: &Table<'_, '_>,
        who: &Who,
        key: &'static str,
        leaf: &'static str,
        known: &[&str],
    ) -> Option<String> {
        let value = rule_file::word(t, leaf, known, &mut self.problems);
        self.may(t, who, key).then_some(value).flatten()
    }

    fn confidence(
        &mut self,
        t: &Table<'_, '_>,
        who: &Who,
        key: &'static str,
        leaf: &'static str,
        into: &mut Confidence,
    ) {
        let word = self.choice(t, who, key, leaf, &CONFIDENCES);
        *into = word.and_then(|w| Confidence::from_name(&w)).unwrap_or(*into);
    }

    fn severity(
        &mut self,
        t: &Table<'_, '_>,
        who: &Who,
        key: &'static str,
        leaf: &'static str,
        into: &mut Severity,
    ) {
        let word = self.choice(t, who, key, leaf, &SEVERITIES);
        *into = word.and_then(|w| Severity::from_name(&w)).unwrap_or(*into);
    }
}

/// The author of the layer being read, and what is locked for them.
struct Who {
    origin: Origin,
    locked: Vec<String>,
}

fn server_mode(word: &str) -> ServerMode {
    match word {
        "warn" => ServerMode::Warn,
        "observe" => ServerMode::Observe,
        _ => ServerMode::Enforce,
    }
}

fn bad_word(t: &Table<'_, '_>, word: &Value<String>, key: &str, known: &[&str], problems: &mut Problems) {
    let help = did_you_mean(&word.value, known.iter().copied())
        .unwrap_or_else(|| format!("one of: {}", known.join(", ")));
    t.problem(
        &word.span,
        "bad-value",
        format!("`{}` is not a value of `{key}`", word.value),
        Some(help),
        problems,
    );
}

fn bad_unit(t: &Table<'_, '_>, v: &Value<String>, kind: &str, help: &str, problems: &mut Problems) {
    t.problem(
        &v.span,
        "bad-value",
        format!("`{}` is not {kind}", v.value),
        Some(format!("written {help}")),
        problems,
    );
}
