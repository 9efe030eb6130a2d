//! A policy is layers; every mistake in them is reported, with its place.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use stopleak_config::{
    Command, Layer, Mode, Origin, Policy, Problems, ServerMode, builtin_rules, load_policy,
};
use stopleak_core::{Confidence, Severity};

fn layer(origin: Origin, text: &str) -> Layer {
    Layer { origin, file: ".stopleak.toml".into(), text: text.into() }
}

fn load(origin: Origin, text: &str) -> Result<Policy, Problems> {
    load_policy(&[layer(origin, text)])
}

fn example() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/stopleak.toml.example"))
        .unwrap()
}

#[test]
fn the_documented_example_loads() {
    let policy = load(Origin::System, &example()).unwrap_or_else(|p| panic!("{p}"));
    assert!(policy.path_excluded(b"a/b.golden"));
    assert!(!policy.rules().iter().any(|r| r.id == "jwt"));
    assert!(policy.rules().iter().any(|r| r.id == "acme-internal-token"));
    assert_eq!(
        policy.server_mode(b"sandbox/x", b"refs/heads/a", "any", Confidence::Medium),
        ServerMode::Warn
    );
    assert_eq!(
        policy.server_mode(b"sandbox/x", b"refs/heads/a", "any", Confidence::High),
        ServerMode::Enforce
    );
    assert!(policy.is_trusted_pusher(b"mirror-bot"));
}

#[test]
fn the_documented_example_shows_every_key() {
    let table: toml::Table = example().parse().unwrap();
    for key in stopleak_config::keys::KEYS {
        let mut at = Some(&toml::Value::Table(table.clone())).cloned();
        for part in key.name.split('.') {
            at = at.and_then(|v| v.get(part).cloned());
        }
        assert!(at.is_some(), "`{}` is not in the example", key.name);
    }
}

#[test]
fn nothing_written_means_every_built_in_rule() {
    let policy = load_policy(&[]).unwrap();
    assert_eq!(policy.rules().len(), builtin_rules().len());
    assert!(matches!(policy.rules(), std::borrow::Cow::Borrowed(_)), "no copy");
}

#[test]
fn an_exclusion_and_a_custom_rule_drop_no_built_in_rule() {
    let text = "[paths]\nexclude = ['a/']\n[[rule]]\nid = 'my-own'\nname = 'n'\nwhat = 'w'\nseverity = 'low'\nanchors = ['zzq_']\npattern = 'zzq_[0-9]{9}'\n";
    let rules = load(Origin::Repository, text).unwrap_or_else(|p| panic!("{p}")).rules().into_owned();
    assert_eq!(rules.len(), builtin_rules().len() + 1);
}

#[test]
fn every_mistake_is_reported_in_one_run_with_its_place() {
    let text = "[hok]\nblock = 'high'\n[hook]\nblock = 'hihg'\nwarn = 3\n[paths]\nexclude = ['a[']\n[rules]\ndisable = ['slack-bot-tokn']\n[limits]\nmax-blob-size = 'big'\n";
    let problems = load(Origin::Repository, text).unwrap_err();
    let seen: Vec<(usize, usize, &str)> = problems.0.iter().map(|p| (p.line, p.column, p.code)).collect();
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            (1, 2, "unknown-key"),
            (4, 9, "bad-value"),
            (5, 8, "wrong-type"),
            (7, 12, "bad-glob"),
            (9, 12, "unknown-rule"),
            (11, 17, "bad-value"),
        ],
        "{problems}"
    );
    let text = problems.to_string();
    for help in ["did you mean `hook`?", "did you mean `high`?", "did you mean `slack-bot-token`?"] {
        assert!(text.contains(help), "{help} is missing in\n{text}");
    }
}

#[test]
fn a_syntax_error_has_its_line() {
    let problems = load(Origin::Repository, "[hook]\nblock = \n").unwrap_err();
    assert_eq!((problems.0[0].line, problems.0[0].code), (2, "syntax"), "{problems}");
}

#[test]
fn a_repository_cannot_set_what_belongs_to_the_server() {
    let problems = load(Origin::Repository, "[server]\nmode = 'observe'\n").unwrap_err();
    assert_eq!(problems.0[0].code, "not-yours");
}

#[test]
fn a_locked_key_keeps_the_systems_value_and_says_so() {
    let system = layer(Origin::System, "locked = ['hook.*']\n[hook]\nblock = 'medium'\n");
    let repository = layer(Origin::Repository, "[hook]\nblock = 'high'\n");
    let policy = load_policy(&[repository, system]).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(policy.hook.block, Confidence::Medium);
    assert_eq!(policy.ignored[0].code, "locked-key");
}

#[test]
fn later_layers_replace_values_and_add_to_lists() {
    let user = layer(Origin::User, "[hook]\nwarn = 'low'\n[paths]\nexclude = ['a/']\n");
    let repository = layer(Origin::Repository, "[hook]\nwarn = 'high'\n[paths]\nexclude = ['b/']\n");
    let policy = load_policy(&[repository, user]).unwrap();
    assert_eq!(policy.hook.warn, Confidence::High);
    assert!(policy.path_excluded(b"a/x") && policy.path_excluded(b"b/x"));
}

#[test]
fn thresholds_and_modes_decide() {
    use Confidence::{High, Low, Medium};
    let policy = load(Origin::Repository, "[rules.mode]\n'slack-*' = 'warn'\njwt = 'block'\n").unwrap();
    let scan = Command::Scan { all: false };
    let all = Command::Scan { all: true };
    let cases = [
        ("x", High, Command::Hook, Mode::Block),
        ("x", Medium, Command::Hook, Mode::Warn),
        ("x", Low, Command::Hook, Mode::Ignore),
        ("x", Medium, scan, Mode::Block),
        ("x", Low, scan, Mode::Ignore),
        ("x", Low, all, Mode::Warn),
        ("slack-bot-token", High, Command::Hook, Mode::Warn),
        ("jwt", Medium, Command::Hook, Mode::Block),
        ("jwt", Low, Command::Hook, Mode::Ignore),
    ];
    for (rule, confidence, command, expected) in cases {
        assert_eq!(
            policy.mode(rule, Severity::High, confidence, command),
            expected,
            "{rule} {confidence} {command:?}"
        );
    }
}

#[test]
fn the_hash_changes_with_what_is_looked_for_and_with_nothing_else() {
    let hash = |text| load(Origin::Repository, text).unwrap().hash();
    assert_eq!(hash(""), hash("# a comment\n"));
    assert_ne!(hash(""), hash("[rules]\ndisable = ['jwt']\n"));
    assert_ne!(hash(""), hash("[paths]\nexclude = ['a']\n"));
    assert_eq!(
        hash("fingerprint-key = 'aaaa'\n"),
        hash("fingerprint-key = 'bbbb'\n"),
        "the key does not show"
    );
}

#[test]
fn a_custom_rule_that_cannot_work_is_a_problem_at_its_pattern() {
    let rule = |pattern: &str, more: &str| {
        format!(
            "[[rule]]\nid = 'my-own'\nname = 'n'\nwhat = 'w'\nseverity = 'low'\nanchors = ['zzq_']\npattern = '{pattern}'\n{more}"
        )
    };
    for (text, says) in [
        (rule("zzq_[0-9", ""), "does not parse"),
        (rule("zzq_[0-9]+", ""), "no longest match"),
        (rule("^zzq_[0-9]{9}", ""), "start or end of the whole input"),
        (rule("zzq_[0-9]{9}", "verify = 'crc-32'\n"), "no offline check"),
    ] {
        let problems = load(Origin::Repository, &text).unwrap_err();
        let p = &problems.0[0];
        assert_eq!((p.line, p.code), (7, "bad-rule"), "{problems}");
        assert!(p.what.contains(says), "{says} is not in {problems}");
    }
}
