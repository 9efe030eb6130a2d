//! Macaroons: bearer tokens made of packets, used by PyPI, Fly.io and others.
//!
//! Both binary forms of libmacaroons are read. Version 2 is `02`, then sections of (type, length, data)
//! each closed by `00`, the signature last. Version 1 is packets of four hex digits, a name and a value.

use super::{Check, Facts, base_n, time};

/// A macaroon of any issuer, in base64.
pub(super) fn any(token: &[u8]) -> Check {
    let location = base_n::base64(token).and_then(|raw| version2(&raw).or_else(|| version1(&raw)));
    match location {
        Some(read) => Check::structure(Facts::new().maybe("location", read.location)),
        None => Check::Unknown,
    }
}

/// A token of PyPI or its test instance.
pub(super) fn pypi(token: &[u8]) -> Check {
    let raw = token.strip_prefix(b"pypi-").and_then(base_n::base64);
    let Some(read) = raw.and_then(|raw| version2(&raw)) else { return Check::Unknown };
    let location = read.location.unwrap_or_default();
    if location != "pypi.org" && location != "test.pypi.org" {
        return Check::Unknown;
    }
    // A caveat `[0, not after, not before]` is an expiry.
    let expires = read.caveats.iter().find_map(|caveat| {
        let inner = caveat.strip_prefix("[0,")?.trim_start();
        time::rfc3339(inner.split(',').next()?.trim().parse().ok()?)
    });
    Check::structure(Facts::new().add("location", location).maybe("expires", expires))
}

/// A list of Fly.io tokens: base64 msgpack that names Fly.
pub(super) fn fly(token: &[u8]) -> Check {
    let right = token.split(|&b| b == b',').any(|part| {
        let body = [&b"fm1r_"[..], b"fm1a_", b"fm2_"].iter().find_map(|p| part.strip_prefix(*p));
        let raw = body.and_then(base_n::base64).unwrap_or_default();
        // An array of msgpack, then somewhere the location.
        raw.first().is_some_and(|first| matches!(first, 0x91..=0x9f))
            && memchr::memmem::find(&raw, b"https://api.fly.io/").is_some()
    });
    if right { Check::structure(Facts::new()) } else { Check::Unknown }
}

#[derive(Default)]
struct Read {
    location: Option<String>,
    caveats: Vec<String>,
}

const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const SIGNATURE: u8 = 6;

fn version2(raw: &[u8]) -> Option<Read> {
    let mut rest = raw.strip_prefix(&[2])?;
    let mut read = Read::default();
    let mut first = true;
    loop {
        // One section: the head, a caveat, or nothing (the end of the caveats).
        let mut named = false;
        let mut empty = true;
        while !take_end(&mut rest)? {
            let (kind, data) = field(&mut rest)?;
            empty = false;
            match kind {
                LOCATION if first => read.location = Some(String::from_utf8(data.to_vec()).ok()?),
                IDENTIFIER => {
                    named = true;
                    if !first {
                        read.caveats.push(String::from_utf8_lossy(data).into_owned());
                    }
                }
                LOCATION | 4 => {}
                _ => return None,
            }
        }
        if empty && !first {
            break;
        }
        if !named {
            return None;
        }
        first = false;
    }
    let (kind, signature) = field(&mut rest)?;
    (kind == SIGNATURE && signature.len() == 32 && matches!(rest, [] | [0])).then_some(read)
}

/// Whether the next byte closes a section; `None` at the end of the bytes.
fn take_end(rest: &mut &[u8]) -> Option<bool> {
    let end = *rest.first()? == 0;
    if end {
        *rest = &rest[1..];
    }
    Some(end)
}

/// A type, a varint length and the data.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&kind, mut tail) = rest.split_first()?;
    let mut len = 0_usize;
    for shift in [0, 7, 14, 21] {
        let (&byte, after) = tail.split_first()?;
        tail = after;
        len |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            let (data, after) = tail.split_at_checked(len)?;
            *rest = after;
            return Some((kind, data));
        }
    }
    None
}

fn version1(raw: &[u8]) -> Option<Read> {
    let mut rest = raw;
    let mut read = Read::default();
    let mut signed = false;
    while !rest.is_empty() && !signed {
        let digits = std::str::from_utf8(rest.get(..4)?).ok()?;
        let len = usize::from_str_radix(digits, 16).ok().filter(|len| *len > 4)?;
        let packet = rest.get(4..len)?;
        rest = &rest[len..];
        let space = memchr::memchr(b' ', packet)?;
        let value = packet[space + 1..].strip_suffix(b"\n")?;
        match &packet[..space] {
            b"location" => read.location = Some(String::from_utf8(value.to_vec()).ok()?),
            b"cid" => read.caveats.push(String::from_utf8_lossy(value).into_owned()),
            b"signature" => signed = value.len() == 32,
            b"identifier" | b"vid" | b"cl" => {}
            _ => return None,
        }
    }
    (signed && rest.is_empty()).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    #[test]
    fn version_1_is_read() {
        let mut raw = Vec::new();
        for (name, value) in [
            ("location", &b"http://mybank/"[..]),
            ("identifier", b"id 7"),
            ("cid", b"test = caveat"),
            ("signature", &[9; 32]),
        ] {
            raw.extend(format!("{:04x}{name} ", value.len() + name.len() + 6).bytes());
            raw.extend(value);
            raw.push(b'\n');
        }
        let read = version1(&raw).unwrap();
        assert_eq!(read.location.as_deref(), Some("http://mybank/"));
        assert!(version1(&raw[..raw.len() - 1]).is_none());
    }

    #[test]
    fn a_pypi_token_names_its_expiry() {
        let Check::Passed { facts, .. } = pypi(fakes::pypi(1).as_bytes()) else { panic!() };
        assert_eq!(facts[1].value, "2030-01-01T00:00:00Z");
    }

    #[test]
    fn a_cut_token_is_unknown() {
        let token = fakes::pypi(1);
        assert_eq!(pypi(&token.as_bytes()[..token.len() - 8]), Check::Unknown);
    }
}
