//! The generic engine on cases kept as data, and its two contracts: locality and no panic on any input.

use std::ops::Range;

use proptest::prelude::*;

use super::{AFTER, Assignment, BEFORE, assignment, assignments};
use crate::context::{file_kind, weigh};
use crate::{Confidence, Severity};

/// What the rules of `config/rules/generic.toml` ask about.
#[rustfmt::skip]
const ANCHORS: [&str; 50] = [
    ".tochararray(", "create_user(", "htpasswd -",
    "pass", "pwd", "secret", "token", "credential", "creds", "apikey", "api_key", "api-key", "_key", "key=", "key:", "key\"", "key'",
    "key =", "key :", "key  ", "auth", "密码", "пароль", "://", "basic ", "bearer ", "curl ", "identified ", "pw=", "pw =", "login(",
    "pw ", "connect(", "connection(", "pdo(", "wifi.begin(", "createhmac(", "hmac.new(", "jwt.sign(", "cookiestore(", "securitykey(",
    "fernet(", "@tcp(", "-key ", "docker login ", "redis-cli ", "sudo -s ", "sqlplus ", "lftp ", "mongo ",
];

struct Case {
    path: String,
    line: usize,
    text: String,
    /// An offset inside the secret; `None` where there is none.
    secret: Option<usize>,
}

fn cases() -> Vec<Case> {
    let mut path = String::new();
    let mut cases = Vec::new();
    for (i, line) in include_str!("cases.txt").lines().enumerate() {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        let text = rest.replace('⏎', "\n");
        let found = text.find("<>");
        match mark {
            "@" => rest.clone_into(&mut path),
            "+" => {
                let secret = Some(found.expect("a `+` case needs `<>`"));
                cases.push(Case {
                    path: path.clone(),
                    line: i + 1,
                    text: text.replacen("<>", "", 1),
                    secret,
                });
            }
            "-" => cases.push(Case { path: path.clone(), line: i + 1, text, secret: None }),
            _ => {}
        }
    }
    cases
}

fn anchors(text: &[u8]) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    for anchor in ANCHORS {
        let anchor = anchor.as_bytes();
        for (i, window) in text.windows(anchor.len()).enumerate() {
            if window.eq_ignore_ascii_case(anchor) {
                all.push(i..i + anchor.len());
            }
        }
    }
    all
}

fn shown(text: &[u8], path: &str) -> Vec<Assignment> {
    let kind = file_kind(path.as_bytes());
    anchors(text)
        .into_iter()
        .flat_map(|a| assignments(text, a))
        .filter(|a| {
            weigh(a.evidence, a.severity, a.confidence, kind)
                .is_some_and(|g| g.confidence >= Confidence::Medium)
        })
        .collect()
}

#[test]
fn every_case_is_judged_as_written() {
    let cases = cases();
    assert!(cases.len() > 200, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        // In the middle of a file, as cases are.
        let before = "# a line\n";
        let text = format!("{before}{}\nlast line\n", case.text);
        let found = shown(text.as_bytes(), &case.path);
        let good = match case.secret {
            Some(at) => found.iter().any(|a| a.value.contains(&(at + before.len()))),
            None => found.is_empty(),
        };
        if !good {
            let values: Vec<_> = found.iter().map(|a| &text[a.value.clone()]).collect();
            wrong.push(format!(
                "cases.txt:{}: {} in {}: {values:?}",
                case.line,
                case.text.escape_debug(),
                case.path
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn browser_bound_names_say_so_and_rise() {
    let value = ["vK9xq3Zt7L", "w2Rb5Mc"].concat();
    let judge = |name: &str| {
        let text = format!("{name}={value}\n");
        let anchor = text.find("SECRET").expect("the name has it");
        assignment(text.as_bytes(), anchor..anchor + 6).expect("found")
    };
    let (plain, browser) = (judge("API_SECRET"), judge("NEXT_PUBLIC_API_SECRET"));
    assert!(browser.severity > plain.severity || plain.severity == Severity::Critical);
    assert!(browser.why.iter().any(|w| w.contains("browsers")));
}

#[test]
fn the_value_is_exactly_what_stands_there() {
    let chosen = ["zQ8kx", "3vTw9m"].concat();
    for (before, after) in [
        ("password = \"", "\";"),
        ("password: ", "\n"),
        ("{\"password\":\"", "\"}"),
        ("\"{\\\"password\\\": \\\"", "\\\"}\""),
        ("<password>", "</password>"),
        ("?password=", "&x=1"),
        ("PASSWORD=", " other"),
        ("postgres://u:", "@h/db"),
        ("Password=", ";Server=x"),
        ("&quot;password&quot;: &quot;", "&quot;"),
        ("s:8:\"password\";s:11:\"", "\";"),
        ("{user: a, password: ", "}"),
    ] {
        let text = format!("{before}{chosen}{after}");
        let found: Vec<_> =
            anchors(text.as_bytes()).into_iter().filter_map(|a| assignment(text.as_bytes(), a)).collect();
        assert!(found.iter().any(|a| text[a.value.clone()] == chosen), "{text}: {found:?}");
    }
}

/// Text that is near to what the grammar reads.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(ANCHORS.to_vec()).prop_map(|s| s.as_bytes().to_vec()),
        prop::sample::select(vec![
            "=",
            ":",
            "\"",
            "'",
            "\\\"",
            " ",
            "\n",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "<",
            ">",
            "</",
            "${",
            ":-",
            "value",
            ",",
            ";s:3:",
            "|",
            "user",
            "@",
            "zQ8kx3vTw9",
            "é",
            "%3D",
            "&",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|v| v.concat())
}

proptest! {
    /// A verdict depends on the window around the anchor alone.
    #[test]
    fn locality(before in pieces(), text in pieces(), after in pieces(), far in any::<[u8; 4]>()) {
        let pad = |n: usize| far.iter().copied().cycle().take(n).collect::<Vec<u8>>();
        let hay = [before, text, after].concat();
        for anchor in anchors(&hay) {
            let here = assignment(&hay, anchor.clone());
            // The same window with other bytes beyond it: only where the window is whole is that the same question.
            let (front, back) = (pad(BEFORE), pad(AFTER));
            let wide = [front.clone(), hay.clone(), back].concat();
            let moved = anchor.start + BEFORE..anchor.end + BEFORE;
            let inner = &wide[moved.start - BEFORE..(moved.end + AFTER).min(wide.len())];
            let cut = assignment(inner, BEFORE..BEFORE + anchor.len());
            let whole = assignment(&wide, moved.clone());
            let shift = moved.start - BEFORE;
            prop_assert_eq!(cut.map(|a| (a.value.start + shift, a.value.end + shift, a.evidence)), whole.map(|a| (a.value.start, a.value.end, a.evidence)));
            if let Some(a) = here {
                prop_assert!(a.value.end <= hay.len() && a.key.end <= hay.len() && !a.value.is_empty());
            }
        }
    }

    /// Any bytes at any place are answered, whatever the anchor claims to be.
    #[test]
    fn no_panic(hay in prop::collection::vec(any::<u8>(), 0..400), start in 0usize..400, len in 0usize..12) {
        let start = start.min(hay.len());
        let end = (start + len).min(hay.len());
        let _ = assignment(&hay, start..end);
    }
}
