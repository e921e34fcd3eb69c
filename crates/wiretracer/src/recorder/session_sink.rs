//! A connection's session hands its records to the listener's recorder.

use analysis::metrics::Metric;
use analysis::record::Record;
use analysis::session::Sink;

use super::Recorder;

impl Sink for Recorder {
    fn record(&mut self, record: Record) {
        Self::record(self, record);
    }

    fn count(&mut self, metric: Metric, n: u64) {
        Self::count(self, metric, n);
    }
}
