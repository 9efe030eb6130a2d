//! A progress line, on a terminal and for long work only.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use stopleak_report::Source;

use crate::pipeline::files::{Progress, Stage};
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
    let mut counted: Option<Instant> = None;
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
        let total = progress.total.load(Ordering::Relaxed);
        let seconds = started.elapsed().as_secs();
        if items == 0 || progress.stage() == Stage::Origins {
            counted = Some(Instant::now());
            bar.set_message(format!("{}, {seconds} s", doing(progress.stage())));
            bar.tick();
            continue;
        }
        // Rates are those of the scan, not of what was done before it.
        let millis = counted.unwrap_or(started).elapsed().as_millis().max(1) as u64;
        bar.set_message(format!(
            "{}{items} objects, {} ({}/s), {}, {seconds} s{}",
            share(items, total),
            stopleak_report::text::bytes_text(bytes),
            stopleak_report::text::bytes_text(bytes.saturating_mul(1000) / millis),
            stopleak_report::text::count(findings as usize, "finding"),
            left(items, total, millis),
        ));
        bar.tick();
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// What is done while there is nothing to count.
fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Open => "opening what there is",
        Stage::Plan => "putting the objects in order",
        Stage::Folders => "reading commits and folders",
        Stage::Objects => "reading what there is",
        Stage::Origins => "looking up who brought what was found",
    }
}

/// How much of the work is done, where that is known.
fn share(items: u64, total: u64) -> String {
    // What is counted on top (trees, names) may go a little beyond.
    let percent = items.saturating_mul(100).checked_div(total).map(|percent| percent.min(99));
    percent.map(|percent| format!("{percent} %, ")).unwrap_or_default()
}

/// How long the rest will take, if it takes as long as what was done.
fn left(items: u64, total: u64, millis: u64) -> String {
    let rest = total.saturating_sub(items).saturating_mul(millis).checked_div(items);
    rest.filter(|_| total > 0).map(|rest| format!(", {} s left", rest.div_ceil(1000))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_when_it_is_known() {
        assert_eq!((share(5, 0), left(5, 0, 1000)), (String::new(), String::new()));
        assert_eq!((share(25, 100), left(25, 100, 2000)), ("25 %, ".into(), ", 6 s left".into()));
        assert_eq!((share(120, 100), left(120, 100, 2000)), ("99 %, ".into(), ", 0 s left".into()));
    }
}
