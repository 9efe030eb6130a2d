//! Environment files that hold nothing: settings without secrets, or placeholders in their place.

use crate::{generic, placeholder};

/// Says whether no line of an environment file gives a secret, or what could be one, a value.
///
/// `PORT=3000`, `API_KEY=`, `DB_PASSWORD=${DB_PASSWORD}` and `TOKEN=changeme` give none. A URL counts where it has a
/// password in it.
pub fn env_holds_nothing(text: &[u8]) -> bool {
    text.split(|&b| b == b'\n').all(|line| {
        let line = line.trim_ascii();
        let line = line.strip_prefix(b"export ").unwrap_or(line);
        let Some(equals) = line.iter().position(|&b| b == b'=') else { return true };
        let (name, value) = (line[..equals].trim_ascii(), bare(&line[equals + 1..]));
        if line.starts_with(b"#") || placeholder::is_placeholder(value) || placeholder::is_toy(value) {
            return true;
        }
        !generic::names_a_secret(name) && !has_login(value)
    })
}

/// The value without its quotes.
fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => value,
    }
}

/// `scheme://user:password@host`
fn has_login(value: &[u8]) -> bool {
    let Some(scheme) = memchr::memmem::find(value, b"://") else { return false };
    let rest = &value[scheme + 3..];
    let Some(at) = rest.iter().position(|&b| b == b'@') else { return false };
    rest[..at].contains(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_placeholders_are_nothing() {
        for text in [
            "",
            "# a\nPORT=3000\nNODE_ENV=test\n",
            "API_KEY=\nDB_PASSWORD=${DB_PASSWORD}\nTOKEN='changeme'\n",
        ] {
            assert!(env_holds_nothing(text.as_bytes()), "{text}");
        }
        for text in
            ["DB_PASSWORD=vexk<>ola9\n", "export DB_PASSWORD=vexk<>ola9", "URL=redis://a:vexk<>ola9@h/0"]
        {
            assert!(!env_holds_nothing(text.replace("<>", "").as_bytes()), "{text}");
        }
    }
}
