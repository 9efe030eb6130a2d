//! How many distinct byte values a text spends.
//!
//! A placeholder such as `xxxxxxxxxxxxxxxx` fits the pattern of many real keys. A rule can
//! therefore ask that the text it captured carry at least so many bits per byte. This module
//! holds that one measure; thresholds belong to the rules. It says nothing about words: `password`
//! scores as high as eight random letters, which is what [`crate::randomness`] is for.
//!
//! Shannon's measure over single bytes (A Mathematical Theory of Communication, 1948, section 6).

/// Returns the Shannon entropy of `bytes`, in bits per byte.
///
/// The answer lies between `0.0` (empty, or one repeated byte) and `8.0`; a slice of `n` bytes
/// never scores above `log2(n)`. One pass, 1 KiB of stack, no allocation, cannot fail.
pub fn bits_per_byte(bytes: &[u8]) -> f64 {
    if bytes.is_empty() {
        return 0.0;
    }
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = bytes.len() as f64;
    let sum: f64 = counts.iter().filter(|&&n| n > 1).map(|&n| f64::from(n) * f64::from(n).log2()).sum();
    (total.log2() - sum / total).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for (text, want) in [("", 0.0), ("aaaa", 0.0), ("ab", 1.0), ("abcd", 2.0), ("aab", 0.918_295_834)] {
            assert!((bits_per_byte(text.as_bytes()) - want).abs() < 1e-6, "{text}");
        }
    }

    #[test]
    fn never_above_log2_of_the_length() {
        let all: Vec<u8> = (0..=255).collect();
        for n in 1..=256 {
            assert!(bits_per_byte(&all[..n]) <= (n as f64).log2() + 1e-9);
        }
    }
}
