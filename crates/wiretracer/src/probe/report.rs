//! What a probe found, and how that looks in JSON (`docs/probe.schema.json`).
//!
//! ```text
//! Report ─┬─ settings, resolve
//!         └─ addresses: Address ─┬─ connect
//!                                ├─ tls ── attempts
//!                                └─ application ── http2, response
//! ```
//!
//! Fields are always present, null or empty when there is nothing to say. Not here: the text for
//! people ([`super::text`]) and what it all means ([`super::health`]).

use analysis::record::{Certificate, ClientCertRequest, Millis, TlsParameters};
use analysis::vocabulary::{Outcome, Party, TlsCategory, TlsReason};
use serde::Serialize;

use super::settings::{Encryption, Settings};
use crate::config::Roots;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was probed, as it was said.
    pub target: String,
    /// The listener whose settings were used.
    pub listener: Option<String>,
    /// Whether the proxy would get along with this upstream.
    pub healthy: bool,
    /// Why not.
    pub reason: Option<String>,
    /// What does not make it unhealthy and is worth knowing.
    pub notes: Vec<String>,
    /// What the probe went by.
    pub settings: SettingsUsed,
    /// Name resolution.
    pub resolve: Resolve,
    /// Every address, in the order of resolution.
    pub addresses: Vec<Address>,
}

/// What the probe went by.
#[derive(Clone, Debug, Serialize)]
pub struct SettingsUsed {
    /// Whether TLS is spoken.
    pub encryption: Encryption,
    /// The name to ask for and to verify.
    pub server_name: String,
    /// The protocols offered by ALPN.
    pub alpn: Vec<String>,
    /// Whether a certificate that does not verify counts.
    pub verify: bool,
    /// Who is trusted: `system`, or a file.
    pub trust: String,
    /// Whether there is a client certificate to show.
    pub client_certificate: bool,
}

/// How name resolution went.
#[derive(Clone, Debug, Serialize)]
pub struct Resolve {
    /// How it went.
    pub outcome: Outcome,
    /// How long it took.
    pub duration_ms: Millis,
    /// Why it failed, or what else is to be said.
    pub detail: Option<String>,
}

/// One address.
#[derive(Clone, Debug, Serialize)]
pub struct Address {
    /// With the port.
    pub address: String,
    /// How connecting went.
    pub connect: Connect,
    /// The TLS handshake, if one was made.
    pub tls: Option<Tls>,
    /// What speaks there, if that was looked at.
    pub application: Option<Application>,
}

/// How connecting went.
#[derive(Clone, Debug, Serialize)]
pub struct Connect {
    /// How it went.
    pub outcome: ConnectOutcome,
    /// How long it took.
    pub duration_ms: Millis,
    /// The system's words, where it is none of the usual failures.
    pub detail: Option<String>,
}

/// How a TCP connection came about, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectOutcome {
    /// It stands.
    Connected,
    /// RST to our SYN.
    Refused,
    /// No answer.
    Timeout,
    /// No way there.
    Unreachable,
}

/// A TLS handshake with the listener's settings.
#[derive(Clone, Debug, Serialize)]
pub struct Tls {
    /// How it went. It fails too when the certificate does not verify and has to.
    pub outcome: Outcome,
    /// Why it failed.
    pub reason: Option<TlsReason>,
    /// What is wrong with which certificate.
    pub category: Option<TlsCategory>,
    /// What a person needs to understand it.
    pub detail: Option<String>,
    /// The alert sent or received.
    pub alert: Option<String>,
    /// Who sent it.
    pub alert_from: Option<Party>,
    /// How long the handshake took.
    pub duration_ms: Millis,
    /// What was agreed on, also when verification failed.
    pub agreed: TlsParameters,
    /// `ok`, or the category that verification gives, whether or not it counts.
    pub verify_result: Option<String>,
    /// What the upstream asked of us.
    pub client_cert_request: Option<ClientCertRequest>,
    /// The certificates presented, the upstream's own first.
    pub peer_chain: Vec<Certificate>,
    /// Each TLS version by itself.
    pub versions: Vec<Attempt>,
    /// What else was tried after a failure.
    pub attempts: Vec<Attempt>,
}

/// The same again with one thing changed.
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// What was different.
    pub with: String,
    /// How it went.
    pub outcome: Outcome,
    /// What came of it.
    pub detail: Option<String>,
}

/// What speaks behind TCP or TLS.
#[derive(Clone, Debug, Serialize)]
pub struct Application {
    /// Whether this was inside TLS.
    pub encrypted: bool,
    /// What it turned out to be; null when it kept silent.
    pub protocol: Option<Spoken>,
    /// What it said before we said anything.
    pub greeting: Option<String>,
    /// What it answered to the HTTP/2 preface, where that is not HTTP/2.
    pub answer: Option<String>,
    /// How the connection ended before we were done.
    pub ended: Option<Ended>,
    /// HTTP/2's own facts.
    pub http2: Option<Http2>,
    /// The response to `GET /` (`--http`).
    pub response: Option<Response>,
    /// After plaintext that was not understood: whether TLS is.
    pub attempts: Vec<Attempt>,
}

/// What speaks there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoken {
    /// HTTP/2.
    Http2,
    /// HTTP/1, as agreed on by ALPN or as it answered.
    Http1,
    /// Something else, which `greeting` or `answer` describes.
    Other,
}

/// How the connection ended before we were done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The upstream closed it.
    Closed,
    /// The upstream reset it.
    Reset,
    /// We gave up waiting.
    Timeout,
}

/// An HTTP/2 connection before any request.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Http2 {
    /// The upstream's SETTINGS, in order.
    pub settings: Vec<Setting>,
    /// From our preface to them.
    pub settings_ms: Option<Millis>,
    /// What we may send on the connection, in bytes, after its WINDOW_UPDATE.
    pub window: Option<i64>,
    /// From our PING to its ACK.
    pub ping_rtt_ms: Option<Millis>,
    /// The upstream does not want to go on.
    pub goaway: Option<GoAway>,
    /// Breaches of the protocol.
    pub breaches: Vec<String>,
}

/// A parameter of SETTINGS.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// Its name (RFC 9113 §6.5.2), or its number.
    pub setting: String,
    /// Its value.
    pub value: u32,
}

/// A GOAWAY frame.
#[derive(Clone, Debug, Serialize)]
pub struct GoAway {
    /// The error code's name.
    pub error_name: String,
    /// What the upstream says about it.
    pub debug_data: String,
}

/// A response to `GET /`.
#[derive(Clone, Debug, Serialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// From our request to its head.
    pub duration_ms: Millis,
}

impl Report {
    pub(super) fn new(settings: &Settings, resolve: Resolve) -> Self {
        let tls = &settings.tls;
        let trust = match &tls.roots {
            Roots::System => "system".to_owned(),
            Roots::File { path, .. } => path.display().to_string(),
        };
        Self {
            target: settings.target.to_string(),
            listener: settings.listener.as_deref().map(str::to_owned),
            healthy: false,
            reason: None,
            notes: Vec::new(),
            settings: SettingsUsed {
                encryption: settings.encryption,
                server_name: settings.server_name.clone(),
                alpn: names(&tls.alpn),
                verify: tls.verify,
                trust,
                client_certificate: tls.client.is_some(),
            },
            resolve,
            addresses: Vec::new(),
        }
    }

    /// One line of JSON. Everything beyond ASCII is escaped, so that no terminal obeys what an
    /// upstream sent.
    ///
    /// # Errors
    /// None that is known: every part of a report has a form in JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let json = serde_json::to_string(self)?;
        let mut safe = String::with_capacity(json.len());
        for character in json.chars() {
            if character.is_ascii() && character != '\x7f' {
                safe.push(character);
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        }
        Ok(safe)
    }
}

impl Tls {
    /// A handshake that went well, of which no more is known.
    pub(super) fn well() -> Self {
        Self {
            outcome: Outcome::Ok,
            reason: None,
            category: None,
            detail: None,
            alert: None,
            alert_from: None,
            duration_ms: Millis::default(),
            agreed: TlsParameters::default(),
            verify_result: None,
            client_cert_request: None,
            peer_chain: Vec::new(),
            versions: Vec::new(),
            attempts: Vec::new(),
        }
    }
}

impl Application {
    /// Nothing heard yet.
    pub(super) const fn silent(encrypted: bool) -> Self {
        Self {
            encrypted,
            protocol: None,
            greeting: None,
            answer: None,
            ended: None,
            http2: None,
            response: None,
            attempts: Vec::new(),
        }
    }
}

/// Protocol names as text.
pub(super) fn names(protocols: &[Vec<u8>]) -> Vec<String> {
    protocols.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
