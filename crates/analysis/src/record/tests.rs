//! The JSON shape, to the letter, and that what is written can be read again.

use std::sync::Arc;
use std::time::Duration;

use wire::Timestamp;
use wire::http::Fields;

use super::*;
use crate::vocabulary::*;

fn origin() -> Origin {
    let conn = ConnId("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
    Origin {
        id: RecordId { conn, ordinal: 7 },
        listener: "grpc".into(),
        client_ip: "10.0.0.5".into(),
        client_port: Some(4242),
        conn_id: conn,
    }
}

fn at(micros: u64) -> Seconds {
    Seconds(Timestamp::from_micros(micros))
}

fn event() -> Record {
    let mut fields = Fields::new();
    fields.push(b"x-a", b"1");
    fields.push(b"X-A", b"\xff\x00z");
    Record::Event(Box::new(EventRecord {
        origin: origin(),
        ts_start: at(1_700_000_000_000_001),
        ts_end: at(1_700_000_000_250_000),
        upstream_addr: Some("127.0.0.1:50052".into()),
        protocol: Protocol::Grpc,
        tls: Arc::new(EventTls { alpn: Some("h2".into()), ..EventTls::default() }),
        request: Request {
            path: Some("/a.B/C".into()),
            headers: fields,
            body: Some(vec![1, 2, 255]),
            ..Request::default()
        },
        response: Response { status: Some(200), grpc_status: Some(14), ..Response::default() },
        bytes_in: 3,
        bytes_out: 0,
        ttfb_ms: None,
        duration_ms: Millis(Duration::from_micros(249_999)),
        messages_in: 1,
        messages_out: 0,
        flags: vec![EventFlag::TrailersOnly],
        error: Some("grpc-status 14 UNAVAILABLE".into()),
        websocket: None,
    }))
}

#[test]
fn an_event_has_the_contract_s_field_names_and_forms() {
    let json = serde_json::to_value(event()).unwrap();
    assert_eq!(json["kind"], "event");
    assert_eq!(json["id"], "01890a5d-ac96-774b-bcce-b302099a8057.7");
    assert_eq!(json["ts_start"].to_string(), "1700000000.000001");
    assert_eq!(json["duration_ms"].to_string(), "249.999");
    assert_eq!(json["request"]["headers"][1][1], "\\xff\u{0}z");
    assert_eq!(json["request"]["body_b64"], "AQL/");
    assert_eq!(json["response"]["body_b64"], serde_json::Value::Null);
    assert_eq!(json["response"]["grpc_status"], 14);
    assert_eq!(json["flags"][0], "trailers_only");
    assert_eq!(json["tls"]["alpn"], "h2");
}

#[test]
fn what_is_written_can_be_read_again() {
    let details = [
        H2Detail::Settings {
            changed: vec![Setting {
                setting: "INITIAL_WINDOW_SIZE".into(),
                old: Some(65535),
                new: 0,
            }],
        },
        H2Detail::SettingsAck {},
        H2Detail::WindowUpdate { delta: 5, window: -3 },
        H2Detail::FlowBlock { scope: "stream".into(), wanted_bytes: None, window: 0 },
        H2Detail::FlowResume {
            scope: "connection".into(),
            blocked_ms: Millis(Duration::from_millis(9)),
        },
        H2Detail::RstStream { error_code: 8, error_name: "CANCEL".into() },
        H2Detail::Goaway {
            error_code: 11,
            error_name: "ENHANCE_YOUR_CALM".into(),
            last_stream_id: 3,
            debug_data: "too_many_pings".into(),
        },
        H2Detail::Ping { opaque: "0000000000000001".into() },
        H2Detail::PingAck { rtt_ms: None },
        H2Detail::PushPromise { promised_stream_id: 2 },
        H2Detail::Fingerprint { h2fp: "1:65536|00|0".into(), profile: None },
        H2Detail::ProtocolError { what: "x".into(), rfc_section: "RFC 9113 §6.5".into() },
    ];
    let controls = details.into_iter().map(|detail| {
        Record::H2Ctl(Box::new(H2CtlRecord {
            origin: origin(),
            ts: at(5),
            direction: Flow::Upstream,
            stream_id: Some(1),
            detail,
        }))
    });
    for record in controls.chain([event()]) {
        let line = serde_json::to_string(&record).unwrap();
        let mut read: Record = serde_json::from_str(&line).unwrap();
        if let Record::Event(event) = &mut read {
            let mut headers = Fields::new();
            headers.push(b"x-a", b"1");
            headers.push(b"X-A", b"\xff\x00z");
            assert_ne!(event.request.headers, headers, "escaped bytes stay escaped");
            event.request.headers = headers;
        }
        assert_eq!(read, record, "{line}");
    }
}

#[test]
fn every_word_reads_back_as_itself() {
    for &word in CloseReason::ALL {
        assert_eq!(word.as_str().parse(), Ok(word));
    }
    for &word in TlsReason::ALL {
        assert_eq!(word.as_str().parse(), Ok(word));
    }
    assert!("nonsense".parse::<ConnFlag>().is_err());
    assert!(TlsCategory::SelfSigned.refines(TlsCategory::UnknownCa));
    assert!(!TlsCategory::UnknownCa.refines(TlsCategory::SelfSigned));
}
