//! Which lines of a file no older version had.
//!
//! A line counts as added when the older version holds it less often: lines that both begin and end with
//! are matched first, the rest is compared as multisets. That differs from a diff in one way: a line that only
//! moved is not new. It cannot hide a secret, because a line in the older version was there before. It needs
//! no diff algorithm, so there is nothing to configure and no input on which it is slow: one pass over
//! each version, whatever the size.
//!
//! Line ends are not compared: adding the missing one at the end of a file, or changing all of them, makes no
//! old secret new.

use std::collections::HashMap;
use std::ops::Range;

/// Past so many lines in both versions (a file of nothing but line feeds) their places cost more memory than
/// the answer is worth.
const MAX_LINES: usize = 4_000_000;

/// Whether the comparison would cost too much memory.
pub(crate) fn too_many_lines(old: &[u8], new: &[u8]) -> bool {
    // Fewer bytes than that cannot hold more lines; counting is only for the others.
    old.len() + new.len() > MAX_LINES
        && memchr::memchr_iter(b'\n', old).count() + memchr::memchr_iter(b'\n', new).count() > MAX_LINES
}

/// The byte ranges of `new` on lines that `old` does not have: whole lines, sorted, apart.
pub(crate) fn added_lines(old: &[u8], new: &[u8]) -> Vec<Range<usize>> {
    let (olds, news) = (lines(old), lines(new));
    let prefix = olds.iter().zip(&news).take_while(|(a, b)| old[(*a).clone()] == new[(*b).clone()]).count();
    let (olds, news) = (&olds[prefix..], &news[prefix..]);
    let suffix = olds.iter().rev().zip(news.iter().rev());
    let suffix = suffix.take_while(|(a, b)| old[(*a).clone()] == new[(*b).clone()]).count();
    let (olds, news) = (&olds[..olds.len() - suffix], &news[..news.len() - suffix]);

    let mut counts: HashMap<&[u8], u32> = HashMap::with_capacity(olds.len());
    for line in olds {
        *counts.entry(&old[line.clone()]).or_default() += 1;
    }
    let mut added: Vec<Range<usize>> = Vec::new();
    for line in news {
        match counts.get_mut(&new[line.clone()]) {
            Some(left) if *left > 0 => *left -= 1,
            _ => push(&mut added, line.start..end_of_line(new, line.end)),
        }
    }
    added
}

/// What is in both: a merge adds a line when no parent has it.
pub(crate) fn intersect(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    let (mut i, mut j, mut both) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (start, end) = (x.start.max(y.start), x.end.min(y.end));
        if start < end {
            push(&mut both, start..end);
        }
        if x.end < y.end { i += 1 } else { j += 1 }
    }
    both
}

/// What is in either: a blob that comes at two places is new where it is new at one.
pub(crate) fn union(a: Vec<Range<usize>>, b: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut all = a;
    all.extend(b);
    all.sort_by_key(|r| r.start);
    let mut merged = Vec::with_capacity(all.len());
    for range in all {
        push(&mut merged, range);
    }
    merged
}

/// Lines without their LF or CR LF.
fn lines(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text).chain((!text.ends_with(b"\n")).then_some(text.len())) {
        let stop = if end > start && text[end - 1] == b'\r' { end - 1 } else { end };
        found.push(start..stop);
        start = end + 1;
    }
    if text.is_empty() {
        found.clear();
    }
    found
}

fn end_of_line(text: &[u8], mut end: usize) -> usize {
    for wanted in *b"\r\n" {
        end += usize::from(text.get(end) == Some(&wanted));
    }
    end
}

fn push(ranges: &mut Vec<Range<usize>>, next: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end >= next.start => last.end = last.end.max(next.end),
        _ => ranges.push(next),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(old: &str, new: &str) -> Vec<String> {
        added_lines(old.as_bytes(), new.as_bytes()).into_iter().map(|r| new[r].to_owned()).collect()
    }

    #[test]
    fn says_which_lines_are_new() {
        for (old, new, want) in [
            ("", "a\nb\n", vec!["a\nb\n"]),
            ("a\n", "a\nb\n", vec!["b\n"]),
            ("a\nc\n", "a\nb\nc\n", vec!["b\n"]),
            ("a\nb\n", "b\na\n", vec![]),
            ("a\n", "a\na\n", vec!["a\n"]),
            ("a", "a\nb", vec!["b"]),
            ("a\nb", "a\r\nb\r\n", vec![]),
            ("a\nb\nc\n", "x\nb\ny\n", vec!["x\n", "y\n"]),
            ("a\n", "", vec![]),
            ("same", "same", vec![]),
        ] {
            assert_eq!(text(old, new), want, "{old:?} {new:?}");
        }
    }

    #[test]
    fn a_file_of_line_feeds_is_too_much() {
        assert!(too_many_lines(&vec![b'\n'; MAX_LINES + 1], b""));
        assert!(!too_many_lines(&vec![b'a'; MAX_LINES + 1], b"\n"));
    }

    #[test]
    fn ranges_meet_and_join() {
        assert_eq!(intersect(&[0..5, 8..12], &[3..9, 20..21]), [3..5, 8..9]);
        assert_eq!(union(vec![0..2, 6..8], vec![2..4, 9..9]), [0..4, 6..8, 9..9]);
    }

    proptest! {
        #[test]
        fn a_line_that_the_old_version_lacks_is_added(old in "[abc\n\r]{0,40}", new in "[abcd\n\r]{0,40}") {
            let added = added_lines(old.as_bytes(), new.as_bytes());
            let had: std::collections::HashSet<&[u8]> = lines(old.as_bytes()).into_iter().map(|r| &old.as_bytes()[r]).collect();
            for line in lines(new.as_bytes()) {
                let covered = line.is_empty() || added.iter().any(|r| r.start <= line.start && line.end <= r.end);
                prop_assert!(covered || had.contains(&new.as_bytes()[line]));
            }
            for pair in added.windows(2) {
                prop_assert!(pair[0].end < pair[1].start);
            }
        }
    }
}
