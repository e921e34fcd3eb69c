//! Whose turn it is: what the read timeout counts.
//!
//! A party is waited for in an *active phase* only: a request that is begun and not finished (the
//! client), a complete request without a response, or a message that is half delivered (the
//! upstream). A stream that is quiet between two messages (a gRPC subscription, server-sent events,
//! a WebSocket) is healthy however long it takes. Whoever is kept from sending by the other's
//! flow-control window is not waited for: the other is.

use wire::decoder::PerDirection;
use wire::http1::BodyProgress;
use wire::{Direction, Timestamp};

use super::Session;
use super::exchange::{Exchange, Phase};
use super::protocol::Decoding;
use crate::vocabulary::{EventFlag, Protocol};

impl Session {
    /// Since when it has been this direction's turn to send, with nothing coming: the earliest
    /// active phase of any exchange, or its last byte when that is later. `None` when nobody waits
    /// for it.
    pub fn stalled_since(&self, direction: Direction) -> Option<Timestamp> {
        if let Decoding::Detecting(detecting) = &self.decoding {
            let began = detecting.began[Direction::FromClient]?;
            return (direction == Direction::FromClient)
                .then(|| began.max(self.last_io[Direction::FromClient]));
        }
        let answered = self.answered();
        self.exchanges
            .iter()
            .filter_map(|(stream, exchange)| {
                let turn = self.turn(*stream, exchange)?;
                let is_next = answered.is_none_or(|next| next == *stream);
                (turn.of == direction && (is_next || turn.of == Direction::FromClient))
                    .then_some((turn, exchange))
            })
            .map(|(turn, exchange)| match turn.blocked {
                // The window ran empty with the last byte of the one that is blocked.
                true => exchange.phase_began.max(self.last_activity()),
                false => exchange.phase_began.max(self.last_io[direction]),
            })
            .min()
    }

    /// An HTTP/1 connection on which no request is open.
    pub fn is_between_requests(&self) -> bool {
        matches!(self.decoding, Decoding::Http1(_))
            && self.exchanges.is_empty()
            && self.lost == PerDirection::default()
    }

    /// Whether any exchange is open, or may be once the first bytes are understood.
    pub fn is_busy(&self) -> bool {
        let is_detecting = matches!(self.decoding, Decoding::Detecting(_));
        !self.exchanges.is_empty() || (is_detecting && self.bytes != PerDirection::default())
    }

    /// In HTTP/1 responses come in the order of their requests: the one that is answered now.
    fn answered(&self) -> Option<u64> {
        match &self.decoding {
            Decoding::Http1(_) => self
                .exchanges
                .iter()
                .find(|(_, exchange)| exchange.response != Phase::Done)
                .map(|(stream, _)| *stream),
            _ => None,
        }
    }

    fn turn(&self, stream: u64, exchange: &Exchange) -> Option<Turn> {
        use Direction::{FromClient, FromUpstream};
        if exchange.is_byte_stream() || exchange.has(EventFlag::DecoderLost) {
            return None;
        }
        let sender = match (exchange.request, exchange.response) {
            (Phase::Waiting, Phase::Waiting) => FromClient,
            (Phase::Done, Phase::Waiting) => FromUpstream,
            (_, Phase::Body) => self.is_half_delivered(stream).then_some(FromUpstream)?,
            (Phase::Body, Phase::Waiting) => self.upload_turn(stream, exchange)?,
            (_, Phase::Done) => return None,
        };
        let blocked = self.is_blocked(sender, stream);
        Some(Turn { of: if blocked { sender.opposite() } else { sender }, blocked })
    }

    /// The request's head is there, its content is not complete.
    fn upload_turn(&self, stream: u64, exchange: &Exchange) -> Option<Direction> {
        let awaits_consent = exchange.has(EventFlag::ExpectContinue)
            && !exchange.continued
            && exchange.record.bytes_in == 0;
        if awaits_consent {
            return Some(Direction::FromUpstream);
        }
        // A gRPC client may keep its half of the stream open between two messages.
        let is_quiet = exchange.record.protocol == Protocol::Grpc
            && self.message_remaining(Direction::FromClient, stream) == Some(0);
        (!is_quiet).then_some(Direction::FromClient)
    }

    /// A response message has begun and is not complete.
    fn is_half_delivered(&self, stream: u64) -> bool {
        match &self.decoding {
            Decoding::Http1(decoder) => matches!(
                decoder.body_progress(Direction::FromUpstream),
                Some(
                    BodyProgress::Sized { .. }
                        | BodyProgress::Chunk { .. }
                        | BodyProgress::Trailers
                )
            ),
            _ => self
                .message_remaining(Direction::FromUpstream, stream)
                .is_some_and(|remaining| remaining > 0),
        }
    }

    fn message_remaining(&self, direction: Direction, stream: u64) -> Option<u64> {
        match (&self.decoding, u32::try_from(stream)) {
            (Decoding::Http2(decoder), Ok(stream)) => decoder.message_remaining(direction, stream),
            _ => None,
        }
    }

    fn is_blocked(&self, direction: Direction, stream: u64) -> bool {
        match (&self.decoding, u32::try_from(stream)) {
            (Decoding::Http2(decoder), Ok(stream)) => decoder.is_blocked(direction, stream),
            _ => false,
        }
    }
}

/// Whom an exchange waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    of: Direction,
    /// The other would send, had it the credit.
    blocked: bool,
}
