//! TLS with the client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use analysis::vocabulary::Side;
use rustls::server::{ResolvesServerCert, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::failure::Failure;
use super::mint::Minter;
use crate::config::{ClientAuth, Identity, MinVersion, TlsIn};
use crate::io::Prefixed;

/// Makes the handshakes with one listener's clients.
#[derive(Debug)]
pub struct Acceptor {
    base: ServerConfig,
    /// One configuration for each list of protocols that was ever answered with.
    by_alpn: Mutex<HashMap<Vec<Vec<u8>>, Arc<ServerConfig>>>,
}

/// Lists of protocols that are remembered; the lists come from the configuration, so there are few.
const MAX_ALPN_LISTS: usize = 64;

impl Acceptor {
    /// From a listener's `tls:` section; `minter` serves listeners without a certificate of their
    /// own.
    pub fn new(tls: &TlsIn, minter: &Arc<Minter>) -> Result<Self, rustls::Error> {
        let versions: &[_] = match tls.min_version {
            MinVersion::Tls12 => &[&rustls::version::TLS12, &rustls::version::TLS13],
            MinVersion::Tls13 => &[&rustls::version::TLS13],
        };
        let builder = ServerConfig::builder_with_provider(super::provider())
            .with_protocol_versions(versions)?;
        let builder = match &tls.client_auth {
            None => builder.with_no_client_auth(),
            Some(auth) => builder.with_client_cert_verifier(client_verifier(auth)?),
        };
        let resolver: Arc<dyn ResolvesServerCert> = match &tls.identity {
            Identity::Minted => Arc::<Minter>::clone(minter),
            Identity::Files(identity) => {
                Arc::new(rustls::sign::SingleCertAndKey::from(super::keys::certified(identity)?))
            }
        };
        let mut base = builder.with_cert_resolver(resolver);
        base.key_log = super::key_log();
        Ok(Self { base, by_alpn: Mutex::default() })
    }

    /// Makes a handshake over `stream`, answering with the first of `alpn` that the client offers;
    /// with no protocol at all when `alpn` is empty.
    pub async fn accept(
        &self,
        stream: Prefixed,
        alpn: &[Vec<u8>],
    ) -> Result<Box<TlsStream<Prefixed>>, Failure> {
        TlsAcceptor::from(self.config(alpn))
            .accept(stream)
            .await
            .map(Box::new)
            .map_err(|error| Failure::from_io(Side::In, &error))
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

fn client_verifier(
    auth: &ClientAuth,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(auth.ca.iter().cloned());
    let mut builder =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), super::provider())
            .with_crls(auth.crl.iter().cloned())
            .allow_unknown_revocation_status();
    if !auth.required {
        builder = builder.allow_unauthenticated();
    }
    builder.build().map_err(|error| rustls::Error::General(error.to_string()))
}
