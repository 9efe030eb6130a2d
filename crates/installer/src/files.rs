//! File operations that leave either the old state or the new one.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Writes `bytes` to `path` with `mode`, by renaming a finished file into place.
pub(crate) fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".stopleak-").tempfile_in(folder)?;
    io::Write::write_all(&mut file, bytes)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Gives the file at `from` a second name, without following a symbolic link and without ever taking the
/// first name away. Fails when `to` exists.
pub(crate) fn also_as(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => copy(from, to),
        done => done,
    }
}

/// For file systems, and foreign owners, that allow no hard link.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let meta = fs::symlink_metadata(from)?;
    if meta.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    write(to, &fs::read(from)?, meta.mode() & 0o7777)
}

/// Whether anything, be it a dangling symbolic link, has this name.
pub(crate) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The bytes of the regular file at `path`; none when nothing is there or it is something else.
pub(crate) fn regular(path: &Path) -> Option<Vec<u8>> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).and_then(|_| fs::read(path).ok())
}

/// Whether two names stand for the same thing: one file, two equal files, or two equal symbolic links.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    let (Ok(a), Ok(b)) = (fs::symlink_metadata(one), fs::symlink_metadata(other)) else { return false };
    if (a.dev(), a.ino()) == (b.dev(), b.ino()) {
        return true;
    }
    if a.is_symlink() && b.is_symlink() {
        return fs::read_link(one).ok() == fs::read_link(other).ok();
    }
    a.is_file() && b.is_file() && a.mode() == b.mode() && fs::read(one).ok() == fs::read(other).ok()
}

/// Why a folder cannot hold a hook.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// No file can be made in it.
    Unwritable(io::Error),
    /// A program in it does not run: git would skip the hook with no more than a hint.
    NoExec,
}

/// Tries whether a program put into `folder` (or, before it exists, into the nearest folder above) would run.
pub(crate) fn fit(folder: &Path) -> Result<(), Unfit> {
    let folder = nearest(folder);
    let probe = || -> io::Result<tempfile::TempPath> {
        let mut file = tempfile::Builder::new().prefix(".stopleak-").tempfile_in(&folder)?;
        io::Write::write_all(&mut file, b"#!/bin/sh\nexit 0\n")?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
        Ok(file.into_temp_path())
    };
    let probe = probe().map_err(Unfit::Unwritable)?;
    if runs(&probe) { Ok(()) } else { Err(Unfit::NoExec) }
}

/// Whether `program`, one that exits with 0 at once, can be run.
fn runs(program: &Path) -> bool {
    for _ in 0..50 {
        let mut command = Command::new(program);
        match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status() {
            Ok(status) => return status.success(),
            // Another thread was starting a program while our file was open for writing.
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                thread::sleep(Duration::from_millis(10));
            }
            Err(_) => return false,
        }
    }
    false
}

fn nearest(folder: &Path) -> PathBuf {
    folder.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/")).to_path_buf()
}

/// The permissions of the file at `path`.
pub(crate) fn mode(path: &Path) -> Option<u32> {
    fs::symlink_metadata(path).ok().map(|meta| meta.mode() & 0o7777)
}

/// Whether `path` is a file that somebody may execute.
pub(crate) fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.mode() & 0o111 != 0)
}

/// The user that `path` belongs to.
pub(crate) fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|meta| meta.uid())
}

/// The user that this process runs as.
pub(crate) fn me() -> Option<u32> {
    // Linux; elsewhere a file that we just made says so too.
    owner(Path::new("/proc/self"))
        .or_else(|| tempfile::tempfile().ok()?.metadata().ok().map(|meta| meta.uid()))
}
