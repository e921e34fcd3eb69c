//! What a failed handshake was about: what both sides could have agreed on, and the certificate that
//! the upstream asked us for.
//!
//! ```text
//! no cipher suite in common with the client; it offers TLSv1.2, the cipher suites …, the groups …
//! the upstream sent the alert unknown_ca; it was sent our certificate CN=client, issued by CN=CA …
//! ```
//!
//! Not here: what was wrong with a certificate, see `doctor`.

use std::fmt::Write as _;

use analysis::record::{ClientCertRequest, Offered};
use analysis::vocabulary::{Party, TlsCategory, TlsReason};
use rustls::pki_types::{CertificateDer, UnixTime};

use super::doctor;
use super::failure::Failure;

/// Names of a list that are told; a ClientHello may have dozens.
const MAX_NAMES: usize = 8;

impl Failure {
    /// The client has no version that we speak. RFC 8446 §4.2.1 asks for the alert protocol_version.
    pub fn too_old(offered: &Offered) -> Self {
        let detail = "no TLS version in common with the client";
        Self {
            alert: Some("protocol_version".to_owned()),
            alert_from: Some(Party::Proxy),
            ..Self::new(TlsReason::ProtocolVersion, detail)
        }
        .explained_by_offer(offered)
    }

    /// Says what the client had offered when nothing of it would do.
    #[must_use]
    pub fn explained_by_offer(mut self, offered: &Offered) -> Self {
        let Offered { versions, ciphers, groups, .. } = offered;
        // Writing to a string does not fail.
        let _ = match (self.reason, self.alert_from) {
            (TlsReason::ProtocolVersion, Some(Party::Proxy)) => write!(
                self.detail,
                "; it offers {}, and wiretracer speaks TLSv1.3, and TLSv1.2 unless tls.min_version \
                 forbids it",
                list(versions)
            ),
            (TlsReason::NoSharedCipher, Some(Party::Proxy)) => write!(
                self.detail,
                "; it offers {} with the cipher suites {} and the groups {}; ours are AES-GCM and \
                 ChaCha20-Poly1305 (in TLS 1.2 with ECDHE, signed by our certificate's key), the \
                 groups {}",
                list(versions),
                list(&suites(ciphers)),
                list(groups),
                list(&our_groups())
            ),
            _ => return self,
        };
        self
    }

    /// The upstream had asked for a certificate: says which of ours it refuses, or that there is
    /// none. `ours` is what `upstream.client_cert` holds.
    #[must_use]
    pub fn explained_by_request(
        mut self,
        request: &ClientCertRequest,
        ours: Option<&[CertificateDer<'_>]>,
    ) -> Self {
        if !request.sent {
            self.for_want_of_certificate();
            if self.category == Some(TlsCategory::ClientCertMissing) {
                self.say_who_is_asked_for(request);
            }
            return self;
        }
        let Some(chain) = ours.filter(|_| self.category == Some(TlsCategory::ClientCertRejected))
        else {
            return self;
        };
        if let Some(leaf) = chain.first() {
            let leaf = super::x509::facts(leaf);
            // Writing to a string does not fail.
            let _ = write!(
                self.detail,
                "; it was sent our certificate '{}', issued by '{}', valid until {}",
                leaf.subject, leaf.issuer, leaf.not_after
            );
        }
        if let Some(defect) = doctor::own_client_defect(chain, UnixTime::now()) {
            self.detail.push_str("; our certificate is at fault: ");
            self.detail.push_str(&defect.detail);
        }
        self.say_who_is_asked_for(request);
        self
    }

    fn say_who_is_asked_for(&mut self, request: &ClientCertRequest) {
        if !request.ca_names.is_empty() {
            self.detail.push_str("; it asks for one issued by ");
            self.detail.push_str(&list(&request.ca_names));
        }
    }
}

/// Without what is only written as if it were a cipher suite (RFC 5746, RFC 7507).
fn suites(ciphers: &[String]) -> Vec<String> {
    ciphers.iter().filter(|name| !name.ends_with("_SCSV")).cloned().collect()
}

fn our_groups() -> Vec<String> {
    let name = |group: u16| wire::tls::NamedGroup(group).to_string();
    super::provider().kx_groups.iter().map(|group| name(u16::from(group.name()))).collect()
}

/// `a, b and 3 more`
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let mut told = names[..names.len().min(MAX_NAMES)].join(", ");
    if let Some(more) = names.len().checked_sub(MAX_NAMES).filter(|more| *more > 0) {
        // Writing to a string does not fail.
        let _ = write!(told, " and {more} more");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let names: Vec<_> = (0..11).map(|n| n.to_string()).collect();
        assert_eq!(list(&names), "0, 1, 2, 3, 4, 5, 6, 7 and 3 more");
        assert_eq!(list(&names[..2]), "0, 1");
        assert_eq!(list(&[]), "nothing");
    }

    #[test]
    fn only_our_own_refusals_speak_of_the_offer() {
        let offered = Offered { versions: vec!["TLSv1.1".to_owned()], ..Offered::default() };
        let theirs = Failure::new(TlsReason::ProtocolVersion, "theirs");
        assert_eq!(theirs.clone().explained_by_offer(&offered), theirs);
        let ours = Failure::too_old(&offered);
        assert!(ours.detail.contains("it offers TLSv1.1, "), "{}", ours.detail);
    }
}
