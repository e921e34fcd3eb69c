//! Names are the contract's, every metric has a place of its own, and records are counted right.

use std::collections::HashSet;
use std::sync::Arc;

use super::*;
use crate::record::{
    ConnId, ConnRecord, EventRecord, EventTls, H2CtlRecord, H2Detail, Millis, Origin, Record,
    RecordId, Request, Response, Seconds, TlsParameters, TlsRecord,
};
use crate::vocabulary::*;

fn origin() -> Origin {
    let conn = ConnId("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
    Origin {
        id: RecordId { conn, ordinal: 1 },
        listener: "grpc".into(),
        client_ip: "10.0.0.5".into(),
        client_port: Some(4242),
        conn_id: conn,
    }
}

fn event(protocol: Protocol, status: Option<u16>, grpc_status: Option<u32>) -> Record {
    Record::Event(Box::new(EventRecord {
        origin: origin(),
        ts_start: Seconds::default(),
        ts_end: Seconds::default(),
        upstream_addr: None,
        protocol,
        tls: Arc::new(EventTls::default()),
        request: Request::default(),
        response: Response { status, grpc_status, ..Response::default() },
        bytes_in: 5,
        bytes_out: 6,
        ttfb_ms: None,
        duration_ms: Millis::default(),
        messages_in: 0,
        messages_out: 0,
        flags: Vec::new(),
        error: None,
        websocket: None,
    }))
}

fn tls(side: Side, outcome: Outcome, category: Option<TlsCategory>) -> Record {
    Record::Tls(Box::new(TlsRecord {
        origin: origin(),
        ts: Seconds::default(),
        side,
        outcome,
        reason: None,
        category,
        detail: None,
        alert: None,
        alert_from: None,
        duration_ms: Millis::default(),
        tls: TlsParameters::default(),
        verify_result: None,
        client_cert_request: None,
        offered: None,
        fingerprints: None,
        upstream: None,
        peer_chain: Vec::new(),
    }))
}

fn conn(event: ConnEvent, close_reason: Option<CloseReason>) -> Record {
    Record::Conn(Box::new(ConnRecord {
        origin: origin(),
        ts: Seconds::default(),
        upstream_addr: None,
        event,
        proxy_version: ProxyVersion::None,
        proxy_src: None,
        proxy_dst: None,
        wait_ms: None,
        closed_by: None,
        close_reason,
        detail: None,
        duration_ms: None,
        bytes_in: 100,
        bytes_out: 200,
        flags: Vec::new(),
        path: None,
    }))
}

fn h2ctl() -> Record {
    Record::H2Ctl(Box::new(H2CtlRecord {
        origin: origin(),
        ts: Seconds::default(),
        direction: Flow::Upstream,
        stream_id: None,
        detail: H2Detail::SettingsAck {},
    }))
}

#[test]
fn every_metric_has_a_place_and_a_name_of_its_own() {
    let places: Vec<_> = Metric::all().map(Metric::place).collect();
    assert_eq!(places, (0..Metric::COUNT).collect::<Vec<_>>());
    let names: HashSet<_> = Metric::all().map(Metric::name).collect();
    assert_eq!(names.len(), Metric::COUNT);
}

#[test]
fn untouched_counters_show_the_contract_s_names_without_families() {
    let names: Vec<_> =
        Counters::new().snapshot().into_iter().map(|(name, _)| name.into_owned()).collect();
    let expected = "connections_accepted connections_denied connections_active maxconn_wait \
        tls_in_ok tls_in_fail tls_out_ok tls_out_fail http_requests h2_streams_opened \
        h2_streams_reset_in h2_streams_reset_out h2_goaway_in h2_goaway_out h2_flow_block \
        h2_protocol_error bytes_in bytes_out records records_dropped";
    assert_eq!(names.join(" "), expected);
}

/// What a record adds to fresh counters.
fn counted(record: &Record) -> String {
    let counters = Counters::new();
    count(record, &counters);
    let seen = counters.values().filter(|(_, value)| *value > 0);
    seen.map(|(metric, value)| format!("{}={value}", metric.name())).collect::<Vec<_>>().join(" ")
}

#[test]
fn records_are_counted() {
    use Outcome::{Fail, Ok};
    let cases = [
        (event(Protocol::Http1, Some(503), None), "http_requests=1 http_status_5xx=1"),
        (event(Protocol::Http2, None, None), "http_requests=1"),
        (event(Protocol::Websocket, Some(101), None), "http_requests=1 http_status_1xx=1"),
        (
            event(Protocol::Grpc, Some(200), Some(14)),
            "http_requests=1 http_status_2xx=1 grpc_status_14=1",
        ),
        (event(Protocol::Grpc, None, Some(17)), "http_requests=1 grpc_status_other=1"),
        (event(Protocol::Grpc, None, Some(u32::MAX)), "http_requests=1 grpc_status_other=1"),
        (event(Protocol::Http1, Some(u16::MAX), None), "http_requests=1 http_status_9xx=1"),
        (event(Protocol::Raw, None, None), ""),
        (tls(Side::In, Ok, None), "tls_in_ok=1"),
        (tls(Side::In, Fail, None), "tls_in_fail=1"),
        (tls(Side::Out, Ok, Some(TlsCategory::Expired)), "tls_out_ok=1"),
        (
            tls(Side::Out, Fail, Some(TlsCategory::SelfSigned)),
            "tls_out_fail=1 tls_fail_self_signed=1",
        ),
        (conn(ConnEvent::Open, None), ""),
        (
            conn(ConnEvent::Close, Some(CloseReason::UpstreamRst)),
            "bytes_in=100 bytes_out=200 close_upstream_rst=1",
        ),
        (conn(ConnEvent::Close, None), "bytes_in=100 bytes_out=200"),
        (h2ctl(), ""),
    ];
    for (record, expected) in cases {
        assert_eq!(counted(&record), expected, "{record:?}");
    }
}

#[test]
fn a_connection_is_active_until_it_is_dropped() {
    let counters = Arc::new(Counters::new());
    let first = counters.active();
    let second = counters.active();
    assert_eq!(counters.get(Metric::ConnectionsActive), 2);
    drop(first);
    assert_eq!(counters.get(Metric::ConnectionsActive), 1);
    drop(second);
    assert_eq!(counters.get(Metric::ConnectionsActive), 0);
}

#[test]
fn a_name_keeps_its_counters_and_global_is_the_sum() {
    let metrics = Metrics::new();
    metrics.listener(&"a".into()).add(Metric::ConnectionsAccepted, 2);
    metrics.listener(&"b".into()).add(Metric::ConnectionsAccepted, 3);
    metrics.listener(&"a".into()).add(Metric::ConnectionsAccepted, 4);
    assert_eq!(metrics.listeners().len(), 2);
    assert_eq!(metrics.global().get(Metric::ConnectionsAccepted), 9);
}

#[test]
fn text_shows_the_sum_first_and_says_what_codes_mean() {
    let metrics = Metrics::new();
    let counters = metrics.listener(&"grpc-mitm".into());
    counters.add(Metric::ConnectionsAccepted, 42);
    counters.add(Metric::GrpcStatus(14), 8);
    let text = metrics.text();
    assert!(text.starts_with("GLOBAL:\n  connections_accepted: 42\n"), "{text}");
    let (_, listener) = text.split_once("\ngrpc-mitm:\n").unwrap();
    assert!(listener.starts_with("  connections_accepted: 42\n"), "{text}");
    assert!(listener.contains("\n  grpc_status_14: 8    # UNAVAILABLE\n"), "{text}");
}
