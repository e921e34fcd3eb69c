//! Whether an issuer took a certificate back (RFC 5280 §5).

use analysis::vocabulary::TlsCategory;
use webpki::{BorrowedCertRevocationList, CertRevocationList};

use super::path::{Path, Seal};
use super::signature::{Signed, Verdict};
use super::words::{duration, label};
use super::{Context, Finding};
use crate::tls::x509::{hex, rfc3339};

pub(super) fn examine(path: &Path<'_, '_>, depth: usize, context: &Context<'_>) -> Option<Finding> {
    let link = path.links.get(depth)?;
    let issuer = path.links.get(depth + 1).filter(|_| link.seal == Seal::Good)?;
    let serial = link.cert.x509.raw_serial();
    let who = label(path, depth, context.source());
    for der in context.crls {
        let Ok(list) = BorrowedCertRevocationList::from_der(der) else { continue };
        let list = CertRevocationList::from(list);
        if list.issuer() != link.cert.issuer_key() {
            continue;
        }
        let is_signed = Signed::parse(der)
            .is_some_and(|signed| signed.verify(issuer.cert.key()) == Verdict::Good);
        if !is_signed {
            let above = label(path, depth + 1, context.source());
            let detail = format!(
                "CRL signature failure: the revocation list that is to cover {who} was not signed \
                 by the key of {above}"
            );
            return Some(Finding::at(depth, TlsCategory::Other, detail));
        }
        let Ok(Some(entry)) = list.find_serial(serial) else { continue };
        let when = i64::try_from(entry.revocation_date.as_secs()).unwrap_or(i64::MAX);
        let reason = entry.reason_code.map_or_else(String::new, |reason| format!(", {reason:?}"));
        let detail = format!(
            "certificate revoked: {who}, serial {}, was revoked {} ago ({}{reason})",
            hex(serial),
            duration(context.now - when),
            rfc3339(when)
        );
        return Some(Finding::at(depth, TlsCategory::Revoked, detail));
    }
    None
}
