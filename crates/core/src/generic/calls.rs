//! Secrets that a call takes by position: `connect("host", "user", "x")`, `createHmac("sha256", "x")`.
//!
//! The name of the function says which argument it is. Arguments are cut at commas, with quotes and brackets
//! counted; only a literal, or a literal inside one more call, is a value.

use std::ops::Range;

use super::evidence as bit;
use super::grammar::{Site, blanks_and_break};
use super::name::Kind;
use super::quote::{literal, quote_at};
use super::value::wrapped;

/// Where in the list of arguments the secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// The argument of this number, from 0.
    Nth(usize),
    /// Server, perhaps a port, user, password.
    Server,
    /// The last one.
    Last,
}

/// How the names of such functions end, folded.
#[rustfmt::skip]
const CALLS: [(&str, At, Kind, u8); 55] = [
    ("authenticate", At::Nth(1), Kind::Password, 80),
    ("setauth", At::Nth(1), Kind::Password, 85),
    ("db.auth", At::Nth(1), Kind::Password, 85),
    ("certificate2", At::Nth(1), Kind::Password, 85),
    ("ftplib.ftp", At::Nth(2), Kind::Password, 85),
    ("create_user", At::Nth(2), Kind::Password, 85),
    ("create_superuser", At::Nth(2), Kind::Password, 85),
    ("createasync", At::Nth(1), Kind::Password, 85),
    ("credentials::new", At::Nth(1), Kind::Password, 85),
    ("networkcredential", At::Nth(1), Kind::Password, 85),
    ("mysql_real_connect", At::Nth(3), Kind::Password, 85),
    ("ftp_login", At::Nth(2), Kind::Password, 85),
    ("mysqli", At::Server, Kind::Password, 85),
    ("pdo", At::Nth(2), Kind::Password, 85),
    ("connect", At::Server, Kind::Password, 85),
    ("getconnection", At::Nth(2), Kind::Password, 85),
    ("sequelize", At::Nth(2), Kind::Password, 85),
    ("ldap_bind", At::Nth(2), Kind::Password, 85),
    ("simple_bind_s", At::Nth(1), Kind::Password, 85),
    ("simple_bind", At::Nth(1), Kind::Password, 85),
    ("wifi.begin", At::Nth(1), Kind::Password, 85),
    ("wifimulti.addap", At::Nth(1), Kind::Password, 85),
    ("httpbasicauth", At::Nth(1), Kind::Password, 85),
    ("httpdigestauth", At::Nth(1), Kind::Password, 85),
    ("setbasicauth", At::Nth(1), Kind::Password, 85),
    ("basicauthentication", At::Nth(1), Kind::Password, 85),
    ("basicauth", At::Nth(1), Kind::Password, 85),
    ("basic_auth", At::Nth(1), Kind::Password, 85),
    ("plainauth", At::Nth(2), Kind::Password, 85),
    ("passwordauthentication", At::Nth(1), Kind::Password, 85),
    ("usernamepasswordauthenticationtoken", At::Nth(1), Kind::Password, 85),
    ("authenticationheadervalue", At::Nth(1), Kind::Token, 80),
    ("oauthhandler", At::Nth(1), Kind::Secret, 85),
    ("set_access_token", At::Nth(1), Kind::Secret, 85),
    ("setoauthconsumer", At::Nth(1), Kind::Secret, 85),
    ("createhmac", At::Nth(1), Kind::Key, 80),
    ("hash_hmac", At::Nth(2), Kind::Key, 80),
    ("hmac.new", At::Nth(0), Kind::Key, 80),
    ("jwt.sign", At::Nth(1), Kind::Key, 80),
    ("jwt.verify", At::Nth(1), Kind::Key, 80),
    ("jwt.encode", At::Nth(1), Kind::Key, 80),
    ("jwt.decode", At::Nth(1), Kind::Key, 80),
    ("signwith", At::Last, Kind::Key, 80),
    ("hmac256", At::Nth(0), Kind::Key, 80),
    ("hmac512", At::Nth(0), Kind::Key, 80),
    ("secretkeyspec", At::Nth(0), Kind::Key, 80),
    ("symmetricsecuritykey", At::Nth(0), Kind::Key, 80),
    ("newcookiestore", At::Nth(0), Kind::Key, 80),
    ("cookieparser", At::Nth(0), Kind::Key, 80),
    ("createcipher", At::Nth(1), Kind::Key, 80),
    ("createcipheriv", At::Nth(1), Kind::Key, 80),
    ("aes.new", At::Nth(0), Kind::Key, 80),
    ("fernet", At::Nth(0), Kind::Key, 80),
    ("signedstring", At::Nth(0), Kind::Key, 80),
    ("login", At::Nth(1), Kind::Password, 80),
];

/// Longest list of arguments that is read, and the most of them.
const LONGEST: usize = 400;
const MOST: usize = 6;

/// Reads the call of the function whose name ends at `end`, where a secret is told by its position.
pub(super) fn by_position(t: &[u8], end: usize) -> Option<(Site, Kind, u8)> {
    let start = end - t[..end].iter().rev().take(48).take_while(|&&b| in_function(b)).count();
    let name = &t[start..end];
    name.last_chunk().filter(|last| is_ending(**last))?;
    let (_, at, kind, strength) = CALLS.iter().find(|(tail, ..)| ends_folded(name, tail.as_bytes()))?;
    // `http.basic_auth "user", "x"` of Ruby has no bracket.
    let open = match t.get(end)? {
        b'(' => end + 1,
        b' ' if literal(t, end + 1).is_some() => end + 1,
        _ => return None,
    };
    let arguments = arguments(t, open);
    let value = match *at {
        // Go's takes the hash first.
        At::Nth(0) if name.ends_with(b"hmac.New") => text(t, arguments.get(1)?)?,
        At::Nth(n) => text(t, arguments.get(n)?)?,
        At::Last => text(t, arguments.last().filter(|_| arguments.len() > 1)?)?,
        At::Server => {
            let port = arguments.get(1).is_some_and(|a| t[a.clone()].iter().all(u8::is_ascii_digit));
            text(t, arguments.get(if port { 3 } else { 2 })?)?
        }
    };
    // A path, a statement or an address is no password; `connect("a", "b", "c")` of signals has names.
    let site = Site { name: start..end, value, bits: bit::FORM | bit::QUOTED, wrapper: None, inside: 0 };
    Some((site, *kind, *strength))
}

/// `auth=("user", "x")`: a tuple of two literals.
pub(super) fn pair(t: &[u8], name: &Range<usize>) -> Option<Site> {
    let skip = |p: usize| p + t.get(p..).map_or(0, |r| r.iter().take(4).take_while(|b| **b == b' ').count());
    let end = name.end + quote_at(t, name.end).map_or(0, <[u8]>::len);
    let equals = skip(end);
    let open = skip(equals + if t.get(equals + 1) == Some(&b'>') { 2 } else { 1 });
    (matches!(t.get(equals), Some(b'=' | b':')) && matches!(t.get(open), Some(b'(' | b'['))).then_some(())?;
    let arguments = arguments(t, open + 1);
    let [user, secret] = arguments.as_slice() else { return None };
    text(t, user)?;
    let value = text(t, secret)?;
    Some(Site { name: name.clone(), value, bits: bit::FORM | bit::QUOTED, wrapper: None, inside: 0 })
}

/// A bit for each pair of letters that ends one of the names.
const ENDINGS: [u64; 16] = {
    let mut bits = [0; 16];
    let mut n = 0;
    while n < CALLS.len() {
        let tail = CALLS[n].0.as_bytes();
        let bit = ending([tail[tail.len() - 2], tail[tail.len() - 1]]);
        bits[bit / 64] |= 1 << (bit % 64);
        n += 1;
    }
    bits
};

/// The number of a pair of letters, the same in either case.
const fn ending(last: [u8; 2]) -> usize {
    (last[0] & 31) as usize * 32 + (last[1] & 31) as usize
}

/// Whether one of the names may end so: nearly always it does not.
fn is_ending(last: [u8; 2]) -> bool {
    ENDINGS[ending(last) / 64] >> (ending(last) % 64) & 1 != 0
}

fn in_function(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':')
}

/// Whether `name` ends in `tail`, as a word of its own or after a word's end.
fn ends_folded(name: &[u8], tail: &[u8]) -> bool {
    let Some(start) = name.len().checked_sub(tail.len()) else { return false };
    let last = |text: &[u8]| text.last().map(u8::to_ascii_lowercase);
    if last(name) != last(tail) || !name[start..].eq_ignore_ascii_case(tail) {
        return false;
    }
    // `disconnect`, `reconnect`: the tail must begin a word.
    start == 0 || !name[start - 1].is_ascii_alphabetic() || name[start].is_ascii_uppercase()
}

/// The literal that an argument is, or the one that it wraps.
fn text(t: &[u8], argument: &Range<usize>) -> Option<Range<usize>> {
    let found = match literal(t, argument.start) {
        Some(text) => text,
        None => wrapped(t, argument.start)?.0,
    };
    (found.end <= argument.end).then_some(found)
}

/// The arguments from `open` to the closing bracket, a statement's end, or as far as one looks.
fn arguments(t: &[u8], open: usize) -> Vec<Range<usize>> {
    let limit = t.len().min(open + LONGEST);
    let mut all = Vec::new();
    let mut depth = 0usize;
    let mut start = blanks_and_break(t, open);
    let mut at = start;
    while at < limit && all.len() < MOST {
        match t[at] {
            b'"' | b'\'' | b'`' => match literal(t, at) {
                Some(text) if text.end < limit => {
                    at = text.end + (text.start - at);
                    continue;
                }
                _ => break,
            },
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' | b';' if depth == 0 => {
                all.push(start..at);
                return all;
            }
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => {
                all.push(start..at);
                start = blanks_and_break(t, at + 1);
                at = start;
                continue;
            }
            b'\n' if depth == 0 && t[open - 1] == b' ' => break,
            _ => {}
        }
        at += 1;
    }
    if all.len() < MOST && start < at {
        all.push(start..at);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<String> {
        let end = text.find(['(', ' '])?;
        let end = if text[..end].ends_with("new") || text[..end].ends_with('=') {
            end + 1 + text[end + 1..].find(['(', ' '])?
        } else {
            end
        };
        by_position(text.as_bytes(), end).map(|(site, ..)| text[site.value].to_owned())
    }

    #[test]
    fn every_function_ends_as_one_of_them_may() {
        for (tail, ..) in CALLS {
            assert!(is_ending(*tail.as_bytes().last_chunk().expect("two letters")), "{tail}");
            assert!(is_ending(*tail.to_uppercase().as_bytes().last_chunk().expect("two letters")), "{tail}");
        }
        assert!(!is_ending(*b"zq"));
    }

    #[test]
    fn the_argument_is_told_by_the_function() {
        for (text, want) in [
            ("mysqli_connect('h', 'u', 'one', 'db')", Some("one")),
            ("ssh.connect(\"10.0.0.1\", 22, \"root\", \"one\")", Some("one")),
            ("DriverManager.getConnection(url, \"root\", \"one\");", Some("one")),
            ("new PDO('mysql:host=h;dbname=d', 'u', 'one', $o)", Some("one")),
            ("req.SetBasicAuth(\"a\", \"one\")", Some("one")),
            ("http.basic_auth 'a', 'one'", Some("one")),
            ("jwt.sign({ id: 1, a: [2, 3] }, 'one')", Some("one")),
            ("signWith(Alg.HS512, \"one\")", Some("one")),
            ("disconnect(\"a\", \"b\", \"c\")", None),
            ("connect(\"a\", \"b\")", None),
            ("createHmac('sha256', secret)", None),
        ] {
            assert_eq!(value(text).as_deref(), want, "{text}");
        }
    }
}
