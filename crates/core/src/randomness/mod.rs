//! How random a text looks: chosen by a person, or made by a machine.
//!
//! Entropy cannot tell `connectionTimeout` from a token of the same length; both spend about as many
//! distinct letters. What differs is which letter follows which. [`excess`] compares two explanations of a
//! text, in bits:
//!
//! * *chosen*: a first-order model of names, words and literals, a 32 × 32 table of costs (letters folded,
//!   all digits one symbol, see `table.rs` and the example `train_randomness` that makes it), plus what the
//!   change of case costs in names (`camelCase` is cheap, `cAmELcaSE` is not);
//! * *made*: uniformly random symbols of the smallest usual alphabet that holds the text.
//!
//! The difference is the evidence for *made*. It grows with length by itself, so that one threshold serves a
//! password of eight characters and a token of forty. Digits alone carry no such evidence, and hexadecimal
//! text carries some (a digest is as random as a key): there the name decides, not this module.

mod table;

/// The number of symbols of the model.
pub const SYMBOLS: usize = 32;

/// The model's symbol for a byte: 0 is the start, 1–26 a letter, 27 a digit, 28 `_` or `-`, 29 what joins
/// paths and dotted names, 30 other punctuation, 31 anything else.
pub fn symbol(byte: u8) -> usize {
    match byte.to_ascii_lowercase() {
        b @ b'a'..=b'z' => usize::from(b - b'a') + 1,
        b'0'..=b'9' => 27,
        b'_' | b'-' => 28,
        b'.' | b'/' | b':' => 29,
        b'!'..=b'~' => 30,
        _ => 31,
    }
}

/// What kinds of byte a text has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mix {
    /// Count of `a`–`z`.
    pub lower: u32,
    /// Count of `A`–`Z`.
    pub upper: u32,
    /// Count of `0`–`9`.
    pub digit: u32,
    /// Count of `+`, `/`, `=`, `-` and `_`, which encodings use.
    pub joiner: u32,
    /// Count of all other bytes.
    pub other: u32,
    /// Whether every byte is a hexadecimal digit, letters in one case only.
    pub hex: bool,
}

impl Mix {
    /// Counts the bytes of `text`.
    pub fn of(text: &[u8]) -> Self {
        let mut mix = Self { hex: !text.is_empty(), ..Self::default() };
        for &b in text {
            match b {
                b'a'..=b'z' => mix.lower += 1,
                b'A'..=b'Z' => mix.upper += 1,
                b'0'..=b'9' => mix.digit += 1,
                b'+' | b'/' | b'=' | b'-' | b'_' => mix.joiner += 1,
                _ => mix.other += 1,
            }
            mix.hex &= b.is_ascii_hexdigit();
        }
        mix.hex &= mix.lower == 0 || mix.upper == 0;
        mix
    }

    /// How many of lower, upper, digit and punctuation occur.
    pub fn classes(self) -> u32 {
        u32::from(self.lower > 0)
            + u32::from(self.upper > 0)
            + u32::from(self.digit > 0)
            + u32::from(self.joiner + self.other > 0)
    }
}

/// Returns how many bits better `text` is explained by chance than by choice.
///
/// Random text of eight letters gets about 10, of twenty letters and digits about 35; names and words get
/// less than 0. Digits alone get 0. The cost is one table look-up per byte.
pub fn excess(text: &[u8]) -> f32 {
    whole(text).max(runs(text))
}

/// The excess of the letters alone, each run of them taken as a word of its own.
///
/// People append digits to words, and so do machines to random letters: `wqkzvtx417` is no word, although its
/// digits are where a word's would be.
fn runs(text: &[u8]) -> f32 {
    let mut sum = 0.0;
    let mut last = 0;
    for &b in text {
        let this = symbol(b);
        if (1..=26).contains(&this) {
            sum += f32::from(table::COST[last][this]) / 16.0 - 4.7;
            last = this;
        } else {
            last = 0;
        }
    }
    sum
}

fn whole(text: &[u8]) -> f32 {
    let mix = Mix::of(text);
    if mix.lower + mix.upper == 0 {
        return 0.0;
    }
    let both = mix.lower > 0 && mix.upper > 0;
    let letters: f32 = if mix.hex && mix.digit > 0 { 6.0 } else { 26.0 };
    let copies = if both { 2.0 } else { 1.0 };
    let punctuation = if mix.other > 0 {
        24.0
    } else if mix.joiner > 0 {
        2.0
    } else {
        0.0
    };
    let alphabet = letters * copies + if mix.digit > 0 { 10.0 } else { 0.0 } + punctuation;
    // Bits a random symbol costs once letters are folded and digits are one symbol.
    let letter = (alphabet / copies).log2();
    let digit = (alphabet / 10.0).log2();
    let punct = if punctuation > 0.0 { (alphabet / punctuation).log2() } else { 0.0 };

    let mut sum = 0.0;
    let mut last = 0;
    for &b in text {
        let this = symbol(b);
        let made = match this {
            1..=26 => letter,
            27 => digit,
            _ => punct,
        };
        sum += f32::from(table::COST[last][this]) / 16.0 - made;
        last = this;
    }
    if both { sum + case_excess(text) } else { sum }
}

/// Bits by which the changes of case look like chance.
fn case_excess(text: &[u8]) -> f32 {
    let mut sum = 0.0;
    let mut run = 0; // upper-case letters in a row
    let mut previous = None;
    for &b in text {
        if !b.is_ascii_alphabetic() {
            previous = None;
            run = 0;
            continue;
        }
        let upper = b.is_ascii_uppercase();
        let chosen = match (previous, upper) {
            (None | Some(true), true) => 1.0,
            (None, false) => 0.8,
            (Some(false), true) => 3.2,
            (Some(false), false) => 0.2,
            (Some(true), false) => {
                if run == 1 {
                    0.6
                } else {
                    2.5
                }
            }
        };
        sum += chosen - 1.0;
        run = if upper { run + 1 } else { 0 };
        previous = Some(upper);
    }
    sum
}

/// [`excess`] on a scale from 0 (surely chosen) over 50 (no telling) to 100 (surely made).
pub fn score(text: &[u8]) -> u8 {
    score_of(excess(text))
}

/// The [`score`] of a text whose [`excess`] is known.
#[expect(clippy::cast_sign_loss, reason = "clamped to 0..=100")]
pub(crate) fn score_of(excess: f32) -> u8 {
    (50.0 + 2.0 * excess).clamp(0.0, 100.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixed walk over an alphabet.
    fn made(alphabet: &[u8], len: usize, seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..len)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                alphabet[(state >> 33) as usize % alphabet.len()]
            })
            .collect()
    }

    const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    #[test]
    fn what_people_write_is_chosen() {
        for text in [
            "connectionTimeout",
            "DB_PASSWORD",
            "application/json",
            "getUserById",
            "node_modules",
            "password",
            "correct-horse-battery",
            "HTTP_INTERNAL_ERROR",
            "org.springframework.boot",
            "sha256",
            "utf-8",
            "localhost:5432",
            "2024-01-02",
        ] {
            assert!(excess(text.as_bytes()) < 4.0, "{text}: {}", excess(text.as_bytes()));
        }
    }

    #[test]
    fn what_machines_make_is_told_from_it() {
        for (alphabet, len, least, share) in [
            (BASE36, 12, 7.0, 90),
            (BASE36, 20, 7.0, 97),
            (BASE62, 12, 7.0, 95),
            (BASE62, 20, 16.0, 95),
            (BASE62, 32, 16.0, 99),
        ] {
            let found = (1..=1000).filter(|&seed| excess(&made(alphabet, len, seed)) >= least).count();
            assert!(found >= share * 10, "{found} of 1000 of length {len} from {} symbols", alphabet.len());
        }
    }

    #[test]
    fn digits_alone_say_nothing() {
        assert_eq!(score(b"8403175962"), 50);
        assert_eq!(score(b""), 50);
    }

    #[test]
    fn a_score_has_its_bounds() {
        assert_eq!(score(&made(BASE62, 200, 7)), 100);
        assert_eq!(score("theconnectiontimeoutofthedatabase".repeat(3).as_bytes()), 0);
    }
}
