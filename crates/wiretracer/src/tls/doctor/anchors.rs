//! Who is trusted, and where that is written down.

use std::collections::HashMap;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The certificates that a chain may end in.
#[derive(Debug, Default)]
pub struct Anchors {
    certificates: Vec<CertificateDer<'static>>,
    /// Which of them have a name, by the content of the DER of that name.
    by_name: HashMap<Vec<u8>, Vec<usize>>,
    source: String,
}

impl Anchors {
    /// Trusts `certificates`; `source` says where they come from: `upstream.ca (/etc/ca.pem)`. Those
    /// that cannot be read are left out, as they are when chains are verified.
    pub fn new(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
        source: impl Into<String>,
    ) -> Self {
        let mut anchors = Self { source: source.into(), ..Self::default() };
        for certificate in certificates {
            let Ok(anchor) = webpki::anchor_from_trusted_cert(&certificate) else { continue };
            let name = anchor.subject.as_ref().to_vec();
            drop(anchor);
            anchors.by_name.entry(name).or_default().push(anchors.certificates.len());
            anchors.certificates.push(certificate);
        }
        anchors
    }

    /// Trusts the certificates of the file that the key `key` of the configuration names.
    pub fn file(key: &str, path: &Path, certificates: &[CertificateDer<'static>]) -> Self {
        Self::new(certificates.iter().cloned(), format!("{key} ({})", path.display()))
    }

    /// Trusts whom the system trusts, or the file that `SSL_CERT_FILE` names.
    pub fn system() -> Self {
        let source = match std::env::var_os("SSL_CERT_FILE") {
            Some(path) => format!("SSL_CERT_FILE ({})", Path::new(&path).display()),
            None => "the system's list of certificate authorities".to_owned(),
        };
        Self::new(rustls_native_certs::load_native_certs().certs, source)
    }

    /// The same for rustls.
    pub fn store(&self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.certificates.iter().cloned());
        store
    }

    /// Whether this very certificate is trusted.
    pub fn contains(&self, certificate: &CertificateDer<'_>) -> bool {
        self.certificates.iter().any(|trusted| trusted.as_ref() == certificate.as_ref())
    }

    /// Whether one of them has something about it that rustls does not look at in a trusted
    /// certificate and OpenSSL does: dates that are over, or a limit to the path's length.
    pub fn are_picky(&self, now: UnixTime) -> bool {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        self.certificates.iter().any(|certificate| {
            let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
            let validity = certificate.validity();
            let is_limited = matches!(certificate.basic_constraints(), Ok(Some(basic))
                if basic.value.path_len_constraint.is_some());
            is_limited
                || now > validity.not_after.timestamp()
                || now < validity.not_before.timestamp()
        })
    }

    /// Those with a name, given as the content of its DER.
    pub(super) fn named(&self, name: &[u8]) -> impl Iterator<Item = &CertificateDer<'static>> {
        let places = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.certificates.get(*place))
    }

    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }
}
