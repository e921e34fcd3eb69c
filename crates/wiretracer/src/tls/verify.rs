//! Verification of the peer's certificate that is always computed, explained, and enforced when
//! asked.
//!
//! ```text
//! webpki says yes ─────────────────────────────────────────────▶ ok
//! webpki says no ──▶ doctor ──▶ finds the fault ───────────────▶ its category and detail
//!                        └────▶ nothing, and the certificate
//!                               itself is listed as trusted ───▶ ok, as with OpenSSL and Go
//! ```
//!
//! One witness serves one handshake, and keeps what it saw. Not here: what can be wrong, see
//! [`super::doctor`].

use std::sync::{Arc, Mutex, PoisonError};

use analysis::vocabulary::TlsCategory;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::doctor::{self, Anchors, Case, Finding, Role};

/// What one handshake showed of the peer's certificates.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The chain presented, the peer's own certificate first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// What verification says of it; none while no certificate has come.
    pub(super) result: Option<Result<(), Finding>>,
    /// What OpenSSL and Go would object to in a chain that is in order for us.
    pub(super) remark: Option<Finding>,
}

impl Seen {
    /// `ok`, or the category.
    pub(super) fn verify_result(&self) -> Option<String> {
        self.result.as_ref().map(|result| match result {
            Ok(()) => "ok".to_owned(),
            Err(finding) => finding.category.to_string(),
        })
    }

    /// What was found wrong.
    pub(super) fn finding(&self) -> Option<&Finding> {
        self.result.as_ref()?.as_ref().err()
    }
}

/// Who is trusted on one side of a listener.
#[derive(Debug)]
pub(super) struct Trust {
    anchors: Anchors,
    crls: Vec<CertificateRevocationListDer<'static>>,
    role: Role,
    /// Whether a chain that rustls accepts is worth a second look.
    is_picky: bool,
}

impl Trust {
    pub(super) fn new(
        anchors: Anchors,
        crls: &[CertificateRevocationListDer<'static>],
        role: Role,
    ) -> Self {
        let is_picky = anchors.are_picky(UnixTime::now());
        Self { anchors, crls: crls.to_vec(), role, is_picky }
    }

    /// The verdict on `chain`, of which rustls says `verified`.
    fn judge(
        &self,
        chain: Vec<CertificateDer<'static>>,
        name: Option<&ServerName<'_>>,
        now: UnixTime,
        verified: Result<(), Error>,
    ) -> (Seen, Result<(), Error>) {
        let crls = &self.crls;
        let case = Case { chain: &chain, anchors: &self.anchors, name, role: self.role, now, crls };
        let error = match verified {
            Ok(()) => {
                let remark = if self.is_picky { doctor::examine(&case).err() } else { None };
                return (Seen { chain, result: Some(Ok(())), remark }, Ok(()));
            }
            Err(error) => error,
        };
        let (result, verdict) = match doctor::examine(&case) {
            Err(finding) => {
                let error = error_for(finding.category, error);
                (Err(finding), Err(error))
            }
            Ok(()) if chain.first().is_some_and(|leaf| self.anchors.contains(leaf)) => {
                (Ok(()), Ok(()))
            }
            Ok(()) => {
                let detail = error.to_string();
                let finding = Finding { category: TlsCategory::Other, detail, certificate: None };
                (Err(finding), Err(error))
            }
        };
        (Seen { chain, result: Some(result), remark: None }, verdict)
    }
}

/// The error whose alert fits what was found; the one that rustls came upon may be another fault of
/// the same chain.
fn error_for(category: TlsCategory, error: Error) -> Error {
    let fitting = match category {
        TlsCategory::Expired => CertificateError::Expired,
        TlsCategory::NotYetValid => CertificateError::NotValidYet,
        TlsCategory::WrongEku => CertificateError::InvalidPurpose,
        TlsCategory::UnknownCa | TlsCategory::SelfSigned | TlsCategory::MissingIntermediate => {
            CertificateError::UnknownIssuer
        }
        TlsCategory::HostnameMismatch => CertificateError::NotValidForName,
        TlsCategory::SignatureFailure => CertificateError::BadSignature,
        TlsCategory::Revoked => CertificateError::Revoked,
        _ => return error,
    };
    Error::InvalidCertificate(fitting)
}

/// The verifier of one handshake: it keeps what it saw.
#[derive(Debug)]
pub(super) struct Witness<V: ?Sized> {
    /// None when nobody is trusted.
    verifier: Option<Arc<V>>,
    trust: Arc<Trust>,
    enforce: bool,
    seen: Mutex<Seen>,
}

impl<V: ?Sized> Witness<V> {
    pub(super) fn new(verifier: Option<Arc<V>>, trust: Arc<Trust>, enforce: bool) -> Self {
        Self { verifier, trust, enforce, seen: Mutex::default() }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn verdict(
        &self,
        chain: (&CertificateDer<'_>, &[CertificateDer<'_>]),
        name: Option<&ServerName<'_>>,
        now: UnixTime,
        verified: Option<Result<(), Error>>,
    ) -> Result<(), Error> {
        let chain =
            std::iter::once(chain.0).chain(chain.1).map(|cert| cert.clone().into_owned()).collect();
        let nobody = || Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let (seen, verdict) = self.trust.judge(chain, name, now, verified.unwrap_or_else(nobody));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        if self.enforce { verdict } else { Ok(()) }
    }

    fn checked_tls12(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = algorithms();
        self.signed(rustls::crypto::verify_tls12_signature(message, cert, dss, &algorithms))
    }

    fn checked_tls13(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = algorithms();
        self.signed(rustls::crypto::verify_tls13_signature(message, cert, dss, &algorithms))
    }

    /// What comes of checking the handshake's own signature: a certificate that is no good for that
    /// is one more fault of the certificate, and matters only when those do.
    fn signed(
        &self,
        checked: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let Err(error) = checked else { return checked };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(finding) = doctor::weak_key(&seen.chain)
            && matches!(seen.result, Some(Ok(())))
        {
            seen.result = Some(Err(finding));
        }
        match &seen.result {
            Some(Err(_)) if !self.enforce => Ok(HandshakeSignatureValid::assertion()),
            _ => Err(error),
        }
    }
}

fn algorithms() -> rustls::crypto::WebPkiSupportedAlgorithms {
    super::provider().signature_verification_algorithms
}

impl<V: ServerCertVerifier + ?Sized> ServerCertVerifier for Witness<V> {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.verifier.as_ref().map(|verifier| {
            verifier
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(drop)
        });
        self.verdict((end_entity, intermediates), Some(server_name), now, verified)
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.checked_tls12(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.checked_tls13(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}

impl<V: ClientCertVerifier + ?Sized> ClientCertVerifier for Witness<V> {
    fn offer_client_auth(&self) -> bool {
        self.verifier.as_ref().is_some_and(|verifier| verifier.offer_client_auth())
    }

    fn client_auth_mandatory(&self) -> bool {
        self.verifier.as_ref().is_some_and(|verifier| verifier.client_auth_mandatory())
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.verifier.as_ref().map_or(&[], |verifier| verifier.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self
            .verifier
            .as_ref()
            .map(|verifier| verifier.verify_client_cert(end_entity, intermediates, now).map(drop));
        self.verdict((end_entity, intermediates), None, now, verified)
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.checked_tls12(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.checked_tls13(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        algorithms().supported_schemes()
    }
}
