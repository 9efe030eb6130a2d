//! husky 9: wrappers in `.husky/_` that belong to husky, and the user's scripts in `.husky`.
//!
//! The wrappers are written again by every `npm install` and do nothing under another name, so stopleak
//! must not take their place. It adds one line to the user's own script instead, which git tracks: the line
//! therefore names no folder of this machine.

use std::path::{Path, PathBuf};

use crate::{
    Error, Hook, files,
    plan::{Action, Plan},
};

/// Ends every line of ours.
const MARK: &str = "# added by stopleak install";

/// The folder of the user's scripts, when `hooks` is a folder of husky's wrappers.
pub(crate) fn scripts(hooks: &Path) -> Option<PathBuf> {
    let wrappers =
        hooks.file_name()? == "_" && (hooks.join("h").is_file() || hooks.join("husky.sh").is_file());
    wrappers.then(|| hooks.parent().map(Path::to_path_buf)).flatten()
}

/// The line for `hook`. Without the program the shell exits with 127, and husky blocks with that.
fn line(hook: Hook) -> String {
    let path = "PATH=\"$PATH:$HOME/.local/bin\"";
    match hook {
        // What is pushed comes on standard input, and whatever reads it first empties it: look, then start
        // this script again with the same input for the lines below.
        Hook::PrePush => format!(
            "if [ \"${{STOPLEAK_AGAIN-}}\" ]; then unset STOPLEAK_AGAIN; else stopleak_in=$(cat && echo .) && \
             printf %s \"${{stopleak_in%.}}\" | {path} stopleak hook pre-push \"$@\" || exit; \
             printf %s \"${{stopleak_in%.}}\" | STOPLEAK_AGAIN=1 sh -e \"$0\" \"$@\"; exit; fi {MARK}"
        ),
        _ => format!("{path} stopleak hook {} \"$@\" || exit {MARK}", hook.name()),
    }
}

/// Whether the user's script for `hook` calls us.
pub(crate) fn has_line(script: &Path, hook: Hook) -> bool {
    let text = files::regular(script).unwrap_or_default();
    text.split(|&byte| byte == b'\n').any(|found| found == line(hook).as_bytes())
}

/// Only our line, as a script: what a proof runs, without the user's own commands.
pub(crate) fn alone(hook: Hook) -> Vec<u8> {
    format!("{}\n", line(hook)).into_bytes()
}

/// Adds our line to the script of `hook`.
pub(crate) fn install(scripts: &Path, hook: Hook, plan: &mut Plan) -> Result<(), Error> {
    let path = scripts.join(hook.name());
    let before = files::regular(&path);
    if before.is_none() && files::exists(&path) {
        return Err(Error::NotAFile(path));
    }
    let now = before.clone().unwrap_or_default();
    let after = with_line(&without_line(&now), hook);
    if after != now {
        plan.note(format!(
            "husky keeps hooks in {}, which git tracks: commit the change, and everybody who clones it needs \
             stopleak on PATH or in ~/.local/bin",
            scripts.display()
        ));
        plan.add(Action::Edit { path, before, after: Some(after) });
    }
    Ok(())
}

/// Takes our line out of the script of `hook`, and the script away when nothing else was in it.
pub(crate) fn uninstall(scripts: &Path, hook: Hook, plan: &mut Plan) {
    let path = scripts.join(hook.name());
    let Some(now) = files::regular(&path) else { return };
    let after = without_line(&now);
    if after != now {
        plan.add(Action::Edit { path, before: Some(now), after: (!after.is_empty()).then_some(after) });
    }
}

/// `script` with our line. It goes last, after whatever reformats staged files; but first where it needs
/// its standard input whole, or where the script leaves before its end.
fn with_line(script: &[u8], hook: Hook) -> Vec<u8> {
    let line = line(hook).into_bytes();
    let leaves =
        script.split(|&byte| byte == b'\n').any(|l| l.starts_with(b"exit") || l.starts_with(b"exec "));
    let mut out = Vec::with_capacity(script.len() + line.len() + 1);
    if hook == Hook::PrePush || leaves {
        let body = if script.starts_with(b"#!") {
            script.iter().position(|&byte| byte == b'\n').map_or(script.len(), |end| end + 1)
        } else {
            0
        };
        out.extend(&script[..body]);
        if body > 0 && script[body - 1] != b'\n' {
            // A script of one line without an end: ours goes behind it, and has no end either.
            out.push(b'\n');
            out.extend(line);
            return out;
        }
        out.extend(line);
        out.push(b'\n');
        out.extend(&script[body..]);
        return out;
    }
    out.extend(script);
    // Where the last line has no end, ours has none either: so taking it out restores the very bytes.
    if script.last().is_some_and(|&byte| byte != b'\n') {
        out.push(b'\n');
        out.extend(line);
    } else {
        out.extend(line);
        out.push(b'\n');
    }
    out
}

/// `script` without any line of ours, be it of another version.
fn without_line(script: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = script.split_inclusive(|&byte| byte == b'\n').collect();
    let ours = |line: &[u8]| line.strip_suffix(b"\n").unwrap_or(line).ends_with(MARK.as_bytes());
    let mut out: Vec<u8> = lines.iter().filter(|line| !ours(line)).copied().flatten().copied().collect();
    let unended = lines.last().is_some_and(|line| ours(line) && !line.ends_with(b"\n"));
    if unended && out.last() == Some(&b'\n') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_the_line_out_restores_the_very_bytes() {
        let scripts: [&[u8]; 9] = [
            b"",
            b"npm test",
            b"npm test\n",
            b"npm test\n\n",
            b"#!/bin/sh\nnpm test\n",
            b"#!/bin/sh",
            b"#!/bin/sh\nnpx lint-staged\nexit 0\n",
            b"\r\nnpm test\r\n",
            b"\xff\xfe\n",
        ];
        for script in scripts {
            for &hook in Hook::CLIENT {
                let with = with_line(script, hook);
                assert_ne!(with, script);
                assert_eq!(without_line(&with), script, "{hook:?} {}", String::from_utf8_lossy(script));
                assert_eq!(with_line(&without_line(&with), hook), with);
            }
        }
    }
}
