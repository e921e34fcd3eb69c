//! The files that a configuration names: certificates, authorities, revocation lists (RFC 7468).
//!
//! A file is opened here and nowhere else. Whatever is wrong with one is a mistake of the key that
//! names it:
//!
//! ```text
//! config.yaml:9:14: listeners[0].tls.client_ca: /etc/wt/ca.pem holds no certificate
//! ```
//!
//! Private keys have more to be wrong about them: [`super::key`].

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::prelude::{
    ASN1Time, CertificateRevocationList, FromDer, Validity, X509Certificate,
};

use super::context::Context;
use super::errors::WarningKind;
use super::field::Field;

/// Larger than any bundle of authorities; keeps a wrong path from filling the memory.
const LARGEST_FILE: u64 = 32 << 20;

/// A file that was read, with the name for messages.
pub(super) struct Contents {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
}

/// Reads the file that a field names.
pub(super) fn read(field: &Field<'_>, ctx: &mut Context) -> Option<Contents> {
    let name = field.file_name("the path of a PEM file", ctx)?;
    let path = ctx.path(name);
    match read_bounded(&path) {
        Ok(bytes) => Some(Contents { path, bytes }),
        Err(error) => {
            ctx.mistake(field, format!("cannot read {}: {error}", path.display()));
            None
        }
    }
}

/// Reads a whole file, as long as it is not unreasonably large.
pub(super) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 32 MiB"));
    }
    Ok(bytes)
}

/// Reads a certificate chain, and warns when a certificate in it is not valid today.
pub(super) fn chain(field: &Field<'_>, ctx: &mut Context) -> Option<Vec<CertificateDer<'static>>> {
    let file = read(field, ctx)?;
    let certs = objects::<CertificateDer<'static>>(field, &file, "certificate", ctx)?;
    for (number, cert) in (1..).zip(&certs) {
        let validity = validity(field, &file, number, cert, ctx)?;
        if let Some(problem) = not_valid_now(&validity) {
            let message = format!("certificate {number} in {} {problem}", file.path.display());
            ctx.warn(WarningKind::NotValidNow, field, message);
        }
    }
    Some(certs)
}

/// Reads certificate authorities, at least one, each fit to be trusted.
pub(super) fn authorities(
    field: &Field<'_>,
    ctx: &mut Context,
) -> Option<(PathBuf, Vec<CertificateDer<'static>>)> {
    let file = read(field, ctx)?;
    let certs = objects::<CertificateDer<'static>>(field, &file, "certificate", ctx)?;
    let mut problems = Vec::new();
    for (number, cert) in (1..).zip(&certs) {
        problems.extend(not_valid_now(&validity(field, &file, number, cert, ctx)?));
        if let Err(error) = webpki::anchor_from_trusted_cert(cert) {
            let path = file.path.display();
            let message = format!("certificate {number} in {path} cannot be trusted: {error}");
            ctx.mistake(field, message);
            return None;
        }
    }
    // Bundles carry a stale authority for years; a file of nothing else is a file to replace.
    if problems.len() == certs.len()
        && let Some(problem) = problems.first()
    {
        let path = file.path.display();
        let message = match certs.len() {
            1 => format!("the certificate in {path} {problem}"),
            _ => format!("no certificate in {path} is valid today: the first {problem}"),
        };
        ctx.warn(WarningKind::NotValidNow, field, message);
    }
    Some((file.path, certs))
}

/// Reads revocation lists, at least one.
pub(super) fn revocation_lists(
    field: &Field<'_>,
    ctx: &mut Context,
) -> Option<Vec<CertificateRevocationListDer<'static>>> {
    let file = read(field, ctx)?;
    let lists =
        objects::<CertificateRevocationListDer<'static>>(field, &file, "revocation list", ctx)?;
    for (number, list) in (1..).zip(&lists) {
        let path = file.path.display();
        if let Err(error) = webpki::BorrowedCertRevocationList::from_der(list) {
            ctx.mistake(
                field,
                format!("revocation list {number} in {path} is not usable: {error}"),
            );
            return None;
        }
        let next =
            CertificateRevocationList::from_der(list).ok().and_then(|(_, l)| l.next_update());
        if let Some(next) = next.filter(|next| *next < ASN1Time::now()) {
            let message = format!("revocation list {number} in {path} expired on {next}");
            ctx.warn(WarningKind::NotValidNow, field, message);
        }
    }
    Some(lists)
}

/// Every PEM section of one kind in a file; none at all is a mistake.
fn objects<T: PemObject>(
    field: &Field<'_>,
    file: &Contents,
    what: &str,
    ctx: &mut Context,
) -> Option<Vec<T>> {
    let path = file.path.display();
    match T::pem_slice_iter(&file.bytes).collect::<Result<Vec<T>, _>>() {
        Ok(found) if !found.is_empty() => return Some(found),
        Ok(_) if file.bytes.is_empty() => ctx.mistake(field, format!("{path} is empty")),
        Ok(_) if is_der(&file.bytes) => {
            ctx.mistake(field, format!("{path} is DER or PKCS#12; allowed: PEM (text)"));
        }
        Ok(_) => ctx.mistake(field, format!("{path} holds no {what} in PEM form")),
        Err(error) => ctx.mistake(field, format!("{path} is damaged: {}", pem_error(&error))),
    }
    None
}

/// A DER file of more than 127 bytes: a SEQUENCE with a long length.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x84, ..])
}

/// What is wrong with PEM text, in words.
pub(super) fn pem_error(error: &PemError) -> String {
    match error {
        PemError::MissingSectionEnd { end_marker } => {
            format!("the END {} line is missing", String::from_utf8_lossy(end_marker))
        }
        PemError::IllegalSectionStart { .. } => "a BEGIN line is not complete".to_owned(),
        PemError::Base64Decode(_) => "what stands between BEGIN and END is not base64".to_owned(),
        other => other.to_string(),
    }
}

fn validity(
    field: &Field<'_>,
    file: &Contents,
    number: usize,
    cert: &CertificateDer<'_>,
    ctx: &mut Context,
) -> Option<Validity> {
    match X509Certificate::from_der(cert) {
        Ok((_, parsed)) => Some(parsed.validity().clone()),
        Err(error) => {
            let path = file.path.display();
            ctx.mistake(field, format!("certificate {number} in {path} is damaged: {error}"));
            None
        }
    }
}

/// The end of a sentence about a certificate that today is not valid.
fn not_valid_now(validity: &Validity) -> Option<String> {
    let now = ASN1Time::now();
    if now > validity.not_after {
        Some(format!("expired on {}", validity.not_after))
    } else if now < validity.not_before {
        Some(format!("is not valid before {}", validity.not_before))
    } else {
        None
    }
}
