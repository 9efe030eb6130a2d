//! The report for people: what, where, why, and what to do now.
//!
//! One layout serves a terminal, a hook and a server. Colour is used only where [`Layout::colour`] says
//! so; a server's text is plain, and each of its lines may carry a prefix that a host's web page looks
//! for. A hook that found nothing writes nothing.

mod finding;
mod paint;
mod steps;
mod units;

use std::io::{self, Write};

use crate::model::{Disposition, Finding, Outcome, Scan};

pub use paint::Paint;
pub use units::{bytes as bytes_text, count};

/// Who reads the report, and why now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Situation {
    /// Someone ran a scan.
    #[default]
    Scan,
    /// A commit is about to be made.
    Commit {
        /// There is no HEAD yet.
        unborn: bool,
        /// The committer is in a subfolder: paths in commands must say that they begin at the root.
        below: bool,
    },
    /// A clean merge is about to be committed.
    Merge,
    /// A commit's message was written.
    Message {
        /// The file that git keeps it in.
        file: String,
    },
    /// A push is about to leave this machine.
    Push,
    /// A push has arrived on a server.
    Received(Server),
}

/// What a server lets a refused pusher do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// Push options reach us and policy lets this pusher use them.
    pub bypass: bool,
    /// Whom to ask, from the policy; may be empty.
    pub contact: String,
    /// The hook runs after the objects were stored (`update`): refusing does not remove them.
    pub stored: bool,
    /// What every line begins with, for hosts that show only such lines; may be empty.
    pub prefix: &'static str,
}

/// How to write the text.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Who reads it.
    pub situation: Situation,
    /// Escape codes may be used.
    pub colour: bool,
    /// Also show what is allowed, why each was found, and the coverage of a clean hook.
    pub verbose: bool,
    /// Gaps do not block: policy says so.
    pub gaps_allowed: bool,
    /// Show at most this many findings; `0` is no limit.
    pub limit: usize,
}

/// Writes the report.
///
/// # Errors
/// Only those of `out`.
pub fn write(scan: &Scan, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let prefix = match &layout.situation {
        Situation::Received(server) => server.prefix,
        _ => "",
    };
    let mut text = Vec::new();
    compose(scan, layout, &mut text)?;
    if prefix.is_empty() {
        return out.write_all(&text);
    }
    for line in text.split_inclusive(|&b| b == b'\n') {
        out.write_all(prefix.as_bytes())?;
        out.write_all(b" ")?;
        out.write_all(line)?;
    }
    Ok(())
}

fn compose(scan: &Scan, layout: &Layout, out: &mut Vec<u8>) -> io::Result<()> {
    let paint = Paint { on: layout.colour };
    let quiet_hook = layout.situation != Situation::Scan && !layout.verbose;
    if scan.outcome() == Outcome::Clean && quiet_hook {
        return notes(scan, paint, out);
    }
    writeln!(out, "{}", headline(scan, layout, paint))?;
    let shown: Vec<&Finding> =
        scan.findings.iter().filter(|f| layout.verbose || f.disposition.is_open()).collect();
    let limit = if layout.limit == 0 { shown.len() } else { layout.limit.min(shown.len()) };
    for finding in &shown[..limit] {
        writeln!(out)?;
        finding::write(finding, layout, paint, out)?;
    }
    if shown.len() > limit {
        let all = match layout.situation {
            Situation::Commit { .. } | Situation::Merge => "; `stopleak scan --staged` shows all",
            _ => "",
        };
        writeln!(out, "\n  … and {} more{all}", units::thousands((shown.len() - limit) as u64))?;
    }
    gaps(scan, layout, paint, out)?;
    steps::write(scan, layout, paint, out)?;
    notes(scan, paint, out)?;
    writeln!(out, "\n{}", paint.dim(&coverage(scan)))
}

/// The first line: what happened, in one sentence.
fn headline(scan: &Scan, layout: &Layout, paint: Paint) -> String {
    let blocking = scan.blocking().count();
    let warnings = scan.findings.iter().filter(|f| f.disposition == Disposition::Warn).count();
    let gaps = scan.skipped.iter().filter(|s| s.in_scope).count();
    let (act, whole) = words(&layout.situation);
    let tail =
        if gaps > 0 { format!("; {} could not be scanned", count(gaps, "item")) } else { String::new() };
    let line = if blocking > 0 {
        let also = if warnings > 0 { format!(", and {}", count(warnings, "warning")) } else { String::new() };
        let what = count(blocking, "secret");
        match act {
            Some(act) => format!("{act}: {what} in {whole}{also}{tail}"),
            None => format!("{what} found{also}{tail}"),
        }
    } else if gaps > 0 && !layout.gaps_allowed {
        let also = if warnings > 0 { format!(", {}", count(warnings, "warning")) } else { String::new() };
        match act {
            Some(act) => format!("{act}: {} in {whole} could not be scanned{also}", count(gaps, "item")),
            None => format!(
                "incomplete: no secret was found, but {} could not be scanned{also}",
                count(gaps, "item")
            ),
        }
    } else if warnings > 0 {
        match act {
            Some(_) => format!("{} in {whole} (not blocked){tail}", count(warnings, "warning")),
            None => format!("{} found{tail}", count(warnings, "warning")),
        }
    } else {
        match act {
            Some(_) => format!("clean: no secret in {whole}{tail}"),
            None => format!("clean: no secret found{tail}"),
        }
    };
    let line = format!("stopleak: {line}");
    if blocking > 0 {
        paint.alarm(&line)
    } else if gaps > 0 || warnings > 0 {
        paint.warn(&line)
    } else {
        paint.good(&line)
    }
}

/// What is being stopped, and what was looked at, in words.
fn words(situation: &Situation) -> (Option<&'static str>, &'static str) {
    match situation {
        Situation::Scan => (None, "what was scanned"),
        Situation::Commit { .. } => (Some("commit blocked"), "what you staged"),
        Situation::Merge => (Some("merge blocked"), "what it merges"),
        Situation::Message { .. } => (Some("commit blocked"), "the commit message"),
        Situation::Push => (Some("push blocked"), "what you push"),
        Situation::Received(_) => (Some("push refused"), "what it adds"),
    }
}

/// What could not be scanned; with `verbose` also what was out of scope.
fn gaps(scan: &Scan, layout: &Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 20;
    let gaps: Vec<_> = scan.skipped.iter().filter(|s| s.in_scope || layout.verbose).collect();
    if gaps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", paint.bold("not scanned:"))?;
    for skip in gaps.iter().take(SHOWN) {
        let size = if skip.bytes > 0 { format!(", {}", units::bytes(skip.bytes)) } else { String::new() };
        let detail = if skip.detail.is_empty() {
            String::new()
        } else {
            format!(": {}", crate::escape::terminal(skip.detail.as_bytes()))
        };
        writeln!(out, "  {}   {}{size}{detail}", skip.what.safe(), skip.why)?;
    }
    if gaps.len() > SHOWN {
        writeln!(out, "  … and {} more", units::thousands((gaps.len() - SHOWN) as u64))?;
    }
    Ok(())
}

fn notes(scan: &Scan, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for note in &scan.notes {
        writeln!(out, "{}", paint.warn(&format!("stopleak: {}", crate::escape::terminal(note.as_bytes()))))?;
    }
    Ok(())
}

/// The last line: what was looked at.
fn coverage(scan: &Scan) -> String {
    let c = &scan.coverage;
    let mut parts = Vec::new();
    if c.commits > 0 {
        parts.push(count(c.commits as usize, "commit"));
    }
    let things = match c.source {
        crate::Source::Staged | crate::Source::Files => "file",
        crate::Source::Stdin => "stream",
        _ => "blob",
    };
    parts.push(count(c.blobs as usize, things));
    parts.push(units::bytes(c.bytes_scanned));
    parts.push(count(c.rules as usize, "rule"));
    parts.push(units::seconds(c.seconds));
    let mut line = format!("scanned {}", parts.join(", "));
    let quiet = |d: Disposition| scan.findings.iter().filter(|f| f.disposition == d).count();
    // What has content and was not looked into; a socket or a `.git` folder has none of this scan's.
    let no_content = |why: &str| matches!(why, "git-folder" | "socket" | "fifo" | "device" | "special-file");
    let left_out = scan.skipped.iter().filter(|s| !s.in_scope && !no_content(&s.why)).count();
    for (number, word) in [
        (left_out, "left out (-v names them)"),
        (quiet(Disposition::Allowed), "allowed"),
        (quiet(Disposition::Baseline), "in the baseline"),
        (scan.hidden as usize, "of low confidence not shown (--all)"),
    ] {
        if number > 0 {
            line = format!("{line}; {} {word}", units::thousands(number as u64));
        }
    }
    line
}
