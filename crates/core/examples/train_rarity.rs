//! Makes `crates/core/src/prefilter/index/commonness.bin` from public text.
//!
//! ```text
//! cargo run --release -p stopleak-core --example train_rarity -- FOLDER… > crates/core/src/prefilter/index/commonness.bin
//! ```
//!
//! Counts every four bytes of every text file below the folders, of long files only the beginning, so that
//! one generated table does not stand for all text. What is written is rounded down to a power of two, for a
//! hash of four bytes without their case: nothing of the text can be told from it. The file in the repository was
//! made of the heads of twelve public repositories and the packages of `cargo xtask silent`, 227 MB.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[path = "../src/prefilter/index/slot.rs"]
mod slot;

/// Bytes of a file that are counted.
const MOST: usize = 256 << 10;
/// Counts are scaled to so many bytes.
const SCALE: u64 = 100_000_000;

fn files(dir: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files(&entry.path(), out)?;
        } else if entry.file_type()?.is_file() {
            out.push(entry.path());
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut paths = Vec::new();
    for root in env::args().skip(1) {
        files(Path::new(&root), &mut paths)?;
    }
    let mut counts = vec![0_u64; slot::CELLS * 32];
    let mut read = 0;
    for path in &paths {
        let text = fs::read(path)?;
        let text = &text[..text.len().min(MOST)];
        if text.contains(&0) {
            continue;
        }
        read += text.len() as u64;
        for window in text.windows(4) {
            let window = u32::from_le_bytes([window[0], window[1], window[2], window[3]]);
            counts[slot::cell(window) * 32 + slot::bit(window) as usize] += 1;
        }
    }
    let level = |n: u64| (n * SCALE / read.max(1) + 1).ilog2().min(15) as u8;
    let levels: Vec<u8> = counts.chunks(2).map(|pair| level(pair[0]) | level(pair[1]) << 4).collect();
    io::stdout().lock().write_all(&levels)
}
