//! The little language of `tests/cases/disguises-*.txt`: files with fresh fakes in them, written in disguise.
//!
//! `⏎` is a line break and `⇥` a tab; `<>` is removed, so that an example does not look live in the repository.
//! `«ghp»` is a fresh fake, the same wherever it stands in one case. `«gz b64:text»` is a text after the filters,
//! from left to right; a text that is the name of a fake alone means the fake. `«r64:40»` is forty random
//! characters. Filters may have an argument: `«fold(64):…»`.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use stopleak_testkit::fakes;
use stopleak_testkit::rng::Rng;

use super::pack;

const LOWER36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE85: &[u8] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// What a filter gives, or why it gives nothing.
type Filtered = Result<Vec<u8>, String>;

/// The file that `text` describes; `seed` makes its fakes.
pub(super) fn fill(text: &str, seed: u64) -> Filtered {
    let text = text.replace("<>", "").replace('⏎', "\n").replace('⇥', "\t");
    let mut filler = Filler { seed, drawn: 0 };
    filler.text(&text)
}

struct Filler {
    seed: u64,
    /// Random texts so far: each is another one.
    drawn: u64,
}

impl Filler {
    fn text(&mut self, text: &str) -> Filtered {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('«') {
            out.extend_from_slice(&rest.as_bytes()[..open]);
            let inside = &rest[open + '«'.len_utf8()..];
            let close = closing(inside).ok_or_else(|| format!("a mark without its end in {text:?}"))?;
            out.extend(self.mark(&inside[..close])?);
            rest = &inside[close + '»'.len_utf8()..];
        }
        out.extend_from_slice(rest.as_bytes());
        Ok(out)
    }

    fn mark(&mut self, mark: &str) -> Filtered {
        if let Some(fake) = fake(mark, self.seed) {
            return Ok(fake.into_bytes());
        }
        let colon = outside(mark, ':').ok_or_else(|| format!("«{mark}» is no fake and has no filter"))?;
        let (filters, inner) = (&mark[..colon], &mark[colon + 1..]);
        if let Some(drawn) = self.random(filters, inner) {
            return Ok(drawn.into_bytes());
        }
        let mut bytes = match fake(inner, self.seed) {
            Some(fake) => fake.into_bytes(),
            None => self.text(inner)?,
        };
        let mut rest = filters;
        while !rest.is_empty() {
            let end = outside(rest, ' ').unwrap_or(rest.len());
            let (name, argument) = rest[..end].split_once('(').unwrap_or((&rest[..end], ")"));
            let argument = argument.strip_suffix(')').unwrap_or_default();
            bytes = filter(name, argument, bytes, self.seed)?;
            rest = rest[end..].trim_start();
        }
        Ok(bytes)
    }

    fn random(&mut self, name: &str, count: &str) -> Option<String> {
        let alphabet = match name {
            "r64" => BASE64,
            "r64u" => fakes::BASE64URL,
            "r64d" => "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "r62" => fakes::BASE62,
            "r36" => fakes::UPPER36,
            "r36l" => LOWER36,
            "r32" => fakes::BASE32,
            "r32n" => "0123456789abcdfghijklmnpqrsvwxyz",
            "rb32" => "023456789acdefghjklmnpqrstuvwxyz",
            "rhex" => fakes::HEX,
            "rHEX" => "0123456789ABCDEF",
            _ => return None,
        };
        self.drawn += 1;
        Some(Rng::new(self.seed << 8 | self.drawn).text(alphabet, count.parse().ok()?))
    }
}

/// Where the mark that `inside` begins with ends.
fn closing(inside: &str) -> Option<usize> {
    let mut depth = 1;
    inside.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '«') - i32::from(c == '»');
        (depth == 0).then_some(at)
    })
}

/// The first `wanted` that is not in brackets.
fn outside(text: &str, wanted: char) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0 && c == wanted).then_some(at)
    })
}

/// A fake by its short name.
fn fake(name: &str, seed: u64) -> Option<String> {
    Some(match name {
        "ghp" => fakes::github_token(seed),
        "glpat" => fakes::gitlab_token(seed),
        "npm" => fakes::npm(seed),
        "pypi" => fakes::pypi(seed),
        "aws" => fakes::aws_key_id(seed),
        "awssec" => fakes::aws_secret(seed),
        "slack" => fakes::slack_bot(seed),
        "hook" => fakes::slack_webhook(seed),
        "hookpath" => fakes::slack_webhook(seed).trim_start_matches("https://hooks.slack.com").to_owned(),
        "stripe" => fakes::stripe_live(seed),
        "stripepk" => fakes::stripe_publishable(seed),
        "sendgrid" => fakes::sendgrid(seed),
        "google" => fakes::google_api_key(seed),
        "openai" => fakes::openai(seed),
        "jwt" => fakes::jwt(seed),
        "gcp" => fakes::gcp_service_account(seed),
        "dockercfg" => fakes::docker_config(seed),
        "tok32" => fakes::generic_token(seed, 32),
        "tok40" => fakes::generic_token(seed, 40),
        "pw" => fakes::generic_password(seed),
        "pw16" | "pwx" => Rng::new(seed).text(fakes::BASE62, 16),
        "pwsym" => format!("{}@{}#{}", part(seed, 5), part(seed + 1, 4), part(seed + 2, 5)),
        "pwlong" => Rng::new(seed).text(&format!("{}!#$%&()*+,-./:;<=>?@[]^_{{|}}~", fakes::BASE62), 64),
        "rsa" => fakes::pem_rsa(seed).trim_end().to_owned(),
        "ec" => fakes::pem_ec(seed).trim_end().to_owned(),
        "ed" => fakes::pem_ed25519(seed).trim_end().to_owned(),
        "ssh" => fakes::openssh_key(seed).trim_end().to_owned(),
        "uuid" => {
            let hex = fakes::hex_key(seed, 32);
            format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
        }
        _ => return None,
    })
}

fn part(seed: u64, count: usize) -> String {
    Rng::new(seed).text(fakes::BASE62, count)
}

fn filter(name: &str, argument: &str, bytes: Vec<u8>, seed: u64) -> Filtered {
    if let Some(filtered) = of_bytes(name, argument, &bytes, seed) {
        return filtered;
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("filter {name:?} takes text"))?;
    of_text(name, argument, &text).map(String::into_bytes).ok_or_else(|| format!("no filter {name:?}"))
}

/// Filters that any bytes go through.
fn of_bytes(name: &str, argument: &str, bytes: &[u8], seed: u64) -> Option<Filtered> {
    let each = |write: &dyn Fn(u8) -> String, between: &str| {
        bytes.iter().map(|b| write(*b)).collect::<Vec<_>>().join(between)
    };
    let text = match name {
        "b64" => STANDARD.encode(bytes),
        "b64n" => STANDARD_NO_PAD.encode(bytes),
        "b64u" => URL_SAFE.encode(bytes),
        "hex" => each(&|b| format!("{b:02x}"), ""),
        "X" => each(&|b| format!("{b:02X}"), ""),
        "hexs" => each(&|b| format!("{b:02x}"), " "),
        "hexc" => each(&|b| format!("{b:02x}"), ":"),
        "hexcm" => each(&|b| format!("{b:02x}"), ","),
        "hexx" => each(&|b| format!("{b:02x}"), "\\x"),
        "bits" => each(&|b| format!("{b:08b}"), " "),
        "xxd" => xxd(bytes),
        "b32" => base32(bytes),
        "b58" => base58(bytes),
        "b85" => base85(bytes, |v| char::from(BASE85[v])),
        "a85" => base85(bytes, |v| char::from(b'!' + v as u8)),
        "uue" => uuencode(bytes),
        "gz" => {
            return Some(finish(GzEncoder::new(Vec::new(), Compression::best()), bytes, GzEncoder::finish));
        }
        "zlib" => {
            return Some(finish(
                ZlibEncoder::new(Vec::new(), Compression::best()),
                bytes,
                ZlibEncoder::finish,
            ));
        }
        "bz2" => return Some(through("bzip2", bytes)),
        "xz" => return Some(through("xz", bytes)),
        "zstd" => return Some(through("zstd", bytes)),
        "utf16le" => return Some(Ok(utf16(bytes, u16::to_le_bytes))),
        "utf16be" => return Some(Ok(utf16(bytes, u16::to_be_bytes))),
        "utf16bom" => return Some(Ok(utf16(&[&b"\xef\xbb\xbf"[..], bytes].concat(), u16::to_le_bytes))),
        "utf32le" => return Some(Ok(utf32(bytes, u32::to_le_bytes))),
        "utf32be" => return Some(Ok(utf32(bytes, u32::to_be_bytes))),
        "zip" => return Some(Ok(pack::zip(argument, bytes))),
        "tar" => return Some(Ok(pack::tar(argument, bytes))),
        "bin" => {
            let mut rng = Rng::new(seed);
            let noise = |rng: &mut Rng| {
                let mut noise = rng.bytes(600);
                noise.extend_from_slice(&[0, 1, 0, 0]);
                noise
            };
            let (head, tail) = (noise(&mut rng), noise(&mut rng));
            return Some(Ok([&b"\x7fELF\x02\x01\x01\0"[..], &head, bytes, b"\0\0\0", &tail].concat()));
        }
        _ => return None,
    };
    Some(Ok(text.into_bytes()))
}

fn finish<W: std::io::Write>(
    mut encoder: W,
    bytes: &[u8],
    end: impl FnOnce(W) -> std::io::Result<Vec<u8>>,
) -> Filtered {
    encoder.write_all(bytes).and_then(|()| end(encoder)).map_err(|e| e.to_string())
}

fn utf16(bytes: &[u8], order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).encode_utf16().flat_map(order).collect()
}

fn utf32(bytes: &[u8], order: fn(u32) -> [u8; 4]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).chars().flat_map(|c| order(c.into())).collect()
}

/// What a program makes of `bytes`.
fn through(program: &str, bytes: &[u8]) -> Filtered {
    let tell = |e: std::io::Error| format!("could not run {program}: {e}");
    let mut child =
        Command::new(program).arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(tell)?;
    // A few hundred bytes: the program takes them all before it writes.
    child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(bytes)).map_err(tell)?;
    Ok(child.wait_with_output().map_err(tell)?.stdout)
}

/// Filters of text.
fn of_text(name: &str, argument: &str, text: &str) -> Option<String> {
    let each = |write: &dyn Fn(char) -> String, between: &str| {
        text.chars().map(write).collect::<Vec<_>>().join(between)
    };
    let code = |c: char| u32::from(c);
    let lines = |write: &dyn Fn(&str) -> String, between: &str| {
        text.lines().map(write).collect::<Vec<_>>().join(between)
    };
    if let Some(part) = piece(name, text) {
        return Some(part);
    }
    Some(match name {
        "rev" => text.chars().rev().collect(),
        "rot13" => each(&rot13, ""),
        "pct" => each(&|c| format!("%{:02X}", code(c)), ""),
        "pctx" => {
            each(&|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{:02X}", code(c)) }, "")
        }
        "x" => each(&|c| format!("\\x{:02x}", code(c)), ""),
        "u" => each(&|c| format!("\\u{:04x}", code(c)), ""),
        "ub" => each(&|c| format!("\\u{{{:x}}}", code(c)), ""),
        "uesc1" => {
            each(&|c| if c.is_ascii_lowercase() { format!("\\u{:04x}", code(c)) } else { c.to_string() }, "")
        }
        "oct" => each(&|c| format!("\\{:03o}", code(c)), ""),
        "css" => each(&|c| format!("\\{:x} ", code(c)), ""),
        "rtf" => each(&|c| format!("\\'{:02x}", code(c)), ""),
        "entd" => each(&|c| format!("&#{};", code(c)), ""),
        "entx" => each(&|c| format!("&#x{:x};", code(c)), ""),
        "dec" => each(&|c| code(c).to_string(), ", "),
        "decs" => each(&|c| code(c).to_string(), " "),
        "0x" => each(&|c| format!("0x{:02x}", code(c)), ", "),
        "chars" => each(&|c| format!("'{c}'"), ", "),
        "spaced" => each(&|c| c.to_string(), " "),
        "wide" => each(&|c| shifted(c, 0xfee0), ""),
        "math" => each(&monospace, ""),
        "cyr" => each(&|c| other(c, "aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ"), ""),
        "greek" => each(&|c| other(c, "oABEHIKMNOPTXYZ", "οΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"), ""),
        "ins" | "all" => {
            let hidden = char::from_u32(u32::from_str_radix(argument, 16).ok()?)?.to_string();
            if name == "all" { each(&|c| c.to_string(), &hidden) } else { spread(text, &hidden) }
        }
        "insx" => spread(text, argument),
        "fold" | "lines" => {
            let characters: Vec<char> = text.chars().collect();
            characters.chunks(argument.parse().ok()?).map(String::from_iter).collect::<Vec<_>>().join("\n")
        }
        "indent" | "prefix" => lines(&|line| format!("{argument}{line}"), "\n"),
        "nl" => lines(&str::to_owned, "\\n"),
        "nl2" => lines(&str::to_owned, "\\\\n"),
        "crlf" => lines(&str::to_owned, "\r\n"),
        "spaces" => lines(&str::to_owned, " "),
        "tabs" => lines(&str::to_owned, "\t"),
        "br" => lines(&str::to_owned, "<br>"),
        "propnl" => lines(&str::to_owned, "\\n\\\n  "),
        "qlist" => lines(&|line| format!("  '{line}',"), "\n"),
        "qplus" => lines(&|line| format!("  \"{line}\\n\" +"), "\n"),
        "jlines" => lines(&|line| format!("\"{line}\\n\""), ",\n"),
        "dash" => {
            text.replace("-----BEGIN", "---- BEGIN").replace("-----END", "---- END").replace("-----", " ----")
        }
        "nohead" => text.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\n"),
        "body" => text.lines().filter(|line| !line.starts_with('-')).collect(),
        _ => return None,
    })
}

/// `1/3` is the first third, `4<` the first four characters, `4>` what follows them, `4r` the last four.
fn piece(name: &str, text: &str) -> Option<String> {
    if let Some((number, of)) = name.split_once('/') {
        let (number, of): (usize, usize) = (number.parse().ok()?, of.parse().ok()?);
        return text.get((number - 1) * text.len() / of..number * text.len() / of).map(str::to_owned);
    }
    let count: usize = name.get(..name.len() - 1)?.parse().ok()?;
    let part = match name.as_bytes().last()? {
        b'<' => text.get(..count)?,
        b'>' => text.get(count..)?,
        b'r' => text.get(text.len().checked_sub(count)?..)?,
        _ => return None,
    };
    Some(part.to_owned())
}

fn rot13(c: char) -> String {
    let turned = |first: u8| char::from((c as u8 - first + 13) % 26 + first);
    match c {
        'a'..='z' => turned(b'a'),
        'A'..='Z' => turned(b'A'),
        _ => c,
    }
    .to_string()
}

fn shifted(c: char, by: u32) -> String {
    char::from_u32(u32::from(c) + by).unwrap_or(c).to_string()
}

/// The letter of the mathematical alphabet of fixed width.
fn monospace(c: char) -> String {
    match c {
        'A'..='Z' => shifted(c, 0x1d670 - 0x41),
        'a'..='z' => shifted(c, 0x1d68a - 0x61),
        '0'..='9' => shifted(c, 0x1d7f6 - 0x30),
        _ => c.to_string(),
    }
}

/// The letter of another script that looks like `c`.
fn other(c: char, these: &str, those: &str) -> String {
    these.chars().zip(those.chars()).find(|(from, _)| *from == c).map_or(c, |(_, to)| to).to_string()
}

/// `mark` after every fifth character.
fn spread(text: &str, mark: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join(mark)
}

fn xxd(bytes: &[u8]) -> String {
    let row = |(n, row): (usize, &[u8])| {
        let byte = |b: &u8| format!("{b:02x}");
        let pairs: Vec<String> =
            row.chunks(2).map(|pair| pair.iter().map(byte).collect::<Vec<_>>().concat()).collect();
        let shown: String =
            row.iter().map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '.' }).collect();
        format!("{:08x}: {:<39}  {shown}", n * 16, pairs.join(" "))
    };
    bytes.chunks(16).enumerate().map(row).collect::<Vec<_>>().join("\n")
}

fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(5) {
        let mut all = [0; 8];
        all[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(all);
        let digits = (group.len() * 8).div_ceil(5);
        for n in 0..8 {
            let digit = fakes::BASE32.as_bytes()[(bits >> (35 - 5 * n) & 31) as usize];
            out.push(if n < digits { char::from(digit) } else { '=' });
        }
    }
    out
}

fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<usize> = Vec::new();
    for byte in bytes {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    digits.iter().rev().map(|d| char::from(BASE58[*d])).collect()
}

fn base85(bytes: &[u8], digit: impl Fn(usize) -> char) -> String {
    let mut out = String::new();
    for group in bytes.chunks(4) {
        let mut all = [0; 4];
        all[..group.len()].copy_from_slice(group);
        let number = u32::from_be_bytes(all) as usize;
        let five = [4, 3, 2, 1, 0].map(|power| number / 85_usize.pow(power) % 85);
        out.extend(five.iter().take(group.len() + 1).map(|v| digit(*v)));
    }
    out
}

fn uuencode(bytes: &[u8]) -> String {
    let digit = |v: u8| if v == 0 { '`' } else { char::from(b' ' + v) };
    let line = |line: &[u8]| {
        let mut out = digit(line.len() as u8).to_string();
        for group in line.chunks(3) {
            let [a, b, c] = [0, 1, 2].map(|n| group.get(n).copied().unwrap_or(0));
            out.extend([a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63].map(digit));
        }
        out
    };
    bytes.chunks(45).map(line).collect::<Vec<_>>().join("\n")
}
