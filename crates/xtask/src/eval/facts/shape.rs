//! From a format that is written down to a fresh value of it.
//!
//! A *template* is text with places to fill: `ghx_%(b62 36)`. [`fill`] makes a value of it, [`of_structure`] turns
//! the sentence of a facts file (`pre_ + 32 hex + _ + 10 hex`) into one.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use stopleak_testkit::fakes::{self, BASE32, BASE36, BASE62, BASE64URL, HEX, UPPER36};
use stopleak_testkit::rng::Rng;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PRINTABLE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!@#%^&*-_+=.?";

/// The characters that a word of a template stands for.
fn alphabet(word: &str) -> Option<&'static str> {
    Some(match word {
        "hex" => HEX,
        "HEX" => "0123456789ABCDEF",
        "b62" => BASE62,
        "b36" => BASE36,
        "up36" => UPPER36,
        "bu" => BASE64URL,
        "b64c" => BASE64,
        "b58" => BASE58,
        "b32" => BASE32,
        "b32l" => "abcdefghijklmnopqrstuvwxyz234567",
        "dig" => "0123456789",
        "low" => LOWER,
        "let" => LETTERS,
        "printable" => PRINTABLE,
        "django" => "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)",
        _ => return None,
    })
}

/// A value of `template`; `None` where it names something that we cannot make.
pub(super) fn fill(template: &str, rng: &mut Rng) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find("%(") {
        out.push_str(&rest[..at]);
        let end = at + 2 + closing(&rest[at + 2..])?;
        out.push_str(&place(&rest[at + 2..end], rng)?);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Some(out.replace("\\n", "\n"))
}

/// Where the bracket closes that was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, bytes) = (0, text.as_bytes());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' if at > 0 && bytes[at - 1] == b'%' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn place(inner: &str, rng: &mut Rng) -> Option<String> {
    if let Some(choices) = inner.strip_prefix('=') {
        let choices = split(choices);
        let choice = *rng.pick(choices.as_slice());
        return fill(choice, rng);
    }
    let (word, rest) = inner.split_once(' ').unwrap_or((inner, ""));
    if let Some(alphabet) = alphabet(word) {
        let (low, high) = rest.split_once('-').unwrap_or((rest, rest));
        let count = rng.between(low.parse().ok()?, high.parse().ok()?);
        return Some(rng.text(alphabet, count));
    }
    match word {
        "uuid" => Some(uuid(rng)),
        "base64" => Some(STANDARD.encode(fill(rest, rng)?)),
        "b64u" => Some(URL_SAFE_NO_PAD.encode(fill(rest, rng)?)),
        "his" => Some(fakes::azure_his(rng.next_u64(), rest)),
        "cask" => Some(fakes::azure_cask(rng.next_u64(), rest)),
        "fake" => fake(rest, rng.next_u64()),
        _ => None,
    }
}

/// The choices of `a|b`, not those of a choice within one.
fn split(text: &str) -> Vec<&str> {
    let (mut out, mut depth, mut from, bytes) = (Vec::new(), 0, 0, text.as_bytes());
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' if at > 0 && bytes[at - 1] == b'%' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b'|' if depth == 0 => {
                out.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}

/// A fake by its prefix or its check's name; `a_>b_` gives one of prefix `a_` the prefix `b_`.
fn fake(name: &str, seed: u64) -> Option<String> {
    if let Some((from, to)) = name.split_once('>') {
        return Some(fake(from, seed)?.replacen(from, to, 1));
    }
    Some(match name {
        "atlassian_dc" => fakes::atlassian_dc(seed).trim_start_matches("BBDC-").to_owned(),
        "aws_id" => fakes::aws_key_id(seed),
        "aws_sts" => fakes::aws_key_id_of(seed, "ASIA", 123_456_789_012),
        "aws_session" => fakes::aws_session_token(seed),
        "entra" => fakes::entra_secret(seed),
        "fly" => fakes::fly(seed),
        "xprv" => fakes::xprv(seed),
        "nats" => fakes::nats(seed),
        "stellar" => fakes::stellar(seed),
        "ripple" => fakes::ripple(seed),
        "solana" => fakes::solana(seed),
        "jwk" => fakes::jwk(seed),
        "ppk" => fakes::ppk(seed),
        "gcp_sa" => fakes::gcp_service_account(seed),
        "pem_rsa" => fakes::pem_rsa(seed),
        "pem_ec" => fakes::pem_ec(seed),
        "pem_pkcs8" => fakes::pem_pkcs8(seed),
        "pem_encrypted" => fakes::pem_encrypted(seed),
        "openssh_key" => fakes::openssh_key(seed),
        "pgp_private" => fakes::pgp_private(seed),
        "kubeconfig_key" => fakes::kubeconfig_key(seed),
        _ => {
            let mut makers = fakes::VERIFIABLE.iter();
            return makers
                .find(|(check, make)| *check == name || make(0).starts_with(name))
                .map(|(_, m)| m(seed));
        }
    })
}

fn uuid(rng: &mut Rng) -> String {
    let h = rng.text(HEX, 32);
    let variant = rng.pick(&["8", "9", "a", "b"]);
    format!("{}-{}-4{}-{variant}{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..])
}

/// A template of a structure as the facts write it; `None` where it is prose.
pub(super) fn of_structure(structure: &str, characters: &str) -> Option<String> {
    let end =
        [";", " (", ",", " near ", " [", " = base64"].iter().filter_map(|stop| structure.find(stop)).min();
    let parts = structure[..end.unwrap_or(structure.len())].trim().replace("[_]", "_");
    parts.split(" + ").map(|part| piece(part.trim(), characters)).collect()
}

fn piece(part: &str, characters: &str) -> Option<String> {
    if part.starts_with("UUID") {
        return Some("%(uuid)".to_owned());
    }
    if !part.starts_with(|c: char| c.is_ascii_digit()) {
        let choices: Vec<&str> = part.split(" or ").flat_map(|p| p.split(" / ")).map(str::trim).collect();
        let plain = |c: &&str| !c.contains([' ', '[', '(', '<']) && !c.contains("..");
        return choices.iter().all(plain).then(|| match choices.as_slice() {
            [one] => (*one).to_owned(),
            many => format!("%(={})", many.join("|")),
        });
    }
    let (count, words) = part.split_once(' ').unwrap_or((part, ""));
    let counts = count.split("..").flat_map(|c| c.split('/')).next()?;
    let least: usize = counts.trim_end_matches('+').parse().ok()?;
    let most = count.split_once("..").and_then(|(_, most)| most.parse().ok()).unwrap_or(least);
    Some(format!("%({} {least}-{most})", named(words).unwrap_or_else(|| of_characters(characters))))
}

/// The alphabet that the words after a count name.
fn named(words: &str) -> Option<&'static str> {
    let known = [
        ("upper hex", "HEX"),
        ("hex", "hex"),
        ("lower alnum", "b36"),
        ("lower alphanumeric", "b36"),
        ("upper alnum", "up36"),
        ("alnum", "b62"),
        ("alphanumeric", "b62"),
        ("base64url", "bu"),
        ("base64", "b64c"),
        ("lower base32", "b32l"),
        ("base32", "b32"),
        ("base58", "b58"),
        ("base36", "b36"),
        ("digit", "dig"),
        ("lower", "low"),
        ("letters", "let"),
        ("printable", "printable"),
    ];
    known.iter().find(|(word, _)| words.contains(word)).map(|(_, name)| *name)
}

/// The alphabet of a class as the facts write it, without the separators that stand only between parts.
fn of_characters(class: &str) -> &'static str {
    match class {
        c if c.starts_with("0-9a-f") || c.starts_with("UUID") => "hex",
        c if c.starts_with("0-9A-Za-z_-") => "bu",
        c if c.starts_with("0-9A-Za-z+/") => "b64c",
        c if c.starts_with("0-9a-z") => "b36",
        c if c.starts_with("0-9A-Z") && !c.starts_with("0-9A-Za") => "up36",
        c if c.starts_with("A-Z2-7") => "b32",
        c if c.starts_with("a-z2-7") => "b32l",
        c if c.starts_with("1-9A-H") => "b58",
        "A-Za-z" => "let",
        c if c.starts_with("a-z") => "low",
        c if c.starts_with("printable") => "printable",
        _ => "b62",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_nest() {
        let mut rng = Rng::new(1);
        let made = fill("a_%(=%(hex 4)|%(b64u x%(dig 3)y))-%(uuid)", &mut rng).unwrap();
        assert!(made.starts_with("a_") && made.len() >= 2 + 4 + 1 + 36, "{made}");
        assert_eq!(fill("%(nothing 3)", &mut rng), None);
        assert_eq!(fill("%(hex 3", &mut rng), None);
    }

    #[test]
    fn structures_become_templates() {
        let of = |text| of_structure(text, "0-9A-Za-z").unwrap_or_default();
        assert_eq!(of("pre_ + 32 hex + _ + 10"), "pre_%(hex 32-32)_%(b62 10-10)");
        assert_eq!(of("a_ / b_ + 4..6 upper alnum (old)"), "%(=a_|b_)%(up36 4-6)");
        assert_eq!(of("UUID"), "%(uuid)");
        assert_eq!(of("JSON with a key"), "");
    }
}
