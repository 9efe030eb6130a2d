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

mod before;
mod calls;
mod commands;
pub mod evidence;
mod grammar;
mod group;
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
pub const AFTER: usize = 1664;

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
/// `://`, `basic `, `bearer `, `curl `, `identified `, of calls (`login(`) and of commands (`redis-cli `) announce
/// forms that need no name. A name may have several values: lists, mappings, columns of a table.
pub fn assignments(hay: &[u8], anchor: Range<usize>) -> Vec<Assignment> {
    let low = anchor.start.saturating_sub(BEFORE);
    let high = anchor.end.saturating_add(AFTER).min(hay.len());
    let Some(window) = hay.get(low..high) else { return Vec::new() };
    let at = anchor.start - low..anchor.end.min(high) - low;
    let mut found: Vec<Assignment> = Vec::new();
    let mut take =
        |site: &grammar::Site, judged: name::Name| {
            let new = judge(window, low, site, judged);
            found.extend(new.filter(|a| {
                found.iter().all(|b| a.value.end <= b.value.start || b.value.end <= a.value.start)
            }));
        };
    if let Some(form) = scheme::Form::announced_by(&window[at.clone()]) {
        if let Some((site, judged)) = form.locate(window, at) {
            take(&site, judged);
        }
    } else if let Some(name) = grammar::name_around(window, at.clone()) {
        if let Some((site, judged)) = positional(window, &name) {
            take(&site, judged);
            return found;
        }
        let Some(judged) = headed(window, &name, &at) else { return found };
        if let Some((site, judged)) = named(window, name.clone(), judged) {
            take(&site, judged);
        }
        let mut others = Vec::new();
        group::sites(window, &name, judged, &mut others);
        for site in &others {
            take(site, judged);
        }
    }
    found
}

/// Whether a name speaks of secrets.
pub(crate) fn names_a_secret(name: &[u8]) -> bool {
    name::judge(name).is_some()
}

/// The first of [`assignments`].
pub fn assignment(hay: &[u8], anchor: Range<usize>) -> Option<Assignment> {
    assignments(hay, anchor).into_iter().next()
}

fn judge(window: &[u8], low: usize, site: &grammar::Site, judged: name::Name) -> Option<Assignment> {
    let verdict = judge::verdict(window, site, judged)?;
    Some(Assignment {
        key: site.name.start + low..site.name.end + low,
        value: site.value.start + low..site.value.end + low,
        evidence: verdict.evidence,
        confidence: verdict.confidence,
        severity: verdict.severity,
        why: verdict.why,
    })
}

/// A call of the function of this name that takes a secret by position.
fn positional(window: &[u8], name: &Range<usize>) -> Option<(grammar::Site, name::Name)> {
    matches!(window.get(name.end), Some(b'(' | b' ')).then_some(())?;
    let (site, kind, strength) = calls::by_position(window, name.end)?;
    Some((site, scheme::name(kind, strength)))
}

/// What the name around an anchor says, when it speaks of secrets and the anchor is its head.
fn headed(window: &[u8], name: &Range<usize>, at: &Range<usize>) -> Option<name::Name> {
    let judged = name::judge_again(&window[name.clone()])?;
    // `secret_token` speaks of a token: the anchor `secret` leaves it to the rule of tokens. A key may be
    // found by what stands before it (`secretKeyBase`).
    let (start, end) = (name.start + judged.head.0, name.start + judged.head.1);
    if !matches!(judged.kind, name::Kind::Key | name::Kind::BareKey | name::Kind::Auth)
        && (at.end <= start || end <= at.start)
    {
        return None;
    }
    Some(judged)
}

/// A name, an operator and a value.
fn named(window: &[u8], name: Range<usize>, mut judged: name::Name) -> Option<(grammar::Site, name::Name)> {
    if judged.kind == name::Kind::Auth
        && let Some(site) = calls::pair(window, &name)
    {
        return Some((site, scheme::name(name::Kind::Password, 80)));
    }
    let Some(mut site) = grammar::locate(window, name.clone()) else {
        let piped =
            window[name.clone()].ends_with(b"passwd") || window[name.clone()].ends_with(b"password-stdin");
        if piped && let Some(site) = commands::piped(window, name.clone()) {
            return Some((site, scheme::name(name::Kind::Password, 85)));
        }
        return before::value_before(window, &name).map(|site| (site, judged));
    };
    if site.bits & evidence::CALL != 0 {
        // In `password.encode("utf-8")` the last piece is what is called.
        let text = &window[site.name.clone()];
        let dot = text.iter().rposition(|&b| b == b'.');
        let method = dot.map_or(text, |dot| &text[dot + 1..]);
        if let Some(dot) = dot.filter(|_| is_comparison(method)) {
            site.bits = site.bits & !evidence::CALL | evidence::COMPARED;
            judged = name::judge(&text[..dot])?;
        } else {
            judged = name::judge(method)?;
        }
        // `withCredentials("user", "x")`
        if site.bits & evidence::SECOND != 0 {
            judged = scheme::name(name::Kind::Password, 80);
        }
    }
    if let Some(value) = same_place(window, &site) {
        site.value = value;
    }
    let holds_login = judged.kind == name::Kind::Auth
        || quote::ends_folded(&window[name.clone()], b"credentials")
        || quote::ends_folded(&window[name], b"userpwd");
    if holds_login && let Some(password) = login(&window[site.value.clone()]) {
        site.value.start += password;
        return Some((site, scheme::name(name::Kind::Password, 80)));
    }
    Some((site, judged))
}

/// `user, password = "a", "x"`: the literal whose place in the list is the name's.
fn same_place(t: &[u8], site: &grammar::Site) -> Option<Range<usize>> {
    if site.bits & (evidence::QUOTED | evidence::IN_STRING | evidence::LISTED) != evidence::QUOTED {
        return None;
    }
    let line = t[..site.name.start].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let before = t[line..site.name.start].trim_ascii();
    let before = before.strip_suffix(b"$").unwrap_or(before).trim_ascii_end();
    let plain =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b',' | b' ' | b'.' | b'$' | b'@' | b'(');
    let commas = memchr::memchr_iter(b',', before).count();
    if commas == 0 || commas > 4 || !before.ends_with(b",") || !before.iter().all(plain) {
        return None;
    }
    let mut value = site.value.clone();
    // `my ($user, $pass) = ("a", "x")`; but `f(user, password = "x")`.
    if before.contains(&b'(') && !t[..value.start.saturating_sub(1)].ends_with(b"(") {
        return None;
    }
    for _ in 0..commas {
        let next = value.end + quote::quote_at(t, value.end).map_or(0, <[u8]>::len);
        let comma = next + grammar::blanks(t, next);
        (t.get(comma) == Some(&b',')).then_some(())?;
        value = quote::literal(t, comma + 1 + grammar::blanks(t, comma + 1))?;
    }
    Some(value).filter(|v| !v.is_empty())
}

fn is_comparison(method: &[u8]) -> bool {
    [&b"equals"[..], b"equalsignorecase", b"isequaltostring", b"eq", b"isequal"]
        .iter()
        .any(|c| method.eq_ignore_ascii_case(c))
}

/// `user:password`: where the password begins.
fn login(value: &[u8]) -> Option<usize> {
    let colon = value.iter().position(|&b| b == b':')?;
    let (user, password) = (&value[..colon], &value[colon + 1..]);
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@' | b'\\');
    (user.len() >= 2
        && user[0].is_ascii_alphabetic()
        && user.iter().all(plain)
        && password.len() >= 4
        && !password.contains(&b':'))
    .then_some(colon + 1)
}
