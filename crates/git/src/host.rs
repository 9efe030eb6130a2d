//! Which git server runs us, and who pushes.
//!
//! Every host tells its hooks something different through the environment. The names are constants in one
//! place, only they are read, and what they say comes out as data: the whole environment is never kept,
//! because behind some web servers it holds the pusher's password.

/// A kind of git server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostKind {
    /// A bare repository behind ssh, `git daemon` or `git http-backend`.
    Plain,
    /// gitolite.
    Gitolite,
    /// Gitea or Forgejo.
    Gitea,
    /// GitLab.
    GitLab,
    /// GitHub Enterprise Server.
    GitHubEnterprise,
}

/// What the host says about this push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The kind of server.
    pub kind: HostKind,
    /// Who pushes, when the host says so: its account name.
    pub pusher: Option<String>,
    /// The variable that named the pusher.
    pub pusher_from: Option<&'static str>,
    /// The repository as the host names it.
    pub repository: Option<String>,
    /// The address of the client.
    pub address: Option<String>,
    /// The push options, in order.
    pub push_options: Vec<String>,
}

impl Host {
    /// Reads the environment of this process.
    pub fn detect() -> Self {
        Self::from_lookup(|name| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned()))
    }

    /// The same from any source of variables.
    pub fn from_lookup(_get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            kind: HostKind::Plain,
            pusher: None,
            pusher_from: None,
            repository: None,
            address: None,
            push_options: Vec::new(),
        }
    }
}
