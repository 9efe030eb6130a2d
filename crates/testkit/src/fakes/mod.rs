//! Fresh fake secrets, made at run time.
//!
//! A checksum-valid token in a committed file would stop our own hook and the push protection of hosts, so
//! tests make theirs: every function here takes a seed and returns a value with the right shape and, where
//! the vendor has one, the right checksum. None was ever issued by anyone.

mod encode;
mod keys;
mod pattern;
mod providers;
mod structured;

pub use keys::*;
pub use pattern::{from_pattern, try_from_pattern};
pub use providers::*;
pub use structured::*;

/// Digits, upper case, lower case.
pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits and lower case.
pub const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
/// Lower-case hexadecimal digits.
pub const HEX: &str = "0123456789abcdef";
/// Upper-case letters and digits.
pub const UPPER36: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// RFC 4648 base32, upper case.
pub const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// RFC 4648 base64url.
pub const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Makes a fake from a seed.
pub type Maker = fn(u64) -> String;

/// Fakes that a verifier of that name must pass, each with its maker.
pub const VERIFIABLE: &[(&str, Maker)] = &[
    ("github-crc32", github_token),
    ("github-crc32", |seed| github_app_token("ghs", seed)),
    ("github-crc32", github_refresh),
    ("github-pat-sha256", github_pat),
    ("npm-crc32", npm),
    ("gitlab-routable", gitlab_routable),
    ("gitlab-routable", |seed| gitlab_routable_as(seed, "glrt-t1_", "")),
    ("atlassian-crc32", atlassian),
    ("atlassian-crc32", bitbucket_access),
    ("atlassian-crc32", bitbucket_app_password),
    ("atlassian-dc-pat", atlassian_dc),
    ("grafana-crc32", grafana),
    ("grafana-json", grafana_cloud),
    ("grafana-json", grafana_legacy),
    ("zuplo-crc32", zuplo),
    ("cloudflare-crc32", cloudflare),
    ("confluent-crc32", confluent),
    ("deno-crc32", deno),
    ("apify-crc32", apify),
    ("vercel-crc32", vercel),
    ("azure-his", azure_storage_key),
    ("azure-his", |seed| azure_his(seed, "ACDb")),
    ("azure-his", |seed| azure_his(seed, "+ASb")),
    ("azure-his", |seed| azure_his(seed, "AIoT")),
    ("azure-his", |seed| azure_his(seed, "APIM")),
    ("azure-his", |seed| azure_his(seed, "AzCa")),
    ("azure-his", |seed| azure_his(seed, "AzSe")),
    ("azure-his", |seed| azure_his(seed, "AzFu")),
    ("azure-his", |seed| azure_his(seed, "+ACR")),
    ("azure-cask", |seed| azure_cask(seed, "AZDO")),
    ("entra-secret", entra_secret),
    ("aws-key-id", aws_key_id),
    ("aws-session-token", aws_session_token),
    ("aws-bedrock-long", bedrock_long),
    ("aws-bedrock-short", bedrock_short),
    ("jwt", jwt),
    ("macaroon", |seed| pypi(seed).trim_start_matches("pypi-").to_owned()),
    ("pypi-macaroon", pypi),
    ("fly-macaroon", fly),
    ("sentry-org", sentry_org),
    ("onepassword-service", onepassword),
    ("jfrog-reference", jfrog_reference),
    ("jfrog-api-key", jfrog_api_key),
    ("nuget-v4", nuget),
    ("discord", discord),
    ("onesignal", onesignal),
    ("workos", workos),
    ("mapbox", mapbox_secret),
    ("vault-token", vault),
    ("basic-auth", basic_auth),
    ("cisco-7", cisco7),
    ("age", age),
    ("nostr-nsec", nostr),
    ("bitcoin-wif", bitcoin_wif),
    ("bip32-xprv", xprv),
    ("ripple-seed", ripple),
    ("solana-keypair", solana),
    ("bip39", bip39),
    ("stellar-seed", stellar),
    ("nats-seed", nats),
    ("wireguard", wireguard),
    ("pem", pem_rsa),
    ("pem", pem_pkcs8),
    ("pem", pem_ec),
    ("pem", pem_ed25519),
    ("pem-base64", kubeconfig_key),
    ("openssh-key", openssh_key),
    ("ppk", ppk),
    ("pgp-private", pgp_private),
    ("pkcs12-base64", pkcs12_base64),
    ("jwk", jwk),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_give_the_same_and_different_fakes() {
        for (name, make) in VERIFIABLE {
            assert_eq!(make(3), make(3), "{name}");
            assert_ne!(make(3), make(4), "{name}");
        }
    }
}
