//! The policy and the allow file that a run goes by, on a laptop.
//!
//! Layers, later ones win: built-in < `/etc/stopleak/config.toml` < the person's own < the repository's
//! `.stopleak.toml` < `--config`. Most runs find no file at all and parse no TOML. What a server goes by is
//! decided in `server::policy`, where the repository's own files are not simply believed.

use std::borrow::Cow;
use std::fmt::Display;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use stopleak_config::{AllowFile, Layer, Origin, Policy, Problems, load_policy};
use stopleak_core::reach;

use crate::environment;
use crate::exit::Failure;

/// The repository's policy, at the root of its work tree.
pub(crate) const POLICY_FILE: &str = ".stopleak.toml";
/// The repository's allow entries and baseline.
pub(crate) const ALLOW_FILE: &str = ".stopleak.allow";
/// A machine's policy.
const SYSTEM_FILE: &str = "/etc/stopleak/config.toml";

/// No policy and no baseline is larger.
const LARGEST: u64 = 64 << 20;

/// Where the repository's own files are read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Root<'a> {
    /// The root of a work tree, or the current folder outside of a repository.
    Folder(&'a Path),
    /// A bare repository: its files in HEAD, as read by the caller.
    Texts {
        /// `.stopleak.toml`.
        policy: Option<&'a [u8]>,
        /// `.stopleak.allow`.
        allow: Option<&'a [u8]>,
    },
}

/// What a run goes by.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The effective policy.
    pub(crate) policy: Policy,
    /// Allow entries and baseline.
    pub(crate) allow: AllowFile,
    /// Where a report reader is told of something in these files.
    pub(crate) notes: Vec<String>,
}

impl Settings {
    /// Reads every layer there is.
    ///
    /// # Errors
    /// Exit code 2 with every mistake of every file.
    pub(crate) fn load(root: Root<'_>, config: Option<&Path>) -> Result<Self, Failure> {
        let mut layers = Vec::new();
        layers.extend(layer(Origin::System, Path::new(SYSTEM_FILE))?);
        if let Some(home) = environment::config_home() {
            layers.extend(layer(Origin::User, &home.join("stopleak/config.toml"))?);
        }
        let allow_bytes = match root {
            Root::Folder(folder) => {
                layers.extend(layer(Origin::Repository, &folder.join(POLICY_FILE))?);
                optional(&folder.join(ALLOW_FILE))?
            }
            Root::Texts { policy, allow } => {
                if let Some(bytes) = policy {
                    let file = PathBuf::from(format!("HEAD:{POLICY_FILE}"));
                    layers.push(Layer {
                        origin: Origin::Repository,
                        text: utf8(&file, bytes.to_vec())?,
                        file,
                    });
                }
                allow.map(<[u8]>::to_vec)
            }
        };
        if let Some(file) = config {
            let layer = layer(Origin::Flags, file)?
                .ok_or_else(|| Failure::usage(format!("there is no policy file {}", file.display())))?;
            layers.push(layer);
        }
        let policy = policy(&layers)?;
        let allow = allow_bytes.map(|b| allow(&b, Path::new(ALLOW_FILE))).transpose()?.unwrap_or_default();
        let notes = policy.ignored.iter().map(ToString::to_string).collect();
        Ok(Self { policy, allow, notes })
    }
}

/// Joins layers; without any, nothing is parsed.
pub(crate) fn policy(layers: &[Layer]) -> Result<Policy, Failure> {
    if layers.is_empty() {
        return Ok(Policy::default());
    }
    let policy = load_policy(layers).map_err(|p| broken("the policy", &p))?;
    check_rules(&policy)?;
    Ok(policy)
}

/// Checks the rules that the policy brings: each needs a pattern with a longest match, or nothing that we
/// promise about streams and windows holds. Built-in rules were checked when they were built.
fn check_rules(policy: &Policy) -> Result<(), Failure> {
    let rules = policy.rules();
    let own = rules.iter().filter(|r| matches!(r.id, Cow::Owned(_)));
    let problems: Vec<String> = own
        .filter_map(|rule| reach::check_rule(rule).err())
        .map(|p| if p.help.is_empty() { p.to_string() } else { format!("{p}\n    help: {}", p.help) })
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!("the policy has rules that cannot be used\n  {}", problems.join("\n  ")))
        .hint("`stopleak rules test` tries them"))
}

/// Parses an allow file.
pub(crate) fn allow(bytes: &[u8], file: &Path) -> Result<AllowFile, Failure> {
    AllowFile::parse(bytes, file).map_err(|p| broken("the allow file", &p))
}

/// One layer, if its file is there.
pub(crate) fn layer(origin: Origin, file: &Path) -> Result<Option<Layer>, Failure> {
    // What a person names on the command line may be a pipe: `--config <(command)`.
    let named =
        origin == Origin::Flags && fs::metadata(file).is_ok_and(|meta| !meta.is_file() && !meta.is_dir());
    let bytes = if named { Some(fs::read(file).map_err(|e| unread(file, &e))?) } else { optional(file)? };
    let Some(bytes) = bytes else { return Ok(None) };
    Ok(Some(Layer { origin, file: file.to_path_buf(), text: utf8(file, bytes)? }))
}

/// A file's bytes, or `None` when there is no such file. A file that is there and cannot be read is an
/// error: a policy that is silently not applied is the worst of both. So is what never ends: a repository may
/// bring a symbolic link to a device.
pub(crate) fn optional(file: &Path) -> Result<Option<Vec<u8>>, Failure> {
    let unread = |why: &dyn Display| unread(file, why);
    let size = match fs::metadata(file) {
        Ok(meta) if meta.is_file() => meta.len(),
        Ok(_) => return Err(unread(&"it is not a file")),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return match fs::symlink_metadata(file) {
                Ok(_) => Err(unread(&"it is a symbolic link to nothing")),
                Err(_) => Ok(None),
            };
        }
        Err(e) => return Err(unread(&e)),
    };
    if size > LARGEST {
        return Err(unread(&format!("it is larger than {} MB", LARGEST >> 20)));
    }
    fs::read(file).map(Some).map_err(|e| unread(&e))
}

fn unread(file: &Path, why: &dyn Display) -> Failure {
    Failure::usage(format!("could not read {}: {why}", file.display()))
}

fn utf8(file: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{} is not UTF-8 text", file.display())))
}

fn broken(what: &str, problems: &Problems) -> Failure {
    let number = problems.0.len();
    let mistakes = if number == 1 { "a mistake".to_owned() } else { format!("{number} mistakes") };
    let list = problems.to_string().replace('\n', "\n  ");
    Failure::usage(format!("{what} has {mistakes}\n  {list}"))
        .hint("`stopleak config check` reads it again without scanning")
}
