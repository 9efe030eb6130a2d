//! Values that begin like a known credential and are none.
//!
//! `ghp_` and 31 characters is no GitHub token: it was cut off, typed by hand or made up for a test. The rule of
//! the vendor says nothing about it, and a generic rule would take it for a secret because it looks random. So
//! the generic rules ask here: a value that begins with a prefix of its own that a vendor's rule is anchored
//! at, and that this rule did not take (its hit would be the one that is kept), is shown at low confidence.

use crate::rule::{Engine, Rule};

/// The group of a pattern that takes such a value in the place of a vendor's: `DATADOG_API_KEY=` and 27 digits.
/// It is no secret of that rule, and makes what a generic rule finds there a low one.
pub(crate) const GROUP: &str = "misshapen";

/// Why such a value is shown at low confidence only.
pub(crate) const WHY: &str =
    "begins like a known kind of credential, but has another length or other characters";

/// Prefixes that several vendors use, or that people write in front of anything: they say something only where
/// the name of the value speaks of the vendor.
const SHARED: &[&str] = &[
    "ak_", "api-", "api_", "at_", "auth_", "dose", "eyJ", "key-", "key_", "live_", "machine", "mariadb",
    "mysql", "pa-", "pat_", "pk_", "pk_live_", "pk_test_", "prf_", "re_", "rk_live_", "rpa_", "sdk-",
    "secret_", "sess-", "sk-", "sk_", "sk_live_", "sk_test_", "test_", "token-", "user_",
];

/// The prefixes of credentials, each with the rules that are anchored at it, sorted.
#[derive(Debug)]
pub(crate) struct Prefixes(Vec<Prefix>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix {
    text: Box<[u8]>,
    rule: u32,
    /// For a prefix of several vendors: the word by which a name speaks of this one.
    vendor: Option<Box<[u8]>>,
}

impl Prefixes {
    /// The anchors that look like the beginning of a token: `ghp_`, `AKIA`, `SG.`.
    pub(crate) fn of(rules: &[Rule]) -> Self {
        let mut all = Vec::new();
        for (index, rule) in (0u32..).zip(rules) {
            if rule.engine != Engine::Pattern || rule.anchors.iter().any(|a| a.fold) {
                continue;
            }
            for text in rule.anchors.iter().map(|a| a.text.as_ref()).filter(|text| is_prefix(text)) {
                let word = rule.vendor.split('-').next().unwrap_or_default();
                let vendor = SHARED.contains(&text).then(|| word.as_bytes().into());
                all.push(Prefix { text: text.as_bytes().into(), rule: index, vendor });
            }
        }
        all.sort_unstable();
        Self(all)
    }

    /// The rules whose credentials begin as `value` does, which has this name. What a person may have `chosen` begins
    /// like a credential by chance, unless the prefix is long and has a mark in it.
    pub(crate) fn rules<'a>(
        &'a self,
        name: &'a [u8],
        value: &'a [u8],
        chosen: bool,
    ) -> impl Iterator<Item = u32> + 'a {
        let odd = |text: &[u8]| text.len() >= 5 && text.iter().any(|b| !b.is_ascii_alphanumeric());
        let first = value.get(..3).unwrap_or_default();
        let from = self.0.partition_point(|p| p.text.get(..3).unwrap_or_default() < first);
        let same = self.0[from..].iter().take_while(move |p| p.text.get(..3) == Some(first));
        same.filter(move |p| value.starts_with(&p.text) && (!chosen || odd(&p.text)))
            .filter(|p| p.vendor.as_deref().is_none_or(|vendor| speaks_of(name, vendor)))
            .map(|p| p.rule)
    }
}

/// Whether `word`, in lower case, is in `name`.
fn speaks_of(name: &[u8], word: &[u8]) -> bool {
    word.len() >= 3 && name.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word))
}

/// Whether an anchor is long and odd enough to say whose value begins with it. Addresses do not begin a value.
fn is_prefix(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:|$~+/".contains(&b));
    let address = text.contains('/') && text.contains(['.', ':']);
    let odd = |c: char| !c.is_ascii_alphabetic();
    plain
        && !address
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && (text.len() >= 4 || text.len() == 3 && text.contains(odd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pattern;

    #[test]
    fn a_value_is_known_by_its_prefix() {
        let rules = [
            pattern("acme", &["acme_"], r"\b(acme_[0-9a-f]{32})\b"),
            pattern("acme-admin", &["acme_admin_"], r"\b(acme_admin_[0-9a-f]{32})\b"),
            pattern("named", &["(?i)acme_key"], "acme_key=([0-9]{9})"),
            pattern("shared", &["sk_"], r"\b(sk_[0-9a-f]{32})\b"),
            pattern("address", &["acme.example/hooks/"], "acme.example/hooks/([0-9a-f]{32})"),
        ];
        let prefixes = Prefixes::of(&rules);
        let found = |value: &str| prefixes.rules(b"API_KEY", value.as_bytes(), false).collect::<Vec<_>>();
        assert_eq!(found("acme_0123"), [0]);
        assert_eq!(found("acme_admin_0123"), [0, 1]);
        for other in ["", "a", "acm", "acme", "sk_0123", "acme.example/hooks/1", "xacme_1", "zzz_1"] {
            assert_eq!(found(other), [], "{other}");
        }
        let named = prefixes.rules(b"TEST_API_KEY", b"sk_0123", false).collect::<Vec<_>>();
        assert_eq!(named, [3], "the vendor of these rules is `test`");
        let chosen = |value: &str| prefixes.rules(b"PASSWORD", value.as_bytes(), true).count();
        assert_eq!((chosen("acme_0123"), chosen("sk_0123")), (1, 0));
    }
}
