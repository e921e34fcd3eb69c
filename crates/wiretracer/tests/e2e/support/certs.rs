//! Certificates made once a run, and written into each proxy's directory as `NAME.pem` and
//! `NAME.key`.
//!
//! ```text
//! ca ──┬─ server        localhost, 127.0.0.1, ::1
//!      ├─ expired       the same, until 2001
//!      ├─ wrong-name    other.test
//!      ├─ wrong-eku     localhost, for clients only
//!      └─ client
//! other-ca ─┬─ other-server, other-client
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate and its key, as PEM.
pub(crate) struct Pair {
    pub(crate) cert: String,
    pub(crate) key: String,
}

static PAIRS: LazyLock<BTreeMap<&'static str, Pair>> = LazyLock::new(make_all);

/// The pair with that name.
pub(crate) fn pair(name: &str) -> &'static Pair {
    PAIRS.get(name).unwrap_or_else(|| panic!("there is no certificate '{name}'"))
}

/// Writes every pair into a directory.
pub(crate) fn write_all(directory: &Path) {
    for (name, pair) in &*PAIRS {
        fs::write(directory.join(format!("{name}.pem")), &pair.cert).unwrap();
        fs::write(directory.join(format!("{name}.key")), &pair.key).unwrap();
    }
}

impl Pair {
    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from_pem_slice(self.cert.as_bytes()).unwrap()]
    }

    pub(crate) fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap()
    }
}

type Authority = Issuer<'static, KeyPair>;

fn make_all() -> BTreeMap<&'static str, Pair> {
    use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    let here = ["localhost", "127.0.0.1", "::1"].as_slice();
    let (ca_pair, ca) = authority("Test CA");
    let (other_pair, other) = authority("Other CA");
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    };
    let valid = |_: &mut CertificateParams| {};
    BTreeMap::from([
        ("ca", ca_pair),
        ("other-ca", other_pair),
        ("server", leaf(&ca, "server", here, ServerAuth, valid)),
        ("expired", leaf(&ca, "expired", here, ServerAuth, expired)),
        ("wrong-name", leaf(&ca, "wrong-name", &["other.test"], ServerAuth, valid)),
        ("wrong-eku", leaf(&ca, "wrong-eku", here, ClientAuth, valid)),
        ("client", leaf(&ca, "client", &[], ClientAuth, valid)),
        ("other-server", leaf(&other, "other-server", here, ServerAuth, valid)),
        ("other-client", leaf(&other, "other-client", &[], ClientAuth, valid)),
    ])
}

fn authority(name: &str) -> (Pair, Authority) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap();
    let pair = Pair { cert: cert.pem(), key: key.serialize_pem() };
    (pair, Issuer::new(params, key))
}

fn leaf(
    issuer: &Authority,
    name: &str,
    names: &[&str],
    purpose: ExtendedKeyUsagePurpose,
    change: impl Fn(&mut CertificateParams),
) -> Pair {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![purpose];
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let cert = params.signed_by(&key, issuer).unwrap();
    Pair { cert: cert.pem(), key: key.serialize_pem() }
}
