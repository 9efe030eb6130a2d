//! Archives with one member, for the cases of the evaluation.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// A zip archive with one deflated member.
pub(super) fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail; if it did, the archive would be empty and the case be missed.
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let small = |n: usize| (n as u32).to_le_bytes();
    let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 33, 88];
    common.extend(crc.sum().to_le_bytes());
    common.extend(small(packed.len()));
    common.extend(small(bytes.len()));
    common.extend([name.len() as u8, 0, 0, 0]);

    let mut out = [b"PK\x03\x04", &common[..], name.as_bytes(), &packed].concat();
    let directory = out.len();
    out.extend([b"PK\x01\x02\x14\0", &common[..], &[0; 14], name.as_bytes()].concat());
    let size = out.len() - directory;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend([small(size), small(directory)].concat());
    out.extend([0, 0]);
    out
}

/// A tar archive with one file.
pub(super) fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut head = [0; 512];
    let mut put = |at: usize, text: &[u8]| head[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", bytes.len()).as_bytes());
    put(148, b"        ");
    put(156, b"0ustar\x0000");
    let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let padding = bytes.len().next_multiple_of(512) - bytes.len();
    [&head, bytes, &vec![0; padding + 1024]].concat()
}
