//! Any split of the same bytes gives the same events: generated conversations, sound and spoilt.

use proptest::prelude::*;

use super::{CLIENT, UPSTREAM, render};
use crate::http::Event;
use crate::http1::fuzzing::{Seen, keep, seen};
use crate::http1::{Decoder, fuzz};
use crate::{Direction, Timestamp};

fn field() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Host: h\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: upgrade\r\nUpgrade: websocket\r\n",
        "Upgrade: h2c\r\n",
        "A: b\n",
        "B : c\r\n",
        " fold\r\n",
        "nothing\r\n",
    ])
}

fn start_line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "GET / HTTP/1.1\r\n",
        "HEAD / HTTP/1.1\r\n",
        "POST http://a/b HTTP/1.0\n",
        "CONNECT a:1 HTTP/1.1\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 404\r\n",
        "HTTP/1.1 100 Continue\r\n",
        "HTTP/1.1 101 Switching\r\n",
        "HTTP/1.1 204 No\r\n",
        "SSH-2.0-x\r\n",
    ])
}

fn content() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "hello",
        "hello!",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;x=y\r\nhello\r\n1\n!\r\n0\r\nT: v\r\n\r\n",
        "6\r\nhello\r\n0\r\n\r\n",
        "\r\n",
        "\0\0\x06\x04\0\0\0\0\0",
    ])
}

/// A message of either side, most often one that the grammar allows.
fn message() -> impl Strategy<Value = Vec<u8>> {
    (start_line(), prop::collection::vec(field(), 0..4), content()).prop_map(
        |(start, fields, content)| format!("{start}{}\r\n{content}", fields.concat()).into_bytes(),
    )
}

type Conversation = Vec<(Direction, Vec<u8>)>;

/// Exchanges that keep every rule: so many requests pipelined, then as many responses.
fn sound() -> impl Strategy<Value = Conversation> {
    let request = prop::sample::select(vec![
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT /u HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "\r\nPOST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\
         3;x=y\r\nabc\r\n0c\r\nhello, world\r\n0\r\nA: b\r\n\r\n",
        "GET http://a:1/b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ]);
    let response = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello\r\nthere",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nDate: now\r\n\r\n",
        "HTTP/1.1 500\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\n!\r\n000\r\n\r\n",
        "HTTP/1.0 304 Not Modified\r\nContent-Length: 7\r\n\r\n",
    ]);
    let exchange = (request, response, any::<bool>());
    prop::collection::vec(exchange, 1..6).prop_map(|exchanges| {
        let mut turns = Conversation::new();
        let mut waiting = String::new();
        for (request, response, pipelined) in exchanges {
            turns.push((CLIENT, request.into()));
            waiting += response;
            if !pipelined {
                turns.push((UPSTREAM, std::mem::take(&mut waiting).into()));
            }
        }
        turns
    })
}

/// Sound exchanges, one of whose bytes was changed, or dropped.
fn spoilt() -> impl Strategy<Value = Conversation> {
    let place = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (sound(), place, prop::option::of(any::<u8>())).prop_map(|(mut turns, (turn, at), byte)| {
        let turn = turn.index(turns.len());
        let bytes = &mut turns[turn].1;
        let at = at.index(bytes.len());
        match byte {
            Some(byte) => bytes[at] = byte,
            None => drop(bytes.remove(at)),
        }
        turns
    })
}

/// Messages in any order, seldom sound.
fn wild() -> impl Strategy<Value = Conversation> {
    let way = prop_oneof![Just(CLIENT), Just(UPSTREAM)];
    let spoil = prop::option::weighted(0.3, (any::<prop::sample::Index>(), any::<u8>()));
    let turn = (way, message(), spoil).prop_map(|(way, mut bytes, spoil)| {
        if let Some((index, byte)) = spoil {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        (way, bytes)
    });
    prop::collection::vec(turn, 1..8)
}

/// Feeds a conversation in pieces whose lengths repeat those of `cuts`.
fn cut_by(turns: &[(Direction, &[u8])], cuts: &[usize]) -> Vec<Seen> {
    let now = Timestamp::default();
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    let mut lengths = cuts.iter().copied().cycle();
    for (direction, bytes) in turns {
        let mut rest = *bytes;
        while !rest.is_empty() {
            let length = lengths.next().unwrap_or(1).min(rest.len());
            decoder.feed(*direction, &rest[..length], now, &mut |event| keep(&mut events, event));
            rest = &rest[length..];
        }
    }
    for direction in Direction::BOTH {
        decoder.finish(direction, now, &mut |event| keep(&mut events, event));
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_split_gives_the_same_events(
        turns in prop_oneof![sound(), spoilt(), wild()],
        cuts in prop::collection::vec(1_usize..40, 1..12),
    ) {
        let turns: Vec<(Direction, &[u8])> =
            turns.iter().map(|(way, bytes)| (*way, bytes.as_slice())).collect();
        let whole = render(&seen(&turns, usize::MAX));
        prop_assert_eq!(&render(&seen(&turns, 1)), &whole);
        prop_assert_eq!(&render(&cut_by(&turns, &cuts)), &whole);
    }

    #[test]
    fn sound_exchanges_break_no_rule(turns in sound()) {
        let turns: Vec<(Direction, &[u8])> =
            turns.iter().map(|(way, bytes)| (*way, bytes.as_slice())).collect();
        let events = seen(&turns, usize::MAX);
        let requests = turns.iter().filter(|(way, _)| *way == CLIENT).count();
        let count = |wanted: fn(&Event<'_>) -> bool| {
            events.iter().filter(|event| matches!(event, Seen::Other(event) if wanted(event))).count()
        };
        let broken = |event: &Event<'_>| matches!(event, Event::Malformed(_) | Event::Lost(_));
        prop_assert_eq!(count(broken), 0, "{}", render(&events));
        let ended = |event: &Event<'_>| matches!(event, Event::End { direction: CLIENT, .. });
        prop_assert_eq!(count(ended), requests);
    }

    #[test]
    fn any_bytes_do(data in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&data);
    }
}

#[test]
fn seeds() {
    for seed in [
        &b"GET / HTTP/1.1\r\n\r\n\xffHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"[..],
        b"CONNECT a:1 HTTP/1.1\r\n\r\nabc\xffHTTP/1.1 200 OK\r\n\r\nx\xffyz",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n\xffHTTP/1.0 200\n\nrest",
        b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nGET / HTTP/1.1\r\n\r\n\xffHTTP/1.1 400\r\n\r\n",
        b"\xff\0\0\x06\x04\0\0\0\0\0",
        b"",
    ] {
        fuzz(seed);
    }
}
