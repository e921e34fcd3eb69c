//! How certificates, names and times are told.

use std::fmt::Write as _;
use std::net::IpAddr;

use x509_parser::extensions::GeneralName;
use x509_parser::x509::X509Name;

use super::cert::Cert;
use super::path::Path;

/// Bytes of a name that are shown: a hostile certificate can have very long ones.
const LONGEST: usize = 120;
/// Things in a list that are shown.
const LISTED: usize = 6;

/// The certificate at `depth` of a path: "the leaf (depth 0, CN=a, issued by CN=b)".
pub(super) fn label(path: &Path<'_, '_>, depth: usize, source: &str) -> String {
    let Some(link) = path.links.get(depth) else { return format!("depth {depth}") };
    let cert = link.cert;
    let is_own_issuer = cert.names_as_issuer(cert);
    let what = match depth {
        0 => "the leaf",
        _ if is_own_issuer => "the root",
        _ => "the intermediate",
    };
    let mut text = format!("{what} (depth {depth}, {}", title(cert));
    if !is_own_issuer {
        let _ = write!(text, ", issued by {}", name(cert.issuer()));
    }
    if link.is_trusted {
        let _ = write!(text, ", in {source}");
    }
    text.push(')');
    text
}

/// The subject of a certificate, or its first name when the subject is empty.
pub(super) fn title(cert: &Cert<'_>) -> String {
    let subject = name(cert.subject());
    match cert.alternative_names().and_then(<[_]>::first) {
        Some(first) if subject.is_empty() => general_name(first),
        _ if subject.is_empty() => "no subject".to_owned(),
        _ => subject,
    }
}

/// A distinguished name.
pub(super) fn name(name: &X509Name<'_>) -> String {
    shortened(name.to_string())
}

/// A subject alternative name with its type, as records show it.
pub(super) fn general_name(name: &GeneralName<'_>) -> String {
    shortened(match name {
        GeneralName::DNSName(name) => format!("DNS:{name}"),
        GeneralName::RFC822Name(name) => format!("email:{name}"),
        GeneralName::URI(uri) => format!("URI:{uri}"),
        GeneralName::IPAddress(bytes) => match address(bytes) {
            Some(address) => format!("IP:{address}"),
            None => format!("IP:{}", subnet(bytes)),
        },
        GeneralName::DirectoryName(name) => format!("directory name {name}"),
        _ => "another kind of name".to_owned(),
    })
}

/// The address in an iPAddress name (RFC 5280 §4.2.1.6).
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// An address and mask (RFC 5280 §4.2.1.10).
fn subnet(bytes: &[u8]) -> String {
    let (base, mask) = bytes.split_at(bytes.len() / 2);
    match (address(base), address(mask)) {
        (Some(base), Some(mask)) => format!("{base}/{mask}"),
        _ => crate::tls::x509::hex(bytes.get(..32).unwrap_or(bytes)),
    }
}

/// A list, of which the first few are shown.
pub(super) fn list(things: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    let mut more = 0;
    for (place, thing) in things.enumerate() {
        match place {
            0 => text = thing,
            _ if place < LISTED => {
                text.push_str(", ");
                text.push_str(&thing);
            }
            _ => more += 1,
        }
    }
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// Text that is not longer than a person wants to read.
pub(super) fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// A length of time by its two largest units: "2 d 3 h".
pub(super) fn duration(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}
