//! Microsoft's annotated keys: a Marvin32 sum, seeded by the name of the service.
//!
//! Three forms: keys with a four-character signature before the sum ("HIS v1"), the 84-character keys with
//! `JQQJ9` ("CASK", HIS v2), and client secrets of Entra with `8Q~`. Keys made before 2022 have no sum, so a
//! mismatch says nothing. From microsoft/security-utilities.

use super::base_n::{self, BASE62, radix};
use super::{Check, Facts};
use crate::found::Verified;

/// Marvin32 of `data`; the seed is eight ASCII characters.
fn marvin32(data: &[u8], seed: [u8; 8]) -> u32 {
    let seed = u64::from_be_bytes(seed);
    let (mut lo, mut hi) = (seed as u32, (seed >> 32) as u32);
    let mut mix = |word: u32| {
        lo = lo.wrapping_add(word);
        hi ^= lo;
        lo = lo.rotate_left(20).wrapping_add(hi);
        hi = hi.rotate_left(9) ^ lo;
        lo = lo.rotate_left(27).wrapping_add(hi);
        hi = hi.rotate_left(19);
        lo ^ hi
    };
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        mix(u32::from_le_bytes(*word));
    }
    let mut tail = [0; 4];
    tail[..rest.len()].copy_from_slice(rest);
    tail[rest.len()] = 0x80;
    mix(u32::from_le_bytes(tail));
    mix(0)
}

/// A signature, the service it stands for, and the seeds of its key kinds.
type Signature = (&'static [u8; 4], &'static str, &'static [&'static [u8; 8]]);

const SIGNATURES: &[Signature] = &[
    (b"+ASt", "Azure Storage", &[b"Default0"]),
    (b"+ABa", "Azure Batch", &[b"AbAcct00"]),
    (
        b"ACDb",
        "Azure Cosmos DB",
        &[b"MastRW00", b"MastRO00", b"SysAll00", b"Resour00", b"SystRO00", b"SystRW00"],
    ),
    (b"+ASb", "Azure Service Bus", MESSAGING),
    (b"+AEh", "Azure Event Hubs", MESSAGING),
    (b"+ARm", "Azure Relay", MESSAGING),
    (b"AIoT", "Azure IoT", &[b"IoTHub00", b"DpsKey00", b"Device00"]),
    (b"APIM", "Azure API Management", &[b"Tenant00", b"IoTHub00", b"Gatewy00", b"GitKey00"]),
    (b"AzCa", "Azure Cache for Redis", &[b"Access00"]),
    (b"AzSe", "Azure AI Search", &[b"Query000", b"PAdmin00"]),
    (b"AzFu", "Azure Functions", &[b"Master00", b"System00", b"Functi00"]),
    (b"+ACR", "Azure Container Registry", &[b"ACRDflt0"]),
    (b"+AMC", "Azure ML Classic", &[b"Classic0"]),
];
const MESSAGING: &[&[u8; 8]] = &[b"Send0000", b"Manage00", b"Listen00", b"System00", b"Unknown0"];

/// A base64 key whose last ten characters are a signature and the sum.
pub(super) fn his(key: &[u8]) -> Check {
    let end = key.iter().rposition(|&b| b != b'=').map_or(0, |at| at + 1);
    let Some(signature) = end.checked_sub(10).and_then(|at| key.get(at..at + 4)) else {
        return Check::Unknown;
    };
    let Some((_, service, seeds)) = SIGNATURES.iter().find(|(name, ..)| *name == signature) else {
        return Check::Unknown;
    };
    let Some(raw) = base_n::base64(key).filter(|raw| raw.len() >= 32) else { return Check::Unknown };
    let (body, sum) = raw.split_at(raw.len() - 4);
    if seeds.iter().any(|seed| marvin32(body, **seed).to_le_bytes() == sum) {
        passed(Facts::new().add("service", service))
    } else {
        Check::Unknown
    }
}

fn passed(facts: Facts) -> Check {
    Check::Passed { how: Verified::Checksum, facts: facts.0 }
}

/// An 84- or 88-character key. The month it was made and its provider are readable.
pub(super) fn cask(key: &[u8]) -> Check {
    let shaped = (key.len() == 84 || key.len() == 88)
        && key[52..57] == *b"JQQJ9"
        && matches!(key[57], b'9' | b'D' | b'H')
        && key[58].is_ascii_uppercase()
        && (b'A'..=b'L').contains(&key[59]);
    let Some(raw) = base_n::base64(&key[..key.len().min(80)]).filter(|_| shaped) else {
        return Check::Unknown;
    };
    let sum = marvin32(&raw, *b"Default0").to_le_bytes();
    let have = &key[80..];
    let have = &have[..have.iter().position(|&b| b == b'=').unwrap_or(have.len())];
    let number = radix::<6>(u32::from_be_bytes(sum).into(), BASE62);
    // The digits are padded on the right: leading zeros move to the end.
    let zeros = number.iter().take_while(|&&b| b == b'0').count();
    let mut digits = number;
    digits.rotate_left(zeros);
    // Older keys: the plain base64 of the sum.
    let plain = base_n::base64(have).is_some_and(|bytes| bytes.len() >= 3 && sum.starts_with(&bytes));
    if !(digits.starts_with(have) || plain) {
        return Check::Unknown;
    }
    let made = format!("{:04}-{:02}", 2024 + u32::from(key[58] - b'A'), key[59] - b'A' + 1);
    let provider = String::from_utf8_lossy(&key[76..80]).into_owned();
    passed(Facts::new().add("provider", provider).add("created", made))
}

/// An Entra client secret: the first three digits of the sum of the first 37 characters.
pub(super) fn entra(secret: &[u8]) -> Check {
    const BASE66: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
    if secret.len() != 40 || secret[3..6] != *b"8Q~" {
        return Check::Unknown;
    }
    let (head, tail) = secret.split_at(37);
    Check::boost(radix::<6>(marvin32(head, *b"AadPwd00").into(), BASE66)[..3] == *tail)
}

/// A shared access signature: a query with `sig` of 32 bytes, expiry `se` and permissions `sp`.
pub(super) fn sas(query: &[u8]) -> Check {
    let Ok(query) = std::str::from_utf8(query) else { return Check::Unknown };
    let query = query.replace("&amp;", "&");
    let field = |name: &str| {
        query.split(['?', '&']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(|text| {
            text.replace("%3A", ":")
                .replace("%3a", ":")
                .replace("%2B", "+")
                .replace("%2b", "+")
                .replace("%2F", "/")
                .replace("%2f", "/")
                .replace("%3D", "=")
                .replace("%3d", "=")
        })
    };
    let signed =
        field("sig").and_then(|sig| base_n::base64(sig.as_bytes())).is_some_and(|raw| raw.len() == 32);
    if !signed {
        return Check::Unknown;
    }
    Check::structure(Facts::new().maybe("permissions", field("sp")).maybe("expires", field("se")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use stopleak_testkit::fakes;

    #[test]
    fn vectors_of_security_utilities() {
        // Repeated letters with right sums, from the public tests of microsoft/security-utilities.
        let storage = format!("{}+ASt5mnCaw==", "a".repeat(76));
        assert!(matches!(his(storage.as_bytes()), Check::Passed { .. }));
        let cask_key = format!("{}JQQJ99AGAAAAAAAAAAAAAAAAABCDTZJ9", "A".repeat(52));
        assert!(matches!(cask(cask_key.as_bytes()), Check::Passed { .. }));
        let client = format!("zzz8Q~{}blP", "z".repeat(31));
        assert_eq!(entra(client.as_bytes()), Check::checksum());
    }

    #[test]
    fn facts_name_service_and_month() {
        let Check::Passed { facts, .. } = his(fakes::azure_his(1, "ACDb").as_bytes()) else { panic!() };
        assert_eq!(facts[0].value, "Azure Cosmos DB");
        let Check::Passed { facts, .. } = cask(fakes::azure_cask(1, "AZDO").as_bytes()) else { panic!() };
        assert_eq!(facts[0].value, "AZDO");
        assert!(facts[1].value.starts_with("2025-"), "{}", facts[1].value);
    }

    #[test]
    fn a_shared_access_signature_names_its_expiry() {
        let sig = base64_of(&[7; 32]).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let query = format!("?sv=2023-01-03&sp=rwdl&se=2027-01-01T00%3A00%3A00Z&sr=c&sig={sig}");
        let Check::Passed { facts, .. } = sas(query.as_bytes()) else { panic!() };
        assert_eq!(facts[1].value, "2027-01-01T00:00:00Z");
        assert_eq!(sas(b"?se=2027&sig=abc"), Check::Unknown);
    }

    fn base64_of(bytes: &[u8]) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }
}
