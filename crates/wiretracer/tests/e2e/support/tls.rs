//! TLS of the peers, from a few facts.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};

use super::certs;

/// Which TLS versions a peer speaks.
pub(crate) type Versions = &'static [&'static SupportedProtocolVersion];

/// TLS 1.2 only.
pub(crate) const TLS12: Versions = &[&rustls::version::TLS12];
/// TLS 1.3 only.
pub(crate) const TLS13: Versions = &[&rustls::version::TLS13];
const BOTH: Versions = &[&rustls::version::TLS12, &rustls::version::TLS13];

/// A client's TLS. It trusts `ca`.
#[derive(Clone, Copy)]
pub(crate) struct ClientTls {
    pub(crate) server_name: &'static str,
    pub(crate) alpn: &'static [&'static str],
    /// The certificate that is shown when asked for.
    pub(crate) identity: Option<&'static str>,
    pub(crate) versions: Versions,
    /// Who is trusted.
    pub(crate) ca: &'static str,
}

impl Default for ClientTls {
    fn default() -> Self {
        Self { server_name: "localhost", alpn: &[], identity: None, versions: BOTH, ca: "ca" }
    }
}

/// A server's TLS.
#[derive(Clone, Copy)]
pub(crate) struct ServerTls {
    pub(crate) identity: &'static str,
    pub(crate) alpn: &'static [&'static str],
    /// Who must have signed the client's certificate, which is then asked for.
    pub(crate) client_ca: Option<&'static str>,
    /// Whether a client without one is turned away.
    pub(crate) client_required: bool,
    pub(crate) versions: Versions,
}

impl Default for ServerTls {
    fn default() -> Self {
        Self {
            identity: "server",
            alpn: &[],
            client_ca: None,
            client_required: true,
            versions: BOTH,
        }
    }
}

impl ClientTls {
    pub(crate) fn alpn(alpn: &'static [&'static str]) -> Self {
        Self { alpn, ..Self::default() }
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        for cert in certs::pair(self.ca).chain() {
            roots.add(cert).unwrap();
        }
        self.config_trusting(roots)
    }

    pub(crate) fn config_trusting(&self, roots: RootCertStore) -> Arc<ClientConfig> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match self.identity {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let pair = certs::pair(name);
                builder.with_client_auth_cert(pair.chain(), pair.private_key()).unwrap()
            }
        };
        config.alpn_protocols = protocols(self.alpn);
        Arc::new(config)
    }
}

impl ServerTls {
    pub(crate) fn alpn(alpn: &'static [&'static str]) -> Self {
        Self { alpn, ..Self::default() }
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(self.versions)
            .unwrap();
        let builder = match self.client_ca {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let mut roots = RootCertStore::empty();
                for cert in certs::pair(name).chain() {
                    roots.add(cert).unwrap();
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
                let verifier = match self.client_required {
                    true => verifier,
                    false => verifier.allow_unauthenticated(),
                };
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let pair = certs::pair(self.identity);
        let mut config = builder.with_single_cert(pair.chain(), pair.private_key()).unwrap();
        config.alpn_protocols = protocols(self.alpn);
        Arc::new(config)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn protocols(names: &[&str]) -> Vec<Vec<u8>> {
    names.iter().map(|name| name.as_bytes().to_vec()).collect()
}
