//! What must hold for any bytes: the entry of the fuzz targets, run on seeds by the unit tests.

use super::{Decoder, Event, Extensions, MAX_CAPTURE};
use crate::Direction;

/// The first byte chooses direction and extensions, the rest are that direction's bytes. Fed whole
/// and fed byte by byte they give the same events, and no event holds more than its cap.
pub fn fuzz(data: &[u8]) {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let direction = Direction::BOTH[usize::from(choice & 1)];
    let value: &[u8] = match choice >> 1 & 3 {
        0 => b"",
        1 => b"permessage-deflate",
        2 => b"permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        _ => b"mystery",
    };
    let extensions = Extensions::from_response([value]);
    let whole = run(&extensions, direction, std::iter::once(bytes));
    let single = run(&extensions, direction, bytes.chunks(1));
    assert_eq!(whole, single);
    for event in &whole {
        match event {
            Event::Message { data, .. } => assert!(data.len() <= MAX_CAPTURE),
            Event::Ping { data, .. } | Event::Pong { data, .. } => assert!(data.len() <= 125),
            // A byte that isn't UTF-8 takes four.
            Event::Close { reason, .. } => assert!(reason.len() <= 4 * 123),
            _ => {}
        }
    }
    Extensions::from_response([bytes]);
}

/// All events of one direction, its end included.
pub(super) fn run<'a>(
    extensions: &Extensions,
    direction: Direction,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::new(extensions), Vec::new());
    for piece in pieces {
        decoder.feed(direction, piece, &mut |event| events.push(event));
    }
    decoder.finish(direction, &mut |event| events.push(event));
    events
}
