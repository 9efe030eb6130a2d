//! When a scan has to end before its end: Ctrl-C, or the policy's deadline.
//!
//! What was found until then is shown, and the rest is a gap. A stream is watched while it is read, because
//! one file can be all of the work.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

/// The reasons to end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop<'s> {
    /// Set by Ctrl-C.
    pub(crate) flag: &'s AtomicBool,
    /// When to give up.
    pub(crate) deadline: Option<Instant>,
}

impl Stop<'_> {
    /// The reason code, once there is a reason.
    pub(crate) fn why(self) -> Option<&'static str> {
        if self.flag.load(Ordering::Relaxed) {
            return Some("interrupted");
        }
        self.deadline.is_some_and(|d| Instant::now() >= d).then_some("deadline")
    }
}

/// A stream that ends early when the scan has to, and counts what it gave.
pub(crate) struct Watched<'s, R> {
    inner: R,
    stop: Stop<'s>,
    total: &'s AtomicU64,
    /// Why it ended early.
    pub(crate) ended: Option<&'static str>,
}

impl<'s, R: Read> Watched<'s, R> {
    /// Watches `inner`; what it gives is added to `total`.
    pub(crate) fn new(inner: R, stop: Stop<'s>, total: &'s AtomicU64) -> Self {
        Self { inner, stop, total, ended: None }
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.ended = self.stop.why();
            if self.ended.is_some() {
                return Ok(0);
            }
            match self.inner.read(buffer) {
                // A signal: look again whether it was meant for us.
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    self.total.fetch_add(read as u64, Ordering::Relaxed);
                    return Ok(read);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_stream_ends_and_says_why() {
        let (flag, total) = (AtomicBool::new(false), AtomicU64::new(0));
        let stop = Stop { flag: &flag, deadline: None };
        let mut stream = Watched::new(io::repeat(7), stop, &total);
        let mut buffer = [0; 64];
        assert_eq!(stream.read(&mut buffer).unwrap(), 64);
        flag.store(true, Ordering::Relaxed);
        assert_eq!(stream.read(&mut buffer).unwrap(), 0);
        assert_eq!((stream.ended, total.into_inner()), (Some("interrupted"), 64));
    }

    #[test]
    fn a_deadline_that_has_passed_is_a_reason() {
        let flag = AtomicBool::new(false);
        assert_eq!(Stop { flag: &flag, deadline: Some(Instant::now()) }.why(), Some("deadline"));
    }
}
