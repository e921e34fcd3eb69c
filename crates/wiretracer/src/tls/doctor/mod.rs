//! The chain doctor: what precisely is wrong with a certificate chain.
//!
//! Verification says yes or no. The doctor is asked after a no, and says which certificate, since
//! when, by whom it was issued, what was needed instead:
//!
//! ```text
//! expired: certificate has expired: the intermediate (depth 1, CN=Issuing 2, issued by CN=Root)
//!          expired 2 d 3 h ago (2026-11-20T20:36:33Z); the leaf itself is valid until …
//! ```
//!
//! Sentences that OpenSSL has come first, in its words. Signatures, names and extensions are judged
//! as rustls judges them, so that both agree; beyond it the doctor also looks at the dates and the
//! path length of trusted certificates, as OpenSSL and Go do. It does no I/O and has no clock, and
//! whatever the chain is, the work is bounded.
//!
//! Not here: deciding whether a handshake goes on, see `tls/verify.rs`.

mod anchors;
mod cert;
mod constraints;
mod dates;
mod der;
#[doc(hidden)]
pub mod fuzzing;
mod names;
mod path;
mod revocation;
mod signature;
mod strength;
#[cfg(test)]
mod tests;
mod trust;
mod usage;
mod words;

use analysis::vocabulary::TlsCategory;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};

pub use anchors::Anchors;
pub use fuzzing::fuzz;

use cert::Cert;
use path::Path;

/// Certificates of a chain that are looked at.
const MAX_CHAIN: usize = 16;
/// Trusted certificates with the right name that are looked at.
const MAX_TRUSTED: usize = 32;
/// Further faults that the detail of the first one mentions.
const MAX_ALSO: usize = 2;

/// Whose certificate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A server's: it needs the purpose serverAuth and the name that was asked for.
    Server,
    /// A client's: it needs the purpose clientAuth.
    Client,
}

/// A chain, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// As it was presented, the peer's own certificate first.
    pub chain: &'a [CertificateDer<'a>],
    /// Who is trusted.
    pub anchors: &'a Anchors,
    /// The name that the certificate must be for; none = any.
    pub name: Option<&'a ServerName<'a>>,
    /// Whose it is.
    pub role: Role,
    /// When.
    pub now: UnixTime,
    /// Revocation lists of the issuers.
    pub crls: &'a [CertificateRevocationListDer<'a>],
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The word.
    pub category: TlsCategory,
    /// OpenSSL's sentence where there is one, then the fact.
    pub detail: String,
    /// Which certificate, counted from the peer's own (0) upwards; none when it is all of them.
    pub certificate: Option<usize>,
}

impl Finding {
    fn at(depth: usize, category: TlsCategory, detail: String) -> Self {
        Self { category, detail, certificate: Some(depth) }
    }
}

/// What the examinations of a path look at besides the path.
#[derive(Clone, Copy, Debug)]
struct Context<'c> {
    anchors: &'c Anchors,
    presented: &'c [Cert<'c>],
    /// The trusted certificates that could matter to this chain.
    trusted: &'c [Cert<'c>],
    name: Option<&'c ServerName<'c>>,
    role: Role,
    /// Unix seconds.
    now: i64,
    crls: &'c [CertificateRevocationListDer<'c>],
}

impl Context<'_> {
    fn source(&self) -> &str {
        self.anchors.source()
    }
}

/// Finds what is wrong with a chain: of several faults the one that explains most, with the others
/// mentioned in its detail.
pub fn examine(case: &Case<'_>) -> Result<(), Finding> {
    examine_for(case, true)
}

/// What is wrong with our own `chain` in the eyes of a client that asked for `sni`; whether it trusts
/// the CA is not known here.
pub fn own_chain_defect(
    chain: &[CertificateDer<'_>],
    sni: Option<&str>,
    now: UnixTime,
) -> Option<Finding> {
    let name = sni.and_then(|sni| ServerName::try_from(sni).ok());
    own_defect(chain, Role::Server, name.as_ref(), now)
}

/// What is wrong with the `chain` that we show to an upstream, in its eyes; whether it trusts the CA
/// is not known here.
pub fn own_client_defect(chain: &[CertificateDer<'_>], now: UnixTime) -> Option<Finding> {
    own_defect(chain, Role::Client, None, now)
}

fn own_defect(
    chain: &[CertificateDer<'_>],
    role: Role,
    name: Option<&ServerName<'_>>,
    now: UnixTime,
) -> Option<Finding> {
    let anchors = Anchors::default();
    let case = Case { chain, anchors: &anchors, name, role, now, crls: &[] };
    examine_for(&case, false).err()
}

/// A key of the peer's own certificate that is too short for a handshake. Verification of the chain
/// does not look at it.
pub fn weak_key(chain: &[CertificateDer<'_>]) -> Option<Finding> {
    let leaf = Cert::read(chain.first()?).ok()?;
    strength::own_key(&Path::of_one(&leaf), "")
}

fn examine_for(case: &Case<'_>, trust_matters: bool) -> Result<(), Finding> {
    let Some((leaf, above)) = case.chain.split_first() else { return Err(nothing(case.role)) };
    let leaf = Cert::read(leaf).map_err(|error| Finding {
        category: TlsCategory::Other,
        detail: format!("the certificate (depth 0) cannot be read: {error}"),
        certificate: Some(0),
    })?;
    // One that cannot be read helps nobody up, and does no harm either.
    let above = above.iter().take(MAX_CHAIN - 1).filter_map(|der| Cert::read(der).ok());
    let presented: Vec<_> = std::iter::once(leaf).chain(above).collect();
    let trusted = trusted(case, &presented);
    let context = Context {
        anchors: case.anchors,
        presented: &presented,
        trusted: &trusted,
        name: case.name,
        role: case.role,
        now: i64::try_from(case.now.as_secs()).unwrap_or(i64::MAX),
        crls: case.crls,
    };
    let findings = path::best(&presented, &trusted, &|path| faults(path, &context, trust_matters));
    first_of(findings).map_or(Ok(()), Err)
}

/// The trusted certificates that have the name of an issuer in the chain, or are its leaf.
fn trusted<'a>(case: &Case<'a>, presented: &[Cert<'a>]) -> Vec<Cert<'a>> {
    let listed = case.chain.first().filter(|leaf| case.anchors.contains(leaf));
    let mut found: Vec<Cert<'a>> =
        listed.and_then(|leaf| Cert::read(leaf).ok()).into_iter().collect();
    for cert in presented {
        for anchor in case.anchors.named(cert.issuer_key()) {
            let is_new = !found.iter().any(|known| known.der == anchor.as_ref());
            if found.len() < MAX_TRUSTED
                && is_new
                && let Ok(anchor) = Cert::read(anchor)
            {
                found.push(anchor);
            }
        }
    }
    found
}

/// Everything that is wrong with a path, in the order in which it explains most.
fn faults(path: &Path<'_, '_>, context: &Context<'_>, trust_matters: bool) -> Vec<Finding> {
    let depths = || 0..path.links.len();
    // Of a trusted certificate above the leaf only what it says of those below it counts.
    let checked = || depths().filter(|depth| *depth == 0 || !path.links[*depth].is_trusted);
    let issuers = || checked().filter(|depth| *depth > 0);
    let is_listed = path.links.first().is_some_and(|leaf| leaf.is_trusted);
    let mut found = Vec::new();
    found.extend(depths().filter_map(|depth| strength::seal(path, depth, context)));
    found.extend(trust::examine(path, context).filter(|_| trust_matters));
    found.extend(issuers().filter_map(|depth| usage::not_a_ca(path, depth, context)));
    found.extend(depths().filter_map(|depth| dates::examine(path, depth, context)));
    found.extend(depths().filter_map(|depth| revocation::examine(path, depth, context)));
    found.extend(depths().filter_map(|depth| usage::path_length(path, depth, context)));
    found.extend(checked().filter_map(|depth| usage::purpose(path, depth, context)));
    found.extend(depths().filter_map(|depth| constraints::examine(path, depth, context)));
    found.extend(names::examine(path, context));
    found.extend(checked().filter_map(|depth| usage::critical(path, depth, context)));
    found.extend(checked().filter_map(|depth| usage::version(path, depth, context)));
    found.extend(strength::own_key(path, context.source()));
    found.extend(usage::ca_as_leaf(path, context).filter(|_| !is_listed && trust_matters));
    found
}

/// The first of several faults, with the next ones, as far as they are of other kinds, mentioned.
fn first_of(findings: Vec<Finding>) -> Option<Finding> {
    let mut findings = findings.into_iter();
    let mut first = findings.next()?;
    let mut told = vec![first.category];
    for other in findings {
        if told.len() > MAX_ALSO {
            break;
        }
        if !told.contains(&other.category) {
            first.detail.push_str("; also: ");
            first.detail.push_str(&other.detail);
            told.push(other.category);
        }
    }
    Some(first)
}

fn nothing(role: Role) -> Finding {
    let (category, detail) = match role {
        Role::Client => (
            TlsCategory::ClientCertMissing,
            "peer did not return a certificate: the client presented none",
        ),
        Role::Server => (TlsCategory::Other, "the server presented no certificate"),
    };
    Finding { category, detail: detail.to_owned(), certificate: None }
}
