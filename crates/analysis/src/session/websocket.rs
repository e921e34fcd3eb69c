//! The WebSocket inside an exchange: its messages, and how it was closed.
//!
//! ```text
//!        Close from either                 the connection's or the stream's end
//! Open ───────────────────► Closed { code } ────────────────────────────────────► by its code
//!   └──────────────────────────── the end ──────────────────────────────────────► cut (1006)
//! ```

use wire::websocket::{CloseCode, Decoder, Event, Extensions, Form, MessageKind};
use wire::{Direction, Malformed, Timestamp};

use super::capture::{Budget, Options};
use crate::record::{EventRecord, Seconds, WebSocket, WebSocketMessage, WebSocketOpcode};
use crate::vocabulary::Party;

/// How many messages of one WebSocket are listed: the last ones, for they are nearest to its end.
const MAX_MESSAGES: usize = 256;

/// An open WebSocket.
#[derive(Debug)]
pub(super) struct WebSocketTunnel {
    decoder: Decoder,
    record: WebSocket,
    /// Bytes of content that the listed messages hold.
    held: usize,
    /// What was left unfinished when a direction ended.
    unfinished: Option<String>,
}

/// What a session lends to a WebSocket while it takes bytes.
pub(super) struct Context<'a> {
    pub(super) event: &'a mut EventRecord,
    pub(super) budget: &'a mut Budget,
    pub(super) options: &'a Options,
    pub(super) now: Timestamp,
}

/// What a session has to know of the bytes that a WebSocket took.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The first breach of the protocol.
    pub(super) breach: Option<Malformed>,
    /// A direction is not followed any further.
    pub(super) lost: Option<Direction>,
}

impl WebSocketTunnel {
    pub(super) fn new(extensions: &Extensions) -> Self {
        Self {
            decoder: Decoder::new(extensions),
            record: WebSocket::default(),
            held: 0,
            unfinished: None,
        }
    }

    /// Whether either side said that it was done.
    pub(super) const fn is_closed(&self) -> bool {
        self.record.close_from.is_some()
    }

    /// Bytes of content that it holds.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    pub(super) fn feed(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        context: &mut Context<'_>,
    ) -> Found {
        let mut found = Found::default();
        let Self { decoder, record, held, .. } = self;
        let mut open = Open { record, held };
        decoder.feed(direction, bytes, &mut |event| open.take(event, context, &mut found));
        found
    }

    /// A direction ended: what that leaves unfinished says more about a cut.
    pub(super) fn finish(&mut self, direction: Direction) {
        let unfinished = &mut self.unfinished;
        self.decoder.finish(direction, &mut |event| {
            if let Event::Malformed(malformed) = event {
                unfinished.get_or_insert(malformed.what.into_owned());
            }
        });
    }

    /// What a direction left unfinished.
    pub(super) fn unfinished(&self) -> Option<&str> {
        self.unfinished.as_deref()
    }

    /// Why whoever uses it sees an error, when it ended without a cut.
    pub(super) fn failure(&self) -> Option<String> {
        let Some(party) = self.record.close_from else {
            return Some("ended without a close frame (1006)".to_owned());
        };
        let code = CloseCode(self.record.close_code?);
        if matches!(code, CloseCode::NORMAL_CLOSURE | CloseCode::GOING_AWAY) {
            return None;
        }
        let name = code.name().map(|name| format!(" {name}")).unwrap_or_default();
        let reason = self.record.close_reason.as_deref().filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        Some(format!("websocket close {}{name} by {party}{reason}", code.0))
    }

    pub(super) fn into_record(self) -> WebSocket {
        self.record
    }
}

/// The parts that events change, while the decoder is busy.
struct Open<'a> {
    record: &'a mut WebSocket,
    held: &'a mut usize,
}

impl Open<'_> {
    fn take(&mut self, event: Event, context: &mut Context<'_>, found: &mut Found) {
        let record = &mut *self.record;
        match event {
            Event::FrameHeader { .. } | Event::InflateStopped { .. } => {}
            Event::Ping { direction: Direction::FromClient, .. } => record.pings_in += 1,
            Event::Ping { direction: Direction::FromUpstream, .. } => record.pings_out += 1,
            Event::Pong { direction: Direction::FromClient, .. } => record.pongs_in += 1,
            Event::Pong { direction: Direction::FromUpstream, .. } => record.pongs_out += 1,
            Event::Close { direction, code, reason } => {
                if record.close_from.is_none() {
                    record.close_from = Some(Party::from(direction));
                    record.close_code = code.map(|code| code.0);
                    record.close_reason = Some(reason);
                }
            }
            Event::Message { direction, opcode, data, form, truncated, length } => {
                match direction {
                    Direction::FromClient => context.event.messages_in += 1,
                    Direction::FromUpstream => context.event.messages_out += 1,
                }
                let mut message = WebSocketMessage {
                    ts: Seconds(context.now),
                    direction: direction.into(),
                    opcode: match opcode {
                        MessageKind::Text => WebSocketOpcode::Text,
                        MessageKind::Binary => WebSocketOpcode::Binary,
                    },
                    length,
                    data: None,
                    data_b64: None,
                    truncated: false,
                    compressed: form == Form::Compressed,
                };
                self.keep(data, truncated, &mut message, context);
                self.list(message, context.budget);
            }
            Event::Malformed(malformed) => {
                found.breach.get_or_insert(malformed);
            }
            Event::Lost(lost) => found.lost = Some(lost.direction),
        }
    }

    /// Keeps what of the content may be kept.
    fn keep(
        &mut self,
        mut data: Vec<u8>,
        truncated: bool,
        message: &mut WebSocketMessage,
        context: &mut Context<'_>,
    ) {
        let Some(room) = context.budget.room(context.options) else { return };
        message.truncated = truncated || data.len() > room;
        let is_text = message.opcode == WebSocketOpcode::Text && !message.compressed;
        data.truncate(room);
        if is_text && message.truncated {
            // Not in the middle of a character.
            let whole = data.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
            if data.len() - whole < 4 {
                data.truncate(whole);
            }
        }
        data.shrink_to_fit();
        match String::from_utf8(data) {
            Ok(text) if is_text => message.data = Some(text),
            Ok(text) => message.data_b64 = Some(text.into_bytes()),
            Err(error) => message.data_b64 = Some(error.into_bytes()),
        }
        context.budget.hold_body(message.held());
        *self.held += message.held();
    }

    fn list(&mut self, message: WebSocketMessage, budget: &mut Budget) {
        let record = &mut *self.record;
        if record.messages.len() == MAX_MESSAGES
            && let Some(oldest) = record.messages.pop_front()
        {
            record.messages_omitted += 1;
            budget.release_body(oldest.held());
            *self.held -= oldest.held();
        }
        record.messages.push_back(message);
    }
}
