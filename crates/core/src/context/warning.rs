//! Files that should not be tracked, whatever they hold.

use crate::Severity;

use super::kind::{FileKind, file_kind};

/// A file that should not be tracked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathWarning {
    /// Kebab-case, used like a rule's id.
    pub id: &'static str,
    /// What a person calls it.
    pub name: &'static str,
    /// How bad it usually is.
    pub severity: Severity,
    /// One sentence.
    pub why: &'static str,
}

/// How a warning knows its file.
#[derive(Clone, Copy)]
enum Sign {
    /// The whole name.
    Name(&'static str),
    /// The end of the name.
    End(&'static str),
    /// The end of the path.
    Path(&'static str),
}
use Sign::{End, Name, Path};

struct Entry {
    warning: PathWarning,
    signs: &'static [Sign],
}

const fn entry(
    id: &'static str,
    name: &'static str,
    severity: Severity,
    why: &'static str,
    signs: &'static [Sign],
) -> Entry {
    Entry { warning: PathWarning { id, name, severity, why }, signs }
}

const KEY: &str = "It holds a private key; whoever reads the repository can use it.";
const STORE: &str = "It holds private keys, protected at best by a password that can be guessed offline.";
const LOGIN: &str = "It holds passwords or tokens in the clear.";

#[rustfmt::skip]
static ENTRIES: [Entry; 35] = [
    entry("path-ssh-private-key", "SSH private key file", Severity::High, KEY,
        &[Name("id_rsa"), Name("id_dsa"), Name("id_ecdsa"), Name("id_ed25519"), Name("id_ecdsa_sk"), Name("id_ed25519_sk"), Name("identity.ppk"), End("_rsa"), End("_ed25519"), End("_ecdsa"), Name("ssh_host_rsa_key"), Name("ssh_host_ed25519_key"), Name("ssh_host_ecdsa_key")]),
    entry("path-putty-key", "PuTTY private key file", Severity::High, KEY, &[End(".ppk")]),
    entry("path-pkcs12", "PKCS #12 key store", Severity::High, STORE, &[End(".p12"), End(".pfx")]),
    entry("path-java-keystore", "Java key store", Severity::Medium, STORE, &[End(".jks"), End(".keystore"), End(".bks"), End(".jceks")]),
    entry("path-password-safe", "Password safe", Severity::High, "It is a vault of passwords, protected by one password that can be guessed offline.",
        &[End(".kdbx"), End(".kdb"), End(".agilekeychain"), End(".1pif"), End(".psafe3"), End(".opvault"), End(".enpassdb")]),
    entry("path-keychain", "Keychain", Severity::High, STORE, &[End(".keychain"), End(".keychain-db"), End(".keyring")]),
    entry("path-git-credentials", "Git credentials", Severity::High, LOGIN, &[Name(".git-credentials"), Path(".config/git/credentials")]),
    entry("path-netrc", "netrc file", Severity::High, LOGIN, &[Name(".netrc"), Name("_netrc")]),
    entry("path-pypirc", "PyPI credentials", Severity::High, LOGIN, &[Name(".pypirc")]),
    entry("path-gem-credentials", "RubyGems credentials", Severity::High, LOGIN, &[Path(".gem/credentials")]),
    entry("path-cargo-credentials", "Cargo credentials", Severity::High, LOGIN, &[Path(".cargo/credentials"), Path(".cargo/credentials.toml")]),
    entry("path-docker-config", "Docker credentials", Severity::High, LOGIN, &[Path(".docker/config.json"), Name(".dockercfg"), Name(".dockerconfigjson")]),
    entry("path-aws-credentials", "AWS credentials", Severity::High, LOGIN, &[Path(".aws/credentials"), Name(".s3cfg"), Name(".passwd-s3fs"), Name(".boto")]),
    entry("path-gcloud-credentials", "Google Cloud credentials", Severity::High, LOGIN,
        &[Name("application_default_credentials.json"), Name("credentials.db"), Name("service-account.json"), Name("service_account.json"), Name("serviceaccountkey.json"), Name("gcp-key.json"), Name("client_secret.json"), Name("client_secrets.json")]),
    entry("path-credentials-json", "Credentials file", Severity::Medium, "Files of this name hold keys of service accounts or OAuth clients.", &[Name("credentials.json"), Name("credentials.xml"), Name("credentials.yml"), Name("credentials.yaml")]),
    entry("path-azure-profile", "Azure credentials", Severity::High, LOGIN, &[Path(".azure/accesstokens.json"), Path(".azure/msal_token_cache.json"), End(".publishsettings")]),
    entry("path-kubeconfig", "Kubernetes client configuration", Severity::High, "It holds the client keys or tokens of a cluster.", &[Path(".kube/config"), Name("kubeconfig"), End(".kubeconfig"), Name("kubeconfig.yaml"), Name("kubeconfig.yml")]),
    entry("path-terraform-state", "Terraform state", Severity::High, "State holds every attribute of every resource, generated passwords included, in the clear.", &[End(".tfstate"), End(".tfstate.backup")]),
    entry("path-terraform-credentials", "Terraform credentials", Severity::High, LOGIN, &[Name(".terraformrc"), Name("terraform.rc"), Name("credentials.tfrc.json")]),
    entry("path-vault-token", "Vault token", Severity::High, LOGIN, &[Name(".vault-token"), Name(".vault_pass"), Name(".vault_pass.txt"), Name("vault_pass.txt"), Name(".vault-password")]),
    entry("path-htpasswd", "Apache password file", Severity::Medium, "It holds password hashes, many of them quick to guess.", &[Name(".htpasswd"), Name("htpasswd"), End(".htpasswd")]),
    entry("path-shadow", "Unix password database", Severity::High, "It holds password hashes of accounts.", &[Path("etc/shadow"), Path("etc/gshadow"), Path("etc/master.passwd")]),
    entry("path-shell-history", "Shell history", Severity::Medium, "Commands often carry passwords and tokens.",
        &[Name(".bash_history"), Name(".zsh_history"), Name(".sh_history"), Name(".ksh_history"), Name(".fish_history"), Name("fish_history"), Name(".history"), Name(".psql_history"), Name(".mysql_history"), Name(".sqlite_history"), Name(".rediscli_history"), Name(".irb_history"), Name(".python_history"), Name(".node_repl_history"), Name("consolehost_history.txt")]),
    entry("path-database-login", "Database login file", Severity::High, LOGIN, &[Name(".pgpass"), Name("pgpass.conf"), Name(".my.cnf"), Name(".mylogin.cnf"), Name(".dbshell")]),
    entry("path-browser-logins", "Saved logins of a browser", Severity::High, "Whoever has the file beside it, or guesses one password, reads them all.",
        &[Name("logins.json"), Name("signons.sqlite"), Name("key3.db"), Name("key4.db"), Path("default/login data")]),
    entry("path-network-login", "Login file of a network service", Severity::Medium, LOGIN,
        &[Name("chap-secrets"), Name("pap-secrets"), Name("l2tp-secrets"), Name("ipsec.secrets"), Name("sasl_passwd"), Name(".esmtprc"), Name(".msmtprc")]),
    entry("path-wallet", "Cryptocurrency wallet", Severity::High, "It holds the keys to funds.", &[Name("wallet.dat"), Name("wallet.keys"), End(".wallet"), Path(".ethereum/keystore"), Name("id.json.wallet")]),
    entry("path-vpn-config", "VPN profile", Severity::Medium, "Profiles embed private keys or logins.", &[End(".ovpn"), Name("wg0.conf")]),
    entry("path-remote-desktop", "Remote desktop or terminal profile", Severity::Low, "Saved sessions may hold passwords.", &[End(".rdp"), End(".rdg"), End(".remmina"), Name("confcons.xml")]),
    entry("path-ftp-config", "FTP client configuration", Severity::Medium, "It stores passwords in the clear or in a reversible form.", &[Name("recentservers.xml"), Name("sitemanager.xml"), Name(".ftpconfig"), Name("sftp-config.json"), Name("sftp.json"), Name(".remote-sync.json"), Name("ws_ftp.ini"), Name("filezilla.xml"), Name("winscp.ini"), Name("deployment-config.json"), Name("proftpdpasswd")]),
    entry("path-rails-master-key", "Rails master key", Severity::High, "It opens the application's encrypted credentials.", &[Path("config/master.key"), Path("config/credentials/production.key")]),
    entry("path-gnupg", "GnuPG secret key ring", Severity::High, KEY, &[Name("secring.gpg"), Path(".gnupg/secring.kbx"), Name("private.asc"), Name("secret.asc"), Name("private-key.asc")]),
    entry("path-age-key", "age identity", Severity::High, KEY, &[Path("sops/age/keys.txt"), Name("age.key"), Name("age-key.txt")]),
    entry("path-apple-key", "Apple signing key", Severity::High, KEY, &[End(".p8"), End(".mobileprovision.key")]),
    entry("path-signing-key", "Private key file", Severity::Medium, KEY, &[Name("private.key"), Name("privkey.pem"), Name("private.pem"), Name("private_key.pem"), Name("private-key.pem"), Name("server.key"), Name("key.pem"), Name("tls.key"), Name("ca.key"), Name("ca-key.pem"), Name("server-key.pem"), Name("client-key.pem"), Name("privatekey.pem"), Name("rsa_private.key"), Name("jwtrs256.key"), End(".private-key.pem"), End(".private.pem"), End(".private.key")]),
];

const ENV: PathWarning = PathWarning {
    id: "path-env",
    name: "Environment file",
    severity: Severity::Medium,
    why: "Environment files hold the live settings of one machine, passwords included.",
};

/// Says whether a file of this name should not be tracked.
///
/// Examples (`.env.example`, `.env.sample`, `.env.template`, `.env.dist`) are exempt, and so are files of tests,
/// documents and vendored code. Public halves (`id_rsa.pub`) never match.
pub fn path_warning(path: &[u8]) -> Option<PathWarning> {
    let kind = file_kind(path);
    if matches!(kind, FileKind::Test | FileKind::Vendored | FileKind::EnvExample | FileKind::Doc) {
        return None;
    }
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit(|&b| b == b'/').next().unwrap_or(&lower);
    if name == b".env" || name.starts_with(b".env.") && !name.ends_with(b".d.ts") && kind == FileKind::Env {
        return Some(ENV);
    }
    let meets = |sign: &Sign| match *sign {
        Name(whole) => name == whole.as_bytes(),
        End(end) => name.ends_with(end.as_bytes()) && (name.len() > end.len() || end.starts_with('.')),
        Path(end) => {
            lower.ends_with(end.as_bytes())
                && (lower.len() == end.len() || lower[lower.len() - end.len() - 1] == b'/')
        }
    };
    ENTRIES.iter().find(|e| e.signs.iter().any(meets)).map(|e| e.warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warned() {
        for (path, id) in [
            (".env", "path-env"),
            ("deploy/.env.production", "path-env"),
            ("home/.ssh/id_rsa", "path-ssh-private-key"),
            ("keys/deploy_ed25519", "path-ssh-private-key"),
            ("certs/app.p12", "path-pkcs12"),
            ("a/b.KDBX", "path-password-safe"),
            (".git-credentials", "path-git-credentials"),
            ("infra/terraform.tfstate", "path-terraform-state"),
            (".kube/config", "path-kubeconfig"),
            ("credentials.json", "path-credentials-json"),
            (".aws/credentials", "path-aws-credentials"),
            ("wallet.dat", "path-wallet"),
            (".mozilla/firefox/a1.default/logins.json", "path-browser-logins"),
            ("etc/ppp/chap-secrets", "path-network-login"),
            (".bash_history", "path-shell-history"),
            ("config/master.key", "path-rails-master-key"),
        ] {
            assert_eq!(path_warning(path.as_bytes()).map(|w| w.id), Some(id), "{path}");
        }
    }

    #[test]
    fn not_warned() {
        for path in [
            ".env.example",
            ".env.sample",
            ".env.template",
            ".env.dist",
            "id_rsa.pub",
            "src/env.rs",
            "src/credentials.rs",
            "tests/fixtures/id_rsa",
            "tests/.env",
            "src/config",
            "keystore.go",
            "README.md",
            "node_modules/x/.env",
        ] {
            assert_eq!(path_warning(path.as_bytes()), None, "{path}");
        }
    }

    #[test]
    fn ids_are_unique() {
        let mut ids: Vec<_> = ENTRIES.iter().map(|e| e.warning.id).collect();
        ids.sort_unstable();
        assert!(ids.windows(2).all(|w| w[0] != w[1]));
    }
}
