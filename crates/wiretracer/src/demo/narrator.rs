//! Tells the demo: a heading for each scene, its records as they come, what its client was told.
//!
//! ```text
//! 4. the server never answers, and the client's deadline is over
//!   12:00:01.250  099a8057  shop  127.0.0.1:4242  conn  open  open -> 127.0.0.1:50052
//!   …
//!   the client was told  Hang: 4 DEADLINE_EXCEEDED
//!   the wire says        the upstream sent nothing; …
//! ```
//!
//! As JSON there are the records alone, so that the output can be piped into anything that reads
//! records. What it all amounts to is told by [`super::summary`].

use std::io::{self, Write};
use std::sync::Arc;

use analysis::filter::Filter;
use analysis::record::Record;
use analysis::vocabulary::ConnEvent;
use tokio::sync::mpsc;

use super::summary::Summary;
use crate::app::Print;

/// What is told cannot be printed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {0}")]
pub(super) struct OutputError(#[from] io::Error);

impl OutputError {
    /// Whether the reader has gone (`| head`): it has seen what it wanted.
    pub(super) fn is_reader_gone(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Prints what happens, and keeps the records for the summary.
pub(super) struct Narrator<W> {
    records: mpsc::Receiver<Arc<Record>>,
    output: W,
    print: Print,
    filter: Filter,
    seen: Vec<Arc<Record>>,
}

impl<W: Write> Narrator<W> {
    /// Tells what comes through `records`, as far as it passes `filter`.
    pub(super) fn new(
        records: mpsc::Receiver<Arc<Record>>,
        output: W,
        print: Print,
        filter: Option<Filter>,
    ) -> Self {
        Self { records, output, print, filter: filter.unwrap_or_default(), seen: Vec::new() }
    }

    /// Says something that is no record.
    pub(super) fn say(&mut self, text: &str) -> Result<(), OutputError> {
        match self.print {
            Print::Text => writeln!(self.output, "{text}")?,
            Print::Json | Print::Nothing => {}
        }
        Ok(())
    }

    /// Tells one connection, up to its end.
    pub(super) async fn follow(&mut self) -> Result<(), OutputError> {
        while let Some(record) = self.records.recv().await {
            let is_end = matches!(&*record, Record::Conn(conn) if conn.event == ConnEvent::Close);
            self.tell(record)?;
            if is_end {
                break;
            }
        }
        Ok(())
    }

    /// Tells everything that comes, until nothing comes any more.
    pub(super) async fn follow_all(&mut self) -> Result<(), OutputError> {
        while let Some(record) = self.records.recv().await {
            self.tell(record)?;
        }
        Ok(())
    }

    /// The sum of it.
    pub(super) fn conclude(mut self) -> Result<(), OutputError> {
        match self.print {
            Print::Text | Print::Nothing => write!(self.output, "{}", Summary::of(&self.seen))?,
            Print::Json => {}
        }
        Ok(self.output.flush()?)
    }

    fn tell(&mut self, record: Arc<Record>) -> Result<(), OutputError> {
        if self.filter.matches(&*record) {
            match self.print {
                Print::Text => writeln!(self.output, "  {}", analysis::row::line(&record))?,
                Print::Json => {
                    serde_json::to_writer(&mut self.output, &*record).map_err(io::Error::from)?;
                    writeln!(self.output)?;
                }
                Print::Nothing => {}
            }
        }
        self.seen.push(record);
        Ok(())
    }
}
