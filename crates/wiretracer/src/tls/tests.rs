//! Handshakes of both sides with each other, with certificates that are not in order: what the
//! records are made of.

use std::sync::Arc;
use std::time::Duration;

use analysis::vocabulary::{TlsCategory, TlsReason};
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::client::{Connector, Facts};
use super::failure::Failure;
use super::local_ca::LocalCa;
use super::mint::Minter;
use super::server::{Acceptor, Shown};
use crate::config::{CertifiedIdentity, ClientAuth, Identity, MinVersion, Roots, TlsIn, TlsOut};
use crate::io::Prefixed;

const NAME: &str = "api.example.com";
const DAY: Duration = Duration::from_secs(86_400);

struct Ca {
    params: CertificateParams,
    key: KeyPair,
    der: CertificateDer<'static>,
}

fn params(name: &str, change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = OffsetDateTime::now_utc() - DAY * 10;
    params.not_after = OffsetDateTime::now_utc() + DAY * 10;
    change(&mut params);
    params
}

fn identity(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> CertifiedIdentity {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    CertifiedIdentity { chain, key: Arc::new(key) }
}

impl Ca {
    fn new(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = params("lab root", change);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { params, key, der }
    }

    fn issue(&self, change: impl FnOnce(&mut CertificateParams)) -> CertifiedIdentity {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params(NAME, change).signed_by(&key, &issuer).unwrap();
        identity(vec![certificate.der().clone()], &key)
    }
}

fn as_it_is(_: &mut CertificateParams) {}

fn other_root(params: &mut CertificateParams) {
    params.distinguished_name.push(DnType::CommonName, "other root");
}

fn expired(params: &mut CertificateParams) {
    params.not_after = OffsetDateTime::now_utc() - DAY * 2;
}

fn listener(identity: CertifiedIdentity, clients: Option<&Ca>) -> TlsIn {
    let client_auth = clients.map(|ca| ClientAuth {
        ca: vec![ca.der.clone()],
        ca_path: "clients.pem".into(),
        required: true,
        crl: Vec::new(),
    });
    TlsIn {
        identity: Identity::Files(identity),
        client_auth,
        alpn: Vec::new(),
        min_version: MinVersion::Tls12,
    }
}

fn upstream(ca: &CertificateDer<'static>, verify: bool) -> TlsOut {
    TlsOut {
        server_name: None,
        verify,
        roots: Roots::File { path: "ca.pem".into(), certs: vec![ca.clone()] },
        alpn: Vec::new(),
        client: None,
        crl: Vec::new(),
    }
}

fn acceptor(tls: &TlsIn) -> Acceptor {
    let minter = Arc::new(Minter::new(LocalCa::ephemeral().unwrap()));
    Acceptor::new(tls, &minter).unwrap()
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
    (client.unwrap(), server.unwrap().0)
}

struct Outcome {
    out: Result<(), Failure>,
    facts: Facts,
    inside: Result<(), Failure>,
    shown: Shown,
}

/// Both sides of one handshake.
async fn handshake(tls_out: &TlsOut, tls_in: &TlsIn) -> Outcome {
    let (client, server) = sockets().await;
    let (connector, acceptor) = (Connector::new(tls_out).unwrap(), acceptor(tls_in));
    let client = async {
        let name = ServerName::try_from(NAME).unwrap();
        let (result, facts) =
            connector.connect(Prefixed::new(Vec::new(), client), name, Vec::new()).await;
        let out = match result {
            Ok(mut stream) => {
                // In TLS 1.3 a refusal of our certificate comes after the handshake.
                let _ = stream.read(&mut [0]).await;
                Ok(())
            }
            Err(failure) => Err(failure),
        };
        (out, facts)
    };
    let server = async {
        let (result, shown) = acceptor.accept(Prefixed::new(Vec::new(), server), &[]).await;
        let explain = |failure| acceptor.explain_refusal(failure, Some(NAME));
        (result.map(drop).map_err(explain), shown)
    };
    let ((out, facts), (inside, shown)) = tokio::join!(client, server);
    Outcome { out, facts, inside, shown }
}

#[track_caller]
fn assert_says(detail: &str, facts: &[&str]) {
    for fact in facts {
        assert!(detail.contains(fact), "{fact:?} is not in: {detail}");
    }
}

#[tokio::test]
async fn a_refused_upstream_is_explained_and_so_is_the_alert_to_it() {
    let ca = Ca::new(as_it_is);
    let outcome = handshake(&upstream(&ca.der, true), &listener(ca.issue(expired), None)).await;
    let failure = outcome.out.unwrap_err();
    assert_eq!(failure.reason, TlsReason::CertVerifyFailed);
    assert_eq!(failure.category, Some(TlsCategory::Expired));
    assert_says(&failure.detail, &["certificate has expired: the leaf (depth 0", "2 d 0 h ago"]);
    assert_eq!(failure.alert.as_deref(), Some("certificate_expired"));
    assert_eq!(outcome.facts.verify_result.as_deref(), Some("expired"));
    assert_eq!(outcome.facts.chain.len(), 1);
    // The other side of the same: a client refused a certificate of ours.
    let failure = outcome.inside.unwrap_err();
    assert_eq!(failure.reason, TlsReason::CertificateExpired);
    assert_says(
        &failure.detail,
        &["our certificate is at fault: certificate has expired: the leaf"],
    );
}

#[tokio::test]
async fn without_verification_the_handshake_goes_on_and_the_fault_is_told() {
    let ca = Ca::new(as_it_is);
    let unknown = |params: &mut CertificateParams| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions = vec![extension];
    };
    for (identity, result, fact) in [
        (ca.issue(expired), "expired", "certificate has expired: the leaf"),
        // rustls cannot even read this one, and could not check the handshake with it.
        (ca.issue(unknown), "other", "unhandled critical extension: the leaf"),
    ] {
        let outcome = handshake(&upstream(&ca.der, false), &listener(identity, None)).await;
        assert_eq!(outcome.out, Ok(()));
        assert_eq!(outcome.inside, Ok(()));
        assert_eq!(outcome.facts.verify_result.as_deref(), Some(result));
        assert_says(&outcome.facts.finding.unwrap().detail, &[fact]);
    }
}

#[tokio::test]
async fn a_listed_certificate_verifies_though_rustls_alone_would_refuse_it() {
    let ca = Ca::new(as_it_is);
    let listed = ca.issue(|leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let outcome =
        handshake(&upstream(&listed.chain[0].clone(), true), &listener(listed, None)).await;
    assert_eq!(outcome.out, Ok(()));
    assert_eq!(outcome.facts.verify_result.as_deref(), Some("ok"));
    assert_eq!(outcome.facts.finding, None);
}

#[tokio::test]
async fn what_only_openssl_refuses_is_a_remark() {
    let ca = Ca::new(expired);
    let outcome = handshake(&upstream(&ca.der, true), &listener(ca.issue(as_it_is), None)).await;
    assert_eq!(outcome.out, Ok(()));
    assert_eq!(outcome.facts.verify_result.as_deref(), Some("ok"));
    assert_says(
        &outcome.facts.remark.unwrap().detail,
        &["certificate has expired: the root (depth 1, CN=lab root, in upstream.ca (ca.pem))"],
    );
}

#[tokio::test]
async fn a_refused_client_is_explained_with_its_chain() {
    let (ca, other) = (Ca::new(as_it_is), Ca::new(other_root));
    for (issuer, change, category, fact) in [
        (&ca, expired as fn(&mut CertificateParams), TlsCategory::Expired, "has expired: the leaf"),
        (
            &other,
            as_it_is,
            TlsCategory::UnknownCa,
            "unable to get local issuer certificate: nobody knows 'CN=other root'",
        ),
    ] {
        let tls_out = TlsOut { client: Some(issuer.issue(change)), ..upstream(&ca.der, true) };
        let tls_in = listener(ca.issue(as_it_is), Some(&ca));
        let outcome = handshake(&tls_out, &tls_in).await;
        let failure = outcome.inside.unwrap_err();
        assert_eq!(failure.reason, TlsReason::CertVerifyFailed);
        assert_eq!(failure.category, Some(category));
        assert_says(&failure.detail, &[fact]);
        assert_eq!(outcome.shown.chain.len(), 1);
        assert_eq!(outcome.shown.verify_result.as_deref(), Some(category.as_str()));
    }
}

#[tokio::test]
async fn a_client_with_and_without_a_good_certificate() {
    let ca = Ca::new(as_it_is);
    let tls_in = listener(ca.issue(as_it_is), Some(&ca));
    let tls_out = TlsOut { client: Some(ca.issue(as_it_is)), ..upstream(&ca.der, true) };
    let outcome = handshake(&tls_out, &tls_in).await;
    assert_eq!(outcome.inside, Ok(()));
    assert_eq!(outcome.shown.verify_result.as_deref(), Some("ok"));

    let outcome = handshake(&upstream(&ca.der, true), &tls_in).await;
    let failure = outcome.inside.unwrap_err();
    assert_eq!(failure.category, Some(TlsCategory::ClientCertMissing));
    assert_says(&failure.detail, &["peer did not return a certificate"]);
    assert!(outcome.shown.chain.is_empty());
}

#[tokio::test]
async fn a_client_that_does_not_know_our_ca_is_told_from_one_that_has_a_point() {
    let (ca, namesake, other) = (Ca::new(as_it_is), Ca::new(as_it_is), Ca::new(other_root));
    let tls_in = listener(ca.issue(as_it_is), None);
    for (trusted, reason, facts) in [
        (
            other,
            TlsReason::UnknownCa,
            &["nothing is wrong with our certificate itself", "its issuer 'CN=lab root'"][..],
        ),
        (
            namesake,
            TlsReason::DecryptError,
            &["another CA, with another key, under the name of", "'CN=lab root'"],
        ),
    ] {
        let outcome = handshake(&upstream(&trusted.der, true), &tls_in).await;
        let failure = outcome.inside.unwrap_err();
        assert_eq!(failure.reason, reason);
        assert_says(&failure.detail, facts);
    }
}

/// Node.js, Java and gRPC's C core leave without an alert.
#[tokio::test]
async fn a_client_that_leaves_after_our_certificate_is_explained() {
    let ca = Ca::new(as_it_is);
    let (mut client, server) = sockets().await;
    let acceptor = acceptor(&listener(ca.issue(expired), None));
    let leave = async {
        let config = rustls::ClientConfig::builder_with_provider(super::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from(NAME).unwrap();
        let mut tls = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let mut hello = Vec::new();
        tls.write_tls(&mut hello).unwrap();
        client.write_all(&hello).await.unwrap();
        client.shutdown().await.unwrap();
        // All of our flight is read, so that what follows is a FIN, not a RST.
        let _ = client.read_to_end(&mut Vec::new()).await;
    };
    let accept = async {
        let (result, _) = acceptor.accept(Prefixed::new(Vec::new(), server), &[]).await;
        acceptor.explain_refusal(result.unwrap_err(), Some(NAME))
    };
    let ((), failure) = tokio::join!(leave, accept);
    assert_eq!(failure.reason, TlsReason::Eof);
    assert_says(
        &failure.detail,
        &["gave no alert", "our certificate is at fault: certificate has expired: the leaf"],
    );
}
