//! Packs and indexes made by hand: what git would not write.

use std::collections::BTreeMap;
use std::io::Read;

use stopleak_pack::{Hash, Kind, ObjectId};

/// An index under construction.
#[derive(Default)]
pub struct Index {
    rows: BTreeMap<Vec<u8>, (u64, u32)>,
}

impl Index {
    pub fn add(&mut self, id: ObjectId, offset: u64, crc: u32) {
        self.rows.insert(id.as_bytes().to_vec(), (offset, crc));
    }

    /// Version 2.
    pub fn build(&self, hash: Hash, pack_checksum: &[u8]) -> Vec<u8> {
        let mut out = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=255u8 {
            let upto = self.rows.keys().filter(|name| name[0] <= first).count() as u32;
            out.extend(upto.to_be_bytes());
        }
        self.rows.keys().for_each(|name| out.extend(name));
        self.rows.values().for_each(|(_, crc)| out.extend(crc.to_be_bytes()));
        let mut long = Vec::new();
        for (offset, _) in self.rows.values() {
            if *offset < 0x8000_0000 {
                out.extend((*offset as u32).to_be_bytes());
            } else {
                out.extend((0x8000_0000u32 | (long.len() / 8) as u32).to_be_bytes());
                long.extend(offset.to_be_bytes());
            }
        }
        out.extend(long);
        out.extend(pack_checksum);
        out.extend(checksum(hash, &out));
        out
    }
}

/// The plain hash of bytes, as at the end of packs and indexes.
pub fn checksum(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    use sha1::Digest;
    match hash {
        Hash::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
        Hash::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
    }
}

/// An entry of a pack, taken apart.
pub struct Entry {
    pub kind: Option<Kind>,
    pub back: Option<usize>,
    pub base: Option<ObjectId>,
    pub data: Vec<u8>,
    pub end: usize,
}

pub fn entry(pack: &[u8], start: usize) -> Entry {
    let mut at = start;
    let first = pack[at];
    while pack[at] & 0x80 != 0 {
        at += 1;
    }
    at += 1;
    let (mut kind, mut back, mut base) = (None, None, None);
    match first >> 4 & 7 {
        6 => {
            let mut value = usize::from(pack[at] & 0x7f);
            while pack[at] & 0x80 != 0 {
                at += 1;
                value = (value + 1) << 7 | usize::from(pack[at] & 0x7f);
            }
            at += 1;
            back = Some(value);
        }
        7 => {
            base = ObjectId::from_bytes(&pack[at..at + 20]);
            at += 20;
        }
        number => kind = Some(Kind::ALL[usize::from(number) - 1]),
    }
    let mut decoder = flate2::bufread::ZlibDecoder::new(&pack[at..]);
    let mut data = Vec::new();
    decoder.read_to_end(&mut data).unwrap();
    let end = at + decoder.total_in() as usize;
    Entry { kind, back, base, data, end }
}

/// Applies a delta, plainly.
pub fn apply(delta: &[u8], base: &[u8]) -> Vec<u8> {
    let mut at = 0;
    for _ in 0..2 {
        while delta[at] & 0x80 != 0 {
            at += 1;
        }
        at += 1;
    }
    let mut out = Vec::new();
    while at < delta.len() {
        let op = delta[at];
        at += 1;
        if op & 0x80 == 0 {
            out.extend(&delta[at..at + usize::from(op)]);
            at += usize::from(op);
            continue;
        }
        let mut take = |bits: std::ops::Range<u8>| {
            let mut value = 0usize;
            for (place, bit) in bits.enumerate() {
                if op & (1 << bit) != 0 {
                    value |= usize::from(delta[at]) << (8 * place);
                    at += 1;
                }
            }
            value
        };
        let (from, len) = (take(0..4), take(4..7));
        let len = if len == 0 { 0x10000 } else { len };
        out.extend(&base[from..from + len]);
    }
    out
}

/// How an entry of a made pack holds its object.
pub enum Hold {
    Whole(Kind),
    /// A delta against the entry that begins so many bytes before.
    Back(u64),
    /// A delta against this object.
    Named(ObjectId),
}

/// A pack under construction.
pub struct Pack {
    pub bytes: Vec<u8>,
    pub index: Index,
    count: u32,
    hash: Hash,
}

impl Pack {
    pub fn new(hash: Hash) -> Self {
        Self { bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), index: Index::default(), count: 0, hash }
    }

    /// Adds an entry that states `size`, and gives its offset.
    pub fn add(&mut self, id: ObjectId, hold: &Hold, size: u64, data: &[u8]) -> u64 {
        let start = self.bytes.len();
        let number = match hold {
            Hold::Whole(kind) => Kind::ALL.iter().position(|k| k == kind).unwrap() as u8 + 1,
            Hold::Back(_) => 6,
            Hold::Named(_) => 7,
        };
        let mut byte = number << 4 | (size & 15) as u8;
        let mut rest = size >> 4;
        while rest > 0 {
            self.bytes.push(byte | 0x80);
            byte = (rest & 0x7f) as u8;
            rest >>= 7;
        }
        self.bytes.push(byte);
        match hold {
            Hold::Whole(_) => {}
            Hold::Back(back) => {
                let mut digits = vec![(back & 0x7f) as u8];
                let mut rest = back >> 7;
                while rest > 0 {
                    rest -= 1;
                    digits.push(0x80 | (rest & 0x7f) as u8);
                    rest >>= 7;
                }
                self.bytes.extend(digits.iter().rev());
            }
            Hold::Named(id) => self.bytes.extend(id.as_bytes()),
        }
        let mut encoder = flate2::bufread::ZlibEncoder::new(data, flate2::Compression::fast());
        encoder.read_to_end(&mut self.bytes).unwrap();
        self.index.add(id, start as u64, crc32fast::hash(&self.bytes[start..]));
        self.count += 1;
        start as u64
    }

    /// States one more entry than was added.
    pub fn count_one_more(&mut self) {
        self.count += 1;
    }

    /// Makes the index's CRCs fit the bytes as they are.
    pub fn refresh_crcs(&mut self) {
        let mut starts: Vec<u64> = self.index.rows.values().map(|(offset, _)| *offset).collect();
        starts.sort_unstable();
        for (offset, crc) in self.index.rows.values_mut() {
            let end =
                starts.iter().find(|start| *start > offset).map_or(self.bytes.len(), |end| *end as usize);
            *crc = crc32fast::hash(&self.bytes[*offset as usize..end]);
        }
    }

    /// Writes both files.
    pub fn write(mut self, dir: &std::path::Path, name: &str) {
        self.bytes[8..12].copy_from_slice(&self.count.to_be_bytes());
        let trailer = checksum(self.hash, &self.bytes);
        self.bytes.extend(&trailer);
        std::fs::create_dir_all(dir).unwrap();
        std::fs::write(dir.join(format!("pack-{name}.pack")), &self.bytes).unwrap();
        std::fs::write(dir.join(format!("pack-{name}.idx")), self.index.build(self.hash, &trailer)).unwrap();
    }
}

/// A size in a delta.
fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A delta that states these sizes.
pub fn delta(base: u64, result: u64, code: &[u8]) -> Vec<u8> {
    [varint(base), varint(result), code.to_vec()].concat()
}
