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

/// The variables that are read, and nothing else is.
mod names {
    pub(super) const GITEA_PUSHER: &str = "GITEA_PUSHER_NAME";
    pub(super) const GITEA_OWNER: &str = "GITEA_REPO_USER_NAME";
    pub(super) const GITEA_REPO: &str = "GITEA_REPO_NAME";
    pub(super) const GITLAB_USER: &str = "GL_USERNAME";
    pub(super) const GITLAB_ID: &str = "GL_ID";
    pub(super) const GITLAB_PROJECT: &str = "GL_PROJECT_PATH";
    pub(super) const GITLAB_REPO: &str = "GL_REPOSITORY";
    pub(super) const GITOLITE_USER: &str = "GL_USER";
    pub(super) const GITOLITE_REPO: &str = "GL_REPO";
    pub(super) const GITHUB_USER: &str = "GITHUB_USER_LOGIN";
    pub(super) const GITHUB_REPO: &str = "GITHUB_REPO_NAME";
    pub(super) const HTTP_USER: &str = "REMOTE_USER";
    pub(super) const HTTP_ADDRESS: &str = "REMOTE_ADDR";
    pub(super) const SSH: &str = "SSH_CONNECTION";
    pub(super) const UNIX_USER: &str = "USER";
    pub(super) const LOGIN: &str = "LOGNAME";
    pub(super) const OPTION_COUNT: &str = "GIT_PUSH_OPTION_COUNT";
    pub(super) const OPTION: &str = "GIT_PUSH_OPTION_";
}

/// How to know a host, and where it keeps the pusher and the repository.
struct Sign {
    kind: HostKind,
    /// Any of these set means this host.
    any: &'static [&'static str],
    /// Best first.
    pusher: &'static [&'static str],
    repository: &'static [&'static str],
}

/// In this order: GitLab and gitolite share a prefix, and a web server's `REMOTE_USER` may be set by any.
const SIGNS: &[Sign] = &[
    Sign {
        kind: HostKind::Gitea,
        any: &[names::GITEA_PUSHER, names::GITEA_REPO],
        pusher: &[names::GITEA_PUSHER],
        repository: &[names::GITEA_REPO],
    },
    Sign {
        kind: HostKind::GitLab,
        any: &[names::GITLAB_PROJECT, names::GITLAB_REPO, names::GITLAB_USER],
        pusher: &[names::GITLAB_USER, names::GITLAB_ID],
        repository: &[names::GITLAB_PROJECT, names::GITLAB_REPO],
    },
    Sign {
        kind: HostKind::Gitolite,
        any: &[names::GITOLITE_REPO],
        pusher: &[names::GITOLITE_USER],
        repository: &[names::GITOLITE_REPO],
    },
    Sign {
        kind: HostKind::GitHubEnterprise,
        any: &[names::GITHUB_USER, names::GITHUB_REPO],
        pusher: &[names::GITHUB_USER],
        repository: &[names::GITHUB_REPO],
    },
    Sign {
        kind: HostKind::Plain,
        any: &[],
        pusher: &[names::HTTP_USER, names::UNIX_USER, names::LOGIN],
        repository: &[],
    },
];

/// git sends at most this many push options on to us before we stop reading them.
const MAX_OPTIONS: usize = 1000;

impl Host {
    /// Reads the environment of this process.
    pub fn detect() -> Self {
        Self::from_lookup(|name| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned()))
    }

    /// The same from any source of variables. An empty value counts as unset.
    pub fn from_lookup(get: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let first = |from: &[&'static str]| from.iter().find_map(|&name| Some((name, get(name)?)));
        let sign = SIGNS.iter().find(|sign| sign.any.is_empty() || first(sign.any).is_some());
        let (pusher, repository) =
            sign.map_or((None, None), |sign| (first(sign.pusher), first(sign.repository)));
        let kind = sign.map_or(HostKind::Plain, |sign| sign.kind);
        let owner = get(names::GITEA_OWNER).filter(|_| kind == HostKind::Gitea);
        let repository = repository.map(|(_, name)| match owner {
            Some(owner) => format!("{owner}/{name}"),
            None => name,
        });
        let count = get(names::OPTION_COUNT).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
        let option = |at| get(&format!("{}{at}", names::OPTION));
        Self {
            kind,
            pusher_from: pusher.as_ref().map(|&(name, _)| name),
            pusher: pusher.map(|(_, who)| who),
            repository,
            address: get(names::HTTP_ADDRESS)
                .or_else(|| get(names::SSH)?.split_ascii_whitespace().next().map(str::to_owned)),
            push_options: (0..count.min(MAX_OPTIONS)).map(|at| option(at).unwrap_or_default()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(variables: &[(&str, &str)]) -> Host {
        Host::from_lookup(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn each_host_says_who_pushes() {
        for (variables, kind, pusher, repository) in [
            (
                &[("GITEA_PUSHER_NAME", "ada"), ("GITEA_REPO_NAME", "r"), ("GITEA_REPO_USER_NAME", "org")][..],
                HostKind::Gitea,
                "ada",
                Some("org/r"),
            ),
            (
                &[
                    ("GL_USERNAME", "bob"),
                    ("GL_ID", "user-7"),
                    ("GL_PROJECT_PATH", "g/p"),
                    ("GL_REPOSITORY", "project-1"),
                ],
                HostKind::GitLab,
                "bob",
                Some("g/p"),
            ),
            (
                &[("GL_ID", "key-3"), ("GL_REPOSITORY", "project-1")],
                HostKind::GitLab,
                "key-3",
                Some("project-1"),
            ),
            (&[("GL_USER", "cy"), ("GL_REPO", "x"), ("USER", "git")], HostKind::Gitolite, "cy", Some("x")),
            (
                &[("GITHUB_USER_LOGIN", "di"), ("GITHUB_REPO_NAME", "o/r")],
                HostKind::GitHubEnterprise,
                "di",
                Some("o/r"),
            ),
            (&[("REMOTE_USER", "eve"), ("USER", "www-data")], HostKind::Plain, "eve", None),
            (&[("REMOTE_USER", ""), ("USER", "git")], HostKind::Plain, "git", None),
        ] {
            let host = host(variables);
            assert_eq!((host.kind, host.pusher.as_deref()), (kind, Some(pusher)), "{variables:?}");
            assert_eq!(host.repository.as_deref(), repository, "{variables:?}");
        }
        assert_eq!(host(&[]).pusher, None);
    }

    #[test]
    fn options_and_address() {
        let plain = host(&[
            ("SSH_CONNECTION", "192.0.2.1 5 192.0.2.2 22"),
            ("GIT_PUSH_OPTION_COUNT", "2"),
            ("GIT_PUSH_OPTION_0", "a=b"),
            ("GIT_PUSH_OPTION_1", ""),
        ]);
        assert_eq!(plain.address.as_deref(), Some("192.0.2.1"));
        assert_eq!(plain.push_options, ["a=b", ""]);
        assert_eq!(host(&[("GIT_PUSH_OPTION_COUNT", "-1")]).push_options, [""; 0]);
    }

    #[test]
    fn a_password_in_the_environment_is_never_read() {
        let asked = std::cell::RefCell::new(Vec::new());
        Host::from_lookup(|name| {
            asked.borrow_mut().push(name.to_owned());
            None
        });
        assert!(asked.borrow().iter().all(|name| !name.contains("AUTH") && !name.contains("PASS")));
    }
}
