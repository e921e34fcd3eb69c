//! `wiretracer probe`: the binary against upstreams of every sort, its report and its exit code.
//!
//! ```text
//! probe HOST:PORT … ──► Upstream: a script          exit code, text, JSON (held against its schema)
//! ```

mod application;
mod encryption;
mod usage;

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::support::certs;
use super::support::tools::{self, Finished};

const SCHEMA: &str = include_str!("../../../../../docs/probe.schema.json");

/// Runs a probe, and trusts `ca` as if the system did.
fn run(arguments: &[&str]) -> (Finished, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    certs::write_all(directory.path());
    (run_in(&directory, arguments), directory)
}

fn run_in(directory: &TempDir, arguments: &[&str]) -> Finished {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wiretracer"));
    command
        .arg("probe")
        .args(arguments)
        .current_dir(directory.path())
        .env("SSL_CERT_FILE", directory.path().join("ca.pem"))
        .env_remove("SSL_CERT_DIR")
        .env_remove("SSLKEYLOGFILE");
    tools::run(&mut command)
}

/// What a probe came to.
#[derive(Debug)]
struct Probed {
    /// The report as JSON.
    report: Value,
}

impl Probed {
    /// Probes, and checks what holds for every report.
    #[track_caller]
    fn new(arguments: &[&str]) -> Self {
        Self::of(&run(&[arguments, &["--json"]].concat()).0)
    }

    /// Probes with a listener's settings, given as the lines of its `upstream` section.
    #[track_caller]
    fn with_config(upstream: &str, arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        certs::write_all(directory.path());
        fs::write(directory.path().join("config.yaml"), config(&[("edge", upstream)])).unwrap();
        Self::of(&run_in(&directory, &[&["--json", "-c", "config.yaml"], arguments].concat()))
    }

    #[track_caller]
    fn of(finished: &Finished) -> Self {
        let report: Value = serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|error| panic!("{error}: {finished:?}"));
        let schema = serde_json::from_str(SCHEMA).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let breaches: Vec<_> = validator
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(breaches.is_empty(), "{breaches:#?} in {report:#}");
        let code = if report["healthy"] == true { 0 } else { 3 };
        assert_eq!(finished.status.code(), Some(code), "{report:#}");
        assert_eq!(report["reason"].is_null(), report["healthy"] == true, "{report:#}");
        assert_eq!(finished.stderr, "");
        Self { report }
    }

    #[track_caller]
    fn is_healthy(&self) -> &Self {
        assert_eq!(self.report["healthy"], true, "{:#}", self.report);
        self
    }

    #[track_caller]
    fn is_not_healthy(&self, reason: &str) -> &Self {
        let found = self.report["reason"].as_str().unwrap_or_default();
        assert!(found.contains(reason), "'{reason}' is not in {:#}", self.report);
        self
    }

    /// Asserts that one of the notes has these words.
    #[track_caller]
    fn notes(&self, words: &str) -> &Self {
        let notes = self.report["notes"].as_array().unwrap();
        let found = notes.iter().any(|note| note.as_str().unwrap().contains(words));
        assert!(found, "no note says '{words}': {:#}", self.report);
        self
    }

    /// What was found behind the only address.
    #[track_caller]
    fn address(&self) -> &Value {
        match self.report["addresses"].as_array().unwrap().as_slice() {
            [address] => address,
            found => panic!("{} addresses: {:#}", found.len(), self.report),
        }
    }

    fn tls(&self) -> &Value {
        &self.address()["tls"]
    }

    fn application(&self) -> &Value {
        &self.address()["application"]
    }
}

/// A configuration of listeners, each a name and the lines of its `upstream` section.
fn config(listeners: &[(&str, &str)]) -> String {
    let mut text = "listeners:\n".to_owned();
    for (index, (name, upstream)) in listeners.iter().enumerate() {
        let lines: String = upstream.lines().map(|line| format!("      {line}\n")).collect();
        let port = 9000 + index;
        text.push_str(&format!(
            "  - name: {name}\n    listen: 127.0.0.1:{port}\n    upstream:\n{lines}"
        ));
    }
    text
}
