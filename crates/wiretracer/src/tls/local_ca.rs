//! The local CA: where it lives, making it, loading it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use time::OffsetDateTime;

/// What can go wrong with the CA.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file cannot be read or written.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {what}; remove it and run `wiretracer ca create`", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// There is nowhere to keep it.
    #[error("no place for the local CA: set XDG_DATA_HOME or HOME")]
    Nowhere,
    /// It exists already.
    #[error("{path} exists already; clients may trust it. Remove it first to make another", path = .0.display())]
    Exists(PathBuf),
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// A key that was made cannot be used.
    #[error("cannot use the key that was made: {0}")]
    Key(String),
    /// As [`CaError::Key`].
    #[error("cannot use the key that was made: {0}")]
    Load(#[from] rustls::Error),
}

/// The local CA, loaded.
pub struct LocalCa {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// How long the CA is valid: ten years.
const VALIDITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

impl LocalCa {
    /// A CA that lives in memory only.
    pub fn ephemeral() -> Result<Self, CaError> {
        let key = KeyPair::generate()?;
        let params = params();
        let certificate = params.self_signed(&key)?.der().clone();
        Ok(Self { certificate, issuer: Issuer::new(params, key) })
    }

    /// Loads the CA from `directory`, making it on first use.
    pub fn load_or_create(directory: &Path) -> Result<Self, CaError> {
        // Two that start at once must not make two.
        let _turn = lock(directory)?;
        match Self::load(directory) {
            Err(CaError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Self::create(directory)?;
                Self::load(directory)
            }
            loaded => loaded,
        }
    }

    /// Loads the CA from `directory`.
    pub fn load(directory: &Path) -> Result<Self, CaError> {
        let certificate_path = certificate_path(directory);
        let pem = read(&certificate_path)?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
            CaError::Unreadable {
                path: certificate_path.clone(),
                what: format!("not a PEM certificate ({error})"),
            }
        })?;
        let key_path = key_path(directory);
        let key = KeyPair::from_pem(&read(&key_path)?).map_err(|error| CaError::Unreadable {
            path: key_path,
            what: format!("not a usable private key ({error})"),
        })?;
        let issuer =
            Issuer::from_ca_cert_der(&certificate, key).map_err(|error| CaError::Unreadable {
                path: certificate_path,
                what: format!("not a CA certificate ({error})"),
            })?;
        Ok(Self { certificate, issuer })
    }

    /// Makes a CA in `directory`: `ca.pem`, and `ca-key.pem` readable by its owner only.
    pub fn create(directory: &Path) -> Result<PathBuf, CaError> {
        let key = KeyPair::generate()?;
        let certificate = params().self_signed(&key)?;
        make_directory(directory)?;
        write_new(&key_path(directory), &key.serialize_pem(), 0o600)?;
        let path = certificate_path(directory);
        write_new(&path, &certificate.pem(), 0o644)?;
        Ok(path)
    }

    /// The CA's own certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    pub(super) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }
}

/// Where the CA lives: `$XDG_DATA_HOME/wiretracer`, or `~/.local/share/wiretracer`.
pub fn directory() -> Result<PathBuf, CaError> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME")
        .or_else(|| Some(set("HOME")?.join(".local/share")))
        .map(|base| base.join("wiretracer"))
        .ok_or(CaError::Nowhere)
}

/// The certificate in the CA's directory.
pub fn certificate_path(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

fn key_path(directory: &Path) -> PathBuf {
    directory.join("ca-key.pem")
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "wiretracer local CA");
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::from_secs(24 * 3600);
    params.not_after = now + VALIDITY;
    params
}

fn make_directory(directory: &Path) -> Result<(), CaError> {
    fs::create_dir_all(directory).map_err(|error| CaError::Io { path: directory.to_owned(), error })
}

/// Holds others back until it is dropped.
fn lock(directory: &Path) -> Result<fs::File, CaError> {
    make_directory(directory)?;
    let path = directory.join("lock");
    let file =
        fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    file.and_then(|file| file.lock().map(|()| file)).map_err(|error| CaError::Io { path, error })
}

fn read(path: &Path) -> Result<String, CaError> {
    fs::read_to_string(path).map_err(|error| CaError::Io { path: path.to_owned(), error })
}

fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), CaError> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => CaError::Exists(path.to_owned()),
        _ => CaError::Io { path: path.to_owned(), error },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_start_at_once_share_one_ca() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("new");
        let loaded: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| LocalCa::load_or_create(&directory).unwrap()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap().certificate).collect()
        });
        assert!(loaded.iter().all(|certificate| *certificate == loaded[0]));
    }

    #[test]
    fn an_existing_ca_is_not_overwritten() {
        let home = tempfile::tempdir().unwrap();
        LocalCa::create(home.path()).unwrap();
        assert!(matches!(LocalCa::create(home.path()), Err(CaError::Exists(_))));
    }
}
