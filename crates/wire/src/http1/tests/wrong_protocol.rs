//! Peers that do not speak HTTP/1.

use super::{render, same_however_cut};
use crate::Direction;
use crate::http1::fuzzing::{Turn, seen};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";

#[track_caller]
fn check(turns: &[Turn<'_>], expected: &str) {
    let whole = seen(turns, usize::MAX);
    let found = render(&whole);
    assert!(found.ends_with(expected), "{found}");
    same_however_cut(turns, &whole);
}

#[track_caller]
fn answer(bytes: &[u8], what: &str) {
    let turns = [(Direction::FromClient, GET), (Direction::FromUpstream, bytes)];
    let expected = format!(
        "end 1 client\nfatal 1 upstream the upstream answered with {what} (RFC 9112 §4, byte 0)\n\
         lost upstream at 0\n"
    );
    check(&turns, &expected);
}

#[test]
fn an_answer_that_is_not_http_is_named() {
    answer(
        b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64",
        "an HTTP/2 SETTINGS frame: this server speaks HTTP/2 only",
    );
    answer(b"\x15\x03\x03\0\x02\x02\x46", "a TLS alert: this peer speaks TLS");
    answer(b"\x16\x03\x01\0\x10", "a TLS handshake record: this server speaks TLS");
    answer(b"SSH-2.0-OpenSSH_9.6\r\n", "\"SSH-2.0-OpenSSH_9.6\", not an HTTP/1 status line");
    answer(b"<html>\n<body>hi", "\"<html>\", not an HTTP/1 status line");
    answer(
        b"0123456789012345678901234567890123456789012345",
        "\"0123456789012345678901234567890123456789\", not an HTTP/1 status line",
    );
    answer(b"HTTP/2 200\r\n", "\"HTTP/2 200\", not an HTTP/1 status line");
    answer(b"\x05\0", "the byte 0x05, not an HTTP/1 status line");
    answer(b"\0\0\x12\x07\0\0", "the byte 0x00, not an HTTP/1 status line");
    answer(b"\x15", "the byte 0x15, not an HTTP/1 status line");
    // The end of the connection settles what was too short to name.
    answer(b"-ERR", "\"-ERR\", not an HTTP/1 status line");
    answer(b"\0\0\x12", "the byte 0x00, not an HTTP/1 status line");
}

#[test]
fn a_client_that_does_not_speak_http_is_named() {
    for (bytes, what) in [
        (&b"\x16\x03\x01\x02\0\x01"[..], "a TLS ClientHello: this client speaks TLS"),
        (b"\0\0\x12\x04\0\0\0\0\0", "the byte 0x00, not an HTTP/1 request line"),
        (b"{\"json\": 1}\n", "\"{\\\"json\\\": 1}\", not an HTTP/1 request line"),
    ] {
        let expected = format!(
            "began 1\nfatal 1 client the client sent {what} (RFC 9112 §3, byte 0)\n\
             lost client at 0\n"
        );
        check(&[(Direction::FromClient, bytes)], &expected);
    }
}

#[test]
fn a_greeting_before_any_request_is_named() {
    check(
        &[(Direction::FromUpstream, b"220 mail ESMTP\r\n")],
        "fatal - upstream the upstream answered with \"220 mail ESMTP\", not an HTTP/1 status line \
         (RFC 9112 §4, byte 0)\nlost upstream at 0\n",
    );
}
