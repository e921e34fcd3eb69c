//! What holds for any traffic: a cut changes nothing, and the windows are plain arithmetic.

use proptest::prelude::*;

use crate::support::frames::{self, END_HEADERS, END_STREAM, PADDED, WHOLE};
use crate::support::{Direction, FromClient, FromUpstream, Wire};

/// A connection with something of everything, as frames in the order in which they pass.
fn story() -> Vec<(Direction, Vec<u8>)> {
    let grpc = [("content-type", "application/grpc"), ("te", "trailers")];
    let messages = [frames::grpc(b"hello"), frames::grpc(b""), frames::grpc(&[7; 300])].concat();
    let (head, tail) = messages.split_at(7);
    let block = frames::block(&frames::request("GET"));
    let ok = |stream, more: &[_]| frames::response(stream, END_HEADERS, "200", more);
    let client = |bytes| (FromClient, bytes);
    let upstream = |bytes| (FromUpstream, bytes);
    vec![
        client(frames::PREFACE.to_vec()),
        client(frames::settings(&[(4, 40), (3, 100)])),
        client(frames::window_update(0, 1000)),
        upstream(frames::settings(&[(1, 4096), (8, 1)])),
        client(frames::post(1, &grpc)),
        upstream(frames::settings_ack()),
        client(frames::data(1, 0, head)),
        client(frames::settings_ack()),
        client(frames::data(1, END_STREAM, tail)),
        upstream(ok(1, &grpc)),
        upstream(frames::data(1, PADDED, &[&[4][..], &messages[..31], &[0; 4]].concat())),
        client(frames::frame(1, END_STREAM, 3, &block[..5])),
        client(frames::frame(9, 0, 3, &block[5..11])),
        client(frames::frame(9, END_HEADERS, 3, &block[11..])),
        client(frames::window_update(1, 10)),
        upstream(frames::push_promise(3, END_HEADERS, 2, &frames::request("GET"))),
        upstream(frames::frame(0x10, 0, 0, b"u=3")),
        upstream(ok(2, &[("content-length", "90")])),
        upstream(frames::data(2, 0, &[9; 60])),
        client(frames::settings(&[(4, 70)])),
        upstream(frames::ping(0, b"pingpong")),
        client(frames::ping(1, b"pingpong")),
        upstream(frames::frame(1, WHOLE, 1, b"\x40\x0bgrpc-status\x010")),
        client(frames::rst_stream(2, 8)),
        client(frames::headers(5, END_HEADERS, &[(":method", "CONNECT"), (":authority", "a:1")])),
        upstream(ok(5, &[])),
        client(frames::data(5, PADDED, b"\x02tunnel\0\0")),
        upstream(frames::data(5, 0, b"lennut")),
        upstream(frames::frame(6, 0, 0, b"short")),
        upstream(frames::goaway(5, 0, &[b'd'; 5000])),
        upstream(frames::ping(0, b"the end.")),
        upstream(b"HTTP/1.1 500 Oops".to_vec()),
    ]
}

fn transcript(pieces: impl IntoIterator<Item = (Direction, Vec<u8>)>) -> Vec<String> {
    let mut wire = Wire::new();
    for (direction, bytes) in pieces {
        wire.feed(direction, &bytes);
    }
    wire.finish(FromClient).finish(FromUpstream).take()
}

#[test]
fn byte_by_byte_is_the_same() {
    let whole = transcript(story());
    assert!(whole.len() > 40, "{whole:#?}");
    assert!(whole.last().unwrap().contains("U LOST"), "{whole:#?}");
    let bytes = story()
        .into_iter()
        .flat_map(|(direction, bytes)| bytes.into_iter().map(move |byte| (direction, vec![byte])));
    assert_eq!(transcript(bytes), whole);
}

#[test]
fn neighbouring_frames_in_one_piece_are_the_same() {
    let mut pieces: Vec<(Direction, Vec<u8>)> = Vec::new();
    for (direction, bytes) in story() {
        match pieces.last_mut() {
            Some((last, piece)) if *last == direction => piece.extend(bytes),
            _ => pieces.push((direction, bytes)),
        }
    }
    assert_eq!(transcript(pieces), transcript(story()));
}

/// What happens to the upstream's credit on one of two streams.
#[derive(Clone, Copy, Debug)]
enum Step {
    Data { stream: u32, length: u16, pad: Option<u8> },
    Credit { stream: u32, delta: u16 },
    Initial(u16),
    Ack,
}

fn step() -> impl Strategy<Value = Step> {
    let stream = prop_oneof![Just(1_u32), Just(3)];
    let any_stream = prop_oneof![Just(0_u32), Just(1), Just(3)];
    prop_oneof![
        4 => (stream, 0..2000_u16, proptest::option::of(any::<u8>()))
            .prop_map(|(stream, length, pad)| Step::Data { stream, length, pad }),
        3 => (any_stream, 1..3000_u16).prop_map(|(stream, delta)| Step::Credit { stream, delta }),
        1 => (0..4000_u16).prop_map(Step::Initial),
        2 => Just(Step::Ack),
    ]
}

/// The windows, with every rule written out in full.
struct Model {
    connection: i64,
    streams: [i64; 2],
    /// The initial windows sent: all of them, and how many were acknowledged.
    initial: Vec<i64>,
    acked: usize,
}

impl Model {
    fn effective(&self) -> i64 {
        self.initial[self.acked..].iter().copied().max().unwrap_or_default()
    }

    fn window(&self, stream: u32) -> i64 {
        self.effective() + self.streams[(stream / 2) as usize]
    }
}

proptest! {
    #[test]
    fn any_cut_is_the_same(cuts in proptest::collection::vec(1_usize..40, 1..40)) {
        let mut sizes = cuts.iter().copied().cycle();
        let pieces = story().into_iter().flat_map(|(direction, bytes)| {
            let mut rest = bytes.as_slice();
            let mut pieces = Vec::new();
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
                pieces.push((direction, piece.to_vec()));
                rest = more;
            }
            pieces
        });
        prop_assert_eq!(transcript(pieces.collect::<Vec<_>>()), transcript(story()));
    }

    #[test]
    fn windows_are_sums(steps in proptest::collection::vec(step(), 0..50)) {
        let mut wire = Wire::open_with(&[(4, 1000)], &[]);
        for stream in [1, 3] {
            wire.client(&frames::get(stream));
            wire.upstream(&frames::response(stream, END_HEADERS, "200", &[]));
        }
        wire.take();
        let mut model =
            Model { connection: 65_535, streams: [0, 0], initial: vec![1000], acked: 0 };
        for step in steps {
            let mut breaches = 0;
            match step {
                Step::Data { stream, length, pad } => {
                    let content = vec![0; usize::from(length)];
                    let bytes = match pad {
                        None => frames::data(stream, 0, &content),
                        Some(pad) => {
                            let padding = vec![0; usize::from(pad)];
                            let payload = [&[pad][..], &content, &padding].concat();
                            frames::data(stream, PADDED, &payload)
                        }
                    };
                    let cost = bytes.len() as i64 - 9;
                    breaches += usize::from(cost > 0 && cost > model.window(stream));
                    breaches += usize::from(cost > 0 && cost > model.connection);
                    model.connection -= cost;
                    model.streams[(stream / 2) as usize] -= cost;
                    wire.upstream(&bytes);
                }
                Step::Credit { stream, delta } => {
                    match stream {
                        0 => model.connection += i64::from(delta),
                        _ => model.streams[(stream / 2) as usize] += i64::from(delta),
                    }
                    wire.client(&frames::window_update(stream, u32::from(delta)));
                }
                Step::Initial(value) => {
                    model.initial.push(i64::from(value));
                    wire.client(&frames::settings(&[(4, u32::from(value))]));
                }
                Step::Ack => {
                    if model.acked + 1 < model.initial.len() {
                        model.acked += 1;
                        wire.upstream(&frames::settings_ack());
                    }
                }
            }
            let lines = wire.take();
            let told = lines.iter().filter(|line| line.contains("BREACH")).count();
            prop_assert_eq!(told, breaches, "{:?}", lines);
            prop_assert_eq!(wire.decoder.window(FromUpstream, None), Some(model.connection));
            for stream in [1, 3] {
                let window = wire.decoder.window(FromUpstream, Some(stream));
                prop_assert_eq!(window, Some(model.window(stream)));
                let blocked = model.window(stream) <= 0 || model.connection <= 0;
                prop_assert_eq!(wire.decoder.is_blocked(FromUpstream, stream), blocked);
            }
        }
    }
}
