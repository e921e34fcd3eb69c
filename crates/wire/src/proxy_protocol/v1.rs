//! Version 1, a line of text (§2.1): `PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n`.

use std::net::{IpAddr, SocketAddr};

use super::{Address, Command, Header, Parsed, Transport, Version};
use crate::text;

/// What a v1 header begins with.
pub const V1_PREFIX: &[u8] = b"PROXY ";

/// The longest v1 header in bytes, CRLF included.
pub const MAX_V1_LENGTH: usize = 107;

/// Characters of the sender's text that are quoted.
const MAX_QUOTE: usize = 40;

const FAMILIES: [&[u8]; 3] = [b"TCP4 ", b"TCP6 ", b"UNKNOWN"];

/// Parses bytes that begin with [`V1_PREFIX`].
pub(super) fn parse(bytes: &[u8]) -> Parsed {
    let window = &bytes[..bytes.len().min(MAX_V1_LENGTH)];
    let end = window.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let rest = &window[V1_PREFIX.len()..end.unwrap_or(window.len())];
    match end.map(|end| (end, window[end], window.get(end + 1))) {
        Some((end, b'\r', Some(b'\n'))) => match addresses(rest) {
            Ok((transport, source, destination)) => Parsed::Header(Header {
                version: Version::V1,
                command: Command::Proxy,
                transport,
                source,
                destination,
                tlvs: Vec::new(),
                length: end + 2,
            }),
            Err(what) => malformed(&what),
        },
        Some((_, b'\n', _)) => malformed("the line ends with LF alone, expected CRLF"),
        Some((_, _, Some(_))) => malformed("a CR without LF, expected CRLF"),
        _ if window.len() == MAX_V1_LENGTH => {
            malformed(&format!("no CRLF within {MAX_V1_LENGTH} bytes"))
        }
        // Not worth waiting for the end of a line that is wrong already.
        _ if !FAMILIES.iter().any(|f| f.starts_with(rest) || rest.starts_with(f)) => {
            malformed(&bad_family(rest))
        }
        _ => Parsed::NeedMore,
    }
}

fn malformed(what: &str) -> Parsed {
    Parsed::Malformed(format!("PROXY v1: {what}"))
}

fn bad_family(text: &[u8]) -> String {
    format!("'{}' is not TCP4, TCP6 or UNKNOWN", quote(text))
}

/// The part between `PROXY ` and CRLF.
fn addresses(text: &[u8]) -> Result<(Transport, Address, Address), String> {
    let mut words = text.split(|&byte| byte == b' ');
    let family = words.next().unwrap_or_default();
    if family == b"UNKNOWN" {
        // Whatever else stands on the line has to be ignored.
        return Ok((Transport::Unspecified, Address::Unknown, Address::Unknown));
    }
    if !matches!(family, b"TCP4" | b"TCP6") {
        return Err(bad_family(family));
    }
    let (Some(source), Some(destination), Some(source_port), Some(destination_port), None) =
        (words.next(), words.next(), words.next(), words.next(), words.next())
    else {
        return Err(format!(
            "'{}' is not a source, a destination and two ports with one space between",
            quote(text)
        ));
    };
    let end = |which, address, number| -> Result<Address, String> {
        let address = ip(family, which, address)?;
        Ok(Address::Inet(SocketAddr::new(address, port(which, number)?)))
    };
    let source = end("source", source, source_port)?;
    let destination = end("destination", destination, destination_port)?;
    Ok((Transport::Stream, source, destination))
}

fn ip(family: &[u8], which: &str, word: &[u8]) -> Result<IpAddr, String> {
    let text = str::from_utf8(word).unwrap_or_default();
    let (address, name) = match family {
        b"TCP4" => (text.parse().ok().map(IpAddr::V4), "IPv4"),
        _ => (text.parse().ok().map(IpAddr::V6), "IPv6"),
    };
    address.ok_or_else(|| format!("the {which} '{}' is not an {name} address", quote(word)))
}

/// Digits without a leading zero, at most 65535.
fn port(which: &str, word: &[u8]) -> Result<u16, String> {
    let canonical =
        word.iter().all(u8::is_ascii_digit) && (word == b"0" || word.first() != Some(&b'0'));
    str::from_utf8(word).ok().filter(|_| canonical).and_then(|text| text.parse().ok()).ok_or_else(
        || {
            format!(
                "the {which} port '{}' is not a number from 0 to 65535 without leading zeros",
                quote(word)
            )
        },
    )
}

fn quote(text: &[u8]) -> String {
    text::printable(text, MAX_QUOTE)
}
