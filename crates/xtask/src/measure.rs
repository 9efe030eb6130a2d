//! Times a command as a whole process: wall and CPU seconds, peak memory.
//!
//! The kernel's accounting of finished children is cumulative, so each run happens in a fresh copy of
//! this program (`xtask measure`), whose only child it is.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

/// What one run cost.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of user and system time, all threads.
    pub(crate) cpu: f64,
    /// Peak resident memory, MiB.
    pub(crate) peak: f64,
    /// The highest resident memory seen that is not a mapped file, MiB (looked at every few
    /// milliseconds, so a short peak may be missed; 0 where the system does not tell).
    pub(crate) anonymous: f64,
    /// The exit code, or -1.
    pub(crate) code: i32,
}

/// A command line with a name for the table.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    /// The row's label.
    pub(crate) name: String,
    /// Program and arguments.
    pub(crate) argv: Vec<String>,
    /// Counted runs.
    pub(crate) runs: usize,
}

/// Runs the contenders in turn (A B A B …), one uncounted round first, and returns each one's runs.
pub(crate) fn in_turn(contenders: &[Contender], dir: &Path) -> Result<Vec<Vec<Cost>>, String> {
    let mut costs = vec![Vec::new(); contenders.len()];
    let rounds = contenders.iter().map(|c| c.runs).max().unwrap_or(0);
    for round in 0..=rounds {
        for (contender, costs) in contenders.iter().zip(&mut costs) {
            // Slow rivals get no warm-up round: their runs take minutes.
            if (round == 0 && contender.runs < rounds) || round > contender.runs {
                continue;
            }
            let cost = run_apart(&contender.argv, dir)?;
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    Ok(costs)
}

/// The run with the median CPU time.
pub(crate) fn median(costs: &[Cost]) -> Option<Cost> {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    sorted.get(sorted.len() / 2).copied()
}

/// Runs a command once, in a process of its own for the kernel's accounts.
pub(crate) fn run_apart(argv: &[String], dir: &Path) -> Result<Cost, String> {
    let me = std::env::current_exe().map_err(|e| format!("could not find this program: {e}"))?;
    let out = Command::new(me)
        .arg("measure")
        .args(argv)
        .current_dir(dir)
        .output()
        .map_err(|e| format!("could not measure {argv:?}: {e}"))?;
    serde_json::from_slice(&out.stdout)
        .map_err(|e| format!("could not measure {argv:?}: {e}: {}", String::from_utf8_lossy(&out.stderr)))
}

/// The body of `xtask measure PROGRAM ARG…`: runs it, throws its output away, returns its cost as JSON.
pub(crate) fn child(argv: &[String]) -> Result<String, String> {
    let (program, args) = argv.split_first().ok_or("measure needs a command")?;
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("could not start {program}: {e}"))?;
    let over = Arc::new(AtomicBool::new(false));
    let watch = std::thread::spawn({
        let (over, id) = (Arc::clone(&over), child.id());
        move || watch_memory(id, &over)
    });
    let status = child.wait().map_err(|e| format!("could not wait for {program}: {e}"))?;
    let wall = start.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    let anonymous = watch.join().unwrap_or(0.0);
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| format!("getrusage: {e}"))?;
    let seconds = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 / 1e6;
    let cost = Cost {
        wall,
        cpu: seconds(usage.user_time()) + seconds(usage.system_time()),
        peak: usage.max_rss() as f64 / 1024.0,
        anonymous,
        code: status.code().unwrap_or(-1),
    };
    serde_json::to_string(&cost).map_err(|e| e.to_string())
}

/// The highest `RssAnon` of a process, MiB, from Linux's `/proc`, until `over` is set.
fn watch_memory(process: u32, over: &AtomicBool) -> f64 {
    let mut highest = 0.0_f64;
    while !over.load(Ordering::Relaxed) {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
        highest = highest.max(kib.unwrap_or(0.0) / 1024.0);
        std::thread::sleep(Duration::from_millis(5));
    }
    highest
}
