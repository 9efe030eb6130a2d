//! Secrets with a public structure: web tokens, URLs, passwords.

use super::encode::{b64, b64url, hex};
use super::{BASE62, BASE64URL, HEX, pem_pkcs8};
use crate::rng::Rng;

/// A JSON web token that expired on 2030-01-01.
pub fn jwt(seed: u64) -> String {
    let user = Rng::new(seed).text(BASE62, 12);
    jwt_with(
        seed,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        &format!(
            r#"{{"iss":"https://id.acme.dev/","sub":"{user}","aud":"api","iat":1767323045,"exp":1893456000}}"#
        ),
    )
}

/// A JSON web token with the given header and claims and a random signature.
pub fn jwt_with(seed: u64, header: &str, claims: &str) -> String {
    let signature = Rng::new(seed ^ 0x5151).bytes(32);
    format!("{}.{}.{}", b64url(header.as_bytes()), b64url(claims.as_bytes()), b64url(&signature))
}

/// A Supabase key of the given role (`anon` or `service_role`).
pub fn supabase_jwt(seed: u64, role: &str) -> String {
    let project = Rng::new(seed).text("abcdefghijklmnopqrstuvwxyz", 20);
    jwt_with(
        seed,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        &format!(
            r#"{{"iss":"supabase","ref":"{project}","role":"{role}","iat":1767323045,"exp":2082899045}}"#
        ),
    )
}

/// A Kubernetes service account token of `kube-system:builder`.
pub fn kubernetes_jwt(seed: u64) -> String {
    jwt_with(
        seed,
        r#"{"alg":"RS256","kid":"a1"}"#,
        r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:kube-system:builder"}"#,
    )
}

/// The base64 of `user:password` in an HTTP Basic header.
pub fn basic_auth(seed: u64) -> String {
    b64(format!("deploy:{}", generic_password(seed)).as_bytes())
}

/// A password as a person or a password manager makes one: letters, digits and a mark.
pub fn generic_password(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let count = rng.between(14, 20);
    let mut text = rng.text(BASE62, count);
    for mark in ["!", "7", "q", "Z"] {
        text.insert_str(rng.below(text.len()), mark);
    }
    text
}

/// A random token of `count` base64url characters.
pub fn generic_token(seed: u64, count: usize) -> String {
    Rng::new(seed).text(BASE64URL, count)
}

/// A random key of `count` hexadecimal digits.
pub fn hex_key(seed: u64, count: usize) -> String {
    Rng::new(seed).text(HEX, count)
}

fn url_password(seed: u64) -> String {
    Rng::new(seed).text(BASE62, 20)
}

/// A PostgreSQL connection URL with a password.
pub fn postgres_url(seed: u64) -> String {
    format!("postgres://app:{}@db.internal.acme.dev:5432/orders?sslmode=require", url_password(seed))
}

/// A MySQL connection URL with a password.
pub fn mysql_url(seed: u64) -> String {
    format!("mysql://app:{}@db.internal.acme.dev:3306/orders", url_password(seed))
}

/// A MongoDB connection URL with a password.
pub fn mongodb_url(seed: u64) -> String {
    format!("mongodb+srv://app:{}@cluster0.ab1cd.mongodb.net/orders", url_password(seed))
}

/// A Redis connection URL with a password.
pub fn redis_url(seed: u64) -> String {
    format!("redis://default:{}@cache.internal.acme.dev:6379/0", url_password(seed))
}

/// An AMQP connection URL with a password.
pub fn amqp_url(seed: u64) -> String {
    format!("amqps://app:{}@mq.internal.acme.dev/orders", url_password(seed))
}

/// A web URL with a user and a password.
pub fn https_url(seed: u64) -> String {
    format!("https://deploy:{}@git.internal.acme.dev/orders.git", url_password(seed))
}

/// A Google Cloud service account file.
pub fn gcp_service_account(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let key = pem_pkcs8(seed).replace('\n', "\\n");
    let (id, client) = (rng.text(HEX, 40), rng.text("123456789", 21));
    format!(
        r#"{{
  "type": "service_account",
  "project_id": "acme-orders",
  "private_key_id": "{id}",
  "private_key": "{key}",
  "client_email": "ci@acme-orders.iam.gserviceaccount.com",
  "client_id": "{client}",
  "token_uri": "https://oauth2.googleapis.com/token"
}}
"#
    )
}

/// The `client-key-data` of a kubeconfig: base64 of a PEM key.
pub fn kubeconfig_key(seed: u64) -> String {
    b64(super::pem_rsa(seed).as_bytes())
}

/// A Docker registry login as `config.json` keeps it.
pub fn docker_config(seed: u64) -> String {
    format!(r#"{{"auths":{{"https://registry.acme.dev":{{"auth":"{}"}}}}}}"#, basic_auth(seed))
}

/// A Cisco type 7 password.
pub fn cisco7(seed: u64) -> String {
    const KEY: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
    let mut rng = Rng::new(seed);
    let offset = rng.below(16);
    let plain = rng.text(BASE62, 12);
    let hidden: Vec<u8> =
        plain.bytes().enumerate().map(|(at, byte)| byte ^ KEY[(offset + at) % KEY.len()]).collect();
    format!("{offset:02}{}", hex(&hidden).to_uppercase())
}
