//! What OpenSSL does not do in the recorded sessions: breaches, limits, ends in the middle.

use super::*;
use crate::tls::{CertificateRequest, ProtocolVersion, ServerHello};

use Direction::{FromClient, FromUpstream};

fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16).to_be_bytes();
    [&[content_type, 3, 3], &length[..], content].concat()
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

/// A server_hello message without extensions.
fn server_hello(version: u16, suite: u16, session_id: &[u8]) -> Vec<u8> {
    let body = [
        &version.to_be_bytes()[..],
        &[7; 32],
        &[session_id.len() as u8],
        session_id,
        &suite.to_be_bytes(),
        &[0],
    ]
    .concat();
    handshake(2, &body)
}

fn watch(steps: &[(Direction, &[u8])]) -> Vec<Event> {
    let (mut observer, mut events) = (Observer::new(), Vec::new());
    for (direction, bytes) in steps {
        observer.feed(*direction, bytes, |event| events.push(event));
    }
    for direction in Direction::BOTH {
        observer.finish(direction, |event| events.push(event));
    }
    events
}

/// The sentences and places of what is malformed, and of what was lost.
fn complaints(steps: &[(Direction, &[u8])]) -> Vec<String> {
    let complaint = |event| match event {
        Event::Malformed(malformed) => Some(malformed.to_string()),
        Event::Lost(lost) => Some(format!("lost at {}: {}", lost.offset, lost.why)),
        _ => None,
    };
    watch(steps).into_iter().filter_map(complaint).collect()
}

#[test]
fn breaches_are_told_and_survived() {
    let server_hello = server_hello(0x0303, 0xc02f, &[]);
    let twice = [record(22, b"\x0e\0\0\0"), record(22, &server_hello)].concat();
    assert_eq!(
        complaints(&[(FromClient, &twice)]),
        [
            "server_hello_done sent by the client (RFC 8446 §4, byte 0)",
            "server_hello sent by the client (RFC 8446 §4, byte 9)",
        ]
    );
    let broken = record(22, &handshake(1, &[3, 3]));
    assert_eq!(
        complaints(&[(FromClient, &[&broken[..], &broken].concat())]),
        [
            "ClientHello ends inside its version, random or session id (RFC 8446 §4.1.2, byte 0)",
            "ClientHello ends inside its version, random or session id (RFC 8446 §4.1.2, byte 11)",
        ]
    );
    let chain = record(22, &handshake(11, &[0, 0, 4, 0, 0, 9, 1]));
    assert_eq!(
        complaints(&[(FromUpstream, &chain)]),
        ["Certificate does not have the structure of one (RFC 5246 §7.4.2, byte 0)",]
    );
    assert_eq!(
        complaints(&[(FromUpstream, &record(22, &[]))]),
        ["handshake record without content (RFC 8446 §5.1, byte 0)",]
    );
}

#[test]
fn after_nonsense_the_direction_is_ignored() {
    let good = record(23, b"data");
    let bytes = [&good[..], b"GET / HTTP/1.1\r\n", &good].concat();
    assert_eq!(
        complaints(&[(FromClient, &bytes), (FromClient, &good)]),
        [
            "record of unknown type 71 (RFC 8446 §5.1, byte 9)",
            "lost at 9: record of unknown type 71",
        ]
    );
}

#[test]
fn a_message_over_the_limit_is_not_kept() {
    assert_eq!(
        complaints(&[(FromUpstream, &record(22, b"\x0b\x04\0\0"))]),
        ["lost at 0: certificate of 262148 bytes; at most 262144 are read",]
    );
}

#[test]
fn an_end_in_the_middle_says_of_what() {
    let hello = record(22, &handshake(1, &[0; 300]));
    let table: &[(&[u8], &str)] = &[
        (&hello[..105], "partial client_hello: 100 of 304 bytes (RFC 8446 §6.1, byte 0)"),
        (&hello[..7], "partial client_hello: 2 bytes (RFC 8446 §6.1, byte 0)"),
        (&hello[..3], "ended inside a record header (RFC 8446 §6.1, byte 0)"),
        (
            b"\x17\x03\x03\0\x09abc",
            "partial application_data record: 3 of 9 bytes (RFC 8446 §6.1, byte 0)",
        ),
    ];
    for (bytes, complaint) in table {
        assert_eq!(complaints(&[(FromClient, bytes)]), [*complaint]);
    }
    assert_eq!(watch(&[]), []);
    let what = r#"unrecognised bytes "GE""#.to_owned();
    assert_eq!(watch(&[(FromClient, b"GE")]), [Event::NotTls { direction: FromClient, what }]);
}

#[test]
fn change_cipher_spec_encrypts_in_tls12_only() {
    let finished = record(22, b"\x14\0\0\x0cfinished here");
    let after = |version| {
        let hello = record(22, &server_hello(version, 0xc02f, &[]));
        let rest = [record(20, &[1]), finished.clone(), record(21, &[1, 0])].concat();
        let alert = |event| match event {
            Event::Alert { alert, .. } => Some(alert.map(|alert| alert.description.to_string())),
            _ => None,
        };
        watch(&[(FromUpstream, &hello), (FromClient, &rest)]).into_iter().find_map(alert)
    };
    assert_eq!(after(0x0303), Some(None));
    assert_eq!(after(0x0304), Some(Some("close_notify".to_owned())));
}

#[test]
fn an_alert_in_pieces_and_two_in_one_record() {
    let bytes = [record(21, &[1]), record(21, &[90, 2, 80])].concat();
    let alerts: Vec<String> = watch(&[(FromUpstream, &bytes)])
        .into_iter()
        .map(|event| match event {
            Event::Alert { alert: Some(alert), .. } => {
                format!("{} {}", alert.level, alert.description)
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(alerts, ["warning user_canceled", "fatal internal_error"]);
}

#[test]
fn certificate_request_of_tls11_has_no_schemes() {
    let body = [1, 64, 0, 5, 0, 3, b'D', b'E', b'R'];
    let request = CertificateRequest::parse(&body, ProtocolVersion::TLSV1_1).unwrap();
    assert_eq!((request.types.len(), request.schemes.len()), (1, 0));
    assert_eq!(request.authorities, [b"DER"]);
    assert!(CertificateRequest::parse(&body, ProtocolVersion::TLSV1_2).is_err());
}

#[test]
fn tls12_resumption_is_the_session_id_sent_back() {
    let message = [&[3, 3][..], &[5; 32], &[2, 8, 9], &[0, 2, 0x13, 1], &[1, 0]].concat();
    let client = crate::tls::ClientHello::parse(&message).unwrap();
    let server = |id: &[u8]| ServerHello::parse(&server_hello(0x0303, 0x1301, id)[4..]).unwrap();
    assert!(server(&[8, 9]).resumes(&client));
    assert!(!server(&[9, 9]).resumes(&client));
    assert!(!server(&[]).resumes(&client));
}

#[test]
fn totals_count_every_record() {
    let mut observer = Observer::new();
    let bytes = [record(23, &[0; 20]), record(23, &[0; 7]), record(21, &[1, 0])].concat();
    observer.feed(FromUpstream, &bytes, |_| {});
    let totals = observer.totals(FromUpstream);
    assert_eq!((totals.bytes, totals.records), (bytes.len() as u64, 3));
    assert_eq!((totals.application_records, totals.application_bytes), (2, 27));
    assert!(totals.ends_like_an_alert(ProtocolVersion::TLSV1_2));
    assert_eq!(observer.totals(FromClient), Totals::default());
}
