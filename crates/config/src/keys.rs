//! Every key of a policy file, and who may set it.
//!
//! One table, read by the loader (which refuses a key in a file that may not hold it), by `config show`
//! and by the documentation.

use crate::policy::Origin;

/// A key of a policy file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its dotted name: `hook.block`.
    pub name: &'static str,
    /// The layers that may set it.
    pub who: &'static [Origin],
    /// What it does, one sentence.
    pub what: &'static str,
}

const ANYONE: &[Origin] = &[Origin::System, Origin::User, Origin::Server, Origin::Repository, Origin::Flags];
const OPERATOR: &[Origin] = &[Origin::System, Origin::Server, Origin::Flags];
const SYSTEM: &[Origin] = &[Origin::System];

/// All keys.
pub const KEYS: &[Key] = &[
    Key { name: "locked", who: SYSTEM, what: "Keys that no later layer may change." },
    Key {
        name: "fingerprint-key",
        who: ANYONE,
        what: "Keys the fingerprints, so that a weak password cannot be guessed from one.",
    },
    Key { name: "inline-allow", who: ANYONE, what: "Whether `stopleak:allow` on a line counts." },
    Key { name: "hook.block", who: ANYONE, what: "Least confidence that stops a commit or push." },
    Key { name: "hook.warn", who: ANYONE, what: "Least confidence that a hook mentions." },
    Key {
        name: "hook.severity",
        who: ANYONE,
        what: "Least severity that stops a commit or push; what is below warns.",
    },
    Key { name: "scan.show", who: ANYONE, what: "Least confidence that `scan` shows." },
    Key { name: "scan.fail", who: ANYONE, what: "Least confidence that makes `scan` exit 1." },
    Key { name: "scan.severity", who: ANYONE, what: "Least severity that `scan` shows." },
    Key {
        name: "paths.exclude",
        who: ANYONE,
        what: "Paths that are not scanned; they are counted as skipped.",
    },
    Key {
        name: "rules.disable",
        who: ANYONE,
        what: "Rules that are off: ids, or patterns such as `slack-*`.",
    },
    Key { name: "rules.mode", who: ANYONE, what: "Block or warn, for one rule." },
    Key { name: "rules.severity", who: ANYONE, what: "Another severity, for one rule." },
    Key { name: "rule", who: ANYONE, what: "Rules of your own, beside the built-in ones." },
    Key { name: "limits.max-blob-size", who: ANYONE, what: "Larger files are skipped, with a reason." },
    Key {
        name: "limits.deadline",
        who: ANYONE,
        what: "A scan that takes longer stops and says what it has not read.",
    },
    Key {
        name: "limits.on-skip",
        who: ANYONE,
        what: "Block or warn when something in scope was not scanned.",
    },
    Key { name: "limits.threads", who: ANYONE, what: "Most cores to use." },
    Key { name: "server.mode", who: OPERATOR, what: "Enforce, warn or observe." },
    Key {
        name: "server.mode-for",
        who: OPERATOR,
        what: "Another mode for some repositories, refs, rules or confidences.",
    },
    Key {
        name: "server.trust-repository",
        who: OPERATOR,
        what: "Which files of the default branch count before a push.",
    },
    Key { name: "server.inline-allow", who: OPERATOR, what: "Whether marks in pushed lines count." },
    Key {
        name: "server.existing",
        who: OPERATOR,
        what: "Report or block a secret that the server already had.",
    },
    Key {
        name: "server.on-limit",
        who: OPERATOR,
        what: "Block, or let through and audit, when a limit was hit.",
    },
    Key { name: "server.trusted-pushers", who: OPERATOR, what: "Whose pushes are only observed: mirrors." },
    Key { name: "server.contact", who: OPERATOR, what: "Whom a refused pusher should ask." },
    Key {
        name: "server.bypass.allow",
        who: OPERATOR,
        what: "Whether a push option may let a finding through.",
    },
    Key { name: "server.bypass.who", who: OPERATOR, what: "Who may use it." },
    Key { name: "server.bypass.max-severity", who: OPERATOR, what: "The worst finding it may let through." },
    Key { name: "server.bypass.reasons", who: OPERATOR, what: "The reasons that may be given." },
    Key { name: "server.audit.path", who: OPERATOR, what: "The append-only log of decisions." },
    Key { name: "server.audit.syslog", who: OPERATOR, what: "Whether decisions also go to syslog." },
];

/// The key called `name`.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}
