//! The PROXY protocol, versions 1 and 2: who the client of a load balancer really is.
//!
//! ```text
//! v1   PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n            at most 107 bytes
//! v2   signature(12) ver+cmd(1) family(1) length(2) addresses TLVs
//! ```
//!
//! [`parse`] is called on the first bytes of a connection again and again as they grow, until it
//! answers something else than [`Parsed::NeedMore`]:
//!
//! ```
//! use wire::proxy_protocol::{Parsed, parse};
//!
//! assert_eq!(parse(b"GET"), Parsed::NotProxy);
//! assert_eq!(parse(b"PROXY TCP4 192.0."), Parsed::NeedMore);
//! let Parsed::Header(header) = parse(b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\nGET") else {
//!     panic!();
//! };
//! assert_eq!(header.source.to_string(), "192.0.2.7:4711");
//! assert_eq!(header.length, 44);
//! ```
//!
//! The rules are those of "The PROXY protocol, Versions 1 & 2" by Willy Tarreau (`proxy-protocol.txt`
//! of HAProxy); section numbers are its own. Whether a peer may be believed isn't decided here.

mod address;
mod crc32c;
mod fuzzing;
#[cfg(test)]
mod tests;
mod tlv;
mod v1;
mod v2;

pub use address::Address;
#[doc(hidden)]
pub use fuzzing::fuzz;
pub use tlv::{Tlv, TlvKind};
pub use v1::{MAX_V1_LENGTH, V1_PREFIX};
pub use v2::{MAX_V2_PAYLOAD, V2_SIGNATURE};

/// What the first bytes of a connection are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// No PROXY header stands here: the bytes belong to the protocol proper.
    NotProxy,
    /// They may become a header.
    NeedMore,
    /// A header is complete; the protocol proper begins after [`Header::length`] bytes.
    Header(Header),
    /// A header was begun and breaks the rules, as the text says: what was found, what is expected.
    /// Receivers have to close the connection (§2.1, §2.2).
    Malformed(String),
}

/// Which of the two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// A line of text (§2.1).
    V1,
    /// Binary (§2.2).
    V2,
}

/// Why the header was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// The sender speaks for itself, as in a health check: the connection's own addresses count.
    Local,
    /// The sender relays somebody else's connection.
    Proxy,
}

/// The protocol of the relayed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Not told.
    Unspecified,
    /// TCP, or a UNIX stream socket.
    Stream,
    /// UDP, or a UNIX datagram socket.
    Datagram,
}

/// A PROXY header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The format it came in.
    pub version: Version,
    /// LOCAL or PROXY; always PROXY in v1.
    pub command: Command,
    /// The protocol of the relayed connection.
    pub transport: Transport,
    /// The client, as the sender saw it. Unknown with [`Command::Local`].
    pub source: Address,
    /// The address that the client connected to. Unknown with [`Command::Local`].
    pub destination: Address,
    /// Additional facts, in wire order; none in v1.
    pub tlvs: Vec<Tlv>,
    /// Bytes of the header, its end included.
    pub length: usize,
}

/// Looks for a PROXY header at the start of `first_bytes`.
///
/// [`Parsed::NotProxy`] is answered as soon as the bytes differ from both signatures, and
/// [`Parsed::Malformed`] as soon as no more bytes could make the header a good one.
pub fn parse(first_bytes: &[u8]) -> Parsed {
    if first_bytes.starts_with(&V2_SIGNATURE) {
        v2::parse(first_bytes)
    } else if first_bytes.starts_with(V1_PREFIX) {
        v1::parse(first_bytes)
    } else if V2_SIGNATURE.starts_with(first_bytes) || V1_PREFIX.starts_with(first_bytes) {
        Parsed::NeedMore
    } else {
        Parsed::NotProxy
    }
}
