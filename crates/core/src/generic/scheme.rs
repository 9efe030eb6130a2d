//! Logins that have a form of their own instead of a name: URLs, HTTP authorization, `curl -u`, SQL grants.
//!
//! ```text
//! postgres://user:x@host    Authorization: Basic dXNlcjp4    Bearer x    curl -u user:x https://…
//! CREATE USER u IDENTIFIED BY 'x'    login("user", "x")
//! ```
//!
//! Which one it is follows from the anchor's text; the value is judged like that of a name.

use std::ops::Range;

use base64::Engine as _;

use super::evidence as bit;
use super::grammar::Site;
use super::name::{Calls, Kind, Name};
use super::quote::literal;
use super::{calls, commands};

/// A form that needs no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Url,
    Basic,
    Bearer,
    Curl,
    Login,
    Grant,
    /// `user:password@tcp(host)`: the address of a database without a scheme.
    Address,
    /// A secret that a function takes by position.
    Call,
    /// A command that takes a password.
    Command,
    /// `"x".toCharArray()`, as Java's key stores take their passwords.
    Chars,
}

impl Form {
    /// The form that an anchor of this text announces.
    pub(super) fn announced_by(anchor: &[u8]) -> Option<Self> {
        // The words of names are anchors far more often; none of the forms is a word alone.
        if anchor.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            return None;
        }
        let is = |text: &str| anchor.eq_ignore_ascii_case(text.as_bytes());
        [
            ("://", Self::Url),
            ("basic ", Self::Basic),
            ("bearer ", Self::Bearer),
            ("curl ", Self::Curl),
            ("login(", Self::Login),
            ("identified ", Self::Grant),
            ("@tcp(", Self::Address),
            ("@unix(", Self::Address),
            (".tochararray(", Self::Chars),
        ]
        .into_iter()
        .find_map(|(text, form)| is(text).then_some(form))
        .or_else(|| anchor.ends_with(b"(").then_some(Self::Call))
        .or_else(|| commands::is_command(anchor).then_some(Self::Command))
    }

    /// Reads the form whose anchor is `t[at]`.
    pub(super) fn locate(self, t: &[u8], at: Range<usize>) -> Option<(Site, Name)> {
        let (site, kind, strength) = match self {
            Self::Url => (userinfo(t, at)?, Kind::Password, 85),
            Self::Basic => (basic(t, at)?, Kind::Password, 85),
            Self::Bearer => (bearer(t, at)?, Kind::Token, 80),
            Self::Curl => (login_option(t, at)?, Kind::Password, 85),
            Self::Login => match login_call(t, at.clone()) {
                Some(site) => (site, Kind::Password, 80),
                None => calls::by_position(t, at.end - 1)?,
            },
            Self::Grant => (grant(t, at)?, Kind::Password, 90),
            Self::Address => (address(t, at)?, Kind::Password, 85),
            Self::Chars => (chars(t, at)?, Kind::Password, 70),
            Self::Call => calls::by_position(t, at.end - 1)?,
            Self::Command => (commands::locate(t, at)?, Kind::Password, 85),
        };
        Some((site, name(kind, strength)))
    }
}

pub(super) fn name(kind: Kind, strength: u8) -> Name {
    Name { kind, strength, browser: false, test: false, system: false, calls: Calls::Plain, head: (0, 0) }
}

fn site(name: Range<usize>, value: Range<usize>, bits: u64) -> Site {
    Site { name, value, bits: bits | bit::FORM, wrapper: None, inside: 0 }
}

/// `scheme://user:password@host`.
fn userinfo(t: &[u8], at: Range<usize>) -> Option<Site> {
    if !t[..at.start].last().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let rest = t.get(at.end..)?;
    // Up to the last `@` of the authority; a slash ends it.
    let end = rest
        .iter()
        .take(260)
        .position(|&b| {
            b <= b' '
                || b >= 0x7f
                || matches!(b, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'?' | b'\\' | b'|')
        })
        .unwrap_or(rest.len().min(260));
    // A list of URLs: the first of them.
    let first = rest[..end].iter().position(|&b| b == b'@')?;
    let end =
        rest[first..end].iter().position(|&b| matches!(b, b',' | b';')).map_or(end, |comma| first + comma);
    let last = rest[..end].iter().rposition(|&b| b == b'@')?;
    let Some(colon) = rest[..last].iter().position(|&b| b == b':') else {
        // `https://x@github.com/…`: a token in the user's place.
        let user = &rest[..last];
        let made = user.len() >= 20
            && user.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            && user.iter().any(u8::is_ascii_digit)
            && crate::randomness::excess(user) >= 24.0;
        return made.then(|| site(at.clone(), at.end..at.end + last, bit::URL));
    };
    let (user, secret) = (at.end..at.end + colon, at.end + colon + 1..at.end + last);
    let host = rest.get(last + 1)?;
    if !(host.is_ascii_alphanumeric() || matches!(host, b'[' | b'%' | b'$' | b'{' | b'_' | b'/'))
        || secret.len() < 3
    {
        return None;
    }
    let host = &rest[last + 1..end];
    let host = &host[..host.iter().position(|&b| b == b':').unwrap_or(host.len())];
    // RFC 2606 keeps these names for documentation.
    let reserved = [&b"example.com"[..], b"example.org", b"example.net", b".example", b".invalid", b".test"];
    // Oracle's demonstration account, in whatever spelling.
    let tiger = rest[..colon] == *b"scott" && rest[colon + 1..].starts_with(b"tiger");
    let toy = if tiger || reserved.iter().any(|r| host.ends_with(r)) { bit::TOY } else { 0 };
    Some(site(user, secret, toy | bit::URL))
}

/// `user:password@tcp(host:3306)/db`, as the drivers of Go write it.
fn address(t: &[u8], at: Range<usize>) -> Option<Site> {
    let floor = at.start.saturating_sub(160);
    let plain = |b: &&u8| b.is_ascii_graphic() && !b"\"'`<>,=".contains(b);
    let start = at.start - t[floor..at.start].iter().rev().take_while(plain).count();
    let colon = start + t[start..at.start].iter().position(|&b| b == b':')?;
    (colon > start && colon + 3 < at.start).then(|| site(start..colon, colon + 1..at.start, bit::URL))
}

/// `"x".toCharArray()`: the literal, unless it is an alphabet.
fn chars(t: &[u8], at: Range<usize>) -> Option<Site> {
    let end = at.start.checked_sub(1).filter(|&i| t[i] == b'"')?;
    let floor = end.saturating_sub(64);
    let start = t[floor..end].iter().rposition(|&b| b == b'"' || b == b'\n').map(|i| floor + i)?;
    let text = &t[start + 1..end];
    let distinct = (1..text.len()).all(|i| !text[..i].contains(&text[i]));
    let plain = text.iter().all(u8::is_ascii_graphic);
    (t[start] == b'"' && plain && text.len() >= 4 && !(distinct && text.len() >= 12))
        .then(|| site(at, start + 1..end, bit::QUOTED))
}

/// The text with its percent escapes undone, as far as `out` holds it.
pub(super) fn unescape<'o>(text: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let (mut i, mut n) = (0, 0);
    while i < text.len() && n < out.len() {
        let digit = |j: usize| text.get(j).and_then(|b| char::from(*b).to_digit(16));
        match (text[i], digit(i + 1), digit(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out[n] = (high * 16 + low) as u8;
                i += 3;
            }
            (b, ..) => {
                out[n] = b;
                i += 1;
            }
        }
        n += 1;
    }
    &out[..n]
}

/// `Basic` and base64 of `user:password`.
fn basic(t: &[u8], at: Range<usize>) -> Option<Site> {
    if at.start > 0 && t[at.start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let value = run(t, at.end, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    if !(8..=400).contains(&value.len()) {
        return None;
    }
    let text = t[value.clone()]
        .strip_suffix(b"==")
        .or(t[value.clone()].strip_suffix(b"="))
        .unwrap_or(&t[value.clone()]);
    let raw = base64::engine::general_purpose::STANDARD_NO_PAD.decode(text).ok()?;
    let colon = raw.iter().position(|&b| b == b':')?;
    let (user, password) = (&raw[..colon], &raw[colon + 1..]);
    if raw.iter().any(|b| !(b' '..0x7f).contains(b)) || user.len() + password.len() < 3 {
        return None;
    }
    let toy = |text: &[u8]| {
        text.is_empty() || crate::placeholder::is_toy(text) || crate::placeholder::is_placeholder(text)
    };
    let bits = if toy(password) && (toy(user) || !password.is_empty()) { bit::TOY } else { 0 };
    Some(site(at.start..at.end - 1, value, bits | bit::ENCODED))
}

/// `Bearer` and a token.
fn bearer(t: &[u8], at: Range<usize>) -> Option<Site> {
    if at.start > 0 && t[at.start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let value = run(t, at.end, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~' | b':' | b'|')
    });
    let end = value.end - t[value.clone()].iter().rev().take_while(|b| matches!(b, b'.' | b':')).count();
    Some(site(at.start..at.end - 1, value.start..end, 0)).filter(|s| s.value.len() >= 12)
}

/// `curl -u user:password`.
fn login_option(t: &[u8], at: Range<usize>) -> Option<Site> {
    let rest = t.get(at.end - 1..)?;
    let line = rest.iter().take(400).position(|&b| b == b'\n').unwrap_or(rest.len().min(400));
    let line = &rest[..line];
    let (option, skip) = [&b" -u "[..], b" --user ", b" --user=", b" -u"]
        .iter()
        .find_map(|o| memchr::memmem::find(line, o).map(|i| (i, o.len())))?;
    let start = at.end - 1 + option + skip;
    let text = match literal(t, start) {
        Some(l) => l,
        None => run(t, start, |b| b > b' ' && b < 0x7f && !matches!(b, b'"' | b'\'' | b'`')),
    };
    let colon = text.start + t[text.clone()].iter().position(|&b| b == b':')?;
    Some(site(text.start..colon, colon + 1..text.end, 0)).filter(|s| s.value.len() >= 3)
}

/// `login("user", "password")`: a call of exactly two literals.
fn login_call(t: &[u8], at: Range<usize>) -> Option<Site> {
    let skip = |p: usize| p + t.get(p..).map_or(0, |r| r.iter().take(4).take_while(|b| **b == b' ').count());
    let user = literal(t, skip(at.end))?;
    let comma = skip(user.end + 1);
    let secret = literal(t, skip(comma + 1)).filter(|_| t.get(comma) == Some(&b','))?;
    let end = skip(secret.end + 1);
    let closes =
        matches!(t.get(end), Some(b')')) || t.get(end) == Some(&b',') && literal(t, skip(end + 1)).is_none();
    Some(site(user, secret, bit::LISTED)).filter(|_| closes)
}

/// `IDENTIFIED BY 'password'`, `IDENTIFIED WITH plugin BY 'password'`.
fn grant(t: &[u8], at: Range<usize>) -> Option<Site> {
    let rest = t.get(at.end..)?;
    let window = &rest[..rest.len().min(80)];
    let by = (0..window.len().saturating_sub(3))
        .find(|&i| window[i..i + 3].eq_ignore_ascii_case(b"by ") && (i == 0 || window[i - 1] == b' '))?;
    let between = &window[..by];
    let plugin = [&b"with "[..], b"via ", b"as ", b"using "]
        .iter()
        .any(|w| between.len() > w.len() && between[..w.len()].eq_ignore_ascii_case(w));
    if !between.is_empty() && !plugin || between.contains(&b'\n') || between.contains(&b';') {
        return None;
    }
    // In small letters it may be prose ("commits identified by …"): a statement has a verb before it.
    let near = &t[at.start.saturating_sub(160)..at.start];
    let verbs = [&b"create "[..], b"alter ", b"grant "];
    let statement = verbs.iter().any(|v| near.windows(v.len()).any(|w| w.eq_ignore_ascii_case(v)));
    if !statement && t[at.start].is_ascii_lowercase() {
        return None;
    }
    let mut p = at.end + by + 3;
    p += t[p..].iter().take(4).take_while(|b| **b == b' ').count();
    if t.get(p..p + 9).is_some_and(|w| w.eq_ignore_ascii_case(b"password ")) {
        p += 9;
    }
    let value = match literal(t, p).filter(|_| t[p] != b'`') {
        Some(l) => l,
        // Oracle takes it without quotes; in prose the word is not shouted.
        None if t[at.start].is_ascii_uppercase() => {
            run(t, p, |b| b.is_ascii_alphanumeric() || b"_!@#%^*-+.$".contains(&b))
        }
        None => return None,
    };
    Some(site(at, value, 0)).filter(|s| s.value.len() >= 3)
}

fn run(t: &[u8], start: usize, accept: impl Fn(u8) -> bool) -> Range<usize> {
    let n = t.get(start..).map_or(0, |r| r.iter().take(520).take_while(|&&b| accept(b)).count());
    start..start + n
}
