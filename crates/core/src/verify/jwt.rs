//! JSON web tokens and keys (RFC 7515, 7517, 7519).
//!
//! The signature cannot be checked without the issuer's key, but a header that is not JSON with an `alg`
//! proves that this is no token. The claims say whose it is and until when.

use super::json::Json;
use super::{Check, Facts, base_n, time};

/// Checks a token of three parts (signed) or five (encrypted).
pub(super) fn check(token: &[u8]) -> Check {
    let parts: Vec<&[u8]> = token.split(|&b| b == b'.').collect();
    if parts.len() != 3 && parts.len() != 5 {
        return Check::Unknown;
    }
    let header = base_n::base64(parts[0]).and_then(|raw| Json::object(&raw));
    let Some(header) = header.filter(|header| header.get("alg").is_some()) else { return Check::Failed };
    if parts.len() == 5 {
        return Check::structure(Facts::new());
    }
    let Some(claims) = base_n::base64(parts[1]).and_then(|raw| Json::object(&raw)) else {
        // A signed payload may be anything; a token (RFC 7519) is claims, and those are JSON.
        let token = header.text("typ").is_some_and(|typ| typ.eq_ignore_ascii_case("jwt"));
        return if token && header.get("zip").is_none() { Check::Failed } else { Check::Unknown };
    };
    let unsigned =
        header.text("alg").is_some_and(|alg| alg.eq_ignore_ascii_case("none")) || parts[2].is_empty();
    let bytes = header.text("alg").and_then(signature_bytes);
    let signature = base_n::base64(parts[2]).map(|raw| raw.len());
    if bytes.is_some() && bytes != signature && !unsigned {
        return Check::Failed;
    }
    match public_by_design(&claims) {
        Some(why) => Check::Demote(why),
        None if unsigned => Check::Demote("unsigned: anyone can make it"),
        None => Check::structure(facts(&claims)),
    }
}

/// How long a signature is, for the algorithms where that is fixed (RFC 7518, RFC 8037).
fn signature_bytes(alg: &str) -> Option<usize> {
    Some(match alg {
        "HS256" => 32,
        "HS384" => 48,
        "HS512" | "ES256" | "EdDSA" => 64,
        "ES384" => 96,
        "ES512" => 132,
        _ => return None,
    })
}

/// An installation token of a GitHub app: `ghs_`, the app's id, `_` and a JSON web token. It has no checksum.
pub(super) fn github_app(token: &[u8]) -> Check {
    let body = token.strip_prefix(b"ghs_").unwrap_or_default();
    let digits = body.iter().take_while(|b| b.is_ascii_digit()).count();
    match body.get(digits..).and_then(|rest| rest.strip_prefix(b"_")) {
        Some(token) if digits > 0 => check(token),
        _ => Check::Failed,
    }
}

/// Why a token of this content is no secret.
fn public_by_design(claims: &Json) -> Option<&'static str> {
    let issuer = claims.text("iss").unwrap_or_default();
    if issuer == "supabase" && claims.text("role") == Some("anon") {
        return Some("a Supabase key that is meant to be public");
    }
    if issuer == "supabase-demo" {
        return Some("the key of Supabase's local demo");
    }
    if claims.text("sub") == Some("1234567890") && claims.text("name") == Some("John Doe") {
        return Some("the example of jwt.io");
    }
    None
}

fn facts(claims: &Json) -> Facts {
    let time = |name| claims.seconds(name).and_then(time::rfc3339);
    let audience = match claims.get("aud") {
        Some(Json::List(items)) => items.iter().find_map(|item| match item {
            Json::Text(text) => Some(text.as_str()),
            _ => None,
        }),
        _ => claims.text("aud"),
    };
    let service_account =
        claims.text("sub").filter(|sub| sub.starts_with("system:serviceaccount:") || sub.contains('@'));
    Facts::new()
        .maybe("issuer", claims.text("iss"))
        .maybe("audience", audience)
        .maybe("subject", service_account)
        .maybe("role", claims.text("role"))
        .maybe("project", claims.text("ref"))
        .maybe("account", claims.text("account_id"))
        .maybe("scope", claims.text("scope"))
        .maybe("issued", time("iat"))
        .maybe("expires", time("exp"))
}

/// A JSON web key (or a set of them) that holds a private member.
pub(super) fn jwk(text: &[u8]) -> Check {
    let Some(json) = Json::object(text) else { return Check::Unknown };
    let keys: Vec<&Json> = match json.get("keys") {
        Some(Json::List(keys)) => keys.iter().collect(),
        _ => vec![&json],
    };
    let private = keys.into_iter().find(|key| {
        let member = if key.text("kty") == Some("oct") { "k" } else { "d" };
        let value = key.text(member).and_then(|text| base_n::base64(text.as_bytes()));
        value.is_some_and(|bytes| bytes.len() >= 16)
    });
    match private {
        Some(key) => Check::structure(
            Facts::new()
                .maybe("key", key.text("kty"))
                .maybe("curve", key.text("crv"))
                .maybe("id", key.text("kid")),
        ),
        None => Check::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes::{self, jwt_with};

    fn fact(check: &Check, name: &str) -> Option<String> {
        let Check::Passed { facts, .. } = check else { panic!("{check:?}") };
        facts.iter().find(|f| f.name == name).map(|f| f.value.clone())
    }

    #[test]
    fn claims_become_facts() {
        let outcome = check(fakes::jwt(1).as_bytes());
        assert_eq!(fact(&outcome, "issuer").as_deref(), Some("https://id.acme.dev/"));
        assert_eq!(fact(&outcome, "expires").as_deref(), Some("2030-01-01T00:00:00Z"));
        assert_eq!(fact(&outcome, "audience").as_deref(), Some("api"));
        assert_eq!(fact(&outcome, "subject"), None);
        let outcome = check(fakes::kubernetes_jwt(1).as_bytes());
        assert_eq!(fact(&outcome, "subject").as_deref(), Some("system:serviceaccount:kube-system:builder"));
    }

    #[test]
    fn what_is_public_or_unsigned_is_demoted() {
        let header = r#"{"alg":"HS256"}"#;
        for token in [
            fakes::supabase_jwt(1, "anon"),
            jwt_with(1, header, r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#),
            jwt_with(1, r#"{"alg":"none"}"#, r#"{"sub":"a"}"#),
            jwt_with(1, header, r#"{"sub":"a"}"#).rsplit_once('.').unwrap().0.to_owned() + ".",
        ] {
            assert!(matches!(check(token.as_bytes()), Check::Demote(_)));
        }
        assert_eq!(
            fact(&check(fakes::supabase_jwt(1, "service_role").as_bytes()), "role").as_deref(),
            Some("service_role")
        );
    }

    #[test]
    fn a_signature_of_the_wrong_length_fails() {
        let token = fakes::jwt(1);
        assert!(matches!(check(token.as_bytes()), Check::Passed { .. }));
        assert_eq!(check(&token.as_bytes()[..token.len() - 6]), Check::Failed);
        assert_eq!(check(format!("{token}abcd").as_bytes()), Check::Failed);
        let other = jwt_with(1, r#"{"alg":"RS256"}"#, r#"{"sub":"a"}"#);
        assert!(matches!(check(other.as_bytes()), Check::Passed { .. }), "an RSA key may have any size");
    }

    #[test]
    fn an_app_token_of_github_is_a_web_token_with_a_prefix() {
        let token = format!("ghs_12345_{}", fakes::jwt(1));
        assert_eq!(fact(&github_app(token.as_bytes()), "issuer").as_deref(), Some("https://id.acme.dev/"));
        assert_eq!(github_app(format!("ghs_12345_a{}", fakes::jwt(1)).as_bytes()), Check::Failed);
        assert_eq!(github_app(b"ghs_abc"), Check::Failed);
    }

    #[test]
    fn a_header_that_is_not_json_fails() {
        for (token, outcome) in [
            ("eyJhbGciOi.e30.c2ln", Check::Failed),
            ("abc.def.ghi", Check::Failed),
            ("e30.e30.c2ln", Check::Failed),
            ("abc.def", Check::Unknown),
            ("", Check::Unknown),
        ] {
            assert_eq!(check(token.as_bytes()), outcome, "{token}");
        }
    }

    #[test]
    fn facts_of_a_stranger_are_tame() {
        let claims = format!(r#"{{"iss":"a\u001b[31m{}"}}"#, "x".repeat(5000));
        let outcome = check(jwt_with(1, r#"{"alg":"HS256"}"#, &claims).as_bytes());
        let issuer = fact(&outcome, "issuer").unwrap();
        assert!(issuer.chars().count() <= 120 && !issuer.contains('\u{1b}'));
    }
}
