//! Numbers as people read them.

/// `1 secret`, `2 secrets`, `1,204 commits`.
pub fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{} {word}s", thousands(number as u64)) }
}

/// `1,204`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `312 B`, `4.1 KB`, `8.1 GB`; a KB is 1,000 bytes.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{number} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// `3 ms`, `1.32 s`, `4 min 10 s`.
pub(super) fn seconds(value: f64) -> String {
    if value < 0.001 {
        "under 1 ms".to_owned()
    } else if value < 0.9995 {
        format!("{:.0} ms", value * 1000.0)
    } else if value < 100.0 {
        format!("{value:.2} s")
    } else {
        format!("{:.0} min {:.0} s", (value / 60.0).floor(), (value % 60.0).floor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let sizes = [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (4149, "4.1 KB"), (999_999, "1.0 MB")];
        for (number, want) in sizes {
            assert_eq!(bytes(number), want);
        }
        assert_eq!(count(1, "secret"), "1 secret");
        assert_eq!(count(1_234_567, "commit"), "1,234,567 commits");
        for (value, want) in
            [(0.0004, "under 1 ms"), (0.0031, "3 ms"), (1.318, "1.32 s"), (250.2, "4 min 10 s")]
        {
            assert_eq!(seconds(value), want);
        }
    }
}
