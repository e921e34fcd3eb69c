//! Records for tests: each function gives a plain one, and the test changes what it is about.

use std::sync::Arc;
use std::time::Duration;

use wire::Timestamp;

use crate::record::*;
use crate::vocabulary::*;

/// The connection of every sample.
pub(crate) const CONN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub(crate) fn origin() -> Origin {
    let conn = ConnId(CONN.parse().unwrap());
    Origin {
        id: RecordId { conn, ordinal: 7 },
        listener: "grpc-mitm".into(),
        client_ip: "10.0.0.5".into(),
        client_port: Some(4242),
        conn_id: conn,
    }
}

pub(crate) fn millis(millis: u64) -> Millis {
    Millis(Duration::from_millis(millis))
}

/// 2023-11-14 22:13:20.250 UTC.
pub(crate) fn at() -> Seconds {
    Seconds(Timestamp::from_micros(1_700_000_000_250_000))
}

/// A gRPC call that the upstream refused.
pub(crate) fn event(change: impl FnOnce(&mut EventRecord)) -> Record {
    let mut event = EventRecord {
        origin: origin(),
        ts_start: at(),
        ts_end: at(),
        upstream_addr: Some("127.0.0.1:50052".into()),
        protocol: Protocol::Grpc,
        tls: Arc::new(EventTls {
            sni: Some("api.example".into()),
            alpn: Some("h2".into()),
            version: Some("TLSv1.3".into()),
            cipher: Some("TLS_AES_128_GCM_SHA256".into()),
        }),
        request: Request {
            method: Some("POST".into()),
            path: Some("/pkg.Svc/Method".into()),
            authority: Some("api.example:443".into()),
            stream_id: Some(5),
            grpc_service: Some("pkg.Svc".into()),
            grpc_method: Some("Method".into()),
            headers: [("user-agent", "grpc-go/1.80"), ("x-tag", "a"), ("X-Tag", "b")]
                .into_iter()
                .collect(),
            ..Request::default()
        },
        response: Response {
            status: Some(200),
            grpc_status: Some(14),
            trailers: [("grpc-status", "14"), ("x-region", "eu 1")].into_iter().collect(),
            ..Response::default()
        },
        bytes_in: 300,
        bytes_out: 2048,
        ttfb_ms: None,
        duration_ms: millis(1_250),
        messages_in: 1,
        messages_out: 0,
        flags: vec![EventFlag::TrailersOnly, EventFlag::FlowBlocked],
        error: Some("grpc-status 14 UNAVAILABLE".into()),
        websocket: None,
    };
    change(&mut event);
    Record::Event(Box::new(event))
}

/// A plain `GET /` that went well.
pub(crate) fn http1(status: u16) -> Record {
    event(|event| {
        event.protocol = Protocol::Http1;
        event.tls = Arc::default();
        event.request = Request {
            method: Some("GET".into()),
            path: Some("/".into()),
            authority: Some("web.example".into()),
            ..Request::default()
        };
        event.response = Response { status: Some(status), ..Response::default() };
        event.flags.clear();
        event.error = None;
    })
}

/// A handshake with the client that went well.
pub(crate) fn tls(change: impl FnOnce(&mut TlsRecord)) -> Record {
    let mut tls = TlsRecord {
        origin: origin(),
        ts: at(),
        side: Side::In,
        outcome: Outcome::Ok,
        reason: None,
        category: None,
        detail: None,
        alert: None,
        alert_from: None,
        duration_ms: millis(3),
        tls: TlsParameters {
            sni: Some("api.example".into()),
            alpn: Some("h2".into()),
            version: Some("TLSv1.3".into()),
            cipher: Some("TLS_AES_128_GCM_SHA256".into()),
            group: Some("X25519".into()),
            resumed: Some(false),
        },
        verify_result: None,
        client_cert_request: None,
        offered: None,
        fingerprints: Some(Arc::new(Fingerprints {
            ja3: Some("e7d705a3286e19ea42f587b344ee6865".into()),
            ja4: Some("t13d1516h2_8daaf6152771_e5627efa2ab1".into()),
            ech: true,
            ech_len: Some(186),
            ..Fingerprints::default()
        })),
        upstream: None,
        peer_chain: Vec::new(),
    };
    change(&mut tls);
    Record::Tls(Box::new(tls))
}

/// A handshake with the upstream whose certificate did not verify.
pub(crate) fn tls_fail(category: TlsCategory, detail: &str) -> Record {
    tls(|tls| {
        tls.side = Side::Out;
        tls.outcome = Outcome::Fail;
        tls.reason = Some(TlsReason::CertVerifyFailed);
        tls.category = Some(category);
        tls.detail = Some(detail.into());
        tls.alert = Some("unknown_ca".into());
        tls.alert_from = Some(Party::Proxy);
        tls.tls = TlsParameters {
            version: Some("TLSv1.3".into()),
            cipher: Some("TLS_AES_256_GCM_SHA384".into()),
            ..TlsParameters::default()
        };
        tls.fingerprints = None;
        tls.upstream = Some(TlsUpstream {
            addr: "upstream.example:443".into(),
            ip: Some("192.0.2.7:443".into()),
            server_name: Some("upstream.example".into()),
        });
    })
}

/// A control event from the upstream.
pub(crate) fn control(stream_id: Option<u32>, detail: H2Detail) -> Record {
    let direction = Flow::Upstream;
    Record::H2Ctl(Box::new(H2CtlRecord {
        origin: origin(),
        ts: at(),
        direction,
        stream_id,
        detail,
    }))
}

pub(crate) fn goaway() -> Record {
    control(
        None,
        H2Detail::Goaway {
            error_code: 11,
            error_name: "ENHANCE_YOUR_CALM".into(),
            last_stream_id: 7,
            debug_data: "too_many_pings".into(),
        },
    )
}

/// A connection that was closed for being idle.
pub(crate) fn conn(change: impl FnOnce(&mut ConnRecord)) -> Record {
    let mut conn = ConnRecord {
        origin: origin(),
        ts: at(),
        upstream_addr: Some("127.0.0.1:50052".into()),
        event: ConnEvent::Close,
        proxy_version: ProxyVersion::V2,
        proxy_src: Some("10.0.0.5:4242".into()),
        proxy_dst: Some("192.0.2.1:443".into()),
        wait_ms: None,
        closed_by: Some(Party::Proxy),
        close_reason: Some(CloseReason::ClientIdleTimeout),
        detail: Some("policy.idle_timeout = 120 s".into()),
        duration_ms: Some(millis(1_250)),
        bytes_in: 517,
        bytes_out: 4096,
        flags: vec![ConnFlag::ClientIdleTimeout],
        path: Some("/last".into()),
    };
    change(&mut conn);
    Record::Conn(Box::new(conn))
}

/// A connection that was accepted.
pub(crate) fn open() -> Record {
    conn(|conn| {
        conn.event = ConnEvent::Open;
        conn.proxy_version = ProxyVersion::None;
        (conn.proxy_src, conn.proxy_dst, conn.path) = (None, None, None);
        (conn.closed_by, conn.close_reason, conn.detail) = (None, None, None);
        conn.duration_ms = None;
        (conn.bytes_in, conn.bytes_out) = (0, 0);
        conn.flags.clear();
    })
}
