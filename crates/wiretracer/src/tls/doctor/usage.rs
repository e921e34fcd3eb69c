//! Whether a certificate may be used for this: purposes, CA or not, path length, extensions
//! (RFC 5280 §4.2.1.9, §4.2.1.12).

use analysis::vocabulary::TlsCategory;
use x509_parser::extensions::ExtendedKeyUsage;
use x509_parser::x509::X509Version;

use super::path::Path;
use super::words::{label, list};
use super::{Context, Finding, Role};

/// Extensions that verification heeds: key usage, alternative names, basic constraints, name
/// constraints, CRL distribution points, extended key usage, and signed timestamps (RFC 6962).
const HEEDED: [&str; 7] = [
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.37",
    "1.3.6.1.4.1.11129.2.4.2",
];

pub(super) fn version(path: &Path<'_, '_>, depth: usize, context: &Context<'_>) -> Option<Finding> {
    let version = path.links.get(depth)?.cert.x509.version();
    if version == X509Version::V3 {
        return None;
    }
    let who = label(path, depth, context.source());
    let number = u64::from(version.0) + 1;
    Some(Finding::at(
        depth,
        TlsCategory::Other,
        format!(
            "{who} is of X.509 version {number}, which has no extensions and is refused by rustls: \
             issue it as version 3 (openssl x509 -req makes version 1 unless -extfile is given)"
        ),
    ))
}

pub(super) fn critical(
    path: &Path<'_, '_>,
    depth: usize,
    context: &Context<'_>,
) -> Option<Finding> {
    let cert = path.links.get(depth)?.cert;
    let unknown = cert.x509.extensions().iter().filter(|extension| {
        extension.critical && !HEEDED.contains(&extension.oid.to_id_string().as_str())
    });
    let unknown = list(unknown.map(|extension| extension.oid.to_id_string()));
    if unknown.is_empty() {
        return None;
    }
    let who = label(path, depth, context.source());
    Some(Finding::at(
        depth,
        TlsCategory::Other,
        format!(
            "unhandled critical extension: {who} marks {unknown} as critical, and who does not \
             understand it has to refuse the certificate"
        ),
    ))
}

/// Of an issuer: that it is none.
pub(super) fn not_a_ca(
    path: &Path<'_, '_>,
    depth: usize,
    context: &Context<'_>,
) -> Option<Finding> {
    let cert = path.links.get(depth)?.cert;
    if cert.is_ca() {
        return None;
    }
    let why = match cert.x509.basic_constraints() {
        Ok(Some(_)) => "its basic constraints say CA:FALSE",
        _ => "it has no basic constraints, which say CA:TRUE in a CA",
    };
    let who = label(path, depth, context.source());
    let below = label(path, depth.checked_sub(1)?, context.source());
    Some(Finding::at(
        depth,
        TlsCategory::NotACa,
        format!("invalid CA certificate: {who} issued {below}, but {why}"),
    ))
}

/// Of the peer's own certificate: that it is a CA's. OpenSSL and Go put up with it, rustls does not.
pub(super) fn ca_as_leaf(path: &Path<'_, '_>, context: &Context<'_>) -> Option<Finding> {
    if !path.links.first()?.cert.is_ca() {
        return None;
    }
    let who = label(path, 0, context.source());
    Some(Finding::at(
        0,
        TlsCategory::Other,
        format!(
            "{who} is a CA certificate (CA:TRUE) and stands where the peer's own belongs: OpenSSL \
             and Go accept that, rustls and browsers do not"
        ),
    ))
}

/// Of a CA: that it allows fewer CAs below it than there are.
pub(super) fn path_length(
    path: &Path<'_, '_>,
    depth: usize,
    context: &Context<'_>,
) -> Option<Finding> {
    let allowed = path.links.get(depth)?.cert.path_length()?;
    let between = depth.checked_sub(1)?;
    if usize::try_from(allowed).is_ok_and(|allowed| between <= allowed) {
        return None;
    }
    let who = label(path, depth, context.source());
    let below = label(path, between, context.source());
    Some(Finding::at(
        depth,
        TlsCategory::PathLength,
        format!(
            "path length constraint exceeded: {who} allows {allowed} CAs below it (pathlen) and \
             has {between}, the first being {below}"
        ),
    ))
}

pub(super) fn purpose(path: &Path<'_, '_>, depth: usize, context: &Context<'_>) -> Option<Finding> {
    let cert = path.links.get(depth)?.cert;
    let usage = cert.x509.extended_key_usage().ok().flatten()?.value;
    let (fits, needed, peer) = match context.role {
        Role::Server => (usage.server_auth, "serverAuth", "a TLS server"),
        Role::Client => (usage.client_auth, "clientAuth", "a TLS client"),
    };
    if fits {
        return None;
    }
    let who = label(path, depth, context.source());
    let has = purposes(usage);
    let is_for = if depth == 0 { "is for" } else { "limits what it issues to" };
    let hint = if usage.any { "; 'any' does not count with OpenSSL and rustls" } else { "" };
    Some(Finding::at(
        depth,
        TlsCategory::WrongEku,
        format!(
            "unsuitable certificate purpose: {who} {is_for} {has}; {needed} is needed for \
             {peer}{hint}"
        ),
    ))
}

fn purposes(usage: &ExtendedKeyUsage<'_>) -> String {
    let known = [
        (usage.any, "any"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let known = known.into_iter().filter(|(has, _)| *has).map(|(_, name)| name.to_owned());
    let text = list(known.chain(usage.other.iter().map(|oid| oid.to_id_string())));
    if text.is_empty() { "nothing".to_owned() } else { text }
}
