//! The first bytes of both directions, and fingerprints.

use wire::decoder::Severity;

use crate::support::frames::{self, END_HEADERS, WHOLE};
use crate::support::{FromClient, FromUpstream, Wire};

#[test]
fn prefaces_and_a_request() {
    let mut wire = Wire::new();
    wire.client(frames::PREFACE).expect(&[]);
    wire.client(&frames::settings(&[(3, 100), (4, 1000), (0x1a2a, 7)]));
    wire.expect(&[
        "C SETTINGS MAX_CONCURRENT_STREAMS -→100 INITIAL_WINDOW_SIZE 65535→1000 0x1a2a -→7",
    ]);
    wire.client(&frames::window_update(0, 10)).expect(&["C WINDOW_UPDATE +10 =65545"]);
    wire.client(&frames::get(1)).expect(&[
        "1 began",
        "1 request GET https://a.test/x",
        "C FINGERPRINT 3:100;4:1000;6698:7|10|0|m,s,a,p",
        "1 C end",
    ]);
    wire.upstream(&frames::settings(&[])).expect(&["U SETTINGS"]);
    wire.upstream(&frames::settings_ack()).expect(&["U SETTINGS_ACK"]);
    wire.upstream(&frames::response(1, WHOLE, "204", &[]));
    wire.expect(&["U FINGERPRINT |00|0", "1 response 204", "1 U end"]);
    assert_eq!(wire.decoder.open_streams(), 0);
}

#[test]
fn fingerprints_count_the_opening_only() {
    let mut wire = Wire::new();
    let priority = frames::frame(2, 0, 3, &[0x80, 0, 0, 5, 200]);
    let opening = [frames::PREFACE, &frames::settings(&[(1, 65_536)]), &priority, &frames::get(1)];
    wire.client(&opening.concat()).take();
    let line = "C FINGERPRINT 1:65536|00|3:1:5:201|m,s,a,p";
    let mut again = Wire::new();
    again.client(&opening.concat());
    assert!(again.take().contains(&line.to_owned()));

    wire.client(&[frames::window_update(0, 5), frames::get(5)].concat());
    assert!(!wire.take().iter().any(|line| line.contains("FINGERPRINT")));

    // The upstream's is told as soon as something else than SETTINGS and WINDOW_UPDATE comes.
    wire.upstream(&[frames::settings(&[(3, 9)]), frames::window_update(0, 77)].concat()).take();
    wire.upstream(&frames::ping(0, b"12345678"));
    wire.expect(&["U FINGERPRINT 3:9|77|0", "U PING 12345678"]);
}

#[test]
fn an_upstream_that_is_not_http2_is_quoted() {
    for (bytes, quote) in [
        (&b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n"[..], "'HTTP/1.1 400 Bad Request'"),
        (b"\x15\x03\x03\0\x02\x02\x46", "a TLS alert (fatal, description 70)"),
        (b"\x16\x03\x01\x02\0\x01\0", "a TLS record"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "'SSH-2.0-OpenSSH_9.6'"),
        (b"\x4a\0\0\0\x0a8.0.36", "the bytes 4a 00 00 00 0a 38 2e 30 2e"),
    ] {
        let mut wire = Wire::new();
        wire.upstream(bytes).upstream(b"whatever follows");
        let lines = wire.take();
        let what = format!(
            "U BREACH Connection at 0: the upstream answered the HTTP/2 preface with {quote} \
             (RFC 9113 §3.4)"
        );
        assert_eq!(lines, [what, "U LOST at 0: not HTTP/2".to_owned()]);
    }
}

#[test]
fn a_line_without_end_is_quoted_when_the_bytes_end() {
    let mut wire = Wire::new();
    wire.upstream(b"HTTP/1.0 503").expect(&[]);
    wire.finish(FromUpstream).expect_breach(Severity::Connection, &["'HTTP/1.0 503'", "§3.4"]);
}

#[test]
fn a_client_that_is_not_http2_is_quoted() {
    let mut wire = Wire::new();
    wire.client(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect(&[
        "C BREACH Connection at 0: the client opened with 'GET / HTTP/1.1', not with the HTTP/2 \
         preface (RFC 9113 §3.4)",
        "C LOST at 0: not HTTP/2",
    ]);
}

#[test]
fn an_end_inside_the_first_bytes_is_no_event() {
    let mut wire = Wire::new();
    wire.client(b"PRI * HT").upstream(&[0, 0]);
    wire.finish(FromClient).finish(FromUpstream).expect(&[]);
}

#[test]
fn settings_come_first() {
    let mut wire = Wire::new();
    wire.client(&[frames::PREFACE, &frames::ping(0, b"12345678")].concat());
    wire.expect_breach(Severity::Connection, &["the client opens with PING", "§3.4"]);
    wire.upstream(&frames::settings_ack());
    let lines = wire.take();
    assert!(lines[0].contains("the upstream opens with SETTINGS with ACK"), "{lines:?}");
}

#[test]
fn text_in_the_middle_of_a_connection_is_quoted() {
    let mut wire = Wire::open();
    wire.upstream(b"HTTP/1.1 408 Request Timeout\r\n").expect(&[
        "U BREACH Connection at 18: the upstream sent the text 'HTTP/1.1 ' where a frame header is \
         due (RFC 9113 §4.1)",
        "U LOST at 18: text instead of frames",
    ]);
    // The other direction is still followed.
    wire.client(&frames::get(1)).take();
    assert_eq!(wire.decoder.open_streams(), 0);
    assert_eq!(wire.decoder.window(FromClient, None), None);
}

#[test]
fn a_length_that_is_text_is_told() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[])).take();
    wire.client(&[b'h', b't', b'm', 0, 0, 0, 0, 0, 1]);
    let lines = wire.take();
    assert!(lines[0].contains("DATA of 6845549 bytes (in ASCII 'htm')"), "{lines:?}");
    assert!(lines[0].contains("allows 16384"), "{lines:?}");
}

#[test]
fn the_preface_ends_where_frames_begin() {
    let mut wire = Wire::new();
    let bytes = [frames::PREFACE, &frames::settings(&[]), &frames::headers(1, END_HEADERS, &[])];
    wire.client(&bytes.concat());
    assert!(wire.take().contains(&"1 began".to_owned()));
}
