//! How fast the built-in rules look at text, and what more of them cost.
//!
//! `cargo bench -p stopleak-config --bench rules`. The text is this workspace's own source, or the files below
//! the folder named by `STOPLEAK_BENCH_TEXT`. Each bench runs with eighty of the built-in rules and with all
//! of them; the reference is aho-corasick as a DFA over the anchors of all. All in one run, so the ratios hold
//! on a busy machine too.

#![expect(clippy::unwrap_used, reason = "a bench that cannot start has nothing to say")]

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use divan::Bencher;
use divan::counter::BytesCount;
use stopleak_config::builtin_rules;
use stopleak_core::{Detector, Rule};

fn main() {
    divan::main();
}

/// A few rules, as many as another tool may have.
const FEW: usize = 80;
const COUNTS: [usize; 2] = [FEW, usize::MAX];

/// At most so many bytes of text.
const MOST: usize = 128 << 20;

static TEXTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = env::var_os("STOPLEAK_BENCH_TEXT");
    let mut texts = Vec::new();
    let mut room = MOST;
    match &folder {
        Some(folder) => gather(Path::new(folder), &mut texts, &mut room),
        None => gather(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")), &mut texts, &mut room),
    }
    texts
});

fn gather(dir: &Path, texts: &mut Vec<Vec<u8>>, room: &mut usize) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            gather(&entry.path(), texts, room);
        } else if kind.is_file()
            && let Some(left) = room.checked_sub(entry.metadata().unwrap().len() as usize)
        {
            *room = left;
            texts.push(fs::read(entry.path()).unwrap());
        }
    }
}

fn bytes() -> BytesCount {
    BytesCount::new(TEXTS.iter().map(Vec::len).sum::<usize>())
}

/// So many of the built-in rules, spread over all.
fn rules(count: usize) -> Cow<'static, [Rule]> {
    let all = builtin_rules();
    if count >= all.len() {
        return all.into();
    }
    all.iter().step_by(all.len() / count).take(count).cloned().collect::<Vec<_>>().into()
}

fn detector(count: usize) -> Detector {
    Detector::trusted(rules(count))
}

#[divan::bench(args = COUNTS, sample_count = 20)]
fn start_up(bencher: Bencher, count: usize) {
    bencher.with_inputs(|| rules(count)).bench_values(Detector::trusted);
}

#[divan::bench(args = COUNTS, sample_count = 5, sample_size = 1)]
fn prefilter(bencher: Bencher, count: usize) {
    let detector = detector(count);
    bencher.counter(bytes()).bench(|| TEXTS.iter().map(|t| detector.count_anchors(t)).sum::<usize>());
}

/// The prefilter of all rules by the code that a processor has.
#[divan::bench(args = ["avx2", "sse4.1", "neon", "portable"], sample_count = 5, sample_size = 1)]
fn screen(bencher: Bencher, name: &str) {
    if let Some(detector) = Detector::on(rules(usize::MAX), name) {
        bencher.counter(bytes()).bench(|| TEXTS.iter().map(|t| detector.count_anchors(t)).sum::<usize>());
    }
}

#[divan::bench(args = COUNTS, sample_count = 5, sample_size = 1)]
fn whole_scan(bencher: Bencher, count: usize) {
    let detector = detector(count);
    bencher.counter(bytes()).bench(|| TEXTS.iter().map(|t| detector.scan(t).matches.len()).sum::<usize>());
}

/// Looking for wrapped text, and unwrapping it; what is looked for by the prefilter is left out.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn views(bencher: Bencher) {
    bencher.counter(bytes()).bench(|| TEXTS.iter().map(|t| stopleak_core::views::count(t)).sum::<usize>());
}

#[divan::bench(args = COUNTS, sample_count = 5, sample_size = 1)]
fn aho_corasick_dfa(bencher: Bencher, count: usize) {
    let rules = rules(count);
    let mut anchors: Vec<&str> = rules.iter().flat_map(|r| r.anchors.iter().map(|a| &*a.text)).collect();
    anchors.sort_unstable();
    anchors.dedup();
    let reference = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(anchors)
        .unwrap();
    bencher
        .counter(bytes())
        .bench(|| TEXTS.iter().map(|t| reference.find_overlapping_iter(t).count()).sum::<usize>());
}
