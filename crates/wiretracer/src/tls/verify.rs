//! Verification of the upstream's certificate that is always computed and enforced when asked.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// What one handshake showed of the upstream's certificates.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The chain presented, the upstream's own certificate first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// What verification says of it; none while no certificate has come.
    pub(super) result: Option<Result<(), Error>>,
}

/// The verifier of one handshake: it keeps what it saw.
#[derive(Debug)]
pub(super) struct Witness {
    /// None when there is no trust anchor at all.
    verifier: Option<Arc<WebPkiServerVerifier>>,
    enforce: bool,
    seen: Mutex<Seen>,
}

impl Witness {
    pub(super) fn new(verifier: Option<Arc<WebPkiServerVerifier>>, enforce: bool) -> Self {
        Self { verifier, enforce, seen: Mutex::default() }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn algorithms() -> rustls::crypto::WebPkiSupportedAlgorithms {
        super::provider().signature_verification_algorithms
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let result = match &self.verifier {
            Some(verifier) => verifier
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(drop),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.chain = std::iter::once(end_entity)
            .chain(intermediates)
            .map(|certificate| certificate.clone().into_owned())
            .collect();
        seen.result = Some(result.clone());
        match result {
            Err(error) if self.enforce => Err(error),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &Self::algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &Self::algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        Self::algorithms().supported_schemes()
    }
}
