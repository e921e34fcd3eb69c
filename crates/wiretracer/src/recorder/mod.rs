//! From connections to everything that wants records: files, the screen, subscribers, metrics.
//!
//! ```text
//!                         ┌─► Counters
//! connection ─► Recorder ─┼─► queue ─► thread ─► JSONL file    (one for each path)
//!        (one a listener) ├─► queue ─► thread ─► standard output
//!                         └─► subscribers' channels
//! ```
//!
//! A [`Recorder`] never blocks and never awaits. Every queue is bounded; what does not fit is
//! counted in `records_dropped`. With `jsonl_on_full: block` the relay keeps the queue from running
//! over: it awaits [`Recorder::room`] before it reads more. The [`Recording`] owns it all.

mod recording;
mod sampling;
mod session_sink;
#[cfg(test)]
mod tests;

pub use recording::{Jsonl, Recording, RecordingOptions};

use std::sync::Arc;

use analysis::metrics::{Counters, Metric, count};
use analysis::record::Record;

use crate::sink::jsonl::JsonlSink;
use recording::Outlets;
use sampling::Sampling;

/// One listener's way to the sinks. Cheap to clone: each connection has one.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    counters: Arc<Counters>,
    sampling: Sampling,
    jsonl: Option<Arc<JsonlSink>>,
    outlets: Arc<Outlets>,
}

impl Recorder {
    /// Counts what the record tells and hands it to every sink, unless `sample_rate` leaves it out.
    pub fn record(&self, record: Record) {
        let Inner { counters, sampling, jsonl, outlets } = &*self.0;
        count(&record, counters);
        if !sampling.keeps(&record) {
            return;
        }
        counters.add(Metric::Records, 1);
        let record = Arc::new(record);
        let mut taken = outlets.push(&record);
        if let Some(sink) = jsonl {
            taken &= sink.queue().push(record).is_ok();
        }
        if !taken {
            counters.add(Metric::RecordsDropped, 1);
        }
    }

    /// Counts what no record tells.
    pub fn count(&self, metric: Metric, n: u64) {
        self.0.counters.add(metric, n);
    }

    /// The listener's counters.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.0.counters
    }

    /// Whether a relay may read on: false only while a file with `jsonl_on_full: block` lags
    /// behind.
    pub fn has_room(&self) -> bool {
        self.0.jsonl.as_ref().is_none_or(|sink| sink.queue().has_room())
    }

    /// Resolves when [`Recorder::has_room`]. Cancel safe.
    pub async fn room(&self) {
        if let Some(sink) = &self.0.jsonl {
            sink.queue().room().await;
        }
    }
}
