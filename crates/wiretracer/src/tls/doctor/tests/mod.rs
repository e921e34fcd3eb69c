//! Faults made on purpose, each with what the doctor must say, and whether rustls agrees.

mod bounds;
mod dates;
mod issuers;
mod names;
mod own;
mod pki;
mod strength;
mod usage;

use analysis::vocabulary::TlsCategory;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName};

use self::pki::{Der, NAME, now};
use super::{Anchors, Case, Finding, Role, examine};

/// A chain under examination.
struct Patient {
    chain: Vec<Der>,
    anchors: Anchors,
    name: &'static str,
    role: Role,
    crls: Vec<CertificateRevocationListDer<'static>>,
}

fn server(chain: impl Into<Vec<Der>>, trusted: &[&Der]) -> Patient {
    let anchors = Anchors::new(trusted.iter().map(|der| (*der).clone()), "upstream.ca (ca.pem)");
    Patient { chain: chain.into(), anchors, name: NAME, role: Role::Server, crls: Vec::new() }
}

fn client(chain: impl Into<Vec<Der>>, trusted: &[&Der]) -> Patient {
    Patient { role: Role::Client, ..server(chain, trusted) }
}

impl Patient {
    fn asked_for(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    fn with_crl(mut self, crl: CertificateRevocationListDer<'static>) -> Self {
        self.crls.push(crl);
        self
    }

    fn examined(&self) -> Result<(), Finding> {
        let name = ServerName::try_from(self.name).unwrap();
        let name = (self.role == Role::Server).then_some(&name);
        let (role, crls) = (self.role, &self.crls[..]);
        examine(&Case { chain: &self.chain, anchors: &self.anchors, name, role, now: now(), crls })
    }

    /// What rustls says, by the same means as in a handshake.
    fn verified(&self) -> Result<(), webpki::Error> {
        let algorithms = crate::tls::provider().signature_verification_algorithms;
        let (leaf, above) = self.chain.split_first().unwrap();
        let leaf = webpki::EndEntityCert::try_from(leaf)?;
        let parse = |crl: &CertificateRevocationListDer<'_>| {
            let crl = webpki::OwnedCertRevocationList::from_der(crl).unwrap();
            webpki::CertRevocationList::from(crl)
        };
        let crls: Vec<_> = self.crls.iter().map(parse).collect();
        let crls: Vec<_> = crls.iter().collect();
        let revocation = webpki::RevocationOptionsBuilder::new(&crls)
            .ok()
            .map(|options| options.with_status_policy(webpki::UnknownStatusPolicy::Allow).build());
        let usage = match self.role {
            Role::Server => webpki::KeyUsage::server_auth(),
            Role::Client => webpki::KeyUsage::client_auth(),
        };
        let roots = self.anchors.store().roots;
        leaf.verify_for_usage(algorithms.all, &roots, above, now(), usage, revocation, None)?;
        match self.role {
            Role::Server => {
                leaf.verify_is_valid_for_subject_name(&ServerName::try_from(self.name).unwrap())
            }
            Role::Client => Ok(()),
        }
    }

    /// The doctor finds `category` in the certificate at `depth`, and so does rustls refuse the chain.
    #[track_caller]
    fn has(self, category: TlsCategory, depth: usize, facts: &[&str]) {
        let verified = self.verified();
        assert!(verified.is_err(), "rustls finds nothing wrong");
        self.has_for_openssl(category, depth, facts);
    }

    /// The same for what rustls does not look at, and OpenSSL does.
    #[track_caller]
    fn has_for_openssl(self, category: TlsCategory, depth: usize, facts: &[&str]) {
        let finding = self.examined().expect_err("the doctor finds nothing wrong");
        assert_eq!(finding.category, category, "{}", finding.detail);
        assert_eq!(finding.certificate, Some(depth), "{}", finding.detail);
        let (sentence, facts) = facts.split_first().unwrap();
        assert!(finding.detail.starts_with(sentence), "{}", finding.detail);
        for fact in facts {
            assert!(finding.detail.contains(fact), "{fact:?} is not in: {}", finding.detail);
        }
    }

    #[track_caller]
    fn passes(self) {
        assert_eq!(self.verified().map_err(|error| error.to_string()), Ok(()));
        assert_eq!(self.examined(), Ok(()));
    }
}

/// What is told of nothing.
#[test]
fn no_certificate_is_told_by_role() {
    let anchors = Anchors::default();
    for (role, category) in
        [(Role::Client, TlsCategory::ClientCertMissing), (Role::Server, TlsCategory::Other)]
    {
        let chain: &[CertificateDer<'_>] = &[];
        let case = Case { chain, anchors: &anchors, name: None, role, now: now(), crls: &[] };
        let finding = examine(&case).unwrap_err();
        assert_eq!((finding.category, finding.certificate), (category, None));
    }
}
