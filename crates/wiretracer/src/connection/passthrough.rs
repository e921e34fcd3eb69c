//! `tls.mode: passthrough`: TLS is not ended, the bytes go through as they are.

use analysis::outcome::Cause;
use analysis::record::{Millis, Seconds, TlsRecord, TlsUpstream};
use analysis::session::Application;
use analysis::vocabulary::{CloseReason, Party, Side};
use tokio::net::TcpStream;

use super::greeting::{Greeting, late};
use super::inbound::fail;
use super::opening::Opening;
use super::{Connection, Established, within};
use crate::io::{Prefixed, Stream};
use crate::tls::failure::Failure;
use crate::tls::observed::Observed;
use crate::tls::server::Shown;
use crate::upstream::Target;

impl Connection {
    pub(super) async fn pass_through(
        &mut self,
        client: TcpStream,
        target: Target,
    ) -> Result<Established, Cause> {
        let mut opening = Opening::new(client);
        let limit = self.shared.config.policy.client_handshake_timeout;
        let started = self.now();
        let mut first = within(limit, opening.more()).await;
        let claim = self.proxy_claim(&mut opening, &target).await?;
        self.introduce(claim, &target);
        if opening.bytes.is_empty() && matches!(first, Some(Ok(1..))) {
            // The header came alone.
            first = within(self.left_since(started, limit), opening.more()).await;
        }
        let silent = match first {
            None => Some(late(0)),
            Some(Err(error)) => Some(Failure::from_io(Side::In, &error)),
            Some(Ok(_)) => None,
        };
        if let Some(failure) = silent {
            return Err(self.refuse_client(None, started, failure, Shown::default()));
        }
        let connected = self.shared.dialer.connect(&target).await;
        let header = std::mem::take(&mut opening.proxy_header);
        let outbound = match self.outbound(connected, &target, &header, None, Vec::new()).await {
            Ok(outbound) => outbound,
            Err(unavailable) => return Err(unavailable.tell_plain(opening.socket).await),
        };
        Ok(Established {
            client: Stream::Plain(Prefixed::new(opening.bytes, opening.socket)),
            upstream: outbound.stream,
            application: Application::Raw,
            _own_port: outbound.own_port,
        })
    }

    /// The record of a handshake between the two others: one, side `in`, unless the upstream refused
    /// it. Gives why the connection ends, where the handshake failed.
    pub(super) fn record_observed(&mut self, mut observed: Observed) -> Option<Cause> {
        let now = self.now();
        let tls = observed.parameters();
        let greeting = observed.hello.take().map(Greeting::new);
        let origin = self.session.identity().origin(0);
        let took = Millis(now.since(observed.started.unwrap_or(now)));
        let upstream = TlsUpstream {
            addr: self.session.upstream_addr().unwrap_or_default(),
            ip: None,
            server_name: tls.sni.clone(),
        };
        let mut record = TlsRecord::well(origin, Side::In, Seconds(now), took, tls);
        record.upstream = Some(upstream);
        record.peer_chain = crate::tls::x509::facts_of_chain(&observed.chain);
        if let Some(greeting) = greeting {
            record.offered = Some(greeting.offered);
            record.fingerprints = Some(greeting.fingerprints);
        }
        let cause = observed.failure.map(|failure| {
            let by = failure.alert_from.unwrap_or(observed.left_by);
            let (side, reason) = match by {
                Party::Upstream => (Side::Out, CloseReason::TlsOutFail),
                Party::Client | Party::Proxy => (Side::In, CloseReason::TlsInFail),
            };
            let detail = failure.detail.clone();
            record.side = side;
            fail(&mut record, failure);
            Cause::Decided { reason, closed_by: by, detail }
        });
        self.record_handshake(record);
        cause
    }
}
