//! No noise: thousands of healthy calls of all sorts, and not one record that says otherwise.

use std::fs;
use std::process::Command;
use std::thread;

use super::health::{check_connections_but, stop_after};
use super::server::Server;
use super::sink::sink;
use crate::support::{ClientTls, Peer, Proxy, Upstream, tools};

const HTTP2_CALLS: usize = 1_000;
const HTTP2_CLIENTS: usize = 4;
const HTTP1_CLIENTS: usize = 4;
const HTTP1_CALLS: usize = 200;
const GRPC_ROUNDS: usize = 50;
const GRPC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/grpc_peer.py");

#[test]
fn two_thousand_healthy_calls() {
    let Some(python) = tools::python("grpc") else { return };
    if !tools::have("h2load") || !tools::have("nghttpd") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("page"), "a page").unwrap();
    let web = Upstream::start(sink);
    let files = Server::nghttpd(directory.path(), true);
    let grpc = |role: &str, port: u16| {
        let mut command = Command::new(&python);
        command.args([GRPC, role]).arg(directory.path()).arg(port.to_string());
        command
    };
    let calls = Server::start(|port| grpc("server", port));
    let proxy = proxy(&[
        format!("addr: \"{}\"", web.address),
        format!("addr: \"{}\", tls: true, ca: ca.pem, server_name: localhost", files.address),
        format!(
            "addr: \"{}\", tls: true, ca: ca.pem, server_name: localhost, \
             client_cert: client.pem, client_key: client.key",
            calls.address
        ),
    ]);
    let port = |number: usize| {
        let line = proxy.wait_log(&format!("l{number}: listening on "));
        line.rsplit(':').next().unwrap().parse::<u16>().unwrap()
    };
    thread::scope(|scope| {
        for _ in 0..HTTP1_CLIENTS {
            scope.spawn(|| http1_calls(&proxy));
        }
        scope.spawn(|| {
            let url = format!("https://127.0.0.1:{}/page", port(1));
            let (count, clients) = (HTTP2_CALLS.to_string(), HTTP2_CLIENTS.to_string());
            let mut h2load = Command::new("h2load");
            let printed = tools::run(h2load.args(["-n", &count, "-c", &clients, "-m", "5", &url]));
            assert!(printed.success().contains(&format!(" {count} succeeded")));
        });
        let mut client = grpc("client", port(2));
        tools::run(client.arg(GRPC_ROUNDS.to_string())).success();
    });
    let records = stop_after(proxy, HTTP1_CLIENTS + HTTP2_CLIENTS + 1);
    let goodbyes = ["client_no_close_notify", "upstream_no_close_notify"];
    check_connections_but(&records, HTTP1_CLIENTS + HTTP2_CLIENTS + 1, &goodbyes);
    let all = HTTP1_CLIENTS * HTTP1_CALLS + HTTP2_CALLS + 4 * GRPC_ROUNDS;
    assert_eq!(records.kind("event").len(), all);
}

/// One proxy with a listener before each upstream, named `l0` and so on.
fn proxy(upstreams: &[String]) -> Proxy {
    let listeners = upstreams.iter().enumerate().map(|(number, upstream)| {
        format!(
            "  - name: l{number}\n    listen: 127.0.0.1:0\n    \
             tls: {{ cert: server.pem, key: server.key, alpn: [h2, http/1.1] }}\n    \
             upstream: {{ {upstream} }}\n    \
             logging: {{ jsonl_path: records.jsonl, h2_control_events: true }}\n"
        )
    });
    Proxy::start(&format!("listeners:\n{}", listeners.collect::<String>()))
}

fn http1_calls(proxy: &Proxy) {
    let mut client = Peer::connect_tls(proxy.address, ClientTls::alpn(&["http/1.1"]));
    for number in 0..HTTP1_CALLS {
        let body = "b".repeat(number);
        client.write(format!(
            "POST /{number} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {number}\r\n\r\n{body}"
        ));
        client.read_until(&format!("\r\n\r\n{number}"));
    }
    client.half_close();
    client.read_end();
}
