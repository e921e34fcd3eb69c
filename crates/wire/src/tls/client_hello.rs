//! The ClientHello (RFC 8446 §4.1.2): all that a client says about itself in the clear.
//!
//! ```text
//! version  random  session id  cipher suites  compression methods  extensions…
//! ```
//!
//! Reading is tolerant: numbers without a name are kept (GREASE too), an extension that breaks its
//! own structure is told in [`ClientHello::faults`], and the rest is read on. Only a message whose
//! outer structure breaks gives nothing.

use std::net::IpAddr;

use super::cursor::{Cursor, codes};
use super::{Broken, CipherSuite, ExtensionType, NamedGroup, ProtocolVersion, SignatureScheme};

/// How many faults are told of one hello.
const MAX_FAULTS: usize = 16;

/// A ClientHello. Lists are in wire order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHello {
    /// The version field, 0x0303 in TLS 1.3.
    pub legacy_version: ProtocolVersion,
    /// The client's random bytes.
    pub random: [u8; 32],
    /// The session to resume (TLS 1.2), or camouflage (TLS 1.3).
    pub session_id: Vec<u8>,
    /// Cipher suites, signalling values included.
    pub cipher_suites: Vec<CipherSuite>,
    /// Compression methods; 0 is "null".
    pub compression: Vec<u8>,
    /// Which extensions there are.
    pub extensions: Vec<ExtensionType>,
    /// The host name of server_name (RFC 6066 §3).
    pub sni: Option<String>,
    /// The protocols offered by ALPN (RFC 7301 §3.1).
    pub alpn: Vec<Vec<u8>>,
    /// The versions of supported_versions, or else [`ClientHello::legacy_version`] alone.
    pub versions: Vec<ProtocolVersion>,
    /// supported_groups.
    pub groups: Vec<NamedGroup>,
    /// The groups that key_share has a key for (RFC 8446 §4.2.8).
    pub key_shares: Vec<NamedGroup>,
    /// signature_algorithms.
    pub signature_schemes: Vec<SignatureScheme>,
    /// ec_point_formats (RFC 8422 §5.1.2).
    pub ec_point_formats: Vec<u8>,
    /// Whether pre_shared_key offers a session to resume (RFC 8446 §4.2.11).
    pub psk: bool,
    /// The length of the session_ticket that is offered, in bytes (RFC 5077 §3.2); 0 asks for one.
    pub session_ticket: Option<usize>,
    /// Whether data comes along before the handshake is done (RFC 8446 §4.2.10).
    pub early_data: bool,
    /// encrypted_client_hello.
    pub ech: Option<Ech>,
    /// Whether the drafts' encrypted_server_name, the forerunner of ECH, is there.
    pub esni: bool,
    /// The message's length in bytes, its four-byte header included.
    pub length: usize,
    /// What is wrong with it, a sentence each; at most 16.
    pub faults: Vec<String>,
}

/// The encrypted_client_hello extension (RFC 9849 §5). A client without a key for the server sends
/// random bytes of the same look (GREASE ECH), which can't be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ech {
    /// Whether this is the outer hello, which carries the real one encrypted.
    pub outer: bool,
    /// The extension's length in bytes.
    pub len: usize,
}

impl ClientHello {
    /// Whether the client tries to resume a session, by whichever of the three ways.
    pub fn offers_resumption(&self) -> bool {
        let tls13 = self.versions.contains(&ProtocolVersion::TLSV1_3);
        self.psk
            || self.session_ticket.is_some_and(|length| length > 0)
            || (!tls13 && !self.session_id.is_empty())
    }

    /// Reads the body of a client_hello message.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Broken> {
        let broken = |what| Broken { what, rfc_section: "RFC 8446 §4.1.2" };
        let mut cursor = Cursor::new(body);
        let mut hello = Self::start(&mut cursor, body.len())
            .ok_or(broken("ClientHello ends inside its version, random or session id"))?;
        let suites = cursor.vec16().ok_or(broken("ClientHello ends inside its cipher suites"))?;
        hello.cipher_suites = codes(suites, CipherSuite);
        if !even(suites) {
            hello.fault(|| format!("cipher suites of {} bytes", suites.len()));
        }
        hello.compression = cursor
            .vec8()
            .ok_or(broken("ClientHello ends inside its compression methods"))?
            .to_vec();
        if !cursor.is_empty() {
            let extensions =
                cursor.vec16().ok_or(broken("ClientHello ends inside its extensions"))?;
            hello.read_extensions(extensions);
        }
        if !cursor.is_empty() {
            hello.fault(|| format!("{} bytes after the extensions", cursor.len()));
        }
        if hello.versions.is_empty() {
            hello.versions.push(hello.legacy_version);
        }
        Ok(hello)
    }

    fn start(cursor: &mut Cursor<'_>, body_length: usize) -> Option<Self> {
        let mut hello = Self {
            legacy_version: ProtocolVersion(cursor.u16()?),
            random: cursor.array()?,
            session_id: cursor.vec8()?.to_vec(),
            cipher_suites: Vec::new(),
            compression: Vec::new(),
            extensions: Vec::new(),
            sni: None,
            alpn: Vec::new(),
            versions: Vec::new(),
            groups: Vec::new(),
            key_shares: Vec::new(),
            signature_schemes: Vec::new(),
            ec_point_formats: Vec::new(),
            psk: false,
            session_ticket: None,
            early_data: false,
            ech: None,
            esni: false,
            length: body_length + 4,
            faults: Vec::new(),
        };
        if hello.session_id.len() > 32 {
            let length = hello.session_id.len();
            hello.fault(|| format!("session id of {length} bytes; at most 32 are allowed"));
        }
        Some(hello)
    }

    fn read_extensions(&mut self, block: &[u8]) {
        let mut cursor = Cursor::new(block);
        while !cursor.is_empty() {
            let Some((kind, data)) = extension(&mut cursor) else {
                self.fault(|| "the last extension is longer than what is left".to_owned());
                break;
            };
            self.extensions.push(kind);
            if self.read_extension(kind, data).is_none() {
                self.fault(|| format!("malformed extension {kind} of {} bytes", data.len()));
            }
        }
        self.check_order();
    }

    fn check_order(&mut self) {
        let mut sorted = self.extensions.clone();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            self.fault(|| format!("extension {} is there more than once", twice[0]));
        }
        if self.psk && self.extensions.last() != Some(&ExtensionType::PRE_SHARED_KEY) {
            self.fault(|| "pre_shared_key is not the last extension".to_owned());
        }
    }

    /// None when the extension's data does not have the structure that it must have.
    fn read_extension(&mut self, kind: ExtensionType, data: &[u8]) -> Option<()> {
        match kind {
            ExtensionType::SERVER_NAME => self.read_server_name(data)?,
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                self.alpn = protocol_names(data)?;
            }
            ExtensionType::SUPPORTED_VERSIONS => {
                let mut cursor = Cursor::new(data);
                let list = cursor.vec8().filter(|list| cursor.is_empty() && even(list))?;
                self.versions = codes(list, ProtocolVersion);
            }
            ExtensionType::SUPPORTED_GROUPS => {
                self.groups = codes(list16(data).filter(|list| even(list))?, NamedGroup);
            }
            ExtensionType::SIGNATURE_ALGORITHMS => {
                let list = list16(data).filter(|list| even(list))?;
                self.signature_schemes = codes(list, SignatureScheme);
            }
            ExtensionType::EC_POINT_FORMATS => {
                let mut cursor = Cursor::new(data);
                self.ec_point_formats =
                    cursor.vec8().filter(|list| cursor.is_empty() && !list.is_empty())?.to_vec();
            }
            ExtensionType::KEY_SHARE => {
                let mut shares = Cursor::new(list16(data)?);
                while !shares.is_empty() {
                    let group = NamedGroup(shares.u16()?);
                    shares.vec16()?;
                    self.key_shares.push(group);
                }
            }
            ExtensionType::PRE_SHARED_KEY => self.psk = true,
            ExtensionType::SESSION_TICKET => self.session_ticket = Some(data.len()),
            ExtensionType::EARLY_DATA => self.early_data = true,
            ExtensionType::ENCRYPTED_SERVER_NAME => self.esni = true,
            ExtensionType::ENCRYPTED_CLIENT_HELLO => {
                self.ech = Some(Ech { outer: data.first() != Some(&1), len: data.len() });
                data.first().filter(|form| **form <= 1)?;
            }
            _ => {}
        }
        Some(())
    }

    fn read_server_name(&mut self, data: &[u8]) -> Option<()> {
        let mut names = Cursor::new(list16(data).filter(|list| !list.is_empty())?);
        while !names.is_empty() {
            let (kind, name) = (names.u8()?, names.vec16()?);
            if kind != 0 || self.sni.is_some() {
                continue;
            }
            let text = String::from_utf8_lossy(name).into_owned();
            if !name.iter().all(u8::is_ascii_graphic) || name.is_empty() {
                self.fault(|| format!("server_name {text:?} is no host name"));
            } else if text.parse::<IpAddr>().is_ok() {
                self.fault(|| format!("server_name {text} is an IP address, not a host name"));
            } else if text.ends_with('.') {
                self.fault(|| format!("server_name {text} ends with a dot"));
            }
            self.sni = Some(text);
        }
        Some(())
    }

    fn fault(&mut self, what: impl FnOnce() -> String) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(what());
        }
    }
}

/// The next extension of a block.
pub(super) fn extension<'a>(block: &mut Cursor<'a>) -> Option<(ExtensionType, &'a [u8])> {
    Some((ExtensionType(block.u16()?), block.vec16()?))
}

/// ProtocolNameList (RFC 7301 §3.1): one or more names, none empty.
pub(super) fn protocol_names(data: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut list = Cursor::new(list16(data).filter(|list| !list.is_empty())?);
    let mut names = Vec::new();
    while !list.is_empty() {
        names.push(list.vec8().filter(|name| !name.is_empty())?.to_vec());
    }
    Some(names)
}

/// The content of a vector that must fill `data`.
fn list16(data: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(data);
    cursor.vec16().filter(|_| cursor.is_empty())
}

fn even(list: &[u8]) -> bool {
    list.len().is_multiple_of(2) && !list.is_empty()
}
