//! Who is trusted, and what is said of those who are not.

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::tls::TLS12;
use crate::support::{ClientTls, Peer, Proxy, Records, ServerTls, Setup, Upstream, upstream};

const GET: &str = "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn ended(proxy: Proxy) -> Records {
    proxy.wait_close();
    proxy.stop()
}

/// What is wrong with a certificate: its name here, the category, the sentence to search for.
const BAD: [(&str, &str, &str); 4] = [
    ("expired", "expired", "certificate has expired"),
    ("wrong-name", "hostname_mismatch", "Hostname mismatch"),
    ("wrong-eku", "wrong_eku", "unsuitable certificate purpose"),
    ("other-server", "unknown_ca", "unable to get local issuer certificate"),
];

fn showing(identity: &'static str) -> Upstream<Option<()>> {
    Upstream::tls(ServerTls { identity, ..ServerTls::default() }, upstream::echo_paths)
}

#[test]
fn a_bad_certificate_of_the_upstream_ends_the_connection() {
    for (identity, category, sentence) in BAD {
        let upstream = showing(identity);
        let proxy = Setup::to(upstream.address).upstream_tls("server_name: localhost").start();
        let mut client = Peer::connect(proxy.address);
        client.write(GET);
        assert_eq!(client.read_end().0, b"");
        let records = ended(proxy);
        assert_close(records.close(), "proxy", "tls_out_fail");
        assert_flags(records.close(), &["upstream_tls_fail"]);
        let tls = records.tls("out");
        assert_eq!(tls["reason"], "cert_verify_failed", "{tls:#}");
        assert_eq!(tls["category"], category);
        assert_eq!(tls["verify_result"], category);
        assert_says(&tls["detail"], sentence);
        assert_says(&tls["peer_chain"][0]["subject"], identity);
    }
}

#[test]
fn without_verify_it_is_told_and_goes_on() {
    for (identity, category, _) in BAD {
        let upstream = showing(identity);
        let lenient = "server_name: localhost, verify: false";
        let proxy = Setup::to(upstream.address).upstream_tls(lenient).start();
        let mut client = Peer::connect(proxy.address);
        client.write(GET);
        client.read_until("\r\n\r\n/x");
        client.half_close();
        let records = ended(proxy);
        assert_close(records.close(), "client", "completed");
        assert_eq!(records.tls("out")["outcome"], "ok");
        assert_eq!(records.tls("out")["verify_result"], category);
    }
}

#[test]
fn the_upstream_is_asked_by_its_server_name() {
    let upstream = Upstream::tls(ServerTls::default(), |mut peer| {
        let name = peer.asked_name().map(str::to_owned);
        peer.read_end();
        peer.half_close();
        name
    });
    let proxy = Setup::to(upstream.address).upstream_tls("server_name: localhost").start();
    let mut client = Peer::connect(proxy.address);
    client.half_close();
    assert_eq!(upstream.result().unwrap().as_deref(), Some("localhost"));
    let records = ended(proxy);
    let tls = records.tls("out");
    assert_eq!(tls["upstream"]["server_name"], "localhost");
    assert_eq!(tls["upstream"]["ip"], "127.0.0.1");
    assert_eq!(tls["tls"]["version"], "TLSv1.3");
    assert_eq!(tls["verify_result"], "ok");
}

#[test]
fn a_client_below_the_least_version_is_refused() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).tls("min_version: TLS1.3").start();
    let old = ClientTls { versions: TLS12, ..ClientTls::default() };
    assert!(Peer::connect(proxy.address).tls_client(old).is_err());
    let records = ended(proxy);
    assert_close(records.close(), "proxy", "tls_in_fail");
    let tls = records.tls("in");
    assert_eq!(tls["reason"], "protocol_version");
    assert_eq!(tls["alert"], "protocol_version");
    assert_eq!(tls["offered"]["versions"], serde_json::json!(["TLSv1.2"]));
}

#[test]
fn a_client_that_does_not_trust_us_says_so_by_its_alert() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).tls("").start();
    let suspicious = ClientTls { ca: "other-ca", ..ClientTls::default() };
    assert!(Peer::connect(proxy.address).tls_client(suspicious).is_err());
    let records = ended(proxy);
    assert_close(records.close(), "client", "tls_in_fail");
    let tls = records.tls("in");
    assert_eq!((&tls["reason"], &tls["category"]), (&"unknown_ca".into(), &"unknown_ca".into()));
    assert_eq!(tls["alert_from"], "client");
}

#[test]
fn plaintext_where_tls_is_due_is_named() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).tls("").start();
    let mut client = Peer::connect(proxy.address);
    client.write(GET);
    client.read_end();
    let records = ended(proxy);
    assert_close(records.close(), "proxy", "tls_in_fail");
    assert_eq!(records.tls("in")["reason"], "not_tls");
    assert_says(&records.tls("in")["detail"], "HTTP/1.1 request");
}

#[test]
fn a_certificate_is_minted_for_the_name_that_is_asked_for() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).tls_section("alpn: [\"http/1.1\"]").start();
    let line = proxy.wait_log("must trust the local CA");
    let path = line.rsplit(' ').next().unwrap();
    assert!(path.starts_with(proxy.directory.path().to_str().unwrap()), "{line}");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(path).unwrap()).unwrap();
    for name in ["minted.test", "another.test"] {
        let config = ClientTls::default().config_trusting(roots.clone());
        let asked = ServerName::try_from(name).unwrap();
        let client = rustls::ClientConnection::new(config, asked).unwrap();
        let mut client = Peer::connect(proxy.address).tls_client_with(client).unwrap();
        client.write(GET);
        client.read_until("\r\n\r\n/x");
        client.half_close();
        client.read_end();
    }
    ended(proxy);
}
