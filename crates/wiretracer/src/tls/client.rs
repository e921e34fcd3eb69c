//! TLS towards the upstream.

use std::sync::{Arc, Mutex, PoisonError};

use analysis::record::ClientCertRequest;
use analysis::vocabulary::Side;
use rustls::client::{ResolvesClientCert, Resumption, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::FromDer as _;

use super::doctor::{Anchors, Finding, Role};
use super::failure::Failure;
use super::verify::{Trust, Witness};
use crate::config::{Roots, TlsOut};
use crate::io::Prefixed;

/// Makes the handshakes with one listener's upstream.
#[derive(Debug)]
pub struct Connector {
    config: ClientConfig,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    trust: Arc<Trust>,
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
    /// What is wrong with the chain, also when that is not enforced.
    pub finding: Option<Finding>,
    /// What OpenSSL and Go would object to in a chain that is in order for us.
    pub remark: Option<Finding>,
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
        let anchors = anchors(tls);
        let verifier = verifier(tls, &anchors)?;
        let trust = Arc::new(Trust::new(anchors, &tls.crl, Role::Server));
        let witness = Witness::new(verifier.clone(), Arc::clone(&trust), tls.verify);
        let mut config = ClientConfig::builder_with_provider(super::provider())
            .with_protocol_versions(wording.versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(witness))
            .with_no_client_auth();
        config.enable_sni = wording.sni;
        config.key_log = super::key_log();
        // A resumed handshake shows no certificates, and the certificates are what we are asked for.
        config.resumption = Resumption::disabled();
        Ok(Self { config, verifier, trust, identity, enforce: tls.verify })
    }

    /// The certificate that an upstream is shown when it asks for one.
    pub fn own_chain(&self) -> Option<&[CertificateDer<'static>]> {
        self.identity.as_ref().map(|identity| identity.cert.as_slice())
    }

    /// Makes a handshake over `stream`, offering `alpn`.
    pub async fn connect(
        &self,
        stream: Prefixed,
        server_name: ServerName<'static>,
        alpn: Vec<Vec<u8>>,
    ) -> (Result<Box<TlsStream<Prefixed>>, Failure>, Facts) {
        let trust = Arc::clone(&self.trust);
        let witness = Arc::new(Witness::new(self.verifier.clone(), trust, self.enforce));
        let asked = Arc::new(Asked { identity: self.identity.clone(), request: Mutex::default() });
        let mut config = self.config.clone();
        config.alpn_protocols = alpn;
        config.dangerous().set_certificate_verifier(Arc::<Witness<_>>::clone(&witness));
        config.client_auth_cert_resolver = Arc::<Asked>::clone(&asked);
        let connector = TlsConnector::from(Arc::new(config));
        let result = connector.connect(server_name, stream).into_fallible().await;
        let seen = witness.seen();
        let result = match result {
            Ok(mut stream) => {
                // Only a failure has to be explained by what was said.
                drop(stream.get_mut().0.take_heard());
                Ok(Box::new(stream))
            }
            Err((error, mut stream)) => Err(Failure::from_io(Side::Out, &error)
                .explained_by(seen.finding())
                .explained_by_answer(&stream.take_heard())),
        };
        let facts = Facts {
            verify_result: seen.verify_result(),
            finding: seen.finding().cloned(),
            remark: seen.remark,
            chain: seen.chain,
            request: asked.take(),
        };
        (result, facts)
    }
}

fn anchors(tls: &TlsOut) -> Anchors {
    match &tls.roots {
        Roots::File { path, certs } => Anchors::file("upstream.ca", path, certs),
        Roots::System => Anchors::system(),
    }
}

fn verifier(
    tls: &TlsOut,
    anchors: &Anchors,
) -> Result<Option<Arc<WebPkiServerVerifier>>, rustls::Error> {
    let roots = anchors.store();
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
        *self.request.lock().unwrap_or_else(PoisonError::into_inner) = Some(ClientCertRequest {
            ca_names,
            signature_schemes: schemes.iter().map(|scheme| scheme_name(*scheme)).collect(),
            sent: identity.is_some(),
        });
        identity
    }

    fn has_certs(&self) -> bool {
        // Asked even when we have none: only then is it known that the upstream wanted one.
        true
    }
}

fn scheme_name(scheme: rustls::SignatureScheme) -> String {
    wire::tls::SignatureScheme(u16::from(scheme)).to_string()
}

fn distinguished_name(der: &[u8]) -> String {
    match x509_parser::x509::X509Name::from_der(der) {
        Ok((_, name)) => name.to_string(),
        Err(_) => super::x509::hex(der),
    }
}
