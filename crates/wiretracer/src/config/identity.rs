//! Certificates with their keys, and whose certificates are asked for.
//!
//! Reading them from files is [`super::key`]'s and [`super::pem`]'s.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

/// Which certificate a listener shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// The one in the files.
    Files(CertifiedIdentity),
    /// One made for each server name, signed by the local CA.
    Minted,
}

/// A certificate chain with the key of its first certificate; they were checked to belong together.
#[derive(Clone, PartialEq)]
pub struct CertifiedIdentity {
    /// The leaf first, then the certificates that lead to its root.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's private key, in the clear.
    pub key: Arc<PrivateKeyDer<'static>>,
}

impl fmt::Debug for CertifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertifiedIdentity")
            .field("chain", &format_args!("{} certificates", self.chain.len()))
            .field("key", &format_args!("[secret]"))
            .finish()
    }
}

/// Whose client certificates are accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientAuth {
    /// The authorities, at least one.
    pub ca: Vec<CertificateDer<'static>>,
    /// The file they came from.
    pub ca_path: PathBuf,
    /// Whether a client without a certificate is turned away.
    pub required: bool,
    /// Revocation lists that apply to client certificates.
    pub crl: Vec<CertificateRevocationListDer<'static>>,
}
