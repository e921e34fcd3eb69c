//! The client's side: plaintext, or the ClientHello and the handshake.

use std::sync::Arc;
use std::time::Duration;

use analysis::outcome::Cause;
use analysis::record::{Fingerprints, Millis, Offered, Seconds, TlsParameters, TlsRecord};
use analysis::session::{Application, ProxyClaim};
use analysis::vocabulary::{CloseReason, Outcome, Party, Side, TlsReason};
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;
use wire::Timestamp;
use wire::tls::{ClientHello, HelloProgress, HelloReader, Transport, is_grease};

use super::agreement::{Offers, Plan, fits, names};
use super::opening::{Malformed, Opening};
use super::outbound::{Outbound, Speaks};
use super::{Connection, Established, decided, within};
use crate::config::Inbound;
use crate::io::Stream;
use crate::tls::failure::Failure;
use crate::upstream::Target;

/// How long a plaintext client may stay silent before it is taken for one that waits for the server
/// to speak first.
const SERVER_FIRST: Duration = Duration::from_millis(250);

/// A ClientHello as the `tls` record shows it.
#[derive(Debug)]
struct Greeting {
    hello: Box<ClientHello>,
    offered: Arc<Offered>,
    fingerprints: Arc<Fingerprints>,
}

impl Connection {
    /// A plaintext listener. The server may be the one that speaks first, so the upstream is reached
    /// while the client's first bytes are awaited.
    pub(super) async fn plaintext(
        &mut self,
        client: TcpStream,
        target: Target,
    ) -> Result<Established, Cause> {
        let mut opening = Opening::new(client);
        let dialer = self.shared.dialer.clone();
        let dialed = dialer.connect(&target);
        let mut dialed = std::pin::pin!(dialed);
        let mut connected = None;
        let mut silence = std::pin::pin!(tokio::time::sleep(SERVER_FIRST));
        while opening.bytes.is_empty() {
            tokio::select! {
                biased;
                read = opening.more() => if read.is_err() || matches!(read, Ok(0)) { break },
                result = &mut dialed, if connected.is_none() => connected = Some(result),
                () = server_speaks(connected.as_ref()) => break,
                () = &mut silence => break,
            }
        }
        let claim = self.proxy_claim(&mut opening, &target).await?;
        self.introduce(claim, &target);
        let connected = match connected {
            Some(connected) => connected,
            None => dialed.await,
        };
        let outbound =
            self.outbound(connected, &target, &opening.proxy_header, None, Vec::new()).await?;
        self.join(opening.into_plain(), outbound, None)
    }

    pub(super) async fn proxy_claim(
        &mut self,
        opening: &mut Opening,
        target: &Target,
    ) -> Result<ProxyClaim, Cause> {
        if opening.bytes.is_empty() {
            return Ok(ProxyClaim::NONE);
        }
        let limit = self.shared.config.policy.client_handshake_timeout;
        let claim = within(limit, opening.take_proxy_header()).await.unwrap_or_else(|| {
            Err(Malformed(format!(
                "a PROXY header was begun and not finished in time: {} bytes came \
                 (policy.client_handshake_timeout)",
                opening.bytes.len()
            )))
        });
        claim.map_err(|malformed| {
            self.introduce(ProxyClaim::INVALID, target);
            malformed.cause()
        })
    }

    /// A listener that ends TLS (or takes both, by the first byte).
    pub(super) async fn terminate(
        &mut self,
        client: TcpStream,
        target: Target,
    ) -> Result<Established, Cause> {
        let mut opening = Opening::new(client);
        let limit = self.shared.config.policy.client_handshake_timeout;
        let started = self.now();
        let first = within(limit, opening.more()).await;
        let claim = self.proxy_claim(&mut opening, &target).await?;
        self.introduce(claim, &target);
        if let Inbound::Either(_) = self.shared.config.inbound
            && opening.bytes.first().is_some_and(|byte| *byte != TLS_HANDSHAKE)
        {
            let connected = self.shared.dialer.connect(&target).await;
            let header = std::mem::take(&mut opening.proxy_header);
            let outbound = self.outbound(connected, &target, &header, None, Vec::new()).await?;
            return self.join(opening.into_plain(), outbound, None);
        }
        let greeting = match first {
            None => Err(late(0)),
            Some(Err(error)) => Err(Failure::from_io(Side::In, &error)),
            Some(Ok(_)) => self.greeting(&mut opening, started).await,
        };
        let greeting = match greeting {
            Ok(greeting) => greeting,
            Err(failure) => return Err(self.refuse_client(None, started, failure)),
        };
        self.agree(opening, greeting, started, target).await
    }

    /// Reads the ClientHello; the bytes stay in `opening` for the handshake proper.
    async fn greeting(
        &self,
        opening: &mut Opening,
        started: Timestamp,
    ) -> Result<Greeting, Failure> {
        let limit = self.shared.config.policy.client_handshake_timeout;
        let left = limit.map(|limit| limit.saturating_sub(self.now().since(started)));
        let mut reader = HelloReader::new();
        let mut fed = 0;
        let read = within(left, async {
            loop {
                match reader.feed(&opening.bytes[fed..]) {
                    HelloProgress::NeedMore => {}
                    done => return Ok(done),
                }
                fed = opening.bytes.len();
                match opening.more().await {
                    Ok(0) => return Err(gone(TlsReason::Eof, "closed", opening.bytes.len())),
                    Ok(_) => {}
                    Err(_) => return Err(gone(TlsReason::Rst, "reset", opening.bytes.len())),
                }
            }
        })
        .await;
        match read {
            None => {
                let mut failure = late(opening.bytes.len());
                if let Some(partial) = reader.partial() {
                    failure.detail = format!("{} ({partial})", failure.detail);
                }
                Err(failure)
            }
            Some(Err(failure)) => Err(failure),
            Some(Ok(HelloProgress::Hello(hello))) => Ok(Greeting::new(hello)),
            Some(Ok(HelloProgress::NotTls { what })) => {
                Err(Failure::new(TlsReason::NotTls, format!("the first bytes are not TLS: {what}")))
            }
            Some(Ok(HelloProgress::Malformed(malformed))) => {
                Err(Failure::new(TlsReason::DecodeError, malformed.to_string()))
            }
            Some(Ok(HelloProgress::NeedMore)) => Err(late(opening.bytes.len())),
        }
    }

    /// Makes both handshakes in the order that the offers ask for.
    async fn agree(
        &mut self,
        mut opening: Opening,
        greeting: Greeting,
        started: Timestamp,
        target: Target,
    ) -> Result<Established, Cause> {
        let shared = Arc::clone(&self.shared);
        let (Inbound::Terminate(tls) | Inbound::Either(tls)) = &shared.config.inbound else {
            return Err(decided(CloseReason::TlsInFail, "the listener does not speak TLS"));
        };
        let offers = Offers {
            client: &greeting.hello.alpn,
            listener: &tls.alpn,
            upstream: shared.upstream_alpn(),
            upstream_tls: shared.may_speak_tls(),
            client_certificate: tls.client_auth.as_ref().is_some_and(|auth| auth.required),
        };
        let header = std::mem::take(&mut opening.proxy_header);
        let sni = greeting.hello.sni.clone();
        match offers.plan() {
            Plan::UpstreamFirst { offer } => {
                let connected = shared.dialer.connect(&target).await;
                let outbound = self.outbound(connected, &target, &header, sni, offer).await;
                let outbound = match outbound {
                    Ok(outbound) => outbound,
                    Err(cause) => {
                        alert_internal_error(&mut opening.socket).await;
                        return Err(cause);
                    }
                };
                let answer: Vec<_> = match outbound.speaks {
                    Speaks::Tls => outbound.alpn.iter().cloned().collect(),
                    // A plaintext upstream, found out only now, chooses nothing.
                    Speaks::Plaintext => vec![],
                };
                let client = self.answer(opening, greeting, &answer, started).await?;
                self.join(client, outbound, answer.into_iter().next())
            }
            Plan::ClientFirst { answer, offer } => {
                let list: Vec<_> = answer.iter().cloned().collect();
                let client = self.answer(opening, greeting, &list, started).await?;
                let connected = shared.dialer.connect(&target).await;
                let outbound = self.outbound(connected, &target, &header, sni, offer).await;
                match outbound {
                    Ok(outbound) => self.join(client, outbound, answer),
                    Err(cause) => {
                        client.reset_on_drop();
                        Err(cause)
                    }
                }
            }
            Plan::Nothing => {
                let detail = offers.describe();
                // Answering with a protocol that nobody offers makes our TLS send the alert.
                let nobody = [b"\0".to_vec()];
                let failed = self.answer(opening, greeting, &nobody, started).await;
                if let Ok(client) = failed {
                    client.reset_on_drop();
                }
                Err(decided(CloseReason::AlpnMismatch, detail))
            }
        }
    }

    /// Makes the handshake with the client, and its record.
    async fn answer(
        &mut self,
        opening: Opening,
        greeting: Greeting,
        alpn: &[Vec<u8>],
        started: Timestamp,
    ) -> Result<Stream, Cause> {
        let shared = Arc::clone(&self.shared);
        let Some(acceptor) = &shared.acceptor else {
            return Err(decided(CloseReason::TlsInFail, "the listener does not speak TLS"));
        };
        let limit = shared.config.policy.client_handshake_timeout;
        let left = limit.map(|limit| limit.saturating_sub(self.now().since(started)));
        let accepted = within(left, acceptor.accept(opening.into_prefixed(), alpn)).await;
        match accepted {
            None => Err(self.refuse_client(Some(greeting), started, late_answer())),
            Some(Err(failure)) => Err(self.refuse_client(Some(greeting), started, failure)),
            Some(Ok(stream)) => {
                let sni = greeting.hello.sni.clone();
                let tls = crate::tls::parameters(stream.get_ref().1, sni);
                let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
                let verified = (!chain.is_empty()).then(|| "ok".to_owned());
                let peer_chain = crate::tls::x509::facts_of_chain(chain);
                let mut record = self.inbound_record(Some(greeting), started, tls);
                record.verify_result = verified;
                record.peer_chain = peer_chain;
                self.record_handshake(record);
                Ok(Stream::Server(stream))
            }
        }
    }

    fn refuse_client(
        &mut self,
        greeting: Option<Greeting>,
        started: Timestamp,
        failure: Failure,
    ) -> Cause {
        let tls = TlsParameters {
            sni: greeting.as_ref().and_then(|greeting| greeting.hello.sni.clone()),
            ..TlsParameters::default()
        };
        let closed_by = match (failure.alert_from, failure.reason) {
            (Some(from), _) => from,
            (None, TlsReason::Eof | TlsReason::Rst) => Party::Client,
            (None, _) => Party::Proxy,
        };
        let detail = failure.detail.clone();
        let mut record = self.inbound_record(greeting, started, tls);
        fail(&mut record, failure);
        self.record_handshake(record);
        Cause::Decided { reason: CloseReason::TlsInFail, closed_by, detail }
    }

    fn inbound_record(
        &self,
        greeting: Option<Greeting>,
        started: Timestamp,
        tls: TlsParameters,
    ) -> TlsRecord {
        let now = self.now();
        let (offered, fingerprints) = match greeting {
            Some(greeting) => (Some(greeting.offered), Some(greeting.fingerprints)),
            None => (None, None),
        };
        TlsRecord {
            origin: self.session.identity().origin(0),
            ts: Seconds(now),
            side: Side::In,
            outcome: Outcome::Ok,
            reason: None,
            category: None,
            detail: None,
            alert: None,
            alert_from: None,
            duration_ms: Millis(now.since(started)),
            tls,
            verify_result: None,
            client_cert_request: None,
            offered,
            fingerprints,
            upstream: None,
            peer_chain: Vec::new(),
        }
    }

    pub(super) fn record_handshake(&mut self, record: TlsRecord) {
        self.session.handshake(record, &mut self.sink);
    }

    /// Joins the sides, unless their protocols do not fit.
    fn join(
        &self,
        client: Stream,
        outbound: Outbound,
        answered: Option<Vec<u8>>,
    ) -> Result<Established, Cause> {
        let chosen = outbound.alpn.as_deref();
        if !fits(answered.as_deref(), chosen) {
            client.reset_on_drop();
            let client_has = names(answered.as_slice());
            let upstream_has = names(outbound.alpn.as_slice());
            return Err(decided(
                CloseReason::AlpnMismatch,
                format!("the client was given {client_has}, the upstream chose {upstream_has}"),
            ));
        }
        let application = Application::from_alpn(answered.as_deref().or(chosen));
        Ok(Established {
            client,
            upstream: outbound.stream,
            application,
            _own_port: outbound.own_port,
        })
    }
}

/// The first byte of a TLS connection: content type handshake (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 0x16;

impl Greeting {
    fn new(hello: Box<ClientHello>) -> Self {
        let offered = Offered {
            alpn: hello
                .alpn
                .iter()
                .map(|name| analysis::record::Text(name).into_string())
                .collect(),
            versions: names_of(&hello.versions, |version| version.0),
            ciphers: names_of(&hello.cipher_suites, |suite| suite.0),
            groups: names_of(&hello.groups, |group| group.0),
        };
        let (ja3, ja4) = (hello.ja3(), hello.ja4(Transport::Tcp));
        let fingerprints = Fingerprints {
            ja3: Some(ja3.hash),
            ja3_raw: Some(ja3.raw),
            ja4: Some(ja4.hash),
            ja4_raw: Some(ja4.raw),
            ech: hello.ech.is_some(),
            ech_len: hello.ech.as_ref().map(|ech| ech.len as u64),
            esni: hello.esni,
        };
        Self { hello, offered: Arc::new(offered), fingerprints: Arc::new(fingerprints) }
    }
}

/// The names of wire codes, without those that only grease the protocol (RFC 8701).
fn names_of<C: ToString>(codes: &[C], number: impl Fn(&C) -> u16) -> Vec<String> {
    codes.iter().filter(|code| !is_grease(number(code))).map(ToString::to_string).collect()
}

/// Writes a failure into its record.
pub(super) fn fail(record: &mut TlsRecord, failure: Failure) {
    record.outcome = Outcome::Fail;
    record.reason = Some(failure.reason);
    record.category = failure.category;
    record.detail = Some(failure.detail);
    record.alert = failure.alert;
    record.alert_from = failure.alert_from;
    if record.verify_result.is_none() {
        record.verify_result = failure.category.map(|category| category.to_string());
    }
}

fn gone(reason: TlsReason, how: &str, received: usize) -> Failure {
    let detail = match received {
        0 => format!(
            "the client {how} the connection without sending a byte: a port check or health probe"
        ),
        n => format!("the client {how} the connection in its ClientHello, after {n} bytes"),
    };
    Failure::new(reason, detail)
}

fn late(received: usize) -> Failure {
    let what = match received {
        0 => "no ClientHello came: not one byte".to_owned(),
        n => format!("the ClientHello did not come to its end: {n} bytes came"),
    };
    Failure::new(TlsReason::Timeout, format!("{what} (policy.client_handshake_timeout)"))
}

fn late_answer() -> Failure {
    Failure::new(
        TlsReason::Timeout,
        "the client did not finish the handshake (policy.client_handshake_timeout)",
    )
}

/// Tells a client that waits for our ServerHello that there will be none (RFC 8446 §6.2).
async fn alert_internal_error(socket: &mut TcpStream) {
    const FATAL_INTERNAL_ERROR: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 80];
    // A client that is gone needs no alert.
    let _ = socket.write_all(&FATAL_INTERNAL_ERROR).await;
    let _ = socket.shutdown().await;
}

/// Resolves when the upstream has said something.
async fn server_speaks(
    connected: Option<&Result<crate::upstream::Connected, crate::upstream::Unreachable>>,
) {
    match connected {
        Some(Ok(connected)) => drop(connected.socket.ready(Interest::READABLE).await),
        Some(Err(_)) => {}
        None => std::future::pending().await,
    }
}
