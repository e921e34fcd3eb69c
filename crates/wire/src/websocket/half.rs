//! One direction: its frames in order, and the messages that they carry. What is wrong with a frame
//! stands in [`rules`].

mod rules;

use std::borrow::Cow;

use super::control::{Close, MAX_CONTROL};
use super::event::{Event, MessageKind, Opcode};
use super::extensions::Extensions;
use super::frame::{FrameHeader, HeaderBuffer, unmask};
use super::inflate::{InflateError, MAX_INFLATED};
use super::message::{Messages, Trouble};
use crate::decoder::Severity;
use crate::{Direction, Lost, Malformed};

/// After so many breaches a direction is not followed any further: these are hardly frames.
pub const MAX_BREACHES: u32 = 16;

type Sink<'a> = &'a mut dyn FnMut(Event);

/// One direction of a connection.
#[derive(Debug)]
pub(super) struct Half {
    direction: Direction,
    deflate: bool,
    unknown_extension: bool,
    state: State,
    messages: Messages,
    /// Bytes of this direction that were looked at.
    offset: u64,
    breaches: u32,
    told: Told,
    closed: bool,
}

/// The breaches that whoever commits them once commits with every frame: they are told once.
#[derive(Debug, Default)]
struct Told {
    mask: bool,
    reserved_bits: bool,
    after_close: bool,
}

/// Where among its frames a direction is.
///
/// ```text
///  Header ── header complete ──► Payload ── all of it has come ──► Header
///     │                             │
///     └── no frame can be so ───────┴── too many breaches, the end ──► Over
/// ```
#[derive(Debug)]
enum State {
    /// Between two frames, or inside a header.
    Header(HeaderBuffer),
    /// Inside a payload.
    Payload(Frame),
    /// Not followed any more.
    Over,
}

/// The frame whose payload is coming.
#[derive(Debug)]
struct Frame {
    header: FrameHeader,
    /// Bytes of this direction before the frame.
    start: u64,
    /// Bytes of its payload that have come.
    position: u64,
    role: Role,
}

/// What a payload belongs to.
#[derive(Debug)]
enum Role {
    /// The message under way.
    Fragment,
    /// A control frame; what has come of it.
    Control(Vec<u8>),
    /// Nothing: a continuation of no message.
    Stray,
}

impl Half {
    pub(super) fn new(direction: Direction, extensions: &Extensions) -> Self {
        let deflate = extensions.deflate.map(|params| params[direction]);
        Self {
            direction,
            deflate: deflate.is_some(),
            unknown_extension: extensions.unknown,
            state: State::Header(HeaderBuffer::default()),
            messages: Messages::new(deflate),
            offset: 0,
            breaches: 0,
            told: Told::default(),
            closed: false,
        }
    }

    pub(super) fn feed(&mut self, mut data: &[u8], sink: Sink<'_>) {
        while !data.is_empty() {
            let before = data.len();
            self.state = match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return,
                State::Header(mut buffer) => {
                    let start = self.offset - buffer.filled() as u64;
                    match buffer.take(&mut data) {
                        None => State::Header(buffer),
                        Some(header) => self.begin_frame(header, start, sink),
                    }
                }
                State::Payload(frame) => self.payload(frame, &mut data, sink),
            };
            self.offset += (before - data.len()) as u64;
        }
    }

    pub(super) fn finish(&mut self, sink: Sink<'_>) {
        let state = std::mem::replace(&mut self.state, State::Over);
        let (what, start): (Cow<'static, str>, _) = match state {
            State::Header(buffer) if buffer.filled() > 0 => {
                let start = self.offset - buffer.filled() as u64;
                ("the bytes end inside a frame's header".into(), start)
            }
            State::Header(_) if self.messages.is_fragmented() => {
                ("the bytes end between two fragments of a message".into(), self.offset)
            }
            State::Header(_) | State::Over => return,
            State::Payload(Frame {
                header: FrameHeader { opcode, length, .. },
                start,
                position,
                ..
            }) => {
                let what = format!(
                    "the bytes end inside a {opcode} frame, after {position} of {length} bytes of payload"
                );
                (what.into(), start)
            }
        };
        self.breach(start, what, "RFC 6455 §5.2", sink);
    }

    fn begin_frame(&mut self, header: FrameHeader, start: u64, sink: Sink<'_>) -> State {
        sink(Event::FrameHeader {
            direction: self.direction,
            fin: header.fin,
            rsv1: header.rsv1(),
            opcode: header.opcode,
            masked: header.mask.is_some(),
            length: header.length,
        });
        if let Some(what) = rules::impossible(&header) {
            self.breach(start, what.clone().into(), "RFC 6455 §5.2", sink);
            return self.lose(start, what.into(), sink);
        }
        self.check_form(&header, start, sink);
        self.check_order(&header, start, sink);
        let role = match header.opcode {
            Opcode::TEXT => self.begin_message(MessageKind::Text, &header, start, sink),
            Opcode::BINARY => self.begin_message(MessageKind::Binary, &header, start, sink),
            Opcode::CONTINUATION if self.messages.is_fragmented() => Role::Fragment,
            Opcode::CONTINUATION => Role::Stray,
            _ => Role::Control(Vec::new()),
        };
        let frame = Frame { header, start, position: 0, role };
        if header.length == 0 { self.end_frame(frame, sink) } else { State::Payload(frame) }
    }

    fn begin_message(
        &mut self,
        kind: MessageKind,
        header: &FrameHeader,
        start: u64,
        sink: Sink<'_>,
    ) -> Role {
        let result = self.messages.begin(kind, header.rsv1());
        self.report(result, start, sink);
        Role::Fragment
    }

    fn payload(&mut self, mut frame: Frame, data: &mut &[u8], sink: Sink<'_>) -> State {
        let left = frame.header.length - frame.position;
        let taken = usize::try_from(left).map_or(data.len(), |left| left.min(data.len()));
        let (payload, rest) = data.split_at(taken);
        *data = rest;
        match &mut frame.role {
            Role::Stray => {}
            Role::Control(collected) => {
                let kept = taken.min(MAX_CONTROL - collected.len());
                unmask(frame.header.mask, frame.position, &payload[..kept], collected);
            }
            Role::Fragment => {
                let result = self.messages.push(frame.header.mask, frame.position, payload);
                self.report(result, frame.start, sink);
            }
        }
        frame.position += taken as u64;
        if frame.position == frame.header.length {
            self.end_frame(frame, sink)
        } else {
            State::Payload(frame)
        }
    }

    fn end_frame(&mut self, frame: Frame, sink: Sink<'_>) -> State {
        let Frame { header, start, role, .. } = frame;
        match role {
            Role::Stray => {}
            Role::Fragment if header.fin => self.end_message(start, sink),
            Role::Fragment => {}
            Role::Control(data) => self.control(header.opcode, data, start, sink),
        }
        if self.breaches < MAX_BREACHES {
            return State::Header(HeaderBuffer::default());
        }
        let why = format!("{MAX_BREACHES} breaches of the protocol: these are hardly frames");
        self.lose(start, why.into(), sink)
    }

    fn end_message(&mut self, start: u64, sink: Sink<'_>) {
        let (message, result) = self.messages.end();
        self.report(result, start, sink);
        let Some(message) = message else { return };
        if message.is_broken_text() {
            self.breach(start, "a text message is not UTF-8".into(), "RFC 6455 §8.1", sink);
        }
        sink(Event::Message {
            direction: self.direction,
            opcode: message.kind,
            data: message.data,
            form: message.form,
            truncated: message.truncated,
            length: message.length,
        });
    }

    fn control(&mut self, opcode: Opcode, data: Vec<u8>, start: u64, sink: Sink<'_>) {
        let direction = self.direction;
        match opcode {
            Opcode::PING => sink(Event::Ping { direction, data }),
            Opcode::PONG => sink(Event::Pong { direction, data }),
            _ => {
                let Close { code, reason, breach } = Close::read(&data);
                if let Some((what, section)) = breach {
                    self.breach(start, what, section, sink);
                }
                self.closed = true;
                sink(Event::Close { direction, code, reason });
            }
        }
    }

    fn report(&mut self, result: Result<(), Trouble>, start: u64, sink: Sink<'_>) {
        let Err(Trouble { error, context_lost }) = result else { return };
        let why = match error {
            InflateError::Corrupt => "a compressed message is not valid DEFLATE data".into(),
            InflateError::TooBig => format!("a message inflates to more than {MAX_INFLATED} bytes"),
            InflateError::Abandoned => "a compressed message has no end".into(),
        };
        if error == InflateError::Corrupt {
            self.breach(start, why.clone().into(), "RFC 7692 §7.2.2", sink);
        }
        if context_lost {
            sink(Event::InflateStopped { direction: self.direction, why: why.into() });
        }
    }

    fn breach(
        &mut self,
        offset: u64,
        what: Cow<'static, str>,
        rfc_section: &'static str,
        sink: Sink<'_>,
    ) {
        self.breaches += 1;
        sink(Event::Malformed(Malformed {
            direction: self.direction,
            stream: None,
            offset,
            what,
            rfc_section,
            // A receiver has to fail the connection over every one of these rules (§7.1.7).
            severity: Severity::Connection,
        }));
    }

    fn lose(&mut self, offset: u64, why: Cow<'static, str>, sink: Sink<'_>) -> State {
        sink(Event::Lost(Lost { direction: self.direction, offset, why }));
        State::Over
    }
}
