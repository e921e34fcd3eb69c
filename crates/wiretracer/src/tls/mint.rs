//! Leaf certificates made as they are asked for, signed by the local CA.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;
use time::OffsetDateTime;

use super::local_ca::{CaError, LocalCa};

/// Mints a certificate for each name that a client asks for, and keeps it.
pub struct Minter {
    ca: LocalCa,
    minted: Mutex<HashMap<String, Arc<CertifiedKey>>>,
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
        Self { ca, minted: Mutex::default() }
    }

    /// The certificate for `name`, minted on first use.
    pub fn certificate(&self, name: &str) -> Result<Arc<CertifiedKey>, CaError> {
        let kept = |minted: &HashMap<String, Arc<CertifiedKey>>| minted.get(name).cloned();
        if let Some(found) = kept(&self.minted.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        let made = self.mint(name)?;
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if minted.len() < MAX_KEPT {
            minted.insert(name.to_owned(), Arc::clone(&made));
        }
        Ok(made)
    }

    fn mint(&self, name: &str) -> Result<Arc<CertifiedKey>, CaError> {
        let mut names = vec![name.to_owned()];
        if name == NO_NAME {
            names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
        }
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let now = OffsetDateTime::now_utc();
        // A client whose clock is a little behind shall not call it "not yet valid".
        params.not_before = now - Duration::from_secs(24 * 3600);
        params.not_after = now + VALIDITY;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, self.ca.issuer())?;
        let private = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|reason| CaError::Key(reason.to_owned()))?;
        let signer = super::provider().key_provider.load_private_key(private)?;
        let chain = vec![certificate.der().clone(), self.ca.certificate().clone()];
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
