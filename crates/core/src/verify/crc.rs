//! Tokens whose tail is a CRC-32 (or, for one, a SHA-256) of the rest.
//!
//! Vendors differ in four ways: whether the prefix is covered, the base the sum is written in, its byte
//! order, and its width. A text that does not have the shape of the recipe is [`Check::Unknown`]: the rule
//! that asked may know a form that this module does not.

use sha2::{Digest as _, Sha256};

use super::base_n::{self, BASE62, BASE62_LOWER_FIRST, radix};
use super::{Check, jwt};

fn alphanumeric(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_alphanumeric)
}

fn lower_hex(text: &[u8]) -> bool {
    text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The part after the first of `prefixes` that `token` begins with.
fn after<'a>(token: &'a [u8], prefixes: &[&str]) -> Option<&'a [u8]> {
    prefixes.iter().find_map(|p| token.strip_prefix(p.as_bytes()))
}

/// Splits a tail of `tail` bytes off; `None` unless the head has `head` bytes.
fn split(text: &[u8], head: usize, tail: usize) -> Option<(&[u8], &[u8])> {
    (text.len() == head + tail).then(|| text.split_at(head))
}

/// `body` + CRC-32 of the body in six base-62 digits.
fn body62(token: &[u8], prefixes: &[&str], count: usize) -> Option<bool> {
    let rest = after(token, prefixes).filter(|rest| alphanumeric(rest))?;
    let (body, sum) = split(rest, count, 6)?;
    Some(radix::<6>(crc32fast::hash(body).into(), BASE62) == sum)
}

/// As [`body62`], with the prefix covered and any alphabet.
fn whole62(token: &[u8], prefixes: &[&str], count: usize, alphabet: &[u8; 62]) -> Option<bool> {
    let rest = after(token, prefixes).filter(|rest| alphanumeric(rest))?;
    split(rest, count, 6)?;
    let (head, sum) = token.split_at(token.len() - 6);
    Some(radix::<6>(crc32fast::hash(head).into(), alphabet) == sum)
}

fn confirmed(right: Option<bool>) -> Check {
    right.map_or(Check::Unknown, Check::confirmed)
}

fn boost(right: Option<bool>) -> Check {
    right.map_or(Check::Unknown, Check::boost)
}

/// GitHub's blog of 2021-04-05. `ghs_<digits>_<JWT>` (2026) has no sum: its web token is decoded.
pub(super) fn github(token: &[u8]) -> Check {
    if let Some(rest) = token.strip_prefix(b"ghs_") {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 && rest[digits..].starts_with(b"_eyJ") {
            return match jwt::check(&rest[digits + 1..]) {
                // The form is new and not documented in full: what does not decode is not dropped.
                Check::Failed => Check::Unknown,
                read => read,
            };
        }
    }
    confirmed(body62(token, &["ghp_", "gho_", "ghu_", "ghs_"], 30).or_else(|| body62(token, &["ghr_"], 70)))
}

/// Not documented: SHA-256 of all but the last 16 characters, its base32 at -16..-8.
pub(super) fn github_pat(token: &[u8]) -> Check {
    let shaped = after(token, &["github_pat_"]).is_some_and(|rest| {
        rest.len() == 82 && rest[22] == b'_' && alphanumeric(&rest[..22]) && alphanumeric(&rest[23..])
    });
    if !shaped {
        return Check::Unknown;
    }
    let (head, tail) = token.split_at(token.len() - 16);
    Check::confirmed(base_n::to_base32(&Sha256::digest(head))[..8] == tail[..8])
}

/// The recipe of GitHub, which owns npm.
pub(super) fn npm(token: &[u8]) -> Check {
    confirmed(body62(token, &["npm_"], 30))
}

/// Seen in seven tokens of public test data. In URLs the `=` may be escaped.
pub(super) fn atlassian(token: &[u8]) -> Check {
    let plain = unescape_equals(token);
    let token = plain.as_deref().unwrap_or(token);
    let known = after(token, &["ATATT", "ATCTT", "ATBB"]).is_some();
    let shaped = known
        || (token.len() > 5 && token.starts_with(b"AT") && token[2..5].iter().all(u8::is_ascii_uppercase));
    let Some((head, sum)) = token.split_at_checked(token.len().saturating_sub(8)) else {
        return Check::Unknown;
    };
    let hex = sum.len() == 8 && sum.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    // An `ATBB` has a fixed length; the others end in `=` and the sum.
    let whole =
        if token.starts_with(b"ATBB") { head.len() == 28 } else { head.len() > 24 && head.ends_with(b"=") };
    if !(shaped && hex && whole) {
        return Check::Unknown;
    }
    let right = format!("{:08X}", crc32fast::hash(head)).as_bytes() == sum;
    if known { Check::confirmed(right) } else { Check::boost(right) }
}

/// `=` for `%3D`, `\=` and `=`.
fn unescape_equals(token: &[u8]) -> Option<Vec<u8>> {
    let escape = token.windows(3).position(|w| w.eq_ignore_ascii_case(b"%3d")).map(|at| (at, 3));
    let escape = escape.or_else(|| token.windows(2).position(|w| w == b"\\=").map(|at| (at, 2)));
    let escape = escape
        .or_else(|| token.windows(6).position(|w| w.eq_ignore_ascii_case(b"\\u003d")).map(|at| (at, 6)));
    escape.map(|(at, len)| [&token[..at], b"=", &token[at + len..]].concat())
}

/// Grafana's source: the sum covers `glsa_` and the body, little endian, in hex.
pub(super) fn grafana(token: &[u8]) -> Check {
    let Some((head, sum)) = split(token, 37, 9) else { return Check::Unknown };
    let shaped = after(head, &["glsa_"]).is_some_and(alphanumeric) && sum[0] == b'_' && lower_hex(&sum[1..]);
    if !shaped {
        return Check::Unknown;
    }
    Check::confirmed(format!("{:08x}", crc32fast::hash(head).swap_bytes()).as_bytes() == &sum[1..])
}

/// Zuplo's blog.
pub(super) fn zuplo(token: &[u8]) -> Check {
    let parts = after(token, &["zpka_"]).and_then(|rest| split(rest, 32, 9));
    confirmed(
        parts
            .filter(|(body, sum)| alphanumeric(body) && sum[0] == b'_' && lower_hex(&sum[1..]))
            .map(|(body, sum)| format!("{:08x}", crc32fast::hash(body)).as_bytes() == &sum[1..]),
    )
}

/// Documented as "40 characters and a checksum"; the algorithm is from one sample.
pub(super) fn cloudflare(token: &[u8]) -> Check {
    let parts = after(token, &["cfk_", "cfut_", "cfat_"]).and_then(|rest| split(rest, 40, 8));
    boost(parts.map(|(body, sum)| format!("{:08x}", crc32fast::hash(body)).as_bytes() == sum))
}

/// From one sample: the sum's little-endian bytes in base64, cut to six characters.
pub(super) fn confluent(token: &[u8]) -> Check {
    let parts = after(token, &["cflt"]).and_then(|rest| split(rest, 54, 6));
    boost(parts.map(|(body, sum)| {
        let have = base_n::base64(sum).unwrap_or_default();
        have == crc32fast::hash(body).to_le_bytes()
    }))
}

/// From one sample: the prefix is covered.
pub(super) fn deno(token: &[u8]) -> Check {
    boost(whole62(token, &["ddp_", "ddw_"], 30, BASE62))
}

/// From two samples: the prefix is covered, lower case comes before upper case.
pub(super) fn apify(token: &[u8]) -> Check {
    boost(whole62(token, &["apify_api_"], 30, BASE62_LOWER_FIRST))
}

/// From four samples.
pub(super) fn vercel(token: &[u8]) -> Check {
    boost(body62(token, &["vcp_", "vci_", "vca_", "vcr_", "vck_"], 50))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    #[test]
    fn atlassian_escapes_are_undone() {
        let token = fakes::atlassian(1);
        for escaped in ["%3D", "%3d", "\\=", "\\u003d"] {
            let text = token.replacen('=', escaped, 1);
            assert_eq!(atlassian(text.as_bytes()), Check::checksum(), "{escaped}");
        }
    }

    #[test]
    fn another_shape_is_unknown() {
        for text in ["ghp_short", "ghp_", "", "glsa_x", "github_pat_x", "npm_", "ATATT", "zpka_", "\u{e9}"] {
            for check in [github, github_pat, npm, atlassian, grafana, zuplo] {
                assert_eq!(check(text.as_bytes()), Check::Unknown, "{text}");
            }
        }
    }

    #[test]
    fn a_stateless_server_token_is_read_as_a_web_token() {
        let token = format!("ghs_123456_{}", fakes::jwt(1));
        assert!(matches!(github(token.as_bytes()), Check::Passed { .. }));
    }
}
