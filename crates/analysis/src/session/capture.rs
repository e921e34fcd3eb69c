//! What of headers and bodies is kept: redaction, and the capture limits.

use wire::http::Fields;

use super::exchange::Exchange;

/// What a listener wants to be kept (`logging:` in the configuration).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keep header sections at all (`log_headers`).
    pub headers: bool,
    /// Lower-case names of the fields whose values are replaced by `***` (`redact_headers`).
    pub redact: Vec<String>,
    /// Bytes kept of each body; none = bodies are not kept (`log_body`, `body_max_bytes`).
    pub body: Option<usize>,
    /// Make `h2ctl` records (`h2_control_events`).
    pub control_events: bool,
}

/// All bodies that one connection holds at a time, in bytes: beyond it captures are truncated.
const MAX_CAPTURE_PER_CONNECTION: usize = 64 << 20;

/// Field sections that the open exchanges of one connection may hold together, in bytes. Past it the
/// connection is not followed any further.
const MAX_HEADERS_PER_CONNECTION: usize = 64 << 20;

/// What stands for a redacted value.
const REDACTED: &[u8] = b"***";

impl Options {
    /// The fields as they may be stored.
    pub(super) fn fields(&self, fields: Fields) -> Fields {
        if !self.headers {
            return Fields::new();
        }
        let is_secret = |name: &[u8]| {
            self.redact.iter().any(|secret| name.eq_ignore_ascii_case(secret.as_bytes()))
        };
        if !fields.iter().any(|field| is_secret(field.name)) {
            return fields;
        }
        let mut redacted = Fields::with_capacity(fields.len(), fields.list_size());
        for mut field in fields.iter() {
            if is_secret(field.name) {
                field.value = REDACTED;
            }
            redacted.push_field(field);
        }
        redacted
    }
}

/// What the captures of one connection hold together.
#[derive(Debug, Default)]
pub(super) struct Budget {
    held: usize,
    headers: usize,
}

impl Budget {
    /// Keeps what of `data` may be kept in `body`; tells whether something was left out.
    pub(super) fn keep(
        &mut self,
        options: &Options,
        body: &mut Option<Vec<u8>>,
        data: &[u8],
    ) -> Kept {
        let Some(limit) = options.body else { return Kept::All };
        let body = body.get_or_insert_default();
        let room = limit
            .saturating_sub(body.len())
            .min(MAX_CAPTURE_PER_CONNECTION.saturating_sub(self.held));
        let kept = &data[..data.len().min(room)];
        body.extend_from_slice(kept);
        self.held += kept.len();
        if kept.len() < data.len() { Kept::Some } else { Kept::All }
    }

    /// How many bytes of one more piece of content may be kept; none when the options ask for none.
    pub(super) fn room(&self, options: &Options) -> Option<usize> {
        options.body.map(|limit| limit.min(MAX_CAPTURE_PER_CONNECTION.saturating_sub(self.held)))
    }

    /// Content of `size` bytes is held.
    pub(super) const fn hold_body(&mut self, size: usize) {
        self.held += size;
    }

    /// Content of `size` bytes is let go.
    pub(super) const fn release_body(&mut self, size: usize) {
        self.held = self.held.saturating_sub(size);
    }

    /// Field sections of `size` bytes are held until their exchange ends.
    pub(super) const fn hold_headers(&mut self, size: usize) -> Kept {
        self.headers += size;
        if self.headers > MAX_HEADERS_PER_CONNECTION { Kept::Some } else { Kept::All }
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
        self.headers = self.headers.saturating_sub(exchange.held);
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
        Options { headers: true, redact: vec!["cookie".to_owned()], body, control_events: false }
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
        let (mut budget, mut body) = (Budget::default(), None);
        assert_eq!(budget.keep(&options(Some(4)), &mut body, b"abc"), Kept::All);
        assert_eq!(budget.keep(&options(Some(4)), &mut body, b"def"), Kept::Some);
        assert_eq!(body.as_deref(), Some(&b"abcd"[..]));
    }

    #[test]
    fn without_log_body_nothing_is_kept() {
        let mut body = None;
        assert_eq!(Budget::default().keep(&options(None), &mut body, b"abc"), Kept::All);
        assert_eq!(body, None);
    }
}
