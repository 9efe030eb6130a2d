//! What to look for, what stops a commit, and who may say so.
//!
//! A policy is layers over built-in defaults: system, user, the server's own file of a repository, the
//! repository's `.stopleak.toml`, flags. Each layer is one TOML text, read strictly; single values replace,
//! lists add. Which layer may set which key is in [`crate::keys`]; a system file can lock keys on top.
//! Nothing in a layer removes built-in rules except `rules.disable`, which is part of the hash that every
//! report carries.
//!
//! `config/stopleak.toml.example` shows and explains every key; the tests load it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest, Sha256};
use stopleak_core::{Confidence, Detector, FingerprintKey, Rule, Severity};

use crate::glob::{PathGlobs, name_matches};
use crate::problems::Problem;
use crate::rules::{BUILTIN, BUILTIN_HASH, builtin_detector};

/// Who wrote a layer. Later ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// `/etc/stopleak/server.toml`, or a machine's own file.
    System,
    /// The person's own file.
    User,
    /// `stopleak.toml` in a bare repository: the server's words about it.
    Server,
    /// `.stopleak.toml` at the root of the work tree (on a server: of the default branch before the push).
    Repository,
    /// The command line.
    Flags,
}

impl Origin {
    /// The word used in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Server => "server",
            Self::Repository => "repository",
            Self::Flags => "flags",
        }
    }
}

/// One text of policy.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Who wrote it.
    pub origin: Origin,
    /// The file it came from, for messages.
    pub file: PathBuf,
    /// Its TOML.
    pub text: String,
}

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Not shown.
    Ignore,
    /// Shown; stops nothing.
    Warn,
    /// Shown; exit code 1.
    Block,
}

/// Which thresholds apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// A hook.
    Hook,
    /// `scan`; `all` with `--all`.
    Scan {
        /// Low confidence too.
        all: bool,
    },
}

/// What a server does about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ServerMode {
    /// Refuses the push.
    #[default]
    Enforce,
    /// Tells the pusher and lets it through.
    Warn,
    /// Writes it to the audit log only.
    Observe,
}

/// Whether an incomplete scan blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnSkip {
    /// Exit code 3.
    #[default]
    Block,
    /// Named in the report; exit code as if it had been read.
    Warn,
}

/// Thresholds of hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HookPolicy {
    /// Least confidence that blocks.
    pub block: Confidence,
    /// Least confidence that is shown.
    pub warn: Confidence,
    /// Least severity that blocks.
    pub severity: Severity,
}

/// Thresholds of `scan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScanPolicy {
    /// Least confidence that is shown.
    pub show: Confidence,
    /// Least confidence that makes the exit code 1.
    pub fail: Confidence,
    /// Least severity that is shown.
    pub severity: Severity,
}

/// Bounds on time and size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Larger blobs are skipped. `None`: any size is read.
    pub max_blob_size: Option<u64>,
    /// When a scan gives up. `None`: never.
    pub deadline: Option<Duration>,
    /// What an incomplete scan means.
    pub on_skip: OnSkip,
    /// Most threads. `None`: as many as there are cores.
    pub threads: Option<usize>,
}

/// Which files of the default branch count on a server, as they were before the push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TrustRepository {
    /// None.
    No,
    /// `.stopleak.allow`.
    #[default]
    Allow,
    /// `.stopleak.allow` and `.stopleak.toml`.
    All,
}

/// A mode for part of what a server sees.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ModeFor {
    /// Pattern over the repository's path.
    pub repository: String,
    /// Pattern over the full ref name.
    pub reference: String,
    /// Pattern over rule ids.
    pub rule: String,
    /// Only findings of at most this confidence.
    pub confidence: Confidence,
    /// What is done.
    pub mode: ServerMode,
}

/// Who may let a finding through with a push option.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Bypass {
    /// Whether anyone may.
    pub allow: bool,
    /// Patterns over the pusher's name.
    pub who: Vec<String>,
    /// The worst finding that may pass.
    pub max_severity: Severity,
    /// The reasons that may be given; empty for any.
    pub reasons: Vec<String>,
}

/// What only a server's operator says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the file")]
pub struct ServerPolicy {
    /// What is done about a finding.
    pub mode: ServerMode,
    /// Exceptions; the last that matches wins.
    pub mode_for: Vec<ModeFor>,
    /// Which files of the repository count.
    pub trust_repository: TrustRepository,
    /// Whether marks in pushed lines count.
    pub inline_allow: bool,
    /// Whether a secret that the server already had blocks.
    pub block_existing: bool,
    /// Whether a push whose scan hit a limit is let through, and audited.
    pub allow_on_limit: bool,
    /// Patterns over pushers whose pushes are only observed.
    pub trusted_pushers: Vec<String>,
    /// Whom a refused pusher should ask.
    pub contact: Option<String>,
    /// Push options that let a finding through.
    pub bypass: Bypass,
    /// The log of decisions.
    pub audit_path: Option<PathBuf>,
    /// Whether decisions also go to syslog.
    pub audit_syslog: bool,
}

/// The effective policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Keys the fingerprints.
    pub fingerprint_key: FingerprintKey,
    /// Whether marks on a line count (on a server, see [`ServerPolicy::inline_allow`]).
    pub inline_allow: bool,
    /// Thresholds of hooks.
    pub hook: HookPolicy,
    /// Thresholds of `scan`.
    pub scan: ScanPolicy,
    /// Bounds.
    pub limits: Limits,
    /// What only a server's operator says.
    pub server: ServerPolicy,
    /// What a layer said and a locked key kept it from saying.
    pub ignored: Vec<Problem>,
    pub(crate) exclude: PathGlobs,
    pub(crate) disabled: Vec<String>,
    pub(crate) modes: BTreeMap<String, Mode>,
    pub(crate) severities: BTreeMap<String, Severity>,
    pub(crate) custom: Vec<Rule>,
    pub(crate) locked: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fingerprint_key: FingerprintKey::default(),
            inline_allow: true,
            hook: HookPolicy { block: Confidence::High, warn: Confidence::Medium, severity: Severity::Low },
            scan: ScanPolicy { show: Confidence::Medium, fail: Confidence::Medium, severity: Severity::Low },
            limits: Limits { max_blob_size: None, deadline: None, on_skip: OnSkip::Block, threads: None },
            server: ServerPolicy {
                mode: ServerMode::Enforce,
                mode_for: Vec::new(),
                trust_repository: TrustRepository::Allow,
                inline_allow: false,
                block_existing: false,
                allow_on_limit: false,
                trusted_pushers: Vec::new(),
                contact: None,
                bypass: Bypass {
                    allow: false,
                    who: vec!["*".into()],
                    max_severity: Severity::Critical,
                    reasons: Vec::new(),
                },
                audit_path: None,
                audit_syslog: false,
            },
            ignored: Vec::new(),
            exclude: PathGlobs::default(),
            disabled: Vec::new(),
            modes: BTreeMap::new(),
            severities: BTreeMap::new(),
            custom: Vec::new(),
            locked: Vec::new(),
        }
    }
}

impl Policy {
    /// The rules in force: built-in ones that are on, then the policy's own. Borrowed when nothing changes.
    pub fn rules(&self) -> Cow<'static, [Rule]> {
        if self.disabled.is_empty() && self.severities.is_empty() && self.custom.is_empty() {
            return Cow::Borrowed(BUILTIN);
        }
        let on = |r: &&Rule| !self.disabled.iter().any(|d| name_matches(d, r.id.as_bytes()));
        let mut rules: Vec<Rule> = BUILTIN.iter().chain(&self.custom).filter(on).cloned().collect();
        for rule in &mut rules {
            if let Some(&severity) = pick(&self.severities, &rule.id) {
                rule.severity = severity;
            }
        }
        Cow::Owned(rules)
    }

    /// A detector of the rules in force.
    pub fn detector(&self) -> Detector {
        match self.rules() {
            Cow::Borrowed(_) => builtin_detector(),
            rules @ Cow::Owned(_) => Detector::trusted(rules),
        }
    }

    /// What is done about a finding.
    ///
    /// A rule's own mode goes before the thresholds: `warn` keeps it from blocking, `block` makes it block
    /// wherever it is shown. Low confidence is shown by `scan --all` only, unless a threshold says `low`.
    pub fn mode(&self, rule: &str, severity: Severity, confidence: Confidence, command: Command) -> Mode {
        let (shown, blocks) = match command {
            Command::Hook => {
                let h = self.hook;
                (confidence >= h.warn.min(h.block), confidence >= h.block && severity >= h.severity)
            }
            Command::Scan { all } => {
                let s = self.scan;
                let shown = all || (confidence >= s.show && severity >= s.severity);
                (shown, confidence >= s.fail && severity >= s.severity)
            }
        };
        match (shown, blocks, pick(&self.modes, rule)) {
            (false, ..) => Mode::Ignore,
            (true, _, Some(&mode)) => mode,
            (true, true, None) => Mode::Block,
            (true, false, None) => Mode::Warn,
        }
    }

    /// What a server does about a finding of `rule` pushed to `reference` of `repository`.
    pub fn server_mode(
        &self,
        repository: &[u8],
        reference: &[u8],
        rule: &str,
        confidence: Confidence,
    ) -> ServerMode {
        let matching = |m: &&ModeFor| {
            name_matches(&m.repository, repository)
                && name_matches(&m.reference, reference)
                && name_matches(&m.rule, rule.as_bytes())
                && confidence <= m.confidence
        };
        self.server.mode_for.iter().rfind(matching).map_or(self.server.mode, |m| m.mode)
    }

    /// Whether pushes of this person are only observed.
    pub fn is_trusted_pusher(&self, name: &[u8]) -> bool {
        self.server.trusted_pushers.iter().any(|p| name_matches(p, name))
    }

    /// Whether `path` is not to be scanned.
    pub fn path_excluded(&self, path: &[u8]) -> bool {
        self.exclude.matches(path)
    }

    /// The excluded paths as written.
    pub fn excluded_paths(&self) -> &[String] {
        self.exclude.written()
    }

    /// The rules that are off, as written.
    pub fn disabled_rules(&self) -> &[String] {
        &self.disabled
    }

    /// SHA-256 of the effective policy, rules included. Two scans with the same hash looked for the same.
    ///
    /// The fingerprint key is not part of it, only whether there is one: the hash is public.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(BUILTIN_HASH);
        // `Debug` of plain data, in the order of the fields; the key shows its length only.
        let without_notes = Self { ignored: Vec::new(), ..self.clone() };
        hash.update(format!("{without_notes:?}"));
        hash.finalize().into()
    }
}

/// What a table of rule ids and patterns says about one rule; the longest pattern goes first.
fn pick<'m, T>(map: &'m BTreeMap<String, T>, rule: &str) -> Option<&'m T> {
    map.iter().filter(|(p, _)| name_matches(p, rule.as_bytes())).max_by_key(|(p, _)| p.len()).map(|(_, v)| v)
}
