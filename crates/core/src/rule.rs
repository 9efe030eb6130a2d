//! What a rule says, as data.
//!
//! A rule names one kind of credential: the literals (*anchors*) that every such credential has in or
//! near it, the pattern that confirms one, and what its owner should know. Built-in rules are tables
//! made at build time from `config/rules/*.toml`; a user's rules are the same type, owned. Loading one
//! costs nothing until an anchor of it is seen.

use std::borrow::Cow;
use std::fmt;

/// Text that is either part of the program or owned.
pub type Text = Cow<'static, str>;
/// A list that is either part of the program or owned.
pub type List<T> = Cow<'static, [T]>;

/// One kind of credential and how to recognise it.
///
/// # Locality
/// Whether the rule matches at an anchor depends only on the bytes within the rule's reach of that
/// anchor. For [`Engine::Pattern`] the reach is the longest text that `pattern` can match plus one byte
/// of look-around; a pattern without a longest match is refused when rules load.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Kebab-case, unique, never reused: `github-personal-access-token`.
    pub id: Text,
    /// Who issues the credential: `github`. The stem of the rule's file.
    pub vendor: Text,
    /// What a person calls it: `GitHub personal access token`.
    pub name: Text,
    /// What its holder can do, one sentence.
    pub what: Text,
    /// How bad its leak is.
    pub severity: Severity,
    /// How sure a match is before offline verification.
    pub confidence: Confidence,
    /// Literals of which every match has one inside it (for `Pattern`) or begins at (other engines).
    pub anchors: List<Anchor>,
    /// What confirms a candidate.
    pub engine: Engine,
    /// The confirming pattern (bytes, Unicode off). Group 1, or the whole match, is the secret. Group
    /// `id` is the companion value that is no secret by itself (an access key id, a user name).
    /// Empty for engines that have none.
    pub pattern: Text,
    /// What the secret looks like, which decides the placeholder filter.
    pub value: ValueClass,
    /// The offline check, a name known to `verify::Verifier::from_name`.
    pub verify: Option<Text>,
    /// Least Shannon entropy of the secret in bits per byte; `0.0` asks nothing.
    pub min_entropy: f32,
    /// Meant to be public (a Stripe `pk_`): known, so that no other rule claims it, and not reported.
    pub publishable: bool,
    /// What `reach::measure` says of the pattern, where it was written down when the program was built. Empty: it
    /// is measured when an anchor is first seen, with the same result.
    pub measured: List<u8>,
    /// Values printed in the vendor's own documentation: reported only at low confidence.
    pub examples: List<Text>,
    /// Weakness tags, lower case: `cwe-798`, `owasp-a07`.
    pub tags: List<Text>,
    /// Where its owner revokes it. A URL or a sentence; may be empty.
    pub rotate: Text,
    /// Where the format is documented.
    pub source: Text,
}

/// A literal that the prefilter looks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Anchor {
    /// The bytes, at least two. Lower case where `fold` is set.
    pub text: Text,
    /// ASCII letters match in either case. Written `(?i)text` in a rule file.
    pub fold: bool,
}

/// What confirms a candidate at an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The rule's regular expression, in a window around the anchor.
    Pattern,
    /// A private-key block from its BEGIN line to its END line, however it is wrapped or escaped.
    KeyBlock,
    /// A name, an operator and a value, judged by evidence: the generic rules.
    Assignment,
}

/// What kind of text the secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueClass {
    /// Made by a machine: placeholders, words and repetition are dropped.
    Token,
    /// Chosen by a person: only placeholders and references are dropped; it may be weak.
    Password,
    /// Anything the pattern takes.
    Any,
}

/// How bad a leak is. Ordered: `Low < Critical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Little can be done with it.
    Low,
    /// Limited access, or a test credential.
    Medium,
    /// Access to data or cost.
    High,
    /// Access to an account, an organisation or production.
    Critical,
}

/// How sure a match is. Ordered: `Low < High`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Shown with `--all` only: a failed checksum, a vendor's example, a toy.
    Low,
    /// Shown; warned about in hooks.
    Medium,
    /// Shown; blocked in hooks.
    High,
}

impl Severity {
    /// All, least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word used in rule files, policy and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity that `name` stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

impl Confidence {
    /// All, least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word used in rule files, policy and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The confidence that `name` stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
