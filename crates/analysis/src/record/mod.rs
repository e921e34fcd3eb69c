//! The records: what is kept, and its JSON shape.
//!
//! One record is one JSON object on one line. Fields are never renamed, only added; those of a kind
//! are always present (null or empty when not known). The machine-readable description is the JSON
//! Schema in `docs/records.schema.json`.

mod common;
mod conn;
mod event;
mod h2ctl;
mod tls;
mod websocket;

pub use common::{ConnId, Millis, Origin, RecordId, Seconds, Text, headers};
pub use conn::ConnRecord;
pub use event::{EventRecord, EventTls, Request, Response};
pub use h2ctl::{H2CtlRecord, H2Detail, Setting};
pub use tls::{
    Certificate, ClientCertRequest, Fingerprints, Offered, TlsParameters, TlsRecord, TlsUpstream,
};
pub use websocket::{WebSocket, WebSocketMessage, WebSocketOpcode};

use serde::{Deserialize, Serialize};

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Record {
    /// A request and its response, also a cut one.
    #[serde(rename = "event")]
    Event(Box<EventRecord>),
    /// One TLS handshake of one side.
    #[serde(rename = "tls")]
    Tls(Box<TlsRecord>),
    /// An HTTP/2 control event.
    #[serde(rename = "h2ctl")]
    H2Ctl(Box<H2CtlRecord>),
    /// A moment of a connection's life.
    #[serde(rename = "conn")]
    Conn(Box<ConnRecord>),
}

impl Record {
    /// The word in the field `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Tls(_) => "tls",
            Self::H2Ctl(_) => "h2ctl",
            Self::Conn(_) => "conn",
        }
    }

    /// What all kinds have in common.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Event(record) => &record.origin,
            Self::Tls(record) => &record.origin,
            Self::H2Ctl(record) => &record.origin,
            Self::Conn(record) => &record.origin,
        }
    }

    /// When it happened: for an event the end of it, since that is when it is known.
    pub fn ts(&self) -> Seconds {
        match self {
            Self::Event(record) => record.ts_end,
            Self::Tls(record) => record.ts,
            Self::H2Ctl(record) => record.ts,
            Self::Conn(record) => record.ts,
        }
    }

    /// About how many bytes it holds in memory: what the bounded queues count.
    pub fn weight(&self) -> usize {
        const FIXED: usize = 512;
        match self {
            Self::Event(record) => FIXED + record.weight(),
            Self::Tls(record) => FIXED + 512 * record.peer_chain.len(),
            Self::H2Ctl(_) | Self::Conn(_) => FIXED,
        }
    }
}

#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;
