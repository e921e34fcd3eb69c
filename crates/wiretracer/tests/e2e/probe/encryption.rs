//! TLS: certificates, versions, ALPN, client certificates, and who does not speak it.

use super::super::support::tls::{TLS12, TLS13};
use super::super::support::upstream::Unanswering;
use super::super::support::{Peer, ServerTls, Upstream};
use super::Probed;

const HTTP1: &[&str] = &["http/1.1"];

/// Makes handshakes and then waits for the other end to leave.
fn patient(tls: ServerTls) -> Upstream<Option<Vec<u8>>> {
    Upstream::tls(tls, |mut peer: Peer| peer.read_end().0)
}

fn localhost<T>(upstream: &Upstream<T>) -> String {
    format!("localhost:{}", upstream.address.port())
}

#[test]
fn an_upstream_that_verifies_is_healthy_and_is_sent_no_request() {
    let upstream = patient(ServerTls::alpn(HTTP1));
    let probed = Probed::new(&[&localhost(&upstream)]);
    let tls = probed.is_healthy().tls();
    assert_eq!(tls["outcome"], "ok");
    assert_eq!(tls["verify_result"], "ok");
    assert_eq!(tls["agreed"]["version"], "TLSv1.3");
    assert_eq!(tls["agreed"]["alpn"], "http/1.1");
    assert_eq!(tls["agreed"]["sni"], "localhost");
    assert_eq!(tls["peer_chain"][0]["subject"], "CN=server");
    assert_eq!(tls["client_cert_request"], serde_json::Value::Null);
    for (index, version) in ["TLSv1.2", "TLSv1.3"].into_iter().enumerate() {
        assert_eq!(tls["versions"][index]["with"], version);
        assert_eq!(tls["versions"][index]["outcome"], "ok");
    }
    assert_eq!(probed.application()["protocol"], "http1");
    assert_eq!(upstream.result(), Some(Vec::new()));
}

#[test]
fn a_certificate_that_does_not_verify_is_named() {
    for (identity, category, sentence) in [
        ("expired", "expired", "certificate has expired"),
        ("wrong-name", "hostname_mismatch", "Hostname mismatch"),
        ("other-server", "unknown_ca", "unable to get local issuer certificate"),
        ("wrong-eku", "wrong_eku", "unsuitable certificate purpose"),
    ] {
        let upstream = patient(ServerTls { identity, ..ServerTls::alpn(HTTP1) });
        let probed = Probed::new(&[&localhost(&upstream)]);
        probed.is_not_healthy(sentence).is_not_healthy("cert_verify_failed");
        let tls = probed.tls();
        assert_eq!(tls["outcome"], "fail", "{identity}");
        let found = tls["category"].as_str().unwrap();
        // A doctor of chains may refine it.
        let refines = category == "unknown_ca" && found == "missing_intermediate";
        assert!(found == category || refines, "{identity}: {tls:#}");
        assert_eq!(tls["verify_result"], tls["category"]);
        assert!(!tls["peer_chain"].as_array().unwrap().is_empty());
        // The rest is looked at all the same.
        assert_eq!(tls["agreed"]["alpn"], "http/1.1");
        assert_eq!(probed.application()["protocol"], "http1");
    }
}

#[test]
fn the_name_that_would_have_fitted_is_found() {
    let upstream = patient(ServerTls { identity: "wrong-name", ..ServerTls::alpn(HTTP1) });
    let address = localhost(&upstream);
    Probed::new(&[&address]).notes("with server name other.test it works");
    let named = Probed::new(&[&address, "--server-name", "other.test"]);
    assert_eq!(named.is_healthy().tls()["agreed"]["sni"], "other.test");
}

#[test]
fn what_the_listener_overlooks_is_only_told() {
    let upstream = patient(ServerTls { identity: "expired", ..ServerTls::alpn(HTTP1) });
    let settings = format!("addr: {}\ntls: true\nverify: false", localhost(&upstream));
    let probed = Probed::with_config(&settings, &[]);
    let tls = probed.is_healthy().notes("certificate has expired").tls();
    assert_eq!((&tls["outcome"], &tls["reason"]), (&"ok".into(), &serde_json::Value::Null));
    assert_eq!(tls["verify_result"], "expired");
}

#[test]
fn the_listener_s_authority_counts() {
    let upstream = patient(ServerTls::alpn(HTTP1));
    let settings = |ca: &str| format!("addr: {}\ntls: true\nca: {ca}.pem", localhost(&upstream));
    Probed::with_config(&settings("ca"), &[]).is_healthy();
    Probed::with_config(&settings("other-ca"), &[])
        .is_not_healthy("unable to get local issuer certificate")
        .notes("with the system's authorities it works");
}

#[test]
fn a_client_certificate_that_is_wanted_is_missed() {
    for versions in [TLS12, TLS13] {
        let tls = ServerTls { client_ca: Some("ca"), versions, ..ServerTls::alpn(HTTP1) };
        let upstream = patient(tls);
        let probed = Probed::new(&[&localhost(&upstream)]);
        let tls = probed.is_not_healthy("client_cert_missing").tls();
        assert_eq!(tls["alert_from"], "upstream");
        assert_eq!(tls["client_cert_request"]["sent"], false);
        assert_eq!(tls["client_cert_request"]["ca_names"][0], "CN=Test CA");

        let settings = |name: &str| {
            let keys = format!("client_cert: {name}.pem\nclient_key: {name}.key");
            format!("addr: {}\ntls: true\n{keys}", localhost(&upstream))
        };
        let shown = Probed::with_config(&settings("client"), &[]);
        assert_eq!(shown.is_healthy().tls()["client_cert_request"]["sent"], true);
        let wrong = Probed::with_config(&settings("other-client"), &[]);
        wrong.is_not_healthy("client_cert_rejected");
    }
}

#[test]
fn a_certificate_that_may_be_missing_is_not_missed() {
    let upstream = patient(ServerTls {
        client_ca: Some("ca"),
        client_required: false,
        ..ServerTls::alpn(HTTP1)
    });
    Probed::new(&[&localhost(&upstream)])
        .is_healthy()
        .notes("asked for a client certificate and did without");
}

#[test]
fn a_version_that_is_not_spoken_is_told() {
    for (versions, missing) in [(TLS12, "TLSv1.3"), (TLS13, "TLSv1.2")] {
        let upstream = patient(ServerTls { versions, ..ServerTls::alpn(HTTP1) });
        let probed = Probed::new(&[&localhost(&upstream)]);
        probed.is_healthy().notes(&format!("{missing} does not work"));
    }
}

#[test]
fn the_protocol_that_would_have_been_spoken_is_found() {
    let upstream = patient(ServerTls::alpn(HTTP1));
    let settings = format!("addr: {}\ntls: true\nalpn: [h2]", localhost(&upstream));
    let probed = Probed::with_config(&settings, &[]);
    probed
        .is_not_healthy("no_application_protocol")
        .notes("with no ALPN it works")
        .notes("with ALPN http/1.1 it works (TLSv1.3, ALPN http/1.1)");
}

#[test]
fn an_upstream_without_alpn_is_healthy() {
    let upstream = patient(ServerTls::default());
    let probed = Probed::new(&[&localhost(&upstream), "--timeout", "5"]);
    probed.is_healthy().notes("chose none of the protocols offered");
    assert_eq!(probed.application()["ended"], "timeout");
}

#[test]
fn plaintext_where_tls_is_due_is_quoted() {
    let upstream = Upstream::start(|mut peer: Peer| {
        peer.try_read_exact(5);
        // Some of our attempts have left already.
        let _ = peer.try_write(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.read_end();
    });
    let address = localhost(&upstream);
    Probed::new(&[&address, "--tls"])
        .is_not_healthy("not_tls: the upstream answered the ClientHello with an HTTP/1.1 response")
        .notes("it speaks plaintext, not TLS: spoken to without TLS it answers");
    let found = Probed::new(&[&address]);
    found.is_healthy().notes("it speaks plaintext, not TLS");
    assert_eq!(found.application()["encrypted"], false);
    assert_eq!(found.application()["protocol"], "http1");
}

#[test]
fn tls_where_plaintext_is_spoken_is_found() {
    let upstream = patient(ServerTls::alpn(HTTP1));
    let settings = format!("addr: {}\ntls: false", localhost(&upstream));
    Probed::with_config(&settings, &[])
        .is_not_healthy("it speaks TLS, and is spoken to in plaintext")
        .notes("with TLS it works");
}

#[test]
fn who_never_answers_is_not_waited_for_longer_than_said() {
    let silent = Upstream::start(|mut peer: Peer| peer.read_end().0);
    let probed = Probed::new(&[&localhost(&silent), "--timeout", "0.2", "--tls"]);
    probed.is_not_healthy("timeout: the upstream did not finish the handshake in 200ms");
    let probed = Probed::new(&[&localhost(&silent), "--timeout", "0.2"]);
    probed.is_not_healthy("timeout");
    let probed = Probed::new(&[&localhost(&silent), "--timeout", "0.2", "--plaintext"]);
    probed.is_not_healthy("it accepted the connection and said nothing in time");

    let unanswering = Unanswering::start();
    let probed = Probed::new(&[&unanswering.address.to_string(), "--timeout", "0.2"]);
    probed.is_not_healthy("did not answer");
    assert_eq!(probed.address()["connect"]["outcome"], "timeout");
}
