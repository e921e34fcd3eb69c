//! Addresses: where to listen, where to connect.
//!
//! ```text
//! listen     0.0.0.0:9100   [::1]:9100
//! addr       db.internal:5432   127.0.0.1:50052   [::1]:443   original_dst
//! ```
//!
//! The reason why a text is no address is an `Err` in words that go behind "found …".

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::model::UpstreamAddr;

/// What is allowed where a listener's address stands.
pub(super) const LISTEN_FORM: &str =
    "an IP address and a port, such as 127.0.0.1:9100, 0.0.0.0:9100 or [::]:9100";
/// What is allowed where a host and a port stand.
const HOST_PORT_FORM: &str = "host:port, such as 127.0.0.1:50052, db.internal:5432 or [::1]:443";
/// What is allowed where an upstream's address stands.
pub(super) const UPSTREAM_FORM: &str =
    "host:port, such as 127.0.0.1:50052, db.internal:5432 or [::1]:443, or the word original_dst";

/// Reads an address to listen on.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| LISTEN_FORM.to_owned())
}

/// Reads an upstream's address.
pub(super) fn upstream(text: &str) -> Result<UpstreamAddr, String> {
    if text == "original_dst" {
        return Ok(UpstreamAddr::OriginalDst);
    }
    let form = |allowed| if allowed == HOST_PORT_FORM { UPSTREAM_FORM.to_owned() } else { allowed };
    host_port(text).map(|(host, port)| UpstreamAddr::HostPort { host, port }).map_err(form)
}

/// Reads a host, without brackets, and a port that is not 0.
///
/// # Errors
/// What is allowed instead, in words that go behind "found …".
pub fn host_port(text: &str) -> Result<(String, u16), String> {
    if let Some((scheme, rest)) = text.split_once("://") {
        let host = rest.split('/').next().unwrap_or_default();
        return Err(format!("host:port without '{scheme}://' and without a path ('{host}')"));
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Err("an IPv6 address in brackets with a port, such as [::1]:443".to_owned());
    }
    let (host, port) = text.rsplit_once(':').ok_or(HOST_PORT_FORM)?;
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inner) => {
            inner.parse::<Ipv6Addr>().map_err(|_| HOST_PORT_FORM)?;
            inner
        }
        None if is_host(host) => host,
        None => return Err(HOST_PORT_FORM.to_owned()),
    };
    match port.parse() {
        Ok(0) | Err(_) => Err("a port from 1 to 65535 behind the last colon".to_owned()),
        Ok(port) => Ok((host.to_owned(), port)),
    }
}

/// A host name as resolvers take it: letters, digits, dots, dashes; an underscore is common in
/// service names. An IPv4 address has the same letters.
fn is_host(host: &str) -> bool {
    const LONGEST: usize = 253;
    !host.is_empty()
        && host.len() <= LONGEST
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// Whether one machine can't listen on both addresses at once.
pub(crate) fn collide(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port()
        && a.port() != 0
        && (a.ip() == b.ip() || covers(a.ip(), b.ip()) || covers(b.ip(), a.ip()))
}

/// Whether listening on `wide` takes `other`'s port too. `[::]` takes IPv4's as well.
fn covers(wide: IpAddr, other: IpAddr) -> bool {
    wide.is_unspecified() && (wide.is_ipv6() || other.is_ipv4())
}

/// Whether connecting to the upstream would arrive at the listener itself.
pub(super) fn loops(listen: SocketAddr, upstream: &UpstreamAddr) -> bool {
    let UpstreamAddr::HostPort { host, port } = upstream else { return false };
    if *port != listen.port() {
        return false;
    }
    let Ok(ip) = host.parse::<IpAddr>() else {
        let own = listen.ip().is_unspecified() || listen.ip().is_loopback();
        return own && host.eq_ignore_ascii_case("localhost");
    };
    // Connecting to "every address" reaches this machine's loopback.
    let reached = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified();
    ip == listen.ip()
        || (listen.ip().is_unspecified() && reached(ip) && (listen.is_ipv6() || ip.is_ipv4()))
        || (listen.ip().is_loopback() && ip.is_unspecified() && listen.is_ipv4() == ip.is_ipv4())
}
