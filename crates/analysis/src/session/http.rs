//! HTTP messages become exchanges.

use std::sync::Arc;

use wire::decoder::{PerDirection, Severity};
use wire::http::{Event, StreamId};
use wire::{Direction, Malformed, Timestamp};

use super::capture::Kept;
use super::ending::cut_by_client;
use super::exchange::{Exchange, Phase};
use super::{Session, Sink};
use crate::outcome::Violation;
use crate::record::{EventRecord, Millis, Request, Response, Seconds};
use crate::vocabulary::{ConnFlag, EventFlag, Protocol};

impl Session {
    pub(super) fn http_event(&mut self, event: Event<'_>, now: Timestamp, sink: &mut dyn Sink) {
        match event {
            Event::RequestBegan { stream } => self.begin_exchange(stream, Protocol::Http1, now),
            Event::RequestHead { stream, head } => {
                let options = Arc::clone(&self.options);
                self.with(stream, |exchange| exchange.request_head(head, &options, now));
                self.note_path(stream);
                self.fields_came(stream, Direction::FromClient, now, sink);
            }
            Event::ResponseHead { stream, head } => {
                let options = Arc::clone(&self.options);
                self.with(stream, |exchange| exchange.response_head(head, &options, now));
                self.fields_came(stream, Direction::FromUpstream, now, sink);
            }
            Event::Body { stream, direction, data } => self.body(stream, direction, data),
            Event::GrpcMessage { stream, direction, flag, length } => {
                self.with(stream, |exchange| exchange.grpc_message(direction, flag, length));
            }
            Event::Trailers { stream, direction, fields } => {
                let options = Arc::clone(&self.options);
                self.with(stream, |exchange| exchange.trailers(direction, fields, &options));
                self.fields_came(stream, direction, now, sink);
            }
            Event::End { stream, direction } => {
                let blocks = self.blocks[direction].count;
                if direction == Direction::FromUpstream && self.awaits_settings {
                    self.fail_unopened(stream);
                }
                self.with(stream, |exchange| {
                    exchange.check_blocks(direction, blocks);
                    exchange.end(direction, now);
                });
                self.emit_if_done(stream, now, sink);
            }
            Event::TunnelOpened { stream, protocol } => {
                self.tunnel_opened(stream, protocol.as_deref());
            }
            Event::Tunnel { stream, direction, data } => {
                self.tunnel_bytes(stream, direction, data, now);
            }
            Event::Malformed(malformed) => self.malformed(&malformed, now),
            Event::Lost(lost) => self.lose(lost.direction, now, sink),
        }
    }

    pub(super) fn begin_exchange(&mut self, stream: StreamId, protocol: Protocol, now: Timestamp) {
        let record = Box::new(EventRecord {
            origin: self.identity.origin(0),
            ts_start: Seconds(now),
            ts_end: Seconds(now),
            upstream_addr: self.upstream_addr.clone(),
            protocol,
            // Known at the end: a connection that is passed through has its first bytes here before
            // its handshake is over.
            tls: Arc::default(),
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
            websocket: None,
        });
        let mut exchange = Exchange::new(record);
        if self.lost != PerDirection::default() {
            exchange.flag(EventFlag::DecoderLost);
        }
        self.exchanges.insert(stream, exchange);
        if self.lost[Direction::FromUpstream] && self.awaits_settings {
            self.fail_unopened(stream);
        }
    }

    pub(super) fn with(&mut self, stream: StreamId, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.exchanges.get_mut(&stream) {
            change(exchange);
        }
    }

    fn note_path(&mut self, stream: StreamId) {
        if let Some(exchange) = self.exchanges.get(&stream) {
            self.last_path.clone_from(&exchange.record.request.path);
        }
    }

    /// An exchange holds one more field section. A message with content may begin with it.
    fn fields_came(
        &mut self,
        stream: StreamId,
        direction: Direction,
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        let Some(exchange) = self.exchanges.get_mut(&stream) else { return };
        if exchange.phase(direction) == Phase::Body {
            exchange.note_blocks(direction, self.blocks[direction].before());
        }
        if self.budget.hold_headers(exchange.take_new_held()) == Kept::Some {
            for direction in Direction::BOTH {
                self.lose(direction, now, sink);
            }
        }
    }

    pub(super) fn body(&mut self, stream: StreamId, direction: Direction, data: &[u8]) {
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
        let lost = self.lost;
        if self.exchanges.get(&stream).is_some_and(|exchange| exchange.is_done(lost)) {
            self.emit_stream(stream, now, sink);
        }
    }

    /// Ends an exchange, whatever its state.
    pub(super) fn emit_stream(&mut self, stream: StreamId, now: Timestamp, sink: &mut dyn Sink) {
        if let Some(exchange) = self.exchanges.remove(&stream) {
            self.emit(exchange, now, sink);
        }
    }

    fn malformed(&mut self, malformed: &Malformed, now: Timestamp) {
        if malformed.severity == Severity::Warning {
            return;
        }
        if malformed.severity == Severity::Connection {
            let what = malformed.to_string();
            self.facts.note_violation(Violation { by: malformed.direction, at: now, what });
        }
        if let Some(stream) = malformed.stream {
            self.with(stream, |exchange| {
                exchange.flag(EventFlag::Malformed);
                exchange.fail(format!("malformed: {malformed}"));
            });
        }
    }

    /// On a connection that the upstream opened with something else than SETTINGS nothing goes well:
    /// clients refuse even an answer that is whole (RFC 9113 §3.4).
    fn fail_unopened(&mut self, stream: StreamId) {
        let breach = self.facts.violation_by(Direction::FromUpstream).map(ToOwned::to_owned);
        if let Some(what) = breach {
            self.with(stream, |exchange| {
                exchange.flag(EventFlag::Malformed);
                exchange.fail(format!("malformed: {what}"));
            });
        }
    }

    /// One direction is not followed any more: what waits for it alone is over.
    fn lose(&mut self, direction: Direction, now: Timestamp, sink: &mut dyn Sink) {
        if std::mem::replace(&mut self.lost[direction], true) {
            return;
        }
        self.flag(match direction {
            Direction::FromClient => ConnFlag::DecoderLostIn,
            Direction::FromUpstream => ConnFlag::DecoderLostOut,
        });
        let lost = self.lost;
        let mut over = Vec::new();
        for (stream, exchange) in &mut self.exchanges {
            exchange.flag(EventFlag::DecoderLost);
            if exchange.is_done(lost) {
                over.push(*stream);
            }
        }
        // It was a breach that ended them, or else our own limits.
        let breach = self.facts.violation_at(direction, now).map(ToOwned::to_owned);
        for stream in over {
            if let Some(exchange) = self.exchanges.get_mut(&stream) {
                match &breach {
                    _ if exchange.is_delivered() => {}
                    Some(what) => {
                        exchange.flag(EventFlag::Malformed);
                        exchange.fail(format!("malformed: {what}"));
                    }
                    // Whatever it was, it came too late.
                    None => cut_by_client(exchange, &self.facts),
                }
                self.facts.cut += usize::from(exchange.is_cut());
            }
            self.emit_stream(stream, now, sink);
        }
    }
}
