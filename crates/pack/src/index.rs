//! Pack indexes: which object is where in a pack.
//!
//! Versions 1 and 2 of `gitformat-pack(5)`, with offsets of 64 bits and hashes of either length. The tables'
//! lengths and the checksum at the end are verified when an index is opened, so that look-ups need
//! no further trust than bounds.

use std::io;
use std::path::Path;

use crate::hash::Hash;
use crate::map::Map;
use crate::midx::Row;
use crate::oid::ObjectId;
use crate::problem::Why;

const FANOUT: usize = 256 * 4;

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    map: Map,
    hash_len: usize,
    count: u32,
    fanout_at: usize,
    /// Where the first name is, and how far apart names are.
    names_at: usize,
    stride: usize,
    /// Where the tables of version 2 are.
    v2: Option<Tables>,
}

#[derive(Debug)]
struct Tables {
    /// `None`: nobody knows the checksums of entries.
    crc: Option<usize>,
    short: usize,
    long: usize,
    long_count: usize,
}

/// Why an index could not be opened.
pub(crate) enum OpenError {
    Io(io::Error),
    Bad(Why),
}

impl Index {
    pub(crate) fn open(path: &Path, hash: Hash) -> Result<Self, OpenError> {
        let map = Map::open(path).map_err(OpenError::Io)?;
        Self::parse(map, hash).map_err(OpenError::Bad)
    }

    fn parse(map: Map, hash: Hash) -> Result<Self, Why> {
        let hash_len = hash.len();
        let bytes: &[u8] = &map;
        let v2 = bytes.starts_with(b"\xfftOc");
        if v2 && be32(bytes, 4) != Some(2) {
            return Err(Why::IndexFormat);
        }
        let fanout_at = if v2 { 8 } else { 0 };
        let mut count = 0;
        for bucket in 0..256 {
            let upto = be32(bytes, fanout_at + bucket * 4).ok_or(Why::IndexTruncated)?;
            if upto < count {
                return Err(Why::IndexTable);
            }
            count = upto;
        }
        let n = count as usize;
        let start = fanout_at + FANOUT;
        let fixed = n * (hash_len + if v2 { 8 } else { 4 }) + start + 2 * hash_len;
        let long = bytes.len().checked_sub(fixed).ok_or(Why::IndexTruncated)?;
        if long % 8 != 0 || (long > 0 && !v2) {
            return Err(Why::IndexTruncated);
        }
        let body = bytes.len() - hash_len;
        if hash.plain(&bytes[..body]).as_bytes() != &bytes[body..] {
            return Err(Why::IndexChecksum);
        }
        let crc = start + n * hash_len;
        let tables = v2.then_some(Tables {
            crc: Some(crc),
            short: crc + n * 4,
            long: crc + n * 8,
            long_count: long / 8,
        });
        let (names_at, stride) = if v2 { (start, hash_len) } else { (start + 4, hash_len + 4) };
        Ok(Self { map, hash_len, count, fanout_at, names_at, stride, v2: tables })
    }

    /// An index made of what a multi-pack index says of a pack: rows sorted by name.
    pub(crate) fn of_rows(rows: &[Row<'_>], pack_checksum: &[u8], hash: Hash) -> Self {
        let (n, hash_len) = (rows.len(), hash.len());
        let mut bytes = Vec::with_capacity(FANOUT + n * (hash_len + 4) + 2 * hash_len);
        for bucket in 0..=u8::MAX {
            let upto = rows.partition_point(|(name, _)| name[0] <= bucket) as u32;
            bytes.extend(upto.to_be_bytes());
        }
        for (name, _) in rows {
            bytes.extend_from_slice(name);
        }
        let mut long = Vec::new();
        for &(_, offset) in rows {
            let short = u32::try_from(offset).ok().filter(|short| short & 0x8000_0000 == 0);
            bytes.extend(short.unwrap_or(0x8000_0000 | (long.len() / 8) as u32).to_be_bytes());
            if short.is_none() {
                long.extend(offset.to_be_bytes());
            }
        }
        let short = FANOUT + n * hash_len;
        let tables = Tables { crc: None, short, long: short + n * 4, long_count: long.len() / 8 };
        bytes.extend(long);
        bytes.extend_from_slice(pack_checksum);
        bytes.extend_from_slice(hash.plain(&bytes).as_bytes());
        Self {
            map: Map::from(bytes),
            hash_len,
            count: n as u32,
            fanout_at: 0,
            names_at: FANOUT,
            stride: hash_len,
            v2: Some(tables),
        }
    }

    /// How many objects the index names.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// The checksum of the pack that this index was made for.
    pub(crate) fn pack_checksum(&self) -> &[u8] {
        let end = self.map.len() - self.hash_len;
        &self.map[end - self.hash_len..end]
    }

    /// The checksum of the index itself.
    pub(crate) fn checksum(&self) -> &[u8] {
        &self.map[self.map.len() - self.hash_len..]
    }

    /// The raw name of the object at `pos`, which must be below `count`.
    pub(crate) fn name(&self, pos: u32) -> &[u8] {
        let at = self.names_at + pos as usize * self.stride;
        &self.map[at..at + self.hash_len]
    }

    /// The name of the object at `pos`, which must be below `count`.
    pub(crate) fn id(&self, pos: u32) -> ObjectId {
        ObjectId::from_raw(self.name(pos))
    }

    /// Where the object at `pos` begins in the pack. `None`: the table of long offsets has no such row.
    pub(crate) fn offset(&self, pos: u32) -> Option<u64> {
        let Some(tables) = &self.v2 else {
            return be32(&self.map, self.names_at - 4 + pos as usize * self.stride).map(u64::from);
        };
        let short = be32(&self.map, tables.short + pos as usize * 4)?;
        if short & 0x8000_0000 == 0 {
            return Some(u64::from(short));
        }
        let row = (short & 0x7fff_ffff) as usize;
        if row >= tables.long_count {
            return None;
        }
        let at = tables.long + row * 8;
        Some(u64::from(be32(&self.map, at)?) << 32 | u64::from(be32(&self.map, at + 4)?))
    }

    /// The CRC-32 of the object's entry in the pack. Version 1 has none, nor has a multi-pack index.
    pub(crate) fn crc(&self, pos: u32) -> Option<u32> {
        let crc = self.v2.as_ref()?.crc?;
        be32(&self.map, crc + pos as usize * 4)
    }

    /// The position of the object of this name.
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        if name.len() != self.hash_len {
            return None;
        }
        let bucket = usize::from(name[0]);
        let mut low = if bucket == 0 { 0 } else { be32(&self.map, self.fanout_at + bucket * 4 - 4)? };
        let mut high = be32(&self.map, self.fanout_at + bucket * 4)?;
        // Names are random, so the next bytes of the name tell about where in the bucket it is. A few guesses
        // do what a dozen halvings would; halving stays for names that somebody chose.
        let key = be32(name, 1).map_or(0, u64::from);
        let (mut least, mut most) = (0u64, 1 << 32);
        for step in 0.. {
            if low >= high {
                return None;
            }
            let mid = if step < 3 {
                let share = u64::from(high - low) * key.saturating_sub(least) / (most - least).max(1);
                low + (share as u32).min(high - low - 1)
            } else {
                low + (high - low) / 2
            };
            match self.name(mid).cmp(name) {
                std::cmp::Ordering::Equal => return Some(mid),
                std::cmp::Ordering::Less => {
                    low = mid + 1;
                    least = be32(self.name(mid), 1).map_or(least, u64::from);
                }
                std::cmp::Ordering::Greater => {
                    high = mid;
                    most = be32(self.name(mid), 1).map_or(most, u64::from);
                }
            }
            if most < least {
                (least, most) = (0, 1 << 32); // unsorted names: a forged index
            }
        }
        None
    }
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}
