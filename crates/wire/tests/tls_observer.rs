//! Whole TLS connections between OpenSSL's client and server, seen from the middle.

mod tls_support;

use proptest::prelude::*;
use tls_support::{fixture, unhex};
use wire::Direction;
use wire::tls::{ContentType, Event, Observer, ProtocolVersion, ServerHello};

/// The steps of a `.session` file: `C` or `U`, and the bytes; no bytes is the end of a direction.
fn session(name: &str) -> Vec<(Direction, Vec<u8>)> {
    fixture(name)
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (side, bytes) = line.split_at(1);
            let direction = match side {
                "C" => Direction::FromClient,
                _ => Direction::FromUpstream,
            };
            (direction, unhex(bytes))
        })
        .collect()
}

/// One line an event: who, what.
fn line(event: &Event) -> String {
    let by = |direction: &Direction| match direction {
        Direction::FromClient => 'C',
        Direction::FromUpstream => 'U',
    };
    match event {
        Event::ClientHello(hello) => {
            format!("C ClientHello {} {:?}", hello.sni.as_deref().unwrap_or("-"), hello.versions)
        }
        Event::ServerHello(hello) => server_hello(hello),
        Event::Certificate { direction, chain } => {
            let sizes: Vec<usize> = chain.iter().map(Vec::len).collect();
            format!("{} Certificate {sizes:?}", by(direction))
        }
        Event::KeyExchange { group } => format!("U KeyExchange {group}"),
        Event::CertificateRequest(request) => format!(
            "U CertificateRequest {:?} {} schemes {} names",
            request.types,
            request.schemes.len(),
            request.authorities.len()
        ),
        Event::Handshake { direction, message, length } => {
            format!("{} {message} {length}", by(direction))
        }
        Event::Alert { direction, alert: None } => format!("{} Alert encrypted", by(direction)),
        Event::Alert { direction, alert: Some(alert) } => {
            format!("{} Alert {} {}", by(direction), alert.level, alert.description)
        }
        Event::ChangeCipherSpec { direction } => format!("{} ChangeCipherSpec", by(direction)),
        Event::ApplicationData { direction, bytes } => {
            format!("{} ApplicationData {bytes}", by(direction))
        }
        Event::NotTls { direction, what } => format!("{} NotTls {what}", by(direction)),
        Event::Malformed(what) => format!("{} Malformed {what}", by(&what.direction)),
        Event::Lost(lost) => format!("{} Lost {} {}", by(&lost.direction), lost.offset, lost.why),
    }
}

fn server_hello(hello: &ServerHello) -> String {
    let group = hello.group.map_or("-".to_owned(), |group| group.to_string());
    let alpn = hello.alpn.as_deref().map_or("-".into(), String::from_utf8_lossy);
    let retry = if hello.hello_retry { " retry" } else { "" };
    format!("U ServerHello {} {} {group} {alpn}{retry}", hello.version, hello.cipher_suite)
}

/// The events of a session, every piece of it cut into pieces of `size` bytes.
fn watch(name: &str, size: usize) -> (Vec<String>, Observer) {
    let (mut observer, mut lines) = (Observer::new(), Vec::new());
    for (direction, bytes) in session(name) {
        if bytes.is_empty() {
            observer.finish(direction, |event| lines.push(line(&event)));
        }
        for piece in bytes.chunks(size) {
            observer.feed(direction, piece, |event| lines.push(line(&event)));
        }
    }
    (lines, observer)
}

#[test]
fn tls12_with_a_client_certificate() {
    let (lines, observer) = watch("tls12_mtls.session", usize::MAX);
    assert_eq!(
        lines,
        [
            "C ClientHello server.example.com [TLSv1.3, TLSv1.2, TLSv1.1, TLSv1]",
            "U ServerHello TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 - http/1.1",
            "U Certificate [302, 383]",
            "U KeyExchange x25519",
            "U CertificateRequest [rsa_sign, dss_sign, ecdsa_sign] 20 schemes 1 names",
            "U server_hello_done 4",
            "C Certificate [301, 383]",
            "C client_key_exchange 37",
            "C certificate_verify 80",
            "C ChangeCipherSpec",
            "C finished 40",
            "U new_session_ticket 506",
            "U ChangeCipherSpec",
            "U finished 40",
            "C ApplicationData 30",
            "U ApplicationData 30",
            "U Alert encrypted",
        ]
    );
    assert_eq!(observer.totals(Direction::FromClient).application_records, 1);
}

#[test]
fn tls12_without_the_client_certificate_that_was_asked_for() {
    assert_eq!(
        watch("tls12_no_client_cert.session", usize::MAX).0,
        [
            "C ClientHello server.example.com [TLSv1.3, TLSv1.2, TLSv1.1, TLSv1]",
            "U ServerHello TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 - -",
            "U Certificate [302, 383]",
            "U KeyExchange x25519",
            "U CertificateRequest [rsa_sign, dss_sign, ecdsa_sign] 20 schemes 1 names",
            "U server_hello_done 4",
            "C Certificate []",
            "C client_key_exchange 37",
            "C ChangeCipherSpec",
            "C finished 40",
            "U Alert fatal handshake_failure",
        ]
    );
}

#[test]
fn tls13_with_a_second_client_hello() {
    assert_eq!(
        watch("tls13_retry.session", usize::MAX).0,
        [
            "C ClientHello server.example.com [TLSv1.3, TLSv1.2, TLSv1.1, TLSv1]",
            "U ServerHello TLSv1.3 TLS_AES_256_GCM_SHA384 secp256r1 - retry",
            "U ChangeCipherSpec",
            "C ChangeCipherSpec",
            "C ClientHello server.example.com [TLSv1.3, TLSv1.2, TLSv1.1, TLSv1]",
            "U ServerHello TLSv1.3 TLS_AES_256_GCM_SHA384 secp256r1 -",
            "U ApplicationData 23",
            "C ApplicationData 69",
        ]
    );
}

#[test]
fn tls13_hides_its_alert_but_not_the_size_of_it() {
    let (lines, observer) = watch("tls13_no_client_cert.session", usize::MAX);
    assert_eq!(
        lines,
        [
            "C ClientHello server.example.com [TLSv1.3, TLSv1.2, TLSv1.1, TLSv1]",
            "U ServerHello TLSv1.3 TLS_AES_256_GCM_SHA384 x25519 -",
            "U ChangeCipherSpec",
            "U ApplicationData 23",
            "C ChangeCipherSpec",
            "C ApplicationData 25",
        ]
    );
    let totals = observer.totals(Direction::FromUpstream);
    assert_eq!(totals.last_record, Some((ContentType::APPLICATION_DATA, 19)));
    assert!(totals.ends_like_an_alert(ProtocolVersion::TLSV1_3));
    assert!(!totals.ends_like_an_alert(ProtocolVersion::TLSV1_2));
}

#[test]
fn a_version_that_the_server_refuses() {
    assert_eq!(
        watch("version_refused.session", usize::MAX).0,
        ["C ClientHello server.example.com [TLSv1.2]", "U Alert fatal protocol_version",]
    );
}

#[test]
fn an_upstream_that_speaks_no_tls() {
    assert_eq!(
        watch("plain_upstream.session", usize::MAX).0,
        [
            "C ClientHello server.example.com [TLSv1.3, TLSv1.2, TLSv1.1, TLSv1]",
            "U NotTls HTTP/1.1 response",
        ]
    );
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(size in 1_usize..700) {
        for name in ["tls12_mtls.session", "tls13_retry.session", "plain_upstream.session"] {
            prop_assert_eq!(watch(name, size).0, watch(name, usize::MAX).0);
        }
    }
}
