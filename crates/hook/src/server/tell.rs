//! Words for the administrator, which the pusher does not see.
//!
//! Everything a hook prints reaches the pusher, so what is wrong with the server goes to syslog and to a
//! small file in the repository.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use stopleak_config::builtin_detector;

use crate::pipeline::masked;

/// The file inside the git folder.
pub(crate) const FILE: &str = "stopleak-errors.log";
/// The file is started again above this size.
const MOST: u64 = 1 << 20;

/// Tells the administrator; says whether any word arrived.
pub(crate) fn administrator(git_dir: &Path, message: &str) -> bool {
    let detector = builtin_detector();
    let text: Vec<String> = message.lines().map(|l| masked(&detector, l.trim().as_bytes()).safe()).collect();
    let text = text.join(" | ");
    let filed = file(git_dir, &text).is_ok();
    // 10.3: the facility of authorisation messages, an error.
    let logged = syslog(83, &format!("{}: {text}", git_dir.display()));
    filed || logged
}

fn file(git_dir: &Path, text: &str) -> std::io::Result<()> {
    let path = git_dir.join(FILE);
    let full = path.metadata().is_ok_and(|m| m.len() > MOST);
    let mut file = OpenOptions::new().create(true).append(!full).write(true).truncate(full).open(path)?;
    writeln!(file, "{} {text}", jiff::Timestamp::now())
}

/// Sends one line to the local syslog socket, best effort.
pub(crate) fn syslog(priority: u8, text: &str) -> bool {
    #[cfg(unix)]
    {
        let Ok(socket) = std::os::unix::net::UnixDatagram::unbound() else { return false };
        // A full log daemon must not hold up pushes.
        let _ = socket.set_nonblocking(true);
        let line = format!("<{priority}>stopleak[{}]: {text}", std::process::id());
        socket.send_to(line.as_bytes(), "/dev/log").is_ok()
    }
    #[cfg(not(unix))]
    {
        let _ = (priority, text);
        false
    }
}
