//! Private keys: reading, opening with a password, matching with a certificate.
//!
//! ```text
//! BEGIN PRIVATE KEY             PKCS#8 (RFC 5958)      ┐
//! BEGIN RSA PRIVATE KEY         PKCS#1 (RFC 8017)      ├ taken as they are
//! BEGIN EC PRIVATE KEY          SEC1 (RFC 5915)        ┘
//! BEGIN ENCRYPTED PRIVATE KEY   PKCS#8 with PBES2      → client_key_password
//! …  Proc-Type: 4,ENCRYPTED     OpenSSL's old form     → told how to convert it
//! ```
//!
//! No message shows a password or any part of a key.

use std::path::Path;
use std::sync::Arc;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::SecretDocument;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, crypto::aws_lc_rs::sign::any_supported_type};

use super::context::Context;
use super::errors::WarningKind;
use super::field::Field;
use super::identity::CertifiedIdentity;
use super::pem::{self, Contents};

/// How the password of an encrypted key may be given.
pub(super) enum Password<'a> {
    /// There is no key for it in this section.
    NotPossible,
    /// There is one, and it is not given.
    Missing,
    /// Given.
    Given { field: &'a Field<'a>, secret: String },
}

/// Reads a certificate chain and its key, and checks that they belong together.
pub(super) fn identity(
    cert: &Field<'_>,
    key: &Field<'_>,
    password: &Password<'_>,
    ctx: &mut Context,
) -> Option<CertifiedIdentity> {
    let chain = pem::chain(cert, ctx);
    let der = private_key(key, password, ctx);
    let (chain, der) = (chain?, der?);
    let signer = match any_supported_type(&der) {
        Ok(signer) => signer,
        Err(error) => {
            ctx.mistake(key, format!("the private key cannot be used: {}", tls_error(&error)));
            return None;
        }
    };
    match CertifiedKey::new(chain.clone(), Arc::clone(&signer)).keys_match() {
        Ok(()) => Some(CertifiedIdentity { chain, key: Arc::new(der) }),
        Err(TlsError::InconsistentKeys(_)) => {
            ctx.mistake(key, mismatch(&chain, &signer));
            None
        }
        Err(error) => {
            ctx.mistake(cert, format!("the certificate cannot be used: {}", tls_error(&error)));
            None
        }
    }
}

/// Says that a key is another certificate's, and whose, if that one is in the chain.
fn mismatch(
    chain: &[CertificateDer<'static>],
    signer: &Arc<dyn rustls::sign::SigningKey>,
) -> String {
    let fits = |cert: &CertificateDer<'static>| {
        CertifiedKey::new(vec![cert.clone()], Arc::clone(signer)).keys_match().is_ok()
    };
    match chain.iter().skip(1).position(fits) {
        Some(later) => format!(
            "the key belongs to certificate {} of the file, and the first one is shown: put it first",
            later + 2
        ),
        None => "the key does not belong to the certificate".to_owned(),
    }
}

/// Reads `client_key_password`: literally, from the environment, or from a file.
pub(super) fn password<'a>(
    given: Option<&'a Field<'a>>,
    ctx: &mut Context,
) -> Option<Password<'a>> {
    let Some(field) = given else { return Some(Password::Missing) };
    let text = field.secret(ctx)?;
    let secret = if let Some(name) = text.strip_prefix("env:") {
        match std::env::var(name) {
            Ok(secret) => secret,
            Err(error) => {
                ctx.mistake(field, format!("environment variable {name:?}: {error}"));
                return None;
            }
        }
    } else if let Some(name) = text.strip_prefix("file:") {
        let path = ctx.path(name);
        password_file(&path).map_err(|message| ctx.mistake(field, message)).ok()?
    } else {
        text.to_owned()
    };
    Some(Password::Given { field, secret })
}

fn password_file(path: &Path) -> Result<String, String> {
    let bytes = pem::read_bounded(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let text =
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", path.display()))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn private_key(
    field: &Field<'_>,
    password: &Password<'_>,
    ctx: &mut Context,
) -> Option<PrivateKeyDer<'static>> {
    let file = pem::read(field, ctx)?;
    let result = match Form::of(&file.bytes) {
        Form::Clear => {
            if let Password::Given { field, .. } = password {
                ctx.warn(WarningKind::NoEffect, field, "has no effect: the key is not encrypted");
            }
            clear_key(&file)
        }
        Form::OldEncrypted => Err(format!(
            "{path} is encrypted in OpenSSL's old form; convert it with: \
             openssl pkcs8 -topk8 -v2 aes-256-cbc -in {path} -out NEW",
            path = file.path.display()
        )),
        Form::Encrypted(block) => decrypt(&file, block, password),
    };
    result.map_err(|message| ctx.mistake(field, message)).ok()
}

fn clear_key(file: &Contents) -> Result<PrivateKeyDer<'static>, String> {
    let path = file.path.display();
    PrivateKeyDer::from_pem_slice(&file.bytes).map_err(|error| match error {
        PemError::NoItemsFound if file.bytes.is_empty() => format!("{path} is empty"),
        PemError::NoItemsFound if pem::is_der(&file.bytes) => format!(
            "{path} is DER or PKCS#12; allowed: PEM (openssl pkey -inform DER -in {path} -out NEW)"
        ),
        PemError::NoItemsFound => format!("{path} holds no private key in PEM form"),
        error => format!("{path} is damaged: {}", pem::pem_error(&error)),
    })
}

fn decrypt(
    file: &Contents,
    block: &str,
    password: &Password<'_>,
) -> Result<PrivateKeyDer<'static>, String> {
    let path = file.path.display();
    let secret = match password {
        Password::Given { secret, .. } => secret,
        Password::Missing => {
            return Err(format!("{path} is encrypted; give its client_key_password"));
        }
        Password::NotPossible => {
            return Err(format!(
                "{path} is encrypted, and this key has no password setting; decrypt it with: \
                 openssl pkey -in {path} -out NEW"
            ));
        }
    };
    let damaged = |error: &dyn std::fmt::Display| format!("{path} is damaged: {error}");
    let (_, document) = SecretDocument::from_pem(block).map_err(|error| damaged(&error))?;
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
        .map_err(|error| damaged(&error))?;
    match info.decrypt(secret) {
        Ok(clear) => Ok(PrivatePkcs8KeyDer::from(clear.as_bytes().to_vec()).into()),
        // A wrong password shows as bad padding, or as garbage that is not ASN.1.
        Err(
            pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed)
            | pkcs8::Error::Asn1(_),
        ) => Err(format!("wrong password for {path}")),
        Err(error) => Err(format!("{path} cannot be decrypted: {error}")),
    }
}

/// What the first private key of a PEM file looks like.
enum Form<'a> {
    /// In the clear, or no key at all.
    Clear,
    /// PKCS#8: everything from BEGIN to END.
    Encrypted(&'a str),
    /// The key is encrypted by PEM headers (RFC 1421), not in its own structure.
    OldEncrypted,
}

impl<'a> Form<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
        const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";
        const ANY: &str = "PRIVATE KEY-----";
        // Only comments around the sections can be other than ASCII.
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return Self::Clear,
        };
        let Some(first) = text.find(ANY) else { return Self::Clear };
        let body = &text[first + ANY.len()..];
        if body.trim_start().starts_with("Proc-Type: 4,ENCRYPTED") {
            return Self::OldEncrypted;
        }
        match text.find(BEGIN) {
            Some(begin) if begin < first => {
                let end = text[begin..].find(END).map_or(text.len(), |end| begin + end + END.len());
                Self::Encrypted(&text[begin..end])
            }
            _ => Self::Clear,
        }
    }
}

fn tls_error(error: &TlsError) -> String {
    match error {
        TlsError::General(message) => message.clone(),
        other => other.to_string(),
    }
}
