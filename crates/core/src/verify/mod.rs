//! Offline verification: what a secret's own bytes prove.
//!
//! Many vendors put a checksum, a structure or an account id inside their tokens. A right checksum makes
//! a finding certain; a wrong one, where the recipe is confirmed, makes it noise. Nothing here needs the
//! network, the clock or a file, and no input makes it panic: the bytes come from strangers.
//!
//! Two kinds of recipe:
//! - *confirmed*: the vendor documents it, or independent samples prove it and no older form shares the
//!   shape. A mismatch is [`Check::Failed`].
//! - *boost-only*: proved on a real sample, but older or other keys of the same shape have no checksum. A
//!   mismatch is [`Check::Unknown`]; only a match says something.
//!
//! [`Verifier`] lists them all.

mod aws;
mod base_n;
mod basic;
mod bip39;
mod crc;
mod decoded;
mod der;
mod gitlab;
mod json;
mod jwt;
mod keytext;
mod macaroon;
mod marvin;
mod openssh;
mod pem;
mod pgp;
mod ppk;
mod time;
#[cfg(test)]
mod vectors;

use crate::found::{Fact, Verified};

/// The outcome of an offline check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The secret is what it looks like.
    Passed {
        /// What was proved.
        how: Verified,
        /// What the owner may want to know. Never the secret.
        facts: Vec<Fact>,
    },
    /// A confirmed recipe says that this is not a secret of its kind.
    Failed,
    /// Nothing was proved either way.
    Unknown,
    /// It is what it looks like, but matters less, for this reason.
    Demote(&'static str),
}

/// Declares the verifiers: variant, name, function, what a mismatch gives, what a match proves.
macro_rules! verifiers {
    ($($variant:ident, $name:literal, $check:path, $mismatch:literal, $what:literal;)+) => {
        /// An offline check that a rule can name in `verify = "…"`.
        ///
        /// | name | what a match proves | a mismatch is |
        /// |---|---|---|
        $(#[doc = concat!("| `", $name, "` | ", $what, " | ", $mismatch, " |")])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Verifier {
            $(#[doc = $what] $variant,)+
        }

        impl Verifier {
            /// Every verifier.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in rule files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            fn function(self) -> fn(&[u8]) -> Check {
                match self { $(Self::$variant => $check,)+ }
            }
        }
    };
}

verifiers! {
    GithubCrc32, "github-crc32", crc::github, "failed", "GitHub `ghp_ gho_ ghu_ ghs_ ghr_`: CRC-32 of the body in base62";
    GithubPatSha256, "github-pat-sha256", crc::github_pat, "failed", "GitHub `github_pat_`: SHA-256 of the head in base32";
    NpmCrc32, "npm-crc32", crc::npm, "failed", "npm `npm_`: CRC-32 of the body in base62";
    GitlabRoutable, "gitlab-routable", gitlab::routable, "failed", "GitLab tokens with dots: length and CRC-32 in base36; decodes organisation, user, group, project";
    AtlassianCrc32, "atlassian-crc32", crc::atlassian, "failed", "Atlassian `ATATT ATCTT ATBB`: CRC-32 of the head in hex";
    AtlassianDcPat, "atlassian-dc-pat", decoded::atlassian_dc, "failed", "Jira, Confluence and Bitbucket Data Center: base64 of `id:random`";
    GrafanaCrc32, "grafana-crc32", crc::grafana, "failed", "Grafana `glsa_`: CRC-32, little endian, in hex";
    GrafanaJson, "grafana-json", decoded::grafana, "failed", "Grafana `glc_` and `eyJrIjoi`: base64 JSON; decodes the organisation";
    ZuploCrc32, "zuplo-crc32", crc::zuplo, "failed", "Zuplo `zpka_`: CRC-32 in hex";
    CloudflareCrc32, "cloudflare-crc32", crc::cloudflare, "unknown", "Cloudflare `cfk_ cfut_ cfat_`: CRC-32 in hex";
    ConfluentCrc32, "confluent-crc32", crc::confluent, "unknown", "Confluent `cflt`: CRC-32 in base64";
    DenoCrc32, "deno-crc32", crc::deno, "unknown", "Deno `ddp_ ddw_`: CRC-32 in base62";
    ApifyCrc32, "apify-crc32", crc::apify, "unknown", "Apify `apify_api_`: CRC-32 in base62";
    VercelCrc32, "vercel-crc32", crc::vercel, "unknown", "Vercel `vcp_ vci_ vca_ vcr_ vck_`: CRC-32 in base62";
    AzureHis, "azure-his", marvin::his, "unknown", "Azure 64/32-byte keys with a signature (`+ASt`, `ACDb` …): Marvin32; decodes the service";
    AzureCask, "azure-cask", marvin::cask, "unknown", "Azure keys with `JQQJ9`: Marvin32; decodes provider and month";
    EntraSecret, "entra-secret", marvin::entra, "unknown", "Entra client secret `…8Q~…`: Marvin32 in base 66";
    AwsKeyId, "aws-key-id", aws::key_id, "unknown", "AWS `AKIA ASIA …`: decodes the account";
    AwsSessionToken, "aws-session-token", aws::session_token, "unknown", "AWS session token: base64 with the known head";
    AwsBedrockLong, "aws-bedrock-long", aws::bedrock_long, "unknown", "Bedrock `ABSK`: base64 of `name-at-account:secret`; decodes the account";
    AwsBedrockShort, "aws-bedrock-short", aws::bedrock_short, "unknown", "Bedrock `bedrock-api-key-`: base64 of a presigned URL; decodes the expiry";
    AwsPresigned, "aws-presigned", aws::presigned, "unknown", "AWS presigned URL or query: decodes key id, region, expiry";
    AzureSas, "azure-sas", marvin::sas, "unknown", "Azure shared access signature: 32-byte `sig`; decodes expiry and permissions";
    Jwt, "jwt", jwt::check, "failed", "JSON web token: header and claims are JSON; decodes issuer, audience, expiry";
    GithubAppJwt, "github-app-jwt", jwt::github_app, "failed", "GitHub `ghs_` with an app id: the JSON web token behind it; decodes issuer and expiry";
    Macaroon, "macaroon", macaroon::any, "unknown", "Macaroon version 2: packets end in a 32-byte signature; decodes the location";
    PypiMacaroon, "pypi-macaroon", macaroon::pypi, "unknown", "PyPI `pypi-`: a macaroon whose location is PyPI";
    FlyMacaroon, "fly-macaroon", macaroon::fly, "unknown", "Fly.io `fm1r_ fm1a_ fm2_`: base64 msgpack that names Fly";
    SentryOrg, "sentry-org", decoded::sentry, "failed", "Sentry `sntrys_`: base64 JSON; decodes organisation and region";
    OnePasswordService, "onepassword-service", decoded::onepassword, "failed", "1Password `ops_`: base64 JSON; decodes the sign-in address";
    JfrogReference, "jfrog-reference", decoded::jfrog_reference, "failed", "JFrog `cmVmdGtu`: base64 `reftkn:01:expiry:`; decodes the expiry";
    JfrogApiKey, "jfrog-api-key", decoded::jfrog_api_key, "unknown", "JFrog `AKCp`: base58 of 54 bytes";
    NugetV4, "nuget-v4", decoded::nuget, "unknown", "NuGet `oy2`: base32 of `v4` and 26 bytes";
    Discord, "discord", decoded::discord, "failed", "Discord bot token: the first part is a snowflake; decodes its date";
    OneSignal, "onesignal", decoded::onesignal, "unknown", "OneSignal `os_v2_`: base32; decodes the app id";
    WorkOs, "workos", decoded::workos, "unknown", "WorkOS `sk_`: base64 of `key_` and a ULID; decodes the date";
    Mapbox, "mapbox", decoded::mapbox, "unknown", "Mapbox `sk. pk. tk.`: base64 JSON; decodes the user";
    VaultToken, "vault-token", decoded::vault, "unknown", "HashiCorp Vault `hvs. hvb. hvr.`: a protobuf envelope";
    ElasticApiKey, "elastic-api-key", decoded::elastic, "unknown", "Elastic API key: base64 of `id:key`";
    CloudflareTunnel, "cloudflare-tunnel", decoded::cloudflare_tunnel, "unknown", "Cloudflare tunnel token: base64 JSON; decodes account and tunnel";
    Intercom, "intercom", decoded::intercom, "unknown", "Intercom token: base64 of `tok:`";
    BasicAuth, "basic-auth", basic::check, "failed", "HTTP Basic or Docker `auth`: base64 of `user:password`";
    Cisco7, "cisco-7", basic::cisco7, "unknown", "Cisco type 7: reverses to printable text";
    Age, "age", keytext::age, "failed", "age `AGE-SECRET-KEY-1`: bech32";
    NostrSecret, "nostr-nsec", keytext::nostr, "failed", "Nostr `nsec1`: bech32";
    BitcoinWif, "bitcoin-wif", keytext::wif, "failed", "Bitcoin WIF: base58check";
    Bip32Private, "bip32-xprv", keytext::xprv, "failed", "BIP-32 `xprv yprv zprv tprv`: base58check";
    RippleSeed, "ripple-seed", keytext::ripple, "failed", "Ripple secret: base58check in its own alphabet";
    SolanaKeypair, "solana-keypair", keytext::solana, "unknown", "Solana key pair: a list of 64 bytes";
    Bip39, "bip39", bip39::check, "failed", "BIP-39 phrase: words and SHA-256 bits";
    StellarSeed, "stellar-seed", keytext::stellar, "failed", "Stellar `S…`: CRC-16";
    NatsSeed, "nats-seed", keytext::nats, "failed", "NATS `SU SA SO …`: CRC-16";
    Wireguard, "wireguard", keytext::wireguard, "unknown", "WireGuard private key: 32 clamped bytes";
    Secp256k1, "secp256k1", keytext::secp256k1, "failed", "nothing; a number that the curve cannot have is no Ethereum key";
    Pem, "pem", pem::check, "demoted", "PEM private key: DER of the labelled structure; encrypted keys are told apart";
    PemBase64, "pem-base64", pem::check_base64, "unknown", "base64 of a PEM private key (kubeconfig `client-key-data`)";
    OpensshKey, "openssh-key", pem::check_openssh, "failed", "OpenSSH private key: the magic and the cipher name";
    Ppk, "ppk", ppk::check, "unknown", "PuTTY key file: HMAC over its fields";
    PgpPrivate, "pgp-private", pgp::check, "unknown", "PGP private key block: CRC-24 and the packet; encrypted keys are told apart";
    GcpServiceAccount, "gcp-service-account", decoded::gcp_service_account, "unknown", "Google Cloud service account file: its key parses; decodes project and e-mail";
    Pkcs12Base64, "pkcs12-base64", pem::key_store, "unknown", "base64 of a PKCS#12 or Java key store";
    Jwk, "jwk", jwt::jwk, "unknown", "JSON web key with a private member";
}

impl Verifier {
    /// The verifier that `name` stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|v| v.name() == name)
    }
}

/// Checks `secret` offline.
///
/// Never panics, whatever the bytes; the time is linear in the length.
pub fn check(verifier: Verifier, secret: &[u8]) -> Check {
    if secret.len() > LONGEST { Check::Unknown } else { verifier.function()(secret) }
}

/// No credential that is checked here is longer, in bytes.
const LONGEST: usize = 1 << 20;

impl Check {
    /// Proved by a checksum, with nothing else to tell.
    fn checksum() -> Self {
        Self::Passed { how: Verified::Checksum, facts: Vec::new() }
    }

    /// Proved by its structure, with these facts.
    fn structure(facts: Facts) -> Self {
        Self::Passed { how: Verified::Structure, facts: facts.0 }
    }

    /// The outcome of a confirmed checksum.
    fn confirmed(right: bool) -> Self {
        if right { Self::checksum() } else { Self::Failed }
    }

    /// The outcome of a checksum whose absence says nothing.
    fn boost(right: bool) -> Self {
        if right { Self::checksum() } else { Self::Unknown }
    }
}

/// Collects facts. Values come from strangers: they are cut short and control characters replaced.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    /// Characters that a value keeps.
    const LONGEST: usize = 120;

    fn new() -> Self {
        Self::default()
    }

    /// Adds a fact whose value is not empty.
    fn add(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        let value = value.as_ref().trim();
        if !value.is_empty() {
            let safe = value.chars().take(Self::LONGEST);
            let value = safe.map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
            self.0.push(Fact { name, value });
        }
        self
    }

    /// Adds a fact where there is a value.
    fn maybe(self, name: &'static str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.add(name, value),
            None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use stopleak_testkit::fakes::{self, VERIFIABLE};
    use stopleak_testkit::rng::Rng;

    fn named(name: &str) -> Verifier {
        Verifier::from_name(name).unwrap_or_else(|| panic!("no verifier {name}"))
    }

    /// Checksums wide enough that no mutant slips through by chance in these tests.
    const STRONG: &[&str] = &[
        "github-crc32",
        "github-pat-sha256",
        "npm-crc32",
        "gitlab-routable",
        "atlassian-crc32",
        "grafana-crc32",
        "zuplo-crc32",
        "cloudflare-crc32",
        "confluent-crc32",
        "deno-crc32",
        "apify-crc32",
        "vercel-crc32",
        "azure-his",
        "age",
        "nostr-nsec",
        "bitcoin-wif",
        "bip32-xprv",
        "ripple-seed",
        "ppk",
    ];

    #[test]
    fn names_are_unique_and_found() {
        for verifier in Verifier::ALL {
            assert_eq!(Verifier::from_name(verifier.name()), Some(*verifier));
        }
    }

    #[test]
    fn fresh_fakes_pass() {
        for (name, make) in VERIFIABLE {
            for seed in 0..100 {
                let fake = make(seed);
                assert!(
                    matches!(check(named(name), fake.as_bytes()), Check::Passed { .. }),
                    "{name} seed {seed}"
                );
            }
        }
    }

    #[test]
    fn no_mutant_of_a_checksum_family_passes() {
        let mut rng = Rng::new(20_261_122);
        for (name, make) in VERIFIABLE.iter().filter(|(name, _)| STRONG.contains(name)) {
            for seed in 0..100 {
                let mut fake = make(seed).into_bytes();
                // The last 8 characters of `github_pat_` are not covered; nor are a PuTTY file's names.
                let (low, high) = if *name == "ppk" {
                    (140, 200)
                } else {
                    (fake.len() / 3, fake.len() - 8 - fake.len() / 10)
                };
                let at = rng.between(low, high);
                let old = fake[at];
                fake[at] = loop {
                    let new = *rng.pick(fakes::BASE62.as_bytes());
                    if !new.eq_ignore_ascii_case(&old) {
                        break new;
                    }
                };
                assert!(
                    !matches!(check(named(name), &fake), Check::Passed { .. }),
                    "{name} seed {seed} at {at}"
                );
            }
        }
    }

    #[test]
    fn confirmed_recipes_drop_a_mutant() {
        for name in
            ["github-crc32", "github-pat-sha256", "npm-crc32", "atlassian-crc32", "grafana-crc32", "age"]
        {
            let (_, make) = VERIFIABLE.iter().find(|(n, _)| *n == name).unwrap();
            let mut fake = make(1).into_bytes();
            let at = fake.len() / 2;
            fake[at] = if fake[at] == b'9' { b'8' } else { b'9' };
            assert_eq!(check(named(name), &fake), Check::Failed, "{name}");
        }
    }

    #[test]
    fn no_fact_holds_the_secret() {
        for (name, make) in VERIFIABLE {
            let fake = make(11);
            if let Check::Passed { facts, .. } = check(named(name), fake.as_bytes()) {
                let tail = &fake.trim_end()[fake.trim_end().len().saturating_sub(12)..];
                assert!(facts.iter().all(|f| !f.value.contains(tail)), "{name}");
            }
        }
    }

    #[test]
    fn a_secret_too_long_to_be_one_is_unknown() {
        let long = vec![b'a'; LONGEST + 1];
        for verifier in Verifier::ALL {
            assert_eq!(check(*verifier, &long), Check::Unknown);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for verifier in Verifier::ALL {
                let _ = check(*verifier, &bytes);
            }
        }

        /// Text that is nearly right reaches deeper than noise does.
        #[test]
        fn damaged_fakes_never_panic(
            seed in any::<u64>(),
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
        ) {
            for (name, make) in VERIFIABLE {
                let mut fake = make(seed).into_bytes();
                for (at, byte, what) in &cuts {
                    if fake.is_empty() {
                        break;
                    }
                    let at = at.index(fake.len());
                    match what {
                        0 => fake[at] = *byte,
                        1 => { fake.remove(at); }
                        _ => fake.truncate(at),
                    }
                }
                let _ = check(named(name), &fake);
            }
        }
    }
}
