//! A TOML table as it was written, read strictly.
//!
//! [`Table`] hands out typed values one key at a time and remembers which keys were asked for. A value of
//! the wrong kind becomes a problem and reads as absent; a key that nobody asked for becomes a problem
//! when the table is [finished](Table::finish). Reading goes on after each, so one run finds them all.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problems::{At, Problems, did_you_mean};

/// The document's root table. Syntax errors become problems; what could be read is still returned.
pub fn parse<'t>(at: At<'t>, problems: &mut Problems) -> Spanned<DeTable<'t>> {
    let (table, errors) = DeTable::parse_recoverable(at.text);
    for error in errors {
        let offset = error.span().map_or(0, |s| s.start);
        problems.add(at, offset, "syntax", format!("not valid TOML: {}", error.message().trim()), None);
        // Brackets that are never closed are all said to end in the same place.
        if let [.., before, last] = problems.0.as_slice()
            && before == last
        {
            problems.0.pop();
        }
    }
    table
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Value<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Range<usize>,
}

/// One table being read.
pub struct Table<'a, 't> {
    at: At<'t>,
    content: &'a DeTable<'t>,
    span: Range<usize>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a, 't> Table<'a, 't> {
    /// Starts reading `table`, which stands at `span`.
    pub fn new(at: At<'t>, table: &'a DeTable<'t>, span: Range<usize>) -> Self {
        Self { at, content: table, span, asked: RefCell::default() }
    }

    /// Where the table stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The file and text it is read from.
    pub fn at(&self) -> At<'t> {
        self.at
    }

    /// Every key as written, with its place, asked for or not.
    pub fn keys(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> + use<'a, 't> {
        self.content.keys().map(|k| (k.get_ref().as_ref(), k.span()))
    }

    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'t>>> {
        self.asked.borrow_mut().push(key);
        self.content.get(key)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'t>>, wanted: &str, problems: &mut Problems) {
        let what = format!("`{key}` must be {wanted}, not {}", article(value.get_ref().type_str()));
        problems.add(self.at, value.span().start, "wrong-type", what, None);
    }

    /// A string.
    pub fn string(&self, key: &'static str, problems: &mut Problems) -> Option<Value<String>> {
        let value = self.get(key)?;
        if let DeValue::String(s) = value.get_ref() {
            return Some(Value { value: s.to_string(), span: value.span() });
        }
        self.wrong(key, value, "a string", problems);
        None
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &'static str, problems: &mut Problems) -> Option<Value<bool>> {
        let value = self.get(key)?;
        if let DeValue::Boolean(b) = value.get_ref() {
            return Some(Value { value: *b, span: value.span() });
        }
        self.wrong(key, value, "true or false", problems);
        None
    }

    /// A whole or decimal number, zero or more.
    pub fn number(&self, key: &'static str, problems: &mut Problems) -> Option<Value<f64>> {
        let value = self.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(i) if i.radix() == 10 => i.as_str().parse::<f64>().ok(),
            DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
            _ => None,
        };
        match number {
            Some(n) if n.is_finite() && n >= 0.0 => Some(Value { value: n, span: value.span() }),
            _ => {
                self.wrong(key, value, "a number, zero or more", problems);
                None
            }
        }
    }

    /// A whole number, zero or more.
    pub fn count(&self, key: &'static str, problems: &mut Problems) -> Option<Value<usize>> {
        let value = self.get(key)?;
        let number =
            value.get_ref().as_integer().and_then(|i| usize::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong(key, value, "a whole number, zero or more", problems);
        }
        Some(Value { value: number?, span: value.span() })
    }

    /// A list of strings. A lone string is taken as a list of one.
    pub fn strings(&self, key: &'static str, problems: &mut Problems) -> Option<Vec<Value<String>>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(s) => Some(vec![Value { value: s.to_string(), span: value.span() }]),
            DeValue::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for item in items {
                    match item.get_ref() {
                        DeValue::String(s) => out.push(Value { value: s.to_string(), span: item.span() }),
                        _ => self.wrong(key, item, "a list of strings", problems),
                    }
                }
                Some(out)
            }
            _ => {
                self.wrong(key, value, "a list of strings", problems);
                None
            }
        }
    }

    /// A table of its own.
    pub fn table(&self, key: &'static str, problems: &mut Problems) -> Option<Table<'a, 't>> {
        let value = self.get(key)?;
        if let DeValue::Table(t) = value.get_ref() {
            return Some(Table::new(self.at, t, value.span()));
        }
        self.wrong(key, value, "a table", problems);
        None
    }

    /// A list of tables, as `[[key]]` writes it.
    pub fn tables(&self, key: &'static str, problems: &mut Problems) -> Vec<Table<'a, 't>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(key, value, "a list of tables, written [[…]]", problems);
            return Vec::new();
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match item.get_ref() {
                DeValue::Table(t) => out.push(Table::new(self.at, t, item.span())),
                _ => self.wrong(key, item, "a list of tables, written [[…]]", problems),
            }
        }
        out
    }

    /// Every pair of a table whose keys are free (`[rules.mode]`) and whose values are strings.
    pub fn pairs(&self, problems: &mut Problems) -> Vec<(Value<String>, Value<String>)> {
        let mut out = Vec::new();
        for (key, value) in self.content {
            match value.get_ref() {
                DeValue::String(s) => out.push((
                    Value { value: key.get_ref().to_string(), span: key.span() },
                    Value { value: s.to_string(), span: value.span() },
                )),
                _ => self.wrong(key.get_ref(), value, "a string", problems),
            }
        }
        out
    }

    /// Notes a problem at a place in this table's file.
    pub fn problem(
        &self,
        span: &Range<usize>,
        code: &'static str,
        what: String,
        help: Option<String>,
        problems: &mut Problems,
    ) {
        problems.add(self.at, span.start, code, what, help);
    }

    /// Notes every key that was not asked for.
    pub fn finish(self, problems: &mut Problems) {
        let asked = self.asked.borrow();
        for key in self.content.keys() {
            let name = key.get_ref().as_ref();
            if !asked.contains(&name) {
                let help = did_you_mean(name, asked.iter().copied())
                    .unwrap_or_else(|| format!("known here: {}", asked.join(", ")));
                problems.add(
                    self.at,
                    key.span().start,
                    "unknown-key",
                    format!("unknown key `{name}`"),
                    Some(help),
                );
            }
        }
    }
}

/// The kind of a value with its article.
fn article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if an { "an" } else { "a" })
}
