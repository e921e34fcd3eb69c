//! The first bytes of a connection, and the PROXY header among them.

use std::io;

use analysis::session::ProxyClaim;
use analysis::vocabulary::{CloseReason, ProxyVersion};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use wire::proxy_protocol::{self, Address, Header, Parsed, Version};

use super::decided;
use crate::io::Prefixed;
use analysis::outcome::Cause;

/// A socket and what was read from it so far.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) socket: TcpStream,
    pub(super) bytes: Vec<u8>,
    /// The header that goes to the upstream before anything else.
    pub(super) proxy_header: Vec<u8>,
    /// The client reset the connection; the socket itself tells only once.
    pub(super) is_reset: bool,
}

/// Read at once while looking for headers and hellos.
const READ: usize = 4096;

impl Opening {
    pub(super) const fn new(socket: TcpStream) -> Self {
        Self { socket, bytes: Vec::new(), proxy_header: Vec::new(), is_reset: false }
    }

    /// Reads some more; 0 = the client will send nothing more.
    pub(super) async fn more(&mut self) -> io::Result<usize> {
        self.bytes.reserve(READ);
        let read = self.socket.read_buf(&mut self.bytes).await;
        self.is_reset |= read.is_err();
        read
    }

    pub(super) fn into_prefixed(self) -> Prefixed {
        Prefixed::new(self.bytes, self.socket)
    }

    /// Takes a PROXY header off the bytes, reading until it is certain whether there is one.
    pub(super) async fn take_proxy_header(&mut self) -> Result<ProxyClaim, Malformed> {
        loop {
            match proxy_protocol::parse(&self.bytes) {
                Parsed::NotProxy => return Ok(ProxyClaim::NONE),
                Parsed::Header(header) => {
                    let rest = self.bytes.split_off(header.length);
                    self.proxy_header = std::mem::replace(&mut self.bytes, rest);
                    return Ok(claim(&header));
                }
                Parsed::Malformed(what) => return Err(Malformed(what)),
                Parsed::NeedMore => match self.more().await {
                    // Cut in the middle of what may become one: whoever reads on will see it.
                    Ok(0) | Err(_) => return Ok(ProxyClaim::NONE),
                    Ok(_) => {}
                },
            }
        }
    }
}

/// A PROXY header that breaks its rules: what was found, what is expected.
#[derive(Debug)]
pub(super) struct Malformed(pub(super) String);

impl Malformed {
    pub(super) fn cause(self) -> Cause {
        decided(CloseReason::ProxyProtocolError, self.0)
    }
}

fn claim(header: &Header) -> ProxyClaim {
    let text = |address: &Address| match address {
        Address::Unknown => None,
        known => Some(known.to_string()),
    };
    let client = match &header.source {
        Address::Inet(address) => {
            Some((address.ip().to_canonical().to_string(), Some(address.port())))
        }
        Address::Unix(_) => text(&header.source).map(|path| (path, None)),
        Address::Unknown => None,
    };
    ProxyClaim {
        version: match header.version {
            Version::V1 => ProxyVersion::V1,
            Version::V2 => ProxyVersion::V2,
        },
        source: text(&header.source),
        destination: text(&header.destination),
        client,
    }
}
