//! Each timeout fires in its own phase only, and the record names the key that did it.

use std::time::Duration;

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::upstream::{self, Unanswering};
use crate::support::{ClientTls, End, Peer, Records, ServerTls, Setup, Upstream, h2};

/// The timeout under test, in a policy in which no other can fire.
fn policy(key: &str) -> String {
    let mut policy = String::new();
    for other in ["read_timeout", "idle_timeout", "client_handshake_timeout"] {
        if other != key {
            policy += &format!("{other}: 0, ");
        }
    }
    format!("{policy}{key}: {TIMEOUT}")
}

/// Seconds of the timeouts under test: more than any step before them takes on a busy machine.
const TIMEOUT: u64 = 2;

/// Longer than the timeouts under test, and than the interval at which they are looked at.
const LONGER: Duration = Duration::from_millis(TIMEOUT * 1000 + 700);

/// An upstream that says nothing.
fn silent() -> Upstream<(Vec<u8>, End)> {
    Upstream::start(|mut peer| peer.read_end())
}

#[track_caller]
fn assert_timed_out(records: &Records, reason: &str, key: &str) {
    let close = records.close();
    assert_close(close, "proxy", reason);
    assert_says(&close["detail"], &format!("policy.{key}"));
    assert!(close["duration_ms"].as_f64().unwrap() >= TIMEOUT as f64 * 1000.0, "{close:#}");
}

#[test]
fn a_client_that_does_not_begin_or_finish_its_handshake() {
    // A record of 512 bytes is announced, and one comes.
    for begun in [b"".as_slice(), b"\x16\x03\x01\x02\x00\x01"] {
        let upstream = silent();
        let setup = Setup::to(upstream.address).tls("");
        let proxy = setup.policy(&policy("client_handshake_timeout")).start();
        let mut client = Peer::connect(proxy.address);
        client.write(begun);
        client.read_end();
        proxy.wait_close();
        let records = proxy.stop();
        assert_timed_out(&records, "tls_in_fail", "client_handshake_timeout");
        assert_flags(records.close(), &["client_tls_fail"]);
        assert_eq!(records.tls("in")["reason"], "timeout");
    }
}

#[test]
fn an_upstream_that_does_not_answer_the_connection() {
    let upstream = Unanswering::start();
    let proxy = Setup::to(upstream.address).policy(&policy("upstream_connect_timeout")).start();
    Peer::connect(proxy.address).read_end();
    proxy.wait_close();
    let records = proxy.stop();
    assert_timed_out(&records, "upstream_connect_timeout", "upstream_connect_timeout");
    assert_flags(records.close(), &["upstream_connect_timeout"]);
}

#[test]
fn an_upstream_that_does_not_finish_its_handshake() {
    let upstream = silent();
    let proxy = Setup::to(upstream.address)
        .upstream_tls("")
        .policy(&policy("upstream_handshake_timeout"))
        .start();
    let mut client = Peer::connect(proxy.address);
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    client.read_end();
    proxy.wait_close();
    let records = proxy.stop();
    assert_timed_out(&records, "upstream_handshake_timeout", "upstream_handshake_timeout");
    assert_flags(records.close(), &["upstream_handshake_timeout", "upstream_tls_fail"]);
    assert_eq!(records.tls("out")["reason"], "timeout");
}

#[test]
fn a_client_that_does_not_finish_its_request() {
    for begun in ["GET / HT", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf"] {
        let upstream = silent();
        let proxy = Setup::to(upstream.address).policy(&policy("read_timeout")).start();
        let mut client = Peer::connect(proxy.address);
        client.write(begun);
        assert_eq!(client.read_end().1, End::Rst);
        assert_eq!(upstream.result(), (begun.into(), End::Rst));
        proxy.wait_close();
        let records = proxy.stop();
        assert_timed_out(&records, "client_read_timeout", "read_timeout");
        assert_flags(records.close(), &["client_read_timeout"]);
        assert_eq!(records.event()["error"], "client_read_timeout in the middle of the request");
    }
}

#[test]
fn an_upstream_that_does_not_begin_or_finish_its_answer() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    for (answer, stage) in [("", "before the response"), (half, "in the middle of the response")] {
        let upstream = Upstream::start(move |mut peer| {
            peer.read_head();
            peer.write(answer);
            peer.read_end().1
        });
        let proxy = Setup::to(upstream.address).policy(&policy("read_timeout")).start();
        let mut client = Peer::connect(proxy.address);
        client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(client.read_end(), (answer.into(), End::Rst));
        assert_eq!(upstream.result(), End::Rst);
        proxy.wait_close();
        let records = proxy.stop();
        assert_timed_out(&records, "upstream_read_timeout", "read_timeout");
        assert_flags(records.close(), &["upstream_read_timeout"]);
        let error = &records.event()["error"];
        assert_eq!(error, &format!("upstream_read_timeout {stage}"));
    }
}

#[test]
fn a_stream_that_is_quiet_between_two_messages_is_not_timed_out() {
    let message = b"\0\0\0\0\x02hi";
    let upstream = Upstream::start(move |mut peer| {
        peer.h2_accept(&[]);
        peer.read_frame_of(h2::HEADERS, 1);
        let head = [(":status", "200"), ("content-type", "application/grpc")];
        peer.write(h2::headers(1, &head, false));
        peer.write(h2::data(1, message, false));
        // Only a timeout could end it now.
        peer.read_until("enough");
        peer.write(h2::data(1, message, false));
        peer.write(h2::headers(1, &[("grpc-status", "0")], true));
        peer.read_end()
    });
    let proxy = Setup::to(upstream.address).policy(&policy("read_timeout")).start();
    let mut client = Peer::connect(proxy.address);
    client.h2_begin(&[]);
    client.write(h2::headers(
        1,
        &[
            (":method", "POST"),
            (":scheme", "http"),
            (":path", "/a.B/Subscribe"),
            (":authority", "a"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ],
        false,
    ));
    client.write(h2::data(1, message, true));
    client.read_frame_of(h2::DATA, 1);
    assert!(client.is_silent_for(LONGER));
    client.write(h2::ping(*b"enough!!", false));
    assert_eq!(client.read_frame_of(h2::DATA, 1).payload, message);
    client.read_frame_of(h2::HEADERS, 1);
    client.half_close();
    proxy.wait_close();
    let records = proxy.stop();
    assert_close(records.close(), "client", "completed");
    assert_eq!(records.event()["messages_out"], 2);
}

#[test]
fn a_client_that_is_idle_between_requests() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).policy(&policy("idle_timeout")).start();
    let mut client = Peer::connect(proxy.address);
    client.write("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    client.read_until("\r\n\r\n/x");
    assert_eq!(client.read_end(), (vec![], End::Fin));
    upstream.result();
    proxy.wait_close();
    let records = proxy.stop();
    assert_timed_out(&records, "client_idle_timeout", "idle_timeout");
    assert_flags(records.close(), &["client_idle_timeout"]);
    assert_eq!(records.event()["error"], serde_json::Value::Null);
}

#[test]
fn a_connection_that_carries_nothing() {
    for first in [b"".as_slice(), b"\x01 neither HTTP nor TLS"] {
        let upstream = silent();
        let proxy = Setup::to(upstream.address).policy(&policy("idle_timeout")).start();
        let mut client = Peer::connect(proxy.address);
        client.write(first);
        client.read_end();
        proxy.wait_close();
        let records = proxy.stop();
        assert_timed_out(&records, "proxy_idle_timeout", "idle_timeout");
        assert_flags(records.close(), &["proxy_idle_timeout"]);
    }
}

#[test]
fn a_ping_keeps_an_idle_connection() {
    let upstream = Upstream::start(|mut peer| {
        peer.h2_accept(&[]);
        while peer.next_ping() {}
    });
    let proxy = Setup::to(upstream.address).policy(&policy("idle_timeout")).start();
    let mut client = Peer::connect(proxy.address);
    client.h2_begin(&[]);
    client.read_frame_of(h2::SETTINGS, 0);
    // Together they take longer than the timeout, each of them far less.
    for n in 0..6 {
        client.write(h2::ping([n; 8], false));
        assert_eq!(client.read_frame_of(h2::PING, 0).payload, [n; 8]);
        assert!(client.is_silent_for(Duration::from_millis(500)), "closed after {n} pings");
    }
    client.half_close();
    proxy.wait_close();
    assert_close(proxy.stop().close(), "client", "completed");
}

#[test]
fn zero_turns_a_timeout_off() {
    let all = "read_timeout: 0, idle_timeout: 0, client_handshake_timeout: 0, \
               upstream_connect_timeout: 0, upstream_handshake_timeout: 0";
    let upstream = Upstream::tls(ServerTls::default(), |mut peer| {
        peer.read_until("half");
        peer.read_until("whole");
        peer.write("HTTP/1.1 204 No Content\r\n\r\n");
        peer.read_end();
    });
    let proxy = Setup::to(upstream.address).tls("").upstream_tls("").policy(all).start();
    let mut client = Peer::connect_tls(proxy.address, ClientTls::default());
    client.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf");
    assert!(client.is_silent_for(LONGER));
    client.write("whole");
    client.read_head();
    client.half_close();
    proxy.wait_close();
    assert_close(proxy.stop().close(), "client", "completed");
}
