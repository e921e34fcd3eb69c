//! Whose turn it is: what the read timeout counts.
//!
//! A party is waited for in an *active phase* only: a request that is begun and not finished (the
//! client), a complete request without a response, or a message that is half delivered (the
//! upstream). A stream that is quiet between two messages (a gRPC subscription, server-sent events,
//! a WebSocket) is healthy however long it takes. Whoever is kept from sending by the other's
//! flow-control window is not waited for: the other is.

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
        self.exchanges
            .iter()
            .filter(|(stream, exchange)| self.turn(**stream, exchange) == Some(direction))
            .map(|(_, exchange)| exchange.phase_began)
            .min()
            .map(|began| began.max(self.last_io[direction]))
    }

    /// An HTTP/1 connection on which no request is open.
    pub fn is_between_requests(&self) -> bool {
        matches!(self.decoding, Decoding::Http1(_)) && self.exchanges.is_empty()
    }

    /// Whether any exchange is open.
    pub fn is_busy(&self) -> bool {
        !self.exchanges.is_empty()
    }

    fn turn(&self, stream: u64, exchange: &Exchange) -> Option<Direction> {
        use Direction::{FromClient, FromUpstream};
        if exchange.has(EventFlag::Tunnel) || exchange.record.protocol == Protocol::Raw {
            return None;
        }
        let sender = match (exchange.request, exchange.response) {
            (Phase::Waiting, Phase::Waiting) => FromClient,
            (Phase::Done, Phase::Waiting) => FromUpstream,
            (_, Phase::Body) => self.is_half_delivered(stream, exchange).then_some(FromUpstream)?,
            (Phase::Body, Phase::Waiting) => self.upload_turn(stream, exchange)?,
            (_, Phase::Done) => return None,
        };
        Some(if self.is_blocked(sender, stream) { sender.opposite() } else { sender })
    }

    /// The request's head is there, its content is not complete.
    fn upload_turn(&self, stream: u64, exchange: &Exchange) -> Option<Direction> {
        if exchange.has(EventFlag::ExpectContinue) && exchange.record.bytes_in == 0 {
            return Some(Direction::FromUpstream);
        }
        match exchange.record.protocol {
            // A client may keep its half of the stream open between two messages.
            Protocol::Grpc => match self.message_remaining(Direction::FromClient, stream) {
                Some(0) => None,
                _ => Some(Direction::FromClient),
            },
            _ => Some(Direction::FromClient),
        }
    }

    /// A response message has begun and is not complete.
    fn is_half_delivered(&self, stream: u64, exchange: &Exchange) -> bool {
        let record = &exchange.record;
        if record.protocol == Protocol::Grpc {
            return self.message_remaining(Direction::FromUpstream, stream) != Some(0);
        }
        if let Decoding::Http1(decoder) = &self.decoding {
            return matches!(
                decoder.body_progress(Direction::FromUpstream),
                Some(
                    BodyProgress::Sized { .. }
                        | BodyProgress::Chunk { .. }
                        | BodyProgress::Trailers
                )
            );
        }
        record.response.content_length.is_some_and(|length| record.bytes_out < length)
    }

    fn message_remaining(&self, direction: Direction, stream: u64) -> Option<u64> {
        match (&self.decoding, u32::try_from(stream)) {
            (Decoding::Http2(decoder), Ok(stream)) => decoder.message_remaining(direction, stream),
            _ => Some(0),
        }
    }

    fn is_blocked(&self, direction: Direction, stream: u64) -> bool {
        match (&self.decoding, u32::try_from(stream)) {
            (Decoding::Http2(decoder), Ok(stream)) => decoder.is_blocked(direction, stream),
            _ => false,
        }
    }
}
