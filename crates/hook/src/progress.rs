//! A progress line, on a terminal and for long work only.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use stopleak_report::Source;

use crate::pipeline::files::Progress;
use crate::session::Session;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(700);
/// How often the line changes.
const BEAT: Duration = Duration::from_millis(120);

/// Whether to show a line.
pub(crate) fn show(session: &Session, source: Source) -> bool {
    let long = matches!(source, Source::Files | Source::History | Source::Range);
    long && !session.common.no_progress && !session.common.quiet && io::stderr().is_terminal()
}

/// Runs `work`, showing a line meanwhile if `wanted`.
pub(crate) fn with<T: Send>(wanted: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !wanted {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| draw(progress, &done));
        let result = work();
        done.store(true, Ordering::Relaxed);
        thread.thread().unpark();
        result
    })
}

fn draw(progress: &Progress, done: &AtomicBool) {
    let started = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while !done.load(Ordering::Relaxed) {
        std::thread::park_timeout(BEAT);
        if started.elapsed() < PATIENCE {
            continue;
        }
        let bar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        });
        let items = progress.items.load(Ordering::Relaxed);
        let bytes = progress.bytes.load(Ordering::Relaxed);
        let findings = progress.findings.load(Ordering::Relaxed);
        let millis = started.elapsed().as_millis().max(1) as u64;
        bar.set_message(format!(
            "{items} objects, {} ({}/s), {}, {} s",
            stopleak_report::text::bytes_text(bytes),
            stopleak_report::text::bytes_text(bytes.saturating_mul(1000) / millis),
            stopleak_report::text::count(findings as usize, "finding"),
            millis / 1000,
        ));
        bar.tick();
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}
