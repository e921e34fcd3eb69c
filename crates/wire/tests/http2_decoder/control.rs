//! SETTINGS, PING, GOAWAY, RST_STREAM, and the states of streams that they change.

use wire::decoder::Severity;

use crate::support::frames::{self, ACK, END_HEADERS, END_STREAM, WHOLE};
use crate::support::{FromClient, Wire};

#[test]
fn settings_tell_the_value_before() {
    let mut wire = Wire::open();
    wire.upstream(&frames::settings(&[(1, 0), (2, 0), (5, 20_000), (6, 9), (8, 1), (9, 1)]));
    wire.expect(&[
        "U SETTINGS HEADER_TABLE_SIZE 4096→0 ENABLE_PUSH 1→0 MAX_FRAME_SIZE 16384→20000 \
                   MAX_HEADER_LIST_SIZE -→9 ENABLE_CONNECT_PROTOCOL 0→1 NO_RFC7540_PRIORITIES 0→1",
    ]);
    wire.upstream(&frames::settings(&[(5, 30_000), (5, 16_384), (6, 10)]));
    wire.expect(&["U SETTINGS MAX_FRAME_SIZE 20000→30000 MAX_FRAME_SIZE 30000→16384 \
                   MAX_HEADER_LIST_SIZE 9→10"]);
}

#[test]
fn pings_measure_the_round_trip() {
    let mut wire = Wire::open();
    wire.client(&frames::ping(0, b"aaaaaaaa")).wait(3).client(&frames::ping(0, b"bbbbbbbb"));
    wire.wait(4)
        .upstream(&frames::ping(ACK, b"bbbbbbbb"))
        .upstream(&frames::ping(ACK, b"aaaaaaaa"));
    wire.upstream(&frames::ping(ACK, b"aaaaaaaa"));
    wire.expect(&[
        "C PING aaaaaaaa",
        "C PING bbbbbbbb",
        "U FINGERPRINT |00|0",
        "U PING_ACK bbbbbbbb 4ms",
        "U PING_ACK aaaaaaaa 7ms",
        "U PING_ACK aaaaaaaa -",
    ]);
}

#[test]
fn unanswered_pings_are_forgotten_oldest_first() {
    let mut wire = Wire::open();
    for number in 0..65_u64 {
        wire.client(&frames::ping(0, &number.to_be_bytes()));
    }
    wire.take();
    wire.upstream(&frames::ping(ACK, &0_u64.to_be_bytes()));
    wire.upstream(&frames::ping(ACK, &1_u64.to_be_bytes()));
    let lines = wire.take();
    assert!(lines[1].ends_with(" -") && lines[2].ends_with(" 0ms"), "{lines:?}");
}

#[test]
fn goaway_says_why_and_its_last_stream_never_grows() {
    let mut wire = Wire::open();
    wire.upstream(&frames::goaway(0x7fff_ffff, 0, b"")).upstream(&frames::goaway(5, 11, b"calm\n"));
    wire.expect(&[
        "U FINGERPRINT |00|0",
        "U GOAWAY NO_ERROR last=2147483647 \"\"",
        "U GOAWAY ENHANCE_YOUR_CALM last=5 \"calm\\\\n\"",
    ]);
    wire.upstream(&frames::goaway(7, 0, b""));
    wire.expect_breach(Severity::Connection, &["names stream 7, the one before 5", "§6.8"]);
}

#[test]
fn goaway_debug_data_is_cut_and_the_next_frame_found() {
    let mut wire = Wire::open();
    wire.client(&frames::goaway(0, 0, &[b'x'; 10_000])).client(&frames::ping(0, b"12345678"));
    let lines = wire.take();
    assert_eq!(lines[0].matches('x').count(), 4096);
    assert_eq!(lines[1], "C PING 12345678");
}

#[test]
fn a_reset_closes_and_what_crosses_it_is_no_breach() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[])).take();
    wire.upstream(&frames::rst_stream(1, 7));
    wire.expect(&["U FINGERPRINT |00|0", "U RST_STREAM 1 REFUSED_STREAM"]);
    assert_eq!(wire.decoder.open_streams(), 0);
    wire.client(&frames::data(1, 0, b"crossing"));
    wire.client(&frames::window_update(1, 5));
    wire.client(&frames::headers(1, WHOLE, &[("x", "y")]));
    wire.client(&frames::rst_stream(1, 8));
    wire.expect(&["C WINDOW_UPDATE 1 +5 =0", "C RST_STREAM 1 CANCEL"]);
    // DATA costs the connection's window all the same.
    assert_eq!(wire.decoder.window(FromClient, None), Some(65_535 - 8));
}

#[test]
fn a_sender_that_reset_sends_no_more() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[])).client(&frames::rst_stream(1, 8)).take();
    wire.client(&frames::data(1, 0, b"more"));
    wire.expect_breach(Severity::Stream, &["DATA on stream 1", "ended before", "§5.1"]);
}

#[test]
fn half_closed_streams_stay_open_for_the_other_side() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[]));
    wire.upstream(&frames::response(1, WHOLE, "413", &[]));
    assert_eq!(wire.decoder.open_streams(), 1);
    wire.upstream(&frames::rst_stream(1, 0));
    assert_eq!(wire.decoder.open_streams(), 0);

    wire.client(&frames::post(3, &[])).client(&frames::data(3, END_STREAM, b"x")).take();
    wire.client(&frames::data(3, 0, b"y"));
    wire.expect_breach(Severity::Stream, &["DATA on stream 3", "ended with END_STREAM", "§5.1"]);
    wire.upstream(&frames::response(3, END_HEADERS, "200", &[]));
    wire.expect(&["3 response 200"]);
}

#[test]
fn too_many_streams_end_the_following_of_both_directions() {
    let mut wire = Wire::open();
    for stream in 0..16_384 {
        wire.client(&frames::post(2 * stream + 1, &[]));
    }
    wire.take();
    assert_eq!(wire.decoder.open_streams(), 16_384);
    wire.client(&frames::get(100_001));
    let lines = wire.take();
    assert!(lines[0].starts_with("C LOST") && lines[0].contains("16384 streams"), "{lines:?}");
    assert!(lines[1].starts_with("U LOST") && lines.len() == 2, "{lines:?}");
    wire.client(&frames::ping(0, b"12345678")).upstream(&frames::ping(0, b"12345678")).expect(&[]);
}

#[test]
fn settings_without_ack_are_bounded() {
    let mut wire = Wire::open();
    for _ in 0..256 {
        wire.upstream(&frames::settings(&[]));
    }
    assert_eq!(wire.take().len(), 256);
    wire.upstream(&frames::settings(&[]));
    assert!(wire.take()[1].contains("more than 256 SETTINGS frames without their ACK"));
}

#[test]
fn a_lost_direction_leaves_the_other_one_quiet() {
    let mut wire = Wire::open();
    wire.client(&frames::post(1, &[])).upstream(&frames::response(1, WHOLE, "200", &[])).take();
    // An HPACK index beyond the table.
    wire.client(&frames::frame(1, WHOLE, 3, b"\xff\x20"));
    let lines = wire.take();
    assert!(lines[1].contains("COMPRESSION_ERROR") && lines[2].starts_with("C LOST"), "{lines:?}");
    // Stream 1 waited only for the client. Requests that went unseen are answered: no breach.
    assert_eq!(wire.decoder.open_streams(), 1);
    wire.upstream(&frames::response(5, END_HEADERS, "200", &[]));
    wire.upstream(&frames::data(5, END_STREAM, &[0; 70_000])).upstream(&frames::settings_ack());
    let lines = wire.take();
    assert_eq!(lines, ["U SETTINGS_ACK"]);
}
