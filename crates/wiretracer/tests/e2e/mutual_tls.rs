//! Client certificates: the client's, and ours to the upstream.

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::tls::{TLS12, TLS13, Versions};
use crate::support::{ClientTls, Peer, Proxy, Records, ServerTls, Setup, Upstream, upstream};

const GET: &str = "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

fn ended(proxy: Proxy) -> Records {
    proxy.wait_close();
    proxy.stop()
}

/// Tries to get an answer: over TLS 1.3 a client learns only afterwards that it was refused.
fn call(proxy: &Proxy, tls: ClientTls) -> Option<String> {
    let mut client = Peer::connect(proxy.address).tls_client(tls).ok()?;
    client.try_write(GET.as_bytes()).ok()?;
    let head = client.next_head();
    client.half_close();
    head
}

fn requiring() -> (Proxy, Upstream<()>) {
    let upstream = Upstream::start(upstream::echo_paths);
    let required = "require_client_cert: true, client_ca: ca.pem";
    (Setup::to(upstream.address).tls(required).start(), upstream)
}

#[test]
fn a_client_with_the_right_certificate_is_let_in() {
    for versions in [TLS12, TLS13] {
        let (proxy, _upstream) = requiring();
        let tls = ClientTls { identity: Some("client"), versions, ..ClientTls::default() };
        assert!(call(&proxy, tls).is_some());
        let records = ended(proxy);
        let tls = records.tls("in");
        assert_eq!((&tls["outcome"], &tls["verify_result"]), (&"ok".into(), &"ok".into()));
        assert_says(&tls["peer_chain"][0]["subject"], "client");
        assert_close(records.close(), "client", "completed");
    }
}

#[test]
fn a_client_without_certificate_is_refused() {
    for versions in [TLS12, TLS13] {
        let (proxy, _upstream) = requiring();
        assert_eq!(call(&proxy, ClientTls { versions, ..ClientTls::default() }), None);
        let records = ended(proxy);
        assert_close(records.close(), "proxy", "tls_in_fail");
        assert_flags(records.close(), &["client_tls_fail"]);
        let tls = records.tls("in");
        assert_eq!(tls["reason"], "certificate_required");
        assert_eq!(tls["category"], "client_cert_missing");
        assert_eq!(tls["alert_from"], "proxy");
    }
}

#[test]
fn a_client_of_another_authority_is_refused() {
    let (proxy, _upstream) = requiring();
    let tls = ClientTls { identity: Some("other-client"), ..ClientTls::default() };
    assert_eq!(call(&proxy, tls), None);
    let records = ended(proxy);
    assert_close(records.close(), "proxy", "tls_in_fail");
    let tls = records.tls("in");
    assert_eq!(tls["reason"], "cert_verify_failed");
    assert_eq!(tls["category"], "unknown_ca");
    assert_says(&tls["detail"], "unable to get local issuer certificate");
    assert_eq!(tls["alert"], "unknown_ca");
}

/// An upstream that requires a certificate of `ca`.
fn demanding(versions: Versions) -> Upstream<Option<()>> {
    let tls = ServerTls { client_ca: Some("ca"), versions, ..ServerTls::default() };
    Upstream::tls(tls, upstream::echo_paths)
}

fn plain_call(proxy: &Proxy) -> Option<String> {
    let mut client = Peer::connect(proxy.address);
    client.write(GET);
    let head = client.next_head();
    client.half_close();
    client.read_end();
    head
}

#[test]
fn our_certificate_is_shown_to_an_upstream_that_asks() {
    for versions in [TLS12, TLS13] {
        let upstream = demanding(versions);
        let identity = "client_cert: client.pem, client_key: client.key";
        let proxy = Setup::to(upstream.address).upstream_tls(identity).start();
        assert!(plain_call(&proxy).is_some());
        let records = ended(proxy);
        let request = &records.tls("out")["client_cert_request"];
        assert_eq!(request["sent"], true);
        assert_says(&request["ca_names"][0], "Test CA");
        let schemes = request["signature_schemes"].as_array().unwrap();
        assert!(schemes.contains(&"ecdsa_secp256r1_sha256".into()), "{schemes:?}");
        assert_close(records.close(), "client", "completed");
    }
}

#[test]
fn a_certificate_that_we_lack_ends_tls_1_2_in_its_handshake() {
    let upstream = demanding(TLS12);
    let proxy = Setup::to(upstream.address).upstream_tls("").start();
    assert_eq!(plain_call(&proxy), None);
    let records = ended(proxy);
    assert_eq!(records.close()["close_reason"], "tls_out_fail");
    let tls = records.tls("out");
    assert_eq!(tls["outcome"], "fail");
    assert_eq!(tls["alert_from"], "upstream");
    assert_eq!(tls["client_cert_request"]["sent"], false);
    assert_eq!(tls["category"], "client_cert_missing");
}

#[test]
fn a_certificate_that_we_lack_ends_tls_1_3_after_its_handshake() {
    let upstream = demanding(TLS13);
    let proxy = Setup::to(upstream.address).upstream_tls("").start();
    assert_eq!(plain_call(&proxy), None);
    let records = ended(proxy);
    assert_close(records.close(), "upstream", "tls_out_fail");
    assert_flags(records.close(), &["upstream_tls_fail"]);
    let handshake = records.one("tls", |record| record["outcome"] == "ok");
    assert_eq!(handshake["client_cert_request"]["sent"], false);
    let refusal = records.one("tls", |record| record["outcome"] == "fail");
    assert_eq!(refusal["side"], "out");
    assert_eq!(refusal["reason"], "certificate_required");
    assert_eq!(refusal["category"], "client_cert_missing");
    assert_eq!(refusal["alert"], "certificate_required");
    for field in ["client_cert_request", "upstream"] {
        assert_eq!(refusal[field], handshake[field]);
    }
    assert_eq!(refusal["tls"]["sni"], handshake["tls"]["sni"]);
    assert_says(&refusal["detail"], "upstream.client_cert");
    assert_eq!(refusal["alert_from"], "upstream");
    assert_says(&records.event()["error"], "tls_out_fail");
}

#[test]
fn a_certificate_that_the_upstream_rejects() {
    for versions in [TLS12, TLS13] {
        let upstream = demanding(versions);
        let identity = "client_cert: other-client.pem, client_key: other-client.key";
        let proxy = Setup::to(upstream.address).upstream_tls(identity).start();
        assert_eq!(plain_call(&proxy), None);
        let records = ended(proxy);
        assert_close(records.close(), "upstream", "tls_out_fail");
        let refusal = records.one("tls", |record| record["outcome"] == "fail");
        assert_eq!(refusal["category"], "client_cert_rejected");
        assert_eq!(refusal["alert"], "unknown_ca");
    }
}
