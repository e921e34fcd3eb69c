//! The ServerHello (RFC 8446 §4.1.3): what the server chose, as far as it says so in the clear.
//!
//! In TLS 1.3 ALPN and the rest follow encrypted; in TLS 1.2 they stand here. A HelloRetryRequest
//! is a ServerHello with one particular random value (RFC 8446 §4.1.4).

use super::client_hello::{extension, protocol_names};
use super::cursor::Cursor;
use super::{Broken, CipherSuite, ClientHello, ExtensionType, NamedGroup, ProtocolVersion};

/// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// A ServerHello or a HelloRetryRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen: supported_versions, or else the version field.
    pub version: ProtocolVersion,
    /// The server's random bytes.
    pub random: [u8; 32],
    /// TLS 1.3: the client's value sent back. TLS 1.2: the session's name; the client's own when
    /// its session is resumed.
    pub session_id: Vec<u8>,
    /// The cipher suite chosen.
    pub cipher_suite: CipherSuite,
    /// Which extensions there are, in wire order.
    pub extensions: Vec<ExtensionType>,
    /// The protocol chosen by ALPN; TLS 1.2 only.
    pub alpn: Option<Vec<u8>>,
    /// The group of key_share: used, or in a HelloRetryRequest asked for. TLS 1.3 only.
    pub group: Option<NamedGroup>,
    /// Whether the server took a pre-shared key that was offered (TLS 1.3).
    pub psk: bool,
    /// Whether this is a HelloRetryRequest, which asks the client for another ClientHello.
    pub hello_retry: bool,
    /// What is wrong with it, a sentence each.
    pub faults: Vec<String>,
}

impl ServerHello {
    /// Whether the session that `hello` offered is resumed.
    pub fn resumes(&self, hello: &ClientHello) -> bool {
        match self.version {
            ProtocolVersion::TLSV1_3 => self.psk,
            _ => !self.session_id.is_empty() && self.session_id == hello.session_id,
        }
    }

    /// Reads the body of a server_hello message.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Broken> {
        let broken = |what| Broken { what, rfc_section: "RFC 8446 §4.1.3" };
        let mut cursor = Cursor::new(body);
        let mut hello =
            Self::start(&mut cursor).ok_or(broken("ServerHello ends before its extensions"))?;
        if !cursor.is_empty() {
            let mut block = Cursor::new(
                cursor.vec16().ok_or(broken("ServerHello ends inside its extensions"))?,
            );
            while !block.is_empty() {
                let (kind, data) = extension(&mut block).ok_or(broken(
                    "the last extension of ServerHello is longer than what is left",
                ))?;
                hello.extensions.push(kind);
                if hello.read_extension(kind, data).is_none() && hello.faults.is_empty() {
                    hello.faults.push(format!("malformed extension {kind}, {} bytes", data.len()));
                }
            }
        }
        Ok(hello)
    }

    fn start(cursor: &mut Cursor<'_>) -> Option<Self> {
        let version = ProtocolVersion(cursor.u16()?);
        let random = cursor.array()?;
        let session_id = cursor.vec8()?.to_vec();
        let cipher_suite = CipherSuite(cursor.u16()?);
        let _compression = cursor.u8()?;
        Some(Self {
            version,
            random,
            session_id,
            cipher_suite,
            extensions: Vec::new(),
            alpn: None,
            group: None,
            psk: false,
            hello_retry: random == HELLO_RETRY_REQUEST,
            faults: Vec::new(),
        })
    }

    /// None when the extension's data does not have the structure that it must have.
    fn read_extension(&mut self, kind: ExtensionType, data: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(data);
        match kind {
            ExtensionType::SUPPORTED_VERSIONS => self.version = ProtocolVersion(cursor.u16()?),
            ExtensionType::KEY_SHARE => self.group = Some(NamedGroup(cursor.u16()?)),
            ExtensionType::PRE_SHARED_KEY => self.psk = true,
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                self.alpn = Some(protocol_names(data).filter(|names| names.len() == 1)?.remove(0));
            }
            _ => {}
        }
        Some(())
    }
}
