//! The value of an assignment: a literal, a literal inside a call or an element, or a bare word.

use std::ops::Range;

use super::evidence as bit;
use super::grammar::{Op, Site, blanks, blanks_and_break};
use super::quote::{MAX_VALUE, ends_folded, literal, quote_at, quote_before};

/// `<name>x</name>`: from `v` to the next tag.
pub(super) fn element(t: &[u8], v: usize, mut site: Site) -> Option<Site> {
    let mut v = v;
    // `<Password><Value>x</Value>`
    for inner in [&b"<Value>"[..], b"<value>", b"<string>", b"<Plain>"] {
        let next = blanks_and_break(t, v);
        v = if t.get(next..)?.starts_with(inner) { next + inner.len() } else { v };
    }
    let rest = t.get(v..)?;
    let end = rest.iter().take(MAX_VALUE).position(|&b| b == b'<' || b == b'\n')?;
    let (mut start, mut end) = (v, v + end);
    if t[end] != b'<' || t.get(end + 1) != Some(&b'/') && !t[end..].starts_with(b"<![CDATA[") {
        return None;
    }
    if t[end..].starts_with(b"<![CDATA[") {
        start = end + 9;
        end = start + t[start..].iter().take(MAX_VALUE).position(|&b| b == b']')?;
    }
    site.bits |= bit::MARKUP;
    site.value = trim(t, start..end);
    finish(site)
}

/// `<key>name</key><string>x</string>`: the text of the next element.
pub(super) fn next_element(t: &[u8], p: usize, site: Site) -> Option<Site> {
    let close = p + t[p..].iter().take(40).position(|&b| b == b'>')? + 1;
    if !matches!(&t[p..close], b"</key>" | b"</name>" | b"</Name>" | b"</Key>") {
        return None;
    }
    let open = blanks_and_break(t, close);
    if t.get(open) != Some(&b'<') || t.get(open + 1) == Some(&b'/') {
        return None;
    }
    let v = open + t[open..].iter().take(40).position(|&b| b == b'>')? + 1;
    element(t, v, site)
}

/// `${NAME:-x}`, `${name:x}`.
pub(super) fn shell_default(t: &[u8], p: usize, mut site: Site) -> Option<Site> {
    let rest = t.get(p..)?;
    let skip = [&b":-"[..], b":=", b":", b"-", b"="].iter().find(|s| rest.starts_with(s))?.len();
    let v = p + skip;
    let end = v + t[v..].iter().take(MAX_VALUE).position(|&b| b == b'}' || b == b'\n')?;
    if t[end] != b'}' || t[v..end].contains(&b'{') {
        return None;
    }
    site.bits |= bit::DEFAULT;
    let inner = trim(t, v..end);
    site.value = match literal(t, inner.start) {
        Some(l) if l.end < inner.end => l,
        _ => inner,
    };
    finish(site)
}

/// `setName("x")`, `new Credential("user", "x")`.
pub(super) fn call(t: &[u8], p: usize, mut site: Site) -> Option<Site> {
    site.bits |= bit::CALL;
    let last = {
        let name = &t[site.name.clone()];
        ends_folded(name, b"credential") || ends_folded(name, b"credentials")
    };
    let mut p = blanks_and_break(t, p);
    let mut found = literal(t, p)?;
    if last {
        // The last of up to four literals.
        for _ in 0..3 {
            p = skip_close(t, found.end);
            p = blanks_and_break(t, p);
            if t.get(p) != Some(&b',') {
                break;
            }
            p = blanks_and_break(t, p + 1);
            match literal(t, p) {
                Some(next) => {
                    found = next;
                    site.bits |= bit::SECOND;
                }
                None => break,
            }
        }
    } else {
        // `setProperty(PASSWORD("x"), …)` aside, one argument: what follows must close the call.
        let q = blanks(t, skip_close(t, found.end)) + skip_close(t, found.end);
        if !matches!(t.get(q), Some(b')' | b'}' | b',' | b'+' | b'.' | b'\n' | b'\r') | None) {
            return None;
        }
    }
    site.bits |= bit::QUOTED;
    site.value = found;
    finish(site)
}

/// The first byte after the quote at `p`.
fn skip_close(t: &[u8], p: usize) -> usize {
    p + quote_at(t, p).map_or(0, <[u8]>::len)
}

pub(super) fn value(t: &[u8], p: usize, mut site: Site, op: Op) -> Option<Site> {
    let mut p = p + blanks(t, p);
    // `sshpass -p x`
    if op == Op::Space && t[p..].starts_with(b"-p") {
        p += 2 + blanks(t, p + 2);
    }
    // `rootpw --plaintext x`
    if op == Op::Space && t[p..].starts_with(b"--plaintext ") {
        p += b"--plaintext ".len();
        site.bits |= bit::OPTION;
    }
    // `**Name:** x` of Markdown
    if op == Op::Colon && t[p..].starts_with(b"** ") {
        p += 3;
    }
    if let Some(text) = heredoc(t, p) {
        site.bits |= bit::QUOTED;
        site.value = text;
        return finish(site);
    }
    // YAML block: `name: |⏎  x`
    if op == Op::Colon && matches!(t.get(p), Some(b'|' | b'>')) {
        let mark = t[p..].iter().take(4).take_while(|b| b"|>+-2468".contains(b)).count();
        let next = blanks_and_break(t, p + mark);
        if t[p + mark..next].contains(&b'\n') {
            return bare(t, next, site, op);
        }
    }
    if matches!(t.get(p), Some(b'\n' | b'\r' | b'\\')) && op != Op::Space {
        let next = blanks_and_break(t, p);
        if literal(t, next).is_some() {
            p = next;
        } else if op == Op::Colon && t.get(next) == Some(&b'-') && t.get(next + 1) == Some(&b' ') {
            p = next + 2;
        } else if t.get(p) != Some(&b'\\') {
            return None;
        }
    }
    // `[]string{"x"}` of Go
    if t[p..].starts_with(b"[]string{") {
        p += b"[]string".len();
    }
    // A list, a tuple, an initialiser: its first literal.
    if matches!(t.get(p), Some(b'[' | b'{' | b'('))
        && let inner = blanks_and_break(t, p + 1)
        && literal(t, inner).is_some()
    {
        p = inner;
        // `{"type": "x"}` is an object, not a value.
        let l = literal(t, p)?;
        let q = skip_close(t, l.end);
        let next = &t[q + blanks(t, q)..];
        if next.starts_with(b":") || next.starts_with(b"=>") {
            return None;
        }
    }
    if site.inside != 0 && t.get(p) == Some(&site.inside) {
        return None; // the quote closes the literal that the name is in: `"token: " + token`
    }
    if let Some(mut l) = literal(t, p) {
        site.bits |= bit::QUOTED;
        // `'"x"'`
        if let Some(inner) = literal(t, l.start)
            && skip_close(t, inner.end) == l.end
        {
            l = inner;
        }
        let q = skip_close(t, l.end);
        let next = q + blanks(t, q);
        // `"name": "x"` inside prose such as `the "password" "field"`, or the key of an object.
        if t.get(next) == Some(&b':')
            && op != Op::Default
            && op != Op::Compare
            && t.get(next + 1) != Some(&b':')
            && op != Op::Space
            && op != Op::Comma
        {
            // `cond ? "a" : "b"` has no name before it; `token: "x": …` is broken.
            return None;
        }
        if op == Op::Comma {
            if t.get(next) == Some(&b':') {
                return None;
            }
            let erlang = t[p..].starts_with(b"<<");
            if !erlang && !is_setter(t, site.name.start) {
                site.bits |= bit::LISTED;
            }
        }
        site.value = after_scheme(t, inside_object(t, l));
        return finish(site);
    }
    if op != Op::Compare
        && let Some((l, call)) = wrapped(t, p)
    {
        site.bits |= bit::QUOTED | bit::WRAPPED;
        site.value = l;
        site.wrapper = Some(call);
        return finish(site);
    }
    if matches!(op, Op::Comma | Op::Default | Op::Compare) {
        return None;
    }
    bare(t, p, site, op)
}

/// `<<<EOT⏎x⏎EOT`, `$(cat <<EOF⏎x⏎EOF`: the one line of text.
fn heredoc(t: &[u8], p: usize) -> Option<Range<usize>> {
    let rest = t.get(p..)?;
    let rest = rest.strip_prefix(b"$(cat ").unwrap_or(rest);
    let tag = rest.strip_prefix(b"<<<").or(rest.strip_prefix(b"<<"))?;
    let line = tag.iter().take(24).position(|&b| b == b'\n')?;
    let word = tag[..line].trim_ascii();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'~' | b'\'' | b'"');
    if word.is_empty() || !word.iter().all(plain) {
        return None;
    }
    let start = p + (t[p..].len() - tag.len()) + line + 1;
    let end = start + t[start..].iter().take(MAX_VALUE).position(|&b| b == b'\n')?;
    Some(trim(t, start..end))
}

/// `token: "{\"user\": \"a\", \"sig\": \"x\"}"`: the longest text of an object written in the literal.
fn inside_object(t: &[u8], text: Range<usize>) -> Range<usize> {
    if t[text.start] != b'{' || quote_at(t, text.start + 1).is_none() {
        return text;
    }
    let mut longest = text.start..text.start;
    let mut p = text.start + 1;
    while p < text.end {
        match literal(t, p).filter(|l| l.end < text.end && quote_at(t, p).is_some()) {
            Some(inner) => {
                p = skip_close(t, inner.end);
                if inner.len() > longest.len() {
                    longest = inner;
                }
            }
            None => p += 1,
        }
    }
    if longest.is_empty() { text } else { longest }
}

/// `Authorization: "Token x"`: what follows the scheme. The schemes that are forms of their own stay whole.
fn after_scheme(t: &[u8], text: Range<usize>) -> Range<usize> {
    let whole = &t[text.clone()];
    let Some(space) = whole.iter().position(|&b| b == b' ') else { return text };
    let scheme = &whole[..space];
    let known = SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s.as_bytes()));
    if known && !whole[space + 1..].contains(&b' ') { text.start + space + 1..text.end } else { text }
}

/// Words before a credential in an `Authorization` header.
const SCHEMES: [&str; 12] = [
    "token",
    "apikey",
    "api-key",
    "api_key",
    "key",
    "oauth",
    "splunk",
    "genie-key",
    "geniekey",
    "ssws",
    "session",
    "pat",
];

/// Whether the name at `name` is the first argument of a call that sets or looks up, or a value of SQL.
fn is_setter(t: &[u8], name: usize) -> bool {
    let quote = quote_before(t, name).map_or(name, |q| name - q.len());
    let line = t[..quote].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let before = &t[line..quote];
    if memchr::memmem::find(before, b"VALUES").is_some()
        || memchr::memmem::find(before, b"values (").is_some()
    {
        return true;
    }
    // `set :password, "x"` of Capistrano
    if before.trim_ascii() == b"set :" {
        return true;
    }
    // `config.set("section", "name", "x")`: the call that is still open.
    let Some(open) = before.iter().rposition(|&b| b == b'(' || b == b')').filter(|&i| before[i] == b'(')
    else {
        return false;
    };
    let call = &before[..open];
    let start = call.iter().rposition(|&b| !b.is_ascii_alphanumeric() && b != b'_').map_or(0, |i| i + 1);
    SETTERS.iter().any(|s| call[start..].eq_ignore_ascii_case(s.as_bytes()))
}

/// Functions that take a name and its value, or what to use instead of it.
const SETTERS: [&str; 24] = [
    "stringvar",
    "string",
    "put",
    "set",
    "setitem",
    "setproperty",
    "setenv",
    "putenv",
    "define",
    "option",
    "property",
    "add",
    "append",
    "header",
    "setheader",
    "addheader",
    "setrequestheader",
    "fetch",
    "setstring",
    "update",
    "setvalue",
    "env",
    "environmentvariable",
    "setenvironmentvariable",
];

/// `String::from("x")`, `new Foo("x")`, `[]byte("x")`: the literal and the function's name.
pub(super) fn wrapped(t: &[u8], start: usize) -> Option<(Range<usize>, Range<usize>)> {
    let rest = t.get(start..)?;
    let in_call = |b: u8| b.is_ascii_alphanumeric() || b"_.:<>&*!?[]@$ ".contains(&b);
    let len = rest.iter().take(72).take_while(|&&b| in_call(b)).count();
    if len == 0 || rest.get(len) != Some(&b'(') {
        return None;
    }
    let argument = blanks_and_break(t, start + len + 1);
    // `Field(default="x")` of pydantic.
    if t[argument..].starts_with(b"default=") {
        return Some((literal(t, argument + 8)?, argument..argument + 7));
    }
    Some((literal(t, argument)?, start..start + len))
}

/// A word without quotes.
fn bare(t: &[u8], p: usize, mut site: Site, op: Op) -> Option<Site> {
    let rest = t.get(p..)?;
    let mut n = rest
        .iter()
        .take(MAX_VALUE)
        .position(|&b| b.is_ascii_whitespace() || b.is_ascii_control() || matches!(b, b'"' | b'\'' | b'`'))
        .unwrap_or(rest.len().min(MAX_VALUE));
    for (i, &b) in rest[..n].iter().enumerate() {
        let after = &rest[i + 1..];
        let cut = match b {
            b'&' => after.starts_with(b"amp;") || begins_pair(after) || site.bits & bit::QUERY != 0,
            b';' | b',' => {
                after
                    .first()
                    .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'}' | b'`'))
                    || begins_pair(after)
            }
            b'\\' => after
                .first()
                .is_none_or(|b| matches!(b, b'n' | b'r' | b't' | b'"' | b'\'' | b'u' | b'\\' | b'\n')),
            b'<' => {
                after.first() == Some(&b'/')
                    || after.first().is_some_and(u8::is_ascii_alphabetic) && after.contains(&b'>')
            }
            b'|' => after.first().is_none_or(u8::is_ascii_whitespace),
            _ => false,
        };
        if cut {
            n = i;
            break;
        }
    }
    let mut end = p + n;
    while end > p {
        let (last, body) = (t[end - 1], &t[p..end - 1]);
        let strip = match last {
            b',' | b';' => true,
            b')' => !body.contains(&b'('),
            b']' => !body.contains(&b'['),
            b'}' => !body.contains(&b'{'),
            b'>' => !body.contains(&b'<'),
            b'.' if body.ends_with(b"..") => false,
            b'.' | b':' => t.get(end).is_none_or(u8::is_ascii_whitespace),
            b'*' => body.ends_with(b"*"),
            _ => false,
        };
        if !strip {
            break;
        }
        end -= 1;
    }
    site.value = p..end;
    if end == p {
        return None;
    }
    // `Authorization: token x`
    if SCHEMES.iter().any(|s| t[p..end].eq_ignore_ascii_case(s.as_bytes())) && t.get(end) == Some(&b' ') {
        let start = end + 1;
        let n = t[start..]
            .iter()
            .take(MAX_VALUE)
            .take_while(|&&b| b.is_ascii_alphanumeric() || b"._-+/=~".contains(&b))
            .count();
        if n >= 16 {
            end = start + n;
            site.value = start..end;
        }
    }
    let text = &t[site.value.clone()];
    if op == Op::Space && text[0] == b'-' || matches!(text.last(), Some(b'[' | b'(')) {
        return None;
    }
    if reads_like_code(text, &t[end..]) {
        site.bits |= bit::CODE;
    }
    if text.iter().any(|b| b"(){}[]<>".contains(b)) || b"&*|=+".contains(&text[0]) {
        site.bits |= bit::BRACKETS;
    }
    // Words behind the value make it prose, unless the form leaves room for more.
    let tight =
        site.bits & (bit::ENV_STYLE | bit::QUERY | bit::OPTION) != 0 || op == Op::Equals && t[p - 1] == b'=';
    if !tight {
        let behind = &t[end..];
        let gap = blanks(behind, 0);
        if gap > 0
            && behind
                .get(gap)
                .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'(' | b'"' | b'$') || *b >= 0x80)
        {
            site.bits |= bit::PROSE;
        }
    }
    finish(site)
}

/// `name=` or `name:` at the start of `t`.
fn begins_pair(t: &[u8]) -> bool {
    let n = t
        .iter()
        .take(40)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    n > 0 && matches!(t.get(n), Some(b'=' | b':'))
}

/// `u=!1`, `i,c.flags|=_`: what is left of a statement when names are one letter and nothing has blanks.
fn minified(text: &[u8]) -> bool {
    let name = text.iter().take_while(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$')).count();
    let next_is_name =
        |i: usize| text.get(i).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$'));
    match text.get(name) {
        Some(b'=') => text[name + 1..] == *b"!0" || text[name + 1..] == *b"!1",
        Some(b',') => (1..=2).contains(&name) && next_is_name(name + 1) && text.contains(&b'='),
        _ => false,
    }
}

/// `1i32`, `0xffu8`: a number with its type.
fn typed_number(text: &[u8]) -> bool {
    let sizes = [&b"8"[..], b"16", b"32", b"64", b"128", b"size"];
    let digits = sizes.iter().find_map(|size| match text.strip_suffix(*size)? {
        [digits @ .., b'i' | b'u' | b'f'] => Some(digits),
        _ => None,
    });
    digits.is_some_and(|d| {
        let d = d.strip_prefix(b"0x").unwrap_or(d);
        !d.is_empty() && d.iter().all(|b| b.is_ascii_hexdigit() || *b == b'_')
    })
}

/// Whether a bare word, with what follows it, is an expression.
fn reads_like_code(text: &[u8], behind: &[u8]) -> bool {
    let identifier = text.iter().all(|&b| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'_' | b'.' | b'$' | b'>' | b'-' | b':' | b'@' | b'!' | b'&' | b'*')
    }) && text
        .iter()
        .find(|b| !b"!&*@$".contains(b))
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    if text.contains(&b'(')
        || text.windows(2).any(|w| w == b"::" || w == b"->" || w == b"=>" || w == b"&&" || w == b"||")
    {
        return text.iter().any(u8::is_ascii_alphabetic)
            && (identifier || text.contains(&b'(') || text[0] == b'[');
    }
    if minified(text) || typed_number(text) {
        return true;
    }
    if !identifier {
        // `x[0]`, `a.b[c]`
        return text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && text.contains(&b'[')
            && text.ends_with(b"]");
    }
    let gap = blanks(behind, 0);
    let next = behind.get(gap).copied().unwrap_or(b'\n');
    matches!(next, b'(' | b'[' | b'+' | b'?' | b'*')
        || gap == 0 && matches!(next, b';' | b')')
        || text.contains(&b'.') && !text.iter().any(u8::is_ascii_digit)
}

fn trim(t: &[u8], r: Range<usize>) -> Range<usize> {
    let text = &t[r.clone()];
    let start = r.start + (text.len() - text.trim_ascii_start().len());
    start..start + text.trim_ascii().len()
}

fn finish(site: Site) -> Option<Site> {
    let n = site.value.len();
    (n > 0 && n <= MAX_VALUE).then_some(site)
}
