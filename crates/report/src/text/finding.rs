//! One finding as a short block: place, name, mask, weight; then the masked line.

use std::io::{self, Write};

use stopleak_core::Verified;

use super::paint::Paint;
use super::{Layout, Situation};
use crate::escape;
use crate::model::{Disposition, Finding, Where};
use crate::shown::Shown;

pub(super) fn write(f: &Finding, layout: &Layout, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mut cells = vec![paint.bold(&place(f)), escape::terminal(f.name.as_bytes())];
    if !f.masked.is_empty() {
        cells.push(escape::terminal(f.masked.as_bytes()));
    }
    cells.push(weight(f));
    writeln!(out, "  {}", cells.join("   "))?;
    if !f.excerpt.is_empty() && f.place != Where::Path && f.place != Where::RefName {
        let number = f.start.line.to_string();
        let line = cut(escape::terminal(f.excerpt.as_bytes()));
        writeln!(out, "  {} | {line}", paint.dim(&format!("{number:>5}")))?;
    }
    if let Some(line) = origin(f, layout) {
        writeln!(out, "        {}", paint.dim(&line))?;
    }
    for (label, text) in facts(f, layout) {
        writeln!(out, "        {}", paint.dim(&format!("{label}: {}", escape::terminal(text.as_bytes()))))?;
    }
    Ok(())
}

/// Bounds a line that escaping made long.
fn cut(mut line: String) -> String {
    const MOST: usize = 180;
    if let Some((at, _)) = line.char_indices().nth(MOST) {
        line.truncate(at);
        line.push('…');
    }
    line
}

/// Where it is, in the form that editors jump to where there is a file.
fn place(f: &Finding) -> String {
    let at = format!("{}:{}", f.start.line, f.start.column);
    let commit = f.commit.as_deref().map_or("", short);
    let reference = f.ref_name.as_ref().map(Shown::safe).unwrap_or_default();
    match f.place {
        Where::File => match &f.path {
            Some(path) => format!("{}:{at}", path.safe()),
            None => format!("object {}:{at}", f.object.as_deref().map_or("", short)),
        },
        Where::Path => format!("file name {}", f.path.as_ref().map(Shown::safe).unwrap_or_default()),
        Where::CommitMessage if commit.is_empty() => format!("commit message:{at}"),
        Where::CommitMessage => format!("message of commit {commit}:{at}"),
        Where::TagMessage => format!("message of tag {reference}:{at}"),
        Where::RefName => format!("ref name {reference}"),
        Where::Note => format!("note on {}:{at}", f.path.as_ref().map(Shown::safe).unwrap_or_default()),
        Where::Author => format!("author line of commit {commit}"),
    }
}

/// `critical, checksum valid`; says what makes it less than certain.
fn weight(f: &Finding) -> String {
    let mut words = vec![f.severity.name().to_owned()];
    match f.verified {
        Some(Verified::Checksum) => words.push("checksum valid".into()),
        Some(Verified::Structure) => words.push("structure valid".into()),
        None => words.push(format!("{} confidence", f.confidence.name())),
    }
    if !f.decoded.is_empty() {
        let names: Vec<_> = f.decoded.iter().map(|d| d.name()).collect();
        words.push(format!("inside {}", names.join(" in ")));
    }
    match f.disposition {
        Disposition::Block => {}
        Disposition::Warn => words.push("warning only".into()),
        Disposition::Allowed => words.push("allowed".into()),
        Disposition::Baseline => words.push("in the baseline".into()),
    }
    words.join(", ")
}

/// The commit that brought it, where the reader does not know already.
fn origin(f: &Finding, layout: &Layout) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(commit) = &f.commit {
        parts.push(format!("commit {}", short(commit)));
    }
    if let Some(date) = &f.date {
        parts.push(date.chars().take(10).collect());
    }
    if let Some(author) = &f.author {
        parts.push(author.safe());
    }
    match f.in_head {
        Some(true) => parts.push("still in HEAD".into()),
        Some(false) => parts.push("no longer in HEAD".into()),
        None => {}
    }
    if f.occurrences > 1 {
        parts.push(format!("{} occurrences", f.occurrences));
    }
    if f.linked > 0 {
        parts.push(format!("same value at {}", super::count(f.linked as usize, "other place")));
    }
    let named = matches!(layout.situation, Situation::Scan | Situation::Received(_)) || f.linked > 0;
    if named {
        parts.push(format!("fingerprint {}", f.fingerprint));
    }
    (!parts.is_empty()).then(|| parts.join("  "))
}

fn facts(f: &Finding, layout: &Layout) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = f.facts.iter().map(|x| (x.name.into(), x.value.clone())).collect();
    lines.extend(f.parts.iter().map(|x| (x.name.into(), x.shown.clone())));
    if let Some(reason) = &f.reason {
        lines.push(("allowed because".into(), reason.clone()));
    }
    if layout.verbose && !f.why.is_empty() {
        lines.push(("why".into(), f.why.join("; ")));
    }
    if !f.refs.is_empty() {
        lines.push(("in".into(), f.refs.iter().map(Shown::lossy).collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// The first twelve digits of an id.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
