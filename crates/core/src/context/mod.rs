//! What a file's path says about a match in it.
//!
//! A match is judged without its path, so that it can be inherited when a file is copied, renamed or changed
//! elsewhere. This module is the other half: the kind of file ([`file_kind`]), what the kind changes
//! ([`grade`]), and files that should not be tracked whatever they hold ([`path_warning`]).
//!
//! Rules with a distinctive format are not touched: a live token in a test is a live token. Only matches of the
//! generic engine, which carry [`crate::found::Evidence`], are weighed.

mod env;
mod kind;
mod login;
mod warning;

pub use env::env_holds_nothing;
pub use kind::{FileKind, file_kind};
pub use warning::{PathWarning, path_warning};

use crate::found::Evidence;
use crate::generic::{self, evidence as bit};
use crate::{Confidence, Match, Rule, Severity, ValueClass};

/// A match's severity and confidence once its file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grade {
    /// How bad its leak is.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// What the file changed, in words.
    pub why: Option<&'static str>,
}

/// Weighs a match against the file it is in; `None` drops it.
///
/// Matches without evidence (provider rules) pass unchanged, apart from passwords that people choose (a
/// connection string, a URL): those are judged like any password, whichever rule took them; and from hashes of
/// passwords, which in tests and documents are of no use. `path` is relative to the repository, with `/`;
/// without one (a stream) the file is of unknown kind.
pub fn grade(m: &Match, rule: &Rule, path: Option<&[u8]>) -> Option<Grade> {
    let kind = path.map_or(FileKind::Unknown, file_kind);
    if let Some(evidence) = m.evidence {
        return weigh(evidence, m.severity, m.confidence, kind);
    }
    let as_is = Grade { severity: m.severity, confidence: m.confidence, why: None };
    let hash = rule.tags.iter().any(|t| t == "cwe-916");
    if hash
        && !matches!(
            kind,
            FileKind::Config
                | FileKind::Login
                | FileKind::Settings
                | FileKind::Data
                | FileKind::Env
                | FileKind::Key
                | FileKind::Unknown
        )
    {
        return Some(Grade {
            severity: Severity::Low,
            confidence: Confidence::Low,
            why: Some("a hash, and not where live ones are"),
        });
    }
    if rule.value != ValueClass::Password || m.verified.is_some() || kind == FileKind::Login {
        return Some(as_is);
    }
    let evidence = generic::password_evidence(m.secret.expose());
    if evidence.has(bit::TOY) {
        return Some(Grade {
            severity: Severity::Low,
            confidence: Confidence::Low,
            why: Some("made of common words"),
        });
    }
    // The rule's pattern is the proof that a password stands here, as in an address.
    weigh(Evidence { bits: evidence.bits | bit::URL, ..evidence }, m.severity, m.confidence, kind)
}

/// [`grade`] for a verdict of the generic engine in a file of a known kind.
pub fn weigh(e: Evidence, severity: Severity, confidence: Confidence, kind: FileKind) -> Option<Grade> {
    let as_is = Grade { severity, confidence, why: None };
    let low = |why| Some(Grade { severity: Severity::Low, confidence: Confidence::Low, why: Some(why) });
    let bare = !e.any(bit::QUOTED | bit::FORM);
    if bare
        && e.has(bit::BRACKETS)
        && !matches!(
            kind,
            FileKind::Config | FileKind::Login | FileKind::Env | FileKind::Data | FileKind::Unknown
        )
    {
        return None;
    }
    let unsure = weak(e) || confidence == Confidence::Low;
    match kind {
        FileKind::Lock => None,
        FileKind::Minified | FileKind::Vendored => low("code of others, or generated"),
        FileKind::Source | FileKind::Settings | FileKind::Test | FileKind::Doc
            if e.has(bit::HEX | bit::BARE_KEY) =>
        {
            low("hexadecimal under a name that says only key: constants and digests look so")
        }
        FileKind::Settings if e.has(bit::QUOTED) && unsure && weak_but_live(e, kind) => Some(Grade {
            severity: Severity::Low,
            confidence: Confidence::Medium,
            why: Some("a weak password, but in a file of settings"),
        }),
        FileKind::Source | FileKind::Settings => {
            if bare && !e.any(bit::MARKUP | bit::DEFAULT) && !bare_in_code(e) {
                return None;
            }
            if unsure && weak_but_named(e) {
                Some(Grade {
                    severity: Severity::Low,
                    confidence: Confidence::Medium,
                    why: Some("weak, but the name says what it opens"),
                })
            } else if unsure
                && e.has(bit::URL)
                && !e.any(bit::TOY | bit::TEST_NAME | bit::COMMENT | bit::COMPARED)
            {
                Some(Grade {
                    severity: Severity::Low,
                    confidence: Confidence::Medium,
                    why: Some("weak, but it stands in an address"),
                })
            } else if weak(e) && (!e.has(bit::MIXED) || e.has(bit::TEST_NAME)) {
                low("source code, and the value may be a word")
            } else if e.has(bit::COMMENT) {
                Some(Grade {
                    severity: severity.min(Severity::Medium),
                    confidence: confidence.min(Confidence::Medium),
                    why: Some("in a comment"),
                })
            } else {
                Some(as_is)
            }
        }
        FileKind::Test | FileKind::Doc | FileKind::EnvExample => {
            let chosen = e.has(bit::PASSWORD | bit::MIXED) && !e.any(bit::CODE | bit::PROSE | bit::SPACED);
            let room =
                chosen || e.any(bit::MARKUP | bit::DEFAULT | bit::ENV_STYLE | bit::OPTION | bit::QUERY);
            if bare && !room && !bare_in_code(e) {
                return None;
            }
            // In prose a password with every kind of character is none that a page makes up in passing.
            let told = kind == FileKind::Doc
                && chosen
                && e.randomness >= 42
                && !e.any(bit::TOY | bit::TEST_NAME | bit::WORDS);
            if weak(e) && !told {
                return low("tests, documents and examples are full of such values");
            }
            Some(Grade {
                severity: severity.min(Severity::Medium),
                confidence: confidence.min(Confidence::Medium),
                why: Some("in a test, a document or an example"),
            })
        }
        FileKind::Login if confidence == Confidence::Low && opens_something(e) => Some(Grade {
            severity: Severity::Medium,
            confidence: Confidence::Medium,
            why: Some("weak, but the file exists to hold logins"),
        }),
        FileKind::Env | FileKind::Config | FileKind::Data | FileKind::Unknown
            if confidence == Confidence::Low && weak_but_live(e, kind) =>
        {
            Some(Grade {
                severity: Severity::Low,
                confidence: Confidence::Medium,
                why: Some("a weak password, but where live ones are"),
            })
        }
        FileKind::Env => Some(if confidence == Confidence::Medium && e.has(bit::PASSWORD) {
            Grade { severity, confidence: Confidence::High, why: Some("environment files hold live values") }
        } else {
            as_is
        }),
        FileKind::Config | FileKind::Login | FileKind::Key | FileKind::Data | FileKind::Unknown => {
            Some(as_is)
        }
    }
}

/// Whether a password that could be a toy stands where live ones do: it is no usual toy, or one with digits. In an
/// environment file a secret that people choose may be a mere word.
fn weak_but_live(e: Evidence, kind: FileKind) -> bool {
    let varied = e.has(bit::VARIED) || !e.has(bit::TOY);
    let chosen = e.has(bit::CHOSEN)
        && (e.has(bit::VARIED) || e.name >= 80 && kind != FileKind::Data)
        && !e.has(bit::TOY);
    (e.has(bit::PASSWORD) && varied && e.any(bit::TOY | bit::WORDS) || chosen)
        && (!e.has(bit::SPACED) || e.has(bit::OPTION))
        && !e.any(bit::ENCODED | bit::CODE | bit::WRAPPED | bit::LISTED | bit::GROUPED)
}

/// Whether a value in a file of logins, however weak, is one: its name or its form says so.
fn opens_something(e: Evidence) -> bool {
    e.any(bit::PASSWORD | bit::CHOSEN | bit::FORM)
        && !e.any(bit::CODE | bit::LISTED | bit::PROSE | bit::COMMENT)
}

/// Whether a weak literal in source code is a password all the same: it opens a system that the name says, or has
/// a word's letters and more; or it is a secret that people choose, and has several kinds of character.
fn weak_but_named(e: Evidence) -> bool {
    let chosen = (e.has(bit::CHOSEN | bit::VARIED) || e.has(bit::CHOSEN) && e.randomness >= 44)
        && e.name >= 80
        && !e.any(bit::WORDS | bit::TOY);
    let password = e.has(bit::SYSTEM) || e.name >= 85 && !e.has(bit::WORDS);
    let word = e.has(bit::PASSWORD) && (e.name >= 85 || e.has(bit::SYSTEM)) && !e.has(bit::TOY);
    (e.has(bit::PASSWORD | bit::VARIED) && password || chosen || word)
        && e.has(bit::QUOTED)
        && !e.any(bit::TEST_NAME | bit::WRAPPED | bit::COMPARED | bit::CODE | bit::LISTED | bit::COMMENT)
}

/// Whether the value may just be a word: only its place makes it a secret.
fn weak(e: Evidence) -> bool {
    if e.any(bit::DIGITS | bit::ENCODED) && !e.has(bit::TOY) {
        return false;
    }
    e.has(bit::TOY) || e.randomness < if e.has(bit::PASSWORD) { 48 } else { 54 }
}

/// Whether a bare word in code is surely a value: a machine's work, not a name.
fn bare_in_code(e: Evidence) -> bool {
    !e.has(bit::CODE) && e.randomness >= 58 && !e.has(bit::WORDS)
        || e.has(bit::IN_STRING) && e.randomness >= 50
}
