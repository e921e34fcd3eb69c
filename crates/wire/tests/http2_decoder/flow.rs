//! Flow control: windows, who is blocked and for how long, and what goes beyond.

use wire::decoder::Severity;

use crate::support::frames::{self, ACK, END_HEADERS, END_STREAM, PADDED, WHOLE};
use crate::support::{FromClient, FromUpstream, Wire};

const INITIAL_WINDOW_SIZE: u16 = 4;

/// A connection where the upstream may send `window` bytes on each stream, and its response to
/// stream 1 has begun, with these fields.
fn responding(window: u32, fields: &[(&str, &str)]) -> Wire {
    let mut wire = Wire::open_with(&[(INITIAL_WINDOW_SIZE, window)], &[]);
    wire.client(&frames::get(1));
    wire.upstream(&frames::response(1, END_HEADERS, "200", fields));
    wire
}

#[test]
fn a_stream_is_blocked_until_its_window_opens() {
    let mut wire = responding(10, &[("content-length", "25")]);
    wire.take();
    wire.upstream(&frames::data(1, 0, &[b'a'; 9]));
    assert!(!wire.decoder.is_blocked(FromUpstream, 1));
    wire.upstream(&frames::data(1, 0, b"a"));
    wire.expect(&["1 U body \"aaaaaaaaaa\"", "U FLOW_BLOCK 1 Stream wanted=15 window=0"]);
    assert!(wire.decoder.is_blocked(FromUpstream, 1));
    assert!(!wire.decoder.is_blocked(FromClient, 1));
    // Told once.
    wire.wait(250).upstream(&frames::data(1, 0, b"")).expect(&[]);
    wire.client(&frames::window_update(0, 5)).expect(&["C WINDOW_UPDATE +5 =65530"]);
    wire.client(&frames::window_update(1, 20));
    wire.expect(&["C WINDOW_UPDATE 1 +20 =20", "U FLOW_RESUME 1 Stream 250ms"]);
    assert_eq!(wire.decoder.window(FromUpstream, Some(1)), Some(20));
    assert_eq!(wire.decoder.window(FromUpstream, None), Some(65_530));
    wire.upstream(&frames::data(1, END_STREAM, &[b'a'; 15])).take();
    assert_eq!(wire.decoder.window(FromUpstream, Some(1)), None);
}

#[test]
fn the_last_byte_may_use_up_the_window() {
    let mut wire = responding(10, &[("content-length", "10")]);
    wire.take();
    wire.upstream(&frames::data(1, 0, &[b'a'; 10])).expect(&["1 U body \"aaaaaaaaaa\""]);
    assert!(!wire.decoder.is_blocked(FromUpstream, 1));
    wire.upstream(&frames::data(1, END_STREAM, b"")).expect(&["1 U end"]);
}

#[test]
fn content_of_unknown_length_wants_something() {
    let mut wire = responding(3, &[]);
    wire.take();
    wire.upstream(&frames::data(1, 0, b"abc"));
    wire.expect(&["1 U body \"abc\"", "U FLOW_BLOCK 1 Stream wanted=- window=0"]);
    // The end drops it without a word.
    wire.upstream(&frames::data(1, END_STREAM, b"")).expect(&["1 U end"]);
    assert!(!wire.decoder.is_blocked(FromUpstream, 1));
}

#[test]
fn a_window_of_zero_blocks_with_the_head() {
    let mut wire = responding(0, &[("content-length", "7")]);
    let lines = wire.take();
    assert_eq!(lines.last().unwrap(), "U FLOW_BLOCK 1 Stream wanted=7 window=0");
}

#[test]
fn what_has_no_content_is_not_blocked() {
    for (method, status, flags) in
        [("HEAD", "200", END_HEADERS), ("GET", "304", END_HEADERS), ("GET", "200", WHOLE)]
    {
        let mut wire = Wire::open_with(&[(INITIAL_WINDOW_SIZE, 0)], &[]);
        wire.client(&frames::headers(1, WHOLE, &frames::request(method)));
        wire.upstream(&frames::response(1, END_HEADERS, "100", &[]));
        let length = if flags == WHOLE { "0" } else { "7" };
        wire.upstream(&frames::response(1, flags, status, &[("content-length", length)]));
        let lines = wire.take();
        assert!(!lines.iter().any(|line| line.contains("FLOW_BLOCK")), "{lines:?}");
    }
}

#[test]
fn grpc_is_blocked_inside_a_message_only() {
    let grpc = [("content-type", "application/grpc")];
    let mut wire = responding(18, &grpc);
    wire.take();
    let messages = [frames::grpc(b"12345678"), frames::grpc(b"1234567890")].concat();
    // The first message uses 13 bytes; then the prefix of the second.
    wire.upstream(&frames::data(1, 0, &messages[..18]));
    assert_eq!(wire.take().last().unwrap(), "U FLOW_BLOCK 1 Stream wanted=10 window=0");
    wire.client(&frames::window_update(1, 10)).take();
    wire.upstream(&frames::data(1, 0, &messages[18..])).expect(&["1 U body \"1234567890\""]);
    assert!(!wire.decoder.is_blocked(FromUpstream, 1));
    // Half a prefix wants more, nobody knows how much.
    wire.client(&frames::window_update(1, 3)).take();
    wire.upstream(&frames::data(1, 0, &[0, 0, 0]));
    assert_eq!(wire.take().last().unwrap(), "U FLOW_BLOCK 1 Stream wanted=- window=0");
}

#[test]
fn a_grpc_request_wants_at_least_one_message() {
    let mut wire = Wire::open_with(&[], &[(INITIAL_WINDOW_SIZE, 0)]);
    wire.client(&frames::post(1, &[("content-type", "application/grpc")]));
    assert_eq!(wire.take().last().unwrap(), "C FLOW_BLOCK 1 Stream wanted=- window=0");
    assert!(wire.decoder.is_blocked(FromClient, 1));
}

/// Uses up the upstream's connection window on stream 1, which ends with it.
fn use_up_the_connection(wire: &mut Wire, end: u8) {
    for _ in 0..4 {
        wire.upstream(&frames::data(1, 0, &[0; 16_000]));
    }
    wire.upstream(&frames::data(1, end, &[0; 1535]));
}

#[test]
fn a_connection_is_blocked_for_all_its_streams() {
    let mut wire = responding(1_000_000, &[]);
    wire.client(&frames::get(3));
    wire.take();
    use_up_the_connection(&mut wire, 0);
    wire.expect(&["1 U body of 65535 bytes", "U FLOW_BLOCK Connection wanted=- window=0"]);
    // The same time of need: told once, and true of the other stream as well.
    wire.wait(10).upstream(&frames::response(3, END_HEADERS, "200", &[("content-length", "9")]));
    wire.expect(&["3 response 200"]);
    assert!(wire.decoder.is_blocked(FromUpstream, 3));
    wire.client(&frames::window_update(1, 5)).expect(&["C WINDOW_UPDATE 1 +5 =934470"]);
    wire.wait(10).client(&frames::window_update(0, 1));
    wire.expect(&["C WINDOW_UPDATE +1 =1", "U FLOW_RESUME Connection 20ms"]);
    wire.upstream(&frames::data(3, 0, b"x"));
    wire.expect(&["3 U body \"x\"", "U FLOW_BLOCK Connection wanted=8 window=0"]);
}

#[test]
fn a_connection_used_up_by_one_stream_blocks_another() {
    let mut wire = responding(1_000_000, &[]);
    wire.client(&frames::get(3));
    wire.upstream(&frames::response(3, END_HEADERS, "200", &[]));
    wire.take();
    use_up_the_connection(&mut wire, END_STREAM);
    wire.expect(&[
        "1 U body of 65535 bytes",
        "1 U end",
        "U FLOW_BLOCK Connection wanted=- window=0",
    ]);
}

#[test]
fn a_connection_used_up_with_nothing_left_to_send_is_not_blocked() {
    let mut wire = responding(1_000_000, &[]);
    wire.take();
    use_up_the_connection(&mut wire, END_STREAM);
    wire.expect(&["1 U body of 65535 bytes", "1 U end"]);
    // The next response is.
    wire.client(&frames::get(3)).take();
    wire.upstream(&frames::response(3, END_HEADERS, "200", &[]));
    wire.expect(&["3 response 200", "U FLOW_BLOCK Connection wanted=- window=0"]);
}

#[test]
fn both_windows_can_be_empty() {
    let mut wire = responding(65_535, &[]);
    wire.take();
    use_up_the_connection(&mut wire, 0);
    wire.expect(&[
        "1 U body of 65535 bytes",
        "U FLOW_BLOCK 1 Stream wanted=- window=0",
        "U FLOW_BLOCK Connection wanted=- window=0",
    ]);
}

#[test]
fn a_larger_initial_window_resumes_streams_at_once() {
    let mut wire = responding(4, &[]);
    wire.client(&frames::get(3));
    wire.upstream(&frames::response(3, END_HEADERS, "200", &[]));
    wire.upstream(&frames::data(3, 0, b"abcd")).upstream(&frames::data(1, 0, b"abcd"));
    wire.take();
    wire.wait(7).client(&frames::settings(&[(INITIAL_WINDOW_SIZE, 6)]));
    wire.expect(&[
        "C SETTINGS INITIAL_WINDOW_SIZE 4→6",
        "U FLOW_RESUME 1 Stream 7ms",
        "U FLOW_RESUME 3 Stream 7ms",
    ]);
    assert_eq!(wire.decoder.window(FromUpstream, Some(1)), Some(2));
    assert_eq!(wire.decoder.window(FromUpstream, None), Some(65_535 - 8));
}

#[test]
fn a_smaller_initial_window_counts_from_the_ack_on_and_may_go_below_zero() {
    let mut wire = responding(10, &[]);
    wire.take();
    wire.client(&frames::settings(&[(INITIAL_WINDOW_SIZE, 2)])).take();
    // Not yet known to the upstream.
    wire.upstream(&frames::data(1, 0, b"12345678")).expect(&["1 U body \"12345678\""]);
    assert_eq!(wire.decoder.window(FromUpstream, Some(1)), Some(2));
    wire.upstream(&frames::settings_ack()).take();
    assert_eq!(wire.decoder.window(FromUpstream, Some(1)), Some(-6));
    wire.client(&frames::window_update(1, 5)).expect(&["C WINDOW_UPDATE 1 +5 =-1"]);
    wire.upstream(&frames::data(1, 0, b"")).expect(&["U FLOW_BLOCK 1 Stream wanted=- window=-1"]);
    wire.upstream(&frames::data(1, 0, b"!"));
    wire.expect_breach(
        Severity::Stream,
        &["1 bytes with -1 bytes of credit on stream 1", "§6.9.1"],
    );
}

#[test]
fn the_most_generous_of_several_settings_holds_until_they_are_acknowledged() {
    let mut wire = responding(10, &[]);
    wire.client(&frames::settings(&[(INITIAL_WINDOW_SIZE, 50)]));
    wire.client(&frames::settings(&[(INITIAL_WINDOW_SIZE, 20)]));
    let mut windows = vec![wire.decoder.window(FromUpstream, Some(1)).unwrap()];
    for _ in 0..2 {
        wire.upstream(&frames::settings_ack());
        windows.push(wire.decoder.window(FromUpstream, Some(1)).unwrap());
    }
    assert_eq!(windows, [50, 50, 20]);
}

#[test]
fn data_beyond_the_window_is_a_breach_with_its_numbers() {
    let mut wire = responding(9120, &[]);
    wire.take();
    wire.upstream(&frames::data(1, 0, &[0; 16_384]));
    wire.expect_breach(
        Severity::Stream,
        &["DATA of 16384 bytes with 9120 bytes of credit on stream 1", "RFC 9113 §6.9.1"],
    );
    let mut wire = responding(1_000_000, &[]);
    use_up_the_connection(&mut wire, 0);
    wire.take();
    wire.upstream(&frames::data(1, PADDED, &[2, 0, 0]));
    wire.expect_breach(
        Severity::Connection,
        &["DATA of 3 bytes with 0 bytes of credit on the connection", "RFC 9113 §6.9.1"],
    );
    assert_eq!(wire.decoder.window(FromUpstream, None), Some(-3));
}

#[test]
fn window_updates_have_limits() {
    let mut wire = responding(10, &[]);
    wire.take();
    wire.client(&frames::window_update(0, 0));
    wire.expect_breach(Severity::Connection, &["adds 0 bytes", "RFC 9113 §6.9)"]);
    wire.client(&frames::window_update(1, 0));
    wire.expect_breach(Severity::Stream, &["BREACH 1", "adds 0 bytes"]);
    wire.client(&frames::window_update(1, 0x7fff_ffff - 10))
        .expect(&["C WINDOW_UPDATE 1 +2147483637 =2147483647"]);
    wire.client(&frames::window_update(1, 1));
    wire.expect_breach(Severity::Stream, &["beyond 2147483647", "§6.9.1"]);
    wire.client(&frames::window_update(0, 0x7fff_ffff));
    wire.expect_breach(Severity::Connection, &["beyond 2147483647", "§6.9.1"]);
}

#[test]
fn a_reset_stream_gives_its_place_in_the_count_back() {
    let mut wire = responding(1_000_000, &[]);
    wire.client(&frames::rst_stream(1, 8));
    wire.client(&frames::get(3));
    wire.take();
    // Crossing DATA uses up the connection; nobody wants to send.
    use_up_the_connection(&mut wire, 0);
    wire.expect(&[]);
    wire.upstream(&frames::ping(ACK, b"12345678")).take();
    wire.upstream(&frames::response(3, END_HEADERS, "200", &[]));
    assert_eq!(wire.take().last().unwrap(), "U FLOW_BLOCK Connection wanted=- window=0");
}
