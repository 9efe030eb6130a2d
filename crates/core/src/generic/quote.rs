//! Literals: the quotes that files write, plain, escaped, as entities, typographic.

use std::ops::Range;

/// Longest value that is read.
pub(super) const MAX_VALUE: usize = 1400;

/// Quotes as files write them, the longest first where one begins another.
const QUOTES: [&[u8]; 16] = [
    b"\"\"\"",
    b"'''",
    b"\\\\\\\"",
    b"\\\"",
    b"\\'",
    b"&quot;",
    b"&#34;",
    b"&#39;",
    b"&apos;",
    b"\"",
    b"'",
    b"`",
    "\u{201c}".as_bytes(),
    "\u{201d}".as_bytes(),
    "\u{2018}".as_bytes(),
    "\u{2019}".as_bytes(),
];

/// Whether `text` ends so in either case; `tail` is lower case.
pub(super) fn ends_folded(text: &[u8], tail: &[u8]) -> bool {
    text.len() >= tail.len() && text[text.len() - tail.len()..].eq_ignore_ascii_case(tail)
}

pub(super) fn quote_at(t: &[u8], p: usize) -> Option<&'static [u8]> {
    let rest = t.get(p..)?;
    // Nearly always the first byte says that there is none.
    let begins = matches!(rest.first()?, b'"' | b'\'' | b'\\' | b'&' | b'`' | 0xe2);
    begins.then(|| QUOTES.into_iter().find(|q| rest.starts_with(q)))?
}

pub(super) fn quote_before(t: &[u8], p: usize) -> Option<&'static [u8]> {
    let ends = matches!(t[..p].last()?, b'"' | b'\'' | b';' | b'`' | 0x80..);
    ends.then(|| QUOTES.into_iter().find(|q| t[..p].ends_with(q)))?
}

/// What closes a literal that this opened.
pub(super) fn closer(open: &'static [u8]) -> &'static [u8] {
    if open == "\u{201c}".as_bytes() {
        "\u{201d}".as_bytes()
    } else if open == "\u{2018}".as_bytes() {
        "\u{2019}".as_bytes()
    } else {
        open
    }
}

/// A literal at `p`, prefix and all: the range of its text.
pub(super) fn literal(t: &[u8], p: usize) -> Option<Range<usize>> {
    let mut p = p;
    if let Some(text) = percent(t, p) {
        return Some(text);
    }
    // Erlang's binaries: <<"x">>
    if t.get(p..p + 3) == Some(b"<<\"") {
        p += 2;
    }
    // b"", r"", u"", f"", L"", N'', @"", $"", &"", :"", #""#
    let prefix = t[p.min(t.len())..].iter().take(3).take_while(|b| b"bBrRuUfFLN@$&#".contains(b)).count();
    if quote_at(t, p).is_none() {
        if prefix == 0 {
            return None;
        }
        p += prefix;
    }
    let open = quote_at(t, p)?;
    let close = closer(open);
    let start = p + open.len();
    let mut i = start;
    let single = open.len() == 1;
    while i < t.len() && i - start <= MAX_VALUE {
        if t[i] == b'\n' && open.len() != 3 {
            return None;
        }
        if t[i..].starts_with(close) {
            // '' and "" inside SQL and CSV literals are too rare to matter.
            if open.len() == 3 {
                let text = &t[start..i];
                let from = start + (text.len() - text.trim_ascii_start().len());
                return Some(from..from + text.trim_ascii().len());
            }
            return Some(start..i);
        }
        if single && t[i] == b'\\' && t[p] != b'`' {
            i += 1;
        }
        i += 1;
    }
    None
}

/// `%q(x)` of Ruby, `q{x}` and `qq(x)` of Perl: the range of the text.
fn percent(t: &[u8], p: usize) -> Option<Range<usize>> {
    let rest = t.get(p..)?;
    let mark = match rest {
        [b'%', b'q' | b'Q', b'(' | b'{' | b'[', ..] | [b'q', b'q', b'{', ..] => 2,
        [b'q', b'{', ..] => 1,
        _ => return None,
    };
    let open = p + mark;
    let close = match t[open] {
        b'(' => b')',
        b'{' => b'}',
        _ => b']',
    };
    let body = &t[open + 1..];
    let end = body.iter().take(MAX_VALUE).position(|&b| b == close || b == b'\n')?;
    (body[end] == close && end > 0).then_some(open + 1..open + 1 + end)
}
