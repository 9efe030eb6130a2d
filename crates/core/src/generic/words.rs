//! The words that [`super::name`] knows.

#[rustfmt::skip]
pub(super) const PASSWORD: [&str; 30] = [
    "password", "passwords", "passwd", "passwrd", "passw", "pass", "passphrase", "passphrases", "passwort",
    "kennwort", "pwd", "pswd", "psw", "pw", "passcode", "senha", "contrasena", "contrasenia", "clave", "mdp",
    "motdepasse", "wachtwoord", "parola", "psk", "haslo", "salasana", "heslo", "sifre", "pwds", "passwds",
];

/// In other scripts, or with letters beyond ASCII; compared as bytes.
#[rustfmt::skip]
pub(super) const PASSWORD_UTF8: [&str; 10] = [
    "contraseña", "hasło", "пароль", "密码", "口令", "パスワード", "비밀번호", "şifre", "lösenord", "密碼",
];

#[rustfmt::skip]
pub(super) const SECRET: [&str; 8] = [
    "secret", "secrets", "credential", "credentials", "cred", "creds", "geheimnis", "segredo",
];

#[rustfmt::skip]
pub(super) const TOKEN: [&str; 4] = [
    "token", "tokens", "jwt", "pat",
];

#[rustfmt::skip]
pub(super) const AUTH: [&str; 9] = [
    "auth", "authorization", "authentication", "oauth", "authn", "bearer", "sid", "verifier",
    "apikeys",
];

/// A word before `key` that makes it a secret, with the strength it gives.
#[rustfmt::skip]
pub(super) const KEY_BEFORE: [(&str, u8); 53] = [
    ("api", 90), ("certificate", 60), ("access", 80), ("secret", 95), ("private", 70), ("auth", 85),
    ("encryption", 85), ("encrypt", 85), ("decryption", 80), ("signing", 80), ("sign", 70), ("signature", 60),
    ("master", 80), ("service", 60), ("account", 75), ("app", 75), ("application", 70), ("subscription", 80),
    ("license", 60), ("storage", 70), ("shared", 75), ("consumer", 80), ("integration", 75), ("client", 70),
    ("admin", 75), ("root", 70), ("session", 65), ("cookie", 70), ("validation", 70), ("deploy", 70),
    ("hmac", 80), ("jwt", 80), ("aes", 75), ("des", 60), ("rsa", 50), ("crypto", 75), ("crypt", 75),
    ("cipher", 75), ("write", 75), ("webhook", 75), ("server", 60), ("security", 70), ("sdk", 65),
    ("developer", 65), ("dev", 55), ("user", 55), ("activation", 55), ("product", 50), ("merchant", 70),
    ("pay", 65), ("payment", 65), ("sas", 80), ("seed", 60),
];

/// The same, written in one word.
#[rustfmt::skip]
pub(super) const KEY_JOINED: [(&str, u8); 24] = [
    ("apikey", 90), ("appkey", 75), ("accesskey", 80), ("secretkey", 95), ("privatekey", 70), ("privkey", 70),
    ("authkey", 85), ("masterkey", 80), ("accountkey", 75), ("sharedkey", 75), ("encryptionkey", 85),
    ("signingkey", 80), ("consumerkey", 80), ("subscriptionkey", 80), ("licensekey", 60), ("sessionkey", 65),
    ("cookiekey", 70), ("aeskey", 75), ("jwtkey", 80), ("nkey", 45), ("xkey", 40), ("hmackey", 80),
    ("cryptokey", 75), ("deploykey", 70),
];

/// After the head, these say that the value is something else.
#[rustfmt::skip]
pub(super) const VETO_AFTER: [&str; 216] = [
    "id", "ids", "name", "names", "type", "types", "typ", "length", "len", "size", "sizes", "file", "files",
    "filename", "path", "paths", "dir", "directory", "folder", "url", "urls", "uri", "uris", "endpoint",
    "endpoints", "host", "hosts", "version", "versions", "algorithm", "alg", "algo", "algorithms", "alias",
    "aliases", "pair", "pairs", "ring", "store", "stores", "frame", "frames", "press", "word", "board", "stone",
    "index", "prefix", "suffix", "pattern", "regex", "regexp", "format", "field", "fields", "label", "column",
    "columns", "count", "counts", "expiry", "expire", "expires", "expired", "expiration", "expiresin", "exp",
    "ttl", "timeout", "timeouts", "policy", "policies", "hash", "hashes", "hashed", "hasher", "hashers",
    "digest", "fingerprint", "thumbprint", "arn", "ref", "refs", "selector", "template", "provider",
    "providers", "manager", "service", "services", "handler", "handlers", "parser", "factory", "builder",
    "helper", "helpers", "class", "classes", "model", "models", "view", "views", "form", "forms", "page",
    "pages", "link", "links", "button", "input", "placeholder", "message", "messages", "msg", "error", "errors",
    "err", "title", "text", "texts", "description", "desc", "hint", "help", "prompt", "status", "state",
    "states", "enabled", "disabled", "required", "validator", "validators", "validation", "strength",
    "policyname", "mode", "method", "methods", "scheme", "schemes", "schema", "scope", "scopes", "header",
    "headers", "param", "params", "parameter", "parameters", "option", "options", "props", "lifetime", "age",
    "attempts", "retries", "limit", "rotation", "encryption", "mechanism", "encoder", "decoder", "resolver",
    "converter", "filter", "supplier", "callback", "listener", "repository", "context", "config",
    "configuration", "properties", "backend", "plugin", "keeper", "agent", "within", "interval", "period",
    "days", "hours", "minutes", "seconds", "last", "rules", "complexity", "badge", "updated", "created", "does",
    "must", "should", "was", "reset", "resets", "changed", "change", "request", "requests", "response",
    "source", "sources", "location", "usage", "range", "min", "max", "startswith", "endswith", "contains", "icontains",
    "iexact", "isnull",
];

/// After the head, these change nothing.
#[rustfmt::skip]
pub(super) const NEUTRAL_AFTER: [&str; 49] = [
    "value", "val", "values", "string", "str", "plain", "plaintext", "raw", "confirmation", "confirm", "again",
    "repeat", "verify", "old", "new", "current", "default", "prod", "production", "dev", "development",
    "staging", "stage", "test", "live", "sandbox", "local", "base", "b64", "base64", "hex", "hmac", "env",
    "data", "bytes", "buf", "primary", "secondary", "main", "backup", "admin", "user", "root", "master", "db",
    "const", "v", "encoded", "literal",
];

/// Before the head, these say that the value is something else.
#[rustfmt::skip]
pub(super) const VETO_BEFORE: [&str; 66] = [
    "public", "pub", "primary", "foreign", "natural", "sort", "socket", "partition", "cache", "cached",
    "caching", "idempotency", "bucket", "object", "routing", "i18n", "translation", "translate", "map", "row",
    "react", "hot", "shortcut", "sequence", "csrf", "xsrf", "authenticity", "websocket", "next", "continuation",
    "cursor", "max", "num", "min", "total", "count", "site", "sitekey", "eos", "bos", "pad", "stop", "special",
    "input", "output", "unk", "sep", "cls", "mask", "has", "is", "no", "disable", "enable", "use", "allow",
    "require", "requires", "forgot", "show", "hide", "toggle", "invalid", "missing", "number", "composite",
];

/// Only in front of `token`: what lexers and pages call so.
#[rustfmt::skip]
pub(super) const VETO_TOKEN: [&str; 35] = [
    "page", "change", "action", "upload", "pagination", "position", "start", "end", "sync", "resume", "lex",
    "lexer", "parse", "parser", "syntax", "cancel", "cancellation", "abort", "delimiter", "quote", "comment",
    "string", "keyword", "operator", "first", "last", "previous", "prev", "design", "color", "theme", "css",
    "template", "word", "zone",
];

/// Only in front of a bare `key`: what maps and databases call so.
#[rustfmt::skip]
pub(super) const VETO_KEY: [&str; 59] = [
    "page", "index", "json", "yaml", "dict", "dictionary", "hash", "lookup", "search", "group", "grouping",
    "unique", "parent", "child", "item", "field", "attr", "attribute", "config", "setting", "settings",
    "option", "param", "property", "prop", "data", "entry", "element", "node", "label", "tag", "column",
    "table", "record", "document", "doc", "entity", "model", "type", "state", "storage", "host", "known",
    "local", "default", "context", "env", "environment", "metadata", "event", "message", "order", "path", "route", "ssl",
    "tls", "cert", "repo", "gpg",
];

#[rustfmt::skip]
pub(super) const TEST: [&str; 14] = [
    "test", "tests", "testing", "example", "sample", "fake", "mock", "dummy", "stub", "expected", "wrong",
    "bad", "demo", "incorrect",
];

#[rustfmt::skip]
pub(super) const BROWSER: [&[&str]; 8] = [
    &["next", "public"], &["vite"], &["react", "app"], &["public"], &["nuxt", "public"], &["vue", "app"],
    &["gatsby"], &["expo", "public"],
];

#[rustfmt::skip]
pub(super) const ASKS: [&str; 42] = [
    "get", "fetch", "read", "load", "find", "has", "is", "check", "verify", "validate", "prompt", "ask", "hash",
    "encode", "decode", "generate", "gen", "make", "create", "forgot", "show", "hide", "describe", "it",
    "delete", "remove", "list", "parse", "compare", "require", "lookup", "extract", "encrypt", "decrypt",
    "match", "matches", "revoke", "random", "print", "log", "assert", "on",
];

#[rustfmt::skip]
pub(super) const SETS: [&str; 10] = [
    "set", "with", "use", "add", "put", "update", "change", "store", "save", "enter",
];

/// In a name, these say which system a password opens.
#[rustfmt::skip]
pub(super) const SYSTEM: [&str; 48] = [
    "db", "database", "datasource", "mysql", "mariadb", "postgres", "postgresql", "pg", "psql", "mongo", "mongodb",
    "redis", "sql", "mssql", "oracle", "jdbc", "rds", "smtp", "mail", "email", "mailer", "imap", "ftp", "sftp",
    "ssh", "ldap", "bind", "root", "admin", "administrator", "sudo", "become", "ansible", "rabbitmq", "amqp",
    "broker", "keystore", "truststore", "store", "nexus", "jenkins", "docker", "registry", "vpn", "wifi", "proxy",
    "elastic", "grafana",
];

/// Beside secrets in a mapping, these are something else.
#[rustfmt::skip]
pub(super) const BESIDE: [&str; 22] = [
    "user", "username", "usr", "login", "email", "mail", "owner", "author", "region", "account", "domain", "port",
    "server", "ip", "address", "date", "issuer", "audience", "subject", "tag", "branch", "image",
];

/// Before a bare `key`, these speak of digests and of keys that are public.
#[rustfmt::skip]
pub(super) const DIGEST: [&str; 27] = [
    "sha", "sha1", "sha256", "sha512", "md5", "hash", "digest", "checksum", "fingerprint", "gpg", "pgp", "apt", "rpm",
    "repo", "repository", "commit", "etag", "cache", "build", "asset", "content", "integrity", "with", "the", "fips", "hex", "test",
];

/// Words that end in `pass` and are none.
#[rustfmt::skip]
pub(super) const NO_PASSWORD: [&str; 14] = [
    "bypass", "compass", "encompass", "surpass", "trespass", "overpass", "underpass", "renderpass", "multipass",
    "askpass", "firstpass", "secondpass", "computepass", "onepass",
];
