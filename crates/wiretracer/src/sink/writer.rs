//! The thread behind a sink: takes batches from the queue, puts records into lines, writes them.
//!
//! ```text
//! Recorder ─push─► Queue ─take─► filter ─► Output::line ─► chunk of Lines ─► Output::append
//! ```
//!
//! What cannot be written is counted in `records_dropped` of the record's own listener. What an
//! output does about trouble is its own affair.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use analysis::metrics::{Metric, Metrics};
use analysis::record::Record;

use super::RecordFilter;
use super::lines::Lines;
use super::queue::Queue;

/// How long records gather before they are written together.
const GATHER: Duration = Duration::from_millis(20);

/// Lines are written when there are this many bytes of them: past it a larger write gains nothing.
const CHUNK: usize = 256 << 10;

/// Where lines go.
pub(super) trait Output: Send + 'static {
    /// Called before the first record, and again when the output is to be opened anew.
    fn open(&mut self) {}

    /// Writes the record's line to the end of `text`, without the line's end.
    ///
    /// # Errors
    ///
    /// When the record has no such form.
    fn line(&mut self, record: &Record, text: &mut Vec<u8>) -> Result<(), serde_json::Error>;

    /// Writes lines out and says how many were written; the others are lost. `Break` says that
    /// nothing can be written ever again, and that nobody misses it.
    fn append(&mut self, lines: &Lines) -> ControlFlow<(), usize>;
}

/// The thread's data.
pub(super) struct Writer<O> {
    queue: Arc<Queue>,
    output: O,
    filter: Option<RecordFilter>,
    metrics: Arc<Metrics>,
    lines: Lines,
    /// The records of `lines`, one for each.
    chunk: Vec<Arc<Record>>,
}

impl<O: Output> Writer<O> {
    /// Writes to `output` the records of `queue` that pass `filter`; losses go to `metrics`.
    pub(super) fn new(
        queue: Arc<Queue>,
        output: O,
        filter: Option<RecordFilter>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self { queue, output, filter, metrics, lines: Lines::default(), chunk: Vec::new() }
    }

    /// Runs on a thread of its own until the queue is closed and everything is written.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub(super) fn spawn(self, name: &str) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name(name.to_owned()).spawn(move || self.run())
    }

    fn run(mut self) {
        self.output.open();
        let mut batch = VecDeque::new();
        loop {
            let turn = self.queue.take(&mut batch, GATHER);
            if turn.reopen {
                self.output.open();
            }
            if self.write(&mut batch).is_break() || turn.last {
                return;
            }
        }
    }

    fn write(&mut self, batch: &mut VecDeque<Arc<Record>>) -> ControlFlow<()> {
        let (mut records, mut bytes) = (0, 0);
        while let Some(record) = batch.pop_front() {
            records += 1;
            bytes += record.weight();
            if self.filter.as_ref().is_none_or(|filter| filter.passes(&record)) {
                self.add(record);
            }
            if self.lines.text().len() >= CHUNK || batch.is_empty() {
                self.flush()?;
                self.queue.release(mem::take(&mut records), mem::take(&mut bytes));
            }
        }
        ControlFlow::Continue(())
    }

    fn add(&mut self, record: Arc<Record>) {
        match self.lines.push(|text| self.output.line(&record, text)) {
            Ok(()) => self.chunk.push(record),
            Err(error) => {
                tracing::error!("record {} cannot be written: {error}", record.origin().id);
                self.lost(&record);
            }
        }
    }

    fn flush(&mut self) -> ControlFlow<()> {
        if self.lines.count() > 0 {
            let written = self.output.append(&self.lines)?;
            for record in self.chunk.iter().skip(written) {
                self.lost(record);
            }
            self.chunk.clear();
            self.lines.clear();
        }
        ControlFlow::Continue(())
    }

    fn lost(&self, record: &Record) {
        self.metrics.listener(&record.origin().listener).add(Metric::RecordsDropped, 1);
    }
}

/// However the thread ends, by a panic too: nobody may wait for a queue that has no writer.
impl<O> Drop for Writer<O> {
    fn drop(&mut self) {
        self.queue.close();
    }
}
