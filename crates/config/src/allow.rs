//! `.stopleak.allow`: secrets that were judged and let through, one a line.
//!
//! ```text
//! # stopleak allow entries: one per line, sorted; `stopleak allow` adds them
//!
//! 1f0c33a98b7d2e64 baseline
//! 9f2c41d0aa73be15 path="config/*.env" expires=2027-01-31 owner="Ada" reason="rotated, kept for the test"
//! ```
//! The fingerprint names a secret *value*, so an entry survives moves, rebases and a rule's new name. `path`
//! and `rule` narrow it. The file is sorted and each entry is whole on its line: two branches that each add
//! one merge without a conflict. A line that cannot be read is a problem, never skipped: an entry that
//! someone relies on must not vanish silently. A baseline (what was there when the tool came) is entries
//! with the word `baseline`.

use std::path::Path;

use jiff::civil::Date;
use stopleak_core::Fingerprint;

use crate::glob::{PathGlobs, name_matches};
use crate::problems::{At, Problems, did_you_mean};

/// One line.
#[derive(Debug, Clone)]
pub struct AllowEntry {
    /// The secret value it is about.
    pub fingerprint: Fingerprint,
    /// Only in paths that match.
    pub path: Option<String>,
    /// Only findings of this rule; `*` stands for anything.
    pub rule: Option<String>,
    /// Why, in its author's words. Empty for a baseline entry.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it counts.
    pub expires: Option<Date>,
    /// It was there when the tool came; nobody has judged it.
    pub baseline: bool,
    /// Its line in the file, from 1; 0 for an entry that is not in one.
    pub line: usize,
    globs: PathGlobs,
}

impl PartialEq for AllowEntry {
    fn eq(&self, other: &Self) -> bool {
        self.to_line() == other.to_line()
    }
}

impl AllowEntry {
    /// An entry for `fingerprint` everywhere.
    pub fn new(fingerprint: Fingerprint, reason: &str) -> Self {
        Self {
            fingerprint,
            path: None,
            rule: None,
            reason: reason.to_owned(),
            owner: None,
            expires: None,
            baseline: false,
            line: 0,
            globs: PathGlobs::default(),
        }
    }

    /// A baseline entry for `fingerprint` everywhere.
    pub fn baseline(fingerprint: Fingerprint) -> Self {
        Self { baseline: true, ..Self::new(fingerprint, "") }
    }

    /// The same entry for matching paths only.
    ///
    /// # Errors
    /// Why `glob` is no path pattern.
    pub fn in_path(mut self, glob: &str) -> Result<Self, String> {
        self.globs = PathGlobs::new(vec![glob.to_owned()]).map_err(|(_, why)| why)?;
        self.path = Some(glob.to_owned());
        Ok(self)
    }

    /// Whether it was good until a day before `today`.
    pub fn expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// Whether it lets through what `rule` found at `path`. A finding without a path (a commit message) is
    /// let through only by an entry without one.
    pub fn covers(&self, fingerprint: &Fingerprint, path: Option<&[u8]>, rule: &str) -> bool {
        self.fingerprint == *fingerprint
            && (self.path.is_none() || path.is_some_and(|p| self.globs.matches(p)))
            && self.rule.as_deref().is_none_or(|r| name_matches(r, rule.as_bytes()))
    }

    /// The entry as its line, without a line end.
    pub fn to_line(&self) -> String {
        let mut line = self.fingerprint.to_string();
        if self.baseline {
            line.push_str(" baseline");
        }
        let expires = self.expires.map(|d| d.to_string());
        for (key, value) in
            [("path", &self.path), ("rule", &self.rule), ("expires", &expires), ("owner", &self.owner)]
        {
            if let Some(value) = value {
                push_field(&mut line, key, value);
            }
        }
        if !self.reason.is_empty() {
            push_field(&mut line, "reason", &self.reason);
        }
        line
    }
}

/// The names of fields.
const FIELDS: [&str; 5] = ["path", "rule", "expires", "owner", "reason"];

/// First line of a file that we make.
const HEADER: &str = "# stopleak allow entries: one per line, sorted; `stopleak allow` adds them";

/// A file of entries.
#[derive(Debug, Clone, Default)]
pub struct AllowFile {
    entries: Vec<AllowEntry>,
    /// Comments: those before the first entry, those right above an entry, those after the last.
    header: Vec<String>,
    notes: Vec<(usize, Vec<String>)>,
    footer: Vec<String>,
}

impl AllowFile {
    /// Reads a file. Line ends may be LF or CRLF; a byte-order mark is skipped.
    ///
    /// # Errors
    /// Every line that is not a comment, not blank and not an entry.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
                let at = At { file, text: &good };
                problems.add(at, good.len(), "not-utf8", "the file is not UTF-8 text".into(), None);
                return Err(problems);
            }
        };
        let at = At { file, text };
        let mut out = Self::default();
        let mut comments: Vec<String> = Vec::new();
        let mut offset = 0;
        for (i, raw) in text.split_inclusive('\n').enumerate() {
            let start = offset;
            offset += raw.len();
            let line = raw.trim_end_matches(['\n', '\r']);
            let line = if i == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                if out.entries.is_empty() && line.is_empty() && !comments.is_empty() {
                    out.header.append(&mut comments);
                } else if !line.is_empty() {
                    comments.push(line.to_owned());
                }
                continue;
            }
            let fail = |shift: usize, code, what: String, help| {
                let lead = raw.len() - raw.trim_start().len();
                (start + lead + shift, code, what, help)
            };
            match parse_line(line, i + 1) {
                Ok(entry) => {
                    if !comments.is_empty() {
                        out.notes.push((out.entries.len(), std::mem::take(&mut comments)));
                    }
                    out.entries.push(entry);
                }
                Err(e) => {
                    let (offset, code, what, help) = fail(e.shift, e.code, e.what, e.help);
                    problems.add(at, offset, code, what, help);
                }
            }
        }
        if out.entries.is_empty() {
            out.header.append(&mut comments);
        } else {
            out.footer = comments;
        }
        if problems.is_empty() { Ok(out) } else { Err(problems) }
    }

    /// Every entry, as in the file.
    pub fn entries(&self) -> &[AllowEntry] {
        &self.entries
    }

    /// The entry that lets a finding through today. One that a person judged goes before a baseline one.
    pub fn find(
        &self,
        fp: &Fingerprint,
        path: Option<&[u8]>,
        rule: &str,
        today: Date,
    ) -> Option<&AllowEntry> {
        let mut found = None;
        for entry in self.entries.iter().filter(|e| e.covers(fp, path, rule) && !e.expired(today)) {
            if !entry.baseline {
                return Some(entry);
            }
            found = Some(entry);
        }
        found
    }

    /// Entries whose last day has passed.
    pub fn expired(&self, today: Date) -> impl Iterator<Item = &AllowEntry> {
        self.entries.iter().filter(move |e| e.expired(today))
    }

    /// Entries for which `used` says no. Meaningful after a scan of everything they could be about.
    pub fn unused(&self, used: impl Fn(&AllowEntry) -> bool) -> impl Iterator<Item = &AllowEntry> {
        self.entries.iter().filter(move |e| !used(e))
    }

    /// The text of the file with one more entry, sorted. An entry with the same fingerprint, path and rule
    /// is replaced.
    pub fn add(&mut self, entry: AllowEntry) -> String {
        self.add_all([entry])
    }

    /// The text of the file with more entries, sorted.
    pub fn add_all(&mut self, entries: impl IntoIterator<Item = AllowEntry>) -> String {
        for entry in entries {
            let same = |e: &AllowEntry| {
                (e.fingerprint, &e.path, &e.rule) == (entry.fingerprint, &entry.path, &entry.rule)
            };
            match self.entries.iter().position(same) {
                Some(at) => self.entries[at] = entry,
                None => self.entries.push(entry),
            }
        }
        self.to_text()
    }

    /// The text of the file with only the entries for which `keep` says yes.
    pub fn retain(&mut self, keep: impl Fn(&AllowEntry) -> bool) -> String {
        let mut kept = Vec::new();
        let mut notes = Vec::new();
        let mut old_notes = std::mem::take(&mut self.notes).into_iter().peekable();
        for (i, entry) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            let note = old_notes.next_if(|(at, _)| *at == i).map(|(_, n)| n);
            if keep(&entry) {
                notes.extend(note.map(|n| (kept.len(), n)));
                kept.push(entry);
            }
        }
        self.entries = kept;
        self.notes = notes;
        self.to_text()
    }

    /// The file as text: its header, then the entries sorted, each below the comments that stood above it.
    pub fn to_text(&self) -> String {
        let mut rows: Vec<(String, &[String])> = Vec::with_capacity(self.entries.len());
        for (i, entry) in self.entries.iter().enumerate() {
            let note = self.notes.iter().find(|(at, _)| *at == i).map_or(&[][..], |(_, n)| n);
            rows.push((entry.to_line(), note));
        }
        rows.sort();
        rows.dedup_by(|later, first| later.0 == first.0 && later.1.is_empty());
        let own = [HEADER.to_owned()];
        let header = if self.header.is_empty() { &own[..] } else { &self.header };
        // The blank line tells the header from a comment on the first entry.
        let blank = [String::new()];
        let lines = header
            .iter()
            .chain(&blank)
            .chain(rows.iter().flat_map(|(line, note)| note.iter().chain([line])))
            .chain(&self.footer);
        lines.flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}

/// Why a line is no entry.
struct BadLine {
    shift: usize,
    code: &'static str,
    what: String,
    help: Option<String>,
}

fn bad(shift: usize, code: &'static str, what: String, help: Option<String>) -> BadLine {
    BadLine { shift, code, what, help }
}

fn parse_line(line: &str, number: usize) -> Result<AllowEntry, BadLine> {
    if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
        let help = Some("finish the merge: keep the entries of both sides".into());
        return Err(bad(0, "merge-conflict", "a conflict of a merge is still here".into(), help));
    }
    let (first, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let Some(fingerprint) = Fingerprint::parse(first) else {
        let help = Some("`stopleak allow FINGERPRINT --reason TEXT` writes the line".into());
        return Err(bad(
            0,
            "bad-fingerprint",
            "a line begins with a fingerprint of 16 hex digits".into(),
            help,
        ));
    };
    let mut entry = AllowEntry::new(fingerprint, "");
    entry.line = number;
    let mut at = line.len() - rest.len();
    while let Some(field) = next_field(line, &mut at)? {
        let Some(value) = field.value else {
            if field.name == "baseline" {
                entry.baseline = true;
                continue;
            }
            let what = format!("`{}` has no value", field.name);
            return Err(bad(field.at, "bad-field", what, Some(format!("{}=\"…\"", field.name))));
        };
        match field.name {
            "path" => {
                entry = entry.in_path(&value).map_err(|why| {
                    bad(field.at, "bad-glob", format!("`{value}` is not a path pattern: {why}"), None)
                })?;
            }
            "rule" => entry.rule = Some(value),
            "owner" => entry.owner = Some(value),
            "reason" => entry.reason = value,
            "expires" => {
                let wrong = || {
                    bad(
                        field.at,
                        "bad-date",
                        format!("`{value}` is not a date"),
                        Some("written 2027-01-31".into()),
                    )
                };
                entry.expires = Some(value.parse::<Date>().map_err(|_| wrong())?);
            }
            other => {
                let help =
                    did_you_mean(other, FIELDS).or_else(|| Some(format!("known: {}", FIELDS.join(", "))));
                return Err(bad(field.at, "unknown-field", format!("unknown field `{other}`"), help));
            }
        }
    }
    if entry.reason.is_empty() && !entry.baseline {
        return Err(bad(
            0,
            "no-reason",
            "the entry has no reason".into(),
            Some("reason=\"why this may stay\"".into()),
        ));
    }
    Ok(entry)
}

struct Field<'l> {
    at: usize,
    name: &'l str,
    value: Option<String>,
}

/// The next `name=value`, `name="value"` or `name` of `line` from `at`, which moves past it.
fn next_field<'l>(line: &'l str, at: &mut usize) -> Result<Option<Field<'l>>, BadLine> {
    let rest = &line[*at..];
    let start = *at + (rest.len() - rest.trim_start().len());
    let rest = &line[start..];
    if rest.is_empty() {
        return Ok(None);
    }
    let name_len = rest.find(['=', ' ', '\t']).unwrap_or(rest.len());
    let name = &rest[..name_len];
    *at = start + name_len;
    let Some(value) = rest[name_len..].strip_prefix('=') else {
        return Ok(Some(Field { at: start, name, value: None }));
    };
    let Some(quoted) = value.strip_prefix('"') else {
        let len = value.find([' ', '\t']).unwrap_or(value.len());
        *at += 1 + len;
        return Ok(Some(Field { at: start, name, value: Some(value[..len].to_owned()) }));
    };
    let mut text = String::new();
    let mut letters = quoted.char_indices();
    while let Some((i, c)) = letters.next() {
        match c {
            '"' => {
                *at += 2 + i + 1;
                return Ok(Some(Field { at: start, name, value: Some(text) }));
            }
            '\\' => text.extend(letters.next().map(|(_, c)| if c == 'n' { '\n' } else { c })),
            c => text.push(c),
        }
    }
    Err(bad(start, "open-quote", format!("the quote of `{name}` is not closed"), None))
}

fn push_field(line: &mut String, key: &str, value: &str) {
    line.push(' ');
    line.push_str(key);
    line.push_str("=\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                line.push('\\');
                line.push(c);
            }
            '\n' => line.push_str("\\n"),
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
    line.push('"');
}
