//! Values that stand for a secret without being one.
//!
//! Documentation, templates and tests are full of text in the place of a secret: `${DB_PASSWORD}`,
//! `<your-token>`, `xxxxxxxx`, `changeme`. Three questions are answered here, each by looking at the value
//! alone:
//!
//! * [`is_placeholder`]: a template, a reference to a vault, a mask, a repetition, a run along the keyboard or
//!   an example word. Asked for the values of every rule, so it must never say yes to random text: a word
//!   counts anywhere in the value only from five letters on (in a random token of 40 letters and digits, a
//!   given one turns up once in 700,000), a shorter one only as a word of its own.
//! * [`is_protected`]: encrypted or hashed text, public keys, digests. Not a secret in the clear.
//! * [`is_toy`]: nothing but common words and digits (`password123`, `my-test-token`). A person may well use
//!   it, so it is weighed, not dropped.

mod words;

use crate::wordset::{Anywhere, WordSet};
use words::{ALONE, ANYWHERE, EXAMPLES, KEYBOARD, PEOPLES, PROTECTED, REFERENCES, TOYS};

/// What a value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stand {
    /// `${X}`, `{{ x }}`, `<x>`, `%x%`: filled in later.
    Template,
    /// The place of a secret in a vault, an environment or a file.
    Reference,
    /// `****`, `xxxx`, `...`.
    Mask,
    /// One unit over and over, or hardly any distinct characters.
    Repetition,
    /// `abcdef`, `123456`, `qwerty`.
    Sequence,
    /// `example`, `changeme`, `your-key-here`.
    Word,
}

/// Longer values are compared with whole-value shapes only: in much text, every run occurs by chance.
const LONG: usize = 200;

static SIX_KEYS: Anywhere = Anywhere::of(&KEYBOARD, 6);
static FOUR_KEYS: Anywhere = Anywhere::of(&KEYBOARD, 4);
static EXAMPLE_WORDS: Anywhere = Anywhere::of(&ANYWHERE, 0);
static WORDS_ALONE: WordSet = WordSet::of(&ALONE);
static TOY_WORDS: WordSet = WordSet::of(&TOYS);

/// Says whether `value` is a template, an example word, a repetition or a mask.
///
/// The empty value is one.
pub fn is_placeholder(value: &[u8]) -> bool {
    value.is_empty() || stand(value).is_some()
}

/// What `value` stands for, if it is no secret itself.
pub fn stand(value: &[u8]) -> Option<Stand> {
    let value = value.trim_ascii();
    if is_template(value) {
        return Some(Stand::Template);
    }
    if is_reference(value) {
        return Some(Stand::Reference);
    }
    if value.len() > LONG {
        let marked =
            [&b"EXAMPLE"[..], b"XXXXXXX", b"xxxxxxx", b"......"].iter().any(|m| find(value, m).is_some());
        return if marked { Some(Stand::Word) } else { is_periodic(value).then_some(Stand::Repetition) };
    }
    if EXAMPLES.iter().any(|u| value.eq_ignore_ascii_case(u.as_bytes())) {
        return Some(Stand::Word);
    }
    if is_mask(value) {
        return Some(Stand::Mask);
    }
    if is_repetition(value) {
        return Some(Stand::Repetition);
    }
    if is_sequence(value) {
        return Some(Stand::Sequence);
    }
    has_example_word(value).then_some(Stand::Word)
}

// --- templates ---------------------------------------------------------------------------------------

/// Opening marks that begin a substitution, and what closes it.
const PAIRS: [(&[u8], &[u8]); 13] = [
    (b"${", b"}"),
    (b"$(", b")"),
    (b"$[", b"]"),
    (b"#{", b"}"),
    (b"@{", b"}"),
    (b"%{", b"}"),
    (b"{{", b"}}"),
    (b"{%", b"%}"),
    (b"<%", b"%>"),
    (b"<<", b">>"),
    (b"((", b"))"),
    (b"[[", b"]]"),
    (b"%(", b")"),
];

fn is_template(value: &[u8]) -> bool {
    let Some((&first, rest)) = value.split_first() else { return false };
    let last = *value.last().unwrap_or(&first);
    match first {
        // $NAME, $env:NAME, :name, ?; but not `$9q$41$…` or `$ecr3t!`.
        b'$' if value.len() > 1 && is_variable(rest.strip_prefix(b"env:").unwrap_or(rest)) => return true,
        b':' if value.len() > 2 && is_variable(rest) => return true,
        b'%' if last == b'%' && value.len() > 2 && is_variable(&value[1..value.len() - 1]) => return true,
        b'@' if last == b'@' && value.len() > 2 && is_variable(&value[1..value.len() - 1]) => return true,
        b'<' if last == b'>' && value.len() > 2 => return true,
        b'[' if last == b']' && value.len() > 2 && value[1..value.len() - 1].iter().all(|&b| wordy(b)) => {
            return true;
        }
        b'{' if last == b'}'
            && value[1..value.len() - 1].iter().all(|&b| wordy(b) || b == b'.' || b == b':') =>
        {
            return true;
        }
        b'_' if value.starts_with(b"__") && value.ends_with(b"__") && value.len() > 4 => return true,
        b'$' | b'#' | b'@' if matches!(rest.first(), Some(b'{' | b'(')) => return true,
        b'{' if rest.first() == Some(&b'{') => return true,
        b'<' if rest.first() == Some(&b'%') => return true,
        b'?' if value.len() == 1 => return true,
        _ => {}
    }
    if !value.iter().any(|b| b"${%#<([@".contains(b)) {
        return false;
    }
    for (open, close) in PAIRS {
        if let Some(at) = find(value, open)
            && find(&value[at + open.len()..], close).is_some()
        {
            return true;
        }
    }
    // `$$`-prefixed shell, `prefix-$NAME`, `sk_<key>`, `Bearer {token}`, `%s`.
    has_format(value) || has_angle(value) || has_dollar_name(value)
}

fn wordy(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b' '
}

fn is_variable(name: &[u8]) -> bool {
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|&b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b':' | b'>' | b'[' | b']')
        })
}

/// `%s`, `%v`, `{}`, `{0}` and `{name}` inside a value.
fn has_format(value: &[u8]) -> bool {
    let n = value.len();
    for i in 0..n {
        match value[i] {
            b'%' if i + 1 < n
                && matches!(value[i + 1], b's' | b'd' | b'v' | b'q' | b'@')
                && value.get(i + 2).is_none_or(|b| !b.is_ascii_alphanumeric()) =>
            {
                return true;
            }
            b'{' => {
                let body = &value[i + 1..];
                if let Some(end) = body.iter().take(40).position(|&b| b == b'}')
                    && (is_variable(&body[..end])
                        || is_call(&body[..end])
                        || body[..end].iter().all(u8::is_ascii_digit))
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// `len(token)`, `name!r`, `x:>4`
fn is_call(body: &[u8]) -> bool {
    body.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && body.iter().any(|b| b"(!:".contains(b))
        && body.iter().all(|&b| b.is_ascii_alphanumeric() || b"_.()!:<>,[]".contains(&b))
}

/// `sk_<key>` or `<user>:<password>`.
fn has_angle(value: &[u8]) -> bool {
    let Some(open) = value.iter().position(|&b| b == b'<') else { return false };
    let body = &value[open + 1..];
    body.iter().take(40).position(|&b| b == b'>').is_some_and(|end| {
        end >= 2
            && body[..end].iter().all(|&b| wordy(b))
            && body[0].is_ascii_alphabetic()
            && crate::randomness::excess(&body[..end]) < 4.0
    })
}

/// `prefix$NAME` with a name of capitals, or `"$name"` after a separator.
fn has_dollar_name(value: &[u8]) -> bool {
    value.iter().enumerate().any(|(i, &b)| {
        b == b'$' && {
            let name = &value[i + 1..];
            let end = name.iter().position(|b| !(b.is_ascii_uppercase() || *b == b'_')).unwrap_or(name.len());
            end >= 4 && name.get(end).is_none_or(|b| !b.is_ascii_alphanumeric())
        }
    })
}

// --- references ----------------------------------------------------------------------------------------

fn is_reference(value: &[u8]) -> bool {
    REFERENCES.iter().any(|p| starts_folded(value, p.as_bytes()))
}

// --- masks, repetition, sequences --------------------------------------------------------------------------

fn is_mask(value: &[u8]) -> bool {
    let mut run = 1;
    for pair in value.windows(2) {
        run = if pair[0].eq_ignore_ascii_case(&pair[1]) { run + 1 } else { 1 };
        let needed = match pair[1].to_ascii_lowercase() {
            b'*' | b'.' | b'?' => 3,
            b'x' => 4,
            b'#' | b'_' | b'-' | b'~' | b'=' => 5,
            _ => usize::MAX,
        };
        // Padding (`==`, `=====`) ends base64 and base32.
        if run >= needed && !(pair[1] == b'=' && value.ends_with(b"=")) {
            return true;
        }
    }
    find(value, "…".as_bytes()).is_some()
        || find(value, "•".as_bytes()).is_some()
        || find(value, "●".as_bytes()).is_some()
}

fn is_repetition(value: &[u8]) -> bool {
    let body = body(value);
    if body.len() < 4 {
        return body.len() > 1 && body.iter().all(|b| *b == body[0]);
    }
    let mut run = 1;
    for pair in body.windows(2) {
        run = if pair[0] == pair[1] { run + 1 } else { 1 };
        if run >= 6 || (run >= 4 && run * 2 >= body.len()) {
            return true;
        }
    }
    let mut seen = [false; 256];
    for b in body {
        seen[usize::from(*b)] = true;
    }
    let distinct = seen.iter().filter(|s| **s).count();
    if distinct <= 2 && body.len() >= 6
        || distinct <= 3 && body.len() >= 12
        || distinct <= 5 && body.len() >= 28
    {
        return true;
    }
    // One unit of up to 16 bytes, at least twice and a half, or exactly twice when it is long.
    (1..=(body.len() / 2).min(16)).any(|unit| {
        (body.len() >= unit * 5 / 2 || (unit >= 6 && body.len() == unit * 2))
            && body[unit..].iter().zip(body).all(|(a, b)| a == b)
    })
}

/// Whether a long value is, behind its first third, one unit of up to 64 bytes over and over.
fn is_periodic(value: &[u8]) -> bool {
    let tail = &value[value.len() / 3..];
    (1..=64.min(tail.len() / 2)).any(|unit| tail[unit..].iter().zip(tail).all(|(a, b)| a == b))
}

/// The value without a vendor's prefix (`ghp_`, `sk-live-`).
fn body(value: &[u8]) -> &[u8] {
    let limit = value.len().min(24) / 2;
    match value[..limit].iter().rposition(|b| *b == b'_' || *b == b'-') {
        Some(at) if value[..at].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) => {
            &value[at + 1..]
        }
        _ => value,
    }
}

fn is_sequence(value: &[u8]) -> bool {
    let n = value.len();
    // Longest ascending or descending run, and its share of the value.
    let (mut up, mut down, mut longest, mut covered) = (1, 1, 1, 0);
    for i in 1..n {
        let (a, b) = (value[i - 1].to_ascii_lowercase(), value[i].to_ascii_lowercase());
        let follows = a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
        let wraps =
            (a == b'9' && (b == b'0' || b == b'a')) || (a == b'z' && b == b'a') || (a == b'f' && b == b'0');
        up = if follows && (b == a.wrapping_add(1) || wraps) { up + 1 } else { 1 };
        down = if follows && a == b.wrapping_add(1) { down + 1 } else { 1 };
        longest = longest.max(up).max(down);
        if up >= 3 || down >= 3 {
            covered += if up == 3 || down == 3 { 3 } else { 1 };
        }
    }
    if longest >= 7 || (longest >= 4 && covered * 3 >= n * 2) || (n >= 16 && covered * 2 >= n) {
        return true;
    }
    // `a1b2c3d4`: two runs, interleaved.
    let interleaved =
        |from: usize| {
            value[from..].iter().step_by(2).zip(value[from + 2..].iter().step_by(2)).all(|(a, b)| {
                a.to_ascii_lowercase() + 1 == b.to_ascii_lowercase() || (*a == b'9' && *b == b'0')
            })
        };
    if n >= 6
        && value.is_ascii()
        && value[0].is_ascii_alphabetic() != value[1].is_ascii_alphabetic()
        && interleaved(0)
        && interleaved(1)
    {
        return true;
    }
    let mut folded = [0; LONG];
    let folded = &mut folded[..n];
    folded.copy_from_slice(value);
    folded.make_ascii_lowercase();
    SIX_KEYS.is_in(folded) || n <= 8 && FOUR_KEYS.is_in(folded)
}

// --- words --------------------------------------------------------------------------------------------------

fn has_example_word(value: &[u8]) -> bool {
    let mut buffer = [0; LONG];
    let mut n = 0;
    for b in value.iter().filter(|b| b.is_ascii_alphanumeric()) {
        buffer[n] = b.to_ascii_lowercase();
        n += 1;
    }
    let squeezed = &buffer[..n];
    if EXAMPLE_WORDS.is_in(squeezed) {
        return true;
    }
    value.split(|b| !b.is_ascii_alphanumeric()).any(|w| {
        w.len() >= 3 && WORDS_ALONE.may_have(w) && ALONE.iter().any(|a| w.eq_ignore_ascii_case(a.as_bytes()))
    })
}

/// The words of a value: runs of letters, cut where lower case turns to upper.
pub(crate) fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < value.len() && !value[at].is_ascii_alphabetic() {
            at += 1;
        }
        if at == value.len() {
            return None;
        }
        let start = at;
        at += 1;
        while at < value.len() && value[at].is_ascii_alphabetic() {
            let turn = value[at].is_ascii_uppercase()
                && (value[at - 1].is_ascii_lowercase()
                    || value.get(at + 1).is_some_and(u8::is_ascii_lowercase));
            if turn {
                break;
            }
            at += 1;
        }
        Some(&value[start..at])
    })
}

/// Says whether `value` is nothing but common words, digits and punctuation, or spells `password` or `secret`.
///
/// Digits and marks in the place of letters (`P@ssw0rd!`) are read as the letters.
pub fn is_toy(value: &[u8]) -> bool {
    if made_of_words(value) {
        return true;
    }
    let end = value.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |i| i + 1);
    spells_words(&value[..end]) || end < value.len() && spells_words(value)
}

/// Says whether `value` has a word that people choose for a password, and that no program says: `dragon99`.
pub fn is_peoples(value: &[u8]) -> bool {
    words(value).any(|w| PEOPLES.iter().any(|p| w.len() >= p.len() && contains_folded(w, p.as_bytes())))
}

/// Whether text with digits and marks for letters is made of words, or spells `password` or `secret`.
fn spells_words(value: &[u8]) -> bool {
    let mut letters = [0; 40];
    let Some(letters) = letters.get_mut(..value.len()) else { return false };
    letters.copy_from_slice(value);
    for b in letters.iter_mut() {
        *b = match *b {
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => other,
        };
    }
    made_of_words(letters)
        || [&b"password"[..], b"passwort", b"passwd", b"secret"].iter().any(|w| contains_folded(letters, w))
}

fn contains_folded(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word))
}

fn made_of_words(value: &[u8]) -> bool {
    let mut letters = 0;
    for word in words(value) {
        letters += word.len();
        if word.len() > 40 || !splits_into_words(word) {
            return false;
        }
        // A long value that begins with so many words goes on with words; looking on would cost a
        // hostile file its square.
        if letters > 128 {
            break;
        }
    }
    letters > 0
}

/// No word of `TOYS` is longer.
const LONGEST_WORD: usize = 16;

/// Whether a run of letters is a chain of known words (`testpassword`).
fn splits_into_words(word: &[u8]) -> bool {
    let mut folded = [0; 40];
    let n = word.len();
    folded[..n].copy_from_slice(word);
    let folded = &mut folded[..n];
    folded.make_ascii_lowercase();
    let known = |w: &[u8]| {
        TOY_WORDS.has_sorted(w) || w.len() > 3 && w.ends_with(b"s") && TOY_WORDS.has_sorted(&w[..w.len() - 1])
    };
    let mut reachable = [false; 41];
    reachable[0] = true;
    for end in 1..=n {
        reachable[end] = (end.saturating_sub(LONGEST_WORD)..end).any(|start| {
            let short = end - start < 3 && !(start == 0 || end == n);
            reachable[start] && !short && known(&folded[start..end])
        });
    }
    reachable[n]
}

// --- protected text ---------------------------------------------------------------------------------------

/// Says whether `value` is encrypted, hashed or public by its own mark.
pub fn is_protected(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let maven = value.len() >= 26 && value.starts_with(b"{") && value.ends_with(b"=}");
    maven
        || is_sealed(value)
        || PROTECTED.iter().any(|p| value.starts_with(p.as_bytes()))
        || is_public_der(value)
}

/// A value of a Kubernetes `SealedSecret`: base64 of two bytes of length (512), a wrapped key and a ciphertext. Only the
/// cluster can open it.
fn is_sealed(value: &[u8]) -> bool {
    value.len() > 600
        && value.starts_with(b"Ag")
        && matches!(value[2], b'A'..=b'D')
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

/// Base64 of a certificate or of a public key in DER: `MII…` followed by what a private key never has there.
fn is_public_der(value: &[u8]) -> bool {
    // SubjectPublicKeyInfo of RSA (several sizes) and of P-256; X.509 certificates begin with a nested sequence.
    let marks: [&[u8]; 4] = [b"MIGfMA0G", b"MFkwEwYH", b"MFwwDQYJ", b"MCowBQYDK2Vw"];
    if marks.iter().any(|m| value.starts_with(m)) {
        return true;
    }
    value.len() > 12
        && value.starts_with(b"MII")
        && matches!(&value[5..8], b"jAN" | b"jMA" | b"CCA" | b"DCC" | b"MII")
        && !value[5..8].eq(b"BAA")
        || value.len() > 12 && value.starts_with(b"MII") && &value[6..9] == b"ANB"
}

// --- helpers -------------------------------------------------------------------------------------------------

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(hay, needle)
}

fn starts_folded(value: &[u8], prefix: &[u8]) -> bool {
    let first = |text: &[u8]| text.first().map(u8::to_ascii_lowercase);
    value.len() >= prefix.len()
        && first(value) == first(prefix)
        && value[..prefix.len()].eq_ignore_ascii_case(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toys_are_sorted() {
        assert!(TOYS.is_sorted());
        assert!(TOYS.iter().all(|t| t.len() <= LONGEST_WORD));
    }

    #[test]
    fn stands() {
        let cases = [
            ("${DB_PASSWORD}", Stand::Template),
            ("$DB_PASSWORD", Stand::Template),
            ("{{ vault_password }}", Stand::Template),
            ("<your-token>", Stand::Template),
            ("%DB_PASS%", Stand::Template),
            ("%s", Stand::Template),
            ("$(cat /run/x)", Stand::Template),
            ("#{password}", Stand::Template),
            ("@db.password@", Stand::Template),
            ("((db-password))", Stand::Template),
            ("Bearer {token}", Stand::Template),
            ("sk_<key>", Stand::Template),
            ("op://vault/item/field", Stand::Reference),
            ("process.env.SECRET", Stand::Reference),
            ("arn:aws:secretsmanager:us-east-1:1:secret:x", Stand::Reference),
            ("********", Stand::Mask),
            (concat!("ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), Stand::Mask),
            ("sk-...", Stand::Mask),
            ("aaaaaaaaaaaaaaaa", Stand::Repetition),
            ("00000000000000000000", Stand::Repetition),
            ("deadcafedeadcafedeadcafe", Stand::Repetition),
            ("1234567890", Stand::Sequence),
            ("0123456789abcdef", Stand::Sequence),
            ("abcdefgh", Stand::Sequence),
            ("qwertyuiop", Stand::Sequence),
            ("AKIA<>IOSFODNN7EXAMPLE", Stand::Word),
            ("change_me", Stand::Word),
            ("your-api-key-here", Stand::Word),
            ("FAKE_TOKEN", Stand::Word),
        ];
        for (value, want) in cases {
            assert_eq!(stand(value.replace("<>", "").as_bytes()), Some(want), "{value}");
        }
    }

    #[test]
    fn people_and_machines_are_no_placeholders() {
        for value in [
            "hunter2!x",
            "$9q$41$zxv",
            "K@$$vzqx!!",
            "wvkzqtx",
            "Zq7@k.xuV$Rt2$9w",
            "Tr0ub4dor&3",
            "vQzTKwxRbmLGYJSNpHcd/w==",
            "k:(vzwqtxb)xkq",
        ] {
            assert_eq!(stand(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn random_tokens_are_no_placeholders() {
        // A fixed walk over 20,000 tokens of 40 letters and digits.
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut dropped = 0;
        for _ in 0..20_000 {
            let token: Vec<u8> = (0..40)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    alphabet[(state % 62) as usize]
                })
                .collect();
            dropped += usize::from(is_placeholder(&token) || is_protected(&token));
        }
        assert!(dropped <= 8, "{dropped} of 20000");
    }

    #[test]
    fn toys() {
        for value in [
            "password",
            "testpassword",
            "my-test-token",
            "Secret123",
            "P@ssw0rd!",
            "s3cr3t",
            "some-user-password",
            "welcome42",
        ] {
            assert!(is_toy(value.as_bytes()), "{value}");
        }
        for value in ["hunter2!x9q", "wvkzqtx", "", "1234", "Zx9testQ"] {
            assert!(!is_toy(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn protected() {
        for value in [
            "ENC[AES256_GCM,data:x]",
            "$2y$10$abcdefghijk",
            "sha256:abc",
            "{SSHA}x",
            "gAAAAABabc",
            "ssh-rsa AAAA",
        ] {
            assert!(is_protected(value.as_bytes()), "{value}");
        }
        assert!(!is_protected(b"MIIEpAIBAAKCAQEAvcMVMB2v"));
        let sealed = |length: usize| format!("AgB{}", "x7Qp".repeat(length / 4));
        assert!(is_protected(sealed(700).as_bytes()) && !is_protected(sealed(100).as_bytes()));
    }

    #[test]
    fn long_values_that_repeat_themselves() {
        for unit in ["0", "abcdefghijklmnopqrstuvwxyz", "1234567890"] {
            let text = format!("hvb.{}", unit.repeat(300 / unit.len()));
            assert!(is_placeholder(text.as_bytes()), "{text}");
        }
    }
}
