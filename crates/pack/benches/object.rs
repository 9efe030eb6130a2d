//! How fast one object of a pack is made: inflating a stream, applying a delta.
//!
//! `cargo bench -p stopleak-pack --bench object`. The object is source text of a few sizes; its delta copies
//! nearly all of a base and inserts a line every so often, as the next version of a file does.

#![expect(clippy::unwrap_used, reason = "a bench that cannot start has nothing to say")]
#![allow(dead_code, unreachable_pub, reason = "modules of the library, of which a bench uses a part")]

use std::io::Write;

use divan::Bencher;
use divan::counter::BytesCount;

#[path = "../src/delta.rs"]
mod delta;
#[path = "../src/inflate.rs"]
mod inflate;
#[path = "../src/oid.rs"]
mod oid;
#[path = "../src/problem.rs"]
mod problem;

fn main() {
    divan::main();
}

const SIZES: [usize; 3] = [1 << 10, 16 << 10, 256 << 10];

/// Source text of so many bytes: this crate's own, over and over.
fn text(size: usize) -> Vec<u8> {
    const OWN: &str = concat!(include_str!("../src/delta.rs"), include_str!("../src/inflate.rs"));
    OWN.bytes().cycle().take(size).collect()
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[divan::bench(args = SIZES)]
fn inflate_libdeflate(bencher: Bencher, size: usize) {
    let stream = deflated(&text(size));
    let mut out = vec![0; size];
    let mut inflater = inflate::Inflater::new();
    bencher.counter(BytesCount::new(size)).bench_local(|| inflater.inflate(&stream, &mut out).unwrap());
}

/// The streaming decoder, which large objects need.
#[divan::bench(args = SIZES)]
fn inflate_zlib_rs(bencher: Bencher, size: usize) {
    let stream = deflated(&text(size));
    bencher.counter(BytesCount::new(size)).bench_local(|| {
        let mut stream = inflate::Stream::new(stream.as_slice(), size as u64);
        std::io::copy(&mut stream, &mut std::io::sink()).unwrap()
    });
}

fn number(mut n: usize, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// A delta against `base` that inserts a line after each two kilobytes, and the size of its result.
fn delta_of(base: &[u8]) -> (Vec<u8>, usize) {
    let line = b"    let inserted = line();\n";
    let mut code = Vec::new();
    let mut size = 0;
    for from in (0..base.len()).step_by(2048) {
        let len = (base.len() - from).min(2048);
        code.push(0x80 | 0x0f | 0x30);
        code.extend((from as u32).to_le_bytes());
        code.extend(&(len as u32).to_le_bytes()[..2]);
        code.push(line.len() as u8);
        code.extend(line);
        size += len + line.len();
    }
    let mut delta = Vec::new();
    number(base.len(), &mut delta);
    number(size, &mut delta);
    delta.extend(code);
    (delta, size)
}

#[divan::bench(args = SIZES)]
fn apply_delta(bencher: Bencher, size: usize) {
    let base = text(size);
    let (delta, size) = delta_of(&base);
    let delta = delta::Delta::parse(&delta).unwrap();
    let (mut out, mut copies) = (vec![0; size], Vec::new());
    bencher.counter(BytesCount::new(size)).bench_local(|| delta.apply(&base, &mut out, &mut copies).unwrap());
}
