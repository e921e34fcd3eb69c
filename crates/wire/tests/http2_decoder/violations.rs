//! What a conforming receiver would refuse: told with its section, and followed on.

use wire::decoder::Severity::{self, Connection, Stream, Warning};

use crate::support::frames::{self, ACK, END_HEADERS, END_STREAM, PADDED, PRIORITY, WHOLE};
use crate::support::{Direction, FromClient, FromUpstream, Wire};

/// Streams 1 (complete request, no response) and 3 (request half sent) are open.
fn two_streams() -> Wire {
    let mut wire = Wire::open();
    wire.client(&frames::get(1)).client(&frames::post(3, &[]));
    wire.take();
    wire
}

#[track_caller]
fn check(direction: Direction, bytes: &[u8], severity: Severity, words: &[&str]) {
    two_streams().feed(direction, bytes).expect_breach(severity, words);
}

#[test]
fn frames_of_the_wrong_size_or_on_the_wrong_stream() {
    let frame = frames::frame;
    for (bytes, severity, words) in [
        (frame(6, 0, 0, &[0; 7]), Connection, ["PING of 7 bytes; its length is 8", "§6.7)"]),
        (frame(3, 0, 3, &[0; 5]), Connection, ["RST_STREAM of 5 bytes", "§6.4)"]),
        (frame(8, 0, 3, &[0; 3]), Connection, ["WINDOW_UPDATE of 3 bytes", "§6.9)"]),
        (
            frame(4, 0, 0, &[0; 7]),
            Connection,
            ["SETTINGS of 7 bytes; its length is a multiple of 6", "§6.5)"],
        ),
        (frame(4, ACK, 0, &[0; 6]), Connection, ["SETTINGS with ACK and 6 bytes", "§6.5)"]),
        (frame(2, 0, 3, &[0; 4]), Stream, ["PRIORITY of 4 bytes", "§6.3)"]),
        (
            frame(7, 0, 0, &[0; 7]),
            Connection,
            ["GOAWAY of 7 bytes; its length is 8 or more", "§6.8)"],
        ),
        (frame(0, PADDED, 3, &[]), Connection, ["no room for the pad length", "§6.1)"]),
        (frame(0, 0, 0, b"x"), Connection, ["DATA on stream 0", "§6.1)"]),
        (frame(1, WHOLE, 0, &[]), Connection, ["HEADERS on stream 0", "§6.2)"]),
        (frame(3, 0, 0, &[0; 4]), Connection, ["RST_STREAM on stream 0", "§6.4)"]),
        (frame(4, 0, 3, &[]), Connection, ["SETTINGS on stream 3", "§6.5)"]),
        (frame(6, 0, 3, &[0; 8]), Connection, ["PING on stream 3", "§6.7)"]),
        (frame(7, 0, 3, &[0; 8]), Connection, ["GOAWAY on stream 3", "§6.8)"]),
        (frame(6, 0, 0, &[0; 16_385]), Connection, ["", ""]),
    ] {
        if words[0].is_empty() {
            // Too long for anybody, and too long for a PING.
            let mut wire = two_streams();
            let lines = wire.client(&bytes).take();
            assert!(lines[0].contains("16385 bytes; the receiver allows 16384"), "{lines:?}");
            assert!(lines[1].contains("its length is 8") && lines.len() == 2, "{lines:?}");
            continue;
        }
        let mut wire = two_streams();
        wire.client(&bytes).expect_breach(severity, &words);
        // The next frame is found.
        wire.client(&frames::ping(0, b"12345678")).expect(&["C PING 12345678"]);
    }
}

#[test]
fn streams_in_the_wrong_state() {
    check(
        FromClient,
        &frames::data(5, 0, b"x"),
        Connection,
        &["DATA", "stream 5, which is idle", "§5.1)"],
    );
    check(FromClient, &frames::rst_stream(5, 0), Connection, &["RST_STREAM", "idle", "§5.1)"]);
    check(FromUpstream, &frames::window_update(7, 1), Connection, &["WINDOW_UPDATE", "idle"]);
    check(FromUpstream, &frames::response(5, WHOLE, "200", &[]), Connection, &["HEADERS", "idle"]);
    check(
        FromClient,
        &frames::get(2),
        Connection,
        &["opens stream 2; a client's streams are odd", "§5.1.1"],
    );
    check(FromUpstream, &frames::data(1, 0, b"x"), Stream, &["DATA before HEADERS", "§8.1)"]);
    check(
        FromUpstream,
        &frames::settings_ack(),
        Connection,
        &["no SETTINGS are waiting", "§6.5.3"],
    );

    let mut wire = two_streams();
    wire.client(&frames::get(9)).take();
    wire.client(&frames::get(7));
    wire.expect_breach(Connection, &["HEADERS on stream 7; new streams have higher", "§5.1.1"]);
}

#[test]
fn header_blocks_out_of_order() {
    let start = frames::headers(5, END_STREAM, &[(":method", "GET")]);
    let mut wire = two_streams();
    wire.client(&start).client(&frames::ping(0, b"12345678"));
    wire.expect_breach(
        Connection,
        &["PING on stream 0 inside the header block of stream 5", "§6.10"],
    );
    // The block can still be completed.
    wire.client(&frames::frame(9, END_HEADERS, 5, &frames::block(&[(":path", "/y")])));
    assert!(wire.take().contains(&"5 request GET -://-/y".to_owned()));

    for bytes in [frames::get(7), frames::frame(9, END_HEADERS, 7, &[])] {
        let mut wire = two_streams();
        wire.client(&start).take();
        let lines = wire.client(&bytes).take();
        assert!(lines[0].contains("inside the header block of stream 5"), "{lines:?}");
        assert!(lines[1].starts_with("C LOST"), "{lines:?}");
    }
    check(
        FromClient,
        &frames::frame(9, 0, 3, &[]),
        Connection,
        &["CONTINUATION without a header block", "§6.10"],
    );
    check(
        FromClient,
        &frames::frame(1, WHOLE | PADDED, 5, &[9, 0]),
        Connection,
        &["less payload", "§6.2)"],
    );
    check(
        FromClient,
        &frames::frame(1, WHOLE | PRIORITY, 5, &[0; 4]),
        Connection,
        &["less payload", "§6.2)"],
    );
    check(
        FromClient,
        &frames::frame(1, WHOLE, 5, b"\x80"),
        Connection,
        &["COMPRESSION_ERROR", "RFC 7541 §6.1"],
    );
}

#[test]
fn header_blocks_without_end_are_not_collected_for_ever() {
    let mut wire = two_streams();
    wire.client(&frames::headers(5, 0, &[])).take();
    for _ in 0..64 {
        wire.client(&frames::frame(9, 0, 5, &[0; 16_384]));
    }
    wire.expect(&[]);
    wire.client(&frames::frame(9, 0, 5, &[0; 1]));
    let lines = wire.take();
    assert!(lines[0].starts_with("C LOST") && lines[0].contains("1048576"), "{lines:?}");
}

#[test]
fn request_heads() {
    let good = frames::request("GET");
    let with = |more: &[(&'static str, &'static str)]| [&good[..], more].concat();
    for (fields, words) in [
        (with(&[("X-Up", "1")]), ["'X-Up' has upper-case letters", "§8.2.1"]),
        (with(&[("a b", "1")]), ["'a b' has the byte 0x20", "§8.2.1"]),
        (with(&[("", "1")]), ["without a name", "§8.2.1"]),
        (with(&[("a", "x\ny")]), ["the value of 'a'", "§8.2.1"]),
        (with(&[("connection", "keep-alive")]), ["'connection: keep-alive'", "§8.2.2"]),
        (with(&[("proxy-connection", "x")]), ["connection-specific", "§8.2.2"]),
        (with(&[("keep-alive", "x")]), ["connection-specific", "§8.2.2"]),
        (with(&[("transfer-encoding", "chunked")]), ["'transfer-encoding: chunked'", "§8.2.2"]),
        (with(&[("upgrade", "h2c")]), ["connection-specific", "§8.2.2"]),
        (with(&[("content-length", "5 bytes")]), ["content-length is '5 bytes'", "§8.1.1"]),
        (with(&[("te", "gzip")]), ["te is 'gzip'", "§8.2.2"]),
        (with(&[(":path", "/again")]), ["':path' comes twice", "§8.3)"]),
        (with(&[(":status", "200")]), ["':status' is not defined for a request", "§8.3)"]),
        (with(&[(":secret", "1")]), ["':secret' is not defined", "§8.3)"]),
        (good[1..].to_vec(), ["without :method", "§8.3.1"]),
        ([&good[..1], &good[2..]].concat(), ["without :scheme", "§8.3.1"]),
        (good[..3].to_vec(), ["without :path", "§8.3.1"]),
        (vec![(":method", "CONNECT"), (":path", "/"), (":authority", "a")], ["neither", "§8.5"]),
        (vec![(":method", "CONNECT")], ["CONNECT without :authority", "§8.5"]),
    ] {
        check(FromClient, &frames::headers(5, WHOLE, &fields), Stream, &words);
    }
    let late = [&good[..3], &[("a", "b")], &good[3..]].concat();
    check(
        FromClient,
        &frames::headers(5, WHOLE, &late),
        Stream,
        &["':path' after a regular", "§8.3)"],
    );
    let mut wire = two_streams();
    wire.client(&frames::headers(5, WHOLE, &with(&[("te", "trailers"), ("x", "")])));
    wire.expect(&["5 began", "5 request GET https://a.test/x", "5 C end"]);
}

#[test]
fn response_heads_and_trailers() {
    let response = |fields: &[(&str, &str)]| frames::headers(1, END_HEADERS, fields);
    check(FromUpstream, &response(&[("a", "b")]), Stream, &["without :status", "§8.3.2"]);
    check(FromUpstream, &response(&[(":status", "20")]), Stream, &[":status is '20'", "§8.3.2"]);
    check(FromUpstream, &response(&[(":status", "101")]), Stream, &["status 101", "§8.6"]);
    let path = [(":status", "200"), (":path", "/")];
    check(FromUpstream, &response(&path), Stream, &["not defined for a response", "§8.3)"]);
    let interim = frames::response(1, WHOLE, "100", &[]);
    check(FromUpstream, &interim, Stream, &["interim response with END_STREAM", "§8.1)"]);

    let head = frames::response(1, END_HEADERS, "200", &[]);
    let trailers = [head.clone(), frames::headers(1, WHOLE, &[(":status", "200")])].concat();
    check(FromUpstream, &trailers, Stream, &["':status' in trailers", "§8.3)"]);
    let endless = [head, frames::headers(1, END_HEADERS, &[("a", "b")])].concat();
    check(FromUpstream, &endless, Stream, &["trailers without END_STREAM", "§8.1)"]);
    let after = [&endless[..], &frames::data(1, END_STREAM, b"x")].concat();
    let lines = two_streams().upstream(&after).take();
    assert!(lines.iter().any(|line| line.contains("DATA after trailers")), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "1 U end");
}

#[test]
fn content_length_must_be_true() {
    for (length, sent, told) in
        [("5", &b"1234"[..], true), ("3", b"1234", true), ("4", b"1234", false)]
    {
        let mut wire = two_streams();
        wire.upstream(&frames::response(1, END_HEADERS, "200", &[("content-length", length)]));
        wire.upstream(&frames::data(1, END_STREAM, sent));
        if told {
            let words = [&format!("content-length is {length}, DATA held 4 bytes"), "§8.1.1"];
            wire.expect_breach(Stream, &words);
        } else {
            assert!(!wire.take().iter().any(|line| line.contains("BREACH")));
        }
    }
}

#[test]
fn values_of_settings() {
    for (direction, id, value, words) in [
        (FromClient, 2, 2, ["ENABLE_PUSH = 2; it is 0 or 1", "RFC 9113 §6.5.2"]),
        (FromUpstream, 2, 1, ["it is 0 when a server sends it", "RFC 9113 §6.5.2"]),
        (FromClient, 4, 0x8000_0000, ["INITIAL_WINDOW_SIZE", "at most 2147483647"]),
        (FromClient, 5, 16_383, ["MAX_FRAME_SIZE = 16383", "16384 to 16777215"]),
        (FromClient, 5, 16_777_216, ["MAX_FRAME_SIZE", "16384 to 16777215"]),
        (FromUpstream, 8, 2, ["ENABLE_CONNECT_PROTOCOL = 2", "RFC 8441 §3"]),
        (FromUpstream, 9, 2, ["NO_RFC7540_PRIORITIES = 2", "RFC 9218 §2.1"]),
    ] {
        check(direction, &frames::settings(&[(id, value)]), Connection, &words);
    }
    let back = [frames::settings(&[(8, 1)]), frames::settings(&[(8, 0)])].concat();
    check(FromUpstream, &back, Connection, &["it is 1 once it was 1", "RFC 8441 §3"]);
    // A refused value binds nobody.
    let mut wire = two_streams();
    wire.client(&frames::settings(&[(4, 0x8000_0000)])).take();
    assert_eq!(wire.decoder.window(FromUpstream, Some(1)), Some(65_535));
}

#[test]
fn limits_that_the_receiver_has_set() {
    let mut wire = Wire::open_with(&[], &[(3, 1)]);
    wire.client(&frames::get(1)).take();
    wire.client(&frames::get(3));
    wire.expect_breach(Warning, &["2 streams are open; the upstream allows 1", "§5.1.2"]);

    // Not told of yet, as far as the client's ACK shows.
    let mut wire = Wire::open();
    wire.client(&frames::get(1)).upstream(&frames::settings(&[(3, 1)])).take();
    wire.client(&frames::get(3));
    assert!(!wire.take().iter().any(|line| line.contains("BREACH")));

    let mut wire = Wire::open_with(&[], &[(6, 100)]);
    wire.client(&frames::get(1));
    wire.expect_breach(Warning, &["MAX_HEADER_LIST_SIZE is 100", "§6.5.2"]);

    let mut wire = Wire::open_with(&[(5, 20_000)], &[]);
    wire.client(&frames::get(1)).upstream(&frames::response(1, END_HEADERS, "200", &[]));
    wire.take();
    wire.upstream(&frames::data(1, 0, &[0; 20_000])).expect(&["1 U body of 20000 bytes"]);
    wire.upstream(&frames::data(1, 0, &[0; 20_001]));
    wire.expect_breach(Stream, &["DATA of 20001 bytes; the receiver allows 20000", "§4.2"]);
}

#[test]
fn a_table_size_update_that_is_missing_is_told_and_overlooked() {
    let mut wire = Wire::open();
    // Put into the table: x: y. Then the upstream wants a table of 0 bytes.
    let block = [&frames::block(&frames::request("GET"))[..], b"\x40\x01x\x01y"].concat();
    wire.client(&frames::frame(1, WHOLE, 1, &block));
    wire.upstream(&frames::settings(&[(1, 0)])).client(&frames::settings_ack()).take();
    let block = [&frames::block(&frames::request("GET"))[..], b"\xbe"].concat();
    wire.client(&frames::frame(1, WHOLE, 3, &block)).client(&frames::frame(1, WHOLE, 5, &block));
    let lines = wire.take();
    assert!(lines[1].contains("does not begin with a dynamic table size update"), "{lines:?}");
    assert!(lines[1].contains("COMPRESSION_ERROR) (RFC 7541 §4.2)"), "{lines:?}");
    assert_eq!(lines[2], "3 request GET https://a.test/x");
    assert_eq!(lines[5], "5 request GET https://a.test/x");

    // With the update there is nothing to tell.
    let mut wire = Wire::open();
    wire.upstream(&frames::settings(&[(1, 0)])).client(&frames::settings_ack()).take();
    let block = [&[0x20][..], &frames::block(&frames::request("GET"))].concat();
    wire.client(&frames::frame(1, WHOLE, 1, &block));
    assert_eq!(wire.take()[1], "1 request GET https://a.test/x");
}

#[test]
fn pushes() {
    let promise =
        |promised| frames::push_promise(1, END_HEADERS, promised, &frames::request("GET"));
    check(FromClient, &promise(2), Connection, &["PUSH_PROMISE from the client", "§6.6"]);
    check(FromUpstream, &promise(5), Connection, &["promised streams are even", "§6.6"]);
    check(FromUpstream, &[promise(4), promise(2)].concat(), Connection, &["isn't idle", "§6.6"]);
    let data = [promise(2), frames::data(2, 0, b"x")].concat();
    check(FromUpstream, &data, Stream, &["DATA on stream 2 that is reserved", "§5.1"]);

    let mut wire = Wire::open_with(&[(2, 0)], &[]);
    wire.client(&frames::get(1)).take();
    wire.upstream(&promise(2));
    wire.expect_breach(Connection, &["SETTINGS_ENABLE_PUSH is 0", "§6.6"]);
    assert_eq!(wire.decoder.open_streams(), 1);
}

#[test]
fn breaches_are_told_a_hundred_times_a_direction() {
    let mut wire = two_streams();
    for _ in 0..150 {
        wire.client(&frames::frame(6, 0, 0, &[]));
    }
    assert_eq!(wire.take().len(), 100);
    wire.upstream(&frames::frame(6, 0, 0, &[]));
    wire.expect_breach(Connection, &["PING of 0 bytes"]);
}

#[test]
fn a_breach_tells_where_its_frame_begins() {
    let mut wire = Wire::open();
    // The preface, SETTINGS and its ACK come before: 24 + 9 + 9.
    wire.client(&frames::ping(0, b"12345678")).client(&frames::frame(6, 0, 0, &[1]));
    wire.expect(&[
        "C PING 12345678",
        "C BREACH Connection at 59: PING of 1 bytes; its length is 8 (RFC 9113 §6.7)",
    ]);
}
