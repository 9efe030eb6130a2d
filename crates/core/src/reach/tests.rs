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
