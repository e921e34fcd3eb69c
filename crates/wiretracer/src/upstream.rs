//! Reaching the upstream: resolve, connect to every address in order.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use analysis::vocabulary::{CloseReason, TlsReason};
use socket2::SockRef;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, timeout_at};

use crate::config::UpstreamAddr;

/// Why the upstream could not be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// `upstream_connect_fail` or `upstream_connect_timeout`.
    pub close: CloseReason,
    /// The word for a `tls` record of the handshake that never began.
    pub reason: TlsReason,
    /// Each address tried, with its own result.
    pub detail: String,
}

/// Where one connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A name or address of the configuration, and its port.
    Named(String, u16),
    /// The original destination.
    Address(SocketAddr),
}

impl Target {
    /// Of the connection that was accepted as `client`.
    pub fn of(addr: &UpstreamAddr, client: &TcpStream) -> Result<Self, String> {
        match addr {
            UpstreamAddr::HostPort { host, port } => Ok(Self::Named(host.clone(), *port)),
            UpstreamAddr::OriginalDst => original_destination(client).map(Self::Address),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Named(host, port) => write!(f, "{host}:{port}"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Where a redirected connection was going before REDIRECT (SO_ORIGINAL_DST).
fn original_destination(client: &TcpStream) -> Result<SocketAddr, String> {
    let socket = SockRef::from(client);
    let local = client.local_addr().map_err(|error| error.to_string())?;
    let found = match local {
        SocketAddr::V4(_) => socket.original_dst_v4(),
        SocketAddr::V6(address) if address.ip().to_ipv4_mapped().is_some() => {
            socket.original_dst_v4()
        }
        SocketAddr::V6(_) => socket.original_dst_v6(),
    };
    let original = found.ok().and_then(|address| address.as_socket());
    match original {
        Some(original) if !same(original, local) => Ok(original),
        _ => Err(format!(
            "the connection came straight to {local}: no iptables or nftables REDIRECT brought it, \
             so there is no original destination (upstream.addr: original_dst)"
        )),
    }
}

fn same(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == other.port() && one.ip().to_canonical() == other.ip().to_canonical()
}

/// The local ports of our own connections to original destinations: a connection that comes from
/// one of them is our own, caught by the redirect.
#[derive(Clone, Debug, Default)]
pub struct OwnPorts(Arc<Mutex<HashSet<u16>>>);

impl OwnPorts {
    /// Whether `peer` is one of our own sockets: on this host, and from a port that is held. Any
    /// other host may happen to use the same port.
    pub fn is_own(&self, peer: SocketAddr) -> bool {
        let is_held = self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&peer.port());
        is_held && is_of_this_host(peer)
    }

    fn hold(&self, port: u16) -> OwnPort {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(port);
        OwnPort { ports: self.clone(), port }
    }
}

/// Whether an address is one of this host's. A socket can be bound to those only; our own connection
/// may be seen before it knows which of them it comes from.
fn is_of_this_host(mut address: SocketAddr) -> bool {
    address.set_ip(address.ip().to_canonical());
    address.set_port(0);
    std::net::UdpSocket::bind(address).is_ok()
}

/// A port is ours until this is dropped.
#[derive(Debug)]
pub struct OwnPort {
    ports: OwnPorts,
    port: u16,
}

impl Drop for OwnPort {
    fn drop(&mut self) {
        self.ports.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.port);
    }
}

/// A connection to the upstream.
#[derive(Debug)]
pub struct Connected {
    /// The socket.
    pub socket: TcpStream,
    /// The address that answered.
    pub address: SocketAddr,
    /// Held as long as the connection lives, where redirects may catch it.
    pub own_port: Option<OwnPort>,
}

/// How to connect.
#[derive(Clone, Debug)]
pub struct Dialer {
    /// For resolving and all addresses together; none = no limit.
    pub timeout: Option<Duration>,
    /// Firewall mark.
    pub mark: Option<u32>,
    /// Where to note our own ports, with `original_dst`.
    pub own_ports: Option<OwnPorts>,
}

/// Stands for "no limit".
const FOR_EVER: Duration = Duration::from_secs(30 * 24 * 3600);

impl Dialer {
    /// Connects to the first address of `target` that answers.
    pub async fn connect(&self, target: &Target) -> Result<Connected, Unreachable> {
        let deadline = Instant::now() + self.timeout.unwrap_or(FOR_EVER);
        let addresses = self.resolve(target, deadline).await?;
        let mut tried = String::new();
        let mut last = (CloseReason::UpstreamConnectFail, TlsReason::ConnectUnreachable);
        for (index, address) in addresses.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / (addresses.len() - index) as u32;
            let started = Instant::now();
            let result = timeout_at(started + share, self.dial(*address)).await;
            let took = started.elapsed().as_secs_f64() * 1e3;
            let outcome = match result {
                Ok(Ok(connected)) => return Ok(connected),
                Ok(Err(error)) => {
                    last = classify(&error);
                    words(&error)
                }
                Err(_) => {
                    last = (CloseReason::UpstreamConnectTimeout, TlsReason::Timeout);
                    "no answer".to_owned()
                }
            };
            let separator = if tried.is_empty() { "" } else { "; " };
            let _ = write!(tried, "{separator}{address} {outcome} after {took:.1} ms");
        }
        let (close, reason) = last;
        if close == CloseReason::UpstreamConnectTimeout {
            tried.push_str(" (policy.upstream_connect_timeout)");
        }
        Err(Unreachable { close, reason, detail: tried })
    }

    async fn resolve(
        &self,
        target: &Target,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, Unreachable> {
        let (host, port) = match target {
            Target::Address(address) => return Ok(vec![*address]),
            Target::Named(host, port) => (host, *port),
        };
        let fail = |close, detail| Unreachable { close, reason: TlsReason::Dns, detail };
        match timeout_at(deadline, tokio::net::lookup_host((host.as_str(), port))).await {
            Ok(Ok(found)) => {
                let found: Vec<_> = found.collect();
                if found.is_empty() {
                    let detail = format!("{host} has no address");
                    return Err(fail(CloseReason::UpstreamConnectFail, detail));
                }
                Ok(found)
            }
            Ok(Err(error)) => Err(fail(
                CloseReason::UpstreamConnectFail,
                format!("{host} cannot be resolved: {error}"),
            )),
            Err(_) => Err(fail(
                CloseReason::UpstreamConnectTimeout,
                format!("{host} was not resolved in time (policy.upstream_connect_timeout)"),
            )),
        }
    }

    async fn dial(&self, address: SocketAddr) -> io::Result<Connected> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_nodelay(true)?;
        if let Some(mark) = self.mark {
            SockRef::from(&socket).set_mark(mark).map_err(|error| {
                let hint = "upstream.so_mark needs CAP_NET_ADMIN";
                io::Error::new(error.kind(), format!("{hint}: {error}"))
            })?;
        }
        let own_port = match &self.own_ports {
            None => None,
            Some(ports) => {
                // Bound first, so that the port is known before anybody can see the connection.
                let any: std::net::IpAddr = match address {
                    SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
                    SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
                };
                socket.bind(SocketAddr::new(any, 0))?;
                Some(ports.hold(socket.local_addr()?.port()))
            }
        };
        let socket = socket.connect(address).await?;
        Ok(Connected { socket, address, own_port })
    }
}

fn classify(error: &io::Error) -> (CloseReason, TlsReason) {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            (CloseReason::UpstreamConnectFail, TlsReason::ConnectRefused)
        }
        io::ErrorKind::TimedOut => (CloseReason::UpstreamConnectTimeout, TlsReason::Timeout),
        _ => (CloseReason::UpstreamConnectFail, TlsReason::ConnectUnreachable),
    }
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        io::ErrorKind::HostUnreachable => "host unreachable".to_owned(),
        io::ErrorKind::TimedOut => "timed out".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_ports_are_ours_on_this_host_only() {
        let ports = OwnPorts::default();
        let held = ports.hold(4242);
        for (peer, own) in [
            ("127.0.0.1:4242", true),
            ("[::ffff:127.0.0.1]:4242", true),
            ("127.0.0.1:4243", false),
            // Of a network for documentation (RFC 5737): no host has it.
            ("192.0.2.7:4242", false),
            ("[::ffff:192.0.2.7]:4242", false),
        ] {
            assert_eq!(ports.is_own(peer.parse().unwrap()), own, "{peer}");
        }
        drop(held);
        assert!(!ports.is_own("127.0.0.1:4242".parse().unwrap()));
    }
}
