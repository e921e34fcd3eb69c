//! Certificates and keys in the form that rustls wants.

use std::sync::Arc;

use rustls::sign::CertifiedKey;

use crate::config::CertifiedIdentity;

/// A chain with its key loaded into the provider.
pub fn certified(identity: &CertifiedIdentity) -> Result<Arc<CertifiedKey>, rustls::Error> {
    let key = super::provider().key_provider.load_private_key(identity.key.clone_key())?;
    Ok(Arc::new(CertifiedKey::new(identity.chain.clone(), key)))
}
