//! One connection: what was seen on it becomes its records.
//!
//! The owner of the sockets calls, in this order:
//!
//! 1. [`Session::waited`], [`Session::proxy`], [`Session::opened`], [`Session::handshake`] as the
//!    connection comes into being;
//! 2. [`Session::begin`] once the application protocol is known, then [`Session::observe`] for every
//!    chunk that was read, [`Session::ended`] when a direction ends;
//! 3. [`Session::stalled_since`] and [`Session::is_between_requests`] when it checks the timeouts;
//! 4. [`Session::close`], once. It consumes the session, so nothing can follow it.
//!
//! ```text
//!            ┌ Detecting ┐ first bytes
//! begin ────►│           ├────► Http1 │ Http2 │ Raw ──► exchanges ──► EventRecord
//!            └───────────┘                 └──────────────────────────► H2CtlRecord
//! ```
//!
//! Records leave through a [`Sink`]; the session never waits for anybody.

mod capture;
mod control;
mod detect;
mod ending;
mod exchange;
mod http;
mod identity;
mod memory;
mod protocol;
#[cfg(test)]
mod tests;
mod tunnel;
mod waiting;
mod websocket;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wire::decoder::PerDirection;
use wire::{Direction, Timestamp};

pub use capture::Options;
pub use identity::{Identity, ProxyClaim};
pub use memory::Memory;
pub use protocol::Application;

use crate::metrics::Metric;
use crate::outcome::{Ending, Facts};
use crate::record::{ConnRecord, EventTls, Millis, Origin, Record, Seconds, TlsRecord};
use crate::vocabulary::{ConnEvent, ConnFlag, EventFlag, Outcome, Side};
use capture::Budget;
use exchange::Exchange;
use protocol::Decoding;

/// Where records and counts go.
pub trait Sink {
    /// Takes a record. Must not block.
    fn record(&mut self, record: Record);
    /// Counts something that has no record of its own.
    fn count(&mut self, metric: Metric, n: u64);
}

/// The state of one connection.
#[derive(Debug)]
pub struct Session {
    identity: Identity,
    options: Arc<Options>,
    ordinal: u32,
    upstream_addr: Option<Arc<str>>,
    tls: Arc<EventTls>,
    /// Whether the client's hello offered protocols.
    offered_alpn: bool,
    /// The client spoke TLS where we do not end it.
    unopened_tls: bool,
    wait: Option<Millis>,
    decoding: Decoding,
    exchanges: BTreeMap<u64, Exchange>,
    budget: Budget,
    /// Which directions are not followed any more.
    lost: PerDirection<bool>,
    blocks: PerDirection<Blocks>,
    /// The last stream that each side's GOAWAY leaves to the other.
    goaway: PerDirection<Option<u32>>,
    websockets: usize,
    /// HTTP/2 is spoken, and the upstream's part of the preface has not come.
    awaits_settings: bool,
    bytes: PerDirection<u64>,
    last_io: PerDirection<Timestamp>,
    ended: PerDirection<Option<Ending>>,
    flags: Vec<ConnFlag>,
    facts: Facts,
    last_path: Option<String>,
}

impl Session {
    /// A connection that was just accepted.
    pub fn new(identity: Identity, options: Arc<Options>) -> Self {
        let accepted = identity.accepted;
        let budget = Budget::new(Arc::clone(&options.memory));
        Self {
            identity,
            options,
            ordinal: 0,
            upstream_addr: None,
            tls: Arc::default(),
            offered_alpn: false,
            unopened_tls: false,
            wait: None,
            decoding: Decoding::default(),
            exchanges: BTreeMap::new(),
            budget,
            lost: PerDirection::default(),
            blocks: PerDirection::default(),
            goaway: PerDirection::default(),
            websockets: 0,
            awaits_settings: false,
            bytes: PerDirection::default(),
            last_io: PerDirection([accepted; 2]),
            ended: PerDirection::default(),
            flags: Vec::new(),
            facts: Facts::default(),
            last_path: None,
        }
    }

    /// Who the connection is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The connection had to wait for a place; `conn wait`.
    pub fn waited(&mut self, wait: Duration, now: Timestamp, sink: &mut dyn Sink) {
        self.wait = Some(Millis(wait));
        let record = self.conn_record(ConnEvent::Wait, now);
        sink.record(Record::Conn(record));
        sink.count(Metric::MaxconnWait, 1);
    }

    /// What the PROXY protocol detection found. From here on the client is the one it claims.
    pub fn proxy(&mut self, claim: ProxyClaim) {
        self.identity.claim(claim);
    }

    /// The connection is about to be served; `conn open`.
    pub fn opened(&mut self, upstream_addr: Arc<str>, now: Timestamp, sink: &mut dyn Sink) {
        self.upstream_addr = Some(upstream_addr);
        let record = self.conn_record(ConnEvent::Open, now);
        sink.record(Record::Conn(record));
    }

    /// The upstream's address, once the connection is open.
    pub fn upstream_addr(&self) -> Option<Arc<str>> {
        self.upstream_addr.clone()
    }

    /// A handshake is over, or failed after it was. The session fills the record's origin in.
    pub fn handshake(&mut self, mut record: TlsRecord, sink: &mut dyn Sink) {
        record.origin = self.origin();
        match (record.side, record.outcome) {
            (Side::In, Outcome::Ok) => {
                let tls = &record.tls;
                self.offered_alpn =
                    record.offered.as_ref().is_some_and(|offered| !offered.alpn.is_empty());
                self.tls = Arc::new(EventTls {
                    sni: tls.sni.clone(),
                    alpn: tls.alpn.clone(),
                    version: tls.version.clone(),
                    cipher: tls.cipher.clone(),
                });
            }
            (Side::Out, Outcome::Ok) => {}
            (Side::In, Outcome::Fail) => self.flag(ConnFlag::ClientTlsFail),
            // An upstream that was never reached did not fail at TLS.
            (Side::Out, Outcome::Fail) if record.is_unreached() => {}
            (Side::Out, Outcome::Fail) => self.flag(ConnFlag::UpstreamTlsFail),
        }
        sink.record(Record::Tls(Box::new(record)));
    }

    /// The application protocol is known, or is to be told by the first bytes.
    pub fn begin(&mut self, application: Application) {
        self.awaits_settings = application == Application::Http2;
        self.decoding = Decoding::new(application);
    }

    /// Plaintext that was read from one party and goes to the other.
    pub fn observe(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        if bytes.is_empty() {
            return;
        }
        self.bytes[direction] += bytes.len() as u64;
        self.last_io[direction] = now;
        self.decode(direction, bytes, now, sink);
    }

    /// Whether a direction has ended.
    pub fn has_ended(&self, direction: Direction) -> bool {
        self.ended[direction].is_some()
    }

    /// Notes a transport fact for the `conn close` record.
    pub fn flag(&mut self, flag: ConnFlag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }

    /// The last byte in either direction.
    pub fn last_activity(&self) -> Timestamp {
        self.last_io[Direction::FromClient].max(self.last_io[Direction::FromUpstream])
    }

    /// Plaintext bytes seen so far in one direction.
    pub fn bytes(&self, direction: Direction) -> u64 {
        self.bytes[direction]
    }

    fn origin(&mut self) -> Origin {
        self.ordinal += 1;
        self.identity.origin(self.ordinal)
    }

    fn conn_record(&mut self, event: ConnEvent, now: Timestamp) -> Box<ConnRecord> {
        Box::new(ConnRecord {
            origin: self.origin(),
            ts: Seconds(now),
            upstream_addr: self.upstream_addr.clone(),
            event,
            proxy_version: self.identity.proxy.version,
            proxy_src: self.identity.proxy.source.clone(),
            proxy_dst: self.identity.proxy.destination.clone(),
            wait_ms: self.wait,
            closed_by: None,
            close_reason: None,
            detail: None,
            duration_ms: None,
            bytes_in: self.bytes[Direction::FromClient],
            bytes_out: self.bytes[Direction::FromUpstream],
            flags: Vec::new(),
            path: None,
        })
    }

    /// Completes an exchange and lets its record go.
    fn emit(&mut self, mut exchange: Exchange, now: Timestamp, sink: &mut dyn Sink) {
        for direction in Direction::BOTH {
            exchange.check_blocks(direction, self.blocks[direction].count);
        }
        self.budget.release(&exchange);
        self.websockets -= usize::from(exchange.websocket.is_some());
        let mut record = exchange.finish(now);
        record.tls = Arc::clone(&self.tls);
        if record.request.body_truncated || record.response.body_truncated {
            self.flag(ConnFlag::CaptureTruncated);
        }
        if record.error.is_none() && !record.flags.contains(&EventFlag::DecoderLost) {
            self.facts.note_success(record.ts_start.0);
        }
        record.origin = self.origin();
        sink.record(Record::Event(record));
    }
}

/// How often one side's connection window ran empty (HTTP/2).
#[derive(Clone, Copy, Debug, Default)]
struct Blocks {
    count: u64,
    /// It is empty now.
    now: bool,
}

impl Blocks {
    /// What a message that begins now compares the count with in the end.
    fn before(self) -> u64 {
        self.count - u64::from(self.now)
    }
}
