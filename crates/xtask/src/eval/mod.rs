//! `cargo xtask eval`: how many secrets are found, how many alarms are false.
//!
//! The labelled cases ([`cases`]) are made on the spot, so that no live-looking string stands in the repository. One
//! file is one case: a tool is right when it flags a file that holds a secret and is silent on one with a look-alike.
//! The formats are those that our rules know, so our own recall here says that nothing is broken, not how we do on
//! formats that nobody thought of. Alarms on clean code are counted by `cargo xtask silent`.
//!
//! `--disguises 1` or `2` takes a set of secrets that are wrapped, cut or encoded, and of hard look-alikes
//! ([`cases::disguised`]).
//! With `--facts` the cases are made from a file of facts about credential formats ([`facts`]) instead, which no rule
//! had a part in. `--keep` leaves the files, and a list of what went wrong, in a folder outside the repository.
//!
//! With `--rivals` every other scanner installed runs on the same files in the same run, offline. `--docs` writes
//! the two pages of the book.

mod cases;
mod facts;
mod pack;
mod template;
pub(crate) mod tools;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cases::Case;
use tools::Tool;

use crate::ci::root;
use crate::say;

const USAGE: &str = "cargo xtask eval [--rivals] [--docs | --disguises 1|2 | --facts FILE] [--keep FOLDER]";

/// Parses the words after `eval`, runs the tools, prints and perhaps writes the pages.
pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let (mut rivals, mut docs, mut disguises, mut facts, mut keep) = (false, false, None, None, None);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rivals" => rivals = true,
            "--docs" => docs = true,
            "--disguises" => disguises = words.next().cloned(),
            "--facts" => facts = Some(PathBuf::from(words.next().ok_or(USAGE)?)),
            "--keep" => keep = Some(PathBuf::from(words.next().ok_or(USAGE)?)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if docs && facts.is_some() {
        return Err("--docs describes the cases made from the rules; leave out --facts".to_owned());
    }
    let tools = tools::tools(rivals)?;
    if let Some(set) = disguises {
        let mut cases = cases::disguised()?;
        cases.retain(|case| case.family.ends_with(&set));
        let done = labelled(&tools, &cases, keep.as_deref())?;
        say(&format!("{}\n{}", done.summary, done.wrong));
        return Ok(());
    }
    let cases = match &facts {
        Some(path) => facts::cases(path)?,
        None => cases::all()?,
    };
    let labelled = labelled(&tools, &cases, keep.as_deref())?;
    say(&format!("{}{}", labelled.summary, labelled.imperfect));
    if docs {
        write("evaluation.md", &page(rivals, &labelled))?;
        write("evaluation-families.md", &labelled.families)?;
    }
    Ok(())
}

fn write(name: &str, text: &str) -> Result<(), String> {
    let path = root().join("docs/src").join(name);
    std::fs::write(&path, text).map_err(|e| format!("could not write {}: {e}", path.display()))
}

/// The book's page: what was measured, how, and the sums.
fn page(rivals: bool, labelled: &Labelled) -> String {
    format!(
        "# Evaluation\n\nWritten by `cargo xtask eval {}`.\n\n\
         Each case is one file with one secret or one look-alike. They are made from the rules when the task runs: \
         the secrets of\nthe rules' examples exchanged for fresh ones (with the right checksum where there is one), \
         in the places where people put\nthem. So our recall says that every rule works in every place; it does not \
         say how we do on formats that no rule knows.\nThe rivals' figures stand beside it for scale.\n\n{}\n\
         [Every family](evaluation-families.md) has a row of its own.\n",
        if rivals { "--rivals --docs" } else { "--docs" },
        labelled.summary,
    )
}

/// What came of the labelled cases, as text.
struct Labelled {
    /// The tools, and our figures by kind of case.
    summary: String,
    /// Our figures for every family: a page.
    families: String,
    /// The families in which we are not perfect.
    imperfect: String,
    /// The cases in which we are wrong, by their number from 1.
    wrong: String,
}

fn labelled(tools: &[Tool], cases: &[Case], keep: Option<&Path>) -> Result<Labelled, String> {
    if let Some(folder) = keep {
        let result = measured(tools, cases, folder);
        let _ = std::fs::remove_file(folder.with_extension("out"));
        return result;
    }
    let top = std::env::temp_dir().join(format!("stopleak-eval-{}", std::process::id()));
    let result = measured(tools, cases, &top);
    for leftover in [&top, &top.with_extension("out")] {
        let _ = std::fs::remove_dir_all(leftover);
        let _ = std::fs::remove_file(leftover);
    }
    result
}

fn measured(tools: &[Tool], cases: &[Case], top: &Path) -> Result<Labelled, String> {
    for (n, case) in cases.iter().enumerate() {
        let folder = top.join(format!("c{n:05}"));
        std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        std::fs::write(folder.join(&case.name), &case.text).map_err(|e| e.to_string())?;
    }
    let positives = cases.iter().filter(|c| c.secret).count();
    let mut summary = format!(
        "{positives} files with a secret and {} with a look-alike, {} families.\n\n\
         | tool | found | missed | false | precision % | recall % |\n|---|--:|--:|--:|--:|--:|\n",
        cases.len() - positives,
        cases.iter().map(|c| &c.family).collect::<BTreeSet<_>>().len(),
    );
    let mut ours = BTreeSet::new();
    if top.starts_with(root()) {
        return Err("--keep needs a folder outside the repository".to_owned());
    }
    for tool in tools {
        let flagged: BTreeSet<usize> = (tool.scan)(&tool.program, top, &top.with_extension("out"))?
            .iter()
            .filter_map(|(path, _)| {
                path.components().find_map(|c| c.as_os_str().to_str()?.strip_prefix('c')?.parse().ok())
            })
            .collect();
        let found = (0..cases.len()).filter(|n| cases[*n].secret && flagged.contains(n)).count();
        let wrong = (0..cases.len()).filter(|n| !cases[*n].secret && flagged.contains(n)).count();
        let _ = writeln!(
            summary,
            "| {} | {found} | {} | {wrong} | {:.1} | {:.1} |",
            tool.name,
            positives - found,
            percent(found, found + wrong),
            percent(found, positives),
        );
        if tool.name == "stopleak" {
            ours = flagged;
        }
    }
    summary.push_str("\nstopleak by kind of case:\n\n| case | files | flagged |\n|---|--:|--:|\n");
    for (kind, [found, missed, wrong, silent]) in counts(cases, &ours, |c| (!c.secret, c.kind.as_ref())) {
        let what = if kind.0 { "look-alike" } else { "secret" };
        let _ = writeln!(
            summary,
            "| {what}: {} | {} | {} |",
            kind.1,
            found + missed + wrong + silent,
            found + wrong
        );
    }
    let table = counts(cases, &ours, |c| c.family.as_str());
    let mut wrong = String::new();
    for (n, case) in cases.iter().enumerate().filter(|(n, c)| c.secret != ours.contains(n)) {
        let what = if case.secret { "missed" } else { "flagged" };
        let _ = writeln!(wrong, "{what}\t{}\t{}\tc{n:05}/{}", case.family, case.kind, case.name);
    }
    std::fs::write(top.join("wrong.tsv"), &wrong).map_err(|e| e.to_string())?;
    Ok(Labelled { summary, families: families(&table), imperfect: imperfect(&table), wrong })
}

/// Cases found, missed, wrongly flagged and rightly left alone.
type Counts = [usize; 4];

fn counts<'c, K: Ord>(
    cases: &'c [Case],
    flagged: &BTreeSet<usize>,
    key: impl Fn(&'c Case) -> K,
) -> BTreeMap<K, Counts> {
    let mut table: BTreeMap<K, Counts> = BTreeMap::new();
    for (n, case) in cases.iter().enumerate() {
        table.entry(key(case)).or_default()[match (case.secret, flagged.contains(&n)) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        }] += 1;
    }
    table
}

/// The page with a row for every family.
fn families(table: &BTreeMap<&str, Counts>) -> String {
    let mut out = "# Evaluation by family\n\nPrecision: of the files of a family that are flagged, those with a \
                   secret. Recall: of its files with a secret, those\nflagged. A dash where there is none. See \
                   [Evaluation](evaluation.md).\n\n\
                   | family | secrets | found | look-alikes | flagged | precision % | recall % |\n\
                   |---|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for (family, [found, missed, wrong, silent]) in table {
        let _ = writeln!(
            out,
            "| {family} | {} | {found} | {} | {wrong} | {} | {} |",
            found + missed,
            wrong + silent,
            shown(*found, found + wrong),
            shown(*found, found + missed)
        );
    }
    out
}

fn shown(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.0}", percent(part, whole)) }
}

/// The families with a miss or a false alarm.
fn imperfect(table: &BTreeMap<&str, Counts>) -> String {
    let rows: Vec<_> = table.iter().filter(|(_, r)| r[1] > 0 || r[2] > 0).collect();
    let mut out = format!(
        "\n{} of {} families without a miss or a false alarm; the others:\n\n\
         | family | found | missed | false | silent |\n|---|--:|--:|--:|--:|\n",
        table.len() - rows.len(),
        table.len()
    );
    for (family, row) in rows {
        let _ = writeln!(out, "| {family} | {} | {} | {} | {} |", row[0], row[1], row[2], row[3]);
    }
    out.push('\n');
    out
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn files_in(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("could not list {}: {e}", dir.display()))?;
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|x| x == extension))
        .collect();
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("could not read {}: {e}", path.display()))
}
