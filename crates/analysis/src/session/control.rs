//! HTTP/2 control events: their records, and what they do to the exchanges.

use std::borrow::Cow;

use wire::decoder::Severity;
use wire::http2::{Control, ControlKind, ErrorCode, Event, Scope, SettingChange};
use wire::{Direction, Timestamp, http};

use super::exchange::Phase;
use super::{Session, Sink};
use crate::metrics::Metric;
use crate::outcome::{Goaway, Violation};
use crate::record::{H2CtlRecord, H2Detail, Millis, Record, Seconds, Setting, Text};
use crate::vocabulary::{ConnFlag, EventFlag, Party, Protocol};

impl Session {
    pub(super) fn http2_event(&mut self, event: Event<'_>, now: Timestamp, sink: &mut dyn Sink) {
        match event {
            Event::Http(http::Event::RequestBegan { stream }) => {
                self.begin_exchange(stream, Protocol::Http2, now);
                self.with(stream, |exchange| {
                    exchange.record.request.stream_id = u32::try_from(stream).ok();
                });
                sink.count(Metric::H2StreamsOpened, 1);
                // It crossed the GOAWAY: nobody will answer.
                if Direction::BOTH.into_iter().any(|by| self.is_refused(stream, by)) {
                    self.refuse(stream);
                }
            }
            Event::Http(event) => self.http_event(event, now, sink),
            Event::Control(control) => self.control(control, now, sink),
        }
    }

    fn control(&mut self, control: Control, now: Timestamp, sink: &mut dyn Sink) {
        let Control { direction, stream, kind } = control;
        match &kind {
            ControlKind::RstStream { code } => {
                if let Some(stream) = stream {
                    self.reset(direction, stream, *code, now, sink);
                }
            }
            ControlKind::GoAway { code, last_stream_id, debug_data } => {
                let debug = Text(debug_data).into_string();
                let goaway =
                    Goaway { by: direction, code: *code, last_stream_id: *last_stream_id, debug };
                self.goaway_came(goaway, now, sink);
            }
            ControlKind::Settings { .. } if direction == Direction::FromUpstream => {
                self.awaits_settings = false;
            }
            ControlKind::FlowBlock { .. } => {
                sink.count(Metric::H2FlowBlock, 1);
                match stream {
                    Some(stream) => self.with(u64::from(stream), |exchange| {
                        exchange.flag(EventFlag::FlowBlocked);
                    }),
                    None => {
                        self.blocks[direction].count += 1;
                        self.blocks[direction].now = true;
                    }
                }
            }
            ControlKind::FlowResume { scope: Scope::Connection, .. } => {
                self.blocks[direction].now = false;
            }
            ControlKind::ProtocolError { what, rfc_section, severity, .. } => {
                sink.count(Metric::H2ProtocolError, 1);
                let words = format!("{what} ({rfc_section})");
                self.protocol_error((direction, stream), words, *severity, now);
            }
            ControlKind::PushPromise { promised } => {
                let promised = u64::from(*promised);
                self.with(promised, |exchange| exchange.flag(EventFlag::Pushed));
            }
            _ => {}
        }
        if self.options.control_events {
            let record = H2CtlRecord {
                origin: self.origin(),
                ts: Seconds(now),
                direction: direction.into(),
                stream_id: stream,
                detail: detail(kind),
            };
            sink.record(Record::H2Ctl(Box::new(record)));
        }
    }

    fn reset(
        &mut self,
        direction: Direction,
        stream: u32,
        code: ErrorCode,
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        sink.count(
            match direction {
                Direction::FromClient => Metric::H2StreamsResetIn,
                Direction::FromUpstream => Metric::H2StreamsResetOut,
            },
            1,
        );
        let stream = u64::from(stream);
        self.with(stream, |exchange| {
            exchange.flag(match direction {
                Direction::FromClient => EventFlag::ClientReset,
                Direction::FromUpstream => EventFlag::UpstreamReset,
            });
            // After a complete response a reset only ends the upload (RFC 9113 §8.1), and a client
            // that declines a push has lost nothing.
            let declined = direction == Direction::FromClient && exchange.has(EventFlag::Pushed);
            if exchange.is_delivered() || declined {
                return;
            }
            let late = direction == Direction::FromClient
                && code == ErrorCode::CANCEL
                && exchange.is_past_deadline(now);
            if late {
                exchange.flag(EventFlag::DeadlineExceeded);
                exchange.fail("deadline exceeded: RST_STREAM CANCEL by client".to_owned());
                return;
            }
            let who = Party::from(direction);
            exchange.fail(match exchange.websocket {
                Some(_) => format!("RST_STREAM {code} by {who} without a close frame (1006)"),
                None => format!("RST_STREAM {code} by {who}"),
            });
        });
        self.emit_stream(stream, now, sink);
    }

    /// Streams above the last one that the sender of GOAWAY may have acted on were not processed
    /// (RFC 9113 §6.8): their exchanges are over.
    fn goaway_came(&mut self, goaway: Goaway, now: Timestamp, sink: &mut dyn Sink) {
        let direction = goaway.by;
        let (metric, flag) = match direction {
            Direction::FromClient => (Metric::H2GoawayIn, ConnFlag::GoawayIn),
            Direction::FromUpstream => (Metric::H2GoawayOut, ConnFlag::GoawayOut),
        };
        sink.count(metric, 1);
        self.flag(flag);
        let last = goaway.last_stream_id;
        self.goaway[direction] =
            Some(self.goaway[direction].map_or(last, |before| before.min(last)));
        self.facts.note_goaway(goaway);
        let refused: Vec<u64> = self
            .exchanges
            .range(u64::from(last) + 1..)
            .filter(|(stream, exchange)| {
                self.is_refused(**stream, direction) && exchange.response == Phase::Waiting
            })
            .map(|(stream, _)| *stream)
            .collect();
        for stream in refused {
            self.refuse(stream);
            self.emit_stream(stream, now, sink);
        }
    }

    /// Whether `by`'s GOAWAY says that it does not process this stream of the other side.
    fn is_refused(&self, stream: u64, by: Direction) -> bool {
        let opened_by_other = match by {
            Direction::FromClient => stream.is_multiple_of(2),
            Direction::FromUpstream => !stream.is_multiple_of(2),
        };
        opened_by_other && self.goaway[by].is_some_and(|last| stream > u64::from(last))
    }

    fn refuse(&mut self, stream: u64) {
        let words = self.facts.goaway().map(|goaway| format!("refused by {goaway}"));
        self.with(stream, |exchange| {
            exchange.flag(EventFlag::GoawayRefused);
            exchange.fail(words.unwrap_or_default());
        });
    }

    fn protocol_error(
        &mut self,
        (by, stream): (Direction, Option<u32>),
        words: String,
        severity: Severity,
        now: Timestamp,
    ) {
        if severity >= Severity::Stream
            && let Some(stream) = stream
        {
            self.with(u64::from(stream), |exchange| {
                exchange.flag(EventFlag::Malformed);
                exchange.fail(format!("malformed: {words}"));
            });
        }
        if severity == Severity::Connection {
            self.facts.note_violation(Violation { by, at: now, what: words });
        }
    }
}

fn detail(kind: ControlKind) -> H2Detail {
    match kind {
        ControlKind::Settings { changed } => {
            H2Detail::Settings { changed: changed.into_iter().map(setting).collect() }
        }
        ControlKind::SettingsAck => H2Detail::SettingsAck {},
        ControlKind::WindowUpdate { delta, window } => H2Detail::WindowUpdate { delta, window },
        ControlKind::FlowBlock { scope, wanted_bytes, window } => {
            H2Detail::FlowBlock { scope: scope_word(scope), wanted_bytes, window }
        }
        ControlKind::FlowResume { scope, blocked } => {
            H2Detail::FlowResume { scope: scope_word(scope), blocked_ms: Millis(blocked) }
        }
        ControlKind::RstStream { code } => {
            H2Detail::RstStream { error_code: code.0, error_name: error_name(code) }
        }
        ControlKind::GoAway { code, last_stream_id, debug_data } => H2Detail::Goaway {
            error_code: code.0,
            error_name: error_name(code),
            last_stream_id,
            debug_data: Text::from_vec(debug_data),
        },
        ControlKind::Ping { opaque } => {
            H2Detail::Ping { opaque: format!("{:016x}", u64::from_be_bytes(opaque)) }
        }
        ControlKind::PingAck { rtt, .. } => H2Detail::PingAck { rtt_ms: rtt.map(Millis) },
        ControlKind::PushPromise { promised } => {
            H2Detail::PushPromise { promised_stream_id: promised }
        }
        ControlKind::Fingerprint { h2fp } => H2Detail::Fingerprint { h2fp, profile: None },
        ControlKind::ProtocolError { what, rfc_section, .. } => {
            H2Detail::ProtocolError { what, rfc_section: Cow::Borrowed(rfc_section) }
        }
    }
}

fn setting(change: SettingChange) -> Setting {
    let setting = match change.setting.name() {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(change.setting.to_string()),
    };
    Setting { setting, old: change.old, new: change.new }
}

fn error_name(code: ErrorCode) -> Cow<'static, str> {
    match code.name() {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(code.to_string()),
    }
}

const fn scope_word(scope: Scope) -> Cow<'static, str> {
    Cow::Borrowed(match scope {
        Scope::Connection => "connection",
        Scope::Stream => "stream",
    })
}
