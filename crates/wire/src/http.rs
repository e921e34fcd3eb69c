//! The vocabulary common to HTTP/1 and HTTP/2: fields, heads, and the events of a message.
//!
//! Names are those of RFC 9110: a *message* is a request or a response; it has a head (control data
//! and *fields*), content and perhaps trailers.

use crate::{Direction, Lost, Malformed};

/// Names one exchange on a connection: the stream identifier in HTTP/2; in HTTP/1 the ordinal of
/// the request, from 1.
pub type StreamId = u64;

/// Field lines in wire order, duplicates kept, names as they were sent (RFC 9110 §5).
///
/// One buffer and one list of spans, so that a header section costs two allocations however many
/// lines it has. In HTTP/2 the pseudo-header fields (`:method`, …) stand in it like all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    text: Vec<u8>,
    spans: Vec<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    name_end: u32,
    value_end: u32,
    never_indexed: bool,
}

/// One field line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name, in the sender's own spelling.
    pub name: &'a [u8],
    /// The value, without surrounding white space.
    pub value: &'a [u8],
    /// HPACK's "never indexed" mark: the sender holds the value to be a secret (RFC 7541 §6.2.3).
    pub never_indexed: bool,
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// No fields yet, with room for `lines` lines of `bytes` bytes together.
    pub fn with_capacity(lines: usize, bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), spans: Vec::with_capacity(lines) }
    }

    /// Appends a field line.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        self.push_field(Field { name, value, never_indexed: false });
    }

    /// Appends a field line with its never-indexed mark.
    pub fn push_field(&mut self, field: Field<'_>) {
        self.text.extend_from_slice(field.name);
        let name_end = self.text.len() as u32;
        self.text.extend_from_slice(field.value);
        let value_end = self.text.len() as u32;
        self.spans.push(Span { name_end, value_end, never_indexed: field.never_indexed });
    }

    /// Appends to the value of the last line (HTTP/1 obs-fold, RFC 9112 §5.2). Nothing happens when
    /// there is no line yet.
    pub fn extend_last_value(&mut self, more: &[u8]) {
        if let Some(last) = self.spans.last_mut() {
            self.text.extend_from_slice(more);
            last.value_end = self.text.len() as u32;
        }
    }

    /// The lines, in wire order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Field<'_>> + Clone {
        (0..self.spans.len()).map(|index| self.field(index))
    }

    fn field(&self, index: usize) -> Field<'_> {
        let start = match index {
            0 => 0,
            _ => self.spans[index - 1].value_end as usize,
        };
        let span = self.spans[index];
        let (name_end, value_end) = (span.name_end as usize, span.value_end as usize);
        Field {
            name: &self.text[start..name_end],
            value: &self.text[name_end..value_end],
            never_indexed: span.never_indexed,
        }
    }

    /// The value of the first line of this name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter()
            .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| field.value)
    }

    /// The values of all lines of this name, whatever its case.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name.as_bytes()))
            .map(|field| field.value)
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no line at all.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The size as SETTINGS_MAX_HEADER_LIST_SIZE counts it: names, values and 32 bytes for each
    /// line (RFC 9113 §6.5.2).
    pub fn list_size(&self) -> usize {
        self.text.len() + 32 * self.spans.len()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(lines: I) -> Self {
        let mut fields = Self::new();
        for (name, value) in lines {
            fields.push(name.as_ref(), value.as_ref());
        }
        fields
    }
}

/// The version in a message's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
}

/// Control data and fields of a request (RFC 9110 §6.2, §7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// HTTP version.
    pub version: Version,
    /// The method; empty when an HTTP/2 request lacks `:method`.
    pub method: Vec<u8>,
    /// The request target in HTTP/1 (any of its four forms), `:path` in HTTP/2.
    pub path: Vec<u8>,
    /// `:authority`, or else the `Host` field, or the authority inside an absolute or CONNECT
    /// target.
    pub authority: Option<Vec<u8>>,
    /// `:scheme`.
    pub scheme: Option<Vec<u8>>,
    /// `:protocol` of an extended CONNECT (RFC 8441), or the token in HTTP/1's `Upgrade`.
    pub protocol: Option<Vec<u8>>,
    /// All lines as they came.
    pub fields: Fields,
    /// `Content-Length`, when there is exactly one valid value.
    pub content_length: Option<u64>,
}

/// Control data and fields of a response (RFC 9110 §6.2, §15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// HTTP version.
    pub version: Version,
    /// The status code; 0 when an HTTP/2 response lacks a valid `:status`.
    pub status: u16,
    /// All lines as they came.
    pub fields: Fields,
    /// `Content-Length`, when there is exactly one valid value.
    pub content_length: Option<u64>,
    /// Whether the head is the whole message: in HTTP/2 the HEADERS frame carries END_STREAM. An
    /// [`Event::End`] follows then, as it does after an empty DATA frame.
    pub is_whole: bool,
}

impl ResponseHead {
    /// Whether this is an interim (1xx) response, after which the final one is still to come
    /// (RFC 9110 §15.2). 101 is final in effect: the protocol changes there.
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }
}

/// What a decoder saw of HTTP messages.
///
/// The order for a request is `RequestBegan`, `RequestHead`, any number of `Body` (and
/// `GrpcMessage`), perhaps `Trailers`, `End`; for a response any number of interim `ResponseHead`,
/// the final one, `Body`…, `Trailers`, `End`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The first byte of a request's head was seen.
    RequestBegan {
        /// Which exchange.
        stream: StreamId,
    },
    /// A request's head is complete.
    RequestHead {
        /// Which exchange.
        stream: StreamId,
        /// The head.
        head: RequestHead,
    },
    /// A response's head is complete; an interim one leaves room for more.
    ResponseHead {
        /// Which exchange.
        stream: StreamId,
        /// The head.
        head: ResponseHead,
    },
    /// Content, with the transfer coding (chunks, padding) taken off.
    Body {
        /// Which exchange.
        stream: StreamId,
        /// Request content or response content.
        direction: Direction,
        /// Some of the content's bytes, never none.
        data: &'a [u8],
    },
    /// The five-byte prefix of a gRPC message is complete. Only for `application/grpc*` content.
    GrpcMessage {
        /// Which exchange.
        stream: StreamId,
        /// Whose message.
        direction: Direction,
        /// The compressed flag, as sent: 0 and 1 are defined.
        flag: u8,
        /// The length that the prefix announces, in bytes.
        length: u32,
    },
    /// The trailer section (RFC 9110 §6.5).
    Trailers {
        /// Which exchange.
        stream: StreamId,
        /// Request trailers or response trailers.
        direction: Direction,
        /// The lines.
        fields: Fields,
    },
    /// The message is complete.
    End {
        /// Which exchange.
        stream: StreamId,
        /// The request or the response.
        direction: Direction,
    },
    /// `Upgrade` or `CONNECT` succeeded: from here on both directions of this exchange carry
    /// another protocol, told by [`Event::Tunnel`].
    TunnelOpened {
        /// Which exchange.
        stream: StreamId,
        /// The protocol that the upgrade chose (`websocket`), lower-cased; none after CONNECT.
        protocol: Option<Vec<u8>>,
    },
    /// Bytes of the protocol inside the tunnel.
    Tunnel {
        /// Which exchange.
        stream: StreamId,
        /// Which way they go.
        direction: Direction,
        /// The bytes, never none.
        data: &'a [u8],
    },
    /// A breach of the protocol.
    Malformed(Malformed),
    /// One direction is not followed any further.
    Lost(Lost),
}
