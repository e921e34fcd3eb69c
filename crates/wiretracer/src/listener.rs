//! One listener: accepts, checks the allowlist, keeps to `max_connections`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use analysis::metrics::Metric;
use analysis::outcome::Cause;
use analysis::record::ConnId;
use analysis::session::{Identity, Memory, Options, Session};
use analysis::vocabulary::{CloseReason, Party};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config;
use crate::connection::Connection;
use crate::recorder::Recorder;
use crate::service::{Stop, stopped};
use crate::tls::client::Connector;
use crate::tls::mint::Minter;
use crate::tls::server::Acceptor;
use crate::upstream::{Dialer, OwnPorts};

/// What all connections of one listener share.
#[derive(Debug)]
pub struct Shared {
    /// The listener's section of the configuration.
    pub config: Arc<config::Listener>,
    /// Where records go.
    pub recorder: Recorder,
    /// What of them is kept.
    pub options: Arc<Options>,
    /// TLS with clients, where the listener speaks it.
    pub acceptor: Option<Acceptor>,
    /// TLS with the upstream, where it may speak it.
    pub connector: Option<Connector>,
    /// TCP to the upstream.
    pub dialer: Dialer,
    /// Whether the upstream speaks TLS, once that was found out (`-u`).
    pub detected: std::sync::OnceLock<bool>,
}

/// Connections that may wait for a place, beside those that have one: each holds a descriptor.
const MAX_WAITING: usize = 1024;
/// How long to wait before accepting again when there are no descriptors left.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(100);

impl Shared {
    /// Prepares a listener's TLS.
    pub fn new(
        config: Arc<config::Listener>,
        recorder: Recorder,
        minter: &Arc<Minter>,
        memory: Arc<Memory>,
    ) -> Result<Self, rustls::Error> {
        let acceptor = match &config.inbound {
            config::Inbound::Terminate(tls) | config::Inbound::Either(tls) => {
                Some(Acceptor::new(tls, minter)?)
            }
            config::Inbound::Plaintext | config::Inbound::Passthrough => None,
        };
        let connector = match &config.upstream.tls {
            config::UpstreamTls::Tls(tls) | config::UpstreamTls::Detect(tls) => {
                Some(Connector::new(tls)?)
            }
            config::UpstreamTls::Plain => None,
        };
        let logging = &config.logging;
        let options = Arc::new(Options {
            headers: logging.log_headers,
            redact: logging.redact_headers.clone(),
            body: logging.log_body.then_some(logging.body_max_bytes),
            control_events: logging.h2_control_events,
            memory,
        });
        let is_redirected = config.upstream.addr == config::UpstreamAddr::OriginalDst;
        let dialer = Dialer {
            timeout: config.policy.upstream_connect_timeout,
            mark: config.upstream.so_mark,
            own_ports: is_redirected.then(OwnPorts::default),
        };
        let detected = std::sync::OnceLock::new();
        Ok(Self { config, recorder, options, acceptor, connector, dialer, detected })
    }
}

/// Binds a listening socket.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

/// Accepts until told to stop, then waits for the connections to end.
pub async fn run(
    socket: TcpListener,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<Option<Stop>>,
) {
    let places = Arc::new(Semaphore::new(shared.config.policy.max_connections));
    let waiting = Arc::new(Semaphore::new(MAX_WAITING));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&socket, &waiting) => accepted,
        };
        let (client, peer, queued) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("{}: cannot accept: {error}", shared.config.name);
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
                continue;
            }
        };
        let arrival = Arrival { client, peer, clock: Clock::start() };
        let (shared, places, stop) = (Arc::clone(&shared), Arc::clone(&places), stop.clone());
        connections.spawn(arrival.serve(shared, places, queued, stop));
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    socket: &TcpListener,
    waiting: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    // The semaphore is never closed.
    let queued = Arc::clone(waiting).acquire_owned().await.map_err(io::Error::other)?;
    let (client, peer) = socket.accept().await?;
    Ok((client, peer, queued))
}

/// A connection that was just accepted.
struct Arrival {
    client: TcpStream,
    peer: SocketAddr,
    clock: Clock,
}

impl Arrival {
    async fn serve(
        self,
        shared: Arc<Shared>,
        places: Arc<Semaphore>,
        queued: OwnedSemaphorePermit,
        stop: watch::Receiver<Option<Stop>>,
    ) {
        let mut session = self.session(&shared);
        let mut sink = shared.recorder.clone();
        let counters = shared.recorder.counters();
        if !is_allowed(&shared.config.policy.allowlist, self.peer) {
            counters.add(Metric::ConnectionsDenied, 1);
            let cause = Cause::Decided {
                reason: CloseReason::Denied,
                closed_by: Party::Proxy,
                detail: format!("{} is not in policy.allowlist", self.peer.ip().to_canonical()),
            };
            session.close(cause, self.clock.now(), &mut sink);
            return;
        }
        let mut stopping = stop.clone();
        let place = tokio::select! {
            place = places.acquire_owned() => place,
            reason = stopped(&mut stopping) => {
                session.close(reason.cause(), self.clock.now(), &mut sink);
                return;
            }
        };
        drop(queued);
        let waited = self.clock.now().since(self.clock.started());
        if waited > shared.config.policy.maxconn_wait_warn {
            session.waited(waited, self.clock.now(), &mut sink);
        }
        counters.add(Metric::ConnectionsAccepted, 1);
        let active = counters.active();
        Connection::new(shared, session, self.clock, stop).serve(self.client, self.peer).await;
        drop((active, place));
    }

    fn session(&self, shared: &Shared) -> Session {
        let millis = self.clock.started().as_micros() / 1000;
        let time = uuid::Timestamp::from_unix_time(
            millis / 1000,
            (millis % 1000 * 1_000_000) as u32,
            0,
            0,
        );
        let conn = ConnId(uuid::Uuid::new_v7(time));
        let listener = Arc::clone(&shared.config.name);
        let identity = Identity::new(conn, listener, self.peer, self.clock.started());
        Session::new(identity, Arc::clone(&shared.options))
    }
}

/// An empty list lets everyone in. The real peer is checked, never a claimed one.
fn is_allowed(allowlist: &[IpNet], peer: SocketAddr) -> bool {
    let ip = peer.ip().to_canonical();
    allowlist.is_empty() || allowlist.iter().any(|net| net.contains(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowlist_speaks_both_families() {
        let list = ["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
        for (peer, allowed) in [
            ("10.1.2.3:5", true),
            ("[::ffff:10.1.2.3]:5", true),
            ("192.168.0.1:5", false),
            ("[2001:db8::1]:5", true),
            ("[2001:db9::1]:5", false),
        ] {
            assert_eq!(is_allowed(&list, peer.parse().unwrap()), allowed, "{peer}");
        }
        assert!(is_allowed(&[], "192.168.0.1:5".parse().unwrap()));
    }
}
