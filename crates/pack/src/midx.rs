//! Multi-pack indexes, for packs that have no index of their own.
//!
//! git keeps the index of a pack beside it, and those carry the checksums of entries, so they are what the store
//! reads. But git itself does without one where a multi-pack index names the pack, and then so must we. One file
//! covers all packs, or a chain of files, each covering packs that came later. See `gitformat-pack(5)`.
//!
//! An object that lies in several packs has one row, for one of them. So the rows of a pack are not all
//! that is in it, but every object that a multi-pack index names can be read by them.

use std::path::Path;

use crate::hash::Hash;
use crate::map::Map;
use crate::problem::{Problem, Why};

/// The multi-pack index of one objects directory.
#[derive(Debug)]
pub(crate) struct MultiIndex {
    files: Vec<File>,
}

/// A name and where the object begins in the pack.
pub(crate) type Row<'a> = (&'a [u8], u64);

#[derive(Debug)]
struct File {
    map: Map,
    hash_len: usize,
    /// The names of the packs' indexes, in order.
    packs: Vec<Vec<u8>>,
    count: usize,
    names: usize,
    places: usize,
    long: Option<(usize, usize)>,
}

impl MultiIndex {
    /// Opens what lies in the folder `pack`, as far as it can be read; the rest are problems.
    pub(crate) fn open(folder: &Path, hash: Hash) -> (Self, Vec<Problem>) {
        let mut paths = vec![folder.join("multi-pack-index")];
        let chain = folder.join("multi-pack-index.d");
        let mut problems = Vec::new();
        match std::fs::read_to_string(chain.join("multi-pack-index-chain")) {
            Ok(list) => paths.extend(
                list.lines()
                    .filter(|line| !line.is_empty() && line.bytes().all(|b| b.is_ascii_hexdigit()))
                    .map(|line| chain.join(format!("multi-pack-index-{line}.midx"))),
            ),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(_) => problems.push(Problem::file(Why::Io, &chain)),
        }
        let mut files = Vec::new();
        for path in paths {
            match Self::file(&path, hash) {
                Ok(file) => files.extend(file),
                Err(why) => problems.push(Problem::file(why, &path)),
            }
        }
        (Self { files }, problems)
    }

    fn file(path: &Path, hash: Hash) -> Result<Option<File>, Why> {
        match Map::open(path) {
            Ok(map) => File::parse(map, hash).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(Why::Io),
        }
    }

    /// The objects that are read from the pack beside which `index` would lie, sorted by name. `None`: the pack is
    /// in no multi-pack index.
    pub(crate) fn rows(&self, index: &Path) -> Option<Vec<Row<'_>>> {
        let name = index.file_name()?.as_encoded_bytes();
        self.files.iter().find_map(|file| {
            let pack = file.packs.iter().position(|pack| pack == name)?;
            Some(file.rows(pack as u32))
        })
    }
}

impl File {
    fn parse(map: Map, hash: Hash) -> Result<Self, Why> {
        let bytes: &[u8] = &map;
        let hash_len = hash.len();
        let head = bytes.get(..12).ok_or(Why::IndexTruncated)?;
        let version = if hash_len == 32 { 2 } else { 1 };
        if &head[..4] != b"MIDX" || !(1..=2).contains(&head[4]) || head[5] != version {
            return Err(Why::IndexFormat);
        }
        let body = bytes.len().checked_sub(hash_len).ok_or(Why::IndexTruncated)?;
        if hash.plain(&bytes[..body]).as_bytes() != &bytes[body..] {
            return Err(Why::IndexChecksum);
        }
        let chunks = usize::from(head[6]);
        let mut spans = [None; 5];
        for chunk in 0..chunks {
            let row = 12 + chunk * 12;
            let name = bytes.get(row..row + 4).ok_or(Why::IndexTruncated)?;
            let (from, to) = (be64(bytes, row + 4), be64(bytes, row + 16));
            let (from, to) = from.zip(to).ok_or(Why::IndexTruncated)?;
            if from > to || to > body {
                return Err(Why::IndexTable);
            }
            let known: [&[u8]; 5] = [b"PNAM", b"OIDF", b"OIDL", b"OOFF", b"LOFF"];
            if let Some(at) = known.iter().position(|known| *known == name) {
                spans[at] = Some((from, to - from));
            }
        }
        let [Some(names), Some(fanout), Some(ids), Some(places), long] = spans else {
            return Err(Why::IndexTable);
        };
        let count = be32(bytes, fanout.0 + 255 * 4).filter(|_| fanout.1 >= 1024).ok_or(Why::IndexTable)?;
        let count = count as usize;
        if ids.1 < count * hash_len || places.1 < count * 8 {
            return Err(Why::IndexTable);
        }
        let packs = u32::from_be_bytes([head[8], head[9], head[10], head[11]]) as usize;
        let list = &bytes[names.0..names.0 + names.1];
        let packs: Vec<Vec<u8>> = list.split(|&b| b == 0).take(packs).map(<[u8]>::to_vec).collect();
        Ok(Self { hash_len, packs, count, names: ids.0, places: places.0, long, map })
    }

    fn rows(&self, pack: u32) -> Vec<Row<'_>> {
        let row = |at: usize| {
            let place = self.places + at * 8;
            if be32(&self.map, place)? != pack {
                return None;
            }
            let name = &self.map[self.names + at * self.hash_len..][..self.hash_len];
            // A row of the table of long offsets that is not there is outside of every pack.
            Some((name, self.offset(be32(&self.map, place + 4)?).unwrap_or(u64::MAX)))
        };
        (0..self.count).filter_map(row).collect()
    }

    fn offset(&self, short: u32) -> Option<u64> {
        match self.long {
            Some((at, len)) if short & 0x8000_0000 != 0 => {
                let row = (short & 0x7fff_ffff) as usize * 8;
                (row + 8 <= len).then(|| be64(&self.map, at + row)).flatten().map(|offset| offset as u64)
            }
            _ => Some(u64::from(short)),
        }
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn be64(bytes: &[u8], at: usize) -> Option<usize> {
    let eight = bytes.get(at..at.checked_add(8)?)?;
    usize::try_from(u64::from_be_bytes(eight.try_into().ok()?)).ok()
}
