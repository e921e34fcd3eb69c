//! Version 2, binary (§2.2).
//!
//! ```text
//!  0          12        13      14       16
//!  signature  ver|cmd   af|tp   length   addresses  TLVs
//!             2 | 0,1   0-3|0-2          └─ `length` ──┘
//! ```

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Address, Command, Header, Parsed, Transport, Version, tlv};
use crate::cursor::{Cursor, NeedMore};

/// What a v2 header begins with: CRLF CRLF NUL CRLF `QUIT` LF.
pub const V2_SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// The most bytes of addresses and TLVs that are accepted. The format allows 65535, real senders use
/// a few hundred.
pub const MAX_V2_PAYLOAD: usize = 4096;

const UNIX_FIELD: usize = 108;

/// Why there is no header yet, or will never be.
enum Stop {
    NeedMore,
    Malformed(String),
}

impl From<NeedMore> for Stop {
    fn from(_: NeedMore) -> Self {
        Self::NeedMore
    }
}

impl From<String> for Stop {
    fn from(what: String) -> Self {
        Self::Malformed(what)
    }
}

#[derive(Clone, Copy)]
enum Family {
    Unspecified,
    Inet,
    Inet6,
    Unix,
}

/// Parses bytes that begin with [`V2_SIGNATURE`].
pub(super) fn parse(bytes: &[u8]) -> Parsed {
    match header(bytes) {
        Ok(header) => Parsed::Header(header),
        Err(Stop::NeedMore) => Parsed::NeedMore,
        Err(Stop::Malformed(what)) => Parsed::Malformed(format!("PROXY v2: {what}")),
    }
}

fn header(bytes: &[u8]) -> Result<Header, Stop> {
    let mut cursor = Cursor::new(bytes);
    cursor.take(V2_SIGNATURE.len())?;
    let command = command(cursor.u8()?)?;
    let family_and_transport = cursor.u8()?;
    let (family, transport) = match command {
        // The family of LOCAL has to be ignored, even a reserved one.
        Command::Local => (Family::Unspecified, Transport::Unspecified),
        Command::Proxy => {
            (family(family_and_transport >> 4)?, transport(family_and_transport & 0x0f)?)
        }
    };
    let length = usize::from(cursor.u16()?);
    if length > MAX_V2_PAYLOAD {
        let what = format!("announces {length} bytes, at most {MAX_V2_PAYLOAD} are accepted");
        return Err(Stop::Malformed(what));
    }
    let mut payload = cursor.nested(length)?;
    let (source, destination) =
        addresses(family, &mut payload).map_err(|NeedMore { .. }| {
            format!("announces {length} bytes, too few for the addresses")
        })?;
    let tlvs = match family {
        // Nothing says whether vectors stand here, so whatever isn't is passed over.
        Family::Unspecified => tlv::read_all(payload.rest()).unwrap_or_default(),
        Family::Inet | Family::Inet6 | Family::Unix => {
            let tlvs = tlv::read_all(payload.rest())?;
            tlv::verify_checksum(&bytes[..cursor.position()], &tlvs)?;
            tlvs
        }
    };
    let version = Version::V2;
    let length = cursor.position();
    Ok(Header { version, command, transport, source, destination, tlvs, length })
}

fn command(byte: u8) -> Result<Command, String> {
    match (byte >> 4, byte & 0x0f) {
        (2, 0) => Ok(Command::Local),
        (2, 1) => Ok(Command::Proxy),
        (2, other) => {
            Err(format!("command {other} is unassigned, expected 0 (LOCAL) or 1 (PROXY)"))
        }
        (other, _) => Err(format!("version {other} after the signature, expected 2")),
    }
}

fn family(number: u8) -> Result<Family, String> {
    match number {
        0 => Ok(Family::Unspecified),
        1 => Ok(Family::Inet),
        2 => Ok(Family::Inet6),
        3 => Ok(Family::Unix),
        other => Err(format!(
            "address family {other} is reserved, expected 0 (unspecified), 1 (IPv4), 2 (IPv6) or 3 \
             (UNIX)"
        )),
    }
}

fn transport(number: u8) -> Result<Transport, String> {
    match number {
        0 => Ok(Transport::Unspecified),
        1 => Ok(Transport::Stream),
        2 => Ok(Transport::Datagram),
        other => Err(format!(
            "transport {other} is reserved, expected 0 (unspecified), 1 (stream) or 2 (datagram)"
        )),
    }
}

fn addresses(family: Family, cursor: &mut Cursor<'_>) -> Result<(Address, Address), NeedMore> {
    match family {
        Family::Unspecified => Ok((Address::Unknown, Address::Unknown)),
        Family::Inet => {
            let source: [u8; 4] = cursor.array()?;
            let destination: [u8; 4] = cursor.array()?;
            with_ports(Ipv4Addr::from(source), Ipv4Addr::from(destination), cursor)
        }
        Family::Inet6 => {
            let source: [u8; 16] = cursor.array()?;
            let destination: [u8; 16] = cursor.array()?;
            with_ports(Ipv6Addr::from(source), Ipv6Addr::from(destination), cursor)
        }
        Family::Unix => {
            let source = cursor.take(UNIX_FIELD)?;
            let destination = cursor.take(UNIX_FIELD)?;
            Ok((Address::unix(source), Address::unix(destination)))
        }
    }
}

fn with_ports<Ip>(
    source: Ip,
    destination: Ip,
    cursor: &mut Cursor<'_>,
) -> Result<(Address, Address), NeedMore>
where
    SocketAddr: From<(Ip, u16)>,
{
    let source = SocketAddr::from((source, cursor.u16()?));
    let destination = SocketAddr::from((destination, cursor.u16()?));
    Ok((Address::Inet(source), Address::Inet(destination)))
}
