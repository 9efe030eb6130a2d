//! Links the program at a fixed address on Linux, and with its libraries inside where they can be had.
//!
//! The built-in rules are tables full of pointers. In a position-independent program the loader patches
//! each of them (17,000) in every run and copies the pages they are on: 110 page faults, half a millisecond
//! of a hook that takes three. Stack, heap and libraries are still placed at random.
//!
//! Loading four shared libraries costs as much again, and a program that needs none also runs on a server whose C
//! library is older than the builder's. rustc's `crt-static` cannot be used without a `--target`, because it would be
//! asked of procedural macros too. So the linker is told `-static`, and finds the archives under the names of the
//! shared libraries that rustc asks for. Where one is missing, the program is linked to shared libraries as usual;
//! `STOPLEAK_LINK=shared` asks for that.

#![allow(clippy::print_stdout, reason = "how a build script speaks to cargo")]

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What rustc asks for, and the archives that have it.
const LIBRARIES: [(&str, &[&str]); 3] = [
    ("c", &["libc.a", "libgcc_eh.a", "libgcc.a"]),
    ("m", &["libm.a"]),
    ("gcc_s", &["libgcc_eh.a", "libgcc.a", "libc.a"]),
];

/// What it asks for too, and is part of the C library since glibc 2.34.
const MERGED: [&str; 4] = ["pthread", "rt", "util", "dl"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=STOPLEAK_LINK");
    if var("CARGO_CFG_TARGET_OS") != "linux" || var("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    let shared = var("STOPLEAK_LINK") == "shared" || var("HOST") != var("TARGET");
    let stand_ins = Path::new(&var("OUT_DIR")).join("static");
    if !shared && write_stand_ins(&stand_ins).unwrap_or(false) {
        // Not as a search path of cargo's, which it would hand to the documentation tests of every crate.
        println!("cargo::rustc-link-arg=-L{}", stand_ins.display());
        println!("cargo::rustc-link-arg=-static");
    }
}

/// Writes a linker script for each library. `false` where something is missing.
fn write_stand_ins(folder: &Path) -> io::Result<bool> {
    for name in MERGED {
        if find(&format!("lib{name}.so"))?.is_some() {
            return Ok(false);
        }
    }
    fs::create_dir_all(folder)?;
    for (name, archives) in LIBRARIES {
        let found: Option<Vec<PathBuf>> =
            archives.iter().map(|archive| find(archive)).collect::<io::Result<_>>()?;
        let Some(found) = found else { return Ok(false) };
        write_stand_in(folder, name, &found)?;
    }
    // libgit2 takes the system's zlib where there is one, and its own otherwise.
    match (find("libz.a")?, find("libz.so")?) {
        (Some(archive), _) => write_stand_in(folder, "z", &[archive])?,
        (None, Some(_)) => return Ok(false),
        (None, None) => {}
    }
    Ok(true)
}

fn write_stand_in(folder: &Path, name: &str, archives: &[PathBuf]) -> io::Result<()> {
    let list: Vec<String> = archives.iter().map(|a| format!("\"{}\"", a.display())).collect();
    fs::write(folder.join(format!("lib{name}.so")), format!("GROUP ( {} )\n", list.join(" ")))
}

/// Where the linker's driver finds a file of a library.
fn find(file: &str) -> io::Result<Option<PathBuf>> {
    let driver = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let answer = Command::new(driver).arg(format!("-print-file-name={file}")).output()?;
    let path = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    // It repeats the name of what it does not find.
    Ok(Some(path).filter(|path| path.is_absolute() && path.is_file()))
}

fn var(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
