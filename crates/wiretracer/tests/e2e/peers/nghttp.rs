//! nghttp and h2load against nghttpd, over TLS and over plaintext.

use std::fs;
use std::process::Command;

use super::health::{check_connections_but, stop_after};
use super::server::Server;
use crate::support::{Proxy, Records, Setup, tools};

const REQUESTS: usize = 600;
const CONNECTIONS: usize = 6;

#[test]
fn over_tls() {
    both(true);
}

#[test]
fn over_plaintext() {
    both(false);
}

fn both(tls: bool) {
    if !["nghttp", "h2load", "nghttpd"].into_iter().all(tools::have) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for number in 0..3 {
        fs::write(directory.path().join(format!("file{number}")), vec![b'x'; 100_000]).unwrap();
    }
    let server = Server::nghttpd(directory.path(), tls);
    let proxy = || {
        let setup = Setup::to(server.address).h2_events();
        if tls {
            setup.tls("alpn: [h2]").upstream_tls("server_name: localhost").start()
        } else {
            setup.start()
        }
    };
    nghttp(proxy(), tls);
    h2load(proxy(), tls);
}

fn url(proxy: &Proxy, tls: bool, path: &str) -> String {
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://127.0.0.1:{}/{path}", proxy.address.port())
}

fn nghttp(proxy: Proxy, tls: bool) {
    let urls = (0..3).map(|number| url(&proxy, tls, &format!("file{number}")));
    let mut command = Command::new("nghttp");
    // Small windows and padding make the peers stop, go and pad.
    let printed = tools::run(command.args(["-n", "-v", "-w", "14", "-b", "100"]).args(urls));
    let printed = printed.success();
    let mut told = printed.lines().filter(|line| line.contains("error_code"));
    assert!(told.all(|line| line.contains("error_code=NO_ERROR")), "{printed}");
    let records = stop_after(proxy, 1);
    check(&records, 3, 1, 100_000);
    assert!(!records.h2("FLOW_BLOCK").is_empty());
    assert_eq!(records.h2("FLOW_BLOCK").len(), records.h2("FLOW_RESUME").len());
}

fn h2load(proxy: Proxy, tls: bool) {
    let (requests, connections) = (REQUESTS.to_string(), CONNECTIONS.to_string());
    let mut command = Command::new("h2load");
    command.args(["-n", &requests, "-c", &connections, "-m", "20"]);
    let printed = tools::run(command.arg(url(&proxy, tls, "file0"))).success();
    let all =
        format!("{REQUESTS} total, {REQUESTS} started, {REQUESTS} done, {REQUESTS} succeeded");
    assert!(printed.contains(&all), "{printed}");
    check(&stop_after(proxy, CONNECTIONS), REQUESTS, CONNECTIONS, 100_000);
}

fn check(records: &Records, requests: usize, connections: usize, bytes_out: usize) {
    // Neither says goodbye to TLS.
    check_connections_but(
        records,
        connections,
        &["client_no_close_notify", "upstream_no_close_notify"],
    );
    let events = records.kind("event");
    assert_eq!(events.len(), requests);
    for event in events {
        assert_eq!(event["protocol"], "http2", "{event:#}");
        assert_eq!(event["response"]["status"], 200, "{event:#}");
        assert_eq!(event["bytes_out"], bytes_out, "{event:#}");
    }
}
