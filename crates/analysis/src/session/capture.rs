//! What of headers and bodies is kept: redaction, and the capture limits.
//!
//! Two bounds stand over what is held until an exchange ends: the connection's, here, and the
//! process's ([`Memory`]). A redacted field is redacted wherever the record tells its value: `host`
//! and `:authority` are one, and the authority; `:path` is also the path and gRPC's names in it.

use std::sync::Arc;

use wire::http::Fields;

use super::exchange::Exchange;
use super::memory::Memory;
use crate::record::Text;

/// What a listener wants to be kept (`logging:` in the configuration).
#[derive(Clone, Debug)]
pub struct Options {
    /// Keep header sections at all (`log_headers`).
    pub headers: bool,
    /// Lower-case names of the fields whose values are replaced by `***` (`redact_headers`).
    pub redact: Vec<String>,
    /// Bytes kept of each body; none = bodies are not kept (`log_body`, `body_max_bytes`).
    pub body: Option<usize>,
    /// Make `h2ctl` records (`h2_control_events`).
    pub control_events: bool,
    /// What the connections of all listeners hold together.
    pub memory: Arc<Memory>,
}

/// All bodies that one connection holds at a time, in bytes: beyond it captures are truncated.
const MAX_CAPTURE_PER_CONNECTION: usize = 64 << 20;

/// Field sections that the open exchanges of one connection may hold together, in bytes. Past it the
/// connection is not followed any further.
const MAX_HEADERS_PER_CONNECTION: usize = 64 << 20;

/// What stands for a redacted value.
const REDACTED: &str = "***";

/// The two names of whom a request is meant for: HTTP/1's and HTTP/2's.
const AUTHORITY: [&str; 2] = ["host", ":authority"];

impl Options {
    /// The fields as they may be stored.
    pub(super) fn fields(&self, fields: Fields) -> Fields {
        if !self.headers {
            return Fields::new();
        }
        if !fields.iter().any(|field| self.is_secret(field.name)) {
            return fields;
        }
        let mut redacted = Fields::with_capacity(fields.len(), fields.list_size());
        for mut field in fields.iter() {
            if self.is_secret(field.name) {
                field.value = REDACTED.as_bytes();
            }
            redacted.push_field(field);
        }
        redacted
    }

    /// Whether the values of a field are not to be stored, whatever the case of its name.
    pub(super) fn is_secret(&self, name: &[u8]) -> bool {
        let is_redacted = |name: &[u8]| {
            self.redact.iter().any(|secret| name.eq_ignore_ascii_case(secret.as_bytes()))
        };
        is_redacted(name)
            || (AUTHORITY.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
                && AUTHORITY.iter().any(|known| is_redacted(known.as_bytes())))
    }

    /// A value that came in the field `name`, as it may be stored.
    pub(super) fn value(&self, name: &str, value: Vec<u8>) -> String {
        if self.is_secret(name.as_bytes()) { REDACTED.to_owned() } else { Text::from_vec(value) }
    }

    /// A request target as it may be stored. Where it is no path it tells the authority.
    pub(super) fn target(&self, target: Vec<u8>) -> String {
        let name = if target.starts_with(b"/") { ":path" } else { ":authority" };
        if self.is_secret(name.as_bytes()) {
            REDACTED.to_owned()
        } else {
            self.value(":path", target)
        }
    }
}

/// What the captures of one connection hold together.
#[derive(Debug)]
pub(super) struct Budget {
    held: usize,
    headers: usize,
    /// Where the same bytes are counted for the whole process.
    memory: Arc<Memory>,
}

impl Budget {
    pub(super) const fn new(memory: Arc<Memory>) -> Self {
        Self { held: 0, headers: 0, memory }
    }

    /// Keeps what of `data` may be kept in `body`; tells whether something was left out.
    pub(super) fn keep(
        &mut self,
        options: &Options,
        body: &mut Option<Vec<u8>>,
        data: &[u8],
    ) -> Kept {
        let Some(limit) = options.body else { return Kept::All };
        let body = body.get_or_insert_default();
        let room = self.room_below(limit.saturating_sub(body.len()));
        let kept = &data[..data.len().min(room)];
        body.extend_from_slice(kept);
        self.hold_body(kept.len());
        if kept.len() < data.len() { Kept::Some } else { Kept::All }
    }

    /// How many bytes of one more piece of content may be kept; none when the options ask for none.
    pub(super) fn room(&self, options: &Options) -> Option<usize> {
        options.body.map(|limit| self.room_below(limit))
    }

    fn room_below(&self, limit: usize) -> usize {
        // A capture that is full is not worth a look at what all connections share.
        let own = limit.min(MAX_CAPTURE_PER_CONNECTION.saturating_sub(self.held));
        if own == 0 { 0 } else { own.min(self.memory.room_for_content()) }
    }

    /// Content of `size` bytes is held.
    pub(super) fn hold_body(&mut self, size: usize) {
        self.held += size;
        self.memory.take(size);
    }

    /// Content of `size` bytes is let go.
    pub(super) fn release_body(&mut self, size: usize) {
        let size = size.min(self.held);
        self.held -= size;
        self.memory.give_back(size);
    }

    /// Field sections of `size` bytes are held until their exchange ends. They are held even where
    /// there is no room: then the connection is not followed any further.
    pub(super) fn hold_headers(&mut self, size: usize) -> Kept {
        self.headers += size;
        self.memory.take(size);
        if self.headers > MAX_HEADERS_PER_CONNECTION || self.memory.is_exceeded() {
            Kept::Some
        } else {
            Kept::All
        }
    }

    /// An exchange leaves the connection.
    pub(super) fn release(&mut self, exchange: &Exchange) {
        let record = &exchange.record;
        for body in [&record.request.body, &record.response.body].into_iter().flatten() {
            self.release_body(body.len());
        }
        if let Some(websocket) = &exchange.websocket {
            self.release_body(websocket.held());
        }
        let headers = exchange.held.min(self.headers);
        self.headers -= headers;
        self.memory.give_back(headers);
    }
}

/// However a connection ends, the others get what it held.
impl Drop for Budget {
    fn drop(&mut self) {
        self.memory.give_back(self.held + self.headers);
    }
}

/// How much of some data was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// All that the options ask for.
    All,
    /// Not all: the capture is truncated.
    Some,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(body: Option<usize>) -> Options {
        Options {
            headers: true,
            redact: vec!["cookie".to_owned()],
            body,
            control_events: false,
            memory: Arc::default(),
        }
    }

    #[test]
    fn secrets_never_reach_a_record() {
        let fields: Fields =
            [("Host", "a"), ("Cookie", "secret"), ("cookie", "too")].into_iter().collect();
        let kept = options(None).fields(fields);
        let values: Vec<_> = kept.iter().map(|field| field.value).collect();
        assert_eq!(values, [&b"a"[..], b"***", b"***"]);
    }

    #[test]
    fn a_capture_stops_at_its_limit_and_says_so() {
        let (mut budget, mut body) = (Budget::new(Arc::default()), None);
        assert_eq!(budget.keep(&options(Some(4)), &mut body, b"abc"), Kept::All);
        assert_eq!(budget.keep(&options(Some(4)), &mut body, b"def"), Kept::Some);
        assert_eq!(body.as_deref(), Some(&b"abcd"[..]));
    }

    #[test]
    fn without_log_body_nothing_is_kept() {
        let (mut budget, mut body) = (Budget::new(Arc::default()), None);
        assert_eq!(budget.keep(&options(None), &mut body, b"abc"), Kept::All);
        assert_eq!(body, None);
    }

    #[test]
    fn connections_share_what_the_process_may_hold() {
        let memory = Arc::new(Memory::new(400));
        let options = options(Some(1 << 20));
        let (mut one, mut other) =
            (Budget::new(Arc::clone(&memory)), Budget::new(Arc::clone(&memory)));
        let (mut of_one, mut of_other) = (None, None);
        assert_eq!(one.keep(&options, &mut of_one, &[0; 200]), Kept::All);
        assert_eq!(other.keep(&options, &mut of_other, &[0; 200]), Kept::Some);
        assert_eq!(of_other.map(|body| body.len()), Some(100), "a quarter is left to fields");
        assert_eq!(other.room(&options), Some(0));
        assert_eq!(other.hold_headers(100), Kept::All);
        assert_eq!(other.hold_headers(1), Kept::Some);
        drop(one);
        assert_eq!(other.hold_headers(1), Kept::All);
        assert_eq!(other.room(&options), Some(98));
        drop(other);
        assert_eq!(memory.held(), 0);
    }
}
