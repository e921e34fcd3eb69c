//! HTTP/2 transcripts: as bytes, and as wire's own decoder reads them.

use analysis::session::Application::{Http1, Http2, Unknown};
use wire::http::Fields;
use wire::http2::hpack::Encoder;
use wire::http2::{Decoder, PREFACE};
use wire::{Direction, Timestamp};

use super::super::{Rewrite, http2::MAX_BLOCK};
use super::{pieces, transcript, unchanged};

const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    Encoder::encode_literals(&fields.iter().copied().collect::<Fields>(), &mut out);
    out
}

fn headers(flags: u8, stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(1, END_HEADERS | flags, stream, &block(fields))
}

fn request(authority: &str) -> [(&str, &str); 4] {
    [(":method", "GET"), (":scheme", "https"), (":authority", authority), (":path", "/x")]
}

/// A connection's start with these frames after it.
fn connection(frames: &[Vec<u8>]) -> Vec<u8> {
    [PREFACE.to_vec(), frame(4, 0, 0, &[]), frames.concat()].concat()
}

/// What a decoder says of a client's bytes.
fn decoded(client: &[u8]) -> Vec<String> {
    let mut events = Vec::new();
    Decoder::new().feed(Direction::FromClient, client, Timestamp::default(), &mut |event| {
        events.push(format!("{event:?}"));
    });
    events
}

/// Asserts that the rewritten bytes are decoded like those that say `example.org`.
#[track_caller]
fn becomes(client: &[Vec<u8>], upstream: &[Vec<u8>]) -> Vec<u8> {
    let client = connection(client);
    let out = pieces(Http2, &[&client]);
    transcript(Http2, &client, &out);
    transcript(Unknown, &client, &out);
    let events = decoded(&out);
    assert_eq!(events, decoded(&connection(upstream)));
    assert!(events.iter().all(|event| !event.contains("Malformed")), "{events:#?}");
    out
}

#[test]
fn the_authority_is_replaced_in_place() {
    let content = frame(0, END_STREAM, 1, b"hello");
    becomes(
        &[headers(0, 1, &request("proxy:8443")), content.clone()],
        &[headers(0, 1, &request("example.org")), content],
    );
}

#[test]
fn a_host_field_is_replaced_too() {
    let both = |name| [&request(name)[..], &[("a", "b"), ("host", name)]].concat();
    becomes(
        &[headers(END_STREAM, 1, &both("proxy"))],
        &[headers(END_STREAM, 1, &both("example.org"))],
    );
    let host_only =
        |name| [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", name)];
    becomes(
        &[headers(END_STREAM, 1, &host_only("proxy"))],
        &[headers(END_STREAM, 1, &host_only("example.org"))],
    );
}

#[test]
fn a_missing_authority_comes_after_the_pseudo_header_fields() {
    let pseudo = [(":method", "GET"), (":scheme", "http"), (":path", "/")];
    for more in [&[][..], &[("a", "b")]] {
        becomes(
            &[headers(END_STREAM, 1, &[&pseudo[..], more].concat())],
            &[headers(
                END_STREAM,
                1,
                &[&pseudo[..], &[(":authority", "example.org")], more].concat(),
            )],
        );
    }
}

#[test]
fn trailers_keep_their_content() {
    let trailers = headers(END_STREAM, 1, &[("grpc-status", "0"), ("host", "kept")]);
    becomes(
        &[headers(0, 1, &request("proxy")), frame(0, 0, 1, b"x"), trailers.clone()],
        &[headers(0, 1, &request("example.org")), frame(0, 0, 1, b"x"), trailers],
    );
}

#[test]
fn a_connect_names_its_own_destination() {
    let tunnel = headers(0, 1, &[(":method", "CONNECT"), (":authority", "db:5432")]);
    becomes(std::slice::from_ref(&tunnel), std::slice::from_ref(&tunnel));
    let websocket = |name| {
        [&[(":method", "CONNECT"), (":protocol", "websocket")], &request(name)[1..]].concat()
    };
    becomes(&[headers(0, 1, &websocket("proxy"))], &[headers(0, 1, &websocket("example.org"))]);
}

/// RFC 7541 appendix C.4: three requests to www.example.com that build on each other's entries.
const C_4: [&[u8]; 3] = [
    b"\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff",
    b"\x82\x86\x84\xbe\x58\x86\xa8\xeb\x10\x64\x9c\xbf",
    b"\x82\x87\x85\xbf\x40\x88\x25\xa8\x49\xe9\x5b\xa9\x7d\x7f\x89\x25\xa8\x49\xe9\x5b\xb8\xe8\
      \xb4\xbf",
];

#[test]
fn the_upstream_needs_no_dynamic_table() {
    let client: Vec<_> = (1..)
        .step_by(2)
        .zip(C_4)
        .map(|(stream, block)| frame(1, END_HEADERS | END_STREAM, stream, block))
        .collect();
    let pseudo = |scheme, path| {
        [(":method", "GET"), (":scheme", scheme), (":path", path), (":authority", "example.org")]
    };
    let index = pseudo("https", "/index.html");
    let upstream = [
        headers(END_STREAM, 1, &pseudo("http", "/")),
        headers(
            END_STREAM,
            3,
            &[&pseudo("http", "/")[..], &[("cache-control", "no-cache")]].concat(),
        ),
        headers(END_STREAM, 5, &[&index[..], &[("custom-key", "custom-value")]].concat()),
    ];
    becomes(&client, &upstream);
}

#[test]
fn a_client_may_use_a_larger_table_where_the_upstream_allows_it() {
    let large = "x".repeat(5000);
    let mut enters = b"\x3f\xe1\xff\x03".to_vec(); // table size 65,536
    enters.extend(block(&request("proxy")));
    let entry = block(&[("large", large.as_str())]);
    enters.extend([&[0x40], &entry[1..]].concat());
    let mut refers = block(&request("proxy"));
    refers.push(0xbe);
    let same = [&request("example.org")[..], &[("large", large.as_str())]].concat();
    let client = connection(&[
        frame(1, END_HEADERS | END_STREAM, 1, &enters),
        frame(1, END_HEADERS | END_STREAM, 3, &refers),
    ]);
    let upstream = connection(&[headers(END_STREAM, 1, &same), headers(END_STREAM, 3, &same)]);
    assert_eq!(decoded(&pieces(Http2, &[&client])), decoded(&upstream));
}

#[test]
fn padding_priority_and_flags_are_kept() {
    let fields = block(&[(":method", "GET"), (":authority", "p")]);
    let rewritten = block(&[(":method", "GET"), (":authority", "example.org")]);
    let flags = END_HEADERS | END_STREAM | PADDED | PRIORITY | 0x40;
    let payload = |block: &[u8]| [b"\x03\x80\0\0\x07\xff", block, &[0; 3]].concat();
    // The reserved bit of the stream identifier is set too.
    let stream = 0x8000_0001;
    let first = payload(&[b"\x20", &rewritten[..]].concat());
    transcript(
        Http2,
        connection(&[
            frame(1, flags, stream, &payload(&fields)),
            frame(1, flags, stream + 2, &payload(&fields)),
        ]),
        connection(&[
            frame(1, flags, stream, &first),
            frame(1, flags, stream + 2, &payload(&rewritten)),
        ]),
    );
}

#[test]
fn secrets_stay_marked() {
    let fields = b"\x82\x1f\x08\x06secret\x10\x01a\x01b";
    let mut expected = b"\x20".to_vec();
    expected.extend(block(&[(":method", "GET")]));
    // :authority is missing here, and added.
    expected.extend(block(&[(":authority", "example.org")]));
    expected.extend(&fields[1..]);
    transcript(
        Http2,
        connection(&[frame(1, END_HEADERS, 1, fields)]),
        connection(&[frame(1, END_HEADERS, 1, &expected)]),
    );
}

#[test]
fn fragments_are_put_together() {
    let fields = block(&request("proxy"));
    let whole = headers(END_STREAM, 1, &request("example.org"));
    for (at, then) in [(0, 3), (5, 5), (7, fields.len()), (fields.len(), fields.len())] {
        becomes(
            &[
                frame(1, END_STREAM, 1, &fields[..at]),
                frame(9, 0, 1, &fields[at..then]),
                frame(9, END_HEADERS, 1, &fields[then..]),
            ],
            std::slice::from_ref(&whole),
        );
    }
}

#[test]
fn an_empty_last_fragment_completes_the_block_at_once() {
    let mut rewrite = Rewrite::new("example.org", Http2);
    let mut out = Vec::new();
    let fields = block(&request("proxy"));
    let client = connection(&[frame(1, 0, 1, &fields), frame(9, END_HEADERS, 1, b"")]);
    rewrite.feed(&client, &mut out);
    let events = decoded(&out);
    assert!(events.iter().any(|event| event.contains("RequestHead")), "{events:#?}");
}

#[test]
fn a_long_block_is_split() {
    let cookie = "c".repeat(40_000);
    let fields = |name| [&request(name)[..], &[("cookie", cookie.as_str())]].concat();
    let client = connection(&[headers(END_STREAM, 1, &fields("p")), frame(6, 0, 0, &[0; 8])]);
    let expected = [b"\x20", &block(&fields("example.org"))[..]].concat();
    let upstream = connection(&[
        frame(1, END_STREAM, 1, &expected[..16_384]),
        frame(9, 0, 1, &expected[16_384..32_768]),
        frame(9, END_HEADERS, 1, &expected[32_768..]),
        frame(6, 0, 0, &[0; 8]),
    ]);
    assert!(pieces(Http2, &[&client]) == upstream);
    super::fuzz(&client);
}

#[test]
fn all_other_frames_go_on_byte_for_byte() {
    let others = [
        frame(0, PADDED, 1, b"\x02hello\0\0"),
        frame(0, 0x80, 1, b""),
        frame(2, 0, 3, b"\0\0\0\x01\x10"),
        frame(3, 0, 1, &[0, 0, 0, 8]),
        frame(4, 0, 0, b"\0\x01\0\0\0\0"),
        frame(5, END_HEADERS, 1, b"\0\0\0\x02\x82"),
        frame(6, 0, 0, b"pingpong"),
        frame(7, 0, 0, b"\0\0\0\0\0\0\0\x02why"),
        frame(8, 0, 0x8000_0000, b"\0\0\x10\0"),
        frame(9, 0, 1, b"stray"),
        frame(0x10, 0, 0, b"\0\0\0\x01u=3"),
        frame(0xfa, 0xff, 77, &[9; 300]),
    ];
    unchanged(Http2, connection(&others));
}

#[test]
fn data_goes_on_as_it_comes() {
    let mut rewrite = Rewrite::new("example.org", Http2);
    let mut out = Vec::new();
    let client = connection(&[frame(0, 0, 1, b"hello")]);
    rewrite.feed(&client[..client.len() - 2], &mut out);
    assert_eq!(out, client[..client.len() - 2]);
}

#[test]
fn what_cannot_be_decoded_goes_on_with_all_that_follows() {
    let fine = headers(END_STREAM, 3, &request("proxy"));
    let fields = block(&request("proxy"));
    for broken in [
        frame(1, END_HEADERS, 1, b"\xbe"),
        [frame(1, 0, 1, &fields), frame(9, END_HEADERS, 1, b"\x80")].concat(),
        frame(1, END_HEADERS | PADDED, 1, b"\x09short"),
        frame(1, END_HEADERS | PRIORITY, 1, b"abc"),
        [frame(1, 0, 1, &fields), frame(0, 0, 1, b"between")].concat(),
        [frame(1, 0, 1, &fields), frame(9, END_HEADERS, 5, b"")].concat(),
    ] {
        unchanged(Http2, connection(&[broken, fine.clone()]));
    }
}

#[test]
fn a_block_without_end_goes_on_as_it_is() {
    let mut frames = vec![frame(1, 0, 1, &block(&request("proxy")))];
    frames.extend((0..MAX_BLOCK / 16_384).map(|_| frame(9, 0, 1, &[0; 16_384])));
    let client = connection(&frames);
    let mut rewrite = Rewrite::new("example.org", Http2);
    let mut out = Vec::new();
    rewrite.feed(&client, &mut out);
    assert!(out == client);
}

#[test]
fn another_preface_is_not_ours_to_judge() {
    unchanged(Http2, "PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n");
    unchanged(Http2, [b"PRI ", &connection(&[])[..]].concat());
}

#[test]
fn an_upgrade_to_h2c_is_followed() {
    let upgrade = "GET / HTTP/1.1\r\nHost: p\r\nConnection: Upgrade, HTTP2-Settings\r\n\
                   Upgrade: h2c\r\nHTTP2-Settings: \r\n\r\n";
    let first = |name| [&b"\x20"[..], &block(&request(name))].concat();
    let client = connection(&[headers(END_STREAM, 3, &request("p"))]);
    let upstream = connection(&[frame(1, END_HEADERS | END_STREAM, 3, &first("example.org"))]);
    transcript(
        Http1,
        [upgrade.as_bytes(), &client].concat(),
        [upgrade.replace("Host: p", "Host: example.org").as_bytes(), &upstream].concat(),
    );
}
