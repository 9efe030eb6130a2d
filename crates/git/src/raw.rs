//! Reads the output of `diff-index` and `diff-tree` with `--raw -z`.

use crate::plumbing::Pieces;
use crate::{Error, ObjectId};

/// Flags that pin what these commands print, whatever the configuration says.
pub(crate) const FLAGS: &[&str] = &[
    "--raw",
    "-r",
    "-z",
    "--no-renames",
    "--no-abbrev",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
    "--no-relative",
    "--no-color",
];

/// One piece of the output.
pub(crate) enum Item {
    /// `diff-tree --stdin`: the entries that follow are this commit's.
    Commit(ObjectId),
    /// A changed path.
    Entry(Entry),
}

/// A path that differs from every parent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Mode and object in each parent; mode 0 where the path is not there.
    pub(crate) olds: Vec<(u32, ObjectId)>,
    pub(crate) mode: u32,
    pub(crate) new: ObjectId,
    pub(crate) status: u8,
    pub(crate) path: Vec<u8>,
}

impl Entry {
    /// Whether no parent has anything at this path.
    pub(crate) fn is_new_path(&self) -> bool {
        self.mode != 0 && self.olds.iter().all(|&(mode, _)| mode == 0)
    }

    /// Whether there is a blob now. A gitlink names a commit of another repository.
    pub(crate) fn is_blob(&self) -> bool {
        is_blob(self.mode)
    }

    /// The blobs it replaces.
    pub(crate) fn bases(&self) -> impl Iterator<Item = ObjectId> {
        self.olds.iter().filter(|&&(mode, _)| is_blob(mode)).map(|&(_, id)| id)
    }
}

fn is_blob(mode: u32) -> bool {
    matches!(mode & 0o170_000, 0o100_000 | 0o120_000)
}

/// The next piece, `None` at a good end.
pub(crate) fn next(running: &mut impl Pieces, buffer: &mut Vec<u8>) -> Result<Option<Item>, Error> {
    if !running.next_until(0, buffer)? {
        return Ok(None);
    }
    if buffer.first() != Some(&b':') {
        return match ObjectId::from_hex(buffer) {
            Some(id) => Ok(Some(Item::Commit(id))),
            None => Err(unexpected(running, buffer)),
        };
    }
    let Some(mut entry) = parse(buffer) else {
        return Err(unexpected(running, buffer));
    };
    if !running.next_until(0, buffer)? || buffer.is_empty() {
        return Err(running.unexpected("a change without a path".to_owned()));
    }
    entry.path = std::mem::take(buffer);
    Ok(Some(Item::Entry(entry)))
}

fn unexpected(running: &impl Pieces, text: &[u8]) -> Error {
    running.unexpected(format!("{:?} for a change", String::from_utf8_lossy(&text[..text.len().min(80)])))
}

/// Reads `:100644 100644 <old> <new> M`; with several parents as many colons, modes and ids.
fn parse(text: &[u8]) -> Option<Entry> {
    let parents = text.iter().take_while(|&&b| b == b':').count();
    let mut words = text[parents..].split(|&b| b == b' ');
    let mut modes = Vec::with_capacity(parents + 1);
    for _ in 0..=parents {
        modes.push(u32::from_str_radix(std::str::from_utf8(words.next()?).ok()?, 8).ok()?);
    }
    let mut ids = Vec::with_capacity(parents + 1);
    for _ in 0..=parents {
        ids.push(ObjectId::from_hex(words.next()?)?);
    }
    let status = *words.next()?.last()?;
    let (mode, new) = (modes.pop()?, ids.pop()?);
    let olds = modes.into_iter().zip(ids).collect();
    words.next().is_none().then_some(Entry { olds, mode, new, status, path: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";

    #[test]
    fn reads_one_parent_and_several() {
        let one = parse(format!(":100644 120000 {A} {B} T").as_bytes()).unwrap();
        assert_eq!((one.olds.len(), one.mode, one.status), (1, 0o120_000, b'T'));
        let two = parse(format!("::100644 000000 100644 {A} {A} {B} MA").as_bytes()).unwrap();
        assert_eq!(two.olds.len(), 2);
        assert_eq!(two.bases().count(), 1);
        assert!(!two.is_new_path());
    }

    #[test]
    fn refuses_anything_else() {
        for bad in [
            ":",
            ":100644",
            ":100644 100644 x y M",
            "",
            &format!(":100644 100644 {A} {B}"),
            &format!(":9 1 {A} {B} M"),
        ] {
            assert!(parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
