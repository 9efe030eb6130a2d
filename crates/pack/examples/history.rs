//! Reads the history of a bare repository and attributes some blobs: `history GIT-DIR [THREADS] [BLOBS]`.
//! Refs are taken from `packed-refs` only: this is a measure, not a tool.
#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::path::Path;
use std::time::Instant;

use stopleak_pack::history::Tips;
use stopleak_pack::{Hash, History, Kind, ObjectId, Options, Plan, Store};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = args.next().ok_or("usage: history GIT-DIR [THREADS] [BLOBS]")?;
    let dir = Path::new(&dir);
    let mut options = Options::default();
    if let Some(threads) = args.next() {
        options.threads = threads.parse()?;
    }
    let wanted: usize = args.next().map_or(Ok(1000), |n| n.parse())?;
    let start = Instant::now();
    let store = Store::open(&dir.join("objects"), &[], Hash::Sha1)?;
    let plan = Plan::everything(&store);
    let planned = start.elapsed();
    let packed = std::fs::read_to_string(dir.join("packed-refs"))?;
    let refs: Vec<ObjectId> =
        packed.lines().filter_map(|line| ObjectId::from_hex(line.get(..40)?.as_bytes())).collect();
    let head = std::fs::read_to_string(dir.join("HEAD"))?;
    let name = head.trim().trim_start_matches("ref: ");
    let head = packed.lines().find(|line| line.ends_with(&format!(" {name}")));
    let head = head.and_then(|line| ObjectId::from_hex(line.get(..40)?.as_bytes()));
    let history = History::read(&store, &plan, &Tips { refs, head, shallow: Vec::new() }, &options);
    let read = start.elapsed();
    println!(
        "{} commits, {} gaps, {} problems, {:.1?} MB in memory and files; open and plan {planned:.2?}, history {:.2?}",
        history.commit_count(),
        history.gaps().len(),
        history.problems().len(),
        <[usize; 2]>::from(store.room().held()).map(|bytes| bytes as f64 / 1e6),
        read.saturating_sub(planned),
    );
    let step = (store.count() as usize / wanted.max(1)).max(1);
    let mut blobs =
        (0..store.count()).step_by(step).filter_map(|number| store.id(number)).collect::<Vec<_>>();
    blobs.retain(|id| store.kind(id) == Some(Kind::Blob));
    let start = Instant::now();
    let found = history.introductions(&blobs);
    let paths: usize = found.iter().map(|one| one.occurrences.len()).sum();
    let lost = found.iter().filter(|one| !one.reachable).count();
    println!("{} blobs, {paths} paths, {lost} unreachable: {:.2?}", blobs.len(), start.elapsed());
    for one in found.iter().take(3) {
        for place in &one.occurrences {
            let path = String::from_utf8_lossy(&place.path);
            println!("{} {} {path} in HEAD: {}", one.blob, place.commit, place.in_head);
        }
    }
    Ok(())
}
