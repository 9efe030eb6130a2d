//! Private keys in PEM armour (RFC 7468, RFC 1421), however the text wraps them.
//!
//! A key is taken from its BEGIN line to its END line. Between them may stand JSON escapes, quotes with
//! joining operators, comment marks and indentation: everything but the base64 is dropped, then the bytes
//! must be the DER structure that the label promises. A key that does not parse is an example or was cut,
//! and is demoted; one under a passphrase is demoted too.

use super::base_n::base64;
use super::der::{Der, Fill, INTEGER, OBJECT, OCTETS, SEQUENCE};
use super::openssh;
use super::{Check, Facts};

const ENCRYPTED: &str = "encrypted with a passphrase";
const BROKEN: &str = "the key does not parse: an example, or cut";

/// Checks a block from its BEGIN line to its END line. Without both nothing is said.
pub(super) fn check(text: &[u8]) -> Check {
    let Some(block) = Block::find(text) else { return Check::Unknown };
    if block.label.starts_with(b"SSH2 ENCRYPTED") {
        return ssh_com(&block);
    }
    if block.encrypted() {
        return Check::Demote(ENCRYPTED);
    }
    if block.label == b"OPENSSH PRIVATE KEY" {
        return openssh(&block);
    }
    let key = block.bodies().find_map(|raw| describe(block.label, &raw));
    match key {
        Some(facts) => Check::structure(facts),
        None => Check::Demote(BROKEN),
    }
}

/// Checks the base64 of a whole PEM text (`client-key-data` of a kubeconfig).
pub(super) fn check_base64(text: &[u8]) -> Check {
    base64(text).map_or(Check::Unknown, |pem| check(&pem))
}

/// Checks an OpenSSH key; a body without the magic is none.
pub(super) fn check_openssh(text: &[u8]) -> Check {
    match Block::find(text) {
        Some(block) if block.label == b"OPENSSH PRIVATE KEY" => openssh(&block),
        Some(_) => check(text),
        None => Check::Unknown,
    }
}

fn openssh(block: &Block) -> Check {
    let mut magic = false;
    for raw in block.bodies() {
        magic |= raw.starts_with(openssh::MAGIC);
        match openssh::read(&raw) {
            Some(key) if key.encrypted => return Check::Demote(ENCRYPTED),
            Some(key) => return Check::structure(Facts::new().add("key", key.kind)),
            None => {}
        }
    }
    // The magic may be there although the rest was cut: 20 characters hold all of it.
    let head: Vec<u8> = block.text(Marks::Kept).into_iter().take(20).collect();
    let cut = base64(&head).is_some_and(|raw| raw.starts_with(openssh::MAGIC));
    if magic || cut { Check::Demote(BROKEN) } else { Check::Failed }
}

/// The format of SSH Communications: a magic number, a length, the type, the cipher.
fn ssh_com(block: &Block) -> Check {
    let plain = block.bodies().any(|raw| {
        let Some(rest) = raw.strip_prefix(&[0x3f, 0x6f, 0xf9, 0xeb]) else { return false };
        let cipher = rest.get(4..).and_then(openssh::string).and_then(|(_, rest)| openssh::string(rest));
        cipher.is_some_and(|(cipher, _)| cipher == b"none")
    });
    if plain { Check::structure(Facts::new()) } else { Check::Demote(ENCRYPTED) }
}

/// The base64 of a PKCS#12 file or a Java key store.
pub(super) fn key_store(text: &[u8]) -> Check {
    let Some(raw) = base64(text) else { return Check::Unknown };
    let pkcs12 = || {
        let mut der = Der(&raw);
        let mut inner = Der(der.expect(SEQUENCE)?);
        (inner.expect(INTEGER)? == [3] && inner.expect(SEQUENCE).is_some()).then_some("PKCS#12")
    };
    let java = || raw.starts_with(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0]).then_some("Java key store");
    match pkcs12().or_else(java) {
        Some(kind) => Check::structure(Facts::new().add("key", kind)),
        None => Check::Unknown,
    }
}

/// The first private-key block of a text.
struct Block<'a> {
    label: &'a [u8],
    inner: &'a [u8],
}

/// What to do with marks at the start of lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// Part of the text.
    Kept,
    /// Comment signs, dropped.
    Dropped,
}

impl<'a> Block<'a> {
    fn find(text: &'a [u8]) -> Option<Self> {
        let begin = memchr::memmem::find(text, b"-----BEGIN ")? + 11;
        let label_len = memchr::memmem::find(&text[begin..], b"-----").filter(|len| *len <= 40)?;
        let label = &text[begin..begin + label_len];
        let inner = &text[begin + label_len + 5..];
        let end = memchr::memmem::find(inner, b"-----END ")?;
        label.ends_with(b"PRIVATE KEY").then_some(Self { label, inner: &inner[..end] })
    }

    fn encrypted(&self) -> bool {
        self.label.starts_with(b"ENCRYPTED")
            || memchr::memmem::find(self.inner, b"Proc-Type: 4,ENCRYPTED").is_some()
            || memchr::memmem::find(self.inner, b"DEK-Info:").is_some()
    }

    /// The decoded body, read in each way that gives base64.
    fn bodies(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        [Marks::Kept, Marks::Dropped].into_iter().filter_map(|marks| base64(&self.text(marks)))
    }

    /// The base64 text: white space, escapes of it, quotes and what stands between them are dropped.
    fn text(&self, marks: Marks) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.inner.len());
        let quote = self.inner.iter().copied().find(|b| matches!(b, b'"' | b'\'' | b'`'));
        let mut rest = self.inner;
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            match byte {
                // `\n`, `\r`, `\t`; `\\n`; a backslash before a line's end; `\/` is a slash.
                b'\\' => {
                    while let [b'\\', more @ ..] = rest {
                        rest = more;
                    }
                    if let [b'n' | b'r' | b't', more @ ..] = rest {
                        rest = more;
                    }
                }
                // Between a closing quote and the next opening one stand operators.
                _ if Some(byte) == quote => {
                    let next = memchr::memchr(byte, rest).filter(|at| *at <= 40);
                    rest = next.map_or(rest, |at| &rest[at + 1..]);
                }
                b'\n' if marks == Marks::Dropped => {
                    let line = rest.trim_ascii_start();
                    let marks = line.iter().take_while(|b| b"#/*>;|%-+".contains(b)).count();
                    rest = &line[marks..];
                }
                _ if byte.is_ascii_whitespace() => {}
                _ => out.push(byte),
            }
        }
        out
    }
}

/// What the key is, when `raw` is what `label` promises and fills its bytes.
fn describe(label: &[u8], raw: &[u8]) -> Option<Facts> {
    if Der::fill(raw) != Fill::Exact {
        return None;
    }
    let key = Der(Der(raw).expect(SEQUENCE)?);
    let kind = match label {
        b"RSA PRIVATE KEY" => rsa(key)?,
        b"EC PRIVATE KEY" => ec(key)?,
        b"DSA PRIVATE KEY" => integers(key, 6).map(|_| "DSA".to_owned())?,
        b"PRIVATE KEY" => pkcs8(key)?,
        _ => integers(key, 1).map(|_| String::new())?,
    };
    Some(Facts::new().add("key", kind))
}

/// At least `count` integers in a row; the second of them.
fn integers(mut key: Der<'_>, count: usize) -> Option<&[u8]> {
    let mut second = &[][..];
    for number in 0..count {
        let value = key.expect(INTEGER)?;
        if number == 1 {
            second = value;
        }
    }
    Some(second)
}

fn rsa(key: Der<'_>) -> Option<String> {
    let modulus = integers(key, 9)?;
    let zeros = modulus.iter().take_while(|&&b| b == 0).count();
    Some(format!("RSA {} bits", (modulus.len() - zeros) * 8))
}

fn ec(mut key: Der<'_>) -> Option<String> {
    key.expect(INTEGER).filter(|version| *version == [1])?;
    key.expect(OCTETS)?;
    let curve = key.expect(0xa0).and_then(|inner| Der(inner).expect(OBJECT)).and_then(name);
    Some(curve.map_or_else(|| "EC".to_owned(), |curve| format!("EC {curve}")))
}

fn pkcs8(mut key: Der<'_>) -> Option<String> {
    key.expect(INTEGER).filter(|version| matches!(version, [0 | 1]))?;
    let mut algorithm = Der(key.expect(SEQUENCE)?);
    let object = algorithm.expect(OBJECT)?;
    let inner = key.expect(OCTETS)?;
    Some(match name(object) {
        Some("RSA") => rsa(Der(Der(inner).expect(SEQUENCE)?))?,
        Some("EC") => match algorithm.expect(OBJECT).and_then(name) {
            Some(curve) => format!("EC {curve}"),
            None => "EC".to_owned(),
        },
        Some(other) => other.to_owned(),
        None => String::new(),
    })
}

/// The usual name of an object identifier, from its DER content.
fn name(object: &[u8]) -> Option<&'static str> {
    const NAMES: &[(&[u8], &str)] = &[
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], "RSA"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], "EC"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "DSA"),
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], "P-256"),
        (&[0x2b, 0x81, 4, 0, 0x22], "P-384"),
        (&[0x2b, 0x81, 4, 0, 0x23], "P-521"),
        (&[0x2b, 0x81, 4, 0, 0x0a], "secp256k1"),
        (&[0x2b, 0x65, 0x6e], "X25519"),
        (&[0x2b, 0x65, 0x70], "Ed25519"),
        (&[0x2b, 0x65, 0x71], "Ed448"),
    ];
    NAMES.iter().find(|(known, _)| *known == object).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    fn kind(check: &Check) -> &str {
        let Check::Passed { facts, .. } = check else { panic!("{check:?}") };
        &facts[0].value
    }

    #[test]
    fn keys_are_named() {
        for (pem, name) in [
            (fakes::pem_rsa(1), "RSA 2048 bits"),
            (fakes::pem_pkcs8(1), "RSA 2048 bits"),
            (fakes::pem_ec(1), "EC P-256"),
            (fakes::pem_ed25519(1), "Ed25519"),
            (fakes::openssh_key(1), "ssh-ed25519"),
        ] {
            assert_eq!(kind(&check(pem.as_bytes())), name);
        }
    }

    #[test]
    fn a_passphrase_is_told_apart() {
        for pem in [fakes::pem_encrypted(1), fakes::pem_legacy_encrypted(1), fakes::openssh_encrypted(1)] {
            assert_eq!(check(pem.as_bytes()), Check::Demote(ENCRYPTED));
            assert_eq!(check(pem.replace('\n', "\\n").as_bytes()), Check::Demote(ENCRYPTED));
        }
    }

    #[test]
    fn wrappings_are_seen_through() {
        for make in [fakes::pem_rsa, fakes::pem_ec, fakes::pem_pkcs8, fakes::openssh_key] {
            let pem = make(2);
            let lines: Vec<&str> = pem.lines().collect();
            for wrapped in [
                pem.replace('\n', "\r\n"),
                pem.replace('\n', "\\n"),
                pem.replace('\n', "\\\\n"),
                pem.replace('\n', "\\r\\n"),
                pem.replace('\n', "\\n").replace('/', "\\/"),
                pem.replace('\n', " "),
                pem.replace('\n', "\n        "),
                format!("# {}", lines.join("\n# ")),
                format!("// {}", lines.join("\n// ")),
                format!("\"{}\"", lines.join("\\n\" +\n  \"")),
                format!("'{}'", lines.join("\\n' .\n  '")),
                format!("\"{}\"", lines.join("\\n\"\n  \"")),
                lines.join("\\n\\\n"),
            ] {
                assert!(matches!(check(wrapped.as_bytes()), Check::Passed { .. }), "{}", &wrapped[..120]);
            }
        }
    }

    #[test]
    fn a_cut_key_is_demoted() {
        for make in [fakes::pem_rsa, fakes::pem_ec, fakes::pem_pkcs8, fakes::openssh_key] {
            let pem = make(3);
            let mut lines: Vec<&str> = pem.lines().collect();
            lines.remove(2);
            assert_eq!(check(lines.join("\n").as_bytes()), Check::Demote(BROKEN));
        }
        let dots = fakes::pem_rsa(3);
        let cut = format!("{}...{}", &dots[..100], &dots[dots.len() - 40..]);
        assert_eq!(check(cut.as_bytes()), Check::Demote(BROKEN));
    }

    #[test]
    fn an_openssh_key_without_its_magic_fails() {
        let pem = fakes::openssh_key(1).replacen("b3BlbnNza", "b3BlbnNzb", 1);
        assert_eq!(check_openssh(pem.as_bytes()), Check::Failed);
    }

    #[test]
    fn half_a_block_says_nothing() {
        let pem = fakes::pem_rsa(1);
        assert_eq!(check(&pem.as_bytes()[..400]), Check::Unknown);
        assert_eq!(check(b""), Check::Unknown);
    }
}
