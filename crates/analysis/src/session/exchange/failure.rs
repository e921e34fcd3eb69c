//! Why the client sees an error, though the exchange came to its end: status codes, gRPC's rules
//! about them, WebSocket close codes.
//!
//! ```text
//! HEADERS END_STREAM with grpc-status            trailers-only: the status counts
//! HEADERS with grpc-status, DATA END_STREAM      split by a hop: no client takes that for a status
//! HEADERS, DATA …, HEADERS END_STREAM            the usual trailers
//! ```

use wire::Timestamp;
use wire::grpc::{self, PREFIX_LENGTH, Status};
use wire::http::{Fields, ResponseHead};

use super::{Exchange, Options, Phase};
use crate::record::{EventRecord, Millis, Response, Seconds};
use crate::vocabulary::{EventFlag, Protocol};

/// What is to be known of a gRPC response beyond its record.
#[derive(Debug, Default)]
pub(super) struct GrpcFacts {
    status: StatusPlace,
    /// The content-type, when it is not gRPC's.
    foreign: Option<String>,
    /// Content bytes that the messages begun so far have, prefixes included.
    announced: u64,
    /// `grpc-encoding` names a compression.
    is_compressed: bool,
    /// The first compressed flag that means nothing here.
    bad_flag: Option<u8>,
}

/// Where `grpc-status` was found, and whether it means something there.
#[derive(Debug, Default)]
enum StatusPlace {
    #[default]
    Nowhere,
    /// In the trailers, or in headers that are the whole response.
    Valid,
    /// In headers that did not end the stream.
    Headers,
    /// The value is not a number.
    Garbage(String),
}

impl GrpcFacts {
    pub(super) const fn has_status(&self) -> bool {
        !matches!(self.status, StatusPlace::Nowhere)
    }

    pub(super) fn response_head(
        &mut self,
        head: &ResponseHead,
        response: &mut Response,
        options: &Options,
    ) {
        let content_type = head.fields.get("content-type");
        if !content_type.is_some_and(grpc::is_grpc) {
            let found = content_type.map_or("no content-type".into(), |found| {
                options.value("content-type", found.to_vec())
            });
            self.foreign = Some(found);
        }
        let encoding = head.fields.get("grpc-encoding");
        self.is_compressed = encoding.is_some_and(|name| name != b"identity");
        let place = if head.is_whole { StatusPlace::Valid } else { StatusPlace::Headers };
        self.read(&head.fields, place, response, options);
    }

    pub(super) fn trailers(&mut self, fields: &Fields, response: &mut Response, options: &Options) {
        self.read(fields, StatusPlace::Valid, response, options);
    }

    pub(super) fn message(&mut self, flag: u8, length: u32) {
        if flag > 1 || (flag == 1 && !self.is_compressed) {
            self.bad_flag.get_or_insert(flag);
        }
        self.announced += PREFIX_LENGTH as u64 + u64::from(length);
    }

    fn read(
        &mut self,
        fields: &Fields,
        place: StatusPlace,
        response: &mut Response,
        options: &Options,
    ) {
        if let Some(value) = fields.get("grpc-status") {
            self.status = match Status::parse(value) {
                Some(status) => {
                    response.grpc_status = Some(status.0);
                    place
                }
                None => StatusPlace::Garbage(options.value("grpc-status", value.to_vec())),
            };
        }
        if let Some(value) = fields.get("grpc-message") {
            let message = grpc::decode_message(value);
            response.grpc_message = Some(options.value("grpc-message", message.into_bytes()));
        }
    }

    /// Why the call failed, by a response that was delivered to its end.
    fn failure(&self, record: &EventRecord) -> Option<String> {
        let response = &record.response;
        let status = response.status?;
        match &self.status {
            StatusPlace::Garbage(value) => {
                return Some(format!("grpc-status is '{value}', not a number"));
            }
            StatusPlace::Nowhere => return Some(self.no_status(status)),
            StatusPlace::Valid | StatusPlace::Headers => {}
        }
        let code = response.grpc_status?;
        let words = match response.grpc_message.as_deref() {
            None | Some("") => format!("grpc-status {code} {}", Status(code)),
            Some(message) => format!("grpc-status {code} {}: {message}", Status(code)),
        };
        if matches!(self.status, StatusPlace::Headers) {
            return Some(format!("{words} (in headers that did not end the stream)"));
        }
        if code != 0 {
            return Some(words);
        }
        self.bad_flag().or_else(|| self.cut_message(record.bytes_out))
    }

    fn no_status(&self, status: u16) -> String {
        match (status, &self.foreign) {
            (200, None) => "gRPC response without grpc-status".to_owned(),
            (200, Some(content_type)) => {
                format!("gRPC response without grpc-status: {content_type} instead")
            }
            (status, _) => format!("HTTP status {status} instead of a gRPC response"),
        }
    }

    /// A compressed flag that no receiver can heed.
    fn bad_flag(&self) -> Option<String> {
        Some(match self.bad_flag.filter(|_| self.foreign.is_none())? {
            1 => "gRPC message compressed, and no grpc-encoding says how".to_owned(),
            flag => format!("gRPC message with compressed flag {flag}, only 0 and 1 are defined"),
        })
    }

    /// The content ends inside a message, or inside the prefix of one.
    fn cut_message(&self, content: u64) -> Option<String> {
        if self.foreign.is_some() || content == self.announced {
            return None;
        }
        Some(match self.announced.checked_sub(content) {
            Some(missing) => format!("gRPC message cut: {missing} bytes are missing at its end"),
            None => "gRPC message cut inside its prefix".to_owned(),
        })
    }
}

impl Exchange {
    /// Completes the record.
    pub(in crate::session) fn finish(mut self, now: Timestamp) -> Box<EventRecord> {
        if self.response == Phase::Done && self.request != Phase::Done {
            self.flag(EventFlag::RequestUnfinished);
        }
        let error = self.error.take().or_else(|| self.failure());
        let mut record = self.record;
        record.websocket = self.websocket.map(|websocket| Box::new(websocket.into_record()));
        record.ts_end = Seconds(now);
        record.duration_ms = Millis(now.since(record.ts_start.0));
        record.error = error;
        record
    }

    /// Why a response that was delivered to its end is an error all the same.
    fn failure(&self) -> Option<String> {
        if let Some(websocket) = &self.websocket {
            return websocket.failure();
        }
        if self.record.protocol == Protocol::Grpc {
            // What was not followed to its end may have had its status there.
            if self.has(EventFlag::DecoderLost) && !self.grpc.has_status() {
                return None;
            }
            return self.grpc.failure(&self.record);
        }
        let status = self.record.response.status?;
        (status >= 500 || status == 0).then(|| format!("HTTP status {status}"))
    }
}
