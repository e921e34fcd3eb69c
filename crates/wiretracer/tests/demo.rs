//! `wiretracer demo --headless` as a user runs it: the binary, its output, its exit code.
//!
//! What each scene shows in detail is tested beside the demo itself.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

fn demo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wiretracer"));
    command.args(["demo", "--headless"]).env_remove("RUST_LOG").env_remove("SSLKEYLOGFILE");
    command
}

#[test]
fn tells_the_whole_story_and_exits_well() {
    let output = demo().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{errors}\n{text}", output.status);
    for piece in [
        "0 OK",
        "5 NOT_FOUND",
        "14 UNAVAILABLE",
        "upstream_reset",
        "deadline_exceeded",
        "flow_blocked",
        "trailers_only",
        "FLOW_BLOCK",
        "FLOW_RESUME",
        "RST_STREAM",
        "PING_ACK",
        "\"too_many_pings\"",
        "HTTP status 503",
        "upstream_fin",
        "upstream_no_close_notify",
        "unknown_ca",
        "not_tls",
        "protocol_version",
        "alpn_mismatch",
        "cert_verify_failed [expired",
        "upstream_connect_fail",
        "\nsummary\n  15 connections, 19 requests, 10 of them failed\n",
        "errors by cause",
        "what to look at",
    ] {
        assert!(text.contains(piece), "{piece:?} is not in\n{text}");
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = demo().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("1. "), "{first}");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn stays_for_the_user_until_interrupted() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wiretracer"));
    let mut child = command.arg("demo").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("now you: curl ")));
    assert!(lines.any(|line| line.starts_with("(Ctrl-C")));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert!(lines.any(|line| line == "summary"), "no summary after the signal");
    assert!(child.wait().unwrap().success());
}
