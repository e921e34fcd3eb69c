//! One certificate, read for an examination.

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use super::der::content;
use super::signature::{Key, Signed, Verdict};

/// RSA keys shorter than this are refused by OpenSSL at its default security level, and by us.
pub(super) const SHORTEST_RSA: usize = 2048;

/// A certificate and the pieces of it that are needed again and again.
#[derive(Debug)]
pub(super) struct Cert<'a> {
    pub(super) x509: X509Certificate<'a>,
    pub(super) der: &'a [u8],
    signed: Signed<'a>,
    key: Key<'a>,
}

impl<'a> Cert<'a> {
    /// Reads a certificate; says what is wrong with one that cannot be read.
    pub(super) fn read(der: &'a CertificateDer<'_>) -> Result<Self, String> {
        let der: &[u8] = der.as_ref();
        let (rest, x509) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        if !rest.is_empty() {
            return Err(format!("{} bytes follow it", rest.len()));
        }
        let signed = Signed::parse(der).ok_or("its signature is not where it should be")?;
        let key = Key::parse(x509.tbs_certificate.subject_pki.raw)
            .ok_or("its public key cannot be read")?;
        Ok(Self { x509, der, signed, key })
    }

    pub(super) fn subject(&self) -> &X509Name<'a> {
        &self.x509.tbs_certificate.subject
    }

    pub(super) fn issuer(&self) -> &X509Name<'a> {
        &self.x509.tbs_certificate.issuer
    }

    /// Whether `other` has the name of this one's issuer.
    pub(super) fn names_as_issuer(&self, other: &Self) -> bool {
        self.issuer().as_raw() == other.subject().as_raw()
    }

    /// The issuer's name as [`super::Anchors`] knows it.
    pub(super) fn issuer_key(&self) -> &[u8] {
        content(self.issuer().as_raw()).unwrap_or_default()
    }

    /// Checks this one's signature with the key of `issuer`.
    pub(super) fn verify_with(&self, issuer: &Self) -> Verdict {
        self.signed.verify(&issuer.key)
    }

    /// The key, for signatures over something else.
    pub(super) fn key(&self) -> &Key<'a> {
        &self.key
    }

    /// Whether both have the same name and the same key.
    pub(super) fn is_same_entity(&self, other: &Self) -> bool {
        self.subject().as_raw() == other.subject().as_raw()
            && self.x509.tbs_certificate.subject_pki.raw
                == other.x509.tbs_certificate.subject_pki.raw
    }

    pub(super) fn extensions(&self) -> impl Iterator<Item = &ParsedExtension<'a>> {
        self.x509.extensions().iter().map(x509_parser::extensions::X509Extension::parsed_extension)
    }

    /// The hash of its key that it gives (RFC 5280 §4.2.1.2).
    pub(super) fn key_id(&self) -> Option<&[u8]> {
        self.extensions().find_map(|extension| match extension {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0),
            _ => None,
        })
    }

    /// The hash of its issuer's key that it gives (RFC 5280 §4.2.1.1).
    pub(super) fn issuer_key_id(&self) -> Option<&[u8]> {
        self.extensions().find_map(|extension| match extension {
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                id.key_identifier.as_ref().map(|id| id.0)
            }
            _ => None,
        })
    }

    /// Who issued its issuer, when it says so (RFC 5280 §4.2.1.1, authorityCertIssuer).
    pub(super) fn issuers_issuer(&self) -> Option<&X509Name<'a>> {
        self.extensions().find_map(|extension| match extension {
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                id.authority_cert_issuer.iter().flatten().find_map(|name| match name {
                    GeneralName::DirectoryName(name) => Some(name),
                    _ => None,
                })
            }
            _ => None,
        })
    }

    /// Where its issuer's certificate can be fetched (RFC 5280 §4.2.2.1, caIssuers).
    pub(super) fn issuer_url(&self) -> Option<&str> {
        const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
        self.extensions()
            .filter_map(|extension| match extension {
                ParsedExtension::AuthorityInfoAccess(access) => Some(access),
                _ => None,
            })
            .flat_map(|access| access.iter())
            .filter(|description| description.access_method.to_id_string() == CA_ISSUERS)
            .find_map(|description| match description.access_location {
                GeneralName::URI(url) => Some(url),
                _ => None,
            })
    }

    /// Whether both give hashes of a key, and they differ: then `issuer` only has the right name.
    pub(super) fn key_ids_contradict(&self, issuer: &Self) -> bool {
        matches!((self.issuer_key_id(), issuer.key_id()), (Some(wanted), Some(is)) if wanted != is)
    }

    pub(super) fn is_ca(&self) -> bool {
        matches!(self.x509.basic_constraints(), Ok(Some(basic)) if basic.value.ca)
    }

    /// How many CAs may stand between it and the peer's certificate (RFC 5280 §4.2.1.9).
    pub(super) fn path_length(&self) -> Option<u32> {
        self.x509.basic_constraints().ok().flatten()?.value.path_len_constraint
    }

    /// The subject alternative names; none when it has no such extension.
    pub(super) fn alternative_names(&self) -> Option<&[GeneralName<'a>]> {
        self.extensions().find_map(|extension| match extension {
            ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names[..]),
            _ => None,
        })
    }

    /// The first Common Name of the subject.
    pub(super) fn common_name(&self) -> Option<&str> {
        self.subject().iter_common_name().find_map(|name| name.as_str().ok())
    }

    /// The bits of an RSA key; none for other keys.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        let Ok(PublicKey::RSA(key)) = self.x509.tbs_certificate.subject_pki.parsed() else {
            return None;
        };
        let modulus = key.modulus;
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        let first = modulus.get(zeros).map_or(0, |byte| byte.leading_zeros());
        Some(((modulus.len() - zeros) * 8).saturating_sub(first as usize))
    }

    pub(super) fn is_rsa_too_short(&self) -> bool {
        self.rsa_bits().is_some_and(|bits| bits < SHORTEST_RSA)
    }

    /// The digest of its signature, when it is one that can be forged.
    pub(super) fn weak_digest(&self) -> Option<&'static str> {
        match self.x509.signature_algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.2" => Some("MD2"),
            "1.2.840.113549.1.1.3" => Some("MD4"),
            "1.2.840.113549.1.1.4" => Some("MD5"),
            "1.2.840.113549.1.1.5"
            | "1.3.14.3.2.29"
            | "1.2.840.10045.4.1"
            | "1.2.840.10040.4.3" => Some("SHA-1"),
            _ => None,
        }
    }
}
