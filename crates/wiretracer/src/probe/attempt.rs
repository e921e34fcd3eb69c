//! Handshakes with the upstream: as the listener makes them, and with one thing changed.
//!
//! ```text
//! Settings ── Variation ── Change ──► Connector ──► Shaken
//! ```
//!
//! Not here: what a handshake says about the upstream's health ([`super::health`]).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analysis::vocabulary::{Outcome, Side, TlsReason};
use rustls::SupportedProtocolVersion;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::SECOND_THOUGHTS;
use super::report::{Attempt, names};
use super::settings::Settings;
use crate::config::{Roots, TlsOut};
use crate::io::Prefixed;
use crate::tls::client::{Connector, Facts, Wording};
use crate::tls::failure::Failure;
use crate::upstream::{Connected, Target};

/// The upstream's side of TLS.
pub(super) type Stream = Box<TlsStream<Prefixed>>;

/// How a handshake is made.
#[derive(Clone, Debug)]
pub(super) struct Variation {
    tls: TlsOut,
    wording: Wording,
    server_name: String,
}

/// What came of a handshake.
#[derive(Debug)]
pub(super) struct Shaken {
    pub(super) result: Result<Stream, Failure>,
    pub(super) facts: Facts,
    pub(super) duration: Duration,
}

/// What is different from the listener's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing: TLS where the listener speaks plaintext.
    Tls,
    /// TLS 1.2 and nothing else.
    OnlyTls12,
    /// TLS 1.3 and nothing else.
    OnlyTls13,
    /// No ALPN.
    NoAlpn,
    /// One protocol in ALPN.
    Alpn(&'static str),
    /// No SNI.
    NoSni,
    /// No client certificate, though there is one.
    NoClientCertificate,
    /// Another name, which has to be in the certificate.
    ServerName(String),
    /// The system's authorities instead of `upstream.ca`.
    SystemRoots,
}

impl Variation {
    /// The listener's settings, with verification enforced so that its verdict is told.
    pub(super) fn strict(settings: &Settings) -> Self {
        Self {
            tls: TlsOut { verify: true, ..settings.tls.clone() },
            wording: Wording::default(),
            server_name: settings.server_name.clone(),
        }
    }

    /// The listener's settings, whatever certificate there is.
    pub(super) fn lenient(settings: &Settings) -> Self {
        let mut variation = Self::strict(settings);
        variation.tls.verify = false;
        // Loading the system's authorities takes longer than a handshake.
        variation.tls.roots = Roots::File { path: PathBuf::new(), certs: Vec::new() };
        variation
    }
}

impl Change {
    fn apply(&self, settings: &Settings) -> Variation {
        const ONLY_TLS12: &[&SupportedProtocolVersion] = &[&TLS12];
        const ONLY_TLS13: &[&SupportedProtocolVersion] = &[&TLS13];
        let mut varied = match self {
            Self::ServerName(_) | Self::SystemRoots => Variation::strict(settings),
            _ => Variation::lenient(settings),
        };
        match self {
            Self::Tls => {}
            Self::OnlyTls12 => varied.wording.versions = ONLY_TLS12,
            Self::OnlyTls13 => varied.wording.versions = ONLY_TLS13,
            Self::NoAlpn => varied.tls.alpn.clear(),
            Self::Alpn(name) => varied.tls.alpn = vec![name.as_bytes().to_vec()],
            Self::NoSni => varied.wording.sni = false,
            Self::NoClientCertificate => varied.tls.client = None,
            Self::ServerName(name) => varied.server_name.clone_from(name),
            Self::SystemRoots => varied.tls.roots = Roots::System,
        }
        varied
    }

    fn words(&self) -> String {
        match self {
            Self::Tls => "TLS".to_owned(),
            Self::OnlyTls12 => "TLSv1.2".to_owned(),
            Self::OnlyTls13 => "TLSv1.3".to_owned(),
            Self::NoAlpn => "no ALPN".to_owned(),
            Self::Alpn(name) => format!("ALPN {name}"),
            Self::NoSni => "no SNI".to_owned(),
            Self::NoClientCertificate => "no client certificate".to_owned(),
            Self::ServerName(name) => format!("server name {name}"),
            Self::SystemRoots => "the system's authorities".to_owned(),
        }
    }
}

/// Makes a handshake.
pub(super) async fn handshake(
    connected: Connected,
    variation: &Variation,
    limit: Duration,
) -> Shaken {
    let prepared = prepare(variation);
    let started = Instant::now();
    let (result, facts) = match prepared {
        Err(failure) => (Err(failure), Facts::default()),
        Ok((connector, name)) => {
            let stream = Prefixed::new(Vec::new(), connected.socket);
            let done = connector.connect(stream, name, variation.tls.alpn.clone());
            timeout(limit, done).await.unwrap_or_else(|_| {
                let waited = format!("the upstream did not finish the handshake in {limit:?}");
                (Err(Failure::new(TlsReason::Timeout, waited)), Facts::default())
            })
        }
    };
    let result = result.map_err(|failure| refined(failure, &facts));
    Shaken { result, facts, duration: started.elapsed() }
}

fn prepare(variation: &Variation) -> Result<(Connector, ServerName<'static>), Failure> {
    let name = &variation.server_name;
    let server_name = ServerName::try_from(name.clone()).map_err(|_| {
        let advice = "is neither a host name nor an address: give --server-name";
        Failure::new(TlsReason::InternalError, format!("'{name}' {advice}"))
    })?;
    let connector = Connector::with_wording(&variation.tls, variation.wording)
        .map_err(|error| Failure::new(TlsReason::InternalError, error.to_string()))?;
    Ok((connector, server_name))
}

/// The failure, knowing what the upstream had asked for.
pub(super) fn refined(mut failure: Failure, facts: &Facts) -> Failure {
    if facts.request.as_ref().is_some_and(|request| !request.sent) {
        failure.for_want_of_certificate();
    }
    failure
}

/// Makes one handshake for each change, all at once.
pub(super) async fn attempts(
    settings: &Arc<Settings>,
    address: SocketAddr,
    changes: Vec<Change>,
) -> Vec<Attempt> {
    let mut tasks = JoinSet::new();
    for (index, change) in changes.into_iter().enumerate() {
        let settings = Arc::clone(settings);
        tasks.spawn(async move { (index, attempt(&settings, address, &change).await) });
    }
    let mut made = tasks.join_all().await;
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, attempt)| attempt).collect()
}

async fn attempt(settings: &Settings, address: SocketAddr, change: &Change) -> Attempt {
    let variation = change.apply(settings);
    let result = match settings.dialer().connect(&Target::Address(address)).await {
        Err(unreachable) => Err(unreachable.detail),
        Ok(connected) => {
            let shaken = handshake(connected, &variation, settings.handshake_timeout).await;
            let result = confirmed(shaken.result, &shaken.facts).await;
            result.map_err(|failure| format!("{}: {}", failure.reason, failure.detail))
        }
    };
    let (outcome, detail) = match result {
        Ok(agreed) => (Outcome::Ok, agreed),
        Err(why) => (Outcome::Fail, why),
    };
    Attempt { with: change.words(), outcome, detail: Some(detail) }
}

/// What was agreed on, if the upstream still stands by it once it knows our certificate.
async fn confirmed(result: Result<Stream, Failure>, facts: &Facts) -> Result<String, Failure> {
    let mut stream = result?;
    let connection = stream.get_ref().1;
    let agreed = crate::tls::parameters(connection, None);
    let is_tls13 = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
    if facts.request.is_some()
        && is_tls13
        && let Ok(Err(error)) = timeout(SECOND_THOUGHTS, stream.read(&mut [0; 1])).await
    {
        return Err(refined(Failure::from_io(Side::Out, &error), facts));
    }
    let alpn = agreed.alpn.map_or_else(|| "no ALPN".to_owned(), |name| format!("ALPN {name}"));
    Ok(format!("{}, {alpn}", agreed.version.unwrap_or_default()))
}

/// The ClientHello by itself: what does the upstream answer?
pub(super) async fn answer_to_hello(settings: &Settings, address: SocketAddr) -> Option<String> {
    /// Enough to tell what it is.
    const ENOUGH: usize = 512;
    let hello = client_hello(settings)?;
    let connected = settings.dialer().connect(&Target::Address(address)).await.ok()?;
    let mut socket = connected.socket;
    tokio::io::AsyncWriteExt::write_all(&mut socket, &hello).await.ok()?;
    let mut answer = vec![0; ENOUGH];
    let length = timeout(settings.handshake_timeout, socket.read(&mut answer)).await.ok()?.ok()?;
    (length > 0).then(|| wire::sniff::describe(&answer[..length]))
}

fn client_hello(settings: &Settings) -> Option<Vec<u8>> {
    let mut config = rustls::ClientConfig::builder_with_provider(crate::tls::provider())
        .with_safe_default_protocol_versions()
        .ok()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols.clone_from(&settings.tls.alpn);
    let name = ServerName::try_from(settings.server_name.clone()).ok()?;
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).ok()?;
    let mut hello = Vec::new();
    client.write_tls(&mut hello).ok()?;
    Some(hello)
}

/// What may have been wrong, to be tried without it.
pub(super) fn suspects(settings: &Settings) -> Vec<Change> {
    let tls = &settings.tls;
    let offered = names(&tls.alpn);
    let mut changes = Vec::new();
    if !offered.is_empty() {
        changes.push(Change::NoAlpn);
    }
    for protocol in ["h2", "http/1.1"] {
        if !offered.iter().any(|name| name == protocol) {
            changes.push(Change::Alpn(protocol));
        }
    }
    if matches!(ServerName::try_from(settings.server_name.as_str()), Ok(ServerName::DnsName(_))) {
        changes.push(Change::NoSni);
    }
    if tls.client.is_some() {
        changes.push(Change::NoClientCertificate);
    }
    changes
}
