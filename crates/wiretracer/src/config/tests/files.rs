//! The files that a configuration names: what is taken, and what is said of the rest.
//!
//! Certificates are made on the fly; the encrypted keys under `keys/` are OpenSSL's own work (all
//! the same key, the password is "correct horse").

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa,
    KeyIdMethod, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use tempfile::TempDir;

use super::super::{
    Config, ConfigErrors, Identity, Inbound, Roots, UpstreamTls, WarningKind, check, load,
};

const CLIENT_KEY: &str = include_str!("keys/clear.pem");
const AES256: &str = include_str!("keys/aes256.pem");
const DES3_SHA1: &str = include_str!("keys/des3-sha1.pem");
const SCRYPT: &str = include_str!("keys/scrypt.pem");
const OLD_ENCRYPTED: &str = include_str!("keys/old.pem");

/// A folder with a CA, a leaf from it, a leaf that expired, a revocation list, and the client's.
struct Folder {
    dir: TempDir,
}

impl Folder {
    fn new() -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap() };
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        folder.write("ca.pem", ca.pem());
        for (name, last) in [("leaf", 2124), ("stale", 2020)] {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(vec!["proxy.test".to_owned()]).unwrap();
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(last, 1, 1);
            let cert = params.signed_by(&key, &ca).unwrap();
            folder.write(&format!("{name}.crt"), cert.pem() + &ca.pem());
            folder.write(&format!("{name}.key"), key.serialize_pem());
        }
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2124, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        folder.write("list.pem", list.signed_by(&ca).unwrap().pem().unwrap());
        let client = CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
        let cert = client.self_signed(&KeyPair::from_pem(CLIENT_KEY).unwrap()).unwrap();
        folder.write("client.crt", cert.pem());
        folder.write("client.key", CLIENT_KEY);
        folder
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        std::fs::write(self.dir.path().join(name), contents).unwrap();
    }

    fn config(&self, lines: &str) -> std::path::PathBuf {
        self.write("c.yaml", super::with(lines));
        self.dir.path().join("c.yaml")
    }

    fn load(&self, lines: &str) -> Result<Config, ConfigErrors> {
        load(&self.config(lines))
    }

    fn good(&self, lines: &str) -> Config {
        self.load(lines).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// The mistakes, with the folder's own path cut out.
    fn mistakes(&self, lines: &str) -> Vec<String> {
        let errors = self.load(lines).map(|config| config.listeners).unwrap_err();
        errors.mistakes.iter().map(|mistake| self.cut(mistake)).collect()
    }

    fn cut(&self, line: &impl ToString) -> String {
        line.to_string().replace(&format!("{}/", self.dir.path().display()), "")
    }
}

#[test]
fn files_of_both_sides_are_read() {
    let folder = Folder::new();
    let config = folder.good(
        "tls: { cert: leaf.crt, key: leaf.key, client_ca: ca.pem, client_crl: list.pem }\n\
         upstream: { addr: \"h:1\", tls: true, ca: ca.pem, crl: list.pem, client_cert: client.crt, \
         client_key: client.key }",
    );
    assert_eq!(config.warnings, []);
    let listener = &config.listeners[0];
    let Inbound::Terminate(tls) = &listener.inbound else { panic!("{listener:?}") };
    let Identity::Files(identity) = &tls.identity else { panic!("{tls:?}") };
    assert_eq!(identity.chain.len(), 2);
    let auth = tls.client_auth.as_ref().unwrap();
    assert!(!auth.required);
    assert_eq!((auth.ca.len(), auth.crl.len()), (1, 1));
    assert_eq!(auth.ca_path, folder.dir.path().join("ca.pem"));
    let UpstreamTls::Tls(out) = &listener.upstream.tls else { panic!("{listener:?}") };
    assert_eq!(out.client.as_ref().unwrap().chain.len(), 1);
    assert_eq!(out.crl.len(), 1);
    assert!(matches!(&out.roots, Roots::File { certs, .. } if *certs == auth.ca));
    let required = folder.good("tls: { require_client_cert: true, client_ca: ca.pem }");
    let Inbound::Terminate(tls) = &required.listeners[0].inbound else { panic!("{required:?}") };
    assert!(tls.client_auth.as_ref().is_some_and(|auth| auth.required));
}

#[test]
fn equal_files_give_equal_listeners_and_a_new_certificate_does_not() {
    let folder = Folder::new();
    let lines = "tls: { cert: leaf.crt, key: leaf.key }";
    let before = folder.good(lines);
    assert_eq!(folder.good(lines), before);
    let other = Folder::new();
    for name in ["leaf.crt", "leaf.key"] {
        folder.write(name, std::fs::read(other.dir.path().join(name)).unwrap());
    }
    assert_ne!(folder.good(lines), before);
}

#[test]
fn a_key_is_not_shown_in_debug_output() {
    let folder = Folder::new();
    let shown = format!("{:?}", folder.good("tls: { cert: leaf.crt, key: leaf.key }"));
    assert!(shown.contains("chain: 2 certificates, key: [secret]"), "{shown}");
}

#[test]
fn what_is_wrong_with_a_certificate_or_a_key() {
    let folder = Folder::new();
    folder.write("empty.pem", "");
    folder.write("text.pem", "hello");
    folder.write("binary", [0x30, 0x82, 1, 2, 3]);
    folder.write("half.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    folder.write("garbage.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    let ca = std::fs::read_to_string(folder.dir.path().join("ca.pem")).unwrap();
    let leaf = std::fs::read_to_string(folder.dir.path().join("leaf.crt")).unwrap();
    folder.write("backwards.crt", ca + &leaf);
    for (cert, key, expected) in [
        (
            "none.crt",
            "leaf.key",
            "cert: cannot read none.crt: No such file or directory (os error 2)",
        ),
        ("empty.pem", "leaf.key", "cert: empty.pem is empty"),
        ("text.pem", "leaf.key", "cert: text.pem holds no certificate in PEM form"),
        ("leaf.key", "leaf.key", "cert: leaf.key holds no certificate in PEM form"),
        ("binary", "leaf.key", "cert: binary is DER or PKCS#12; allowed: PEM (text)"),
        ("half.pem", "leaf.key", "cert: half.pem is damaged: the END CERTIFICATE line is missing"),
        ("leaf.crt", "empty.pem", "key: empty.pem is empty"),
        ("leaf.crt", "text.pem", "key: text.pem holds no private key in PEM form"),
        (
            "leaf.crt",
            "binary",
            "key: binary is DER or PKCS#12; allowed: PEM (openssl pkey -inform DER -in binary -out \
             NEW)",
        ),
        ("leaf.crt", "stale.key", "key: the key does not belong to the certificate"),
        (
            "backwards.crt",
            "leaf.key",
            "key: the key belongs to certificate 2 of the file, and the first one is shown: put it \
             first",
        ),
    ] {
        let found = folder.mistakes(&format!("tls: {{ cert: {cert}, key: {key} }}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with(&format!("listeners[0].tls.{expected}")), "{found:?}");
    }
    let found = folder.mistakes("tls: { cert: garbage.pem, key: leaf.key }");
    assert!(found[0].contains("tls.cert: certificate 1 in garbage.pem is damaged: "), "{found:?}");
}

#[test]
fn both_files_of_a_pair_are_told() {
    let found = Folder::new().mistakes("tls: { cert: a, key: b, client_ca: c, client_crl: d }");
    let keys: Vec<&str> = found.iter().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(
        keys,
        ["cert", "key", "client_ca", "client_crl"].map(|key| format!("listeners[0].tls.{key}"))
    );
}

#[test]
fn what_is_wrong_with_authorities_and_lists() {
    let folder = Folder::new();
    folder.write("empty.pem", "");
    for (key, file, expected) in [
        ("client_ca", "empty.pem", "empty.pem is empty"),
        ("client_ca", "leaf.key", "leaf.key holds no certificate in PEM form"),
        ("client_crl", "ca.pem", "ca.pem holds no revocation list in PEM form"),
    ] {
        let mut lines = format!("tls: {{ {key}: {file} }}");
        if key == "client_crl" {
            lines = format!("tls: {{ client_ca: ca.pem, {key}: {file} }}");
        }
        let found = folder.mistakes(&lines);
        assert!(found[0].ends_with(&format!("listeners[0].tls.{key}: {expected}")), "{found:?}");
    }
    let found = folder.mistakes("tls: { client_crl: list.pem }");
    assert!(
        found[0].ends_with("given without 'client_ca': there is nobody to revoke"),
        "{found:?}"
    );
    let found = folder.mistakes("tls: { mode: passthrough, cert: leaf.crt, key: leaf.key }");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn an_expired_certificate_may_be_served_but_does_not_pass_a_check() {
    let folder = Folder::new();
    let path = folder.config("tls: { cert: stale.crt, key: stale.key }");
    let line = "c.yaml:5:18: listeners[0].tls.cert: certificate 1 in stale.crt expired on Jan  1 \
                00:00:00 2020 +00:00";
    let config = load(&path).unwrap();
    assert_eq!(config.warnings.len(), 1);
    assert_eq!(config.warnings[0].kind, WarningKind::NotValidNow);
    assert_eq!(folder.cut(&config.warnings[0]), line);
    assert_eq!(folder.cut(&check(&path).unwrap_err()), line);
    assert!(check(&folder.config("tls: { cert: leaf.crt, key: leaf.key }")).is_ok());
}

fn client(rest: &str) -> String {
    format!(
        "upstream: {{ addr: \"h:1\", tls: true, client_cert: client.crt, client_key: locked.key, \
         {rest} }}"
    )
}

#[test]
fn keys_that_openssl_encrypted_open_with_their_password() {
    let folder = Folder::new();
    folder.write("password", "correct horse\n");
    for key in [AES256, DES3_SHA1, SCRYPT] {
        folder.write("locked.key", key);
        for password in ["correct horse", "file:password"] {
            let config = folder.good(&client(&format!("client_key_password: \"{password}\"")));
            assert_eq!(config.warnings, []);
        }
    }
    folder.write("locked.key", AES256.replace('\n', "\r\n"));
    folder.good(&client("client_key_password: correct horse"));
}

#[test]
fn keys_that_stay_locked() {
    let folder = Folder::new();
    folder.write("locked.key", AES256);
    let none = "environment variable \"WIRETRACER_NO_SUCH_NAME\": environment variable not found";
    for (rest, key, expected) in [
        ("", "client_key", "locked.key is encrypted; give its client_key_password"),
        ("client_key_password: wrong", "client_key", "wrong password for locked.key"),
        ("client_key_password: env:WIRETRACER_NO_SUCH_NAME", "client_key_password", none),
        (
            "client_key_password: file:none",
            "client_key_password",
            "cannot read none: No such file or directory (os error 2)",
        ),
    ] {
        let found = folder.mistakes(&client(rest));
        assert_eq!(found.len(), 1, "{found:?}");
        let expected = format!("listeners[0].upstream.{key}: {expected}");
        assert!(found[0].ends_with(&expected), "{found:?}");
    }
    folder.write("locked.key", OLD_ENCRYPTED);
    let found = folder.mistakes(&client("client_key_password: correct horse"));
    assert!(found[0].contains("openssl pkcs8 -topk8 -v2 aes-256-cbc -in locked.key"), "{found:?}");
    folder.write("locked.key", AES256);
    let found = folder.mistakes("tls: { cert: client.crt, key: locked.key }");
    assert!(
        found[0].ends_with("decrypt it with: openssl pkey -in locked.key -out NEW"),
        "{found:?}"
    );
}

#[test]
fn a_password_for_an_open_key_is_said_to_have_no_effect() {
    let folder = Folder::new();
    folder.write("locked.key", CLIENT_KEY);
    let config = folder.good(&client("client_key_password: x"));
    let said: Vec<String> = config.warnings.iter().map(|warning| folder.cut(warning)).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with("client_key_password: has no effect: the key is not encrypted"));
}

#[test]
fn a_missing_configuration_file_is_told() {
    let errors = load(Path::new("/nonexistent/c.yaml")).unwrap_err().to_string();
    assert_eq!(
        errors,
        "/nonexistent/c.yaml: cannot read: No such file or directory (os error 2); \
         `wiretracer --dump-example-config` prints one to begin with"
    );
}

/// The user guide's two examples, with certificates in place of `/opt/certs`.
#[test]
fn the_guides_examples_load() {
    let folder = Folder::new();
    for example in [include_str!("guide-grpc.yaml"), include_str!("guide-http1.yaml")] {
        let text = example
            .replace("/opt/certs/proxy.crt", "leaf.crt")
            .replace("/opt/certs/proxy.key", "leaf.key");
        folder.write("guide.yaml", text);
        let config = check(&folder.dir.path().join("guide.yaml"));
        let config = config.unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(config.warnings, []);
        let listener = &config.listeners[0];
        assert!(matches!(&listener.inbound, Inbound::Terminate(tls) if tls.client_auth.is_none()));
        assert!(listener.logging.log_body && listener.logging.jsonl_path.is_some());
        match &*listener.name {
            "grpc-mitm" => {
                let UpstreamTls::Tls(tls) = &listener.upstream.tls else { panic!("{listener:?}") };
                assert!(!tls.verify);
                assert_eq!(tls.alpn, [b"h2"]);
                assert_eq!(listener.logging.body_max_bytes, 8192);
                assert_eq!(listener.policy.allowlist.len(), 2);
            }
            _ => {
                assert_eq!(listener.upstream.tls, UpstreamTls::Plain);
                assert_eq!(listener.policy.max_connections, 500);
                assert_eq!(listener.logging.redact_headers, ["authorization", "cookie"]);
            }
        }
    }
}
