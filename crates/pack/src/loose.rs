//! Loose objects: one compressed file each, below a folder named by the first byte of the id.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::hash::Hash;
use crate::inflate::{Inflater, Stream, plausible};
use crate::map::Map;
use crate::object::Kind;
use crate::oid::ObjectId;
use crate::problem::Why;

/// The longest header there is: kind, space, 20 digits, NUL.
const HEADER: usize = 32;
/// Files above this are mapped, below read.
const SMALL: u64 = 1 << 18;

/// The file's bytes.
enum Bytes {
    Read(Vec<u8>),
    Mapped(Map),
}

/// A loose object whose header was read.
pub(crate) struct Loose {
    bytes: Bytes,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    header: usize,
}

/// Where the loose object of this name would be.
pub(crate) fn path(dir: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    dir.join(&hex[..2]).join(&hex[2..])
}

/// The names of all loose objects in an objects directory, sorted, and whether a folder could not be listed.
pub(crate) fn list(dir: &Path, hash: Hash) -> (Vec<ObjectId>, Vec<PathBuf>) {
    let (mut ids, mut unreadable) = (Vec::new(), Vec::new());
    let mut hex = Vec::with_capacity(64);
    for first in folders(dir) {
        let folder = dir.join(format!("{first:02x}"));
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => {
                unreadable.push(folder);
                continue;
            }
        };
        for entry in entries {
            let Ok(entry) = entry else {
                unreadable.push(folder.clone());
                break;
            };
            hex.clear();
            hex.extend(format!("{first:02x}").bytes());
            hex.extend(entry.file_name().as_encoded_bytes());
            let lower = !hex.iter().any(u8::is_ascii_uppercase);
            if hex.len() == 2 * hash.len()
                && lower
                && let Some(id) = ObjectId::from_hex(&hex)
            {
                ids.push(id);
            }
        }
    }
    ids.sort_unstable();
    (ids, unreadable)
}

/// The first bytes of names that have a folder; all, when the folders cannot be listed. A push that brings three
/// objects has three, and looking for 256 would be half the work of reading it.
fn folders(dir: &Path) -> Vec<u8> {
    let names = fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let Ok(names) = names else { return (0..=255).collect() };
    let digits = |name: &fs::DirEntry| {
        let name = name.file_name();
        let name = name.to_str().filter(|n| n.len() == 2 && !n.bytes().any(|b| b.is_ascii_uppercase()))?;
        u8::from_str_radix(name, 16).ok()
    };
    let mut found: Vec<u8> = names.iter().filter_map(digits).collect();
    found.sort_unstable();
    found
}

/// Opens the loose object in `dir`. `Ok(None)`: there is none.
pub(crate) fn open(dir: &Path, id: &ObjectId) -> Result<Option<Loose>, Why> {
    let path = path(dir, id);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(_) => return Err(Why::Io),
    };
    let len = file.metadata().map_err(|_| Why::Io)?.len();
    let bytes = if len <= SMALL {
        let mut bytes = Vec::with_capacity(len as usize + 1);
        Read::by_ref(&mut file).take(SMALL + 1).read_to_end(&mut bytes).map_err(|_| Why::Io)?;
        Bytes::Read(bytes)
    } else {
        Bytes::Mapped(Map::open(&path).map_err(|_| Why::Io)?)
    };
    Loose::new(bytes).map(Some)
}

/// A loose object of at most `limit` bytes. `None` where there is none, and where it or anything about it is odd:
/// who wants to know more asks somebody else.
pub fn small(dir: &Path, id: &ObjectId, limit: u64) -> Option<(Kind, Vec<u8>)> {
    let loose = open(dir, id).ok()??;
    let content = loose.content(&mut Inflater::new(), limit).ok()?;
    Some((loose.kind, content))
}

impl Loose {
    fn new(bytes: Bytes) -> Result<Self, Why> {
        let mut loose = Self { bytes, kind: Kind::Blob, size: 0, header: 0 };
        // The size is not known yet, so "all of it" is asked for and the end does not matter.
        let mut stream = Stream::new(loose.raw(), u64::MAX);
        let mut head = [0; HEADER];
        let mut filled = 0;
        while filled < HEADER {
            match stream.read(&mut head[filled..]) {
                Ok(0) | Err(_) => break,
                Ok(made) => filled += made,
            }
        }
        if filled == 0 {
            return Err(stream.failed.unwrap_or(Why::Inflate));
        }
        let head = &head[..filled];
        let end = head.iter().position(|&b| b == 0).ok_or(Why::LooseFormat)?;
        let space = head[..end].iter().position(|&b| b == b' ').ok_or(Why::LooseFormat)?;
        let digits = &head[space + 1..end];
        let honest = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        let size = std::str::from_utf8(digits).ok().filter(|_| honest).and_then(|d| d.parse().ok());
        loose.kind = Kind::from_name(&head[..space]).ok_or(Why::LooseFormat)?;
        loose.size = size.ok_or(Why::LooseFormat)?;
        loose.header = end + 1;
        Ok(loose)
    }

    fn raw(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Read(bytes) => bytes,
            Bytes::Mapped(map) => map,
        }
    }

    /// The whole content, if it is no larger than `limit`.
    pub(crate) fn content(&self, inflater: &mut Inflater, limit: u64) -> Result<Vec<u8>, Why> {
        if self.size > limit {
            return Err(Why::TooLarge);
        }
        if !plausible(self.size, self.raw().len()) {
            return Err(Why::SizeMismatch);
        }
        let mut all = vec![0; self.header + self.size as usize];
        inflater.inflate(self.raw(), &mut all)?;
        all.drain(..self.header);
        Ok(all)
    }

    /// A reader of the content.
    pub(crate) fn stream(&self) -> Result<Stream<&[u8]>, Why> {
        let size = self.size.checked_add(self.header as u64).ok_or(Why::SizeMismatch)?;
        let mut stream = Stream::new(self.raw(), size);
        stream.read_exact(&mut [0; HEADER][..self.header]).map_err(|_| Why::Inflate)?;
        Ok(stream)
    }
}
