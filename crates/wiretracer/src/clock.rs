//! Where time is read: one wall-clock reading a connection, monotonic time from there on.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wire::Timestamp;

/// A connection's clock. A jump of the wall clock does not disturb it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Timestamp,
    monotonic: Instant,
}

impl Clock {
    /// Reads the wall clock.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self {
            started: Timestamp::from_micros(since_epoch.as_micros() as u64),
            monotonic: Instant::now(),
        }
    }

    /// The moment now.
    pub fn now(&self) -> Timestamp {
        self.started.after(self.monotonic.elapsed())
    }

    /// The wall-clock reading that this clock began with.
    pub const fn started(&self) -> Timestamp {
        self.started
    }
}
