//! One exchange: a request and its response, from the first byte to whatever ends it.
//!
//! Why it is an error in the end is told in [`failure`]; here is how far it has come.

mod failure;

use std::time::Duration;

use wire::decoder::PerDirection;
use wire::http::{Fields, RequestHead, ResponseHead};
use wire::websocket::Extensions;
use wire::{Direction, Timestamp, grpc};

use super::capture::Options;
use super::websocket::WebSocketTunnel;
use crate::outcome::Stage;
use crate::record::{EventRecord, Millis};
use crate::vocabulary::{EventFlag, Protocol};
use failure::GrpcFacts;

/// How far one half of an exchange has come.
///
/// ```text
/// Waiting ──head──► Body ──end──► Done
///    └──────────────end────────────┘      (a head that is the whole message)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The head is not complete.
    Waiting,
    /// The head is complete, the message is not.
    Body,
    /// The message is complete.
    Done,
}

/// An exchange that is still open.
#[derive(Debug)]
pub(super) struct Exchange {
    /// The record as far as it is known.
    pub(super) record: Box<EventRecord>,
    pub(super) request: Phase,
    pub(super) response: Phase,
    /// When the present phase of either half began.
    pub(super) phase_began: Timestamp,
    /// A 100 (Continue) came: the client may go on.
    pub(super) continued: bool,
    /// Bytes of field sections that it holds, as far as the budget knows.
    pub(super) held: usize,
    /// Bytes of field sections that the budget does not know of yet.
    new_held: usize,
    /// The WebSocket inside, when it became one.
    pub(super) websocket: Option<Box<WebSocketTunnel>>,
    /// What the response to an upgrade agrees on.
    pub(super) extensions: Extensions,
    /// When the first byte of the response came, where that is known before its head is complete.
    first_byte: Option<Timestamp>,
    /// When the request was complete.
    request_done: Option<Timestamp>,
    /// `grpc-timeout`.
    deadline: Option<Duration>,
    /// Why the client will see an error, once that is certain.
    error: Option<String>,
    grpc: GrpcFacts,
    /// How often each side's connection window had been empty when its message began.
    blocks_before: PerDirection<Option<u64>>,
}

impl Exchange {
    pub(super) fn new(record: Box<EventRecord>) -> Self {
        Self {
            phase_began: record.ts_start.0,
            record,
            request: Phase::Waiting,
            response: Phase::Waiting,
            continued: false,
            held: 0,
            new_held: 0,
            websocket: None,
            extensions: Extensions::default(),
            first_byte: None,
            request_done: None,
            deadline: None,
            error: None,
            grpc: GrpcFacts::default(),
            blocks_before: PerDirection::default(),
        }
    }

    pub(super) fn flag(&mut self, flag: EventFlag) {
        if !self.record.flags.contains(&flag) {
            self.record.flags.push(flag);
        }
    }

    pub(super) fn has(&self, flag: EventFlag) -> bool {
        self.record.flags.contains(&flag)
    }

    /// The first reason why the client sees an error stays.
    pub(super) fn fail(&mut self, error: String) {
        self.error.get_or_insert(error);
    }

    pub(super) const fn phase(&self, direction: Direction) -> Phase {
        match direction {
            Direction::FromClient => self.request,
            Direction::FromUpstream => self.response,
        }
    }

    /// The size of the field sections that came since the last call.
    pub(super) fn take_new_held(&mut self) -> usize {
        let new = std::mem::take(&mut self.new_held);
        self.held += new;
        new
    }

    /// Whether nothing more will be seen of it, when the directions in `lost` are not followed.
    pub(super) fn is_done(&self, lost: PerDirection<bool>) -> bool {
        let refused = self.has(EventFlag::GoawayRefused);
        (self.request == Phase::Done || lost[Direction::FromClient])
            && (self.response == Phase::Done || lost[Direction::FromUpstream] || refused)
    }

    /// Whether the client has all it will get, so that an end now takes nothing from it.
    pub(super) fn is_delivered(&self) -> bool {
        match &self.websocket {
            Some(websocket) => websocket.is_closed(),
            None => self.response == Phase::Done,
        }
    }

    /// Whether the end of the connection interrupts it. What was not followed to its end by our own
    /// limits may have gone well, and what GOAWAY refused was over before.
    pub(super) fn is_cut(&self) -> bool {
        let unknown = self.has(EventFlag::DecoderLost) && self.error.is_none();
        !self.is_delivered() && !unknown && !self.has(EventFlag::GoawayRefused)
    }

    /// Whether it carries bytes that belong to no message.
    pub(super) fn is_byte_stream(&self) -> bool {
        self.has(EventFlag::Tunnel) || self.record.protocol == Protocol::Raw
    }

    /// Where the exchange stands, for the words about a cut.
    pub(super) fn stage(&self) -> Stage {
        match (self.request, self.response) {
            _ if self.websocket.is_some() => Stage::WebSocket,
            _ if self.is_byte_stream() => Stage::Bytes,
            (_, Phase::Body | Phase::Done) => Stage::Response,
            _ if self.first_byte.is_some() => Stage::Response,
            (Phase::Done, Phase::Waiting) => Stage::BeforeResponse,
            (_, Phase::Waiting) => Stage::Request,
        }
    }

    pub(super) fn request_head(&mut self, head: RequestHead, options: &Options, now: Timestamp) {
        self.new_held += head.fields.list_size() + head.path.len();
        let record = &mut self.record;
        let is_grpc = head.fields.get("content-type").is_some_and(grpc::is_grpc);
        if is_grpc && record.protocol == Protocol::Http2 {
            record.protocol = Protocol::Grpc;
            if let Some((service, method)) = grpc::split_path(&head.path) {
                let part = |part: &[u8]| Some(options.value(":path", part.to_vec()));
                record.request.grpc_service = part(service);
                record.request.grpc_method = part(method);
            }
            self.deadline = head.fields.get("grpc-timeout").and_then(grpc::parse_timeout);
        }
        if head.fields.get("expect").is_some_and(|v| v.eq_ignore_ascii_case(b"100-continue")) {
            record.flags.push(EventFlag::ExpectContinue);
        }
        record.request.method = Some(options.value(":method", head.method));
        record.request.path = Some(options.target(head.path));
        record.request.authority = head.authority.map(|value| options.value(":authority", value));
        record.request.content_length = head.content_length;
        record.request.headers = options.fields(head.fields);
        self.request = Phase::Body;
        self.phase_began = now;
    }

    pub(super) fn response_head(&mut self, head: ResponseHead, options: &Options, now: Timestamp) {
        self.phase_began = now;
        let first_byte = self.first_byte.take().unwrap_or(now);
        if head.is_interim() {
            self.continued |= head.status == 100;
            return;
        }
        self.new_held += head.fields.list_size();
        self.extensions =
            Extensions::from_response(head.fields.get_all("sec-websocket-extensions"));
        if self.record.protocol == Protocol::Grpc {
            self.grpc.response_head(&head, &mut self.record.response, options);
            if head.is_whole && self.grpc.has_status() {
                self.flag(EventFlag::TrailersOnly);
            }
        }
        match self.request_done {
            Some(done) => self.record.ttfb_ms = Some(Millis(first_byte.since(done))),
            None => self.flag(EventFlag::EarlyResponse),
        }
        let response = &mut self.record.response;
        response.status = Some(head.status);
        response.content_length = head.content_length;
        response.headers = options.fields(head.fields);
        self.response = Phase::Body;
    }

    pub(super) fn trailers(&mut self, direction: Direction, fields: Fields, options: &Options) {
        self.new_held += fields.list_size();
        match direction {
            Direction::FromClient => self.record.request.trailers = options.fields(fields),
            Direction::FromUpstream => {
                if self.record.protocol == Protocol::Grpc {
                    self.grpc.trailers(&fields, &mut self.record.response, options);
                }
                self.record.response.trailers = options.fields(fields);
            }
        }
    }

    pub(super) fn grpc_message(&mut self, direction: Direction, flag: u8, length: u32) {
        match direction {
            Direction::FromClient => self.record.messages_in += 1,
            Direction::FromUpstream => {
                self.record.messages_out += 1;
                self.grpc.message(flag, length);
            }
        }
    }

    pub(super) fn end(&mut self, direction: Direction, now: Timestamp) {
        match direction {
            Direction::FromClient => {
                self.request = Phase::Done;
                self.request_done.get_or_insert(now);
            }
            Direction::FromUpstream => self.response = Phase::Done,
        }
        self.phase_began = now;
    }

    /// Some byte of a response came that is this one's, if it has none yet.
    pub(super) fn note_first_byte(&mut self, now: Timestamp) {
        if self.response == Phase::Waiting {
            self.first_byte.get_or_insert(now);
        }
    }

    /// A message with content begins; the connection's window had been empty `blocks` times.
    pub(super) fn note_blocks(&mut self, direction: Direction, blocks: u64) {
        self.blocks_before[direction] = Some(blocks);
    }

    /// A message ends, or the exchange does: did the connection's window run empty meanwhile?
    pub(super) fn check_blocks(&mut self, direction: Direction, blocks: u64) {
        let content = match direction {
            Direction::FromClient => self.record.bytes_in,
            Direction::FromUpstream => self.record.bytes_out,
        };
        // A message that is a head alone needs no credit.
        let needs_credit = self.phase(direction) == Phase::Body || content > 0;
        if let Some(before) = self.blocks_before[direction].take()
            && blocks > before
            && needs_credit
        {
            self.flag(EventFlag::FlowBlocked);
        }
    }

    /// Whether the client's own deadline was over when it gave up.
    pub(super) fn is_past_deadline(&self, now: Timestamp) -> bool {
        /// Clients send the deadline rounded up, and their clock starts before the bytes leave.
        const SLACK: Duration = Duration::from_millis(50);
        self.deadline.is_some_and(|deadline| {
            now.since(self.record.ts_start.0) + SLACK.max(deadline / 20) >= deadline
        })
    }
}
