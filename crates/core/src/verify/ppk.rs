//! PuTTY key files: an HMAC over the fields, which without a passphrase has a public key.
//!
//! From PuTTY's manual, appendix C. Version 2 uses HMAC-SHA-1 under a hashed constant, version 3
//! HMAC-SHA-256 under the empty key.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::Check;
use super::base_n::{base64, hex};

/// Checks the text of a file.
pub(super) fn check(text: &[u8]) -> Check {
    let Some(file) = File::read(text) else { return Check::Unknown };
    if file.encryption != "none" {
        return Check::Demote("encrypted with a passphrase");
    }
    Check::boost(file.mac_is_right())
}

struct File<'a> {
    version: u8,
    kind: &'a str,
    encryption: &'a str,
    comment: &'a str,
    public: Vec<u8>,
    private: Vec<u8>,
    mac: Vec<u8>,
}

impl<'a> File<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let mut lines = text.lines().map(str::trim);
        let (version, kind) = lines.find_map(|line| {
            let rest = line.strip_prefix("PuTTY-User-Key-File-")?;
            let (version, kind) = rest.split_once(": ")?;
            Some((version.parse().ok()?, kind))
        })?;
        let mut file = Self {
            version,
            kind,
            encryption: "",
            comment: "",
            public: Vec::new(),
            private: Vec::new(),
            mac: Vec::new(),
        };
        while let Some(line) = lines.next() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "Encryption" => file.encryption = value,
                "Comment" => file.comment = value,
                "Public-Lines" => file.public = block(&mut lines, value)?,
                // Under a passphrase the rest may be missing: the cipher is known by now.
                "Private-Lines" => file.private = block(&mut lines, value).unwrap_or_default(),
                "Private-MAC" => file.mac = hex(value.as_bytes()).unwrap_or_default(),
                _ => {}
            }
        }
        (!file.encryption.is_empty()).then_some(file)
    }

    fn mac_is_right(&self) -> bool {
        let parts = [
            self.kind.as_bytes(),
            self.encryption.as_bytes(),
            self.comment.as_bytes(),
            &self.public,
            &self.private,
        ];
        let mut data = Vec::new();
        for part in parts {
            data.extend((part.len() as u32).to_be_bytes());
            data.extend(part);
        }
        match self.version {
            2 => Hmac::<Sha1>::new_from_slice(&Sha1::digest(b"putty-private-key-file-mac-key"))
                .is_ok_and(|mac| mac.chain_update(&data).verify_slice(&self.mac).is_ok()),
            3 => Hmac::<Sha256>::new_from_slice(b"")
                .is_ok_and(|mac| mac.chain_update(&data).verify_slice(&self.mac).is_ok()),
            _ => false,
        }
    }
}

/// The base64 of the next `count` lines.
fn block<'a>(lines: &mut impl Iterator<Item = &'a str>, count: &str) -> Option<Vec<u8>> {
    let count: usize = count.parse().ok().filter(|count| *count <= 400)?;
    let text: Vec<&str> = lines.take(count).collect();
    base64(text.concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    #[test]
    fn a_changed_field_is_unknown() {
        let file = fakes::ppk(1);
        assert_eq!(check(file.as_bytes()), Check::checksum());
        assert_eq!(check(file.replace('\n', "\r\n").as_bytes()), Check::checksum());
        assert_eq!(check(file.replace("ed25519-key", "ed25519-Key").as_bytes()), Check::Unknown);
    }

    #[test]
    fn a_passphrase_is_told_apart() {
        let file = fakes::ppk(1).replace("Encryption: none", "Encryption: aes256-cbc");
        assert!(matches!(check(file.as_bytes()), Check::Demote(_)));
    }
}
