//! Values that stand before their names: `"x".equals(password)`, `setValue("x", forHTTPHeaderField: "X-API-Key")`.

use super::evidence as bit;
use super::grammar::Site;
use super::quote::{MAX_VALUE, quote_before};
use std::ops::Range;

/// The literal that comes before the name at `name`, where the form says that they belong together.
pub(super) fn value_before(t: &[u8], name: &Range<usize>) -> Option<Site> {
    let inner = quote_before(t, name.start).map_or(name.start, |q| name.start - q.len());
    let quoted = inner < name.start;
    // `@"name"` of Objective-C.
    let inner = inner - usize::from(quoted && t[..inner].ends_with(b"@"));
    let head = &t[..inner];
    // All of what may stand there ends so.
    matches!(head.last(), Some(b':' | b' ' | b'(' | b'=')).then_some(())?;
    let (end, bits) = if quoted {
        let label = [
            "forHTTPHeaderField:",
            "forHeader:",
            "forKey:",
            "forKey: ",
            "forHTTPHeaderField: ",
            "forHeader: ",
        ]
        .iter()
        .find_map(|l| head.strip_suffix(l.as_bytes()))?;
        let label = label.trim_ascii_end();
        (label.strip_suffix(b",").unwrap_or(label).trim_ascii_end().len(), 0)
    } else {
        let open = [&b".equals("[..], b".equalsIgnoreCase(", b" == ", b" === ", b"==", b".Equals("]
            .iter()
            .find_map(|c| head.strip_suffix(*c))?;
        (open.len(), bit::COMPARED)
    };
    let quote = *t[..end].last().filter(|b| matches!(b, b'"' | b'\''))?;
    let floor = (end - 1).saturating_sub(MAX_VALUE);
    let start = t[floor..end - 1].iter().rposition(|&b| b == quote || b == b'\n').map(|i| floor + i)?;
    if t[start] != quote || t[start - usize::from(start > 0)] == b'\\' || start + 1 >= end - 1 {
        return None;
    }
    Some(Site {
        name: name.clone(),
        value: start + 1..end - 1,
        bits: bits | bit::QUOTED,
        wrapper: None,
        inside: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_in_front_of_names() {
        for (text, name, want) in [
            ("if (\"one\".equals(password)) {", "password", Some("one")),
            ("if (\"one\" == password) {", "password", Some("one")),
            ("r.setValue(\"one\", forHTTPHeaderField: \"X-API-Key\")", "X-API-Key", Some("one")),
            ("[d setObject:@\"one\" forKey:@\"token\"];", "token", Some("one")),
            ("x = \"one\" + password", "password", None),
            ("equals(password)", "password", None),
        ] {
            let at = text.find(name).expect("the name");
            let found = value_before(text.as_bytes(), &(at..at + name.len()));
            assert_eq!(found.map(|s| &text[s.value]), want, "{text}");
        }
    }
}
