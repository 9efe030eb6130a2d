//! What a run is given by its caller: common options, where to write, whether in colour.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::OnceLock;

use stopleak_config::builtin_detector;
use stopleak_core::Detector;
use stopleak_report::text::{Layout, Situation};
use stopleak_report::{Format, Outcome, Scan};

use crate::args::{Color, Common};
use crate::environment;
use crate::exit::{Exit, Failure};
use crate::pipeline::masked;

/// The caller's wishes.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// Options of every command.
    pub(crate) common: Common,
}

impl Session {
    /// Takes the options.
    pub(crate) fn new(common: Common) -> Self {
        Self { common }
    }

    /// Goes to `-C DIR` and starts logging where `-v` asks for it.
    pub(crate) fn enter(&self) -> Result<(), Failure> {
        if let Some(dir) = &self.common.dir {
            std::env::set_current_dir(dir)
                .map_err(|e| Failure::usage(format!("could not change to {}: {e}", dir.display())))?;
        }
        let level = match self.common.verbose {
            0 => return Ok(()),
            1 => tracing::Level::INFO,
            2 => tracing::Level::DEBUG,
            _ => tracing::Level::TRACE,
        };
        let colour = self.colour(io::stderr().is_terminal());
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(|| MaskedLog)
            .with_ansi(colour)
            .without_time()
            .finish();
        // A second subscriber in one process could only come from a test.
        let _ = tracing::subscriber::set_global_default(subscriber);
        Ok(())
    }

    /// How many threads to use, given the policy's limit.
    pub(crate) fn threads(&self, policy: Option<usize>) -> Threads {
        Threads { wanted: self.common.threads.filter(|n| *n > 0), most: policy }
    }

    /// Whether low confidence was asked for.
    pub(crate) fn all(&self) -> bool {
        self.common.all
    }

    /// The report's format.
    pub(crate) fn format(&self) -> Format {
        self.common.format.unwrap_or_default()
    }

    /// Whether a report with the policy's hash will be written.
    pub(crate) fn wants_hash(&self) -> bool {
        self.format() != Format::Text
    }

    /// Whether to write escape codes to something that is, or is not, a terminal.
    pub(crate) fn colour(&self, terminal: bool) -> bool {
        match self.common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal
                    && environment::get(environment::NO_COLOR).is_none()
                    && environment::text(environment::TERM).is_none_or(|t| t != "dumb")
            }
        }
    }

    /// Opens `--output` before any work is done, so that a wrong path is a wrong usage.
    pub(crate) fn open_output(&self) -> Result<Option<File>, Failure> {
        let Some(path) = &self.common.output else { return Ok(None) };
        File::create(path)
            .map(Some)
            .map_err(|e| Failure::usage(format!("could not open {} for the report: {e}", path.display())))
    }

    /// Writes a finished scan to where it belongs and says how the run ends.
    ///
    /// A hook talks on standard error, which git shows; a scan reports on standard output. With a report
    /// that people do not read (another format, or a file) they still get the text on standard error.
    pub(crate) fn finish(
        &self,
        scan: &Scan,
        situation: &Situation,
        gaps_allowed: bool,
        file: Option<File>,
    ) -> Result<Exit, Failure> {
        let exit = verdict(scan, gaps_allowed);
        let hook = *situation != Situation::Scan;
        let server = matches!(situation, Situation::Received(_));
        let layout = |terminal: bool| Layout {
            situation: situation.clone(),
            colour: !server && self.colour(terminal),
            verbose: self.common.verbose > 0,
            gaps_allowed,
            limit: match (server, hook) {
                (true, _) => SERVER_LIMIT,
                (false, true) => HOOK_LIMIT,
                (false, false) => 0,
            },
        };
        let format = self.format();
        let elsewhere = file.is_some() || (hook && format != Format::Text);
        let hush = self.common.quiet && scan.outcome() == Outcome::Clean;
        if elsewhere && !hush && (hook || !self.common.quiet) {
            let stderr = io::stderr();
            let layout = layout(stderr.is_terminal());
            // The report itself is in the file: a closed standard error loses only its echo.
            let _ = write_to(scan, Format::Text, &layout, stderr.lock());
        }
        let written = match (file, hook) {
            (Some(file), _) => {
                write_to(scan, format, &layout(false), &file).and_then(|()| match file.sync_all() {
                    // Pipes and devices cannot be synced.
                    Err(e)
                        if !matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
                    {
                        Err(e)
                    }
                    _ => Ok(()),
                })
            }
            (None, true) if format == Format::Text => {
                let stderr = io::stderr();
                let layout = layout(stderr.is_terminal());
                write_to(scan, format, &layout, stderr.lock())
            }
            (None, _) if hush && format == Format::Text => Ok(()),
            (None, _) => {
                let stdout = io::stdout();
                let layout = layout(stdout.is_terminal());
                write_to(scan, format, &layout, stdout.lock())
            }
        };
        match written {
            Ok(()) => Ok(exit),
            // What blocks, blocks, whether or not anyone reads why.
            Err(error) => Err(Failure {
                exit: if exit == Exit::Clean { Exit::Incomplete } else { exit },
                message: match &self.common.output {
                    Some(path) => format!("the report could not be written to {}: {error}", path.display()),
                    None => format!("the report could not be written: {error}"),
                },
                hint: None,
            }),
        }
    }

    /// Writes the output of a command that is no scan.
    pub(crate) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out: Box<dyn Write> = match self.open_output()? {
            Some(file) => Box::new(file),
            None => Box::new(io::stdout().lock()),
        };
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // `| head` has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::incomplete(format!("the output could not be written: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Says something beside the output, unless `-q`.
    pub(crate) fn say(&self, text: &str) {
        if !self.common.quiet {
            // Standard error is a courtesy; the exit code is the answer.
            let _ = writeln!(io::stderr(), "stopleak: {text}");
        }
    }

    /// Prints a failure, and is its exit code.
    pub(crate) fn end(result: Result<Exit, Failure>) -> Exit {
        let failure = match result {
            Ok(exit) => return exit,
            Err(failure) => failure,
        };
        let mut text = format!("stopleak: {}\n", safe(&failure.message));
        if let Some(hint) = &failure.hint {
            text = format!("{text}  hint: {}\n", safe(hint));
        }
        // As above: nothing more can be done when standard error is closed.
        let _ = io::stderr().write_all(text.as_bytes());
        failure.exit
    }
}

/// Standard error with secrets masked: a logged git command names refs, and a ref's name can hold a secret.
struct MaskedLog;

impl Write for MaskedLog {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // An event is written whole, so a secret is never cut in two.
        io::stderr().write_all(masked(builtin(), line).bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The built-in rules, for masking what is said about a scan.
fn builtin() -> &'static Detector {
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    DETECTOR.get_or_init(builtin_detector)
}

/// How many threads may be used. Counting the cores reads half a dozen files, so it waits until there is work
/// for more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Threads {
    wanted: Option<usize>,
    most: Option<usize>,
}

impl Threads {
    /// The number, at least one.
    pub(crate) fn count(self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.wanted.unwrap_or_else(cores).min(self.most.unwrap_or(usize::MAX)).clamp(1, 256)
    }
}

/// Findings shown to a refused pusher before the rest is counted.
const SERVER_LIMIT: usize = 25;
/// Most findings in the text of a hook on a laptop: who commits a dump wants its name, not each of its lines.
const HOOK_LIMIT: usize = 100;

/// What a scan means for the caller. Findings that block outweigh gaps.
pub(crate) fn verdict(scan: &Scan, gaps_allowed: bool) -> Exit {
    if scan.blocking().next().is_some() {
        Exit::Findings
    } else if scan.complete() || gaps_allowed {
        Exit::Clean
    } else {
        Exit::Incomplete
    }
}

fn write_to(scan: &Scan, format: Format, layout: &Layout, out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    stopleak_report::write(scan, format, layout, &mut out)?;
    out.flush()
}

/// Whether the built-in rules find something to mask in `text`.
pub(crate) fn holds_secret(text: &str) -> bool {
    masked(builtin(), text.as_bytes()).bytes() != text.as_bytes()
}

/// Makes a message fit to show: it may quote a path or a ref name, which may be hostile or hold a secret.
pub(crate) fn safe(text: &str) -> String {
    text.lines().map(|l| masked(builtin(), l.as_bytes()).safe()).collect::<Vec<_>>().join("\n")
}
