//! What holds for any client: cuts change nothing, and a name that is right already is left alone.

use analysis::session::Application::{Http1, Unknown};
use proptest::prelude::*;
use wire::http2::PREFACE;

use super::super::fuzzing::rewritten;
use super::fuzz;
use super::http2::frame;

/// Requests with this host; some lines are there to mislead.
fn requests(host: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let target = prop::sample::select(vec!["/", "*", "http://HOST/a?b", "/?u=http://x/"]);
    let lines = prop::sample::select(vec![
        "Host: HOST\r\n",
        "A: b\r\nhost:HOST\t\r\n",
        "hOST \t: \tHOST\n",
        "A: b\r\n Host: not\r\nHost: HOST\r\nHost: HOST\r\n",
    ]);
    let content = prop::sample::select(vec![
        "\r\n",
        "\n",
        "Content-Length: 11\r\n\r\nHost: a\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0b;Host: a\r\nHost: a\r\n\r\n\r\n0\r\nHost: t\r\n\r\n",
        "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ]);
    let request = (target, lines, content).prop_map(move |(target, lines, content)| {
        let head = format!("GET {target} HTTP/1.1\r\n{lines}").replace("HOST", host);
        format!("{head}{content}")
    });
    prop::collection::vec(request, 1..4).prop_map(|requests| requests.concat().into_bytes())
}

/// Frames of all kinds, most of them sound, in no special order.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let block = prop::sample::select(vec![
        &b"\x82\x86\x84\x41\x01p"[..],
        b"\x82\x86\x84\xbe\x00\x04host\x01q",
        b"\x20\x82\x84",
        b"\x40\x01a\x01b",
        b"\xbe",
        b"\x10\x01a",
    ]);
    let kind = prop_oneof![3 => Just(1_u8), 2 => Just(9), 2 => Just(0), 1 => 0..12_u8];
    let flags = prop_oneof![4 => Just(4_u8), 1 => Just(0), 1 => any::<u8>()];
    let one = (kind, flags, 0..3_u32, block)
        .prop_map(|(kind, flags, stream, block)| frame(kind, flags, stream, block));
    prop::collection::vec(one, 0..8).prop_map(|frames| [&PREFACE[..], &frames.concat()].concat())
}

/// One byte changed.
fn spoilt(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (bytes, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut bytes, at, byte)| {
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    })
}

proptest! {
    #[test]
    fn any_cut_of_requests_gives_the_same(bytes in requests("proxy:8443")) {
        fuzz(&bytes);
    }

    #[test]
    fn any_cut_of_spoilt_requests_gives_the_same(bytes in spoilt(requests("proxy:8443"))) {
        fuzz(&bytes);
    }

    #[test]
    fn any_cut_of_frames_gives_the_same(bytes in frames()) {
        fuzz(&bytes);
    }

    #[test]
    fn any_cut_of_spoilt_frames_gives_the_same(bytes in spoilt(frames())) {
        fuzz(&bytes);
    }

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&bytes);
        fuzz(&[&PREFACE[..], &bytes].concat());
    }

    #[test]
    fn the_right_host_is_left_alone(bytes in requests("example.org")) {
        for application in [Http1, Unknown] {
            let out = rewritten(application, &bytes, 5);
            prop_assert_eq!(out.escape_ascii().to_string(), bytes.escape_ascii().to_string());
        }
    }

    #[test]
    fn only_the_host_is_changed(bytes in requests("proxy:8443")) {
        let text = String::from_utf8(bytes).unwrap();
        let out = rewritten(Http1, text.as_bytes(), usize::MAX);
        let expected = text.replace("proxy:8443", "example.org");
        prop_assert_eq!(out.escape_ascii().to_string(), expected.escape_default().to_string());
    }
}
