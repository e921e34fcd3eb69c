//! The certificates of the cases, beside those that all end-to-end tests have: a directory with
//! `NAME.pem`, `NAME.key` and, where there is more to send, `NAME.chain`.
//!
//! ```text
//! ca ──┬─ not-yet-valid, cn-only, bad-signature, revoked, expired-client, revoked-client
//!      ├─ sha1, rsa1024                              (made by openssl)
//!      ├─ intermediate ── missing-intermediate       (nothing but the leaf is sent)
//!      ├─ expired-intermediate ── below-expired
//!      ├─ narrow (path length 0) ── below ── too-deep
//!      └─ not-a-ca ── below-not-a-ca
//! self-signed        other-root: other-server, sent with other-ca        ca.crl
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose as Purpose, IsCa, Issuer, KeyIdMethod, KeyPair, RevokedCertParams,
    SerialNumber, date_time_ymd,
};

use crate::support::certs;
use crate::support::tools;

static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(make);

const REVOKED: [u64; 2] = [0x4001, 0x4002];

/// The directory.
pub(crate) fn directory() -> &'static Path {
    &DIRECTORY
}

/// A file in it.
pub(crate) fn file(name: &str, extension: &str) -> PathBuf {
    directory().join(format!("{name}.{extension}"))
}

/// Whether `NAME.chain` is to be sent too.
pub(crate) fn chain(name: &str) -> Option<PathBuf> {
    Some(file(name, "chain")).filter(|path| path.exists())
}

/// Copies everything to where a configuration names it.
pub(crate) fn copy_to(target: &Path) {
    for entry in fs::read_dir(directory()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
    }
}

/// Who issues, and what stands above it.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    chain: String,
}

fn make() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tls-matrix");
    // What an earlier run left is of another CA.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    certs::write_all(&path);
    let ca = Authority { issuer: trusted(), chain: String::new() };
    leaves(&path, &ca);
    below(&path, &ca);
    let other = certs::pair("other-server");
    fs::write(path.join("other-root.pem"), &other.cert).unwrap();
    fs::write(path.join("other-root.key"), &other.key).unwrap();
    fs::write(path.join("other-root.chain"), &certs::pair("other-ca").cert).unwrap();
    let key = KeyPair::generate().unwrap();
    let alone = params("self-signed", Purpose::ServerAuth).self_signed(&key).unwrap();
    write(&path, "self-signed", &alone.pem(), &key, "");
    fs::write(path.join("ca.crl"), revocations(&ca)).unwrap();
    if tools::have("openssl") {
        by_openssl(&path, "sha1", "rsa:2048", "-sha1");
        by_openssl(&path, "rsa1024", "rsa:1024", "-sha256");
    }
    path
}

fn trusted() -> Issuer<'static, KeyPair> {
    let ca = certs::pair("ca");
    Issuer::from_ca_cert_pem(&ca.cert, KeyPair::from_pem(&ca.key).unwrap()).unwrap()
}

fn leaves(path: &Path, ca: &Authority) {
    let server = |name: &str, change: &dyn Fn(&mut CertificateParams)| {
        issue(path, ca, name, Purpose::ServerAuth, change)
    };
    server("not-yet-valid", &|params| params.not_before = date_time_ymd(2100, 1, 1));
    server("cn-only", &|params| {
        params.subject_alt_names.clear();
        params.distinguished_name.push(DnType::CommonName, "localhost");
    });
    server("revoked", &|params| params.serial_number = Some(REVOKED[0].into()));
    let (good, key) = server("bad-signature", &|_| {});
    let mut bytes = good.der().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let pem = rustls_pem(&bytes);
    write(path, "bad-signature", &pem, &key, "");
    let client = |name: &str, change: &dyn Fn(&mut CertificateParams)| {
        issue(path, ca, name, Purpose::ClientAuth, change)
    };
    client("expired-client", &|params| {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    });
    client("revoked-client", &|params| params.serial_number = Some(REVOKED[1].into()));
}

/// Chains with something between the leaf and the CA.
fn below(path: &Path, ca: &Authority) {
    let server = |ca: &Authority, name: &str| {
        issue(path, ca, name, Purpose::ServerAuth, &|_| {});
    };
    let hidden = authority(ca, "intermediate", &|_| {});
    server(&Authority { chain: String::new(), ..hidden }, "missing-intermediate");
    let expired = authority(ca, "expired-intermediate", &|params| {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    });
    server(&expired, "below-expired");
    let narrow = authority(ca, "narrow", &|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    server(&authority(&narrow, "below", &|_| {}), "too-deep");
    let leaf = authority(ca, "not-a-ca", &|params| params.is_ca = IsCa::ExplicitNoCa);
    server(&leaf, "below-not-a-ca");
}

fn params(name: &str, purpose: Purpose) -> CertificateParams {
    let names = match purpose {
        Purpose::ServerAuth => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        _ => Vec::new(),
    };
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![purpose];
    params
}

fn issue(
    path: &Path,
    ca: &Authority,
    name: &str,
    purpose: Purpose,
    change: &dyn Fn(&mut CertificateParams),
) -> (Certificate, KeyPair) {
    let mut params = params(name, purpose);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let cert = params.signed_by(&key, &ca.issuer).unwrap();
    write(path, name, &cert.pem(), &key, &ca.chain);
    (cert, key)
}

fn authority(above: &Authority, name: &str, change: &dyn Fn(&mut CertificateParams)) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let cert = params.signed_by(&key, &above.issuer).unwrap();
    let chain = cert.pem() + &above.chain;
    Authority { issuer: Issuer::new(params, key), chain }
}

fn write(path: &Path, name: &str, cert: &str, key: &KeyPair, chain: &str) {
    // Programs that take one file want the whole chain in it; those that take two, the rest.
    fs::write(path.join(format!("{name}.pem")), format!("{cert}{chain}")).unwrap();
    fs::write(path.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    if !chain.is_empty() {
        fs::write(path.join(format!("{name}.chain")), chain).unwrap();
    }
}

fn rustls_pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> =
        text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn revocations(ca: &Authority) -> String {
    let revoked = REVOKED.map(|serial| RevokedCertParams {
        serial_number: SerialNumber::from(serial),
        revocation_time: date_time_ymd(2024, 1, 1),
        reason_code: Some(rcgen::RevocationReason::KeyCompromise),
        invalidity_date: None,
    });
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2024, 1, 2),
        next_update: date_time_ymd(2100, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.to_vec(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(&ca.issuer).unwrap().pem().unwrap()
}

/// What rcgen will not make: a short key, a signature with SHA-1.
fn by_openssl(path: &Path, name: &str, key: &str, digest: &str) {
    let san = path.join("san.cnf");
    fs::write(&san, "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        .unwrap();
    let mut request = Command::new("openssl");
    request.current_dir(path).args(["req", "-new", "-nodes", "-newkey", key, "-subj"]);
    request.arg(format!("/CN={name}")).arg("-keyout").arg(format!("{name}.key"));
    tools::run(request.args(["-out", "request.csr"])).success();
    let mut sign = Command::new("openssl");
    sign.current_dir(path).args(["x509", "-req", "-in", "request.csr", "-CA", "ca.pem"]);
    sign.args(["-CAkey", "ca.key", "-set_serial", "77", "-days", "90", "-extfile", "san.cnf"]);
    tools::run(sign.args([digest, "-out"]).arg(format!("{name}.pem"))).success();
}
