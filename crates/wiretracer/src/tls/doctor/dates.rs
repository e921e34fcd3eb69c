//! Whether a certificate is valid at this time (RFC 5280 §4.1.2.5).

use analysis::vocabulary::TlsCategory;

use super::path::Path;
use super::words::{duration, label};
use super::{Context, Finding};
use crate::tls::x509::rfc3339;

/// A certificate that begins to be valid within this many seconds is as likely a wrong clock.
const CLOCK_SUSPECT: i64 = 86_400;

pub(super) fn examine(path: &Path<'_, '_>, depth: usize, context: &Context<'_>) -> Option<Finding> {
    let now = context.now;
    let validity = path.links.get(depth)?.cert.x509.validity();
    let (from, to) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    let who = label(path, depth, context.source());
    let (category, detail) = if from > to {
        (
            TlsCategory::Expired,
            format!(
                "certificate has expired: {who} never was valid: it begins at {} and ends before, \
                 at {}",
                rfc3339(from),
                rfc3339(to)
            ),
        )
    } else if now > to {
        (
            TlsCategory::Expired,
            format!(
                "certificate has expired: {who} expired {} ago ({}){}",
                duration(now - to),
                rfc3339(to),
                leaf_is_well(path, depth, now)
            ),
        )
    } else if now < from {
        let suspect = if from - now < CLOCK_SUSPECT {
            format!("; the clock of this machine, {}, may be the one that is wrong", rfc3339(now))
        } else {
            String::new()
        };
        (
            TlsCategory::NotYetValid,
            format!(
                "certificate is not yet valid: {who} is valid from {}, in {}{suspect}",
                rfc3339(from),
                duration(from - now)
            ),
        )
    } else {
        return None;
    };
    Some(Finding::at(depth, category, detail))
}

/// Of an issuer that expired: that the certificate which everybody looks at is in order.
fn leaf_is_well(path: &Path<'_, '_>, depth: usize, now: i64) -> String {
    let Some(leaf) = path.links.first().filter(|_| depth > 0) else { return String::new() };
    let to = leaf.cert.x509.validity().not_after.timestamp();
    if now > to {
        return String::new();
    }
    format!("; the leaf itself is valid until {}", rfc3339(to))
}
