//! What must hold for any bytes: the entry of the fuzz targets, run on seeds by the unit tests.

use super::connection::MAX_COLLECTED;
use super::opening::PREFACE;
use super::{Decoder, Event};
use crate::{Direction, Timestamp, http};

/// A header block and a payload that are being collected, with what growing a `Vec` allocates.
const MAX_HELD: usize = 4 * MAX_COLLECTED;

/// Reads `data` as chunks of one direction or the other, and decodes them whole and byte by byte:
/// both tell the same, and hold no more than they should.
///
/// A chunk is a byte (the lowest bit: from the upstream; the others: its length), then its bytes.
/// The client's preface is put before the first chunk, so that frames are reached easily.
pub fn fuzz(data: &[u8]) {
    let whole = run(data, usize::MAX);
    let bytes = run(data, 1);
    assert_eq!(whole, bytes);
}

/// An event, written down; neighbouring pieces of the same content are one.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Event(String),
    Content { stream: u64, direction: Direction, bytes: Vec<u8> },
}

fn run(mut data: &[u8], piece: usize) -> Vec<Seen> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    let mut feed = |decoder: &mut Decoder, direction, chunk: &[u8]| {
        for bytes in chunk.chunks(piece) {
            let mut sink = |event: Event<'_>| push(&mut events, &event);
            decoder.feed(direction, bytes, Timestamp::default(), &mut sink);
            assert!(decoder.held() <= MAX_HELD);
        }
    };
    feed(&mut decoder, Direction::FromClient, PREFACE);
    while let Some((&head, rest)) = data.split_first() {
        let direction = Direction::BOTH[usize::from(head & 1)];
        let (chunk, rest) = rest.split_at(rest.len().min(usize::from(head >> 1)));
        feed(&mut decoder, direction, chunk);
        data = rest;
    }
    for direction in Direction::BOTH {
        decoder.finish(direction, Timestamp::default(), &mut |event| push(&mut events, &event));
    }
    events
}

fn push(seen: &mut Vec<Seen>, event: &Event<'_>) {
    use http::Event::{Body, Tunnel};
    let (Event::Http(Body { stream, direction, data })
    | Event::Http(Tunnel { stream, direction, data })) = event
    else {
        return seen.push(Seen::Event(format!("{event:?}")));
    };
    match seen.last_mut() {
        Some(Seen::Content { stream: last, direction: way, bytes })
            if last == stream && way == direction =>
        {
            bytes.extend_from_slice(data);
        }
        _ => seen.push(Seen::Content {
            stream: *stream,
            direction: *direction,
            bytes: data.to_vec(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn seeds() {
        for seed in [
            &b""[..],
            b"\x39HTTP/1.1 400 Bad Request\r\n\r\n",
            b"\x2a\0\0\0\x04\0\0\0\0\0\0\0\x03\x01\x05\0\0\0\x01\x82\x84\x86",
            b"\x1c\0\0\x05\0\x08\0\0\0\x01\x01ab\0\0",
            b"\x1b\0\0\x04\x08\0\0\0\0\0\0\0\0\0",
        ] {
            super::fuzz(seed);
        }
    }

    /// A plausible frame in a chunk of its own.
    fn chunk() -> impl Strategy<Value = Vec<u8>> {
        let payload = proptest::collection::vec(
            prop_oneof![3 => 0_u8..8, 2 => 0x80_u8..0x8f, 1 => any::<u8>()],
            0..24,
        );
        (any::<bool>(), 0_u8..11, any::<u8>(), 0_u8..6, payload, 0_u8..20).prop_map(
            |(upstream, kind, flags, stream, payload, odd)| {
                let wrong = if odd == 0 { 3 } else { 0 };
                let mut frame = vec![0, 0, payload.len() as u8 + wrong, kind, flags & 0x2d];
                frame.extend([0, 0, 0, stream]);
                frame.extend(payload);
                let mut chunk = vec![(frame.len() as u8) << 1 | u8::from(upstream)];
                chunk.extend(frame);
                chunk
            },
        )
    }

    proptest! {
        #[test]
        fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..128)) {
            super::fuzz(&data);
        }

        #[test]
        fn any_frames(chunks in proptest::collection::vec(chunk(), 0..24)) {
            super::fuzz(&chunks.concat());
        }
    }
}
