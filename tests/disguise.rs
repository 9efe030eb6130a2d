//! Seeing through disguise, and not being fooled by look-alikes: tables of files, one scan each.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;

use stopleak_testkit::fakes;
use support::{Scratch, line, token};

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0u32, |n, &b| n << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = ALPHABET[(n >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn python(scratch: &Scratch, script: &str, args: &[&str]) {
    let done = scratch.command("python3").args(["-c", script]).args(args).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The files that `stopleak scan` names among its findings.
fn flagged(scratch: &Scratch) -> BTreeSet<String> {
    let said = scratch.stopleak(&["scan", ".", "--format", "json"]);
    assert!(said.code == 0 || said.code == 1, "{}", said.all());
    said.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["path"].as_str().unwrap().trim_start_matches("./").to_owned())
        .collect()
}

#[track_caller]
fn all_found(scratch: &Scratch, names: &[&str]) {
    let found = flagged(scratch);
    let missed: Vec<_> = names.iter().filter(|n| !found.contains(**n)).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

#[test]
fn encodings_are_decoded() {
    let scratch = Scratch::new();
    let t = |n: u64| token(1000 + n);
    let files: Vec<(&str, String)> = vec![
        ("base64.yml", format!("data:\n  config: {}\n", base64(line(&t(1)).as_bytes()))),
        ("base64-twice.yml", format!("data: {}\n", base64(base64(line(&t(2)).as_bytes()).as_bytes()))),
        ("base64-bare.txt", format!("blob {}\n", base64(t(3).as_bytes()))),
        ("hex.txt", format!("x = \"{}\"\n", hex(t(4).as_bytes()))),
        ("hex-upper.txt", format!("x = \"{}\"\n", hex(t(5).as_bytes()).to_uppercase())),
        ("percent.txt", format!("https://localhost/?q={}\n", each(&t(6), |c| format!("%{:02X}", c as u32)))),
        ("percent-some.txt", format!("https://localhost/?q={}\n", t(7).replace('_', "%5F"))),
        ("unicode.json", format!("{{\"k\": \"{}\"}}\n", each(&t(8), |c| format!("\\u{:04x}", c as u32)))),
        ("unicode-some.json", format!("{{\"k\": \"{}\"}}\n", t(9).replace('_', "\\u005f"))),
        ("x-escapes.js", format!("k = \"{}\"\n", each(&t(10), |c| format!("\\x{:02x}", c as u32)))),
        ("html.html", format!("<p>{}</p>\n", each(&t(11), |c| format!("&#{};", c as u32)))),
        ("html-hex.html", format!("<p>{}</p>\n", each(&t(12), |c| format!("&#x{:x};", c as u32)))),
        ("wrapped.pem.txt", {
            let text = base64(format!("{}{}", "padding ".repeat(20), line(&t(13))).as_bytes());
            text.as_bytes().chunks(64).map(|c| format!("{}\n", String::from_utf8_lossy(c))).collect()
        }),
    ];
    for (name, text) in &files {
        scratch.write(name, text);
    }
    all_found(&scratch, &files.iter().map(|(n, _)| *n).collect::<Vec<_>>());
}

#[test]
fn pieces_of_a_string_are_joined() {
    type Joined = Box<dyn Fn(&str, &str) -> String>;
    let scratch = Scratch::new();
    let files: Vec<(&str, Joined)> = vec![
        ("plus.py", Box::new(|a, b| format!("k = \"{a}\" + \"{b}\"\n"))),
        ("plus-lines.js", Box::new(|a, b| format!("const k = '{a}' +\n  '{b}';\n"))),
        ("dot.php", Box::new(|a, b| format!("$k = '{a}' . '{b}';\n"))),
        ("dots.lua", Box::new(|a, b| format!("k = \"{a}\" .. \"{b}\"\n"))),
        ("ampersand.vb", Box::new(|a, b| format!("k = \"{a}\" & \"{b}\"\n"))),
        ("implicit.py", Box::new(|a, b| format!("k = (\"{a}\"\n     \"{b}\")\n"))),
        ("implicit.c", Box::new(|a, b| format!("const char *k = \"{a}\" \"{b}\";\n"))),
        ("backslash.rb", Box::new(|a, b| format!("k = \"{a}\" \\\n    \"{b}\"\n"))),
    ];
    for (n, (name, write)) in files.iter().enumerate() {
        let token = token(1100 + n as u64);
        let (a, b) = token.split_at(12);
        scratch.write(name, write(a, b));
    }
    all_found(&scratch, &files.iter().map(|(n, _)| *n).collect::<Vec<_>>());
}

#[test]
fn strings_that_programs_build_are_joined() {
    type Built = Box<dyn Fn(&str, &str) -> String>;
    let scratch = Scratch::new();
    let codes = |t: &str, between: &str| t.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(between);
    let hexes = |t: &str| t.bytes().map(|b| format!("0x{b:02x}")).collect::<Vec<_>>().join(", ");
    let back = |t: &str| t.chars().rev().collect::<String>();
    let files: Vec<(&str, Built)> = vec![
        ("append.py", Box::new(|a, b| format!("k = \"{a}\"\nk += \"{b}\"\n"))),
        ("append.php", Box::new(|a, b| format!("$k = '{a}';\n$k .= '{b}';\n"))),
        ("builder.java", Box::new(|a, b| format!("k.append(\"{a}\");\nk.append(\"{b}\");\n"))),
        ("list.go", Box::new(|a, b| format!("k := strings.Join([]string{{\"{a}\", \"{b}\"}}, \"\")\n"))),
        ("list.cs", Box::new(|a, b| format!("k = string.Join(\"\", new[] {{ \"{a}\", \"{b}\" }});\n"))),
        ("macro.rs", Box::new(|a, b| format!("const K: &str = concat!(\"{a}\", \"{b}\");\n"))),
        ("format.py", Box::new(|a, b| format!("k = \"{{}}{{}}\".format(\"{a}\", \"{b}\")\n"))),
        ("sprintf.go", Box::new(|a, b| format!("k := fmt.Sprintf(\"%s%s\", \"{a}\", \"{b}\")\n"))),
        ("comment.js", Box::new(|a, b| format!("const k = '{a}' + // the first half\n  '{b}';\n"))),
        ("bytes.rs", Box::new(move |a, b| format!("const K: &[u8] = &[{}];\n", hexes(&[a, b].concat())))),
        ("bytes.cs", Box::new(move |a, b| format!("byte[] k = {{ {} }};\n", hexes(&[a, b].concat())))),
        (
            "buffer.js",
            Box::new(move |a, b| format!("k = Buffer.from([{}]);\n", codes(&[a, b].concat(), ","))),
        ),
        ("chars.py", Box::new(move |a, b| format!("k = chr({})\n", codes(&[a, b].concat(), ") + chr(")))),
        ("chars.ps1", Box::new(move |a, b| format!("$k = [char]{}\n", codes(&[a, b].concat(), "+[char]")))),
        ("back.py", Box::new(move |a, b| format!("k = \"{}\"[::-1]\n", back(&[a, b].concat())))),
        ("back.php", Box::new(move |a, b| format!("$k = strrev('{}');\n", back(&[a, b].concat())))),
    ];
    for (n, (name, write)) in files.iter().enumerate() {
        let token = token(1150 + n as u64);
        let (a, b) = token.split_at(14);
        scratch.write(name, write(a, b));
    }
    all_found(&scratch, &files.iter().map(|(n, _)| *n).collect::<Vec<_>>());
}

#[test]
fn what_shows_nothing_does_not_hide() {
    let scratch = Scratch::new();
    let marks = ["\u{200b}", "\u{ad}", "\u{feff}", "\u{1b}[1m", "=\n"];
    let names = ["zero-width.txt", "soft-hyphen.txt", "bom.txt", "colours.log", "mail.eml"];
    for (n, (mark, name)) in marks.iter().zip(names).enumerate() {
        let token = token(1190 + n as u64);
        let (a, b) = token.split_at(15);
        scratch.write(name, format!("the value of k=3D{a}{mark}{b}\n"));
    }
    all_found(&scratch, &names);
}

/// A fresh value for a mark of `cases/leaks.txt`.
fn fill(mark: &str, seed: u64) -> Option<String> {
    let count = mark.get(1..)?;
    let pattern = match mark.as_bytes().first()? {
        b'P' => "[a-z]{2}[A-Z][0-9][a-z]{2}[A-Z]{2}[0-9]{2}[a-z]{2}".to_owned(),
        b'U' => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}".to_owned(),
        b'R' => format!("[A-Za-z0-9]{{{count}}}"),
        b'H' => format!("[0-9a-f]{{{count}}}"),
        b'L' => format!("[a-z0-9]{{{count}}}"),
        b'D' => format!("[0-9]{{{count}}}"),
        b'B' => return Some(base64(&fakes::from_pattern(&format!("[A-Za-z0-9]{{{count}}}"), seed))),
        _ => return None,
    };
    Some(String::from_utf8(fakes::from_pattern(&pattern, seed)).unwrap())
}

/// The line with fresh values for its marks, and whether it has any.
fn filled(line: &str, seed: &mut u64) -> (String, bool) {
    let (mut out, mut rest, mut any) = (String::new(), line, false);
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}').map(|n| open + n);
        let mark = close
            .map(|close| &rest[open + 1..close])
            .filter(|m| m.len() <= 4 && !rest[..open].ends_with('$'));
        let plain =
            |m: &&str| m.len() == 1 && "PU".contains(*m) || m.len() > 1 && m[1..].parse::<u32>().is_ok();
        if let Some(value) = mark.filter(plain).and_then(|m| fill(m, *seed)) {
            out.push_str(&rest[..open]);
            out.push_str(&value);
            rest = &rest[close.unwrap() + 1..];
            *seed += 1;
            any = true;
        } else {
            out.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
        }
    }
    out.push_str(rest);
    (out, any)
}

#[test]
fn leaks_are_found_in_the_formats_that_people_use() {
    let scratch = Scratch::new();
    let mut seed = 50_000;
    let mut wanted = BTreeSet::new();
    let files = include_str!("cases/leaks.txt").split("\n@@ ").skip(1);
    for (n, file) in files.enumerate() {
        let (path, text) = file.split_once('\n').unwrap();
        let path = format!("{n}/{path}");
        let mut body = String::new();
        for (number, line) in text.lines().enumerate() {
            let (line, leaks) = filled(line, &mut seed);
            body += &line;
            body.push('\n');
            if leaks {
                wanted.insert((path.clone(), number as u64 + 1));
            }
        }
        scratch.write(&path, &body);
    }
    let said = scratch.stopleak(&["scan", ".", "--format", "json"]).expect(1);
    let json = said.json();
    let found: BTreeSet<(String, u64)> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            (f["path"].as_str().unwrap().trim_start_matches("./").to_owned(), f["line"].as_u64().unwrap())
        })
        .collect();
    let missed: Vec<_> = wanted.difference(&found).collect();
    assert!(wanted.len() > 700, "{}", wanted.len());
    // A value made by chance may look like a word; more than that is a loss.
    assert!(missed.len() * 50 <= wanted.len(), "{} of {} not found: {missed:?}", missed.len(), wanted.len());
}

#[test]
fn keys_are_found_however_they_are_wrapped() {
    let scratch = Scratch::new();
    let key = |n: u64| fakes::pem_rsa(1200 + n);
    let indent = |text: &str, by: &str| text.lines().map(|l| format!("{by}{l}\n")).collect::<String>();
    let files: Vec<(&str, String)> = vec![
        ("plain.txt", key(1)),
        ("crlf.txt", key(2).replace('\n', "\r\n")),
        ("escaped.json", format!("{{\"private_key\": \"{}\"}}\n", key(3).replace('\n', "\\n"))),
        ("twice.json", format!("{{\"a\": \"{{\\\"k\\\": \\\"{}\\\"}}\"}}\n", key(4).replace('\n', "\\\\n"))),
        ("block.yml", format!("key: |\n{}", indent(&key(5), "  "))),
        ("one-line.env", format!("KEY=\"{}\"\n", key(6).replace('\n', "\\n"))),
        ("base64.yml", format!("tls.key: {}\n", base64(key(7).as_bytes()))),
        ("joined.js", key(8).lines().map(|l| format!("  '{l}\\n' +\n")).collect::<String>() + "  '';\n"),
        ("openssh.txt", fakes::openssh_key(1209)),
        ("ec.txt", fakes::pem_ec(1210)),
        ("putty.txt", fakes::ppk(1211)),
    ];
    for (name, text) in &files {
        scratch.write(name, text);
    }
    all_found(&scratch, &files.iter().map(|(n, _)| *n).collect::<Vec<_>>());
}

#[test]
fn containers_are_opened() {
    let scratch = Scratch::new();
    let make = "import sys,io,zipfile,tarfile,gzip
t=open('secret.env','rb').read()
def z(n,d):
    b=io.BytesIO(); f=zipfile.ZipFile(b,'w',zipfile.ZIP_DEFLATED); f.writestr(n,d); f.close(); return b.getvalue()
def tar(n,d):
    b=io.BytesIO(); f=tarfile.open(fileobj=b,mode='w'); i=tarfile.TarInfo(n); i.size=len(d); f.addfile(i,io.BytesIO(d)); f.close(); return b.getvalue()
w=lambda n,d: open(n,'wb').write(d)
w('a.zip',z('x/y.env',t)); w('a.jar',z('META-INF/app.properties',t)); w('nested.zip',z('inner.zip',z('y.env',t)))
w('a.gz',gzip.compress(t)); w('a.tar',tar('y.env',t)); w('a.tgz',gzip.compress(tar('y.env',t)))
import os; os.remove('secret.env')";
    scratch.write("secret.env", line(&token(1300)));
    python(&scratch, make, &[]);
    all_found(&scratch, &["a.zip", "a.jar", "nested.zip", "a.gz", "a.tar", "a.tgz"]);
}

#[test]
fn notebooks_and_source_maps_are_read() {
    let scratch = Scratch::new();
    let (a, b) = (token(1400), token(1401));
    scratch.write(
        "n.ipynb",
        format!("{{\"cells\": [{{\"cell_type\": \"code\", \"source\": [\"import os\\n\", \"k = \\\"{a}\\\"\\n\"]}}]}}\n"),
    );
    scratch.write("app.js.map", format!("{{\"version\":3,\"sourcesContent\":[\"const k = '{b}';\\n\"]}}\n"));
    all_found(&scratch, &["n.ipynb", "app.js.map"]);
}

#[test]
fn utf16_is_read_in_every_form() {
    let scratch = Scratch::new();
    let le = |s: &str| s.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let be = |s: &str| s.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let t = |n: u64| format!("first line\r\n{}", line(&token(1500 + n)));
    scratch.write("le-bom.txt", [vec![0xff, 0xfe], le(&t(1))].concat());
    scratch.write("be-bom.txt", [vec![0xfe, 0xff], be(&t(2))].concat());
    scratch.write("le.txt", le(&t(3)));
    scratch.write("be.txt", be(&t(4)));
    scratch.write("odd.bin", [b"\x01binary".to_vec(), le(&t(5))].concat());
    all_found(&scratch, &["le-bom.txt", "be-bom.txt", "le.txt", "be.txt", "odd.bin"]);
}

#[test]
fn a_bomb_is_refused_by_name_and_the_scan_is_incomplete() {
    let scratch = Scratch::new();
    let make = "import gzip,io
b=io.BytesIO()
f=gzip.GzipFile(fileobj=b,mode='wb')
[f.write(bytes(1<<20)) for _ in range(2048)]
f.close(); open('bomb.gz','wb').write(b.getvalue())";
    python(&scratch, make, &[]);
    let said = scratch.stopleak(&["scan", ".", "--format", "json"]).expect(3);
    assert!(said.json()["skipped"].to_string().contains("bomb.gz"), "{}", said.out);
}

#[test]
fn look_alikes_stay_silent() {
    let scratch = Scratch::new();
    let uuid = "3f2b8c1e-9d47-4a6b-8e05-c71a2f9d6b34";
    let sha = "9c1185a5c5e9fc54612808977ee8f548b2258d31";
    let files: &[(&str, String)] = &[
        ("template.yml", "password: ${DB_PASSWORD}\ntoken: {{ vault_token }}\nsecret: <your-secret-here>\n".into()),
        ("env.py", "password = os.environ[\"DB_PASSWORD\"]\ntoken = config.get('token')\n".into()),
        ("types.ts", "interface A { password: string; apiKey?: string; token: Token }\n".into()),
        ("prose.md", "The password is required. Set your api_key as described below: it is a secret.\n".into()),
        ("hashes.lock", format!("commit {sha}\nsha256:{}\n", "ab12".repeat(16))),
        ("uuid.json", format!("{{\"id\": \"{uuid}\", \"request_id\": \"{uuid}\"}}\n")),
        ("package-lock.json", "\"integrity\": \"sha512-k8DzW4wUEWtIKLcnz3Qh0pJ0s1Tn8Ypb0yEr3H0rXVtGHHcSHaYjXJ4rZbs0Xl6d7zQe1fGvKwM2nB5aRqTtLg==\"\n".into()),
        ("public.pem", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo\n-----END PUBLIC KEY-----\n".into()),
        ("begin.md", "A key file starts with `-----BEGIN RSA PRIVATE KEY-----` and ends with END.\n".into()),
        ("redacted.env", "API_KEY=xxxxxxxxxxxxxxxxxxxxxxxx\nSECRET=********************\nTOKEN=changeme\n".into()),
        ("sops.yml", "db_password: ENC[AES256_GCM,data:p673w==,iv:YY=,tag:NQ==,type:str]\n".into()),
        ("vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n62313365396662343061393464336163383764373764613633653634306231386433626436623361\n".into()),
        ("css.css", ".token-secret { color: #a1b2c3; }\n.password { content: \"password\" }\n".into()),
        ("form.html", "<input type=\"password\" name=\"password\" placeholder=\"Password\">\n".into()),
        ("sql.sql", "SELECT password FROM users WHERE token = ?;\nALTER TABLE a ADD COLUMN secret_key varchar(255);\n".into()),
        ("go.sum", "golang.org/x/sys v0.1.0 h1:kunALQeHf1/185U1i0GOB/fy1IPRDDpuoOOqRReG57U=\n".into()),
        ("image.css", format!("background: url(data:image/png;base64,{})\n", base64(&(0..=255).cycle().take(900).collect::<Vec<u8>>()))),
    ];
    for (name, text) in files {
        scratch.write(name, text);
    }
    let found = flagged(&scratch);
    assert!(found.is_empty(), "false alarms: {found:?}");
}

#[test]
fn the_place_of_a_decoded_secret_is_in_the_encoded_run() {
    let scratch = Scratch::new();
    let run = base64(line(&token(1600)).as_bytes());
    scratch.write("a.yml", format!("x: 1\ndata: {run}\n"));
    let said = scratch.stopleak(&["scan", ".", "--format", "json"]).expect(1);
    let finding = &said.json()["findings"][0];
    let column = finding["column"].as_u64().unwrap();
    assert_eq!(finding["line"], 2);
    assert!((7..7 + run.len() as u64).contains(&column), "column {column}");
    assert_eq!(finding["decoded"][0], "base64");
}

#[test]
fn a_file_larger_than_the_memory_limit_streams() {
    let scratch = Scratch::new();
    let mut file = std::io::BufWriter::new(std::fs::File::create(scratch.dir.join("big.log")).unwrap());
    let filler = "2026-01-02 03:04:05 INFO nothing to see here, move along please\n".repeat(1000);
    for _ in 0..2500 {
        file.write_all(filler.as_bytes()).unwrap();
    }
    file.write_all(line(&token(1700)).as_bytes()).unwrap();
    file.flush().unwrap();
    let said = scratch.stopleak(&["scan", "big.log", "--format", "json"]).expect(1);
    assert_eq!(said.json()["findings"][0]["line"], 2_500_001);
}
