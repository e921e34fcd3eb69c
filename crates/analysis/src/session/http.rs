//! HTTP messages, tunnels and raw bytes become exchanges.

use std::sync::Arc;

use wire::decoder::Severity;
use wire::http::{Event, StreamId};
use wire::{Direction, Malformed, Timestamp};

use super::capture::Kept;
use super::exchange::{Exchange, Phase};
use super::{Session, Sink};
use crate::record::{EventRecord, Millis, Request, Response, Seconds};
use crate::vocabulary::{ConnFlag, EventFlag, Protocol};

/// The stream of a raw connection's one exchange.
const RAW: StreamId = 0;

impl Session {
    pub(super) fn http_event(&mut self, event: Event<'_>, now: Timestamp, sink: &mut dyn Sink) {
        match event {
            Event::RequestBegan { stream } => self.begin_exchange(stream, Protocol::Http1, now),
            Event::RequestHead { stream, head } => {
                let options = Arc::clone(&self.options);
                self.with(stream, |exchange| exchange.request_head(head, &options, now));
                self.note_path(stream);
            }
            Event::ResponseHead { stream, head } => {
                let options = Arc::clone(&self.options);
                self.with(stream, |exchange| exchange.response_head(head, &options, now));
            }
            Event::Body { stream, direction, data } => self.body(stream, direction, data),
            Event::GrpcMessage { stream, direction, .. } => {
                self.with(stream, |exchange| match direction {
                    Direction::FromClient => exchange.record.messages_in += 1,
                    Direction::FromUpstream => exchange.record.messages_out += 1,
                });
            }
            Event::Trailers { stream, direction, fields } => {
                let options = Arc::clone(&self.options);
                self.with(stream, |exchange| exchange.trailers(direction, fields, &options));
            }
            Event::End { stream, direction } => {
                self.with(stream, |exchange| exchange.end(direction, now));
                self.emit_if_done(stream, now, sink);
            }
            Event::TunnelOpened { stream, protocol } => {
                let is_websocket = protocol.as_deref() == Some(b"websocket");
                self.with(stream, |exchange| {
                    exchange.flag(EventFlag::Tunnel);
                    if is_websocket {
                        exchange.record.protocol = Protocol::Websocket;
                    }
                });
            }
            Event::Tunnel { stream, direction, data } => self.body(stream, direction, data),
            Event::Malformed(malformed) => self.malformed(&malformed),
            Event::Lost(lost) => self.lost(lost.direction),
        }
    }

    pub(super) fn begin_exchange(&mut self, stream: StreamId, protocol: Protocol, now: Timestamp) {
        let record = Box::new(EventRecord {
            origin: self.identity.origin(0),
            ts_start: Seconds(now),
            ts_end: Seconds(now),
            upstream_addr: self.upstream_addr.clone(),
            protocol,
            tls: Arc::clone(&self.tls),
            request: Request::default(),
            response: Response::default(),
            bytes_in: 0,
            bytes_out: 0,
            ttfb_ms: None,
            duration_ms: Millis::default(),
            messages_in: 0,
            messages_out: 0,
            flags: Vec::new(),
            error: None,
        });
        self.exchanges.insert(stream, Exchange::new(record));
    }

    pub(super) fn with(&mut self, stream: StreamId, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.exchanges.get_mut(&stream) {
            change(exchange);
        }
    }

    fn note_path(&mut self, stream: StreamId) {
        let Some(exchange) = self.exchanges.get(&stream) else { return };
        self.last_path.clone_from(&exchange.record.request.path);
        if self.budget.hold_headers(exchange.record.request.headers.list_size()) == Kept::Some {
            self.given_up = true;
            for direction in Direction::BOTH {
                self.lost(direction);
            }
        }
    }

    fn body(&mut self, stream: StreamId, direction: Direction, data: &[u8]) {
        let Some(exchange) = self.exchanges.get_mut(&stream) else { return };
        let record = &mut exchange.record;
        let (bytes, body, truncated) = match direction {
            Direction::FromClient => {
                let request = &mut record.request;
                (&mut record.bytes_in, &mut request.body, &mut request.body_truncated)
            }
            Direction::FromUpstream => {
                let response = &mut record.response;
                (&mut record.bytes_out, &mut response.body, &mut response.body_truncated)
            }
        };
        *bytes += data.len() as u64;
        *truncated |= self.budget.keep(&self.options, body, data) == Kept::Some;
    }

    pub(super) fn emit_if_done(&mut self, stream: StreamId, now: Timestamp, sink: &mut dyn Sink) {
        if self.exchanges.get(&stream).is_some_and(Exchange::is_done) {
            self.emit_stream(stream, now, sink);
        }
    }

    /// Ends an exchange, whatever its state.
    pub(super) fn emit_stream(&mut self, stream: StreamId, now: Timestamp, sink: &mut dyn Sink) {
        if let Some(exchange) = self.exchanges.remove(&stream) {
            self.emit(exchange, now, sink);
        }
    }

    fn malformed(&mut self, malformed: &Malformed) {
        if malformed.severity == Severity::Warning {
            return;
        }
        if malformed.severity == Severity::Connection {
            self.facts
                .violation
                .get_or_insert_with(|| (malformed.direction, malformed.to_string()));
        }
        if let Some(stream) = malformed.stream {
            self.with(stream, |exchange| {
                exchange.flag(EventFlag::Malformed);
                exchange.fail(format!("malformed: {malformed}"));
            });
        }
    }

    fn lost(&mut self, direction: Direction) {
        self.flag(match direction {
            Direction::FromClient => ConnFlag::DecoderLostIn,
            Direction::FromUpstream => ConnFlag::DecoderLostOut,
        });
        for exchange in self.exchanges.values_mut() {
            exchange.flag(EventFlag::DecoderLost);
        }
    }

    pub(super) fn raw_bytes(&mut self, direction: Direction, bytes: &[u8], now: Timestamp) {
        if !self.exchanges.contains_key(&RAW) {
            self.begin_exchange(RAW, Protocol::Raw, now);
        }
        self.with(RAW, |exchange| match direction {
            Direction::FromClient => exchange.request = Phase::Body,
            Direction::FromUpstream => exchange.response = Phase::Body,
        });
        self.body(RAW, direction, bytes);
    }

    /// Raw bytes have no message ends: the first orderly end of either direction is one.
    pub(super) fn raw_end(&mut self, now: Timestamp) {
        self.with(RAW, |exchange| {
            exchange.end(Direction::FromClient, now);
            exchange.end(Direction::FromUpstream, now);
        });
    }
}
