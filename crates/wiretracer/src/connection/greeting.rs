//! The ClientHello: read before the handshake, and kept for the record.

use std::sync::Arc;

use analysis::record::{Fingerprints, Offered};
use analysis::vocabulary::TlsReason;
use wire::Timestamp;
use wire::tls::{ClientHello, HelloProgress, HelloReader, ProtocolVersion, Transport, is_grease};

use super::opening::Opening;
use super::{Connection, within};
use crate::tls::failure::Failure;

/// A ClientHello as the `tls` record shows it.
#[derive(Debug)]
pub(super) struct Greeting {
    pub(super) hello: Box<ClientHello>,
    pub(super) offered: Arc<Offered>,
    pub(super) fingerprints: Arc<Fingerprints>,
    /// Why no protocol will be agreed on (ALPN), when that is known.
    pub(super) conflict: Option<String>,
}

impl Connection {
    /// Reads the ClientHello; the bytes stay in `opening` for the handshake proper.
    pub(super) async fn greeting(
        &self,
        opening: &mut Opening,
        started: Timestamp,
    ) -> Result<Greeting, Failure> {
        let limit = self.shared.config.policy.client_handshake_timeout;
        let left = self.left_since(started, limit);
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
                Err(Failure::new(TlsReason::NotTls, format!("{what} instead of TLS")))
            }
            Some(Ok(HelloProgress::Malformed(malformed))) => {
                Err(Failure::new(TlsReason::DecodeError, malformed.to_string()))
            }
            Some(Ok(HelloProgress::NeedMore)) => Err(late(opening.bytes.len())),
        }
    }
}

impl Greeting {
    pub(super) fn new(hello: Box<ClientHello>) -> Self {
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
        let (offered, fingerprints) = (Arc::new(offered), Arc::new(fingerprints));
        Self { hello, offered, fingerprints, conflict: None }
    }

    /// Whether it offers nothing but versions that no listener of ours speaks.
    pub(super) fn is_too_old(&self) -> bool {
        self.hello.versions.iter().all(|version| version.0 < ProtocolVersion::TLSV1_2.0)
    }
}

/// The names of wire codes, without those that only grease the protocol (RFC 8701).
fn names_of<C: ToString>(codes: &[C], number: impl Fn(&C) -> u16) -> Vec<String> {
    codes.iter().filter(|code| !is_grease(number(code))).map(ToString::to_string).collect()
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

pub(super) fn late(received: usize) -> Failure {
    let what = match received {
        0 => "no ClientHello came: not one byte".to_owned(),
        n => format!("the ClientHello did not come to its end: {n} bytes came"),
    };
    Failure::new(TlsReason::Timeout, format!("{what} (policy.client_handshake_timeout)"))
}
