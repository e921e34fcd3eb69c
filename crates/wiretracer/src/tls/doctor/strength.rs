//! Signatures that do not hold, and keys and digests that are not relied upon.

use analysis::vocabulary::TlsCategory;

use super::cert::SHORTEST_RSA;
use super::path::{Path, Seal};
use super::words::label;
use super::{Context, Finding};

/// What is wrong with the signature on the certificate at `depth`.
pub(super) fn seal(path: &Path<'_, '_>, depth: usize, context: &Context<'_>) -> Option<Finding> {
    let link = path.links.get(depth)?;
    let issuer = path.links.get(depth + 1)?;
    let who = label(path, depth, context.source());
    let above = label(path, depth + 1, context.source());
    match link.seal {
        Seal::Good => None,
        Seal::Broken => {
            let known = match (link.cert.issuer_key_id(), issuer.cert.key_id()) {
                (Some(_), Some(_)) => "it was altered after it was signed",
                _ => "it was altered, or its issuer has a new key under the old name",
            };
            Some(Finding::at(
                depth,
                TlsCategory::SignatureFailure,
                format!(
                    "certificate signature failure: the signature on {who} was not made by the key \
                     of {above}: {known}"
                ),
            ))
        }
        Seal::Weak => {
            let (sentence, fact) = if let Some(digest) = link.cert.weak_digest() {
                (
                    "CA signature digest algorithm too weak",
                    format!("{who} is signed with {digest}, which can be forged"),
                )
            } else if let Some(bits) = issuer.cert.rsa_bits().filter(|bits| *bits < SHORTEST_RSA) {
                (
                    "CA certificate key too weak",
                    format!("{above} has an RSA key of {bits} bits, {SHORTEST_RSA} are needed"),
                )
            } else {
                (
                    "unsupported signature algorithm",
                    format!(
                        "{who} is signed with {}, which cannot be checked here with the key of \
                         {above}",
                        link.cert.x509.signature_algorithm.algorithm
                    ),
                )
            };
            Some(Finding::at(depth, TlsCategory::WeakSignature, format!("{sentence}: {fact}")))
        }
    }
}

/// A key of the peer itself with which no handshake can be signed.
pub(super) fn own_key(path: &Path<'_, '_>, source: &str) -> Option<Finding> {
    let leaf = path.links.first()?.cert;
    let bits = leaf.rsa_bits().filter(|bits| *bits < SHORTEST_RSA)?;
    let who = label(path, 0, source);
    Some(Finding::at(
        0,
        TlsCategory::WeakSignature,
        format!(
            "EE certificate key too weak: {who} has an RSA key of {bits} bits, {SHORTEST_RSA} are \
             needed (OpenSSL and rustls refuse it, Go and Java may not)"
        ),
    ))
}
