//! Cases from a file of facts about credential formats (`cargo xtask eval --facts FILE`).
//!
//! Nothing here knows our rules: values are made from what vendors state (prefix, alphabet, length, checksum) and put
//! where people put them, so the figures say how the rules do on the formats and not how they do on themselves. What a
//! structure says in prose has a template in `tests/cases/facts.txt`.

mod decoys;
mod places;
mod shape;

use std::collections::BTreeMap;
use std::path::Path;

use stopleak_testkit::rng::Rng;

use super::cases::Case;
use super::read;
use crate::ci::root;
use crate::say;
use places::{BARE, NAMED, Names, WHOLE};

/// Places per format.
const PLACES: usize = 16;

/// A format, as far as it is needed here.
pub(super) struct Fact {
    id: String,
    provider: String,
    kind: String,
    literals: Vec<String>,
    keywords: Vec<String>,
    structure: String,
    alphabet: String,
    least: i64,
    most: i64,
    /// A checksum that is known for sure.
    confirmed: bool,
    /// A prefix that nobody else uses.
    distinctive: bool,
    public: bool,
    examples: Vec<String>,
}

impl Fact {
    fn read(table: &toml::Table) -> Self {
        let text = |key: &str| table.get(key).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let list = |key: &str| -> Vec<String> {
            let items = table.get(key).and_then(|v| v.as_array()).map(Vec::as_slice).unwrap_or_default();
            items.iter().filter_map(|v| v.as_str()).map(str::to_owned).collect()
        };
        let number = |key: &str| table.get(key).and_then(toml::Value::as_integer).unwrap_or_default();
        Self {
            id: text("id"),
            provider: text("provider"),
            kind: text("kind"),
            literals: list("literals"),
            keywords: list("keywords"),
            structure: text("structure"),
            alphabet: text("alphabet"),
            least: number("length_min"),
            most: number("length_max"),
            confirmed: text("checksum_status") == "confirmed",
            distinctive: text("distinctive") == "high",
            public: table.get("publishable").and_then(toml::Value::as_bool).unwrap_or_default(),
            examples: list("vendor_examples"),
        }
    }

    /// The name a person would give to it: by the format's own name, by the vendor's, or as a keyword says.
    fn names(&self, n: usize) -> Names {
        let word = match self.kind.as_str() {
            "access-token" => ["token", "access_token", "api_token"][n % 3],
            "api-key" => ["api_key", "key", "apikey"][n % 3],
            "oauth-client-secret" => "client_secret",
            "password" => "password",
            "private-key" => "private_key",
            "refresh-token" => "refresh_token",
            "webhook-url" => "webhook_url",
            "connection-uri" => "connection_string",
            _ => "secret",
        };
        if self.public {
            // Nobody calls it a secret.
            let (name, word) =
                (places::slug(&self.id), ["site_key", "public_key", "client_id"][n % 3].to_owned());
            return Names { vendor: self.provider.clone(), name, word };
        }
        let vendor = places::slug(&self.provider);
        let whole = self.keywords.iter().find(|k| k.contains(['_', '-']) && k.len() > 6);
        let first = self.keywords.first().filter(|k| k.len() > 2).map(|k| places::slug(k));
        let name = match (n % 3, whole, first) {
            (1, Some(whole), _) => places::slug(whole),
            (1 | 2, _, Some(first)) => format!("{first}_{word}"),
            (1, None, None) => format!("{vendor}_{word}"),
            _ => places::slug(&self.id),
        };
        Names { vendor: self.provider.clone(), name, word: word.to_owned() }
    }
}

/// Every case of the facts at `path`.
pub(super) fn cases(path: &Path) -> Result<Vec<Case>, String> {
    let text = read(path)?;
    let table: toml::Table = text.parse().map_err(|e| format!("{}: {e}", path.display()))?;
    let facts = table.get("credential").and_then(|v| v.as_array()).map(Vec::as_slice).unwrap_or_default();
    let facts: Vec<Fact> = facts.iter().filter_map(|v| v.as_table()).map(Fact::read).collect();
    let file = root().join("tests/cases/facts.txt");
    let shapes = read(&file)?;
    let shapes: BTreeMap<&str, &str> = shapes.lines().filter_map(|l| l.split_once(" = ")).collect();
    let (mut cases, mut unknown) = (Vec::new(), Vec::new());
    for (number, fact) in facts.iter().enumerate() {
        let written = shapes.get(fact.id.as_str()).map(|t| (*t).to_owned());
        let template = written.or_else(|| shape::of_structure(&fact.structure, &fact.alphabet));
        let mut rng = Rng::new(number as u64);
        match template.filter(|t| shape::fill(t, &mut rng).is_some()) {
            Some(template) => of_fact(fact, &template, number, &mut cases),
            None => unknown.push(fact.id.as_str()),
        }
    }
    say(&format!("{} formats; no value can be made of: {}", facts.len() - unknown.len(), unknown.join(" ")));
    Ok(cases)
}

fn of_fact(fact: &Fact, template: &str, number: usize, cases: &mut Vec<Case>) {
    let mut rng = Rng::new(0xfac7 + number as u64);
    let mut add = |secret: bool, kind: &'static str, name: &str, text: String| {
        let (kind, text) = (kind.into(), (text + "\n").into_bytes());
        cases.push(Case { family: fact.id.clone(), kind, name: name.to_owned(), text, secret });
    };
    let Some(first) = shape::fill(template, &mut rng) else { return };
    let whole =
        first.contains(['\n', ' ', '"', '\'', '<', '{', '$', '&', ';', ',', '(']) || first.contains("://");
    let known = fact.distinctive && fact.literals.iter().any(|l| first.contains(l.as_str()));
    let mut places = Vec::new();
    if whole {
        places.extend(WHOLE);
    } else {
        places.extend((0..PLACES).map(|n| &NAMED[(number * 7 + n * 11) % NAMED.len()]));
        if known {
            places.extend((0..3).map(|n| &BARE[(number + n * 2) % BARE.len()]));
        }
    }
    for (n, &(kind, file, text)) in places.into_iter().enumerate() {
        let Some(value) = shape::fill(template, &mut rng) else { continue };
        let kind = if fact.public { "meant to be public" } else { kind };
        add(!fact.public, kind, file, places::written(text, &fact.names(number + n), &value));
    }
    for (kind, file, text) in decoys::of(fact, &fact.names(number), &first, number, &mut rng) {
        add(false, kind, file, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_committed_template_can_be_filled() {
        let text = std::fs::read_to_string(root().join("tests/cases/facts.txt")).unwrap();
        let mut rng = Rng::new(1);
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let (id, template) = line.split_once(" = ").expect("id = template");
            assert!(shape::fill(template, &mut rng).is_some(), "{id}");
        }
    }

    #[test]
    fn a_format_gives_secrets_and_look_alikes() {
        let table: toml::Table = "id = \"acme-api-key\"\nprovider = \"Acme\"\nkind = \"api-key\"\nliterals = [\"acme_\"]\n\
             structure = \"acme_ + 32 hex\"\nalphabet = \"0-9a-f\"\nlength_min = 37\nlength_max = 37\ndistinctive = \"high\""
            .parse()
            .unwrap();
        let fact = Fact::read(&table);
        let template = shape::of_structure(&fact.structure, &fact.alphabet).unwrap();
        let mut cases = Vec::new();
        of_fact(&fact, &template, 3, &mut cases);
        let secrets = cases.iter().filter(|c| c.secret).count();
        assert_eq!(secrets, PLACES + 3);
        let says = |c: &&Case| String::from_utf8_lossy(&c.text).contains("acme_");
        let plain = |c: &&Case| c.secret && c.kind != "kubernetes secret";
        assert!(cases.iter().filter(plain).all(|c| says(&c)));
        assert!(cases.iter().any(|c| c.kind == "too short") && cases.len() > secrets + 6);
    }
}
