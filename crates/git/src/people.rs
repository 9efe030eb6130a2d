//! Author, date and subject of a raw commit.

use crate::CommitFacts;

/// Reads what is there; a commit may hold anything, so nothing here can fail.
pub(crate) fn facts(raw: &[u8]) -> CommitFacts {
    let mut facts = CommitFacts { author: Vec::new(), date: String::new(), subject: Vec::new() };
    let mut lines = raw.split(|&b| b == b'\n');
    for line in lines.by_ref() {
        if line.is_empty() {
            break;
        }
        if let Some(person) = line.strip_prefix(b"author ")
            && facts.author.is_empty()
        {
            (facts.author, facts.date) = signature(person);
        }
    }
    facts.subject = lines.find(|line| !line.is_empty()).unwrap_or_default().to_vec();
    facts
}

/// Splits `name <mail> seconds zone`.
fn signature(line: &[u8]) -> (Vec<u8>, String) {
    let Some(close) = line.iter().rposition(|&b| b == b'>') else { return (line.to_vec(), String::new()) };
    let when = std::str::from_utf8(&line[close + 1..]).unwrap_or_default();
    let mut words = when.split_ascii_whitespace();
    let seconds = words.next().and_then(|w| w.parse::<i64>().ok());
    let zone = words.next().and_then(parse_zone).unwrap_or(0);
    (line[..=close].to_vec(), seconds.and_then(|s| rfc3339(s, zone)).unwrap_or_default())
}

/// `+0130` in minutes.
fn parse_zone(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = text.get(1..).filter(|d| d.len() == 4 && d.bytes().all(|b| b.is_ascii_digit()))?;
    let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// A time in the years 0 to 9999, `None` outside. Days to date as in Howard Hinnant's `civil_from_days`.
fn rfc3339(seconds: i64, zone: i64) -> Option<String> {
    let local = seconds.checked_add(zone * 60)?;
    if !(-62_167_219_200..253_402_300_800).contains(&local) {
        return None;
    }
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let offset = match zone {
        0 => "Z".to_owned(),
        _ => format!("{}{:02}:{:02}", if zone < 0 { '-' } else { '+' }, zone.abs() / 60, zone.abs() % 60),
    };
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_rfc_3339() {
        for (line, want) in [
            ("A <a@b> 0 +0000", "1970-01-01T00:00:00Z"),
            ("A <a@b> 1700000000 +0200", "2023-11-15T00:13:20+02:00"),
            ("A <a@b> 1709164800 -0130", "2024-02-28T22:30:00-01:30"),
            ("A <a@b> 951782400 +0000", "2000-02-29T00:00:00Z"),
            ("A <a@b> 99999999999999999999 +0000", ""),
            ("A <a@b> 9223372036854775807 +2359", ""),
            ("A <a@b>", ""),
            ("nonsense", ""),
        ] {
            assert_eq!(signature(line.as_bytes()).1, want, "{line}");
        }
    }

    #[test]
    fn reads_a_commit() {
        let facts = facts(b"tree 1\nauthor A B <a@b> 1 +0000\ncommitter C <c> 2 +0000\n\nSubject\n\nbody\n");
        assert_eq!(facts.author, b"A B <a@b>");
        assert_eq!(facts.subject, b"Subject");
    }
}
