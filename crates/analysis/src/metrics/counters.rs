//! One listener's values, and what a record adds to them.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::Metric;
use crate::record::{EventRecord, Record, TlsRecord};
use crate::vocabulary::{ConnEvent, Outcome, Protocol, Side};

/// The values of one listener: atomics only, so that any task adds to them without waiting.
///
/// Values are independent of one another: a [`snapshot`](Self::snapshot) taken while connections
/// run may hold a response that was counted just after its request was read.
#[derive(Debug)]
pub struct Counters([AtomicU64; Metric::COUNT]);

impl Default for Counters {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; Metric::COUNT])
    }
}

impl Counters {
    /// All at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `n`. `connections_active` is kept by [`Counters::active`] instead.
    pub fn add(&self, metric: Metric, n: u64) {
        if let Some(value) = self.0.get(metric.place()) {
            value.fetch_add(n, Relaxed);
        }
    }

    /// The value now.
    pub fn get(&self, metric: Metric) -> u64 {
        self.0.get(metric.place()).map_or(0, |value| value.load(Relaxed))
    }

    /// Counts a connection in `connections_active` for as long as the result lives.
    #[must_use = "the connection counts as active only while this lives"]
    pub fn active(self: &Arc<Self>) -> ActiveConnection {
        self.add(Metric::ConnectionsActive, 1);
        ActiveConnection(Arc::clone(self))
    }

    /// Names and values in the order of [`Metric::all`], without the members of families that were
    /// never seen.
    pub fn snapshot(&self) -> Vec<(Cow<'static, str>, u64)> {
        self.values().map(|(metric, value)| (metric.name(), value)).collect()
    }

    /// As [`Counters::snapshot`], with the metrics themselves.
    pub fn values(&self) -> impl Iterator<Item = (Metric, u64)> {
        Metric::all()
            .map(|metric| (metric, self.get(metric)))
            .filter(|(metric, value)| *value > 0 || !metric.is_member())
    }

    /// Adds every value of `other`.
    pub(super) fn merge(&self, other: &Self) {
        for (sum, value) in self.0.iter().zip(&other.0) {
            sum.fetch_add(value.load(Relaxed), Relaxed);
        }
    }
}

/// A connection that is counted in `connections_active` until this is dropped.
#[derive(Debug)]
pub struct ActiveConnection(Arc<Counters>);

impl Drop for ActiveConnection {
    fn drop(&mut self) {
        if let Some(value) = self.0.0.get(Metric::ConnectionsActive.place()) {
            value.fetch_sub(1, Relaxed);
        }
    }
}

/// Counts what a record tells by itself: handshakes, exchanges, closes and their bytes.
///
/// `records` and `records_dropped` are not counted here: whoever hands records on knows which of
/// them `sample_rate` left out.
///
/// What happens beneath HTTP/2 requests is not counted here, because `h2ctl` records can be turned
/// off and the counters can not; nor is what the listener alone knows.
pub fn count(record: &Record, counters: &Counters) {
    match record {
        Record::Event(event) => count_event(event, counters),
        Record::Tls(tls) => count_tls(tls, counters),
        Record::Conn(conn) if conn.event == ConnEvent::Close => {
            counters.add(Metric::BytesIn, conn.bytes_in);
            counters.add(Metric::BytesOut, conn.bytes_out);
            if let Some(reason) = conn.close_reason {
                counters.add(Metric::Close(reason), 1);
            }
        }
        Record::Conn(_) | Record::H2Ctl(_) => {}
    }
}

fn count_event(event: &EventRecord, counters: &Counters) {
    if event.protocol == Protocol::Raw {
        return;
    }
    counters.add(Metric::HttpRequests, 1);
    if let Some(status) = event.response.status {
        counters.add(Metric::HttpStatus(status), 1);
    }
    if let Some(status) = event.response.grpc_status {
        counters.add(Metric::GrpcStatus(status), 1);
    }
}

fn count_tls(tls: &TlsRecord, counters: &Counters) {
    let metric = match (tls.side, tls.outcome) {
        (Side::In, Outcome::Ok) => Metric::TlsInOk,
        (Side::In, Outcome::Fail) => Metric::TlsInFail,
        (Side::Out, Outcome::Ok) => Metric::TlsOutOk,
        (Side::Out, Outcome::Fail) => Metric::TlsOutFail,
    };
    counters.add(metric, 1);
    if let (Outcome::Fail, Some(category)) = (tls.outcome, tls.category) {
        counters.add(Metric::TlsFail(category), 1);
    }
}
