//! One exchange: a request and its response, from the first byte to whatever ends it.

use std::time::Duration;

use wire::http::{Fields, RequestHead, ResponseHead};
use wire::{Direction, Timestamp, grpc};

use super::capture::Options;
use crate::outcome::Stage;
use crate::record::{EventRecord, Millis, Seconds, Text};
use crate::vocabulary::{EventFlag, Protocol};

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
    /// When the request was complete.
    pub(super) request_done: Option<Timestamp>,
    /// `grpc-timeout`.
    pub(super) deadline: Option<Duration>,
    /// Why the client will see an error, once that is certain.
    pub(super) error: Option<String>,
    /// The value of `grpc-status` was there but is not a number.
    status_garbage: Option<String>,
}

impl Exchange {
    pub(super) fn new(record: Box<EventRecord>) -> Self {
        Self {
            phase_began: record.ts_start.0,
            record,
            request: Phase::Waiting,
            response: Phase::Waiting,
            request_done: None,
            deadline: None,
            error: None,
            status_garbage: None,
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

    pub(super) fn is_done(&self) -> bool {
        self.request == Phase::Done && self.response == Phase::Done
    }

    /// Where the exchange stands, for the words about a cut.
    pub(super) fn stage(&self) -> Stage {
        match (self.request, self.response) {
            (_, Phase::Body | Phase::Done) => Stage::Response,
            (Phase::Done, Phase::Waiting) => Stage::BeforeResponse,
            (_, Phase::Waiting) => Stage::Request,
        }
    }

    pub(super) fn request_head(&mut self, head: RequestHead, options: &Options, now: Timestamp) {
        let record = &mut self.record;
        let is_grpc = head.fields.get("content-type").is_some_and(grpc::is_grpc);
        if is_grpc && record.protocol == Protocol::Http2 {
            record.protocol = Protocol::Grpc;
            if let Some((service, method)) = grpc::split_path(&head.path) {
                record.request.grpc_service = Some(Text(service).into_string());
                record.request.grpc_method = Some(Text(method).into_string());
            }
            self.deadline = head.fields.get("grpc-timeout").and_then(grpc::parse_timeout);
        }
        if head.fields.get("expect").is_some_and(|v| v.eq_ignore_ascii_case(b"100-continue")) {
            record.flags.push(EventFlag::ExpectContinue);
        }
        record.request.method = Some(Text::from_vec(head.method));
        record.request.path = Some(Text::from_vec(head.path));
        record.request.authority = head.authority.map(Text::from_vec);
        record.request.content_length = head.content_length;
        record.request.headers = options.fields(head.fields);
        self.request = Phase::Body;
        self.phase_began = now;
    }

    pub(super) fn response_head(&mut self, head: ResponseHead, options: &Options, now: Timestamp) {
        if head.is_interim() {
            self.phase_began = now;
            return;
        }
        self.read_grpc_status(&head.fields);
        let record = &mut self.record;
        if record.response.grpc_status.is_some() {
            record.flags.push(EventFlag::TrailersOnly);
        }
        match self.request_done {
            Some(done) => record.ttfb_ms = Some(Millis(now.since(done))),
            None => record.flags.push(EventFlag::EarlyResponse),
        }
        record.response.status = Some(head.status);
        record.response.content_length = head.content_length;
        record.response.headers = options.fields(head.fields);
        self.response = Phase::Body;
        self.phase_began = now;
    }

    pub(super) fn trailers(&mut self, direction: Direction, fields: Fields, options: &Options) {
        match direction {
            Direction::FromClient => self.record.request.trailers = options.fields(fields),
            Direction::FromUpstream => {
                self.read_grpc_status(&fields);
                self.record.response.trailers = options.fields(fields);
            }
        }
    }

    fn read_grpc_status(&mut self, fields: &Fields) {
        if self.record.protocol != Protocol::Grpc {
            return;
        }
        if let Some(value) = fields.get("grpc-status") {
            match grpc::Status::parse(value) {
                Some(status) => self.record.response.grpc_status = Some(status.0),
                None => self.status_garbage = Some(Text(value).into_string()),
            }
        }
        if let Some(value) = fields.get("grpc-message") {
            self.record.response.grpc_message = Some(grpc::decode_message(value));
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

    /// The client gave up when its own deadline was over.
    pub(super) fn is_past_deadline(&self, now: Timestamp) -> bool {
        /// Clients send the deadline rounded, and their clock starts before the bytes leave.
        const SLACK: Duration = Duration::from_millis(20);
        self.deadline.is_some_and(|deadline| now.since(self.record.ts_start.0) + SLACK >= deadline)
    }

    /// Completes the record.
    pub(super) fn finish(mut self, now: Timestamp) -> Box<EventRecord> {
        if self.response == Phase::Done && self.request != Phase::Done {
            self.flag(EventFlag::RequestUnfinished);
        }
        if !self.is_trailers_only() {
            self.record.flags.retain(|flag| *flag != EventFlag::TrailersOnly);
        }
        let error = self.error.take().or_else(|| self.failure());
        let mut record = self.record;
        record.ts_end = Seconds(now);
        record.duration_ms = Millis(now.since(record.ts_start.0));
        record.error = error;
        record
    }

    /// Trailers-only is one header section: neither content nor trailers follow it.
    fn is_trailers_only(&self) -> bool {
        self.record.bytes_out == 0 && self.record.response.trailers.is_empty()
    }

    /// Why a response that was delivered to its end is an error all the same.
    fn failure(&self) -> Option<String> {
        let response = &self.record.response;
        if self.record.protocol == Protocol::Grpc {
            return self.grpc_failure();
        }
        let status = response.status?;
        (status >= 500 || status == 0).then(|| format!("HTTP status {status}"))
    }

    fn grpc_failure(&self) -> Option<String> {
        let response = &self.record.response;
        if let Some(value) = &self.status_garbage {
            return Some(format!("grpc-status is '{value}', not a number"));
        }
        match (response.grpc_status, response.status) {
            (Some(0), _) => None,
            (Some(code), _) => {
                let name = grpc::Status(code);
                Some(match response.grpc_message.as_deref() {
                    None | Some("") => format!("grpc-status {code} {name}"),
                    Some(message) => format!("grpc-status {code} {name}: {message}"),
                })
            }
            (None, Some(200)) => Some("gRPC response without grpc-status".to_owned()),
            (None, Some(status)) => {
                Some(format!("HTTP status {status} instead of a gRPC response"))
            }
            (None, None) => None,
        }
    }
}
