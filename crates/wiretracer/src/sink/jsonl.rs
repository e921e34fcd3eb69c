//! The JSONL sink: a file, and one thread that writes records to it, one JSON object a line.
//!
//! Trouble is logged when it begins and when it is over. Opening, half lines and rotation are the
//! business of `LineFile`; batches that of `Writer`.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use analysis::metrics::Metrics;
use analysis::record::Record;

use super::RecordFilter;
use super::line_file::{LineFile, News};
use super::lines::Lines;
use super::queue::{Bounds, OnFull, Queue};
use super::writer::{Output, Writer};

/// The senders' end. The thread ends when this is dropped or the queue is closed, after it has
/// written what it was given.
#[derive(Debug)]
pub struct JsonlSink(Arc<Queue>);

impl JsonlSink {
    /// Starts the thread for the file at `path`. Only records that pass `filter` are written.
    ///
    /// # Errors
    ///
    /// When the system gives no thread. Trouble with the file is not an error: it may pass.
    pub fn start(
        path: PathBuf,
        bounds: Bounds,
        on_full: OnFull,
        filter: Option<RecordFilter>,
        metrics: Arc<Metrics>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let queue = Arc::new(Queue::new(bounds, on_full));
        let output = JsonlOutput(LineFile::new(path));
        let thread = Writer::new(Arc::clone(&queue), output, filter, metrics).spawn("jsonl")?;
        Ok((Self(queue), thread))
    }

    /// The queue that leads to the file.
    pub fn queue(&self) -> &Queue {
        &self.0
    }
}

impl Drop for JsonlSink {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct JsonlOutput(LineFile);

impl JsonlOutput {
    fn tell(&self, news: Option<News>) {
        let path = self.0.path().display();
        match news {
            Some(News::Failed(error)) => tracing::warn!(
                "cannot write records to {path}: {error}; traffic goes on, records are dropped \
                 until it can be written"
            ),
            Some(News::Resumed { dropped }) => {
                tracing::warn!("writing to {path} resumed after {dropped} dropped records");
            }
            None => {}
        }
    }
}

impl Output for JsonlOutput {
    fn open(&mut self) {
        let news = self.0.reopen(Instant::now());
        self.tell(news);
    }

    fn line(&mut self, record: &Record, text: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(text, record)
    }

    fn append(&mut self, lines: &Lines) -> ControlFlow<(), usize> {
        let appended = self.0.append(lines, Instant::now());
        self.tell(appended.news);
        ControlFlow::Continue(appended.written)
    }
}
