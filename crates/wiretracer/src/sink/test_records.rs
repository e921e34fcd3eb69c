//! Small records for the tests of sinks and recorders.

use std::sync::Arc;

use analysis::record::{
    ConnId, EventRecord, EventTls, H2CtlRecord, H2Detail, Millis, Origin, Record, RecordId,
    Request, Response, Seconds,
};
use analysis::vocabulary::{Flow, Protocol};

fn origin(listener: &str, ordinal: u32) -> Origin {
    let conn = ConnId(uuid::Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057));
    Origin {
        id: RecordId { conn, ordinal },
        listener: listener.into(),
        client_ip: "127.0.0.1".into(),
        client_port: Some(4242),
        conn_id: conn,
    }
}

fn exchange(listener: &str, ordinal: u32) -> EventRecord {
    EventRecord {
        origin: origin(listener, ordinal),
        ts_start: Seconds::default(),
        ts_end: Seconds::default(),
        upstream_addr: None,
        protocol: Protocol::Http1,
        tls: Arc::new(EventTls::default()),
        request: Request::default(),
        response: Response { status: Some(200), ..Response::default() },
        bytes_in: 0,
        bytes_out: 0,
        ttfb_ms: None,
        duration_ms: Millis::default(),
        messages_in: 0,
        messages_out: 0,
        flags: Vec::new(),
        error: None,
        websocket: None,
    }
}

/// An exchange that went well.
pub(crate) fn event(listener: &str, ordinal: u32) -> Record {
    Record::Event(Box::new(exchange(listener, ordinal)))
}

/// An exchange that went well, with a body of so many bytes.
pub(crate) fn heavy_event(listener: &str, ordinal: u32, bytes: usize) -> Record {
    let mut event = exchange(listener, ordinal);
    event.request.body = Some(vec![0; bytes]);
    Record::Event(Box::new(event))
}

/// An exchange that did not go well.
pub(crate) fn failed_event(listener: &str, ordinal: u32) -> Record {
    let mut event = exchange(listener, ordinal);
    event.error = Some("client reset the stream".into());
    Record::Event(Box::new(event))
}

/// A control event.
pub(crate) fn h2ctl(listener: &str, ordinal: u32) -> Record {
    Record::H2Ctl(Box::new(H2CtlRecord {
        origin: origin(listener, ordinal),
        ts: Seconds::default(),
        direction: Flow::Upstream,
        stream_id: None,
        detail: H2Detail::SettingsAck {},
    }))
}

/// The ordinals of the records in a JSONL text, every line of which must be a record.
pub(crate) fn ordinals(text: &str) -> Vec<u32> {
    assert!(text.is_empty() || text.ends_with('\n'), "half a line at the end: {text:?}");
    let record = |line| serde_json::from_str::<Record>(line).expect(line);
    text.lines().map(|line| record(line).origin().id.ordinal).collect()
}
