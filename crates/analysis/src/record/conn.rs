//! `conn`: a connection waits, opens, closes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::common::{Millis, Origin, Seconds};
use crate::vocabulary::{CloseReason, ConnEvent, ConnFlag, Party, ProxyVersion};

/// A moment of a connection's life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnRecord {
    /// Whence it comes.
    #[serde(flatten)]
    pub origin: Origin,
    /// When.
    pub ts: Seconds,
    /// The upstream's address as configured (or the original destination).
    pub upstream_addr: Option<Arc<str>>,
    /// Which moment.
    pub event: ConnEvent,
    /// What the PROXY protocol detection found.
    pub proxy_version: ProxyVersion,
    /// The source that the PROXY header claims.
    pub proxy_src: Option<String>,
    /// The destination that the PROXY header claims.
    pub proxy_dst: Option<String>,
    /// How long the connection waited for a place under `max_connections`.
    pub wait_ms: Option<Millis>,
    /// Who ended it (close only).
    pub closed_by: Option<Party>,
    /// Why it ended (close only).
    pub close_reason: Option<CloseReason>,
    /// What a person needs to understand it; names the config key where one decided.
    pub detail: Option<String>,
    /// From accept to the end (close only).
    pub duration_ms: Option<Millis>,
    /// Plaintext bytes that came from the client.
    pub bytes_in: u64,
    /// Plaintext bytes that came from the upstream.
    pub bytes_out: u64,
    /// Every transport fact seen.
    pub flags: Vec<ConnFlag>,
    /// The path of the last request.
    pub path: Option<String>,
}
