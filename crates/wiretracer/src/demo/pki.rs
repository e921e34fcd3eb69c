//! The demo's own certificates, made at start and kept in memory.
//!
//! ```text
//! Demo Upstream CA ─┬─► shop.example            valid: what the shop shows
//!                   └─► shop.example, January   expired in 2024: what the forgotten replica shows
//! ```
//!
//! Not here: the certificates that the proxy shows to clients; those are minted by
//! [`crate::tls::mint`] as on any listener without a certificate of its own.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The name that clients ask for and upstreams have in their certificates.
pub(super) const SHOP: &str = "shop.example";

/// The authority behind the upstreams' certificates.
pub(super) struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// Whether a certificate's dates are good today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dates {
    /// For decades.
    Valid,
    /// Since February 2024 no more.
    Expired,
}

impl Authority {
    pub(super) fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "Demo Upstream CA");
        (params.not_before, params.not_after) =
            (date_time_ymd(2020, 1, 1), date_time_ymd(2090, 1, 1));
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.der().clone();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// The authority's own certificate.
    pub(super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// What an upstream needs for its side of TLS: HTTP/2 and HTTP/1.1, and a certificate for
    /// [`SHOP`].
    pub(super) fn server(&self, dates: Dates) -> anyhow::Result<Arc<ServerConfig>> {
        let mut params = CertificateParams::new([SHOP.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, SHOP);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        (params.not_before, params.not_after) = match dates {
            Dates::Valid => (date_time_ymd(2020, 1, 1), date_time_ymd(2090, 1, 1)),
            Dates::Expired => (date_time_ymd(2024, 1, 1), date_time_ymd(2024, 2, 1)),
        };
        let key = KeyPair::generate()?;
        let leaf = params.signed_by(&key, &self.issuer)?.der().clone();
        let private = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(crate::tls::provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf], private)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}
