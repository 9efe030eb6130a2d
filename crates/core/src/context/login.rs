//! Files that exist to hold logins, and source files that exist to hold settings.
//!
//! In a password file a field is the password because of its place: `secret1` there opens something, while in a
//! program it is a word. So what is weak counts in these files, where elsewhere it would not.

/// Whole names of files that hold logins. Sorted is not needed: the list is read once per finding.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    // clients of servers
    ".netrc", "_netrc", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".git-credentials", ".pypirc", ".npmrc",
    ".yarnrc", ".dockercfg", ".s3cfg", ".boto", "rclone.conf", ".tugboat", "heroku.json", ".cifs", "smbcredentials",
    ".smbcredentials", "smb.cred", "credentials", ".credentials", "kubeconfig", ".hgrc", ".pwd",
    // file transfer and remote desktops
    ".ftpconfig", ".remote-sync.json", "sftp.json", "sftp-config.json", "ftp-sync.json", ".ftppass", "recentservers.xml",
    "sitemanager.xml", "filezilla.xml", "filezilla server.xml", "winscp.ini", "ws_ftp.ini", "wcx_ftp.ini", "confcons.xml",
    "ultravnc.ini", "webservers.xml", "deployment-config.json", "passwd.client", "proftpdpasswd", "vsftpd.users",
    // databases
    "robomongo.json", "datasources.local.xml", "datasources.xml", "credentials-config.json", "data-sources.xml",
    "ksqldb.properties", "tnsnames.ora", "odbc.ini", ".odbc.ini", "local.ini", "dbvis.xml",
    // mail and chat
    ".esmtprc", ".msmtprc", "msmtprc", ".muttrc", "muttrc", ".fetchmailrc", "fetchmailrc", ".getmailrc", ".offlineimaprc",
    ".mbsyncrc", ".mailrc", "ssmtp.conf", "sasl_passwd", "accounts.xml", "servlist.conf", "znc.conf", "irc.conf",
    // networks
    "chap-secrets", "pap-secrets", "l2tp-secrets", "ipsec.secrets", "wpa_supplicant.conf", "hostapd.conf", "snmpd.conf",
    "clients.conf", "turnserver.conf", "fstab", "auth.txt", "sip.conf", "users.conf", "manager.conf", "pjsip.conf",
    // servers and their users
    "ventrilo_srv.ini", "murmur.ini", "mumble-server.ini", "ts3server.ini", "tomcat-users.xml", "jetty-realm.properties",
    "boot.properties", "ldap.conf", ".ldaprc", "slapd.conf", "ldap.secret", "redis.conf", "unattend.xml",
    "autounattend.xml", "sysprep.inf", "sysprep.xml", "groups.xml", "logins.json", "credentials.xml",
    // signing
    "keystore.properties", "key.properties", "signing.properties", "local.properties", "rndc.key",
];

/// Ends of names.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    ".tfvars", ".tfvars.json", ".tfstate", ".ovpn", ".remmina", ".rdp", ".nmconnection", ".cred", ".creds", ".credentials",
    "_history", ".history", ".kubeconfig", ".publishsettings", ".mobileconfig", ".pgpass",
];

/// Ends of whole paths.
#[rustfmt::skip]
const PATHS: &[&str] = &[
    ".kube/config", ".config/hub", ".irssi/config", "davfs2/secrets", "freeradius/users", "raddb/users", "dovecot/users",
    "squid/passwd", "deluge/auth", ".m2/settings.xml", ".docker/config.json", "weechat/sec.conf",
];

/// Names without their ending that promise passwords, whatever the ending of data or configuration is.
#[rustfmt::skip]
const STEMS: &[&str] = &[
    "password", "passwords", "passwd", "creds", "credential", "credentials", "secret", "secrets", "logins", "vault",
    "domain-passwords", "db_password", "security-config",
];

/// Says whether a file of this folder and name, both in lower case, holds logins.
pub(super) fn holds_logins(folders: &str, name: &str) -> bool {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let path = |tail: &&str| {
        tail.rsplit_once('/').is_some_and(|(folder, file)| name == file && folders.ends_with(folder))
    };
    NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || STEMS.contains(&stem)
            && matches!(
                ending,
                "" | "txt" | "yml" | "yaml" | "json" | "ini" | "properties" | "xml" | "csv" | "conf"
            )
        || PATHS.iter().any(path)
        || folders.ends_with("system-connections")
}

/// Stems of source files that hold settings instead of a program.
#[rustfmt::skip]
const SETTINGS: &[&str] = &[
    "config", "configuration", "configs", "conf", "settings", "setting", "localsettings", "local_settings", "wp-config",
    "config.inc", "settings.inc", "database", "db", "dbconfig", "db_config", "dbconn", "conn", "connect", "connection",
    "credentials", "creds", "secrets", "secret", "parameters", "params", "env", "environment", "constants", "production",
    "local", "keys", "secret_token", "prod", "config-db",
];

/// Says whether a source file of this stem, in lower case, holds settings.
pub(super) fn holds_settings(stem: &str) -> bool {
    let last = stem.rsplit(['.', '_', '-']).next().unwrap_or(stem);
    SETTINGS.contains(&stem)
        || matches!(
            last,
            "config" | "settings" | "credentials" | "secrets" | "cfg" | "fabfile" | "celeryconfig"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins() {
        for (folders, name) in [
            ("", ".netrc"),
            ("db", ".pgpass"),
            ("prod", "terraform.tfvars"),
            ("home/a", ".bash_history"),
            ("etc/networkmanager/system-connections", "office"),
            ("home/.kube", "config"),
            ("", "passwords.txt"),
        ] {
            assert!(holds_logins(folders, name), "{folders}/{name}");
        }
        for (folders, name) in [("src", "password.rs"), ("a", "config"), ("", "settings.py"), ("x", "users")]
        {
            assert!(!holds_logins(folders, name), "{folders}/{name}");
        }
        assert!(holds_settings("wp-config") && holds_settings("app.config") && !holds_settings("main"));
    }
}
