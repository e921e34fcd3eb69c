//! TLS towards the upstream.

use std::sync::{Arc, Mutex, PoisonError};

use analysis::record::ClientCertRequest;
use analysis::vocabulary::{Side, TlsCategory};
use rustls::client::{ResolvesClientCert, Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::FromDer as _;

use super::failure::{self, Failure};
use super::verify::Witness;
use crate::config::{Roots, TlsOut};
use crate::io::Prefixed;

/// Makes the handshakes with one listener's upstream.
#[derive(Debug)]
pub struct Connector {
    config: ClientConfig,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    identity: Option<Arc<CertifiedKey>>,
    enforce: bool,
}

/// What a ClientHello may say, to find out what an upstream minds.
#[derive(Clone, Copy, Debug)]
pub struct Wording {
    /// The versions that are offered.
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// Whether the name asked for is told (SNI).
    pub sni: bool,
}

impl Default for Wording {
    /// Everything.
    fn default() -> Self {
        Self { versions: rustls::DEFAULT_VERSIONS, sni: true }
    }
}

/// What a handshake showed, also one that failed.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The chain that the upstream presented.
    pub chain: Vec<CertificateDer<'static>>,
    /// `ok`, or the category that verification gives.
    pub verify_result: Option<String>,
    /// What the upstream asked for, if it asked for a certificate.
    pub request: Option<ClientCertRequest>,
}

impl Connector {
    /// From a listener's `upstream:` section.
    pub fn new(tls: &TlsOut) -> Result<Self, rustls::Error> {
        Self::with_wording(tls, Wording::default())
    }

    /// As [`Connector::new`], with a ClientHello that says less.
    pub fn with_wording(tls: &TlsOut, wording: Wording) -> Result<Self, rustls::Error> {
        let identity = tls.client.as_ref().map(super::keys::certified).transpose()?;
        let mut config = ClientConfig::builder_with_provider(super::provider())
            .with_protocol_versions(wording.versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Witness::new(None, false)))
            .with_no_client_auth();
        config.enable_sni = wording.sni;
        config.key_log = super::key_log();
        // A resumed handshake shows no certificates, and the certificates are what we are asked for.
        config.resumption = Resumption::disabled();
        Ok(Self { config, verifier: verifier(tls)?, identity, enforce: tls.verify })
    }

    /// Makes a handshake over `stream`, offering `alpn`.
    pub async fn connect(
        &self,
        stream: Prefixed,
        server_name: ServerName<'static>,
        alpn: Vec<Vec<u8>>,
    ) -> (Result<Box<TlsStream<Prefixed>>, Failure>, Facts) {
        let witness = Arc::new(Witness::new(self.verifier.clone(), self.enforce));
        let asked = Arc::new(Asked { identity: self.identity.clone(), request: Mutex::default() });
        let mut config = self.config.clone();
        config.alpn_protocols = alpn;
        config.dangerous().set_certificate_verifier(Arc::<Witness>::clone(&witness));
        config.client_auth_cert_resolver = Arc::<Asked>::clone(&asked);
        let connector = TlsConnector::from(Arc::new(config));
        let result = connector
            .connect(server_name, stream)
            .await
            .map(Box::new)
            .map_err(|error| Failure::from_io(Side::Out, &error));
        let seen = witness.seen();
        let verify_result = seen.result.map(|result| match result {
            Ok(()) => "ok".to_owned(),
            Err(rustls::Error::InvalidCertificate(error)) => {
                failure::certificate(&error).0.to_string()
            }
            Err(_) => TlsCategory::Other.to_string(),
        });
        let facts = Facts { chain: seen.chain, verify_result, request: asked.take() };
        (result, facts)
    }
}

fn verifier(tls: &TlsOut) -> Result<Option<Arc<WebPkiServerVerifier>>, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    // How many were taken matters only when it is none.
    let _ = match &tls.roots {
        Roots::File { certs, .. } => roots.add_parsable_certificates(certs.iter().cloned()),
        Roots::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)
        }
    };
    if roots.is_empty() {
        return Ok(None);
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), super::provider())
        .with_crls(tls.crl.iter().cloned())
        .allow_unknown_revocation_status()
        .build()
        .map(Some)
        .map_err(|error| rustls::Error::General(error.to_string()))
}

/// Gives our certificate to whoever asks, and keeps what was asked.
#[derive(Debug)]
struct Asked {
    identity: Option<Arc<CertifiedKey>>,
    request: Mutex<Option<ClientCertRequest>>,
}

impl Asked {
    fn take(&self) -> Option<ClientCertRequest> {
        self.request.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ResolvesClientCert for Asked {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        schemes: &[rustls::SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let identity =
            self.identity.clone().filter(|identity| identity.key.choose_scheme(schemes).is_some());
        let ca_names = root_hint_subjects.iter().map(|name| distinguished_name(name)).collect();
        *self.request.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(ClientCertRequest { ca_names, sent: identity.is_some() });
        identity
    }

    fn has_certs(&self) -> bool {
        // Asked even when we have none: only then is it known that the upstream wanted one.
        true
    }
}

fn distinguished_name(der: &[u8]) -> String {
    match x509_parser::x509::X509Name::from_der(der) {
        Ok((_, name)) => name.to_string(),
        Err(_) => super::x509::hex(der),
    }
}
