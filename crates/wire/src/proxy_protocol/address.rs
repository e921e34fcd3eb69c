//! The addresses inside a PROXY header, and how people write them.

use std::fmt;
use std::net::SocketAddr;

use crate::text;

/// One end of the relayed connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// IPv4 or IPv6, with a port.
    Inet(SocketAddr),
    /// The path of a UNIX socket without its padding, at most 108 bytes. A name in Linux's abstract
    /// namespace begins with a zero byte; an unnamed socket has an empty path.
    Unix(Vec<u8>),
    /// Not told, or not to be used.
    Unknown,
}

impl Address {
    /// The IP address and port, where it is one.
    pub const fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(address) => Some(*address),
            Self::Unix(_) | Self::Unknown => None,
        }
    }

    /// From the fixed field of a v2 header: a path ends at its first zero byte.
    pub(super) fn unix(field: &[u8]) -> Self {
        let end = match field.first() {
            Some(0) => field.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1),
            _ => field.iter().position(|&byte| byte == 0).unwrap_or(field.len()),
        };
        Self::Unix(field[..end].to_vec())
    }
}

/// `10.0.0.1:4711`, `[2001:db8::1]:443`, `unix:/run/app.sock`, `unix:@abstract`, `unknown`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => write!(f, "{address}"),
            Self::Unix(path) => {
                let (mark, name) = match path.split_first() {
                    Some((0, name)) => ("@", name),
                    _ => ("", &path[..]),
                };
                write!(f, "unix:{mark}{}", text::printable(name, name.len()))
            }
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_people_do() {
        for (address, expected) in [
            (Address::Inet("10.0.0.1:4711".parse().unwrap()), "10.0.0.1:4711"),
            (Address::Inet("[2001:db8::1]:443".parse().unwrap()), "[2001:db8::1]:443"),
            (Address::unix(b"/run/app.sock\0\0\0"), "unix:/run/app.sock"),
            (Address::unix(b"/run/app.sock\0garbage"), "unix:/run/app.sock"),
            (Address::unix(b"\0name\0\0"), "unix:@name"),
            (Address::unix(b"\0\0\0"), "unix:"),
            (Address::unix(b"/a\x1b\xff"), "unix:/a\\u{1b}\\xff"),
            (Address::Unknown, "unknown"),
        ] {
            assert_eq!(address.to_string(), expected);
        }
    }
}
