//! What will be changed, as data.

use std::fmt;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {}

impl fmt::Display for Step {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// What will be changed, in order. Shown one step a line by `Display`.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    steps: Vec<Step>,
    notes: Vec<String>,
}

impl Plan {
    /// The changes, in the order in which they are made.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What the reader should know besides: files left alone, tools that may get in the way.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// True when there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        Ok(())
    }
}

/// What an [`crate::apply`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// How many steps were done.
    pub steps: usize,
}
