//! Why a handshake failed: the single translation of errors of rustls and of the socket.

use std::fmt::Write as _;
use std::io;

use analysis::vocabulary::{Party, Side, TlsCategory, TlsReason};
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use super::doctor::Finding;

/// What a failed handshake says in its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The word.
    pub reason: TlsReason,
    /// What is wrong with the certificate, when that is why.
    pub category: Option<TlsCategory>,
    /// What a person needs to understand it.
    pub detail: String,
    /// The alert sent or received.
    pub alert: Option<String>,
    /// Who sent it.
    pub alert_from: Option<Party>,
    /// Its number (RFC 8446 §6), when it was received.
    pub alert_received: Option<u8>,
}

impl Failure {
    /// A failure without alert.
    pub fn new(reason: TlsReason, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (category, alert, alert_from, alert_received) = (None, None, None, None);
        Self { reason, category, detail, alert, alert_from, alert_received }
    }

    /// From the error of a handshake with the peer of `side`.
    pub fn from_io(side: Side, error: &io::Error) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        if let Some(tls) = tls {
            return Self::from_tls(side, tls);
        }
        let peer = peer(side);
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::new(
                TlsReason::Eof,
                format!("the {peer} closed the connection in the middle of the handshake"),
            ),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::new(
                TlsReason::Rst,
                format!("the {peer} reset the connection in the middle of the handshake"),
            ),
            _ => Self::new(TlsReason::InternalError, error.to_string()),
        }
    }

    /// From an error of rustls on the connection with the peer of `side`.
    pub fn from_tls(side: Side, error: &Error) -> Self {
        let (reason, category, detail) = match error {
            Error::AlertReceived(alert) => return Self::from_alert(side, *alert),
            Error::InvalidCertificate(error) => {
                let (category, sentence) = certificate(error);
                (TlsReason::CertVerifyFailed, Some(category), sentence)
            }
            Error::NoCertificatesPresented => {
                return Self {
                    reason: TlsReason::CertificateRequired,
                    category: Some(TlsCategory::ClientCertMissing),
                    detail: format!(
                        "peer did not return a certificate: the {} presented none, and one is \
                         required (tls.require_client_cert)",
                        peer(side)
                    ),
                    alert: Some("certificate_required".to_owned()),
                    alert_from: Some(Party::Proxy),
                    alert_received: None,
                };
            }
            Error::NoApplicationProtocol => (
                TlsReason::NoApplicationProtocol,
                None,
                "no application protocol in common (ALPN)".to_owned(),
            ),
            Error::PeerIncompatible(incompatible) => incompatible_peer(side, incompatible),
            Error::InvalidMessage(message) => (
                TlsReason::NotTls,
                None,
                format!("the {} sent something that is not TLS ({message:?})", peer(side)),
            ),
            other => (TlsReason::HandshakeFailure, None, other.to_string()),
        };
        let alert = alert_sent(error);
        let alert_from = alert.is_some().then_some(Party::Proxy);
        Self { reason, category, detail, alert, alert_from, alert_received: None }
    }

    /// Says of a certificate that was refused what was found wrong with it.
    #[must_use]
    pub fn explained_by(mut self, finding: Option<&Finding>) -> Self {
        if let Some(finding) = finding.filter(|_| self.reason == TlsReason::CertVerifyFailed) {
            self.category = Some(finding.category);
            self.detail.clone_from(&finding.detail);
        }
        self
    }

    /// The client refused our certificate, or left after it: says what it may have seen wrong with
    /// it. `issuer` is who it would have to trust when nothing is, `alone` whether the certificate was
    /// sent without those above it.
    #[must_use]
    pub fn explained_by_own_chain(
        mut self,
        defect: Option<&Finding>,
        issuer: &str,
        alone: bool,
    ) -> Self {
        let left = match (self.reason, self.alert_from) {
            (TlsReason::Eof | TlsReason::Rst, None) => {
                "; it had been sent our certificate and gave no alert, which is how Node.js, Java \
                 and gRPC's C core refuse one"
            }
            (
                TlsReason::BadCertificate
                | TlsReason::CertificateExpired
                | TlsReason::CertificateUnknown
                | TlsReason::UnknownCa
                | TlsReason::UnsupportedCertificate
                // OpenSSL's and rustls' word for a signature by another key than the one they have.
                | TlsReason::DecryptError,
                Some(Party::Client),
            ) => "",
            _ => return self,
        };
        self.detail.push_str(left);
        match defect {
            Some(defect) => {
                self.detail.push_str("; our certificate is at fault: ");
                self.detail.push_str(&defect.detail);
                // Go says bad_certificate, and Java certificate_unknown, whatever the fault.
                if self.category == Some(TlsCategory::Other) {
                    self.category = Some(defect.category);
                }
            }
            None if self.reason == TlsReason::CertificateExpired => {
                self.detail.push_str(
                    "; our certificate is valid now: the client's clock may be wrong, or its own \
                     list of CAs is old",
                );
            }
            None if self.reason == TlsReason::DecryptError => {
                // Writing to a string does not fail.
                let _ = write!(
                    self.detail,
                    "; the client may trust another CA, with another key, under the name of our \
                     certificate's issuer '{issuer}'"
                );
            }
            None => {
                // As above.
                let _ = write!(
                    self.detail,
                    "; nothing is wrong with our certificate itself: the client does not trust its \
                     issuer '{issuer}', or expects (pins) another certificate"
                );
                if alone {
                    self.detail.push_str(
                        "; tls.cert holds it alone: if its issuer is an intermediate, that has to \
                         stand there too (fullchain.pem)",
                    );
                }
            }
        }
        self
    }

    /// The upstream had asked for a certificate and was sent none: in TLS 1.2 its refusal looks like
    /// any other failed handshake.
    pub fn for_want_of_certificate(&mut self) {
        let is_refusal = matches!(
            self.reason,
            TlsReason::HandshakeFailure
                | TlsReason::BadCertificate
                | TlsReason::CertificateRequired
                | TlsReason::CertificateUnknown
        );
        if is_refusal && self.alert_from == Some(Party::Upstream) {
            self.category = Some(TlsCategory::ClientCertMissing);
            self.detail.push_str(
                "; it had asked for a client certificate and was sent none \
                 (upstream.client_cert, upstream.client_key)",
            );
        }
    }

    /// From an alert that the peer of `side` sent in the clear.
    pub fn from_alert_code(side: Side, alert: wire::tls::AlertDescription) -> Self {
        Self::from_alert(side, AlertDescription::from(alert.0))
    }

    fn from_alert(side: Side, alert: AlertDescription) -> Self {
        let name = wire::tls::AlertDescription(u8::from(alert)).to_string();
        let category = match (side, alert) {
            (Side::Out, AlertDescription::CertificateRequired) => {
                Some(TlsCategory::ClientCertMissing)
            }
            (
                Side::Out,
                AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::AccessDenied,
            ) => Some(TlsCategory::ClientCertRejected),
            (Side::In, AlertDescription::UnknownCA) => Some(TlsCategory::UnknownCa),
            (Side::In, AlertDescription::CertificateExpired) => Some(TlsCategory::Expired),
            (Side::In, AlertDescription::CertificateRevoked) => Some(TlsCategory::Revoked),
            (Side::In, AlertDescription::UnsupportedCertificate) => Some(TlsCategory::WrongEku),
            (Side::In, AlertDescription::BadCertificate | AlertDescription::CertificateUnknown) => {
                Some(TlsCategory::Other)
            }
            _ => None,
        };
        Self {
            reason: name.parse().unwrap_or(TlsReason::HandshakeFailure),
            category,
            detail: format!("the {} sent the alert {name}", peer(side)),
            alert: Some(name),
            alert_from: Some(peer(side)),
            alert_received: Some(u8::from(alert)),
        }
    }
}

const fn peer(side: Side) -> Party {
    match side {
        Side::In => Party::Client,
        Side::Out => Party::Upstream,
    }
}

fn incompatible_peer(
    side: Side,
    incompatible: &PeerIncompatible,
) -> (TlsReason, Option<TlsCategory>, String) {
    let peer = peer(side);
    match incompatible {
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => {
            (TlsReason::ProtocolVersion, None, format!("no TLS version in common with the {peer}"))
        }
        PeerIncompatible::NoCipherSuitesInCommon => {
            (TlsReason::NoSharedCipher, None, format!("no cipher suite in common with the {peer}"))
        }
        PeerIncompatible::NoKxGroupsInCommon => (
            TlsReason::NoSharedCipher,
            None,
            format!("no key exchange group in common with the {peer}"),
        ),
        PeerIncompatible::NoSignatureSchemesInCommon
        | PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon => (
            TlsReason::NoSharedCipher,
            None,
            format!("no signature scheme in common with the {peer}"),
        ),
        other => (
            TlsReason::HandshakeFailure,
            None,
            format!("the {peer}'s TLS is not compatible with ours: {other:?}"),
        ),
    }
}

/// The category of a verification error and the sentence for it, OpenSSL's own first.
pub fn certificate(error: &CertificateError) -> (TlsCategory, String) {
    let (category, sentence) = match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (TlsCategory::Expired, "certificate has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (TlsCategory::NotYetValid, "certificate is not yet valid")
        }
        CertificateError::Revoked => (TlsCategory::Revoked, "certificate revoked"),
        CertificateError::UnknownIssuer => {
            (TlsCategory::UnknownCa, "unable to get local issuer certificate")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            (TlsCategory::HostnameMismatch, "Hostname mismatch")
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            (TlsCategory::WrongEku, "unsuitable certificate purpose")
        }
        CertificateError::BadSignature => {
            (TlsCategory::SignatureFailure, "certificate signature failure")
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            (TlsCategory::WeakSignature, "CA signature digest algorithm too weak")
        }
        _ => (TlsCategory::Other, ""),
    };
    match (sentence, error) {
        ("", error) => (category, error.to_string()),
        (
            sentence,
            CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::NotValidForNameContext { .. }
            | CertificateError::InvalidPurposeContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => (category, format!("{sentence}: {error}")),
        (sentence, _) => (category, sentence.to_owned()),
    }
}

/// The alert that rustls sends for an error of its own, as far as it says so.
fn alert_sent(error: &Error) -> Option<String> {
    let alert = match error {
        Error::InvalidCertificate(error) => AlertDescription::from(error.clone()),
        Error::NoApplicationProtocol => AlertDescription::NoApplicationProtocol,
        Error::PeerIncompatible(
            PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::SupportedVersionsExtensionRequired
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => AlertDescription::ProtocolVersion,
        Error::PeerIncompatible(_) => AlertDescription::HandshakeFailure,
        Error::DecryptError => AlertDescription::BadRecordMac,
        _ => return None,
    };
    Some(wire::tls::AlertDescription(u8::from(alert)).to_string())
}
