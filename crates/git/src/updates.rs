//! The lines that git writes to the stdin of `pre-receive` and `pre-push`.
//!
//! Both parsers are strict: a line that git would never write means that something else feeds us, and
//! the scope is unknown. Accepting it and looking at less would be worse than refusing.

use crate::{Error, ObjectId};

/// One line of `pre-receive`: a ref goes from `old` to `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Where the ref was; null when it is created.
    pub old: ObjectId,
    /// Where it shall go; null when it is deleted.
    pub new: ObjectId,
    /// Its full name.
    pub name: Vec<u8>,
}

/// One line of `pre-push`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushLine {
    /// What is pushed, as the user named it; `(delete)` for a deletion.
    pub local_ref: Vec<u8>,
    /// The object that is pushed; null for a deletion.
    pub local_id: ObjectId,
    /// The ref on the other side.
    pub remote_ref: Vec<u8>,
    /// Where that ref was; null when it is new. The object may be unknown here.
    pub remote_id: ObjectId,
}

/// Reads the stdin of `pre-receive`: lines of `old SP new SP ref LF`.
pub fn parse_updates(stdin: &[u8]) -> Result<Vec<RefUpdate>, Error> {
    let mut width = None;
    lines(stdin)
        .map(|(line, text)| {
            let [old, new, name] = fields(line, text)?;
            let (old, new) = (id(line, old, &mut width)?, id(line, new, &mut width)?);
            check_ref_name(name).map_err(|what| Error::BadInput { line, what })?;
            Ok(RefUpdate { old, new, name: name.to_vec() })
        })
        .collect()
}

/// Reads the stdin of `pre-push`: lines of `local-ref SP local-id SP remote-ref SP remote-id LF`.
pub fn parse_push_lines(stdin: &[u8]) -> Result<Vec<PushLine>, Error> {
    let mut width = None;
    lines(stdin)
        .map(|(line, text)| {
            // The local side is what the user typed (`HEAD~2`, `:/some words`), so it may hold spaces.
            let mut parts = text.rsplitn(4, |&b| b == b' ');
            let missing = Error::BadInput { line, what: "it should have four fields" };
            let (Some(remote_id), Some(remote_ref), Some(local_id), Some(local_ref)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(missing);
            };
            let remote_id = id(line, remote_id, &mut width)?;
            let local_id = id(line, local_id, &mut width)?;
            check_ref_name(remote_ref).map_err(|what| Error::BadInput { line, what })?;
            if local_ref.is_empty() {
                return Err(Error::BadInput { line, what: "the local ref is empty" });
            }
            Ok(PushLine {
                local_ref: local_ref.to_vec(),
                local_id,
                remote_ref: remote_ref.to_vec(),
                remote_id,
            })
        })
        .collect()
}

/// Numbered lines without their LF. A last line without LF is given a NUL, which no field accepts.
fn lines(stdin: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    stdin.split_inclusive(|&b| b == b'\n').enumerate().map(|(i, raw)| {
        let text = raw.strip_suffix(b"\n").unwrap_or(b"\0");
        (i + 1, text)
    })
}

/// Splits at exactly two spaces.
fn fields(line: usize, text: &[u8]) -> Result<[&[u8]; 3], Error> {
    if text == b"\0" {
        return Err(Error::BadInput { line, what: "it does not end with a line feed" });
    }
    let mut parts = text.splitn(3, |&b| b == b' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(a), Some(b), Some(c)) => Ok([a, b, c]),
        _ => Err(Error::BadInput { line, what: "it should have three fields" }),
    }
}

fn id(line: usize, hex: &[u8], width: &mut Option<usize>) -> Result<ObjectId, Error> {
    let id = ObjectId::from_hex(hex)
        .filter(|_| !hex.iter().any(u8::is_ascii_uppercase))
        .ok_or(Error::BadInput { line, what: "an object id is not 40 or 64 hex digits" })?;
    if *width.get_or_insert(hex.len()) != hex.len() {
        return Err(Error::BadInput { line, what: "object ids have different lengths" });
    }
    Ok(id)
}

/// The rules of `git check-ref-format`, without needing a slash.
fn check_ref_name(name: &[u8]) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("the ref name is empty");
    }
    if name.iter().any(|&b| b < 0x20 || b == 0x7f || b" ~^:?*[\\".contains(&b)) {
        return Err("the ref name holds a byte that git forbids");
    }
    let bad_part = |part: &[u8]| part.is_empty() || part[0] == b'.' || part.ends_with(b".lock");
    if name.split(|&b| b == b'/').any(bad_part)
        || name.ends_with(b".")
        || name == b"@"
        || name.windows(2).any(|w| w == b".." || w == b"@{")
    {
        return Err("the ref name is not one that git allows");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const Z: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn reads_what_git_writes() {
        let text = format!("{Z} {A} refs/heads/main\n{A} {Z} refs/tags/v1\n");
        let updates = parse_updates(text.as_bytes()).unwrap();
        assert_eq!(updates.len(), 2);
        assert!(updates[0].old.is_null() && !updates[0].new.is_null());
        assert_eq!(updates[1].name, b"refs/tags/v1");
        assert_eq!(parse_updates(b"").unwrap(), []);
    }

    #[test]
    fn refuses_anything_else() {
        let long = "1".repeat(64);
        for text in [
            "garbage\n".to_owned(),
            "\n".to_owned(),
            format!("{A} {A} refs/heads/x"),
            format!("{A} {A}\n"),
            format!("{A}  {A} refs/heads/x\n"),
            format!("{A} {A} refs/heads/x \n"),
            format!("{A} {A} refs/heads/x\r\n"),
            format!("{A} {A} refs/heads/x\0\n"),
            format!("{A} {long} refs/heads/x\n"),
            format!("{A} {}g refs/heads/x\n", &A[1..]),
            format!("{A} {} refs/heads/x\n", "A".repeat(40)),
            format!("{A} {A} refs/heads/../x\n"),
            format!("{A} {A} refs/heads//x\n"),
            format!("{A} {A} refs/heads/x.lock\n"),
            format!("{A} {A} -x y\n"),
            format!("{A} {A} \n"),
            format!("{A} {A} refs/heads/a\n\n{A} {A} refs/heads/b\n"),
        ] {
            assert!(parse_updates(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_push_line_may_name_its_source_with_spaces() {
        let text = format!(":/fix the bug {A} refs/heads/main {Z}\n(delete) {Z} refs/heads/old {A}\n");
        let lines = parse_push_lines(text.as_bytes()).unwrap();
        assert_eq!(lines[0].local_ref, b":/fix the bug");
        assert!(lines[1].local_id.is_null());
        for bad in
            [format!("x {A} refs/heads/main {Z}"), format!("{A} refs/heads/main {Z}\n"), "\n".to_owned()]
        {
            assert!(parse_push_lines(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
