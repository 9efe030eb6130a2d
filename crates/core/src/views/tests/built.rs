//! Strings that programs of many languages put together, named encodings, and letters that look alike.

use super::*;

/// Whether a view of `whole` holds the token, in place.
fn assert_seen(whole: &str, token: &str) {
    let views = text(whole.as_bytes());
    let found = views.iter().find_map(|v| Some((v.source.clone(), v.original(at(&v.bytes, token)?))));
    let (source, place) = found.unwrap_or_else(|| panic!("not seen: {views:?} of {whole}"));
    assert!(!place.is_empty() && source.start <= place.start && place.end <= source.end, "{whole}");
}

fn codes(token: &str) -> String {
    token.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn formats_and_joins_of_many_languages_are_filled() {
    let token = fakes::github_token(8);
    let (a, b) = token.split_at(20);
    for whole in [
        format!("token = \"%s%s\" % (\"{a}\", \"{b}\")"),
        format!("token = \"{a}%s\" % \"{b}\""),
        format!("token = \"{{}}{{}}\".format(\"{a}\", \"{b}\")"),
        format!("token = \"{a}{{}}\".format(\"{b}\")"),
        format!("token = \"{{1}}{{0}}\".format(\"{b}\", \"{a}\")"),
        format!("String.Format(\"{{0}}{{1}}\", \"{a}\", \"{b}\")"),
        format!("let t = format!(\"{{}}{{}}\", \"{a}\", \"{b}\");"),
        format!("fmt.Sprintf(\"%s%s\", \"{a}\", \"{b}\")"),
        format!("T=$(printf '%s%s' '{a}' '{b}')"),
        format!("head = \"{a}\"\ntail = \"{b}\"\nt = \"\".join([head, tail])\n"),
        format!("head = \"{a}\"\ntail = \"{b}\"\nt = \"{{}}{{}}\".format(head, tail)\n"),
        format!("head = \"{a}\"\ntail = \"{b}\"\nt = concat(head, tail)\n"),
        format!("t = [\"{a}\", \"{b}\"].join"),
        format!("String t = String.join(\"\", \"{a}\", \"{b}\");"),
        format!("String A = \"{a}\";\nString B = \"{b}\";\nreturn A.concat(B);\n"),
        format!("Value: !Join [\"\", [\"{a}\", \"{b}\"]]"),
        format!("{{\"Fn::Join\": [\"\", [\"{a}\", \"{b}\"]]}}"),
        format!("Fn::Join:\n  - \"\"\n  - - \"{a}\"\n    - \"{b}\"\n"),
        format!("t <- paste0(\"{a}\", \"{b}\")"),
        format!(
            "StringBuilder sb = new StringBuilder(\"{a}\");\nsb.append(\"{}\").append(\"{}\");\n",
            &b[..5],
            &b[5..]
        ),
        format!("token = \"{a}\" * \"{b}\""),
        format!("std::string t = std::string(\"{a}\") + \"{b}\";"),
        format!("t = \"{}\".replace(\"#\", \"\")", wrap(&token, 5, "#")),
        format!("t = \"{}\".replace(/#/g, '')", wrap(&token, 5, "#")),
        format!("T=$(echo '{}' | rev)", token.chars().rev().collect::<String>()),
    ] {
        assert_seen(&whole, &token);
    }
}

#[test]
fn characters_one_by_one_are_read() {
    let token = fakes::github_token(9);
    let codes = codes(&token);
    for whole in [
        format!("k = \"\".join(chr(c) for c in [{codes}])"),
        format!("[{codes}].map(c => String.fromCharCode(c)).join('')"),
        format!("t = [{codes}].pack(\"c*\")"),
        format!("implode('', array_map('chr', [{codes}]))"),
        format!("join '', map chr, ({codes});"),
        format!("string.char({codes})"),
        format!("{{\"type\": \"Buffer\", \"data\": [{codes}]}}"),
    ] {
        assert_seen(&whole, &token);
    }
    assert_eq!(text(format!("x = [{codes}].map(c => c + 1)").as_bytes()), []);
}

#[test]
fn named_encodings_are_decoded() {
    let token = fakes::github_token(10);
    let rot13 = |text: &str| -> String {
        let turn = |c: char, a: u8| char::from((c as u8 - a + 13) % 26 + a);
        let one = |c: char| {
            if c.is_ascii_lowercase() {
                turn(c, b'a')
            } else if c.is_ascii_uppercase() {
                turn(c, b'A')
            } else {
                c
            }
        };
        text.chars().map(one).collect()
    };
    let turned = rot13(&token);
    let pairs = |between: &str| token.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(between);
    let rows: Vec<String> = format!("export T={token}\n")
        .as_bytes()
        .chunks(16)
        .enumerate()
        .map(|(n, row)| {
            let hex: Vec<String> = row
                .chunks(2)
                .map(|p| p.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat())
                .collect();
            format!("{:08x}: {:<39}  {}", n * 16, hex.join(" "), ".".repeat(row.len()))
        })
        .collect();
    for whole in [
        format!("k = codecs.decode(\"{turned}\", \"rot13\")"),
        format!("$t = str_rot13('{turned}');"),
        format!("echo '{turned}' | tr 'A-Za-z' 'N-ZA-Mn-za-m'"),
        format!("bytes.fromhex('{}')", pairs(" ")),
        format!("\"ApiKey\"=hex:{}", pairs(",")),
        rows.join("\n"),
    ] {
        assert_seen(&whole, &token);
    }
}

/// Texts that another program wrote: Python's base64 and binascii.
#[test]
fn base85_base58_and_uuencode_agree_with_another_program() {
    let said = "api token is: this plain text of words";
    for whole in [
        "base64.b85decode(\"VQ^_6bZ={AZXjuMIv{jtX>%ZOY+-3`AarGTbRchLAa`$aWOD\")",
        "base64.a85decode(b\"@;op'FDkr+DBNY73ZrNXBlbD9Cgh$q+EV1>F<GL6+EqaEA9.\")",
        "base58.b58decode('FR1g8jd8YTk1wQFMZ15Ap2ajEFz9fAbzGqvmE6cyacDUfiDBZgCS')",
        "begin 644 note\nF87!I('1O:V5N(&ES.B!T:&ES('!L86EN('1E>'0@;V8@=V]R9', \n`\nend\n",
    ] {
        assert_seen(whole, said);
    }
}

#[test]
fn words_are_read_over_tags_and_marks() {
    let token = fakes::github_token(11);
    let (a, b) = token.split_at(20);
    let (a4, b4) = token.split_at(4);
    for whole in [
        format!("<p>ghp_<wbr>{b4}</p>"),
        format!("<w:r><w:t>{a}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{b}</w:t></w:r>"),
        format!("| token | {}\\_{b4} |", &a4[..3]),
    ] {
        assert_seen(&whole, &token);
    }
}

#[test]
fn foreign_letters_are_read_as_what_they_look_like() {
    let token = fakes::github_token(12);
    let moved = |by: u32| -> String {
        token.chars().map(|c| if c == '_' { c } else { char::from_u32(u32::from(c) + by).unwrap() }).collect()
    };
    for whole in [
        format!("t = \"{}\"", moved(0xfee0)),
        format!("t = \"{}\"", token.replace('p', "\u{440}").replace('a', "\u{430}").replace('O', "\u{41e}")),
        format!("t = \"{}\"", token.replace('p', "\u{3c1}").replace('A', "\u{391}")),
        format!("t = \"{}\"", wrap(&token, 1, "\u{34f}")),
        format!("t = \"{}\"", wrap(&token, 7, "\u{fe0f}")),
        format!("t = \"{}\"", wrap(&token, 7, "\u{2063}")),
    ] {
        assert_seen(&whole, &token);
    }
    for prose in [
        "\u{441}\u{43e}\u{440}\u{430} 12345678901234567890",
        "\u{420}\u{43e}\u{441}\u{441}\u{438}\u{44f}-2024 abc",
        "caf\u{e9}1234567890123456789",
    ] {
        assert_eq!(text(prose.as_bytes()), [], "{prose}");
    }
}

#[test]
fn utf32_and_pdf_are_opened() {
    let token = fakes::github_token(13);
    let whole = format!("token = \"{token}\" # and more");
    for order in [u32::to_le_bytes, u32::to_be_bytes] {
        for mark in ["", "\u{feff}"] {
            let bytes: Vec<u8> = format!("{mark}{whole}").chars().flat_map(|c| order(c.into())).collect();
            let (views, refused) = container(&bytes);
            assert_eq!(refused, []);
            let place = views[0].original(at(&views[0].bytes, &token).unwrap());
            assert_eq!(place.len(), 4 * token.len());
        }
    }
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    stream.write_all(format!("BT /F1 12 Tf ({token}) Tj ET and more").as_bytes()).unwrap();
    let pdf = [b"%PDF-1.4\n4 0 obj << >>\nstream\r\n", &stream.finish().unwrap()[..], b"\nendstream\nendobj"]
        .concat();
    let (views, refused) = container(&pdf);
    assert_eq!(refused, []);
    assert!(views.len() == 1 && at(&views[0].bytes, &token).is_some());
}
