//! What the views promise: they show what is wrapped, point back to it, are local, and stay in bounds.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use stopleak_testkit::fakes;

use super::*;

mod built;

/// [`text_views_at`] with the signs found by a plain automaton.
fn text_views(
    bytes: &[u8],
    region: Range<usize>,
    budget: &mut Budget,
    out: &mut Vec<View>,
    refused: &mut Vec<Refused>,
) {
    let region = region.start.min(bytes.len())..region.end.min(bytes.len());
    let near = signs::reach(bytes.len(), &region);
    let automaton = aho_corasick::AhoCorasick::new(signs::TEXTS).expect("few literals");
    let found = automaton.find_overlapping_iter(&bytes[near.clone()]);
    let mut signs: Vec<_> =
        found.map(|m| signs::Sign { at: near.start + m.start(), which: m.pattern().as_usize() }).collect();
    signs.sort_by_key(|sign| (sign.at, sign.which));
    text_views_at(bytes, region, &signs, budget, out, refused);
}

fn text(bytes: &[u8]) -> Vec<View> {
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    text_views(bytes, 0..bytes.len(), &mut Budget::default(), &mut out, &mut refused);
    assert_eq!(refused, []);
    out
}

fn container(bytes: &[u8]) -> (Vec<View>, Vec<Refused>) {
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    container_views(bytes, &mut Budget::default(), &mut out, &mut refused);
    (out, refused)
}

fn at(hay: &[u8], needle: &str) -> Option<Range<usize>> {
    memchr::memmem::find(hay, needle.as_bytes()).map(|start| start..start + needle.len())
}

/// The text that `token` in a view of this kind came from.
fn origin<'a>(bytes: &'a [u8], encoding: Encoding, token: &str) -> &'a str {
    let views = text(bytes);
    let found =
        views.iter().filter(|v| v.encoding == encoding).find_map(|v| Some(v.original(at(&v.bytes, token)?)));
    let source = found.unwrap_or_else(|| panic!("not seen: {views:?} of {}", bytes.escape_ascii()));
    std::str::from_utf8(&bytes[source]).unwrap()
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat()
}

fn wrap(text: &str, width: usize, between: &str) -> String {
    let rows: Vec<&str> =
        (0..text.len()).step_by(width).map(|n| &text[n..text.len().min(n + width)]).collect();
    rows.join(between)
}

#[test]
fn base64_is_seen_in_every_form() {
    let token = fakes::github_token(1);
    for plain in [token.clone(), format!("url = https://x:{token}@example.com/a/b\nnext line ~ \u{e9}")] {
        for code in [STANDARD.encode(&plain), STANDARD_NO_PAD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain)]
        {
            for before in ["", "x: ", "data:text/plain;base64,", "\"", "key=", "a\n"] {
                let whole = format!("{before}{code}\"\n");
                let source = origin(whole.as_bytes(), Encoding::Base64, &token);
                assert!(
                    code.contains(source) && source.len() <= token.len() * 4 / 3 + 8,
                    "{source} in {whole}"
                );
            }
        }
    }
}

#[test]
fn base64_goes_on_over_lines() {
    let token = fakes::npm(2);
    let plain =
        format!("{}{token}{}", "some words come first, ".repeat(12), " and more words after it.".repeat(9));
    let code = STANDARD.encode(plain);
    for width in [40, 44, 60, 64, 76] {
        for between in ["\n", "\r\n", "\n    ", "\n\t"] {
            let whole = format!("data:\n{}\n", wrap(&code, width, between));
            origin(whole.as_bytes(), Encoding::Base64, &token);
        }
    }
    let whole = wrap(&code, 76, "\n  ");
    let source = origin(whole.as_bytes(), Encoding::Base64, &token);
    assert!(source.len() < 60, "{source}");
}

#[test]
fn powershell_utf16_is_seen() {
    let token = fakes::gitlab_token(3);
    let wide: Vec<u8> = format!("$t = '{token}'").bytes().flat_map(|b| [b, 0]).collect();
    let whole = format!("powershell -enc {}", STANDARD.encode(wide));
    origin(whole.as_bytes(), Encoding::Base64, &token);
}

#[test]
fn hexadecimal_is_seen() {
    let token = fakes::slack_bot(1);
    let code = hex(&token);
    for whole in [code.clone(), format!("x = 0x{code};"), format!("\"{}\"", code.to_uppercase())] {
        let source = origin(whole.as_bytes(), Encoding::Hex, &token);
        assert_eq!(source.to_lowercase(), code);
    }
}

#[test]
fn what_is_no_text_makes_no_view() {
    let random = STANDARD.encode(stopleak_testkit::rng::Rng::new(1).bytes(3000));
    for whole in [
        random.as_str(),
        &wrap(&random, 64, "\n"),
        "d41d8cd98f00b204e9800998ecf8427e d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "someVeryLongCamelCaseIdentifierNameThatGoesOnAndOn",
        "a_function_with_a_long_name(argument_with_a_long_name)",
        "/usr/share/doc/libstdc++/html/manual/using_exceptions.html",
        &fakes::pem_rsa(1),
        "let x = \"plain \\\\d+ text\\n\"; // 50% of \\w",
        "class=\"a\" id=\"b\" c='x' , 'y' + z",
        "\"first part \" + \"second part\"",
        "\"a\",\"b\"\n\"c\",\"d\"\n",
        "a && b; c & d; printf(\"%d %s\", a, b)",
        "https://example.com/a%20b%20c",
    ] {
        assert_eq!(text(whole.as_bytes()), [], "{whole}");
    }
}

#[test]
fn escapes_are_undone() {
    let token = fakes::github_token(4);
    let units: String = token.bytes().map(|b| format!("\\u{b:04x}")).collect::<Vec<_>>().concat();
    let bytes: String = token.bytes().map(|b| format!("\\x{b:02X}")).collect::<Vec<_>>().concat();
    let braces: String = token.bytes().map(|b| format!("\\u{{{b:x}}}")).collect::<Vec<_>>().concat();
    let octal: String = token.bytes().map(|b| format!("\\{b:03o}")).collect::<Vec<_>>().concat();
    for code in [units, bytes, braces, octal] {
        let whole = format!("{{\"name\": \"x\", \"token\": \"{code}\"}}");
        assert_eq!(origin(whole.as_bytes(), Encoding::Escapes, &token), code);
        origin(whole.as_bytes(), Encoding::Escapes, &format!("\"token\": \"{token}\""));
    }
    for whole in [
        format!("\"cell\": \"import os\\nTOKEN={token}\\n\""),
        format!("{{\"body\": \"{{\\\"token\\\": \\\"{token}\\\"}}\"}}"),
        format!("\"https:\\/\\/x:{token}@example.com\\/\""),
    ] {
        assert_eq!(origin(whole.as_bytes(), Encoding::Escapes, &token), token);
    }
}

#[test]
fn percent_and_entities_are_undone() {
    let token = fakes::slack_bot(5);
    let percent: String = token.bytes().map(|b| format!("%{b:02X}")).collect::<Vec<_>>().concat();
    let entities: String = token.bytes().map(|b| format!("&#{b};")).collect::<Vec<_>>().concat();
    let hexes: String = token.bytes().map(|b| format!("&#x{b:x};")).collect::<Vec<_>>().concat();
    let some = token.replace('-', "%2D");
    for (whole, kind, source) in [
        (format!("GET https://example.com/?token={percent}&x=1 HTTP"), Encoding::Percent, percent),
        (format!("u=\"/?token={some}\""), Encoding::Percent, some),
        (format!("<p title=\"{entities}\">"), Encoding::Html, entities),
        (format!("<p>{hexes}</p>"), Encoding::Html, hexes),
    ] {
        assert_eq!(origin(whole.as_bytes(), kind, &token), source);
    }
    origin(b"<a v=\"password=&quot;hunter2!x&quot;\">", Encoding::Html, "password=\"hunter2!x\"");
}

#[test]
fn pieces_are_joined() {
    let token = fakes::github_token(6);
    let (a, rest) = token.split_at(9);
    let (b, c) = rest.split_at(14);
    for whole in [
        format!("x = \"{a}\" + \"{b}\" + \"{c}\";"),
        format!("x = '{a}' . '{b}'.'{c}';"),
        format!("x = \"{a}\"\n    + \"{b}\"\n    + \"{c}\";"),
        format!("x = \"{a}\" +\n    \"{b}\" +\r\n    \"{c}\";"),
        format!("x = (\"{a}\"\n     \"{b}\"\n     '{c}')"),
        format!("x = \"{a}\" \"{b}\" \"{c}\""),
        format!("local x = \"{a}\" .. \"{b}\" .. \"{c}\""),
        format!("x = \"{a}\" & \"{b}\" & _\n \"{c}\""),
        format!("select '{a}' || '{b}' || '{c}'"),
        format!("x = \"{a}\" \\\n    \"{b}\" \\\n    \"{c}\""),
        format!("x = \"{a}\\\n{b}\\\n{c}\""),
        format!("export X='{a}'\"{b}\"'{c}'"),
        format!("x = f\"{a}\" + f\"{b}\" + r\"{c}\""),
        format!("x = '{a}' + `{b}` + \"{c}\""),
        format!("x = \"{a}\".concat(\"{b}\").concat(\"{c}\")"),
        format!("sb.append(\"{a}\").append(\"{b}\").append(\"{c}\");"),
    ] {
        let source = origin(whole.as_bytes(), Encoding::Joined, &token);
        assert!(source.starts_with(&a[..4]) && source.ends_with(&c[4..]), "{source}");
        // The name stays in front of the value.
        let views = text(whole.as_bytes());
        let view = views.iter().find(|v| v.encoding == Encoding::Joined).unwrap();
        assert!(view.bytes.starts_with(&whole.as_bytes()[..5]), "{whole}");
    }
}

#[test]
fn lists_of_pieces_are_joined() {
    let token = fakes::github_token(6);
    let (a, b) = token.split_at(17);
    for whole in [
        format!("x = [\"{a}\", \"{b}\"].join(\"\")"),
        format!("x = ['{a}',\n  '{b}'].join('')"),
        format!("x = \"\".join([\"{a}\", \"{b}\"])"),
        format!("x = ''.join((\n    '{a}',\n    '{b}',\n))"),
        format!("select CONCAT('{a}', '{b}')"),
        format!("x = join(\"\", [\"{a}\", \"{b}\"])"),
        format!("$x = implode('', ['{a}', '{b}']);"),
        format!("String.Concat(\"{a}\", \"{b}\")"),
        format!("string.Join(\"\", new[] {{ \"{a}\", \"{b}\" }})"),
        format!("strings.Join([]string{{\"{a}\", \"{b}\"}}, \"\")"),
        format!("concat!(\"{a}\", \"{b}\")"),
        format!("x = \"{{}}{{}}\".format(\"{a}\", \"{b}\")"),
        format!("x = \"%s%s\" % (\"{a}\", \"{b}\")"),
        format!("x := fmt.Sprintf(\"%s%s\", \"{a}\", \"{b}\")"),
    ] {
        let source = origin(whole.as_bytes(), Encoding::Joined, &token);
        assert!(source.starts_with(&a[..4]) && source.ends_with(&b[4..]), "{source}");
    }
    // Joined by something, or not all of them plain strings.
    for whole in [
        format!("x = [\"{a}\", \"{b}\"].join(\", \")"),
        format!("x = \",\".join([\"{a}\", \"{b}\"])"),
        format!("x = \"\".join([\"{a}\", f(), \"{b}\"])"),
    ] {
        assert!(text(whole.as_bytes()).iter().all(|v| v.encoding != Encoding::Joined), "{whole}");
    }
}

#[test]
fn character_codes_are_read() {
    let token = fakes::npm(6);
    let decimal = token.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ");
    let hexes = token.bytes().map(|b| format!("0x{b:02x}")).collect::<Vec<_>>().join(",");
    let chars = token.chars().map(|c| format!("'{c}'")).collect::<Vec<_>>().join(", ");
    for whole in [
        format!("String.fromCharCode({decimal})"),
        format!("x = bytes([{decimal}])"),
        format!("x := []byte{{{hexes}}}"),
        format!("new byte[] {{ {hexes} }}"),
        format!("char x[] = {{{chars}}};"),
        format!("char x[] = {{{chars}, '\\0'}};"),
        format!("char x[] = {{{hexes}, 0}};"),
        format!("char[] x = {{{chars}}};"),
        format!("const X: &[u8] = &[{hexes}];"),
        format!("let x: [UInt8] = [{hexes}]"),
        format!("Buffer.from([{decimal}]).toString()"),
        format!("String.fromCharCode(...[{decimal}])"),
        format!("x = ''.join(map(chr, [{decimal}]))"),
        token.bytes().map(|b| format!("chr({b})")).collect::<Vec<_>>().join(" . "),
        token.bytes().map(|b| format!("[char]{b}")).collect::<Vec<_>>().join("+"),
        format!("x = ''.join([{chars}])"),
    ] {
        origin(whole.as_bytes(), Encoding::Joined, &token);
    }
}

#[test]
fn strings_that_statements_build_are_joined() {
    let token = fakes::github_token(8);
    let (a, rest) = token.split_at(11);
    let (b, c) = rest.split_at(11);
    for whole in [
        format!("x = \"{a}\"\nx += \"{b}\"\nx += \"{c}\"\n"),
        format!("let x = '{a}';\n  x += '{b}';\n  x += '{c}';\n"),
        format!("$x = '{a}';\n$x .= '{b}';\n$x .= '{c}';\n"),
        format!("s := new(B)\nx.append(\"{a}\");\nx.append(\"{b}\");\nx.append(\"{c}\");\n"),
    ] {
        origin(whole.as_bytes(), Encoding::Joined, &token);
    }
    // Of two names, or with something between.
    for whole in [
        format!("x = \"{a}\"\ny += \"{b}{c}\"\n"),
        format!("x = \"{a}\"\nf(x)\nx += \"{b}{c}\"\n"),
        format!("x == \"{a}\"\nx += \"{b}{c}\"\n"),
    ] {
        assert!(text(whole.as_bytes()).iter().all(|v| v.encoding != Encoding::Joined), "{whole}");
    }
}

#[test]
fn what_stands_backwards_is_turned() {
    let token = fakes::github_token(9);
    let turned: String = token.chars().rev().collect();
    for whole in [
        format!("x = \"{turned}\"[::-1]\n"),
        format!("const x = '{turned}'.split('').reverse().join('');"),
        format!("$x = strrev('{turned}');"),
        format!("x = '{turned}'.reverse\n"),
    ] {
        assert!(text(whole.as_bytes()).iter().any(|v| at(&v.bytes, &token).is_some()), "{whole}");
    }
}

#[test]
fn what_shows_nothing_is_left_out() {
    let token = fakes::github_token(10);
    let (a, b) = token.split_at(20);
    for middle in
        ["\u{200b}", "\u{ad}", "\u{feff}", "\u{2060}", "\u{202e}", "\u{1b}[1m", "\u{1b}[0;31m\u{1b}[K"]
    {
        let whole = format!("one\nx = {a}{middle}{b}\ntwo");
        assert_eq!(origin(whole.as_bytes(), Encoding::Hidden, &token), format!("{a}{middle}{b}"));
    }
    // Text of other scripts has such bytes everywhere.
    assert_eq!(text("schön – “text” und mehr davon".as_bytes()), []);
}

#[test]
fn mails_are_read() {
    let token = fakes::github_token(11);
    let (a, b) = token.split_at(20);
    let whole = format!("the token=3D{a}=\n{b}\nnext line\n");
    assert_eq!(origin(whole.as_bytes(), Encoding::QuotedPrintable, &token), format!("{a}=\n{b}"));
    let coded = token.replace('_', "=5F");
    origin(format!("a=3D1 {coded}=\r\nmore\r\n").as_bytes(), Encoding::QuotedPrintable, &token);
}

#[test]
fn base32_is_seen() {
    let token = fakes::github_token(12);
    let bits: Vec<u8> =
        format!("token={token}").bytes().flat_map(|b| (0..8).rev().map(move |n| b >> n & 1)).collect();
    let code: String = bits
        .chunks(5)
        .map(|c| c.iter().fold(0, |n, b| n << 1 | usize::from(*b)) << (5 - c.len()))
        .map(|n| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[n]))
        .collect();
    origin(format!("x = {code}==\n").as_bytes(), Encoding::Base32, &token);
}

#[test]
fn wrappings_in_wrappings_are_seen_by_calling_again() {
    let token = fakes::github_token(7);
    let inner = STANDARD.encode(format!("machine github.com password {token}\n"));
    let outer = STANDARD.encode(format!("kind: Secret\ndata:\n  netrc: {inner}\n"));
    let first = text(outer.as_bytes());
    origin(&first[0].bytes, Encoding::Base64, &token);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_blobs_are_opened() {
    let plain = format!("TOKEN={}\n", fakes::npm(8)).repeat(3);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(plain.as_bytes()).unwrap();
    let twice = [gzip(plain.as_bytes()), gzip(plain.as_bytes())].concat();
    for (blob, count) in [(gzip(plain.as_bytes()), 1), (twice, 2), (zlib.finish().unwrap(), 1)] {
        let (views, refused) = container(&blob);
        assert_eq!((views.len(), refused.len()), (count, 0));
        assert_eq!(views[0].bytes, plain.as_bytes());
        assert_eq!(views[0].original(5..9), views[0].source);
        let whole = STANDARD.encode(&blob);
        let inner = text(whole.as_bytes());
        assert_eq!(container(&inner[0].bytes).0[0].bytes, plain.as_bytes());
    }
}

/// A member of a test archive: name, content, method, flags.
type Member<'a> = (&'a str, &'a [u8], u16, u16);

/// A zip archive of these members; `listed` of them are in the central directory.
fn zip_of(members: &[Member], listed: usize) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (number, (name, content, method, flags)) in members.iter().enumerate() {
        let data = if *method == 8 { deflate(content) } else { content.to_vec() };
        let at = out.len() as u32;
        let streamed = flags & 8 != 0;
        let size = if streamed { 0 } else { data.len() as u32 };
        let mut shared = Vec::new();
        for field in [20, *flags, *method, 0, 0] {
            shared.extend(field.to_le_bytes());
        }
        let sizes = |size: u32| [0_u32, size, content.len() as u32].map(u32::to_le_bytes).concat();
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(sizes(size));
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out.extend(name.bytes());
        out.extend(&data);
        if streamed {
            out.extend(b"PK\x07\x08");
            out.extend(sizes(data.len() as u32));
        }
        if number < listed {
            directory.extend(b"PK\x01\x02\x14\x00");
            directory.extend(&shared);
            directory.extend(sizes(data.len() as u32));
            directory.extend((name.len() as u16).to_le_bytes());
            directory.extend([0; 12]);
            directory.extend(at.to_le_bytes());
            directory.extend(name.bytes());
        }
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((listed as u16).to_le_bytes());
    out.extend((listed as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn zip_members_are_read_listed_or_not() {
    let plain = format!("TOKEN={}\n", fakes::npm(9)).repeat(3);
    let members: &[Member] = &[
        ("a/stored.env", plain.as_bytes(), 0, 0),
        ("deflated.env", plain.as_bytes(), 8, 0),
        ("streamed.env", plain.as_bytes(), 8, 8),
        ("folder/", b"", 0, 0),
    ];
    for listed in [4, 2, 0] {
        let archive = zip_of(members, listed);
        let (views, refused) = container(&archive);
        assert_eq!(refused, [], "listed {listed}");
        let mut names: Vec<_> = views.iter().map(|v| v.member.clone().unwrap()).collect();
        names.sort();
        assert_eq!(names, [&b"a/stored.env"[..], b"deflated.env", b"streamed.env"], "listed {listed}");
        assert!(views.iter().all(|v| v.bytes == plain.as_bytes()));
        let stored = views.iter().find(|v| v.member.as_deref() == Some(b"a/stored.env")).unwrap();
        assert_eq!(&archive[stored.original(6..20)], &plain.as_bytes()[6..20]);
    }
    // A cut archive has no directory.
    let archive = zip_of(members, 4);
    assert_eq!(container(&archive[..archive.len() - 120]).0.len(), 3);
    // A program in front shifts every offset; the caller starts at the first member, the directory is found.
    let (views, _) = container(&zip_of(&members[1..2], 1));
    assert_eq!(views[0].bytes, plain.as_bytes());
}

#[test]
fn what_a_zip_hides_is_refused_by_name() {
    for (member, why) in [
        (("x", &b"abc"[..], 0, 1), "an encrypted archive member"),
        (("x", &b"abc"[..], 12, 0), "an archive member of an unknown compression"),
    ] {
        let (views, refused) = container(&zip_of(&[member], 1));
        assert_eq!((views.len(), refused[0].why), (0, why));
    }
}

fn tar_entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut head = [0_u8; 512];
    head[..name.len()].copy_from_slice(name.as_bytes());
    head[100..107].copy_from_slice(b"0000644");
    head[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    head[156] = kind;
    head[257..265].copy_from_slice(b"ustar\x0000");
    head[148..156].copy_from_slice(b"        ");
    let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
    head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut out = head.to_vec();
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

#[test]
fn tar_members_are_read() {
    let plain = format!("TOKEN={}\n", fakes::npm(10));
    let long = "d/".repeat(80) + "name.env";
    let record = format!("path={long}\n");
    let pax = format!("{} {record}", record.len() + 4);
    let mut archive = tar_entry("short.env", b'0', plain.as_bytes());
    archive.extend(tar_entry("././@LongLink", b'L', format!("{long}\0").as_bytes()));
    archive.extend(tar_entry("cut", b'0', plain.as_bytes()));
    archive.extend(tar_entry("pax", b'x', pax.as_bytes()));
    archive.extend(tar_entry("cut", b'0', plain.as_bytes()));
    archive.extend(tar_entry("link", b'2', b""));
    archive.extend([0; 1024]);
    let (views, refused) = container(&archive);
    assert_eq!(refused, []);
    let names: Vec<_> = views.iter().map(|v| v.member.clone().unwrap()).collect();
    assert_eq!(names, [b"short.env", long.as_bytes(), long.as_bytes()]);
    for view in &views {
        assert_eq!(&archive[view.original(0..plain.len())], plain.as_bytes());
    }
    let (_, refused) = container(&archive[..600 - 70]);
    assert_eq!(refused[0].why, "an archive member that is cut");
}

#[test]
fn a_bomb_is_refused_in_bounds() {
    let zeros = vec![b'0'; 40 << 20];
    let bomb = gzip(&zeros);
    let (views, refused) = container(&bomb);
    assert_eq!(refused[0].why, "compressed too well: a decompression bomb");
    assert!(views[0].bytes.len() <= (bomb.len() * 200).max(1 << 20));
    let (views, refused) = container(&zip_of(&[("zeros", &zeros, 8, 0)], 1));
    assert_eq!((views.len(), refused.len()), (1, 1));
    // Many members over one budget.
    let mut budget = Budget { bytes: 3 << 20, ..Budget::default() };
    let noise = stopleak_testkit::rng::Rng::new(1).text(fakes::BASE62, 1 << 20);
    let many: Vec<Member> = (0..20).map(|_| ("m", noise.as_bytes(), 8, 0)).collect();
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    container_views(&zip_of(&many, 20), &mut budget, &mut out, &mut refused);
    assert!(out.iter().map(|v| v.bytes.len()).sum::<usize>() <= 3 << 20);
    assert_eq!(refused[0].why, "over the budget for decoded bytes");
}

#[test]
fn members_that_overlap_are_refused() {
    let mut archive = zip_of(&[("a", b"some text", 8, 0), ("b", b"other text", 8, 0)], 2);
    // Both directory entries point at the first member.
    let second = memchr::memmem::rfind(&archive, b"PK\x01\x02").unwrap();
    archive[second + 42..second + 46].copy_from_slice(&[0; 4]);
    let (views, refused) = container(&archive);
    assert_eq!(refused.len(), 1);
    // The second is found by its local header all the same.
    assert_eq!(views.len(), 2);
}

#[test]
fn a_line_over_the_budget_is_refused() {
    let line = STANDARD.encode("text and more text, ".repeat(200_000));
    let mut budget = Budget { bytes: 1 << 20, ..Budget::default() };
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    text_views(line.as_bytes(), 0..line.len(), &mut budget, &mut out, &mut refused);
    assert_eq!((out.len(), refused.len()), (0, 1));
    assert_eq!(refused[0].why, "over the budget for decoded bytes");
}

#[test]
fn an_endless_run_is_refused_in_bounds() {
    let line = b"YWFh".repeat((33 << 20) / 4);
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    text_views(&line, 0..line.len(), &mut Budget::default(), &mut out, &mut refused);
    assert_eq!((out.len(), refused.len(), refused[0].why), (0, 1, "an encoded run that is too long"));
}

#[test]
fn damage_is_named_and_what_was_read_is_kept() {
    let plain = stopleak_testkit::rng::Rng::new(5).text(fakes::BASE62, 200_000);
    let mut blob = gzip(plain.as_bytes());
    blob.truncate(blob.len() / 2);
    let (views, refused) = container(&blob);
    assert_eq!(refused[0].why, "damaged compressed data");
    assert!(plain.as_bytes().starts_with(&views[0].bytes) && views[0].bytes.len() > 50_000);
}

#[test]
fn other_formats_are_named() {
    assert_eq!(opaque_container(b"\xfd7zXZ\0\0\0"), Some("xz"));
    assert_eq!(opaque_container(b"BZh91AY&SY\0\0"), Some("bzip2"));
    assert_eq!(opaque_container(b"BZh"), None);
    assert_eq!(opaque_container(b"plain"), None);
}

/// Text in which every kind of run is likely.
fn tangled() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\"".to_owned()),
        Just("\" + \"".to_owned()),
        Just("'\n   '".to_owned()),
        Just("\\".to_owned()),
        Just("\\n".to_owned()),
        Just("\\\n".to_owned()),
        Just("\\u0041".to_owned()),
        Just("\", \"".to_owned()),
        Just(".join('')".to_owned()),
        Just("concat(".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just("%41".to_owned()),
        Just("\nx = \"".to_owned()),
        Just("\"\nx += \"".to_owned()),
        Just("chr(103) . ".to_owned()),
        Just("[::-1]".to_owned()),
        Just("\nab = \"x1y2z3w4\"\n".to_owned()),
        Just("\ncd=9a8b7c6d\n".to_owned()),
        Just(" + ab + cd".to_owned()),
        Just("\"e{ab}${cd}\"".to_owned()),
        Just("$ab$cd".to_owned()),
        Just("=3D".to_owned()),
        Just("=\n".to_owned()),
        Just("\u{200b}".to_owned()),
        Just("\u{1b}[0m".to_owned()),
        Just("\\147".to_owned()),
        Just("&quot;".to_owned()),
        Just("<".to_owned()),
        Just(" ".to_owned()),
        "[a-zA-Z0-9=:,]{1,12}",
        "[a-z ]{10,40}".prop_map(|s| STANDARD.encode(s)),
        "[a-z ]{60,120}".prop_map(|s| wrap(&STANDARD.encode(s), 40, "\n ")),
        "[a-z ]{16,30}".prop_map(|s| hex(&s)),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn views_in(bytes: &[u8], region: Range<usize>) -> Vec<View> {
    let (mut out, mut refused) = (Vec::new(), Vec::new());
    text_views(bytes, region, &mut Budget::default(), &mut out, &mut refused);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The views that touch a region are the same whether the region or the whole is looked at.
    #[test]
    fn views_are_local(whole in tangled(), a in any::<prop::sample::Index>(), len in 1_usize..60) {
        let bytes = whole.as_bytes();
        prop_assume!(!bytes.is_empty());
        let start = a.index(bytes.len());
        let region = start..(start + len).min(bytes.len());
        let touches = |v: &View| v.source.start < region.end && v.source.end > region.start;
        let all: Vec<View> = views_in(bytes, 0..bytes.len()).into_iter().filter(|v| touches(v)).collect();
        let some: Vec<View> = views_in(bytes, region.clone()).into_iter().filter(|v| touches(v)).collect();
        prop_assert_eq!(all, some, "{:?} {:?}", whole, region);
    }

    #[test]
    fn every_part_maps_into_the_source(whole in tangled()) {
        for view in text(whole.as_bytes()) {
            for byte in 0..view.bytes.len() {
                let part = view.original(byte..byte + 1);
                prop_assert!(!part.is_empty() && part.start >= view.source.start && part.end <= view.source.end);
            }
            let all = view.original(0..view.bytes.len());
            prop_assert!(all.start >= view.source.start && all.end <= view.source.end);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), a in 0..500_usize, b in 0..500_usize) {
        let _ = views_in(&bytes, a.min(b)..a.max(b));
        let _ = container(&bytes);
    }

    #[test]
    fn damaged_archives_never_panic(
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let zip = zip_of(&[("a", b"some text of a file", 0, 0), ("b", b"more text, more text", 8, 0), ("c", b"cc", 8, 8)], 3);
        let tar = [tar_entry("a", b'0', b"some text"), tar_entry("b", b'x', b"11 path=abc\n")].concat();
        for mut archive in [zip, tar, gzip(b"some text of a file")] {
            for (at, byte) in &hits {
                let at = at.index(archive.len());
                archive[at] = *byte;
            }
            let _ = container(&archive);
            archive.truncate(cut.index(archive.len()));
            let _ = container(&archive);
        }
    }
}

#[test]
fn variables_are_put_in_their_places() {
    let token = fakes::github_token(7);
    let (a, b) = token.split_at(20);
    let (a4, b4) = token.split_at(4);
    for whole in [
        format!("a = \"{a}\"\nb = \"{b}\"\ntoken = a + b\n"),
        format!("PREFIX = '{a4}'\nSUFFIX = '{b4}'\nkey = PREFIX + SUFFIX\n"),
        format!("p = \"{a}\"\ntoken = f\"{{p}}{b}\"\n"),
        format!("const p = \"{a}\";\nconst q = \"{b}\";\nconst token = `${{p}}${{q}}`;\n"),
        format!("A=\"{a}\"\nB=\"{b}\"\nexport TOKEN=\"$A$B\"\n"),
        format!("A={a}\nB={b}\nexport TOKEN=$A$B\n"),
        format!("A={a}\nB={b}\ncurl -H \"T: ${{A}}${{B}}\" h\n"),
        format!("head = \"{a}\"\ntoken = \"#{{head}}{b}\"\n"),
        format!("$first = \"{a}\";\n$token = \"{{$first}}{b}\";\n"),
        format!("p1 := \"{a}\"\np2 := \"{b}\"\ntok := p1 + p2\n"),
        format!("locals {{\n  a = \"{a}\"\n  b = \"{b}\"\n  token = \"${{local.a}}${{local.b}}\"\n}}\n"),
        format!("A={a}\nB={b}\nTOKEN=$(A)$(B)\n"),
        format!("var a = \"{a}\";\nvar token = $\"{{a}}{b}\";\n"),
        format!("val head: String = \"{a}\"\nval token = \"${{head}}{b}\"\n"),
        format!(
            "class C:\n    HEAD = \"{a}\"\n    TAIL = \"{b}\"\n    def t(self):\n        return self.HEAD + self.TAIL\n"
        ),
        format!("let t = \"{a}\";\n// next half\nt = t + \"{b}\";\n"),
    ] {
        let views = text(whole.as_bytes());
        let found = views.iter().find_map(|v| Some(v.original(at(&v.bytes, &token)?)));
        let source = found.unwrap_or_else(|| panic!("not seen: {views:?} of {whole}"));
        assert!(whole[source.clone()].contains(a4) && whole[source].contains(&b[4..]), "{whole}");
    }
}

#[test]
fn variables_between_blanks_make_no_view() {
    for whole in [
        "v = \"1.2.3-beta4\"\nmessage = \"version \" + v + \" is out\"\n",
        "const id = 'abc123def456';\nconst url = `https://example.com/items/${id}/edit`;\n",
        "const page = 'abc123def456';\nfetch(`https://example.com/?p=${page}`);\n",
        "a = 'x1y2z3'\nb = 5\nc = a + b\n",
    ] {
        assert_eq!(text(whole.as_bytes()), [], "{whole}");
    }
}
