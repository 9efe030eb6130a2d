//! What a name says about its value.
//!
//! `db_password`, `clientSecret` and `X-Api-Key` hold secrets; `password_field`, `secretName`, `publicKey`
//! and `primary_key` do not. A name is cut into words, the last word that speaks of secrets is its head,
//! and the words around the head strengthen, weaken or veto it.

use std::cell::RefCell;

use super::words::{self, BROWSER, DIGEST, KEY_BEFORE, KEY_JOINED, NO_PASSWORD, PASSWORD_UTF8};
use crate::placeholder::words;
use crate::wordset::{WordSet, ends};

static PASSWORD: WordSet = WordSet::of(&words::PASSWORD);
static SECRET: WordSet = WordSet::of(&words::SECRET);
static TOKEN: WordSet = WordSet::of(&words::TOKEN);
static AUTH: WordSet = WordSet::of(&words::AUTH);
static VETO_AFTER: WordSet = WordSet::of(&words::VETO_AFTER);
static NEUTRAL_AFTER: WordSet = WordSet::of(&words::NEUTRAL_AFTER);
static VETO_BEFORE: WordSet = WordSet::of(&words::VETO_BEFORE);
static VETO_TOKEN: WordSet = WordSet::of(&words::VETO_TOKEN);
static VETO_KEY: WordSet = WordSet::of(&words::VETO_KEY);
static TEST: WordSet = WordSet::of(&words::TEST);
static ASKS: WordSet = WordSet::of(&words::ASKS);
static SETS: WordSet = WordSet::of(&words::SETS);
static SYSTEM: WordSet = WordSet::of(&words::SYSTEM);

/// What kind of secret a name speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Chosen by a person, perhaps weak.
    Password,
    /// A shared secret of machines.
    Secret,
    /// A token of a session or an account.
    Token,
    /// A key with a word that says what it opens.
    Key,
    /// Just `key`.
    BareKey,
    /// Just `auth` and the like.
    Auth,
}

/// A judged name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// The kind of its head.
    pub kind: Kind,
    /// 0 to 100.
    pub strength: u8,
    /// Copied into what browsers load.
    pub browser: bool,
    /// Speaks of a test, an example or a fake.
    pub test: bool,
    /// Says which system it opens: a database, a mail server, root.
    pub system: bool,
    /// What the first word would do, were it a function.
    pub calls: Calls,
    /// Where the head is in the name.
    pub head: (usize, usize),
}

/// What the first word says the name would do, were it a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calls {
    /// `setPassword`, `withSecret`: takes a value.
    Sets,
    /// `getToken`, `verifyPassword`, `hashPassword`: takes something else.
    Asks,
    /// No verb.
    Plain,
}

const MAX_WORDS: usize = 14;

/// The strength of a bare key whose name says whose it is.
pub(crate) const VENDOR_KEY: u8 = 40;

/// The strength of `pat`, which is a pattern as often as a personal access token.
pub(crate) const PATTERN: u8 = 24;

/// Names that are remembered, and how long they may be: texts say the same few again and again.
const REMEMBERED: usize = 256;
const SHORT: usize = 40;

/// A name and its judgement.
#[derive(Clone, Copy)]
struct Judged {
    len: usize,
    text: [u8; SHORT],
    verdict: Option<Name>,
}

thread_local! {
    static JUDGED: RefCell<Vec<Judged>> = const { RefCell::new(Vec::new()) };
}

/// The same as [`judge`], for names that come again. Values, which may be secrets, are not remembered.
pub(crate) fn judge_again(name: &[u8]) -> Option<Name> {
    if name.len() > SHORT {
        return judge(name);
    }
    let mut text = [0; SHORT];
    text[..name.len()].copy_from_slice(name);
    let words = text.as_chunks::<8>().0.iter().map(|&w| u64::from_le_bytes(w));
    let hash =
        words.fold(0u64, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    JUDGED.with_borrow_mut(|all| {
        if all.is_empty() {
            all.resize(REMEMBERED, Judged { len: usize::MAX, text: [0; SHORT], verdict: None });
        }
        let slot = &mut all[(hash >> 40) as usize % REMEMBERED];
        if slot.len != name.len() || slot.text != text {
            *slot = Judged { len: name.len(), text, verdict: judge(name) };
        }
        slot.verdict
    })
}

/// Judges a name, or says that it does not speak of secrets.
pub(crate) fn judge(name: &[u8]) -> Option<Name> {
    let mut list: [[u8; 24]; MAX_WORDS] = [[0; 24]; MAX_WORDS];
    let mut lengths = [0usize; MAX_WORDS];
    let mut starts = [0usize; MAX_WORDS];
    let mut n = 0;
    for word in words(name) {
        if n == MAX_WORDS {
            // Keep the end of a long name: the head is there.
            list.rotate_left(1);
            lengths.rotate_left(1);
            starts.rotate_left(1);
            n -= 1;
        }
        let len = word.len().min(24);
        list[n][..len].copy_from_slice(&word[..len]);
        list[n][..len].make_ascii_lowercase();
        lengths[n] = len;
        starts[n] = word.as_ptr() as usize - name.as_ptr() as usize;
        n += 1;
    }
    let word = |i: usize| -> &[u8] { &list[i][..lengths[i]] };
    let is = |i: usize, set: &WordSet| set.has(word(i));

    if !name.is_ascii() && PASSWORD_UTF8.iter().any(|p| memchr::memmem::find(name, p.as_bytes()).is_some()) {
        return Some(Name {
            kind: Kind::Password,
            strength: 90,
            browser: false,
            test: false,
            system: false,
            calls: Calls::Plain,
            head: (0, name.len()),
        });
    }
    let (at, kind, mut strength) =
        (0..n).rev().find_map(|i| head(i, n, &word).map(|(k, s)| (i, k, i32::from(s))))?;

    // Words after the head.
    for i in at + 1..n {
        if is(i, &VETO_AFTER) {
            return None;
        }
        if !is(i, &NEUTRAL_AFTER) && word(i).len() > 1 {
            strength -= if kind == Kind::Password { 20 } else { 30 };
        }
    }
    // Words before it.
    for i in 0..at {
        let vetoed = kind == Kind::Token && i + 2 == at && word(i) == b"client" && word(i + 1) == b"request"
            // `PublicKeyToken` of .NET assemblies: the hash of a public key.
            || i + 1 < at && word(i) == b"public" && word(i + 1) == b"key"
            || is(i, &VETO_BEFORE)
                && !(i + 1 < at
                    && matches!(word(i), b"public" | b"next" | b"react" | b"use" | b"no" | b"site" | b"max"))
            || kind == Kind::Token && i + 1 == at && is(i, &VETO_TOKEN)
            || kind == Kind::BareKey && i + 1 == at && is(i, &VETO_KEY);
        if vetoed
            && !(kind == Kind::Password
                && matches!(
                    word(i),
                    b"primary" | b"public" | b"object" | b"map" | b"site" | b"invalid" | b"input" | b"reset"
                ))
        {
            return None;
        }
    }
    let browser =
        BROWSER.iter().any(|p| p.len() < n && p.iter().enumerate().all(|(i, w)| w.as_bytes() == word(i)));
    let test = (0..n).any(|i| i != at && is(i, &TEST));
    let system = (0..n).any(|i| {
        i != at && is(i, &SYSTEM)
            || i == at
                && words::SYSTEM.iter().any(|s| word(i).len() > s.len() && word(i).starts_with(s.as_bytes()))
    });
    let calls = if n > 1 && is(0, &SETS) {
        Calls::Sets
    } else if n > 1 && is(0, &ASKS)
        || n == 1 && [&b"check"[..], b"verify", b"validate", b"prompt"].iter().any(|a| word(0).starts_with(a))
    {
        Calls::Asks
    } else {
        Calls::Plain
    };
    (strength >= 30 || strength > 0 && matches!(kind, Kind::BareKey | Kind::Auth)).then_some(Name {
        kind,
        strength: u8::try_from(strength.min(100)).unwrap_or(100),
        browser,
        test,
        system,
        calls,
        head: (starts[at], starts[at] + lengths[at]),
    })
}

/// Says whether a name is of something that stands next to secrets: a user, a host, an identifier.
pub(crate) fn says_other(name: &[u8]) -> bool {
    let last = words(name).last().unwrap_or_default();
    let is = |set: &[&str]| set.iter().any(|s| last.eq_ignore_ascii_case(s.as_bytes()));
    is(&words::VETO_AFTER) || is(&words::BESIDE)
}

/// Whether word `i` of `n` speaks of secrets, and how strongly.
fn head<'a>(i: usize, n: usize, word: &dyn Fn(usize) -> &'a [u8]) -> Option<(Kind, u8)> {
    let w = word(i);
    let is = |set: &WordSet| set.has(w);
    let before = |name: &str| i > 0 && word(i - 1) == name.as_bytes();
    if w == b"pw" && i > 0 && word(i - 1).len() <= 2 {
        return None; // a locale: `en_PW`
    }
    if is(&PASSWORD) {
        let weak =
            matches!(w, b"pass" | b"psk" | b"pw" | b"psw" | b"clave" | b"pwd" | b"parola" | b"passcode");
        return Some((Kind::Password, if weak { 70 } else { 90 }));
    }
    if is(&SECRET) {
        return Some((Kind::Secret, if w.starts_with(b"secret") { 85 } else { 55 }));
    }
    if is(&TOKEN) {
        let strong = [
            "access",
            "auth",
            "refresh",
            "api",
            "bearer",
            "secret",
            "bot",
            "oauth",
            "session",
            "personal",
            "id",
            "deploy",
            "push",
            "user",
            "admin",
            "app",
            "client",
            "security",
            "master",
            "root",
            "bootstrap",
            "management",
        ];
        return Some(match w {
            b"pat" => (Kind::Auth, PATTERN),
            b"jwt" => (Kind::Token, 60),
            _ if strong.iter().any(|s| before(s)) => (Kind::Token, 85),
            b"tokens" => (Kind::Token, 40),
            _ => (Kind::Token, 65),
        });
    }
    if matches!(w, b"key" | b"keys" | b"schluessel") {
        let plural = u8::from(w == b"keys") * 15;
        if i > 1 && before("shared") && word(i - 2) == b"pre" {
            return Some((Kind::Password, 85)); // people choose those of VPNs and of wireless networks
        }
        if i > 0
            && let Some((_, s)) = KEY_BEFORE.iter().find(|(k, _)| k.as_bytes() == word(i - 1))
        {
            return Some((Kind::Key, s - plural));
        }
        let secret_before = (0..i).any(|j| {
            matches!(
                word(j),
                b"secret" | b"private" | b"api" | b"auth" | b"oauth" | b"access" | b"token" | b"encryption"
            )
        });
        // `openai_key`: whose key it is. But `md5_key`, `gpg_key`.
        let vendor = i > 0 && word(i - 1).len() >= 3 && !DIGEST.iter().any(|d| d.as_bytes() == word(i - 1));
        let bare = if vendor { VENDOR_KEY } else { 30 };
        return Some(if secret_before { (Kind::Key, 70 - plural) } else { (Kind::BareKey, bare - plural) });
    }
    // Written in one word: apikey, dbpassword, clientsecret, mytoken.
    if let Some((_, s)) =
        KEY_JOINED.iter().find(|(k, s)| ends(w, k.as_bytes()) && (*s >= 50 || w.len() == k.len()))
    {
        return Some((if *s < 50 { Kind::BareKey } else { Kind::Key }, *s));
    }
    for (tail, kind, s) in [
        ("password", Kind::Password, 90),
        ("passwd", Kind::Password, 90),
        ("passphrase", Kind::Password, 90),
        ("passwort", Kind::Password, 90),
        ("userpwd", Kind::Password, 70),
        ("dbpwd", Kind::Password, 80),
        ("dbpass", Kind::Password, 80),
        ("userpass", Kind::Password, 75),
        ("sshpass", Kind::Password, 75),
        ("psksecret", Kind::Password, 85),
        ("presharedkey", Kind::Password, 85),
        ("requirepass", Kind::Password, 85),
        ("masterauth", Kind::Password, 85),
        ("bindpw", Kind::Password, 85),
        ("rootpw", Kind::Password, 85),
        ("adminpw", Kind::Password, 80),
        ("dbpw", Kind::Password, 80),
        ("userpwd", Kind::Password, 70),
        ("storepass", Kind::Password, 85),
        ("keypass", Kind::Password, 85),
        ("rootpass", Kind::Password, 85),
        ("adminpass", Kind::Password, 85),
        ("mailpass", Kind::Password, 80),
        ("smtppass", Kind::Password, 80),
        ("ftppass", Kind::Password, 80),
        ("mypass", Kind::Password, 70),
        ("secret", Kind::Secret, 80),
        ("token", Kind::Token, 70),
    ] {
        if ends(w, tail.as_bytes()) {
            return Some((kind, s));
        }
    }
    // `remotepass`, `sqlpass`; not `bypass`, `compass`.
    if w.len() >= 7 && w.ends_with(b"pass") && !NO_PASSWORD.iter().any(|n| w.ends_with(n.as_bytes())) {
        return Some((Kind::Password, 70));
    }
    // `auth` is a head only at the end: in the middle it is an adjective.
    if i + 1 == n && is(&AUTH) {
        return Some((
            Kind::Auth,
            match w {
                b"bearer" | b"authorization" => 55,
                b"sid" => 25,
                _ => 40,
            },
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_that_comes_again_says_the_same(
            names in prop::collection::vec("(api|db|my|x)?[_.-]?(key|token|Secret|password|pass|id|user){1,3}(_[a-z]{0,40})?", 1..99),
        ) {
            for name in names.iter().chain(&names) {
                prop_assert_eq!(judge_again(name.as_bytes()), judge(name.as_bytes()));
            }
        }
    }

    #[test]
    fn names_of_secrets() {
        let cases = [
            ("password", Kind::Password),
            ("DB_PASSWORD", Kind::Password),
            ("dbPassword", Kind::Password),
            ("spring.datasource.password", Kind::Password),
            ("javax.net.ssl.trustStorePassword", Kind::Password),
            ("password_confirmation", Kind::Password),
            ("MYSQL_ROOT_PASSWORD", Kind::Password),
            ("пароль", Kind::Password),
            ("OAuth2ClientSecret", Kind::Secret),
            ("clientsecret", Kind::Secret),
            ("X-Api-Key", Kind::Key),
            ("AWS_SECRET_ACCESS_KEY", Kind::Key),
            ("cookieValidationKey", Kind::Key),
            ("apikey", Kind::Key),
            ("access_token", Kind::Token),
            ("SECRET_KEY_BASE", Kind::Key),
            ("nkey", Kind::BareKey),
            ("key", Kind::BareKey),
            ("REACT_APP_API_KEY", Kind::Key),
        ];
        for (name, want) in cases {
            assert_eq!(judge(name.as_bytes()).map(|n| n.kind), Some(want), "{name}");
        }
    }

    #[test]
    fn other_names() {
        for name in [
            "password_field",
            "secretName",
            "publicKey",
            "PublicKeyToken",
            "primary_key",
            "keyboard",
            "monkey",
            "author",
            "tokenizer",
            "next_token",
            "csrf_token",
            "max_tokens",
            "token_type",
            "password_hash",
            "passport",
            "bypass",
            "compass",
            "api_key_id",
            "tokenUrl",
            "accessor",
            "key_length",
            "passwordResetUrl",
            "partition_key",
            "secretary",
        ] {
            assert_eq!(judge(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn browser_names() {
        for name in ["NEXT_PUBLIC_API_SECRET", "VITE_API_KEY", "REACT_APP_TOKEN", "PUBLIC_API_KEY"] {
            assert!(judge(name.as_bytes()).is_some_and(|n| n.browser), "{name}");
        }
    }
}
