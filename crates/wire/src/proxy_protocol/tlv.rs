//! Type-length-value vectors after the addresses of a v2 header (§2.2).

use std::fmt;

use super::crc32c::crc32c;
use crate::code::open_code;
use crate::cursor::{Cursor, NeedMore};
use crate::text;

/// Characters of a value that [`Tlv`]'s `Display` shows.
const MAX_SHOWN: usize = 256;

open_code! {
    /// What a TLV is about.
    TlvKind(u8) {
        /// The protocol on top, as ALPN names it.
        ALPN = 0x01, "ALPN";
        /// The host name that the client asked for (SNI).
        AUTHORITY = 0x02, "AUTHORITY";
        /// The checksum of the header, which receivers have to verify.
        CRC32C = 0x03, "CRC32C";
        /// Padding.
        NOOP = 0x04, "NOOP";
        /// An opaque identifier of the connection, at most 128 bytes.
        UNIQUE_ID = 0x05, "UNIQUE_ID";
        /// How the client's TLS ended at the sender.
        SSL = 0x20, "SSL";
        /// Inside SSL: the TLS version.
        SSL_VERSION = 0x21, "SSL_VERSION";
        /// Inside SSL: the common name in the client's certificate.
        SSL_CN = 0x22, "SSL_CN";
        /// Inside SSL: the cipher.
        SSL_CIPHER = 0x23, "SSL_CIPHER";
        /// Inside SSL: the signature algorithm of the certificate.
        SSL_SIG_ALG = 0x24, "SSL_SIG_ALG";
        /// Inside SSL: the key algorithm of the certificate.
        SSL_KEY_ALG = 0x25, "SSL_KEY_ALG";
        /// The network namespace.
        NETNS = 0x30, "NETNS";
        /// Google Cloud: the Private Service Connect connection.
        GCP = 0xe0, "GCP";
        /// Amazon: the VPC endpoint.
        AWS = 0xea, "AWS";
        /// Azure: the private endpoint.
        AZURE = 0xee, "AZURE";
    }
}

/// One vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlv {
    /// What it is about.
    pub kind: TlvKind,
    /// Its value as sent.
    pub value: Vec<u8>,
}

/// `AUTHORITY example.com`, `SSL 07 00 00 00 00 …`: text where the value is text, else hexadecimal.
impl fmt::Display for Tlv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_text = matches!(
            self.kind,
            TlvKind::ALPN
                | TlvKind::AUTHORITY
                | TlvKind::NETNS
                | TlvKind::SSL_VERSION
                | TlvKind::SSL_CN
                | TlvKind::SSL_CIPHER
                | TlvKind::SSL_SIG_ALG
                | TlvKind::SSL_KEY_ALG
        );
        let value = match is_text {
            true => text::printable(&self.value, MAX_SHOWN),
            false => text::hex(&self.value, MAX_SHOWN),
        };
        write!(f, "{} {value}", self.kind)
    }
}

impl Tlv {
    /// The vectors inside an SSL one, which come after a byte of flags and four bytes that say
    /// whether the client's certificate was verified (0) or not (§2.2.6). Nothing for other kinds
    /// and for what doesn't have this shape.
    pub fn inside_ssl(&self) -> Vec<Self> {
        match (self.kind, self.value.get(5..)) {
            (TlvKind::SSL, Some(vectors)) => read_all(vectors).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// Reads vectors to the end of `bytes`; the error says which one doesn't fit.
pub(super) fn read_all(bytes: &[u8]) -> Result<Vec<Tlv>, String> {
    let mut cursor = Cursor::new(bytes);
    let mut tlvs = Vec::new();
    while !cursor.is_empty() {
        let position = cursor.position();
        let (kind, value) = read(&mut cursor).map_err(|NeedMore { missing }| {
            format!(
                "the TLV at byte {position} of the vectors is cut short: bytes missing: {missing}"
            )
        })?;
        tlvs.push(Tlv { kind, value: value.to_vec() });
    }
    Ok(tlvs)
}

fn read<'a>(cursor: &mut Cursor<'a>) -> Result<(TlvKind, &'a [u8]), NeedMore> {
    let kind = TlvKind(cursor.u8()?);
    let length = cursor.u16()?;
    Ok((kind, cursor.take(length.into())?))
}

/// Verifies the checksum, where there is one: over the whole header, with zeros in place of the
/// checksum itself. `tlvs` were read from the end of `header`.
pub(super) fn verify_checksum(header: &[u8], tlvs: &[Tlv]) -> Result<(), String> {
    let mut end = header.len() - tlvs.iter().map(wire_length).sum::<usize>();
    for tlv in tlvs {
        end += wire_length(tlv);
        if tlv.kind != TlvKind::CRC32C {
            continue;
        }
        let Some(&sent) = tlv.value.first_chunk::<4>().filter(|_| tlv.value.len() == 4) else {
            return Err(format!("the CRC32C TLV has {} bytes, expected 4", tlv.value.len()));
        };
        let sent = u32::from_be_bytes(sent);
        let computed = crc32c(&[&header[..end - 4], &[0; 4], &header[end..]]);
        if sent != computed {
            return Err(format!("the CRC32C is {sent:08x}, but the header's is {computed:08x}"));
        }
        break;
    }
    Ok(())
}

fn wire_length(tlv: &Tlv) -> usize {
    3 + tlv.value.len()
}
