//! The part of JSON Schema (draft 7) that SARIF's schema uses.
//!
//! `sarif-schema-2.1.0.json` is OASIS's own file. A keyword that this checker does not know makes it
//! fail, so that nothing is passed over in silence.

use serde_json::Value;

/// Checks a SARIF log; panics with the path of the first value that breaks the schema.
pub(crate) fn check(log: &Value) {
    let text = include_str!("../sarif-schema-2.1.0.json");
    let root: Value = serde_json::from_str(text).expect("the schema is JSON");
    if let Err(problem) = valid(log, &root, &root, "$") {
        panic!("{problem}");
    }
}

fn valid(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let Some(keywords) = schema.as_object() else { return Ok(()) };
    for (keyword, rule) in keywords {
        let list = || rule.as_array().expect("a list");
        let number = || rule.as_f64().expect("a number");
        let ok = match keyword.as_str() {
            "$schema"
            | "title"
            | "id"
            | "$id"
            | "description"
            | "default"
            | "definitions"
            | "format"
            | "properties"
            | "additionalProperties"
            | "items" => true,
            "$ref" => {
                let pointer = rule.as_str().and_then(|r| r.strip_prefix('#')).expect("a local reference");
                valid(value, root.pointer(pointer).expect("it is defined"), root, at)?;
                true
            }
            "type" if rule.is_array() => list().iter().any(|k| is(value, k)),
            "type" => is(value, rule),
            "enum" => list().contains(value),
            "required" => list().iter().all(|k| value.get(k.as_str().expect("a name")).is_some()),
            "minimum" => value.as_f64().is_none_or(|v| v >= number()),
            "maximum" => value.as_f64().is_none_or(|v| v <= number()),
            "minItems" => value.as_array().is_none_or(|v| v.len() as f64 >= number()),
            "uniqueItems" if rule == &Value::Bool(false) => true,
            "uniqueItems" => {
                value.as_array().is_none_or(|v| v.iter().enumerate().all(|(i, x)| !v[..i].contains(x)))
            }
            "pattern" => {
                let pattern = regex::Regex::new(rule.as_str().expect("a pattern")).expect("it compiles");
                value.as_str().is_none_or(|v| pattern.is_match(v))
            }
            "anyOf" => list().iter().any(|s| valid(value, s, root, at).is_ok()),
            "oneOf" => list().iter().filter(|s| valid(value, s, root, at).is_ok()).count() == 1,
            other => return Err(format!("{at}: the checker does not know `{other}`")),
        };
        if !ok {
            return Err(format!("{at}: breaks `{keyword}`: {rule}, value {value}"));
        }
    }
    inside(value, schema, root, at)
}

/// Members of objects and items of arrays.
fn inside(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    for (name, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), schema.get("additionalProperties")) {
            (None, Some(Value::Bool(false))) => return Err(format!("{at}: no such property")),
            (Some(rule), _) | (None, Some(rule)) => valid(member, rule, root, &at)?,
            (None, None) => {}
        }
    }
    if let (Some(items), Some(rule)) = (value.as_array(), schema.get("items")) {
        for (i, item) in items.iter().enumerate() {
            valid(item, rule, root, &format!("{at}[{i}]"))?;
        }
    }
    Ok(())
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("a type's name") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("no type {other}"),
    }
}
