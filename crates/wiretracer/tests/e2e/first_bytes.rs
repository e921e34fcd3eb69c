//! The first bytes of a connection, before anything else is known of it.

use std::time::Duration;

use crate::support::records::{assert_close, assert_flags};
use crate::support::{ClientTls, End, Peer, ServerTls, Setup, Upstream};

const PROXY_V1: &str = "PROXY TCP4 192.0.2.7 198.51.100.1 4242 443\r\n";

#[test]
fn a_proxy_header_before_tls_that_is_passed_through() {
    for together in [false, true] {
        let upstream = Upstream::start(|mut peer| {
            let header = peer.read_ahead(PROXY_V1.len());
            let mut peer = peer.tls_server(ServerTls::default()).unwrap();
            assert_eq!(peer.read_end().0, b"hello");
            peer.half_close();
            header
        });
        let proxy = Setup::to(upstream.address).tls_section("mode: passthrough").start();
        let mut client = Peer::connect(proxy.address);
        client.write(PROXY_V1);
        if !together {
            // The header is read by itself.
            proxy.wait_for("conn open", |record| record["event"] == "open");
        }
        let mut client = client.tls_client(ClientTls::default()).unwrap();
        client.write("hello");
        client.half_close();
        assert_eq!(upstream.result(), PROXY_V1.as_bytes());
        proxy.wait_close();
        let records = proxy.stop();
        let close = records.close();
        assert_eq!(close["close_reason"], "completed");
        assert_eq!(close["proxy_version"], "v1");
        assert_eq!(
            (&close["client_ip"], &close["client_port"]),
            (&"192.0.2.7".into(), &4242.into())
        );
        assert_eq!(records.tls("in")["client_ip"], "192.0.2.7");
    }
}

#[test]
fn a_silent_client_before_tls_that_is_passed_through() {
    for said in ["", PROXY_V1] {
        let proxy = Setup::to(crate::support::upstream::refusing())
            .tls_section("mode: passthrough")
            .policy("client_handshake_timeout: 0.4")
            .start();
        let mut client = Peer::connect(proxy.address);
        client.write(said);
        client.read_end();
        proxy.wait_close();
        let records = proxy.stop();
        assert_close(records.close(), "proxy", "tls_in_fail");
        assert_flags(records.close(), &["client_tls_fail"]);
        assert_eq!(records.tls("in")["reason"], "timeout");
    }
}

/// The upstream chooses the protocol before the client is answered: the client's handshake is neither
/// timed out nor made to look slow by that.
#[test]
fn an_upstream_s_time_is_not_the_client_s() {
    let upstream = Upstream::start(|peer| {
        // The upstream is slow: that is what is tested.
        std::thread::sleep(SLOW);
        let mut peer = peer.tls_server(ServerTls::alpn(&["h2", "http/1.1"])).unwrap();
        peer.read_end();
        peer.half_close();
    });
    let proxy = Setup::to(upstream.address)
        .tls("")
        .upstream_tls("")
        .policy("client_handshake_timeout: 2")
        .start();
    let mut client = Peer::connect_tls(proxy.address, ClientTls::alpn(&["h2", "http/1.1"]));
    client.half_close();
    client.read_end();
    proxy.wait_close();
    let records = proxy.stop();
    let slow = SLOW.as_secs_f64() * 1e3;
    assert!(records.tls("out")["duration_ms"].as_f64().unwrap() >= slow);
    assert!(records.tls("in")["duration_ms"].as_f64().unwrap() < slow);
}

/// Longer than the client's time for its handshake.
const SLOW: Duration = Duration::from_millis(2500);

#[test]
fn a_client_that_resets_before_its_first_byte() {
    let upstream = Upstream::start(|mut peer| peer.read_end());
    let proxy = Setup::to(upstream.address).start();
    Peer::connect(proxy.address).reset();
    assert_eq!(upstream.result(), (Vec::new(), End::Rst));
    proxy.wait_close();
    let records = proxy.stop();
    assert_close(records.close(), "client", "client_rst");
    assert_flags(records.close(), &["client_rst"]);
}
