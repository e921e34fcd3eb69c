//! What handshakes do to the connection's other records.

use super::*;
use crate::outcome::Cause;
use crate::record::{ConnId, TlsUpstream};
use crate::samples;
use crate::vocabulary::TlsReason;

#[derive(Default)]
struct Kept(Vec<Record>);

impl Sink for Kept {
    fn record(&mut self, record: Record) {
        self.0.push(record);
    }

    fn count(&mut self, _metric: Metric, _n: u64) {}
}

fn session() -> Session {
    let conn = ConnId(samples::origin().conn_id.0);
    let at = Timestamp::from_micros(0);
    let identity = Identity::new(conn, "l".into(), "127.0.0.1:1".parse().unwrap(), at);
    let options = Options {
        headers: true,
        redact: Vec::new(),
        body: None,
        control_events: false,
        memory: Arc::default(),
    };
    Session::new(identity, Arc::new(options))
}

fn handshake(session: &mut Session, sink: &mut Kept, change: impl FnOnce(&mut TlsRecord)) {
    if let Record::Tls(tls) = samples::tls(change) {
        session.handshake(*tls, sink);
    }
}

#[test]
fn bytes_before_the_end_of_the_handshake_are_told_with_what_it_agreed_on() {
    let (mut session, mut sink) = (session(), Kept::default());
    let now = Timestamp::from_micros(1);
    session.begin(Application::Raw);
    session.observe(Direction::FromClient, b"\x16\x03\x01", now, &mut sink);
    handshake(&mut session, &mut sink, |tls| tls.tls.sni = Some("a.test".to_owned()));
    session.close(Cause::Parties, now, &mut sink);
    let event = sink.0.iter().find_map(|record| match record {
        Record::Event(event) => Some(event),
        _ => None,
    });
    assert_eq!(event.unwrap().tls.sni.as_deref(), Some("a.test"));
}

#[test]
fn a_timeout_is_tls_s_when_the_upstream_was_connected_to() {
    for (ip, is_tls_s) in [(None, false), (Some("10.0.0.1".to_owned()), true)] {
        let (mut session, mut sink) = (session(), Kept::default());
        handshake(&mut session, &mut sink, |tls| {
            (tls.side, tls.outcome) = (Side::Out, Outcome::Fail);
            tls.reason = Some(TlsReason::Timeout);
            tls.upstream = Some(TlsUpstream { addr: "a:1".into(), ip, server_name: None });
        });
        assert_eq!(session.flags.contains(&ConnFlag::UpstreamTlsFail), is_tls_s);
    }
}
