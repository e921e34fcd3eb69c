//! The demo's clients: they call the shop through the proxy, well and badly.
//!
//! ```text
//! caller    gRPC over HTTP/2
//! browser   HTTP/1.1
//! stranger  clients that never get as far as a request
//! ```
//!
//! Which one does what, and when, is in [`super::script`].

pub(super) mod browser;
pub(super) mod caller;
pub(super) mod stranger;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::pki::SHOP;

/// How a client speaks TLS.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    config: ClientConfig,
}

impl Dialect {
    /// Trusts `authority`, speaks TLS 1.2 and 1.3, and offers one application protocol.
    pub(super) fn new(authority: &CertificateDer<'static>, alpn: &str) -> anyhow::Result<Self> {
        Self::of_versions(authority, alpn, rustls::ALL_VERSIONS)
    }

    /// As [`Dialect::new`], with these versions only.
    pub(super) fn of_versions(
        authority: &CertificateDer<'static>,
        alpn: &str,
        versions: &[&'static SupportedProtocolVersion],
    ) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone())?;
        let mut config = ClientConfig::builder_with_provider(crate::tls::provider())
            .with_protocol_versions(versions)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        Ok(Self { config })
    }

    /// Connects and makes the handshake, asking for the shop.
    pub(super) async fn connect(&self, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from(SHOP).map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(self.config.clone())).connect(name, socket).await
    }
}
