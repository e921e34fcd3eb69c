//! Whether a signature is good, by the algorithms that TLS is configured with.

use rustls::pki_types::SignatureVerificationAlgorithm;

use super::der::{content, element, whole_bytes};

/// Something that is signed: a certificate or a revocation list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    data: &'a [u8],
    /// The content of the AlgorithmIdentifier.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

/// A public key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key<'a> {
    /// The content of the AlgorithmIdentifier.
    algorithm: &'a [u8],
    bits: &'a [u8],
}

/// What comes of checking a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The key made it.
    Good,
    /// The key did not make it, or not over this.
    Bad,
    /// Nothing here can check it.
    Unsupported,
}

impl<'a> Signed<'a> {
    /// Cuts a certificate or a revocation list in its three parts (RFC 5280 §4.1, §5.1).
    pub(super) fn parse(der: &'a [u8]) -> Option<Self> {
        let data = element(content(der)?)?;
        let algorithm = element(data.rest)?;
        let signature = whole_bytes(content(algorithm.rest)?)?;
        Some(Self { data: data.whole, algorithm: algorithm.content, signature })
    }

    /// Checks the signature with `key`.
    pub(super) fn verify(&self, key: &Key<'_>) -> Verdict {
        let algorithms = crate::tls::provider().signature_verification_algorithms;
        let fits = |algorithm: &&&dyn SignatureVerificationAlgorithm| {
            algorithm.signature_alg_id().as_ref() == self.algorithm
                && algorithm.public_key_alg_id().as_ref() == key.algorithm
        };
        match algorithms.all.iter().find(fits) {
            None => Verdict::Unsupported,
            Some(algorithm) => {
                match algorithm.verify_signature(key.bits, self.data, self.signature) {
                    Ok(()) => Verdict::Good,
                    Err(_) => Verdict::Bad,
                }
            }
        }
    }
}

impl<'a> Key<'a> {
    /// From a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
    pub(super) fn parse(info: &'a [u8]) -> Option<Self> {
        let algorithm = element(content(info)?)?;
        let bits = whole_bytes(content(algorithm.rest)?)?;
        Some(Self { algorithm: algorithm.content, bits })
    }
}
