//! Metrics: what is counted, per listener and over all of them, under the same names.
//!
//! ```text
//! record ──► count ──► Counters of its listener ─┐
//! listener, session ──► Counters::add ───────────┴─► Metrics: snapshot (GLOBAL = the sum), text
//! ```
//!
//! Not here: how the numbers leave the process.

mod counters;
mod metric;
#[cfg(test)]
mod tests;

pub use counters::{ActiveConnection, Counters, count};
pub use metric::{Family, Metric};

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The counters of every listener, by name.
///
/// A name keeps its counters for the life of the process: over reloads, and also when a reload
/// takes the listener away, so that sums never fall.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Vec<(Arc<str>, Arc<Counters>)>>);

impl Metrics {
    /// No listeners yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The counters of the listener with this name, new ones the first time.
    pub fn listener(&self, name: &Arc<str>) -> Arc<Counters> {
        let mut listeners = self.lock();
        if let Some((_, counters)) = listeners.iter().find(|(known, _)| known == name) {
            return Arc::clone(counters);
        }
        let counters = Arc::new(Counters::new());
        listeners.push((Arc::clone(name), Arc::clone(&counters)));
        counters
    }

    /// The listeners and their counters, in the order in which they first came.
    pub fn listeners(&self) -> Vec<(Arc<str>, Arc<Counters>)> {
        self.lock().clone()
    }

    /// The sum over all listeners, as it is now.
    pub fn global(&self) -> Counters {
        let sum = Counters::new();
        for (_, counters) in self.lock().iter() {
            sum.merge(counters);
        }
        sum
    }

    /// Everything as text, to be read by a person:
    ///
    /// ```text
    /// GLOBAL:
    ///   connections_accepted: 42
    ///   …
    /// grpc-mitm:
    ///   connections_accepted: 42
    ///   grpc_status_14: 8    # UNAVAILABLE
    /// ```
    pub fn text(&self) -> String {
        let mut text = String::new();
        section(&mut text, "GLOBAL", &self.global());
        for (name, counters) in self.listeners() {
            section(&mut text, &name, &counters);
        }
        text
    }

    /// Nothing can be left half done under the lock, so a poisoned one is as good.
    fn lock(&self) -> MutexGuard<'_, Vec<(Arc<str>, Arc<Counters>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn section(text: &mut String, title: &str, counters: &Counters) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{title}:");
    for (metric, value) in counters.values() {
        let _ = match metric.meaning() {
            Some(meaning) => writeln!(text, "  {}: {value}    # {meaning}", metric.name()),
            None => writeln!(text, "  {}: {value}", metric.name()),
        };
    }
}
