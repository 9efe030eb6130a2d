//! Decides whether `name = value` is a secret.
//!
//! Three questions, each in its own module, each over a bounded window of bytes:
//!
//! ```text
//! anchor ─ grammar: which name, which value? ─ name: does it speak of secrets? ─ judge: does the value? ─ Assignment
//! ```
//!
//! Nothing here knows a path: what a file's kind changes is [`crate::context::grade`]'s, which reads the
//! [`Evidence`] that is handed on. So a verdict can be inherited by the next version of a file.

pub mod evidence;
mod grammar;
mod judge;
mod name;
mod quote;
mod scheme;
mod shape;
#[cfg(test)]
mod tests;
mod value;
mod words;

pub(crate) use judge::password_evidence;

use std::ops::Range;

use crate::found::Evidence;
use crate::{Confidence, Severity};

/// How many bytes before an anchor a verdict may depend on.
pub const BEFORE: usize = 256;
/// How many bytes after an anchor a verdict may depend on.
pub const AFTER: usize = 768;

/// A name and its value, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Where the name is.
    pub key: Range<usize>,
    /// Where the value is, without its quotes.
    pub value: Range<usize>,
    /// What was seen, for [`crate::context::grade`].
    pub evidence: Evidence,
    /// How sure, before the file is known.
    pub confidence: Confidence,
    /// How bad.
    pub severity: Severity,
    /// Why, strongest first.
    pub why: Vec<&'static str>,
}

/// Judges the assignment whose name holds the anchor `hay[anchor]`.
///
/// Reads nothing outside `hay[anchor.start - BEFORE .. anchor.end + AFTER]`. The anchor must be, or begin in, the
/// word of the name that says what the value is; other words of the name are other rules' anchors. The anchors
/// `://`, `basic `, `bearer `, `curl `, `login(` and `identified ` announce forms that need no name.
pub fn assignment(hay: &[u8], anchor: Range<usize>) -> Option<Assignment> {
    let low = anchor.start.saturating_sub(BEFORE);
    let high = anchor.end.saturating_add(AFTER).min(hay.len());
    let window = hay.get(low..high)?;
    let at = anchor.start - low..anchor.end.min(high) - low;
    let (site, judged) = match scheme::Form::announced_by(&window[at.clone()]) {
        Some(form) => form.locate(window, at)?,
        None => named(window, at)?,
    };
    let verdict = judge::verdict(window, &site, judged)?;
    Some(Assignment {
        key: site.name.start + low..site.name.end + low,
        value: site.value.start + low..site.value.end + low,
        evidence: verdict.evidence,
        confidence: verdict.confidence,
        severity: verdict.severity,
        why: verdict.why,
    })
}

/// A name, an operator and a value.
fn named(window: &[u8], at: Range<usize>) -> Option<(grammar::Site, name::Name)> {
    let name = grammar::name_around(window, at.clone())?;
    let mut judged = name::judge(&window[name.clone()])?;
    // `secret_token` speaks of a token: the anchor `secret` leaves it to the rule of tokens. A key may be
    // found by what stands before it (`secretKeyBase`).
    let (start, end) = (name.start + judged.head.0, name.start + judged.head.1);
    if !matches!(judged.kind, name::Kind::Key | name::Kind::BareKey | name::Kind::Auth)
        && (at.end <= start || end <= at.start)
    {
        return None;
    }
    let site = grammar::locate(window, name)?;
    if site.bits & evidence::CALL != 0 {
        // In `password.encode("utf-8")` the last piece is what is called.
        let text = &window[site.name.clone()];
        let method = text.rsplit(|&b| b == b'.').next().unwrap_or(text);
        judged = name::judge(method)?;
    }
    Some((site, judged))
}
