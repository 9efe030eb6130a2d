//! What the detector found.
//!
//! A [`Match`] depends on the scanned bytes alone: not on a path, a commit or a policy. What a file's
//! kind changes (a toy in a test, a lock file, an `.env.example`) is judged later, from the evidence
//! that the match carries, so that a match can be inherited from one version of a file by the next.

use std::ops::Range;

use crate::rule::{Confidence, Severity};
use crate::secret::Secret;

/// What a scan gave: the secrets, and what could not be looked into.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The secrets, sorted by span. No two overlap.
    pub matches: Vec<Match>,
    /// Parts that were not looked into, each with its reason. Not empty means: not known to be clean.
    pub skipped: Vec<Skipped>,
}

/// A part of the input that was not looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Where it is in the scanned input.
    pub span: Range<usize>,
    /// How it is wrapped, outermost first; empty for plain bytes.
    pub encoding: Vec<Encoding>,
    /// A reason code in kebab-case: `nested-too-deep`, `over-budget`, `too-many-matches`.
    pub why: &'static str,
}

/// One secret in the scanned bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Index of its rule in `Detector::rules`.
    pub rule: u32,
    /// Where the secret is, in bytes of the scanned input. For a decoded secret, the encoded run.
    pub span: Range<usize>,
    /// The first byte's line and column.
    pub start: Position,
    /// The line and column just past the last byte.
    pub end: Position,
    /// The value.
    pub secret: Secret,
    /// The rule's severity, or less for a test key, more for a browser-bound variable.
    pub severity: Severity,
    /// The rule's confidence as changed by what was verified.
    pub confidence: Confidence,
    /// What an offline check proved.
    pub verified: Option<Verified>,
    /// Encodings around the secret, outermost first.
    pub decoded: Vec<Encoding>,
    /// What its owner may want to know, decoded from the secret: an account id, an expiry.
    pub facts: Vec<Fact>,
    /// Companion values (an access key id, a user name), as text that is safe to show.
    pub parts: Vec<Part>,
    /// Why it was taken for a secret, in words, strongest first.
    pub why: Vec<&'static str>,
    /// What the file's kind is weighed against; `None` for rules that are distinctive by themselves.
    pub evidence: Option<Evidence>,
    /// The line, with every secret in it masked, cut to about 120 columns, control bytes escaped.
    pub excerpt: String,
}

/// A place in a text. Both count from 1; columns count bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Line.
    pub line: u64,
    /// Byte in the line.
    pub column: u64,
    /// Character (Unicode code point) in the line, for formats that count so. Stray bytes count like UTF-8's first ones.
    pub character: u64,
}

/// What an offline check proved about a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verified {
    /// A checksum inside it is right.
    Checksum,
    /// It decodes to the documented structure.
    Structure,
}

/// How a secret was wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// RFC 4648 base64, either alphabet.
    Base64,
    /// RFC 4648 base32.
    Base32,
    /// Hexadecimal.
    Hex,
    /// Base85, with the alphabet of RFC 1924 or of Adobe.
    Base85,
    /// Base58, the alphabet of Bitcoin.
    Base58,
    /// Letters turned by thirteen places.
    Rot13,
    /// Lines of uuencode.
    Uuencode,
    /// Percent escapes of a URL.
    Percent,
    /// `\uXXXX`, `\xXX` or `\n` escapes of a string literal.
    Escapes,
    /// HTML entities.
    Html,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
    /// UTF-32 of either order.
    Utf32,
    /// Pieces of a string joined over operators, lines, lists or statements.
    Joined,
    /// Characters in between that show nothing (zero-width spaces, soft hyphens, colours of a terminal), and letters
    /// of other scripts that look like Latin ones.
    Hidden,
    /// Marks of a text format in the middle of a word: tags, escaped underscores.
    Markup,
    /// Quoted-printable text of mails.
    QuotedPrintable,
    /// gzip or zlib.
    Gzip,
    /// A member of a zip archive.
    Zip,
    /// A member of a tar archive.
    Tar,
    /// A stream of a PDF document.
    Pdf,
}

impl Encoding {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Hex => "hex",
            Self::Base85 => "base85",
            Self::Base58 => "base58",
            Self::Rot13 => "rot13",
            Self::Uuencode => "uuencode",
            Self::Percent => "percent",
            Self::Escapes => "escapes",
            Self::Html => "html",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Utf32 => "utf-32",
            Self::Joined => "joined",
            Self::Hidden => "hidden-characters",
            Self::Markup => "markup",
            Self::QuotedPrintable => "quoted-printable",
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Pdf => "pdf",
        }
    }
}

/// A fact about a secret that is safe to show.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    /// What it is: `account`, `expires`, `issuer`.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A companion value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// What it is: `id`, `user`.
    pub name: &'static str,
    /// Its value, masked where it could be sensitive.
    pub shown: String,
}

/// What the generic engine saw, so that a file's kind can be weighed against it without the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Evidence {
    /// Bits of `generic::evidence`.
    pub bits: u64,
    /// How random the value looks, 0 (a word) to 100 (a machine's).
    pub randomness: u8,
    /// How strongly the name says "secret", 0 to 100.
    pub name: u8,
}
