//! Where in a raw commit or tag object a match is.
//!
//! The whole raw object is scanned, because a secret can hide after a NUL byte or in a header that no tool
//! shows. A reader wants to know which part it was, and message lines counted as `git log` shows them.

use stopleak_core::Position;
use stopleak_report::Where;

/// What kind of object the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw {
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

/// The part of a raw object that holds the byte at `offset`, and the lines that stand before that part:
/// subtract them from a position in the object.
pub(crate) fn part(raw: &[u8], kind: Raw, offset: usize) -> (Where, u64) {
    let message = match kind {
        Raw::Commit => Where::CommitMessage,
        Raw::Tag => Where::TagMessage,
    };
    let body = raw.windows(2).position(|w| w == b"\n\n").map_or(raw.len(), |at| at + 2);
    if offset >= body {
        return (message, raw[..body].split(|&b| b == b'\n').count() as u64 - 1);
    }
    let start = raw[..offset.min(raw.len())].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let person =
        [&b"author "[..], b"committer ", b"tagger "].iter().any(|name| raw[start..].starts_with(name));
    (if person { Where::Author } else { message }, 0)
}

/// A position with `lines` fewer above it.
pub(crate) fn shift(position: Position, lines: u64) -> Position {
    Position { line: position.line.saturating_sub(lines).max(1), ..position }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_commit_is_told_apart() {
        let raw = b"tree 1\nauthor A <a@b> 1 +0000\nx-note N\n\nsubject\n\nbody\n";
        let at = |needle: &[u8]| raw.windows(needle.len()).position(|w| w == needle).unwrap();
        let cases: [(&[u8], Where, u64); 4] = [
            (b"A <a", Where::Author, 0),
            (b"N\n", Where::CommitMessage, 0),
            (b"subject", Where::CommitMessage, 4),
            (b"body", Where::CommitMessage, 4),
        ];
        for (needle, place, lines) in cases {
            assert_eq!(part(raw, Raw::Commit, at(needle)), (place, lines));
        }
        let at = |line| Position { line, column: 1, character: 1 };
        assert_eq!(shift(at(7), 4), at(3));
    }

    #[test]
    fn an_object_without_a_message_is_all_headers() {
        assert_eq!(part(b"object 1\ntagger T <t@b>", Raw::Tag, 15), (Where::Author, 0));
        assert_eq!(part(b"", Raw::Tag, 3), (Where::TagMessage, 0));
    }
}
