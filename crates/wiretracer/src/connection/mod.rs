//! One connection from accept to close: the only place where decoders meet streams.
//!
//! ```text
//! first bytes ─► PROXY header ─► ClientHello ─┬─► upstream first, then the client ──┬─► relay
//!   (opening)                     (inbound)   └─► the client first, then upstream ──┘   (watch)
//!                                                     (agreement decides)
//! ```
//!
//! Whatever goes wrong on the way is a [`Cause`]; the session turns it into the `conn close` record.

mod agreement;
mod farewell;
mod greeting;
mod inbound;
mod opening;
mod outbound;
mod passthrough;
mod watching;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use analysis::outcome::Cause;
use analysis::record::{ClientCertRequest, TlsUpstream};
use analysis::session::{Application, ProxyClaim, Session};
use analysis::vocabulary::{CloseReason, Party};
use tokio::net::TcpStream;
use tokio::sync::watch;
use wire::{Direction, Timestamp};

use crate::clock::Clock;
use crate::io::Stream;
use crate::listener::Shared;
use crate::recorder::Recorder;
use crate::relay::{Ended, Relay};
use crate::service::{Stop, stopped};
use crate::upstream::{OwnPort, Target};
use opening::Opening;

/// One connection.
#[derive(Debug)]
pub struct Connection {
    shared: Arc<Shared>,
    session: Session,
    clock: Clock,
    sink: Recorder,
    stop: watch::Receiver<Option<Stop>>,
    /// What the handshake with the upstream was about, for a refusal that comes after it.
    met: Option<Met>,
}

/// An upstream whose handshake went well.
#[derive(Debug)]
struct Met {
    upstream: TlsUpstream,
    request: Option<ClientCertRequest>,
    verify_result: Option<String>,
}

/// Both sides stand, and what they carry is known as far as the handshakes told.
struct Established {
    client: Stream,
    upstream: Stream,
    application: Application,
    _own_port: Option<OwnPort>,
}

impl Connection {
    /// A connection that was let in.
    pub fn new(
        shared: Arc<Shared>,
        session: Session,
        clock: Clock,
        stop: watch::Receiver<Option<Stop>>,
    ) -> Self {
        let sink = shared.recorder.clone();
        Self { shared, session, clock, sink, stop, met: None }
    }

    /// Serves it to its end.
    pub async fn serve(mut self, client: TcpStream, peer: SocketAddr) {
        let mut stop = self.stop.clone();
        let established = tokio::select! {
            biased;
            established = self.establish(client, peer) => established,
            reason = stopped(&mut stop) => Err(reason.cause()),
        };
        let cause = match established {
            Ok(established) => self.relay(established).await,
            Err(cause) => cause,
        };
        let now = self.clock.now();
        self.session.close(cause, now, &mut self.sink);
    }

    async fn establish(
        &mut self,
        client: TcpStream,
        peer: SocketAddr,
    ) -> Result<Established, Cause> {
        // It fails only on a socket that is gone already.
        let _ = client.set_nodelay(true);
        let addr = &self.shared.config.upstream.addr;
        let target = Target::of(addr, &client)
            .map_err(|why| decided(CloseReason::UpstreamConnectFail, why))?;
        let own_ports = self.shared.dialer.own_ports.as_ref();
        if own_ports.is_some_and(|own| own.is_own(peer)) {
            self.opened(&target);
            return Err(decided(
                CloseReason::UpstreamConnectFail,
                "this connection is wiretracer's own, caught by the redirect and sent back: exclude \
                 it with upstream.so_mark: N and a rule `-m mark --mark N -j RETURN` before the \
                 REDIRECT in OUTPUT",
            ));
        }
        match self.shared.config.inbound {
            crate::config::Inbound::Passthrough => self.pass_through(client, target).await,
            crate::config::Inbound::Plaintext => self.plaintext(client, target).await,
            crate::config::Inbound::Terminate(_) => self.terminate(client, target).await,
            crate::config::Inbound::Either(_) => self.either(client, target).await,
        }
    }

    /// Notes what the PROXY protocol says and makes the `conn open` record.
    fn introduce(&mut self, claim: ProxyClaim, target: &Target) {
        self.session.proxy(claim);
        self.opened(target);
    }

    fn opened(&mut self, target: &Target) {
        let now = self.clock.now();
        self.session.opened(target.to_string().into(), now, &mut self.sink);
    }

    async fn relay(&mut self, established: Established) -> Cause {
        let Established { client, upstream, application, _own_port } = established;
        self.session.begin(application);
        let mut stop = self.stop.clone();
        let mut relay = Relay::new(client, upstream);
        let mut watching = watching::Watching::new(self, application);
        let ended = relay.run(&mut watching, &mut stop).await;
        let (expired, refused) = (watching.expired.take(), watching.refused.take());
        let busy = self.session.is_busy();
        match ended {
            Ended::Parties => refused.unwrap_or(Cause::Parties),
            Ended::Expired => {
                relay.end(!busy).await;
                expired.unwrap_or(Cause::Parties)
            }
            Ended::Stopped(reason) => {
                relay.end(!busy).await;
                reason.cause()
            }
            Ended::Tls(direction, error) => {
                let broken = match direction {
                    Direction::FromClient => &relay.client,
                    Direction::FromUpstream => &relay.upstream,
                };
                let parameters = broken.tls_parameters();
                let cause = self.late_tls_failure(direction, &error, parameters);
                relay.end(false).await;
                cause
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// A decision of ours.
fn decided(reason: CloseReason, detail: impl Into<String>) -> Cause {
    Cause::Decided { reason, closed_by: Party::Proxy, detail: detail.into() }
}

/// Runs `future` for as long as `limit` says; none = no limit.
async fn within<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}

/// A socket whose first bytes were looked at, on its way into a stream.
impl Opening {
    fn into_plain(self) -> Stream {
        Stream::Plain(self.into_prefixed())
    }
}
