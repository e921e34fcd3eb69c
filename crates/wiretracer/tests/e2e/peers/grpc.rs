//! grpcio on both sides, with a client certificate on both.

use std::process::Command;

use super::health::{check_connections_but, stop_after};
use super::server::Server;
use crate::support::{Setup, certs, tools};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/grpc_peer.py");
const ROUNDS: usize = 5;

#[test]
fn all_four_kinds_of_calls_over_mutual_tls() {
    let Some(python) = tools::python("grpc") else { return };
    let directory = tempfile::tempdir().unwrap();
    certs::write_all(directory.path());
    let peer = |role: &str, port: u16| {
        let mut command = Command::new(&python);
        command.args([SCRIPT, role]).arg(directory.path()).arg(port.to_string());
        command
    };
    let server = Server::start(|port| peer("server", port));
    let proxy = Setup::to(server.address)
        .tls("alpn: [h2], require_client_cert: true, client_ca: ca.pem")
        .upstream_tls("server_name: localhost, client_cert: client.pem, client_key: client.key")
        .logging("log_body: true")
        .h2_events()
        .start();
    let mut client = peer("client", proxy.address.port());
    tools::run(client.arg(ROUNDS.to_string())).success();
    let records = stop_after(proxy, 1);
    // It closes its sockets and nothing else.
    check_connections_but(&records, 1, &["client_no_close_notify", "upstream_no_close_notify"]);
    for (method, messages_in, messages_out) in
        [("Unary", 1, 1), ("ClientStream", 20, 1), ("ServerStream", 1, 20), ("Bidi", 20, 20)]
    {
        let calls: Vec<_> = records.kind("event");
        let calls: Vec<_> =
            calls.iter().filter(|event| event["request"]["grpc_method"] == method).collect();
        assert_eq!(calls.len(), ROUNDS, "{method}");
        for call in calls {
            assert_eq!(call["protocol"], "grpc", "{call:#}");
            assert_eq!(call["request"]["grpc_service"], "test.Peer", "{call:#}");
            assert_eq!(call["response"]["grpc_status"], 0, "{call:#}");
            assert_eq!(call["messages_in"], messages_in, "{call:#}");
            assert_eq!(call["messages_out"], messages_out, "{call:#}");
        }
    }
    assert_eq!(records.kind("event").len(), 4 * ROUNDS);
    let requested = &records.tls("out")["client_cert_request"];
    assert_eq!(requested["sent"], true, "{requested}");
    let shown = &records.tls("in")["peer_chain"][0];
    assert!(shown["subject"].as_str().unwrap().contains("client"), "{shown}");
}
