//! What the rows say, to the letter.

use super::*;
use crate::record::{H2Detail, Setting};
use crate::samples::{conn, control, event, goaway, http1, millis, open, tls, tls_fail};
use crate::vocabulary::{
    CloseReason, ConnEvent, ConnFlag, EventFlag, Party, TlsCategory, TlsReason,
};

/// The columns in one line: proto, code, what, duration, flags.
fn columns(record: &Record) -> String {
    let row = Row::of(record);
    let duration = row.duration.map(|duration| ShortMillis(duration.0).to_string());
    [row.proto, &row.code, &row.what, duration.as_deref().unwrap_or_default(), &row.flags]
        .into_iter()
        .filter(|column| !column.is_empty())
        .collect::<Vec<_>>()
        .join("  ")
}

fn assert_columns(table: impl IntoIterator<Item = (Record, &'static str, Severity)>) {
    for (record, expected, severe) in table {
        assert_eq!(columns(&record), expected);
        assert_eq!(severity(&record), severe, "{expected}");
    }
}

#[test]
fn connections() {
    let closed = |reason, detail: &str| {
        conn(|conn| {
            conn.close_reason = Some(reason);
            conn.detail = Some(detail.into());
            conn.flags = vec![ConnFlag::ClientFin, ConnFlag::UpstreamFin];
        })
    };
    let wait = conn(|conn| {
        conn.event = ConnEvent::Wait;
        conn.wait_ms = Some(millis(125));
        (conn.duration_ms, conn.flags) = (None, vec![]);
    });
    let lost = conn(|conn| {
        conn.closed_by = Some(Party::Client);
        conn.close_reason = Some(CloseReason::Completed);
        conn.flags = vec![ConnFlag::DecoderLostIn];
    });
    assert_columns([
        (wait, "conn  wait  wait 125ms", Severity::Warning),
        (open(), "conn  open  open -> 127.0.0.1:50052", Severity::Normal),
        (
            conn(|_| ()),
            "conn  close  close proxy:client_idle_timeout  1250ms  client_idle_timeout",
            Severity::Warning,
        ),
        (
            closed(CloseReason::Completed, "the client left without a byte"),
            "conn  close  close proxy:completed — the client left without a byte  1250ms  client_fin,upstream_fin",
            Severity::Normal,
        ),
        (
            closed(CloseReason::UpstreamConnectFail, "connection refused: 127.0.0.1:50052"),
            "conn  close  close proxy:upstream_connect_fail — connection refused  1250ms  \
             client_fin,upstream_fin",
            Severity::Error,
        ),
        (
            closed(CloseReason::ProxyIdleTimeout, "policy.idle_timeout = 120 s"),
            "conn  close  close proxy:proxy_idle_timeout  1250ms  client_fin,upstream_fin",
            Severity::Error,
        ),
        (
            closed(CloseReason::Denied, "policy.allowlist"),
            "conn  close  close proxy:denied  1250ms  client_fin,upstream_fin",
            Severity::Error,
        ),
        (
            lost,
            "conn  close  close client:completed — policy.idle_timeout = 120 s  1250ms  decoder_lost_in",
            Severity::Warning,
        ),
    ]);
}

#[test]
fn handshakes() {
    let not_tls = tls(|tls| {
        tls.outcome = crate::vocabulary::Outcome::Fail;
        tls.reason = Some(TlsReason::NotTls);
        tls.detail = Some("HTTP/1.1 request: GET / HTTP/1.1".into());
        tls.tls = Default::default();
    });
    let unverified = tls(|tls| {
        tls.tls.resumed = Some(true);
        tls.verify_result = Some("expired".into());
    });
    assert_columns([
        (
            tls_fail(
                TlsCategory::UnknownCa,
                "unable to get local issuer certificate: CN=a was issued by CN=b",
            ),
            "tls  fail  out cert_verify_failed [unknown_ca | unable to get local issuer certificate] \
             TLSv1.3 TLS_AES_256_GCM_SHA384  3ms",
            Severity::Error,
        ),
        (
            tls(|_| ()),
            "tls  ok  in h2 TLSv1.3 TLS_AES_128_GCM_SHA256 sni=api.example  3ms",
            Severity::Normal,
        ),
        (not_tls, "tls  fail  in not_tls [HTTP/1.1 request]  3ms", Severity::Error),
        (
            unverified,
            "tls  ok  in h2 TLSv1.3 TLS_AES_128_GCM_SHA256 sni=api.example  3ms  \
             resumed,verify_result=expired",
            Severity::Warning,
        ),
    ]);
}

#[test]
fn control_events() {
    let rst = |code, name: &'static str| H2Detail::RstStream {
        error_code: code,
        error_name: name.into(),
    };
    let block = |wanted_bytes, scope: &'static str| H2Detail::FlowBlock {
        scope: scope.into(),
        wanted_bytes,
        window: 0,
    };
    let setting = |name: &'static str, old, new| Setting { setting: name.into(), old, new };
    let settings = H2Detail::Settings {
        changed: vec![
            setting("INITIAL_WINDOW_SIZE", Some(65_535), 1_048_576),
            setting("MAX_CONCURRENT_STREAMS", None, 100),
        ],
    };
    let fault = H2Detail::ProtocolError {
        what: "DATA on a closed stream".into(),
        rfc_section: "RFC 9113 §6.1".into(),
    };
    assert_columns([
        (
            control(Some(5), rst(8, "CANCEL")),
            "h2ctl  RST_STREAM  upstream RST_STREAM stream=5 CANCEL(8)",
            Severity::Warning,
        ),
        (
            control(Some(5), rst(2, "INTERNAL_ERROR")),
            "h2ctl  RST_STREAM  upstream RST_STREAM stream=5 INTERNAL_ERROR(2)",
            Severity::Error,
        ),
        (
            goaway(),
            "h2ctl  GOAWAY  upstream GOAWAY ENHANCE_YOUR_CALM(11) last=7 \"too_many_pings\"",
            Severity::Error,
        ),
        (
            control(None, settings),
            "h2ctl  SETTINGS  upstream SETTINGS INITIAL_WINDOW_SIZE 65535→1048576 \
             MAX_CONCURRENT_STREAMS none→100",
            Severity::Normal,
        ),
        (
            control(Some(3), block(Some(98_304), "stream")),
            "h2ctl  FLOW_BLOCK  upstream FLOW_BLOCK stream=3 wants 98304 B window=0",
            Severity::Warning,
        ),
        (
            control(None, block(None, "connection")),
            "h2ctl  FLOW_BLOCK  upstream FLOW_BLOCK connection window=0",
            Severity::Warning,
        ),
        (
            control(Some(3), H2Detail::WindowUpdate { delta: 9, window: -1 }),
            "h2ctl  WINDOW_UPDATE  upstream WINDOW_UPDATE stream=3 +9 window=-1",
            Severity::Normal,
        ),
        (
            control(None, H2Detail::PingAck { rtt_ms: Some(millis(12)) }),
            "h2ctl  PING_ACK  upstream PING_ACK rtt 12ms",
            Severity::Normal,
        ),
        (
            control(Some(1), fault),
            "h2ctl  PROTOCOL_ERROR  upstream PROTOCOL_ERROR stream=1 DATA on a closed stream \
             (RFC 9113 §6.1)",
            Severity::Error,
        ),
    ]);
}

#[test]
fn exchanges() {
    let cut = event(|event| {
        event.response.grpc_status = None;
        event.flags = vec![EventFlag::Cut];
        event.error = Some("the upstream left".into());
    });
    let gateway = event(|event| {
        event.response.grpc_status = None;
        event.response.status = Some(502);
        event.flags.clear();
    });
    assert_columns([
        (
            event(|_| ()),
            "grpc  14 UNAVAILABLE  POST /pkg.Svc/Method — grpc-status 14 UNAVAILABLE  1250ms  \
             trailers_only,flow_blocked",
            Severity::Error,
        ),
        (cut, "grpc  -  POST /pkg.Svc/Method — the upstream left  1250ms  cut", Severity::Error),
        (
            gateway,
            "grpc  502  POST /pkg.Svc/Method — grpc-status 14 UNAVAILABLE  1250ms",
            Severity::Error,
        ),
        (http1(204), "http1  204  GET /  1250ms", Severity::Normal),
        (http1(404), "http1  404  GET /  1250ms", Severity::Warning),
        (
            event(|event| {
                event.protocol = crate::vocabulary::Protocol::Raw;
                (event.request, event.response) = Default::default();
                (event.flags, event.error) = (vec![], None);
            }),
            "raw  -  -> 127.0.0.1:50052  1250ms",
            Severity::Normal,
        ),
    ]);
    assert_eq!(Row::of(&event(|_| ())).bytes, Some((300, 2048)));
    assert_eq!(Row::of(&open()).bytes, None);
}

#[test]
fn the_line_has_everything_in_columns() {
    assert_eq!(
        line(&event(|_| ())),
        "22:13:20.250  099a8057  grpc-mitm     10.0.0.5:4242          grpc       14 UNAVAILABLE  \
         POST /pkg.Svc/Method — grpc-status 14 UNAVAILABLE            1250ms  300/2048 B        \
         trailers_only,flow_blocked"
    );
    assert_eq!(
        line(&open()),
        "22:13:20.250  099a8057  grpc-mitm     10.0.0.5:4242          conn       open            \
         open -> 127.0.0.1:50052"
    );
}

#[test]
fn nothing_from_the_network_reaches_the_line_unescaped() {
    const EVIL: &str = "a\x1b[2J\u{202e}\r\nb";
    let records = [
        event(|event| {
            event.request.method = Some(EVIL.into());
            event.request.path = Some(EVIL.into());
            event.error = Some(EVIL.into());
            event.origin.client_ip = EVIL.into();
        }),
        tls(|tls| {
            tls.tls.sni = Some(EVIL.into());
            tls.tls.alpn = Some(EVIL.into());
            tls.verify_result = Some(EVIL.into());
        }),
        tls_fail(TlsCategory::Other, EVIL),
        control(
            None,
            H2Detail::Goaway {
                error_code: 0,
                error_name: EVIL.into(),
                last_stream_id: 0,
                debug_data: EVIL.into(),
            },
        ),
        conn(|conn| {
            conn.close_reason = Some(CloseReason::ProxyProtocolError);
            conn.detail = Some(EVIL.into());
        }),
    ];
    for record in records {
        let line = line(&record);
        assert!(!line.contains(['\x1b', '\u{202e}', '\r', '\n']), "{line}");
        assert!(line.contains(r"a\x1b[2J\u{202e}\x0d"), "{line}");
        let mut text = String::new();
        write_text(&record, &mut text);
        assert!(!text.contains(['\x1b', '\u{202e}', '\r', '\n']), "{text}");
    }
}

#[test]
fn durations_keep_about_three_digits() {
    for (micros, text) in [
        (0, "0ms"),
        (4, "0ms"),
        (5, "0.01ms"),
        (250, "0.25ms"),
        (1_000, "1ms"),
        (1_255, "1.26ms"),
        (9_999, "10ms"),
        (12_500, "12.5ms"),
        (99_960, "100ms"),
        (125_400, "125ms"),
        (1_250_499, "1250ms"),
    ] {
        assert_eq!(ShortMillis(Duration::from_micros(micros)).to_string(), text, "{micros}");
    }
}
