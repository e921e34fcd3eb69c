//! Python's websockets on both sides, with permessage-deflate (RFC 7692).

use std::process::Command;

use super::health::{check_connections, stop_after};
use super::server::Server;
use crate::support::{Setup, certs, tools};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/websocket_peer.py");

#[test]
fn compressed_messages_both_ways() {
    let Some(python) = tools::python("websockets") else { return };
    let directory = tempfile::tempdir().unwrap();
    certs::write_all(directory.path());
    let peer = |role: &str, port: u16| {
        let mut command = Command::new(&python);
        command.args([SCRIPT, role]).arg(directory.path()).arg(port.to_string());
        command
    };
    let server = Server::start(|port| peer("server", port));
    let proxy = Setup::to(server.address).tls("").upstream_tls("").start();
    tools::run(&mut peer("client", proxy.address.port())).success();
    let records = stop_after(proxy, 1);
    check_connections(&records, 1);
    let event = records.event();
    assert_eq!(event["protocol"], "websocket", "{event:#}");
    assert_eq!(event["response"]["status"], 101, "{event:#}");
    // 40 texts, 40 binary messages, and one that asks for the end.
    assert_eq!((&event["messages_in"], &event["messages_out"]), (&81.into(), &80.into()));
    let deflated = |field: &serde_json::Value| {
        let is_it = field[0].as_str().unwrap().eq_ignore_ascii_case("sec-websocket-extensions");
        is_it && field[1].as_str().unwrap().contains("permessage-deflate")
    };
    assert!(event["response"]["headers"].as_array().unwrap().iter().any(deflated), "{event:#}");
}
