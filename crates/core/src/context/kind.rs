//! Kinds of files, told from their paths.

use super::login::{holds_logins, holds_settings};

/// What kind of file a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A program's source: values are quoted.
    Source,
    /// Source that holds settings instead of a program: `settings.py`, `wp-config.php`.
    Settings,
    /// Configuration: bare words are values.
    Config,
    /// A file that exists to hold logins: `.netrc`, `tomcat-users.xml`, a shell's history.
    Login,
    /// Prose.
    Doc,
    /// Anything that serves tests, fixtures or examples.
    Test,
    /// Hashes and versions written by a package manager.
    Lock,
    /// Data, logs, dumps, notebooks.
    Data,
    /// Someone else's code kept in the tree.
    Vendored,
    /// Output of a bundler or generator.
    Minified,
    /// Environment files.
    Env,
    /// `.env.example` and kin.
    EnvExample,
    /// Key files.
    Key,
    /// Nothing known.
    Unknown,
}

#[rustfmt::skip]
const LOCKS: [&str; 24] = [
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "deno.lock", "bun.lock",
    "cargo.lock", "poetry.lock", "pdm.lock", "pipfile.lock", "uv.lock", "gemfile.lock", "composer.lock",
    "go.sum", "go.mod", "go.work.sum", "gradle.lockfile", "verification-metadata.xml", "flake.lock",
    "packages.lock.json", "podfile.lock", "package.resolved", "mix.lock", "pubspec.lock",
];
#[rustfmt::skip]
const VENDORED: [&str; 14] = [
    "node_modules", "bower_components", "jspm_packages", "site-packages", "dist-packages", "third_party",
    "third-party", "thirdparty", ".yarn", "pods", "carthage", ".bundle", "deps", "external",
];
#[rustfmt::skip]
const TESTS: [&str; 33] = [
    "test", "tests", "testing", "testdata", "test-data", "test_data", "testcase", "testcases", "__tests__",
    "__mocks__", "mock", "mocks", "spec", "specs", "fixture", "fixtures", "__fixtures__", "cassettes",
    "snapshots", "__snapshots__", "e2e", "integration-tests", "integration_tests", "unittest", "unittests",
    "androidtest", "benches", "benchmark", "benchmarks", "fuzz", "qa", "stubs", "testsuite",
];
#[rustfmt::skip]
const EXAMPLES: [&str; 14] = [
    "example", "examples", "_examples", "sample", "samples", "demo", "demos", "tutorial", "tutorials", "docs",
    "doc", "documentation", "quickstart", "getting-started",
];
#[rustfmt::skip]
const SOURCE: [&str; 74] = [
    "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "m", "mm", "cs", "vb", "fs", "fsx", "java", "kt", "kts", "scala",
    "groovy", "clj", "cljs", "go", "rs", "py", "pyi", "pyx", "rb", "erb", "php", "phtml", "inc", "pl", "pm",
    "lua", "r", "jl", "dart", "swift", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte",
    "ex", "exs", "erl", "hrl", "hs", "ml", "mli", "elm", "nim", "zig", "v", "d", "pas", "f90", "coffee", "sol",
    "proto", "jsp", "aspx", "cshtml", "razor", "gradle", "s", "asm", "cu", "ino", "cr",
];
#[rustfmt::skip]
const CONFIG: [&str; 46] = [
    "yml", "yaml", "toml", "ini", "cfg", "conf", "config", "cnf", "properties", "props", "prop", "settings",
    "plist", "xml", "json", "json5", "jsonc", "hcl", "tf", "tfvars", "tfstate", "nix", "hocon", "service",
    "env", "envrc", "sh", "bash", "zsh", "fish", "ps1", "psm1", "bat", "cmd", "npmrc", "pypirc", "netrc",
    "creds", "ldif", "rules", "sls", "pp", "hiera", "desktop", "reg", "inf",
];
#[rustfmt::skip]
const DATA: [&str; 14] = [
    "log", "sql", "csv", "tsv", "ndjson", "jsonl", "ipynb", "dump", "out", "har", "txt", "cast", "bak", "old",
];
#[rustfmt::skip]
const DOC: [&str; 14] = [
    "md", "markdown", "mdx", "rst", "adoc", "asciidoc", "org", "tex", "textile", "html", "htm", "man", "pod",
    "rdoc",
];
#[rustfmt::skip]
const KEY: [&str; 11] = [
    "pem", "key", "p12", "pfx", "jks", "keystore", "kdbx", "ppk", "asc", "gpg", "crt",
];
#[rustfmt::skip]
const CONFIG_NAMES: [&str; 20] = [
    "hosts", ".profile", ".bash_profile", ".bash_login", ".zprofile", ".zshenv", ".bash_aliases", "capfile", "dockerfile", "containerfile", "vagrantfile", "makefile", "jenkinsfile", "procfile", "rakefile", "gemfile",
    "caddyfile", "brewfile", "earthfile", "justfile",
];

fn one_of(word: &str, set: &[&str]) -> bool {
    set.contains(&word)
}

/// Says what kind of file `path` names.
///
/// Names are compared without regard to case. What is known of the name (a lock file) wins over what is known
/// of its folders (vendored, tests, documents), and those over its ending.
pub fn file_kind(path: &[u8]) -> FileKind {
    let path = String::from_utf8_lossy(path).to_ascii_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));

    if one_of(name, &LOCKS) {
        return FileKind::Lock;
    }
    if folders.split('/').any(|f| one_of(f, &VENDORED)) {
        return FileKind::Vendored;
    }
    if let Some(kind) = env_kind(name) {
        return if is_test(folders, stem, ending) { FileKind::EnvExample } else { kind };
    }
    if is_minified(name, stem, ending) {
        return FileKind::Minified;
    }
    if is_test(folders, stem, ending) {
        return FileKind::Test;
    }
    if folders.split('/').any(|f| one_of(f, &EXAMPLES))
        || one_of(ending, &DOC)
        || is_template(name, stem, ending)
    {
        return FileKind::Doc;
    }
    match ending {
        e if one_of(e, &SOURCE) => {
            if holds_settings(stem) || ending == "gradle" {
                FileKind::Settings
            } else {
                FileKind::Source
            }
        }
        _ if holds_logins(folders, name) => FileKind::Login,
        e if one_of(e, &CONFIG) => FileKind::Config,
        e if one_of(e, &DATA) => FileKind::Data,
        e if one_of(e, &KEY) => FileKind::Key,
        _ if one_of(name, &CONFIG_NAMES)
            || name.starts_with("dockerfile")
            || name.ends_with("rc")
            || stem.starts_with("dockerfile") =>
        {
            FileKind::Config
        }
        _ if matches!(
            name,
            "readme"
                | "changelog"
                | "changes"
                | "license"
                | "copying"
                | "news"
                | "authors"
                | "todo"
                | "install"
        ) =>
        {
            FileKind::Doc
        }
        _ => FileKind::Unknown,
    }
}

fn env_kind(name: &str) -> Option<FileKind> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let env = matches!(name, ".env" | ".envrc")
        || name.starts_with(".env.")
        || ending == "env"
        || stem == "env" && !one_of(ending, &SOURCE);
    if !env {
        return None;
    }
    let example =
        ["example", "sample", "template", "tmpl", "dist", "default", "defaults", "test", "tests", "ci"];
    Some(if name.split(['.', '-', '_']).any(|w| one_of(w, &example)) {
        FileKind::EnvExample
    } else {
        FileKind::Env
    })
}

#[rustfmt::skip]
const BUNDLES: [&str; 10] =
    [".min", "-min", ".bundle", ".chunk", ".prod", ".umd", ".esm", ".production", ".global", ".iife"];
/// Whole tails of generated files.
const GENERATED: [&str; 8] =
    [".pb.go", ".pb.cc", ".pb.h", "_pb2.py", ".designer.cs", ".g.cs", ".g.dart", ".freezed.dart"];
const CATALOGUES: [&str; 11] =
    ["map", "svg", "po", "mo", "pot", "xlf", "resx", "xcodeproj", "pbxproj", "csproj", "sln"];

fn ends_with_one_of(text: &str, tails: &[&str]) -> bool {
    tails.iter().any(|t| text.ends_with(t))
}

fn is_minified(name: &str, stem: &str, ending: &str) -> bool {
    // `config.prod.js`
    let settings = ["config", "settings", "env"].iter().any(|s| stem.starts_with(s));
    one_of(ending, &CATALOGUES)
        || matches!(ending, "js" | "css" | "mjs" | "cjs") && ends_with_one_of(stem, &BUNDLES) && !settings
        || ending == "json" && ends_with_one_of(stem, &[".min", "-min"])
        || ends_with_one_of(name, &GENERATED)
}

const TEST_FOLDERS: [&str; 7] = ["_test", "_tests", "-test", "-tests", ".test", ".tests", "tests"];
#[rustfmt::skip]
const TEST_STEMS: [&str; 13] = [
    "_test", "_tests", ".test", ".tests", ".spec", "_spec", "-test", "-spec", "-tests", ".stories", ".fixture", ".mock", "_mock",
];
/// Of languages that name a class and its test `Foo` and `FooTest`.
const TEST_CLASSES: [&str; 4] = ["test", "tests", "testcase", "spec"];

fn is_test(folders: &str, stem: &str, ending: &str) -> bool {
    let folder = |f: &str| {
        one_of(f, &TESTS)
            || ends_with_one_of(f, &TEST_FOLDERS)
            || f.ends_with("test") && f.len() > 5 && !matches!(f, "latest" | "contest")
    };
    let class = |s: &&str| stem.ends_with(*s) && stem.len() > s.len() + 2;
    folders.split('/').any(folder)
        || stem.starts_with("test_")
        || stem.starts_with("test-")
        || matches!(stem, "test" | "tests" | "conftest")
        || ending == "test"
        || ends_with_one_of(stem, &TEST_STEMS)
        || matches!(ending, "java" | "kt" | "cs" | "scala" | "groovy" | "swift" | "php")
            && TEST_CLASSES.iter().any(class)
}

fn is_template(name: &str, stem: &str, ending: &str) -> bool {
    matches!(
        ending,
        "example"
            | "sample"
            | "template"
            | "tmpl"
            | "tpl"
            | "dist"
            | "j2"
            | "jinja"
            | "jinja2"
            | "erb"
            | "mustache"
            | "hbs"
            | "default"
    ) || ["example", "sample", "template", "examples", "samples"]
        .iter()
        .any(|w| stem.ends_with(w) || name.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (path, want) in [
            ("src/main.rs", FileKind::Source),
            ("config/prod.yml", FileKind::Config),
            ("Dockerfile", FileKind::Config),
            (".env", FileKind::Env),
            ("deploy/prod.env", FileKind::Env),
            (".env.production", FileKind::Env),
            (".env.example", FileKind::EnvExample),
            ("package-lock.json", FileKind::Lock),
            ("a/Cargo.lock", FileKind::Lock),
            ("node_modules/x/index.js", FileKind::Vendored),
            ("web/app.min.js", FileKind::Minified),
            ("web/vue.global.prod.js", FileKind::Minified),
            ("appsettings.Production.json", FileKind::Config),
            ("src/foo_test.go", FileKind::Test),
            ("tests/data/a.json", FileKind::Test),
            ("src/FooTest.java", FileKind::Test),
            ("README.md", FileKind::Doc),
            ("docs/setup.txt", FileKind::Doc),
            ("dump.sql", FileKind::Data),
            ("certs/server.key", FileKind::Key),
            ("bin/run", FileKind::Unknown),
            ("src/env.rs", FileKind::Settings),
            ("web/wp-config.php", FileKind::Settings),
            ("home/.netrc", FileKind::Login),
            ("tests/.netrc", FileKind::Test),
            ("src/latest.py", FileKind::Source),
        ] {
            assert_eq!(file_kind(path.as_bytes()), want, "{path}");
        }
    }
}
