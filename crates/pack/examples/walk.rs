//! Walks all objects of a repository and prints counts and times: `walk OBJECTS-DIR
//! [THREADS] [KIND…] [verify]`.
#![expect(clippy::print_stdout, reason = "an example that prints")]

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use stopleak_pack::{Base, Hash, Kind, LargeObject, Object, Options, Plan, Problem, Store, Visit};

#[derive(Default)]
struct Count {
    objects: u64,
    bytes: u64,
    inherited: u64,
    large: u64,
    problems: Vec<Problem>,
}

impl Visit for Count {
    type Value = ();

    fn object(&mut self, object: Object<'_>, base: Option<Base<'_, ()>>) {
        self.objects += 1;
        self.bytes += object.bytes.len() as u64;
        if let Some(base) = base {
            self.inherited += base.copies.iter().map(|copy| copy.len as u64).sum::<u64>();
        }
    }

    fn large(&mut self, object: LargeObject<'_>, bytes: &mut dyn Read) {
        self.large += 1;
        self.bytes += object.size;
        // The walk hears of an error too, and makes a problem of it.
        let _ = std::io::copy(bytes, &mut std::io::sink());
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = args.next().ok_or("usage: walk OBJECTS-DIR [THREADS] [KIND…]")?;
    let mut options = Options::default();
    if let Some(threads) = args.next() {
        options.threads = threads.parse()?;
    }
    let rest: Vec<String> = args.collect();
    options.verify = rest.iter().any(|word| word == "verify");
    let kinds: Vec<Kind> = rest.iter().filter_map(|name| Kind::from_name(name.as_bytes())).collect();
    if !kinds.is_empty() {
        options.kinds = kinds;
    }
    let start = Instant::now();
    let store = Store::open(Path::new(&dir), &[], Hash::Sha1)?;
    let opened = start.elapsed();
    let plan = Plan::everything(&store);
    let planned = start.elapsed();
    let counts = plan.walk(&options, |_| Count::default());
    let walked = start.elapsed();
    let sum = |what: fn(&Count) -> u64| counts.iter().map(what).sum::<u64>();
    println!(
        "{} objects, {:.2} GB, {:.2} GB copied from bases, {} large, {} packs of {:.2} GB",
        sum(|c| c.objects),
        sum(|c| c.bytes) as f64 / 1e9,
        sum(|c| c.inherited) as f64 / 1e9,
        sum(|c| c.large),
        store.pack_count(),
        store.packed_bytes() as f64 / 1e9,
    );
    println!(
        "open {opened:.2?}, plan {:.2?}, walk {:.2?}",
        planned.saturating_sub(opened),
        walked.saturating_sub(planned)
    );
    for problem in counts.iter().flat_map(|count| &count.problems) {
        println!("{}: {problem}", problem.why.code());
    }
    Ok(())
}
