//! The invariant of the decoder, as a function that a fuzzer and the tests call.
//!
//! However the bytes are cut, the events are the same, once adjacent pieces of content are joined.
//! The same holds for the pieces that [`Heads`] makes, which together are the client's bytes.

use super::{Decoder, HeadText, Heads, Piece};
use crate::http::{Event, StreamId};
use crate::{Direction, Timestamp};

/// Separates the turns of a conversation in the fuzzer's input; the client has the first.
const TURN: u8 = 0xff;

/// Decodes a conversation whole and byte by byte, and holds the results against each other.
#[doc(hidden)]
pub fn fuzz(data: &[u8]) {
    let turns: Vec<Turn<'_>> = data
        .split(|&byte| byte == TURN)
        .enumerate()
        .map(|(index, bytes)| (Direction::BOTH[index % 2], bytes))
        .collect();
    let whole = seen(&turns, usize::MAX);
    assert_eq!(whole, seen(&turns, 1), "cut into single bytes");
    assert_eq!(whole, seen(&turns, 7), "cut into sevens");
    fuzz_heads(data);
}

fn fuzz_heads(client: &[u8]) {
    let whole = pieces(client, usize::MAX);
    let bytes: Vec<u8> = whole.iter().flat_map(|(_, bytes)| bytes).copied().collect();
    assert_eq!(bytes, client, "the pieces are not the input");
    for piece in [1, 7] {
        assert_eq!(pieces(client, piece), whole, "cut into pieces of {piece}");
    }
}

/// What a piece is: a head, and what it asks for; or something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PieceKind {
    Head { is_connect: bool, upgrade: Option<Vec<u8>> },
    Other,
    Lost,
}

/// All pieces of a client's bytes, with what is held at the end as one of them; neighbours that are
/// no heads are joined.
pub(super) fn pieces(client: &[u8], piece: usize) -> Vec<(PieceKind, Vec<u8>)> {
    let mut heads = Heads::default();
    let mut pieces: Vec<(PieceKind, Vec<u8>)> = Vec::new();
    let mut keep = |kind, bytes: &[u8]| match pieces.last_mut() {
        Some((PieceKind::Other | PieceKind::Lost, before)) if kind == PieceKind::Other => {
            before.extend_from_slice(bytes);
        }
        _ if kind == PieceKind::Other && bytes.is_empty() => {}
        _ => pieces.push((kind, bytes.to_vec())),
    };
    for mut bytes in client.chunks(piece) {
        while !bytes.is_empty() {
            let (used, found) = heads.next(bytes);
            bytes = &bytes[used..];
            match found {
                None => assert!(bytes.is_empty(), "no piece, and bytes are left"),
                Some(Piece::Other(bytes)) => keep(PieceKind::Other, bytes),
                Some(Piece::Lost { held, .. }) => keep(PieceKind::Lost, &held),
                Some(Piece::Head(HeadText { text, is_connect, upgrade })) => {
                    keep(PieceKind::Head { is_connect, upgrade }, &text);
                }
            }
        }
    }
    keep(PieceKind::Other, heads.held());
    pieces
}

/// Some bytes of one direction.
pub(super) type Turn<'a> = (Direction, &'a [u8]);

/// An event that outlives its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Data { tunnel: bool, stream: StreamId, direction: Direction, data: Vec<u8> },
    Other(Event<'static>),
}

/// All events of a conversation that is fed in pieces of at most `piece` bytes and then finished.
pub(super) fn seen(turns: &[Turn<'_>], piece: usize) -> Vec<Seen> {
    let now = Timestamp::default();
    let mut decoder = Decoder::new();
    let mut seen = Vec::new();
    for (direction, bytes) in turns {
        for bytes in bytes.chunks(piece) {
            decoder.feed(*direction, bytes, now, &mut |event| keep(&mut seen, event));
        }
    }
    for direction in Direction::BOTH {
        decoder.finish(direction, now, &mut |event| keep(&mut seen, event));
    }
    seen
}

/// Appends an event, joining content that continues.
pub(super) fn keep(seen: &mut Vec<Seen>, event: Event<'_>) {
    let new = match event {
        Event::Body { stream, direction, data } => {
            Seen::Data { tunnel: false, stream, direction, data: data.to_vec() }
        }
        Event::Tunnel { stream, direction, data } => {
            Seen::Data { tunnel: true, stream, direction, data: data.to_vec() }
        }
        Event::RequestBegan { stream } => Seen::Other(Event::RequestBegan { stream }),
        Event::RequestHead { stream, head } => Seen::Other(Event::RequestHead { stream, head }),
        Event::ResponseHead { stream, head } => Seen::Other(Event::ResponseHead { stream, head }),
        Event::GrpcMessage { stream, direction, flag, length } => {
            Seen::Other(Event::GrpcMessage { stream, direction, flag, length })
        }
        Event::Trailers { stream, direction, fields } => {
            Seen::Other(Event::Trailers { stream, direction, fields })
        }
        Event::End { stream, direction } => Seen::Other(Event::End { stream, direction }),
        Event::TunnelOpened { stream, protocol } => {
            Seen::Other(Event::TunnelOpened { stream, protocol })
        }
        Event::Malformed(malformed) => Seen::Other(Event::Malformed(malformed)),
        Event::Lost(lost) => Seen::Other(Event::Lost(lost)),
    };
    if let Seen::Data { tunnel, stream, direction, data } = &new {
        assert!(!data.is_empty(), "an event without bytes");
        if let Some(Seen::Data { tunnel: last_tunnel, stream: id, direction: way, data: before }) =
            seen.last_mut()
            && (&*last_tunnel, &*id, &*way) == (tunnel, stream, direction)
        {
            before.extend_from_slice(data);
            return;
        }
    }
    seen.push(new);
}
