//! The program under test: its own directory, port and JSONL file.
//!
//! ```ignore
//! let proxy = Setup::to(upstream.address).policy("idle_timeout: 0.4").start();
//! let mut client = Peer::connect(proxy.address);
//! …
//! let close = proxy.wait_close();
//! let records = proxy.stop();
//! ```

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{PATIENCE, Records, certs, tools};

/// A listener's configuration, section by section: each is what stands between the braces.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    tls: Option<String>,
    upstream: String,
    policy: String,
    logging: String,
    rest: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
}

impl Setup {
    /// A plaintext listener before a plaintext upstream.
    pub(crate) fn to(upstream: SocketAddr) -> Self {
        Self {
            tls: None,
            upstream: format!("addr: \"{upstream}\""),
            policy: String::new(),
            logging: "jsonl_path: records.jsonl".to_owned(),
            rest: String::new(),
            args: ["--headless", "--print", "none"].map(str::to_owned).to_vec(),
            env: Vec::new(),
        }
    }

    /// TLS with clients, certificate `server`; and what else the section shall hold.
    pub(crate) fn tls(mut self, more: &str) -> Self {
        self.tls = Some(format!("cert: server.pem, key: server.key, {more}"));
        self
    }

    /// The whole `tls` section.
    pub(crate) fn tls_section(mut self, section: &str) -> Self {
        self.tls = Some(section.to_owned());
        self
    }

    /// TLS to the upstream, trusting `ca`; and what else the section shall hold.
    pub(crate) fn upstream_tls(self, more: &str) -> Self {
        self.upstream(&format!("tls: true, ca: ca.pem, {more}"))
    }

    /// More of `upstream`.
    pub(crate) fn upstream(mut self, more: &str) -> Self {
        let _ = write!(self.upstream, ", {more}");
        self
    }

    /// `policy`.
    pub(crate) fn policy(mut self, section: &str) -> Self {
        self.policy = section.to_owned();
        self
    }

    /// More of `logging`.
    pub(crate) fn logging(mut self, more: &str) -> Self {
        let _ = write!(self.logging, ", {more}");
        self
    }

    /// HTTP/2 control events.
    pub(crate) fn h2_events(self) -> Self {
        self.logging("h2_control_events: true")
    }

    /// More of the file, below the listeners.
    pub(crate) fn rest(mut self, text: &str) -> Self {
        self.rest = text.to_owned();
        self
    }

    /// More of the command line.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|&arg| arg.to_owned()));
        self
    }

    /// A variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_str().unwrap().to_owned()));
        self
    }

    /// The configuration file.
    pub(crate) fn yaml(&self) -> String {
        self.yaml_on("127.0.0.1:0")
    }

    /// The configuration file of a listener on an address.
    pub(crate) fn yaml_on(&self, listen: &str) -> String {
        let Self { tls, upstream, policy, logging, rest, .. } = self;
        let tls = tls.as_ref().map_or(String::new(), |tls| format!("    tls: {{ {tls} }}\n"));
        format!(
            "listeners:\n  - name: test\n    listen: \"{listen}\"\n{tls}    upstream: {{ {upstream} }}\n    \
             policy: {{ {policy} }}\n    logging: {{ {logging} }}\n{rest}\n"
        )
    }

    /// Starts the proxy with it.
    pub(crate) fn start(self) -> Proxy {
        let yaml = self.yaml();
        Proxy::launch(&yaml, &self.args, &self.env, |_| {})
    }

    /// Starts the proxy after `prepare` has seen its directory.
    pub(crate) fn start_in(self, prepare: impl FnOnce(&Path)) -> Proxy {
        let yaml = self.yaml();
        Proxy::launch(&yaml, &self.args, &self.env, prepare)
    }
}

/// A running proxy. Its process ends with it.
pub(crate) struct Proxy {
    /// The first listener's.
    pub(crate) address: SocketAddr,
    /// Holds the configuration, the certificates and the records.
    pub(crate) directory: TempDir,
    child: Child,
    log: Arc<Mutex<String>>,
    log_reader: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts it with a configuration; `listen: 127.0.0.1:0` lets the system choose the port, and
    /// records go to `records.jsonl`.
    pub(crate) fn start(yaml: &str) -> Self {
        let args = ["--headless", "--print", "none"].map(str::to_owned);
        Self::launch(yaml, &args, &[], |_| {})
    }

    fn launch(
        yaml: &str,
        args: &[String],
        env: &[(String, String)],
        prepare: impl FnOnce(&Path),
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        certs::write_all(path);
        fs::write(path.join("config.yaml"), yaml).unwrap();
        prepare(path);
        let mut child = command(path, args, env).spawn().unwrap();
        let log = Arc::<Mutex<String>>::default();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let kept = Arc::clone(&log);
        let log_reader = Some(thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        }));
        let address = SocketAddr::from(([0; 4], 0));
        let mut proxy = Self { address, directory, child, log, log_reader };
        let line = proxy.wait_log("listening on ");
        proxy.address = line.rsplit(' ').next().unwrap().parse().unwrap();
        proxy
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The file of the records.
    pub(crate) fn jsonl(&self) -> PathBuf {
        self.directory.path().join("records.jsonl")
    }

    /// The records so far.
    pub(crate) fn records(&self) -> Records {
        Records::read(&self.jsonl())
    }

    /// The first record that holds true, once it is there.
    pub(crate) fn wait_for(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.wait_records(what, |records| records.0.iter().find(|record| holds(record)).cloned())
    }

    /// What `find` finds in the records, once it does.
    pub(crate) fn wait_records<T>(&self, what: &str, find: impl Fn(&Records) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            let records = self.records();
            if let Some(found) = find(&records) {
                return found;
            }
            if began.elapsed() > PATIENCE {
                panic!("no {what} among {:#?}\n{}", records.0, self.log());
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The first `conn close`.
    pub(crate) fn wait_close(&self) -> Value {
        self.wait_for("conn close", |record| record["kind"] == "conn" && record["event"] == "close")
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The first line of what it says that holds a text, once it is there.
    pub(crate) fn wait_log(&self, part: &str) -> String {
        let began = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(part)) {
                return line.to_owned();
            }
            assert!(began.elapsed() < PATIENCE, "no '{part}' in what it said:\n{log}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal: `TERM`, `HUP`, `USR1`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(done.success());
    }

    /// Writes another configuration and has it read.
    pub(crate) fn reload(&self, yaml: &str) {
        fs::write(self.directory.path().join("config.yaml"), yaml).unwrap();
        self.signal("HUP");
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        let status = tools::wait(&mut self.child, "the proxy");
        if let Some(reader) = self.log_reader.take() {
            reader.join().unwrap();
        }
        status
    }

    /// Ends it with SIGTERM; all its records.
    pub(crate) fn stop(mut self) -> Records {
        self.signal("TERM");
        let status = self.wait_exit();
        let log = self.log();
        assert!(status.success(), "{status}:\n{log}");
        assert!(!log.contains("panicked"), "{log}");
        Records::read_valid(&self.jsonl())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command line, and an environment in which nothing of the user's has a say.
fn command(directory: &Path, args: &[String], env: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wiretracer"));
    command
        .args(args)
        .arg("--config")
        .arg(directory.join("config.yaml"))
        .current_dir(directory)
        .env("XDG_DATA_HOME", directory)
        .env("HOME", directory)
        .env("NO_COLOR", "1")
        .env_remove("RUST_LOG")
        .env_remove("SSLKEYLOGFILE")
        .envs(env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}
