//! What looks like a credential and is none: cut off, made up, taken from a book, or looked up elsewhere.

use stopleak_testkit::fakes::{BASE62, HEX};
use stopleak_testkit::rng::Rng;

use super::Fact;
use super::places::{NAMED, Names, Place, written};

/// A look-alike: its kind, the file's name, the text.
pub(super) type Decoy = (&'static str, &'static str, String);

/// References that stand in a secret's place.
#[rustfmt::skip]
const LOOKUPS: &[Place] = &[
    ("look-up", "settings.py", "%u = os.environ[\"%u\"]"),
    ("look-up", "index.js", "const %c = process.env.%u;"),
    ("look-up", "main.go", "%c := os.Getenv(\"%u\")"),
    ("look-up", "App.java", "String %c = System.getenv(\"%u\");"),
    ("template", "values.yaml", "%n: {{ .Values.%v.%W }}"),
    ("template", "docker-compose.yml", "      - %u=${%u}"),
    ("template", "ci.yml", "      %u: ${{ secrets.%u }}"),
    ("template", "main.tf", "  %w = var.%n"),
    ("template", "app.properties", "%v.%d=@%n@"),
    ("placeholder", "README.md", "export %u=<your-%d>"),
    ("placeholder", ".env.example", "%u=your_%n_here"),
    ("placeholder", "config.json", "{\"%c\": \"YOUR_%u\"}"),
    ("placeholder", "app.env", "%u=changeme"),
    ("placeholder", "deploy.yaml", "%n: REPLACE_ME"),
    ("documentation", "doc.md", "The `%n` is shown once on the %V dashboard; keep the %w safe."),
    ("code", "auth.ts", "if (!config.%c) throw new Error('%n is missing');"),
    ("code", "client.py", "def __init__(self, %w: str, %n=None):"),
];

/// Look-alikes of `fact`, whose values look like `value`; `n` picks among the references.
pub(super) fn of(fact: &Fact, names: &Names, value: &str, n: usize, rng: &mut Rng) -> Vec<Decoy> {
    let mut out: Vec<Decoy> = Vec::new();
    for step in 0..3 {
        let (kind, file, text) = LOOKUPS[(n + step * 6) % LOOKUPS.len()];
        out.push((kind, file, written(text, names, "")));
    }
    for example in &fact.examples {
        let (_, file, text) = NAMED[n % 8];
        out.push(("documented example", file, written(text, names, example)));
    }
    let token = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.+/=:~".contains(&b));
    if token && value.len() >= 16 {
        let mut in_place = |kind, value: &str| {
            let (_, file, text) = NAMED[(n + out.len() * 5) % 16];
            out.push((kind, file, written(text, names, value)));
        };
        for (kind, made) in made_up(fact, value, n, rng) {
            in_place(kind, &made);
        }
    }
    let length = *rng.pick(&[32, 40, 64]);
    let digest = rng.text(HEX, length);
    let label = rng.pick(&["sha256", "md5", "checksum", "etag", "commit", "digest"]);
    let slug = super::places::slug(&names.vendor);
    out.push(("labelled digest", "versions.yml", format!("{slug}:\n  version: 1.4.2\n  {label}: {digest}")));
    let id = super::shape::fill("%(uuid)", rng).unwrap_or_default();
    out.push(("id", "conf.yml", format!("{slug}_account_id: {id}\n{slug}_region: eu-west-1")));
    out
}

/// Values that nobody was ever given.
fn made_up(fact: &Fact, value: &str, n: usize, rng: &mut Rng) -> Vec<(&'static str, String)> {
    let prefix = fact.literals.iter().find(|l| value.starts_with(l.as_str())).map_or(0, String::len);
    let (head, tail) = value.split_at(prefix);
    let of = |c: &str| head.to_owned() + &c.repeat(tail.len());
    let cut = |text: &str| head.to_owned() + &text.repeat(tail.len() / text.len() + 1)[..tail.len()];
    let mut out = match n % 3 {
        0 => vec![("x's", of("x")), ("sequence", cut("1234567890"))],
        1 => vec![("zeros", of("0")), ("sequence", cut("abcdefghijklmnopqrstuvwxyz"))],
        _ => vec![("X's", of("X")), ("example", cut("EXAMPLE"))],
    };
    let bare = value.trim_end_matches('=');
    let fixed = fact.least == fact.most;
    if fixed && bare.len() >= 20 {
        out.push(("too short", bare[..bare.len() - 5].to_owned()));
        out.push(("too long", format!("{bare}{}", rng.text(if is_hex(tail) { HEX } else { BASE62 }, 7))));
    }
    if prefix > 2 && tail.len() > 12 {
        let odd = format!("{head}{}!{}", &tail[..tail.len() / 2], &tail[tail.len() / 2 + 1..]);
        out.push(("wrong character", odd));
    }
    let last = value.trim_end_matches('=').len() - 1;
    let middle = value.len() / 2;
    if fact.confirmed && value.is_char_boundary(middle) && last > middle {
        let other = if &value[middle..=middle] == "a" { "b" } else { "a" };
        out.push(("wrong checksum", format!("{}{other}{}", &value[..middle], &value[middle + 1..])));
    }
    out
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
