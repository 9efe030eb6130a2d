//! The small scripts that git calls, and how we know them again.
//!
//! The templates are in `hooks/`, POSIX sh, so that shellcheck reads them as they are. A shim names its
//! format and hook in its second line, with a checksum of the whole file. Whoever finds a shim, written by
//! this version or by another, can tell without any record elsewhere whether it is still what was written:
//! that decides whether it may be upgraded or removed.

use std::path::Path;

use crate::Hook;

const SHIM: &str = include_str!("../../../hooks/shim.sh");
const PASSTHROUGH: &str = include_str!("../../../hooks/passthrough.sh");

/// Begins the second line of every shim, of every version.
const MARK: &[u8] = b"\n# stopleak-shim ";
/// Stands where the checksum goes while it is computed.
const NO_SUM: &str = "0000000000000000";
/// The line of the template that says where the earlier hook is.
const BESIDE: &str = "previous=$here/$hook.before-stopleak\n";
/// In its place when git was pointed away from the repository's own hooks folder.
const IN_REPOSITORY: &str = "previous=$(git rev-parse --git-common-dir)/hooks/$hook\n";

/// Where a shim finds the hook that it displaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Previous {
    /// Next to the shim.
    Beside,
    /// In the hooks folder of whichever repository git runs in.
    InRepository,
}

/// What a file in a hooks folder is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A shim, as it was written.
    Ours,
    /// A shim that somebody has edited.
    OursEdited,
    /// Anything else.
    Foreign,
}

/// The shim for `hook`. With no `binary` it looks for `stopleak` on PATH and in `~/.local/bin` only, so that
/// the same bytes serve everybody who shares the folder.
pub(crate) fn render(hook: Hook, binary: Option<&Path>, previous: Previous) -> Vec<u8> {
    let mut text = SHIM.replace("@HOOK@", hook.name()).replace("@STOPS@", hook.stops());
    if previous == Previous::InRepository {
        text = text.replace(BESIDE, IN_REPOSITORY);
    }
    // A path is bytes, and may hold anything that the template's own marks could be mistaken for: last.
    let (before, after) = text.split_once("@BINARY@").unwrap_or((&text, ""));
    let mut bytes = before.as_bytes().to_vec();
    bytes.extend(binary.map(|path| inside_quotes(path.as_os_str().as_encoded_bytes())).unwrap_or_default());
    bytes.extend(after.as_bytes());
    sealed(bytes)
}

/// The file that gives a repository its own hook `name` back under a global hooks path.
pub(crate) fn render_passthrough(name: &str) -> Vec<u8> {
    sealed(PASSTHROUGH.replace("@HOOK@", name).into_bytes())
}

/// Whether a checkout has given the file Windows line ends, with which no system runs it.
pub(crate) fn has_windows_ends(bytes: &[u8]) -> bool {
    bytes.iter().position(|&b| b == b'\n').is_some_and(|end| bytes[..end].ends_with(b"\r"))
}

/// Tells a shim of ours from any other file, by its content alone. Line ends do not make it another's: kept as an
/// earlier hook it would stop every commit.
pub(crate) fn origin(bytes: &[u8]) -> Origin {
    if has_windows_ends(bytes) {
        return origin(&bytes.iter().copied().filter(|&b| b != b'\r').collect::<Vec<u8>>());
    }
    let Some(at) = sum_at(bytes) else { return Origin::Foreign };
    let mut unsealed = bytes.to_vec();
    let written = unsealed[at..at + NO_SUM.len()].to_vec();
    unsealed[at..at + NO_SUM.len()].copy_from_slice(NO_SUM.as_bytes());
    if checksum(&unsealed).as_bytes() == written { Origin::Ours } else { Origin::OursEdited }
}

/// The program that a shim calls, as far as a reader needs it: the text between the quotes.
pub(crate) fn binary_of(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = find(bytes, b"\nstopleak='")? + b"\nstopleak='".len();
    let rest = &bytes[start..];
    let end = find(rest, b"'\n\nruns() {")?;
    Some(rest[..end].to_vec())
}

/// Whether the shim calls `binary`, or leaves the finding to PATH.
pub(crate) fn calls(bytes: &[u8], binary: &Path) -> bool {
    binary_of(bytes).is_some_and(|written| {
        written.is_empty() || written == inside_quotes(binary.as_os_str().as_encoded_bytes())
    })
}

/// `bytes` as they must be written between two single quotes of a shell.
pub(crate) fn inside_quotes(bytes: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        if byte == b'\'' { quoted.extend(b"'\\''") } else { quoted.push(byte) }
    }
    quoted
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(at) = sum_at(&bytes) {
        let sum = checksum(&bytes);
        bytes[at..at + NO_SUM.len()].copy_from_slice(sum.as_bytes());
    }
    bytes
}

/// Where the checksum stands: the third word after the mark, in the second line.
fn sum_at(bytes: &[u8]) -> Option<usize> {
    let first_line = bytes.iter().position(|&byte| byte == b'\n')?;
    let second = bytes[first_line..].strip_prefix(MARK)?;
    let line = &second[..second.iter().position(|&byte| byte == b'\n')?];
    let at = first_line + MARK.len() + line.iter().rposition(|&byte| byte == b' ')? + 1;
    (at + NO_SUM.len() == first_line + MARK.len() + line.len()).then_some(at)
}

/// FNV-1a, 64 bits, as 16 hex digits. It guards against edits, not against malice.
fn checksum(bytes: &[u8]) -> String {
    let sum = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shim_knows_itself_and_any_edit() {
        for &hook in Hook::ALL {
            for previous in [Previous::Beside, Previous::InRepository] {
                let shim = render(hook, Some(Path::new("/opt/it's here/stopleak")), previous);
                assert_eq!(origin(&shim), Origin::Ours);
                for at in [0, 40, shim.len() / 2, shim.len() - 1] {
                    let mut edited = shim.clone();
                    edited[at] ^= 1;
                    assert_ne!(origin(&edited), Origin::Ours, "{hook:?} byte {at}");
                }
            }
        }
    }

    #[test]
    fn windows_line_ends_make_no_other_file() {
        let shim = String::from_utf8(render(Hook::PreCommit, None, Previous::Beside)).unwrap();
        assert_eq!(origin(shim.replace('\n', "\r\n").as_bytes()), Origin::Ours);
        assert_eq!(origin(b"#!/bin/sh\r\necho\r\n"), Origin::Foreign);
    }

    #[test]
    fn other_files_are_foreign() {
        for text in [
            "",
            "\n",
            "#!/bin/sh\n",
            "#!/bin/sh\n# stopleak-shim\n",
            "#!/bin/sh\n# stopleak-shim 1 x short\n",
        ] {
            assert_eq!(origin(text.as_bytes()), Origin::Foreign, "{text:?}");
        }
    }

    #[test]
    fn the_two_kinds_of_previous_hook_differ() {
        let beside = render(Hook::PreCommit, None, Previous::Beside);
        let global = render(Hook::PreCommit, None, Previous::InRepository);
        assert_ne!(beside, global);
        assert!(find(&global, IN_REPOSITORY.as_bytes()).is_some());
    }

    #[test]
    fn a_shim_names_the_program_it_calls() {
        let odd = Path::new("/a 'b'\n@HOOK@/stopleak");
        let shim = render(Hook::PrePush, Some(odd), Previous::Beside);
        assert!(calls(&shim, odd));
        assert!(!calls(&shim, Path::new("/usr/bin/stopleak")));
        assert!(calls(&render(Hook::PrePush, None, Previous::Beside), odd));
    }
}
