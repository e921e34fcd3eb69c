//! The client's side: plaintext, or the ClientHello and the handshake.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use analysis::outcome::{Cause, Ending};
use analysis::record::{Millis, Seconds, TlsParameters, TlsRecord};
use analysis::session::{Application, ProxyClaim};
use analysis::vocabulary::{CloseReason, Outcome, Party, Side, TlsReason};
use tokio::io::Interest;
use tokio::net::TcpStream;
use wire::{Direction, Timestamp};

use super::agreement::{Offers, Plan, fits, names};
use super::greeting::{Greeting, late};
use super::opening::{Malformed, Opening};
use super::outbound::{Outbound, Speaks};
use super::{Connection, Established, decided, within};
use crate::config::Inbound;
use crate::io::{Read, Stream};
use crate::tls::doctor::Finding;
use crate::tls::failure::Failure;
use crate::tls::server::Shown;
use crate::upstream::{Connected, Target, Unreachable};

/// How long a plaintext client may stay silent before it is taken for one that waits for the server
/// to speak first.
const SERVER_FIRST: Duration = Duration::from_millis(250);

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
        let mut dialed = std::pin::pin!(dialer.connect(&target));
        let mut connected = None;
        let mut silence = std::pin::pin!(tokio::time::sleep(SERVER_FIRST));
        while opening.bytes.is_empty() {
            tokio::select! {
                biased;
                read = opening.more() => if matches!(read, Ok(0) | Err(_)) { break },
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
        self.join_plain(opening, connected, &target).await
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

    /// A listener that ends TLS.
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
        self.secure(opening, first, started, target).await
    }

    /// A listener that takes both, by the first byte. A client that stays silent may wait for a
    /// server that speaks first, in plaintext; it may also be slow.
    pub(super) async fn either(
        &mut self,
        client: TcpStream,
        target: Target,
    ) -> Result<Established, Cause> {
        let mut opening = Opening::new(client);
        let limit = self.shared.config.policy.client_handshake_timeout;
        let started = self.now();
        let mut first = within(Some(SERVER_FIRST), opening.more()).await;
        let mut connected = None;
        if first.is_none() {
            connected = Some(self.shared.dialer.connect(&target).await);
            let speaks = server_speaks(connected.as_ref());
            first = within(limit, async {
                tokio::select! {
                    biased;
                    read = opening.more() => Some(read),
                    () = speaks => None,
                }
            })
            .await
            .unwrap_or(Some(Ok(0)));
        }
        let claim = self.proxy_claim(&mut opening, &target).await?;
        self.introduce(claim, &target);
        if first.is_some() && opening.bytes.first().is_none_or(|byte| *byte == TLS_HANDSHAKE) {
            return self.secure(opening, first, started, target).await;
        }
        let connected = match connected {
            Some(connected) => connected,
            None => self.shared.dialer.connect(&target).await,
        };
        self.join_plain(opening, connected, &target).await
    }

    /// The ClientHello is read and both handshakes are made. `first` is what came of the first read;
    /// none = it took too long.
    async fn secure(
        &mut self,
        mut opening: Opening,
        first: Option<std::io::Result<usize>>,
        started: Timestamp,
        target: Target,
    ) -> Result<Established, Cause> {
        let greeting = match first {
            None => Err(late(0)),
            Some(Err(error)) => Err(Failure::from_io(Side::In, &error)),
            Some(Ok(_)) => self.greeting(&mut opening, started).await,
        };
        let greeting = match greeting {
            Ok(greeting) => greeting,
            Err(failure) => {
                return Err(self.refuse_client(None, started, failure, Shown::default()));
            }
        };
        self.agree(opening, greeting, started, target).await
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
        let mut preferred = tls.alpn.clone();
        if shared.is_found_plaintext() {
            // Nothing tells what it speaks: whoever offers both is on the safe side with HTTP/1.1.
            preferred.sort_by_key(|name| name != b"http/1.1");
        }
        let offered = greeting.hello.alpn.clone();
        let offers = Offers {
            client: &offered,
            listener: &preferred,
            upstream: shared.upstream_alpn(),
            upstream_tls: shared.may_speak_tls(),
            client_certificate: tls.client_auth.as_ref().is_some_and(|auth| auth.required),
        };
        let header = std::mem::take(&mut opening.proxy_header);
        let sni = greeting.hello.sni.clone();
        match offers.plan() {
            Plan::UpstreamFirst { offer } => {
                let paused = self.now();
                let connected = shared.dialer.connect(&target).await;
                let common = offer.clone();
                let outbound = self.outbound(connected, &target, &header, sni, offer).await;
                let outbound = match outbound {
                    Ok(outbound) => outbound,
                    Err(unavailable) => {
                        return Err(offers.explain(unavailable.tell_hello(opening.socket).await));
                    }
                };
                let answer = match outbound.speaks {
                    Speaks::Tls => outbound.alpn.clone(),
                    // A plaintext upstream, found out only now, cannot choose.
                    Speaks::Plaintext => common.into_iter().min_by_key(|name| name != b"http/1.1"),
                };
                // The upstream's time is not the client's.
                let started = started.after(self.now().since(paused));
                let client = self.answer(opening, greeting, answer.as_slice(), started).await?;
                self.join(client, outbound, answer.as_deref())
            }
            Plan::ClientFirst { answer, offer } => {
                let mut client = self.answer(opening, greeting, answer.as_slice(), started).await?;
                let connected = shared.dialer.connect(&target).await;
                let outbound = self.outbound(connected, &target, &header, sni, offer).await;
                match outbound {
                    Ok(outbound) => self.join(client, outbound, answer.as_deref()),
                    Err(unavailable) => {
                        self.hear_out(&mut client, answer.as_deref()).await;
                        Err(offers.explain(unavailable.tell_answered(client).await))
                    }
                }
            }
            Plan::Nothing => {
                let detail = offers.describe();
                let greeting = Greeting { conflict: Some(detail.clone()), ..greeting };
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

    /// Makes the handshake with the client, and its record. It counts from `started`.
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
        if greeting.is_too_old() {
            let failure = Failure::too_old(&greeting.offered);
            let cause = self.refuse_client(Some(greeting), started, failure, Shown::default());
            return Err(super::farewell::protocol_version(opening.socket, cause).await);
        }
        let limit = shared.config.policy.client_handshake_timeout;
        let left = self.left_since(started, limit);
        let accepted = within(left, acceptor.accept(opening.into_prefixed(), alpn)).await;
        let Some((result, shown)) = accepted else {
            let shown = Shown::default();
            return Err(self.refuse_client(Some(greeting), started, late_answer(), shown));
        };
        match result {
            Err(failure) => {
                let mut failure = acceptor
                    .explain_refusal(failure, greeting.hello.sni.as_deref())
                    .explained_by_offer(&greeting.offered);
                if let Some(conflict) = &greeting.conflict {
                    failure.detail = format!("{}; {conflict}", failure.detail);
                }
                Err(self.refuse_client(Some(greeting), started, failure, shown))
            }
            Ok(stream) => {
                let sni = greeting.hello.sni.clone();
                let tls = crate::tls::parameters(stream.get_ref().1, sni);
                // A resumed handshake shows no certificate; the session remembers it.
                let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
                let verified = (!chain.is_empty()).then(|| "ok".to_owned());
                let peer_chain = crate::tls::x509::facts_of_chain(chain);
                let mut record = self.inbound_record(Some(greeting), started, tls);
                record.verify_result = verified;
                record.peer_chain = peer_chain;
                record.detail = shown.remark.map(|remark| remark_on(&remark));
                self.record_handshake(record);
                Ok(Stream::Server(stream))
            }
        }
    }

    pub(super) fn refuse_client(
        &mut self,
        greeting: Option<Greeting>,
        started: Timestamp,
        failure: Failure,
        shown: Shown,
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
        record.peer_chain = crate::tls::x509::facts_of_chain(&shown.chain);
        record.verify_result = shown.verify_result;
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
        let origin = self.session.identity().origin(0);
        let took = Millis(now.since(started));
        TlsRecord {
            offered,
            fingerprints,
            ..TlsRecord::well(origin, Side::In, Seconds(now), took, tls)
        }
    }

    pub(super) fn record_handshake(&mut self, record: TlsRecord) {
        self.session.handshake(record, &mut self.sink);
    }

    /// Joins a client that speaks no TLS.
    async fn join_plain(
        &mut self,
        mut opening: Opening,
        connected: Result<Connected, Unreachable>,
        target: &Target,
    ) -> Result<Established, Cause> {
        let header = std::mem::take(&mut opening.proxy_header);
        match self.outbound(connected, target, &header, None, Vec::new()).await {
            Ok(outbound) if opening.is_reset => Err(self.pass_on_reset(&opening, outbound).await),
            Ok(outbound) => self.join(opening.into_plain(), outbound, None),
            Err(unavailable) => {
                self.session.begin(Application::Unknown);
                self.heard(&opening.bytes);
                if opening.is_reset {
                    self.note_reset();
                }
                Err(unavailable.tell_plain(opening.socket).await)
            }
        }
    }

    /// Passes on what a client said that was gone before the upstream stood, and that it is gone.
    async fn pass_on_reset(&mut self, opening: &Opening, outbound: Outbound) -> Cause {
        self.session.begin(Application::Unknown);
        self.heard(&opening.bytes);
        self.note_reset();
        let Outbound { stream: mut upstream, .. } = outbound;
        let mut left = opening.bytes.as_slice();
        while !left.is_empty() {
            match poll_fn(|cx| upstream.poll_write(cx, left)).await {
                Ok(written @ 1..) => left = &left[written..],
                Ok(0) | Err(_) => break,
            }
        }
        // An upstream that takes no more is told all the same.
        drop(poll_fn(|cx| upstream.poll_flush(cx)).await);
        upstream.reset_on_drop();
        Cause::Parties
    }

    fn note_reset(&mut self) {
        let now = self.now();
        self.session.ended(Direction::FromClient, Ending::Rst, now, &mut self.sink);
    }

    /// Hears what the client asks of an upstream that cannot be had, so that the call that fails is
    /// in the list. A client that asks nothing is not waited for.
    async fn hear_out(&mut self, client: &mut Stream, answered: Option<&[u8]>) {
        self.session.begin(Application::from_alpn(answered));
        let mut scratch = vec![0; 16 << 10];
        let silence = tokio::time::Instant::now() + SERVER_FIRST;
        while !self.session.is_busy() {
            let read = poll_fn(|cx| match client.poll_read(cx, &mut scratch) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Read::Data(bytes)) => {
                    self.heard(bytes);
                    Poll::Ready(bytes.len())
                }
                Poll::Ready(_) => Poll::Ready(0),
            });
            match tokio::time::timeout_at(silence, read).await {
                Ok(0) | Err(_) => return,
                Ok(length) => client.consume(length),
            }
        }
    }

    fn heard(&mut self, bytes: &[u8]) {
        let now = self.now();
        self.session.observe(Direction::FromClient, bytes, now, &mut self.sink);
    }

    /// Joins the sides, unless their protocols do not fit.
    fn join(
        &self,
        client: Stream,
        outbound: Outbound,
        answered: Option<&[u8]>,
    ) -> Result<Established, Cause> {
        let chosen = outbound.alpn.as_deref();
        if !fits(answered, chosen) {
            client.reset_on_drop();
            let client_has = answered.map_or_else(
                || "no protocol".to_owned(),
                |name| String::from_utf8_lossy(name).into_owned(),
            );
            let upstream_has = names(outbound.alpn.as_slice());
            return Err(decided(
                CloseReason::AlpnMismatch,
                format!("the client was given {client_has}, the upstream chose {upstream_has}"),
            ));
        }
        let application = Application::from_alpn(answered.or(chosen));
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

/// What is said of a chain that is in order for us.
pub(super) fn remark_on(finding: &Finding) -> String {
    format!("OpenSSL and Go would refuse it: {}", finding.detail)
}

fn late_answer() -> Failure {
    Failure::new(
        TlsReason::Timeout,
        "the client did not finish the handshake (policy.client_handshake_timeout)",
    )
}

/// Resolves when the upstream has said something.
async fn server_speaks(connected: Option<&Result<Connected, Unreachable>>) {
    match connected {
        Some(Ok(connected)) => drop(connected.socket.ready(Interest::READABLE).await),
        // Nobody will speak; what the client says still tells who it is and what it wanted.
        Some(Err(_)) | None => std::future::pending().await,
    }
}
