//! Where records go: a JSONL file, standard output.
//!
//! Each sink is a thread of its own behind a bounded [`queue`], so that a slow disk or terminal
//! never holds up a connection. Sinks know records and metrics, and nothing of the network.

pub mod jsonl;
mod line_file;
mod lines;
pub mod print;
pub mod queue;
mod writer;

#[cfg(test)]
pub(crate) mod test_records;

use std::fmt;
use std::sync::Arc;

use analysis::record::Record;

/// Chooses the records that a sink shows. It runs on the sink's thread.
#[derive(Clone)]
pub struct RecordFilter(Arc<dyn Fn(&Record) -> bool + Send + Sync>);

impl RecordFilter {
    /// Lets through what `passes` says yes to.
    pub fn new(passes: impl Fn(&Record) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(passes))
    }

    fn passes(&self, record: &Record) -> bool {
        (self.0)(record)
    }
}

impl fmt::Debug for RecordFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordFilter")
    }
}
