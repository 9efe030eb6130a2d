//! The commit message as it will be stored.
//!
//! The file that git hands to `commit-msg` may hold more than the message: comment lines, and with
//! `commit -v` the whole diff below a scissors line, where secrets that a commit *removes* stand. What git
//! will cut away is blanked line by line, so that the rest keeps its line numbers.
//!
//! Doubt is settled towards scanning: without an editor (`GIT_EDITOR=:`), or where the configuration keeps
//! comments, everything is read.

use stopleak_git::{Error, Repo};
use stopleak_report::{Shown, Where};

use super::{Collector, Engine, Place, Verdict, partly};
use crate::environment;

/// What git will cut away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cleanup {
    /// What a comment line begins with; `None` when comments stay.
    comment: Option<Vec<u8>>,
    /// Whether the rest is cut at a scissors line.
    scissors: bool,
}

impl Cleanup {
    /// Asks git's configuration and the environment of the hook.
    pub(crate) fn of(repo: &Repo) -> Result<Self, Error> {
        let edited = environment::text(environment::GIT_EDITOR).is_none_or(|e| e != ":");
        if !edited {
            return Ok(Self { comment: None, scissors: false });
        }
        let mode = repo.config("commit.cleanup")?.unwrap_or_default();
        let mark = match repo.config("core.commentString")? {
            Some(mark) => Some(mark),
            None => repo.config("core.commentChar")?,
        };
        // `auto` picks a character per message, which the file does not name: keep every line.
        let auto = mark.as_deref().is_some_and(|m| m.eq_ignore_ascii_case(b"auto"));
        let mark = mark.filter(|m| !m.is_empty()).unwrap_or_else(|| b"#".to_vec());
        let strips = matches!(mode.as_slice(), b"" | b"default" | b"strip");
        Ok(Self { comment: (strips && !auto).then_some(mark), scissors: mode != b"verbatim" })
    }
}

/// The line that git's own scissors line ends with, behind the comment mark.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// The message with everything that git will cut away blanked.
pub(crate) fn kept(raw: &[u8], cleanup: &Cleanup) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|&b| b == b'\n') {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        // git writes the mark and then exactly this; a mark is one to a few bytes.
        if cleanup.scissors && bare.ends_with(SCISSORS) && (1..=8).contains(&(bare.len() - SCISSORS.len())) {
            break;
        }
        if cleanup.comment.as_deref().is_some_and(|mark| bare.starts_with(mark)) {
            out.push(b'\n');
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

/// Scans a message, and the author that git is about to store.
pub(crate) fn scan(engine: &Engine<'_>, text: &[u8]) -> Collector {
    let mut out = Collector::places();
    look(engine, text, Where::CommitMessage, &mut out);
    let person = [environment::GIT_AUTHOR_NAME, environment::GIT_AUTHOR_EMAIL].map(environment::text);
    let person = person.into_iter().flatten().collect::<Vec<_>>().join("\n");
    look(engine, person.as_bytes(), Where::Author, &mut out);
    out
}

fn look(engine: &Engine<'_>, text: &[u8], kind: Where, out: &mut Collector) {
    let found = engine.detector.scan(text);
    for m in &found.matches {
        match engine.judge(m, None, &Place::new(kind)) {
            Verdict::Shown(finding) => out.add(*finding),
            Verdict::Hidden => out.hide(),
            Verdict::Dropped => {}
        }
    }
    out.skip_all(partly(&found, &Shown::from(kind.name())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleanup(comment: Option<&str>, scissors: bool) -> Cleanup {
        Cleanup { comment: comment.map(|c| c.as_bytes().to_vec()), scissors }
    }

    #[test]
    fn comments_and_what_is_below_the_scissors_are_blanked() {
        let raw = b"subject\n# hint\nbody # kept\n# ------------------------ >8 ------------------------\n# gone\n-secret\n";
        assert_eq!(kept(raw, &cleanup(Some("#"), true)), b"subject\n\nbody # kept\n");
    }

    #[test]
    fn without_an_editor_every_line_stays() {
        let raw = b"# a heading\n# ------------------------ >8 ------------------------\nbelow\n";
        assert_eq!(kept(raw, &cleanup(None, false)), raw);
    }

    #[test]
    fn the_comment_mark_may_be_any_string() {
        assert_eq!(kept(b"// gone\n# kept\n", &cleanup(Some("//"), true)), b"\n# kept\n");
    }
}
