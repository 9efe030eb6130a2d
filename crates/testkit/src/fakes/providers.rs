//! Tokens of vendors, checksums included where they have one.

use sha2::{Digest as _, Sha256};

use super::encode::{b64, b64_bare, b64url, base32, crc32, marvin32, radix, unb64};
use super::{BASE32, BASE36, BASE62, BASE64URL, HEX, UPPER36};
use crate::rng::Rng;

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
/// Digits, lower case, upper case: the order that Apify uses.
const BASE62_LOWER_FIRST: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE66: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// `prefix` and `count` base-62 characters: the shape of most tokens.
fn plain(seed: u64, prefix: &str, count: usize) -> String {
    format!("{prefix}{}", Rng::new(seed).text(BASE62, count))
}

/// `prefix`, a body of `count`, and the CRC-32 of the body in six base-62 digits.
fn body_crc(seed: u64, prefix: &str, count: usize) -> String {
    let body = Rng::new(seed).text(BASE62, count);
    let sum = radix(crc32(&body).into(), BASE62, 6);
    format!("{prefix}{body}{sum}")
}

// ---- code hosts and registries ----

/// A classic GitHub personal access token, `ghp_…`.
pub fn github_token(seed: u64) -> String {
    body_crc(seed, "ghp_", 30)
}

/// A GitHub OAuth (`gho`), user (`ghu`) or server (`ghs`) token.
pub fn github_app_token(kind: &str, seed: u64) -> String {
    body_crc(seed, &format!("{kind}_"), 30)
}

/// A GitHub refresh token, `ghr_…`.
pub fn github_refresh(seed: u64) -> String {
    body_crc(seed, "ghr_", 70)
}

/// A fine-grained GitHub token, `github_pat_…`.
pub fn github_pat(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let owner = rng.text(BASE32, 7);
    let (id, body) = (rng.text(BASE62, 12), rng.text(BASE62, 43));
    let head = format!("github_pat_11{owner}0{id}_{body}");
    let sum = &base32(&Sha256::digest(head.as_bytes()))[..8];
    format!("{head}{sum}{}", rng.text(BASE62, 8))
}

/// An npm access token.
pub fn npm(seed: u64) -> String {
    body_crc(seed, "npm_", 30)
}

/// A legacy GitLab personal access token: twenty characters, no checksum.
pub fn gitlab_token(seed: u64) -> String {
    format!("glpat-{}", Rng::new(seed).text(BASE64URL, 20))
}

/// A routable GitLab personal access token, with its version part.
pub fn gitlab_routable(seed: u64) -> String {
    gitlab_routable_as(seed, "glpat-", "01.")
}

/// A routable GitLab token with a `prefix` (`glrt-t1_`) and a version part (`01.`, or nothing).
pub fn gitlab_routable_as(seed: u64, prefix: &str, version: &str) -> String {
    let mut rng = Rng::new(seed);
    let mut payload = format!("o:1\nu:{}\n", rng.text(BASE36, 4)).into_bytes();
    payload.extend(rng.bytes(16));
    payload.push(16);
    let payload = b64url(&payload);
    let head = format!("{prefix}{payload}.{version}{}", radix(payload.len() as u64, BASE36, 2));
    let sum = radix(crc32(&head).into(), BASE36, 7);
    format!("{head}{sum}")
}

/// An Atlassian cloud API token.
pub fn atlassian(seed: u64) -> String {
    atlassian_as(seed, "ATATT3xFfGF0", 171, "=")
}

/// A Bitbucket access token.
pub fn bitbucket_access(seed: u64) -> String {
    atlassian_as(seed, "ATCTT3xFfGN0", 171, "=")
}

/// A Bitbucket app password.
pub fn bitbucket_app_password(seed: u64) -> String {
    atlassian_as(seed, "ATBB", 24, "")
}

fn atlassian_as(seed: u64, prefix: &str, count: usize, tail: &str) -> String {
    let alphabet = if tail.is_empty() { BASE62 } else { BASE64URL };
    let head = format!("{prefix}{}{tail}", Rng::new(seed).text(alphabet, count));
    let sum = crc32(&head);
    format!("{head}{sum:08X}")
}

/// A Jira or Confluence Data Center token.
pub fn atlassian_dc(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut raw = format!("{}:", rng.text("123456789", 12)).into_bytes();
    raw.extend(rng.bytes(20).iter().map(|b| b | 0x80));
    b64(&raw)
}

/// A PyPI API token: a macaroon.
pub fn pypi(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let id = format!(
        "{}-{}-4{}-8{}-{}",
        h(&mut rng, 8),
        h(&mut rng, 4),
        h(&mut rng, 3),
        h(&mut rng, 3),
        h(&mut rng, 12)
    );
    let caveat = b"[0,1893456000,1893452400]";
    let mut raw = b"\x02\x01\x08pypi.org\x02\x24".to_vec();
    raw.extend(id.as_bytes());
    raw.extend([0, 2, caveat.len() as u8]);
    raw.extend(caveat);
    raw.extend([0, 0, 6, 32]);
    raw.extend(rng.bytes(32));
    format!("pypi-{}", b64url(&raw))
}

fn h(rng: &mut Rng, count: usize) -> String {
    rng.text(HEX, count)
}

/// A NuGet API key, `oy2…`.
pub fn nuget(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut first = b"v4".to_vec();
    first.extend(rng.bytes(10));
    (base32(&first) + &base32(&rng.bytes(16))).to_lowercase()
}

/// A Docker Hub access token.
pub fn docker(seed: u64) -> String {
    format!("dckr_pat_{}", Rng::new(seed).text(BASE64URL, 27))
}

/// A RubyGems API key.
pub fn rubygems(seed: u64) -> String {
    format!("rubygems_{}", Rng::new(seed).text(HEX, 48))
}

/// A crates.io token.
pub fn crates_io(seed: u64) -> String {
    plain(seed, "cio", 32)
}

/// A JFrog reference token that never expires.
pub fn jfrog_reference(seed: u64) -> String {
    b64_bare(format!("reftkn:01:0000000000:{}", Rng::new(seed).text(BASE62, 27)).as_bytes())
}

/// A JFrog API key: base58 of 54 bytes.
pub fn jfrog_api_key(seed: u64) -> String {
    plain58(seed, "AKCp", 69)
}

fn plain58(seed: u64, prefix: &str, count: usize) -> String {
    let alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    format!("{prefix}{}", Rng::new(seed).text(alphabet, count))
}

// ---- clouds ----

/// An AWS access key id of account 123456789012.
pub fn aws_key_id(seed: u64) -> String {
    aws_key_id_of(seed, "AKIA", 123_456_789_012)
}

/// An AWS id of the given type (`AKIA`, `ASIA`) and account.
pub fn aws_key_id_of(seed: u64, kind: &str, account: u64) -> String {
    let mut rng = Rng::new(seed);
    let head = 1_u64 << 47 | account << 7 | rng.next_u64() & 127;
    let mut raw = head.to_be_bytes()[2..].to_vec();
    raw.extend(rng.bytes(4));
    format!("{kind}{}", base32(&raw))
}

/// An AWS secret access key.
pub fn aws_secret(seed: u64) -> String {
    b64(&Rng::new(seed ^ 0xa5a5).bytes(30))
}

/// An AWS access key id and its secret.
pub fn aws_pair(seed: u64) -> (String, String) {
    (aws_key_id(seed), aws_secret(seed))
}

/// An AWS session token.
pub fn aws_session_token(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut raw = unb64("IQoJb3JpZ2luX2Vj");
    raw.extend(rng.bytes(300));
    b64(&raw)
}

/// A long-term Bedrock API key of account 123456789012.
pub fn bedrock_long(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let name = rng.text(LOWER, 4);
    let secret = b64(&rng.bytes(30));
    format!("ABSK{}", b64(format!("BedrockAPIKey-{name}-at-123456789012:{secret}").as_bytes()))
}

/// A short-term Bedrock API key, made 2026-01-02 03:04:05 for an hour.
pub fn bedrock_short(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let (id, signature) = (aws_key_id_of(seed, "ASIA", 123_456_789_012), h(&mut rng, 64));
    let url = format!(
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={id}%2F20260102%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260102T030405Z\
         &X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}&Version=1"
    );
    format!("bedrock-api-key-{}", b64(url.as_bytes()))
}

/// An Azure key with an embedded signature such as `+ASt` (storage), `ACDb` (Cosmos), `AzCa` (Redis).
///
/// # Panics
/// On a signature that is not in the table.
pub fn azure_his(seed: u64, signature: &str) -> String {
    let (size, seed_name): (usize, &str) = match signature {
        "+ASt" => (64, "Default0"),
        "+ABa" => (64, "AbAcct00"),
        "ACDb" => (64, "MastRW00"),
        "+ASb" | "+AEh" | "+ARm" => (32, "Manage00"),
        "AIoT" => (32, "IoTHub00"),
        "APIM" => (64, "Tenant00"),
        "AzCa" => (33, "Access00"),
        "AzSe" => (39, "PAdmin00"),
        "AzFu" => (40, "Master00"),
        "+ACR" => (39, "ACRDflt0"),
        "+AMC" => (64, "Classic0"),
        other => panic!("no such signature: {other}"),
    };
    let count = (size * 4).div_ceil(3) - 10;
    let mut rng = Rng::new(seed);
    loop {
        let mut raw = unb64(&format!("{}{signature}AAAAAA", rng.text(BASE62, count)));
        let sum = marvin32(&raw[..size - 4], seed_name);
        raw[size - 4..].copy_from_slice(&sum.to_le_bytes());
        let key = b64(&raw);
        // The services draw again until a key has letters and digits only, its signature aside.
        if !key[count + 4..].contains(['+', '/']) {
            return key;
        }
    }
}

/// An Azure storage account key.
pub fn azure_storage_key(seed: u64) -> String {
    azure_his(seed, "+ASt")
}

/// An Azure key of the 84-character form, `…JQQJ99…`; `provider` is `AZDO`, `NUGT`, `ACOG` …
pub fn azure_cask(seed: u64, provider: &str) -> String {
    let mut rng = Rng::new(seed);
    let (random, month) = (rng.text(BASE62, 52), rng.text("ABCDEFGHIJKL", 1));
    let head = format!("{random}JQQJ99B{month}AC{}{provider}", rng.text(BASE62, 14));
    let sum = marvin32(&unb64(&head), "Default0").swap_bytes();
    let mut sum = radix(sum.into(), BASE62, 0);
    while sum.len() < 6 {
        sum.push('0');
    }
    format!("{head}{}", &sum[..4])
}

/// An Entra (Azure AD) client secret.
pub fn entra_secret(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let head = format!("{}8Q~{}", rng.text(BASE62, 3), rng.text(BASE66, 31));
    let sum = radix(marvin32(head.as_bytes(), "AadPwd00").into(), BASE66, 6);
    format!("{head}{}", &sum[..3])
}

/// A Google API key.
pub fn google_api_key(seed: u64) -> String {
    format!("AIza{}", Rng::new(seed).text(BASE64URL, 35))
}

/// A DigitalOcean personal access token.
pub fn digitalocean(seed: u64) -> String {
    format!("dop_v1_{}", Rng::new(seed).text(HEX, 64))
}

/// A Cloudflare user API token.
pub fn cloudflare(seed: u64) -> String {
    let body = Rng::new(seed).text(BASE62, 40);
    format!("cfut_{body}{:08x}", crc32(&body))
}

/// A Heroku API key of the new form.
pub fn heroku(seed: u64) -> String {
    format!("HRKU-{}", Rng::new(seed).text(BASE64URL, 60))
}

/// A Vercel personal access token.
pub fn vercel(seed: u64) -> String {
    body_crc(seed, "vcp_", 50)
}

/// A Fly.io token: a list of one macaroon.
pub fn fly(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let mut raw = vec![0x92, 0x94, 0xc4, 16];
    raw.extend(rng.bytes(16));
    let location = b"https://api.fly.io/v1";
    raw.push(0xa0 | location.len() as u8);
    raw.extend(location);
    raw.extend(rng.bytes(80));
    format!("fm2_{}", b64(&raw))
}

/// A HashiCorp Vault service token.
pub fn vault(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    // Field 1: a version; field 2: 32 bytes; field 3: 28 bytes of text.
    let mut raw = vec![0x08, 0x01, 0x12, 32];
    raw.extend(rng.bytes(32));
    raw.extend([0x1a, 28]);
    raw.extend(format!("hvs.{}", rng.text(BASE62, 24)).as_bytes());
    format!("hvs.{}", b64url(&raw))
}

/// A Databricks token.
pub fn databricks(seed: u64) -> String {
    format!("dapi{}", Rng::new(seed).text(HEX, 32))
}

// ---- services ----

/// A Slack bot token.
pub fn slack_bot(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let (team, bot) = (number(&mut rng, 12), number(&mut rng, 13));
    format!("xoxb-{team}-{bot}-{}", rng.text(BASE62, 24))
}

/// A Slack user token.
pub fn slack_user(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let (a, b, c) = (number(&mut rng, 12), number(&mut rng, 12), number(&mut rng, 13));
    format!("xoxp-{a}-{b}-{c}-{}", rng.text(HEX, 32))
}

/// A Slack incoming webhook.
pub fn slack_webhook(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let (team, app) = (rng.text(UPPER36, 8), rng.text(UPPER36, 10));
    format!("https://hooks.slack.com/services/T{team}/B{app}/{}", rng.text(BASE62, 24))
}

fn number(rng: &mut Rng, count: usize) -> String {
    format!("{}{}", rng.text("123456789", 1), rng.text(DIGITS, count - 1))
}

/// A Stripe live secret key.
pub fn stripe_live(seed: u64) -> String {
    plain(seed, "sk_live_51", 97)
}

/// A Stripe test-mode secret key.
pub fn stripe_test(seed: u64) -> String {
    plain(seed, "sk_test_51", 97)
}

/// A Stripe publishable key, which is no secret.
pub fn stripe_publishable(seed: u64) -> String {
    plain(seed, "pk_live_51", 97)
}

/// A SendGrid API key.
pub fn sendgrid(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    format!("SG.{}.{}", rng.text(BASE64URL, 22), rng.text(BASE64URL, 43))
}

/// A Twilio account SID and its auth token.
pub fn twilio_pair(seed: u64) -> (String, String) {
    let mut rng = Rng::new(seed);
    (format!("AC{}", h(&mut rng, 32)), h(&mut rng, 32))
}

/// A Mailchimp API key.
pub fn mailchimp(seed: u64) -> String {
    format!("{}-us{}", Rng::new(seed).text(HEX, 32), seed % 21 + 1)
}

/// A Telegram bot token.
pub fn telegram(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    format!("{}:AA{}", number(&mut rng, 10), rng.text(BASE64URL, 33))
}

/// A Discord bot token.
pub fn discord(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let snowflake = (1_u64 << 40 | rng.next_u64() >> 24 & 0xff_ffff_ffff) << 18 | 1;
    let id = b64url(snowflake.to_string().as_bytes());
    format!("{id}.{}.{}", rng.text(BASE62, 6), rng.text(BASE64URL, 38))
}

/// An OpenAI project key.
pub fn openai(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    format!("sk-proj-{}T3BlbkFJ{}", rng.text(BASE64URL, 74), rng.text(BASE64URL, 74))
}

/// An Anthropic API key.
pub fn anthropic(seed: u64) -> String {
    format!("sk-ant-api03-{}AA", Rng::new(seed).text(BASE64URL, 93))
}

/// A Hugging Face token.
pub fn huggingface(seed: u64) -> String {
    format!("hf_{}", Rng::new(seed).text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 34))
}

/// A Grafana service account token.
pub fn grafana(seed: u64) -> String {
    let head = format!("glsa_{}", Rng::new(seed).text(BASE62, 32));
    let sum = crc32(&head).swap_bytes();
    format!("{head}_{sum:08x}")
}

/// A Grafana cloud access policy token of organisation 1234.
pub fn grafana_cloud(seed: u64) -> String {
    let key = Rng::new(seed).text(BASE62, 24);
    format!(
        "glc_{}",
        b64(format!(r#"{{"o":"1234","n":"ci-writer","k":"{key}","m":{{"r":"us"}}}}"#).as_bytes())
    )
}

/// A legacy Grafana API key.
pub fn grafana_legacy(seed: u64) -> String {
    let key = Rng::new(seed).text(BASE62, 32);
    b64(format!(r#"{{"k":"{key}","n":"ci","id":1}}"#).as_bytes())
}

/// A Zuplo API key.
pub fn zuplo(seed: u64) -> String {
    let body = Rng::new(seed).text(HEX, 32);
    format!("zpka_{body}_{:08x}", crc32(&body))
}

/// A Confluent cloud secret.
pub fn confluent(seed: u64) -> String {
    let body = Rng::new(seed).text(BASE62, 54);
    let sum = b64(&crc32(&body).to_le_bytes());
    format!("cflt{body}{}", &sum[..6])
}

/// A Deno personal access token.
pub fn deno(seed: u64) -> String {
    let head = plain(seed, "ddp_", 30);
    let sum = radix(crc32(&head).into(), BASE62, 6);
    format!("{head}{sum}")
}

/// An Apify API token.
pub fn apify(seed: u64) -> String {
    let head = plain(seed, "apify_api_", 30);
    let sum = radix(crc32(&head).into(), BASE62_LOWER_FIRST, 6);
    format!("{head}{sum}")
}

/// A Sentry organisation token.
pub fn sentry_org(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let json =
        r#"{"iat":1767323045.5,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"acme"}"#;
    format!("sntrys_{}_{}", b64(json.as_bytes()), b64_bare(&rng.bytes(32)))
}

/// A 1Password service account token.
pub fn onepassword(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let secret = format!("A3-{}-{}-{}", rng.text(UPPER36, 6), rng.text(UPPER36, 6), rng.text(UPPER36, 5));
    let k = b64url(&rng.bytes(32));
    let json = format!(
        r#"{{"signInAddress":"acme.1password.com","userAuth":{{"method":"SRPg-4096"}},"email":"ci@1passwordserviceaccounts.com","srpX":"{}","muk":{{"k":"{k}"}},"secretKey":"{secret}","throttleSecret":{{}}}}"#,
        rng.text(HEX, 64)
    );
    format!("ops_{}", b64url(json.as_bytes()))
}

/// A Mapbox secret token of the user `acme`.
pub fn mapbox_secret(seed: u64) -> String {
    mapbox_as(seed, "sk")
}

/// A Mapbox token of kind `sk`, `pk` or `tk`.
pub fn mapbox_as(seed: u64, kind: &str) -> String {
    let mut rng = Rng::new(seed);
    let json = format!(r#"{{"u":"acme","a":"cm{}"}}"#, rng.text(BASE36, 22));
    format!("{kind}.{}.{}", b64url(json.as_bytes()), rng.text(BASE64URL, 22))
}

/// A WorkOS API key made on 2026-01-02.
pub fn workos(seed: u64) -> String {
    const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut rng = Rng::new(seed);
    let time = radix(1_767_323_045_000, CROCKFORD, 10);
    let text = format!("key_{time}{},{}", rng.text(CROCKFORD, 16), rng.text(BASE62, 25));
    format!("sk_live_{}", b64_bare(text.as_bytes()))
}

/// A OneSignal v2 app key.
pub fn onesignal(seed: u64) -> String {
    let mut raw = Rng::new(seed).bytes(64);
    raw[6] = raw[6] & 0x0f | 0x40;
    raw[8] = raw[8] & 0x3f | 0x80;
    format!("os_v2_app_{}", base32(&raw).to_lowercase())
}
