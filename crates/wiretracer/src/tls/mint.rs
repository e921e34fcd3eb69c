//! Leaf certificates made as they are asked for, signed by the local CA.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;
use time::OffsetDateTime;

use super::local_ca::{self, CaError, LocalCa};

/// Mints a certificate for each name that a client asks for, and keeps it.
///
/// ```text
/// ClientHello, server_name ──► kept, and more than half of its time is left ──► that
///                         └──► else ──► minted by the CA, kept
/// ```
pub struct Minter {
    /// The user's, once something needed it, or one that was given.
    ca: OnceLock<LocalCa>,
    minted: Mutex<HashMap<String, Minted>>,
}

/// A certificate that is kept.
struct Minted {
    key: Arc<CertifiedKey>,
    /// From here on another is made. By the wall clock, as clients check it.
    until: OffsetDateTime,
}

/// Names whose certificates are kept; beyond it they are made anew each time.
const MAX_KEPT: usize = 4096;

/// How long a minted certificate is valid: below the 398 days that clients put up with.
const VALIDITY: Duration = Duration::from_secs(90 * 24 * 3600);

/// The name in a certificate for a client that asks for none.
pub(super) const NO_NAME: &str = "localhost";

impl Minter {
    /// Mints with `ca`.
    pub fn new(ca: LocalCa) -> Self {
        Self { ca: OnceLock::from(ca), minted: Mutex::default() }
    }

    /// Mints with the user's local CA, which is loaded, or made, when it is needed first.
    pub fn local() -> Self {
        Self { ca: OnceLock::new(), minted: Mutex::default() }
    }

    /// Has the CA at hand, so that a connection does not find out that there is none; true when it
    /// was not before.
    ///
    /// # Errors
    ///
    /// When it can be neither loaded nor made; a later call tries again.
    pub fn load(&self) -> Result<bool, CaError> {
        let is_new = self.ca.get().is_none();
        self.ca().map(|_| is_new)
    }

    fn ca(&self) -> Result<&LocalCa, CaError> {
        if let Some(ca) = self.ca.get() {
            return Ok(ca);
        }
        let loaded = LocalCa::load_or_create(&local_ca::directory()?)?;
        Ok(self.ca.get_or_init(|| loaded))
    }

    /// The certificate for `name`, minted on first use.
    pub fn certificate(&self, name: &str) -> Result<Arc<CertifiedKey>, CaError> {
        self.certificate_at(name, OffsetDateTime::now_utc())
    }

    fn certificate_at(
        &self,
        name: &str,
        now: OffsetDateTime,
    ) -> Result<Arc<CertifiedKey>, CaError> {
        let kept = |minted: &HashMap<String, Minted>| {
            minted.get(name).filter(|kept| now < kept.until).map(|kept| Arc::clone(&kept.key))
        };
        if let Some(found) = kept(&self.minted.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let key = self.mint(name, now)?;
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if minted.len() < MAX_KEPT || minted.contains_key(name) {
            let kept = Minted { key: Arc::clone(&key), until: now + VALIDITY / 2 };
            minted.insert(name.to_owned(), kept);
        }
        Ok(key)
    }

    fn mint(&self, name: &str, now: OffsetDateTime) -> Result<Arc<CertifiedKey>, CaError> {
        let ca = self.ca()?;
        let mut names = vec![name.to_owned()];
        if name == NO_NAME {
            names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        // A client whose clock is a little behind shall not call it "not yet valid".
        params.not_before = now - Duration::from_secs(24 * 3600);
        params.not_after = now + VALIDITY;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, ca.issuer())?;
        let private = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|reason| CaError::Key(reason.to_owned()))?;
        let signer = super::provider().key_provider.load_private_key(private)?;
        let chain = vec![certificate.der().clone(), ca.certificate().clone()];
        Ok(Arc::new(CertifiedKey::new(chain, signer)))
    }
}

impl std::fmt::Debug for Minter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minter").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Minter {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or(NO_NAME);
        self.certificate(name)
            .inspect_err(|error| tracing::warn!("no certificate for {name:?}: {error}"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_kept_for_half_of_its_validity() {
        let minter = Minter::new(LocalCa::ephemeral().unwrap());
        let now = OffsetDateTime::now_utc();
        let at = |days: u32| {
            let later = now + Duration::from_secs(24 * 3600) * days;
            minter.certificate_at("a.test", later).unwrap().cert[0].clone()
        };
        let first = at(0);
        assert_eq!(at(44), first);
        let second = at(46);
        assert_ne!(second, first);
        assert_eq!(at(47), second, "the newer one is kept in its turn");
    }
}
