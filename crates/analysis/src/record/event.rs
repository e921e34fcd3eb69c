//! `event`: a request and its response, whole or cut.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wire::http::Fields;

use super::common::{Millis, Origin, Seconds, headers};
use super::websocket::WebSocket;
use crate::vocabulary::{EventFlag, Protocol};

/// One exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Whence it comes.
    #[serde(flatten)]
    pub origin: Origin,
    /// The first byte of the request's head.
    pub ts_start: Seconds,
    /// What ended it.
    pub ts_end: Seconds,
    /// The upstream's address as configured (or the original destination).
    pub upstream_addr: Option<Arc<str>>,
    /// The protocol.
    pub protocol: Protocol,
    /// The client side's TLS connection; all null on plaintext.
    pub tls: Arc<EventTls>,
    /// The request.
    pub request: Request,
    /// The response; empty when none came.
    pub response: Response,
    /// Content bytes from the client.
    pub bytes_in: u64,
    /// Content bytes from the upstream.
    pub bytes_out: u64,
    /// From the complete request to the first byte of the response; null when either is missing or
    /// the response came first.
    pub ttfb_ms: Option<Millis>,
    /// From `ts_start` to `ts_end`.
    pub duration_ms: Millis,
    /// gRPC or WebSocket messages from the client.
    pub messages_in: u64,
    /// gRPC or WebSocket messages from the upstream.
    pub messages_out: u64,
    /// Facts worth a word.
    pub flags: Vec<EventFlag>,
    /// Why the client sees an error; null when it went well.
    pub error: Option<String>,
    /// Present when the protocol is `websocket`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub websocket: Option<Box<WebSocket>>,
}

impl EventRecord {
    pub(super) fn weight(&self) -> usize {
        let websocket = self.websocket.as_ref().map_or(0, |websocket| websocket.weight());
        self.request.weight() + self.response.weight() + websocket
    }
}

/// The client side's TLS connection, as an event shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTls {
    /// Server name that the client asked for.
    pub sni: Option<String>,
    /// Protocol agreed on.
    pub alpn: Option<String>,
    /// `TLSv1.3`, …
    pub version: Option<String>,
    /// The cipher suite's registered name.
    pub cipher: Option<String>,
}

/// The request half.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method; null for raw.
    pub method: Option<String>,
    /// The request target.
    pub path: Option<String>,
    /// `:authority` or `Host`.
    pub authority: Option<String>,
    /// HTTP/2's stream identifier; null in HTTP/1.
    pub stream_id: Option<u32>,
    /// `package.Service` of a gRPC path.
    pub grpc_service: Option<String>,
    /// `Method` of a gRPC path.
    pub grpc_method: Option<String>,
    /// The header section, in wire order.
    #[serde(with = "headers")]
    pub headers: Fields,
    /// The trailer section.
    #[serde(with = "headers")]
    pub trailers: Fields,
    /// Captured content.
    #[serde(with = "body_b64", rename = "body_b64")]
    pub body: Option<Vec<u8>>,
    /// Whether content went on past the capture.
    pub body_truncated: bool,
    /// `Content-Length`.
    pub content_length: Option<u64>,
}

/// The response half.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status code of the final response.
    pub status: Option<u16>,
    /// `grpc-status`, from the headers or the trailers.
    pub grpc_status: Option<u32>,
    /// `grpc-message`, percent-decoded.
    pub grpc_message: Option<String>,
    /// The header section, in wire order.
    #[serde(with = "headers")]
    pub headers: Fields,
    /// The trailer section.
    #[serde(with = "headers")]
    pub trailers: Fields,
    /// Captured content.
    #[serde(with = "body_b64", rename = "body_b64")]
    pub body: Option<Vec<u8>>,
    /// Whether content went on past the capture.
    pub body_truncated: bool,
    /// `Content-Length`.
    pub content_length: Option<u64>,
}

impl Request {
    fn weight(&self) -> usize {
        self.headers.list_size()
            + self.trailers.list_size()
            + self.body.as_ref().map_or(0, Vec::len)
            + self.path.as_ref().map_or(0, String::len)
    }
}

impl Response {
    fn weight(&self) -> usize {
        self.headers.list_size()
            + self.trailers.list_size()
            + self.body.as_ref().map_or(0, Vec::len)
    }
}

pub(super) mod body_b64 {
    use base64::Engine as _;
    use base64::display::Base64Display;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::record) fn serialize<S: Serializer>(
        body: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match body {
            Some(bytes) => serializer.collect_str(&Base64Display::new(bytes, &STANDARD)),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::record) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text).map_err(D::Error::custom)).transpose()
    }
}
