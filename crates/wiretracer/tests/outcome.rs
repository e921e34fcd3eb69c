//! The outcome is the client's own: every fault that a hand-written upstream can stage is called by
//! grpcio, curl and nghttp directly and through the binary, and must look the same to them.
//!
//! ```text
//! grpcio, curl, nghttp ───────────────────► faults (outcome/cases.py)
//!                      └──► wiretracer ──┘         then: one event in error for each call
//! ```
//!
//! The calls are made by `outcome/main.py`; it wants Python with grpcio and hpack. Where a peer is
//! missing the test is skipped, unless `WIRETRACER_REQUIRE_PEERS` is set. To look at a few cases:
//! `python3 main.py target/debug/wiretracer 'goaway-*|plain|curl'` in that directory.

#![expect(clippy::print_stdout, reason = "who runs it wants the last line of the table")]

use std::process::Command;

/// What `outcome/main.py` exits with when a peer is missing.
const SKIPPED: i32 = 77;

#[test]
fn every_fault_looks_to_its_client_as_it_does_without_us() {
    let python = std::env::var("WIRETRACER_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let required = std::env::var_os("WIRETRACER_REQUIRE_PEERS").is_some();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/outcome/main.py");
    let ran = Command::new(&python)
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_wiretracer"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output();
    let output = match ran {
        Ok(output) => output,
        Err(error) if !required => return println!("skipped: no {python}: {error}"),
        Err(error) => panic!("{python}: {error}"),
    };
    let table = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(SKIPPED) && !required {
        return println!("{table}");
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{table}\n{complaints}");
    println!("{}", table.lines().last().unwrap_or_default());
}
