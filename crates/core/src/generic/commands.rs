//! Passwords on command lines: `docker login -u a -p x`, `redis-cli -a x`, `echo x | sudo -S`.
//!
//! Which option takes the password depends on the command, so each has its own. What a shell fills in later
//! (`$PASS`) is refused by the judge like any template.

use std::ops::Range;

use super::evidence as bit;
use super::grammar::Site;
use super::quote::literal;

/// Where a command has its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In the word after one of these options, which end with a space, or glued to one of them.
    Option(&'static [&'static str]),
    /// After the mark inside the word that follows the option: `-u user,x`, `-U user%x`.
    Inside(&'static [&'static str], u8),
    /// Between the marks of the first word: `scott/x@db`.
    Login,
    /// The word of this number, from 0, when the one before it is no option.
    Word(usize),
    /// The last word, when an option with `b` says that it is given here: `htpasswd -cb file user x`.
    Last,
    /// What is piped into it, after a colon if there is one.
    Piped,
}

/// Commands, as the anchors of `config/rules/generic.toml` have them, folded.
#[rustfmt::skip]
const COMMANDS: [(&str, At); 37] = [
    ("rabbitmqctl add_user ", At::Word(1)),
    ("snmpwalk ", At::Option(&["-c "])),
    ("snmpget ", At::Option(&["-c "])),
    ("htpasswd -", At::Last),
    ("mysqladmin ", At::Option(&["password "])),
    ("kadmin ", At::Option(&["-w "])),
    ("keytool ", At::Option(&["-storepass ", "-keypass "])),
    ("docker login ", At::Option(&["-p "])),
    ("podman login ", At::Option(&["-p "])),
    ("az login ", At::Option(&["-p "])),
    ("sqlcmd ", At::Option(&["-P ", "-P"])),
    ("redis-cli ", At::Option(&["-a "])),
    ("mongo ", At::Option(&["-p "])),
    ("mongosh ", At::Option(&["-p "])),
    ("mongodump ", At::Option(&["-p "])),
    ("mongorestore ", At::Option(&["-p "])),
    ("ldapsearch ", At::Option(&["-w "])),
    ("ldapadd ", At::Option(&["-w "])),
    ("ldapmodify ", At::Option(&["-w "])),
    ("psexec ", At::Option(&["-p "])),
    ("ncftpput ", At::Option(&["-p "])),
    ("snowsql ", At::Option(&["-p "])),
    ("openssl enc ", At::Option(&["-k ", "-pass pass:"])),
    ("zip -p", At::Word(0)),
    ("7z ", At::Option(&["-p"])),
    ("schtasks ", At::Option(&["/rp ", "/RP "])),
    ("freerdp ", At::Option(&["/p:"])),
    ("useradd ", At::Option(&["-p "])),
    ("ssh-keygen ", At::Option(&["-N "])),
    ("smbclient ", At::Inside(&["-U "], b'%')),
    ("lftp ", At::Inside(&["-u "], b',')),
    ("sqlplus ", At::Login),
    ("net user ", At::Word(1)),
    ("vault login ", At::Word(0)),
    ("sudo -s ", At::Piped),
    ("passwd --stdin", At::Piped),
    ("password-stdin", At::Piped),
];

/// Longest command that is read.
const LONGEST: usize = 400;

/// Whether an anchor of this text announces a command.
pub(super) fn is_command(anchor: &[u8]) -> bool {
    COMMANDS.iter().any(|(command, _)| anchor.eq_ignore_ascii_case(command.as_bytes()))
}

/// Reads the command whose name is at `at`.
pub(super) fn locate(t: &[u8], at: Range<usize>) -> Option<Site> {
    let name = &t[at.clone()];
    let (command, place) = COMMANDS.iter().find(|(c, _)| name.eq_ignore_ascii_case(c.as_bytes()))?;
    // `mongo ` is a word of its own; `gzip -p` is another command.
    let starts = at.start == 0
        || !t[at.start - 1].is_ascii_alphanumeric()
        || *command == "zip -p"
        || *command == "freerdp ";
    if !starts {
        return None;
    }
    if *place == At::Piped {
        return piped(t, at);
    }
    let rest = &t[at.end..];
    let line = rest
        .iter()
        .take(LONGEST)
        .position(|&b| matches!(b, b'\n' | b'|' | b';'))
        .unwrap_or(rest.len().min(LONGEST));
    let line = &rest[..line];
    let value = match *place {
        At::Option(options) => option(t, at.end, line, options)?,
        At::Inside(options, mark) => {
            let word = option(t, at.end, line, options)?;
            let cut = t[word.clone()].iter().position(|&b| b == mark)?;
            word.start + cut + 1..word.end
        }
        At::Login => {
            let word = word(t, at.end)?;
            let slash = t[word.clone()].iter().position(|&b| b == b'/')?;
            let end = t[word.clone()].iter().rposition(|&b| b == b'@').unwrap_or(word.len());
            (slash + 1 < end).then_some(word.start + slash + 1..word.start + end)?
        }
        At::Word(n) => {
            // `zip -P x`: the anchor is folded, the option is not.
            if command.ends_with("-p") && (!name.ends_with(b"P") || t.get(at.end) != Some(&b' ')) {
                return None;
            }
            let mut found = word(t, at.end + usize::from(command.ends_with("-p")))?;
            for _ in 0..n {
                let next = found.end + usize::from(matches!(t.get(found.end), Some(b'"' | b'\'')));
                (t.get(next) == Some(&b' ') && t[found.start] != b'/').then_some(())?;
                found = word(t, next)?;
            }
            found
        }
        At::Last => {
            let option = line.iter().position(|&b| b == b' ').unwrap_or(0);
            if !line[..option].contains(&b'b') || line[..option].contains(&b'n') {
                return None;
            }
            let mut found = word(t, at.end + option)?;
            for _ in 0..2 {
                found = word(t, found.end + usize::from(matches!(t.get(found.end), Some(b'"' | b'\''))))?;
            }
            found
        }
        At::Piped => return None,
    };
    site(t, at, value)
}

/// `echo x | sudo -S`, `echo user:x | chpasswd`: the command that reads is at `at`.
pub(super) fn piped(t: &[u8], at: Range<usize>) -> Option<Site> {
    let line = t[..at.start].iter().rposition(|&b| b == b'\n').map_or(0, |n| n + 1);
    let before = &t[line..at.start];
    let bar = before.iter().rposition(|&b| b == b'|')?;
    let echo = [&b"echo "[..], b"printf "]
        .iter()
        .find_map(|e| Some(memchr::memmem::rfind(&before[..bar], e)? + e.len()))?;
    let mut start = line + echo;
    while t[start..].starts_with(b"-n ") || t[start..].starts_with(b"-e ") {
        start += 3;
    }
    let mut value = word(t, start).filter(|w| w.end <= line + bar)?;
    if t[at.clone()].to_ascii_lowercase().ends_with(b"chpasswd") {
        let colon = t[value.clone()].iter().position(|&b| b == b':')?;
        value.start += colon + 1;
    }
    // The newline that `echo -e` and `printf` spell out.
    if t[value.clone()].ends_with(b"\\n") {
        value.end -= 2;
    }
    site(t, at, value)
}

fn site(t: &[u8], name: Range<usize>, value: Range<usize>) -> Option<Site> {
    let option = matches!(t.get(value.start)?, b'-' | b'/');
    let bits = bit::FORM | bit::OPTION;
    (value.len() >= 4 && !option).then_some(Site { name, value, bits, wrapper: None, inside: 0 })
}

/// The word after the first of the options in `line`, which begins at `from`.
fn option(t: &[u8], from: usize, line: &[u8], options: &[&str]) -> Option<Range<usize>> {
    options.iter().find_map(|option| {
        let at = memchr::memmem::find_iter(line, option).find(|&i| i == 0 || line[i - 1] == b' ')?;
        word(t, from + at + option.len())
    })
}

/// A quoted or bare word at `p`, after spaces.
fn word(t: &[u8], p: usize) -> Option<Range<usize>> {
    let p = p + t.get(p..)?.iter().take(4).take_while(|b| **b == b' ').count();
    if let Some(text) = literal(t, p) {
        return Some(text);
    }
    let len =
        t[p..].iter().take(160).take_while(|&&b| b > b' ' && b < 0x7f && !b"\"'`|<>;".contains(&b)).count();
    (len > 0).then_some(p..p + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_its_own_place() {
        for (text, anchor, want) in [
            ("docker login -u a -p one reg", "docker login ", Some("one1")),
            ("redis-cli -h c -a one ping", "redis-cli ", Some("one1")),
            ("sqlcmd -U sa -P 'one' -i x", "sqlcmd ", Some("one1")),
            ("7z a -pone out", "7z ", Some("one1")),
            ("zip -P one out", "zip -P", Some("one1")),
            ("gzip -p one", "zip -p", None),
            ("lftp -u u,one h", "lftp ", Some("one1")),
            ("smbclient //h/s -U 'c\\u%one'", "smbclient ", Some("one1")),
            ("sqlplus scott/one@db", "sqlplus ", Some("one1")),
            ("echo one | sudo -S apt", "sudo -S ", Some("one1")),
            ("net user backup one /add", "net user ", Some("one1")),
            ("redis-cli ping", "redis-cli ", None),
            ("net user /domain\nwhoami", "net user ", None),
            ("net user backup /delete", "net user ", None),
        ] {
            let text = text.replace("one", "one1");
            let at = text.find(anchor).expect("the anchor");
            assert!(is_command(anchor.as_bytes()), "{anchor}");
            let found = locate(text.as_bytes(), at..at + anchor.len());
            assert_eq!(found.map(|s| &text[s.value]), want, "{text}");
        }
    }
}
