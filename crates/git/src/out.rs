//! A child's stdout, and an end to waiting for it.
//!
//! Without a deadline it is a pipe. With one it is a socket, because reading from a socket can be given up:
//! a git that hangs without writing must not hold up a push for ever.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long one read waits before the clock is looked at.
const SLICE: Duration = Duration::from_millis(100);

/// Where a child's stdout will come from.
pub(crate) enum Prepared {
    /// A pipe, made by the start of the child.
    Pipe,
    /// Our end of a socket.
    Socket(UnixStream, Instant),
}

impl Prepared {
    /// What the child is given for its stdout, and what is kept.
    pub(crate) fn new(deadline: Option<Instant>) -> io::Result<(Stdio, Self)> {
        let Some(deadline) = deadline else { return Ok((Stdio::piped(), Self::Pipe)) };
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(SLICE))?;
        Ok((Stdio::from(OwnedFd::from(theirs)), Self::Socket(ours, deadline)))
    }

    /// The stream, once the child runs.
    pub(crate) fn open(self, child: &mut Child) -> Option<Out> {
        match self {
            Self::Pipe => child.stdout.take().map(Out::Pipe),
            Self::Socket(stream, deadline) => Some(Out::Socket(stream, deadline)),
        }
    }
}

/// A child's stdout. Past the deadline reading fails with [`io::ErrorKind::TimedOut`].
pub(crate) enum Out {
    /// Read until its end.
    Pipe(ChildStdout),
    /// Read until its end or the deadline.
    Socket(UnixStream, Instant),
}

impl Read for Out {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (stream, deadline) = match self {
            Self::Pipe(pipe) => return pipe.read(buffer),
            Self::Socket(stream, deadline) => (stream, *deadline),
        };
        loop {
            match stream.read(buffer) {
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if Instant::now() > deadline {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                // A child that dies with our input unread resets the stream; its exit status says the rest.
                Err(e) if e.kind() == io::ErrorKind::ConnectionReset => return Ok(0),
                read => return read,
            }
        }
    }
}

/// Waits for the end of a child that has closed its stdout; past the deadline it is killed.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] when it had to be killed.
pub(crate) fn wait(child: &mut Child, deadline: Option<Instant>) -> io::Result<ExitStatus> {
    let Some(deadline) = deadline else { return child.wait() };
    let mut pause = Duration::from_micros(50);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        // A little more than the deadline: it has nothing left to do but end.
        if Instant::now() > deadline + SLICE {
            drop(child.kill());
            drop(child.wait());
            return Err(io::ErrorKind::TimedOut.into());
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}
