//! What Amazon's ids, session tokens and presigned URLs say about themselves.

use super::{Check, Facts, base_n, time};

/// An id such as `AKIA…`: ids of the newer generation hold the account number.
///
/// The 16 characters are base32; of the first six bytes, bit 47 marks the generation and bits 7 to 46 are
/// the account (WithSecure, "A short note on AWS key id", 2023). An older id proves nothing either way.
pub(super) fn key_id(id: &[u8]) -> Check {
    match account(id) {
        Some(account) => Check::structure(Facts::new().add("account", account)),
        None => Check::Unknown,
    }
}

fn account(id: &[u8]) -> Option<String> {
    let (kind, rest) = id.split_at_checked(4)?;
    if rest.len() != 16 || !kind.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return None;
    }
    if rest.iter().any(u8::is_ascii_lowercase) {
        return None;
    }
    let raw = base_n::base32(rest)?;
    let number = raw[..6].iter().fold(0_u64, |n, &b| n << 8 | u64::from(b));
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    (number >> 47 == 1 && account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

/// A session token: base64 that holds `origin_ec` or `er/aws` where the service puts them.
pub(super) fn session_token(token: &[u8]) -> Check {
    let known = [&b"IQoJb3JpZ2lu"[..], b"FwoGZXIvYXdz", b"FQoGZXIvYXdz"];
    let right = known.iter().any(|head| token.starts_with(head))
        && token.len() >= 100
        && base_n::base64(token).is_some();
    if right { Check::structure(Facts::new()) } else { Check::Unknown }
}

/// A long-term Bedrock key: `ABSK` and the base64 of `BedrockAPIKey-xxxx-at-<account>:<secret>`.
pub(super) fn bedrock_long(token: &[u8]) -> Check {
    let account = || {
        let raw = base_n::base64(token.strip_prefix(b"ABSK")?)?;
        let name = std::str::from_utf8(&raw).ok()?.split_once(':')?.0.to_owned();
        let account = name.rsplit_once("-at-")?.1.to_owned();
        (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then_some(account)
    };
    match account() {
        Some(account) => Check::structure(Facts::new().add("account", account)),
        None => Check::Unknown,
    }
}

/// A short-term Bedrock key: the base64 of a presigned URL.
pub(super) fn bedrock_short(token: &[u8]) -> Check {
    let body = token.strip_prefix(b"bedrock-api-key-").unwrap_or(token);
    match base_n::base64(body) {
        Some(url) => presigned(&url),
        None => Check::Unknown,
    }
}

/// A presigned URL, or its query.
pub(super) fn presigned(url: &[u8]) -> Check {
    let Ok(url) = std::str::from_utf8(url) else { return Check::Unknown };
    let field = |name: &str| {
        let rest = url.split(['?', '&', ';']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(rest.split(['"', '\'', ' ', '<', '#', '\\']).next().unwrap_or(rest))
    };
    let signed = field("X-Amz-Signature")
        .is_some_and(|text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()));
    let Some(credential) = field("X-Amz-Credential").filter(|_| signed) else { return Check::Unknown };
    let credential = credential.replace("%2F", "/").replace("%2f", "/");
    let mut parts = credential.split('/');
    let id = parts.next().unwrap_or_default().to_owned();
    let region = parts.nth(1).map(str::to_owned);
    let service = parts.next().map(str::to_owned);
    let expires = || {
        let life: i64 = field("X-Amz-Expires")?.parse().ok()?;
        time::rfc3339(basic_time(field("X-Amz-Date")?)?.checked_add(life)?)
    };
    Check::structure(
        Facts::new()
            .maybe("account", account(id.as_bytes()))
            .maybe("region", region)
            .maybe("service", service)
            .maybe("expires", expires()),
    )
}

/// Reads `20260102T030405Z`.
fn basic_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |at: usize, len: usize| text.get(at..at + len)?.parse::<i64>().ok();
    time::unix(number(0, 4)?, number(4, 2)?, number(6, 2)?, number(9, 2)?, number(11, 2)?, number(13, 2)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    fn facts(check: Check) -> Vec<(&'static str, String)> {
        let Check::Passed { facts, .. } = check else { panic!("{check:?}") };
        facts.into_iter().map(|f| (f.name, f.value)).collect()
    }

    #[test]
    fn published_ids_name_their_account() {
        // awsteele.com, 2020, and a sample of T. Be'ery: ids without their secrets.
        for (id, account) in
            [("ASIAY34FZKBO<>KMUTVV7A", "609629065308"), ("ASIAQNZGKIQY<>56JQ7WML", "029608264753")]
        {
            assert_eq!(facts(key_id(id.replace("<>", "").as_bytes())), [("account", account.to_owned())]);
        }
    }

    #[test]
    fn older_ids_and_other_text_say_nothing() {
        let example = "AKIAIOSFODNN7<>EXAMPLE".replace("<>", "");
        for id in [
            example.as_str(),
            "AKIA",
            "",
            concat!("AKIA", "0000000000000000"),
            "akia",
            concat!("AKIA", "abcdefghijklmnop"),
        ] {
            assert_eq!(key_id(id.as_bytes()), Check::Unknown, "{id}");
        }
    }

    #[test]
    fn a_presigned_url_names_region_and_expiry() {
        let found = facts(bedrock_short(fakes::bedrock_short(3).as_bytes()));
        let expected = [
            ("account", "123456789012"),
            ("region", "us-east-1"),
            ("service", "bedrock"),
            ("expires", "2026-01-02T04:04:05Z"),
        ];
        assert_eq!(found, expected.map(|(n, v)| (n, v.to_owned())));
    }
}
