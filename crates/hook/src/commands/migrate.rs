//! Another scanner's configuration as a stopleak policy.
//!
//! gitleaks' TOML: rules with a pattern and keywords, path and stop-word lists. What has no counterpart is
//! named and not guessed at: a migration that silently lost a rule would be a leak.

use std::fmt::Write as _;

use toml::{Table, Value};

/// Converts gitleaks' configuration: the policy as TOML, and what could not be carried over.
pub(super) fn gitleaks(text: &str) -> Result<(String, Vec<String>), String> {
    let root: Table = text.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
    let mut notes = Vec::new();
    let mut out = String::from(
        "# Migrated from gitleaks' configuration by `stopleak config migrate`.\n# Built-in rules stay on.\n",
    );
    let mut excluded = Vec::new();
    for list in allowlists(&root) {
        for pattern in strings(list, "paths") {
            match glob(&pattern) {
                Some(glob) => excluded.push(glob),
                None => {
                    notes.push(format!("the path pattern `{pattern}`: write it as a glob in paths.exclude"));
                }
            }
        }
        for (key, advice) in [
            ("regexes", "allow the findings one by one: stopleak allow FINGERPRINT"),
            ("stopwords", "placeholders are recognised without a list"),
            ("commits", "allow entries name values and survive rebases: stopleak baseline create"),
        ] {
            let number = strings(list, key).len();
            if number > 0 {
                notes.push(format!("{number} allowlist {key}: {advice}"));
            }
        }
    }
    let extend = root.get("extend").and_then(Value::as_table);
    if extend.is_some_and(|e| e.contains_key("path") || e.contains_key("url")) {
        notes.push("the configuration that it extends: migrate that file too".into());
    }
    let disabled = extend.map(|e| strings(e, "disabledRules")).unwrap_or_default();
    if !disabled.is_empty() {
        notes.push(format!(
            "disabled rules ({}): our rules have other ids, see `stopleak rules list`",
            disabled.join(", ")
        ));
    }
    if !excluded.is_empty() {
        let _ = writeln!(out, "\n[paths]\nexclude = {}", array(&excluded));
    }
    for rule in root.get("rules").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
    {
        match convert(rule) {
            Ok(text) => out.push_str(&text),
            Err(why) => {
                let id = rule.get("id").and_then(Value::as_str).unwrap_or("without id");
                notes.push(format!("the rule {id}: {why}"));
            }
        }
    }
    Ok((out, notes))
}

fn allowlists(root: &Table) -> impl Iterator<Item = &Table> {
    let one = root.get("allowlist").and_then(Value::as_table);
    let many =
        root.get("allowlists").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    one.into_iter().chain(many)
}

fn strings(table: &Table, key: &str) -> Vec<String> {
    let list = table.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// One rule, or why it has no counterpart.
fn convert(rule: &Table) -> Result<String, String> {
    let id = rule.get("id").and_then(Value::as_str).ok_or("it has no id")?;
    let Some(pattern) = rule.get("regex").and_then(Value::as_str) else {
        return Err("it looks at paths only; put them into paths.exclude or a rule mode".into());
    };
    let keywords = strings(rule, "keywords");
    if keywords.is_empty() {
        return Err("it has no keywords; give it an anchor that every match contains".into());
    }
    if let Some(group) = rule.get("secretGroup").and_then(Value::as_integer)
        && group > 1
    {
        return Err(format!("its secret is group {group}; make that the first group"));
    }
    let kebab: String =
        id.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = rule.get("description").and_then(Value::as_str).unwrap_or(id);
    let anchors: Vec<String> = keywords.iter().map(|k| format!("(?i){}", k.to_lowercase())).collect();
    let mut out = format!("\n[[rule]]\nid = {}\nname = {}\n", quoted(kebab.trim_matches('-')), quoted(name));
    let _ = writeln!(out, "what = \"Migrated: say what its holder can do.\"\nseverity = \"high\"");
    let _ = writeln!(out, "anchors = {}\npattern = {}", array(&anchors), quoted(pattern));
    if let Some(bits) =
        rule.get("entropy").and_then(|v| v.as_float().or_else(|| v.as_integer().map(|i| i as f64)))
    {
        let _ = writeln!(out, "min-entropy = {bits:?}");
    }
    Ok(out)
}

/// A path pattern as a glob, when it is simple enough to be sure.
fn glob(pattern: &str) -> Option<String> {
    let (start, body) = match pattern.strip_prefix('^') {
        Some(rest) => ("/", rest),
        None => ("", pattern),
    };
    let (body, end) = match body.strip_suffix('$') {
        Some(rest) => (rest, true),
        None => (body, false),
    };
    let body = body.strip_prefix("(?i)").unwrap_or(body);
    let (body, any) = match body.strip_suffix(".*") {
        Some(rest) => (rest, true),
        None => (body, !end),
    };
    let (body, anywhere) = match body.strip_prefix("(.*?)").or_else(|| body.strip_prefix(".*")) {
        Some(rest) => (rest, true),
        None => (body, start.is_empty()),
    };
    let mut text = String::new();
    let mut letters = body.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' => text.push(letters.next().filter(|c| !c.is_alphanumeric())?),
            '.' if letters.next_if_eq(&'*').is_some() => text.push('*'),
            c if c.is_alphanumeric() || "_-/ ,@~=".contains(c) => text.push(c),
            _ => return None,
        }
    }
    if text.is_empty() || text == "*" {
        return None;
    }
    if any && text.ends_with('/') {
        return Some(format!("{start}{text}"));
    }
    let star = |on: bool| if on { "*" } else { "" };
    let name = text.trim_start_matches('/');
    // A name's end at any depth.
    (!name.contains('/'))
        .then(|| format!("{start}{}{name}{}", star(anywhere && !text.starts_with('/')), star(any)))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    if text.contains('\'') || text.contains('\n') {
        Value::from(text).to_string()
    } else {
        format!("'{text}'")
    }
}

fn array(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|i| quoted(i)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_simple_paths_are_carried_over() {
        let text = r#"
[extend]
useDefault = true
[[rules]]
id = "acme_key"
description = "Acme key"
regex = '''\b(acme_[0-9a-f]{32})\b'''
keywords = ["ACME_"]
entropy = 3
[allowlist]
paths = ['''\.golden$''', '''^vendor/''', '''(a|b)/c''']
"#;
        let (policy, notes) = gitleaks(text).unwrap();
        assert!(policy.contains("id = 'acme-key'"), "{policy}");
        assert!(policy.contains("anchors = ['(?i)acme_']"), "{policy}");
        assert!(policy.contains("min-entropy = 3.0"), "{policy}");
        assert!(policy.contains("exclude = ['*.golden', '/vendor/']"), "{policy}");
        assert_eq!(notes.len(), 1, "{notes:?}");
        let layer = stopleak_config::Layer {
            origin: stopleak_config::Origin::Repository,
            file: "migrated.toml".into(),
            text: policy,
        };
        stopleak_config::load_policy(&[layer]).unwrap();
    }

    #[test]
    fn what_has_no_counterpart_is_named() {
        let text = "[[rules]]\nid = 'a'\npath = 'x'\n[[rules]]\nid = 'b'\nregex = 'x'\n[allowlist]\ncommits = ['1']\n";
        let (_, notes) = gitleaks(text).unwrap();
        assert_eq!(notes.len(), 3, "{notes:?}");
    }
}
