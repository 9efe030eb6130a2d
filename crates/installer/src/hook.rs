//! The hooks that can be wired.

/// A hook of git's that stopleak answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hook {
    /// Before a commit: what is staged.
    PreCommit,
    /// Before the commit of a clean merge, which does not run pre-commit.
    PreMergeCommit,
    /// The message of a commit.
    CommitMsg,
    /// Before a push leaves: all that cherry-pick, rebase, `am` and `--no-verify` let through.
    PrePush,
    /// On a server, before a push is stored.
    PreReceive,
}

impl Hook {
    /// What a laptop gets.
    pub const CLIENT: &'static [Self] =
        &[Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush];

    /// What a server gets.
    pub const SERVER: &'static [Self] = &[Self::PreReceive];

    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush, Self::PreReceive];

    /// git's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// The hook that git calls `name`, if we answer it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|hook| hook.name() == name)
    }

    /// What this hook stops, for a message.
    pub(crate) fn stops(self) -> &'static str {
        match self {
            Self::PreCommit | Self::PreMergeCommit | Self::CommitMsg => "commit",
            Self::PrePush | Self::PreReceive => "push",
        }
    }
}
