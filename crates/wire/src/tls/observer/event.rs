//! What the observer tells.

use crate::tls::{
    AlertDescription, AlertLevel, CertificateRequest, ClientHello, ContentType, HandshakeType,
    NamedGroup, ProtocolVersion, ServerHello,
};
use crate::{Direction, Lost, Malformed};

/// One thing seen on a TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client's hello; a second one answers a HelloRetryRequest.
    ClientHello(Box<ClientHello>),
    /// The server's choice, or a HelloRetryRequest.
    ServerHello(Box<ServerHello>),
    /// A certificate chain in the clear (TLS 1.2 and before).
    Certificate {
        /// Whose certificate.
        direction: Direction,
        /// DER, the sender's own first. Empty: a client that has none.
        chain: Vec<Vec<u8>>,
    },
    /// The group of an ECDHE key exchange (TLS 1.2 and before).
    KeyExchange {
        /// The group.
        group: NamedGroup,
    },
    /// The upstream asks for a client certificate in the clear (TLS 1.2 and before).
    CertificateRequest(CertificateRequest),
    /// Another handshake message, in the clear, or the Finished that must be the first encrypted
    /// message after ChangeCipherSpec (RFC 5246 §7.4.9).
    Handshake {
        /// Who sent it.
        direction: Direction,
        /// What it is.
        message: HandshakeType,
        /// Its length in bytes, header included; of Finished the encrypted length.
        length: usize,
    },
    /// An alert.
    Alert {
        /// Who sent it.
        direction: Direction,
        /// What it says; none when it is encrypted.
        alert: Option<Alert>,
    },
    /// ChangeCipherSpec: in TLS 1.2 the sender encrypts from here on; in TLS 1.3 it means nothing
    /// (RFC 8446 §D.4).
    ChangeCipherSpec {
        /// Who sent it.
        direction: Direction,
    },
    /// The direction's first record of application data begins. In TLS 1.3 the encrypted part of
    /// the handshake looks like that too. What follows is counted in [`Totals`].
    ApplicationData {
        /// Who sent it.
        direction: Direction,
        /// The length of the record's content in bytes.
        bytes: u16,
    },
    /// The direction begins with something else, and is not followed.
    NotTls {
        /// Who sent it.
        direction: Direction,
        /// What it is: `"HTTP/1.1 response"`.
        what: String,
    },
    /// A breach of the protocol.
    Malformed(Malformed),
    /// The direction is not followed any further.
    Lost(Lost),
}

/// An alert in the clear (RFC 8446 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// How grave.
    pub level: AlertLevel,
    /// What it says.
    pub description: AlertDescription,
}

/// The sums of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All bytes, whatever they are.
    pub bytes: u64,
    /// Records begun.
    pub records: u64,
    /// Records of application data begun.
    pub application_records: u64,
    /// Bytes of content that those records announce, encryption's overhead included.
    pub application_bytes: u64,
    /// The last record: its type and the length of its content in bytes.
    pub last_record: Option<(ContentType, u16)>,
}

impl Totals {
    /// Whether the last record looks like an encrypted alert.
    ///
    /// In TLS 1.2 the record's type says it for certain. In TLS 1.3 only its length speaks: an alert
    /// of two bytes, one for the type, a tag of 16. Two bytes of data have that length too, and
    /// `TLS_AES_128_CCM_8_SHA256` has shorter tags, so that it is a hint and no more.
    pub fn ends_like_an_alert(&self, version: ProtocolVersion) -> bool {
        const TLS13_ALERT: u16 = 2 + 1 + 16;
        match (self.last_record, version) {
            (Some((ContentType::ALERT, _)), _) => true,
            (Some((ContentType::APPLICATION_DATA, length)), ProtocolVersion::TLSV1_3) => {
                length == TLS13_ALERT
            }
            _ => false,
        }
    }
}
