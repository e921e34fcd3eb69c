//! Certificate, CertificateRequest and the group of ServerKeyExchange, as TLS 1.2 and before show
//! them in the clear (RFC 5246 §7.4.2, §7.4.4; RFC 8422 §5.4).
//!
//! In TLS 1.3 all three travel encrypted.

use super::cursor::{Cursor, codes};
use super::{
    Broken, CipherSuite, ClientCertificateType, NamedGroup, ProtocolVersion, SignatureScheme,
};

/// What a server says about the client certificate that it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Acceptable kinds of certificates.
    pub types: Vec<ClientCertificateType>,
    /// Acceptable signatures; empty before TLS 1.2, which has no such list.
    pub schemes: Vec<SignatureScheme>,
    /// The DER-encoded names of acceptable authorities; none means any.
    pub authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// Reads the body of a certificate_request message.
    pub(super) fn parse(body: &[u8], version: ProtocolVersion) -> Result<Self, Broken> {
        Self::read(body, version).ok_or(Broken {
            what: "CertificateRequest does not have the structure of one",
            rfc_section: "RFC 5246 §7.4.4",
        })
    }

    fn read(body: &[u8], version: ProtocolVersion) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let types = cursor.vec8()?.iter().copied().map(ClientCertificateType).collect();
        let schemes = match version {
            ProtocolVersion::SSLV3 | ProtocolVersion::TLSV1 | ProtocolVersion::TLSV1_1 => {
                Vec::new()
            }
            _ => codes(cursor.vec16()?, SignatureScheme),
        };
        let mut names = Cursor::new(cursor.vec16()?);
        let mut authorities = Vec::new();
        while !names.is_empty() {
            authorities.push(names.vec16()?.to_vec());
        }
        cursor.is_empty().then_some(Self { types, schemes, authorities })
    }
}

/// Reads the body of a certificate message: the chain in DER, the sender's own certificate first.
/// An empty chain is a client that has none.
pub(super) fn chain(body: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
    let read = || {
        let mut cursor = Cursor::new(body);
        let mut list = Cursor::new(cursor.vec24().filter(|_| cursor.is_empty())?);
        let mut chain = Vec::new();
        while !list.is_empty() {
            chain.push(list.vec24()?.to_vec());
        }
        Some(chain)
    };
    read().ok_or(Broken {
        what: "Certificate does not have the structure of one",
        rfc_section: "RFC 5246 §7.4.2",
    })
}

/// The group that a server_key_exchange message names; none with finite-field groups, which TLS 1.2
/// writes out, and with suites that have no elliptic curve.
pub(super) fn key_exchange_group(body: &[u8], suite: CipherSuite) -> Option<NamedGroup> {
    const NAMED_CURVE: u8 = 3;
    suite.name().filter(|name| name.starts_with("TLS_ECDHE_") && !name.contains("_PSK_"))?;
    let mut cursor = Cursor::new(body);
    (cursor.u8()? == NAMED_CURVE).then_some(())?;
    cursor.u16().map(NamedGroup)
}
