//! Secrets that nothing but their surroundings give away.
//!
//! Half of all vendors issue plain runs of hex or letters. Such a value is worth a finding only where it
//! is assigned to a name that says whose it is and that it is secret. A rule writes that as
//!
//! ```toml
//! near = ["datadog"]            # a word of the vendor, then within a line a word for a secret
//! names = ["dd_api_key"]        # or the whole name
//! pattern = '[0-9a-f]{32}'      # the value alone
//! ```
//! and this module builds the pattern around it: one definition of what an assignment looks like, for
//! environment files, YAML, JSON, XML, code, headers, flags and query strings. In the words, `_` also stands
//! for `-`, `.`, a space, or nothing; letters match in either case.
//!
//! A value of nearly that shape, a few characters too long or with others among them, was cut off or made up.
//! The pattern takes it too, in the group `misshapen`: it is no finding, and keeps the generic rules from making
//! one of it.

/// Between the vendor's word and the word for a secret: the rest of the line, or a step into a block and
/// past two lines of it.
const GAP: &str = concat!(
    r#"(?:[\t -~]{0,40}?|[\w .\-"']{0,20}[:={(\[>][:={(\[> \t]{0,3}\r?\n"#,
    r#"(?:[ \t]{1,16}[!-~][\t -~]{0,48}\r?\n){0,2}?[ \t]{1,16}[\w."'\-]{0,24}?)"#,
);

/// Where the vendor's word is on a line above: a heading, a comment, an import, the head of a block. The name is then
/// nothing but [`PLAIN`].
const ABOVE: &str = concat!(
    r"[\t -~]{0,24}?\r?\n(?:\r?\n)?(?:[\t -~]{1,40}\r?\n){0,2}?",
    r"(?:[\t -~]{0,24}?[^0-9A-Za-z_\n\-])?"
);

/// What people call a secret where the vendor is named elsewhere.
const PLAIN: &str = concat!(
    "(?:(?:access|admin|api|app|application|auth|bearer|client|integration|license|personal|private|project|rest|",
    "routing|secret|security|server|service|signing|user|webhook|write|x)[_. -]?){0,2}",
    "(?:key|token|secret|password|passwd|pwd|pat|credentials?)",
);

/// A name that ends like this holds a secret. `_id`, `_url`, `_hash` and the like do not follow.
const SECRET_WORD: &str = concat!(
    r"(?:key|token|secret|pass(?:word|wd|phrase|code)?|pwd|pw|auth(?:orization)?|api|access|cred(?:ential)?s?|pat|private|license|sk)",
    r"(?:s|_?v?[0-9]{1,2}|[_-](?:value|string|prod|production|live|dev|test|staging|default|main))?"
);

/// A name for which only a vendor's own value makes sense. A password is whatever a person chose.
const VENDOR_WORD: &str = "(?:key|token|secret|auth|api|access|pat)s?";

/// As [`GAP`], for values of a wrong shape: only what stands next to the vendor's word.
const SHORT_GAP: &str = r#"[\w .:={"'\r\n\t\-]{0,32}?"#;

/// As [`ASSIGN`], for values of a wrong shape: the common forms. Patterns that are seldom needed stay small.
const SHORT_ASSIGN: &str = r#"["'\])]{0,2}[ \t]{0,3}(?:[:=,>(]{1,2}|[ \t])[ \t]{0,3}["'`(]{0,2}"#;

/// The commonest words for a secret as they stand in camel case.
const CAPITAL: &str = "(?:Key|Token|Secret|Pass(?:word)?|Pwd|Pat)";

/// From the end of a name to the value: a type, an operator, an opening quote, the scheme of a header.
const ASSIGN: &str = concat!(
    r#"["'\]]{0,3}"#,
    r"(?:[ \t]{0,2}:[ \t]{0,2}[\w<>?&\[\]]{1,24}[ \t]{1,2}=)?",
    r#"(?:[ \t]{0,8}(?:=>|:?=|==|::?|,|\|\|=?|\?\?=?|\?=|->|<-|>|\()[ \t]{0,8}|[ \t]{1,4}"#,
    r#"|,?\s{0,24}["'<]?value["']?[ \t]{0,2}[:=>][ \t]{0,4}|%3[dD]|-)"#,
    r#"(?:\\?["'`]{1,3}|[(\[{]["'`]?|[bru]["'])?"#,
    r"(?:(?i:bearer|token|basic|ssws|apikey|key)[ \t]{1,2})?",
);

/// What may follow a value.
const END: &str = r"(?:[^0-9A-Za-z_+/=\-]|(?m:$))";

/// The pattern and the anchors of a rule whose value has the shape `value`.
pub fn expand(near: &[String], names: &[String], value: &str) -> (String, Vec<(String, bool)>) {
    let mut heads: Vec<String> = Vec::new();
    if !near.is_empty() {
        heads.push(format!("{}{GAP}(?i:{SECRET_WORD})", words(near)));
    }
    // A word of three letters is on many a line.
    let telling: Vec<String> = near.iter().filter(|w| w.len() > 3).cloned().collect();
    if !telling.is_empty() {
        heads.push(format!("{}{ABOVE}(?i:{PLAIN})", words(&telling)));
    }
    // `ethKey`: where a short word's edge is the capital that begins the word for a secret.
    for word in near.iter().filter(|w| w.len() <= 4 && w.bytes().all(|b| b.is_ascii_lowercase())) {
        heads.push(format!(
            "(?:(?m:^)|[^A-Z])(?:{word}|{})(?:Api|Access|Private|Secret|Auth)?{CAPITAL}",
            capital(word)
        ));
    }
    if !names.is_empty() {
        heads.push(words(names));
    }
    let mut pattern = format!("(?:{}){ASSIGN}({value}){END}", heads.join("|"));
    if let Some(wrong) = misshapen(value) {
        let mut heads: Vec<String> = Vec::new();
        let own: Vec<String> = near.iter().filter(|n| says_whose(n)).cloned().collect();
        if !own.is_empty() {
            heads.push(format!("{}{SHORT_GAP}(?i:{VENDOR_WORD})", words(&own)));
        }
        let own: Vec<String> = names.iter().filter(|n| says_whose(n)).cloned().collect();
        if !own.is_empty() {
            heads.push(words(&own));
        }
        if !heads.is_empty() {
            pattern = format!("{pattern}|(?:{}){SHORT_ASSIGN}(?P<misshapen>{wrong}){END}", heads.join("|"));
        }
    }
    let anchors = near.iter().chain(names).flat_map(|w| spellings(w)).map(|w| (w, true)).collect();
    (pattern, anchors)
}

/// Words of names that anyone gives to a secret of anyone.
#[rustfmt::skip]
const COMMON: [&str; 42] = [
    "api", "app", "application", "access", "auth", "authorization", "secret", "private", "priv", "privkey", "privatekey",
    "pk", "key", "keys", "token", "tokens", "client", "x", "consumer", "user", "service", "account", "master", "sign", "signing",
    "encryption", "wallet", "deployer", "owner", "my", "webhook", "admin", "server", "root", "personal", "bearer",
    "refresh", "session", "secretkey", "apikey", "accesskey", "base",
];

/// Whether a name says whose secret it is: under `private_key` a value of another shape is another's.
fn says_whose(name: &str) -> bool {
    name.split(['_', '-', '.', ' ']).any(|word| !COMMON.contains(&word.to_ascii_lowercase().as_str()))
}

/// A pattern for values that `value` nearly takes: of its characters and a wrong length, or of its length with
/// any characters. `None` where the shape is too short or too loose to tell.
fn misshapen(value: &str) -> Option<String> {
    if let Some(inner) = value.strip_prefix("(?:").and_then(|v| v.strip_suffix(')'))
        && !inner.contains(['(', ')'])
    {
        let shapes: Option<Vec<String>> = inner.split('|').map(misshapen).collect();
        return shapes.map(|shapes| shapes.join("|"));
    }
    let (mut least, mut most, mut class) = (0, 0, String::new());
    let mut rest = value;
    while !rest.is_empty() {
        let piece = Piece::first_of(rest)?;
        rest = &rest[piece.written..];
        class.push_str(&piece.class);
        (least, most) = (least + piece.least, most + piece.most);
    }
    let telling = least >= 15 && most - least <= 12 && most <= 140;
    let (short, long) = (least - least.min(least / 4 + 1), most + most / 4 + 2);
    telling.then(|| format!("[{class}]{{{short},{long}}}|{ANY}{{{least},{most}}}"))
}

/// A piece of a value's pattern: a class, a character or a choice of words, and how often it stands.
struct Piece {
    /// The characters, as they are written inside a class.
    class: String,
    least: usize,
    most: usize,
    /// Bytes of the pattern.
    written: usize,
}

impl Piece {
    fn first_of(pattern: &str) -> Option<Self> {
        let (class, least, most, end) = match pattern.chars().next()? {
            '[' => {
                let end = pattern.find(']')? + 1;
                (pattern[..end].to_owned(), 1, 1, end)
            }
            '(' => {
                let end = pattern.find(')')? + 1;
                let words = pattern[..end - 1].strip_prefix("(?:")?;
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '|';
                words.chars().all(plain).then_some(())?;
                let lengths = || words.split('|').map(str::len);
                (words.replace('|', ""), lengths().min()?, lengths().max()?, end)
            }
            '\\' if pattern[1..].starts_with(['.', '-', '/', '+']) => (pattern[..2].to_owned(), 1, 1, 2),
            '-' => ("\\-".to_owned(), 1, 1, 1),
            c if c.is_ascii_alphanumeric() || "_:/=".contains(c) => (c.to_string(), 1, 1, 1),
            _ => return None,
        };
        let rest = &pattern[end..];
        if rest.starts_with('?') {
            return Some(Self { class, least: 0, most, written: end + 1 });
        }
        let Some((count, _)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) else {
            return Some(Self { class, least, most, written: end });
        };
        let (low, high) = count.split_once(',').unwrap_or((count, count));
        let (low, high): (usize, usize) = (low.parse().ok()?, high.parse().ok()?);
        Some(Self { class, least: least * low, most: most * high, written: end + count.len() + 2 })
    }
}

/// What a token of wrong characters may be made of: not of those that paths and addresses have, which are everywhere.
const ANY: &str = r"[0-9A-Za-z_+=!@#%^&*~?\-]";

/// What a `_` of a word may be written as.
const JOINTS: [&str; 5] = ["_", "-", ".", " ", ""];

/// An alternation of the words. Short ones have edges: `eth` is in `together` and `something`.
fn words(words: &[String]) -> String {
    let written: Vec<String> = words.iter().map(|w| edged(&w.to_lowercase())).collect();
    format!("(?:{})", written.join("|"))
}

fn edged(word: &str) -> String {
    let spelled = escape(word).replace('_', "[_. -]?");
    match word.len() {
        // In camel case the word begins with its one capital and a capital follows: `myEthPrivateKey`.
        0..=4 => {
            let capital = capital(&spelled);
            format!(
                r"(?:(?m:^)|[^A-Za-z])(?i:{spelled})(?:\b|[_0-9])|(?:(?m:^)|[^A-Z])(?:{spelled}|{capital})[A-Z]"
            )
        }
        5 => format!("(?:(?m:^)|[^A-Za-z])(?i:{spelled})|[a-z]{}", capital(&spelled)),
        _ => format!("(?i:{spelled})"),
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// Literals of which every spelling of `word` holds one: those of its first two parts that are long enough.
fn spellings(word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let parts: Vec<&str> = word.split('_').collect();
    let Some(first) = parts.windows(2).next() else { return vec![word] };
    let long = |pair: &&[&str]| pair[0].len() + pair[1].len() >= 6;
    let pair = parts.windows(2).find(long).unwrap_or(first);
    JOINTS.iter().map(|joint| pair.join(joint)).collect()
}

fn escape(word: &str) -> String {
    word.chars()
        .flat_map(|c| {
            (!c.is_ascii_alphanumeric() && c != '_' && c != ' ').then_some('\\').into_iter().chain([c])
        })
        .collect()
}
