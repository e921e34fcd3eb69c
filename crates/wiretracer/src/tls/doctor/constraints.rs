//! Whether the names are those that the CAs above may give (RFC 5280 §4.2.1.10).
//!
//! Constraints on kinds of names that rustls cannot compare count as violated, because it refuses
//! them too.

use analysis::vocabulary::TlsCategory;
use x509_parser::extensions::{GeneralName, GeneralSubtree};

use super::path::Path;
use super::words::{general_name, label, list};
use super::{Context, Finding};

/// Comparisons of a name with a subtree in one certificate.
const MAX_COMPARISONS: usize = 100_000;

/// Whether something below the CA at `depth` has a name that it may not give.
pub(super) fn examine(path: &Path<'_, '_>, depth: usize, context: &Context<'_>) -> Option<Finding> {
    let constraints = path.links.get(depth)?.cert.x509.name_constraints().ok().flatten()?.value;
    let permitted = constraints.permitted_subtrees.as_deref().unwrap_or_default();
    let excluded = constraints.excluded_subtrees.as_deref().unwrap_or_default();
    let ca = || label(path, depth, context.source());
    for below in (0..depth).rev() {
        let link = path.links.get(below)?;
        // A subject is a directory name, and always there.
        let subject = GeneralName::DirectoryName(link.cert.subject().clone());
        let names = link.cert.alternative_names().unwrap_or_default();
        let limit = MAX_COMPARISONS / (permitted.len() + excluded.len()).max(1);
        for name in std::iter::once(&subject).chain(names).take(limit) {
            let (sentence, fact) = if is_outside(name, permitted) {
                ("permitted subtree violation", format!("allows only {}", bases(permitted)))
            } else if excluded.iter().any(|subtree| compare(name, &subtree.base) == Fit::Refused)
                || excluded.iter().any(|subtree| compare(name, &subtree.base) == Fit::Inside)
            {
                ("excluded subtree violation", format!("does not allow {}", bases(excluded)))
            } else {
                continue;
            };
            let detail = format!(
                "{sentence}: {} {fact} (name constraints), and {} has {}",
                ca(),
                label(path, below, context.source()),
                general_name(name)
            );
            return Some(Finding::at(below, TlsCategory::Other, detail));
        }
    }
    None
}

/// How a name is to a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    OtherKind,
    Inside,
    Outside,
    /// The same kind, and nothing compares it.
    Refused,
}

fn is_outside(name: &GeneralName<'_>, permitted: &[GeneralSubtree<'_>]) -> bool {
    let fits = || permitted.iter().map(|subtree| compare(name, &subtree.base));
    fits().any(|fit| fit == Fit::Refused)
        || (fits().any(|fit| fit == Fit::Outside) && !fits().any(|fit| fit == Fit::Inside))
}

fn compare(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Fit {
    let inside = |is: bool| if is { Fit::Inside } else { Fit::Outside };
    match (name, base) {
        (GeneralName::DNSName(name), GeneralName::DNSName(base)) => inside(is_below(name, base)),
        (GeneralName::IPAddress(name), GeneralName::IPAddress(base)) => {
            inside(is_in_subnet(name, base))
        }
        (one, other) if std::mem::discriminant(one) == std::mem::discriminant(other) => {
            Fit::Refused
        }
        _ => Fit::OtherKind,
    }
}

/// Whether a host is in a domain; a base that begins with a dot means only what is below it.
fn is_below(name: &str, base: &str) -> bool {
    let Some(start) = name.len().checked_sub(base.len()) else { return false };
    let (Some(head), Some(tail)) = (name.get(..start), name.get(start..)) else { return false };
    let at_label =
        head.is_empty() || base.is_empty() || base.starts_with('.') || head.ends_with('.');
    tail.eq_ignore_ascii_case(base) && at_label
}

fn is_in_subnet(name: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    name.len() == network.len()
        && network.len() == mask.len()
        && name.iter().zip(network).zip(mask).all(|((a, b), mask)| a & mask == b & mask)
}

fn bases(subtrees: &[GeneralSubtree<'_>]) -> String {
    list(subtrees.iter().map(|subtree| general_name(&subtree.base)))
}
