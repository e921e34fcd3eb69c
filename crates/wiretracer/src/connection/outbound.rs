//! The upstream's side: TCP, the PROXY header, TLS.

use std::net::SocketAddr;

use analysis::outcome::Cause;
use analysis::record::{ClientCertRequest, Millis, Seconds, TlsParameters, TlsRecord, TlsUpstream};
use analysis::vocabulary::{CloseReason, Party, Side, TlsReason};
use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use wire::{Direction, Timestamp};

use super::agreement::names;
use super::farewell::{Farewell, Unavailable};
use super::inbound::{fail, remark_on};
use super::{Connection, decided, within};
use crate::config::{TlsOut, UpstreamTls};
use crate::io::{Prefixed, Stream};
use crate::listener::Shared;
use crate::tls::client::{Connector, Facts};
use crate::tls::failure::Failure;
use crate::upstream::{Connected, OwnPort, Target, Unreachable};

/// The upstream's side, standing.
#[derive(Debug)]
pub(super) struct Outbound {
    pub(super) stream: Stream,
    /// What the upstream chose.
    pub(super) alpn: Option<Vec<u8>>,
    pub(super) speaks: Speaks,
    pub(super) own_port: Option<OwnPort>,
}

/// Whether the upstream's side is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    Tls,
    Plaintext,
}

impl Shared {
    /// `upstream.alpn`.
    pub(super) fn upstream_alpn(&self) -> &[Vec<u8>] {
        match &self.config.upstream.tls {
            UpstreamTls::Tls(tls) | UpstreamTls::Detect(tls) => &tls.alpn,
            UpstreamTls::Plain => &[],
        }
    }

    /// Whether the upstream was found to speak plaintext (`-u`).
    pub(super) fn is_found_plaintext(&self) -> bool {
        self.detected.get() == Some(&false)
    }

    /// Whether the upstream speaks TLS, as far as is known.
    pub(super) fn may_speak_tls(&self) -> bool {
        match self.config.upstream.tls {
            UpstreamTls::Tls(_) => true,
            UpstreamTls::Detect(_) => self.detected.get().copied().unwrap_or(true),
            UpstreamTls::Plain => false,
        }
    }
}

impl Connection {
    /// Completes the upstream's side over the connection that was made: the PROXY header first, then
    /// TLS offering `alpn`. Where it is not known whether the upstream speaks TLS (`-u`), one that
    /// answers with something else is spoken to in plaintext; one that was ever heard to speak TLS
    /// never is.
    pub(super) async fn outbound(
        &mut self,
        connected: Result<Connected, Unreachable>,
        target: &Target,
        proxy_header: &[u8],
        sni: Option<String>,
        alpn: Vec<Vec<u8>>,
    ) -> Result<Outbound, Unavailable> {
        let connected = connected.map_err(|unreachable| self.unreachable(target, unreachable))?;
        let shared = std::sync::Arc::clone(&self.shared);
        let tls = match &shared.config.upstream.tls {
            UpstreamTls::Plain => return plain(connected, proxy_header).await,
            UpstreamTls::Detect(_) if shared.is_found_plaintext() => {
                return plain(connected, proxy_header).await;
            }
            UpstreamTls::Tls(tls) | UpstreamTls::Detect(tls) => tls,
        };
        let name = server_name(tls, target, sni);
        let address = connected.address;
        let errand = Errand { target, proxy_header, name, alpn, started: self.now() };
        let attempt = self.handshake(connected, &errand).await;
        if let UpstreamTls::Detect(_) = shared.config.upstream.tls {
            let speaks_tls = heard(&attempt).map(|heard| *shared.detected.get_or_init(|| heard));
            if let (Err((failure, _)), Some(false)) = (&attempt, speaks_tls) {
                tracing::info!("{target} does not speak TLS ({}): plaintext", failure.detail);
                return self.fall_back(&errand).await;
            }
        }
        self.recorded(attempt, errand, address)
    }

    /// Speaks plaintext to the upstream, from now on.
    async fn fall_back(&mut self, errand: &Errand<'_>) -> Result<Outbound, Unavailable> {
        let again = self.shared.dialer.connect(errand.target).await;
        let connected = again.map_err(|error| self.unreachable(errand.target, error))?;
        plain(connected, errand.proxy_header).await
    }

    async fn handshake(&self, mut connected: Connected, errand: &Errand<'_>) -> Attempt {
        let none = |failure| (failure, Facts::default());
        let Some(connector) = &self.shared.connector else {
            return Err(none(Failure::new(TlsReason::InternalError, "no TLS is set up")));
        };
        let server_name = errand.name.parsed.clone().map_err(none)?;
        connected
            .socket
            .write_all(errand.proxy_header)
            .await
            .map_err(|error| none(Failure::from_io(Side::Out, &error)))?;
        let stream = Prefixed::listening(connected.socket);
        let limit = self.shared.config.policy.upstream_handshake_timeout;
        let done = within(limit, connector.connect(stream, server_name, errand.alpn.clone())).await;
        let (result, facts) = done.ok_or_else(|| {
            none(Failure::new(
                TlsReason::Timeout,
                "the upstream did not finish the handshake (policy.upstream_handshake_timeout)",
            ))
        })?;
        match result {
            Err(failure) => Err((failure, facts)),
            Ok(stream) => {
                let alpn = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
                let own_port = connected.own_port;
                let stream = Stream::Client(stream);
                Ok((Outbound { stream, alpn, speaks: Speaks::Tls, own_port }, facts))
            }
        }
    }

    /// Makes the record of a handshake with the upstream.
    fn recorded(
        &mut self,
        attempt: Attempt,
        errand: Errand<'_>,
        address: SocketAddr,
    ) -> Result<Outbound, Unavailable> {
        let Errand { target, name, alpn, started, .. } = errand;
        let (result, facts) = match attempt {
            Ok((outbound, facts)) => (Ok(outbound), facts),
            Err((failure, facts)) => (Err(failure), facts),
        };
        let tls = match &result {
            Ok(Outbound { stream: Stream::Client(stream), .. }) => {
                crate::tls::parameters(stream.get_ref().1, name.sni.clone())
            }
            _ => TlsParameters { sni: name.sni.clone(), ..TlsParameters::default() },
        };
        let upstream = TlsUpstream {
            addr: target.to_string().into(),
            ip: Some(address.ip().to_string()),
            server_name: Some(name.text),
        };
        let mut record = self.outbound_record(started, tls, Some(upstream));
        record.peer_chain = crate::tls::x509::facts_of_chain(&facts.chain);
        record.verify_result = facts.verify_result;
        record.client_cert_request = facts.request;
        match result {
            Ok(outbound) => {
                self.agreed = Some(Agreed {
                    sni: name.sni,
                    upstream: record.upstream.clone(),
                    request: record.client_cert_request.clone(),
                    verify_result: record.verify_result.clone(),
                });
                let remark = || facts.remark.as_ref().map(remark_on);
                record.detail = facts.finding.map(|finding| finding.detail).or_else(remark);
                self.record_handshake(record);
                Ok(outbound)
            }
            Err(failure) => {
                let mut failure = self.explained(failure, record.client_cert_request.as_ref());
                if failure.reason == TlsReason::NoApplicationProtocol {
                    failure.detail.push_str("; it was offered ");
                    failure.detail.push_str(&names(&alpn));
                }
                let cause = tls_out_failed(&failure);
                let farewell = Farewell::from(&failure);
                fail(&mut record, failure);
                self.record_handshake(record);
                Err(Unavailable { cause, farewell })
            }
        }
    }

    /// Says of a refusal what our certificate has to do with it.
    fn explained(&self, failure: Failure, request: Option<&ClientCertRequest>) -> Failure {
        let ours = self.shared.connector.as_ref().and_then(Connector::own_chain);
        match request {
            Some(request) => failure.explained_by_request(request, ours),
            None => failure,
        }
    }

    fn outbound_record(
        &self,
        started: Timestamp,
        tls: TlsParameters,
        upstream: Option<TlsUpstream>,
    ) -> TlsRecord {
        let now = self.now();
        let origin = self.session.identity().origin(0);
        let took = Millis(now.since(started));
        TlsRecord { upstream, ..TlsRecord::well(origin, Side::Out, Seconds(now), took, tls) }
    }

    fn unreachable(&mut self, target: &Target, unreachable: Unreachable) -> Cause {
        if self.shared.may_speak_tls() {
            let upstream =
                TlsUpstream { addr: target.to_string().into(), ip: None, server_name: None };
            let now = self.now();
            let mut record = self.outbound_record(now, TlsParameters::default(), Some(upstream));
            fail(&mut record, Failure::new(unreachable.reason, unreachable.detail.clone()));
            self.record_handshake(record);
        }
        decided(unreachable.close, unreachable.detail)
    }

    /// TLS broke down after its handshake: in TLS 1.3 that is how a rejected client certificate
    /// looks.
    pub(super) fn late_tls_failure(
        &mut self,
        direction: Direction,
        error: &rustls::Error,
        parameters: TlsParameters,
    ) -> Cause {
        let (side, reason) = match direction {
            Direction::FromClient => (Side::In, CloseReason::TlsInFail),
            Direction::FromUpstream => (Side::Out, CloseReason::TlsOutFail),
        };
        let failure = Failure::from_tls(side, error);
        let agreed = self.agreed.take().filter(|_| side == Side::Out);
        let request = agreed.as_ref().and_then(|agreed| agreed.request.as_ref());
        let failure = self.explained(failure, request);
        let closed_by = failure.alert_from.unwrap_or(Party::Proxy);
        let detail = failure.detail.clone();
        let mut record = self.outbound_record(self.now(), parameters, None);
        record.side = side;
        if let Some(agreed) = agreed {
            record.tls.sni = agreed.sni;
            record.upstream = agreed.upstream;
            record.client_cert_request = agreed.request;
            record.verify_result = agreed.verify_result;
        }
        fail(&mut record, failure);
        self.record_handshake(record);
        Cause::Decided { reason, closed_by, detail }
    }
}

/// What a failure after the handshake with the upstream has to be understood by.
#[derive(Debug)]
pub(super) struct Agreed {
    sni: Option<String>,
    upstream: Option<TlsUpstream>,
    request: Option<ClientCertRequest>,
    verify_result: Option<String>,
}

/// What the handshake with the upstream is for.
#[derive(Debug)]
struct Errand<'a> {
    target: &'a Target,
    /// Goes first.
    proxy_header: &'a [u8],
    name: Name,
    /// What is offered.
    alpn: Vec<Vec<u8>>,
    started: Timestamp,
}

/// What came of a handshake with the upstream.
type Attempt = Result<(Outbound, Facts), (Failure, Facts)>;

/// Whether the upstream speaks TLS, as far as its own bytes prove it. An end without an answer proves
/// nothing: a server that restarts, or anybody on the way who cuts a connection, would have the next
/// ones go in plaintext.
fn heard(attempt: &Attempt) -> Option<bool> {
    match attempt {
        Ok(_) => Some(true),
        Err((failure, facts)) => {
            let is_tls = failure.alert_received.is_some() || !facts.chain.is_empty();
            let is_foreign = failure.reason == TlsReason::NotTls;
            (is_tls || is_foreign).then_some(is_tls)
        }
    }
}

/// The name for SNI and verification.
#[derive(Clone, Debug)]
struct Name {
    text: String,
    /// Sent as SNI; none for an address.
    sni: Option<String>,
    parsed: Result<ServerName<'static>, Failure>,
}

/// `upstream.server_name`, else what the client asked for when the destination is the original one,
/// else the host of `upstream.addr`.
fn server_name(tls: &TlsOut, target: &Target, client_sni: Option<String>) -> Name {
    let text = match (&tls.server_name, target) {
        (Some(name), _) => name.clone(),
        (None, Target::Named(host, _)) => host.clone(),
        (None, Target::Address(address)) => client_sni.unwrap_or_else(|| address.ip().to_string()),
    };
    let parsed = ServerName::try_from(text.clone()).map_err(|_| {
        Failure::new(
            TlsReason::InternalError,
            format!("'{text}' is neither a host name nor an address: set upstream.server_name"),
        )
    });
    let sni = matches!(parsed, Ok(ServerName::DnsName(_))).then(|| text.clone());
    Name { text, sni, parsed }
}

async fn plain(mut connected: Connected, proxy_header: &[u8]) -> Result<Outbound, Unavailable> {
    connected.socket.write_all(proxy_header).await.map_err(|error| Cause::Decided {
        reason: CloseReason::UpstreamConnectFail,
        closed_by: Party::Upstream,
        detail: format!("the upstream did not take the PROXY header: {error}"),
    })?;
    let stream = Stream::Plain(Prefixed::new(Vec::new(), connected.socket));
    let own_port = connected.own_port;
    Ok(Outbound { stream, alpn: None, speaks: Speaks::Plaintext, own_port })
}

fn tls_out_failed(failure: &Failure) -> Cause {
    let (reason, closed_by) = match failure.reason {
        TlsReason::Timeout => (CloseReason::UpstreamHandshakeTimeout, Party::Proxy),
        TlsReason::NoApplicationProtocol => {
            (CloseReason::AlpnMismatch, failure.alert_from.unwrap_or(Party::Proxy))
        }
        TlsReason::Eof | TlsReason::Rst => (CloseReason::TlsOutFail, Party::Upstream),
        _ => (CloseReason::TlsOutFail, failure.alert_from.unwrap_or(Party::Proxy)),
    };
    Cause::Decided { reason, closed_by, detail: failure.detail.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(failure: Failure, facts: Facts) -> Option<bool> {
        heard(&Err((failure, facts)))
    }

    fn of(reason: TlsReason) -> Option<bool> {
        failed(Failure::new(reason, ""), Facts::default())
    }

    #[test]
    fn only_foreign_bytes_prove_plaintext() {
        assert_eq!(of(TlsReason::NotTls), Some(false));
        for reason in [TlsReason::Eof, TlsReason::Rst, TlsReason::Timeout, TlsReason::DecodeError] {
            assert_eq!(of(reason), None, "{reason:?}");
        }
    }

    #[test]
    fn alerts_and_certificates_prove_tls() {
        for alert in [wire::tls::AlertDescription(40), wire::tls::AlertDescription(50)] {
            let failure = Failure::from_alert_code(Side::Out, alert);
            assert_eq!(failed(failure, Facts::default()), Some(true));
        }
        // What comes after a certificate and makes no sense is broken, not plaintext.
        let chain = vec![vec![0x30].into()];
        let failure = Failure::new(TlsReason::NotTls, "");
        assert_eq!(failed(failure, Facts { chain, ..Facts::default() }), Some(true));
    }
}
