//! Who may come in, and how many at once.

use crate::support::records::{assert_close, assert_says};
use crate::support::{End, Peer, Setup, Upstream, upstream};

#[test]
fn a_stranger_is_denied() {
    let upstream = Upstream::start(|mut peer| peer.read_end());
    let proxy = Setup::to(upstream.address).policy("allowlist: [\"10.0.0.0/8\"]").start();
    assert_eq!(Peer::connect(proxy.address).read_end().0, b"");
    proxy.wait_close();
    proxy.signal("USR1");
    proxy.wait_log("connections_denied: 1");
    let records = proxy.stop();
    assert_close(records.close(), "proxy", "denied");
    assert_says(&records.close()["detail"], "127.0.0.1 is not in policy.allowlist");
    assert_eq!(records.0.len(), 1, "nothing but the close: {records:#?}");
}

#[test]
fn the_allowlist_looks_at_the_peer_and_not_at_what_it_claims() {
    let upstream = Upstream::start(|mut peer| peer.read_end());
    let proxy = Setup::to(upstream.address).policy("allowlist: [\"10.0.0.0/8\"]").start();
    let mut client = Peer::connect(proxy.address);
    let _ = client.try_write(b"PROXY TCP4 10.1.2.3 10.0.0.1 4242 443\r\n");
    client.read_end();
    assert_close(&proxy.wait_close(), "proxy", "denied");

    let proxy = Setup::to(upstream.address).policy("allowlist: [\"127.0.0.0/8\"]").start();
    let mut client = Peer::connect(proxy.address);
    client.write("PROXY TCP4 10.1.2.3 10.0.0.1 4242 443\r\n");
    client.half_close();
    assert_eq!(upstream.result().1, End::Fin);
    assert_close(&proxy.wait_close(), "client", "completed");
}

#[test]
fn beyond_max_connections_a_connection_waits_for_its_place() {
    let upstream = Upstream::start(upstream::echo_paths);
    let policy = "max_connections: 1, maxconn_wait_warn_ms: 50";
    let proxy = Setup::to(upstream.address).policy(policy).start();
    let get = "GET /x HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut first = Peer::connect(proxy.address);
    first.write(get);
    first.read_until("\r\n\r\n/x");
    let mut second = Peer::connect(proxy.address);
    second.write(get);
    assert!(second.is_silent_for(std::time::Duration::from_millis(1000)));
    first.half_close();
    second.read_until("\r\n\r\n/x");
    second.half_close();
    second.read_end();
    proxy.wait_records("two closes", |records| {
        let closed = |record: &&serde_json::Value| record["event"] == "close";
        (records.0.iter().filter(closed).count() == 2).then_some(())
    });
    proxy.signal("USR1");
    proxy.wait_log("maxconn_wait: 1");
    let records = proxy.stop();
    let wait = records.one("conn", |record| record["event"] == "wait");
    assert!(wait["wait_ms"].as_f64().unwrap() >= 50.0, "{wait:#}");
    let port = wait["client_port"].as_u64().unwrap();
    assert_eq!(port, u64::from(second.local().port()));
    let closed =
        |record: &serde_json::Value| record["event"] == "close" && record["client_port"] == port;
    assert_close(records.one("conn", closed), "client", "completed");
}
