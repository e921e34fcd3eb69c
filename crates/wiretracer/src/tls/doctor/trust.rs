//! Why a path does not end in a trusted certificate.

use std::fmt::Write as _;

use analysis::vocabulary::TlsCategory;

use super::cert::Cert;
use super::path::{End, Path};
use super::words::{label, list, name, shortened, title};
use super::{Context, Finding};
use crate::tls::x509::hex;

/// Words that stand in the names of CAs below a root.
const INTERMEDIATE_WORDS: [&str; 5] =
    ["intermediate", "issuing", "subordinate", "sub ca", "signing"];

pub(super) fn examine(path: &Path<'_, '_>, context: &Context<'_>) -> Option<Finding> {
    let depth = path.links.len().checked_sub(1)?;
    let head = path.links.last()?.cert;
    let who = label(path, depth, context.source());
    let (category, detail) = match path.end {
        End::Trusted => return None,
        End::TooLong => (
            TlsCategory::PathLength,
            "certificate chain too long: there are more certificates between the leaf and a trusted \
             one, or more ways to combine them, than are tried"
                .to_owned(),
        ),
        End::SelfSigned if depth == 0 => (
            TlsCategory::SelfSigned,
            format!(
                "self-signed certificate: {who} is its own issuer, SHA-256 {}; {}",
                fingerprint(head),
                held(head, context)
            ),
        ),
        End::SelfSigned => (
            TlsCategory::SelfSigned,
            format!(
                "self-signed certificate in certificate chain: the chain ends in {who}, SHA-256 {}; \
                 {}",
                fingerprint(head),
                held(head, context)
            ),
        ),
        End::NoIssuer => no_issuer(path, depth, head, context),
    };
    Some(Finding::at(depth, category, detail))
}

fn no_issuer(
    path: &Path<'_, '_>,
    depth: usize,
    head: &Cert<'_>,
    context: &Context<'_>,
) -> (TlsCategory, String) {
    let who = label(path, depth, context.source());
    let issuer = name(head.issuer());
    let namesake = context.trusted.iter().find(|cert| head.names_as_issuer(cert));
    let missing = namesake.is_none().then(|| hint_of_intermediate(head, depth, context)).flatten();
    let mut detail = "unable to get local issuer certificate: ".to_owned();
    // Writing to a string does not fail.
    let _ = match missing {
        Some(_) if context.presented.len() == 1 => {
            write!(detail, "only the leaf was sent: {who}; the intermediate '{issuer}' is missing")
        }
        Some(_) => write!(detail, "the intermediate '{issuer}' is missing, which issued {who}"),
        None if depth == 0 => write!(detail, "nobody knows '{issuer}', which issued {who}"),
        None => write!(detail, "the chain ends in {who}"),
    };
    let _ = write!(detail, "; {}", held(head, context));
    if let Some(why) = &missing {
        let _ = write!(detail, "; {why}: send the full chain (fullchain.pem)");
    }
    if let Some(note) = stray(path, context) {
        let _ = write!(detail, "; {note}");
    }
    let category = match missing {
        Some(_) => TlsCategory::MissingIntermediate,
        None => TlsCategory::UnknownCa,
    };
    (category, detail)
}

/// What the trusted certificates are, and whether one has the name that `head` needs.
fn held(head: &Cert<'_>, context: &Context<'_>) -> String {
    let source = context.source();
    if let Some(namesake) = context.trusted.iter().find(|cert| head.names_as_issuer(cert)) {
        let ids = match (head.issuer_key_id(), namesake.key_id()) {
            (Some(needed), Some(is)) => {
                format!(" (key {} is needed, it has {})", short(needed), short(is))
            }
            _ => String::new(),
        };
        return format!(
            "{source} holds a certificate of that name with a different key{ids}, SHA-256 {}: was \
             the CA made anew?",
            fingerprint(namesake)
        );
    }
    let count = context.anchors.certificates().len();
    match count {
        0 => format!("{source} holds no certificate"),
        _ => {
            let certs = context.anchors.certificates().iter().take(3);
            let names =
                certs.filter_map(|der| Some(format!("'{}'", title(&Cert::read(der).ok()?))));
            let more = if count > 3 { format!(" and {} more", count - 3) } else { String::new() };
            format!("{source} holds {}{more}", list(names))
        }
    }
}

/// What tells that the issuer of `head` is a CA below a root, not a root that is not trusted.
fn hint_of_intermediate(head: &Cert<'_>, depth: usize, context: &Context<'_>) -> Option<String> {
    if let Some(above) = head.issuers_issuer() {
        let is_root = above.as_raw() == head.issuer().as_raw();
        return (!is_root).then(|| format!("it was issued by '{}'", name(above)));
    }
    if depth == 0
        && let Some(url) = head.issuer_url()
    {
        let url = shortened(url.to_owned());
        return Some(format!("it can be fetched from {url} (AIA), which few clients do"));
    }
    let issuer = name(head.issuer()).to_lowercase();
    if issuer.contains("root") {
        return None;
    }
    if let Some(word) = INTERMEDIATE_WORDS.iter().find(|word| issuer.contains(*word)) {
        return Some(format!("its name says '{word}'"));
    }
    let organization = organization(head.issuer()).filter(|_| depth == 0)?;
    let root = context.anchors.certificates().iter().find_map(|der| {
        let root = Cert::read(der).ok()?;
        (self::organization(root.subject()) == Some(organization)).then(|| title(&root))
    })?;
    Some(format!("it is of the organisation of '{root}'"))
}

fn organization<'n>(name: &'n x509_parser::x509::X509Name<'_>) -> Option<&'n str> {
    name.iter_organization().find_map(|name| name.as_str().ok())
}

/// Certificates that were sent and are in nobody's path: in the wrong order, or of something else.
fn stray(path: &Path<'_, '_>, context: &Context<'_>) -> Option<String> {
    let first = context.presented.first()?;
    let issued = context
        .presented
        .iter()
        .skip(1)
        .position(|cert| cert.names_as_issuer(first) && !cert.is_same_entity(first));
    if let Some(place) = issued.filter(|_| first.is_ca()) {
        let below = title(context.presented.get(place + 1)?);
        return Some(format!(
            "the chain is in the wrong order: the first certificate is that of a CA, and the one in \
             place {} ('{below}') is issued by it",
            place + 2
        ));
    }
    let used = |cert: &&Cert<'_>| path.links.iter().any(|link| link.cert.is_same_entity(cert));
    let unused: Vec<_> = context.presented.iter().filter(|cert| !used(cert)).collect();
    if unused.is_empty() {
        return None;
    }
    let names = list(unused.iter().map(|cert| format!("'{}'", title(cert))));
    Some(format!("also sent, but not part of this chain: {names}"))
}

fn fingerprint(cert: &Cert<'_>) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, cert.der);
    format!("{}…", short(digest.as_ref()))
}

fn short(bytes: &[u8]) -> String {
    hex(bytes.get(..8).unwrap_or(bytes))
}
