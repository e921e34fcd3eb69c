//! Signals, reloads and metrics of a running proxy.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::support::records::assert_close;
use crate::support::{End, Peer, Proxy, Records, Setup, Upstream, tools, upstream};

const GET: &str = "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn ask(client: &mut Peer) {
    client.write(GET);
    client.read_until("\r\n\r\n/x");
}

/// Every answer that a client got in full has its record, however the end came.
#[test]
fn sigterm_in_the_middle_loses_no_record() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).start();
    let answered = Arc::<AtomicUsize>::default();
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (address, answered) = (proxy.address, Arc::clone(&answered));
            thread::spawn(move || {
                let mut client = Peer::connect(address);
                while client.try_write(GET.as_bytes()).is_ok()
                    && client.try_read_until("\r\n\r\n/x").is_some()
                {
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    proxy.wait_records("some traffic", |records| (records.kind("event").len() > 200).then_some(()));
    let records = proxy.stop();
    clients.into_iter().for_each(|client| client.join().unwrap());
    let good = records.kind("event").iter().filter(|event| event["error"].is_null()).count();
    assert!(good >= answered.load(Ordering::Relaxed), "{good} of {answered:?}");
    let closes = records.kind("conn").into_iter().filter(|record| record["event"] == "close");
    let mut closed = 0;
    for close in closes {
        assert_close(close, "proxy", "shutdown");
        closed += 1;
    }
    assert_eq!(closed, 8);
}

#[test]
fn what_is_in_flight_at_shutdown_is_cut_and_recorded() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let upstream = Upstream::start(move |mut peer| {
        peer.read_head();
        peer.write(interim);
        peer.read_end().1
    });
    let proxy = Setup::to(upstream.address).start();
    let mut client = Peer::connect(proxy.address);
    client.write(GET);
    client.read_until(interim);
    let records = proxy.stop();
    assert_eq!(upstream.result(), End::Rst);
    assert_eq!(client.read_end(), (vec![], End::Rst));
    assert_close(records.close(), "proxy", "shutdown");
    assert_eq!(records.event()["error"], "shutdown before the response");
}

/// Two listeners before one upstream, on given ports.
fn two_listeners(upstream: std::net::SocketAddr, first: u16, second: u16, policy: &str) -> String {
    format!(
        "listeners:\n\
         - {{ name: kept, listen: \"127.0.0.1:{first}\", upstream: {{ addr: \"{upstream}\" }}, \
         logging: {{ jsonl_path: records.jsonl }} }}\n\
         - {{ name: changed, listen: \"127.0.0.1:{second}\", upstream: {{ addr: \"{upstream}\" }}, \
         policy: {{ {policy} }}, logging: {{ jsonl_path: records.jsonl }} }}\n"
    )
}

#[test]
fn a_reload_ends_what_changed_and_keeps_what_did_not() {
    let upstream = Upstream::start(upstream::echo_paths);
    let (first, second) = (upstream::free_port(), upstream::free_port());
    let yaml = |policy: &str| two_listeners(upstream.address, first, second, policy);
    let proxy = Proxy::start(&yaml("idle_timeout: 60"));
    let mut kept = Peer::connect(([127, 0, 0, 1], first).into());
    let mut changed = Peer::connect(([127, 0, 0, 1], second).into());
    ask(&mut kept);
    ask(&mut changed);
    proxy.reload(&yaml("idle_timeout: 61"));
    proxy.wait_log("the configuration was read again");
    assert_eq!(changed.read_end(), (vec![], End::Fin));
    ask(&mut kept);
    ask(&mut Peer::connect(([127, 0, 0, 1], second).into()));
    let close = proxy.wait_close();
    assert_eq!(close["listener"], "changed");
    assert_close(&close, "proxy", "reload");
    let records = proxy.stop();
    let shutdown =
        |record: &Value| record["close_reason"] == "shutdown" && record["listener"] == "kept";
    records.one("conn", shutdown);
}

#[test]
fn a_broken_configuration_changes_nothing() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).start();
    let mut client = Peer::connect(proxy.address);
    ask(&mut client);
    proxy.reload("listeners: [{ nmae: x }]\n");
    proxy.wait_log("the new configuration is not used");
    proxy.wait_log("nmae");
    ask(&mut client);
    ask(&mut Peer::connect(proxy.address));
    proxy.stop();
}

#[test]
fn a_rotated_file_goes_on_in_a_new_one() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).start();
    let mut client = Peer::connect(proxy.address);
    ask(&mut client);
    proxy.wait_for("the first request", |record| record["kind"] == "event");
    let rotated = proxy.directory.path().join("records.1");
    std::fs::rename(proxy.jsonl(), &rotated).unwrap();
    proxy.signal("HUP");
    proxy.wait_log("the configuration was read again");
    ask(&mut client);
    proxy.wait_for("the second request", |record| record["kind"] == "event");
    let old = Records::read_valid(&rotated);
    let new = proxy.stop();
    assert_eq!((old.kind("event").len(), new.kind("event").len()), (1, 1));
    assert_eq!(old.event()["conn_id"], new.event()["conn_id"]);
}

#[test]
fn metrics_are_told_and_served() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).rest("metrics: { listen: \"127.0.0.1:0\" }").start();
    let line = proxy.wait_log("metrics: http://");
    let address = line.split("//").nth(1).unwrap().split('/').next().unwrap();
    let mut client = Peer::connect(proxy.address);
    ask(&mut client);
    ask(&mut client);
    client.half_close();
    client.read_end();
    proxy.wait_close();
    let mut scraper = Peer::connect(address.parse().unwrap());
    scraper.write("GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let text = String::from_utf8(scraper.read_end().0).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    for sample in [
        "wiretracer_http_requests_total{listener=\"test\"} 2",
        "wiretracer_connections_accepted_total{listener=\"test\"} 1",
        "wiretracer_connections_active{listener=\"test\"} 0",
    ] {
        assert!(text.contains(sample), "no '{sample}' in {text}");
    }
    proxy.signal("USR1");
    for line in ["http_requests: 2", "connections_accepted: 1", "close_completed: 1"] {
        proxy.wait_log(line);
    }
    proxy.stop();
}

/// Nobody reads what is printed, so that the records cannot be written to their end.
#[test]
fn a_second_signal_stops_at_once() {
    let upstream = Upstream::start(upstream::echo_paths);
    let directory = tempfile::tempdir().unwrap();
    let port = upstream::free_port();
    let config = Setup::to(upstream.address).yaml_on(&format!("127.0.0.1:{port}"));
    std::fs::write(directory.path().join("config.yaml"), config).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wiretracer"))
        .args(["--headless", "--print", "json", "--config", "config.yaml"])
        .current_dir(directory.path())
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(log.any(|line| line.unwrap().contains("listening on ")));
    let mut client = Peer::connect(([127, 0, 0, 1], port).into());
    // A pipe holds 64 KiB, a record is some hundred bytes.
    (0..500).for_each(|_| ask(&mut client));
    let signal = |name: &str| {
        let done = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        assert!(done.success());
    };
    signal("-TERM");
    client.read_end();
    signal("-INT");
    assert_eq!(tools::wait(&mut child, "the proxy").code(), Some(1));
}

#[test]
fn a_reload_may_widen_an_address_and_narrow_it() {
    for (before, after) in [("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1")] {
        let upstream = Upstream::start(upstream::echo_paths);
        let port = upstream::free_port();
        let setup = Setup::to(upstream.address);
        let proxy = Proxy::start(&setup.yaml_on(&format!("{before}:{port}")));
        proxy.reload(&setup.yaml_on(&format!("{after}:{port}")));
        proxy.wait_log(&format!("listening on {after}:{port}"));
        ask(&mut Peer::connect(([127, 0, 0, 1], port).into()));
        proxy.stop();
    }
}

#[test]
fn a_reload_that_mints_first_uses_the_local_ca() {
    let upstream = Upstream::start(upstream::echo_paths);
    let setup = Setup::to(upstream.address);
    let proxy = Proxy::start(&setup.yaml());
    let ca = proxy.directory.path().join("wiretracer/ca.pem");
    assert!(!ca.exists(), "nothing needed it");
    proxy.reload(&setup.tls_section("").yaml());
    proxy.wait_log("clients must trust the local CA");
    assert!(ca.exists());
    proxy.stop();
}
