//! Passwords that are encoded, not encrypted: HTTP Basic, Docker logins, Cisco type 7.

use super::{Check, Facts, base_n};

/// Base64 of `user:password` (RFC 7617). Anything else is not a login.
pub(super) fn check(text: &[u8]) -> Check {
    let Some(raw) = base_n::base64(text) else { return Check::Failed };
    let Ok(login) = std::str::from_utf8(&raw) else { return Check::Failed };
    let Some((user, password)) = login.split_once(':') else { return Check::Failed };
    if login.chars().any(char::is_control) || (user.is_empty() && password.is_empty()) {
        return Check::Failed;
    }
    if (user == "Aladdin" && password == "open sesame") || (user == "aladdin" && password == "opensesame") {
        return Check::Demote("the example of RFC 7617");
    }
    let is_one = |word: &str, of: &[&str]| of.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is_one(password, TOYS) {
        // `username:password` is nobody's login.
        return if is_one(user, NOBODY) { Check::Failed } else { Check::Demote("a password for examples") };
    }
    // With an empty password the "user" is the key itself, as some vendors want it.
    if password.is_empty() {
        return Check::structure(Facts::new());
    }
    Check::structure(Facts::new().maybe("user", Some(user).filter(|user| plain_name(user))))
}

/// Passwords of tutorials.
const TOYS: &[&str] =
    &["password", "pass", "passwd", "secret", "changeme", "test", "example", "foobar", "bar", "x", "xxx"];

/// Users of tutorials.
const NOBODY: &[&str] = &["user", "username", "foo", "myuser", "login", "name", "usr"];

/// A name that a person gave: letters and a few marks. A key used as a user name does not pass.
fn plain_name(user: &str) -> bool {
    user.len() <= 40 && user.bytes().all(|b| b.is_ascii_lowercase() || b"._-@".contains(&b))
}

/// Cisco type 7: two digits of offset, then pairs of hex digits under a public key.
pub(super) fn cisco7(text: &[u8]) -> Check {
    const KEY: &[u8; 53] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
    let Some((head, body)) = text.split_at_checked(2) else { return Check::Unknown };
    let offset = std::str::from_utf8(head).ok().and_then(|t| t.parse::<usize>().ok()).filter(|n| *n < 16);
    let (Some(offset), Some(hidden)) = (offset, base_n::hex(body)) else { return Check::Unknown };
    let plain = hidden.iter().enumerate().map(|(at, byte)| byte ^ KEY[(offset + at) % KEY.len()]);
    if !hidden.is_empty() && plain.clone().all(|b| b.is_ascii_graphic() || b == b' ') {
        Check::structure(Facts::new())
    } else {
        Check::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    fn of(login: &str) -> Check {
        check(STANDARD.encode(login).as_bytes())
    }

    #[test]
    fn a_login_passes_and_names_a_plain_user() {
        let Check::Passed { facts, .. } = of("deploy:x9!kQ2mm") else { panic!() };
        assert_eq!(facts[0].value, "deploy");
        let Check::Passed { facts, .. } = of("k3yAs9User01:x9!kQ2mm") else { panic!() };
        assert!(facts.is_empty());
    }

    #[test]
    fn the_rest_fails_or_is_demoted() {
        assert_eq!(of("no colon here"), Check::Failed);
        assert_eq!(of(":"), Check::Failed);
        assert_eq!(of("a\u{1}:b"), Check::Failed);
        assert_eq!(check(b"not base64!"), Check::Failed);
        assert_eq!(check(&STANDARD.encode([0xff, b':', 0xfe]).into_bytes()), Check::Failed);
        assert!(matches!(of("Aladdin:open sesame"), Check::Demote(_)));
        assert!(matches!(of("admin:password"), Check::Demote(_)));
        assert_eq!(of("username:password"), Check::Failed);
    }

    #[test]
    fn cisco_vector() {
        // Cisco's own documentation prints this as the type 7 form of "cisco".
        assert_eq!(cisco7(b"070C285F4D06"), Check::structure(Facts::new()));
        for text in ["", "07", "99AA", "070C285F4D0", "zz"] {
            assert_eq!(cisco7(text.as_bytes()), Check::Unknown, "{text}");
        }
    }
}
