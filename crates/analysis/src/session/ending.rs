//! How a connection ends, and what that does to its exchanges.
//!
//! ```text
//! upstream FIN ─► a response that is not complete never will be: cut, at once
//! client FIN ───► the upstream may still answer: cut when the connection closes
//! RST, timeout, shutdown ─► close ─► all that is open is cut
//! ```

use wire::decoder::PerDirection;
use wire::{Direction, Timestamp};

use super::exchange::Exchange;
use super::{Session, Sink};
use crate::outcome::{self, Cause, Ending, Facts, Judgement, judge};
use crate::record::{Millis, Record};
use crate::vocabulary::{CloseReason, ConnEvent, ConnFlag, EventFlag};

/// What is said of TLS on a listener that has no `tls:` section.
const UNOPENED_TLS: &str = "the client sent a TLS ClientHello where plaintext was due: the bytes went \
                            through unopened (a tls: section ends TLS, tls.mode: passthrough watches \
                            its handshake)";

impl Session {
    /// One party stopped sending.
    pub fn ended(
        &mut self,
        direction: Direction,
        ending: Ending,
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        self.facts.note_ending(direction, ending, now);
        for flag in ending_flags(direction, ending) {
            self.flag(*flag);
        }
        if self.ended[direction].replace(ending).is_some() || ending == Ending::Rst {
            return;
        }
        self.finish_decoding(direction, ending, now, sink);
        if direction == Direction::FromUpstream {
            self.cut_unanswered(now, sink);
        }
    }

    /// The end: whatever is still open is closed by it, then `conn close`.
    pub fn close(mut self, cause: Cause, now: Timestamp, sink: &mut dyn Sink) {
        self.settle_decoding(sink);
        self.facts.cut += self.exchanges.values().filter(|exchange| exchange.is_cut()).count();
        self.facts.unopened = self.unopened();
        let judgement = judge(cause, &self.facts);
        for (_, mut exchange) in std::mem::take(&mut self.exchanges) {
            self.end_exchange(&mut exchange, &judgement);
            self.emit(exchange, now, sink);
        }
        if let Some(flag) = timeout_flag(judgement.reason) {
            self.flag(flag);
        }
        self.flags.sort_unstable();
        let mut record = self.conn_record(ConnEvent::Close, now);
        record.closed_by = Some(judgement.closed_by);
        record.close_reason = Some(judgement.reason);
        record.detail = judgement
            .detail
            .or_else(|| self.silent_departure())
            .or_else(|| self.unopened_tls.then(|| UNOPENED_TLS.to_owned()));
        record.duration_ms = Some(Millis(now.since(self.identity.accepted)));
        record.flags = std::mem::take(&mut self.flags);
        record.path = self.last_path.take();
        sink.record(Record::Conn(record));
    }

    /// What never came, if the connection ends before there was anything to be in flight.
    fn unopened(&self) -> Option<&'static str> {
        let silent = self.bytes == PerDirection::default();
        let left_by = self.facts.first().map(|(ender, _)| ender);
        if silent && left_by == Some(Direction::FromUpstream) {
            return Some("not a byte had come from either side");
        }
        let is_asked = self.bytes[Direction::FromClient] > 0;
        (self.awaits_settings && is_asked).then_some("the upstream's SETTINGS had not come")
    }

    /// What it usually means that a client leaves after its TLS handshake without a single byte.
    fn silent_departure(&self) -> Option<String> {
        let has_left = self.facts.first().is_some_and(|(by, _)| by == Direction::FromClient);
        if !has_left || self.tls.version.is_none() || self.bytes[Direction::FromClient] > 0 {
            return None;
        }
        let why = match (&self.tls.alpn, self.offered_alpn) {
            (None, true) => "no application protocol was agreed on, which gRPC clients insist on",
            (_, _) => {
                "it may not accept the host name in our certificate (curl and gRPC C-core leave like \
                 this), or it was a health check"
            }
        };
        Some(format!("the client left after the TLS handshake without sending a byte: {why}"))
    }

    /// The upstream said its last: whoever still waits for an answer waits in vain.
    fn cut_unanswered(&mut self, now: Timestamp, sink: &mut dyn Sink) {
        let unanswered: Vec<_> = self
            .exchanges
            .iter()
            .filter(|(_, exchange)| exchange.is_cut())
            .map(|(stream, _)| *stream)
            .collect();
        if unanswered.is_empty() {
            return;
        }
        self.facts.cut += unanswered.len();
        let judgement = judge(Cause::Parties, &self.facts);
        for stream in unanswered {
            if let Some(mut exchange) = self.exchanges.remove(&stream) {
                self.end_exchange(&mut exchange, &judgement);
                self.emit(exchange, now, sink);
            }
        }
    }

    /// The connection ends while an exchange is open.
    fn end_exchange(&self, exchange: &mut Exchange, judgement: &Judgement) {
        if !exchange.is_cut() {
            return;
        }
        exchange.flag(EventFlag::Cut);
        let mut error = outcome::cut(judgement, exchange.stage(), &self.facts);
        if let Some(unfinished) = exchange.websocket.as_ref().and_then(|w| w.unfinished()) {
            error = format!("{error}: {unfinished}");
        }
        // A client that has no other use for a connection drops it when its deadline is over.
        let left = self.facts.left_first(Direction::FromClient);
        if left.is_some_and(|at| exchange.is_past_deadline(at)) {
            exchange.flag(EventFlag::DeadlineExceeded);
            error = format!("deadline exceeded: {error}");
        }
        exchange.fail(error);
    }
}

/// What was not followed to its end failed for sure if the client had left before.
pub(super) fn cut_by_client(exchange: &mut Exchange, facts: &Facts) {
    if facts.left_first(Direction::FromClient).is_some() {
        let mut facts = facts.clone();
        facts.cut += 1;
        let judgement = judge(Cause::Parties, &facts);
        exchange.flag(EventFlag::Cut);
        exchange.fail(outcome::cut(&judgement, exchange.stage(), &facts));
    }
}

const fn ending_flags(direction: Direction, ending: Ending) -> &'static [ConnFlag] {
    match (direction, ending) {
        (Direction::FromClient, Ending::Fin) => &[ConnFlag::ClientFin],
        (Direction::FromClient, Ending::FinWithoutCloseNotify) => {
            &[ConnFlag::ClientFin, ConnFlag::ClientNoCloseNotify]
        }
        (Direction::FromClient, Ending::Rst) => &[ConnFlag::ClientRst],
        (Direction::FromUpstream, Ending::Fin) => &[ConnFlag::UpstreamFin],
        (Direction::FromUpstream, Ending::FinWithoutCloseNotify) => {
            &[ConnFlag::UpstreamFin, ConnFlag::UpstreamNoCloseNotify]
        }
        (Direction::FromUpstream, Ending::Rst) => &[ConnFlag::UpstreamRst],
    }
}

const fn timeout_flag(reason: CloseReason) -> Option<ConnFlag> {
    match reason {
        CloseReason::ClientReadTimeout => Some(ConnFlag::ClientReadTimeout),
        CloseReason::UpstreamReadTimeout => Some(ConnFlag::UpstreamReadTimeout),
        CloseReason::ClientIdleTimeout => Some(ConnFlag::ClientIdleTimeout),
        CloseReason::ProxyIdleTimeout => Some(ConnFlag::ProxyIdleTimeout),
        CloseReason::UpstreamConnectTimeout => Some(ConnFlag::UpstreamConnectTimeout),
        CloseReason::UpstreamHandshakeTimeout => Some(ConnFlag::UpstreamHandshakeTimeout),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::metrics::Metric;
    use crate::record::{ConnId, Offered};
    use crate::samples;
    use crate::session::{Application, Identity, Options};
    use crate::vocabulary::{Outcome, Side};

    /// Keeps the detail of `conn close`.
    #[derive(Default)]
    struct Detail(Option<String>);

    impl Sink for Detail {
        fn record(&mut self, record: Record) {
            if let Record::Conn(conn) = record {
                self.0 = conn.detail;
            }
        }

        fn count(&mut self, _: Metric, _: u64) {}
    }

    /// The detail when the client leaves after a handshake that agreed on `alpn`, having sent
    /// `bytes`.
    fn detail(alpn: Option<&str>, bytes: &[u8]) -> Option<String> {
        let at = Timestamp::from_micros;
        let conn = ConnId(samples::origin().conn_id.0);
        let peer = "127.0.0.1:1".parse().unwrap();
        let identity = Identity::new(conn, "l".into(), peer, at(0));
        let options = Options {
            headers: true,
            redact: Vec::new(),
            body: None,
            control_events: false,
            memory: Arc::default(),
        };
        let mut session = Session::new(identity, Arc::new(options));
        let mut sink = Detail::default();
        let Record::Tls(hello) = samples::tls(|tls| {
            (tls.side, tls.outcome) = (Side::In, Outcome::Ok);
            tls.tls.version = Some("TLSv1.3".to_owned());
            tls.tls.alpn = alpn.map(str::to_owned);
            let offered = Offered { alpn: vec!["h2".to_owned()], ..Offered::default() };
            tls.offered = Some(Arc::new(offered));
        }) else {
            panic!("a tls record");
        };
        session.handshake(*hello, &mut sink);
        session.begin(Application::Unknown);
        session.observe(Direction::FromClient, bytes, at(1), &mut sink);
        session.ended(Direction::FromClient, Ending::Fin, at(2), &mut sink);
        session.close(Cause::Parties, at(3), &mut sink);
        sink.0
    }

    #[test]
    fn tls_where_plaintext_is_due_is_named() {
        let mut hello = vec![0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0];
        hello.extend([0; 8]);
        assert!(detail(None, &hello).is_some_and(|detail| detail.contains("ClientHello")));
        assert_eq!(detail(None, b"not TLS\r\n"), None);
    }

    #[test]
    fn a_client_that_leaves_without_a_byte_has_its_reasons_told() {
        assert!(detail(Some("h2"), b"").is_some_and(|detail| detail.contains("host name")));
        assert!(detail(None, b"").is_some_and(|detail| detail.contains("application protocol")));
        assert_eq!(detail(None, b"x"), None);
    }
}
