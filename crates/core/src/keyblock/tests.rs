use super::*;

/// Forty-eight bytes a line of what base64 looks like; no key.
fn digits(lines: usize) -> Vec<String> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 7u32;
    (0..lines)
        .map(|_| {
            (0..64)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    char::from(alphabet[(state >> 26) as usize])
                })
                .collect()
        })
        .collect()
}

fn mark(word: &str, label: &str) -> String {
    format!("-----{word} {label}-----")
}

fn pem(label: &str) -> String {
    format!("{}\n{}\n{}\n", mark("BEGIN", label), digits(6).join("\n"), mark("END", label))
}

fn read(text: &str) -> Option<KeyBlock> {
    let at = text.find("-----BEGIN").or_else(|| text.find("---- BEGIN")).or_else(|| text.find("PuTTY"))?;
    key_block(text.as_bytes(), at..at + 10)
}

#[test]
fn one_key_in_any_clothes_is_one_secret() {
    const LABEL: &str = "RSA PRIVATE KEY";
    let plain = pem(LABEL);
    let lines: Vec<&str> = plain.lines().collect();
    let clothes = [
        plain.clone(),
        plain.replace('\n', "\r\n"),
        format!("{{\"key\": \"{}\"}}", plain.replace('\n', "\\n")),
        format!("'{{\"key\": \"{}\"}}'", plain.replace('\n', "\\\\n")),
        format!("KEY={}", plain.replace('\n', "\\r\\n")),
        format!("key: |\n    {}\n", lines.join("\n    ")),
        format!("key = \"{}\\n\"", lines.join("\\n\" +\n      \"")),
        format!("key = (\n  '{}'\n)", lines.join("\\n'\n  '")),
        format!("lines = [\"{}\"]", lines.join("\",\n \"")),
        format!("# {}", lines.join("\n# ")),
        format!("// {}", lines.join("\n// ")),
        format!("    * {}", lines.join("\n    * ")),
        format!("> {}", lines.join("\n> ")),
        format!("KEY=\"{}\"", lines.join(" ")),
        format!("KEY = \"{}\"", lines.join("\\\n")),
        format!(
            "{{\"key\": \"{}\"}}",
            plain.replace('\n', "\\n").replace('/', "\\/").replace('+', "\\u002b")
        ),
        plain.replace("-----\n", "-----").replacen("-----MII", "-----\nMII", 1),
    ];
    let expected = read(&plain).unwrap().text;
    assert_eq!(expected, plain.as_bytes());
    for text in clothes {
        let block = read(&text).unwrap_or_else(|| panic!("not seen: {text}"));
        assert!(block.complete, "{text}");
        assert_eq!(block.text, expected, "{text}");
        assert!(text[block.span.clone()].starts_with("-----BEGIN"), "{text}");
        assert!(text[block.span].ends_with("-----"), "{text}");
    }
}

#[test]
fn every_kind_of_private_key_is_read() {
    for label in [
        "PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "EC PRIVATE KEY",
        "DSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        assert!(read(&pem(label)).unwrap().complete, "{label}");
    }
    let ssh2 = pem("SSH2 ENCRYPTED PRIVATE KEY").replace("-----B", "---- B").replace("-----E", "---- E");
    assert!(read(&ssh2.replace("KEY-----", "KEY ----")).unwrap().complete);
}

#[test]
fn headers_are_kept_apart_from_the_body() {
    let text = pem("RSA PRIVATE KEY").replacen(
        "-----\n",
        "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0011223344\n\n",
        1,
    );
    assert_eq!(read(&text).unwrap().text, text.as_bytes());
}

#[test]
fn a_begin_without_a_plausible_body_is_no_secret() {
    let begin = mark("BEGIN", "RSA PRIVATE KEY");
    let end = mark("END", "RSA PRIVATE KEY");
    let filler = "A".repeat(64);
    let cases = [
        begin.clone(),
        format!("{begin}\n...\n{end}"),
        format!("{begin}\n<your key here>\n{end}"),
        format!("{begin}\n${{KEY}}\n{end}"),
        format!("{begin}\n{filler}\n{filler}\n{end}"),
        format!("{begin}\\s*[A-Za-z0-9+/=\\s]+{end}"),
        format!("if text.startswith(\"{begin}\") or text.endswith(\"{end}\"):"),
        format!(
            "a file with {begin} and then a number of lines and at the very end of the file there is {end}"
        ),
        pem("CERTIFICATE"),
        pem("PUBLIC KEY"),
        format!("{begin}\n{}\n", digits(3).join("\n")),
    ];
    for text in cases {
        assert_eq!(read(&text), None, "{text}");
    }
}

#[test]
fn a_long_body_that_is_cut_off_is_still_a_secret() {
    let text = format!("{}\n{}\nand so on", mark("BEGIN", "RSA PRIVATE KEY"), digits(12).join("\n"));
    assert!(!read(&text).unwrap().complete);
}

#[test]
fn lines_may_end_in_markup() {
    let key = pem("RSA PRIVATE KEY");
    for end in ["<br>", "<br/>\n", "&#10;", "&#xA;"] {
        let text = format!("<pre>{}</pre>", key.trim_end().replace('\n', end));
        assert_eq!(read(&text).unwrap().text, key.as_bytes(), "{end}");
    }
}

#[test]
fn a_block_ends_where_the_next_begins() {
    let two = format!("{}{}", pem("RSA PRIVATE KEY"), pem("EC PRIVATE KEY"));
    assert_eq!(read(&two).unwrap().text, pem("RSA PRIVATE KEY").as_bytes());
}

#[test]
fn putty_keys_are_read_to_their_mac() {
    let text = format!(
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\n{0}\n{0}\n\
         Private-Lines: 1\n{0}\nPrivate-MAC: 00112233445566778899\n",
        digits(1)[0],
    );
    let block = read(&format!("x {text} y")).unwrap();
    assert!(block.complete);
    assert_eq!(block.text, text.as_bytes());
    assert_eq!(read(&text.replace('\n', "\r\n")).unwrap().text, text.as_bytes());
    assert_eq!(read("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n"), None);
}
