//! The files in which people leave a credential: each place is a kind of file and what stands around the value.
//!
//! `%u` is the name in capitals, `%n` with underscores, `%c` in camel case, `%p` in Pascal case, `%d` with dashes;
//! `%V` is the vendor as people write it, `%v` as one word, `%w`, `%W` and `%X` the word for the secret (`api_key`, `apiKey`,
//! `ApiKey`);
//! `%s` is the value, `%b` the value in base64, `%j` the value as JSON writes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a credential is called.
pub(super) struct Names {
    /// The vendor as people write it.
    pub(super) vendor: String,
    /// With underscores: `acme_api_key`.
    pub(super) name: String,
    /// What it is, apart from the vendor: `api_key`.
    pub(super) word: String,
}

/// A kind of place, its file, its text.
pub(super) type Place = (&'static str, &'static str, &'static str);

/// Where the name says whose secret it is.
#[rustfmt::skip]
pub(super) const NAMED: &[Place] = &[
    ("env file", "app.env", "LOG_LEVEL=info\n%u=%s\nPORT=8080"),
    ("env file, quoted", "prod.env", "%u=\"%s\""),
    ("shell export", "setup.sh", "#!/bin/sh\nexport %u='%s'\nexec ./run"),
    ("yaml", "config.yaml", "server:\n  port: 80\n%n: %s"),
    ("yaml, nested", "application.yml", "%v:\n  enabled: true\n  %w: \"%s\""),
    ("yaml, camel", "values.yaml", "%v:\n  %W: %s\n  region: eu"),
    ("json", "config.json", "{\n  \"debug\": false,\n  \"%c\": \"%j\"\n}"),
    ("json, nested", "settings.json", "{\n  \"%v\": {\n    \"url\": \"https://localhost\",\n    \"%w\": \"%j\"\n  }\n}"),
    ("python", "settings.py", "import os\n\n%u = \"%s\"\n"),
    ("python call", "client.py", "from %v import Client\n\nclient = Client(%w=\"%s\", timeout=30)"),
    ("python dict", "conf.py", "CONFIG = {\n    '%n': '%s',\n    'retries': 3,\n}"),
    ("javascript", "index.js", "const %c = '%s';\nmodule.exports = { %c };"),
    ("javascript call", "app.js", "const client = new %p(\"%s\");"),
    ("typescript object", "client.ts", "export const %v = createClient({\n  %W: '%s',\n  timeout: 1000,\n});"),
    ("go", "main.go", "package main\n\nconst %c = \"%s\"\n"),
    ("go struct", "conf.go", "cfg := %v.Config{\n\tTimeout: 5,\n\t%X: \"%s\",\n}"),
    ("java", "Conf.java", "public class Conf {\n  private static final String %u = \"%s\";\n}"),
    ("java call", "App.java", "client.set%p(\"%s\");"),
    ("properties", "app.properties", "app.name=orders\n%v.%d=%s"),
    ("c# settings", "appsettings.json", "{\n  \"%P\": {\n    \"%W\": \"%j\"\n  }\n}"),
    ("c#", "Program.cs", "private const string %p = \"%s\";"),
    ("ruby", "init.rb", "%P.configure do |config|\n  config.%w = '%s'\nend"),
    ("php", "config.php", "<?php\nreturn [\n    '%n' => '%s',\n];"),
    ("php define", "wp.php", "<?php\ndefine('%u', '%s');"),
    ("curl header", "call.sh", "curl -s -H \"X-%V-%d: %s\" https://api.%v.com/v1/items"),
    ("curl bearer", "get.sh", "curl https://api.%v.com/v1/me -H 'Authorization: Bearer %s'"),
    ("flag", "run.sh", "./sync --%d %s --verbose"),
    ("flag with sign", "deploy.sh", "%v login --%d=%s"),
    ("terraform", "main.tf", "provider \"%v\" {\n  %w = \"%s\"\n}"),
    ("terraform variable", "terraform.tfvars", "region = \"eu\"\n%n = \"%s\""),
    ("terraform default", "variables.tf", "variable \"%n\" {\n  type    = string\n  default = \"%s\"\n}"),
    ("dockerfile", "Dockerfile", "FROM alpine\nENV %u=%s\nRUN make"),
    ("dockerfile, old form", "Dockerfile", "FROM alpine\nENV %u %s\nRUN make"),
    ("compose", "docker-compose.yml", "services:\n  web:\n    environment:\n      - %u=%s"),
    ("kubernetes secret", "secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  %u: %b"),
    ("kubernetes env", "deploy.yaml", "        env:\n        - name: %u\n          value: \"%s\""),
    ("ci", "ci.yml", "jobs:\n  test:\n    env:\n      %u: %s\n    steps: []"),
    ("sql", "dump.sql", "INSERT INTO settings (name, value) VALUES ('%n', '%s');"),
    ("log", "app.log", "2026-11-22 10:11:12 DEBUG config loaded: %n=%s region=eu"),
    ("markdown", "README.md", "## Setup\n\nUse this %V key:\n\n    %u=%s\n"),
    ("xml", "config.xml", "<config>\n  <%n>%s</%n>\n</config>"),
    ("xml settings", "web.config", "<appSettings>\n  <add key=\"%p\" value=\"%s\" />\n</appSettings>"),
    ("ini section", "app.ini", "[%v]\n%w = %s\ntimeout = 3"),
    ("toml section", "app.toml", "[%v]\nenabled = true\n%w = \"%s\""),
    ("notebook", "eda.ipynb", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"%n = \\\"%s\\\"\\n\"]}]}"),
    ("url query", "links.txt", "https://api.%v.com/v1/items?%w=%s&limit=5"),
    ("powershell", "run.ps1", "$env:%u = \"%s\""),
    ("batch", "run.bat", "@echo off\nset %u=%s"),
    ("makefile", "Makefile", "%u ?= %s\nall:\n\t./build"),
    ("rust", "main.rs", "const %u: &str = \"%s\";"),
    ("swift", "Keys.swift", "static let %c = \"%s\""),
    ("gradle", "build.gradle", "buildConfigField \"String\", \"%u\", \"\\\"%s\\\"\""),
    ("android", "strings.xml", "<resources>\n  <string name=\"%n\">%s</string>\n</resources>"),
    ("systemd", "app.service", "[Service]\nEnvironment=\"%u=%s\""),
    ("elixir", "config.exs", "config :%v, %w: \"%s\""),
    ("postman", "env.json", "{\"values\": [{\"key\": \"%n\", \"value\": \"%j\", \"enabled\": true}]}"),
    ("comment above", "conf.py", "# %V\n%w = \"%s\""),
    ("comment behind", "conf.rb", "%w = \"%s\" # %V"),
    ("getenv default", "conf.py", "%w = os.environ.get(\"%u\", \"%s\")"),
    ("javascript default", "conf.js", "const %W = process.env.%u || '%s';"),
    ("chat", "notes.txt", "here is the %V %w: %s (don't share)"),
    ("npmrc", ".npmrc", "registry=https://npm.local/\n%n=%s"),
];

/// Where nothing but the value says what it is.
#[rustfmt::skip]
pub(super) const BARE: &[Place] = &[
    ("bare", "notes.txt", "%s"),
    ("plain name", "conf.py", "token = \"%s\""),
    ("plain yaml", "conf.yml", "key: %s"),
    ("argument", "main.go", "err := run(ctx, \"%s\")"),
    ("in a sentence", "TODO.md", "- rotate `%s` before Friday"),
    ("csv", "users.csv", "bob,active,%s,2026-01-01"),
];

/// Where a text that is more than a token stands.
#[rustfmt::skip]
pub(super) const WHOLE: &[Place] = &[
    ("itself", "saved.txt", "%s"),
    ("in json", "config.json", "{\n  \"%c\": \"%j\"\n}"),
    ("in yaml", "config.yaml", "%n: |\n  %i"),
    ("in code", "conf.py", "%u = \"\"\"%s\"\"\""),
];

/// The text of a place around `value`.
pub(super) fn written(text: &str, names: &Names, value: &str) -> String {
    let (name, word) = (&names.name, &names.word);
    let slug = slug(&names.vendor);
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => out.push_str(&name.to_ascii_uppercase()),
            Some('n') => out.push_str(name),
            Some('c') => out.push_str(&camel(name, false)),
            Some('p') => out.push_str(&camel(name, true)),
            Some('P') => out.push_str(&camel(&slug, true)),
            Some('d') => out.push_str(&name.replace('_', "-")),
            Some('V') => out.push_str(&names.vendor),
            Some('v') => out.push_str(&slug),
            Some('w') => out.push_str(word),
            Some('X') => out.push_str(&camel(word, true)),
            Some('W') => out.push_str(&camel(word, false)),
            Some('s') => out.push_str(value),
            Some('b') => out.push_str(&STANDARD.encode(value)),
            Some('j') => out.push_str(&value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
            Some('i') => out.push_str(&value.replace('\n', "\n  ")),
            other => out.extend(['%'].into_iter().chain(other)),
        }
    }
    out
}

/// `text` in lower case with an underscore for each run of other characters.
pub(super) fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

fn camel(name: &str, first: bool) -> String {
    let words = name.split('_').filter(|w| !w.is_empty()).enumerate();
    words
        .map(
            |(n, word)| {
                if n == 0 && !first { word.to_owned() } else { word[..1].to_ascii_uppercase() + &word[1..] }
            },
        )
        .collect()
}
