//! Weighs a name against its value.
//!
//! No single threshold decides. What is surely not a secret is refused first, cheapest question first:
//! templates, references, places, types, the name said again. What remains is weighed by the kind of name: a
//! password may be weak, a bare `key` must look made by a machine. The path is not known here, so the verdict
//! is that of a file of unknown kind; [`crate::context::grade`] moves it.

use base64::Engine as _;

use super::evidence as bit;
use super::grammar::Site;
use super::name::{Calls, Kind, Name, PATTERN, VENDOR_KEY};
use super::shape;
use crate::found::Evidence;
use crate::placeholder;
use crate::randomness::{self, Mix};
use crate::{Confidence, Severity};

/// The verdict on one assignment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub evidence: Evidence,
    pub confidence: Confidence,
    pub severity: Severity,
    pub why: Vec<&'static str>,
}

/// Judges the value of `site` in `t`, or refuses it.
pub(super) fn verdict(t: &[u8], site: &Site, name: Name) -> Option<Verdict> {
    let value = &t[site.value.clone()];
    let mix = Mix::of(value);
    if is_hopeless(site.bits, name, value, mix) {
        return None;
    }
    let excess = randomness::excess(value);
    if is_too_plain(site.bits, name, value, excess) {
        return None;
    }
    weighed(t, site, name, value, mix, excess)
}

/// The verdict, every question asked.
fn weighed(t: &[u8], site: &Site, name: Name, value: &[u8], mix: Mix, excess: f32) -> Option<Verdict> {
    let bits = observe(t, site, name, value, excess)?;
    let evidence = Evidence { bits, randomness: randomness::score_of(excess), name: name.strength };
    if evidence.has(bit::GROUPED) {
        let varied = evidence.has(bit::VARIED) && excess >= 4.0;
        if !(excess >= 10.0 || name.kind == Kind::Password && varied) {
            return None;
        }
    } else if evidence.has(bit::LISTED)
        && (excess < 6.0
            && !(mix.classes() >= 3 && mix.digit > 0 && excess >= 1.0)
            && !(evidence.has(bit::FORM | bit::VARIED) && mix.digit > 0 && !evidence.has(bit::TOY))
            || name.strength < 75 && !evidence.has(bit::FORM) && (name.strength < 60 || excess < 20.0))
    {
        return None;
    }
    let (confidence, severity) = match name.kind {
        Kind::Password => password(value, evidence, excess, mix)?,
        Kind::Secret | Kind::Token | Kind::Key => token(value, evidence, excess, mix)?,
        Kind::BareKey | Kind::Auth => weak(value, evidence, excess, mix)?,
    };
    let severity = if name.browser { raise(severity) } else { severity };
    Some(Verdict { evidence, confidence, severity, why: reasons(evidence, name, excess) })
}

/// Whether the kinds of byte in a value say that the verdict can only be no: the first thing asked of what stands
/// behind a name, and for most of a program's names the last. Each line repeats what a line of [`weak`], [`token`]
/// or [`password`] refuses at the end.
fn is_hopeless(bits: u64, name: Name, value: &[u8], mix: Mix) -> bool {
    let letters = mix.lower + mix.upper;
    let digits = mix.digit as usize == value.len();
    match name.kind {
        Kind::BareKey | Kind::Auth => {
            letters == 0 || mix.digit == 0 || value.len() < 16 || bits & (bit::CODE | bit::WRAPPED) != 0
        }
        Kind::Secret | Kind::Token | Kind::Key if digits => value.len() < 16 || name.strength < 80,
        Kind::Secret | Kind::Token | Kind::Key => letters == 0 || bits & bit::CODE != 0 && mix.digit == 0,
        Kind::Password => bits & bit::ENCODED == 0 && (letters == 0 && !digits || digits && value.len() < 6),
    }
}

/// The same, of how random a value looks.
fn is_too_plain(bits: u64, name: Name, value: &[u8], excess: f32) -> bool {
    match name.kind {
        Kind::BareKey | Kind::Auth => excess < 14.0,
        Kind::Secret | Kind::Token | Kind::Key => {
            let number = value.iter().all(u8::is_ascii_digit);
            bits & bit::CODE != 0 && excess < 12.0 && !number
                || name.strength < 80 && excess < 7.0 && !shape::is_uuid(value)
        }
        // The address of a system is no code, see [`observe`].
        Kind::Password => {
            bits & (bit::ENCODED | bit::IN_STRING) == 0
                && (bits & bit::CODE != 0 && excess < 8.0 || bits & bit::WRAPPED != 0 && excess < 2.0)
        }
    }
}

/// What a value that a rule took for a password looks like, for a rule that has no name to judge by.
pub(crate) fn password_evidence(value: &[u8]) -> Evidence {
    let mix = Mix::of(value);
    let set = |on: bool, b: u64| if on { b } else { 0 };
    let toy = says_toy(value) || value.len() < 3;
    Evidence {
        bits: bit::PASSWORD
            | bit::FORM
            | set(toy, bit::TOY)
            | set(mix.digit as usize == value.len() && value.len() >= 8, bit::DIGITS)
            | set(mix.classes() >= 3, bit::MIXED),
        randomness: randomness::score(value),
        name: 85,
    }
}

/// Notes what the value is, or refuses it for what it cannot be.
fn observe(t: &[u8], site: &Site, name: Name, value: &[u8], excess: f32) -> Option<u64> {
    let mut bits = site.bits;
    let least = if bits & bit::FORM != 0 {
        3
    } else if name.kind == Kind::Password {
        4
    } else if matches!(name.kind, Kind::Secret | Kind::Key) && name.strength >= 80 {
        5
    } else {
        8
    };
    if value.len() < least || value.iter().any(|b| *b < b' ' || *b >= 0x7f) {
        return None;
    }
    // Between bytes that no text has, a name is there by chance.
    let around =
        &t[site.name.start.min(site.value.start).saturating_sub(8)..(site.value.end + 8).min(t.len())];
    if around.iter().any(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)) {
        return None;
    }
    if bits & bit::CALL != 0 && name.calls == Calls::Asks {
        return None;
    }
    if bits & bit::LISTED != 0 && argument_of_question(t, &site.name)
        || in_resource_name(t, &site.name)
        || name.kind == Kind::Key && names_a_shelf(&t[site.name.clone()], value)
    {
        return None;
    }
    let spaces = memchr::memchr_iter(b' ', value).count();
    if spaces > 0 {
        // A phrase with every kind of character, or random text that happens to have spaces (WordPress).
        let phrase = name.kind == Kind::Password && spaces <= 3;
        let marks = Mix::of(value).other as usize - spaces;
        let longest = value.split(|b| !b.is_ascii_alphabetic()).map(<[u8]>::len).max().unwrap_or(0);
        let format = value.windows(2).any(|w| w == b"%-" || w == b"%s" || w == b"%d");
        let random =
            value.len() >= 24 && longest <= 7 && !format && marks * 6 >= value.len() && excess >= 24.0;
        if !(phrase || random) || bits & bit::QUOTED == 0 || Mix::of(value).classes() < 4 {
            return None;
        }
        bits |= bit::PHRASE;
    }
    if shape::is_reserved(value) || placeholder::stand(value).is_some() || placeholder::is_protected(value) {
        return None;
    }
    // `pass phrase:passphrase`: a list of replacements.
    if bits & bit::QUOTED == 0
        && let Some(colon) = value.iter().position(|&b| b == b':')
        && bits & (bit::FORM | bit::ENV_STYLE) == 0
        && value[colon + 1..].iter().all(u8::is_ascii_alphabetic)
        && names_a_secret(&value[colon + 1..])
    {
        return None;
    }
    // `b"test\xc6\xb6"`: bytes spelled out, with a word in front of them.
    if escapes_follow_word(value) {
        return None;
    }
    if bits & bit::BRACKETS != 0 && bits & (bit::CODE | bit::SPACED | bit::PROSE) != 0
        || shape::is_data(value)
    {
        return None;
    }
    if bits & bit::QUOTED == 0 && bits & bit::FORM == 0 && shape::is_attribute(value) {
        return None;
    }
    if name.kind != Kind::Password && bits & bit::QUERY != 0 && badge(t, &site.name) {
        return None;
    }
    if name.kind == Kind::BareKey && bits & bit::QUOTED != 0 && beside_user(t, site) {
        bits |= bit::FORM;
    }
    if name.kind == Kind::BareKey && line_speaks_of_public(t, &site.name) {
        return None;
    }
    if shape::is_place(value) || shape::repeats_name(&t[site.name.clone()], value) {
        return None;
    }
    if let Some(call) = &site.wrapper
        && shape::is_lookup(&t[call.clone()])
    {
        return None;
    }
    if bits & bit::SPACED != 0 && bits & bit::OPTION == 0 && name.strength < 80 {
        // `token x` in notes: only what no one could have typed.
        let mix = Mix::of(value);
        let made = value.len() >= 20 && mix.digit > 0 && !mix.hex && excess >= 24.0;
        if name.strength < 60 || !made {
            return None;
        }
    }
    let named = bits & bit::FORM == 0 && names_a_secret(value);
    if named && name.kind != Kind::Password {
        return None;
    }
    let mix = Mix::of(value);
    let toy = named || says_toy(value) && !placeholder::is_peoples(value);
    let address = name.kind == Kind::Password
        && bits & (bit::IN_STRING | bit::QUOTED) == bit::IN_STRING
        && in_address(t, site);
    if address {
        bits &= !bit::CODE;
    }
    let set = |on: bool, b: u64| if on { b } else { 0 };
    bits |= set(mix.hex, bit::HEX)
        | set(mix.digit as usize == value.len(), bit::DIGITS)
        | set(toy, bit::TOY)
        | set(shape::is_uuid(value), bit::UUID)
        | set(name.browser, bit::BROWSER)
        | set(name.kind == Kind::Password, bit::PASSWORD)
        | set(name.kind == Kind::BareKey, bit::BARE_KEY)
        | set(name.kind == Kind::Auth || name.strength < 50, bit::WEAK_NAME)
        | set(mix.classes() >= 3 && (!toy || placeholder::is_toy(value)), bit::MIXED)
        | set(mix.classes() >= 2 && !named && (!toy || placeholder::is_toy(value)), bit::VARIED)
        | set(shape::is_identifier(value, excess), bit::WORDS)
        | set(name.test, bit::TEST_NAME)
        | set(name.system || address, bit::SYSTEM)
        | set(address, bit::QUOTED)
        | set(
            name.kind == Kind::Secret
                || matches!(name.kind, Kind::Key | Kind::Token)
                    && name.strength >= 80
                    && (name.kind == Kind::Key || site.bits & bit::ENV_STYLE != 0),
            bit::CHOSEN,
        );
    Some(bits)
}

/// A password may be weak, but it must not be a mere word of a program.
fn password(value: &[u8], e: Evidence, excess: f32, mix: Mix) -> Option<(Confidence, Severity)> {
    if e.has(bit::ENCODED) {
        return Some(if e.has(bit::TOY) {
            (Confidence::Low, Severity::Low)
        } else {
            (Confidence::Medium, Severity::High)
        });
    }
    let loose = e.any(bit::SPACED | bit::PROSE | bit::CODE) && !e.has(bit::QUOTED) && !e.has(bit::OPTION);
    if loose && (excess < 6.0 || e.name < 80)
        || e.has(bit::CODE) && excess < 8.0
        || e.has(bit::WRAPPED) && excess < 2.0
    {
        return None;
    }
    if e.has(bit::DIGITS) {
        let sure = if value.len() >= 8 { Confidence::Medium } else { Confidence::Low };
        return (value.len() >= 6).then_some((sure, Severity::Low));
    }
    if mix.lower + mix.upper == 0 {
        return None;
    }
    let plain_option =
        e.has(bit::OPTION) && !e.has(bit::QUOTED) && mix.lower as usize == value.len() && excess < 4.0;
    if e.any(bit::TOY) || excess < -2.0 && e.has(bit::WORDS) || plain_option {
        return Some((Confidence::Low, Severity::Low));
    }
    if excess >= 12.0 && value.len() >= 8 || e.has(bit::MIXED) && excess >= 6.0 && value.len() >= 8 {
        return Some((Confidence::High, Severity::High));
    }
    Some((Confidence::Medium, Severity::Medium))
}

/// Whether all that is odd in a value is bytes written as `\xc6`: the rest is a word.
fn escapes_follow_word(value: &[u8]) -> bool {
    if !value.contains(&b'\\') {
        return false;
    }
    let Some(first) = memchr::memmem::find(value, b"\\x") else { return false };
    let (mut rest, mut word) = (&value[first..], value[..first].to_vec());
    while let Some(&b) = rest.first() {
        let hex = rest.len() >= 4 && rest.starts_with(b"\\x") && rest[2..4].iter().all(u8::is_ascii_hexdigit);
        if !hex {
            word.push(b);
        }
        rest = &rest[if hex { 4 } else { 1 }..];
    }
    word.iter().all(u8::is_ascii_alphabetic) && word.len() < 16
}

/// `edge4net-k8s-agent`: several short pieces, as people name things.
fn segmented(value: &[u8]) -> bool {
    let mut pieces = value.split(|b| matches!(b, b'-' | b'_' | b'.' | b':' | b'/'));
    value.iter().filter(|b| matches!(b, b'-' | b'_' | b'.' | b':' | b'/')).count() >= 2
        && pieces.all(|p| p.len() <= 9)
}

/// `todos-vuejs-3.x`: words and short pieces.
fn slug(value: &[u8]) -> bool {
    let separator = |b: &u8| matches!(b, b'-' | b'_' | b'.' | b':' | b'/');
    let piece = |p: &[u8]| {
        p.len() <= 3 || p.len() <= 12 && p.iter().all(u8::is_ascii_alphabetic) && randomness::excess(p) < 7.0
    };
    value.iter().filter(|b| separator(b)).count() >= 2 && value.split(|b| separator(b)).all(piece)
}

/// What machines hand out.
fn token(value: &[u8], e: Evidence, excess: f32, mix: Mix) -> Option<(Confidence, Severity)> {
    if e.has(bit::DIGITS) {
        let much = value.len() >= 16 && e.name >= 80 && !e.any(bit::WRAPPED | bit::CALL);
        return much.then_some((Confidence::Medium, Severity::Medium));
    }
    if mix.lower + mix.upper == 0 || e.any(bit::CODE) && (excess < 12.0 || mix.digit == 0) {
        return None;
    }
    if e.has(bit::UUID) {
        let sure = e.name >= 80 || e.name >= 60 && e.has(bit::ENV_STYLE);
        return Some((if sure { Confidence::Medium } else { Confidence::Low }, Severity::Medium));
    }
    if e.has(bit::TOY) || slug(value) {
        return (e.name >= 80 && e.has(bit::QUOTED)).then_some((Confidence::Low, Severity::Low));
    }
    let loose = e.any(bit::SPACED | bit::PROSE) && !e.has(bit::QUOTED) && !e.has(bit::OPTION);
    let needed = if loose { 12.0 } else { 7.0 };
    if excess < needed {
        let low = !loose
            && e.name >= 80
            && (e.has(bit::QUOTED) && !e.any(bit::WORDS | bit::WRAPPED)
                || e.has(bit::CHOSEN | bit::VARIED)
                || e.has(bit::CHOSEN)
                    && !e.any(bit::WRAPPED | bit::SPACED | bit::PROSE | bit::CODE | bit::IN_STRING));
        return low.then_some((Confidence::Low, Severity::Low));
    }
    if value.len() < 10 && excess < 12.0 {
        return Some((Confidence::Low, Severity::Low));
    }
    if excess >= 16.0 && value.len() >= 16 && e.name >= 75 && (mix.digit > 0 || value.len() >= 32) {
        return Some((Confidence::High, Severity::High));
    }
    Some((Confidence::Medium, Severity::Medium))
}

/// A bare `key` or `auth`: only what is surely made by a machine, and no digest.
fn weak(value: &[u8], e: Evidence, excess: f32, mix: Mix) -> Option<(Confidence, Severity)> {
    let letters = mix.lower + mix.upper;
    if letters == 0
        || e.any(bit::CODE | bit::UUID | bit::WRAPPED)
        || e.any(bit::SPACED | bit::PROSE) && !e.any(bit::QUOTED | bit::OPTION)
    {
        return None;
    }
    let plain = value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if e.name == PATTERN && !plain {
        return None;
    }
    if value.len() < 16 || excess < 14.0 || mix.digit == 0 || e.has(bit::TOY) || segmented(value) {
        return None;
    }
    // Digests are hexadecimal; in an authorization header it is a key all the same.
    // So it is where a name says whose key it is.
    let own =
        e.name >= VENDOR_KEY && e.any(bit::QUOTED | bit::ENV_STYLE | bit::OPTION | bit::QUERY | bit::MARKUP);
    if e.has(bit::HEX) && (e.name < 55 && !own && !e.has(bit::FORM) || value.len() < 32) {
        return None;
    }
    Some((Confidence::Medium, Severity::Medium))
}

/// Whether the value is itself the name of a secret: `DB_PASSWORD`, `b64Pwd`.
fn names_a_secret(value: &[u8]) -> bool {
    value.len() <= 80
        && value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && super::name::judge(value).is_some_and(|n| n.kind != Kind::BareKey)
        && randomness::excess(value) < 10.0
}

/// Whether the value is made of common words, as it stands or once unescaped or decoded from base64.
fn says_toy(value: &[u8]) -> bool {
    if placeholder::is_toy(value) {
        return true;
    }
    // `p,ass@word`: a word with marks strewn in.
    let marks = value.iter().filter(|b| !b.is_ascii_alphanumeric()).count();
    if (1..=3).contains(&marks) && value.len() <= 24 {
        let letters: Vec<u8> = value.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
        if placeholder::is_toy(&letters) {
            return true;
        }
    }
    let mut plain = [0; 96];
    if value.contains(&b'%') {
        let plain = super::scheme::unescape(value, &mut plain);
        if placeholder::is_toy(plain) || plain.iter().filter(|b| b.is_ascii_alphanumeric()).count() < 3 {
            return true;
        }
    }
    if value.len() < 8
        || value.len() > 400
        || !value.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    {
        return false;
    }
    let body = value.trim_ascii_end();
    let body = &body[..body.len() - body.iter().rev().take_while(|b| **b == b'=').count()];
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(body).is_ok_and(|raw| {
        raw.iter().all(|b| (b' '..0x7f).contains(b))
            && (placeholder::is_toy(&raw) || placeholder::is_placeholder(&raw))
    })
}

/// `hashPassword("password", "salt")`: the name is the first argument of a function that asks.
fn argument_of_question(t: &[u8], name: &std::ops::Range<usize>) -> bool {
    let before = line_before(t, name);
    let Some(call) = before.strip_suffix(b"(\"").or(before.strip_suffix(b"('")) else { return false };
    let start = call.iter().rposition(|&b| !b.is_ascii_alphanumeric() && b != b'_').map_or(0, |i| i + 1);
    super::name::judge(&call[start..]).is_some_and(|n| n.calls == Calls::Asks)
}

/// `arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3`: where a secret is kept.
fn in_resource_name(t: &[u8], name: &std::ops::Range<usize>) -> bool {
    let before = &t[name.start.saturating_sub(80)..name.start];
    before.last() == Some(&b':') && {
        let start = before.iter().rposition(|&b| !(b.is_ascii_alphanumeric() || b"-_:/*".contains(&b)));
        before[start.map_or(0, |i| i + 1)..].starts_with(b"arn:")
    }
}

/// `STORAGE_KEY = "todo-app-k39"`: under which a program keeps its things. A storage account's key is 88 characters.
fn names_a_shelf(name: &[u8], value: &[u8]) -> bool {
    let end = name.len().saturating_sub(11);
    let tail = &name[end..];
    value.len() < 40
        && value
            .iter()
            .all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/' | b'@'))
        && value.iter().any(|b| !b.is_ascii_alphanumeric())
        && (tail.eq_ignore_ascii_case(b"storage_key")
            || tail.eq_ignore_ascii_case(b"storage-key")
            || tail.ends_with(b"StorageKey")
            || tail.ends_with(b"storageKey"))
}

/// `{"username": "u", "key": "x"}`: whose key it is stands beside it.
fn beside_user(t: &[u8], site: &Site) -> bool {
    let before = &t[site.name.start.saturating_sub(96)..site.name.start];
    let open = before.iter().rposition(|&b| b == b'{').map_or(&[][..], |i| &before[i..]);
    let after = &t[site.value.end..t.len().min(site.value.end + 40)];
    let close = after.iter().position(|&b| b == b'}').map_or(&[][..], |i| &after[..i]);
    let user = b"\"username\"";
    memchr::memmem::find(open, user).is_some()
        || !open.is_empty() && memchr::memmem::find(close, user).is_some()
}

/// Words of a connection string, beside a password.
const BESIDE: [&[u8]; 10] = [
    b"user=",
    b"uid=",
    b"user id=",
    b"username=",
    b"dbname=",
    b"database=",
    b"host=",
    b"server=",
    b"data source=",
    b"port=",
];

/// `"host=db user=app password=x"`: whether the literal that the name is in is the address of a system.
fn in_address(t: &[u8], site: &Site) -> bool {
    let before = line_before(t, &site.name);
    let before = before[before.len().saturating_sub(120)..].to_ascii_lowercase();
    let after = &t[site.value.end..t.len().min(site.value.end + 80)];
    let after = after.split(|&b| b == b'\n').next().unwrap_or_default().to_ascii_lowercase();
    let has = |text: &[u8]| BESIDE.iter().any(|w| memchr::memmem::find(text, w).is_some());
    has(&before) || has(&after)
}

/// The text of the line before the name.
fn line_before<'t>(t: &'t [u8], name: &std::ops::Range<usize>) -> &'t [u8] {
    let start = t[..name.start].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    &t[start..name.start]
}

/// A token in the URL of a status badge opens a picture.
fn badge(t: &[u8], name: &std::ops::Range<usize>) -> bool {
    let before = line_before(t, name);
    before.ends_with(b".svg?")
        || before.ends_with(b".png?")
        || memchr::memmem::find(before, b"badge").is_some()
}

fn line_speaks_of_public(t: &[u8], name: &std::ops::Range<usize>) -> bool {
    let before = line_before(t, name);
    let before = &before[before.len().saturating_sub(48)..];
    before.to_ascii_lowercase().windows(6).any(|w| w == b"public" || w == b"ssh-rs")
}

fn raise(severity: Severity) -> Severity {
    match severity {
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}

/// The verdict in words, strongest first.
fn reasons(e: Evidence, name: Name, excess: f32) -> Vec<&'static str> {
    let mut why = Vec::with_capacity(4);
    why.push(match name.kind {
        Kind::Password => "the name says password",
        Kind::Secret => "the name says secret",
        Kind::Token => "the name says token",
        Kind::Key => "the name says what the key opens",
        Kind::BareKey => "the name says key",
        Kind::Auth => "the name speaks of authentication",
    });
    if e.has(bit::BROWSER) {
        why.push("variables of this name are copied into what browsers load");
    }
    why.push(if e.has(bit::TOY) {
        "the value is made of common words"
    } else if e.has(bit::UUID) {
        "the value is a UUID"
    } else if e.has(bit::DIGITS) {
        "the value is a number"
    } else if excess >= 12.0 {
        "the value looks made by a machine"
    } else if excess >= 4.0 {
        "the value is no word"
    } else {
        "the value could be chosen by a person"
    });
    if e.has(bit::DEFAULT) {
        why.push("it is the default of a look-up");
    } else if e.has(bit::COMPARED) {
        why.push("it is compared with a literal");
    } else if e.has(bit::ENV_STYLE) {
        why.push("it is written as an environment variable");
    } else if e.has(bit::QUOTED) {
        why.push("it is a quoted literal");
    }
    why
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{0,20}",
            "[a-z]{0,24}",
            "[ -~]{0,40}",
            "[0-9A-Za-z]{6,40}",
            "[0-9a-f]{16,40}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "(user|pass|token|word)[-_.]?[0-9]{0,5}",
            "[^a-z0-9]{3,9}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        /// What is refused at first sight is refused after all questions.
        #[test]
        fn first_sight_is_no_other_sight(
            value in value(),
            kind in prop::sample::select(vec![
                Kind::Password, Kind::Secret, Kind::Token, Kind::Key, Kind::BareKey, Kind::Auth,
            ]),
            strength in prop::sample::select(vec![20u8, 24, 40, 55, 60, 79, 80, 90]),
            seen in prop::collection::vec(prop::sample::select(vec![
                bit::CODE, bit::WRAPPED, bit::QUOTED, bit::IN_STRING, bit::SPACED, bit::PROSE, bit::OPTION, bit::FORM,
                bit::ENCODED, bit::LISTED, bit::GROUPED, bit::CALL, bit::ENV_STYLE, bit::QUERY, bit::BRACKETS,
            ]), 0..5),
            before in prop::sample::select(vec!["", "\"host=db user=a ", "x = "]),
        ) {
            let text = format!("{before}name={value}");
            let bits = seen.into_iter().fold(0, |all, b| all | b);
            let start = before.len();
            let site = Site {
                name: start..start + 4,
                value: start + 5..text.len(),
                bits,
                wrapper: None,
                inside: if bits & bit::IN_STRING != 0 { b'"' } else { 0 },
            };
            let name = Name { strength, ..super::super::scheme::name(kind, strength) };
            let t = text.as_bytes();
            let bytes = &t[site.value.clone()];
            let all = weighed(t, &site, name, bytes, Mix::of(bytes), randomness::excess(bytes));
            prop_assert_eq!(verdict(t, &site, name), all);
        }
    }
}
