//! `tls`: one handshake of one side, with the cause when it failed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::common::{Millis, Origin, Seconds};
use crate::vocabulary::{Outcome, Party, Side, TlsCategory, TlsReason};

/// One handshake, or a failure that arrived after one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TlsRecord {
    /// Whence it comes.
    #[serde(flatten)]
    pub origin: Origin,
    /// When the handshake was over.
    pub ts: Seconds,
    /// With the client, or with the upstream.
    pub side: Side,
    /// How it went.
    pub outcome: Outcome,
    /// Why it failed.
    pub reason: Option<TlsReason>,
    /// What is wrong with which certificate, when that is why.
    pub category: Option<TlsCategory>,
    /// OpenSSL's sentence where one exists, then the fact.
    pub detail: Option<String>,
    /// The alert sent or received, by name.
    pub alert: Option<String>,
    /// Who sent the alert.
    pub alert_from: Option<Party>,
    /// How long the handshake took.
    pub duration_ms: Millis,
    /// What was agreed on.
    pub tls: TlsParameters,
    /// `ok`, or the category that verification gives, also when it was not enforced.
    pub verify_result: Option<String>,
    /// Side out: what the upstream asked for.
    pub client_cert_request: Option<ClientCertRequest>,
    /// Side in: what the ClientHello offered.
    pub offered: Option<Arc<Offered>>,
    /// Side in: fingerprints of the ClientHello.
    pub fingerprints: Option<Arc<Fingerprints>>,
    /// Side out: whom we spoke to.
    pub upstream: Option<TlsUpstream>,
    /// The certificates that the peer presented, its own first.
    pub peer_chain: Vec<Certificate>,
}

impl TlsRecord {
    /// Whether the upstream was never connected to, so that no handshake began. The reason alone does
    /// not tell: both connecting and the handshake may take too long.
    pub fn is_unreached(&self) -> bool {
        self.upstream.as_ref().is_some_and(|upstream| upstream.ip.is_none())
    }

    /// A handshake that went well, of which nothing else is known yet.
    pub const fn well(
        origin: Origin,
        side: Side,
        ts: Seconds,
        duration_ms: Millis,
        tls: TlsParameters,
    ) -> Self {
        Self {
            origin,
            ts,
            side,
            outcome: Outcome::Ok,
            reason: None,
            category: None,
            detail: None,
            alert: None,
            alert_from: None,
            duration_ms,
            tls,
            verify_result: None,
            client_cert_request: None,
            offered: None,
            fingerprints: None,
            upstream: None,
            peer_chain: Vec::new(),
        }
    }
}

/// What a handshake agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsParameters {
    /// Server name asked for.
    pub sni: Option<String>,
    /// Application protocol.
    pub alpn: Option<String>,
    /// Protocol version.
    pub version: Option<String>,
    /// Cipher suite.
    pub cipher: Option<String>,
    /// Key exchange group.
    pub group: Option<String>,
    /// Whether an earlier session was resumed.
    pub resumed: Option<bool>,
}

/// The upstream's CertificateRequest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCertRequest {
    /// Distinguished names of the authorities it accepts; empty = any.
    pub ca_names: Vec<String>,
    /// Signature schemes that it accepts, by registered names.
    #[serde(default)]
    pub signature_schemes: Vec<String>,
    /// Whether we sent a certificate.
    pub sent: bool,
}

/// What a ClientHello offers, by registered names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Application protocols.
    pub alpn: Vec<String>,
    /// Protocol versions.
    pub versions: Vec<String>,
    /// Cipher suites.
    pub ciphers: Vec<String>,
    /// Key exchange groups.
    pub groups: Vec<String>,
}

/// Fingerprints of a ClientHello.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprints {
    /// JA3, as MD5 in hex.
    pub ja3: Option<String>,
    /// JA3 before hashing.
    pub ja3_raw: Option<String>,
    /// JA4.
    pub ja4: Option<String>,
    /// JA4 before hashing (`_r`).
    pub ja4_raw: Option<String>,
    /// Whether Encrypted Client Hello was offered.
    pub ech: bool,
    /// Bytes of the ECH extension.
    pub ech_len: Option<u64>,
    /// Whether the legacy ESNI extension was offered.
    pub esni: bool,
}

/// The upstream as TLS saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsUpstream {
    /// The address as configured.
    pub addr: Arc<str>,
    /// The address connected to.
    pub ip: Option<String>,
    /// The name sent as SNI and held against the certificate.
    pub server_name: Option<String>,
}

/// Facts of one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Subject, RFC 4514 style.
    pub subject: String,
    /// Issuer, RFC 4514 style.
    pub issuer: String,
    /// Serial number in hex.
    pub serial: String,
    /// Valid from, RFC 3339.
    pub not_before: String,
    /// Valid until, RFC 3339.
    pub not_after: String,
    /// Subject alternative names: `DNS:…`, `IP:…`, …
    pub san: Vec<String>,
    /// Key type and size: `RSA 2048`, `EC P-256`, `Ed25519`.
    pub key: String,
    /// SHA-256 fingerprint in hex.
    pub sha256: String,
}
