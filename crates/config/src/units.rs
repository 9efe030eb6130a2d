//! Sizes and times as people write them.

use std::time::Duration;

/// Bytes: `100 MB` (powers of 1000), `64 KiB` (powers of 1024), `4096`.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// A time: `500ms`, `50s`, `2m`, `1h`. A bare `0` is none; other bare numbers are refused.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" | "min" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        "" if number == 0 => Some(Duration::ZERO),
        _ => None,
    }
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let cases = [
            ("0", Some(0)),
            ("100 MB", Some(100_000_000)),
            ("64KiB", Some(65536)),
            ("1g", Some(1_000_000_000)),
            ("1 XB", None),
            ("", None),
            ("99999999999 GiB", None),
        ];
        for (text, expected) in cases {
            assert_eq!(size(text), expected, "{text}");
        }
    }

    #[test]
    fn times() {
        let cases = [
            ("0", Some(0)),
            ("500ms", Some(500)),
            ("50s", Some(50_000)),
            ("2m", Some(120_000)),
            ("5", None),
            ("x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text).map(|d| d.as_millis()), expected, "{text}");
        }
    }
}
