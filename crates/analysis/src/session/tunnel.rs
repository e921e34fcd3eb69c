//! Bytes that belong to no HTTP message: tunnels (Upgrade, CONNECT), the WebSocket inside one, and
//! protocols that are not understood.
//!
//! Such bytes have no message ends, so an orderly end of either side's direction is one; only an RST
//! cuts. A WebSocket has its own: the Close frame.

use wire::http::StreamId;
use wire::{Direction, Timestamp};

use super::Session;
use super::exchange::Phase;
use super::websocket::{Context, Found, WebSocketTunnel};
use crate::outcome::Violation;
use crate::vocabulary::{EventFlag, Protocol};

/// The stream of a raw connection's one exchange.
const RAW: StreamId = 0;

/// How many WebSockets are followed on one connection at a time (HTTP/2 can have many).
const MAX_WEBSOCKETS: usize = 256;

impl Session {
    pub(super) fn tunnel_opened(&mut self, stream: StreamId, protocol: Option<&[u8]>) {
        let Some(exchange) = self.exchanges.get_mut(&stream) else { return };
        exchange.flag(EventFlag::Tunnel);
        if protocol != Some(b"websocket") {
            return;
        }
        exchange.record.protocol = Protocol::Websocket;
        if self.websockets < MAX_WEBSOCKETS {
            self.websockets += 1;
            exchange.websocket = Some(Box::new(WebSocketTunnel::new(&exchange.extensions)));
        } else {
            exchange.flag(EventFlag::DecoderLost);
        }
    }

    pub(super) fn tunnel_bytes(
        &mut self,
        stream: StreamId,
        direction: Direction,
        data: &[u8],
        now: Timestamp,
    ) {
        let Some(exchange) = self.exchanges.get_mut(&stream) else { return };
        let Some(websocket) = &mut exchange.websocket else {
            return self.body(stream, direction, data);
        };
        let event = &mut *exchange.record;
        match direction {
            Direction::FromClient => event.bytes_in += data.len() as u64,
            Direction::FromUpstream => event.bytes_out += data.len() as u64,
        }
        let (budget, options) = (&mut self.budget, &*self.options);
        let found = websocket.feed(direction, data, &mut Context { event, budget, options, now });
        self.found(stream, found, now);
    }

    fn found(&mut self, stream: StreamId, Found { breach, lost }: Found, now: Timestamp) {
        let Some(exchange) = self.exchanges.get_mut(&stream) else { return };
        if lost.is_some() {
            exchange.flag(EventFlag::DecoderLost);
        }
        let Some(breach) = breach else { return };
        exchange.flag(EventFlag::Malformed);
        exchange.fail(format!("malformed: {breach}"));
        // In HTTP/2 a breach inside a stream is not one of the connection.
        if exchange.record.request.stream_id.is_none() {
            let what = breach.to_string();
            self.facts.note_violation(Violation { by: breach.direction, at: now, what });
        }
    }

    /// One direction of an HTTP/1 connection ended: so did a tunnel in it.
    pub(super) fn finish_tunnel(&mut self, direction: Direction, now: Timestamp) {
        let Some(exchange) = self.exchanges.values_mut().find(|e| e.has(EventFlag::Tunnel)) else {
            return;
        };
        match &mut exchange.websocket {
            Some(websocket) => websocket.finish(direction),
            None => {
                exchange.end(Direction::FromClient, now);
                exchange.end(Direction::FromUpstream, now);
            }
        }
    }

    /// One direction of an HTTP/2 connection ended.
    pub(super) fn finish_websockets(&mut self, direction: Direction) {
        if self.websockets > 0 {
            for exchange in self.exchanges.values_mut() {
                if let Some(websocket) = &mut exchange.websocket {
                    websocket.finish(direction);
                }
            }
        }
    }

    pub(super) fn raw_bytes(&mut self, direction: Direction, bytes: &[u8], now: Timestamp) {
        if !self.exchanges.contains_key(&RAW) {
            self.begin_exchange(RAW, Protocol::Raw, now);
        }
        self.with(RAW, |exchange| match direction {
            Direction::FromClient if exchange.request == Phase::Waiting => {
                exchange.request = Phase::Body;
            }
            Direction::FromUpstream if exchange.response == Phase::Waiting => {
                exchange.response = Phase::Body;
            }
            _ => {}
        });
        self.body(RAW, direction, bytes);
    }

    /// The first orderly end of either direction.
    pub(super) fn raw_end(&mut self, now: Timestamp) {
        self.with(RAW, |exchange| {
            exchange.end(Direction::FromClient, now);
            exchange.end(Direction::FromUpstream, now);
        });
    }
}
