//! How fast anchors are found and candidates confirmed.
//!
//! `cargo bench -p stopleak-core --bench find`. The text is this workspace's own source, repeated to
//! 16 MB, or the file named by `STOPLEAK_BENCH_TEXT`. The anchors are of the shapes and numbers of the
//! built-in rules: vendors' prefixes and their names. The reference is aho-corasick as a DFA over the same
//! anchors.

#![expect(clippy::unwrap_used, reason = "a bench that cannot start has nothing to say")]

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use divan::Bencher;
use divan::counter::BytesCount;
use stopleak_core::{Anchor, Confidence, Detector, Engine, Rule, Severity, ValueClass};

fn main() {
    divan::main();
}

static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut text = Vec::new();
    match std::env::var_os("STOPLEAK_BENCH_TEXT") {
        Some(file) => text = fs::read(file).unwrap(),
        None => gather(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")), &mut text),
    }
    let once = text.clone();
    while text.len() < 16 << 20 {
        text.extend_from_slice(&once);
    }
    text.truncate(16 << 20);
    text
});

fn gather(dir: &Path, text: &mut Vec<u8>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(&path, text);
        } else if path.extension().is_some_and(|e| e == "rs") {
            text.extend(fs::read(&path).unwrap());
        }
    }
}

/// Eight hundred rules: for two in three a prefix of four to eight bytes, for the others a name.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut state = 1u32;
    let mut next = move |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % n
    };
    (0..800)
        .map(|i| {
            let is_prefix = i % 3 != 0;
            let len = if is_prefix { 3 + next(4) } else { 6 + next(6) };
            let mut text: String =
                (0..len).map(|_| char::from(b"etaoinsrhldcumfpgwybvkxjqz"[next(14) + next(13)])).collect();
            if is_prefix {
                text.push('_');
            }
            let pattern = if is_prefix {
                format!(r"\b({text}[0-9A-Za-z]{{36}})\b")
            } else {
                format!(
                    r#"(?i){text}[\w .-]{{0,24}}["']?\s{{0,3}}(?:=|:|=>|,)\s{{0,3}}["']?([0-9a-f]{{32}})\b"#
                )
            };
            rule(Anchor { text: text.into(), fold: !is_prefix }, pattern)
        })
        .collect()
});

fn rule(anchor: Anchor, pattern: String) -> Rule {
    Rule {
        id: anchor.text.clone(),
        vendor: "bench".into(),
        name: "".into(),
        what: "".into(),
        severity: Severity::High,
        confidence: Confidence::High,
        anchors: vec![anchor].into(),
        engine: Engine::Pattern,
        pattern: pattern.into(),
        value: ValueClass::Token,
        verify: None,
        min_entropy: 3.0,
        publishable: false,
        measured: Cow::Borrowed(&[]),
        examples: Cow::Borrowed(&[]),
        tags: Cow::Borrowed(&[]),
        rotate: "".into(),
        source: "".into(),
    }
}

fn detector() -> Detector {
    Detector::trusted(Cow::Borrowed(RULES.as_slice()))
}

#[divan::bench]
fn start_up(bencher: Bencher) {
    LazyLock::force(&RULES);
    bencher.bench(detector);
}

#[divan::bench]
fn prefilter(bencher: Bencher) {
    let detector = detector();
    let text = &*TEXT;
    bencher.counter(BytesCount::of_slice(text)).bench(|| detector.count_anchors(text));
}

#[divan::bench]
fn aho_corasick_dfa(bencher: Bencher) {
    let anchors = RULES.iter().map(|r| r.anchors[0].text.as_bytes());
    let reference = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(anchors)
        .unwrap();
    let text = &*TEXT;
    bencher.counter(BytesCount::of_slice(text)).bench(|| reference.find_overlapping_iter(text).count());
}

/// Looking for wrapped text, and unwrapping it.
#[divan::bench]
fn views(bencher: Bencher) {
    let text = &*TEXT;
    bencher.counter(BytesCount::of_slice(text)).bench(|| stopleak_core::views::count(text));
}

#[divan::bench]
fn whole_scan(bencher: Bencher) {
    let detector = detector();
    let text = &*TEXT;
    bencher.counter(BytesCount::of_slice(text)).bench(|| detector.scan(text));
}

/// A file of nothing but tokens: a match every fifty bytes.
#[divan::bench]
fn confirm(bencher: Bencher) {
    let detector = detector();
    let prefix = RULES.iter().map(|r| &r.anchors[0]).find(|a| !a.fold).map(|a| a.text.clone()).unwrap();
    let text: Vec<u8> =
        (0..10_000).flat_map(|i| format!("{prefix}{:036} \n", i * 7_919_u128.pow(8)).into_bytes()).collect();
    bencher.counter(BytesCount::of_slice(&text)).bench(|| detector.scan(&text));
}
