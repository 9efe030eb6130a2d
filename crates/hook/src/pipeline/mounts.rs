//! Folders whose files the kernel makes up: `/proc`, `/sys` and their kin.
//!
//! Who scans `/` wants what is on disk. Reading `/proc/kmsg` waits for ever, and `/proc/kcore` is as long as the
//! address space. Such a folder is left out and named, unless it is what was asked for.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// Filesystems without a file of a person's, by the names in mountinfo.
const MADE_UP: [&str; 16] = [
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "efivarfs",
    "fusectl",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "securityfs",
    "sysfs",
    "tracefs",
];

/// Those below the folders that are scanned, as a walk from there spells them. Empty where there is no mountinfo.
pub(super) fn made_up(roots: &[PathBuf]) -> HashSet<PathBuf> {
    let Ok(mounts) = fs::read("/proc/self/mountinfo") else { return HashSet::new() };
    let points: Vec<PathBuf> = mounts.split(|&b| b == b'\n').filter_map(point).collect();
    let mut all = HashSet::new();
    for root in roots {
        let Ok(real) = fs::canonicalize(root) else { continue };
        let below = points.iter().filter_map(|point| point.strip_prefix(&real).ok());
        all.extend(below.filter(|rest| !rest.as_os_str().is_empty()).map(|rest| root.join(rest)));
    }
    all
}

/// The place of a line's filesystem, if it is made up. `man 5 proc_pid_mountinfo`: the place is the fifth field, the
/// kind follows a lone hyphen.
fn point(line: &[u8]) -> Option<PathBuf> {
    let mut fields = line.split(|&b| b == b' ');
    let place = fields.nth(4)?;
    let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
    MADE_UP.iter().any(|m| m.as_bytes() == kind).then(|| path(place))
}

/// A path with its blanks as they are: mountinfo writes them as `\040`.
fn path(written: &[u8]) -> PathBuf {
    let mut plain = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((&byte, after)) = rest.split_first() {
        let number = after.get(..3).filter(|_| byte == b'\\').and_then(|d| std::str::from_utf8(d).ok());
        if let Some(b) = number.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            plain.push(b);
            rest = &after[3..];
        } else {
            plain.push(byte);
            rest = after;
        }
    }
    as_path(plain)
}

#[cfg(unix)]
fn as_path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn as_path(bytes: Vec<u8>) -> PathBuf {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned()).into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_made_up_filesystem_is_known_by_its_kind() {
        let cases: [(&str, Option<&str>); 4] = [
            ("22 1 0:20 / /proc rw,nosuid shared:12 - proc proc rw", Some("/proc")),
            (r"23 1 0:21 / /srv/a\040b/sys rw - sysfs sysfs rw", Some("/srv/a b/sys")),
            ("24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw", None),
            ("", None),
        ];
        for (line, want) in cases {
            assert_eq!(point(line.as_bytes()).as_deref(), want.map(Path::new), "{line}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_root_has_some_and_they_are_not_left_out_of_themselves() {
        assert!(made_up(&[PathBuf::from("/")]).contains(Path::new("/proc")));
        assert!(!made_up(&[PathBuf::from("/proc")]).contains(Path::new("/proc")));
    }
}
