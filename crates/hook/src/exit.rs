//! Exit codes, and the errors that lead to them.
//!
//! A hook blocks on every code but zero. The codes tell scripts *why*, and are never mixed: a scan that
//! could not look is no finding, and a wrong flag is no scan.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything in scope was read; nothing blocks.
    Clean,
    /// Something blocks.
    Findings,
    /// Wrong usage, configuration or rules.
    Usage,
    /// Something in scope could not be scanned, or the answer could not be delivered.
    Incomplete,
    /// A bug of ours.
    Bug,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Bug => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error on its way to a person: a sentence, its causes, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code to end with.
    pub(crate) exit: Exit,
    /// What went wrong, causes included.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// The caller asked for something that does not work.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// Something in scope could not be looked at.
    pub(crate) fn incomplete(message: impl Into<String>) -> Self {
        Self { exit: Exit::Incomplete, message: message.into(), hint: None }
    }

    /// The same with advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// An error's sentence followed by those of its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some errors repeat their cause; once is enough.
        if !text.contains(&said) {
            let _ = write!(text, ": {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let codes = [Exit::Clean, Exit::Findings, Exit::Usage, Exit::Incomplete, Exit::Bug].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 70]);
    }
}
