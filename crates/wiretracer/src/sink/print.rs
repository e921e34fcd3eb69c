//! The printer: a thread that shows records on standard output, as text or as JSONL.
//!
//! When the reader at the other end of a pipe is gone (`| head`), printing stops quietly, and
//! whoever waits for [`PrintSink::reader_gone`] is told.

use std::io::{self, ErrorKind, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::JoinHandle;

use analysis::metrics::Metrics;
use analysis::record::Record;
use tokio::sync::watch;

use super::RecordFilter;
use super::lines::Lines;
use super::queue::{Bounds, OnFull, Queue, Refused};
use super::writer::{Output, Writer};

/// Puts a record into a line of text, without the line's end.
pub type TextForm = Arc<dyn Fn(&Record, &mut String) + Send + Sync>;

/// How records look.
#[derive(Clone)]
pub enum Form {
    /// One JSON object a line, as in a JSONL file.
    Json,
    /// For a person.
    Text(TextForm),
}

/// The senders' end. The thread ends when this is dropped or the queue is closed, after it has
/// printed what it was given.
#[derive(Debug)]
pub struct PrintSink {
    queue: Arc<Queue>,
    reader_gone: watch::Receiver<bool>,
}

impl PrintSink {
    /// Starts the thread that prints to `output` the records that pass `filter`.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(
        output: impl Write + Send + 'static,
        form: Form,
        filter: Option<RecordFilter>,
        metrics: Arc<Metrics>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let queue = Arc::new(Queue::new(Bounds::SINK, OnFull::Drop));
        let (gone, reader_gone) = watch::channel(false);
        let output = PrintOutput { output, form, scratch: String::new(), failing: false, gone };
        let thread = Writer::new(Arc::clone(&queue), output, filter, metrics).spawn("print")?;
        Ok((Self { queue, reader_gone }, thread))
    }

    /// Hands a record over. False when it is lost; a reader that has gone misses nothing.
    pub fn push(&self, record: Arc<Record>) -> bool {
        match self.queue.push(record) {
            Ok(()) => true,
            Err(Refused::Full) => false,
            Err(Refused::Closed) => *self.reader_gone.borrow(),
        }
    }

    /// Takes no more records; what is there is printed.
    pub fn close(&self) {
        self.queue.close();
    }

    /// Resolves when the reader of the output has gone; never, as long as it stays.
    pub fn reader_gone(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut gone = self.reader_gone.clone();
        async move {
            if gone.wait_for(|gone| *gone).await.is_err() {
                // The printer ended without it: it will never happen.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for PrintSink {
    fn drop(&mut self) {
        self.queue.close();
    }
}

struct PrintOutput<W> {
    output: W,
    form: Form,
    scratch: String,
    failing: bool,
    gone: watch::Sender<bool>,
}

impl<W: Write + Send + 'static> Output for PrintOutput<W> {
    fn line(&mut self, record: &Record, text: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match &self.form {
            Form::Json => serde_json::to_writer(text, record),
            Form::Text(form) => {
                self.scratch.clear();
                form(record, &mut self.scratch);
                text.extend_from_slice(self.scratch.as_bytes());
                Ok(())
            }
        }
    }

    fn append(&mut self, lines: &Lines) -> ControlFlow<(), usize> {
        match self.output.write_all(lines.text()).and_then(|()| self.output.flush()) {
            Ok(()) => {
                self.failing = false;
                ControlFlow::Continue(lines.count())
            }
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.gone.send_replace(true);
                ControlFlow::Break(())
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::warn!("cannot print records: {error}");
                }
                ControlFlow::Continue(0)
            }
        }
    }
}

#[cfg(test)]
mod tests;
