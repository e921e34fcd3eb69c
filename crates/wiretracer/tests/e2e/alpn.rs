//! Protocols agree on both sides (ALPN, RFC 7301), whatever stands on them.
//!
//! What the upstream was offered is what its TLS was given to choose from; what it chose is what the
//! client is given.

use crate::support::records::{assert_close, assert_says};
use crate::support::{ClientTls, Peer, Records, ServerTls, Setup, Upstream, h2};

/// A list of protocols.
type Alpn = &'static [&'static str];

const H1: Alpn = &["http/1.1"];
const H2: Alpn = &["h2"];
const BOTH: Alpn = &["h2", "http/1.1"];
const NONE: Alpn = &[];

/// Who offers, allows and speaks what, and what comes of it.
struct Case {
    client: Alpn,
    /// `tls.alpn`
    listener: Alpn,
    /// `upstream.alpn`
    allowed: Alpn,
    /// The upstream's own preferences; none = it speaks plaintext.
    upstream: Option<Alpn>,
    /// What both sides get.
    agreed: Option<&'static str>,
}

#[test]
fn both_sides_get_the_same() {
    let case = |client, listener, allowed, upstream, agreed| Case {
        client,
        listener,
        allowed,
        upstream,
        agreed,
    };
    let reversed: Alpn = &["http/1.1", "h2"];
    for case in [
        // The upstream's choice is mirrored, against the order of tls.alpn.
        case(BOTH, BOTH, BOTH, Some(BOTH), Some("h2")),
        case(BOTH, BOTH, BOTH, Some(reversed), Some("http/1.1")),
        case(BOTH, BOTH, BOTH, Some(H1), Some("http/1.1")),
        case(BOTH, BOTH, BOTH, Some(H2), Some("h2")),
        // One choice is left.
        case(H1, BOTH, BOTH, Some(BOTH), Some("http/1.1")),
        case(H2, BOTH, BOTH, Some(reversed), Some("h2")),
        case(BOTH, H1, BOTH, Some(BOTH), Some("http/1.1")),
        case(BOTH, BOTH, H2, Some(BOTH), Some("h2")),
        // A plaintext upstream: by the order in tls.alpn.
        case(reversed, BOTH, BOTH, None, Some("h2")),
        case(BOTH, reversed, BOTH, None, Some("http/1.1")),
        // Whoever offers nothing gets nothing.
        case(NONE, BOTH, BOTH, Some(BOTH), None),
        case(NONE, BOTH, BOTH, None, None),
    ] {
        let (client, upstream) = agreement(&case);
        let Case { client: offered, listener, allowed, upstream: speaks, agreed } = case;
        let told = format!("{offered:?} × {listener:?} × {allowed:?} × {speaks:?}");
        assert_eq!(client.as_deref(), agreed, "the client's: {told}");
        let expected = speaks.and(agreed);
        assert_eq!(upstream.as_deref(), expected, "the upstream's: {told}");
    }
}

/// What the client and the upstream were given.
fn agreement(case: &Case) -> (Option<String>, Option<String>) {
    let speaks = case.upstream;
    let upstream = Upstream::start(move |mut peer| {
        if let Some(alpn) = speaks {
            peer = peer.tls_server(ServerTls::alpn(alpn)).unwrap();
        }
        let given = peer.alpn();
        peer.read_end();
        peer.half_close();
        given
    });
    let setup = Setup::to(upstream.address).tls(&format!("alpn: {:?}", case.listener));
    let allowed = format!("alpn: {:?}", case.allowed);
    let setup =
        if speaks.is_some() { setup.upstream_tls(&allowed) } else { setup.upstream(&allowed) };
    let proxy = setup.start();
    let mut client = Peer::connect_tls(proxy.address, ClientTls::alpn(case.client));
    client.half_close();
    client.read_end();
    let upstream = upstream.result();
    proxy.wait_close();
    let records = proxy.stop();
    assert_close(records.close(), "client", "completed");
    assert_eq!(records.tls("in")["tls"]["alpn"].as_str(), client.alpn().as_deref());
    assert_eq!(records.tls("in")["offered"]["alpn"], serde_json::json!(case.client));
    if speaks.is_some() {
        assert_eq!(records.tls("out")["tls"]["alpn"].as_str(), upstream.as_deref());
    }
    (client.alpn(), upstream)
}

#[test]
fn nothing_in_common_is_a_mismatch_that_names_both_sides() {
    for (client, listener, allowed) in [(H2, H1, BOTH), (H2, BOTH, H1)] {
        let upstream = Upstream::tls(ServerTls::alpn(BOTH), |mut peer| peer.read_end());
        let proxy = Setup::to(upstream.address)
            .tls(&format!("alpn: {listener:?}"))
            .upstream_tls(&format!("alpn: {allowed:?}"))
            .start();
        let refused = Peer::connect(proxy.address).tls_client(ClientTls::alpn(client));
        let error = refused.err().unwrap().to_string();
        assert!(error.contains("NoApplicationProtocol"), "{error}");
        let records = closed(proxy);
        assert_close(records.close(), "proxy", "alpn_mismatch");
        assert_eq!(records.tls("in")["reason"], "no_application_protocol");
        assert_eq!(records.tls("in")["alert"], "no_application_protocol");
        assert_eq!(records.tls("in")["alert_from"], "proxy");
        for part in [client, listener, allowed] {
            assert_says(&records.close()["detail"], &part.join(", "));
        }
    }
}

#[test]
fn an_upstream_that_refuses_what_it_is_offered_is_a_mismatch() {
    let upstream = Upstream::tls(ServerTls::alpn(H1), |mut peer| peer.read_end());
    let proxy = Setup::to(upstream.address).tls("").upstream_tls("alpn: [h2]").start();
    // The client was answered first, for only one choice was left.
    let mut client = Peer::connect_tls(proxy.address, ClientTls::alpn(BOTH));
    assert_eq!(client.alpn().as_deref(), Some("h2"));
    client.read_end();
    let records = closed(proxy);
    assert_close(records.close(), "upstream", "alpn_mismatch");
    assert_eq!(records.tls("out")["reason"], "no_application_protocol");
    assert_eq!(records.tls("out")["alert_from"], "upstream");
    for part in ["h2", "offer"] {
        assert_says(&records.close()["detail"], part);
    }
}

#[test]
fn a_failed_upstream_is_told_to_a_client_that_waits_for_its_answer() {
    let upstream =
        Upstream::tls(ServerTls { identity: "expired", ..ServerTls::alpn(BOTH) }, |_| ());
    let proxy = Setup::to(upstream.address).tls("").upstream_tls("").start();
    let refused = Peer::connect(proxy.address).tls_client(ClientTls::alpn(BOTH));
    let error = refused.err().unwrap().to_string();
    assert!(error.contains("InternalError"), "{error}");
    assert_close(closed(proxy).close(), "proxy", "tls_out_fail");
}

/// Plaintext and TLS on either side, with HTTP/1.1 and HTTP/2: the bytes arrive as they were sent.
#[test]
fn every_combination_carries_both_protocols() {
    for tls_in in [false, true] {
        for tls_out in [false, true] {
            for alpn in [H1, H2] {
                carry(tls_in, tls_out, alpn);
            }
        }
    }
}

fn carry(tls_in: bool, tls_out: bool, alpn: Alpn) {
    let (request, answer) = if alpn == H2 {
        let head = h2::headers(1, &[(":status", "200")], true);
        let request = [h2::PREFACE, &h2::settings(&[]), &h2::get(1, "/carried")].concat();
        (request, [h2::settings(&[]), head].concat())
    } else {
        let request = "GET /carried HTTP/1.1\r\nHOST:  odd.Case\r\n\r\n";
        (request.into(), b"HTTP/1.1 200 Fine\r\ncontent-length: 0\r\n\r\n".to_vec())
    };
    let (length, reply) = (request.len(), answer.clone());
    let upstream = Upstream::start(move |mut peer| {
        if tls_out {
            peer = peer.tls_server(ServerTls::alpn(alpn)).unwrap();
        }
        let request = peer.read_exact(length);
        peer.write(&reply);
        peer.read_end();
        peer.half_close();
        request
    });
    let setup = Setup::to(upstream.address);
    let setup = if tls_in { setup.tls("") } else { setup };
    let proxy = if tls_out { setup.upstream_tls("") } else { setup }.start();
    let mut client = Peer::connect(proxy.address);
    if tls_in {
        client = client.tls_client(ClientTls::alpn(alpn)).unwrap();
    }
    client.write(&request);
    assert_eq!(client.read_exact(answer.len()), answer);
    client.half_close();
    let told = format!("{tls_in} {tls_out} {alpn:?}");
    assert_eq!(upstream.result(), request, "{told}");
    let records = closed(proxy);
    assert_close(records.close(), "client", "completed");
    let event = records.event();
    let protocol = if alpn == H2 { "http2" } else { "http1" };
    assert_eq!(event["protocol"], protocol, "{told}");
    assert_eq!(event["request"]["path"], "/carried");
    assert_eq!(event["response"]["status"], 200);
    assert_eq!(event["tls"]["alpn"].as_str(), tls_in.then_some(alpn[0]), "{told}");
    assert_eq!(records.kind("tls").len(), usize::from(tls_in) + usize::from(tls_out));
}

fn closed(proxy: crate::support::Proxy) -> Records {
    proxy.wait_close();
    proxy.stop()
}
