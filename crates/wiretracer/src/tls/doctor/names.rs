//! Whether the certificate is for the name that was asked (RFC 9525).

use analysis::vocabulary::TlsCategory;
use rustls::pki_types::{CertificateDer, IpAddr as PkiIpAddr, ServerName};
use x509_parser::extensions::GeneralName;

use super::path::Path;
use super::words::{address, general_name, label, list, shortened};
use super::{Context, Finding};

/// Names that are looked at for one that was probably meant.
const COMPARED: usize = 64;

pub(super) fn examine(path: &Path<'_, '_>, context: &Context<'_>) -> Option<Finding> {
    let asked = context.name?;
    let leaf = path.links.first()?.cert;
    let names = leaf.alternative_names();
    if is_valid_for(leaf.der, asked, names.unwrap_or_default()) {
        return None;
    }
    let asked_text = asked.to_str();
    let who = label(path, 0, context.source());
    let fact = match names {
        None => match leaf.common_name() {
            Some(name) => format!(
                "{who} relies on the Common Name ({}), has no SAN: asked for '{asked_text}'; Go and \
                 rustls do not look at the Common Name, issue it with subjectAltName",
                shortened(name.to_owned())
            ),
            None => format!("{who} has no SAN: asked for '{asked_text}', it is for no name"),
        },
        Some(names) => {
            let has = list(names.iter().map(general_name));
            let has = if has.is_empty() { "no name at all".to_owned() } else { has };
            let hint = match asked {
                ServerName::IpAddress(_) => address_hint(&asked_text, names),
                _ => name_hint(&asked_text, names),
            };
            format!("asked for '{asked_text}', {who} is for {has}{hint}")
        }
    };
    let sentence = match asked {
        ServerName::IpAddress(_) => "IP address mismatch",
        _ => "Hostname mismatch",
    };
    Some(Finding::at(0, TlsCategory::HostnameMismatch, format!("{sentence}: {fact}")))
}

fn is_valid_for(der: &[u8], asked: &ServerName<'_>, names: &[GeneralName<'_>]) -> bool {
    let der = CertificateDer::from(der);
    if let Ok(leaf) = webpki::EndEntityCert::try_from(&der) {
        return leaf.verify_is_valid_for_subject_name(asked).is_ok();
    }
    // What webpki does not read has another fault; its names still are what they are.
    names.iter().any(|name| match (name, asked) {
        (GeneralName::DNSName(name), ServerName::DnsName(asked)) => {
            name.eq_ignore_ascii_case(asked.as_ref())
        }
        (GeneralName::IPAddress(bytes), ServerName::IpAddress(asked)) => match asked {
            PkiIpAddr::V4(asked) => *bytes == asked.as_ref(),
            PkiIpAddr::V6(asked) => *bytes == asked.as_ref(),
        },
        _ => false,
    })
}

fn address_hint(asked: &str, names: &[GeneralName<'_>]) -> String {
    let as_text = names.iter().any(|name| matches!(name, GeneralName::DNSName(n) if *n == asked));
    if as_text {
        return "; the address stands there as a DNS name, which does not count".to_owned();
    }
    let has_address = names
        .iter()
        .any(|n| matches!(n, GeneralName::IPAddress(bytes) if address(bytes).is_some()));
    if has_address {
        String::new()
    } else {
        "; it has no IP address in its SAN: ask by name (server_name), or issue it with one"
            .to_owned()
    }
}

fn name_hint(asked: &str, names: &[GeneralName<'_>]) -> String {
    let names = names.iter().take(COMPARED).filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(*name),
        _ => None,
    });
    let asked_labels: Vec<&str> = labels(asked).collect();
    for name in names {
        let name_labels: Vec<&str> = labels(name).collect();
        if let (["*", parent @ ..], true) = (&name_labels[..], asked.is_ascii())
            && asked_labels.len() > name_labels.len()
            && same(&asked_labels[asked_labels.len() - parent.len()..], parent)
        {
            let name = shortened(name.to_owned());
            return format!(" – the '*' of '{name}' stands for one label only");
        }
        if is_one_label_apart(&asked_labels, &name_labels) {
            return format!(" – one label apart from '{}'", shortened(name.to_owned()));
        }
    }
    String::new()
}

fn labels(name: &str) -> impl Iterator<Item = &str> {
    name.trim_end_matches('.').split('.')
}

fn same(one: &[&str], other: &[&str]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_same_label(a, b))
}

fn is_same_label(asked: &str, has: &str) -> bool {
    has == "*" || asked.eq_ignore_ascii_case(has)
}

/// Whether one label changed, added or removed makes one name of the other. Names of one or two
/// labels have too little in common for that to mean something, unless a label was added.
fn is_one_label_apart(asked: &[&str], has: &[&str]) -> bool {
    let common =
        |a: &[&str], b: &[&str]| a.iter().zip(b).take_while(|(a, b)| is_same_label(a, b)).count();
    let reversed = |labels: &[&str]| -> usize {
        let pairs = asked.iter().rev().zip(has.iter().rev());
        pairs.take_while(|(a, b)| is_same_label(a, b)).count().min(labels.len())
    };
    let head = common(asked, has);
    let tail = reversed(asked);
    let (shorter, longer) = (asked.len().min(has.len()), asked.len().max(has.len()));
    match longer - shorter {
        0 => longer > 1 && head + tail + 1 == longer,
        1 => head + tail >= shorter,
        _ => false,
    }
}
