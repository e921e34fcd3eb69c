//! That `docs/records.schema.json` describes what is written: every kind of record, every word.
//!
//! A field or a word that is new in the code fails here until the schema has it too.

use jsonschema::Validator;
use serde_json::Value;

use super::*;
use crate::samples;
use crate::vocabulary::*;

const SCHEMA: &str = include_str!("../../../../docs/records.schema.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn validator() -> Validator {
    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// Records with every optional part, and with none.
fn records() -> Vec<Record> {
    let name = || Some("x".to_owned());
    let tls_in = samples::tls(|tls| {
        tls.offered =
            Some(std::sync::Arc::new(Offered { alpn: vec!["h2".into()], ..Offered::default() }));
    });
    let tls_out = samples::tls(|tls| {
        (tls.side, tls.outcome) = (Side::Out, Outcome::Fail);
        (tls.reason, tls.category) = (Some(TlsReason::UnknownCa), Some(TlsCategory::SelfSigned));
        (tls.alert, tls.alert_from) = (name(), Some(Party::Upstream));
        tls.verify_result = Some("self_signed".into());
        tls.client_cert_request =
            Some(ClientCertRequest { sent: true, ..ClientCertRequest::default() });
        tls.upstream = Some(TlsUpstream { addr: "a:1".into(), ip: None, server_name: name() });
        tls.peer_chain = vec![Certificate { san: vec!["DNS:a".into()], ..Certificate::default() }];
    });
    let call = samples::event(|event| {
        event.request.body = Some(vec![0, 1]);
        event.ttfb_ms = Some(samples::millis(3));
    });
    let websocket = samples::event(|event| {
        let message = WebSocketMessage {
            ts: samples::at(),
            direction: Flow::Downstream,
            opcode: WebSocketOpcode::Binary,
            length: 2,
            data: None,
            data_b64: Some(vec![0, 1]),
            truncated: false,
            compressed: false,
        };
        let messages = [message].into();
        event.websocket = Some(Box::new(WebSocket { messages, ..WebSocket::default() }));
    });
    let mut records = vec![
        call,
        websocket,
        samples::event(|event| event.response = Response::default()),
        samples::http1(200),
        tls_in,
        tls_out,
        samples::tls_fail(TlsCategory::Expired, "certificate has expired"),
        samples::open(),
        samples::conn(|_| {}),
    ];
    records.extend(details().into_iter().map(|detail| samples::control(Some(1), detail)));
    records
}

/// One of each variant.
fn details() -> Vec<H2Detail> {
    let setting = Setting { setting: "MAX_CONCURRENT_STREAMS".into(), old: None, new: 100 };
    vec![
        H2Detail::Settings { changed: vec![setting] },
        H2Detail::SettingsAck {},
        H2Detail::WindowUpdate { delta: 5, window: -3 },
        H2Detail::FlowBlock { scope: "stream".into(), wanted_bytes: None, window: 0 },
        H2Detail::FlowResume { scope: "connection".into(), blocked_ms: samples::millis(9) },
        H2Detail::RstStream { error_code: u32::MAX, error_name: "0xffffffff".into() },
        H2Detail::Goaway {
            error_code: 11,
            error_name: "ENHANCE_YOUR_CALM".into(),
            last_stream_id: 3,
            debug_data: "too_many_pings".into(),
        },
        H2Detail::Ping { opaque: "0000000000000001".into() },
        H2Detail::PingAck { rtt_ms: None },
        H2Detail::PushPromise { promised_stream_id: 2 },
        H2Detail::Fingerprint { h2fp: "1:65536|00|0|".into(), profile: None },
        H2Detail::ProtocolError { what: "x".into(), rfc_section: "RFC 9113 §6.5".into() },
    ]
}

#[test]
fn every_record_fits_the_schema() {
    let validator = validator();
    for record in records() {
        let json = serde_json::to_value(&record).unwrap();
        let breaches: Vec<_> = validator
            .iter_errors(&json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(breaches.is_empty(), "{json}\n{}", breaches.join("\n"));
    }
}

#[test]
fn the_samples_show_every_kind_and_every_control_event() {
    let schema = schema();
    let mut kinds: Vec<_> = records().iter().map(Record::kind).collect();
    kinds.dedup();
    for kind in schema["properties"]["kind"]["enum"].as_array().unwrap() {
        assert!(kinds.contains(&kind.as_str().unwrap()), "no sample of {kind}");
    }
    let events: Vec<_> = details().iter().map(H2Detail::event).collect();
    for event in H2Event::ALL {
        assert!(events.contains(event), "no sample of {event}");
    }
}

/// The fields of an object at some depth, each with the path to it.
fn objects(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.push((path.to_owned(), name.clone()));
                objects(&format!("{path}/{name}"), value, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(&format!("{path}/{index}"), item, found);
            }
        }
        _ => {}
    }
}

#[test]
fn no_field_may_be_missing_and_inner_objects_have_no_others() {
    let validator = validator();
    for record in records() {
        let whole = serde_json::to_value(&record).unwrap();
        let mut fields = Vec::new();
        objects("", &whole, &mut fields);
        for (path, name) in fields {
            let mut json = whole.clone();
            json.pointer_mut(&path).unwrap().as_object_mut().unwrap().remove(&name);
            // Only WebSockets have it.
            if name != "websocket" {
                assert!(!validator.is_valid(&json), "{path}/{name} is not required: {whole}");
            }
            if !path.is_empty() {
                let mut json = whole.clone();
                json.pointer_mut(&path).unwrap()["unheard_of"] = Value::Null;
                assert!(!validator.is_valid(&json), "{path} takes any field: {whole}");
            }
        }
    }
}

#[test]
fn every_top_level_field_is_described() {
    let schema = schema();
    for record in records() {
        let json = serde_json::to_value(&record).unwrap();
        for field in json.as_object().unwrap().keys() {
            let described = &schema["$defs"][record.kind()]["properties"][field];
            assert!(described.is_object(), "{}: {field} is not in the schema", record.kind());
        }
    }
}

#[test]
fn the_word_lists_are_those_of_the_code() {
    let schema = schema();
    let lists: &[(&str, &[&str])] = &[
        ("CloseReason", CloseReason::WORDS),
        ("ConnEvent", ConnEvent::WORDS),
        ("ConnFlag", ConnFlag::WORDS),
        ("EventFlag", EventFlag::WORDS),
        ("Flow", Flow::WORDS),
        ("H2Event", H2Event::WORDS),
        ("Outcome", Outcome::WORDS),
        ("Party", Party::WORDS),
        ("Protocol", Protocol::WORDS),
        ("ProxyVersion", ProxyVersion::WORDS),
        ("Side", Side::WORDS),
        ("TlsCategory", TlsCategory::WORDS),
        ("TlsReason", TlsReason::WORDS),
    ];
    for (name, words) in lists {
        assert_eq!(schema["$defs"][name]["enum"], serde_json::json!(words), "{name}");
    }
    let listed = schema["$defs"].as_object().unwrap().values();
    assert_eq!(listed.filter(|list| list["enum"].is_array()).count(), lists.len());
}
