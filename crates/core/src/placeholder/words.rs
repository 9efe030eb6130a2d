//! The words and marks of [`super`].

#[rustfmt::skip]
pub(super) const REFERENCES: [&str; 42] = [
    "!ref", "!sub", "!getatt", "!vault", "!secret", "!env", "!reference", "{{resolve:", "ssm:", "arn:", "op://",
    "vault:", "ref+", "sops://", "bws://", "doppler://", "secret://", "secretref:", "secrets.", "secrets/",
    "projects/", "@microsoft.keyvault", "env:", "env.", "env(", "env[", "$env", "process.env", "os.environ",
    "os.getenv", "getenv(", "system.getenv", "import.meta.env", "file://", "file:", "/run/secrets/", "keyring:",
    "keychain:", "awssm:", "aws-ssm:", "gcp-secret", "azure-key-vault",
];

#[rustfmt::skip]
pub(super) const KEYBOARD: [&str; 11] = [
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc", "1q2w3e4r5t", "q1w2e3r4t5", "poiuytrewq", "lkjhgfdsa", "mnbvcxz",
    "azertyuiop", "qwertz",
];

/// Values that standards print as examples: RFC 4122, 6455, 6749, 6750, 7235, 7617.
#[rustfmt::skip]
pub(super) const EXAMPLES: [&str; 13] = [
    "550e8400-e29b-41d4-a716-446655440000", "123e4567-e89b-12d3-a456-426614174000", "dGhlIHNhbXBsZSBub25jZQ==",
    "2YotnFZFEjr1zCsicMWpAA", "tGzv3JOkF0XG5Qx2TlKWIA", "gX1fBat3bV", "7Fjfp0ZBr1KtDRbnfVdmIw", "SplxlOBeZQQYbYS6WxSbIA",
    "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3", "mF_9.B5f-4.1JqM", "Circle Of Life", "CircleOfLife",
    "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
];

/// Say "not real" wherever they stand. Compared with separators removed, folded; five letters at least.
#[rustfmt::skip]
pub(super) const ANYWHERE: [&str; 42] = [
    "example", "sample", "dummy", "changeme", "changethis", "changeit", "replaceme", "replacewith",
    "replacethis", "placeholder", "redacted", "removed", "yourapi", "yourkey", "yourtoken", "yoursecret",
    "yourpass", "youraccess", "yourclient", "yourauth", "yourown", "enteryour", "insertyour", "inserthere",
    "addyour", "putyour", "pasteyour", "keyhere", "tokenhere", "secrethere", "passwordhere", "passhere",
    "valuehere", "notasecret", "notarealsecret", "notareal", "notreal", "fakekey", "faketoken", "fakesecret",
    "deadbeef", "donotuse",
];

/// Say "not real" as a word of their own, between separators or ends.
#[rustfmt::skip]
pub(super) const ALONE: [&str; 25] = [
    "your", "yours", "todo", "fixme", "tbd", "fake", "mock", "bogus", "none", "null", "nil", "undefined",
    "empty", "blank", "hidden", "masked", "redact", "insert", "replace", "invalid", "xxx", "foo", "bar", "snip",
    "omitted",
];

/// Common words of passwords, tests and documents. Sorted.
#[rustfmt::skip]
pub(super) const TOYS: [&str; 434] = [
    "a", "abc", "abcd", "acc", "access", "account", "admin", "administrator", "agent", "airflow", "aladdin",
    "alice", "alpha", "alphabet", "alpine", "amazon", "and", "angular", "anna", "another", "any", "api", "app",
    "apple", "appveyor", "artifactory", "asd", "asdf", "auth", "autumn", "aws", "azerty", "azure",
    "back", "backup", "bad", "banana", "bar", "base", "batman", "baz", "bearer", "beta", "big", "bla", "blah",
    "blue", "bob", "boot", "boss", "box", "builder", "cache", "cart", "cat", "centos", "changeit", "charlie",
    "chat", "check", "circleci", "class", "clear", "client", "cloud", "code", "column", "com", "common",
    "config", "confirm", "connection", "consul", "consumer", "controller", "cookie", "correct", "crypt",
    "current", "custom", "customer", "dark", "data", "database", "date", "dave", "day", "db", "dbo", "debug",
    "default", "demo", "dev", "device", "different", "digitalocean", "discord", "django", "docker", "doctor",
    "doe", "dog", "dragon", "drupal", "elastic", "email", "empty", "encrypted", "enter", "entry", "env", "etcd",
    "eve", "expired", "external", "facebook", "factory", "fail", "fake", "field", "file", "first", "flask",
    "flower", "foo", "foobar", "football", "for", "forgot", "four", "free", "friend", "ftp", "fun", "gcp",
    "geheim", "ghost", "git", "github", "gitlab", "god", "good", "google", "grafana", "guest", "hack", "hacker",
    "hadoop", "hallo", "handler", "happy", "hash", "hello", "here", "heroku", "hive", "home", "homestead",
    "http", "https", "hunter", "iloveyou", "in", "incorrect", "info", "internal", "invalid", "invoice", "is",
    "it", "item", "jack", "jane", "java", "jdbc", "jdoe", "jenkins", "john", "joomla", "jwt", "kafka", "keeper",
    "key", "keycloak", "keystore", "kibana", "kind", "king", "laravel", "ldap", "let", "letmein", "local",
    "localhost", "log", "login", "logout", "long", "love", "magento", "mail", "main", "manager", "mariadb",
    "mark", "master", "me", "member", "memcached", "minio", "minioadmin", "mock", "model", "mongo", "mongodb",
    "monkey", "my", "mysecret", "mysql", "name", "nas", "nats", "neo", "net", "new", "next", "nexus", "nobody",
    "node", "nogood", "nokey", "none", "nonexistent", "not", "null", "number", "oauth", "object", "of", "okta",
    "old", "one", "open", "opensesame", "operator", "or", "oracle", "order", "other", "own", "owner", "pass",
    "passphrase", "passwd", "password", "passwort", "paul", "payment", "paypal", "penguin", "people", "person",
    "peter", "pgpass", "phone", "pi", "pin", "plain", "plex", "pokemon", "portainer", "postgres", "postgresql",
    "power", "price", "princess", "private", "prod", "product", "production", "provider", "proxy",
    "psw", "pub", "public", "pw", "pwd", "python", "qazwsx", "qwe", "qwerty", "rabbit", "rabbitmq", "rails",
    "random", "raspberry", "react", "read", "real", "red", "redis", "refresh", "request", "reset", "restore",
    "right", "role", "root", "rosebud", "route", "row", "ruby", "runner", "sa", "safe", "sample", "schema",
    "scott", "secret", "secure", "security", "sekret", "sekrit", "server", "service", "sesame", "session", "shadow",
    "sharded", "shop", "short", "simple", "site", "sky", "slack", "smtp", "solr", "some", "something", "sonar",
    "spring", "ssh", "ssl", "star", "starwars", "state", "store", "storepass", "string", "stripe", "strong",
    "sub", "summer", "sun", "sunny", "sunshine", "super", "superman", "swordfish", "symfony", "sync", "sys",
    "system", "table", "team", "telegram", "temp", "test", "tester", "testing", "text", "the", "this", "three",
    "tiger", "tls", "tmp", "token", "tomcat", "top", "toto", "travis", "trust", "trustno", "truststore",
    "turtle", "twitter", "two", "type", "ubuntu", "unifi", "unit", "unknown", "updated", "url", "us", "user",
    "username", "users", "usr", "vaadin", "vagrant", "val", "valid", "validator", "value", "vault", "verifier",
    "very", "view", "voucher", "vue", "wait", "weak", "web", "webhook", "weblogic", "welcome", "whatever",
    "winter", "with", "word", "wordpress", "work", "world", "wrong", "wrongpassword", "www", "xyz", "yes",
    "you", "zabbix", "zip", "zoo",
];

/// Words that people choose for their passwords and that programs and documents have no other use for.
#[rustfmt::skip]
pub(super) const PEOPLES: [&str; 27] = [
    "banana", "batman", "charlie", "dragon", "football", "iloveyou", "monkey", "penguin", "pokemon", "princess",
    "rosebud", "shadow", "starwars", "sunshine", "superman", "swordfish", "turtle", "trustno", "letmein", "hallo",
    "flower", "summer", "winter", "autumn", "ghost", "sunny", "sesame",
];

/// How encrypted, hashed and public text begins. Exact case: base64 has it.
#[rustfmt::skip]
pub(super) const PROTECTED: [&str; 57] = [
    "ENC[", "ENC(", "$ANSIBLE_VAULT", "{cipher}", "age-encryption.org", "-----BEGIN AGE",
    "-----BEGIN PGP MESSAGE", "-----BEGIN PGP PUBLIC", "-----BEGIN CERTIFICATE", "-----BEGIN PUBLIC",
    "-----BEGIN RSA PUBLIC", "-----BEGIN SSH2 PUBLIC", "gAAAAA", "U2FsdGVkX1", "encrypted:", "vault:v",
    "AQICAH", "AQECAH", "$2a$", "$2b$", "$2x$", "$2y$", "$1$", "$5$", "$6$", "$y$", "$7$", "$argon2", "$pbkdf2",
    "$scrypt$", "pbkdf2_", "pbkdf2:", "argon2$", "argon2id$", "bcrypt$", "scrypt:", "sha1$", "sha256$", "{SSHA",
    "{SHA", "{CRYPT}", "{MD5}", "{bcrypt}", "sha1:", "sha256:", "sha384:", "sha512:", "md5:", "sha1-",
    "sha256-", "sha384-", "sha512-", "SHA256:", "ssh-", "ecdsa-sha2-", "data:", "LS0tLS1CRUdJTiBDRVJU",
];
