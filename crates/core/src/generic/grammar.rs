//! Where a name ends and its value begins, in any of the ways that files write it.
//!
//! No language is parsed. From the keyword the name is widened to both sides, what may close it is skipped
//! (a quote, a bracket, a type), an operator is read, and then one value: a quoted literal, a literal inside
//! a call, or a bare word. The forms (see [`Site::bits`] for what is noted on the way):
//!
//! ```text
//! name = "x"   name: x   name := `x`   name => 'x'   NAME=x   --name x   {"name": "x"}   name["x"] = "y"
//! name: String = "x"   var name string = "x"   setName("x")   f("name", "x")   getenv("NAME") || "x"   ${NAME:-x}
//! <name>x</name>   <add key="name" value="x"/>   <key>name</key><string>x</string>   "name": "NAME", "value": "x"
//! ?name=x&…   name is 'x'   s:4:"name";s:1:"x";   "{\"name\":\"x\"}"   name: |⏎  x
//! ```

use std::ops::Range;

use super::evidence as bit;
use super::quote::{literal, quote_at, quote_before};
use super::value::{call, element, next_element, shell_default, value, wrapped};

/// A name and a value that belong together, not yet judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// The whole name, without quotes.
    pub name: Range<usize>,
    /// The value, without quotes.
    pub value: Range<usize>,
    /// What was seen on the way: bits of [`super::evidence`].
    pub bits: u64,
    /// The function around the literal, for `name = f("x")`.
    pub wrapper: Option<Range<usize>>,
    /// The quote of the literal that the name is inside of, or 0.
    pub inside: u8,
}

const MAX_NAME: usize = 96;
const MAX_GAP: usize = 48;

/// Reads the assignment whose name is at `name`, within `t` alone.
pub(crate) fn locate(t: &[u8], name: Range<usize>) -> Option<Site> {
    let (bits, inside) = surroundings(t, &name);
    let mut site = Site { name: name.clone(), value: 0..0, bits, wrapper: None, inside };

    let opened = quote_before(t, name.start);
    let mut p = name.end;
    let mut quoted = false;
    if let Some(q) = quote_at(t, p) {
        // `"name"`, and the last word of `"the name"`.
        p += q.len();
        quoted = true;
    }
    if !quoted && t.get(p) == Some(&b'(') {
        return call(t, p + 1, site);
    }
    // `std::string name{"x"}`
    if !quoted && t.get(p) == Some(&b'{') && literal(t, p + 1).is_some() {
        return call(t, p + 1, site);
    }
    if quoted && opened.is_none() {
        // `"$name" == "x"`: the literal that the name is in ends with it.
        site.inside = 0;
    }
    if t.get(p..p + 2) == Some(b"</") {
        return next_element(t, p, site);
    }
    if let Some(v) = tag_end(t, p, name.start) {
        return element(t, v, site);
    }
    if t[..name.start].ends_with(b"${") {
        return shell_default(t, p, site);
    }
    // `input[type=password]:focus` selects an element of a page.
    if !quoted && name.start > 0 && t[name.start - 1] == b'=' && t.get(p) == Some(&b']') {
        return None;
    }
    p = skip_closers(t, p, quoted);
    // `$ENV{NAME}` of Perl
    if name.start > 0 && t[name.start - 1] == b'{' && t.get(p) == Some(&b'}') {
        p += 1;
    }
    // `let(:password) { "x" }` of RSpec
    if name.start > 0 && t[name.start - 1] == b':' && t[..p].ends_with(b")") && t[p..].starts_with(b" { ") {
        return value(t, p + 3, site, Op::Equals);
    }
    let spaces = blanks(t, p);
    let (after, op) = operator(t, p + spaces, quoted, opened.is_some() || is_argument(t, &name));
    // `env("NAME"), "next"`, `"/etc/passwd", "next"`: the comma ends something that the name is only a part of.
    if op == Op::Comma
        && (t[name.end..p].iter().any(|b| matches!(b, b')' | b']')) || t[..name.start].ends_with(b"/"))
    {
        return None;
    }
    // `'--password='.$password`: the literal ends, and a variable is joined to it.
    if site.inside != 0 && t.get(after) == Some(&site.inside) {
        let next = after + 1 + blanks(t, after + 1);
        if matches!(t.get(next), Some(b'.' | b'+')) {
            return None;
        }
    }
    if op == Op::Comma && compares(t, name.start) {
        site.bits |= bit::COMPARED;
        return value(t, after, site, Op::Compare);
    }
    match op {
        Op::None => {
            if let Some(v) = split_form(t, p, quoted) {
                site.bits |= bit::MARKUP;
                return value(t, v, site, Op::Colon);
            }
            if let Some(v) = typed(t, p + spaces).filter(|_| spaces > 0) {
                return value(t, v, site, Op::Equals);
            }
            if spaces == 0 {
                return None;
            }
            if let Some(v) = cell(t, p + spaces) {
                site.bits |= bit::SPACED;
                return value(t, v, site, Op::Space);
            }
            if let Some(v) = block_default(t, p + spaces).filter(|_| quoted) {
                site.bits |= bit::DEFAULT;
                return value(t, v, site, Op::Equals);
            }
            site.bits |= bit::SPACED;
            if is_statement(t, site.name.start) || is_pair(t, &site.name) {
                site.bits |= bit::OPTION;
            }
            // A path (`/etc/passwd`), an element's end, or words in backquotes after a word of prose.
            if site.name.start > 0 && t[site.name.start - 1] == b'/'
                || t.get(p + spaces) == Some(&b'`') && !is_code_word(t, p + spaces)
                || quoted && quote_at(t, p + spaces).is_none()
                || site.name.start > 0 && matches!(t[site.name.start - 1], b'=' | b'>')
                || p > site.name.end && !quoted
            {
                return None;
            }
            if let Some(v) = natural(t, p + spaces) {
                return value(t, v, site, Op::Space);
            }
            value(t, p + spaces, site, Op::Space)
        }
        Op::Colon | Op::Comma => {
            if let Some(v) = split_form(t, p, quoted) {
                site.bits |= bit::MARKUP;
                return value(t, v, site, Op::Colon);
            }
            if op == Op::Colon
                && let Some(v) = typed(t, after + blanks(t, after))
            {
                return value(t, v, site, Op::Equals);
            }
            if op == Op::Colon
                && let Some(v) = parameter_default(t, after)
            {
                site.bits |= bit::DEFAULT;
                return value(t, v, site, Op::Colon);
            }
            value(t, after, site, op)
        }
        Op::Equals => {
            if spaces == 0 && is_env_name(&t[name]) && blanks(t, after) == 0 {
                site.bits |= bit::ENV_STYLE;
            }
            value(t, after, site, op)
        }
        Op::Compare => {
            site.bits |= bit::COMPARED;
            value(t, after, site, op)
        }
        Op::Default => {
            if t[..after].ends_with(b"or ") && t.get(after) == Some(&b'`') {
                return None; // prose
            }
            site.bits |= bit::DEFAULT;
            value(t, after, site, op)
        }
        Op::Space => value(t, after, site, op),
    }
}

/// How name and value are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    None,
    Equals,
    Colon,
    Comma,
    Compare,
    Default,
    Space,
}

// --- the name ----------------------------------------------------------------------------------------------

pub(super) fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.') || b >= 0x80
}

/// The full-width colon of Chinese and Japanese text.
const WIDE_COLON: &[u8] = "：".as_bytes();

/// The name around the keyword at `at`.
pub(crate) fn name_around(t: &[u8], at: Range<usize>) -> Option<Range<usize>> {
    let mut start = at.clone().find(|&i| t.get(i).is_some_and(|&b| in_name(b)))?;
    let mut end = start;
    while end < t.len()
        && in_name(t[end])
        && !t[end..].starts_with(WIDE_COLON)
        && !starts_smart_quote(&t[end..])
    {
        end += 1;
    }
    while end > start && (t[end - 1] == b'.' || t[end - 1] == b'-') {
        end -= 1;
    }
    while start > 0 && in_name(t[start - 1]) && !ends_smart_quote(&t[..start]) && end - start < MAX_NAME {
        start -= 1;
    }
    if start > 0 && t[start - 1] == b'\\' && matches!(t[start], b'n' | b'r' | b't') {
        start += 1; // "\npassword="
    }
    if start > 0
        && t[start - 1] == b'%'
        && end - start > 2
        && t[start..start + 2].iter().all(u8::is_ascii_hexdigit)
    {
        start += 2; // %26password%3D
    }
    // `API key: …`: the word before a bare `key` belongs to it.
    if t[start..end].eq_ignore_ascii_case(b"key")
        && start > 1
        && t[start - 1] == b' '
        && t[start - 2].is_ascii_alphabetic()
    {
        let mut left = start - 1;
        while left > 0 && t[left - 1].is_ascii_alphabetic() && start - left < 16 {
            left -= 1;
        }
        start = left;
    }
    (end > start && end - start <= MAX_NAME).then_some(start..end)
}

fn starts_smart_quote(t: &[u8]) -> bool {
    // All four begin alike.
    t.first() == Some(&0xe2) && SMART.iter().any(|q| t.starts_with(q.as_bytes()))
}

fn ends_smart_quote(t: &[u8]) -> bool {
    t.last().is_some_and(|b| *b >= 0x80) && SMART.iter().any(|q| t.ends_with(q.as_bytes()))
}

const SMART: [&str; 4] = ["\u{201c}", "\u{201d}", "\u{2018}", "\u{2019}"];

fn is_env_name(name: &[u8]) -> bool {
    name.len() >= 3 && name.iter().all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// What the line up to the name says: comment, string, option, query.
fn surroundings(t: &[u8], name: &Range<usize>) -> (u64, u8) {
    let mut bits = 0;
    let line = memchr::memrchr(b'\n', &t[..name.start]).map_or(0, |i| i + 1);
    let before = &t[line..name.start];
    let text = before.trim_ascii_start();
    if matches!(text.first(), Some(b'#' | b'/' | b'*' | b'-' | b';' | b'<' | b'%'))
        && [&b"#"[..], b"//", b"/*", b"* ", b"--", b";", b"<!--", b"%"]
            .iter()
            .any(|c| text.starts_with(c) && !text.starts_with(b"#define"))
    {
        bits |= bit::COMMENT;
    }
    // An odd number of one kind of quote before the name: we are inside a literal.
    let mut inside = 0u8;
    let mut i = memchr::memchr3(b'"', b'\'', b'`', before).map_or(before.len(), |first| back(before, first));
    while i < before.len() {
        match before[i] {
            b'\\' => i += 1,
            b @ (b'"' | b'\'' | b'`') => {
                if inside == 0 {
                    // An apostrophe between letters is no quote.
                    let letter = |j: usize| before.get(j).is_some_and(u8::is_ascii_alphabetic);
                    if !(b == b'\'' && i > 0 && letter(i - 1) && letter(i + 1)) {
                        inside = b;
                    }
                } else if inside == b {
                    inside = 0;
                }
            }
            _ => {}
        }
        i += 1;
    }
    if inside != 0 && !matches!(before.last(), Some(b'"' | b'\'' | b'`')) {
        bits |= bit::IN_STRING;
    }
    match before.last() {
        Some(b'?' | b'&') => bits |= bit::QUERY,
        _ if before.ends_with(b"&amp;") || before.ends_with(b"\\u0026") => bits |= bit::QUERY,
        _ => {}
    }
    if t[name.start] == b'-' {
        bits |= bit::OPTION;
    }
    (bits, if bits & bit::IN_STRING != 0 { inside } else { 0 })
}

/// The first of the backslashes in front of the quote at `quote`: what may undo it.
fn back(line: &[u8], quote: usize) -> usize {
    quote - line[..quote].iter().rev().take_while(|&&b| b == b'\\').count()
}

// --- between name and value ----------------------------------------------------------------------------------

pub(super) fn blanks(t: &[u8], p: usize) -> usize {
    t.get(p..).map_or(0, |r| r.iter().take(MAX_GAP).take_while(|&&b| b == b' ' || b == b'\t').count())
}

/// Skips white space with at most one line break.
pub(super) fn blanks_and_break(t: &[u8], p: usize) -> usize {
    let mut q = p + blanks(t, p);
    if t.get(q) == Some(&b'\\') && matches!(t.get(q + 1), Some(b'\n' | b'\r')) {
        q += 1;
    }
    if t.get(q) == Some(&b'\r') {
        q += 1;
    }
    if t.get(q) == Some(&b'\n') {
        q += 1;
        q += blanks(t, q);
    }
    q
}

fn skip_closers(t: &[u8], mut p: usize, quoted: bool) -> usize {
    // `char name[32]`, `name[]`
    if t.get(p) == Some(&b'[')
        && let Some(end) = t[p..].iter().take(24).position(|&b| b == b']')
        && t[p + 1..p + end].iter().all(u8::is_ascii_alphanumeric)
    {
        p += end + 1;
    }
    let allowed: &[u8] = if quoted { b"])}" } else { b"])" };
    for _ in 0..2 {
        if t.get(p).is_some_and(|b| allowed.contains(b)) {
            p += 1;
        }
    }
    // `name?: string`, `name!: string`, `**Name**: x`
    if matches!(t.get(p), Some(b'?' | b'!'))
        && matches!(t.get(p + 1), Some(b':' | b'='))
        && t.get(p + 2) != Some(&b'=')
        && t[p] == b'?'
    {
        p += 1;
    }
    if t.get(p..p + 2) == Some(b"**") {
        p += 2;
    }
    // C#: `public string Name { get; set; } = "x"`
    let q = p + blanks(t, p);
    if t.get(q) == Some(&b'{')
        && t[q..].starts_with(b"{ get;")
        && let Some(end) = t[q..].iter().take(40).position(|&b| b == b'}')
    {
        p = q + end + 1;
    }
    p
}

fn operator(t: &[u8], p: usize, quoted: bool, opened: bool) -> (usize, Op) {
    let rest = t.get(p..).unwrap_or_default();
    // Most names have none behind them.
    let begins = b"=!:|?+<-o%\\,;\xef";
    if !rest.first().is_some_and(|b| begins.contains(b)) {
        return (p, Op::None);
    }
    let starts = |s: &str| rest.first() == s.as_bytes().first() && rest.starts_with(s.as_bytes());
    for (text, op) in [
        ("===", Op::Compare),
        ("!==", Op::Compare),
        ("==", Op::Compare),
        ("!=", Op::Compare),
        ("=>", Op::Equals),
        ("=~", Op::None),
        ("::", Op::None),
        (":=", Op::Equals),
        ("||=", Op::Equals),
        ("??=", Op::Equals),
        ("?=", Op::Equals),
        ("+=", Op::Equals),
        ("<-", Op::Equals),
        ("->", Op::Equals),
        ("||", Op::Default),
        ("??", Op::Default),
        ("?:", Op::Default),
        ("or ", Op::Default),
        ("%3D", Op::Equals),
        ("=3D", Op::Equals),
        ("\\u003d", Op::Equals),
        ("=", Op::Equals),
        ("：", Op::Colon),
        ("＝", Op::Equals),
        (":", Op::Colon),
    ] {
        if starts(text) {
            return (p + text.len(), op);
        }
    }
    if starts(",") && (quoted || opened) || starts(", <<\"") {
        return (p + 1, Op::Comma);
    }
    // PHP's serialize(): `s:8:"password";s:6:"secret";`
    if quoted && starts(";s:") {
        let digits = rest[3..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
        let colon = 3 + digits;
        if digits > 0 && rest.get(colon) == Some(&b':') {
            return (p + colon + 1, Op::Equals);
        }
    }
    (p, Op::None)
}

/// Whether a name without quotes may be followed by a comma and its value: a symbol of Ruby, a constant.
fn is_argument(t: &[u8], name: &Range<usize>) -> bool {
    let text = &t[name.clone()];
    let last = text.rsplit(|&b| b == b'.').next().unwrap_or(text);
    let before = name.start.checked_sub(1).map(|i| t[i]);
    before == Some(b':') || is_env_name(last) && last.contains(&b'_') || compares(t, name.start)
}

/// Whether what stands before the name compares it: `strcmp(pass, "x")`.
fn compares(t: &[u8], name: usize) -> bool {
    t[..name].ends_with(b"(")
        && [&b"strcmp("[..], b"strncmp(", b"compare_digest(", b"strcasecmp("]
            .iter()
            .any(|c| t[..name].ends_with(c))
}

/// `password is "x"`, `password to 'x'`, `password of `x``: where the literal begins.
fn natural(t: &[u8], p: usize) -> Option<usize> {
    let found = [&b"is set to "[..], b"is ", b"to ", b"was ", b"of ", b"by "].iter().find_map(|w| {
        let rest = t.get(p..)?;
        let q = p + w.len();
        (rest.len() > w.len() && rest[..w.len()].eq_ignore_ascii_case(w) && quote_at(t, q).is_some())
            .then_some(q)
    });
    // Without quotes at a line's end: `the password is x`, `API token - x`.
    found.or_else(|| {
        let skip = [&b"is "[..], b"- "].iter().find(|w| t.get(p..).is_some_and(|r| r.starts_with(w)))?.len();
        let rest = &t[p + skip..];
        let word = rest.iter().take(200).take_while(|b| b.is_ascii_graphic()).count();
        let ends = matches!(rest.get(word), None | Some(b'\n' | b'\r'));
        (ends && rest[..word].iter().any(u8::is_ascii_digit)).then_some(p + skip)
    })
}

/// Whether white space joins name and value on this line: `machine h login l password x`, `ENV NAME x`,
/// `#define NAME "x"`, `setx NAME x`.
fn is_statement(t: &[u8], name: usize) -> bool {
    let line = t[..name].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let before = t[line..name].trim_ascii_start();
    [
        "machine ",
        "default ",
        "login ",
        "ENV ",
        "ARG ",
        "#define ",
        "# define ",
        "setx ",
        "set ",
        "\\set ",
        "set -x ",
        "SetEnv ",
        "sshpass",
        "fastcgi_param ",
        "setenv ",
        "poll ",
        "d-i ",
        "Xauth ",
        "IPSec ",
    ]
    .iter()
    .any(|w| before.first() == w.as_bytes().first() && before.starts_with(w.as_bytes()))
        || before.is_empty() && t[name..].starts_with(b"sshpass ")
}

/// `variable "name" { default = "x" }`: where x begins.
fn block_default(t: &[u8], p: usize) -> Option<usize> {
    let body = t.get(p..)?.strip_prefix(b"{")?;
    let end = body.iter().take(400).position(|&b| b == b'}')?;
    let at = memchr::memmem::find(&body[..end], b"default")? + b"default".len();
    let at = p + 1 + at;
    let equals = at + blanks(t, at);
    (t.get(equals) == Some(&b'=')).then_some(equals + 1)
}

/// `NAME⏎` … `Type: String⏎  Default: x` of a template's parameter: where x begins.
fn parameter_default(t: &[u8], after: usize) -> Option<usize> {
    let p = after + blanks(t, after);
    if !matches!(t.get(p), Some(b'\n' | b'\r' | b'{')) {
        return None;
    }
    let body = &t[p..t.len().min(p + 320)];
    let is_parameter = memchr::memmem::find(body, b"Type")?;
    let at = memchr::memmem::find(body, b"Default")?;
    let between = &body[..at.max(is_parameter)];
    // The lines of one block: no deeper mapping, no end of it.
    if memchr::memchr_iter(b'\n', between).count() > 6 || between.contains(&b'}') {
        return None;
    }
    let rest = &body[at + b"Default".len()..];
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    (rest.first() == Some(&b':')).then_some(p + body.len() - rest.len() + 1)
}

/// The cell after a bar, in a row of a table: `| password | x |`.
fn cell(t: &[u8], p: usize) -> Option<usize> {
    (t.get(p) == Some(&b'|') && t.get(p + 1) == Some(&b' ')).then_some(())?;
    let line = t[..p].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let row = t[line..p].trim_ascii_start().starts_with(b"|");
    row.then_some(p + 1 + blanks(t, p + 1))
}

/// Whether what stands in backquotes at `p` is no word of a program: letters and digits, and not both in the
/// way of a name.
fn is_code_word(t: &[u8], p: usize) -> bool {
    let Some(text) = literal(t, p) else { return false };
    let text = &t[text];
    text.iter().any(u8::is_ascii_digit)
        && text.iter().any(u8::is_ascii_alphabetic)
        && crate::randomness::excess(text) >= 3.0
}

/// Whether the line is a name and one word, as in `password x` of many a configuration file.
fn is_pair(t: &[u8], name: &Range<usize>) -> bool {
    let line = t[..name.start].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    if !t[line..name.start].trim_ascii().is_empty() {
        return false;
    }
    let end = t[name.end..].iter().position(|&b| b == b'\n').map_or(t.len(), |n| name.end + n);
    let word = t[name.end..end].trim_ascii();
    !word.contains(&b' ') && !word.contains(&b'\t')
}

/// A type between name and `=`: `: &'static str = "x"`, `string = "x"`. Where the value begins.
fn typed(t: &[u8], p: usize) -> Option<usize> {
    let rest = t.get(p..)?;
    let mut n = 0;
    while n < rest.len().min(MAX_GAP) {
        let b = rest[n];
        if b == b'=' {
            break;
        }
        if !(b.is_ascii_alphanumeric() || b"_<>[]&|?*.,' :()".contains(&b)) {
            return None;
        }
        n += 1;
    }
    if n == 0
        || rest.get(n) != Some(&b'=')
        || matches!(rest.get(n + 1), Some(b'=' | b'>'))
        || !rest[0].is_ascii_alphabetic() && !b"&*[?(".contains(&rest[0])
    {
        return None;
    }
    // Words in a row are no type: `Digest username="x"`. But `As String`.
    let words = rest[..n].trim_ascii_end();
    let words = if words.len() > 3 && words[..3].eq_ignore_ascii_case(b"as ") { &words[3..] } else { words };
    // Attributes of markup: `name="password" type="x"`.
    if [&b"type"[..], b"class", b"id", b"placeholder", b"autocomplete", b"ref"].contains(&words) {
        return None;
    }
    if words.windows(3).any(|w| w[0].is_ascii_alphanumeric() && w[1] == b' ' && w[2].is_ascii_alphanumeric())
    {
        return None;
    }
    let v = p + n + 1;
    let text = v + blanks(t, v);
    (literal(t, text).is_some() || wrapped(t, text).is_some()).then_some(v)
}

/// `"name": "API_KEY", "value": "x"`, `key="API_KEY" value="x"`, `- name: API_KEY⏎  value: x`: where x begins.
fn split_form(t: &[u8], p: usize, quoted: bool) -> Option<usize> {
    let mut q = p;
    if t.get(q) == Some(&b',') {
        q += 1;
    }
    let gap = blanks_and_break(t, q);
    if gap == p && !quoted {
        return None;
    }
    q = gap;
    if t.get(q) == Some(&b',') {
        q = blanks_and_break(t, q + 1);
    }
    let open = quote_at(t, q);
    q += open.map_or(0, <[u8]>::len);
    matches!(t.get(q), Some(b'v' | b'V' | b'd' | b'P')).then_some(())?;
    let word = [&b"value"[..], b"Value", b"VALUE", b"defaultValue", b"default", b"ParameterValue", b"val"]
        .into_iter()
        .find(|w| t[q.min(t.len())..].starts_with(w))?;
    q += word.len();
    if let Some(open) = open {
        t.get(q..)?.starts_with(open).then_some(())?;
        q += open.len();
    }
    q += blanks(t, q);
    matches!(t.get(q), Some(b':' | b'=')).then_some(q + 1)
}

/// Where a tag that holds the name ends: `<name>`, `<entry key="name">`. The first byte after it.
fn tag_end(t: &[u8], p: usize, name: usize) -> Option<usize> {
    let before = &t[name.saturating_sub(80)..name];
    let open = memchr::memrchr3(b'<', b'>', b'\n', before)?;
    if before[open] != b'<' || before.get(open + 1) == Some(&b'/') {
        return None;
    }
    // The name is the tag itself (perhaps after a name space), or the value of an attribute that names.
    let within = &before[open + 1..];
    let is_tag = within.iter().all(|&b| in_name(b) || b == b':');
    let names = [&b"key="[..], b"name=", b"id="]
        .iter()
        .any(|a| within.trim_ascii_end().trim_suffix_quote().ends_with(a));
    if !is_tag && !names {
        return None;
    }
    let rest = t.get(p..)?;
    let end = rest.iter().take(80).position(|&b| b == b'>' || b == b'\n' || b == b'<')?;
    (rest[end] == b'>'
        && (end == 0 || !matches!(rest[end - 1], b'/' | b'-' | b'='))
        && !rest[..end].contains(&b'=')
        || is_tag && rest[end] == b'>' && end > 0 && rest[0] == b' ' && rest[end - 1] != b'/')
        .then_some(p + end + 1)
}

trait TrimQuote {
    fn trim_suffix_quote(&self) -> &[u8];
}

impl TrimQuote for [u8] {
    fn trim_suffix_quote(&self) -> &[u8] {
        match self.split_last() {
            Some((b'"' | b'\'', rest)) => rest,
            _ => self,
        }
    }
}
