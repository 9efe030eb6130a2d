//! What a value looks like when it is no secret: a path, an address, a name, a type.

/// Words that stand for themselves in some language or format.
#[rustfmt::skip]
const RESERVED: [&str; 72] = [
    "true", "false", "null", "none", "nil", "undefined", "yes", "no", "on", "off", "string", "str", "bool",
    "boolean", "bytes", "byte", "char", "int", "integer", "number", "float", "object", "array", "list", "dict",
    "hash", "optional", "required", "any", "void", "never", "unknown", "self", "this", "super", "type", "text",
    "varchar", "nvarchar", "blob", "uuid", "date", "datetime", "timestamp", "readonly", "disabled", "enabled",
    "always", "auto", "default", "inherit", "ignore", "basic", "bearer", "digest", "plain", "md5", "sha1",
    "sha256", "bcrypt", "nonce", "anonymous", "nopasswd", "utf-8", "utf8", "ascii", "latin-1", "latin1",
    "base64", "hex", "hmac", "required_if",
];

/// Says whether `value` is a keyword or a type of some language.
pub(super) fn is_reserved(value: &[u8]) -> bool {
    // `required|string|min:8`: a rule of validation.
    if let Some(bar) = value.iter().position(|&b| b == b'|')
        && bar > 0
        && is_reserved(&value[..bar])
    {
        return true;
    }
    value.len() <= 12 && RESERVED.iter().any(|r| value.eq_ignore_ascii_case(r.as_bytes()))
}

/// Says whether `value` is `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value
            .iter()
            .enumerate()
            .all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// Says whether `value` is a URL, a mail address, a MIME type, a path or a file's name.
pub(super) fn is_place(value: &[u8]) -> bool {
    if value.windows(3).any(|w| w == b"://")
        || value.starts_with(b"www.")
        || value.starts_with(b"//") && value.len() > 2
    {
        return true;
    }
    if is_mail(value) || is_path(value) {
        return true;
    }
    // A file's name: words and one well-known ending.
    if let Some(dot) = value.iter().rposition(|&b| b == b'.') {
        let ending = &value[dot + 1..];
        return ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e.as_bytes()));
    }
    false
}

#[rustfmt::skip]
const ENDINGS: [&str; 47] = [
    "pem", "key", "crt", "cer", "der", "txt", "json", "yml", "yaml", "xml", "ini", "conf", "cfg", "toml", "env",
    "properties", "js", "ts", "jsx", "tsx", "py", "rb", "go", "rs", "java", "php", "sh", "html", "css", "md",
    "log", "db", "sqlite", "jks", "p12", "pfx", "keystore", "png", "svg", "jpg", "com", "org", "net", "io",
    "local", "example", "gpg",
];

fn is_mail(value: &[u8]) -> bool {
    let Some(at) = value.iter().position(|&b| b == b'@') else { return false };
    let (user, domain) = (&value[..at], &value[at + 1..]);
    let Some(dot) = domain.iter().rposition(|&b| b == b'.') else { return false };
    !user.is_empty()
        && user.iter().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(b))
        && domain.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(b))
        && (2..=6).contains(&(domain.len() - dot - 1))
        && domain[dot + 1..].iter().all(u8::is_ascii_lowercase)
}

/// Says whether `value` is a date, a number of some base, a version, an object identifier, a regular expression.
pub(super) fn is_data(value: &[u8]) -> bool {
    let digits = |r: &[u8]| !r.is_empty() && r.iter().all(u8::is_ascii_digit);
    if value.len() >= 10
        && digits(&value[..4])
        && value[4] == b'-'
        && digits(&value[5..7])
        && value[7] == b'-'
    {
        return true;
    }
    // `&[u8]`, `6.hours`, code after a lifetime's quote
    if value.len() > 1
        && value[0] == b'&'
        && (value[1].is_ascii_lowercase() || matches!(value[1], b'[' | b'\''))
        && value.iter().all(|&b| b.is_ascii_alphanumeric() || b"&[]'<> _:".contains(&b))
    {
        return true;
    }
    if let Some(dot) = value.iter().position(|&b| b == b'.')
        && digits(&value[..dot])
        && value[dot + 1..].iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'))
    {
        return true;
    }
    if value.contains(&b' ')
        && ["->", "=>", ");", ") {", "){", "];"]
            .iter()
            .any(|m| memchr::memmem::find(value, m.as_bytes()).is_some())
    {
        return true;
    }
    // A number; with 40 digits, the public address of a contract or an account.
    if (value.len() <= 18 && value.len() > 2 || value.len() == 42)
        && value.starts_with(b"0x")
        && value[2..].iter().all(u8::is_ascii_hexdigit)
    {
        return true;
    }
    if value.iter().all(|b| b.is_ascii_digit() || b".,:-/+ ".contains(b))
        && value.iter().any(|b| b".,:/".contains(b))
    {
        return true;
    }
    // `{262E99C9-6160-4871-ACEC-4E61736B6F21}`
    if let Some(open) = value.iter().position(|&b| b == b'{')
        && value.get(open + 37) == Some(&b'}')
        && is_uuid(&value[open + 1..open + 37])
    {
        return true;
    }
    // All of them begin with one of these.
    if !value.iter().any(|b| matches!(b, b'\\' | b'(' | b'[' | b'.')) {
        return false;
    }
    [
        "\\x00", "\\(", "\\.", "\\|", "(?:", "(?i", "\\w", "\\s", "\\d", "[^", ".*", ".+", "[a-z", "[A-Z",
        "[0-9", "\\b",
    ]
    .iter()
    .any(|m| memchr::memmem::find(value, m.as_bytes()).is_some())
}

fn is_path(value: &[u8]) -> bool {
    if value.starts_with(b"./")
        || value.starts_with(b"../")
        || value.starts_with(b"~/")
        || value.starts_with(b"\\\\")
    {
        return true;
    }
    if value.len() > 3
        && value[0].is_ascii_alphabetic()
        && value[1] == b':'
        && matches!(value[2], b'\\' | b'/')
    {
        return true;
    }
    let slashes = memchr::memchr_iter(b'/', value).count();
    if slashes == 0 {
        return false;
    }
    if !value.iter().all(|&b| b.is_ascii_alphanumeric() || b"/._-+:~ ".contains(&b)) {
        return false;
    }
    // Base64 has slashes too; a path's segments are words.
    value.split(|&b| b == b'/').filter(|s| s.len() > 1).all(|s| crate::randomness::excess(s) < 6.0)
        && (value[0] == b'/' || slashes >= 1 && !value.ends_with(b"="))
}

/// Says whether `value` is made of identifiers: `CONSTANT_NAME`, `dotted.key.path`, `snake_case`, `kebab-case`
/// or `camelCase` words. Words are judged by the caller's measure of chance, `excess`, in bits.
pub(super) fn is_identifier(value: &[u8], excess: f32) -> bool {
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let plain = value
        .iter()
        .all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/' | b'#'));
    plain && letters * 4 >= value.len() * 3 && excess < 4.0
}

/// Says whether a bare `value` is an attribute: `jwt.HS256`, `settings.token`.
pub(super) fn is_attribute(value: &[u8]) -> bool {
    let dots = memchr::memchr_iter(b'.', value).count();
    let first = value.split(|&b| b == b'.').next().unwrap_or_default();
    (1..=3).contains(&dots)
        && value.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
        && first.len() >= 3
        && first.iter().all(u8::is_ascii_alphabetic)
        && value.split(|&b| b == b'.').all(|s| s.first().is_some_and(|b| !b.is_ascii_digit()))
        && (crate::randomness::excess(first) < 0.0 || crate::placeholder::is_toy(first))
}

/// Says whether one of name and value, letters and digits only, contains the other.
pub(super) fn repeats_name(name: &[u8], value: &[u8]) -> bool {
    let squeeze = |text: &[u8], out: &mut [u8; 64]| {
        let mut n = 0;
        for b in text.iter().filter(|b| b.is_ascii_alphanumeric()).take(64) {
            out[n] = b.to_ascii_lowercase();
            n += 1;
        }
        n
    };
    let (mut a, mut b) = ([0; 64], [0; 64]);
    let (n, v) = (squeeze(name, &mut a), squeeze(value, &mut b));
    let (name, value) = (&a[..n], &b[..v]);
    v >= 3
        && n >= 3
        && (memchr::memmem::find(name, value).is_some()
            || n >= 5 && v <= n * 2 && memchr::memmem::find(value, name).is_some())
}

/// Functions whose argument names a secret instead of being one.
#[rustfmt::skip]
const LOOKUPS: [&str; 80] = [
    "get", "getenv", "env", "environ", "fetch", "input", "prompt", "getpass", "config", "param", "params",
    "translate", "t", "_", "gettext", "ugettext", "lazy", "find", "query", "format", "sprintf", "printf",
    "print", "println", "log", "require", "import", "select", "include", "header", "headers", "cookie",
    "cookies", "option", "argument", "add_argument", "field", "charfield", "column", "label", "lookup", "read",
    "readline", "load", "open", "path", "join", "url", "match", "regexp", "regex", "compile", "test", "replace",
    "split", "strip", "querystring", "getproperty", "getstring", "value", "symbol", "decode", "encode",
    "encrypt", "decrypt", "quote", "escape", "equals", "contains", "startswith", "endswith", "has", "trim",
    "lower", "upper", "variable", "var", "secret", "credentials", "data",
];

/// Says whether a call of `function` looks something up by name.
pub(super) fn is_lookup(function: &[u8]) -> bool {
    let last = function
        .rsplit(|&b| !(b.is_ascii_alphanumeric() || b == b'_'))
        .find(|w| !w.is_empty())
        .unwrap_or_default();
    let folded = last.to_ascii_lowercase();
    LOOKUPS.iter().any(|l| l.as_bytes() == folded)
        || folded.starts_with(b"get") && folded != b"getbytes"
        || folded.starts_with(b"read")
        || folded.starts_with(b"find")
        || folded.starts_with(b"fetch")
        || folded.starts_with(b"load")
        || folded.starts_with(b"ask")
        || folded.starts_with(b"prompt")
        || folded.starts_with(b"is_")
        || folded.ends_with(b"field")
        || folded.ends_with(b"error")
        || folded.ends_with(b"exception")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for value in [
            "https://x.example/y",
            "./keys/id",
            "/etc/ssl/key",
            "C:\\keys\\a",
            "me@mail.com",
            "server.pem",
            "config/secrets",
        ] {
            assert!(is_place(value.as_bytes()), "{value}");
        }
        for value in ["Zq7@k.xuV$Rt2$9w", "wQz8kXvT3xLmR/7Yc2Np/bJ5Hs9GdKfWt4Va6UeM", "hunter2"] {
            assert!(!is_place(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn names_in_values() {
        assert!(repeats_name(b"db_password", b"password"));
        assert!(repeats_name(b"apiKey", b"my_api_key"));
        assert!(!repeats_name(b"password", b"hunter2!x"));
    }
}
