//! GitLab's routable tokens: a payload that says whose the token is, its length, and a CRC-32.
//!
//! `glpat-<payload>.[<version>.]<length><sum>`: the length of the payload in two base-36 digits, then the
//! CRC-32 of everything before it in seven. See GitLab's handbook, "routable tokens". The older form of
//! twenty characters has no sum.

use super::base_n::{self, BASE36, from_base36, radix};
use super::{Check, Facts};
use crate::found::Verified;

/// Checks the tail. The recipe is confirmed for personal tokens only; other kinds are boost-only.
pub(super) fn routable(token: &[u8]) -> Check {
    let Some(right) = tail_is_right(token) else { return Check::Unknown };
    match right {
        true => Check::Passed { how: Verified::Checksum, facts: payload_facts(token).0 },
        false if token.starts_with(b"glpat-") => Check::Failed,
        false => Check::Unknown,
    }
}

/// `None` when this is no routable token.
fn tail_is_right(token: &[u8]) -> Option<bool> {
    let (payload, rest) = payload(token)?;
    let tail = match rest {
        [a, b, b'.', tail @ ..] if base36(&[*a, *b]) => tail,
        tail => tail,
    };
    if tail.len() != 9 || !base36(tail) {
        return None;
    }
    let (head, sum) = token.split_at(token.len() - 7);
    let length = from_base36(&tail[..2])?;
    Some(length == payload.len() as u64 && radix::<7>(crc32fast::hash(head).into(), BASE36) == sum)
}

fn base36(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

/// The payload, and what follows the dot after it.
fn payload(token: &[u8]) -> Option<(&[u8], &[u8])> {
    let dash = memchr::memchr(b'-', token).filter(|at| (4..=10).contains(at) && token.starts_with(b"gl"))?;
    let rest = match &token[dash + 1..] {
        [b't', digit, b'_', rest @ ..] if digit.is_ascii_digit() => rest,
        rest => rest,
    };
    let dot = memchr::memchr(b'.', rest).filter(|dot| (27..=300).contains(dot))?;
    Some((&rest[..dot], &rest[dot + 1..]))
}

/// The payload's lines: `o` organisation, `u` user, `g` group, `p` project, `c` cell, in base 36.
fn payload_facts(token: &[u8]) -> Facts {
    let raw = payload(token).and_then(|(text, _)| base_n::base64(text)).unwrap_or_default();
    raw.split(|&b| b == b'\n').fold(Facts::new(), |facts, line| {
        let value = line.get(2..).and_then(from_base36).map(|n| n.to_string());
        match line {
            [b'o', b':', ..] => facts.maybe("organization", value),
            [b'u', b':', ..] => facts.maybe("user", value),
            [b'g', b':', ..] => facts.maybe("group", value),
            [b'p', b':', ..] => facts.maybe("project", value),
            [b'c', b':', ..] => facts.maybe("cell", value),
            _ => facts,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    #[test]
    fn facts_name_the_organization_and_the_user() {
        let Check::Passed { facts, .. } = routable(fakes::gitlab_routable(5).as_bytes()) else { panic!() };
        let names: Vec<_> = facts.iter().map(|f| f.name).collect();
        assert_eq!(names, ["organization", "user"]);
        assert_eq!(facts[0].value, "1");
    }

    #[test]
    fn the_legacy_form_is_unknown() {
        assert_eq!(routable(fakes::gitlab_token(1).as_bytes()), Check::Unknown);
    }
}
