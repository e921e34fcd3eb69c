//! HTTP/2 beneath the requests: each control event, what it says, and how connections end by them.

use serde_json::{Value, json};

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::{Peer, Proxy, Records, Setup, Upstream, h2};

/// A client before an upstream, HTTP/2 in plaintext. Both have said their SETTINGS.
fn joined<T: Send + 'static>(
    settings: &[(u16, u32)],
    script: impl Fn(Peer) -> T + Clone + Send + 'static,
) -> (Peer, Proxy, Upstream<T>) {
    let upstream = Upstream::start(move |mut peer| {
        peer.h2_accept(&[]);
        script(peer)
    });
    let proxy = Setup::to(upstream.address).h2_events().start();
    let mut client = Peer::connect(proxy.address);
    client.h2_begin(settings);
    client.read_frame_of(h2::SETTINGS, 0);
    client.write(h2::settings_ack());
    (client, proxy, upstream)
}

fn ended(proxy: Proxy) -> Records {
    proxy.wait_close();
    proxy.stop()
}

/// The only record of an event, without what every record has.
#[track_caller]
fn only(records: &Records, event: &str) -> Value {
    let found = records.h2(event);
    assert_eq!(found.len(), 1, "{event}: {found:#?}");
    let record = found[0];
    json!([record["direction"], record["stream_id"], record["details"]])
}

#[test]
fn windows_that_close_and_open() {
    let (mut client, proxy, upstream) = joined(&[(h2::INITIAL_WINDOW_SIZE, 10)], |mut peer| {
        peer.read_frame_of(h2::HEADERS, 1);
        peer.write(h2::headers(1, &[(":status", "200"), ("content-length", "30")], false));
        peer.write(h2::data(1, &[b'a'; 10], false));
        peer.read_frame_of(h2::WINDOW_UPDATE, 1);
        peer.write(h2::data(1, &[b'b'; 20], true));
        peer.read_end();
        peer.half_close();
    });
    client.write(h2::get(1, "/x"));
    client.read_frame_of(h2::DATA, 1);
    client.write(h2::window_update(1, 20));
    client.read_frame_of(h2::DATA, 1);
    client.half_close();
    upstream.result();
    let records = ended(proxy);
    let blocked = json!(["upstream", 1, {"scope": "stream", "wanted_bytes": 20, "window": 0}]);
    assert_eq!(only(&records, "FLOW_BLOCK"), blocked);
    let opened = json!(["downstream", 1, {"delta": 20, "window": 20}]);
    assert_eq!(only(&records, "WINDOW_UPDATE"), opened);
    let resumed = records.h2("FLOW_RESUME")[0];
    assert_eq!(
        (&resumed["direction"], &resumed["details"]["scope"]),
        (&json!("upstream"), &json!("stream"))
    );
    assert!(resumed["details"]["blocked_ms"].as_f64().unwrap() > 0.0);
    let settings = records.h2("SETTINGS");
    assert_eq!(settings.len(), 2);
    let changed = settings.iter().find(|record| record["direction"] == "downstream").unwrap();
    let expected = json!([{"setting": "INITIAL_WINDOW_SIZE", "old": 65535, "new": 10}]);
    assert_eq!(changed["details"]["changed"], expected);
    assert_eq!(records.h2("SETTINGS_ACK").len(), 2);
    let fingerprints = records.h2("FINGERPRINT");
    let of_client = fingerprints.iter().find(|record| record["direction"] == "downstream");
    assert_says(&of_client.unwrap()["details"]["h2fp"], "4:10");
    assert_flags(records.event(), &["flow_blocked"]);
    assert_close(records.close(), "client", "completed");
}

#[test]
fn pings_promises_and_resets() {
    let (mut client, proxy, upstream) = joined(&[], |mut peer| {
        peer.read_frame_of(h2::HEADERS, 1);
        let promise =
            [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/p")];
        let mut payload = 2_u32.to_be_bytes().to_vec();
        payload.extend(h2::block(&promise));
        peer.write(h2::frame(h2::PUSH_PROMISE, h2::END_HEADERS, 1, &payload));
        peer.write(h2::headers(1, &[(":status", "204")], true));
        peer.next_ping();
        peer.read_frame_of(h2::RST_STREAM, 2);
        peer.read_end();
        peer.half_close();
    });
    client.write(h2::get(1, "/x"));
    client.read_frame_of(h2::PUSH_PROMISE, 1);
    client.write(h2::ping([1, 2, 3, 4, 5, 6, 7, 8], false));
    client.read_frame_of(h2::PING, 0);
    client.write(h2::rst_stream(2, 8));
    client.half_close();
    upstream.result();
    let records = ended(proxy);
    assert_eq!(only(&records, "PING"), json!(["downstream", null, {"opaque": "0102030405060708"}]));
    let ack = only(&records, "PING_ACK");
    assert_eq!(ack[0], "upstream");
    assert!(ack[2]["rtt_ms"].as_f64().unwrap() > 0.0, "{ack}");
    assert_eq!(only(&records, "PUSH_PROMISE"), json!(["upstream", 1, {"promised_stream_id": 2}]));
    let reset = json!(["downstream", 2, {"error_code": 8, "error_name": "CANCEL"}]);
    assert_eq!(only(&records, "RST_STREAM"), reset);
    let pushed = records.one("event", |record| record["request"]["path"] == "/p");
    assert_flags(pushed, &["client_reset", "pushed"]);
}

#[test]
fn a_goaway_refuses_what_comes_after_its_last_stream() {
    let (mut client, proxy, upstream) = joined(&[], |mut peer| {
        peer.read_frame_of(h2::HEADERS, 3);
        peer.write(h2::goaway(1, 0, "restarting"));
        peer.write(h2::headers(1, &[(":status", "204")], true));
        peer.half_close();
        peer.read_end();
    });
    client.write([h2::get(1, "/first"), h2::get(3, "/second")].concat());
    client.read_frame_of(h2::HEADERS, 1);
    client.read_end();
    client.half_close();
    upstream.result();
    let records = ended(proxy);
    let said = json!(["upstream", null, {
        "error_code": 0, "error_name": "NO_ERROR", "last_stream_id": 1, "debug_data": "restarting",
    }]);
    assert_eq!(only(&records, "GOAWAY"), said);
    let event = |path: &str| records.one("event", |record| record["request"]["path"] == path);
    assert_eq!(event("/first")["error"], Value::Null);
    assert_flags(event("/second"), &["goaway_refused"]);
    assert_close(records.close(), "upstream", "completed");
    assert_flags(records.close(), &["client_fin", "goaway_out", "upstream_fin"]);
}

#[test]
fn a_client_s_goaway_is_its_own() {
    let (mut client, proxy, upstream) = joined(&[], |mut peer| {
        peer.read_end();
        peer.half_close();
    });
    client.write(h2::goaway(0, 0, ""));
    client.half_close();
    upstream.result();
    let records = ended(proxy);
    assert_eq!(only(&records, "GOAWAY")[0], "downstream");
    assert_close(records.close(), "client", "completed");
    assert_flags(records.close(), &["client_fin", "goaway_in", "upstream_fin"]);
}

/// DATA on stream 0 breaks the connection (RFC 9113 §6.1). The other side says so and leaves.
#[test]
fn who_breaks_the_protocol_is_told_apart_from_who_leaves() {
    let breach = h2::data(0, b"misplaced", false);
    let (mut client, proxy, upstream) = joined(&[], |mut peer| {
        peer.read_frame_of(h2::DATA, 0);
        peer.write(h2::goaway(1, 1, "DATA on stream 0"));
        peer.half_close();
        peer.read_end();
    });
    client.write([h2::get(1, "/x"), breach.clone()].concat());
    client.read_frame_of(h2::GOAWAY, 0);
    client.read_end();
    client.half_close();
    upstream.result();
    let records = ended(proxy);
    assert_close(records.close(), "upstream", "client_protocol_error");
    let error = only(&records, "PROTOCOL_ERROR");
    assert_eq!(error[0], "downstream");
    assert_says(&error[2]["rfc_section"], "6.1");

    let (mut client, proxy, _upstream) = joined(&[], move |mut peer| {
        peer.read_frame_of(h2::HEADERS, 1);
        peer.write(&breach);
        peer.read_end();
        peer.half_close();
    });
    client.write(h2::get(1, "/x"));
    client.read_frame_of(h2::DATA, 0);
    client.write(h2::goaway(0, 1, "DATA on stream 0"));
    client.half_close();
    let records = ended(proxy);
    assert_close(records.close(), "client", "upstream_protocol_error");
    assert_eq!(only(&records, "PROTOCOL_ERROR")[0], "upstream");
    assert_says(&records.event()["error"], "upstream_protocol_error");
}

#[test]
fn a_reset_by_the_upstream_is_the_call_s_error() {
    let (mut client, proxy, upstream) = joined(&[], |mut peer| {
        peer.read_frame_of(h2::HEADERS, 1);
        peer.write(h2::rst_stream(1, 2));
        peer.read_end();
        peer.half_close();
    });
    client.write(h2::get(1, "/x"));
    client.read_frame_of(h2::RST_STREAM, 1);
    client.half_close();
    upstream.result();
    let records = ended(proxy);
    assert_says(&records.event()["error"], "RST_STREAM INTERNAL_ERROR by upstream");
    assert_flags(records.event(), &["upstream_reset"]);
    assert_close(records.close(), "client", "completed");
}
