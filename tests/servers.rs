//! Real servers on loopback: sshd, nginx with fcgiwrap and `git http-backend`, `git daemon`, gitolite3.
//!
//! These tests need Debian's packages and root, so they are ignored by `cargo test` and run by
//! `cargo xtask e2e`, which `.ci/run` calls after installing the packages. Each server gets a bare
//! repository wired by `stopleak install --server`, a clean push that must go through, and a push with a
//! fresh fake that must be refused and leave nothing behind.

#![allow(clippy::unwrap_used, clippy::format_collect, reason = "a test that cannot go on should stop")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use stopleak_testkit::fakes;

const STOPLEAK: &str = env!("CARGO_BIN_EXE_stopleak");

/// A server process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // The whole group: fcgiwrap and sshd fork workers.
        let _ = Command::new("kill").args(["--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

fn start(program: &str, args: &[&str], log: &Path) -> Running {
    use std::os::unix::process::CommandExt;
    let out = fs::File::create(log).unwrap();
    let child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .process_group(0)
        .spawn()
        .unwrap_or_else(|e| panic!("{program} starts (installed by .ci/run): {e}"));
    Running(child)
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16, log: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let said = fs::read_to_string(log).unwrap_or_default();
        assert!(Instant::now() < deadline, "no server on port {port}: {said}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn run(dir: &Path, program: &str, args: &[&str], env: &[(&str, &str)]) -> Output {
    Command::new(program)
        .args(args)
        .current_dir(dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@localhost")))
        .env("GIT_TERMINAL_PROMPT", "0")
        .envs(env.iter().copied())
        .output()
        .unwrap()
}

fn ok(dir: &Path, program: &str, args: &[&str]) -> String {
    let out = run(dir, program, args, &[]);
    assert!(out.status.success(), "{program} {args:?}: {}", text(&out));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

fn text(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

fn commit(work: &Path, file: &str, content: &str) -> String {
    fs::write(work.join(file), content).unwrap();
    ok(work, "git", &["add", file]);
    ok(work, "git", &["commit", "-q", "-m", &format!("add {file}")]);
    ok(work, "git", &["rev-parse", &format!("HEAD:{file}")])
}

/// Pushes a clean commit, then one with a secret, then a clean one again from before it.
fn clean_goes_through_and_a_secret_is_refused(url: &str, bare: &Path, env: &[(&str, &str)]) {
    let dir = tempfile::tempdir().unwrap();
    let work = dir.path().join("work");
    fs::create_dir(&work).unwrap();
    ok(&work, "git", &["init", "-q", "-b", "main", "."]);
    let push = |refspec: &str| run(&work, "git", &["push", "-q", url, refspec], env);
    let stored = |id: &str| {
        run(bare, "git", &["-c", "safe.directory=*", "--git-dir=.", "cat-file", "-e", id], &[])
            .status
            .success()
    };

    let clean = commit(&work, "clean.txt", "nothing here\n");
    let first = push("main:refs/heads/topic");
    assert!(first.status.success(), "a clean push goes through: {}", text(&first));
    assert!(stored(&clean));

    let token = fakes::github_token(77);
    let secret = commit(&work, "deploy.env", &format!("GITHUB_TOKEN={token}\n"));
    let refused = push("main:refs/heads/topic");
    let said = text(&refused);
    assert!(!refused.status.success(), "a push with a secret is refused: {said}");
    assert!(said.contains("deploy.env"), "the pusher reads which file: {said}");
    assert!(said.contains("pre-receive hook declined"), "{said}");
    assert!(!said.contains(&token), "the secret is not printed: {said}");
    assert!(!said.contains('\u{1b}'), "no colour codes reach the client: {said}");
    assert!(!stored(&secret), "the refused blob is not on the server");

    ok(&work, "git", &["reset", "-q", "--hard", "HEAD~"]);
    commit(&work, "more.txt", "still nothing\n");
    let again = push("main:refs/heads/topic");
    assert!(again.status.success(), "a clean push goes through afterwards: {}", text(&again));
}

fn bare_with_hook(dir: &Path) -> PathBuf {
    let bare = dir.join("project.git");
    ok(dir, "git", &["init", "-q", "--bare", "-b", "main", "project.git"]);
    ok(dir, STOPLEAK, &["install", "--server", bare.to_str().unwrap()]);
    bare
}

fn keypair(dir: &Path, name: &str) -> PathBuf {
    let key = dir.join(name);
    ok(dir, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key.to_str().unwrap()]);
    key
}

fn sshd(dir: &Path, authorized: &str) -> (Running, u16) {
    let host = keypair(dir, "host_key");
    let port = free_port();
    let config = dir.join("sshd_config");
    let settings = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nAuthorizedKeysFile {authorized}\n\
         StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nAllowUsers *\n",
        host.display()
    );
    fs::write(&config, settings).unwrap();
    fs::create_dir_all("/run/sshd").unwrap();
    let log = dir.join("sshd.log");
    let server = start("/usr/sbin/sshd", &["-D", "-e", "-f", config.to_str().unwrap()], &log);
    wait_for(port, &log);
    (server, port)
}

fn ssh_command(key: &Path, port: u16) -> String {
    format!(
        "ssh -i {} -p {port} -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o \
         UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
        key.display()
    )
}

#[test]
#[ignore = "needs sshd and root: cargo xtask e2e"]
fn plain_bare_repository_over_ssh() {
    let dir = tempfile::tempdir().unwrap();
    let bare = bare_with_hook(dir.path());
    let key = keypair(dir.path(), "user_key");
    let authorized = dir.path().join("authorized_keys");
    fs::copy(dir.path().join("user_key.pub"), &authorized).unwrap();
    let (_server, port) = sshd(dir.path(), authorized.to_str().unwrap());
    let user = ok(dir.path(), "id", &["-un"]);
    let url = format!("ssh://{user}@127.0.0.1:{port}{}", bare.display());
    clean_goes_through_and_a_secret_is_refused(&url, &bare, &[("GIT_SSH_COMMAND", &ssh_command(&key, port))]);
}

#[test]
#[ignore = "needs nginx, fcgiwrap and root: cargo xtask e2e"]
fn http_backend_behind_nginx_with_basic_auth() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    // Workers of a root nginx run as another user; the temporary folder must let them in.
    fs::set_permissions(top, fs::Permissions::from_mode(0o755)).unwrap();
    let bare = bare_with_hook(top);
    ok(&bare, "git", &["config", "http.receivepack", "true"]);
    let password = format!("pw-{}", std::process::id());
    ok(top, "htpasswd", &["-bc", top.join("users").to_str().unwrap(), "ada", &password]);
    let (port, here) = (free_port(), top.display());
    let backend = format!("{}/git-http-backend", ok(top, "git", &["--exec-path"]));
    let config = format!(
        "daemon off; pid {here}/nginx.pid; error_log {here}/error.log; user root;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log off; client_body_temp_path {here}/body; fastcgi_temp_path {here}/fcgi; proxy_temp_path {here}/proxy;\n\
         uwsgi_temp_path {here}/uwsgi; scgi_temp_path {here}/scgi; client_max_body_size 0;\n\
         server {{ listen 127.0.0.1:{port}; location ~ ^/git(/.*)$ {{\n\
         auth_basic git; auth_basic_user_file {here}/users; fastcgi_pass unix:{here}/fcgi.sock;\n\
         include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME {backend}; fastcgi_param PATH_INFO $1;\n\
         fastcgi_param GIT_PROJECT_ROOT {here}; fastcgi_param GIT_HTTP_EXPORT_ALL 1; fastcgi_param REMOTE_USER $remote_user; }} }} }}\n"
    );
    fs::write(top.join("nginx.conf"), config).unwrap();
    let socket = format!("unix:{here}/fcgi.sock");
    let _wrap = start("fcgiwrap", &["-c", "2", "-s", &socket], &top.join("fcgiwrap.log"));
    let log = top.join("nginx.log");
    let _web = start("nginx", &["-c", top.join("nginx.conf").to_str().unwrap()], &log);
    wait_for(port, &log);
    let url = format!("http://ada:{password}@127.0.0.1:{port}/git/project.git");
    clean_goes_through_and_a_secret_is_refused(&url, &bare, &[]);
}

#[test]
#[ignore = "listens on a port: cargo xtask e2e"]
fn git_daemon_with_receive_pack() {
    let dir = tempfile::tempdir().unwrap();
    let bare = bare_with_hook(dir.path());
    let port = free_port();
    let (base, at) = (format!("--base-path={}", dir.path().display()), format!("--port={port}"));
    let args =
        ["daemon", "--reuseaddr", "--listen=127.0.0.1", &at, "--export-all", "--enable=receive-pack", &base];
    let log = dir.path().join("daemon.log");
    let _server = start("git", &args, &log);
    wait_for(port, &log);
    clean_goes_through_and_a_secret_is_refused(&format!("git://127.0.0.1:{port}/project.git"), &bare, &[]);
}

/// A Unix account that ends with the test.
struct Account(String);
impl Drop for Account {
    fn drop(&mut self) {
        let _ = Command::new("userdel").arg(&self.0).stderr(Stdio::null()).status();
    }
}

#[test]
#[ignore = "needs gitolite3, sshd and root: cargo xtask e2e"]
fn gitolite_with_a_common_hook() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path();
    fs::set_permissions(top, fs::Permissions::from_mode(0o755)).unwrap();
    let account = format!("stopleak-{}", std::process::id());
    let home = top.join("home");
    ok(top, "useradd", &["-m", "-d", home.to_str().unwrap(), "-s", "/bin/sh", &account]);
    let _account = Account(account.clone());
    ok(top, "usermod", &["-p", "*", &account]);
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
    let key = keypair(top, "admin");
    fs::copy(top.join("admin.pub"), home.join("admin.pub")).unwrap();
    let binary = top.join("stopleak");
    fs::copy(STOPLEAK, &binary).unwrap();
    let as_user = |command: &str| ok(top, "su", &["-", &account, "-c", command]);
    as_user("gitolite setup -pk admin.pub");
    // gitolite takes hooks from LOCAL_CODE, which is off in a fresh installation.
    as_user(
        "mkdir local && sed -i 's|^ *# LOCAL_CODE *=> *\"$ENV{HOME}/local\",|LOCAL_CODE => \"$ENV{HOME}/local\",|' .gitolite.rc",
    );
    as_user(&format!("{} install --server $HOME", binary.display()));

    let (_server, port) = sshd(top, home.join(".ssh/authorized_keys").to_str().unwrap());
    let bare = home.join("repositories/testing.git");
    let url = format!("ssh://{account}@127.0.0.1:{port}/testing");
    clean_goes_through_and_a_secret_is_refused(&url, &bare, &[("GIT_SSH_COMMAND", &ssh_command(&key, port))]);
}
