//! Private-key blocks, from their BEGIN line to their END line, however they are wrapped.
//!
//! A key travels in many clothes: a file with LF or CRLF, one line of JSON or an environment file with
//! `\n` escapes (once or twice escaped), an indented YAML block, pieces of a string joined by `+`, a
//! comment. This module undresses the text that follows an anchor, byte by byte, and stops at the first
//! thing that no key has. A BEGIN without a plausible body (`...`, a placeholder, a regular expression, a
//! sentence) is no secret.
//!
//! The secret is the block in one canonical form, so that the same key has one fingerprint in all its
//! clothes.

use std::ops::Range;

/// How far in front of the anchor a block may begin: the dashes.
pub(crate) const BEFORE: usize = 8;
/// How far after its first byte a block may reach.
pub(crate) const REACH: usize = 64 << 10;

/// Fewest base64 digits of a body with an END line; an Ed25519 key in PKCS#8 has 64.
const LEAST_BODY: usize = 60;
/// Fewest of a body that is cut off.
const LEAST_CUT_BODY: usize = 256;
/// Fewest different digits in a body.
const LEAST_DIGITS: usize = 20;

/// A private key in the input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeyBlock {
    /// From the first dash to the last.
    pub span: Range<usize>,
    /// The block in its canonical form.
    pub text: Vec<u8>,
    /// Whether its END was seen.
    pub complete: bool,
}

/// Reads the block at an anchor, which is in its first line.
pub(crate) fn key_block(hay: &[u8], anchor: Range<usize>) -> Option<KeyBlock> {
    let limit = hay.len().min(anchor.start + REACH);
    let hay = &hay[..limit];
    if hay[anchor.start..].starts_with(PUTTY) {
        return putty(hay, anchor.start);
    }
    let start = begin(hay, anchor.start)?;
    armoured(hay, start)
}

/// The start of the dashes in front of `BEGIN`.
fn begin(hay: &[u8], anchor: usize) -> Option<usize> {
    let dashes = hay[anchor..].iter().take_while(|&&b| b == b'-').count();
    let word = anchor + dashes + usize::from(hay.get(anchor + dashes) == Some(&b' '));
    if !hay[word..].starts_with(b"BEGIN ") {
        return None;
    }
    let back = hay[..anchor].iter().rev().take(BEFORE).take_while(|&&b| b == b'-').count();
    (dashes + back >= 4).then_some(anchor - back)
}

/// A block between BEGIN and END.
fn armoured(hay: &[u8], start: usize) -> Option<KeyBlock> {
    let label_start = start + find(&hay[start..(start + 32).min(hay.len())], b"BEGIN ")? + 6;
    let label_end = label_start
        + find(&hay[label_start..(label_start + 64).min(hay.len())], b"-----")
            .or_else(|| find(&hay[label_start..(label_start + 64).min(hay.len())], b" ----"))?;
    let label = &hay[label_start..label_end];
    let is_private = label.iter().all(|&b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b' ')
        && find(label, b"PRIVATE KEY").is_some();
    if !is_private {
        return None;
    }
    let tail = hay[label_end..].iter().take_while(|&&b| b == b'-' || b == b' ').count();
    let mut reader = Reader { hay, at: label_end + tail };
    let mut body = Body::default();
    let (end, complete) = loop {
        let before = reader.at;
        match reader.next() {
            // Five dashes end the body: END, or the BEGIN of something else.
            Some(b'-') if hay[before..].starts_with(b"----") => match end_line(hay, before, label) {
                Some(end) => break (end, true),
                None => break (before, false),
            },
            Some(b) if body.push(b) => {}
            _ => break (before, false),
        }
    };
    let text = body.finish(label, complete)?;
    Some(KeyBlock { span: start..end, text, complete })
}

/// The end of an END line for `label` that begins at `at`.
fn end_line(hay: &[u8], at: usize, label: &[u8]) -> Option<usize> {
    let rest = &hay[at..];
    let dashes = rest.iter().take_while(|&&b| b == b'-').count();
    let mut pos = dashes + usize::from(rest.get(dashes) == Some(&b' '));
    for word in [b"END ".as_slice(), label] {
        pos += rest[pos..].starts_with(word).then_some(word.len())?;
    }
    pos += rest[pos..].iter().take_while(|&&b| b == b' ').count();
    let closing = rest[pos..].iter().take(5).take_while(|&&b| b == b'-').count();
    (closing >= 4).then_some(at + pos + closing)
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(hay, needle)
}

/// The lines between BEGIN and END.
#[derive(Default)]
struct Body {
    lines: Vec<Line>,
    line: Line,
}

#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
    /// It has a colon or a dash: not base64.
    header: bool,
    colon: bool,
}

impl Body {
    /// Takes one undressed byte; `false` for what no key has.
    fn push(&mut self, b: u8) -> bool {
        let line = &mut self.line;
        match b {
            // Blanks end a line of digits (some tools join lines with spaces) but not a header.
            b' ' | b'\t' if line.colon => line.bytes.push(b' '),
            b'\n' | b' ' | b'\t' => self.end_line(),
            _ if is_base64(b) => line.bytes.push(b),
            // Dashes are in the names of headers only: `DEK-Info`.
            b'-' => {
                line.header = true;
                line.bytes.push(b);
            }
            // Headers: `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG v2 (…)`.
            b':' if !line.colon => {
                line.header = true;
                line.colon = true;
                line.bytes.push(b);
                return line.bytes[0].is_ascii_uppercase() && line.bytes.len() < 20;
            }
            b'!'..=b'~' if line.colon => line.bytes.push(b),
            _ => return false,
        }
        !self.line.header || self.line.bytes.len() < 400
    }

    fn end_line(&mut self) {
        if !self.line.bytes.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }

    /// The canonical block, where the body is plausible.
    fn finish(mut self, label: &[u8], complete: bool) -> Option<Vec<u8>> {
        self.end_line();
        let (headers, digits): (Vec<_>, Vec<_>) = self.lines.into_iter().partition(|l| l.header);
        let digits: Vec<Vec<u8>> = digits.into_iter().map(|l| l.bytes).collect();
        // The words of a sentence are short. Only the last line of a body is, and PGP's `=abcd`.
        let short = digits.iter().filter(|l| l.len() < 16).count();
        let total: usize = digits.iter().map(Vec::len).sum();
        let mut seen = [false; 256];
        digits.iter().flatten().for_each(|&b| seen[usize::from(b)] = true);
        let different = seen.iter().filter(|&&s| s).count();
        let least = if complete { LEAST_BODY } else { LEAST_CUT_BODY };
        if total < least || different < LEAST_DIGITS || short > 2 + digits.len() / 8 {
            return None;
        }
        let mut text = Vec::with_capacity(total + total / 32 + 128);
        mark(&mut text, b"BEGIN ", label);
        for header in &headers {
            text.extend_from_slice(&header.bytes);
            text.push(b'\n');
        }
        if find(label, b"PGP").is_some() {
            text.push(b'\n');
            for line in &digits {
                text.extend_from_slice(line);
                text.push(b'\n');
            }
        } else {
            if !headers.is_empty() {
                text.push(b'\n');
            }
            let all: Vec<u8> = digits.concat();
            for line in all.chunks(64) {
                text.extend_from_slice(line);
                text.push(b'\n');
            }
        }
        if complete {
            mark(&mut text, b"END ", label);
        }
        Some(text)
    }
}

fn mark(text: &mut Vec<u8>, word: &[u8], label: &[u8]) {
    for part in [b"-----", word, label, b"-----\n"] {
        text.extend_from_slice(part);
    }
}

const PUTTY: &[u8] = b"PuTTY-User-Key-File-";

/// A PuTTY key file, from its first line to its MAC.
fn putty(hay: &[u8], start: usize) -> Option<KeyBlock> {
    if !(hay.get(start + PUTTY.len())?.is_ascii_digit() && hay.get(start + PUTTY.len() + 1) == Some(&b':')) {
        return None;
    }
    let mut reader = Reader { hay, at: start };
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut line = Vec::new();
    let mut end = start;
    loop {
        let next = reader.next();
        match next {
            Some(b @ b' '..=b'~') if line.len() < 256 => {
                line.push(b);
                end = reader.at;
            }
            Some(b'\n') if line.is_empty() => {}
            _ => {
                let is_base64 = line.iter().all(|&b| is_base64(b));
                let again = !lines.is_empty() && line.starts_with(PUTTY);
                if again || !(is_base64 || line.contains(&b':')) {
                    break;
                }
                let last = line.starts_with(b"Private-MAC:");
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                if last || next != Some(b'\n') {
                    break;
                }
            }
        }
    }
    let private = lines.iter().position(|l| l.starts_with(b"Private-Lines:"))?;
    let complete = lines.last().is_some_and(|l| l.starts_with(b"Private-MAC:"));
    let body = lines[private + 1..].iter().take_while(|l| !l.contains(&b':')).flatten();
    if body.count() < 40 {
        return None;
    }
    let mut text = lines.join(&b'\n');
    text.push(b'\n');
    Some(KeyBlock { span: start..end, text, complete })
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// Reads text with its clothes off: escapes, joined pieces of strings, margins of lines.
struct Reader<'h> {
    hay: &'h [u8],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let b = *self.hay.get(self.at)?;
        match b {
            b'\\' => self.escape(),
            b'\r' => {
                self.at += 1 + usize::from(self.hay.get(self.at + 1) == Some(&b'\n'));
                self.margin();
                Some(b'\n')
            }
            b'\n' => {
                self.at += 1;
                self.margin();
                Some(b'\n')
            }
            b'"' | b'\'' | b'`' => self.join(b),
            b'<' | b'&' => self.markup(),
            _ => {
                self.at += 1;
                Some(b)
            }
        }
    }

    /// A line's end in HTML or XML.
    fn markup(&mut self) -> Option<u8> {
        const ENDS: &[&[u8]] = &[
            b"<br>", b"<br/>", b"<br />", b"</p><p>", b"&#10;", b"&#xA;", b"&#xa;", b"&#13;", b"&#xD;",
            b"&#xd;",
        ];
        let rest = &self.hay[self.at..];
        let end = ENDS.iter().find(|end| rest.starts_with(end))?;
        self.at += end.len();
        self.at += usize::from(self.hay.get(self.at) == Some(&b'\n'));
        self.margin();
        Some(b'\n')
    }

    /// Skips what editors and mail put in front of a line: blanks and a comment mark.
    fn margin(&mut self) {
        self.blanks(64);
        // Quotes in quotes have a mark for each.
        for _ in 0..3 {
            if !self.mark() {
                break;
            }
        }
    }

    /// Skips a mark and the blanks behind it.
    fn mark(&mut self) -> bool {
        let rest = &self.hay[self.at..];
        let marks = rest.iter().take(4).take_while(|b| b"#>|*;".contains(b)).count();
        let slashes = if rest.starts_with(b"// ") || rest.starts_with(b"//\t") { 2 } else { 0 };
        self.at += marks.max(slashes);
        let any = marks.max(slashes) > 0;
        if any {
            self.blanks(64);
        }
        any
    }

    fn blanks(&mut self, most: usize) {
        self.at += self.hay[self.at..].iter().take(most).take_while(|&&b| b == b' ' || b == b'\t').count();
    }

    /// `\n`, `\\n`, `\r`, `\t`, `\/`, `\u000a`, `\x2b`, and a backslash at a line's end.
    fn escape(&mut self) -> Option<u8> {
        let slashes = self.hay[self.at..].iter().take(8).take_while(|&&b| b == b'\\').count();
        let kind = *self.hay.get(self.at + slashes)?;
        let after = self.at + slashes + 1;
        let (value, next) = match kind {
            b'n' | b'r' | b'\n' => (b'\n', after),
            b't' => (b' ', after),
            b'/' => (b'/', after),
            b'\r' => (b'\n', after + usize::from(self.hay.get(after) == Some(&b'\n'))),
            b'u' | b'x' => {
                let digits = if kind == b'u' { 4 } else { 2 };
                let text = self.hay.get(after..after + digits)?;
                let value = text.iter().try_fold(0u32, |n, &b| Some(n * 16 + char::from(b).to_digit(16)?))?;
                (u8::try_from(value).ok()?, after + digits)
            }
            // A quote inside a string inside a string.
            b'"' | b'\'' => {
                self.at += slashes;
                return self.join(kind);
            }
            _ => return None,
        };
        self.at = next;
        if value == b'\n' || value == b'\r' {
            if matches!(kind, b'\n' | b'\r') {
                self.margin();
            }
            return Some(b'\n');
        }
        Some(value)
    }

    /// The gap between two pieces of a string: `" + "`, `",` newline `"`, `" \` newline `"`.
    fn join(&mut self, quote: u8) -> Option<u8> {
        let mut at = self.at + 1;
        let most = (at + 160).min(self.hay.len());
        while at < most {
            match self.hay[at] {
                b if b == quote => {
                    self.at = at + 1;
                    return Some(b'\n');
                }
                b' ' | b'\t' | b'\r' | b'\n' | b'+' | b'.' | b'&' | b',' | b'\\' | b'~' | b'|' => at += 1,
                _ => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
