//! The owner of the sinks and their threads.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::thread::JoinHandle;

use analysis::metrics::Metrics;
use analysis::record::Record;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{Inner, Recorder, Sampling};
use crate::sink::RecordFilter;
use crate::sink::jsonl::JsonlSink;
use crate::sink::print::{Form, PrintSink};
use crate::sink::queue::{Bounds, OnFull};

/// What a listener wants done with its records.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingOptions {
    /// The listener's name.
    pub listener: Arc<str>,
    /// The share of exchanges that are kept when they went well, 0.0 to 1.0.
    pub sample_rate: f64,
    /// The file they are written to.
    pub jsonl: Option<Jsonl>,
}

/// A JSONL file; listeners with the same path share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jsonl {
    /// Where it is.
    pub path: PathBuf,
    /// What to do when the writer falls behind.
    pub on_full: OnFull,
}

/// Everything that records go to, for the life of the process.
///
/// A file is open as long as a [`Recorder`] leads to it. A reload asks for the recorders of the new
/// configuration before it lets go of the old ones: files whose paths stay are then kept as they
/// are, and others are drained and closed when their last connection has gone.
#[derive(Debug)]
pub struct Recording {
    metrics: Arc<Metrics>,
    outlets: Arc<Outlets>,
    file_filter: Option<RecordFilter>,
    file_bounds: Bounds,
    files: Mutex<Vec<OpenFile>>,
    printer: Mutex<Option<JoinHandle<()>>>,
}

/// The sinks that all listeners share.
#[derive(Debug, Default)]
pub(super) struct Outlets {
    print: Option<PrintSink>,
    subscribers: RwLock<Vec<mpsc::Sender<Arc<Record>>>>,
}

#[derive(Debug)]
struct OpenFile {
    path: PathBuf,
    sink: Weak<JsonlSink>,
    thread: JoinHandle<()>,
}

impl Recording {
    /// No sinks yet but the metrics.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            outlets: Arc::default(),
            file_filter: None,
            file_bounds: Bounds::SINK,
            files: Mutex::default(),
            printer: Mutex::default(),
        }
    }

    /// As [`Recording::new`], and every record that passes `filter` is printed to `output`.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn printing(
        metrics: Arc<Metrics>,
        output: impl Write + Send + 'static,
        form: Form,
        filter: Option<RecordFilter>,
    ) -> io::Result<Self> {
        let (sink, thread) = PrintSink::start(output, form, filter, Arc::clone(&metrics))?;
        let outlets = Outlets { print: Some(sink), ..Outlets::default() };
        Ok(Self {
            metrics,
            outlets: Arc::new(outlets),
            file_filter: None,
            file_bounds: Bounds::SINK,
            files: Mutex::default(),
            printer: Mutex::new(Some(thread)),
        })
    }

    /// Lets only records that pass `filter` into files, those that are opened from now on.
    #[must_use]
    pub fn with_file_filter(mut self, filter: RecordFilter) -> Self {
        self.file_filter = Some(filter);
        self
    }

    /// Gives each file that is opened from now on a queue with other bounds than [`Bounds::SINK`].
    #[must_use]
    pub fn with_file_bounds(mut self, bounds: Bounds) -> Self {
        self.file_bounds = bounds;
        self
    }

    /// The metrics of all listeners.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// A listener's recorder; its file is opened if it is not yet.
    ///
    /// # Errors
    ///
    /// When the system gives no thread. Trouble with the file itself is logged and tried again.
    pub fn recorder_for(&self, options: &RecordingOptions) -> io::Result<Recorder> {
        let jsonl = options.jsonl.as_ref().map(|jsonl| self.file(jsonl)).transpose()?;
        Ok(Recorder(Arc::new(Inner {
            counters: self.metrics.listener(&options.listener),
            sampling: Sampling::new(options.sample_rate),
            jsonl,
            outlets: Arc::clone(&self.outlets),
        })))
    }

    /// A channel that gets every record from now on. Those that it has no room for are dropped and
    /// counted; it ends with [`Recording::finish`].
    pub fn subscribe(&self, capacity: usize) -> mpsc::Receiver<Arc<Record>> {
        let (sender, receiver) = mpsc::channel(capacity);
        self.outlets.change_subscribers(|subscribers| {
            subscribers.retain(|known| !known.is_closed());
            subscribers.push(sender);
        });
        receiver
    }

    /// Resolves when the reader of the printed records has gone; never when nothing is printed.
    pub fn reader_gone(&self) -> impl Future<Output = ()> + Send + use<> {
        let gone = self.outlets.print.as_ref().map(PrintSink::reader_gone);
        async move {
            match gone {
                Some(gone) => gone.await,
                None => std::future::pending().await,
            }
        }
    }

    /// Opens every file anew: whoever rotates them has moved the old ones away.
    pub fn reopen(&self) {
        for sink in self.files().iter().filter_map(|file| file.sink.upgrade()) {
            sink.queue().reopen();
        }
    }

    /// Takes no more records, writes out what is there and ends the threads. Blocks until that is
    /// done: on a runtime, call it through `spawn_blocking`. A second call does nothing.
    pub fn finish(&self) {
        let files = std::mem::take(&mut *self.files());
        for sink in files.iter().filter_map(|file| file.sink.upgrade()) {
            sink.queue().close();
        }
        if let Some(print) = &self.outlets.print {
            print.close();
        }
        self.outlets.change_subscribers(Vec::clear);
        let printer = self.printer.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thread in files.into_iter().map(|file| file.thread).chain(printer) {
            if thread.join().is_err() {
                tracing::error!("a thread that writes records has panicked");
            }
        }
    }

    fn file(&self, jsonl: &Jsonl) -> io::Result<Arc<JsonlSink>> {
        let mut files = self.files();
        files.retain(|file| file.sink.strong_count() > 0 || !file.thread.is_finished());
        let known = files
            .iter()
            .find_map(|file| (file.path == jsonl.path).then(|| file.sink.upgrade()).flatten());
        if let Some(sink) = known {
            sink.queue().set_on_full(jsonl.on_full);
            return Ok(sink);
        }
        let (sink, thread) = JsonlSink::start(
            jsonl.path.clone(),
            self.file_bounds,
            jsonl.on_full,
            self.file_filter.clone(),
            Arc::clone(&self.metrics),
        )?;
        let sink = Arc::new(sink);
        files.push(OpenFile { path: jsonl.path.clone(), sink: Arc::downgrade(&sink), thread });
        Ok(sink)
    }

    fn files(&self) -> MutexGuard<'_, Vec<OpenFile>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Outlets {
    /// Hands the record to all; false when one of them lost it.
    pub(super) fn push(&self, record: &Arc<Record>) -> bool {
        let printed = self.print.as_ref().is_none_or(|print| print.push(Arc::clone(record)));
        let subscribers = self.subscribers.read().unwrap_or_else(PoisonError::into_inner);
        subscribers.iter().fold(printed, |taken, subscriber| {
            let full =
                matches!(subscriber.try_send(Arc::clone(record)), Err(TrySendError::Full(_)));
            taken && !full
        })
    }

    fn change_subscribers(&self, change: impl FnOnce(&mut Vec<mpsc::Sender<Arc<Record>>>)) {
        change(&mut self.subscribers.write().unwrap_or_else(PoisonError::into_inner));
    }
}
