//! What a shallow clone does not have.
//!
//! git ends every walk at the commits that it lists in `shallow`, without a word: their parents were never
//! fetched. A scan that promises a history must say where it was cut.

use std::collections::HashSet;

use crate::{Error, ObjectId, Repo};

impl Repo {
    /// Commits that name a parent and were cut off from it, in all of the repository or in `range`, which must be
    /// one that [`Repo::range`] took.
    pub fn cut_off(&self, range: Option<&str>) -> Result<Vec<ObjectId>, Error> {
        let mut cut = self.shallow()?;
        if cut.is_empty() {
            return Ok(cut);
        }
        if let Some(range) = range {
            let mut args = vec!["rev-list", "--end-of-options"];
            args.extend(range.split_ascii_whitespace());
            args.push("--");
            let listed = self.git().output(&args)?;
            let walked: HashSet<ObjectId> =
                listed.split(|&b| b == b'\n').filter_map(ObjectId::from_hex).collect();
            cut.retain(|id| walked.contains(id));
        }
        let mut named = Vec::new();
        for id in cut {
            // A commit that cannot be read is a gap of its own.
            let raw = self.content(id)?.into_bytes().unwrap_or_default();
            let mut headers = raw.split(|&b| b == b'\n').take_while(|line| !line.is_empty());
            if headers.any(|line| line.starts_with(b"parent ")) {
                named.push(id);
            }
        }
        Ok(named)
    }

    /// Commits whose parents were never fetched.
    pub(crate) fn shallow(&self) -> Result<Vec<ObjectId>, Error> {
        if !self.is_shallow() {
            return Ok(Vec::new());
        }
        let unexpected = |what: &[u8]| Error::Unexpected {
            command: "shallow".to_owned(),
            what: String::from_utf8_lossy(what).into_owned(),
        };
        match std::fs::read(self.git_path("shallow")?) {
            Ok(text) => text
                .split(|&b| b == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| ObjectId::from_hex(line).ok_or_else(|| unexpected(line)))
                .collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(unexpected(error.to_string().as_bytes())),
        }
    }
}
