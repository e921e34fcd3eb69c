//! Who a connection is: its name, its listener, its client.

use std::net::SocketAddr;
use std::sync::Arc;

use wire::Timestamp;

use crate::record::{ConnId, Origin, RecordId};
use crate::vocabulary::ProxyVersion;

/// What names a connection in all its records.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The connection's name.
    pub conn: ConnId,
    /// The listener's name.
    pub listener: Arc<str>,
    /// The client's address as records show it.
    pub client_ip: Arc<str>,
    /// The client's port as records show it.
    pub client_port: Option<u16>,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// What the PROXY protocol claims.
    pub proxy: ProxyClaim,
}

/// What a PROXY header says, as records show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyClaim {
    /// Which version was found.
    pub version: ProxyVersion,
    /// The claimed source, `10.0.0.1:4711`.
    pub source: Option<String>,
    /// The claimed destination.
    pub destination: Option<String>,
    /// The client that records show from here on: address and, except for UNIX sockets, port.
    pub client: Option<(String, Option<u16>)>,
}

impl ProxyClaim {
    /// No PROXY header.
    pub const NONE: Self =
        Self { version: ProxyVersion::None, source: None, destination: None, client: None };

    /// Something that began like a PROXY header and is none.
    pub const INVALID: Self =
        Self { version: ProxyVersion::Invalid, source: None, destination: None, client: None };
}

impl Identity {
    /// A connection of `listener` with the peer `peer`.
    pub fn new(conn: ConnId, listener: Arc<str>, peer: SocketAddr, accepted: Timestamp) -> Self {
        Self {
            conn,
            listener,
            client_ip: peer.ip().to_canonical().to_string().into(),
            client_port: Some(peer.port()),
            accepted,
            proxy: ProxyClaim::NONE,
        }
    }

    pub(super) fn claim(&mut self, claim: ProxyClaim) {
        if let Some((ip, port)) = &claim.client {
            self.client_ip = ip.as_str().into();
            self.client_port = *port;
        }
        self.proxy = claim;
    }

    /// The origin of this connection's record number `ordinal`, counted from 1; 0 stands for "not
    /// numbered yet".
    pub fn origin(&self, ordinal: u32) -> Origin {
        Origin {
            id: RecordId { conn: self.conn, ordinal },
            listener: Arc::clone(&self.listener),
            client_ip: Arc::clone(&self.client_ip),
            client_port: self.client_port,
            conn_id: self.conn,
        }
    }
}
