//! HTTP messages: heads, content, trailers, gRPC prefixes, tunnels, pushes.

use wire::decoder::Severity;

use crate::support::frames::{self, END_HEADERS, END_STREAM, PADDED, PRIORITY, WHOLE};
use crate::support::{FromUpstream, Wire};

#[test]
fn a_request_and_its_response_with_content_and_trailers() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[("content-length", "5")]));
    wire.client(&frames::data(1, 0, b"he")).client(&frames::data(1, END_STREAM, b"llo"));
    wire.expect(&[
        "1 began",
        "1 request POST https://a.test/x",
        "C FINGERPRINT |00|0|m,s,a,p",
        "1 C body \"hello\"",
        "1 C end",
    ]);
    wire.upstream(&frames::response(1, END_HEADERS, "103", &[("link", "</a>")]));
    wire.upstream(&frames::response(1, END_HEADERS, "200", &[]));
    wire.upstream(&frames::data(1, 0, b"ok"));
    wire.upstream(&frames::headers(1, WHOLE, &[("x-sum", "1"), ("x-sum", "2")]));
    wire.expect(&[
        "U FINGERPRINT |00|0",
        "1 response 103",
        "1 response 200",
        "1 U body \"ok\"",
        "1 U trailers x-sum=1 x-sum=2",
        "1 U end",
    ]);
    assert_eq!(wire.decoder.open_streams(), 0);
}

#[test]
fn heads_are_read_from_padded_prioritised_and_continued_blocks() {
    let block = frames::block(&frames::request("GET"));
    let (start, rest) = block.split_at(7);
    let (middle, end) = rest.split_at(9);
    let payload = [&[3][..], &[0, 0, 0, 0, 15], start, &[0, 0, 0]].concat();
    let mut wire = Wire::open();
    wire.client(&frames::frame(1, PADDED | PRIORITY | END_STREAM, 1, &payload));
    wire.expect(&["1 began"]);
    wire.client(&frames::frame(9, 0, 1, middle)).expect(&[]);
    wire.client(&frames::frame(9, END_HEADERS, 1, end));
    let lines = wire.take();
    assert_eq!(lines[0], "1 request GET https://a.test/x");
    assert_eq!(lines[2], "1 C end");
}

#[test]
fn a_request_begins_with_the_header_of_its_first_frame() {
    let mut wire = Wire::open();
    let bytes = frames::get(1);
    wire.client(&bytes[..8]).expect(&[]);
    wire.client(&bytes[8..9]).expect(&["1 began"]);
    wire.client(&bytes[9..]);
    assert_eq!(wire.take()[0], "1 request GET https://a.test/x");
}

#[test]
fn padding_is_taken_off_data() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[])).take();
    wire.client(&frames::data(1, PADDED | END_STREAM, b"\x03abc\0\0\0"));
    wire.expect(&["1 C body \"abc\"", "1 C end"]);
    // Only padding, and no content event of no bytes.
    wire.client(&frames::post(3, &[])).take();
    wire.client(&frames::data(3, PADDED, b"\x02\0\0")).expect(&[]);
    wire.client(&frames::data(3, PADDED, b"\x03\0\0"));
    wire.expect_breach(Severity::Connection, &["padding is longer than the 3 bytes", "§6.1"]);
    wire.client(&frames::data(3, END_STREAM, b"")).expect(&["3 C end"]);
}

#[test]
fn authority_falls_back_to_host() {
    let mut wire = Wire::open();
    let fields = [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", "h.test")];
    wire.client(&frames::headers(1, WHOLE, &fields));
    assert_eq!(wire.take()[1], "1 request GET http://h.test/");
}

#[test]
fn grpc_messages_are_told_at_their_prefix() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[("content-type", "application/grpc+proto")])).take();
    let bytes = [frames::grpc(b"abc"), frames::grpc(b""), frames::grpc(b"de")].concat();
    wire.client(&frames::data(1, 0, &bytes[..3]));
    wire.client(&frames::data(1, END_STREAM, &bytes[3..]));
    wire.expect(&[
        "1 C body \"\\x00\\x00\\x00\\x00\\x03\"",
        "1 C grpc flag=0 length=3",
        "1 C body \"abc\\x00\\x00\\x00\\x00\\x00\"",
        "1 C grpc flag=0 length=0",
        "1 C body \"\\x00\\x00\\x00\\x00\\x02\"",
        "1 C grpc flag=0 length=2",
        "1 C body \"de\"",
        "1 C end",
    ]);
    // The response says for itself whether it is gRPC.
    wire.upstream(&frames::response(1, END_HEADERS, "200", &[("content-type", "text/html")]));
    wire.upstream(&frames::data(1, END_STREAM, b"<html>"));
    wire.expect(&["U FINGERPRINT |00|0", "1 response 200", "1 U body \"<html>\"", "1 U end"]);
}

#[test]
fn connect_opens_a_tunnel() {
    let mut wire = Wire::open();
    let connect = [(":method", "CONNECT"), (":authority", "db.test:5432")];
    wire.client(&frames::headers(1, END_HEADERS, &connect));
    wire.client(&frames::data(1, 0, b"early"));
    wire.upstream(&frames::response(1, END_HEADERS, "200", &[]));
    wire.upstream(&frames::data(1, 0, b"hello"));
    wire.client(&frames::data(1, END_STREAM, b"late"));
    wire.expect(&[
        "1 began",
        "1 request CONNECT -://db.test:5432",
        "C FINGERPRINT |00|0|m,a",
        "1 C body \"early\"",
        "U FINGERPRINT |00|0",
        "1 response 200",
        "1 tunnel opened -",
        "1 U tunnel \"hello\"",
        "1 C tunnel \"late\"",
        "1 C end",
    ]);
}

#[test]
fn extended_connect_names_its_protocol() {
    let fields = [&frames::request("CONNECT")[..], &[(":protocol", "WebSocket")]].concat();
    let mut wire = Wire::open_with(&[], &[(8, 1)]);
    wire.client(&frames::headers(1, END_HEADERS, &fields));
    wire.upstream(&frames::response(1, END_HEADERS, "200", &[]));
    let lines = wire.take();
    assert_eq!(lines[1], "1 request CONNECT https://a.test/x WebSocket");
    assert_eq!(lines[5], "1 tunnel opened websocket");

    // Refused: no tunnel.
    wire.client(&frames::headers(3, END_HEADERS, &fields));
    wire.upstream(&frames::response(3, END_HEADERS, "403", &[]));
    wire.upstream(&frames::data(3, 0, b"no"));
    let lines = wire.take();
    assert_eq!(lines[2..], ["3 response 403", "3 U body \"no\""]);

    // A name without measure is cut.
    let long = "p".repeat(65);
    let fields = [&frames::request("CONNECT")[..], &[(":protocol", &long)]].concat();
    wire.client(&frames::headers(5, END_HEADERS, &fields));
    wire.upstream(&frames::response(5, END_HEADERS, "200", &[]));
    assert_eq!(wire.take()[3], format!("5 tunnel opened {}", &long[1..]));

    let mut wire = Wire::open();
    wire.client(&frames::headers(1, END_HEADERS, &fields));
    wire.expect_breach(Severity::Stream, &["ENABLE_CONNECT_PROTOCOL is not 1", "RFC 8441 §3"]);
}

#[test]
fn a_push_is_an_exchange() {
    let mut wire = Wire::open();
    wire.client(&frames::get(1)).take();
    wire.upstream(&frames::push_promise(1, END_HEADERS, 2, &frames::request("GET")));
    wire.expect(&[
        "U FINGERPRINT |00|0",
        "2 began",
        "U PUSH_PROMISE 1 of 2",
        "2 request GET https://a.test/x",
        "2 C end",
    ]);
    wire.upstream(&frames::response(1, WHOLE, "200", &[])).take();
    wire.client(&frames::window_update(2, 10)).expect(&["C WINDOW_UPDATE 2 +10 =65545"]);
    wire.upstream(&frames::response(2, END_HEADERS, "200", &[]));
    wire.upstream(&frames::data(2, END_STREAM, b"pushed"));
    wire.expect(&["2 response 200", "2 U body \"pushed\"", "2 U end"]);
    assert_eq!(wire.decoder.open_streams(), 0);
    assert_eq!(wire.decoder.window(FromUpstream, Some(2)), None);
}

#[test]
fn the_hpack_table_stays_in_step_over_streams_nobody_follows() {
    let mut wire = Wire::open();
    wire.client(&frames::get(1)).client(&frames::get(3));
    wire.client(&frames::rst_stream(1, 8)).take();
    // The crossing response puts x: y into the table (index 62), the next one takes it from there.
    let block = [&frames::block(&[(":status", "200")])[..], b"\x40\x01x\x01y"].concat();
    wire.upstream(&frames::frame(1, WHOLE, 1, &block)).expect(&["U FINGERPRINT |00|0"]);
    wire.upstream(&frames::response(3, END_HEADERS, "200", &[]));
    wire.upstream(&frames::frame(1, WHOLE, 3, b"\xbe"));
    wire.expect(&["3 response 200", "3 U trailers x=y", "3 U end"]);
}

#[test]
fn unknown_frames_are_passed_over() {
    let mut wire = Wire::open();
    let unknown = [0x0a, 0x0b, 0x0c, 0x10, 0xfa].map(|kind| frames::frame(kind, 0xff, 1, b"12345"));
    wire.client(&unknown.concat()).expect(&[]);
    wire.client(&frames::get(1));
    assert_eq!(wire.take()[1], "1 request GET https://a.test/x");
}

#[test]
fn a_response_to_head_has_no_content() {
    let mut wire = Wire::open();
    wire.client(&frames::headers(1, WHOLE, &frames::request("HEAD"))).take();
    wire.upstream(&frames::response(1, WHOLE, "200", &[("content-length", "1000")]));
    wire.expect(&["U FINGERPRINT |00|0", "1 response 200", "1 U end"]);
}
