//! TLS with the client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use analysis::vocabulary::Side;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::doctor::{self, Anchors, Finding, Role};
use super::failure::Failure;
use super::mint::{self, Minter};
use super::verify::{Trust, Witness};
use crate::config::{ClientAuth, Identity, MinVersion, TlsIn};
use crate::io::Prefixed;

/// Makes the handshakes with one listener's clients.
#[derive(Debug)]
pub struct Acceptor {
    base: ServerConfig,
    /// One configuration for each list of protocols that was ever answered with.
    by_alpn: Mutex<HashMap<Vec<Vec<u8>>, Arc<ServerConfig>>>,
    clients: Option<Clients>,
    certificate: Certificate,
    versions: &'static [&'static SupportedProtocolVersion],
}

/// Whose certificates are accepted.
#[derive(Debug)]
struct Clients {
    verifier: Arc<dyn ClientCertVerifier>,
    trust: Arc<Trust>,
}

/// The witness of one handshake.
type ClientWitness = Witness<dyn ClientCertVerifier>;

/// What we show.
#[derive(Debug)]
enum Certificate {
    Fixed(Arc<CertifiedKey>),
    Minted(Arc<Minter>),
}

/// What a handshake showed of the client's certificate, also one that failed.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The chain that the client presented.
    pub chain: Vec<CertificateDer<'static>>,
    /// `ok`, or the category that verification gives; none without a certificate.
    pub verify_result: Option<String>,
    /// What OpenSSL and Go would object to in a chain that is in order for us.
    pub remark: Option<Finding>,
}

/// Lists of protocols that are remembered; the lists come from the configuration, so there are few.
const MAX_ALPN_LISTS: usize = 64;

/// What `tls.min_version: TLS1.3` leaves.
static ONLY_TLS13: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];

impl Acceptor {
    /// From a listener's `tls:` section; `minter` serves listeners without a certificate of their
    /// own.
    pub fn new(tls: &TlsIn, minter: &Arc<Minter>) -> Result<Self, rustls::Error> {
        let versions = match tls.min_version {
            MinVersion::Tls12 => rustls::ALL_VERSIONS,
            MinVersion::Tls13 => &ONLY_TLS13,
        };
        let clients = tls.client_auth.as_ref().map(Clients::new).transpose()?;
        let certificate = match &tls.identity {
            Identity::Minted => Certificate::Minted(Arc::clone(minter)),
            Identity::Files(identity) => Certificate::Fixed(super::keys::certified(identity)?),
        };
        let builder = ServerConfig::builder_with_provider(super::provider())
            .with_protocol_versions(versions)?;
        let mut base = builder.with_no_client_auth().with_cert_resolver(certificate.resolver());
        base.key_log = super::key_log();
        Ok(Self { base, by_alpn: Mutex::default(), clients, certificate, versions })
    }

    /// Makes a handshake over `stream`, answering with the first of `alpn` that the client offers;
    /// with no protocol at all when `alpn` is empty.
    pub async fn accept(
        &self,
        stream: Prefixed,
        alpn: &[Vec<u8>],
    ) -> (Result<Box<TlsStream<Prefixed>>, Failure>, Shown) {
        let (config, witness) = match &self.clients {
            None => (self.config(alpn), None),
            Some(clients) => match self.witnessed(clients, alpn) {
                Ok((config, witness)) => (config, Some(witness)),
                Err(error) => return (Err(Failure::from_tls(Side::In, &error)), Shown::default()),
            },
        };
        let result = TlsAcceptor::from(config).accept(stream).await.map(Box::new);
        let seen = witness.map(|witness| witness.seen()).unwrap_or_default();
        let result =
            result.map_err(|error| Failure::from_io(Side::In, &error).explained_by(seen.finding()));
        let verify_result = seen.verify_result();
        (result, Shown { chain: seen.chain, verify_result, remark: seen.remark })
    }

    /// Says of a client that refused our certificate, or left after it, what it may have seen wrong
    /// with it.
    pub fn explain_refusal(&self, failure: Failure, sni: Option<&str>) -> Failure {
        let Some(certified) = self.certificate.shown_for(sni) else { return failure };
        let defect = doctor::own_chain_defect(&certified.cert, sni, UnixTime::now());
        let issuer = certified.cert.last().map(|last| super::x509::facts(last).issuer);
        let alone = matches!(self.certificate, Certificate::Fixed(_)) && certified.cert.len() == 1;
        failure.explained_by_own_chain(defect.as_ref(), &issuer.unwrap_or_default(), alone)
    }

    /// The configuration of one handshake in which a client's certificate is asked for: what is seen
    /// of it belongs to that handshake alone.
    fn witnessed(
        &self,
        clients: &Clients,
        alpn: &[Vec<u8>],
    ) -> Result<(Arc<ServerConfig>, Arc<ClientWitness>), rustls::Error> {
        let verifier = Some(Arc::clone(&clients.verifier));
        let witness = Arc::new(Witness::new(verifier, Arc::clone(&clients.trust), true));
        let mut config = ServerConfig::builder_with_provider(super::provider())
            .with_protocol_versions(self.versions)?
            .with_client_cert_verifier(Arc::<ClientWitness>::clone(&witness))
            .with_cert_resolver(self.certificate.resolver());
        config.key_log = Arc::clone(&self.base.key_log);
        config.session_storage = Arc::clone(&self.base.session_storage);
        config.alpn_protocols = alpn.to_vec();
        Ok((Arc::new(config), witness))
    }

    fn config(&self, alpn: &[Vec<u8>]) -> Arc<ServerConfig> {
        let mut by_alpn = self.by_alpn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = by_alpn.get(alpn) {
            return Arc::clone(config);
        }
        let mut config = self.base.clone();
        config.alpn_protocols = alpn.to_vec();
        let config = Arc::new(config);
        if by_alpn.len() < MAX_ALPN_LISTS {
            by_alpn.insert(alpn.to_vec(), Arc::clone(&config));
        }
        config
    }
}

impl Certificate {
    fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        match self {
            Self::Fixed(certified) => Arc::new(SingleCertAndKey::from(Arc::clone(certified))),
            Self::Minted(minter) => Arc::<Minter>::clone(minter),
        }
    }

    /// What a client that asks for `sni` is shown.
    fn shown_for(&self, sni: Option<&str>) -> Option<Arc<CertifiedKey>> {
        match self {
            Self::Fixed(certified) => Some(Arc::clone(certified)),
            Self::Minted(minter) => minter.certificate(sni.unwrap_or(mint::NO_NAME)).ok(),
        }
    }
}

impl Clients {
    fn new(auth: &ClientAuth) -> Result<Self, rustls::Error> {
        let anchors = Anchors::file("tls.client_ca", &auth.ca_path, &auth.ca);
        let roots = Arc::new(anchors.store());
        let mut builder = WebPkiClientVerifier::builder_with_provider(roots, super::provider())
            .with_crls(auth.crl.iter().cloned())
            .allow_unknown_revocation_status();
        if !auth.required {
            builder = builder.allow_unauthenticated();
        }
        let verifier =
            builder.build().map_err(|error| rustls::Error::General(error.to_string()))?;
        let trust = Arc::new(Trust::new(anchors, &auth.crl, Role::Client));
        Ok(Self { verifier, trust })
    }
}
