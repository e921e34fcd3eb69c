//! Bounds: what a peer can make the decoder keep.

use super::{CLIENT, UPSTREAM, render};
use crate::http1::fuzzing::seen;
use crate::http1::{Decoder, MAX_HEAD, MAX_HELD, MAX_PIPELINED};
use crate::{Direction, Timestamp};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";

/// The last events of a conversation, the same for several cuts.
#[track_caller]
fn ending(turns: &[(Direction, &[u8])], lines: usize) -> Vec<String> {
    let whole = render(&seen(turns, usize::MAX));
    for piece in [1, 1000, MAX_HEAD - 1] {
        assert!(render(&seen(turns, piece)) == whole, "in pieces of {piece}");
    }
    let all: Vec<String> = whole.lines().map(str::to_owned).collect();
    all[all.len() - lines..].to_vec()
}

fn head_of(length: usize) -> Vec<u8> {
    let mut head = b"GET / HTTP/1.1\r\nHost: h\r\nX: ".to_vec();
    head.resize(length - 4, b'a');
    head.extend_from_slice(b"\r\n\r\n");
    head
}

#[test]
fn a_head_may_be_as_large_as_the_limit() {
    let head = head_of(MAX_HEAD);
    assert_eq!(ending(&[(CLIENT, &head)], 1), ["end 1 client"]);
    let head = head_of(MAX_HEAD + 1);
    assert_eq!(
        ending(&[(CLIENT, &head)], 3),
        [
            "began 1",
            "fatal 1 client a header section larger than 256 KiB (RFC 9110 §5.4, byte 0)",
            "lost client at 0"
        ]
    );
}

#[test]
fn a_response_head_and_trailers_have_the_limit_too() {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    head.resize(MAX_HEAD + 10, b'\t');
    let expected = "fatal 1 upstream a header section larger than 256 KiB (RFC 9110 §5.4, byte 0)";
    assert_eq!(ending(&[(CLIENT, GET), (UPSTREAM, &head)], 2), [expected, "lost upstream at 0"]);
    let mut chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n".to_vec();
    let start = chunked.len();
    chunked.resize(start + MAX_HEAD + 10, b'a');
    let end = start + MAX_HEAD;
    assert_eq!(
        ending(&[(CLIENT, GET), (UPSTREAM, &chunked)], 2),
        [
            format!(
                "fatal 1 upstream a header section larger than 256 KiB (RFC 9110 §5.4, byte {end})"
            ),
            format!("lost upstream at {end}")
        ]
    );
}

#[test]
fn requests_without_a_response_are_counted() {
    let many = GET.repeat(MAX_PIPELINED);
    assert_eq!(ending(&[(CLIENT, &many)], 1), [format!("end {MAX_PIPELINED} client")]);
    let turns = [(CLIENT, &*many), (CLIENT, GET), (UPSTREAM, &b"HTTP/1.1 204\r\n\r\n"[..])];
    assert_eq!(
        ending(&turns, 3),
        [
            format!("lost client at {}", many.len()),
            "response 1 204 1.1".to_owned(),
            "end 1 upstream".to_owned()
        ]
    );
    // Once the responses are lost there is nothing to match, and nothing to count.
    let turns = [(UPSTREAM, &b"HTTP/1.1 ?\r\n"[..]), (CLIENT, &many), (CLIENT, GET)];
    assert_eq!(ending(&turns, 1), [format!("end {} client", MAX_PIPELINED + 1)]);
}

#[test]
fn held_bytes_are_bounded() {
    let connect = b"CONNECT c:1 HTTP/1.1\r\nHost: c:1\r\n\r\n";
    let established = b"HTTP/1.1 200 OK\r\n\r\n";
    let most = vec![b'x'; MAX_HELD];
    let turns = [(CLIENT, &connect[..]), (CLIENT, &most), (UPSTREAM, &established[..])];
    let held = ending(&turns, 1).remove(0);
    assert_eq!(held.len(), "tunnel 1 client ".len() + MAX_HELD);
    let turns =
        [(CLIENT, &connect[..]), (CLIENT, &most), (CLIENT, b"x"), (UPSTREAM, &established[..])];
    assert_eq!(
        ending(&turns, 3),
        [
            format!("lost client at {}", connect.len()),
            "response 1 200 1.1".to_owned(),
            "tunnel opened 1 -".to_owned()
        ]
    );
}

#[test]
fn content_is_not_kept() {
    let mut decoder = Decoder::new();
    let mut feed = |direction, bytes: &[u8]| {
        decoder.feed(direction, bytes, Timestamp::default(), &mut |_| {});
        (decoder.requests.buffered(), decoder.responses.buffered())
    };
    assert_eq!(feed(CLIENT, b"POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r"), (41, 0));
    assert_eq!(feed(CLIENT, b"\n"), (0, 0));
    assert_eq!(feed(CLIENT, &[b'x'; 5000]), (0, 0));
    assert_eq!(feed(UPSTREAM, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5"), (0, 0));
    assert_eq!(feed(UPSTREAM, b"000;ext=abcdefgh"), (0, 0));
    assert_eq!(feed(UPSTREAM, b"\r\n0123456789"), (0, 0));
}
