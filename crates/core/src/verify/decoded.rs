//! Tokens that decode to something readable: JSON, an id, a date. No checksum: a match counts, and a mismatch
//! only where every token of the kind decodes.

use super::base_n::{base32, base64};
use super::json::Json;
use super::pem;
use super::{Check, Facts, base_n, time};

fn json_after(token: &[u8], prefix: &str) -> Option<Json> {
    Json::object(&base64(token.strip_prefix(prefix.as_bytes())?)?)
}

fn structure(facts: Option<Facts>) -> Check {
    facts.map_or(Check::Unknown, Check::structure)
}

/// The outcome for a structure that every token of the kind has.
fn confirmed(facts: Option<Facts>) -> Check {
    facts.map_or(Check::Failed, Check::structure)
}

/// A Data Center token: a decimal id, a colon, and bytes that are not text.
pub(super) fn atlassian_dc(token: &[u8]) -> Check {
    let raw = base64(token.strip_prefix(b"BBDC-").unwrap_or(token)).unwrap_or_default();
    let digits = raw.iter().take_while(|b| b.is_ascii_digit()).count();
    let random = raw.get(digits + 1..).filter(|_| raw[digits] == b':').unwrap_or_default();
    let printable = random.iter().all(u8::is_ascii_graphic);
    let right = (4..=20).contains(&digits) && (16..40).contains(&random.len()) && !printable;
    confirmed(right.then(Facts::new))
}

/// `glc_` (organisation, name, key, region) or the legacy API key (key, name, id).
pub(super) fn grafana(token: &[u8]) -> Check {
    let json = json_after(token, "glc_").or_else(|| json_after(token, ""));
    confirmed(json.and_then(|json| {
        json.get("k")?;
        json.get("n")?;
        let organization = json.text("o").or_else(|| json.text("id"))?;
        let region = json.get("m").and_then(|m| m.text("r"));
        Some(Facts::new().add("organization", organization).maybe("region", region))
    }))
}

/// A Sentry organisation token: JSON, `_`, 32 bytes.
pub(super) fn sentry(token: &[u8]) -> Check {
    let at = memchr::memrchr(b'_', token).unwrap_or(0);
    let secret = base64(&token[(at + 1).min(token.len())..]).is_some_and(|raw| raw.len() == 32);
    let json = json_after(&token[..at], "sntrys_").filter(|_| secret);
    confirmed(json.and_then(|json| {
        let region = json.text("region_url")?;
        let issued = json.seconds("iat").and_then(time::rfc3339);
        json.get("iat")?;
        Some(
            Facts::new()
                .maybe("organization", json.text("org"))
                .add("region", region)
                .maybe("issued", issued),
        )
    }))
}

/// A 1Password service account.
pub(super) fn onepassword(token: &[u8]) -> Check {
    confirmed(json_after(token, "ops_").and_then(|json| {
        json.get("secretKey")?;
        let address = json.text("signInAddress")?;
        Some(Facts::new().add("account", address).maybe("user", json.text("email")))
    }))
}

/// A Cloudflare tunnel token: account, tunnel, secret.
pub(super) fn cloudflare_tunnel(token: &[u8]) -> Check {
    structure(json_after(token, "").and_then(|json| {
        json.get("s")?;
        Some(Facts::new().add("account", json.text("a")?).add("tunnel", json.text("t")?))
    }))
}

/// A Mapbox token. `pk.` is made for browsers.
pub(super) fn mapbox(token: &[u8]) -> Check {
    let mut parts = token.split(|&b| b == b'.');
    let (kind, body) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let Some(json) = json_after(body, "") else { return Check::Unknown };
    let Some(user) = json.text("u") else { return Check::Unknown };
    match kind {
        b"pk" => Check::Demote("a Mapbox token that is meant to be public"),
        b"sk" | b"tk" => Check::structure(Facts::new().add("account", user)),
        _ => Check::Unknown,
    }
}

/// A JFrog reference token: `reftkn:<version>:<expiry>:<random>`; an expiry of zero is never.
pub(super) fn jfrog_reference(token: &[u8]) -> Check {
    let raw = base64(token).unwrap_or_default();
    // The random part need not be text.
    let expiry = match raw.strip_prefix(b"reftkn:") {
        Some([v, w, b':', rest @ ..])
            if v.is_ascii_digit() && w.is_ascii_digit() && rest.get(10) == Some(&b':') =>
        {
            std::str::from_utf8(&rest[..10]).ok().and_then(|digits| digits.parse().ok())
        }
        _ => None,
    };
    confirmed(expiry.map(|unix: i64| match unix {
        0 => Facts::new().add("expires", "never"),
        _ => Facts::new().maybe("expires", time::rfc3339(unix)),
    }))
}

/// A JFrog API key: base58 of 54 bytes.
pub(super) fn jfrog_api_key(token: &[u8]) -> Check {
    let right =
        token.starts_with(b"AKCp") && token.len() == 73 && token.iter().all(|b| base_n::BASE58.contains(b));
    structure(right.then(Facts::new))
}

/// A NuGet key: base32 of `v4` and ten bytes, then of sixteen.
pub(super) fn nuget(token: &[u8]) -> Check {
    let lower = token.len() == 46 && !token.iter().any(u8::is_ascii_uppercase);
    let right = lower
        && base32(&token[20..]).is_some()
        && base32(&token[..20]).is_some_and(|head| head.starts_with(b"v4"));
    structure(right.then(Facts::new))
}

/// A Discord bot token: the first part is the decimal id, a snowflake that holds its date of creation.
pub(super) fn discord(token: &[u8]) -> Check {
    let first = token.split(|&b| b == b'.').next().unwrap_or_default();
    let raw = base64(first).unwrap_or_default();
    if raw.is_empty() || !raw.iter().all(u8::is_ascii_digit) {
        return Check::Failed;
    }
    let id = std::str::from_utf8(&raw).ok().and_then(|text| text.parse::<u64>().ok());
    match id.filter(|id| *id > 1_000_000_000_000_000) {
        Some(id) => {
            let made = time::date_of_millis((id >> 22) + 1_420_070_400_000);
            Check::structure(Facts::new().add("bot", id.to_string()).maybe("created", made))
        }
        None => Check::Unknown,
    }
}

/// A OneSignal key: the first sixteen bytes are the id of the app, a random (version 4) UUID.
pub(super) fn onesignal(token: &[u8]) -> Check {
    let body = [&b"os_v2_app_"[..], b"os_v2_org_"].iter().find_map(|prefix| token.strip_prefix(*prefix));
    let raw = body.and_then(base32).unwrap_or_default();
    structure(raw.first_chunk::<16>().filter(|id| id[6] >> 4 == 4 && id[8] >> 6 == 2).map(|id| {
        let hex: String = id.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat();
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        Facts::new().add("app", uuid)
    }))
}

/// A WorkOS key: `key_<ULID>,<secret>`; the ULID begins with milliseconds in Crockford's base 32.
pub(super) fn workos(token: &[u8]) -> Check {
    const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let body = [&b"sk_live_"[..], b"sk_test_", b"sk_"].iter().find_map(|prefix| token.strip_prefix(*prefix));
    let raw = base64(body.unwrap_or(token)).unwrap_or_default();
    let made = || {
        let id = raw.strip_prefix(b"key_")?;
        let millis = id
            .get(..10)?
            .iter()
            .try_fold(0_u64, |n, byte| Some(n << 5 | CROCKFORD.iter().position(|c| c == byte)? as u64))?;
        (id.get(26) == Some(&b',')).then_some(millis)
    };
    structure(made().map(|millis| Facts::new().maybe("created", time::date_of_millis(millis))))
}

/// A Vault token with an envelope: `hvs.` and base64url of protobuf fields that fill it exactly.
pub(super) fn vault(token: &[u8]) -> Check {
    let body = [&b"hvs."[..], b"hvb.", b"hvr."].iter().find_map(|prefix| token.strip_prefix(*prefix));
    let raw = body.and_then(base64).unwrap_or_default();
    let right = raw.len() >= 40 && raw.starts_with(&[0x08, 0x01, 0x12]) && protobuf(&raw);
    structure(right.then(Facts::new))
}

/// Whether `raw` is a run of whole protobuf fields of the wire types 0 and 2.
fn protobuf(raw: &[u8]) -> bool {
    let mut rest = raw;
    while !rest.is_empty() {
        let Some((key, after)) = varint(rest) else { return false };
        let Some((value, after)) = varint(after) else { return false };
        rest = match key & 7 {
            0 => after,
            2 => match usize::try_from(value).ok().and_then(|len| after.get(len..)) {
                Some(after) => after,
                None => return false,
            },
            _ => return false,
        };
    }
    true
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if *byte < 0x80 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// An Elastic API key: base64 of `id:key`, both of them token text.
pub(super) fn elastic(token: &[u8]) -> Check {
    let raw = base64(token.strip_prefix(b"essu_").unwrap_or(token)).unwrap_or_default();
    let text = std::str::from_utf8(&raw).unwrap_or_default();
    let plain = |part: &str| {
        (20..=90).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=+/".contains(&b))
    };
    let id = text.split_once(':').filter(|(id, key)| plain(id) && plain(key)).map(|(id, _)| id);
    structure(id.map(|id| Facts::new().add("id", id)))
}

/// An Intercom token: base64 of `tok:` and an id.
pub(super) fn intercom(token: &[u8]) -> Check {
    let raw = base64(token).unwrap_or_default();
    let right = raw.starts_with(b"tok:") && raw.len() >= 30 && raw.iter().all(u8::is_ascii_graphic);
    structure(right.then(Facts::new))
}

/// A Google Cloud service account file, or only its private key.
pub(super) fn gcp_service_account(text: &[u8]) -> Check {
    let Some(json) = Json::object(text) else { return pem::check(text) };
    let key = json.text("private_key").unwrap_or_default();
    let email = json.text("client_email").unwrap_or_default();
    if json.text("type") != Some("service_account") || !email.ends_with(".gserviceaccount.com") {
        return Check::Unknown;
    }
    match pem::check(key.as_bytes()) {
        Check::Passed { .. } => Check::structure(
            Facts::new()
                .maybe("project", json.text("project_id"))
                .add("user", email)
                .maybe("key id", json.text("private_key_id")),
        ),
        other => other,
    }
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
    fn facts_by_vendor() {
        let cases: &[(Check, &[(&str, &str)])] = &[
            (grafana(fakes::grafana_cloud(1).as_bytes()), &[("organization", "1234"), ("region", "us")]),
            (grafana(fakes::grafana_legacy(1).as_bytes()), &[("organization", "1")]),
            (
                sentry(fakes::sentry_org(1).as_bytes()),
                &[
                    ("organization", "acme"),
                    ("region", "https://us.sentry.io"),
                    ("issued", "2026-01-02T03:04:05Z"),
                ],
            ),
            (
                onepassword(fakes::onepassword(1).as_bytes()),
                &[("account", "acme.1password.com"), ("user", "ci@1passwordserviceaccounts.com")],
            ),
            (mapbox(fakes::mapbox_secret(1).as_bytes()), &[("account", "acme")]),
            (jfrog_reference(fakes::jfrog_reference(1).as_bytes()), &[("expires", "never")]),
            (workos(fakes::workos(1).as_bytes()), &[("created", "2026-01-02")]),
            (
                gcp_service_account(fakes::gcp_service_account(1).as_bytes()),
                &[("project", "acme-orders"), ("user", "ci@acme-orders.iam.gserviceaccount.com")],
            ),
        ];
        for (check, expected) in cases {
            let found = facts(check.clone());
            let found: Vec<_> = found.iter().map(|(n, v)| (*n, v.as_str())).take(expected.len()).collect();
            assert_eq!(&found, expected);
        }
    }

    #[test]
    fn a_public_mapbox_token_is_demoted() {
        assert!(matches!(mapbox(fakes::mapbox_as(1, "pk").as_bytes()), Check::Demote(_)));
    }

    #[test]
    fn a_discord_token_without_digits_fails() {
        assert_eq!(discord(b"aGVsbG8gd29ybGQhISEh.GabcdE.abc"), Check::Failed);
    }

    #[test]
    fn published_samples() {
        // A synthetic key of microsoft/security-utilities.
        assert!(matches!(nuget(b"oy2mdeaddeaddeadeadqdeaddeadxxxezodeaddeadwxuq"), Check::Passed { .. }));
        assert_eq!(nuget(b"oy2mdeaddeaddeadeadqdeaddeadxxxezodeaddeadwx10"), Check::Unknown);
    }
}
