use proptest::prelude::*;

use super::measure::Need;
use super::*;
use crate::rule::Rule;
use crate::testing::pattern;

fn shape(anchors: &[&str], text: &str) -> Shape {
    let rule = pattern("r", anchors, text);
    Shape::of(&parse(text).unwrap(), &rule.anchors).unwrap()
}

#[test]
fn the_lead_is_what_can_be_in_front_of_the_first_anchor() {
    let cases: [(&[&str], &str, usize); 13] = [
        (&["acme_"], r"\b(acme_[0-9a-f]{32})\b", 0),
        (&["acme_", "acmx_"], r"\b(acm[ex]_[0-9a-f]{32})\b", 0),
        (&["acme_"], r"[a-z]{0,7}(acme_[0-9a-f]{32})", 7),
        (&["(?i)datadog"], r"(?i)datadog[\w .-]{0,24}=([0-9a-f]{32})\b", 0),
        (&["(?i)datadog"], r"datadog=([0-9a-f]{32})\b", 0),
        (&["ab_", "cd_"], r"(?:ab|cd)_[0-9]{9}", 0),
        (&["://"], r"[a-z]{2,9}://[^@ ]{1,9}@", 9),
        (&["ab", "cd"], r"x(?:ab|..cd)[0-9]", 3),
        (&["aaa"], r"a{3,9}b", 0),
        (&["ab"], r"(?:x|ab){1,3}ab", 6),
        // Nothing tells where the anchor is: anywhere.
        (&["ab"], r"[0-9ab]{9}", 8),
        (&["ab"], r"(?i)ab[0-9]{9}", 10),
        (&["abc"], r"ab?c", 2),
    ];
    for (anchors, text, lead) in cases {
        assert_eq!(shape(anchors, text).lead, lead, "{text}");
    }
}

#[test]
fn the_reach_is_the_longest_match_and_a_byte_to_look_at() {
    let rule = pattern("r", &["acme_"], r"\b(acme_[0-9a-f]{32})\b");
    assert_eq!(check_rule(&rule), Ok(Reach { before: 1, after: 38 }));
}

#[test]
fn unsound_rules_are_refused_with_the_reason() {
    let cases = [
        (pattern("r", &["ab"], r"ab[0-9]+"), "no longest match"),
        (pattern("r", &["ab"], r"ab.*"), "no longest match"),
        (pattern("r", &["ab"], r"^ab[0-9]{9}"), "start or end of the whole input"),
        (pattern("r", &["ab"], r"ab[0-9]{9}\z"), "start or end of the whole input"),
        (pattern("r", &["ab"], r"ab[0-9]{9999}"), "more than 8192"),
        (pattern("r", &["ab"], r"ab[0-9"), "does not parse"),
        (pattern("r", &["ab"], r"ab(?=x)"), "does not parse"),
        (pattern("r", &["ab"], r"(?u)ab\w{9}"), "Unicode"),
        (pattern("r", &["ab"], r"(?:ab)?"), "less than two bytes"),
        (
            pattern(
                "r",
                &["ab"],
                r"ab(?:a[a-c]b|b[d-f]c|c[e-g]d|d[x-z]e|e[k-m]f|f[b-c]g|g[d-e]h|h[f-g]i){0,2000}",
            ),
            "does not compile",
        ),
        (pattern("r", &["ab"], r"ab(?<id>[0-9]{9})"), "only group is `id`"),
        (pattern("r", &["a"], r"ab"), "shorter than two"),
        (pattern("r", &[], r"ab"), "no anchor"),
        (pattern("r", &["(?i)Ab"], r"ab"), "upper-case"),
        (pattern("r", &["a\0"], r"ab"), "NUL"),
        (Rule { verify: Some("nothing".into()), ..pattern("r", &["ab"], "ab") }, "no offline check"),
        (Rule { min_entropy: 9.0, ..pattern("r", &["ab"], "ab") }, "entropy"),
        (Rule { engine: Engine::KeyBlock, ..pattern("r", &["ab"], "ab") }, "engine"),
    ];
    for (rule, reason) in cases {
        let problem = check_rule(&rule).expect_err(reason);
        assert!(problem.what.contains(reason), "{:?}: {}", rule.pattern, problem.what);
        assert!(!problem.help.is_empty());
    }
}

#[test]
fn looks_at_lines_and_words_are_fine() {
    for text in [r"(?m:^)ab[0-9]{9}(?m:$)", r"(?mR)^ab$", r"\Bab\b", r"(?i)ab[^\r\n]{0,9}"] {
        let anchor = if text.contains("(?i)") { "(?i)ab" } else { "ab" };
        check_rule(&pattern("r", &[anchor], text)).unwrap();
    }
}

#[test]
fn a_window_needs_the_rarest_run_of_the_pattern() {
    let need = |text: &str| Need::of(&parse(text).unwrap());
    let hex = |n: usize| "0a".repeat(n / 2);
    let cases = [
        (r"\bacme_[0-9a-f]{32}\b", format!("acme_{}", hex(32)), hex(30)),
        (r"(?i)acme.{0,40}?(?:'([0-9a-f]{32})'|([0-9a-f]{20}))", hex(20), hex(18)),
        (r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", format!("{}----{}", hex(16), hex(16)), hex(34)),
        (r"x(?:[0-9]{3,9}|[a-f]{2}){4}y", "x00000000y".into(), "x0000000y".into()),
    ];
    for (text, met, unmet) in cases {
        let need = need(text).unwrap_or_else(|| panic!("{text}"));
        assert!(need.is_met(format!("-- {met} --").as_bytes()), "{text}");
        assert!(!need.is_met(format!("-- {unmet} {unmet} --").as_bytes()), "{text}");
    }
    for text in [r"acme=[^@]{1,40}@", r"abc", r"(?:[0-9]{20}|x)y"] {
        assert_eq!(need(text), None, "{text}");
    }
}

#[test]
fn the_guard_knows_what_follows_an_anchor() {
    let admits = |anchors: &[&str], text: &str, hay: &str, at: usize| {
        let rule = pattern("r", anchors, text);
        Measure::of(&rule).pattern.unwrap().guard.admits(hay.as_bytes(), at)
    };
    let pat: (&[&str], _) = (&["pat"], r"\b(pat[0-9A-Za-z]{5}\.)");
    let cases = [
        (pat, "pat01234.", 0, true),
        (pat, " pat01234.", 1, true),
        (pat, "xpat01234.", 1, false),
        (pat, "pat0123-.", 0, false),
        (pat, "pat01234", 0, false),
        ((&["ab", "cd"], r"x{0,2}(?:ab[0-9]|cd[a-f]{2})z{1,2}"), "xab7", 1, true),
        ((&["ab", "cd"], r"x{0,2}(?:ab[0-9]|cd[a-f]{2})z{1,2}"), "xabx", 1, false),
        ((&["ab", "cd"], r"x{0,2}(?:ab[0-9]|cd[a-f]{2})z{1,2}"), "cdff", 0, true),
        // Where the first anchor is not known, anything may be.
        ((&["ab"], r"[0-9ab]{9}"), "ab", 0, true),
        ((&["ab"], r"ab(?:[0-9]{3}|x)y"), "ab0--", 0, true),
    ];
    for ((anchors, text), hay, at, want) in cases {
        assert_eq!(admits(anchors, text, hay, at), want, "{text} in {hay}");
    }
}

proptest! {
    /// From the first anchor of a match, the guard lets it be found.
    #[test]
    fn every_match_passes_the_guard_at_its_first_anchor(
        picks in proptest::collection::vec(0usize..9, 0..5),
        lead in 0usize..3,
        noise in "[ -~]{0,9}",
    ) {
        let parts = [r"[0-9a-f]{8}", r"(?:ab|[x-z]{3})", r"-?", r"\b", r"[^a]{0,3}", r"(?i:key)", r"(\d{2,4}_){2}", r"={0,2}", r"\w{4}"];
        let leads = [r"\b", r"(?:^|[^k])", r"[a-j]{0,3}"];
        let rest: String = picks.iter().map(|&p| parts[p]).collect();
        let text = format!("{}(?:key_|KEY_){rest}", leads[lead]);
        let rule = pattern("r", &["key_", "KEY_"], &text.replace('^', r"(?m:^)"));
        let measured = Measure::of(&rule).pattern.unwrap();
        let regex = compile(&parse(&rule.pattern).unwrap()).unwrap();
        let hay = format!("{noise}key_0a1b2c3dabxyz-keyKEY_12_345_==word_word{noise}");
        for m in regex.find_iter(hay.as_bytes()) {
            let first = hay[m.start()..].find("key_").into_iter().chain(hay[m.start()..].find("KEY_")).min();
            let first = m.start() + first.unwrap();
            prop_assert!(measured.guard.admits(hay.as_bytes(), first), "{} at {}", text, first);
        }
    }

    #[test]
    fn every_match_meets_the_need(picks in proptest::collection::vec(0usize..9, 1..6), noise in "[ -~]{0,40}") {
        let parts = [r"[0-9a-f]{8}", r"(?:ab|[x-z]{3}){3}", r"-?", r"\b", r"[^a]{0,3}", r"(?i:key)", r"(\d{2,9}_){2}", r"=*?", r"\w{12}"];
        let text: String = picks.iter().map(|&p| parts[p]).collect();
        let text = text.replace("*?", "{0,2}?");
        let hir = parse(&text).unwrap();
        let regex = compile(&hir).unwrap();
        let hay = format!("{noise}0a1b2c3dabxyzab-keyKEY12_345_==word_word_12{noise}");
        if let (Some(need), Some(m)) = (Need::of(&hir), regex.find(hay.as_bytes())) {
            prop_assert!(need.is_met(&hay.as_bytes()[m.range()]), "{}", text);
        }
    }
}
